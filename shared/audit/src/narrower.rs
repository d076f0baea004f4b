//! Narrower: is what is allowed on some resources only really allowed on any of them?
//!
//! A simulator that is asked about `*` says which statements allow narrower resources. That is no drift as long as such a
//! resource can be one of the action's, every layer lets it through, and nothing denies it: each pattern is asked about as
//! if it were a resource.

use std::collections::BTreeSet;

use iam::simulator::{ServiceControl, layers, request_context};
use iam::{
    ActionName, Cause, Decision, Group, Inventory, Layers, Outcome, Principal, Question, Request,
    evaluate, glob,
};

/// The groups of one plan, with `allowed on these only` where it is true of an action, else with what holds instead.
pub(crate) fn confirm(
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    principal: &Principal,
    questions: &[Question],
    groups: Vec<Group>,
) -> Vec<Group> {
    let is_narrower = |group: &Group| matches!(group.outcome.cause, Cause::AllowedOnlyOn { .. });
    if !groups.iter().any(is_narrower) {
        return groups;
    }
    let layers = layers(inventory, principal, service_control);
    let mut confirmed = Vec::with_capacity(groups.len());
    for group in groups {
        let asked = questions.get(group.question);
        match (asked, &group.outcome.cause) {
            (Some(question), Cause::AllowedOnlyOn { resources, .. })
                if &*question.resource == "*" =>
            {
                let asking = Asking {
                    layers: &layers,
                    principal,
                    question,
                };
                let mut split: Vec<Group> = Vec::new();
                for &at in &group.actions {
                    let Some(action) = question.actions.get(usize::from(at)) else {
                        continue;
                    };
                    let outcome = asking.outcome(action, &group.outcome, resources);
                    match split.iter_mut().find(|known| known.outcome == outcome) {
                        Some(known) => known.actions.push(at),
                        None => split.push(Group {
                            question: group.question,
                            outcome,
                            actions: vec![at],
                        }),
                    }
                }
                confirmed.append(&mut split);
            }
            _ => confirmed.push(group),
        }
    }
    confirmed
}

struct Asking<'a> {
    layers: &'a Layers<'a>,
    principal: &'a Principal,
    question: &'a Question,
}

impl Asking<'_> {
    /// What holds for an action of which `found` says that it is allowed on these resources only.
    fn outcome(&self, action: &ActionName, found: &Outcome, resources: &[Box<str>]) -> Outcome {
        let Cause::AllowedOnlyOn { by, .. } = &found.cause else {
            return found.clone();
        };
        let mut open = Vec::new();
        let mut instead: Option<Outcome> = None;
        for resource in resources {
            for kind in kinds_of(action, self.principal.arn.partition(), resource) {
                // What a variable stands for is the statement's own business.
                let outcome = (!resource.contains("${")).then(|| self.ask(action, &kind));
                match outcome {
                    Some(outcome) if outcome.decision != Decision::Allowed => {
                        let unknown = outcome.decision == Decision::Undetermined;
                        if instead.is_none() || unknown {
                            instead = Some(outcome);
                        }
                    }
                    Some(_) | None if open.last() == Some(resource) => {}
                    Some(_) | None => open.push(resource.clone()),
                }
            }
        }
        match instead {
            _ if open.len() == resources.len() => found.clone(),
            _ if !open.is_empty() => Outcome {
                cause: Cause::AllowedOnlyOn {
                    by: by.clone(),
                    resources: open,
                },
                ..found.clone()
            },
            Some(instead) => instead,
            // None of them can be a resource of this action.
            None => {
                let mut closed: Vec<_> = by.iter().map(|statement| statement.layer).collect();
                closed.dedup();
                Outcome {
                    cause: Cause::NotAllowedIn(closed),
                    ..found.clone()
                }
            }
        }
    }

    fn ask(&self, action: &ActionName, resource: &str) -> Outcome {
        let context = request_context(self.principal, &self.question.context);
        let request = Request {
            principal: Some(&self.principal.arn),
            action,
            resource,
            context: &context,
        };
        evaluate(self.layers, &request)
    }
}

/// Resources of an action in a partition that a pattern can match: for each kind the narrower of the pattern and the kind's
/// own. What AWS's reference does not tell may be.
pub(crate) fn kinds_of(action: &ActionName, partition: &str, pattern: &str) -> BTreeSet<String> {
    let Some(known) = catalog::known_action(action) else {
        return BTreeSet::from([pattern.to_owned()]);
    };
    let wide = any_of(pattern, partition);
    known
        .resource_types()
        .filter_map(|one| match one.arn.map(|arn| any_of(arn, partition)) {
            Some(kind) if glob::matches(&wide, &kind) => Some(kind),
            Some(kind) if !glob::overlap(&wide, &kind) => None,
            Some(_) | None => Some(pattern.to_owned()),
        })
        .collect()
}

/// An ARN as AWS prints it, `arn:${Partition}:s3:::${BucketName}`, or as a policy writes it, with any values of its variables.
fn any_of(arn: &str, partition: &str) -> String {
    let arn = arn.replace("${Partition}", partition);
    let mut pattern = String::with_capacity(arn.len());
    let mut rest = arn.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    pattern.push_str(rest);
    pattern
}
