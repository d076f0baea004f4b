//! The session: with which credentials, in which region, and with how many attempts is AWS called?
//!
//! In: the options of a command line or an environment, as [`Access`]. Out: a [`Session`], from which everything else here makes
//! its clients. Credentials come from the usual AWS chain; [`Session::assume`] takes those of a role in another account.
//!
//! The environment is read by the SDK alone (`AWS_REGION`, `AWS_PROFILE`, `AWS_ENDPOINT_URL`, ...); nothing else here does.

pub(crate) mod enter;
mod host;

use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider, load};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_types::os_shim_internal::{Env, Fs};
use iam::{AccountId, Arn, ParseArnError};

use crate::failure::Failure;
use host::naming;

pub(crate) use host::NoConnection;

/// The first back-off; doubled for each attempt, with full jitter.
const BACK_OFF: Duration = Duration::from_millis(250);
/// The region of IAM and STS in the partition `aws`.
const HOME_REGION: &str = "us-east-1";
const CONNECT: Duration = Duration::from_secs(5);

/// How to reach AWS.
#[derive(Clone, Debug)]
pub struct Access {
    /// A profile of the AWS configuration files, before credentials in the environment; `None`: as the environment says.
    pub profile: Option<String>,
    /// The region of table, topic and bus, and of the STS endpoint; `None`: as the environment or the profile says, and
    /// `us-east-1` where they say nothing.
    pub region: Option<String>,
    /// Attempts of each call, the first included.
    pub attempts: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The external id that its trust policy may require.
    pub external_id: Option<String>,
}

/// Credentials, region, and limits for retries and time.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) config: SdkConfig,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account of the credentials.
    pub account: AccountId,
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: Box<str>,
    /// The caller's ARN.
    pub arn: Box<str>,
}

/// Why it is not known who calls.
#[derive(Debug, thiserror::Error)]
pub enum IdentifyError {
    /// The call failed.
    #[error("cannot tell which AWS account this is")]
    Call(#[source] Failure),
    /// The answer names no account.
    #[error("AWS named no account and caller")]
    Answer(#[source] ParseArnError),
}

impl Default for Access {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            attempts: 10,
            timeout: Duration::from_secs(20),
        }
    }
}

impl Session {
    /// Reads the AWS configuration; credentials are fetched with the first call.
    pub async fn load(access: &Access) -> Self {
        let http = https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http.clone())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(access.attempts.max(1))
                    .with_initial_backoff(BACK_OFF),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(access.timeout)
                    .build(),
            );
        if let Ok(name) = AppName::new("permdrift") {
            loader = loader.app_name(name);
        }
        let provider = ProviderConfig::default().with_http_client(http);
        let region = region(access, &provider).region().await;
        if let Some(profile) = &access.profile {
            // The chain would look at the variables of the environment first, and find another account there.
            let provider = provider.with_region(region.clone());
            let named = ProfileFileCredentialsProvider::builder()
                .configure(&provider)
                .profile_name(profile);
            loader = loader
                .profile_name(profile)
                .credentials_provider(named.build());
        }
        loader = loader.region(region);
        Self {
            config: loader.load().await,
        }
    }

    /// The same, with the credentials of a role. It is assumed with the first call, and again before it expires.
    pub async fn assume(&self, role: &Role, name: &str) -> Self {
        let mut builder = AssumeRoleProvider::builder(&role.arn)
            .configure(&self.config)
            .session_name(name);
        if let Some(id) = &role.external_id {
            builder = builder.external_id(id);
        }
        let provider = builder.build().await;
        Self {
            config: self
                .config
                .to_builder()
                .credentials_provider(
                    aws_credential_types::provider::SharedCredentialsProvider::new(provider),
                )
                .build(),
        }
    }

    /// Assumes a role once, only to learn whether that works; the credentials are dropped.
    ///
    /// # Errors
    /// Why the role cannot be assumed.
    pub async fn try_role(&self, role: &Role, name: &str) -> Result<(), Failure> {
        let tried = aws_sdk_sts::Client::new(&self.config)
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(name)
            .set_external_id(role.external_id.clone())
            .customize()
            .config_override(few_attempts())
            .send()
            .await
            .map(drop)
            .map_err(|error| Failure::of(&error));
        match tried {
            Err(failure) => Err(with_profiles(failure).await),
            Ok(()) => Ok(()),
        }
    }

    /// The region, if one is configured.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// Asks AWS whose credentials these are.
    ///
    /// # Errors
    /// [`IdentifyError`] where the call fails or its answer names no caller.
    pub async fn caller(&self) -> Result<Caller, IdentifyError> {
        let answer = aws_sdk_sts::Client::new(&self.config)
            .get_caller_identity()
            .customize()
            .config_override(few_attempts())
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let failure = with_profiles(Failure::of(&error)).await;
                return Err(IdentifyError::Call(failure));
            }
        };
        let arn = answer.arn().unwrap_or_default();
        Ok(Caller {
            account: answer
                .account()
                .unwrap_or_default()
                .parse()
                .map_err(IdentifyError::Answer)?,
            partition: Arn::parse(arn)
                .map_err(IdentifyError::Answer)?
                .partition
                .into(),
            arn: arn.into(),
        })
    }
}

