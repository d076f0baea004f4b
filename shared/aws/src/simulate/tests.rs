//! AWS's simulator in its true wire shapes, through the port.

mod interchangeable;
mod layers;
mod refusals;
mod time;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use audit::ports::Simulate;
use audit::simulate::narrow::{Accounts, narrow};
use audit::simulate::{Inquiry, Reply};
use catalog::PolicyDocument;
use iam::inventory::InlinePolicy;
use iam::policy::Document;
use iam::{
    ActionName, Cause, Context, Decision, Group, Inventory, Layer, Outcome, Principal, Question,
};

use super::blame::SERVICE_CONTROL;
use super::*;
use crate::replay::{Replay, Sent, refusal};

const ROLE: &str = "arn:aws:iam::123456789012:role/backup/Veeam";

/// The embedded simulator as the test wants it: what it says of each first question of a list.
struct Explained(Vec<Group>);

impl Simulate for Explained {
    async fn simulate(&self, _: &Inventory, all: &[Inquiry], _: &[PolicyDocument]) -> Vec<Reply> {
        let one = |inquiry: &Inquiry| {
            Reply::Decided(inquiry.lists.iter().map(|_| self.0.clone()).collect())
        };
        all.iter().map(one).collect()
    }
}

fn question(resource: &str, actions: &[&str], region: Option<&str>) -> Question {
    let mut context = Context::partial();
    if let Some(region) = region {
        context.set_one("aws:RequestedRegion", region);
    }
    let mut actions: Vec<ActionName> = actions.iter().map(|name| name.parse().unwrap()).collect();
    actions.sort();
    Question {
        resource: resource.into(),
        context: context.into(),
        actions: actions.into(),
    }
}

fn inventory(boundary: Option<&str>) -> Inventory {
    Inventory {
        account: Some("123456789012".parse().unwrap()),
        principals: vec![Principal {
            arn: ROLE.parse().unwrap(),
            id: "AROAEXAMPLE".into(),
            created: "2026-01-01T00:00:00Z".into(),
            tags: vec![("team".into(), "backup".into())],
            inline: Vec::new(),
            attached: Vec::new(),
            groups: Vec::new(),
            boundary: boundary.map(Into::into),
            trust: None,
            instance_profiles: Vec::new(),
            unsettled: Vec::new(),
        }],
        ..Inventory::default()
    }
}

fn inquiry(lists: Vec<Vec<Question>>) -> Inquiry {
    Inquiry {
        principal: 0,
        lists: lists.into_iter().map(Arc::from).collect(),
    }
}

async fn simulate_with(
    replay: &Replay,
    inventory: &Inventory,
    lists: Vec<Vec<Question>>,
    embedded: Vec<Group>,
    times: usize,
) -> (Vec<Reply>, crate::Counts) {
    let iam = replay.iam();
    let process = iam.process.clone();
    let limits = Limits {
        in_flight: 1,
        first: Window::default(),
        again: Window::default(),
    };
    let now = "2026-11-22T03:15:00Z".parse().unwrap();
    let simulator = AwsSimulator::new(iam, Explained(embedded), limits, now);
    let inquiries = vec![inquiry(lists); times];
    let replies = simulator.simulate(inventory, &inquiries, &[]).await;
    (replies, process.tally.counts())
}

/// The groups of the first inquiry's only list.
async fn simulate(replay: &Replay, question: Question, embedded: Vec<Group>) -> Vec<Group> {
    let (answers, _) =
        simulate_with(replay, &inventory(None), vec![vec![question]], embedded, 1).await;
    only(&answers[0])
}

fn only(reply: &Reply) -> Vec<Group> {
    match reply {
        Reply::Decided(lists) => lists[0].clone(),
        Reply::NotReached => panic!("not reached"),
    }
}

fn group(decision: Decision, cause: Cause, missing: &[&str], actions: &[u16]) -> Group {
    Group {
        question: 0,
        outcome: Outcome {
            decision,
            cause,
            missing: missing.iter().map(|&key| key.into()).collect(),
        },
        actions: actions.to_vec(),
    }
}

fn lacking(layers: &[Layer], actions: &[u16]) -> Group {
    let cause = Cause::NotAllowedIn(layers.to_vec());
    group(Decision::ImplicitDeny, cause, &[], actions)
}

fn unanswered(reason: &str, actions: &[u16]) -> Group {
    let cause = Cause::NoAnswer {
        reason: reason.into(),
    };
    group(Decision::Undetermined, cause, &[], actions)
}

/// The actions of a request, in the order sent.
fn actions(sent: &Sent) -> Vec<String> {
    (1..)
        .map_while(|at| sent.form.get(&format!("ActionNames.member.{at}")).cloned())
        .collect()
}

fn excluded(sent: &Sent) -> Vec<String> {
    (1..)
        .map_while(|at| {
            sent.form
                .get(&format!("PolicyExclusionList.member.{at}.PolicyType"))
                .cloned()
        })
        .collect()
}

