//! Saved accounts: what do the files on the command line say of an account, and which SCPs are above it?
//!
//! In: a listing or a snapshot, and the SCPs of the command line. Out: the inventory, the resource side, and the SCPs that are in
//! force. Two sources that say the same thing are a mistake that is told with both.

mod organization;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use audit::Resources;
use audit::resources::{Organization, Reading};
use iam::simulator::ServiceControl;
use iam::{AccountId, Inventory, Policy, inventory};
use jiff::Timestamp;

use crate::account::{self, GivenScps};
use crate::arguments::{Account, Rules, one_snapshot};
use crate::exit::UsageError;
use crate::progress::Progress;
use crate::{input, output};
pub(crate) use organization::NamedOrganization;

/// An account that somebody saved.
#[derive(Debug)]
pub(crate) struct SavedAccount {
    /// The file.
    pub(crate) name: String,
    /// Its listing, with the access keys that a snapshot has.
    pub(crate) inventory: Arc<Inventory>,
    /// The resource side; nothing of it was read where the file is a listing.
    pub(crate) resources: Arc<Resources>,
    /// Whether it is a snapshot.
    pub(crate) is_snapshot: bool,
    /// When it was taken, where it is a snapshot that says so.
    pub(crate) taken: Option<Timestamp>,
}

/// All that the command line says of an account.
#[derive(Debug)]
pub(crate) struct Files {
    /// The account; `None` where no file holds one.
    pub(crate) saved: Option<SavedAccount>,
    scps: GivenScps,
    organization: Option<NamedOrganization>,
}

impl Files {
    /// Reads what `--auth-details` or `--snapshot` names, and the SCPs.
    ///
    /// # Errors
    /// Where a file cannot be read, or is not what it must be; where two say the same thing.
    pub(crate) fn read(
        auth_details: Option<&Path>,
        snapshot: Option<&Path>,
        rules: &Rules,
    ) -> anyhow::Result<Self> {
        let files = Self::read_any(auth_details, snapshot, rules)?;
        match (&files.saved, &files.organization) {
            (None, Some(file)) => Err(UsageError(format!(
                "--organization {} is for an account: name its listing with --auth-details or --snapshot",
                file.name
            ))
            .into()),
            (Some(_), _) | (None, None) => Ok(files),
        }
    }

    /// The same where the account may be in AWS.
    fn read_any(
        auth_details: Option<&Path>,
        snapshot: Option<&Path>,
        rules: &Rules,
    ) -> anyhow::Result<Self> {
        let scps = account::scps(rules)?;
        let organization = NamedOrganization::of(rules)?;
        let saved = match (auth_details, snapshot) {
            (_, Some(path)) => Some(snapshot_or_listing(path)?),
            (Some(path), None) => Some(listing(path)?),
            (None, None) => None,
        };
        let mut files = Self {
            saved,
            scps,
            organization,
        };
        if let Some(saved) = &mut files.saved {
            if let Some(file) = &files.organization {
                saved.add_organization(file)?;
            }
            saved.agrees_with(rules)?;
            saved.note_refused(rules);
        }
        Ok(files)
    }

    /// What stands above an account in AWS, where a file says it.
    ///
    /// # Errors
    /// Where the file does not say it of this account.
    pub(crate) fn organization_of(
        &self,
        account: AccountId,
    ) -> anyhow::Result<Option<Organization>> {
        let of_file = |file: &NamedOrganization| file.above(account);
        self.organization.as_ref().map(of_file).transpose()
    }

    /// What an audit names of an account, and what a credential report says of its access keys besides.
    ///
    /// # Errors
    /// As [`read`](Self::read); where the snapshot has access keys as well.
    pub(crate) fn of_account(
        asked: &Account,
        credential_report: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let progress = Progress::start();
        progress.now("reading the listing");
        let listing = asked.auth_details.as_deref();
        let mut files = Self::read_any(listing, one_snapshot(&asked.snapshot)?, &asked.rules)?;
        if let (Some(saved), Some(path)) = (&mut files.saved, credential_report) {
            let report = input::name(path);
            if saved.inventory.access_keys.is_some() {
                return Err(UsageError(format!(
                    "--credential-report {report} and `accessKeys` in {} both say which access keys there are: take one of them out",
                    saved.name
                ))
                .into());
            }
            let inventory = Arc::make_mut(&mut saved.inventory);
            account::add_credential_report(inventory, &report, &input::bytes(path)?)?;
        }
        Ok(files)
    }

