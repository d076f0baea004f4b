//! Executions: how is a state machine of Step Functions started?
//!
//! Only one of its calls is made, so that is a [signed call](crate::signed).

use aws_smithy_runtime_api::box_error::BoxError;
use iam::Arn;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::session::Session;
use crate::signed::{Service, SignedRequest, Signer};

const SERVICE: Service = Service {
    name: "states",
    id: "SFN",
    is_storage: false,
};

/// What became of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Started {
    /// It began.
    Now,
    /// One of that name began before, and may be over.
    Before,
}

/// Starts a state machine. An execution of the same name is not started a second time, for 90 days.
///
/// # Errors
/// [`Failure`] where Step Functions did not take it.
pub async fn start_execution(
    session: &Session,
    machine: &str,
    name: &str,
    input: &Value,
) -> Result<Started, Failure> {
    let region = Arn::parse(machine).map_or("", |arn| arn.region);
    let signer = Signer::new(session);
    let body = json!({ "stateMachineArn": machine, "name": name, "input": input.to_string() });
    let request = SignedRequest {
        operation: "StartExecution",
        method: "POST",
        uri: "/".to_owned(),
        headers: vec![
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            ("x-amz-target", "AWSStepFunctions.StartExecution".to_owned()),
        ],
        body: body.to_string().into_bytes(),
    };
    let read = |body: &[u8]| -> Result<Value, BoxError> { Ok(serde_json::from_slice(body)?) };
    let url = signer.url(SERVICE, region, None);
    let sent = signer.send(SERVICE, region, &url, request, read).await;
    match sent.map_err(|error| Failure::of(&error)) {
        Ok(_) => Ok(Started::Now),
        Err(Failure::Refused { code, .. }) if code == "ExecutionAlreadyExists" => {
            Ok(Started::Before)
        }
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;

    const MACHINE: &str = "arn:aws:states:eu-central-1:111122223333:stateMachine:permdrift";

    async fn check(status: u16, body: &str, expected: Result<Started, &str>, calls: usize) {
        let replay = Replay::of(vec![(status, body.to_owned())]);
        let input = json!({ "run": "change-1", "below": null });
        let session = replay.session();
        let started = start_execution(&session, MACHINE, "change-1", &input).await;
        let started = started.map_err(|failure| failure.to_string());
        assert_eq!(started, expected.map_err(str::to_owned));
        let sent = replay.sent();
        assert_eq!(sent.len(), calls);
        assert_eq!(sent[0].target, "AWSStepFunctions.StartExecution");
        assert_eq!(sent[0].uri, "https://states.eu-central-1.amazonaws.com/");
        let body: Value = serde_json::from_str(&sent[0].body).unwrap();
        let expected = json!({
            "stateMachineArn": MACHINE, "name": "change-1", "input": r#"{"below":null,"run":"change-1"}"#,
        });
        assert_eq!(body, expected);
    }

    #[tokio::test]
    async fn an_execution_begins_once() {
        let answer = r#"{"executionArn":"arn:aws:states:eu-central-1:111122223333:execution:permdrift:change-1","startDate":1.7e9}"#;
        check(200, answer, Ok(Started::Now), 1).await;
        let twice = r#"{"__type":"com.amazonaws.swf.service.v2.model#ExecutionAlreadyExists","message":"exists"}"#;
        check(400, twice, Ok(Started::Before), 1).await;
        let denied = r#"{"__type":"AccessDeniedException","Message":"no"}"#;
        check(
            400,
            denied,
            Err("AWS refused: AccessDeniedException: no"),
            1,
        )
        .await;
        let throttled = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
        let expected = Err("AWS refused as too many calls, in every attempt");
        check(400, throttled, expected, 10).await;
        let gone = r#"{"__type":"StateMachineDoesNotExist","message":"no such machine"}"#;
        let expected = Err("AWS refused: StateMachineDoesNotExist: no such machine");
        check(400, gone, expected, 1).await;
    }
}
