//! The credential report: which access keys do the account's users hold?
//!
//! In: the CSV of `aws iam get-credential-report`, decoded from base64. Out: access keys in an [`Inventory`]. The report
//! names no key ids; it is at most four hours old, so a user may be missing from it.

use std::collections::BTreeMap;

use super::{AccessKey, Gap, Inventory};
use crate::arn::{AccountId, Arn, ParseArnError, PrincipalArn};
use crate::fault::Fault;

/// Why a file is no credential report.
#[derive(Debug, thiserror::Error)]
pub enum ReadCredentialReportError {
    /// No bytes, or blanks only.
    #[error("the credential report is empty: {COMMAND}")]
    Empty,
    /// The report is in there, but packed.
    #[error("the credential report is still {found}: {COMMAND}")]
    Packed {
        /// Such as `base64`.
        found: &'static str,
    },
    /// Not UTF-8: Windows PowerShell's `>` writes so.
    #[error("the credential report is UTF-16: save it as UTF-8")]
    Utf16,
    /// Not the CSV that AWS writes.
    #[error("the credential report has no column `{column}` in its first line: {COMMAND}")]
    Column {
        /// The first one that is missing.
        column: &'static str,
    },
    /// A line that is no CSV.
    #[error("the credential report cannot be read")]
    Csv(#[source] csv::Error),
    /// Of another account than the listing.
    #[error("the credential report is of account {found}, the listing of account {expected}")]
    Account {
        /// The listing's.
        expected: AccountId,
        /// The report's.
        found: AccountId,
    },
}

const COMMAND: &str =
    "pass what `aws iam get-credential-report --query Content --output text | base64 -d` prints";

const ROOT: &str = "<root_account>";

impl Inventory {
    /// Fills in the access keys from a credential report. A line that cannot be understood is a gap.
    ///
    /// # Errors
    /// [`ReadCredentialReportError`] where the bytes are no report of this account; the inventory is then unchanged.
    pub fn add_credential_report(
        &mut self,
        report: &[u8],
    ) -> Result<(), ReadCredentialReportError> {
        recognise(report)?;
        let mut lines = csv::ReaderBuilder::new().flexible(true).from_reader(report);
        let headers = lines.headers().map_err(ReadCredentialReportError::Csv)?;
        let columns = Columns::find(headers)?;
        let mut keys = BTreeMap::new();
        let mut root_keys = None;
        let mut gaps = Vec::new();
        for line in lines.records() {
            let line = line.map_err(ReadCredentialReportError::Csv)?;
            let (user, arn) = (
                columns.text(&line, columns.user),
                columns.text(&line, columns.arn),
            );
            self.same_account(arn)?;
            match (user, arn.parse::<PrincipalArn>()) {
                (ROOT, _) => root_keys = Some(columns.keys(&line)),
                (_, Ok(arn)) => {
                    keys.insert(arn, columns.keys(&line));
                }
                (_, Err(error)) => gaps.push(unreadable(user, &error, &line)),
            }
        }
        self.access_keys = Some(keys);
        self.root_keys = root_keys;
        self.gaps.append(&mut gaps);
        Ok(())
    }

    fn same_account(&self, arn: &str) -> Result<(), ReadCredentialReportError> {
        let found = Arn::parse(arn)
            .ok()
            .and_then(|arn| arn.account.parse().ok());
        match (self.account, found) {
            (Some(expected), Some(found)) if expected != found => {
                Err(ReadCredentialReportError::Account { expected, found })
            }
            _ => Ok(()),
        }
    }
}

fn unreadable(user: &str, error: &ParseArnError, line: &csv::StringRecord) -> Gap {
    Gap::Item {
        what: format!("access keys of user `{user}`").into(),
        fault: Fault {
            reason: error.to_string().into(),
            line: line
                .position()
                .and_then(|position| usize::try_from(position.line()).ok())
                .unwrap_or(0),
            column: 0,
        },
    }
}

fn recognise(report: &[u8]) -> Result<(), ReadCredentialReportError> {
    let found = match report.trim_ascii_start() {
        [] => return Err(ReadCredentialReportError::Empty),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Err(ReadCredentialReportError::Utf16),
        [b'{', ..] => "JSON",
        // What `user,arn` looks like in base64.
        start if start.starts_with(b"dXNlcixhcm4") => "base64",
        _ => return Ok(()),
    };
    Err(ReadCredentialReportError::Packed { found })
}

/// Where the report's columns stand.
struct Columns {
    user: usize,
    arn: usize,
    keys: [KeyColumns; 2],
}

struct KeyColumns {
    active: usize,
    rotated: usize,
    used: usize,
}

impl Columns {
    fn find(headers: &csv::StringRecord) -> Result<Self, ReadCredentialReportError> {
        let at = |column: &'static str| {
            headers
                .iter()
                .position(|header| header.trim_start_matches('\u{feff}') == column)
                .ok_or(ReadCredentialReportError::Column { column })
        };
        Ok(Self {
            user: at("user")?,
            arn: at("arn")?,
            keys: [
                KeyColumns {
                    active: at("access_key_1_active")?,
                    rotated: at("access_key_1_last_rotated")?,
                    used: at("access_key_1_last_used_date")?,
                },
                KeyColumns {
                    active: at("access_key_2_active")?,
                    rotated: at("access_key_2_last_rotated")?,
                    used: at("access_key_2_last_used_date")?,
                },
            ],
        })
    }

    fn text<'l>(&self, line: &'l csv::StringRecord, column: usize) -> &'l str {
        line.get(column).unwrap_or_default()
    }

    /// The keys of a line. A key that is inactive and was never rotated does not exist.
    fn keys(&self, line: &csv::StringRecord) -> Vec<AccessKey> {
        let date = |column| {
            let text = self.text(line, column);
            text.starts_with(|first: char| first.is_ascii_digit())
                .then_some(text)
        };
        self.keys
            .iter()
            .filter_map(|columns| {
                let active = self.text(line, columns.active) == "true";
                let created = date(columns.rotated);
                (active || created.is_some()).then(|| AccessKey {
                    suffix: Box::default(),
                    active,
                    created: created.unwrap_or_default().into(),
                    last_used: date(columns.used).map(Into::into),
                })
            })
            .collect()
    }
}