    /// The listing, if a file holds one.
    pub(crate) fn inventory(&self) -> Option<&Inventory> {
        self.saved.as_ref().map(|saved| &*saved.inventory)
    }

    /// What the snapshot says of the resource side; nothing was read where there is none.
    pub(crate) fn resources(&self) -> Arc<Resources> {
        let saved = self.saved.as_ref();
        saved.map_or_else(Arc::default, |saved| Arc::clone(&saved.resources))
    }

    /// The SCPs above the account, as the simulator takes them.
    pub(crate) fn service_control(&self) -> ServiceControl<'_> {
        above(self.saved.as_ref(), &self.scps)
    }

    /// The SCPs above the account that could deny and that nobody gave: one sentence fragment each.
    pub(crate) fn service_control_not_looked_at(&self) -> Vec<String> {
        let above = self.service_control();
        if above.management_account {
            return Vec::new();
        }
        let saved = self.saved.as_ref();
        let organization = saved.and_then(SavedAccount::organization);
        if !above.levels.is_empty() {
            let refused = organization.map(|one| &*one.refused_service_control);
            let refused = refused.unwrap_or_default().iter();
            return refused
                .map(|level| format!("SCPs of {level} (refused)"))
                .collect();
        }
        let refused = saved.and_then(SavedAccount::refused_service_control);
        match refused {
            Some(code) => vec![format!("SCPs (refused: {code})")],
            None if saved.is_some_and(SavedAccount::knows_service_control) => Vec::new(),
            None => vec!["SCPs".to_owned()],
        }
    }
}

/// The SCPs above an account: those of its snapshot, or of the command line where that has none.
pub(crate) fn above<'a>(
    saved: Option<&'a SavedAccount>,
    given: &'a GivenScps,
) -> ServiceControl<'a> {
    let mut above = given.service_control();
    above.management_account |= saved.is_some_and(SavedAccount::is_management_account);
    let Some(levels) = saved.and_then(SavedAccount::service_control) else {
        return above;
    };
    let policy = |policy: &'a audit::resources::NamedPolicy| Policy {
        name: Arc::clone(&policy.name),
        document: (*policy.document).as_ref(),
    };
    ServiceControl {
        levels: levels
            .iter()
            .map(|level| level.iter().map(policy).collect())
            .collect(),
        ..above
    }
}

/// An account listing, which `--auth-details` names.
///
/// # Errors
/// Where the file cannot be read, or is no listing.
pub(crate) fn listing(path: &Path) -> anyhow::Result<SavedAccount> {
    let saved = of_file(path, "no account listing")?;
    if saved.is_snapshot {
        let name = saved.name;
        return Err(UsageError(format!(
            "{name} is a snapshot, and --auth-details takes a listing: pass it with --snapshot"
        ))
        .into());
    }
    Ok(saved)
}

/// What `--snapshot` names: a snapshot or a listing.
///
/// # Errors
/// Where the file cannot be read, or is neither.
pub(crate) fn snapshot_or_listing(path: &Path) -> anyhow::Result<SavedAccount> {
    of_file(path, NEITHER)
}

/// The same of its bytes; `name` is the file.
///
/// # Errors
/// Where they are neither.
pub(crate) fn snapshot_of(name: &str, bytes: &[u8]) -> anyhow::Result<SavedAccount> {
    read(name, bytes)?.with_context(|| format!("{name} is {NEITHER}"))
}

/// What a file is that holds no account.
const NEITHER: &str = "neither a snapshot nor an account listing";

/// A snapshot or a listing; `otherwise` is what a file is that is none.
fn of_file(path: &Path, otherwise: &'static str) -> anyhow::Result<SavedAccount> {
    let bytes = input::bytes_up_to(path, inventory::LIMIT)?;
    let name = input::name(path);
    read(&name, &bytes)?.with_context(|| format!("{name} is {otherwise}"))
}

/// A snapshot or a listing; within, why the bytes are no listing.
///
/// # Errors
/// Where they are a snapshot with mistakes.
pub(crate) fn read(
    name: &str,
    bytes: &[u8],
) -> anyhow::Result<Result<SavedAccount, inventory::ReadInventoryError>> {
    let text = match inventory::text(bytes) {
        Ok(text) => text,
        Err(error) => return Ok(Err(error)),
    };
    if !audit::snapshot::is_snapshot(&text) {
        return Ok(
            inventory::read_part(&text, &text).map(|inventory| SavedAccount {
                name: name.to_owned(),
                inventory: Arc::new(inventory),
                resources: Arc::default(),
                is_snapshot: false,
                taken: None,
            }),
        );
    }
    let snapshot = audit::snapshot::read_snapshot(&text)
        .with_context(|| format!("{name} is no snapshot that can be relied on"))?;
    Ok(Ok(SavedAccount {
        name: name.to_owned(),
        inventory: Arc::new(snapshot.inventory),
        resources: Arc::new(snapshot.resources),
        is_snapshot: true,
        taken: snapshot.taken,
    }))
}

