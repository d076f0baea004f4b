//! Rules: a simulator that plainly allows all but what its rules deny to whom.

use std::collections::{BTreeMap, BTreeSet};

use audit::simulate::{Inquiry, Reply};
use iam::{Cause, Decision, Group, Inventory, Layer, Outcome, Question, StatementRef};

/// Why a simulator does not plainly allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The principal's own policies do not allow it.
    Lost,
    /// An SCP statement denies it.
    Scp(&'static str),
    /// A boundary does not allow it.
    Boundary,
    /// The simulator gave no answer.
    Throttled,
    /// It is allowed, and the simulator was not asked about concrete resources.
    NotConfirmed,
    /// A context key decides.
    Hangs(&'static str),
    /// Allowed on narrower resources.
    OnlyOn(&'static str),
    /// This, word for word.
    Is(Decision, Cause),
}

impl Why {
    pub(crate) fn outcome(&self) -> Outcome {
        let scp = |sid: &str| StatementRef {
            layer: Layer::ServiceControl { level: Some(1) },
            policy: "guardrails".into(),
            index: Some(0),
            sid: Some(sid.into()),
        };
        let (decision, cause) = match self {
            Self::Lost => (
                Decision::ImplicitDeny,
                Cause::NotAllowedIn(vec![Layer::Identity]),
            ),
            Self::Scp(sid) => (Decision::ExplicitDeny, Cause::DeniedBy(vec![scp(sid)])),
            Self::Boundary => (
                Decision::ImplicitDeny,
                Cause::NotAllowedIn(vec![Layer::Boundary]),
            ),
            Self::Throttled => {
                let reason = "throttled".into();
                (Decision::Undetermined, Cause::NoAnswer { reason })
            }
            Self::NotConfirmed => {
                let reason = "it would take too many calls".into();
                (Decision::Allowed, Cause::NoAnswer { reason })
            }
            Self::Hangs(_) => (
                Decision::Undetermined,
                Cause::MissingContext { by: Vec::new() },
            ),
            Self::OnlyOn(resource) => {
                let resources = vec![(*resource).into()];
                let by = Vec::new();
                (
                    Decision::ImplicitDeny,
                    Cause::AllowedOnlyOn { by, resources },
                )
            }
            Self::Is(decision, cause) => (*decision, cause.clone()),
        };
        let missing = match self {
            Self::Hangs(key) => BTreeSet::from([Box::from(*key)]),
            Self::Lost
            | Self::Scp(_)
            | Self::Boundary
            | Self::Throttled
            | Self::NotConfirmed
            | Self::OnlyOn(_)
            | Self::Is(..) => BTreeSet::new(),
        };
        Outcome {
            decision,
            cause,
            missing,
        }
    }
}

/// What is denied to whom: principal name, action (`*`: each), why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    rules: Vec<(String, String, Why)>,
    /// Principals from this name on are not reached.
    pub(crate) stop_at: Option<String>,
    /// The first list of each inquiry is left out of the reply.
    pub(crate) omits_first: bool,
}

impl Rules {
    pub(crate) fn deny(mut self, name: &str, actions: &[&str], why: Why) -> Self {
        for action in actions {
            self.rules
                .push((name.into(), (*action).into(), why.clone()));
        }
        self
    }

    /// These rules before others.
    pub(crate) fn then(mut self, others: &Self) -> Self {
        self.rules.extend(others.rules.iter().cloned());
        self
    }

    /// The groups for one list of questions. The first rule that fits an action counts.
    pub(crate) fn groups(&self, name: &str, questions: &[Question]) -> Vec<Group> {
        let mut groups: BTreeMap<(usize, Why), Vec<u16>> = BTreeMap::new();
        for (question, asked) in questions.iter().enumerate() {
            for (position, action) in asked.actions.iter().enumerate() {
                let rule = self.rules.iter().find(|(whose, denied, _)| {
                    (whose == name || whose == "*") && (denied == action.as_str() || denied == "*")
                });
                if let Some((_, _, why)) = rule {
                    let positions = groups.entry((question, why.clone())).or_default();
                    positions.push(u16::try_from(position).unwrap());
                }
            }
        }
        groups
            .into_iter()
            .map(|((question, why), actions)| Group {
                question,
                outcome: why.outcome(),
                actions,
            })
            .collect()
    }

    pub(crate) fn replies(&self, inventory: &Inventory, inquiries: &[Inquiry]) -> Vec<Reply> {
        let reply = |inquiry: &Inquiry| {
            let name = inventory.principals[inquiry.principal].arn.name();
            if self.stop_at.as_deref().is_some_and(|stop| name >= stop) {
                return Reply::NotReached;
            }
            let lists = inquiry.lists.iter().skip(usize::from(self.omits_first));
            Reply::Decided(lists.map(|list| self.groups(name, list)).collect())
        };
        inquiries.iter().map(reply).collect()
    }
}
