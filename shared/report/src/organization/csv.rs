//! The report of an organisation as CSV: one row for each finding, one for each requirement without a finding, and at least one for each
//! account, so that one that was not audited is in the table as well.
//!
//! Version 1: columns are added at the end, never changed or dropped. Cells are made safe as in the table of one account.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use audit::FindingId;
use iam::PrincipalArn;

use crate::machine::csv::cell;
use crate::organization::account::{AccountSummary, FindingSummary, VerdictSummary};
use crate::organization::age::ReadTime;
use crate::organization::standing::AccountStanding;
use crate::organization::view::{AccountRow, OrganizationView};
use crate::organization::words::of_unread;

/// The columns.
pub const COLUMNS: [&str; 25] = [
    "account",
    "account_name",
    "path",
    "account_verdict",
    "not_audited_because",
    "audited",
    "kind",
    "principal",
    "arn",
    "principal_verdict",
    "action_set",
    "verdict",
    "finding",
    "finding_id",
    "level",
    "what",
    "why",
    "impact",
    "what_to_do",
    "since",
    "muted",
    "not_checked",
    "read",
    "above_not_checked",
    "organization",
];

/// Writes the header and the rows.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, view: &OrganizationView<'_>) -> io::Result<()> {
    let mut rows = WriterBuilder::new()
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(out);
    rows.write_record(COLUMNS)?;
    for account in &view.rows {
        for line in lines(account) {
            rows.write_record(record(account, &line))?;
        }
    }
    for file in view.unread {
        let mut row: [String; 25] = Default::default();
        let [account, _, _, verdict, reason, ..] = &mut row;
        *account = "unknown".to_owned();
        *verdict = AccountStanding::NotAudited.to_string();
        *reason = cell(&of_unread(file));
        rows.write_record(row)?;
    }
    rows.flush()
}

/// What one row is about, besides its account.
#[derive(Default)]
struct Line<'a> {
    principal: Option<&'a PrincipalArn>,
    principal_verdict: &'static str,
    verdict: Option<&'a VerdictSummary>,
    finding: Option<(FindingId, &'a FindingSummary)>,
}

/// The rows of an account; never none.
fn lines<'a>(account: &AccountRow<'a>) -> Vec<Line<'a>> {
    let Ok(summary) = account.found else {
        return vec![Line::default()];
    };
    let mut left = by_set(summary);
    let mut lines = Vec::new();
    for (arn, principal, standing) in account.principals() {
        let of_principal = Line {
            principal: Some(arn),
            principal_verdict: standing.as_str(),
            ..Line::default()
        };
        let before = lines.len();
        for verdict in principal.verdicts() {
            let of_verdict = Line {
                verdict: Some(verdict),
                ..of_principal
            };
            match left.remove(&(Some(arn), &*verdict.set)) {
                None => lines.push(of_verdict),
                Some(findings) => lines.extend(findings.into_iter().map(|finding| Line {
                    finding: Some(finding),
                    ..of_verdict
                })),
            }
        }
        let keys: Vec<_> = left
            .range((Some(arn), "")..)
            .map(|(key, _)| *key)
            .take_while(|(principal, _)| *principal == Some(arn))
            .collect();
        for key in keys {
            let findings = left.remove(&key).unwrap_or_default().into_iter();
            lines.extend(findings.map(|finding| Line {
                finding: Some(finding),
                ..of_principal
            }));
        }
        if lines.len() == before {
            lines.push(of_principal);
        }
    }
    lines.extend(left.into_values().flatten().map(|finding| Line {
        principal: finding.1.principal.as_ref(),
        finding: Some(finding),
        ..Line::default()
    }));
    if lines.is_empty() {
        lines.push(Line::default());
    }
    lines
}

type BySet<'a> =
    BTreeMap<(Option<&'a PrincipalArn>, &'a str), Vec<(FindingId, &'a FindingSummary)>>;

fn by_set(summary: &AccountSummary) -> BySet<'_> {
    let mut by = BySet::new();
    for (id, finding) in &summary.findings {
        let key = (finding.principal.as_ref(), &*finding.set);
        by.entry(key).or_default().push((*id, finding));
    }
    by
}

fn record(account: &AccountRow<'_>, line: &Line<'_>) -> [String; 25] {
    let said = |text: Option<&str>| cell(text.unwrap_or_default());
    let finding = line.finding.map(|(_, finding)| finding);
    let of = |text: fn(&FindingSummary) -> &str| said(finding.map(text));
    let verdict = line.verdict;
    let path = account.place.map_or(&[][..], |place| &place.path);
    [
        account.account.to_string(),
        said(account.name()),
        cell(&path.join("/")),
        account.standing.to_string(),
        said(account.failure()),
        account
            .found
            .map_or_else(|_| String::new(), |found| found.at.to_string()),
        line.principal
            .map_or_else(|| "account".to_owned(), |arn| arn.kind().to_string()),
        said(line.principal.map(PrincipalArn::name)),
        said(line.principal.map(PrincipalArn::as_str)),
        line.principal_verdict.to_owned(),
        said(
            verdict
                .map(|one| &*one.set)
                .or(finding.map(|one| &*one.set)),
        ),
        said(verdict.map(|one| one.standing.as_str())),
        of(|one| one.code.as_str()),
        line.finding
            .map_or_else(String::new, |(id, _)| id.to_string()),
        of(|one| one.level.as_str()),
        of(|one| &one.title),
        cell(&finding.map_or_else(String::new, |one| one.causes.join("; "))),
        of(|one| &one.impact),
        cell(&finding.map_or_else(String::new, |one| one.steps.join(" "))),
        finding
            .and_then(|one| one.since)
            .map_or_else(String::new, |since| since.to_string()),
        of(|one| one.muted.as_deref().unwrap_or_default()),
        cell(&verdict.map_or_else(String::new, |one| one.not_checked.join("; "))),
        account.found.map_or_else(|_| String::new(), read),
        cell(&account.found.map_or_else(
            |_| String::new(),
            |found| found.levels_not_read().join("; "),
        )),
        said(
            account
                .place
                .and_then(|place| place.organization.as_deref()),
        ),
    ]
}

/// When what the audit looked at was read.
fn read(found: &AccountSummary) -> String {
    match found.read {
        ReadTime::DuringAudit => found.at.to_string(),
        ReadTime::At(read) => read.to_string(),
        ReadTime::Unknown => "unknown".to_owned(),
    }
}
