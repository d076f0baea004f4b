//! AWS itself: which account do the credentials lead to, what does it hold, what does AWS decide?
//!
//! The one place where the command line waits for a network; a command that works on files never comes here.

mod advice;
mod refused;

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;

use audit::events::region_of_iam;
use aws::{
    Access, AwsEnvironment, Caller, Check, Examined, Failure, Iam, IdentifyError, Limits,
    ListedAccount, Process, Recording, Role, Session, Sink, Window,
};
use iam::{AccountId, Inventory};
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout, timeout_at};

pub(crate) use advice::advice;
pub(crate) use refused::RoleRefused;

use crate::arguments::Aws;
use crate::output;
use crate::progress::Progress;
use crate::usage::UsageError;

/// Simulate calls that begin in a second; other programs call the account's IAM, too.
const CALLS_PER_SECOND: f64 = 10.0;
/// Simulate calls in flight.
const IN_FLIGHT: usize = 4;
/// How the calls are named in CloudTrail, where a role was assumed.
const SESSION_NAME: &str = "permdrift";

/// An account in AWS, with credentials that work.
pub(crate) struct Live {
    runtime: Runtime,
    process: Process,
    iam: Iam,
    /// Whose credentials they are.
    pub(crate) caller: Caller,
}

impl Live {
    /// Finds credentials, and says on standard error whose they are.
    ///
    /// # Errors
    /// No credentials, or none that work; [`RoleRefused`].
    pub(crate) fn connect(asked: &Aws) -> anyhow::Result<Self> {
        Self::connect_within(asked, None)
    }

    /// The same, but for no longer than this.
    ///
    /// # Errors
    /// As [`Live::connect`]; [`Failure::TimedOut`].
    pub(crate) fn connect_within(asked: &Aws, limit: Option<Duration>) -> anyhow::Result<Self> {
        let role = role(asked)?;
        advice::remember(asked.profile.as_deref());
        let progress = Progress::start();
        progress.now("asking AWS whose credentials these are");
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let process = Process::new(CALLS_PER_SECOND);
        let access = Access {
            profile: asked.profile.clone(),
            region: asked.region.clone(),
            ..Access::default()
        };
        let connecting = async {
            let mut session = Session::load(&access).await;
            if let Some(role) = &role {
                // Once by hand, because only so it is told well why it fails.
                session
                    .try_role(role, SESSION_NAME)
                    .await
                    .map_err(|failure| RoleRefused {
                        role: role.arn.clone(),
                        failure,
                    })?;
                session = session.assume(role, SESSION_NAME).await;
            }
            let caller = session.caller().await?;
            anyhow::Ok((session, caller))
        };
        let (session, caller) = runtime.block_on(async {
            match limit {
                None => connecting.await,
                Some(limit) => timeout(limit, connecting)
                    .await
                    .unwrap_or_else(|_| Err(IdentifyError::Call(Failure::TimedOut).into())),
            }
        })?;
        drop(progress);
        output::note(&format!(
            "account {} in partition {}, as {}",
            caller.account, caller.partition, caller.arn
        ));
        Ok(Self {
            runtime,
            iam: Iam::new(&session, &process),
            process,
            caller,
        })
    }

    /// The account of the credentials.
    pub(crate) fn account(&self) -> AccountId {
        self.caller.account
    }

    /// Lists the account; each page goes to `sink`, too.
    ///
    /// # Errors
    /// Where a page does not come, or the pages make no account.
    pub(crate) fn discover(
        &self,
        progress: &Progress,
        sink: &mut Sink<'_>,
    ) -> anyhow::Result<Inventory> {
        let mut pages = 0;
        let mut count = |page: &[u8]| {
            pages += 1;
            progress.now(format!("listing the account, page {}", pages + 1));
            sink(page)
        };
        progress.now("listing the account");
        let listed = aws::discover(&self.iam, &mut count);
        Ok(self.runtime.block_on(listed)?)
    }

    /// The account as an environment of audits.
    pub(crate) fn environment(
        &self,
        now: Timestamp,
        simulation_ceiling: usize,
        progress: &Progress,
    ) -> AwsEnvironment {
        let limits = Limits {
            in_flight: IN_FLIGHT,
            ceiling: simulation_ceiling,
            first: Window::default(),
            again: Window::default(),
        };
        let teller = progress.teller();
        AwsEnvironment::new(self.iam.clone(), limits, now).with_progress(move |step| match step {
            aws::Progress::Page(1) => teller.now("listing the account"),
            aws::Progress::Page(page) => teller.now(format!("listing the account, page {page}")),
            aws::Progress::AccessKeys => teller.now("asking for access keys"),
            aws::Progress::Trail => teller.now("asking CloudTrail who changed something"),
            aws::Progress::Resources => {
                teller.now("asking about keys, buckets, vaults, regions and the organisation");
            }
            aws::Progress::Decided(done, of) => {
                teller.now(format!("AWS decides: {done} of {of} principals"));
            }
        })
    }

