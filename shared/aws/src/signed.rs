//! Signed calls: how is AWS called where a few calls do not pay for a client crate?
//!
//! Each call is built from the SDK's own parts: signing, retries, time-outs, endpoints of the environment. The client crates for EC2, S3,
//! RDS and Security Hub alone are larger than all that is used here.
//!
//! What a request says and what an answer means is the caller's business, and so is the region.

pub(crate) mod bucket;
mod refusal;
pub(crate) mod xml;

use std::fmt;
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
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::region::{Region, SigningRegion};
use aws_types::service_config::ServiceConfigKey;
use aws_types::{SdkConfig, SigningName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::session::Session;
use refusal::Refusal;

/// The region that a refusal names: an extra of its [`ErrorMetadata`].
pub(crate) const NAMED_REGION: &str = "region";
const TIMEOUT: Duration = Duration::from_secs(20);
/// What stands in a path, a query or a form as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Service {
    /// In its endpoint and its signatures, such as `kms`.
    pub(crate) name: &'static str,
    /// By which AWS's SDKs configure it, such as `KMS`: the end of `AWS_ENDPOINT_URL_KMS`.
    pub(crate) id: &'static str,
    /// It signs paths as they are, and digests of bodies: S3 alone.
    pub(crate) is_storage: bool,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct SignedRequest {
    /// What the SDK calls it, such as `DescribeKey`.
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    /// Path and query, encoded.
    pub(crate) uri: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
pub(crate) type SignedError = SdkError<ErrorMetadata, HttpResponse>;

/// Calls services in the name of a session.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    config: SdkConfig,
}

impl Signer {
    pub(crate) fn new(session: &Session) -> Self {
        Self {
            config: session.config.clone(),
        }
    }

    /// With other limits than the session's.
    pub(crate) fn with_limits(self, retries: RetryConfig, timeouts: TimeoutConfig) -> Self {
        let config = self.config.into_builder();
        Self {
            config: config
                .retry_config(retries)
                .timeout_config(timeouts)
                .build(),
        }
    }

    /// How long an attempt may take.
    pub(crate) fn attempt_timeout(&self) -> Option<Duration> {
        self.config.timeout_config()?.operation_attempt_timeout()
    }

    /// The session's region.
    pub(crate) fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// Where a service is called: what the environment says (`AWS_ENDPOINT_URL_<ID>` before `AWS_ENDPOINT_URL`, as in every AWS SDK),
    /// else the region's endpoint, with a host's name before it where one is given.
    pub(crate) fn url(&self, service: Service, region: &str, host: Option<&str>) -> Url {
        match self.set_url(service) {
            Some(url) => Url { url, is_set: true },
            None => {
                let host = host.map_or_else(String::new, |host| format!("{host}."));
                let suffix = suffix(region);
                Url {
                    url: format!("https://{host}{}.{region}.{suffix}", service.name),
                    is_set: false,
                }
            }
        }
    }

    fn set_url(&self, service: Service) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        let own = self.config.service_config();
        let own = own.and_then(|service| service.load_config(key));
        let url = own.or_else(|| self.config.endpoint_url().map(str::to_owned))?;
        Some(url.trim_end_matches('/').to_owned())
    }

    /// Sends a request and reads the body of its answer. An answer that cannot be read counts as cut off, and is asked for again.
    ///
    /// # Errors
    /// [`SignedError`] after all attempts; a refusal that names a region carries it as [`NAMED_REGION`].
    pub(crate) async fn send<T>(
        &self,
        service: Service,
        region: &str,
        url: &Url,
        request: SignedRequest,
        read: fn(&[u8]) -> Result<T, BoxError>,
    ) -> Result<T, SignedError>
    where
        T: fmt::Debug + Send + Sync + 'static,
    {
        let mut parts = RuntimeComponentsBuilder::new(service.name)
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
                StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
            )));
        // One for all calls: an assumed role's credentials are fetched once.
        parts.set_identity_cache(self.config.identity_cache());
        if let Some(credentials) = self.config.credentials_provider() {
            parts.set_identity_resolver(SCHEME_ID, credentials);
        }
        let mut options = SigningOptions::default();
        options.double_uri_encode = !service.is_storage;
        options.normalize_uri_path = !service.is_storage;
        options.content_sha256_header = service.is_storage;
        let mut settings = Layer::new(service.name);
        settings.store_put(AuthSchemeOptionResolverParams::new(()));
        settings.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(Region::new(region.to_owned()))),
            name: Some(SigningName::from_static(service.name)),
            signing_options: options,
            ..SigV4OperationSigningConfig::default()
        });
        let retries = self.config.retry_config().cloned();
        let timeouts = self.config.timeout_config().cloned();
        let mut operation = Operation::builder()
            .service_name(service.name)
            .operation_name(request.operation)
            .behavior_version(aws_config::BehaviorVersion::latest())
            .endpoint_url(&url.url)
            .standard_retry(&retries.unwrap_or_else(RetryConfig::standard))
            .timeout_config(timeouts.unwrap_or_else(|| {
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
        let operation = operation
            .serializer(serialize)
            .deserializer(move |response| answer(response, read));
        operation.build().invoke(request).await
    }
}

/// Where a service is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    url: String,
    /// The environment says so.
    pub(crate) is_set: bool,
}

