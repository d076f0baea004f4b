//! What is kept of an account is read as it was written, or not at all.

use std::path::Path;

use report::organization::stored::{self, ReadSummaryError};
use report::organization::{AccountSummary, OuterPolicy, ReadTime};
use serde_json::{Value, json};

use crate::accounts::{BUCKET_SET, ONE, Roles, SET, TWO, summary};

const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoSnapshots","Effect":"Deny","Action":"ec2:CreateSnapshot*","Resource":"*"}]}"#;

fn example() -> AccountSummary {
    let roles = Roles::none()
        .with(ONE, "a", SET, "*")
        .with(ONE, "b", BUCKET_SET, "*")
        .with(ONE, "c", "no-such-set", "*");
    let mut summary = summary(&roles, &[("p-deny", DENY)]);
    for finding in summary.findings.values_mut() {
        finding.since = Some("2026-11-12T06:00:00Z".parse().unwrap());
    }
    summary
}

fn written(summary: &AccountSummary) -> String {
    let mut bytes = Vec::new();
    stored::write(&mut bytes, summary).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn read(text: &str) -> Result<AccountSummary, ReadSummaryError> {
    stored::read(text, ONE.parse().unwrap())
}

/// Reads what somebody changed.
fn changed(change: impl FnOnce(&mut Value)) -> Result<AccountSummary, ReadSummaryError> {
    let mut document: Value = serde_json::from_str(&written(&example())).unwrap();
    change(&mut document);
    read(&document.to_string())
}

#[test]
fn what_was_written_is_read() {
    let summary = example();
    assert_eq!(read(&written(&summary)).unwrap(), summary);
}

#[test]
fn it_keeps_to_its_published_schema() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas/account-1.json");
    let mut schema: Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).expect("it is JSON");
    close(&mut schema);
    let document: Value = serde_json::from_str(&written(&example())).unwrap();
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let faults: Vec<String> = schema
        .iter_errors(&document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{}\n{document:#}", faults.join("\n"));
}

/// A field that the schema does not name is a mistake of ours.
pub(crate) fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.get("properties").is_some_and(Value::is_object) {
                object.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn a_statement_of_an_scp_is_kept_with_what_it_denies() {
    let summary = example();
    let mut denied = summary.findings.values().flat_map(|one| &one.denied_by);
    let (statement, actions) = denied.next().expect("an SCP denies");
    assert_eq!(statement.kind, OuterPolicy::ServiceControl);
    assert_eq!(&*statement.policy, "p-deny");
    assert_eq!(statement.sid.as_deref(), Some("NoSnapshots"));
    assert!(actions.named.contains("ec2:CreateSnapshot"), "{actions:?}");
    assert_eq!(actions.count, actions.named.len());
}

#[test]
fn when_an_account_was_read_is_kept() {
    let mut summary = example();
    for read in [
        ReadTime::DuringAudit,
        ReadTime::Unknown,
        ReadTime::At(summary.at),
    ] {
        summary.read = read;
        assert_eq!(self::read(&written(&summary)).unwrap().read, read);
    }
    let other = changed(|document| document["taken"] = json!("yesterday"));
    assert!(matches!(other, Err(ReadSummaryError::Value { .. })));
}

#[test]
fn a_newer_form_is_refused_before_anything_else_of_it_is_read() {
    let newer = json!({ "schemaVersion": 2, "anything": "else" }).to_string();
    assert!(matches!(
        read(&newer),
        Err(ReadSummaryError::TooNew { found: 2 })
    ));
}

#[test]
fn wherever_it_is_cut_off_it_is_refused() {
    let text = written(&example());
    let text = text.trim_end();
    for end in (1..text.len()).step_by(97).chain([text.len() - 1]) {
        let cut = &text.as_bytes()[..end];
        let Ok(cut) = std::str::from_utf8(cut) else {
            continue;
        };
        let error = read(cut).expect_err("it is not whole");
        assert!(matches!(error, ReadSummaryError::CutOff(_)), "{error}");
    }
}

#[test]
fn what_is_no_summary_is_refused() {
    for text in ["", "[]", "{}", "no", r#"{"schemaVersion":1}"#] {
        read(text).expect_err(text);
    }
}

#[test]
fn a_summary_of_another_account_is_refused() {
    let error = stored::read(&written(&example()), TWO.parse().unwrap()).unwrap_err();
    assert!(
        matches!(error, ReadSummaryError::OtherAccount { .. }),
        "{error}"
    );
}

#[test]
fn an_account_that_speaks_for_another_is_refused() {
    let other = format!("arn:aws:iam::{TWO}:role/a");
    let principal = changed(|document| document["principals"][0]["arn"] = json!(other));
    let finding = changed(|document| document["findings"][0]["id"] = json!("0123456789abcdef"));
    for refused in [principal, finding] {
        let error = refused.unwrap_err();
        assert!(
            matches!(error, ReadSummaryError::OtherAccount { .. }),
            "{error}"
        );
    }
}

#[test]
fn a_part_that_was_taken_out_is_missed() {
    let principal = changed(|document| {
        document["principals"].as_array_mut().unwrap().remove(0);
    });
    let finding = changed(|document| {
        document["findings"].as_array_mut().unwrap().remove(0);
    });
    let verdict = changed(|document| {
        document["principals"][0]["verdicts"][0]["verdict"] = json!("compliant");
    });
    for refused in [principal, finding, verdict] {
        let error = refused.unwrap_err();
        assert!(matches!(error, ReadSummaryError::Counts { .. }), "{error}");
    }
}

#[test]
fn a_word_that_nobody_knows_is_refused_with_what_would_be_right() {
    let error = changed(|document| {
        document["principals"][0]["verdicts"][0]["verdict"] = json!("fine");
    })
    .unwrap_err();
    let ReadSummaryError::Value { text, source } = &error else {
        panic!("{error}");
    };
    assert_eq!(&**text, "fine");
    assert!(source.to_string().contains("compliant"), "{source}");
}
