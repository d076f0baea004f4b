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

use iam::evaluate::{Caller, ResourceSide, account_of};
use iam::inventory::Fault;
use iam::policy::grant;
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
    resource: Option<Box<RawValue>>,
    rcp: Option<Vec<Vec<Box<RawValue>>>>,
    grants: Option<Vec<Box<RawValue>>>,
    endpoint: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    principal: String,
    action: String,
    resource: String,
    resource_account: Option<String>,
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
    read_by(list, layer, Document::parse)
}

fn read_by(
    list: &[Box<RawValue>],
    layer: &str,
    parse: fn(&str) -> Result<Document, Fault>,
) -> Vec<Read> {
    list.iter()
        .enumerate()
        .map(|(index, json)| (format!("{layer}[{index}]").into(), parse(json.get())))
        .collect()
}

/// The documents of the resource side.
struct ReadResourceSide {
    policy: Option<Read>,
    grants: Vec<Read>,
    levels: Vec<Vec<Read>>,
    endpoint: Option<Read>,
}

impl ReadResourceSide {
    /// `None` where a case is about the principal's side only.
    fn of(case: &Case) -> Option<Self> {
        let given = &case.policies;
        let is_given = given.resource.is_some()
            || given.rcp.is_some()
            || given.grants.is_some()
            || given.endpoint.is_some()
            || case.request.resource_account.is_some();
        let one = |json: &Option<Box<RawValue>>, name: &str| {
            let json = json.as_ref()?;
            let read = Document::parse_resource_policy(json.get());
            Some((Arc::from(name), read))
        };
        let levels = given.rcp.iter().flatten().enumerate();
        is_given.then(|| Self {
            policy: one(&given.resource, "resource"),
            grants: read_by(
                given.grants.as_deref().unwrap_or_default(),
                "grants",
                grant::read,
            ),
            levels: levels
                .map(|(at, list)| {
                    let parse = Document::parse_resource_control_policy;
                    read_by(list, &format!("rcp[{at}]"), parse)
                })
                .collect(),
            endpoint: one(&given.endpoint, "endpoint"),
        })
    }

    fn with(&self, request: &Asked) -> ResourceSide<'_> {
        fn one(read: &Option<Read>) -> Option<Policy<'_>> {
            policies(read.as_slice()).pop()
        }
        let account = request.resource_account.as_deref();
        ResourceSide {
            account: account.map_or_else(
                || account_of(&request.resource),
                |account| Some(account.parse().unwrap()),
            ),
            policy: one(&self.policy),
            grants: policies(&self.grants),
            resource_control: self.levels.iter().map(|level| policies(level)).collect(),
            endpoint: one(&self.endpoint),
            ..ResourceSide::of(Caller::parse(&request.principal).unwrap())
        }
    }
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
    let resource_side = ReadResourceSide::of(case);
    let some = |list| Some(policies(list)).filter(|list| !list.is_empty());
    let layers = Layers {
        identity: policies(&identity),
        boundary: some(&boundary),
        session: some(&session),
        service_control: levels.iter().map(|level| policies(level)).collect(),
        management_account: false,
        resource_side: resource_side.as_ref().map(|side| side.with(&case.request)),
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
    let at = |at: &StatementRef| match at.index {
        Some(index) => format!("{}#{index}", at.policy),
        None => at.policy.to_string(),
    };
    let all = |by: &[StatementRef]| by.iter().map(at).collect::<Vec<_>>().join(", ");
    let layer = |layer: &Layer| match layer {
        Layer::Identity => "identity".to_owned(),
        Layer::Boundary => "boundary".to_owned(),
        Layer::Session => "session".to_owned(),
        Layer::ServiceControl { level } => format!("scp[{}]", level.unwrap()),
        Layer::ResourceControl { level } => format!("rcp[{}]", level.unwrap()),
        Layer::Resource => "resource".to_owned(),
        Layer::Grant => "grants".to_owned(),
        Layer::Endpoint => "endpoint".to_owned(),
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
