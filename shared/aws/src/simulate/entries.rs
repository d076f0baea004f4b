//! Context entries: how is what is known of a request told to AWS's simulator?
//!
//! A key that is known to be absent is not sent, and neither is one that is unknown: AWS takes both as absent and lists
//! those that policies name among the missing ones. Which of them matter is `reconcile`'s business.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum};
use iam::Context;

/// The shortest key that the API takes.
const SHORTEST: usize = 5;

/// One entry a key, in the order of the keys.
pub(super) fn entries(context: &Context) -> Vec<ContextEntry> {
    context
        .entries()
        .filter(|(key, values)| key.len() >= SHORTEST && !values.is_empty())
        .map(|(key, values)| {
            ContextEntry::builder()
                .context_key_name(key)
                .set_context_key_values(Some(values.iter().map(ToString::to_string).collect()))
                .context_key_type(kind(key, values.len() > 1))
                .build()
        })
        .collect()
}

/// The type of a key: the global ones have theirs; what the rest are is not known, and text compares with all operators.
fn kind(key: &str, several: bool) -> ContextKeyTypeEnum {
    let one = match key {
        "aws:securetransport"
        | "aws:multifactorauthpresent"
        | "aws:viaawsservice"
        | "aws:principalisawsservice" => ContextKeyTypeEnum::Boolean,
        "aws:currenttime" | "aws:tokenissuetime" => ContextKeyTypeEnum::Date,
        "aws:epochtime" | "aws:multifactorauthage" => ContextKeyTypeEnum::Numeric,
        "aws:sourceip" | "aws:vpcsourceip" => ContextKeyTypeEnum::Ip,
        _ => ContextKeyTypeEnum::String,
    };
    if !several {
        return one;
    }
    match one {
        ContextKeyTypeEnum::Boolean => ContextKeyTypeEnum::BooleanList,
        ContextKeyTypeEnum::Date => ContextKeyTypeEnum::DateList,
        ContextKeyTypeEnum::Numeric => ContextKeyTypeEnum::NumericList,
        ContextKeyTypeEnum::Ip => ContextKeyTypeEnum::IpList,
        _ => ContextKeyTypeEnum::StringList,
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
        check(
            "aws:SourceIp",
            &["192.0.2.1", "192.0.2.2"],
            Some(ContextKeyTypeEnum::IpList),
        );
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
    fn what_is_absent_or_too_short_is_not_sent() {
        check("aws:SourceIp", &[], None);
        check("a:b", &["c"], None);
    }
}
