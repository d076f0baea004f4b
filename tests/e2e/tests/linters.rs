//! The templates, before anything is deployed: do AWS's linters and the security linter accept it, as written and as
//! CloudFormation will see it?

use std::path::Path;
use std::process::Command;

use e2e::template::{source, transformed, transformed_from};
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

/// The template of a release for a processor, as a file.
fn of_release(architecture: &str) -> std::path::PathBuf {
    let made = Command::new("python3")
        .arg(root().join("packaging/template.py"))
        .arg(architecture)
        .output()
        .expect("python3 starts");
    assert!(made.status.success(), "{made:?}");
    // SAM looks for the code beside the template.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("release-{architecture}"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let code = folder.join(format!("permdrift-function-{architecture}.zip"));
    std::fs::write(code, "code").expect("the zip can be written");
    let path = folder.join("template.yaml");
    std::fs::write(&path, made.stdout).expect("the template can be written");
    path
}

#[test]
fn sam_accepts_the_templates_of_a_release() {
    for architecture in ["arm64", "x86_64"] {
        let template = of_release(architecture);
        accepts(
            Tools::Sam
                .command("sam")
                .args(["validate", "--lint", "--template"])
                .arg(template),
        );
    }
}

#[test]
fn the_templates_of_a_release_deploy_the_same_stack() {
    for architecture in ["arm64", "x86_64"] {
        let mut expected = transformed().clone();
        let parameter = &mut expected["Parameters"]["Architecture"];
        parameter["Default"] = architecture.into();
        parameter["AllowedValues"] = vec![architecture].into();
        let mut made = transformed_from(&of_release(architecture));
        let described = made["Parameters"]["Architecture"]["Description"].take();
        expected["Parameters"]["Architecture"]["Description"].take();
        assert!(described.is_string());
        let resources = expected["Resources"].as_object_mut();
        for resource in resources.expect("a template has resources").values_mut() {
            let metadata = resource.get_mut("Metadata");
            if let Some(metadata) = metadata.and_then(serde_json::Value::as_object_mut) {
                metadata.remove("BuildMethod");
            }
        }
        assert!(made == expected, "the stack for {architecture} is another");
    }
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

#[test]
fn the_linters_accept_the_template_for_other_regions() {
    let watch = root().join("infra/watch.yaml");
    accepts(Tools::Sam.command("cfn-lint").arg("--").arg(&watch));
    accepts(checkov().arg(&watch));
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
