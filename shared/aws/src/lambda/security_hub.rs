//! Security Hub: how are findings imported?
//!
//! Only one of its calls is made, `BatchImportFindings`, so that call is built here from the SDK's own parts (signing, retries,
//! time-outs): the crate for all of Security Hub is larger than all other SDK crates together.
//!
//! One call takes at most a hundred findings, and may accept some and refuse others; a refused one is an error. Importing a
//! finding again updates it, so a call may be repeated.

use std::time::Duration;

use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;
use aws_types::{SdkConfig, SigningName};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::session::Session;

/// The most findings that one call takes.
const BATCH: usize = 100;
const NAME: &str = "securityhub";
const TIMEOUT: Duration = Duration::from_secs(20);

/// Security Hub in the session's region.
#[derive(Clone, Debug)]
pub struct SecurityHub {
    config: SdkConfig,
}

/// Why not all findings were accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] Failure),
    /// Security Hub accepted the call and refused findings.
    #[error("Security Hub refused {count} finding(s), first `{id}`: {code}: {message}")]
    Findings {
        /// How many.
        count: usize,
        /// The first refused finding.
        id: String,
        /// Why.
        code: String,
        /// The same in words.
        message: String,
    },
}

/// What Security Hub answers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Imported {
    failed_count: usize,
    failed_findings: Vec<Refused>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Refused {
    id: String,
    error_code: String,
    error_message: String,
}

impl SecurityHub {
    /// Security Hub of the session's account and region.
    #[must_use]
    pub fn new(session: &Session) -> Self {
        Self {
            config: session.config.clone(),
        }
    }

    /// Imports findings in ASFF, each as JSON.
    ///
    /// # Errors
    /// [`ImportError`] unless every one was accepted. The others are sent all the same.
    pub async fn import(&self, findings: &[Box<RawValue>]) -> Result<(), ImportError> {
        let mut failed = None;
        for batch in findings.chunks(BATCH) {
            if let Err(error) = self.import_batch(batch).await {
                failed = failed.or(Some(error));
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn import_batch(&self, findings: &[Box<RawValue>]) -> Result<(), ImportError> {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct Batch<'a> {
            findings: &'a [Box<RawValue>],
        }
        let unprepared = |text: String| Failure::Unprepared(text);
        let body = serde_json::to_vec(&Batch { findings })
            .map_err(|error| unprepared(error.to_string()))?;
        let region = self
            .config
            .region()
            .ok_or_else(|| unprepared("no region".to_owned()))?;
        let url = self.url().unwrap_or_else(|| endpoint(region.as_ref()));
        let mut parts = RuntimeComponentsBuilder::new(NAME)
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
                StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
            )));
        if let Some(credentials) = self.config.credentials_provider() {
            parts.set_identity_resolver(SCHEME_ID, credentials);
        }
        let mut settings = Layer::new(NAME);
        settings.store_put(AuthSchemeOptionResolverParams::new(()));
        settings.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(region.clone())),
            name: Some(SigningName::from_static(NAME)),
            signing_options: SigningOptions::default(),
            ..SigV4OperationSigningConfig::default()
        });
        let mut operation = Operation::builder()
            .service_name(NAME)
            .operation_name("BatchImportFindings")
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&url)
            .standard_retry(
                &self
                    .config
                    .retry_config()
                    .cloned()
                    .unwrap_or_else(RetryConfig::standard),
            )
            .timeout_config(self.config.timeout_config().cloned().unwrap_or_else(|| {
                TimeoutConfig::builder()
                    .operation_attempt_timeout(TIMEOUT)
                    .build()
            }))
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
            .retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
            .with_connection_poisoning()
            .runtime_plugin(
                StaticRuntimePlugin::new()
                    .with_config(settings.freeze())
                    .with_runtime_components(parts),
            );
        if let Some(client) = self.config.http_client() {
            operation = operation.http_client(client);
        }
        if let Some(sleep) = self.config.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        if let Some(time) = self.config.time_source() {
            operation = operation.time_source(time);
        }
        let operation = operation.serializer(request).deserializer(answer).build();
        let imported: Imported = operation
            .invoke(body)
            .await
            .map_err(|error| Failure::of(&error))?;
        let first = imported.failed_findings.into_iter().next();
        if imported.failed_count == 0 && first.is_none() {
            return Ok(());
        }
        let first = first.unwrap_or_default();
        Err(ImportError::Findings {
            count: imported.failed_count.max(1),
            id: first.id,
            code: first.error_code,
            message: first.error_message,
        })
    }
}

impl SecurityHub {
    /// The endpoint that the environment sets: `AWS_ENDPOINT_URL_SECURITYHUB` before `AWS_ENDPOINT_URL`, as in every AWS SDK.
    fn url(&self) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id("SecurityHub")
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        let own = self.config.service_config();
        let own = own.and_then(|service| service.load_config(key));
        let url = own.or_else(|| self.config.endpoint_url().map(str::to_owned))?;
        Some(url.trim_end_matches('/').to_owned())
    }
}

