//! The accounts: what did the audit of each find, and which could not be audited?
//!
//! In: one file at a time, so that a thousand snapshots are never in memory together. Out: a summary of its account, or why there is
//! none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use audit::mute::{At, muted};
use audit::organization::OrganizationFile;
use audit::ports::{News, Pause, PublishError, Publisher};
use audit::{Asked, Level, Ports, RunError, Saved, snapshot};
use iam::{AccountId, inventory};
use report::organization::screen::AccountChanges;
use report::organization::{AccountPlace, AccountStanding, AccountSummary, Audited, UnreadFile};

use super::agreement::Agreement;
use super::baselines::{AccountBaseline, Baselines, KeptBaseline};
use super::bindings;
use crate::account::GivenScps;
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
    pub(super) baselines: &'a Baselines<'a>,
    pub(super) fail_on: Level,
}

/// All accounts.
#[derive(Default)]
pub(super) struct Accounts {
    /// What was found.
    pub(super) audited: BTreeMap<AccountId, AccountSummary>,
    /// Why others were not audited.
    pub(super) not_audited: BTreeMap<AccountId, Box<str>>,
    /// Files of which it is not known which account they hold.
    pub(super) unread: Vec<UnreadFile>,
    /// How the audit of each would have ended alone; not those in which nobody is bound.
    pub(super) ends: BTreeMap<AccountId, (Exit, Option<String>)>,
    /// Where each stands by its own snapshot, where that says so.
    pub(super) places: BTreeMap<AccountId, AccountPlace>,
    /// Whose SCPs AWS refused to whoever saved them, by its code.
    pub(super) refused: BTreeMap<String, BTreeSet<AccountId>>,
    /// Which bindings of the command line were of somebody, by their place.
    pub(super) bound: BTreeSet<usize>,
    /// What has changed since the baselines.
    pub(super) changes: BTreeMap<AccountId, AccountChanges>,
    /// What is to be kept once all is told.
    pub(super) kept: BTreeMap<AccountId, KeptBaseline>,
    /// What the snapshots say of their organisations.
    agreement: Agreement,
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

    /// Takes away what was found of accounts whose snapshots contradict each other.
    pub(super) fn set_aside_contradictory(&mut self) {
        for (account, reason) in self.agreement.contradictory() {
            self.audited.remove(&account);
            self.ends.remove(&account);
            self.changes.remove(&account);
            self.kept.remove(&account);
            let entry = self.not_audited.entry(account);
            entry.or_insert_with(|| reason.into());
        }
    }

    /// Those that no file is of, although they are known.
    pub(super) fn note_missing<'a>(
        &mut self,
        all: impl Iterator<Item = &'a AccountId>,
        reason: &str,
    ) {
        for account in all.filter(|account| !self.files.contains_key(account)) {
            // Of a file that cannot be read only the name can say which account it holds.
            let mut unread = self.unread.iter();
            let called = unread.find(|file| is_called(file, *account));
            let reason = match called {
                Some(file) => format!("{reason}; {} could not be read", file.name),
                None => reason.to_owned(),
            };
            let entry = self.not_audited.entry(*account);
            entry.or_insert_with(|| reason.into());
        }
    }
}