/// The end of the names of a partition's endpoints.
fn suffix(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "amazonaws.com.cn",
        _ if region.starts_with("us-isob-") => "sc2s.sgov.gov",
        _ if region.starts_with("us-iso-") => "c2s.ic.gov",
        _ if region.starts_with("us-isof-") || region.starts_with("eu-isof-") => "csp.hci.ic.gov",
        _ if region.starts_with("eu-isoe-") => "cloud.adc-e.uk",
        _ if region.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// A text as a part of a path, a query or a form.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn serialize(request: SignedRequest) -> Result<HttpRequest, BoxError> {
    let mut http = HttpRequest::new(SdkBody::from(request.body));
    http.set_method(request.method)?;
    http.set_uri(request.uri)?;
    for (name, value) in request.headers {
        http.headers_mut().try_insert(name, value)?;
    }
    Ok(http)
}

fn answer<T>(
    response: &HttpResponse,
    read: fn(&[u8]) -> Result<T, BoxError>,
) -> Result<T, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return read(body).map_err(OrchestratorError::response);
    }
    let refusal = match body.trim_ascii_start().starts_with(b"<") {
        true => xml::refusal(body),
        false => Refusal::of_json(body),
    };
    let header = |name: &str| response.headers().get(name).map(str::to_owned);
    let mut error = ErrorMetadata::builder();
    if let Some(code) = header("x-amzn-errortype").or(refusal.code) {
        // `namespace#Code:details`
        let code = code.split(':').next().unwrap_or_default();
        error = error.code(code.rsplit('#').next().unwrap_or_default());
    }
    if let Some(message) = refusal.message {
        error = error.message(message);
    }
    if let Some(region) = header("x-amz-bucket-region").or(refusal.region) {
        error = error.custom(NAMED_REGION, region);
    }
    Err(OrchestratorError::operation(error.build()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;

    const KMS: Service = Service {
        name: "kms",
        id: "KMS",
        is_storage: false,
    };

    #[test]
    fn each_partition_has_its_endpoint() {
        let replay = Replay::of(vec![]);
        let signer = Signer::new(&replay.session());
        let check = |region, host, expected: &str| {
            let url = signer.url(KMS, region, host);
            assert_eq!((&*url.url, url.is_set), (expected, false));
        };
        check(
            "eu-central-1",
            None,
            "https://kms.eu-central-1.amazonaws.com",
        );
        check(
            "us-gov-west-1",
            None,
            "https://kms.us-gov-west-1.amazonaws.com",
        );
        check(
            "cn-north-1",
            None,
            "https://kms.cn-north-1.amazonaws.com.cn",
        );
        check(
            "eusc-de-east-1",
            None,
            "https://kms.eusc-de-east-1.amazonaws.eu",
        );
        check(
            "eu-west-1",
            Some("a-b"),
            "https://a-b.kms.eu-west-1.amazonaws.com",
        );
    }
}
