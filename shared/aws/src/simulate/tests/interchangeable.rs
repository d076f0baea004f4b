//! The two simulators are interchangeable: the same inquiry gets the same reply from either.
//!
//! What each case expects is written by hand, and so is what AWS answers in it: nothing here asks the evaluator.

use audit::simulate::embedded::Embedded;
use iam::StatementRef;
use iam::inventory::ManagedPolicy;

use super::*;

const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/edge";

/// What AWS says of an action: its decision and further elements, given which layers were left out.
type Aws = fn(action: &str, without: &[String]) -> (&'static str, String);

struct Case<'a> {
    /// Statements of the role's own policy.
    own: &'a str,
    /// Statements of its boundary.
    boundary: Option<&'a str>,
    questions: Vec<Question>,
    aws: Aws,
    /// By hand: what is not plainly allowed.
    expected: Vec<Group>,
}

fn document(statements: &str) -> iam::inventory::PolicyText {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Arc::new(Document::parse(&text))
}

fn account(case: &Case<'_>) -> Inventory {
    let mut inventory = inventory(case.boundary.map(|_| BOUNDARY));
    inventory.principals[0].inline.push(InlinePolicy {
        name: "own".into(),
        document: document(case.own),
    });
    if let Some(statements) = case.boundary {
        let policy = ManagedPolicy {
            name: "edge".into(),
            version: "v1".into(),
            newest: "v1".into(),
            document: document(statements),
        };
        inventory.policies.insert(BOUNDARY.into(), policy);
    }
    inventory
}

async fn check(case: Case<'_>) {
    let inventory = account(&case);
    let inquiries = [inquiry(vec![case.questions.clone()])];
    let aws = case.aws;
    let replay = by_action(move |action, sent| aws(action, &excluded(sent)));
    let limits = Limits {
        in_flight: 1,
        ceiling: 2,
        first: Window::default(),
        again: Window::default(),
    };
    let now = "2026-11-22T03:15:00Z".parse().unwrap();
    let live = AwsSimulator::new(replay.iam(), Embedded::default(), limits, now);
    let expected = [Reply::Decided(vec![case.expected])];
    let embedded = Embedded::default();
    assert_eq!(
        embedded.simulate(&inventory, &inquiries, &[]).await,
        expected,
        "the embedded simulator"
    );
    assert_eq!(
        live.simulate(&inventory, &inquiries, &[]).await,
        expected,
        "AWS's simulator"
    );
}

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn one(actions: &[&str]) -> Vec<Question> {
    vec![question("*", actions, Some("eu-west-1"))]
}

fn own_statement(index: usize) -> StatementRef {
    StatementRef {
        layer: Layer::Identity,
        policy: "inline own".into(),
        index: Some(index),
        sid: None,
    }
}

#[tokio::test]
async fn what_is_allowed_is_not_mentioned() {
    check(Case {
        own: ALL,
        boundary: None,
        questions: one(&["ec2:DescribeInstances", "s3:ListAllMyBuckets"]),
        aws: |_, _| ("allowed", scp(true)),
        expected: Vec::new(),
    })
    .await;
}

#[tokio::test]
async fn what_no_statement_allows_is_missing_from_the_identity_policies() {
    check(Case {
        own: r#"{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}"#,
        boundary: None,
        questions: one(&["ec2:CreateSnapshot", "ec2:DescribeInstances"]),
        aws: |action, _| match action {
            "ec2:DescribeInstances" => ("allowed", scp(true)),
            _ => ("implicitDeny", scp(true)),
        },
        expected: vec![lacking(&[Layer::Identity], &[0])],
    })
    .await;
}

#[tokio::test]
async fn a_denying_statement_is_named() {
    let deny = r#"{"Effect":"Deny","Action":"ec2:CreateSnapshot","Resource":"*"}"#;
    let cause = Cause::DeniedBy(vec![own_statement(1)]);
    check(Case {
        own: &format!("{ALL},{deny}"),
        boundary: None,
        questions: one(&["ec2:CreateSnapshot", "ec2:DescribeInstances"]),
        aws: |action, _| match action {
            "ec2:DescribeInstances" => ("allowed", scp(true)),
            _ => ("explicitDeny", scp(true)),
        },
        expected: vec![group(Decision::ExplicitDeny, cause, &[], &[0])],
    })
    .await;
}

#[tokio::test]
async fn a_boundary_that_does_not_allow_is_to_blame() {
    check(Case {
        own: ALL,
        boundary: Some(r#"{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}"#),
        questions: one(&["ec2:CreateSnapshot", "ec2:DescribeInstances"]),
        aws: |action, without| match action {
            "ec2:DescribeInstances" => ("allowed", scp(true)),
            _ if without == ["permission-boundary"] => ("allowed", scp(true)),
            _ => ("implicitDeny", format!("{}{}", scp(true), boundary(false))),
        },
        expected: vec![lacking(&[Layer::Boundary], &[0])],
    })
    .await;
}

#[tokio::test]
async fn a_key_that_nobody_gave_leaves_it_undetermined() {
    let own = r#"{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*",
        "Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}"#;
    let cause = Cause::MissingContext {
        by: vec![own_statement(0)],
    };
    check(Case {
        own,
        boundary: None,
        questions: one(&["s3:ListAllMyBuckets"]),
        aws: |_, _| {
            let missing =
                "<MissingContextValues><member>aws:SourceVpc</member></MissingContextValues>";
            ("implicitDeny", format!("{missing}{}", scp(true)))
        },
        expected: vec![group(
            Decision::Undetermined,
            cause,
            &["aws:SourceVpc"],
            &[0],
        )],
    })
    .await;
}

#[tokio::test]
async fn narrower_resources_are_named_where_all_were_asked_about() {
    let cause = Cause::AllowedOnlyOn {
        by: vec![own_statement(0)],
        resources: vec!["arn:aws:s3:::backup/*".into()],
    };
    check(Case {
        own: r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::backup/*"}"#,
        boundary: None,
        questions: one(&["s3:GetObject"]),
        aws: |_, _| ("implicitDeny", scp(true)),
        expected: vec![group(Decision::ImplicitDeny, cause, &[], &[0])],
    })
    .await;
}

#[tokio::test]
async fn each_question_is_answered_for_itself() {
    // A region is part of the request: what is allowed in one is asked about in another.
    let own = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*",
        "Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}"#;
    let here = |expected| Case {
        own,
        boundary: None,
        questions: vec![question("*", &["ec2:CreateSnapshot"], Some("eu-west-1"))],
        aws: |_, _| ("allowed", scp(true)),
        expected,
    };
    check(here(Vec::new())).await;
    let elsewhere = Case {
        questions: vec![question("*", &["ec2:CreateSnapshot"], Some("us-east-1"))],
        aws: |_, _| ("implicitDeny", scp(true)),
        ..here(vec![lacking(&[Layer::Identity], &[0])])
    };
    check(elsewhere).await;
}
