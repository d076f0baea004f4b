//! Arbitrary bytes as a case: is every request decided, and do the ways to decide it agree?

#![no_main]

use std::collections::BTreeMap;

use iam::evaluate::trace;
use iam::inventory::Fault;
use iam::policy::{Document, values};
use iam::{Context, Decision, Layers, Policy, Request, evaluate};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Case<'a> {
    #[serde(borrow)]
    policies: Policies<'a>,
    #[serde(borrow)]
    request: Asked<'a>,
}

#[derive(Deserialize)]
struct Policies<'a> {
    #[serde(borrow)]
    identity: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    boundary: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    scp: Vec<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Asked<'a> {
    principal: String,
    action: String,
    resource: String,
    #[serde(borrow)]
    context: BTreeMap<String, &'a RawValue>,
}

type Read = Vec<Result<Document, Fault>>;

fn read(list: &[&RawValue]) -> Read {
    list.iter().map(|json| Document::parse(json.get())).collect()
}

fn policies(list: &Read) -> Vec<Policy<'_>> {
    list.iter()
        .map(|document| Policy {
            name: "policy".into(),
            document: document.as_ref(),
        })
        .collect()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(case) = serde_json::from_slice::<Case<'_>>(bytes) else {
        return;
    };
    let Ok(action) = case.request.action.parse() else {
        return;
    };
    let identity = read(&case.policies.identity);
    let boundary = read(&case.policies.boundary);
    let levels: Vec<Read> = case.policies.scp.iter().map(|list| read(list)).collect();
    let layers = Layers {
        identity: policies(&identity),
        boundary: Some(policies(&boundary)).filter(|list| !list.is_empty()),
        session: None,
        service_control: levels.iter().map(policies).collect(),
        management_account: false,
        resource_side: None,
    };
    let (mut complete, mut partial) = (Context::complete(), Context::partial());
    for (key, json) in &case.request.context {
        if let Ok(values) = values(json.get()) {
            complete.set(key, values.clone());
            partial.set(key, values);
        }
    }
    let principal = case.request.principal.parse().ok();
    let request = |context| Request {
        principal: principal.as_ref(),
        action: &action,
        resource: &case.request.resource,
        context,
    };
    let known = evaluate(&layers, &request(&complete));
    let guessed = evaluate(&layers, &request(&partial));
    assert_eq!(trace::trace(&layers, &request(&complete)).outcome, known);
    match guessed.decision {
        Decision::Allowed | Decision::ExplicitDeny => assert_eq!(guessed.decision, known.decision),
        Decision::ImplicitDeny => assert_ne!(known.decision, Decision::Allowed),
        Decision::Undetermined => {}
    }
});
