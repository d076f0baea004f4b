//! Reports: how do the summaries of all accounts become one report, and where is it stored?

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use aws::{GetError, Objects, StoreError, chain};
use futures_util::{StreamExt as _, stream};
use iam::AccountId;
use jiff::Timestamp;
use report::organization::stored;
use report::organization::{
    AccountPlace, AccountSummary, OrganizationReport, OrganizationView, csv, html, json, markdown,
};
use stack::hub;
use stack::{Frame, Stack};
use tracing::warn;

/// Objects that are read at the same time.
const AT_ONCE: usize = 16;

/// Writes a report in one format.
type Write = fn(&mut dyn io::Write, &OrganizationView<'_>) -> io::Result<()>;

/// The formats, by suffix.
const FORMATS: [(&str, &str, Write); 4] = [
    ("html", "text/html; charset=utf-8", html::write),
    ("json", "application/json", json::write),
    ("md", "text/markdown; charset=utf-8", markdown::write),
    ("csv", "text/csv; charset=utf-8", csv::write),
];

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReportError {
    #[error("the report could not be written")]
    Write(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the last whole audits of accounts found.
#[derive(Debug, Default)]
pub(crate) struct Summaries {
    pub(crate) found: BTreeMap<AccountId, AccountSummary>,
    /// Those that cannot be read, with the reason.
    pub(crate) unusable: BTreeMap<AccountId, Box<str>>,
}

impl Summaries {
    /// Reads those of these accounts.
    pub(crate) async fn load(
        objects: &Objects,
        accounts: impl Iterator<Item = AccountId>,
    ) -> Result<Self, GetError> {
        let loading = accounts.map(async |account| {
            let text = objects.get(&hub::account(account)).await;
            (account, text)
        });
        let mut loading = stream::iter(loading).buffer_unordered(AT_ONCE);
        let mut summaries = Self::default();
        while let Some((account, text)) = loading.next().await {
            let Some(text) = text? else {
                continue;
            };
            let text = String::from_utf8_lossy(&text);
            match stored::read(&text, account) {
                Ok(summary) => {
                    summaries.found.insert(account, summary);
                }
                Err(error) => {
                    let reason = chain(&error);
                    warn!(
                        reason,
                        account = account.as_str(),
                        "a summary cannot be used"
                    );
                    summaries.unusable.insert(account, reason.into());
                }
            }
        }
        Ok(summaries)
    }

    /// The accounts that a run audited, or another one since it began: an older audit never takes the place of a younger one.
    pub(crate) fn of_run(&self, run: &str, started: Option<Timestamp>) -> BTreeSet<AccountId> {
        let found = self.found.iter();
        found
            .filter(|(account, summary)| {
                let is_younger = started.is_some_and(|started| summary.at >= started);
                is_younger || *summary.audit == *format!("{account}/{run}")
            })
            .map(|(account, _)| *account)
            .collect()
    }
}

/// Writes the report of a run in each format, and the same as the last one. The key of the page.
pub(crate) async fn write(
    objects: &Objects,
    (run, name): (&str, Option<&str>),
    frame: &Frame<'_>,
    summaries: &Summaries,
    reasons: &BTreeMap<AccountId, Box<str>>,
    places: &BTreeMap<AccountId, AccountPlace>,
) -> Result<String, ReportError> {
    let mut not_audited = summaries.unusable.clone();
    not_audited.extend(reasons.iter().map(|(account, why)| (*account, why.clone())));
    let view = OrganizationView::of(&OrganizationReport {
        name,
        saved: None,
        at: frame.now,
        audited: &summaries.found,
        not_audited: &not_audited,
        unread: &[],
        places,
    });
    for (suffix, content_type, write) in FORMATS {
        let mut bytes = Vec::new();
        write(&mut bytes, &view)?;
        let keys = [
            format!("reports/{run}.{suffix}"),
            format!("report.{suffix}"),
        ];
        for key in &keys {
            objects.put(key, content_type, bytes.clone()).await?;
        }
    }
    Ok(format!("reports/{run}.html"))
}

/// The address of an object in AWS's console, where whoever opens it has to sign in.
pub(crate) fn address(stack: &Stack, key: &str) -> Option<String> {
    let hub = stack.config.hub.as_ref()?;
    let region = &stack.channels.region;
    Some(console(region, &hub.bucket, key))
}

fn console(region: &str, bucket: &str, key: &str) -> String {
    let domain = match iam::partition_of(region) {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    // Letters, digits and `.:_-/`, of which a query needs one written otherwise.
    let key = key.replace(':', "%3A");
    format!("https://{domain}/s3/object/{bucket}?region={region}&prefix={key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_console_of_the_partition() {
        for (region, expected) in [
            (
                "eu-west-1",
                "https://console.aws.amazon.com/s3/object/hub?region=eu-west-1&prefix=reports/2026-11-30T03%3A15%3A00Z.html",
            ),
            (
                "cn-north-1",
                "https://console.amazonaws.cn/s3/object/hub?region=cn-north-1&prefix=reports/2026-11-30T03%3A15%3A00Z.html",
            ),
            (
                "us-gov-west-1",
                "https://console.amazonaws-us-gov.com/s3/object/hub?region=us-gov-west-1&prefix=reports/2026-11-30T03%3A15%3A00Z.html",
            ),
        ] {
            let found = console(region, "hub", "reports/2026-11-30T03:15:00Z.html");
            assert_eq!(found, expected);
        }
    }
}
