//! The templates, before anything is deployed: do AWS's linters and the security linter accept them, as written and as
//! CloudFormation will see them?

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::asl;
use e2e::template::{Template, transformed_from};
use e2e::tools::{Tools, root};
use serde_json::Value;

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

/// A text as a file of this test's.
fn written(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("a file of a test can be written");
    path
}

/// A transformed template as a file.
fn expanded(template: Template, linter: &str) -> PathBuf {
    let text = serde_json::to_string_pretty(template.transformed()).expect("a template is JSON");
    written(&format!("{}-{linter}.json", template.stack()), &text)
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

fn sam() -> Command {
    let mut command = Tools::Sam.command("sam");
    command.args(["validate", "--lint", "--template"]);
    command
}

/// Those that SAM deploys; the others are CloudFormation as they are.
const OF_SAM: [Template; 2] = [Template::Account, Template::Hub];

#[test]
fn sam_accepts_its_templates() {
    for template in OF_SAM {
        accepts(sam().arg(template.source()));
    }
}

/// A template of a release for a processor, as a file.
fn of_release(template: Template, architecture: &str) -> PathBuf {
    let mut making = Command::new("python3");
    making.arg(root().join("packaging/template.py"));
    if template == Template::Hub {
        making.arg("--hub");
    }
    let made = making.arg(architecture).output().expect("python3 starts");
    assert!(made.status.success(), "{made:?}");
    // SAM looks for the code beside the template.
    let folder = format!("release-{}-{architecture}", template.stack());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let code = folder.join(format!("permdrift-function-{architecture}.zip"));
    std::fs::write(code, "code").expect("the zip can be written");
    let path = folder.join("template.yaml");
    std::fs::write(&path, made.stdout).expect("the template can be written");
    path
}

#[test]
fn sam_accepts_the_templates_of_a_release() {
    for (template, architecture) in [
        (Template::Account, "arm64"),
        (Template::Account, "x86_64"),
        (Template::Hub, "arm64"),
    ] {
        accepts(sam().arg(of_release(template, architecture)));
    }
}

/// What a release holds in the template lies beside it in the source: what comes to the same is taken out of both. `None`: it is not there.
fn held(template: &mut Value, id: &str, names: [&str; 2]) -> Option<Value> {
    let properties = template["Resources"].get_mut(id)?.get_mut("Properties")?;
    let [beside, inside] = names;
    let properties = properties.as_object_mut()?;
    properties.remove(beside);
    properties.remove(inside)
}

#[test]
fn the_templates_of_a_release_deploy_the_same_stacks() {
    for template in OF_SAM {
        for architecture in ["arm64", "x86_64"] {
            let mut expected = template.transformed().clone();
            let parameter = &mut expected["Parameters"]["Architecture"];
            parameter["Default"] = architecture.into();
            parameter["AllowedValues"] = vec![architecture].into();
            let mut made = transformed_from(&of_release(template, architecture));
            let described = made["Parameters"]["Architecture"]["Description"].take();
            expected["Parameters"]["Architecture"]["Description"].take();
            assert!(described.is_string());
            let resources = expected["Resources"].as_object_mut();
            for resource in resources.expect("a template has resources").values_mut() {
                let metadata = resource.get_mut("Metadata");
                if let Some(metadata) = metadata.and_then(Value::as_object_mut) {
                    metadata.remove("BuildMethod");
                }
            }
            for (id, file, names) in [
                ("Members", "member.yaml", ["TemplateURL", "TemplateBody"]),
                ("Watch", "watch.yaml", ["TemplateURL", "TemplateBody"]),
                (
                    "Run",
                    "organization.asl.json",
                    ["DefinitionS3Location", "DefinitionString"],
                ),
            ] {
                held(&mut expected, id, names);
                let Some(inside) = held(&mut made, id, names) else {
                    assert_eq!(template, Template::Account, "{id} holds nothing");
                    continue;
                };
                let beside = std::fs::read_to_string(root().join("infra").join(file))
                    .expect("what lies beside the template can be read");
                match id {
                    // As JSON, line by line.
                    "Run" => {
                        let lines = inside["Fn::Join"][1].as_array().into_iter().flatten();
                        let inside: String = lines.filter_map(Value::as_str).collect();
                        let read = |text: &str| -> Value {
                            serde_json::from_str(text).expect("a state machine is JSON")
                        };
                        assert_eq!(read(&inside), read(&beside));
                    }
                    _ => assert_eq!(inside, beside, "{id}"),
                }
            }
            assert!(
                made == expected,
                "the stack of {template:?} for {architecture} is another"
            );
        }
    }
}

#[test]
fn cfn_lint_accepts_the_templates() {
    let mut linter = Tools::Sam.command("cfn-lint");
    linter.arg("--").args(Template::ALL.map(Template::source));
    accepts(linter.args(OF_SAM.map(|template| expanded(template, "cfn-lint"))));
}

// The source hides the roles that SAM would make; the expanded template hides nothing.
#[test]
fn checkov_accepts_the_templates() {
    let mut linter = checkov();
    linter.args(Template::ALL.map(Template::source));
    accepts(linter.args(OF_SAM.map(|template| expanded(template, "checkov"))));
}

#[test]
fn the_linter_of_state_machines_accepts_ours_in_each_partition() {
    let path = root().join("infra/organization.asl.json");
    let text = std::fs::read_to_string(path).expect("the state machine can be read");
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        let text = text.replace("${Partition}", partition);
        let file = written(&format!("organization-{partition}.asl.json"), &text);
        accepts(asl::linter().arg("--json-path").arg(file));
    }
    let broken = text
        .replace("${Partition}", "aws")
        .replace("\"Next\": \"Go on\"", "\"Next\": \"On\"");
    let broken = broken.replace("\"Default\": \"Go on\"", "\"Default\": \"On\"");
    let file = written("organization-broken.asl.json", &broken);
    let told = asl::linter().arg("--json-path").arg(file).output();
    assert!(
        !told.expect("the linter starts").status.success(),
        "a state that is not there is noticed"
    );
}

// `sam deploy --guided` offers no default for what it must not show, and asks until it gets an answer.
#[test]
fn each_secret_can_be_declined_with_a_word() {
    for template in Template::ALL {
        let parameters = template.transformed()["Parameters"].as_object();
        for (name, parameter) in parameters.expect("the template has parameters") {
            if parameter["NoEcho"] == true {
                assert_eq!(parameter["Default"], "none", "{template:?} {name}");
            }
        }
    }
}
