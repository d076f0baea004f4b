//! The stack: what do all runs of a process share, what is each run given, and how is its failure told?

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use audit::ports::Pause;
use audit::resources::{Organization, Reading, Resources};
use audit::run::{RunError, say};
use audit::{Assessment, Settings};
use aws::{
    Access, AwsEnvironment, Bus, Iam, Limits, Objects, Process, SecurityHub, Session, Table, Topic,
    Window, chain,
};
use iam::{AccountId, Arn};
use jiff::Timestamp;
use lambda_runtime::Context;
use tokio::time::{Instant, timeout_at};
use tracing::{error, info, warn};

use crate::config::Config;
use crate::error::{FailureRecord, StackError, TellFailure};
use crate::hub::SavedOrganization;
use crate::telling::{Audience, Channels, People, Telling};
use crate::windows::{self, Ends, Windows};

/// What the runs of a process share.
pub struct Stack {
    /// What the environment says.
    pub config: Config,
    /// The function's own credentials.
    pub session: Session,
    /// What the process learnt of AWS's simulator, and counted, since it began.
    pub process: Process,
    /// The baselines.
    pub table: Table,
    /// Who is told.
    pub channels: Channels,
    /// In a hub: what stands above the accounts.
    pub organization: SavedOrganization,
}

/// What a run is given besides what it is to do.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The audit's id.
    pub audit: &'a str,
    /// The audited account.
    pub account: AccountId,
    /// The function's own account.
    pub own: AccountId,
    /// When the run began.
    pub now: Timestamp,
    /// The same on the clock that does not jump.
    pub begun: Instant,
    /// Until the process ends.
    pub left: Duration,
}

impl Frame<'_> {
    /// Whether the audited account is the function's own.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.account == self.own
    }

    /// How long the run took so far.
    #[must_use]
    pub fn millis(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// When an invocation began, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    now: Timestamp,
    begun: Instant,
    left: Duration,
}

impl Begun {
    /// Now.
    #[must_use]
    pub fn of(context: &Context) -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            now: Timestamp::now(),
            begun: Instant::now(),
            left: windows::left(Duration::from_millis(context.deadline), since_epoch),
        }
    }

    /// What a run is given that begins so. `audit`: the audit's id; `own`: the function's own account.
    #[must_use]
    pub fn frame(self, audit: &str, account: AccountId, own: AccountId) -> Frame<'_> {
        Frame {
            audit,
            account,
            own,
            now: self.now,
            begun: self.begun,
            left: self.left,
        }
    }
}

impl Stack {
    /// The clients of AWS.
    pub async fn connect(config: &Config) -> Self {
        let access = Access {
            profile: None,
            region: None,
            attempts: config.attempts,
            timeout: config.timeout,
        };
        let session = Session::load(&access).await;
        Self {
            process: Process::new(config.calls_per_second),
            table: Table::new(&session, &config.table),
            channels: Channels {
                topic: config.topic.as_deref().map(|arn| Topic::new(&session, arn)),
                chat: config.chat.as_deref().map(|arn| Topic::new(&session, arn)),
                bus: config.bus.as_deref().map(|name| Bus::new(&session, name)),
                ocsf: config.ocsf,
                security_hub: config.security_hub.then(|| SecurityHub::new(&session)),
                region: session.region().unwrap_or_default().to_owned(),
            },
            session,
            config: config.clone(),
            organization: SavedOrganization::default(),
        }
    }

    /// The hub's bucket, which is in the function's `own` account; `None` without a hub.
    #[must_use]
    pub fn objects(&self, own: AccountId) -> Option<Objects> {
        let hub = self.config.hub.as_ref()?;
        Some(Objects::new(&self.session, &hub.bucket, own))
    }

    /// In a hub what stands above the account, as that run of the roster read it. `None` where it is not known.
    ///
    /// # Errors
    /// [`StackError::Bucket`].
    pub async fn above(
        &self,
        run: &str,
        frame: &Frame<'_>,
    ) -> Result<Option<Organization>, StackError> {
        match self.objects(frame.own) {
            Some(objects) => {
                let above = self.organization.above(&objects, run, frame.account);
                above.await.map_err(StackError::Bucket)
            }
            None => Ok(None),
        }
    }

