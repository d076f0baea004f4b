//! The rules of one account, said a second time: does the evaluator agree with a plain reading of AWS's documentation?
//!
//! Policies are random and have no conditions. In one account a bucket's policy or the identity policies allow; a key's policy
//! allows the caller, or allows the account and then the identity policies count. A boundary caps all of it but what is allowed to
//! a user or a session by its own ARN.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use iam::evaluate::{Caller, ResourceSide};
use iam::{Context, Decision, Document, Layers, Policy, Request, evaluate};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const ACCOUNT: &str = "123456789012";
const USER: &str = "arn:aws:iam::123456789012:user/veeam";
const ROLE: &str = "arn:aws:iam::123456789012:role/Veeam";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/Veeam/worker";
const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:PutObject", "kms:Decrypt", "kms:Encrypt"];
const PRINCIPALS: [&str; 7] = [
    ACCOUNT,
    "arn:aws:iam::123456789012:root",
    USER,
    ROLE,
    SESSION,
    "arn:aws:iam::123456789012:role/Other",
    "999988887777",
];

/// A statement: what it does, for which principals (none in an identity policy), for which actions.
#[derive(Clone, Debug)]
struct Plain {
    allows: bool,
    principals: Vec<&'static str>,
    actions: Vec<&'static str>,
}

#[derive(Clone, Debug)]
struct Case {
    caller: &'static str,
    action: &'static str,
    identity: Vec<Plain>,
    boundary: Option<Vec<Plain>>,
    resource: Vec<Plain>,
}

fn statement(with_principals: bool) -> impl Strategy<Value = Plain> {
    let principals = subsequence(PRINCIPALS.to_vec(), 1..3);
    let actions = subsequence(ACTIONS.to_vec(), 1..3);
    (prop::bool::weighted(0.8), principals, actions).prop_map(
        move |(allows, principals, actions)| Plain {
            allows,
            principals: if with_principals {
                principals
            } else {
                Vec::new()
            },
            actions,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let policy = |with_principals| prop::collection::vec(statement(with_principals), 0..3);
    (
        select(&[USER, SESSION][..]),
        select(&ACTIONS[..]),
        policy(false),
        prop::option::of(policy(false)),
        policy(true),
    )
        .prop_map(|(caller, action, identity, boundary, resource)| Case {
            caller,
            action,
            identity,
            boundary,
            resource,
        })
}

fn document(
    statements: &[Plain],
    parse: fn(&str) -> Result<Document, iam::inventory::Fault>,
) -> Document {
    let list = |texts: &[&str]| format!("[\"{}\"]", texts.join("\",\""));
    let statements: Vec<String> = statements
        .iter()
        .map(|one| {
            let principal = match one.principals.as_slice() {
                [] => String::new(),
                some => format!("\"Principal\":{{\"AWS\":{}}},", list(some)),
            };
            let effect = if one.allows { "Allow" } else { "Deny" };
            let actions = list(&one.actions);
            format!(
                "{{\"Effect\":\"{effect}\",{principal}\"Action\":{actions},\"Resource\":\"*\"}}"
            )
        })
        .collect();
    parse(&format!("{{\"Statement\":[{}]}}", statements.join(","))).unwrap()
}

fn evaluated(case: &Case) -> Decision {
    let identity = document(&case.identity, Document::parse);
    let boundary = case
        .boundary
        .as_ref()
        .map(|one| document(one, Document::parse));
    let resource = document(&case.resource, Document::parse_resource_policy);
    fn policy(document: &Document) -> Policy<'_> {
        Policy {
            name: "p".into(),
            document: Ok(document),
        }
    }
    let layers = Layers {
        identity: vec![policy(&identity)],
        boundary: boundary.as_ref().map(|one| vec![policy(one)]),
        resource_side: Some(ResourceSide {
            policy: Some(policy(&resource)),
            ..ResourceSide::of(Caller::parse(case.caller).unwrap())
        }),
        ..Layers::default()
    };
    let request = Request {
        principal: None,
        action: &case.action.parse().unwrap(),
        resource: "arn:aws:any:::thing",
        context: &Context::complete(),
    };
    evaluate(&layers, &request).decision
}

fn plainly(case: &Case) -> Decision {
    let about = |list: &[Plain], allows: bool, principals: &[&str]| {
        list.iter().any(|one| {
            one.allows == allows
                && one.actions.contains(&case.action)
                && (one.principals.is_empty()
                    || one
                        .principals
                        .iter()
                        .any(|named| principals.contains(named)))
        })
    };
    let account = [ACCOUNT, "arn:aws:iam::123456789012:root"];
    let is_user = case.caller == USER;
    let itself: &[&str] = if is_user { &[USER] } else { &[SESSION] };
    let role: &[&str] = if is_user { &[] } else { &[ROLE] };
    let boundary = case.boundary.as_deref().unwrap_or_default();
    let everyone = [&account[..], itself, role].concat();
    if about(&case.identity, false, &[])
        || about(boundary, false, &[])
        || about(&case.resource, false, &everyone)
    {
        return Decision::ExplicitDeny;
    }
    let within_boundary = case.boundary.is_none() || about(boundary, true, &[]);
    let identity = about(&case.identity, true, &[]);
    let is_trusted = !case.action.starts_with("kms:") || about(&case.resource, true, &account);
    let allowed = about(&case.resource, true, itself)
        || (within_boundary && about(&case.resource, true, role))
        || (within_boundary && identity && is_trusted);
    if allowed {
        Decision::Allowed
    } else {
        Decision::ImplicitDeny
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn union_and_root_of_trust_are_as_a_plain_reading_has_them(case in case()) {
        prop_assert_eq!(evaluated(&case), plainly(&case));
    }
}
