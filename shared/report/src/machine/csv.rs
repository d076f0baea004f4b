//! CSV, for spreadsheets and data pipelines.
//!
//! In: an audit report. Out: RFC 4180 with a header; one row for each finding, and one for each requirement without a finding, so
//! that everything that was checked is listed. Version 1: columns are added at the end, never changed or dropped.
//!
//! A cell that a spreadsheet would run as a formula is prefixed with an apostrophe, and all cells are quoted, so that a semicolon
//! in a text cannot start a new cell.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use audit::finding::Finding;
use audit::verdict::Verdict;
use iam::PrincipalArn;

use crate::audit_report::{AuditReport, Drift, Since, justification};
use crate::words::coverage::not_checked;
use crate::words::finding::{headline, owners, reasons};
use crate::words::plain::plain;

/// The version of this form.
pub const SCHEMA_VERSION: u32 = 1;

/// The columns.
pub const COLUMNS: [&str; 21] = [
    "account",
    "audited",
    "kind",
    "principal",
    "arn",
    "action_set",
    "title",
    "product_version",
    "verdict",
    "finding",
    "finding_id",
    "level",
    "what",
    "actions",
    "why",
    "owners",
    "impact",
    "what_to_do",
    "since_baseline",
    "muted",
    "not_checked",
];

/// Writes the header and the rows.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, told: &AuditReport<'_>) -> io::Result<()> {
    let drift = Drift::of(told);
    let mut rows = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(out);
    rows.write_record(COLUMNS)?;
    let mut left: BTreeMap<(Option<&PrincipalArn>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in told.findings.values() {
        let key = (finding.principal.as_ref(), &*finding.set);
        left.entry(key).or_default().push(finding);
    }
    for verdict in &told.assessment.verdicts {
        let key = (Some(&verdict.principal), &*verdict.requirement.set);
        match left.remove(&key) {
            None => rows.write_record(row(told, &drift, Some(verdict), None))?,
            Some(findings) => {
                for finding in findings {
                    rows.write_record(row(told, &drift, Some(verdict), Some(finding)))?;
                }
            }
        }
    }
    for finding in left.into_values().flatten() {
        rows.write_record(row(told, &drift, None, Some(finding)))?;
    }
    rows.flush()
}

fn row(
    told: &AuditReport<'_>,
    drift: &Drift<'_>,
    verdict: Option<&Verdict>,
    finding: Option<&Finding>,
) -> [String; 21] {
    let said = |text: Option<&str>| cell(text.unwrap_or_default());
    let requirement = verdict.map(|verdict| &verdict.requirement);
    let principal = verdict
        .map(|verdict| &verdict.principal)
        .or(finding.and_then(|finding| finding.principal.as_ref()));
    let actions: std::collections::BTreeSet<&str> = finding
        .iter()
        .flat_map(|finding| &*finding.lacks)
        .flat_map(|lack| lack.actions.iter().map(iam::ActionName::as_str))
        .collect();
    let lines = |texts: Vec<String>| cell(&texts.join("; "));
    [
        // A text, or a spreadsheet would drop the leading zeros; it is a number of twelve digits to all others.
        told.assessment.account.to_string(),
        told.assessment.at.to_string(),
        principal.map_or_else(|| "account".to_owned(), |arn| arn.kind().to_string()),
        said(principal.map(PrincipalArn::name)),
        said(principal.map(PrincipalArn::as_str)),
        said(
            requirement
                .map(|requirement| &*requirement.set)
                .or(finding.map(|finding| &*finding.set)),
        ),
        said(
            requirement
                .map(|requirement| &*requirement.title)
                .or(finding.map(|finding| &*finding.title)),
        ),
        said(requirement.map(|requirement| requirement.version.as_str())),
        said(verdict.map(|verdict| verdict.judgement().as_str())),
        said(finding.map(|finding| finding.code.as_str())),
        finding.map_or_else(String::new, |finding| finding.id.to_string()),
        said(finding.map(|finding| finding.level.as_str())),
        said(finding.map(headline).as_deref()),
        cell(&actions.into_iter().collect::<Vec<_>>().join(" ")),
        finding.map_or_else(String::new, |finding| lines(reasons(finding))),
        cell(
            &finding
                .map(|finding| owners(finding, &told.settings.owners))
                .unwrap_or_default()
                .join("; "),
        ),
        said(finding.map(|finding| &*finding.impact)),
        finding.map_or_else(String::new, |finding| {
            cell(&told.remedies(finding).join(" "))
        }),
        said(
            finding
                .and_then(|finding| drift.since(finding))
                .map(Since::as_str),
        ),
        said(
            finding
                .and_then(|finding| told.mute(finding))
                .map(justification)
                .as_deref(),
        ),
        said(
            verdict
                .and_then(|verdict| not_checked(verdict.unread()))
                .as_deref(),
        ),
    ]
}

/// A text as a cell that no spreadsheet runs.
pub(crate) fn cell(text: &str) -> String {
    let text = plain(text);
    // The wide forms too: some spreadsheets take them for the narrow ones.
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(cell(text), expected);
    }

    #[test]
    fn a_formula_becomes_text() {
        check("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")");
        check("+1", "'+1");
        check("-2", "'-2");
        check("@SUM(A1)", "'@SUM(A1)");
        check("＝1", "'＝1");
    }

    #[test]
    fn what_a_spreadsheet_skips_before_a_formula_is_spelled_out() {
        check("\t=1", "\\u{9}=1");
        check("\r\n=1", "\\u{d}\\u{a}=1");
    }

    #[test]
    fn other_texts_stay() {
        check(
            "arn:aws:iam::111122223333:role/a=b",
            "arn:aws:iam::111122223333:role/a=b",
        );
        check("", "");
    }
}
