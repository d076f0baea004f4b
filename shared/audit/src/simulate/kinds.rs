//! Kinds of resource: which ARNs can be an action's, and which of them does a pattern match?

use std::collections::BTreeSet;

use catalog::meant_resources;
use iam::policy::Effect;
use iam::{ActionName, Arn, Layers, glob};

use super::form::{ArnValues, Form};
use super::sample::Sample;

/// A resource that requests of an action have.
#[derive(Clone, Debug)]
pub(super) struct Needed {
    /// Every request has one.
    pub(super) required: bool,
    /// What it can be. Of several, nobody knows which Veeam uses.
    pub(super) kinds: Vec<Kind>,
    /// AWS makes up its name each time, in a known region: what is allowed on some of them does not hold for the next.
    pub(super) is_new: bool,
}

/// Resources whose ARNs have one form.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    /// One that no policy names.
    pub(super) unnamed: String,
    /// One in another account, where that counts as well.
    pub(super) elsewhere: Option<Sample>,
    /// The ARNs; none where the request has no resource.
    pub(super) form: Option<Form>,
}

/// A resource of which no pattern but `*` can know: what a request has that is about none.
const NO_RESOURCE: &str = "-";
/// An account that is nobody's.
const OTHER_ACCOUNT: &str = "000000000000";

/// The resources that an action is about. One that is about `*` only has a kind without a form; of one that AWS's reference
/// does not tell it may be anything. `point`: what recovery points are, where that is known.
pub(super) fn needed(
    action: &ActionName,
    arn_values: ArnValues<'_>,
    point: Option<&str>,
) -> Vec<Needed> {
    let any = |form: Option<Form>| Needed {
        required: true,
        kinds: vec![Kind {
            unnamed: NO_RESOURCE.to_owned(),
            elsewhere: None,
            form,
        }],
        is_new: false,
    };
    let Some(meant) = meant_resources(action) else {
        return vec![any(Some(Form::anything()))];
    };
    if meant.is_empty() {
        return vec![any(None)];
    }
    let needed = meant.into_iter().map(|resource| {
        let known = resource.arns.iter().find(|arn| Some(**arn) == point);
        let arns = resource.arns.iter();
        let arns = arns.filter(|arn| known.is_none_or(|known| *arn == known));
        let of_owner = ArnValues {
            any_account: arn_values.any_account || resource.foreign,
            ..arn_values
        };
        let kinds: Vec<Kind> = arns.map(|arn| kind(arn, of_owner)).collect();
        match kinds.is_empty() {
            false => Needed {
                required: resource.required,
                kinds,
                // The name of a cluster is its owner's.
                is_new: arn_values.region.is_some()
                    && known.is_some_and(|arn| !arn.contains("${ClusterName}")),
            },
            true => Needed {
                required: resource.required,
                ..any(Some(Form::anything()))
            },
        }
    });
    needed.collect()
}

fn kind(arn: &str, arn_values: ArnValues<'_>) -> Kind {
    let form = Form::new(arn, arn_values);
    let elsewhere = ArnValues {
        account: OTHER_ACCOUNT,
        any_account: false,
        ..arn_values
    };
    Kind {
        unnamed: form.unnamed(),
        elsewhere: form
            .within(&[])
            .filter(|_| arn_values.any_account)
            .map(|sample| Sample {
                resource: Form::new(arn, elsewhere).unnamed(),
                ..sample
            }),
        form: Some(form),
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