/// Whether a file has the number of an account for a name.
fn is_called(file: &UnreadFile, account: AccountId) -> bool {
    let name = Path::new(&*file.name).file_name();
    let name = name.and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    name.split('.').next() == Some(account.as_str())
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
        if let Some(place) = place(&saved) {
            accounts.places.insert(account, place);
        }
        match (self.organization, saved.organization()) {
            (Some(organization), _) => saved.add_organization(organization)?,
            (None, Some(own)) => accounts.agreement.add(account, own),
            (None, None) => {}
        }
        if let Some(code) = saved.scps_refused() {
            let refused = accounts.refused.entry(code.to_owned()).or_default();
            refused.insert(account);
        }
        let settings = self.wanted.settings;
        let none_given = GivenScps::default();
        let environment = Saved {
            inventory: Arc::clone(&saved.inventory),
            service_control: saved::above(Some(&saved), &none_given),
            resources: Arc::clone(&saved.resources),
        };
        let (asked, bound) = bindings::of_account(self.wanted, &saved.inventory);
        accounts.bound.extend(bound);
        let baseline = self.baselines.open(account)?;
        let ports = Ports {
            environment: &environment,
            store: &baseline,
            publisher: &Later,
            pause: None::<&Later>,
        };
        let run = wait(audit::run(&asked, &ports))?.map_err(not_run)?;
        let assessment = &run.look.assessment;
        let muted = muted(&settings.mutes, &run.findings, At::of(assessment));
        let is_compared = self.baselines.is_compared();
        let missed = match is_compared {
            true => verdict::missed(&run, settings),
            false => Vec::new(),
        };
        let new = self.asked.new_only.then(|| run.newly_opened());
        let counting = verdict::Counting {
            new: new.as_ref(),
            ..verdict::Counting::all("audit", &muted, self.fail_on)
        };
        let end = verdict::of(assessment, &run.findings, &counting, &missed);
        let from = provenance::of(self.asked, settings, Some(&saved));
        let summary = AccountSummary::of(&Audited {
            audit: &saved.name,
            assessment,
            findings: &run.findings,
            baseline: is_compared.then_some(&run.step.baseline),
            settings,
            provenance: Some(&from),
        });
        match summary.standing() {
            AccountStanding::NobodyBound if missed.is_empty() => {}
            AccountStanding::NobodyBound
            | AccountStanding::Compliant
            | AccountStanding::CompliantNotChecked
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited
            | AccountStanding::Drifted => {
                accounts.ends.insert(account, end);
            }
        }
        let changes = accounts.changes.entry(account).or_default();
        changes.add(&run.step.events);
        accounts.audited.insert(account, summary);
        let kept = AccountBaseline::kept(baseline);
        accounts.kept.extend(kept.map(|kept| (account, kept)));
        Ok(())
    }
}

/// Prints nothing: all accounts are reported together, after the last one was audited. Nothing is asked again, because a file gives the same
/// answer twice.
struct Later;

impl Publisher for Later {
    async fn publish(&self, _: &News<'_>) -> Result<(), PublishError> {
        Ok(())
    }
}

impl Pause for Later {
    async fn pause(&self, _: Duration) {}
}

/// Why an audit was not done to its end.
fn not_run(error: RunError) -> anyhow::Error {
    match error {
        RunError::Look(error) => not_looked(error),
        RunError::Load(error) => anyhow::Error::from(error).context("its baseline cannot be used"),
        error @ (RunError::Publish(_) | RunError::Commit(_)) => error.into(),
    }
}

/// Where an account stands by its snapshot.
fn place(saved: &SavedAccount) -> Option<AccountPlace> {
    let organization = saved.organization()?;
    let id = &organization.id;
    let place = AccountPlace {
        name: None,
        path: organization.path.clone(),
        organization: (!id.is_empty()).then(|| id.clone()),
    };
    (place != AccountPlace::default()).then_some(place)
}

fn read(path: &Path, file: &str) -> Result<(AccountId, SavedAccount), Unread> {
    let of_nobody = |error| Unread {
        account: None,
        error,
    };
    let bytes = input::bytes_up_to(path, inventory::LIMIT).map_err(of_nobody)?;
    let saved = saved::snapshot_of(file, &bytes).map_err(|error| not_read(&bytes, error))?;
    // A listing without anybody names no account; the snapshot around it may.
    let said = inventory::text(&bytes).ok();
    let said = said.and_then(|text| snapshot::account_said(&text));
    let error = |text| anyhow::anyhow!("{text}");
    match (saved.inventory.account, said) {
        (Some(account), _) => Ok((account, saved)),
        (None, Some(account)) => Err(Unread {
            account: Some(account),
            error: error("its listing holds no user and no role that could be read"),
        }),
        (None, None) => Err(of_nobody(error("it does not say which account it is of"))),
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
