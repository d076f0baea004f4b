//! The report of an organisation as JSON, version 1, described by `docs/schemas/organization-audit-1.json`.
//!
//! The worst accounts come first. What was found in each is the summary in its own form, as it is stored. Within a version fields are
//! added, never changed or dropped.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use crate::organization::account::AccountSummary;
use crate::organization::standing::AccountStanding;
use crate::organization::stored;
use crate::organization::view::{AccountRow, OrganizationView, SharedCause, Tally, UnreadFile};
use crate::organization::words;

/// The version of this form.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes the document and a line break.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, view: &OrganizationView<'_>) -> io::Result<()> {
    let count = |standing| view.count(standing);
    let document = DocumentJson {
        schema_version: SCHEMA_VERSION,
        generator: concat!("permdrift ", env!("CARGO_PKG_VERSION")),
        organization: view.name,
        organization_taken_at: view.saved,
        at: view.at,
        summary: SummaryJson {
            accounts: AccountsJson {
                total: view.rows.len(),
                drifted: count(AccountStanding::Drifted),
                not_audited: count(AccountStanding::NotAudited),
                undetermined: count(AccountStanding::Undetermined),
                compliant_not_checked: count(AccountStanding::CompliantNotChecked),
                nobody_bound: count(AccountStanding::NobodyBound),
                compliant: count(AccountStanding::Compliant),
                muted: view.muted,
            },
            principals: TallyJson::of(&view.principals),
            requirements: TallyJson::of(&view.requirements),
        },
        unread: view.unread.iter().map(UnreadJson::of).collect(),
        causes: view.causes.iter().map(CauseJson::of).collect(),
        accounts: AllAccounts(&view.rows),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentJson<'a> {
    schema_version: u32,
    generator: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'a str>,
    /// When the file was saved that says which accounts there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_taken_at: Option<jiff::Timestamp>,
    at: jiff::Timestamp,
    summary: SummaryJson,
    /// Files that should hold an account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<UnreadJson<'a>>,
    causes: Vec<CauseJson<'a>>,
    accounts: AllAccounts<'a>,
}

#[derive(Serialize)]
struct UnreadJson<'a> {
    file: &'a str,
    reason: &'a str,
}

impl<'a> UnreadJson<'a> {
    fn of(file: &'a UnreadFile) -> Self {
        Self {
            file: &file.name,
            reason: &file.reason,
        }
    }
}

#[derive(Serialize)]
struct SummaryJson {
    accounts: AccountsJson,
    principals: TallyJson,
    requirements: TallyJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountsJson {
    total: usize,
    drifted: usize,
    not_audited: usize,
    undetermined: usize,
    compliant_not_checked: usize,
    nobody_bound: usize,
    compliant: usize,
    /// Of the drifted.
    muted: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TallyJson {
    total: usize,
    drifted: usize,
    undetermined: usize,
    compliant_not_checked: usize,
    compliant: usize,
    /// Of the drifted.
    muted: usize,
}

impl TallyJson {
    fn of(tally: &Tally) -> Self {
        Self {
            total: tally.all(),
            drifted: tally.drifted,
            undetermined: tally.undetermined,
            compliant_not_checked: tally.not_checked,
            compliant: tally.compliant,
            muted: tally.muted,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CauseJson<'a> {
    text: String,
    kind: &'static str,
    policy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    level: &'static str,
    actions: Vec<&'a str>,
    count: usize,
    accounts: Vec<HitJson<'a>>,
}

#[derive(Serialize)]
struct HitJson<'a> {
    account: String,
    principals: Vec<&'a str>,
}

impl<'a> CauseJson<'a> {
    fn of(cause: &SharedCause<'a>) -> Self {
        let statement = cause.statement;
        Self {
            text: words::cause(cause),
            kind: statement.kind.as_str(),
            policy: &statement.policy,
            index: statement.index,
            sid: statement.sid.as_deref(),
            level: cause.level.as_str(),
            actions: cause.actions.iter().copied().collect(),
            count: cause.actions_at_least(),
            accounts: cause
                .accounts
                .iter()
                .map(|(account, principals)| HitJson {
                    account: account.to_string(),
                    principals: principals.iter().map(|arn| arn.as_str()).collect(),
                })
                .collect(),
        }
    }
}

/// One by one, so that a large organisation is not copied in memory.
struct AllAccounts<'a>(&'a [AccountRow<'a>]);

impl Serialize for AllAccounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(AccountJson::of))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountJson<'a, Found: Serialize> {
    account: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a [Box<str>]>,
    /// Its organisation, where only what was read of the account says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<&'a str>,
    verdict: &'static str,
    /// It has drifted, and all of that is muted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    muted: bool,
    /// Policies above it that may deny and were not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    above_not_checked: Vec<String>,
    /// Why it was not audited.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Found>,
}

impl<'a> AccountJson<'a, ()> {
    fn of(row: &'a AccountRow<'_>) -> impl Serialize + 'a {
        AccountJson {
            account: row.account.as_str(),
            name: row.name(),
            path: row.place.map(|place| &*place.path),
            organization: row.place.and_then(|place| place.organization.as_deref()),
            verdict: row.standing.as_str(),
            muted: row.is_muted,
            above_not_checked: row
                .found
                .map_or_else(|_| Vec::new(), AccountSummary::levels_not_read),
            reason: row.failure(),
            found: row.found.ok().map(stored::document),
        }
    }
}
