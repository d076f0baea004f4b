//! Resources: about which ARN is a request asked?
//!
//! What people say (a bucket's name, a key's ARN) becomes concrete ARNs. A request never bears a wildcard, so the objects of
//! a bucket are one plausible object, and a snapshot is one that does not exist.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::ScopeVariable;

use super::scope::Scope;

/// A resource that is asked about, and the pattern that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    /// Concrete: a request never bears a wildcard.
    pub(super) arn: Arc<str>,
    pub(super) pattern: Arc<str>,
}

impl Resource {
    /// Where nothing is declared.
    pub(super) fn any() -> Self {
        Self {
            arn: "*".into(),
            pattern: "*".into(),
        }
    }

    pub(super) fn in_region(&self, region: &str) -> Self {
        Self {
            arn: in_region(&self.arn, region),
            pattern: in_region(&self.pattern, region),
        }
    }
}

/// The ARNs of a variable.
pub(super) fn resources(variable: &ScopeVariable, scope: &Scope) -> Vec<Resource> {
    let values = variable
        .input
        .as_deref()
        .and_then(|input| scope.inputs.get(input));
    let mut arns: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |value: Option<&str>| {
        // A value that fits no ARN was told of when the tag was read.
        let asked = arns_of(variable, scope, value).unwrap_or_default();
        let meant = filled_arns(variable, scope, value, "").unwrap_or_default();
        arns.extend(asked.into_iter().zip(meant));
    };
    match (&variable.input, values) {
        (None, _) => add(None),
        (Some(_), None) => {}
        (Some(_), Some(values)) => values.iter().for_each(|value| add(Some(value))),
    }
    arns.into_iter()
        .map(|(asked, meant)| Resource {
            arn: concrete(&asked).into(),
            pattern: meant.into(),
        })
        .collect()
}

/// Where Veeam keeps what it writes, in a bucket of which no folder was named.
const OWN_FOLDER: &str = "Veeam";

/// The ARNs that one value makes of a variable.
pub(super) fn arns_of(
    variable: &ScopeVariable,
    scope: &Scope,
    value: Option<&str>,
) -> Result<Vec<String>, catalog::FillError> {
    filled_arns(variable, scope, value, OWN_FOLDER)
}

fn filled_arns(
    variable: &ScopeVariable,
    scope: &Scope,
    value: Option<&str>,
    folder: &str,
) -> Result<Vec<String>, catalog::FillError> {
    let mut known = catalog::ScopeValues {
        partition: scope.partition.to_string(),
        account: Some(scope.account),
        ..catalog::ScopeValues::default()
    };
    if let (Some(input), Some(value)) = (&variable.input, value) {
        known = known.with(input, &filled(variable, value, folder));
    }
    variable.arns(&known)
}

/// `name/folder` names a bucket and a folder in it; without one, `otherwise` is taken.
fn filled(variable: &ScopeVariable, value: &str, otherwise: &str) -> String {
    let holds_objects = variable.template.ends_with("/*");
    let name = value.trim_end_matches('/');
    let (bucket, folder) = match name.split_once('/') {
        Some((bucket, folder)) => (bucket, folder),
        None => (name, otherwise),
    };
    match variable.input.as_deref() {
        Some("bucket") if holds_objects && folder.is_empty() => bucket.to_owned(),
        Some("bucket") if holds_objects => format!("{bucket}/{folder}"),
        Some("bucket") => bucket.to_owned(),
        Some(_) | None => value.to_owned(),
    }
}

/// A name that a policy cannot mean by accident.
const OWN_NAME: &str = "permdrift";
const OWN_SNAPSHOT: &str = "snap-0123456789abcdef0";

/// A pattern's last star becomes a name that a policy cannot mean by accident.
fn concrete(arn: &str) -> String {
    match arn.strip_suffix("snapshot/*") {
        Some(front) => format!("{front}snapshot/{OWN_SNAPSHOT}"),
        None => match arn.strip_suffix('*') {
            Some(front) => format!("{front}{OWN_NAME}"),
            None => arn.to_owned(),
        },
    }
}

/// The pattern of all resources that the resource of a question stands for; `None` where it is the only one.
pub(crate) fn stands_for(arn: &str) -> Option<String> {
    let front = arn
        .strip_suffix(OWN_NAME)
        .map(|front| {
            front
                .strip_suffix(&format!("{OWN_FOLDER}/"))
                .unwrap_or(front)
        })
        .or_else(|| arn.strip_suffix(OWN_SNAPSHOT))?;
    front.ends_with('/').then(|| format!("{front}*"))
}

fn in_region(arn: &Arc<str>, region: &str) -> Arc<str> {
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
pub(crate) fn global_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => "us-east-1",
    }
}
