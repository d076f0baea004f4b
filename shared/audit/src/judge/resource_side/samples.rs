//! Samples: on which objects of a declared bucket do policies of the resource side deny what they let through on others?
//!
//! In: the object that a question is about, which stands for all of its folder, and the sides that requests meet. Out: one more object
//! within each pattern that a statement takes out, and what follows where that one is denied: a notice, for nobody knows whether Veeam
//! needs these. A denial of all is one of the object that stands for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::policy::Effect;
use iam::{Cause, Context, Decision, Layer, Outcome, StatementRef};

use super::side::Side;
use crate::simulate::below::below;

/// An object that a statement may take out.
pub(super) struct Sample {
    pub(super) resource: String,
    /// The pattern of the statement.
    pattern: Box<str>,
    policy: Arc<str>,
    index: usize,
    sid: Option<Arc<str>>,
}

/// One sample for each pattern, of those within the folder of the object; none of anything but an object.
pub(super) fn of(object: &str, sides: &[Arc<Side<'_>>], context: &Context) -> Vec<Sample> {
    let Some((folder, _)) = object.rsplit_once('/') else {
        return Vec::new();
    };
    let folder = format!("{folder}/*");
    let mut samples: BTreeMap<String, Sample> = BTreeMap::new();
    for policy in sides.iter().flat_map(|side| side.policies()) {
        let Ok(document) = policy.document else {
            continue;
        };
        for (index, statement) in document.statements.iter().enumerate() {
            if statement.effect != Effect::Deny && !statement.resource.negated {
                continue;
            }
            for pattern in &statement.resource.patterns {
                let found = below(&folder, pattern, document.version, context);
                let Some(resource) = found.filter(|found| found != object) else {
                    continue;
                };
                samples.entry(resource.clone()).or_insert_with(|| Sample {
                    resource,
                    pattern: pattern.clone(),
                    policy: Arc::clone(&policy.name),
                    index,
                    sid: statement.sid.as_deref().map(Arc::from),
                });
            }
        }
    }
    samples.into_values().collect()
}

impl Sample {
    /// What denies it; nothing where it is not known to be denied.
    fn denied_by(&self, outcome: &Outcome) -> Vec<StatementRef> {
        match (outcome.decision, &outcome.cause) {
            (Decision::ExplicitDeny, Cause::DeniedBy(by)) => by.clone(),
            // It is left out of what a statement allows.
            (Decision::ImplicitDeny | Decision::ExplicitDeny, cause) => vec![StatementRef {
                layer: cause.layers().first().copied().unwrap_or(Layer::Resource),
                policy: Arc::clone(&self.policy),
                index: Some(self.index),
                sid: self.sid.clone(),
            }],
            (Decision::Allowed | Decision::Undetermined, _) => Vec::new(),
        }
    }
}

/// What is allowed but on these; `None` where none of them is known to be denied.
pub(super) fn denied_on<'s>(
    outcomes: impl Iterator<Item = (&'s Sample, Outcome)>,
) -> Option<Outcome> {
    let mut by = BTreeSet::new();
    let mut resources = BTreeSet::new();
    for (sample, outcome) in outcomes {
        let denied_by = sample.denied_by(&outcome);
        if !denied_by.is_empty() {
            by.extend(denied_by);
            resources.insert(sample.pattern.clone());
        }
    }
    (!resources.is_empty()).then(|| Outcome {
        decision: Decision::Allowed,
        cause: Cause::DeniedOn {
            by: by.into_iter().collect(),
            resources: resources.into_iter().collect(),
        },
        missing: BTreeSet::new(),
    })
}
