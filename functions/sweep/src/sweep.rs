//! The sweep: one run of an audit, from an order to what it led to.
//!
//! settings -> discover -> audit (bind, simulate, judge, compare, confirm, tell, commit) -> hand on the rest, or say that the
//! audit is complete. What goes wrong is told on both channels and fails the run.
//!
//! Nothing here reads the environment or a clock; what AWS answers is the only other input.

use std::sync::Mutex;
use std::time::Duration;

use audit::baseline::CommitError;
use audit::ports::Pause;
use audit::run::{Ports, Run, RunError, fail, run};
use audit::{Asked, Principals, Settings, VerdictCounts};
use aws::{AwsEnvironment, Counts, Iam, Limits, Process, Session, Table, Window, chain};
use catalog::Catalog;
use iam::AccountId;
use jiff::Timestamp;
use report::Header;
use report::machine::event::Outcome;
use tokio::time::{Instant, timeout_at};
use tracing::{error, info, warn};

use crate::config::Config;
use crate::error::SweepError;
use crate::order::{Order, OrderError, Position};
use crate::settings;
use crate::telling::{Channels, Telling};
use crate::totals::Totals;
use crate::windows::{Ends, Windows};

/// What outlives a run.
pub(crate) struct Stack {
    pub(crate) config: Config,
    pub(crate) session: Session,
    pub(crate) process: Process,
    pub(crate) table: Table,
    pub(crate) channels: Channels,
}

/// What a run is given besides its order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    /// The audit's id.
    pub(crate) audit: &'a str,
    /// The audited account.
    pub(crate) account: AccountId,
    /// Whether that is the function's own.
    pub(crate) is_own: bool,
    /// When the run began.
    pub(crate) now: Timestamp,
    /// The same on the clock that does not jump.
    pub(crate) begun: Instant,
    /// Until the process ends.
    pub(crate) left: Duration,
}

/// What a run led to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Done {
    /// What this run counted.
    pub(crate) run: Totals,
    /// What the audit counted so far.
    pub(crate) audit: Totals,
    /// Whether this run was the last of the audit.
    pub(crate) completed: bool,
    /// Principals left to the next run, or to nobody.
    pub(crate) remainder: usize,
    /// Steps of findings: opened, worsened, eased, reminded, resolved.
    pub(crate) steps: [usize; 5],
    pub(crate) counts: Counts,
}

