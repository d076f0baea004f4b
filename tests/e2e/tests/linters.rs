//! The template, before anything is deployed: do AWS's linters and the security linter accept it, as written and as
//! CloudFormation will see it?

use std::path::Path;
use std::process::Command;

use e2e::template::{source, transformed};
use e2e::tools::{Tools, root};

#[track_caller]
fn accepts(linter: &mut Command) {
    let told = linter
        .current_dir(root())
        .output()
        .expect("the linter starts");
    assert!(
        told.status.success(),
        "{linter:?}\n{}\n{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
}

/// The transformed template as a file.
fn expanded(name: &str) -> std::path::PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let text = serde_json::to_string_pretty(transformed()).expect("a template is JSON");
    std::fs::write(&path, text).expect("the expanded template can be written");
    path
}

fn checkov() -> Command {
    let mut command = Tools::Checkov.command("checkov");
    command.args([
        "--framework",
        "cloudformation",
        "--compact",
        "--quiet",
        "--skip-download",
        "-f",
    ]);
    command
}

#[test]
fn sam_accepts_the_template() {
    accepts(
        Tools::Sam
            .command("sam")
            .args(["validate", "--lint", "--template"])
            .arg(source()),
    );
}

#[test]
fn cfn_lint_accepts_the_template() {
    accepts(Tools::Sam.command("cfn-lint").arg("--").arg(source()));
}

#[test]
fn cfn_lint_accepts_the_expanded_template() {
    accepts(
        Tools::Sam
            .command("cfn-lint")
            .arg("--")
            .arg(expanded("cfn-lint.json")),
    );
}

#[test]
fn checkov_accepts_the_template() {
    accepts(checkov().arg(source()));
}

// The source hides the roles that SAM would make; the expanded template hides nothing.
#[test]
fn checkov_accepts_the_expanded_template() {
    accepts(checkov().arg(expanded("checkov.json")));
}

// `sam deploy --guided` offers no default for what it must not show, and asks until it gets an answer.
#[test]
fn each_secret_can_be_declined_with_a_word() {
    let parameters = transformed()["Parameters"].as_object();
    for (name, parameter) in parameters.expect("the template has parameters") {
        if parameter["NoEcho"] == true {
            assert_eq!(parameter["Default"], "none", "{name}");
        }
    }
}
