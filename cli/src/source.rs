//! The source: does an account come from files, or from AWS?
//!
//! In: what the command line says. Out: an environment, which the phases of an audit read from without knowing which it is.

use std::error::Error;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use audit::events::{LookUp, LookedUp};
use audit::ports::{Environment, Simulate};
use audit::resources::{Resources, Wanted};
use audit::simulate::{Inquiry, Reply};
use audit::{LookError, Saved, Settings};
use aws::AwsEnvironment;
use catalog::PolicyDocument;
use iam::simulator::ServiceControl;
use iam::{Inventory, PrincipalArn};
use jiff::Timestamp;

use crate::account;
use crate::arguments::Account;
use crate::live::Live;
use crate::progress::Progress;
use crate::saved::Files;
use crate::{input, output};

/// Where an account is read from.
pub(crate) enum Source<'s> {
    /// A saved listing.
    File(Saved<'s>),
    /// AWS.
    Aws(Box<Remote>),
}

/// An account in AWS.
pub(crate) struct Remote {
    live: Live,
    environment: AwsEnvironment,
    /// A credential report, with the name of its file; access keys are not asked for then.
    report: Option<(String, Vec<u8>)>,
}

impl<'s> Source<'s> {
    /// As the command line says; connects to AWS where it names no file of the account. Shows what is going on from then on.
    ///
    /// # Errors
    /// As [`Live::connect`]; where the credential report cannot be read.
    pub(crate) fn open(
        asked: &Account,
        settings: &Settings,
        files: &'s Files,
        credential_report: Option<&Path>,
        now: Timestamp,
    ) -> anyhow::Result<(Self, Progress)> {
        let Some(saved) = &files.saved else {
            let live = Live::connect(&asked.aws)?;
            let organization = files.organization_of(live.account())?;
            let progress = Progress::start();
            let report = credential_report.map(|path| {
                let bytes = input::bytes(path)?;
                anyhow::Ok((input::name(path), bytes))
            });
            let remote = Remote {
                environment: live
                    .environment(now, settings.simulation_ceiling, &progress)
                    .with_organization(organization),
                live,
                report: report.transpose()?,
            };
            return Ok((Self::Aws(Box::new(remote)), progress));
        };
        let progress = Progress::start();
        progress.now("deciding");
        let saved = Saved {
            inventory: Arc::clone(&saved.inventory),
            service_control: files.service_control(),
            resources: files.resources(),
        };
        Ok((Self::File(saved), progress))
    }

    /// Waits for what reads from this environment.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> anyhow::Result<T> {
        match self {
            Self::File(_) => wait(work),
            Self::Aws(remote) => Ok(remote.live.wait(work)),
        }
    }

    /// Whether AWS is asked.
    pub(crate) fn is_live(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Aws(_) => true,
        }
    }

    /// Notes what asking AWS took; nothing for a file.
    pub(crate) fn note_calls(&self) {
        match self {
            Self::File(_) => {}
            Self::Aws(remote) => remote.live.note_calls(),
        }
    }
}

/// Waits for work that reads no network.
///
/// # Errors
/// Where the process may not have what waiting takes.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .build()?
        .block_on(work))
}

/// Why nothing could be looked at, with all its causes.
pub(crate) fn not_looked(error: LookError) -> anyhow::Error {
    match error {
        LookError::Listing(error) => anyhow::Error::from_boxed(error),
        LookError::OtherAccount { .. }
        | LookError::Nobody
        | LookError::NobodyRead { .. }
        | LookError::Principal(_) => error.into(),
    }
}

impl Simulate for Source<'_> {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        proposed: &[PolicyDocument],
    ) -> Vec<Reply> {
        match self {
            Self::File(saved) => saved.simulate(inventory, inquiries, proposed).await,
            Self::Aws(remote) => {
                let environment = &remote.environment;
                environment.simulate(inventory, inquiries, proposed).await
            }
        }
    }
}

impl Environment for Source<'_> {
    async fn listing(&self) -> Result<Arc<Inventory>, Box<dyn Error + Send + Sync>> {
        let remote = match self {
            Self::File(saved) => return saved.listing().await,
            Self::Aws(remote) => remote,
        };
        let mut inventory = remote.environment.listing().await?;
        if let Some((name, report)) = &remote.report {
            let inventory = Arc::make_mut(&mut inventory);
            account::add_credential_report(inventory, name, report)?;
        }
        Ok(inventory)
    }

    async fn add_access_keys(&self, inventory: &mut Arc<Inventory>, users: &[PrincipalArn]) {
        match self {
            Self::File(saved) => saved.add_access_keys(inventory, users).await,
            Self::Aws(remote) if remote.report.is_some() => {}
            Self::Aws(remote) => remote.environment.add_access_keys(inventory, users).await,
        }
    }

    async fn resources(&self, wanted: &Wanted) -> Arc<Resources> {
        match self {
            Self::File(saved) => saved.resources(wanted).await,
            Self::Aws(remote) => remote.environment.resources(wanted).await,
        }
    }

    fn service_control(&self) -> ServiceControl<'_> {
        match self {
            Self::File(saved) => saved.service_control(),
            Self::Aws(remote) => remote.environment.service_control(),
        }
    }

    async fn look_up(&self, wanted: &[LookUp], since: Timestamp) -> LookedUp {
        match self {
            Self::File(saved) => saved.look_up(wanted, since).await,
            Self::Aws(remote) => remote.environment.look_up(wanted, since).await,
        }
    }

    fn applies_service_control(&self) -> bool {
        match self {
            Self::File(saved) => saved.applies_service_control(),
            Self::Aws(remote) => remote.environment.applies_service_control(),
        }
    }
}

/// Notes that SCPs of the command line do not count where AWS decides.
pub(crate) fn note_scps(source: &Source<'_>, asked: &Account) {
    if source.is_live() && (!asked.rules.scp.is_empty() || asked.rules.management_account) {
        output::note(
            "the SCPs of the command line were not looked at: AWS knows those that are in force",
        );
    }
}
