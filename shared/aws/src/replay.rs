//! Replay: a stand-in for AWS that answers as a test's script says.
//!
//! It replaces the SDK's HTTP connector: requests are parsed and recorded, answers come from the script. Everything else is
//! real: signing, parsing, classification of errors, retries. Back-off takes no time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use crate::{Iam, Process, Session};

/// A request, parsed.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// The fields of a form; empty for JSON.
    pub(crate) form: BTreeMap<String, String>,
    /// As sent.
    pub(crate) body: String,
    /// `X-Amz-Target`, for JSON.
    pub(crate) target: String,
    /// With the host.
    pub(crate) uri: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// The id of the key that signed it.
    pub(crate) key: String,
}

/// Answers with a status and a body; `Err`: the connection fails.
type Script = dyn Fn(&Sent) -> Result<(u16, String), &'static str> + Send + Sync;

/// The headers of an answer besides.
type Headers = dyn Fn(&Sent) -> Vec<(&'static str, String)> + Send + Sync;

/// As a failure of the connection: no answer at all, ever.
pub(crate) const HANG: &str = "hang";

#[derive(Clone)]
pub(crate) struct Replay {
    script: Arc<Script>,
    headers: Arc<Headers>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Replay {
    pub(crate) fn new(
        script: impl Fn(&Sent) -> Result<(u16, String), &'static str> + Send + Sync + 'static,
    ) -> Self {
        Self {
            script: Arc::new(script),
            headers: Arc::new(|_| Vec::new()),
            sent: Arc::default(),
        }
    }

    /// Answers one after another, the last one forever.
    pub(crate) fn of(answers: Vec<(u16, String)>) -> Self {
        let next = Mutex::new(0);
        Self::new(move |_| {
            let mut next = next.lock().unwrap();
            let answer = answers[(*next).min(answers.len() - 1)].clone();
            *next += 1;
            Ok(answer)
        })
    }

    /// With headers in its answers.
    pub(crate) fn with_headers(
        self,
        headers: impl Fn(&Sent) -> Vec<(&'static str, String)> + Send + Sync + 'static,
    ) -> Self {
        Self {
            headers: Arc::new(headers),
            ..self
        }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn session(&self) -> Session {
        let connector = SharedHttpConnector::new(self.clone());
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "AKIAREPLAY",
                "nothing",
                None,
                None,
                "replay",
            )))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .sleep_impl(SharedAsyncSleep::new(AtOnce))
            .time_source(SharedTimeSource::new(SystemTimeSource::new()))
            .retry_config(RetryConfig::standard().with_max_attempts(10))
            .build();
        Session { config }
    }

    pub(crate) fn iam(&self) -> Iam {
        Iam::new(&self.session(), &Process::new(100_000.0))
    }
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replay")
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let signed = request.headers().get("authorization").unwrap_or_default();
        let key = signed
            .split_once("Credential=")
            .map_or("", |(_, rest)| rest);
        let key = key.split_once('/').map_or("", |(key, _)| key);
        let sent = Sent {
            key: key.to_owned(),
            form: fields(&body),
            uri: request.uri().to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            target: request
                .headers()
                .get("x-amz-target")
                .unwrap_or_default()
                .to_owned(),
            body,
        };
        let answer = (self.script)(&sent);
        let headers = (self.headers)(&sent);
        self.sent.lock().unwrap().push(sent);
        if answer == Err(HANG) {
            return HttpConnectorFuture::new(std::future::pending());
        }
        HttpConnectorFuture::ready(match answer {
            Ok((status, body)) => {
                let status = StatusCode::try_from(status).unwrap();
                let mut response = HttpResponse::new(status, SdkBody::from(body));
                for (name, value) in headers {
                    response.headers_mut().insert(name, value);
                }
                Ok(response)
            }
            Err(text) => Err(ConnectorError::io(text.into())),
        })
    }
}

fn fields(body: &str) -> BTreeMap<String, String> {
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                let hex = std::str::from_utf8(&hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[derive(Debug)]
struct AtOnce;

impl AsyncSleep for AtOnce {
    fn sleep(&self, _: Duration) -> Sleep {
        // Not before whoever races with it had its turns.
        Sleep::new(async {
            for _ in 0..16 {
                tokio::task::yield_now().await;
            }
        })
    }
}

/// An error of the query protocol, as IAM answers it.
pub(crate) fn refusal(status: u16, code: &str, message: &str) -> (u16, String) {
    let body = format!(
        "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <Error>\n    <Type>Sender</Type>\n    \
         <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  \
         <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId>\n</ErrorResponse>\n"
    );
    (status, body)
}
