//! Kinds of resource: which ARNs can be an action's, and which of them does a pattern match?

use std::collections::BTreeSet;

use catalog::{ResourceType, known_action};
use iam::policy::Effect;
use iam::{ActionName, Arn, Layers, glob};

/// The kinds of resource that an action is about: none where it is about `*` only, one that may be anything where AWS's
/// reference does not tell.
pub(super) fn kinds(action: &ActionName) -> Vec<Option<ResourceType>> {
    match known_action(action) {
        Some(known) => known.resource_types().map(Some).collect(),
        None => vec![None],
    }
}

/// Every resource that the policies name, to grant it or to leave it out.
pub(crate) fn written<'a>(layers: &'a Layers<'_>) -> BTreeSet<&'a str> {
    layers
        .statements()
        .filter(|statement| statement.effect == Effect::Allow || statement.resource.negated)
        .flat_map(|statement| {
            let doubtful = statement.doubt.iter().flat_map(|doubt| &doubt.resources);
            statement.resource.patterns.iter().chain(doubtful)
        })
        .map(AsRef::as_ref)
        .filter(|pattern| !glob::is_everything(pattern) && !pattern.contains("${"))
        .collect()
}

/// Resources of an action in a partition that a pattern can match: for each kind the narrower of the pattern and the kind's
/// own. What AWS's reference does not tell may be.
pub(crate) fn kinds_of(action: &ActionName, partition: &str, pattern: &str) -> BTreeSet<String> {
    let wide = any_of(pattern);
    kinds(action)
        .into_iter()
        .filter_map(|kind| {
            let arn = kind.and_then(|kind| kind.arn);
            match arn.map(|arn| any_of(&arn.replace("${Partition}", partition))) {
                Some(kind) if glob::matches(&wide, &kind) => Some(kind),
                Some(kind) if !overlap(&wide, &kind) => None,
                Some(_) | None => Some(pattern.to_owned()),
            }
        })
        .collect()
}

/// Whether some ARN matches both patterns. Where both have the six parts of an ARN, a wildcard stays within its own.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    match (Arn::parse(one), Arn::parse(other)) {
        (Ok(one), Ok(other)) => [
            (one.partition, other.partition),
            (one.service, other.service),
            (one.region, other.region),
            (one.account, other.account),
            (one.resource, other.resource),
        ]
        .iter()
        .all(|(one, other)| glob::overlap(one, other)),
        _ => glob::overlap(one, other),
    }
}

/// An ARN as AWS prints it, `arn:${Partition}:s3:::${BucketName}`, or as a policy writes it, with any values of its variables.
pub(super) fn any_of(arn: &str) -> String {
    let mut pattern = String::with_capacity(arn.len());
    let mut rest = arn;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    pattern.push_str(rest);
    pattern
}
