//! AWS itself: which account do the credentials lead to, what does it hold, what does AWS decide?
//!
//! The one place where the command line waits for a network; a command that works on files never comes here.

use anyhow::Context as _;
use std::future::Future;

use aws::{
    Access, AwsEnvironment, Caller, Check, Failure, Iam, Limits, Process, Role, Session, Sink,
    Window,
};
use iam::{AccountId, Inventory};
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

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

/// The role that was to be assumed cannot be.
#[derive(Debug, thiserror::Error)]
#[error("cannot assume the role `{role}`")]
pub(crate) struct RoleRefused {
    pub(crate) role: String,
    #[source]
    pub(crate) failure: Failure,
}

impl Live {
    /// Finds credentials, and says on standard error whose they are.
    ///
    /// # Errors
    /// No credentials, or none that work; [`RoleRefused`].
    pub(crate) fn connect(asked: &Aws) -> anyhow::Result<Self> {
        let role = role(asked)?;
        let progress = Progress::start();
        progress.now("asking AWS whose credentials these are");
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let process = Process::new(CALLS_PER_SECOND);
        let access = Access {
            profile: asked.profile.clone(),
            region: asked.region.clone(),
            ..Access::default()
        };
        let (session, caller) = runtime.block_on(async {
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
            aws::Progress::Resources => {
                teller.now("asking about keys, buckets, vaults, regions and the organisation");
            }
            aws::Progress::Decided(done, of) => {
                teller.now(format!("AWS decides: {done} of {of} principals"));
            }
        })
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
        let whole = aws::organization(&self.iam, &self.caller);
        self.runtime.block_on(whole).context(
            "the organisation cannot be read: AWS answers its management account, and accounts that it delegates to",
        )
    }

    /// Tries every call of an audit.
    pub(crate) fn examine(&self) -> Vec<Check> {
        let progress = Progress::start();
        progress.now("trying the calls of an audit");
        self.runtime.block_on(aws::examine(&self.iam, &self.caller))
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

/// What a person can do where a call to AWS failed; nothing is known for other failures.
pub(crate) fn advice(error: &anyhow::Error) -> Option<&'static str> {
    if let Some(RoleRefused {
        failure: Failure::Denied { .. },
        ..
    }) = error.downcast_ref()
    {
        return Some(
            "the role's trust policy must name you (and --external-id what it asks for), and your policies must allow \
             sts:AssumeRole on it",
        );
    }
    Some(
        match error.chain().find_map(|cause| cause.downcast_ref())? {
            Failure::Throttled => {
                "other programs call this account's IAM, too: run it again in a few minutes"
            }
            Failure::Denied { .. } => {
                "`permdrift doctor` tells all that is missing, `permdrift print-policy` prints the policy that grants it"
            }
            Failure::Refused { code, .. } => match code.as_str() {
                "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
                    "log in again, with `aws sso login` or as you got these credentials"
                }
                "InvalidClientTokenId"
                | "UnrecognizedClientException"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
                | "IncompleteSignature" => {
                    "AWS does not know this access key or its secret: check the credentials; those of aws-cn and aws-us-gov need a \
                 --region there"
                }
                _ => return None,
            },
            Failure::Broken { .. } => "run it again in a few minutes",
            Failure::TimedOut | Failure::Unreachable(_) => {
                "check network, proxy and --region; an audit without AWS takes --auth-details"
            }
            Failure::Unprepared(_) => {
                "log in as for the AWS command line (`aws sts get-caller-identity` must work), or name a --profile"
            }
        },
    )
}
