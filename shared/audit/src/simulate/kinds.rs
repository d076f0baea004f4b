//! Kinds of resource: which ARNs can be an action's, and which of them does a pattern match?

use std::collections::BTreeSet;

use catalog::{MeantResource, meant_resources};
use iam::policy::Effect;
use iam::{ActionName, Arn, Layers, glob};

use super::form::{Form, Site};
use super::sample::Sample;

/// A kind of resource that requests of an action have.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    /// Every request has one.
    pub(super) required: bool,
    /// One that no policy names.
    pub(super) unnamed: String,
    /// Others that no policy names: another service's recovery point, another account's key.
    pub(super) others: Vec<Sample>,
    /// The ARNs it can have; none where the request has no resource.
    pub(super) forms: Vec<Form>,
}

/// A resource of which no pattern but `*` can know: what a request has that is about none.
const NO_RESOURCE: &str = "-";
/// An account that is nobody's.
const OTHER_ACCOUNT: &str = "000000000000";

/// The kinds of resource that an action is about. One that is about `*` only has a kind without forms; of one that AWS's
/// reference does not tell it may be anything.
pub(super) fn kinds(action: &ActionName, site: Site<'_>) -> Vec<Kind> {
    let any = |forms: Vec<Form>| Kind {
        required: true,
        unnamed: NO_RESOURCE.to_owned(),
        others: Vec::new(),
        forms,
    };
    let Some(meant) = meant_resources(action) else {
        return vec![any(vec![Form::anything()])];
    };
    if meant.is_empty() {
        return vec![any(Vec::new())];
    }
    let kinds = meant.into_iter().map(|resource| {
        let site = Site {
            any_account: site.any_account || resource.foreign,
            ..site
        };
        let forms: Vec<Form> = resource
            .arns
            .iter()
            .map(|arn| Form::new(arn, site))
            .collect();
        let kind = match forms.first() {
            Some(usual) => Kind {
                unnamed: usual.unnamed(),
                required: true,
                others: others(&resource, site, &forms),
                forms,
            },
            None => any(vec![Form::anything()]),
        };
        Kind {
            required: resource.required,
            ..kind
        }
    });
    kinds.collect()
}

/// The resources that no policy names beside the usual one.
fn others(resource: &MeantResource, site: Site<'_>, forms: &[Form]) -> Vec<Sample> {
    let elsewhere = Site {
        account: OTHER_ACCOUNT,
        any_account: false,
        ..site
    };
    let foreign = site.any_account.then(|| {
        let arns = resource.arns.iter().zip(forms);
        arns.filter_map(|(arn, form)| {
            Some(Sample {
                resource: Form::new(arn, elsewhere).unnamed(),
                pattern: form.within(&[])?.pattern,
            })
        })
    });
    let own = forms.iter().skip(1);
    own.filter_map(|form| form.within(&[]))
        .chain(foreign.into_iter().flatten())
        .collect()
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
    let arns: Vec<Option<&str>> = match meant_resources(action) {
        Some(meant) => meant
            .into_iter()
            .flat_map(|resource| match resource.arns.is_empty() {
                true => vec![None],
                false => resource.arns.into_iter().map(Some).collect(),
            })
            .collect(),
        None => vec![None],
    };
    arns.into_iter()
        .filter_map(
            |arn| match arn.map(|arn| any_of(&arn.replace("${Partition}", partition))) {
                Some(kind) if glob::matches(&wide, &kind) => Some(kind),
                Some(kind) if !overlap(&wide, &kind) => None,
                Some(_) | None => Some(pattern.to_owned()),
            },
        )
        .collect()
}

/// Whether some ARN matches both patterns. Where both have the six parts of an ARN, a wildcard stays within its own.
fn overlap(one: &str, other: &str) -> bool {
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
pub(crate) fn any_of(arn: &str) -> String {
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
