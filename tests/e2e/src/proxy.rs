//! The fault proxy: what if just this AWS call goes wrong?
//!
//! It stands between the function and the servers, passes every call on, keeps a record, and spoils the calls that a
//! [`Plan`] names: a call is one question, whatever number of times it is asked until it is answered. What comes back wrong
//! is wrong in the protocol that was spoken.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::http::{Answer, Listener, Message, ask, listen};

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Refused as one too many.
    Throttle,
    /// Status 500.
    Broken,
    /// No answer until the caller gives up.
    Hang,
    /// Nothing until another plan is made; then the call goes its way.
    Hold,
    /// Refused for lack of permission.
    Deny,
    /// Status 200, and a body that is none.
    Garbage,
    /// The server does what was asked; the connection is cut before it can say so.
    Cut,
    /// Status 200, and a body that ends in the middle, with a length that says it is whole.
    Halve,
}

/// How often the fault strikes the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Times {
    /// Once; asked again, the call succeeds.
    Once,
    /// Each time it is asked.
    Always,
}

/// Which call is spoiled, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// As [`Record::operation`] names it.
    pub operation: String,
    /// The how-manyth question of this operation, from 0.
    pub nth: usize,
    /// What happens to it.
    pub fault: Fault,
    /// How often.
    pub times: Times,
}

/// One call that came by.
#[derive(Clone, Debug)]
pub struct Record {
    /// Such as `dynamodb.PutItem`.
    pub operation: String,
    /// The body that was sent.
    pub body: Vec<u8>,
    /// Whether the server did what was asked.
    pub done: bool,
    /// Whether the caller was told so.
    pub told: bool,
}

impl Record {
    /// The fields of a Query protocol's body.
    #[must_use]
    pub fn form(&self) -> BTreeMap<String, String> {
        let message = Message {
            body: self.body.clone(),
            ..Message::default()
        };
        message.form().into_iter().collect()
    }
}

/// The proxy, listening.
pub struct Proxy {
    state: Arc<Mutex<State>>,
    /// The plan struck, or is another.
    changes: Arc<Condvar>,
    listener: Listener,
}

#[derive(Default)]
struct State {
    plan: Option<Plan>,
    records: Vec<Record>,
    /// The questions of the planned operation so far, each with whether it was answered.
    questions: Vec<(Vec<u8>, bool)>,
    struck: bool,
}

impl Proxy {
    /// Passes calls to IAM and CloudTrail to one server (`host:port`), all others to another.
    #[must_use]
    pub fn start(iam: &str, others: &str) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let changes = Arc::new(Condvar::new());
        let (iam, others) = (bare(iam), bare(others));
        let (shared, changed) = (Arc::clone(&state), Arc::clone(&changes));
        let listener = listen(move |request| {
            let operation = operation(&request);
            let is_played = ["iam.", "cloudtrail."]
                .iter()
                .any(|service| operation.starts_with(service));
            let server = if is_played { &iam } else { &others };
            pass(&request, operation, server, &shared, &changed)
        });
        Self {
            state,
            changes,
            listener,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// Spoils a call from now on; `None`: none.
    ///
    /// # Panics
    /// If a call panicked.
    pub fn spoil(&self, plan: Option<Plan>) {
        let mut state = self.state.lock().expect("no call panics");
        state.plan = plan;
        state.questions.clear();
        state.struck = false;
        self.changes.notify_all();
    }

    /// Whether the plan has struck.
    ///
    /// # Panics
    /// If a call panicked.
    #[must_use]
    pub fn has_struck(&self) -> bool {
        self.state.lock().expect("no call panics").struck
    }

    /// Waits until the plan strikes.
    ///
    /// # Panics
    /// If it does not within the time, or if a call panicked.
    pub fn until_struck(&self, time: Duration) {
        let state = self.state.lock().expect("no call panics");
        let (state, _) = self
            .changes
            .wait_timeout_while(state, time, |state| !state.struck)
            .expect("no call panics");
        assert!(
            state.struck,
            "the call that was to be spoiled never came: {:?}",
            state.plan
        );
    }

    /// The calls since this was last asked, in the order in which they ended.
    ///
    /// # Panics
    /// If a call panicked.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        std::mem::take(&mut self.state.lock().expect("no call panics").records)
    }
}

impl State {
    /// What is to happen to this call. The same question after it was answered is a new one.
    fn fault(&mut self, operation: &str, body: &[u8]) -> Option<Fault> {
        let plan = self
            .plan
            .as_ref()
            .filter(|plan| plan.operation == operation)?;
        let open = |(question, answered): &(Vec<u8>, bool)| question == body && !answered;
        let known = self.questions.iter().position(open);
        let nth = known.unwrap_or(self.questions.len());
        if known.is_none() {
            self.questions.push((body.to_vec(), false));
        }
        if nth != plan.nth || (plan.times == Times::Once && self.struck) {
            return None;
        }
        self.struck = true;
        Some(plan.fault)
    }

    fn answered(&mut self, operation: &str, body: &[u8]) {
        if self
            .plan
            .as_ref()
            .is_some_and(|plan| plan.operation == operation)
        {
            for (question, answered) in &mut self.questions {
                *answered |= question == body;
            }
        }
    }
}