impl SavedAccount {
    /// The organisation that the account is in, where that is known.
    pub(crate) fn organization(&self) -> Option<&Organization> {
        self.resources.organization.read()?.as_ref()
    }

    /// Adds what the command line says of the organisation, where that is not said twice.
    ///
    /// # Errors
    /// Where it is; where the organisation's file says nothing of the account.
    pub(crate) fn follow(&mut self, rules: &Rules) -> anyhow::Result<()> {
        if let Some(file) = NamedOrganization::of(rules)? {
            self.add_organization(&file)?;
        }
        Ok(self.agrees_with(rules)?)
    }

    /// Adds what stands above the account, where the snapshot has nothing of it: a member account may not read it.
    ///
    /// # Errors
    /// Where the snapshot says something else, or the file does not say it of this account.
    pub(crate) fn add_organization(&mut self, file: &NamedOrganization) -> anyhow::Result<()> {
        let account = self.inventory.account.with_context(|| {
            format!(
                "{} does not say which account it is of, so that its place in --organization {} is not known",
                self.name, file.name
            )
        })?;
        let said = &self.resources.organization;
        let found = file.above_saved(account, &self.name, &self.inventory, said)?;
        Arc::make_mut(&mut self.resources).organization = Reading::Read(Some(found));
        Ok(())
    }

    /// The SCPs of the snapshot, where it says them.
    fn service_control(&self) -> Option<&Vec<Vec<audit::resources::NamedPolicy>>> {
        self.organization()?.service_control.read()
    }

    /// Whether the snapshot says which SCPs are in force: those that it has, or none for want of an organisation.
    pub(crate) fn knows_service_control(&self) -> bool {
        let in_none = self.resources.organization == Reading::Read(None);
        in_none || self.service_control().is_some()
    }

    /// Whether the snapshot says that the account manages its organisation.
    fn is_management_account(&self) -> bool {
        let managing = self.organization().and_then(|one| one.management_account);
        managing.is_some() && managing == self.inventory.account
    }

    /// Why the SCPs could not be read, where that is so.
    fn refused_service_control(&self) -> Option<&str> {
        match &self.resources.organization {
            Reading::Refused(code) => Some(code),
            Reading::Read(Some(organization)) => match &organization.service_control {
                Reading::Refused(code) => Some(code),
                Reading::NotRead | Reading::Read(_) => None,
            },
            Reading::NotRead | Reading::Read(None) => None,
        }
    }

    /// Why the SCPs that restrict the account could not be read, where that is so.
    pub(crate) fn scps_refused(&self) -> Option<&str> {
        let is_exempt = self.is_management_account();
        self.refused_service_control().filter(|_| !is_exempt)
    }

    /// Notes SCPs that could not be read and that nobody gives otherwise.
    pub(crate) fn note_refused(&self, rules: &Rules) {
        let is_given = rules.management_account || !rules.scp.is_empty();
        if let Some(code) = self.scps_refused().filter(|_| !is_given) {
            output::note(&format!(
                "{}: the SCPs could not be read ({code}), so none of them counts: --scp gives them",
                self.name
            ));
        }
    }

    /// Whether the command line says nothing that the snapshot says as well.
    ///
    /// # Errors
    /// [`UsageError`] with both.
    fn agrees_with(&self, rules: &Rules) -> Result<(), UsageError> {
        let name = &self.name;
        let refuse = |option: String, what: &str| {
            Err(UsageError(format!(
                "{option} and `organization` in {name} both say {what}: take one of them out"
            )))
        };
        const SCPS: &str = "which SCPs are in force";
        if let Some(scp) = rules.scp.first().filter(|_| self.knows_service_control()) {
            return refuse(format!("--scp {}", input::name(scp)), SCPS);
        }
        if rules.management_account && self.knows_service_control() {
            return refuse("--management-account".to_owned(), SCPS);
        }
        let managing = self.organization().and_then(|one| one.management_account);
        if rules.management_account && managing.is_some() {
            return refuse(
                "--management-account".to_owned(),
                "which account manages the organisation",
            );
        }
        Ok(())
    }
}
