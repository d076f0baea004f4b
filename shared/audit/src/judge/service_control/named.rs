//! Named SCPs: which statements are behind an answer that only says that SCPs deny?
//!
//! AWS's simulator applies the SCPs in force and shows none of them. Where they were read, or given in a file, the same request is decided
//! with them alone. In: the replies, and the SCPs above the account. Out: the same replies; an answer that blames SCPs names the statements
//! that deny, or the levels that do not allow, where these are certain. Where they are not, the answer stays as it was: what AWS
//! decides counts.
//!
//! AWS's simulator was not given every key that a request has, such as the region where none is declared. What it says of SCPs is undetermined
//! then, because one of them may ask for that key. Where the SCPs that were read deny whatever the key is, as one without a condition does,
//! it is a denial.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::thread;

use iam::inventory::Fault;
use iam::simulator::{ServiceControl, request_context};
use iam::{
    Cause, Context, Decision, Document, Group, Inventory, Layer, Layers, Outcome, Policy,
    Principal, Question, Request, StatementRef, evaluate,
};

use crate::simulate::answers::Found;
use crate::simulate::shares::share;
use crate::simulate::{Inquiry, Reply};

const UNNAMED: Layer = Layer::ServiceControl { level: None };

/// Names the statements of SCPs in the answers about requirements that blame SCPs. `above`: the SCPs of all levels, as far as they are known.
pub(crate) fn name(
    above: &ServiceControl<'_>,
    inventory: &Inventory,
    inquiries: &[Inquiry],
    replies: &mut [Reply],
) {
    if above.levels.is_empty() || above.management_account {
        return;
    }
    let layers = Layers {
        identity: vec![Policy {
            name: "all".into(),
            document: EVERYTHING.as_ref(),
        }],
        service_control: above.levels.clone(),
        ..Layers::default()
    };
    let in_turn = |inquiries: &[Inquiry], replies: &mut [Reply]| {
        for (inquiry, reply) in inquiries.iter().zip(replies) {
            let (Some(principal), Reply::Decided(lists)) =
                (inventory.principals.get(inquiry.principal), reply)
            else {
                continue;
            };
            let lists = inquiry.lists.iter().zip(lists).take(inquiry.requirements);
            for (questions, groups) in lists.filter(|(_, groups)| groups.iter().any(is_unnamed)) {
                *groups = named(&layers, principal, questions, std::mem::take(groups));
            }
        }
    };
    let size = share(inquiries.len());
    if inquiries.len() <= size {
        return in_turn(inquiries, replies);
    }
    thread::scope(|scope| {
        for (inquiries, replies) in inquiries.chunks(size).zip(replies.chunks_mut(size)) {
            scope.spawn(move || in_turn(inquiries, replies));
        }
    });
}

/// Whether an answer blames SCPs and names none.
fn is_unnamed(group: &Group) -> bool {
    let is_denied = match group.outcome.decision {
        Decision::ImplicitDeny | Decision::ExplicitDeny => true,
        Decision::Allowed | Decision::Undetermined => false,
    };
    match &group.outcome.cause {
        Cause::DeniedInLayer(layer) => is_denied && *layer == UNNAMED,
        Cause::NotAllowedIn(layers) => is_denied && layers.contains(&UNNAMED),
        Cause::MissingContext { by } => *by == [StatementRef::in_force(UNNAMED)],
        Cause::AllowedBy(_)
        | Cause::DeniedBy(_)
        | Cause::AllowedOnlyOn { .. }
        | Cause::DeniedOn { .. }
        | Cause::Unreadable { .. }
        | Cause::NotChecked { .. }
        | Cause::CannotEvaluate { .. }
        | Cause::NoAnswer { .. } => false,
    }
}

/// The groups of one list, by question, with the names.
fn named(
    layers: &Layers<'_>,
    principal: &Principal,
    questions: &[Question],
    groups: Vec<Group>,
) -> Vec<Group> {
    let mut named = Vec::with_capacity(groups.len());
    let mut groups = groups.into_iter().peekable();
    for (at, question) in questions.iter().enumerate() {
        let own = std::iter::from_fn(|| groups.next_if(|group| group.question <= at));
        let mut own: Vec<Group> = own.collect();
        if !own.iter().any(is_unnamed) {
            named.append(&mut own);
            continue;
        }
        let context = request_context(principal, &question.context);
        let mut found = Found::new(at);
        for group in &own {
            let blames = is_unnamed(group);
            for position in &group.actions {
                let name = blames
                    .then(|| decided(layers, principal, question, *position, &context))
                    .flatten()
                    .and_then(|by_them| with_names(&group.outcome, &by_them));
                found.add(*position, name.unwrap_or_else(|| group.outcome.clone()));
            }
        }
        named.append(&mut found.into_groups());
    }
    named.extend(groups);
    named
}

/// What the SCPs alone make of a request.
fn decided(
    layers: &Layers<'_>,
    principal: &Principal,
    question: &Question,
    position: u16,
    context: &Context,
) -> Option<Outcome> {
    let request = Request {
        principal: Some(&principal.arn),
        action: question.actions.get(usize::from(position))?,
        resource: &question.resource,
        context,
    };
    Some(evaluate(layers, &request))
}

/// An outcome with the names that another, of the SCPs alone, has for certain.
fn with_names(outcome: &Outcome, by_them: &Outcome) -> Option<Outcome> {
    let cause = match (by_them.decision, &by_them.cause, &outcome.cause) {
        (
            Decision::ExplicitDeny,
            Cause::DeniedBy(by),
            Cause::DeniedInLayer(_) | Cause::MissingContext { .. },
        ) => Cause::DeniedBy(by.clone()),
        // Where other layers do not allow either, a name would hide them.
        (Decision::ExplicitDeny, Cause::DeniedBy(by), Cause::NotAllowedIn(of)) if of.len() == 1 => {
            Cause::DeniedBy(by.clone())
        }
        (Decision::ImplicitDeny, Cause::NotAllowedIn(levels), Cause::NotAllowedIn(of)) => {
            let others = of.iter().filter(|layer| **layer != UNNAMED);
            Cause::NotAllowedIn(others.chain(levels).copied().collect())
        }
        (Decision::ImplicitDeny, Cause::NotAllowedIn(levels), Cause::MissingContext { .. }) => {
            Cause::NotAllowedIn(levels.clone())
        }
        _ => return None,
    };
    Some(Outcome {
        decision: by_them.decision,
        cause,
        // No key that is missing makes a difference to what is certain without it.
        missing: match outcome.decision {
            Decision::Undetermined => BTreeSet::new(),
            Decision::Allowed | Decision::ImplicitDeny | Decision::ExplicitDeny => {
                outcome.missing.clone()
            }
        },
    })
}

static EVERYTHING: LazyLock<Result<Document, Fault>> = LazyLock::new(|| {
    Document::parse(r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#)
});