fn pass(
    request: &Message,
    operation: String,
    server: &str,
    state: &Mutex<State>,
    changes: &Condvar,
) -> Answer {
    let fault = state
        .lock()
        .expect("no call panics")
        .fault(&operation, &request.body);
    if fault.is_some() {
        changes.notify_all();
    }
    if fault == Some(Fault::Hold) {
        let state = state.lock().expect("no call panics");
        let ended = changes.wait_while(state, |state| state.struck);
        drop(ended.expect("no call panics"));
    }
    let forward = || ask(server, request);
    let (answer, done) = match fault {
        None | Some(Fault::Hold) => match forward() {
            Ok(answer) => {
                let done = answer.target() == "200";
                (Answer::Whole(answer), done)
            }
            Err(_) => (Answer::Cut, false),
        },
        Some(Fault::Cut) => (
            Answer::Cut,
            forward().is_ok_and(|answer| answer.target() == "200"),
        ),
        Some(Fault::Halve) => match forward() {
            Ok(mut answer) => {
                let done = answer.target() == "200";
                answer.body.truncate(answer.body.len() / 2);
                (Answer::Whole(answer), done)
            }
            Err(_) => (Answer::Cut, false),
        },
        Some(Fault::Hang) => (Answer::Hang, false),
        Some(Fault::Garbage) => (
            Answer::Whole(Message::answer(
                200,
                "text/html",
                "<html>\u{0}Gateway says hello, {\"half\": [",
            )),
            false,
        ),
        Some(Fault::Throttle | Fault::Broken | Fault::Deny) => {
            (Answer::Whole(refusal(request, &operation, fault)), false)
        }
    };
    let told = done && matches!(fault, None | Some(Fault::Hold));
    let mut state = state.lock().expect("no call panics");
    if told {
        state.answered(&operation, &request.body);
    }
    state.records.push(Record {
        operation,
        body: request.body.clone(),
        done,
        told,
    });
    answer
}

/// `service.Operation`, from the target of a JSON protocol or the action of the Query protocol; `service./path` for others.
fn operation(request: &Message) -> String {
    if let Some(target) = request.header("x-amz-target") {
        let (service, operation) = target.rsplit_once('.').unwrap_or(("", target));
        let service = match service {
            "DynamoDB_20120810" => "dynamodb",
            "AmazonSSM" => "ssm",
            "AWSEvents" => "events",
            "AmazonSQS" => "sqs",
            "TrentService" => "kms",
            "AWSOrganizationsV20161128" => "organizations",
            "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" => "cloudtrail",
            other => other,
        };
        return match service {
            "kms" => format!("kms.{operation} of {}", key(request)),
            service => format!("{service}.{operation}"),
        };
    }
    let form = request.form();
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    };
    let service = match field("Version") {
        "2010-05-08" => "iam",
        "2011-06-15" => "sts",
        "2010-03-31" => "sns",
        "2014-10-31" => "rds",
        "2016-11-15" => "ec2",
        // S3 and AWS Backup have neither: the credential that signs the call names the service.
        "" => return format!("{}.{}", signer(request), request.target()),
        other => other,
    };
    // Asking again with a layer left out is another step of the audit, and fails in another way.
    let again = form
        .iter()
        .any(|(key, _)| key.starts_with("PolicyExclusionList"));
    let suffix = if again { " (layer left out)" } else { "" };
    format!("{service}.{}{suffix}", field("Action"))
}

/// The end of the ARN of the key that a call is about.
fn key(request: &Message) -> String {
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let arn = body["KeyId"].as_str().unwrap_or_default();
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The service that a call is signed for.
fn signer(request: &Message) -> &str {
    let signed = request.header("authorization").unwrap_or_default();
    let scope = signed
        .split_once("Credential=")
        .map_or("", |(_, rest)| rest);
    scope.split('/').nth(3).unwrap_or_default()
}

fn refusal(request: &Message, operation: &str, fault: Option<Fault>) -> Message {
    let json = request.header("x-amz-target").is_some();
    let (status, code, text) = match (fault, json) {
        (Some(Fault::Throttle), true) => (400, "ThrottlingException", "Rate exceeded"),
        (Some(Fault::Throttle), false) => (400, "Throttling", "Rate exceeded"),
        (Some(Fault::Deny), true) => (
            400,
            "AccessDeniedException",
            "User is not authorized to perform this",
        ),
        (Some(Fault::Deny), false) if operation.starts_with("sns.") => (
            403,
            "AuthorizationError",
            "User is not authorized to perform this",
        ),
        (Some(Fault::Deny), false) => (
            403,
            "AccessDenied",
            "User is not authorized to perform this",
        ),
        (_, true) => (
            500,
            "InternalServerError",
            "We encountered an internal error",
        ),
        (_, false) => (500, "InternalFailure", "We encountered an internal error"),
    };
    if json {
        let body = format!(r#"{{"__type":"{code}","message":"{text}","Message":"{text}"}}"#);
        return Message::answer(status, "application/x-amz-json-1.0", body);
    }
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>\
         <RequestId>0</RequestId></ErrorResponse>"
    );
    Message::answer(status, "text/xml", body)
}

fn bare(url: &str) -> String {
    url.trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Throttle => "throttled",
            Self::Broken => "500",
            Self::Hang => "hangs",
            Self::Hold => "held",
            Self::Deny => "denied",
            Self::Garbage => "garbage",
            Self::Cut => "cut",
            Self::Halve => "halved",
        })
    }
}
