//! SARIF 2.1.0, for code scanning and SARIF viewers.
//!
//! In: an audit report. Out: one log with one run; each finding code is a rule, each finding a result. `baselineState` is the
//! change since the baseline, `suppressions` are the mutes, and `executionSuccessful` is false for an incomplete audit. GitHub
//! requires a location in a file, so every result points at the listing, or at the principal's line in the file that is to be
//! deployed; the principal's ARN is its logical location. A rule has the security severity of the worst of its findings.
//!
//! Resolved findings are not results, because code scanning would show them as open. They are in the property bag of the run.

use std::io::Write;

use audit::finding::{Code, Finding};
use audit::{Judgement, Level};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::audit_report::{AuditReport, Drift, Since, justification};
use crate::machine::json::layers::LayersJson;
use crate::words;
use crate::words::coverage::selected;
use crate::words::finding::owners;
use crate::words::layers::{layers, layers_not_read};
use crate::words::plain::plain;

/// The version of this form, in each run's property bag.
pub const SCHEMA_VERSION: u32 = 1;

/// Where each finding code has a section.
const DOCS: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/findings.md");

/// The file that results point at where the inventory was read from none.
const LISTING: &str = "account-authorization-details.json";

/// Writes the log and a line break.
///
/// # Errors
/// If writing fails.
pub fn write(mut out: &mut dyn Write, told: &AuditReport<'_>) -> serde_json::Result<()> {
    serde_json::to_writer_pretty(&mut out, &log(told))?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

fn log<'a>(told: &AuditReport<'a>) -> Log<'a> {
    let assessment = told.assessment;
    let drift = Drift::of(told);
    let file = told.source.unwrap_or(LISTING);
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: tool(told),
            automation_details: json!({ "id": category(told) }),
            invocations: [json!({
                "executionSuccessful": assessment.is_complete(),
                "startTimeUtc": assessment.at.to_string(),
                "toolExecutionNotifications": notifications(told),
            })],
            results: told
                .findings
                .values()
                .map(|finding| result(finding, told, &drift, file))
                .collect(),
            column_kind: "unicodeCodePoints",
            properties: json!({
                "schemaVersion": SCHEMA_VERSION,
                "account": assessment.account.as_str(),
                "requirements": assessment.verdicts.len(),
                "drifted": assessment.count(Judgement::Drifted),
                "undetermined": assessment.count(Judgement::Undetermined),
                "compliant": assessment.count(Judgement::Compliant),
                "compliantNotChecked": assessment.count_unread(),
                "layers": LayersJson::of(&assessment.coverage.layers),
                "selected": selected(&assessment.coverage),
                "resolved": told
                    .resolved()
                    .map(|event| event.finding.id.to_string())
                    .collect::<Vec<_>>(),
            }),
        }],
    }
}

fn tool(told: &AuditReport<'_>) -> Value {
    let rules: Vec<Value> = Code::ALL
        .into_iter()
        .map(|code| {
            let words = words::code::words(code);
            let findings = told.findings.values().filter(|one| one.code == code);
            let worst = findings.map(|finding| finding.level).max();
            let tags = ["security", "iam", "backup"];
            // GitHub reads the severity of the rule only.
            let properties = match worst {
                Some(worst) => json!({ "tags": tags, "security-severity": severity(worst) }),
                None => json!({ "tags": tags }),
            };
            json!({
                "id": code.as_str(),
                "name": words.name,
                "shortDescription": { "text": words.name },
                "fullDescription": { "text": words.meaning },
                "help": { "text": format!("{}\n\n{}", words.meaning, words.help) },
                "helpUri": format!("{DOCS}#{}", code.as_str()),
                "properties": properties,
            })
        })
        .collect();
    json!({
        "driver": {
            "name": "permdrift",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules,
        }
    })
}