    /// Waits for work that reads from AWS, but for no longer than until then; `None` where the time was up.
    pub(crate) fn wait_until<T>(&self, until: Instant, work: impl Future<Output = T>) -> Option<T> {
        let timed = async { timeout_at(until, work).await.ok() };
        self.runtime.block_on(timed)
    }

    /// Lists the account.
    ///
    /// # Errors
    /// Where a page does not come, or the pages make no account.
    pub(crate) async fn listing(&self) -> anyhow::Result<Inventory> {
        Ok(aws::discover(&self.iam, &mut |_| Ok(())).await?)
    }

    /// Waits for work that reads from AWS.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// What stands above each account of the organisation.
    ///
    /// # Errors
    /// The first call that AWS does not answer.
    pub(crate) fn organization(&self) -> anyhow::Result<serde_json::Value> {
        let answered = aws::Answered::default();
        let whole = aws::organization(&self.iam, self.caller.account, None, &answered);
        let whole = self.runtime.block_on(whole).context(
            "the organisation cannot be read: AWS answers its management account, and accounts that it delegates to",
        )?;
        Ok(whole.file)
    }

    /// Lists the accounts of the organisation.
    ///
    /// # Errors
    /// Where AWS does not answer.
    pub(crate) fn listed_accounts(&self, until: Instant) -> anyhow::Result<Vec<ListedAccount>> {
        let progress = Progress::start();
        progress.now("listing the accounts of the organisation");
        let listed = aws::listed_accounts(&self.iam, self.caller.account, until);
        self.runtime.block_on(listed).context(
            "the accounts of the organisation cannot be listed: AWS answers its management account, and accounts that it delegates to",
        )
    }

    /// Tries every call of an audit in each of these accounts.
    pub(crate) fn examine_accounts(
        &self,
        roles: Vec<(AccountId, Role)>,
        at_once: usize,
        until: Instant,
    ) -> BTreeMap<AccountId, Examined> {
        let progress = Progress::start();
        let of = roles.len();
        progress.now(format!("trying the calls of an audit in {of} accounts"));
        let done = |count| progress.now(format!("{count} of {of} accounts examined"));
        let partition = &self.caller.partition;
        let examined = aws::examine_accounts(&self.iam, partition, roles, at_once, until, done);
        self.runtime.block_on(examined)
    }

    /// Tries every call of an audit; what has no answer by `until` is not known.
    pub(crate) fn examine(&self, until: Instant) -> Vec<Check> {
        let progress = Progress::start();
        progress.now("trying the calls of an audit");
        self.runtime
            .block_on(aws::examine(&self.iam, &self.caller, until))
    }

    /// Whether a trail records changes of IAM, by the region in which they come up; `until` as for [`Live::examine`].
    pub(crate) fn recording(&self, until: Instant) -> (&'static str, Recording) {
        let region = region_of_iam(&self.caller.partition);
        let recording = aws::recording(&self.iam, region, until);
        (region, self.runtime.block_on(recording))
    }

    /// Notes what it took, and whether AWS and we are of one mind.
    pub(crate) fn note_calls(&self) {
        let counts = self.process.tally().counts();
        let mut text = format!("{} calls to IAM", counts.calls);
        if counts.retries > 0 {
            text.push_str(&format!(
                ", {} more attempts, {} refused as too many",
                counts.retries, counts.throttles
            ));
        }
        output::note(&text);
        if counts.disagreements > 0 {
            output::note(&format!(
                "in {} decisions AWS and permdrift's own simulator differ; AWS's count",
                counts.disagreements
            ));
        }
    }
}

fn role(asked: &Aws) -> Result<Option<Role>, UsageError> {
    match (&asked.role_arn, &asked.external_id) {
        (Some(arn), external_id) => Ok(Some(Role {
            arn: arn.clone(),
            external_id: external_id.clone(),
        })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(UsageError(
            "--external-id is for assuming a role: name it with --role-arn".to_owned(),
        )),
    }
}
