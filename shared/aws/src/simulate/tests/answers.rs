//! Answers: what decisions, statements and missing keys in AWS's answer become.

use super::*;

#[tokio::test]
async fn a_deny_on_all_of_a_kind_counts_though_aws_allows_the_text_asked_about() {
    let replay = by_action(|_, _| ("allowed", scp(true)));
    let mut inventory = inventory(None);
    let own = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"ec2:Delete*","Resource":"arn:aws:ec2:*::snapshot/*"}]}"#;
    inventory.principals[0].inline.push(InlinePolicy {
        name: "own".into(),
        document: Arc::new(Document::parse(own)),
    });
    let asked = question("*", &["ec2:CreateSnapshot", "ec2:DeleteSnapshot"], None);
    let lists = vec![vec![asked]];
    let (mut replies, counts) =
        simulate_with(&replay, &inventory, lists.clone(), Vec::new(), 1).await;
    assert_eq!(
        only(&replies[0]),
        [],
        "AWS allows the text that was asked about"
    );
    let above = iam::ServiceControl::default();
    let inquiries = [inquiry(lists)];
    narrow(Accounts::Own, &inventory, &above, &inquiries, &mut replies);
    let found = only(&replies[0]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].actions, [1]);
    assert_eq!(found[0].outcome.decision, Decision::ExplicitDeny);
    assert_eq!(counts.disagreements, 0);
}

#[tokio::test]
async fn a_source_type_that_the_sdk_does_not_know_does_no_harm() {
    let statement = "<member><MatchedStatements><member><SourcePolicyId>DenyDelete</SourcePolicyId>\
         <SourcePolicyType>IAM Policy</SourcePolicyType><EndPosition><Column>2</Column><Line>9</Line></EndPosition>\
         <StartPosition><Column>16</Column><Line>2</Line></StartPosition></member></MatchedStatements>\
         <EvalResourceName>*</EvalResourceName><EvalDecision>explicitDeny</EvalDecision>\
         <EvalActionName>s3:DeleteObject</EvalActionName></member>";
    let replay = Replay::of(vec![page(&format!("{statement}\n"), None)]);
    let asked = question("*", &["s3:DeleteObject"], None);
    let found = simulate(&replay, asked, vec![lacking(&[Layer::Identity], &[0])]).await;
    let Cause::DeniedBy(by) = &found[0].outcome.cause else {
        panic!("{found:?}");
    };
    assert_eq!(
        (by[0].policy.as_ref(), by[0].layer),
        ("DenyDelete", Layer::Identity)
    );
}

#[tokio::test]
async fn a_decision_that_is_none_of_the_three_is_undetermined() {
    let replay = by_action(|_, _| ("probably", String::new()));
    let found = simulate(&replay, question("*", &["a:A"], None), Vec::new()).await;
    assert_eq!(found[0].outcome.decision, Decision::Undetermined);
}

#[tokio::test]
async fn keys_that_only_some_other_statement_names_change_nothing() {
    let missing =
        |key: &str| format!("<MissingContextValues><member>{key}</member></MissingContextValues>");
    // The API gives the list once; the template above has an empty one before it, which the reader must not stumble over.
    let replay = by_action(move |action, _| match action {
        "a:Sure" => ("allowed", missing("ec2:Vpc")),
        _ => ("allowed", missing("ec2:ResourceTag/backup")),
    });
    let asked = question("*", &["a:Sure", "b:Hangs"], None);
    let hangs = group(
        Decision::Undetermined,
        Cause::MissingContext { by: Vec::new() },
        &["ec2:ResourceTag/backup"],
        &[1],
    );
    assert_eq!(simulate(&replay, asked, vec![hangs.clone()]).await, [hangs]);
}

/// An embedded simulator that gives fewer replies than it was asked for.
struct Silent;

impl Simulate for Silent {
    async fn simulate(&self, _: &Inventory, _: &[Inquiry], _: &[PolicyDocument]) -> Vec<Reply> {
        Vec::new()
    }
}

#[tokio::test]
async fn an_embedded_simulator_that_did_not_reply_does_not_say_that_a_missing_key_is_of_no_account()
{
    let missing = "<MissingContextValues><member>ec2:Vpc</member></MissingContextValues>";
    let replay = by_action(move |_, _| ("allowed", missing.to_owned()));
    let limits = Limits {
        in_flight: 1,
        ceiling: 2,
        first: Window::default(),
        again: Window::default(),
    };
    let now = "2026-11-22T03:15:00Z".parse().unwrap();
    let simulator = AwsSimulator::new(replay.iam(), Silent, limits, now);
    let asked = inquiry(vec![vec![question("*", &["a:A"], None)]]);
    let replies = simulator.simulate(&inventory(None), &[asked], &[]).await;
    let cause = Cause::MissingContext { by: Vec::new() };
    let hangs = group(Decision::Undetermined, cause, &["ec2:Vpc"], &[0]);
    assert_eq!(only(&replies[0]), [hangs]);
}