/// HTTPS, through the proxy that the environment names if it does.
fn https() -> SharedHttpClient {
    naming(
        Builder::new().build_with_connector_fn(|settings, components| {
            let mut connector =
                Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            connector.set_proxy_config(Some(ProxyConfig::from_env()));
            connector.build()
        }),
    )
}

/// The failure, with the profiles that there are where the one that was named is none of them.
async fn with_profiles(failure: Failure) -> Failure {
    let Failure::NoProfile { text, .. } = failure else {
        return failure;
    };
    let (files, environment) = (Fs::real(), Env::real());
    let found = load(&files, &environment, &EnvConfigFiles::default(), None).await;
    let known = found.map(|found| found.profiles().map(str::to_owned).collect());
    let mut known: Vec<String> = known.unwrap_or_default();
    known.sort();
    Failure::NoProfile { text, known }
}

/// Few attempts, for the first call: a person waits for it, and should soon learn why AWS cannot be reached.
fn few_attempts() -> aws_sdk_sts::config::Builder {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(BACK_OFF);
    aws_sdk_sts::config::Builder::default().retry_config(retries)
}

fn region(access: &Access, provider: &ProviderConfig) -> RegionProviderChain {
    let said = access.region.clone().map(Region::new);
    let mut file = ProfileFileRegionProvider::builder().configure(provider);
    if let Some(profile) = &access.profile {
        file = file.profile_name(profile);
    }
    let machine = ImdsRegionProvider::builder().configure(provider);
    RegionProviderChain::first_try(said)
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(file.build())
        .or_else(machine.build())
        .or_else(Region::new(HOME_REGION))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::{Replay, refusal};
    use crate::{Iam, Process, discover};

    const ROLE: &str = "arn:aws:iam::222222222222:role/permdrift-audit";

    fn role() -> Role {
        Role {
            arn: ROLE.to_owned(),
            external_id: Some("of-the-hub".to_owned()),
        }
    }

    #[tokio::test]
    async fn a_role_is_assumed_and_its_credentials_are_used() {
        let replay = Replay::new(|sent| {
            let body = match sent.form["Action"].as_str() {
                "AssumeRole" => {
                    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
                     <AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                     <SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>\
                     </AssumeRoleResult></AssumeRoleResponse>"
                }
                _ => {
                    "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult>\
                     <IsTruncated>false</IsTruncated></GetAccountAuthorizationDetailsResult>\
                     </GetAccountAuthorizationDetailsResponse>"
                }
            };
            Ok((200, body.to_owned()))
        });
        let there = replay.session().assume(&role(), "permdrift").await;
        let iam = Iam::new(&there, &Process::new(100.0));
        discover(&iam, &mut |_| Ok(())).await.unwrap();
        let sent = replay.sent();
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0].form["RoleArn"], ROLE);
        assert_eq!(sent[0].form["ExternalId"], "of-the-hub");
        assert_eq!(
            [&*sent[0].key, &*sent[1].key],
            ["AKIAREPLAY", "ASIAASSUMED"]
        );
    }

    #[tokio::test]
    async fn a_role_that_cannot_be_assumed_is_a_failure() {
        let replay = Replay::of(vec![refusal(403, "AccessDenied", "not yours")]);
        let there = replay.session().assume(&role(), "permdrift").await;
        let iam = Iam::new(&there, &Process::new(100.0));
        let failed = discover(&iam, &mut |_| Ok(())).await;
        assert!(failed.is_err());
        assert_eq!(replay.sent()[0].form["Action"], "AssumeRole");
    }

    #[tokio::test]
    async fn the_caller_is_who_aws_says() {
        let body = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
            <Arn>arn:aws-cn:sts::123456789012:assumed-role/audit/me</Arn><UserId>AROA:me</UserId>\
            <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
        let replay = Replay::of(vec![(200, body.to_owned())]);
        let caller = replay.session().caller().await.unwrap();
        assert_eq!(
            (caller.account.as_str(), &*caller.partition),
            ("123456789012", "aws-cn")
        );
        let unnamed = Replay::of(vec![(200, body.replace("123456789012", ""))]);
        assert!(unnamed.session().caller().await.is_err());
    }
}
