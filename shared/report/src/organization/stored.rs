//! The stored form of a summary: JSON, version 1, described by `docs/schemas/account-1.json`.
//!
//! Whoever audited an account writes it, and whoever reports on the organisation reads it, perhaps of another release. A newer form is refused
//! before anything else of it is read. A summary that contradicts itself is refused too: an account must not look better by a file that
//! somebody or something damaged.

mod error;
mod form;

use std::collections::BTreeMap;
use std::io::{self, Write};

use audit::FindingId;
use audit::drift::saved::SavedLayers;
use iam::{AccountId, PrincipalArn};
use serde::{Deserialize, Serialize};

pub use error::{ReadSummaryError, SCHEMA_VERSION};
use error::{not_read, other_account, parse};
use form::{CountsForm, Form, UNKNOWN, counts, form};

use crate::organization::account::AccountSummary;
use crate::organization::age::ReadTime;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versioned {
    schema_version: u32,
}

/// Writes a summary as one line of JSON.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, summary: &AccountSummary) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &form(summary))?;
    out.write_all(b"\n")
}

/// A summary as it is written, to be part of another document.
pub(crate) fn document(summary: &AccountSummary) -> impl Serialize {
    form(summary)
}

/// A summary of this account.
///
/// # Errors
/// [`ReadSummaryError`].
pub fn read(text: &str, account: AccountId) -> Result<AccountSummary, ReadSummaryError> {
    let Versioned { schema_version } = serde_json::from_str(text).map_err(not_read)?;
    if schema_version > SCHEMA_VERSION {
        return Err(ReadSummaryError::TooNew {
            found: schema_version,
        });
    }
    let form: Form<SavedLayers> = serde_json::from_str(text).map_err(not_read)?;
    let found: AccountId = parse(&form.account)?;
    if found != account {
        return Err(other_account(&form.account, account));
    }
    let counted = form.summary;
    let mut summary = AccountSummary {
        account,
        audit: form.audit,
        at: form.at,
        source: form.source,
        read: match form.taken.as_deref() {
            None => ReadTime::DuringAudit,
            Some(UNKNOWN) => ReadTime::Unknown,
            Some(taken) => ReadTime::At(parse(taken)?),
        },
        failure: form.failure,
        selected: form.selected,
        layers: form.layers.coverage(),
        unseen: form.unseen.into_iter().collect(),
        principals: BTreeMap::new(),
        findings: BTreeMap::new(),
    };
    for principal in form.principals {
        let arn: PrincipalArn = parse(&principal.arn)?;
        if arn.account() != account {
            return Err(other_account(&principal.arn, account));
        }
        summary.principals.insert(arn, principal.read()?);
    }
    for finding in form.findings {
        let id: FindingId = parse(&finding.id)?;
        let read = finding.read()?;
        let principal = read.principal.as_ref();
        if FindingId::new(account, principal, read.code, &read.set) != id {
            return Err(other_account(&id.to_string(), account));
        }
        summary.findings.insert(id, read);
    }
    agrees(&counted, &counts(&summary))?;
    Ok(summary)
}

fn agrees(counted: &CountsForm, held: &CountsForm) -> Result<(), ReadSummaryError> {
    let each = |counts: &CountsForm| {
        [
            ("principals", counts.principals),
            ("principals that were not reached", counts.not_reached),
            ("requirements", counts.requirements),
            ("drifted requirements", counts.drifted),
            ("undetermined requirements", counts.undetermined),
            (
                "requirements not checked whole",
                counts.compliant_not_checked,
            ),
            ("compliant requirements", counts.compliant),
            ("findings", counts.findings),
        ]
    };
    let pairs = each(counted).into_iter().zip(each(held));
    for ((what, counted), (_, held)) in pairs {
        if counted != held {
            return Err(ReadSummaryError::Counts {
                what,
                counted,
                held,
            });
        }
    }
    Ok(())
}
