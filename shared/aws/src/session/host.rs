//! Hosts: which one could not be reached? The SDK's errors do not say.
//!
//! In: the SDK's HTTP client. Out: one whose connection errors name the host that was called.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// A connection error with its host.
#[derive(Debug, thiserror::Error)]
#[error("no connection to {host}")]
pub(crate) struct NoConnection {
    pub(crate) host: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// The client whose connection errors name their host.
pub(super) fn naming(client: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Naming(client))
}

#[derive(Debug)]
struct Naming<T>(T);

impl HttpClient for Naming<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Naming(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Naming<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri();
        let (_, rest) = uri.split_once("://").unwrap_or(("", uri));
        let host = rest.split(['/', '?']).next().unwrap_or(rest).to_owned();
        let answer = self.0.call(request);
        HttpConnectorFuture::new(
            async move { answer.await.map_err(|error| with_host(error, host)) },
        )
    }
}

/// The same error with its host, where it is one of the connection.
fn with_host(error: ConnectorError, host: String) -> ConnectorError {
    let make = match (error.is_timeout(), error.is_io()) {
        (true, _) => ConnectorError::timeout,
        (false, true) => ConnectorError::io,
        (false, false) => return error,
    };
    let source = error.into_source();
    make(Box::new(NoConnection { host, source }))
}
