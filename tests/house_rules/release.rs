//! The release: do all files name the one version and the one address that stand in `Cargo.toml`?
//!
//! `packaging/package.py` holds the metadata of the built wheel to the same version.

use crate::tree;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The text of one of our files.
fn text(path: &str) -> String {
    let file = tree::root().join(path);
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `repository` of the workspace, without `https://github.com/`: `owner/name`.
fn repository() -> String {
    let manifest = text("Cargo.toml");
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix("repository = \"https://github.com/"));
    let line = line.expect("Cargo.toml has a repository on GitHub");
    line.trim_end_matches('"').to_owned()
}

/// What follows each occurrence of a prefix in a text, as far as a version or a name goes, with the number of its line.
fn after<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    text.lines().enumerate().flat_map(move |(number, line)| {
        line.split(prefix).skip(1).map(move |rest| {
            let ends = |c: char| !(c.is_ascii_alphanumeric() || "._-/".contains(c));
            let found = rest.split(ends).next().unwrap_or_default();
            (number + 1, found.trim_end_matches(['.', '/']))
        })
    })
}

#[test]
fn documents_and_action_name_the_version_of_the_manifest() {
    let repository = repository();
    let mut offenders = Vec::new();
    let mut places = Vec::new();
    for (path, text) in tree::files(|path| path.ends_with(".md") || path == "action.yml") {
        let prefixes = [
            "permdrift==".to_owned(),
            format!("{repository}@v"),
            format!("ghcr.io/{repository}:"),
            "releases/download/v".to_owned(),
        ];
        for prefix in &prefixes {
            for (line, found) in after(&text, prefix) {
                places.push(path.clone());
                if found != VERSION {
                    offenders.push(format!("{path}:{line}: {prefix}{found}"));
                }
            }
        }
        // The archives, whose names have the version between two hyphens.
        for (line, found) in after(&text, "permdrift-") {
            let is_version = found.starts_with(|c: char| c.is_ascii_digit());
            if is_version && !found.starts_with(&format!("{VERSION}-")) {
                offenders.push(format!("{path}:{line}: permdrift-{found}"));
            }
        }
    }
    for expected in [
        "README.md",
        "SECURITY.md",
        "docs/tasks/audit-in-ci.md",
        "docs/tasks/install.md",
    ] {
        if !places.iter().any(|place| place == expected) {
            offenders.push(format!("{expected} names no version to install"));
        }
    }
    let action = text("action.yml");
    if !action.contains(&format!("default: \"{VERSION}\"\n")) {
        offenders.push("action.yml: the default of its input `version`".to_owned());
    }
    tree::none(
        &format!("another version than {VERSION} of Cargo.toml"),
        &offenders,
    );
}

#[test]
fn the_change_log_speaks_of_the_version_of_the_manifest() {
    let log = text("CHANGELOG.md");
    let newest = log
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .find(|heading| heading.starts_with(|c: char| c.is_ascii_digit()));
    let newest = newest.expect("CHANGELOG.md has a section with a version");
    let (version, state) = newest.split_once(" - ").unwrap_or((newest, ""));
    let is_date = state.len() == 10 && state.split('-').count() == 3;
    assert!(
        version == VERSION && (is_date || state == "unreleased"),
        "CHANGELOG.md: `## {newest}`, expected `## {VERSION} - YYYY-MM-DD`, or `unreleased` for the date"
    );
}

#[test]
fn no_manifest_has_a_version_of_its_own() {
    let mut offenders: Vec<String> = tree::files(|path| path.ends_with("/Cargo.toml"))
        .into_iter()
        .filter(|(path, text)| {
            !path.starts_with("fuzz/") && !text.contains("\nversion.workspace = true\n")
        })
        .map(|(path, _)| path)
        .collect();
    let wheel = text("pyproject.toml");
    if !wheel.contains("dynamic = [\"version\"") || wheel.contains("\nversion =") {
        offenders.push("pyproject.toml".to_owned());
    }
    tree::none("a version that does not come from Cargo.toml", &offenders);
}

#[test]
fn every_address_of_the_project_is_the_repository_of_the_manifest() {
    let repository = repository();
    let mut offenders = Vec::new();
    let is_text = |path: &str| {
        [".md", ".yml", ".toml", ".py", ".rb"]
            .iter()
            .any(|end| path.ends_with(end))
    };
    for (path, text) in tree::files(is_text) {
        for prefix in ["github.com/", "ghcr.io/", "--repo ", "uses: "] {
            for (line, found) in after(&text, prefix) {
                let mut parts = found.split('/');
                let (owner, name) = (parts.next(), parts.next());
                if name == Some("permdrift")
                    && owner.map(|owner| format!("{owner}/permdrift")) != Some(repository.clone())
                {
                    offenders.push(format!("{path}:{line}: {prefix}{found}"));
                }
            }
        }
    }
    tree::none(
        &format!("another address than {repository} of Cargo.toml"),
        &offenders,
    );
}