fn result<'a>(
    finding: &'a Finding,
    told: &AuditReport<'a>,
    drift: &Drift<'_>,
    file: &str,
) -> SarifResult<'a> {
    let id = finding.id.to_string();
    let owners_ = &told.settings.owners;
    let name = told.who(finding);
    let full = finding
        .principal
        .as_ref()
        .map_or_else(|| finding.account.as_str(), iam::PrincipalArn::as_str);
    SarifResult {
        rule_id: finding.code.as_str(),
        rule_index: Code::ALL.into_iter().position(|code| code == finding.code),
        level: level(finding),
        message: json!({
            "text": format!("{}.\n{}", told.headline(finding), told.paragraphs(finding).join("\n")),
        }),
        locations: [json!({
            "physicalLocation": {
                "artifactLocation": { "uri": uri(file) },
                "region": { "startLine": told.line(finding).unwrap_or(1) },
            },
            "logicalLocations": [{
                "name": name,
                "fullyQualifiedName": plain(full),
                "kind": "resource",
            }],
        })],
        // GitHub tells alerts apart by this one; without it all findings on one line of one file would be the same.
        partial_fingerprints: json!({
            "permdriftFinding/v1": id,
            "primaryLocationLineHash": format!("{id}:1"),
        }),
        baseline_state: drift.since(finding).map(|since| match since {
            Since::New | Since::NowChecked => "new",
            Since::Worse | Since::Better => "updated",
            Since::Same => "unchanged",
        }),
        suppressions: told
            .mute(finding)
            .map(|mute| {
                json!({
                    "kind": "external",
                    "status": "accepted",
                    "justification": justification(mute),
                })
            })
            .into_iter()
            .collect(),
        properties: Properties {
            id,
            level: finding.level.as_str(),
            security_severity: severity(finding.level),
            action_set: &finding.set,
            actions: finding
                .lacks
                .iter()
                .flat_map(|lack| lack.actions.iter().map(iam::ActionName::as_str))
                .collect(),
            owners: owners(finding, owners_),
            opened: finding.opened.to_string(),
        },
    }
}

fn level(finding: &Finding) -> &'static str {
    match finding.level {
        Level::Critical | Level::High => "error",
        Level::Medium | Level::Low => "warning",
        Level::Notice => "note",
    }
}

/// The score of a level, in the bounds that GitHub sets: critical above 9, high from 7, medium from 4, low above 0.
fn severity(level: Level) -> &'static str {
    match level {
        Level::Critical => "9.5",
        Level::High => "8.0",
        Level::Medium => "5.5",
        Level::Low => "2.5",
        Level::Notice => "0.1",
    }
}

/// What code scanning files the results under. A log closes the alerts of its category that it does not name, so an audit of a
/// part has its own.
fn category(told: &AuditReport<'_>) -> String {
    let account = told.assessment.account;
    match (selected(&told.assessment.coverage), told.planned) {
        (Some(_), None) => format!("permdrift/{account}/selected/"),
        (Some(_) | None, _) => format!("permdrift/{account}/"),
    }
}

/// What kept the audit from being whole, and what it looked at.
fn notifications(told: &AuditReport<'_>) -> Vec<Value> {
    let assessment = told.assessment;
    let coverage = &assessment.coverage;
    let mut texts: Vec<String> = Vec::new();
    texts.extend(
        assessment
            .failure
            .as_deref()
            .map(|failure| plain(failure).into_owned()),
    );
    texts.extend(coverage.gaps.iter().map(crate::words::coverage::gap));
    if !coverage.not_reached.is_empty() {
        texts.push(format!(
            "the time was up before {} principals",
            coverage.not_reached.len()
        ));
    }
    let unknown = assessment.count(Judgement::Undetermined);
    if unknown > 0 {
        texts.push(format!("{unknown} requirements are undetermined"));
    }
    let errors = texts.into_iter().map(|text| ("error", text));
    let refused = layers_not_read(coverage).refused.into_iter();
    let refused = refused.map(|text| ("warning", text));
    // What was looked at, and what was not, whether it is well or not.
    let looked_at = ("note", layers(coverage));
    let selected = selected(coverage).map(|text| ("note", text));
    let selected = selected.into_iter();
    selected
        .chain(errors)
        .chain(refused)
        .chain([looked_at])
        .map(|(level, text)| json!({ "level": level, "message": { "text": text } }))
        .collect()
}

/// A file's name as a relative reference, or as a `file:` URI where it is absolute.
fn uri(file: &str) -> String {
    const ODD: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let file = file.strip_prefix("./").unwrap_or(file);
    let encoded = utf8_percent_encode(file, ODD).to_string();
    if file.starts_with('/') {
        format!("file://{encoded}")
    } else {
        // A colon in the first segment would read as a scheme.
        encoded.replace(':', "%3A")
    }
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'a str,
    version: &'a str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    invocations: [Value; 1],
    results: Vec<SarifResult<'a>>,
    column_kind: &'a str,
    properties: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'a str,
    message: Value,
    locations: [Value; 1],
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'a str>,
    suppressions: Vec<Value>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    id: String,
    level: &'a str,
    #[serde(rename = "security-severity")]
    security_severity: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    action_set: &'a str,
    actions: Vec<&'a str>,
    owners: Vec<&'a str>,
    opened: String,
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_file_name_is_a_reference_that_points_at_it() {
        for (file, expected) in [
            ("account.json", "account.json"),
            ("./account.json", "account.json"),
            ("in/my account.json", "in/my%20account.json"),
            ("/tmp/a.json", "file:///tmp/a.json"),
            ("c:odd.json", "c%3Aodd.json"),
            ("50%#1?.json", "50%25%231%3F.json"),
        ] {
            assert_eq!(uri(file), expected);
        }
    }
}