fn page(results: &str, marker: Option<&str>) -> (u16, String) {
    let more = match marker {
        Some(marker) => format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>"),
        None => "<IsTruncated>false</IsTruncated>".to_owned(),
    };
    let body = format!(
        "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n\
         <SimulatePrincipalPolicyResult>\n{more}\n<EvaluationResults>\n{results}</EvaluationResults>\n\
         </SimulatePrincipalPolicyResult>\n<ResponseMetadata>\n<RequestId>1cdb5b0a-4c15-11e5-b121-bd8c7EXAMPLE\
         </RequestId>\n</ResponseMetadata>\n</SimulatePrincipalPolicyResponse>\n"
    );
    (200, body)
}

/// One result without resources, with further elements.
fn result(action: &str, decision: &str, more: &str) -> String {
    format!(
        "<member>\n<MatchedStatements/>\n<MissingContextValues/>\n<EvalResourceName>*</EvalResourceName>\n\
         <EvalDecision>{decision}</EvalDecision>\n<EvalActionName>{action}</EvalActionName>\n{more}</member>\n"
    )
}

fn scp(allowed: bool) -> String {
    format!(
        "<OrganizationsDecisionDetail><AllowedByOrganizations>{allowed}</AllowedByOrganizations>\
         </OrganizationsDecisionDetail>"
    )
}

fn boundary(allowed: bool) -> String {
    format!(
        "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>{allowed}\
         </AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
    )
}

