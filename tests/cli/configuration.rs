//! Options that are set elsewhere than on the command line: which wins, and what is said of a mistake?

use std::path::Path;
use std::process::Command;

use crate::binary::{file, permdrift, printed};

/// A folder with these files, and the binary in one of its folders.
struct Place(tempfile::TempDir);

impl Place {
    fn with(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = place.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        place
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = permdrift(arguments);
        command.env_clear().current_dir(self.path().join(folder));
        command
    }
}

/// What `config show` says of an option: its value, and where it comes from without the folder.
#[track_caller]
fn shown(place: &Place, command: &mut Command, option: &str) -> Option<(String, String)> {
    let output = command.output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{messages}");
    let folder = format!("{}/", place.path().canonicalize().unwrap().display());
    let text = printed(&output).replace(&folder, "");
    let mut lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = lines
        .find(|line| line.first() == Some(&option))
        .unwrap_or_default();
    match found.as_slice() {
        [_, value, from @ ..] => Some(((*value).to_owned(), from.join(" "))),
        _ => None,
    }
}

#[test]
fn flags_come_before_variables_before_the_file_before_defaults() {
    let place = Place::with(&[
        (
            "permdrift.toml",
            "# ours\ncolor = \"always\"\nfail-on = \"high\"\n",
        ),
        ("a/b/c", ""),
    ]);
    let check =
        |arguments: &[&str], variable: Option<&str>, option: &str, value: &str, from: &str| {
            let mut command = place.run("a/b", &[&["config", "show"], arguments].concat());
            command.envs(variable.map(|value| ("PERMDRIFT_COLOR", value)));
            let expected = (value.to_owned(), from.to_owned());
            assert_eq!(shown(&place, &mut command, option), Some(expected));
        };
    check(
        &["--color", "auto"],
        Some("never"),
        "color",
        "auto",
        "command line",
    );
    check(&[], Some("never"), "color", "never", "PERMDRIFT_COLOR");
    check(&[], Some(""), "color", "always", "permdrift.toml:2");
    check(&[], None, "color", "always", "permdrift.toml:2");
    check(&[], None, "fail-on", "high", "permdrift.toml:3");
    check(&[], None, "partition", "aws", "default");
    check(&[], None, "profile", "-", "default");
    check(&["--quiet"], None, "quiet", "true", "command line");
}

#[test]
fn the_file_of_another_checkout_is_not_looked_at() {
    let place = Place::with(&[
        ("permdrift.toml", "color = \"never\""),
        ("checkout/.git/HEAD", ""),
        ("checkout/a/b", ""),
    ]);
    let mut command = place.run("checkout/a", &["config", "show"]);
    assert_eq!(
        shown(&place, &mut command, "color"),
        Some(("auto".to_owned(), "default".to_owned()))
    );
}

#[cfg(unix)]
#[test]
fn the_file_in_a_folder_that_anybody_may_write_to_is_not_looked_at() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with(&[("permdrift.toml", "color = \"never\""), ("a/b", "")]);
    for (mode, value) in [(0o777, "auto"), (0o755, "never")] {
        std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let found = shown(&place, &mut place.run("a", &["config", "show"]), "color");
        assert_eq!(found.map(|(value, _)| value).as_deref(), Some(value));
    }
}

const COMPLIANT: &str = include_str!("cases/audit.in/compliant.json");
const SETS: &str = include_str!("cases/audit.in/sets.toml");

#[test]
fn an_audit_needs_no_arguments_where_the_file_has_them() {
    let options = "auth-details = \"data/account.json\"\naction-sets = [\"data/sets.toml\"]\noutput = \"json\"\nquiet = true\n";
    let place = Place::with(&[
        ("permdrift.toml", options),
        ("data/account.json", COMPLIANT),
        ("data/sets.toml", SETS),
        ("a/b", ""),
    ]);
    let output = place.run("a", &["audit"]).output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(printed(&output).starts_with('{'));
}

#[test]
fn an_account_in_aws_that_is_typed_comes_before_a_listing_that_is_not() {
    let place = Place::with(&[
        ("permdrift.toml", "auth-details = \"account.json\"\n"),
        ("account.json", COMPLIANT),
    ]);
    let typed = place.run(".", &["audit", "--profile", "nowhere"]);
    let mut variable = place.run(".", &["audit"]);
    variable.env("PERMDRIFT_PROFILE", "nowhere");
    for mut command in [typed, variable] {
        let output = command.output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{messages}");
        assert!(messages.contains("there is no such profile"), "{messages}");
    }
    let output = place
        .run(".", &["audit", "--quiet"])
        .env("PERMDRIFT_PROFILE", "nowhere")
        .env("PERMDRIFT_AUTH_DETAILS", "account.json")
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(
        !messages.contains("profile"),
        "both in one place: {messages}"
    );
}

