//! Context entries: which context keys are sent to AWS's simulator?
//!
//! A key that is absent is not sent, and neither is one that is unknown: AWS takes both as absent and lists those that policies
//! name as missing. A key with alternative values (a request has one of them) is not sent either: AWS would take them as the
//! values of one request. Whether an unsent key matters is decided in `reconcile`.

use std::collections::BTreeSet;

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum};
use iam::{Context, Known};

/// Every request has a region, and many SCPs allow only some regions.
const REGION: &str = "aws:RequestedRegion";

/// The shortest key that the API takes.
const SHORTEST: usize = 5;

/// The global keys that have several values in one request, lower-case.
const MULTIVALUED: [&str; 7] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "aws:vpceorgpaths",
];

/// One entry a key, in the order of the keys.
pub(super) fn entries(context: &Context) -> Vec<ContextEntry> {
    context
        .entries()
        .filter(|(key, values)| {
            key.len() >= SHORTEST && !values.is_empty() && !are_alternatives(key, values)
        })
        .map(|(key, values)| {
            ContextEntry::builder()
                .context_key_name(key)
                .set_context_key_values(Some(values.iter().map(ToString::to_string).collect()))
                .context_key_type(kind(key, values))
                .build()
        })
        .collect()
}

/// Keys that requests have and that are not sent.
pub(super) fn unsent(context: &Context) -> BTreeSet<Box<str>> {
    let region = match context.get(REGION) {
        Known::Values(values) if values.len() == 1 => None,
        Known::Values(_) | Known::Absent | Known::Unknown => Some(REGION),
    };
    let several = context
        .entries()
        .filter(|(key, values)| are_alternatives(key, values) && !key.eq_ignore_ascii_case(REGION))
        .map(|(key, _)| key);
    several.chain(region).map(Box::from).collect()
}

/// Whether these are alternatives, of which a request has one.
fn are_alternatives(key: &str, values: &[Box<str>]) -> bool {
    values.len() > 1 && !MULTIVALUED.contains(&key)
}

/// The type of a key: the global ones have their own; those of the others are not known, and text works with all operators.
fn kind(key: &str, values: &[Box<str>]) -> ContextKeyTypeEnum {
    match key {
        _ if values.len() > 1 => ContextKeyTypeEnum::StringList,
        "aws:securetransport"
        | "aws:multifactorauthpresent"
        | "aws:viaawsservice"
        | "aws:principalisawsservice" => ContextKeyTypeEnum::Boolean,
        "aws:currenttime" | "aws:tokenissuetime" => ContextKeyTypeEnum::Date,
        "aws:epochtime" | "aws:multifactorauthage" => ContextKeyTypeEnum::Numeric,
        "aws:sourceip" | "aws:vpcsourceip" => ContextKeyTypeEnum::Ip,
        _ => ContextKeyTypeEnum::String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, values: &[&str], expected: Option<ContextKeyTypeEnum>) {
        let mut context = Context::partial();
        context.set(key, values.iter().copied());
        let found = entries(&context);
        assert_eq!(
            found
                .first()
                .and_then(|entry| entry.context_key_type.clone()),
            expected
        );
    }

    #[test]
    fn each_key_is_sent_with_its_type() {
        check(
            "aws:SecureTransport",
            &["true"],
            Some(ContextKeyTypeEnum::Boolean),
        );
        check(
            "aws:CurrentTime",
            &["2026-01-01T00:00:00Z"],
            Some(ContextKeyTypeEnum::Date),
        );
        check("aws:SourceIp", &["192.0.2.1"], Some(ContextKeyTypeEnum::Ip));
        check(
            "aws:RequestedRegion",
            &["eu-west-1"],
            Some(ContextKeyTypeEnum::String),
        );
        check(
            "aws:TagKeys",
            &["a", "b"],
            Some(ContextKeyTypeEnum::StringList),
        );
    }

    #[test]
    fn alternative_values_are_not_sent() {
        check("aws:SourceIp", &["192.0.2.1", "192.0.2.2"], None);
        let mut context = Context::partial();
        context.set("aws:SourceIp", ["192.0.2.1", "192.0.2.2"]);
        context.set("aws:TagKeys", ["a", "b"]);
        context.set_one("aws:SourceVpc", "vpc-1");
        let keys = ["aws:RequestedRegion", "aws:sourceip"].map(Box::from);
        assert_eq!(unsent(&context), keys.into());
        context.set_one("aws:RequestedRegion", "eu-west-1");
        context.set_one("aws:SourceIp", "192.0.2.1");
        assert_eq!(unsent(&context), BTreeSet::new());
    }

    #[test]
    fn what_is_absent_or_too_short_is_not_sent() {
        check("aws:SourceIp", &[], None);
        check("a:b", &["c"], None);
    }
}