/// Answers each action that is asked about with what the function says of it: decision and further elements.
fn by_action(
    decide: impl Fn(&str, &Sent) -> (&'static str, String) + Send + Sync + 'static,
) -> Replay {
    Replay::new(move |sent| {
        let results: String = actions(sent)
            .iter()
            .map(|action| {
                let (decision, more) = decide(action, sent);
                result(action, decision, &more)
            })
            .collect();
        Ok(page(&results, None))
    })
}

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
async fn what_is_known_of_the_request_is_sent() {
    let replay = by_action(|_, _| ("allowed", scp(true)));
    let asked = question("*", &["s3:ListAllMyBuckets"], Some("eu-west-1"));
    assert_eq!(simulate(&replay, asked, Vec::new()).await, []);
    let sent = &replay.sent()[0].form;
    assert_eq!(sent["Action"], "SimulatePrincipalPolicy");
    assert_eq!(sent["PolicySourceArn"], ROLE);
    assert_eq!(sent["MaxItems"], "1000");
    assert!(!sent.contains_key("ResourceArns.member.1"));
    let context: Vec<(String, String, String)> = (1..)
        .map_while(|at| {
            let field = |name: &str| {
                sent.get(&format!("ContextEntries.member.{at}.{name}"))
                    .cloned()
            };
            Some((
                field("ContextKeyName")?,
                field("ContextKeyValues.member.1")?,
                field("ContextKeyType")?,
            ))
        })
        .collect();
    let expected = [
        ("aws:currenttime", "2026-11-22T03:15:00Z", "date"),
        ("aws:epochtime", "1795317300", "numeric"),
        ("aws:principalaccount", "123456789012", "string"),
        ("aws:principalarn", ROLE, "string"),
        ("aws:principaltag/team", "backup", "string"),
        ("aws:principaltype", "AssumedRole", "string"),
        ("aws:requestedregion", "eu-west-1", "string"),
        ("aws:securetransport", "true", "boolean"),
    ];
    let expected = expected.map(|(key, value, kind)| (key.into(), value.into(), kind.into()));
    assert_eq!(context, expected);
}

#[tokio::test]
async fn several_resources_are_read_one_by_one() {
    // One result for both ARNs: the name is a template, the decision an aggregate, the union of the keys at the top.
    let specific = |arn: &str, decision: &str| {
        format!(
            "<member><EvalResourceName>{arn}</EvalResourceName><EvalResourceDecision>{decision}</EvalResourceDecision>\
             <MissingContextValues/></member>"
        )
    };
    let results = format!(
        "<member><EvalActionName>s3:GetObject</EvalActionName>\
         <EvalResourceName>arn:aws:s3:::${{BucketName}}/${{KeyName}}</EvalResourceName>\
         <EvalDecision>implicitDeny</EvalDecision>{}<MissingContextValues/><ResourceSpecificResults>{}{}\
         </ResourceSpecificResults></member>",
        scp(true),
        specific("arn:aws:s3:::good/*", "allowed"),
        specific("arn:aws:s3:::bad/*", "implicitDeny"),
    );
    let replay = Replay::of(vec![page(&results, None)]);
    let questions = vec![
        question("arn:aws:s3:::good/*", &["s3:GetObject"], None),
        question("arn:aws:s3:::bad/*", &["s3:GetObject"], None),
    ];
    let embedded = vec![Group {
        question: 1,
        ..lacking(&[Layer::Identity], &[0])
    }];
    let (answers, counts) = simulate_with(
        &replay,
        &inventory(None),
        vec![questions],
        embedded.clone(),
        1,
    )
    .await;
    assert_eq!(only(&answers[0]), embedded);
    assert_eq!((counts.calls, counts.disagreements), (1, 0));
}

#[tokio::test]
async fn a_resource_that_aws_does_not_answer_for_is_undetermined() {
    let results = result("s3:GetObject", "allowed", "");
    let replay = Replay::of(vec![page(&results, None)]);
    let questions = vec![
        question("arn:aws:s3:::one/*", &["s3:GetObject"], None),
        question("arn:aws:s3:::two/*", &["s3:GetObject"], None),
    ];
    let (answers, _) =
        simulate_with(&replay, &inventory(None), vec![questions], Vec::new(), 1).await;
    let decisions: Vec<_> = only(&answers[0])
        .iter()
        .map(|group| (group.question, group.outcome.decision))
        .collect();
    assert_eq!(
        decisions,
        [(0, Decision::Undetermined), (1, Decision::Undetermined)]
    );
}

#[tokio::test]
async fn every_page_is_read() {
    let replay = Replay::new(|sent| {
        let names = actions(sent);
        let (shown, marker) = match sent.form.get("Marker") {
            None => (&names[..60], Some("page-2")),
            Some(_) => (&names[60..], None),
        };
        let results: String = shown
            .iter()
            .map(|name| {
                result(
                    name,
                    if name == "a:N99" {
                        "implicitDeny"
                    } else {
                        "allowed"
                    },
                    &scp(true),
                )
            })
            .collect();
        Ok(page(&results, marker))
    });
    let names: Vec<String> = (10..110).map(|at| format!("a:N{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let asked = question("*", &names, Some("eu-west-1"));
    let at = asked
        .actions
        .iter()
        .position(|name| name.as_str() == "a:N99");
    let expected = lacking(&[Layer::Identity], &[u16::try_from(at.unwrap()).unwrap()]);
    assert_eq!(
        simulate(&replay, asked, vec![expected.clone()]).await,
        [expected]
    );
    // The second page repeats the whole request.
    let sent = replay.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(actions(&sent[0]), actions(&sent[1]));
}

#[tokio::test]
async fn a_page_that_never_comes_leaves_its_actions_undetermined() {
    let replay = Replay::new(|sent| match sent.form.get("Marker") {
        None => Ok(page(&result("a:Allowed", "allowed", ""), Some("page-2"))),
        Some(_) => Ok(refusal(403, "AccessDenied", "no")),
    });
    let asked = question("*", &["a:Allowed", "b:Unseen"], None);
    let found = simulate(&replay, asked, Vec::new()).await;
    assert_eq!(found, [unanswered("AWS refused: AccessDenied: no", &[1])]);
}

#[tokio::test]
async fn batches_hold_a_hundred_actions_and_plans_share_them() {
    let replay = by_action(|_, _| ("allowed", scp(true)));
    let names: Vec<String> = (0..150).map(|at| format!("a:N{at:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plans = vec![
        vec![question("*", &names[..120], Some("eu-west-1"))],
        vec![question("*", &names[50..], Some("eu-west-1"))],
    ];
    let (answers, counts) = simulate_with(&replay, &inventory(None), plans, Vec::new(), 3).await;
    assert_eq!(
        answers,
        vec![Reply::Decided(vec![Vec::new(), Vec::new()]); 3]
    );
    assert_eq!(counts.calls, 6, "three subjects, two batches each");
    let sizes: Vec<usize> = replay
        .sent()
        .iter()
        .map(|sent| actions(sent).len())
        .collect();
    assert_eq!(sizes, [100, 50, 100, 50, 100, 50]);
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

#[tokio::test]
async fn results_of_one_action_may_stand_on_several_pages() {
    // Pages of AWS's own size, one of them empty; where a page ends is AWS's business.
    let specific = |arn: &str| {
        format!(
            "<member><EvalActionName>s3:GetObject</EvalActionName>\
             <EvalResourceName>arn:aws:s3:::${{BucketName}}/${{KeyName}}</EvalResourceName>\
             <EvalDecision>allowed</EvalDecision><ResourceSpecificResults><member><EvalResourceName>{arn}\
             </EvalResourceName><EvalResourceDecision>allowed</EvalResourceDecision></member></ResourceSpecificResults></member>"
        )
    };
    let (one, two) = ("arn:aws:s3:::one/*", "arn:aws:s3:::two/*");
    let pages = || {
        vec![
            page(&specific(one), Some("page-2")),
            page("", Some("page-3")),
            page(&specific(two), None),
        ]
    };
    let asked = || {
        let questions = [one, two].map(|arn| question(arn, &["s3:GetObject"], None));
        vec![questions.to_vec()]
    };
    let whole = Replay::of(pages());
    let (answers, counts) = simulate_with(&whole, &inventory(None), asked(), vec![], 1).await;
    assert_eq!((only(&answers[0]), counts.calls), (Vec::new(), 3));
    // The same page again and again is no end, and no answer.
    let mut pages = pages();
    pages.truncate(2);
    pages.push(page("", Some("page-3")));
    let endless = Replay::of(pages);
    let (answers, counts) = simulate_with(&endless, &inventory(None), asked(), vec![], 1).await;
    let found = only(&answers[0]);
    assert_eq!(
        (found.len(), found[0].question, found[0].outcome.decision),
        (1, 1, Decision::Undetermined)
    );
    assert_eq!(counts.calls, 3);
}
