//! Readers: would those who read a channel take what they get?
//!
//! Schemas and limits of others, each as they publish them; see `schemas/README.md`.

use std::io::Write;
use std::process::Stdio;
use std::sync::LazyLock;

use e2e::tools::{Tools, root};
use jsonschema::Validator;
use serde_json::Value;

use crate::rule::{Call, KEY};

fn validator(path: &str) -> Validator {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

/// Amazon Q Developer in chat applications.
#[track_caller]
pub(crate) fn chat(message: &Value) {
    static SCHEMA: LazyLock<Validator> =
        LazyLock::new(|| validator("tests/e2e/tests/channels/schemas/chat-1.0.json"));
    valid(&SCHEMA, message);
    assert!(message.to_string().len() < 262_144, "SNS's limit");
}

/// Whoever reads OCSF.
#[track_caller]
pub(crate) fn ocsf(event: &Value) {
    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
        validator("tests/e2e/tests/channels/schemas/ocsf-1.3.0-compliance_finding.json")
    });
    valid(&SCHEMA, event);
}

/// Whoever reads our own events.
#[track_caller]
pub(crate) fn event(detail: &Value) {
    static SCHEMA: LazyLock<Validator> = LazyLock::new(|| validator("docs/schemas/event-1.json"));
    valid(&SCHEMA, detail);
}

/// SNS, and a person: a subject, and a body without anything that turns, hides or forges.
#[track_caller]
pub(crate) fn plain(text: &str) {
    let harm = |letter: char| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(harm), "{text:?}");
}

/// PagerDuty's Events API v2.
#[track_caller]
pub(crate) fn pagerduty(call: &Call) {
    let body = &call.body;
    let text = |value: &Value, most: usize| {
        let length = value.as_str().map_or(0, |text| text.chars().count());
        assert!((1..=most).contains(&length), "{value}");
    };
    assert_eq!(call.url, "https://events.pagerduty.com/v2/enqueue");
    assert_eq!(body["routing_key"], KEY);
    assert!(["trigger", "resolve"].contains(&body["event_action"].as_str().unwrap()));
    text(&body["dedup_key"], 255);
    let payload = &body["payload"];
    text(&payload["summary"], 1024);
    text(&payload["source"], 1024);
    assert!(
        ["critical", "error", "warning", "info"].contains(&payload["severity"].as_str().unwrap())
    );
    payload["timestamp"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();
    assert!(payload["custom_details"].is_object());
    assert!(body.to_string().len() <= 512 * 1024);
    plain(payload["summary"].as_str().unwrap());
}

/// Opsgenie's Alert API: create an alert, or close one.
#[track_caller]
pub(crate) fn opsgenie(call: &Call) {
    let body = &call.body;
    let text = |name: &str, most: usize| {
        let length = body[name].as_str().map_or(0, |text| text.chars().count());
        assert!((1..=most).contains(&length), "{name}: {body}");
    };
    let base = "https://api.opsgenie.com/v2/alerts";
    text("source", 100);
    if let Some(rest) = call.url.strip_prefix(&format!("{base}/")) {
        let alias = rest.strip_suffix("/close?identifierType=alias").unwrap();
        assert!(
            alias.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{alias}"
        );
        text("note", 25_000);
        return;
    }
    assert_eq!(call.url, base);
    text("message", 130);
    text("alias", 512);
    text("description", 15_000);
    text("entity", 512);
    assert!(["P1", "P2", "P3", "P4", "P5"].contains(&body["priority"].as_str().unwrap()));
    let details = body["details"].as_object().unwrap();
    let length: usize = details
        .iter()
        .map(|(name, value)| name.len() + value.as_str().unwrap().chars().count())
        .sum();
    assert!(length <= 8_000);
    plain(body["message"].as_str().unwrap());
    plain(body["description"].as_str().unwrap());
}

/// Security Hub, by AWS's own model of `BatchImportFindings`.
#[track_caller]
pub(crate) fn security_hub(findings: &[Value]) {
    let mut checker = Tools::Server
        .command("python")
        .arg(root().join("tests/e2e/tools/asff.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = checker.stdin.take().unwrap();
    input
        .write_all(serde_json::to_string(findings).unwrap().as_bytes())
        .unwrap();
    drop(input);
    let told = checker.wait_with_output().unwrap();
    assert!(
        told.status.success(),
        "{}{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
}