/// A listing and a snapshot are two files that hold the account: the one that is named in the stronger place counts.
#[test]
fn a_snapshot_and_a_listing_are_not_read_both() {
    let place = Place::with(&[("permdrift.toml", "snapshot = \"file.json\"\n")]);
    let check = |arguments: &[&str], variable: Option<(&str, &str)>, read: &str| {
        let arguments = [&["audit"], arguments].concat();
        let output = place.run(".", &arguments).envs(variable).output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(
            messages.contains(&format!("cannot read `{read}`")),
            "{messages}"
        );
    };
    let file = place.path().canonicalize().unwrap().join("file.json");
    check(&[], None, file.to_str().unwrap());
    check(&["--auth-details", "typed.json"], None, "typed.json");
    check(&["--snapshot", "typed.json"], None, "typed.json");
    check(
        &[],
        Some(("PERMDRIFT_AUTH_DETAILS", "set.json")),
        "set.json",
    );
    check(&[], Some(("PERMDRIFT_SNAPSHOT", "set.json")), "set.json");
    let variable = Some(("PERMDRIFT_SNAPSHOT", "set.json"));
    check(&["--auth-details", "typed.json"], variable, "typed.json");
    let output = place
        .run(".", &["audit"])
        .env("PERMDRIFT_PROFILE", "nowhere")
        .output()
        .unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(messages.contains("there is no such profile"), "{messages}");
    let both = "auth-details = \"a.json\"\nsnapshot = \"b.json\"\n";
    let place = Place::with(&[("permdrift.toml", both)]);
    let output = place.run(".", &["audit"]).output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    let folder = format!("{}/", place.path().canonicalize().unwrap().display());
    assert_eq!(
        messages.replace(&folder, ""),
        "error: permdrift.toml:2: `snapshot` is set, and `auth-details` in permdrift.toml:1: expected one file that holds the account, and `snapshot` takes both kinds\n"
    );
}

#[test]
fn a_mistake_is_told_with_its_place_and_what_would_be_right() {
    let cases = [
        (
            "fail-no = \"high\"",
            "1: no option is called `fail-no`: did you mean `fail-on`?",
        ),
        (
            "\nowners = 1",
            "2: no option is called `owners`: expected an option's long name; what an audit goes by stands in the file \
          that `settings` names",
        ),
        (
            "fail-on = \"severe\"",
            "1: `fail-on` is `severe`: `severe` is no level: expected notice, low, medium, high or critical",
        ),
        (
            "color = \"blue\"",
            "1: `color` is `blue`: expected one of auto, always, never",
        ),
        (
            "quiet = \"loud\"",
            "1: `quiet` is `loud`: expected true or false",
        ),
        (
            "settings = [\"a\", \"b\"]",
            "1: `settings` is `a, b`: expected one value",
        ),
        (
            "color = 1.5",
            "1: `color` must be a text, a number, true, false, or a list of texts",
        ),
        (
            "quiet = {}\nfail-no = \"high\"",
            "1: `quiet` must be a text, a number, true, false, or a list of texts\n  \
             permdrift.toml:2: no option is called `fail-no`: did you mean `fail-on`?",
        ),
        (
            "color = ",
            "1: no TOML: string values must be quoted, expected literal string",
        ),
    ];
    for (text, expected) in cases {
        let place = Place::with(&[("permdrift.toml", text)]);
        let output = place.run(".", &["catalog", "list"]).output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        let folder = format!("{}/", place.path().canonicalize().unwrap().display());
        assert_eq!(
            messages
                .replace(&folder, "")
                .replace(place.path().to_str().unwrap(), ""),
            format!("error: permdrift.toml:{expected}\n")
        );
        assert_eq!(output.status.code(), Some(2));
        let help = place.run(".", &["audit", "--help"]).output().unwrap();
        assert_eq!(
            help.status.code(),
            Some(0),
            "help is to be had all the same"
        );
    }
}

#[test]
fn a_mistake_in_a_variable_is_told_with_its_name() {
    let place = Place::with(&[]);
    let output = place
        .run(".", &["catalog", "list"])
        .env("PERMDRIFT_FAIL_ON", "severe")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(64), "as on the command line");
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: PERMDRIFT_FAIL_ON: `fail-on` is `severe`: `severe` is no level: expected notice, low, medium, high or critical\n"
    );
    let output = place
        .run(".", &["config", "show"])
        .env("PERMDRIFT_FAIL_NO", "high")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "note: `PERMDRIFT_FAIL_NO` is set and is no option: did you mean `PERMDRIFT_FAIL_ON`?\n"
    );
}

#[test]
fn an_upgrade_looks_at_the_account_that_is_set_anywhere() {
    let account = file("tests/cli/cases/catalog.in/upgrading.json");
    let account = std::fs::read_to_string(account).unwrap();
    let place = Place::with(&[
        ("set/permdrift.toml", "auth-details = \"account.json\"\n"),
        ("set/account.json", &account),
        ("not/permdrift.toml", ""),
        ("gone/permdrift.toml", "auth-details = \"gone.json\"\n"),
    ]);
    let check = |folder: &str, code: i32, looks: bool| {
        let output = place
            .run(folder, &["catalog", "diff", "v10..v11"])
            .output()
            .unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{folder}: {messages}");
        let printed = printed(&output);
        assert_eq!(printed.contains("Who will lack it"), looks, "{folder}");
    };
    check("not", 0, false);
    check("set", 1, true);
    // Who meant an account and gets none must not believe that nobody lacks anything.
    check("gone", 2, false);
}
