//! The corpus: does every case decide as AWS's documentation says, and for the reason given?
//!
//! Each file in `corpus` is one behaviour, named for its rule, in the form of a line of `permdrift simulate` with an `expect`
//! besides. `because` is the cause in short: its kind and where, such as `deniedBy identity[0]#1` or `notAllowedIn scp[1]`.
//! The command line runs the same files.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

use std::path::Path;
use std::sync::Arc;

use iam::inventory::Fault;
use iam::{
    Cause, Context, Decision, Document, Layer, Layers, Outcome, Policy, Request, StatementRef,
};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Case {
    policies: Policies,
    request: Asked,
    expect: Expected,
}

#[derive(Deserialize)]
struct Policies {
    identity: Vec<Box<RawValue>>,
    #[serde(default)]
    boundary: Vec<Box<RawValue>>,
    #[serde(default)]
    session: Vec<Box<RawValue>>,
    #[serde(default)]
    scp: Vec<Vec<Box<RawValue>>>,
}

#[derive(Deserialize)]
struct Asked {
    principal: String,
    action: String,
    resource: String,
    context: std::collections::BTreeMap<String, Box<RawValue>>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Expected {
    decision: String,
    because: String,
    missing: Vec<String>,
}

type Read = (Arc<str>, Result<Document, Fault>);

fn read(list: &[Box<RawValue>], layer: &str) -> Vec<Read> {
    list.iter()
        .enumerate()
        .map(|(index, json)| {
            (
                format!("{layer}[{index}]").into(),
                Document::parse(json.get()),
            )
        })
        .collect()
}

fn policies(list: &[Read]) -> Vec<Policy<'_>> {
    list.iter()
        .map(|(name, document)| Policy {
            name: Arc::clone(name),
            document: document.as_ref(),
        })
        .collect()
}

fn run(case: &Case) -> Outcome {
    let identity = read(&case.policies.identity, "identity");
    let boundary = read(&case.policies.boundary, "boundary");
    let session = read(&case.policies.session, "session");
    let levels = case.policies.scp.iter().enumerate();
    let levels: Vec<_> = levels
        .map(|(at, list)| read(list, &format!("scp[{at}]")))
        .collect();
    let some = |list| Some(policies(list)).filter(|list| !list.is_empty());
    let layers = Layers {
        identity: policies(&identity),
        boundary: some(&boundary),
        session: some(&session),
        service_control: levels.iter().map(|level| policies(level)).collect(),
        management_account: false,
    };
    let mut context = Context::complete();
    for (key, json) in &case.request.context {
        context.set(key, iam::policy::values(json.get()).unwrap());
    }
    let principal = case.request.principal.parse().ok();
    iam::evaluate(
        &layers,
        &Request {
            principal: principal.as_ref(),
            action: &case.request.action.parse().unwrap(),
            resource: &case.request.resource,
            context: &context,
        },
    )
}

fn as_expected(outcome: &Outcome) -> Expected {
    let at = |at: &StatementRef| format!("{}#{}", at.policy, at.index.unwrap());
    let all = |by: &[StatementRef]| by.iter().map(at).collect::<Vec<_>>().join(", ");
    let layer = |layer: &Layer| match layer {
        Layer::Identity => "identity".to_owned(),
        Layer::Boundary => "boundary".to_owned(),
        Layer::Session => "session".to_owned(),
        Layer::ServiceControl { level } => format!("scp[{}]", level.unwrap()),
    };
    let because = match &outcome.cause {
        Cause::AllowedBy(None) => "allowedBy".to_owned(),
        Cause::AllowedBy(Some(by)) => format!("allowedBy {}", at(by)),
        Cause::DeniedBy(by) => format!("deniedBy {}", all(by)),
        Cause::NotAllowedIn(layers) => {
            let layers: Vec<String> = layers.iter().map(layer).collect();
            format!("notAllowedIn {}", layers.join(", "))
        }
        Cause::AllowedOnlyOn { by, resources } => {
            format!("allowedOnlyOn {}: {}", all(by), resources.join(", "))
        }
        Cause::CannotEvaluate { by, .. } => format!("cannotEvaluate {}", at(by)),
        Cause::Unreadable { policy, .. } => format!("unreadable {policy}"),
        other => panic!("a complete context has no such cause: {other:?}"),
    };
    Expected {
        decision: match outcome.decision {
            Decision::Allowed => "allowed",
            Decision::ImplicitDeny => "implicitDeny",
            Decision::ExplicitDeny => "explicitDeny",
            Decision::Undetermined => "undetermined",
        }
        .to_owned(),
        because,
        missing: outcome.missing.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn every_case_of_the_corpus_decides_as_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let case: Case =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = as_expected(&run(&case));
        count += 1;
        if found != case.expect {
            wrong.push(format!(
                "{name}\n  expected {:?}\n  found    {found:?}",
                case.expect
            ));
        }
    }
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{} of {count} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= 150, "only {count} cases were found");
}
