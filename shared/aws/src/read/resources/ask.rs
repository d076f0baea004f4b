//! Asking: one call for a part of the resource side, within limits.
//!
//! Out: what AWS answered, as the AWS CLI prints it, or the `error` that stands in its place in a snapshot. A service that does not
//! answer in a region is not asked there again, and nothing is asked after the time is over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use iam::AccountId;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use super::answers::Answers;
pub(super) use super::answers::Unanswered;
use crate::failure::Failure;
use crate::iam_client::Reads;
use crate::session::Session;
use crate::signed::{NAMED_REGION, Service, SignedRequest, Signer, Url, encoded};

/// Calls at the same time.
const IN_FLIGHT: usize = 8;
/// What is read besides is not worth the patience that the listing is.
const ATTEMPTS: u32 = 5;
const ONE_ATTEMPT: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(4);

/// Asks in the name of a session.
pub(super) struct Asker {
    signer: Signer,
    pub(super) account: AccountId,
    /// The session's region.
    pub(super) home: String,
    gate: Semaphore,
    until: Instant,
    answers: Arc<Answers>,
    /// Whether what was answered before is asked again.
    again: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reads: Reads,
    /// Who does not answer in which region.
    silent: BTreeMap<(Service, String), Failure>,
}

/// What reading keeps to.
pub(crate) struct ReadLimits {
    /// No call begins after it, and none is waited for.
    pub(crate) until: Instant,
    /// What was answered before.
    pub(crate) answers: Arc<Answers>,
    /// Whether that is asked again.
    pub(crate) again: bool,
}

/// Where a call goes.
#[derive(Clone, Copy)]
pub(super) struct Destination<'a> {
    pub(super) service: Service,
    pub(super) region: &'a str,
    /// A name before the endpoint's, unless the environment sets the endpoint.
    pub(super) host: Option<&'a str>,
}

/// How the body of an answer is read.
pub(super) type Read = fn(&[u8]) -> Result<Value, BoxError>;

