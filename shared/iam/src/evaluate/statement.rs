//! One statement, one request: does it apply, could it, and on which keys does that depend?
//!
//! A statement applies where its action, its resource and each of its conditions match. The callers have matched the action.

use std::sync::Arc;

use crate::condition::{self, Evaluation, unsettled};
use crate::context::Context;
use crate::glob;
use crate::policy::{Statement, Version};
use crate::truth::{Truth, Truths};
use crate::variable;

/// Whether a statement whose action matches applies; `None` where it cannot.
pub(crate) fn evaluate<'a>(
    statement: &'a Statement,
    version: Version,
    resource: &str,
    context: &Context,
) -> Option<Evaluation<'a>> {
    let mut evaluation = Evaluation::settled(Truth::Yes);
    evaluation.and(evaluate_resource(statement, version, resource, context));
    if let Some(doubt) = &statement.doubt {
        evaluation.doubt(doubt);
    }
    with_conditions(evaluation, statement, version, context)
}

/// Whether a statement that is written for narrower resources than the `*` asked for applies to those; `None` where it cannot
/// apply to any resource.
pub(crate) fn evaluate_narrower<'a>(
    statement: &'a Statement,
    version: Version,
    context: &Context,
) -> Option<Evaluation<'a>> {
    narrower_patterns(statement, version, context).next()?;
    let mut evaluation = Evaluation::settled(Truth::Yes);
    // Whatever the resources turn out to be, they are narrower.
    if let Some(doubt) = &statement.doubt
        && doubt.resources.is_empty()
    {
        evaluation.doubt(doubt);
    }
    with_conditions(evaluation, statement, version, context)
}

/// The patterns of a `Resource` that match something. There are none of a `NotResource`: one that does not match the text
/// `*` excludes everything.
pub(crate) fn narrower_patterns<'a, 'r>(
    statement: &'a Statement,
    version: Version,
    context: &'r Context,
) -> impl Iterator<Item = &'a str> + use<'a, 'r> {
    let resource = &statement.resource;
    let written = match &statement.doubt {
        Some(doubt) if !doubt.resources.is_empty() => &doubt.resources,
        Some(_) | None => &resource.patterns,
    };
    written
        .iter()
        .filter(|_| !resource.negated)
        .map(AsRef::as_ref)
        .filter(move |pattern| {
            version == Version::V2008 || !variable::has_variables(pattern) || {
                let expansion = variable::expand_resource(pattern, context);
                expansion.now.is_some() || expansion.widest.is_some()
            }
        })
}

fn with_conditions<'a>(
    mut evaluation: Evaluation<'a>,
    statement: &'a Statement,
    version: Version,
    context: &Context,
) -> Option<Evaluation<'a>> {
    for one in &statement.conditions {
        if evaluation.can.never() {
            return None;
        }
        evaluation.and(condition::evaluate(one, version, statement.effect, context));
    }
    (!evaluation.can.never()).then_some(evaluation)
}

/// Whether the resource is one of the statement's.
pub(crate) fn evaluate_resource<'a>(
    statement: &'a Statement,
    version: Version,
    resource: &str,
    context: &Context,
) -> Evaluation<'a> {
    let meant = &statement.resource;
    if meant.patterns.is_empty() {
        return Evaluation::settled(Truth::No);
    }
    let mut now = Truth::No;
    let mut can = Truths::from(Truth::No);
    let mut keys = Vec::new();
    let mut valueless = false;
    for pattern in &meant.patterns {
        if version == Version::V2008 || !variable::has_variables(pattern) {
            let found = Truth::from(matches(pattern, resource));
            (now, can) = (now.or(found), can.or(found.into()));
            continue;
        }
        let expansion = variable::expand_resource(pattern, context);
        // [U] A pattern whose variable has no value "will not match any resource". In a `NotResource` that could mean that
        // nothing is excluded or that the statement is idle: it does not apply where it allows, and may where it denies.
        let null = if meant.negated {
            !unsettled(statement.effect)
        } else {
            Truth::No
        };
        valueless |= expansion.now.is_none() && meant.negated;
        let found = match &expansion.now {
            Some(pattern) => Truth::from(pattern.matches(resource)),
            None => null,
        };
        let mut reach = Truths::from(found);
        if let Some(widest) = &expansion.widest {
            reach = reach | Truth::No.into();
            if widest.matches(resource) {
                reach = reach | Truth::Yes.into();
            }
        }
        (now, can) = (now.or(found), can.or(reach));
        if reach.settled().is_none() {
            keys.extend(expansion.open);
        }
    }
    if meant.negated {
        (now, can) = (!now, !can);
    }
    if can.settled().is_some() {
        keys.clear();
    }
    let reason = (valueless && can.has(Truth::Unclear)).then(|| {
        Arc::from(
            "a variable in `NotResource` has no value, and AWS does not say what that excludes",
        )
    });
    Evaluation {
        now,
        can,
        keys,
        reason,
    }
}

/// A request for `*` is a request for that text, which only a pattern that is a star itself matches.
fn matches(pattern: &str, resource: &str) -> bool {
    if resource == "*" {
        return glob::is_everything(pattern);
    }
    glob::matches(pattern, resource)
}

/// The keys of all variables of a statement, as spelled.
pub(super) fn variables(statement: &Statement, version: Version) -> Vec<&str> {
    if version == Version::V2008 {
        return Vec::new();
    }
    let resources = statement.resource.patterns.iter();
    let values = statement.conditions.iter().flat_map(|one| &one.values);
    resources
        .chain(values)
        .flat_map(|text| variable::keys(text))
        .collect()
}
