//! Resources: about which ARN is a request asked?
//!
//! What people say (a bucket's name, a key's ARN) becomes concrete ARNs. A request never bears a wildcard, so the objects of
//! a bucket are one plausible object, and a snapshot is one that does not exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::ScopeVariable;

use super::wants::Scope;

/// The ARNs of a variable, made concrete: a request never bears a wildcard.
pub(super) fn resources(variable: &ScopeVariable, scope: &Scope) -> Vec<Arc<str>> {
    let values = variable
        .input
        .as_deref()
        .and_then(|input| scope.inputs.get(input));
    let mut arns: BTreeSet<String> = BTreeSet::new();
    match (&variable.input, values) {
        (None, _) => arns.extend(arns_of(variable, scope, None).unwrap_or_default()),
        (Some(_), None) => {}
        // A value that fits no ARN was told of when the tag was read.
        (Some(_), Some(values)) => arns.extend(
            values
                .iter()
                .filter_map(|value| arns_of(variable, scope, Some(value)).ok())
                .flatten(),
        ),
    }
    arns.iter().map(|arn| Arc::from(concrete(arn))).collect()
}

/// The ARNs that one value makes of a variable.
pub(super) fn arns_of(
    variable: &ScopeVariable,
    scope: &Scope,
    value: Option<&str>,
) -> Result<Vec<String>, catalog::FillError> {
    let mut known = catalog::Scope {
        partition: scope.partition.to_string(),
        account: Some(scope.account),
        ..catalog::Scope::default()
    };
    if let (Some(input), Some(value)) = (&variable.input, value) {
        known = known.with(input, &filled(variable, value));
    }
    variable.arns(&known)
}

/// `name/folder` names a bucket and a folder in it; without one, Veeam's own folder is taken.
fn filled(variable: &ScopeVariable, value: &str) -> String {
    let holds_objects = variable.template.ends_with("/*");
    let name = value.trim_end_matches('/');
    let (bucket, folder) = match name.split_once('/') {
        Some((bucket, folder)) => (bucket, folder),
        None => (name, "Veeam"),
    };
    match variable.input.as_deref() {
        Some("bucket") if holds_objects => format!("{bucket}/{folder}"),
        Some("bucket") => bucket.to_owned(),
        Some(_) | None => value.to_owned(),
    }
}

/// A pattern's last star becomes a name that a policy cannot mean by accident.
fn concrete(arn: &str) -> String {
    match arn.strip_suffix("snapshot/*") {
        Some(front) => format!("{front}snapshot/snap-0123456789abcdef0"),
        None => match arn.strip_suffix('*') {
            Some(front) => format!("{front}permdrift"),
            None => arn.to_owned(),
        },
    }
}

pub(super) fn in_region(arn: &Arc<str>, region: &str) -> Arc<str> {
    match iam::Arn::parse(arn) {
        Ok(parsed) if parsed.region == ANY_REGION => {
            let (partition, service) = (parsed.partition, parsed.service);
            let (account, resource) = (parsed.account, parsed.resource);
            format!("arn:{partition}:{service}:{region}:{account}:{resource}").into()
        }
        _ => Arc::clone(arn),
    }
}

pub(super) const ANY_REGION: &str = "*";

/// Services with one endpoint for all regions.
pub(super) fn is_global(service: &str) -> bool {
    ["iam", "organizations", "pricing"]
        .iter()
        .any(|global| service.eq_ignore_ascii_case(global))
}

/// The region that requests to such an endpoint bear.
pub(super) fn global_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}
