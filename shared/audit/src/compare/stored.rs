//! The stored form of a baseline: JSON, one entry for the account and one a principal, each with its format.
//!
//! The same entries are items of a table and lines of a file. Where room is short there is a compact form, which is a format
//! of its own. A newer format is refused before anything else of it is read; whoever stores entries must not write over one
//! either.

mod cause;
mod entry;
mod form;
mod groups;

use std::collections::BTreeMap;

use iam::PrincipalArn;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::compare::baseline::{Baseline, LoadBaselineError, Record};
pub(crate) use cause::{StoredAt, parse};
use entry::{AccountEntry, FileEntry, PrincipalEntry, known};
pub use form::{FORMAT, Form};

/// The account's own entry.
#[must_use]
pub fn account_entry(baseline: &Baseline, form: Form) -> String {
    text(&AccountEntry::of(baseline, form))
}

/// The entry of one principal.
#[must_use]
pub fn principal_entry(principal: &PrincipalArn, record: &Record, form: Form) -> String {
    text(&PrincipalEntry::of(principal, record, form))
}

/// A baseline from its entries.
///
/// # Errors
/// [`LoadBaselineError::TooNew`] for an entry of a newer format, [`LoadBaselineError::NotJson`], [`LoadBaselineError::Value`] and
/// [`LoadBaselineError::Malformed`] for one that is broken.
pub fn read_entries<'a>(
    account: &str,
    principals: impl IntoIterator<Item = &'a str>,
) -> Result<Baseline, LoadBaselineError> {
    let mut baseline = read::<AccountEntry>(account)?.into_baseline()?;
    for entry in principals {
        let (principal, record) = read::<PrincipalEntry>(entry)?.into_record(baseline.account)?;
        baseline.principals.insert(principal, record);
    }
    Ok(baseline)
}

/// A baseline as one file, a line a principal.
#[must_use]
pub fn write_file(baseline: &Baseline) -> String {
    let mut file = format!(
        "{{\"format\":{},\"account\":{},\"principals\":[",
        Form::Plain.format(),
        account_entry(baseline, Form::Plain)
    );
    for (at, (principal, record)) in baseline.principals.iter().enumerate() {
        file.push_str(if at == 0 { "\n" } else { ",\n" });
        let mut entry = PrincipalEntry::of(principal, record, Form::Plain);
        // The line of a principal stays as it is until something in it is new.
        if baseline.says_judged(record) {
            entry.judged = None;
        }
        file.push_str(&text(&entry));
    }
    file.push_str("\n]}\n");
    file
}

/// A baseline from one file.
///
/// # Errors
/// As [`read_entries`].
pub fn read_file(text: &str) -> Result<Baseline, LoadBaselineError> {
    let file: FileEntry = read(text)?;
    let mut baseline = file.account.into_baseline()?;
    let mut principals = BTreeMap::new();
    for entry in file.principals {
        let (principal, record) = entry.into_record(baseline.account)?;
        principals.insert(principal, record);
    }
    baseline.principals = principals;
    Ok(baseline)
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, LoadBaselineError> {
    let FormatOnly { format } = serde_json::from_str(text).map_err(LoadBaselineError::NotJson)?;
    known(format)?;
    serde_json::from_str(text).map_err(LoadBaselineError::NotJson)
}

fn text(entry: &impl serde::Serialize) -> String {
    // Texts, numbers and lists with text keys: there is nothing in an entry that JSON cannot say.
    serde_json::to_string(entry).unwrap_or_default()
}