    /// Fails where the bus for machines is not there, because EventBridge accepts events for it and drops them.
    ///
    /// # Errors
    /// [`StackError::NoBus`].
    pub async fn find_bus(&self) -> Result<(), StackError> {
        let Some(bus) = &self.channels.bus else {
            return Ok(());
        };
        match bus.exists().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(StackError::NoBus),
            Err(failure) => {
                // Sending is tried all the same, and its failure is one.
                warn!(
                    failure = chain(&failure),
                    "AWS does not say whether the bus is there"
                );
                Ok(())
            }
        }
    }

    /// The account that `iam` is in, with as much time as the run has, and the pause before it looks a second time.
    #[must_use]
    pub fn environment(
        &self,
        iam: Iam,
        frame: &Frame<'_>,
        settings: &Settings,
    ) -> (AwsEnvironment, AtMost) {
        let windows = Windows::share(frame.left, settings.confirm_pause, self.config.reserve);
        let at = |since: Duration| Some(frame.begun + since);
        let limits = Limits {
            in_flight: self.config.concurrency,
            ceiling: settings.simulation_ceiling,
            first: Window {
                until: at(windows.first_until),
                stop: at(windows.first_stop),
            },
            again: Window {
                until: at(windows.again_until),
                stop: at(windows.again_stop),
            },
        };
        let environment = AwsEnvironment::new(iam, limits, frame.now);
        (environment, AtMost(windows.pause))
    }

    /// The channels, for a run.
    #[must_use]
    pub fn telling<'a>(&'a self, frame: &Frame<'a>, settings: &'a Settings) -> Telling<'a> {
        Telling {
            channels: &self.channels,
            audience: match self.config.hub {
                None => Audience::Everybody,
                Some(_) => Audience::Machines,
            },
            audit: frame.audit,
            is_own: frame.is_own(),
            settings,
            ends: self.ends(frame),
            refused: Mutex::default(),
        }
    }

    /// When the last parts of a run end.
    #[must_use]
    pub fn ends(&self, frame: &Frame<'_>) -> Ends {
        Ends::of(frame.begun, frame.left, self.config.reserve)
    }

    /// Tells both channels that a run failed: as a finding with its life, where the baseline can be used, and else as it is.
    pub async fn tell_failure(
        &self,
        frame: &Frame<'_>,
        settings: &Settings,
        reason: &str,
        tell: TellFailure,
    ) -> FailureRecord {
        error!(reason, "the audit failed");
        let telling = self.telling(frame, settings);
        let (told, people) = match tell {
            TellFailure::ByTheOther => return FailureRecord::NotKept,
            TellFailure::EachTime => (FailureRecord::NotKept, People::DoNotKnow),
            TellFailure::AsFinding => {
                let keep = self.keep_failure(frame, settings, &telling, reason);
                match timeout_at(telling.ends.run, keep).await {
                    Ok(Ok(())) => (FailureRecord::Kept, People::Know),
                    Ok(Err(error)) => {
                        error!(
                            reason = chain(&error),
                            "the failure could not be kept as a finding"
                        );
                        let people = match error {
                            RunError::Commit(_) => People::Know,
                            RunError::Look(_) | RunError::Load(_) | RunError::Publish(_) => {
                                People::DoNotKnow
                            }
                        };
                        (FailureRecord::NotKept, people)
                    }
                    Err(_) => {
                        error!("there was no time to keep the failure as a finding");
                        (FailureRecord::NotKept, People::DoNotKnow)
                    }
                }
            }
        };
        telling
            .tell_failure(frame.account, frame.now, reason, people)
            .await;
        told
    }

    async fn keep_failure(
        &self,
        frame: &Frame<'_>,
        settings: &Settings,
        telling: &Telling<'_>,
        reason: &str,
    ) -> Result<(), RunError> {
        let mut assessment = audit::judge::failed(frame.account, reason, frame.now);
        self.place(frame, &mut assessment).await;
        say(settings, &self.table, telling, &assessment).await
    }

    /// In a hub: adds what is above the account to an assessment that has no listing, because a mute may name an OU.
    pub async fn place(&self, frame: &Frame<'_>, assessment: &mut Assessment) {
        // The id of a hub's audit ends in its run.
        let run = frame.audit.split_once('/').map(|(_, run)| run);
        if let (Some(_), Some(run)) = (&self.config.hub, run)
            && let Ok(Some(organization)) = self.above(run, frame).await
        {
            assessment.coverage.resources = Arc::new(Resources {
                organization: Reading::Read(Some(organization)),
                ..Resources::default()
            });
        }
    }
}

/// The account that the function is in.
///
/// # Errors
/// Where Lambda does not say it.
pub fn own_account(context: &Context) -> anyhow::Result<AccountId> {
    let arn = &context.invoked_function_arn;
    let parsed = Arn::parse(arn).context("Lambda did not say which function this is")?;
    parsed
        .account
        .parse()
        .context("Lambda's name of this function holds no account")
}

/// A pause that ends in time.
#[derive(Clone, Copy, Debug)]
pub struct AtMost(Duration);

impl Pause for AtMost {
    async fn pause(&self, time: Duration) {
        info!("something is newly denied; it is asked again before it is told");
        tokio::time::sleep(time.min(self.0)).await;
    }
}
