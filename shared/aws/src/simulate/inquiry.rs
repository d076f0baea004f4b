//! One inquiry: all questions about one principal, asked of AWS, held against the embedded simulator, and answered list by
//! list.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future::Future;
use std::sync::Arc;

use audit::simulate::proof::Proof;
use audit::simulate::{Inquiry, Reply};
use iam::{ActionName, Cause, Context, Decision, Group, Inventory, Outcome, Principal, Question};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::warn;

use super::ask::{self, Unit};
use super::entries;
use super::limits::InTime;
use super::probe::{self, Boundary, Probes};
use super::reconcile;
use super::wire::{Query, Unanswered, Without};
use crate::failure::chain;
use crate::iam_client::Iam;

/// The answers to one unit, by position of action and resource.
struct Answered {
    unit: Unit,
    /// Keys that requests have and that were not sent to AWS.
    unsent: BTreeSet<Box<str>>,
    probes: Probes,
    /// Why what is not in `probes` is not there.
    reason: Arc<str>,
}

/// Why asking came to an end, if it did.
#[derive(Default)]
struct End {
    reason: Option<Arc<str>>,
    in_time: InTime,
}

const ABOVE_CEILING: &str =
    "AWS was not asked: it would take more calls than `simulation-ceiling` allows";

/// What AWS and the embedded simulator say, in words, of an action on a resource where one of them is wrong.
type Disagreements<'a> = BTreeMap<(&'a ActionName, &'a str), (String, String)>;

/// An inquiry with all that it takes to answer it.
pub(super) struct Inquiring<'a> {
    pub(super) iam: &'a Iam,
    /// What `aws:CurrentTime` is set to.
    pub(super) now: Timestamp,
    pub(super) inventory: &'a Inventory,
    pub(super) inquiry: &'a Inquiry,
    /// Policy documents that the principal does not have yet.
    pub(super) proposed: &'a [String],
    /// How many calls at most for each that asks what the inquiry says.
    pub(super) ceiling: usize,
    /// When it is given up.
    pub(super) stop: Option<Instant>,
}

impl Inquiring<'_> {
    /// The reply, and whether AWS was waited for to the end. `explained`: what the embedded simulator says, list by list.
    pub(super) async fn reply(&self, explained: &[Vec<Group>]) -> (Reply, InTime) {
        let inquiry = self.inquiry;
        let units = ask::units(&inquiry.lists);
        let splits = &self.iam.process.learnt.splits;
        let calls: usize = units.iter().map(|unit| unit.calls(splits)).sum();
        let (answered, end) = self.answer_all(units, usize::MAX, End::default()).await;
        let mut disagreements = Disagreements::new();
        let mut lists = Vec::with_capacity(inquiry.lists.len());
        for (at, questions) in inquiry.lists.iter().enumerate() {
            let explained = explained.get(at).map_or(&[][..], Vec::as_slice);
            lists.push(groups(questions, explained, &answered, &mut disagreements));
        }
        self.note(disagreements);
        let proof = Proof::of(self.inventory, inquiry, &lists);
        let most = calls.saturating_mul(self.ceiling.saturating_sub(1));
        let units = ask::merged(&proof.questions);
        let (answered, end) = self.answer_all(units, most, end).await;
        // The embedded simulator allows each of these requests.
        let mut disagreements = Disagreements::new();
        let answers = groups(&proof.questions, &[], &answered, &mut disagreements);
        self.note(disagreements);
        proof.conclude(&answers, &mut lists);
        (Reply::Decided(lists), end.in_time)
    }

    fn note(&self, disagreements: Disagreements<'_>) {
        for ((action, resource), (aws, embedded)) in disagreements {
            self.iam.process.tally.disagreement();
            warn!(%action, resource, aws, embedded, "the embedded simulator disagrees with AWS");
        }
    }

    /// Asks about all units that take no more calls than these together.
    async fn answer_all(
        &self,
        units: Vec<Unit>,
        most: usize,
        mut end: End,
    ) -> (Vec<Answered>, End) {
        let Some(principal) = self.inventory.principals.get(self.inquiry.principal) else {
            return (Vec::new(), end);
        };
        let splits = &self.iam.process.learnt.splits;
        let mut calls = 0_usize;
        let mut answered = Vec::with_capacity(units.len());
        for unit in units {
            calls = calls.saturating_add(unit.calls(splits));
            let context = ask::context(principal, &unit.context, self.now);
            let (probes, reason) = match &end.reason {
                Some(reason) => (Probes::new(), Arc::clone(reason)),
                None if calls > most => (Probes::new(), Arc::from(ABOVE_CEILING)),
                None => {
                    let (probes, failure) = match self.ask(principal, &unit, &context).await {
                        Some(answer) => answer,
                        None => {
                            end.in_time = InTime::No;
                            end.reason = Some("the time was up before AWS answered".into());
                            (Probes::new(), None)
                        }
                    };
                    if let Some(failure) = &failure {
                        warn!(
                            failure = chain(failure),
                            "not everything could be simulated"
                        );
                        // What is wrong with one question says nothing of the next; all else would fail again.
                        if !matches!(failure, Unanswered::Invalid { .. }) {
                            end.reason = Some(probe::reason(Some(failure)));
                        }
                    }
                    let reason = end
                        .reason
                        .clone()
                        .unwrap_or_else(|| probe::reason(failure.as_ref()));
                    (probes, reason)
                }
            };
            answered.push(Answered {
                unit,
                unsent: entries::unsent(&context),
                probes,
                reason,
            });
        }
        (answered, end)
    }

    /// Asks AWS about one unit; `None` where the time was up before it answered.
    async fn ask(
        &self,
        principal: &Principal,
        unit: &Unit,
        context: &Context,
    ) -> Option<(Probes, Option<Unanswered>)> {
        let sent = entries::entries(context);
        let query = Query {
            principal: &principal.arn,
            resources: &unit.resources,
            context: &sent,
            added: self.proposed,
            without: Without::Nothing,
        };
        let boundary = match principal.boundary {
            Some(_) => Boundary::Attached,
            None => Boundary::None,
        };
        in_time(self.stop, probe::probe(self.iam, query, unit, boundary)).await
    }
}

async fn in_time<T>(stop: Option<Instant>, work: impl Future<Output = T>) -> Option<T> {
    match stop {
        Some(stop) => tokio::time::timeout_at(stop, work).await.ok(),
        None => Some(work.await),
    }
}

/// The answer to one list of questions.
fn groups<'a>(
    questions: &'a [Question],
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
    for (number, question) in questions.iter().enumerate() {
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
                let settled = reconcile::settle(&probed.evidence(), embedded, &self.unsent);
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
        Cause::DeniedBy(by)
        | Cause::MissingContext { by }
        | Cause::AllowedOnlyOn { by, .. }
        | Cause::DeniedOn { by, .. } => by.iter().map(ToString::to_string).collect(),
        Cause::AllowedBy(by) => by.iter().map(ToString::to_string).collect(),
        Cause::DeniedInLayer(layer) => vec![layer.to_string()],
        Cause::NotAllowedIn(layers) => layers.iter().map(ToString::to_string).collect(),
        Cause::CannotEvaluate { by, .. } => vec![by.to_string()],
        Cause::Unreadable { policy, .. } => vec![format!("{policy} cannot be read")],
        Cause::NotChecked { policy, .. } => vec![format!("{policy} not checked")],
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
