//! The interceptor of IAM calls: what has to be counted or corrected in each attempt?
//!
//! It counts attempts and throttles, reports them to the [`Pace`], and corrects two mistakes of the SDK:
//!
//! - The SDK reads a list that was cut off as a complete one, so an answer whose body ends too early is refused here. It
//!   is retried like any other failure of the transport.
//! - It writes the exclusion list as `PolicyExclusionList.member.1.member=scp` (aws-sdk-iam 1.133), where IAM's model says
//!   `PolicyExclusionList.member.1.PolicyType=scp`. A release that writes it right is left alone.

use std::sync::Arc;

use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsError;
use aws_sdk_iam::operation::simulate_principal_policy::SimulatePrincipalPolicyError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextMut, Error, FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;

use super::pace::Pace;
use super::tally::Tally;

/// An answer that ends before its last element does.
#[derive(Debug, thiserror::Error)]
#[error("the answer was cut off")]
pub(crate) struct CutOff;

/// The interceptor of a client.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) tally: Arc<Tally>,
    pub(crate) pace: Arc<Pace>,
}

/// Retries a call whose answer was cut off.
#[derive(Debug)]
pub(crate) struct RetryCutOff;

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "watch"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.tally.call();
        Ok(())
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let body = request
            .body()
            .bytes()
            .and_then(|body| std::str::from_utf8(body).ok());
        if let Some(corrected) = body.and_then(with_policy_types) {
            let headers = request.headers_mut();
            if headers.contains_key("content-length") {
                headers.insert("content-length", corrected.len().to_string());
            }
            *request.body_mut() = SdkBody::from(corrected);
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let whole = response
            .body()
            .bytes()
            .is_none_or(|body| body.trim_ascii_end().ends_with(b"Response>"));
        if response.status().is_success() && !whole {
            return Err(CutOff.into());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.tally.attempt();
        match context.output_or_error() {
            Some(Err(error)) => {
                let code = error.as_operation_error().and_then(code);
                if code.is_some_and(|code| THROTTLING_ERRORS.contains(&code)) {
                    self.tally.throttle();
                    self.pace.refused();
                }
            }
            Some(Ok(_)) => self.pace.answered(),
            None => {}
        }
        Ok(())
    }
}

/// The form with the exclusion list as IAM's model says; `None` if nothing has to be corrected. Only policy types are ever excluded
/// here.
fn with_policy_types(form: &str) -> Option<String> {
    let mut corrected = false;
    let pairs: Vec<String> = form
        .split('&')
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match wrong(key) {
                Some(number) => {
                    corrected = true;
                    format!("{EXCLUDED}{number}.PolicyType={value}")
                }
                None => pair.to_owned(),
            }
        })
        .collect();
    corrected.then(|| pairs.join("&"))
}

const EXCLUDED: &str = "PolicyExclusionList.member.";

/// The number in a key of the exclusion list whose last part is wrong.
fn wrong(key: &str) -> Option<&str> {
    let rest = key.strip_prefix(EXCLUDED)?;
    let (number, what) = rest.split_once('.').unwrap_or((rest, ""));
    (what.is_empty() || what == "member").then_some(number)
}

fn code(error: &Error) -> Option<&str> {
    let simulate = error.downcast_ref::<SimulatePrincipalPolicyError>();
    let list = error.downcast_ref::<GetAccountAuthorizationDetailsError>();
    simulate
        .and_then(ProvideErrorMetadata::code)
        .or_else(|| list.and_then(ProvideErrorMetadata::code))
}

impl ClassifyRetry for RetryCutOff {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        // No other interceptor refuses anything.
        let cut =
            matches!(context.output_or_error(), Some(Err(error)) if error.is_interceptor_error());
        if cut {
            RetryAction::transient_error()
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "cut-off answer"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exclusion_list_is_written_as_the_model_says() {
        let check = |form: &str, expected: Option<&str>| {
            assert_eq!(with_policy_types(form).as_deref(), expected);
        };
        check(
            "Action=SimulatePrincipalPolicy&PolicyExclusionList.member.1.member=scp&PolicyExclusionList.member.2=permission-boundary&A=",
            Some(
                "Action=SimulatePrincipalPolicy&PolicyExclusionList.member.1.PolicyType=scp\
                 &PolicyExclusionList.member.2.PolicyType=permission-boundary&A=",
            ),
        );
        check("Action=A&PolicyExclusionList.member.1.PolicyType=scp", None);
        check("Action=A", None);
    }
}
