//! The resource side on top of what AWS's simulator says of a role: what lifts its denials, and what denies what it allows?

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use iam::evaluate::on_top::{ServiceControlLayers, on_top};
use iam::evaluate::{Caller, ResourceSide};
use iam::{Cause, Context, Decision, Document, Layer, Layers, Outcome, Policy, Request};

const ROLE: &str = "arn:aws:iam::123456789012:role/Veeam";
const SILENT: &str = r#"{"Statement": []}"#;
const ALL: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

/// What the simulator says, the boundary that the listing holds, whether SCPs are known, and what comes out.
struct Case {
    simulator: Decision,
    boundary: Option<&'static str>,
    service_control: ServiceControlLayers,
    policy: &'static str,
    expected: Decision,
}

#[track_caller]
fn check(case: &Case) {
    let policy = Document::parse_resource_policy(case.policy).unwrap();
    let boundary = case.boundary.map(|text| Document::parse(text).unwrap());
    fn named(document: &Document) -> Policy<'_> {
        Policy {
            name: "p".into(),
            document: Ok(document),
        }
    }
    let principal = ROLE.parse().unwrap();
    let layers = Layers {
        boundary: boundary.as_ref().map(|one| vec![named(one)]),
        resource_side: Some(ResourceSide {
            policy: Some(named(&policy)),
            ..ResourceSide::of(Caller::of(&principal, "AROAEXAMPLEEXAMPLE001"))
        }),
        ..Layers::default()
    };
    let said = Outcome {
        decision: case.simulator,
        cause: Cause::NotAllowedIn(vec![Layer::Identity]),
        missing: [].into(),
    };
    let request = Request {
        principal: Some(&principal),
        action: &"s3:GetObject".parse().unwrap(),
        resource: "arn:aws:s3:::backups/x",
        context: &Context::partial(),
    };
    let found = on_top(&said, &layers, case.service_control, &request);
    assert_eq!(found.decision, case.expected, "{:?}", found.cause);
}

const DENY: &str =
    r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
const FOR_ROLE: &str = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Veeam"},
    "Action": "s3:*", "Resource": "*"}}"#;

const PLAIN: Case = Case {
    simulator: Decision::Allowed,
    boundary: None,
    service_control: ServiceControlLayers::Known,
    policy: DENY,
    expected: Decision::ExplicitDeny,
};

#[test]
fn a_deny_of_the_resource_denies_whatever_the_simulator_says() {
    for simulator in [
        Decision::Allowed,
        Decision::ImplicitDeny,
        Decision::Undetermined,
    ] {
        check(&Case { simulator, ..PLAIN });
    }
}

#[test]
fn a_grant_to_the_role_lifts_an_implicit_deny() {
    check(&Case {
        simulator: Decision::ImplicitDeny,
        policy: FOR_ROLE,
        expected: Decision::Allowed,
        ..PLAIN
    });
}

#[test]
fn a_grant_to_the_role_lifts_nothing_that_may_be_an_scps() {
    check(&Case {
        simulator: Decision::ImplicitDeny,
        service_control: ServiceControlLayers::Unknown,
        policy: FOR_ROLE,
        expected: Decision::Undetermined,
        ..PLAIN
    });
}

#[test]
fn a_grant_to_the_role_lifts_nothing_beyond_its_boundary() {
    for (boundary, expected) in [(SILENT, Decision::ImplicitDeny), (ALL, Decision::Allowed)] {
        check(&Case {
            simulator: Decision::ImplicitDeny,
            boundary: Some(boundary),
            policy: FOR_ROLE,
            expected,
            ..PLAIN
        });
    }
}

#[test]
fn an_explicit_deny_is_never_lifted_and_a_doubt_stays() {
    for simulator in [Decision::ExplicitDeny, Decision::Undetermined] {
        check(&Case {
            simulator,
            policy: FOR_ROLE,
            expected: simulator,
            ..PLAIN
        });
    }
}
