//! Checks before a release, and what is made of the files of all targets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{printed, python, refused, root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a line of Python prints that has imported `project`.
fn of_project(expression: &str) -> String {
    let script = format!("import project; print({expression})");
    printed(&python(&["-c", &script])).trim_end().to_owned()
}

/// A folder with a made-up file for everything that the targets of a release leave.
fn files_of_all_targets(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let script = root().join("tests/packaging/made_up_files.py");
    let (script, place) = (script.to_str(), folder.to_str());
    let arguments = [script, place].map(|path| path.expect("the path is UTF-8"));
    printed(&python(&arguments));
    folder
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn assemble(folder: &Path) -> std::process::Output {
    python(&[
        "release.py",
        "assemble",
        folder.to_str().expect("the path is UTF-8"),
    ])
}

#[test]
fn a_release_has_checksums_of_every_file_and_a_formula() {
    let folder = files_of_all_targets("release");
    printed(&assemble(&folder));
    let sums = text(&folder.join("SHA256SUMS"));
    let files = fs::read_dir(&folder).expect("it is a folder").count();
    assert_eq!(sums.lines().count(), files - 1, "{sums}");
    let verified = Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(&folder)
        .output()
        .expect("sha256sum starts");
    assert!(verified.status.success(), "{verified:?}");
    let formula = text(&folder.join("permdrift.rb"));
    let sum_of = |name: &str| {
        let line = sums
            .lines()
            .find(|line| line.ends_with(&format!("  {name}")));
        line.and_then(|line| line.split(' ').next())
            .unwrap_or_else(|| panic!("no {name}"))
    };
    let address = of_project("project.REPOSITORY");
    for target in [
        "aarch64-apple-darwin",
        "x86_64-apple-darwin",
        "aarch64-unknown-linux-musl",
        "x86_64-unknown-linux-musl",
    ] {
        let name = format!("permdrift-{VERSION}-{target}.tar.gz");
        let block = format!(
            "url \"{address}/releases/download/v{VERSION}/{name}\"\n      sha256 \"{}\"\n",
            sum_of(&name)
        );
        assert!(formula.contains(&block), "{block}\n{formula}");
    }
    for name in ["member", "watch", "on-call"] {
        let released = text(&folder.join(format!("permdrift-{name}.yaml")));
        let source = text(&root().join(format!("infra/{name}.yaml")));
        assert_eq!(released, source, "{name}");
    }
    let sbom = text(&folder.join("permdrift.cdx.json"));
    assert!(sbom.contains("manylinux_2_17_x86_64"), "{sbom}");
}

#[test]
fn a_release_without_one_of_its_files_is_refused() {
    let folder = files_of_all_targets("incomplete");
    fs::remove_file(folder.join("permdrift-function-arm64.zip")).expect("it is there");
    let said = refused(&assemble(&folder));
    assert!(
        said.contains("lacks permdrift-function-arm64.zip"),
        "{said}"
    );
    assert!(!folder.join("SHA256SUMS").exists());
}

#[test]
fn the_image_has_the_program_of_each_platform() {
    let folder = files_of_all_targets("image");
    let place = folder.join("image");
    let paths = [&folder, &place].map(|path| path.to_str().expect("the path is UTF-8"));
    printed(&python(&["release.py", "image", paths[0], paths[1]]));
    for (platform, target) in [
        ("amd64", "x86_64-unknown-linux-musl"),
        ("arm64", "aarch64-unknown-linux-musl"),
    ] {
        let program = text(&place.join(platform).join("permdrift"));
        assert_eq!(program, format!("program for {target}"));
    }
    let containerfile = text(&place.join("Containerfile"));
    assert!(
        containerfile.contains("COPY ${TARGETARCH}/permdrift "),
        "{containerfile}"
    );
}

#[test]
fn a_tag_of_another_version_or_repository_makes_no_release() {
    let address = of_project("project.REPOSITORY");
    let check = |tag: &str, address: &str| {
        refused(&python(&["release.py", "check", tag, "--address", address]))
    };
    let tag = format!("v{VERSION}");
    let said = check("v999.0.0", &address);
    assert!(said.contains(&format!("expected the tag {tag}")), "{said}");
    let said = check(&tag, "https://github.com/somebody/fork");
    assert!(said.contains(&address), "{said}");
}

#[test]
fn a_release_needs_its_date_in_the_change_log() {
    let of_log = |log: &str| {
        let script = format!(
            "import pathlib, release, tempfile; release.ROOT = pathlib.Path(tempfile.mkdtemp()); \
             (release.ROOT / 'CHANGELOG.md').write_text({log:?}); \
             release.check('v{VERSION}', release.REPOSITORY); release.main()"
        );
        python(&["-c", &script, "notes"])
    };
    let said = refused(&of_log(&format!(
        "# Changelog\n\n## {VERSION} - unreleased\n\n- New.\n"
    )));
    assert!(
        said.contains(&format!("expected `## {VERSION} - YYYY-MM-DD`")),
        "{said}"
    );
    let notes = printed(&of_log(&format!(
        "# Changelog\n\n## {VERSION} - 2026-12-01\n\n- New.\n\n## {VERSION}, first edition\n\n- First.\n\n## 0.0.1 - 2020-01-01\n\n- Old.\n"
    )));
    assert_eq!(notes, "- New.\n\n- First.\n");
}
