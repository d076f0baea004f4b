//! One subject: all questions about one principal, asked of AWS, held against the embedded simulator, and answered plan by
//! plan.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;

use audit::narrower::{Accounts, confirm};
use audit::ports::Answer;
use audit::{Plan, Subject};
use iam::simulator::ServiceControl;
use iam::{ActionName, Cause, Decision, Group, Inventory, Outcome};
use tracing::warn;

use super::ask::{self, Unit};
use super::probe::{self, Probes};
use super::reconcile;
use super::wire::{Request, Unanswered, Without};
use super::{AwsSimulator, InTime, Window, entries};

/// The answers to one unit, by position of action and resource.
struct Answered {
    unit: Unit,
    /// Keys that requests bear and AWS was not told.
    untold: BTreeSet<Box<str>>,
    probes: Probes,
    /// Why what is not in `probes` is not there.
    reason: Arc<str>,
}

/// What AWS and the embedded simulator say, in words, of an action on a resource where one of them is wrong.
type Disagreements<'a> = BTreeMap<(&'a ActionName, &'a str), (String, String)>;

/// `explained`: what the embedded simulator says, plan by plan.
pub(super) async fn simulate<E>(
    simulator: &AwsSimulator<E>,
    inventory: &Inventory,
    subject: &Subject,
    explained: &[Vec<Group>],
    window: Window,
) -> (Answer, InTime) {
    let (answered, in_time) = answer_all(simulator, inventory, subject, window).await;
    let mut disagreements = Disagreements::new();
    let mut plans = Vec::with_capacity(subject.plans.len());
    for (at, plan) in subject.plans.iter().enumerate() {
        let explained = explained.get(at).map_or(&[][..], Vec::as_slice);
        let groups = groups(plan, explained, &answered, &mut disagreements);
        plans.push(match inventory.principals.get(subject.principal) {
            // AWS was asked about `*` where no scope was declared, and its simulator looks at that text.
            Some(principal) => {
                let above = ServiceControl::default();
                let questions = &plan.questions;
                confirm(
                    Accounts::Own,
                    inventory,
                    &above,
                    principal,
                    questions,
                    groups,
                )
            }
            None => groups,
        });
    }
    for ((action, resource), (aws, embedded)) in disagreements {
        simulator.iam.process.tally.disagreement();
        warn!(%action, resource, aws, embedded, "the embedded simulator disagrees with AWS");
    }
    (Answer::Decided(plans), in_time)
}

async fn answer_all<E>(
    simulator: &AwsSimulator<E>,
    inventory: &Inventory,
    subject: &Subject,
    window: Window,
) -> (Vec<Answered>, InTime) {
    let mut all = InTime::Yes;
    let units = ask::units(&subject.plans);
    let Some(principal) = inventory.principals.get(subject.principal) else {
        return (Vec::new(), all);
    };
    let mut answered = Vec::with_capacity(units.len());
    let mut ended: Option<Arc<str>> = None;
    for unit in units {
        let context = ask::context(principal, &unit.context, simulator.now);
        let (probes, reason) = match &ended {
            Some(reason) => (Probes::new(), Arc::clone(reason)),
            None => {
                let sent = entries::entries(&context);
                let request = Request {
                    principal: &principal.arn,
                    resources: &unit.resources,
                    context: &sent,
                    added: &simulator.added,
                    without: Without::Nothing,
                };
                let bounded = principal.boundary.is_some();
                let asked = probe::probe(&simulator.iam, request, &unit.actions, bounded);
                let (probes, failure) = match in_time(window.stop, asked).await {
                    Some(answer) => answer,
                    None => {
                        all = InTime::No;
                        ended = Some("the time was up before AWS answered".into());
                        (Probes::new(), None)
                    }
                };
                if let Some(failure) = &failure {
                    warn!(%failure, "not everything could be simulated");
                    // What is wrong with one question says nothing of the next; all else would fail again.
                    if !matches!(failure, Unanswered::Invalid { .. }) {
                        ended = Some(probe::reason(Some(failure)));
                    }
                }
                let reason = ended
                    .clone()
                    .unwrap_or_else(|| probe::reason(failure.as_ref()));
                (probes, reason)
            }
        };
        answered.push(Answered {
            unit,
            untold: entries::untold(&context),
            probes,
            reason,
        });
    }
    (answered, all)
}