/// The region's endpoint.
fn endpoint(region: &str) -> String {
    let suffix = match region {
        _ if region.starts_with("cn-") => "amazonaws.com.cn",
        _ if region.starts_with("us-isob-") => "sc2s.sgov.gov",
        _ if region.starts_with("us-iso-") => "c2s.ic.gov",
        _ => "amazonaws.com",
    };
    format!("https://{NAME}.{region}.{suffix}")
}

fn request(body: Vec<u8>) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri("/findings/import")?;
    request
        .headers_mut()
        .insert("content-type", "application/json");
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<Imported, OrchestratorError<ErrorMetadata>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct ErrorBody {
        #[serde(rename = "__type", alias = "Code", alias = "code")]
        code: Option<String>,
        #[serde(alias = "Message")]
        message: Option<String>,
    }
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return serde_json::from_slice(body)
            .map_err(|error| OrchestratorError::response(error.into()));
    }
    let error_body: ErrorBody = serde_json::from_slice(body).unwrap_or_default();
    let code = response.headers().get("x-amzn-errortype");
    let mut error = ErrorMetadata::builder();
    if let Some(code) = code.map(str::to_owned).or(error_body.code) {
        // `namespace#Code:details`
        let code = code.split(':').next().unwrap_or_default();
        error = error.code(code.rsplit('#').next().unwrap_or_default());
    }
    if let Some(message) = error_body.message {
        error = error.message(message);
    }
    Err(OrchestratorError::operation(error.build()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;

    fn finding(id: usize) -> Box<RawValue> {
        RawValue::from_string(format!(r#"{{"Id":"{id}"}}"#)).unwrap()
    }

    fn accepted() -> (u16, String) {
        (
            200,
            r#"{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}"#.to_owned(),
        )
    }

    async fn import(
        answers: Vec<(u16, String)>,
        count: usize,
    ) -> (Result<(), ImportError>, Vec<usize>) {
        let replay = Replay::of(answers);
        let hub = SecurityHub::new(&replay.session());
        let findings: Vec<_> = (0..count).map(finding).collect();
        let result = hub.import(&findings).await;
        let sent = replay.sent().into_iter().map(|sent| {
            let body: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
            body["Findings"].as_array().unwrap().len()
        });
        (result, sent.collect())
    }

    #[tokio::test]
    async fn a_call_takes_a_hundred_findings() {
        assert_eq!(import(vec![accepted()], 0).await, (Ok(()), vec![]));
        assert_eq!(import(vec![accepted()], 100).await, (Ok(()), vec![100]));
        assert_eq!(
            import(vec![accepted()], 201).await,
            (Ok(()), vec![100, 100, 1])
        );
    }

    #[tokio::test]
    async fn a_refused_finding_is_an_error_and_the_rest_is_sent() {
        let refused = r#"{"FailedCount":1,"SuccessCount":99,"FailedFindings":[
            {"Id":"7","ErrorCode":"InvalidInput","ErrorMessage":"Title is too long"}]}"#;
        let (result, sent) = import(vec![(200, refused.to_owned()), accepted()], 101).await;
        assert_eq!(
            result.unwrap_err().to_string(),
            "Security Hub refused 1 finding(s), first `7`: InvalidInput: Title is too long"
        );
        assert_eq!(sent, [100, 1]);
    }

    #[tokio::test]
    async fn throttling_and_failures_are_tried_again() {
        let throttled = r#"{"__type":"com.amazonaws.securityhub#TooManyRequestsException","Message":"slow down"}"#;
        let answers = vec![
            (429, throttled.to_owned()),
            (500, String::new()),
            accepted(),
        ];
        assert_eq!(import(answers, 1).await, (Ok(()), vec![1, 1, 1]));
    }

    #[tokio::test]
    async fn an_account_without_security_hub_is_a_failure() {
        let refused = r#"{"Code":"InvalidAccessException","Message":"Account is not subscribed"}"#;
        let (result, sent) = import(vec![(401, refused.to_owned())], 1).await;
        assert_eq!(
            result.unwrap_err().to_string(),
            "AWS refused: InvalidAccessException: Account is not subscribed"
        );
        assert_eq!(sent, [1]);
    }

    #[test]
    fn each_partition_has_its_endpoint() {
        for (region, expected) in [
            (
                "eu-central-1",
                "https://securityhub.eu-central-1.amazonaws.com",
            ),
            (
                "us-gov-west-1",
                "https://securityhub.us-gov-west-1.amazonaws.com",
            ),
            (
                "cn-north-1",
                "https://securityhub.cn-north-1.amazonaws.com.cn",
            ),
        ] {
            assert_eq!(endpoint(region), expected);
        }
    }
}