impl Stack {
    /// Does one run, or none if the event gave no order. A failure was told before this returns.
    pub(crate) async fn sweep(
        &self,
        order: Result<Order, OrderError>,
        frame: &Frame<'_>,
    ) -> Result<Done, SweepError> {
        let prepared = match order {
            Ok(order) => settings::load(&self.session, self.config.settings.as_deref())
                .await
                .map(|read| (order, read)),
            Err(error) => Err(error.into()),
        };
        let (order, (settings, catalog)) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                self.tell_failure(frame, &Settings::default(), &error).await;
                return Err(error);
            }
        };
        let audit = self.audit(&order, frame, &settings, &catalog);
        let done = timeout_at(self.ends(frame).run, audit).await;
        match done.unwrap_or(Err(SweepError::OutOfTime)) {
            Ok(done) => Ok(done),
            Err(error) => {
                self.tell_failure(frame, &settings, &error).await;
                Err(error)
            }
        }
    }

    async fn find_bus(&self) -> Result<(), SweepError> {
        let Some(bus) = &self.channels.bus else {
            return Ok(());
        };
        match bus.exists().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(SweepError::NoBus),
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

    async fn audit(
        &self,
        order: &Order,
        frame: &Frame<'_>,
        settings: &Settings,
        catalog: &Catalog,
    ) -> Result<Done, SweepError> {
        let before = self.process.tally().counts();
        self.process.begin(frame.audit, order.position.is_some());
        self.find_bus().await?;
        let iam = match &order.target {
            None => Iam::new(&self.session, &self.process),
            Some(target) => {
                let session = self.session.assume(&target.role, "permdrift").await;
                Iam::new(&session, &self.process)
            }
        };
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
        let asked = Asked {
            account: Some(frame.account),
            principals: match &order.position {
                None => Principals::All,
                Some(position) => Principals::From(position.from.clone()),
            },
            ..Asked::new(catalog, settings, frame.now)
        };
        let refused = order.position.as_ref();
        let refused = refused.and_then(|position| position.refused.clone());
        let telling = Telling {
            refused: Mutex::new(refused),
            ..self.telling(frame, settings)
        };
        let ports = Ports {
            environment: &environment,
            store: &self.table,
            publisher: &telling,
            pause: Some(&AtMost(windows.pause)),
        };
        let run = run(&asked, &ports).await.map_err(|error| match error {
            RunError::Look(error) => SweepError::Look(error),
            error @ (RunError::Load(_) | RunError::Publish(_) | RunError::Commit(_)) => {
                SweepError::Run(error)
            }
        })?;
        self.end(order, frame, &telling, &run, before).await
    }

    fn telling<'a>(&'a self, frame: &Frame<'a>, settings: &'a Settings) -> Telling<'a> {
        Telling {
            channels: &self.channels,
            audit: frame.audit,
            is_own: frame.is_own,
            settings,
            ends: self.ends(frame),
            refused: Mutex::default(),
        }
    }

    fn ends(&self, frame: &Frame<'_>) -> Ends {
        Ends::of(frame.begun, frame.left, self.config.reserve)
    }

    /// Hands on what is left, or says that the audit is complete.
    async fn end(
        &self,
        order: &Order,
        frame: &Frame<'_>,
        telling: &Telling<'_>,
        run: &Run,
        before: Counts,
    ) -> Result<Done, SweepError> {
        let hop = order.position.as_ref().map_or(0, |position| position.hop);
        let assessment = &run.look.assessment;
        let counts = self.process.tally().counts().since(&before);
        let of_run = Totals {
            counts: VerdictCounts::of(assessment),
            calls: counts.calls,
            layers: assessment.coverage.layers,
        };
        let earlier = order.position.as_ref().map(|position| position.totals);
        let was_complete = order
            .position
            .as_ref()
            .is_none_or(|position| position.complete);
        let totals = match earlier {
            Some(earlier) => of_run.and(earlier),
            None => of_run,
        };
        let mut done = Done {
            run: of_run,
            audit: totals,
            completed: false,
            remainder: run.remainder().len(),
            steps: steps(run),
            counts,
        };
        if let Some(from) = run.remainder().iter().min() {
            if let Some(queue) = &self.config.remainder {
                if hop + 1 >= self.config.max_hops {
                    return Err(SweepError::Endless(hop + 1));
                }
                let position = Position {
                    hop: hop + 1,
                    from: from.clone(),
                    totals: Totals {
                        counts: totals.counts.without_rest(assessment),
                        ..totals
                    },
                    complete: was_complete && run.look.assessment.is_complete_so_far(),
                    refused: telling.refused(),
                };
                aws::send(&self.session, queue, &order.remainder(&position))
                    .await
                    .map_err(SweepError::HandOn)?;
                info!(principals = done.remainder, "the rest is handed on");
                return Ok(done);
            }
            warn!(
                principals = done.remainder,
                "the time was up and there is no queue to hand the rest on to"
            );
        }
        let header = Header {
            audit: frame.audit,
            account: frame.account,
            at: run.look.assessment.at,
        };
        let outcome = Outcome {
            counts: totals.counts,
            calls: totals.calls,
            runs: hop + 1,
            complete: was_complete && run.look.assessment.is_complete(),
            layers: totals.layers,
        };
        telling
            .tell_completed(&header, &outcome, &run.step.baseline)
            .await
            .map_err(SweepError::Complete)?;
        done.completed = true;
        Ok(done)
    }

    /// Tells both channels that a run failed: as a finding with its life, where the baseline can be used, and else as it is.
    async fn tell_failure(&self, frame: &Frame<'_>, settings: &Settings, failure: &SweepError) {
        let reason = chain(failure);
        error!(reason, "the audit failed");
        let telling = self.telling(frame, settings);
        let people_know = match failure {
            // Another audit got ahead of this one and told the same; Lambda repeats this one.
            SweepError::Run(RunError::Commit(CommitError::Moved { .. })) => return,
            // Nothing can be kept, so the finding would be new each time; or a channel is broken already; or it takes too long.
            SweepError::Run(_) | SweepError::Complete(_) | SweepError::OutOfTime => false,
            SweepError::Order(_)
            | SweepError::Settings { .. }
            | SweepError::Mistakes { .. }
            | SweepError::NoBus
            | SweepError::Look(_)
            | SweepError::Endless(_)
            | SweepError::HandOn(_) => {
                let keep = self.keep_failure(frame, settings, &telling, &reason);
                match timeout_at(telling.ends.run, keep).await {
                    Ok(Ok(())) => true,
                    Ok(Err(error)) => {
                        error!(
                            reason = chain(&error),
                            "the failure could not be kept as a finding"
                        );
                        matches!(error, RunError::Commit(_))
                    }
                    Err(_) => {
                        error!("there was no time to keep the failure as a finding");
                        false
                    }
                }
            }
        };
        telling
            .tell_failure(frame.account, frame.now, &reason, people_know)
            .await;
    }

    async fn keep_failure(
        &self,
        frame: &Frame<'_>,
        settings: &Settings,
        telling: &Telling<'_>,
        reason: &str,
    ) -> Result<(), RunError> {
        let assessment = audit::judge::failed(frame.account, reason, frame.now);
        fail(settings, &self.table, telling, &assessment).await
    }
}

/// A pause that ends in time.
struct AtMost(Duration);

impl Pause for AtMost {
    async fn pause(&self, time: Duration) {
        info!("something is newly denied; it is asked again before it is told");
        tokio::time::sleep(time.min(self.0)).await;
    }
}

fn steps(run: &Run) -> [usize; 5] {
    use audit::EventKind::{Eased, Opened, Reminded, Resolved, Worsened};
    let mut steps = [0; 5];
    for event in &run.step.events {
        let [opened, worsened, eased, reminded, resolved] = &mut steps;
        let step = match event.kind {
            Opened => opened,
            Worsened => worsened,
            Eased => eased,
            Reminded => reminded,
            Resolved(_) => resolved,
        };
        *step += 1;
    }
    steps
}
