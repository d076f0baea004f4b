//! AWS's simulator in its true wire shapes, through the port.

mod answers;
mod calls_of_sets;
mod interchangeable;
mod layers;
mod pages;
mod proof;
mod refusals;
mod requests;
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
        // None: what proves a requirement is tested in `proof`.
        requirements: 0,
        lists: lists.into_iter().map(Arc::from).collect(),
        points: Arc::default(),
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
        ceiling: 2,
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
