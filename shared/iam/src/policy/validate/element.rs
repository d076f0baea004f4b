//! The rules of single elements: what is wrong with an action, a resource, an operator, a principal?
//!
//! In: the text of one value. Out: what was found and what would be right; nothing where IAM accepts it.

use crate::arn::{AccountId, Arn, PARTITIONS};
use crate::condition::operator::Operator;
use crate::glob;

/// An entry of `Action` or `NotAction`.
pub(super) fn action(text: &str) -> Option<String> {
    if glob::is_everything(text) {
        return None;
    }
    let Some((vendor, name)) = text.split_once(':') else {
        return Some(format!(
            "the action `{text}` names no service: expected `service:Name`, such as `s3:GetObject`"
        ));
    };
    if name.contains(':') {
        return Some(format!(
            "the action `{text}` has more than one colon: expected `service:Name`, such as `s3:GetObject`"
        ));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    // `*:*` stands in many policies; behind a wildcard for the service IAM takes nothing else.
    let is_everything = vendor == "*" && glob::is_everything(name);
    if !is_everything && (vendor.is_empty() || !vendor.bytes().all(plain)) {
        return Some(format!(
            "the action `{text}` has the service `{vendor}`: expected one written out, such as `s3`"
        ));
    }
    name.is_empty().then(|| {
        format!("the action `{text}` has no name: expected `service:Name`, such as `s3:GetObject`")
    })
}

/// An entry of `Action` or `NotAction` in a trust policy.
pub(super) fn trust_action(text: &str) -> Option<String> {
    let service = text.split_once(':').map_or("", |(service, _)| service);
    if service.eq_ignore_ascii_case("sts") {
        return action(text);
    }
    Some(format!(
        "the action `{text}` is none that assumes a role: expected one of STS, such as `sts:AssumeRole`"
    ))
}

/// An entry of `Resource` or `NotResource`.
pub(super) fn resource(text: &str) -> Option<String> {
    if glob::is_everything(text) {
        return None;
    }
    let refuse = |what: &str| Some(format!("the resource `{text}` {what}"));
    let Some(rest) = text.strip_prefix("arn:") else {
        return refuse("is no ARN: expected an ARN, or `*` alone");
    };
    let mut parts = rest.splitn(5, ':');
    let (partition, service, region) = (parts.next()?, parts.next(), parts.next());
    let has_wildcard = |part: &str| part.contains(['*', '?']);
    let is_pattern = has_wildcard(partition) && !partition.contains('$');
    if !PARTITIONS.contains(&partition) && !is_pattern {
        return refuse(&format!(
            "has the partition `{partition}`: expected one of {}",
            PARTITIONS.join(", ")
        ));
    }
    match service {
        None | Some("") => {
            return refuse(
                "names no service: expected `arn:partition:service:region:account:resource`",
            );
        }
        Some(service) if has_wildcard(service) => {
            return refuse(
                "has a wildcard in its service: expected the service written out, or `*` alone",
            );
        }
        Some("iam") if region.is_some_and(|region| !region.is_empty() && !has_wildcard(region)) => {
            return refuse("has a region: IAM's resources have none");
        }
        Some(_) => {}
    }
    // IAM stores what lacks further parts; it then matches nothing, which the document's notes say.
    None
}

/// A key of `Condition`.
pub(super) fn operator(text: &str) -> Option<String> {
    Operator::parse(text).is_none().then(|| {
        format!("IAM has no condition operator `{text}`: expected one such as `StringEquals`")
    })
}

/// A key of a condition operator. What follows the slash of a tag key may be anything.
pub(super) fn condition_key(text: &str) -> Option<String> {
    let is_prefixed = text
        .split_once(':')
        .is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    (!is_prefixed).then(|| {
        format!("the condition key `{text}` names no service: expected one such as `aws:PrincipalTag/team` or `s3:prefix`")
    })
}

/// The rule for values of one kind of principal.
pub(super) fn principal_rule(kind: &str) -> Result<fn(&str) -> Option<String>, String> {
    match kind {
        "AWS" => Ok(aws_principal),
        "Service" => Ok(service_principal),
        "Federated" | "CanonicalUser" => Ok(any_principal),
        other => Err(format!(
            "`{other}` is no kind of principal: expected AWS, Service, Federated or CanonicalUser"
        )),
    }
}

fn aws_principal(text: &str) -> Option<String> {
    let refuse = |expected: &str| {
        Some(format!(
            "the principal `{text}` is none that IAM accepts: expected {expected}"
        ))
    };
    if text == "*" || text.parse::<AccountId>().is_ok() || is_unique_id(text) {
        return None;
    }
    match Arn::parse(text) {
        Ok(_) if text.contains(['*', '?']) => refuse(
            "a whole ARN without wildcards; compare `aws:PrincipalArn` in a condition instead",
        ),
        Ok(Arn {
            partition,
            service: "iam" | "sts",
            region: "",
            account,
            ..
        }) if PARTITIONS.contains(&partition) && account.parse::<AccountId>().is_ok() => None,
        Ok(_) | Err(_) => {
            refuse("`*`, twelve digits, or the ARN of an account, user, role or session")
        }
    }
}

/// What IAM shows in place of a user or role that was deleted, such as `AROAEXAMPLEEXAMPLE001`.
pub(in crate::policy) fn is_unique_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() >= 16
        && text.starts_with('A')
        && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn service_principal(text: &str) -> Option<String> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    (!text.contains('.') || !text.bytes().all(is_name)).then(|| {
        format!("the service principal `{text}` is none: expected one such as `ec2.amazonaws.com`")
    })
}

fn any_principal(text: &str) -> Option<String> {
    text.trim()
        .is_empty()
        .then(|| "a principal is empty: expected its ARN, host or id".to_owned())
}
