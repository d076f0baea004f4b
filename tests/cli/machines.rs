//! What machines read: does the JSON keep to its published schema, and say what the table says?

use serde_json::Value;

use crate::binary::{EXAMPLE, file, permdrift, printed, small};

/// The published schema, and stricter: a field that it does not name is a mistake of ours.
pub fn schema(name: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(file(&format!("docs/schemas/{name}.json")))
        .expect("the schema is published");
    let mut schema: Value = serde_json::from_str(&text).expect("the schema is JSON");
    close(&mut schema);
    jsonschema::validator_for(&schema).expect("the schema is one")
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.contains_key("required")
                && object.get("properties").is_some_and(Value::is_object)
            {
                object.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

#[track_caller]
fn check(text: &str) -> Value {
    keeps_to("assessment-1", text)
}

/// The document, which must be as the schema has it.
#[track_caller]
pub fn keeps_to(name: &str, text: &str) -> Value {
    let document: Value = serde_json::from_str(text).expect("the output is JSON");
    let faults: Vec<String> = schema(name)
        .iter_errors(&document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "not as published:\n{}",
        faults.join("\n")
    );
    document
}

#[test]
fn the_example_in_json_keeps_to_its_schema() {
    let output = permdrift(&EXAMPLE)
        .args(["--output", "json"])
        .output()
        .unwrap();
    let document = check(printed(&output));
    assert_eq!(output.status.code(), Some(1));
    let summary = &document["summary"];
    let verdicts = document["verdicts"].as_array().unwrap();
    for verdict in ["drifted", "undetermined", "compliant"] {
        let number = verdicts
            .iter()
            .filter(|one| one["verdict"] == verdict)
            .count();
        assert_eq!(summary[verdict], number, "{verdict}");
    }
}

#[test]
fn what_changed_since_the_baseline_keeps_to_the_schema_too() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("baseline.json");
    let write = small("drifted.json")
        .arg("--write-baseline")
        .arg(&baseline)
        .status()
        .unwrap();
    assert_eq!(write.code(), Some(1));
    let output = small("account.json")
        .args(["--output", "json", "--baseline"])
        .arg(&baseline)
        .output()
        .unwrap();
    let document = check(printed(&output));
    let changes = document["changes"].as_array().unwrap();
    assert!(
        changes.iter().any(|change| change["change"] == "opened"),
        "{changes:?}"
    );
}

#[test]
fn an_export_is_what_the_output_is() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("audit.json");
    let output = small("drifted.json")
        .arg("--export")
        .arg(&export)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        printed(&output).contains("1 drifted"),
        "the table is printed all the same"
    );
    let document = check(&std::fs::read_to_string(&export).unwrap());
    assert_eq!(
        document["verdicts"][0]["missingActions"],
        serde_json::json!(["s3:PutObject"])
    );
}

#[test]
fn a_gap_and_a_fault_keep_to_the_schema_too() {
    for (account, code) in [
        ("truncated.json", 2),
        ("unknown-set.json", 2),
        ("escapes.json", 1),
        ("undetermined.json", 2),
    ] {
        let output = small(account).args(["--output", "json"]).output().unwrap();
        check(printed(&output));
        assert_eq!(output.status.code(), Some(code), "{account}");
    }
}

#[test]
fn a_set_in_json_names_its_actions_and_whether_they_are_optional() {
    let output = permdrift(&[
        "catalog",
        "show",
        "vbaws-appliance-deploy",
        "--output",
        "json",
    ])
    .output()
    .unwrap();
    let document: Value = serde_json::from_str(printed(&output)).unwrap();
    assert_eq!(document["id"], "vbaws-appliance-deploy");
    let optional = |name: &str| {
        let actions = document["actions"].as_array().unwrap();
        actions
            .iter()
            .find(|action| action["name"] == name)
            .map(|action| action["optional"].clone())
    };
    assert_eq!(optional("ec2:RunInstances"), Some(Value::Bool(false)));
    assert_eq!(optional("ec2:DeleteVpc"), Some(Value::Bool(true)));
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let output = permdrift(&["man"]).arg(&pages).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    for (page, words) in [
        ("permdrift.1", "permdrift\\-audit(1)"),
        (
            "permdrift-audit.1",
            "aws iam get\\-account\\-authorization\\-details > account.json",
        ),
        ("permdrift-catalog-policy.1", "\\-\\-scope"),
        (
            "permdrift-check.1",
            ".SH \"EXIT STATUS\"\n.nf\n  0    after the deployment everything is there;\n       with",
        ),
        ("permdrift-check.1", "\n.SH VERSION\n.nf\n"),
    ] {
        let text = std::fs::read_to_string(pages.join(page)).unwrap();
        assert!(text.contains(words), "no `{words}` in {page}:\n{text}");
    }
    for page in std::fs::read_dir(&pages).unwrap() {
        let path = page.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("EXTRA"), "{}", path.display());
        let groups_others = text.contains(".SH SUBCOMMANDS");
        assert!(
            groups_others || text.contains(".SH \"EXAMPLES\"\n.nf\n"),
            "no example in {}",
            path.display()
        );
    }
}

#[test]
fn excess_is_told_where_it_is_asked_for_from_that_danger_up() {
    let asked = |excess: &[&str]| {
        let output = permdrift(&EXAMPLE)
            .args(["--output", "json"])
            .args(excess)
            .output()
            .expect("it runs");
        check(printed(&output))
    };
    let who = |audit: &Value| -> Vec<String> {
        let all = audit.get("excess").and_then(Value::as_array);
        let all = all.expect("it was asked for").iter();
        let dangerous = all.filter(|one| {
            let dangers = one.get("dangers").and_then(Value::as_array);
            dangers.is_some_and(|dangers| !dangers.is_empty())
        });
        dangerous
            .filter_map(|one| one.get("principal")?.as_str()?.rsplit('/').next())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(asked(&[]).get("excess"), None);
    assert_eq!(
        who(&asked(&["--excess", "administrator"])),
        ["veeam-restore-ec2"]
    );
    let all = who(&asked(&["--excess"]));
    assert!(
        all.contains(&"VeeamBackupRestore-Dev".to_owned()),
        "{all:?}"
    );
    assert!(
        !all.contains(&"VeeamBackupRestore-Prod".to_owned()),
        "{all:?}"
    );
}

#[test]
fn completions_offer_the_values_that_are_known() {
    for shell in ["bash", "zsh", "fish"] {
        let output = permdrift(&["completions", shell]).output().unwrap();
        let script = printed(&output);
        for value in ["vbaws-role-repository", "critical", "v11"] {
            assert!(script.contains(value), "{shell} offers no {value}");
        }
    }
}
