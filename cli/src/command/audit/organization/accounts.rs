//! The accounts: what did the audit of each find, and which could not be audited?
//!
//! In: one file at a time, so that a thousand snapshots never lie in memory together. Out: a summary of its account, or why there is none.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use audit::mute::muted;
use audit::organization::OrganizationFile;
use audit::{Asked, Level, Saved, look, observe, snapshot};
use iam::{AccountId, inventory};
use report::organization::{AccountStanding, AccountSummary, Audited, UnreadFile};
use report::words::provenance::provenance as sentence;

use crate::arguments::AuditArguments;
use crate::command::audit::{provenance, verdict};
use crate::exit::Exit;
use crate::input;
use crate::saved::{self, NamedOrganization, SavedAccount};
use crate::source::{not_looked, wait};

/// What is the same for all accounts.
pub(super) struct Auditing<'a> {
    pub(super) asked: &'a AuditArguments,
    pub(super) wanted: &'a Asked<'a>,
    pub(super) organization: Option<&'a NamedOrganization>,
    pub(super) fail_on: Level,
}

/// All accounts.
#[derive(Default)]
pub(super) struct Accounts {
    /// What was found.
    pub(super) audited: BTreeMap<AccountId, AccountSummary>,
    /// Why others were not audited.
    pub(super) not_audited: BTreeMap<AccountId, Box<str>>,
    /// Files of which nobody knows whose they are.
    pub(super) unread: Vec<UnreadFile>,
    /// How the audit of each would have ended alone; not those in which nobody is bound.
    pub(super) ends: BTreeMap<AccountId, (Exit, Option<String>)>,
    /// The file of each.
    files: BTreeMap<AccountId, String>,
}

/// Why an account is not audited.
struct Unread {
    account: Option<AccountId>,
    error: anyhow::Error,
}

impl Accounts {
    /// Remembers whose file it was.
    ///
    /// # Errors
    /// Where another file is of the same account: which of them counts, nobody said.
    fn is_of(&mut self, account: AccountId, file: &str) -> anyhow::Result<()> {
        match self.files.insert(account, file.to_owned()) {
            None => Ok(()),
            Some(other) => Err(anyhow::anyhow!(
                "{other} and {file} are both of account {account}: take one of them out"
            )),
        }
    }

    /// Those of the organisation that no file is of.
    pub(super) fn note_missing<'a>(&mut self, all: impl Iterator<Item = &'a AccountId>) {
        for account in all {
            if !self.files.contains_key(account) {
                let reason = "no snapshot of it was given";
                self.not_audited.insert(*account, reason.into());
            }
        }
    }
}

impl Auditing<'_> {
    /// Audits the account of one file.
    ///
    /// # Errors
    /// Where another file is of the same account.
    pub(super) fn take(&self, path: &Path, accounts: &mut Accounts) -> anyhow::Result<()> {
        let file = input::name(path);
        let (account, found) = match read(path, &file) {
            Ok((account, saved)) => (Some(account), Ok(saved)),
            Err(Unread { account, error }) => (account, Err(error)),
        };
        let Some(account) = account else {
            if let Err(error) = found {
                accounts.unread.push(UnreadFile {
                    name: file.into(),
                    reason: reason(&error).into(),
                });
            }
            return Ok(());
        };
        accounts.is_of(account, &file)?;
        match found.and_then(|saved| self.audit(account, saved, accounts)) {
            Ok(()) => {}
            Err(error) => {
                let reason = reason(&error).into();
                accounts.not_audited.insert(account, reason);
            }
        }
        Ok(())
    }

    fn audit(
        &self,
        account: AccountId,
        mut saved: SavedAccount,
        accounts: &mut Accounts,
    ) -> anyhow::Result<()> {
        if let Some(organization) = self.organization {
            saved.add_organization(organization)?;
        }
        let settings = self.wanted.settings;
        let environment = Saved {
            inventory: Arc::clone(&saved.inventory),
            service_control: saved::above(Some(&saved), &[], false),
            resources: Arc::clone(&saved.resources),
        };
        let look = wait(look(self.wanted, &environment))?.map_err(not_looked)?;
        let assessment = &look.assessment;
        let findings = observe(assessment, settings);
        let muted = muted(&settings.mutes, &findings, audit::mute::At::of(assessment));
        let counting = verdict::Counting::all("audit", &muted, self.fail_on);
        let end = verdict::of(assessment, &findings, &counting, &[]);
        let from = provenance::of(self.asked, settings, Some(&saved));
        let mut summary = AccountSummary::of(&Audited {
            audit: &saved.name,
            assessment,
            findings: &findings,
            baseline: None,
            settings,
        });
        summary.source = Some(sentence(&from, assessment).into());
        match summary.standing() {
            AccountStanding::NobodyBound => {}
            AccountStanding::Compliant
            | AccountStanding::CompliantNotChecked
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited
            | AccountStanding::Drifted => {
                accounts.ends.insert(account, end);
            }
        }
        accounts.audited.insert(account, summary);
        Ok(())
    }
}

fn read(path: &Path, file: &str) -> Result<(AccountId, SavedAccount), Unread> {
    let of_nobody = |error| Unread {
        account: None,
        error,
    };
    let bytes = input::bytes_up_to(path, inventory::LIMIT).map_err(of_nobody)?;
    let saved = saved::snapshot_of(file, &bytes).map_err(|error| not_read(&bytes, error))?;
    match saved.inventory.account {
        Some(account) => Ok((account, saved)),
        None => Err(of_nobody(anyhow::anyhow!(
            "it does not say which account it is of"
        ))),
    }
}

/// Why bytes are no account: of a snapshot with mistakes, whose it says it is; of another file, what it is where that can be told.
fn not_read(bytes: &[u8], error: anyhow::Error) -> Unread {
    let text = inventory::text(bytes).unwrap_or_default();
    match snapshot::is_snapshot(&text) {
        true => Unread {
            account: snapshot::account_said(&text),
            error,
        },
        false => Unread {
            account: None,
            error: match OrganizationFile::parse(&text) {
                Ok(_) => anyhow::anyhow!("it is an organisation file: name it with --organization"),
                Err(_) => error,
            },
        },
    }
}

/// An error with its causes.
fn reason(error: &anyhow::Error) -> String {
    let texts: Vec<String> = error.chain().map(ToString::to_string).collect();
    texts.join(": ").lines().collect::<Vec<_>>().join("; ")
}