async fn in_time<T>(
    stop: Option<tokio::time::Instant>,
    work: impl Future<Output = T>,
) -> Option<T> {
    match stop {
        Some(stop) => tokio::time::timeout_at(stop, work).await.ok(),
        None => Some(work.await),
    }
}

/// The answer to one plan.
fn groups<'a>(
    plan: &'a Plan,
    explained: &[Group],
    answered: &[Answered],
    disagreements: &mut Disagreements<'a>,
) -> Vec<Group> {
    let mut embedded: HashMap<(usize, u16), &Outcome> = HashMap::new();
    for group in explained {
        for &action in &group.actions {
            embedded.insert((group.question, action), &group.outcome);
        }
    }
    let mut groups = Vec::new();
    for (number, question) in plan.questions.iter().enumerate() {
        let found = answered
            .iter()
            .find_map(|one| Some((one, one.unit.position(question)?)));
        let mut outcomes: BTreeMap<Outcome, Vec<u16>> = BTreeMap::new();
        for (action, at) in question.actions.iter().zip(0u16..) {
            let outcome = match found {
                Some((one, resource)) => {
                    let explained = embedded.get(&(number, at)).copied();
                    let (outcome, disagreement) = one.outcome(action, resource, explained);
                    if disagreement {
                        let both = (words(outcome.as_ref()), words(explained));
                        disagreements.insert((action, &question.resource), both);
                    }
                    outcome
                }
                None => Some(unanswered(&"the principal is not in the inventory".into())),
            };
            if let Some(outcome) = outcome {
                outcomes.entry(outcome).or_default().push(at);
            }
        }
        let grouped = outcomes.into_iter().map(|(outcome, actions)| Group {
            question: number,
            outcome,
            actions,
        });
        groups.extend(grouped);
    }
    groups
}

impl Answered {
    /// The outcome, `None` for plainly allowed; and whether the two simulators disagree.
    fn outcome(
        &self,
        action: &ActionName,
        resource: usize,
        embedded: Option<&Outcome>,
    ) -> (Option<Outcome>, bool) {
        let at = self.unit.actions.binary_search(action).ok();
        match at.and_then(|at| self.probes.get(&(at, resource))) {
            Some(probed) => {
                let settled = reconcile::settle(&probed.evidence(), embedded, &self.untold);
                (settled.outcome, settled.disagreement)
            }
            None => (Some(unanswered(&self.reason)), false),
        }
    }
}

fn unanswered(reason: &Arc<str>) -> Outcome {
    Outcome {
        decision: Decision::Undetermined,
        cause: Cause::NoAnswer {
            reason: Arc::clone(reason),
        },
        missing: BTreeSet::new(),
    }
}

/// A decision with its cause, for the log. `None`: plainly allowed.
fn words(outcome: Option<&Outcome>) -> String {
    let Some(outcome) = outcome else {
        return "allowed".to_owned();
    };
    let decision = match outcome.decision {
        Decision::Allowed => "allowed",
        Decision::ImplicitDeny => "implicit deny",
        Decision::ExplicitDeny => "explicit deny",
        Decision::Undetermined => "undetermined",
    };
    let because: Vec<String> = match &outcome.cause {
        Cause::DeniedBy(by) | Cause::MissingContext { by } | Cause::AllowedOnlyOn { by, .. } => {
            by.iter().map(ToString::to_string).collect()
        }
        Cause::AllowedBy(by) => by.iter().map(ToString::to_string).collect(),
        Cause::DeniedInLayer(layer) => vec![layer.to_string()],
        Cause::NotAllowedIn(layers) => layers.iter().map(ToString::to_string).collect(),
        Cause::CannotEvaluate { by, .. } => vec![by.to_string()],
        Cause::Unreadable { policy, .. } => vec![format!("{policy} cannot be read")],
        Cause::NoAnswer { .. } => vec!["no answer".to_owned()],
    };
    let keys = outcome.missing.iter().map(|key| format!("without {key}"));
    let because: Vec<String> = because.into_iter().chain(keys).collect();
    if because.is_empty() {
        decision.to_owned()
    } else {
        format!("{decision} ({})", because.join("; "))
    }
}