impl Asker {
    pub(super) fn new(session: &Session, account: AccountId, limits: ReadLimits) -> Self {
        let ReadLimits {
            until,
            answers,
            again,
        } = limits;
        let signer = Signer::new(session);
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let patience = signer.attempt_timeout().unwrap_or(ONE_ATTEMPT);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT.min(patience))
            .operation_attempt_timeout(ONE_ATTEMPT.min(patience))
            .build();
        Self {
            home: signer.region().unwrap_or_default().to_owned(),
            signer: signer.with_limits(retries, timeouts),
            account,
            gate: Semaphore::new(IN_FLIGHT),
            until,
            answers,
            again,
            state: Mutex::default(),
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub(super) async fn ask(
        &self,
        place: Destination<'_>,
        request: SignedRequest,
        read: Read,
    ) -> Result<Value, Unanswered> {
        let Destination {
            service,
            region,
            host,
        } = place;
        let question = self.question(place, &request);
        if !self.again
            && let Some(known) = self.answers.of(&question)
        {
            return known;
        }
        // Closed by nobody.
        let _turn = self.gate.acquire().await;
        let who = (service, region.to_owned());
        let silent = self.with(|state| state.silent.get(&who).cloned());
        let known = silent.or((Instant::now() >= self.until).then_some(Failure::TimedOut));
        if let Some(failure) = known {
            return Err(Unanswered {
                failure,
                region: None,
            });
        }
        let url = self.signer.url(service, region, host);
        let sending = self.signer.send(service, region, &url, request, read);
        let answer = match timeout_at(self.until, sending).await {
            Ok(answer) => answer.map_err(|error| Unanswered {
                failure: Failure::of(&error),
                region: error
                    .as_service_error()
                    .and_then(|error| error.extra(NAMED_REGION))
                    .map(str::to_owned),
            }),
            Err(_) => Err(Failure::TimedOut.into()),
        };
        self.answers.keep(question, &answer);
        self.with(|state| {
            state.reads.calls += 1;
            match answer.as_ref().map_err(|unanswered| &unanswered.failure) {
                Ok(_) | Err(Failure::Refused { .. }) => {}
                Err(Failure::Denied { .. }) => state.reads.refused += 1,
                Err(Failure::Throttled | Failure::Broken { .. } | Failure::Page { .. }) => {
                    state.reads.failed += 1;
                }
                Err(
                    failure @ (Failure::TimedOut
                    | Failure::Unreachable(_)
                    | Failure::NoProfile { .. }
                    | Failure::SignedOut(_)
                    | Failure::Unprepared(_)),
                ) => {
                    state.reads.failed += 1;
                    state.silent.insert(who, failure.clone());
                }
            }
        });
        answer
    }

    /// Whether that was answered before, and is not asked again.
    pub(super) fn knows(&self, place: Destination<'_>, request: &SignedRequest) -> bool {
        !self.again && self.answers.of(&self.question(place, request)).is_some()
    }

    fn question(&self, place: Destination<'_>, request: &SignedRequest) -> String {
        let Destination {
            service,
            region,
            host,
        } = place;
        let SignedRequest {
            operation,
            uri,
            body,
            ..
        } = request;
        let (account, host) = (self.account, host.unwrap_or_default());
        let body = String::from_utf8_lossy(body);
        format!(
            "{account} {} {region} {host} {operation} {uri} {body}",
            service.name
        )
    }

    /// Where a service is called in the session's region.
    pub(super) fn endpoint(&self, service: Service) -> Url {
        self.signer.url(service, &self.home, None)
    }

    /// What was asked so far.
    pub(super) fn reads(&self) -> Reads {
        self.with(|state| state.reads)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What stands in a snapshot for a call.
pub(super) fn part(answer: Result<Value, Unanswered>) -> Value {
    answer.unwrap_or_else(|unanswered| {
        let message = match &unanswered.failure {
            Failure::Denied { message, .. } | Failure::Refused { message, .. } => message.clone(),
            failure => crate::failure::chain(failure),
        };
        error(code(&unanswered.failure), &message)
    })
}

/// An error as it stands in a snapshot.
pub(super) fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

/// AWS's code, or a word for what kept AWS from answering.
pub(crate) fn code(failure: &Failure) -> &str {
    match failure {
        Failure::Denied { code, .. } | Failure::Refused { code, .. } => code,
        Failure::Broken { code } => code.as_deref().unwrap_or("NoProperAnswer"),
        Failure::Page { .. } => "NoProperAnswer",
        Failure::Throttled => "Throttled",
        Failure::TimedOut => "TimedOut",
        Failure::Unreachable(_) => "NotReached",
        Failure::NoProfile { .. } | Failure::SignedOut(_) | Failure::Unprepared(_) => "NotCalled",
    }
}

/// A call of a service that takes and gives JSON.
pub(crate) fn json_call(target: &str, operation: &'static str, body: &Value) -> SignedRequest {
    SignedRequest {
        operation,
        method: "POST",
        uri: "/".to_owned(),
        headers: vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{target}.{operation}")),
        ],
        body: body.to_string().into_bytes(),
    }
}

/// A call of a service that takes forms.
pub(super) fn form_call(
    version: &str,
    operation: &'static str,
    fields: &[(&str, &str)],
) -> SignedRequest {
    let mut body = format!("Action={operation}&Version={version}");
    for (name, value) in fields {
        body.push_str(&format!("&{name}={}", encoded(value)));
    }
    SignedRequest {
        operation,
        method: "POST",
        uri: "/".to_owned(),
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
        )],
        body: body.into_bytes(),
    }
}

/// A call that gets what stands at an address.
pub(super) fn get_call(operation: &'static str, uri: String) -> SignedRequest {
    SignedRequest {
        operation,
        method: "GET",
        uri,
        headers: Vec::new(),
        body: Vec::new(),
    }
}

/// Reads a body that is what the AWS CLI prints.
pub(super) fn json_body(body: &[u8]) -> Result<Value, BoxError> {
    Ok(serde_json::from_slice(body)?)
}
