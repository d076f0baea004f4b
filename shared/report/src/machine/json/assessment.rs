//! An assessment as JSON, version 1: what do scripts get from `permdrift audit --output json` and `--export FILE.json`?
//!
//! In: an assessment, the findings made of it, and who owns what. Out: one JSON document, described by
//! `docs/schemas/assessment-1.json`. Within a version fields are added, never changed or dropped. The same input always
//! gives the same bytes.

pub(crate) mod cause;
pub(crate) mod coverage;
mod excess;
mod explanation;
mod fault;
pub(crate) mod finding;
mod touched;
pub(crate) mod verdict;

use std::io::Write;

use audit::Judgement;
use serde::Serialize;

use crate::audit_report::AuditReport;
use crate::words::coverage::selected;

/// The version of this form.
const SCHEMA_VERSION: u32 = audit::drift::saved::SCHEMA_VERSION;

/// Writes the document and a line break.
///
/// # Errors
/// If writing fails.
pub fn write(mut out: &mut dyn Write, told: &AuditReport<'_>) -> serde_json::Result<()> {
    let assessment = told.assessment;
    let document = AssessmentJson {
        schema_version: SCHEMA_VERSION,
        generator: concat!("permdrift ", env!("CARGO_PKG_VERSION")),
        account: assessment.account.as_str(),
        at: assessment.at,
        complete: assessment.is_complete(),
        selected: selected(&assessment.coverage),
        failure: assessment.failure.as_deref(),
        summary: SummaryJson {
            requirements: assessment.verdicts.len(),
            drifted: assessment.count(Judgement::Drifted),
            undetermined: assessment.count(Judgement::Undetermined),
            compliant: assessment.count(Judgement::Compliant),
            compliant_not_checked: assessment.count_unread(),
        },
        verdicts: verdict::VerdictsJson {
            verdicts: &assessment.verdicts,
            owners: &told.settings.owners,
        },
        access_keys: assessment.keys.iter().map(coverage::keys).collect(),
        excess: assessment
            .excess
            .as_ref()
            .map(|excess| excess.iter().map(excess::excess).collect()),
        root_access_keys: assessment.root_keys,
        binding_faults: assessment.faults.iter().map(coverage::fault).collect(),
        coverage: coverage::CoverageJson::of(&assessment.coverage),
        findings: finding::FindingsJson(told),
        changes: told.events.map(finding::ChangesJson),
        touched: assessment.coverage.touched.as_deref().map(touched::touched),
    };
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AssessmentJson<'a> {
    schema_version: u32,
    generator: &'a str,
    account: &'a str,
    at: jiff::Timestamp,
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
    summary: SummaryJson,
    verdicts: verdict::VerdictsJson<'a>,
    access_keys: Vec<coverage::KeysJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    excess: Option<Vec<excess::ExcessJson<'a>>>,
    root_access_keys: Option<usize>,
    binding_faults: Vec<coverage::BindingFaultJson<'a>>,
    coverage: coverage::CoverageJson<'a>,
    findings: finding::FindingsJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changes: Option<finding::ChangesJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    touched: Option<Vec<touched::TouchedJson<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SummaryJson {
    requirements: usize,
    drifted: usize,
    undetermined: usize,
    compliant: usize,
    /// Of these, how many hang on policies of resources besides.
    compliant_not_checked: usize,
}
