//! Failures: why did AWS not answer?
//!
//! The SDK's many errors become the few that callers tell apart. The text holds AWS's error code and, for a refusal,
//! its message; never a request, a document or a credential.

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::session::NoConnection;

/// Why a call to AWS failed, after all its attempts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// AWS refused: too many calls, in all attempts.
    #[error("AWS refused as too many calls, in every attempt")]
    Throttled,
    /// The caller lacks the permission.
    #[error("AWS refused: {code}: {message}")]
    Denied {
        /// AWS's code.
        code: String,
        /// AWS's message; it names the caller, the action and the resource.
        message: String,
    },
    /// AWS refused for another reason.
    #[error("AWS refused: {code}: {message}")]
    Refused {
        /// AWS's code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// AWS failed, or its answer could not be read.
    #[error("AWS did not answer properly{}", code.as_deref().map(|code| format!(": {code}")).unwrap_or_default())]
    Broken {
        /// AWS's code, if there was one.
        code: Option<String>,
    },
    /// A web page came in place of an answer.
    #[error("a web page came in place of AWS's answer (HTTP status {status})")]
    Page {
        /// The status it came with.
        status: u16,
    },
    /// No answer in time.
    #[error("AWS did not answer in time, in every attempt")]
    TimedOut,
    /// AWS could not be reached: network, name, certificate.
    #[error("AWS could not be reached")]
    Unreachable(#[source] NetworkError),
    /// The profile that was named is in no configuration file.
    #[error("no call to AWS could be made: {text}")]
    NoProfile {
        /// What the SDK says.
        text: String,
        /// The profiles that there are.
        known: Vec<String>,
    },
    /// The session of the single sign-on is over, or never began.
    #[error("no call to AWS could be made: nobody is logged in to the single sign-on (SSO): {0}")]
    SignedOut(String),
    /// The call could not be made: no credentials, no region.
    #[error("no call to AWS could be made: {0}")]
    Unprepared(String),
}

/// What the network said: the innermost of the SDK's errors. The SDK's own cannot be kept, because failures are compared and copied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NetworkError(String);

/// An error with all its causes, in one line.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl Failure {
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match error {
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::DispatchFailure(failure) => {
                let text = innermost(error);
                match host(error) {
                    Some(host) if failure.is_io() || failure.is_timeout() => {
                        Self::Unreachable(NetworkError(format!("{host}: {text}")))
                    }
                    _ if failure.is_timeout() => Self::TimedOut,
                    _ if failure.is_io() => Self::Unreachable(NetworkError(text)),
                    _ => Self::unprepared(error, &text),
                }
            }
            SdkError::ConstructionFailure(_) => Self::Unprepared(innermost(error)),
            SdkError::ResponseError(failure) => Self::unreadable(failure.raw()),
            SdkError::ServiceError(service) if service.err().code().is_none() => {
                Self::unreadable(service.raw())
            }
            SdkError::ServiceError(service) => Self::answer(
                service.err().code(),
                service.err().message(),
                service.raw().status().as_u16(),
            ),
            _ => Self::Broken { code: None },
        }
    }

    /// No credentials: of whom, and why?
    fn unprepared(error: &(dyn std::error::Error + 'static), text: &str) -> Self {
        let text = without_attempts(text);
        if text.contains("was not defined") || text == NO_PROFILE {
            return Self::NoProfile {
                text,
                known: Vec::new(),
            };
        }
        // The innermost error may be no more than that a file is not there; those above say of what.
        let all = chain(error).replace('\\', "/");
        let signs = ["SSO", "/sso/cache/", "Session token not found"];
        let is_of_sign_on = signs.iter().any(|sign| all.contains(sign));
        match is_of_sign_on {
            true => Self::SignedOut(text),
            false => Self::Unprepared(text),
        }
    }

    /// An answer without a code.
    fn unreadable(answer: &HttpResponse) -> Self {
        let body = answer.body().bytes().unwrap_or_default();
        let start = body.trim_ascii_start().get(..5).unwrap_or_default();
        let is_page = [b"<html", b"<!doc"]
            .iter()
            .any(|page| start.eq_ignore_ascii_case(*page));
        match is_page {
            true => Self::Page {
                status: answer.status().as_u16(),
            },
            false => Self::Broken { code: None },
        }
    }

    fn answer(code: Option<&str>, message: Option<&str>, status: u16) -> Self {
        let Some(code) = code else {
            return Self::Broken { code: None };
        };
        let message = message.unwrap_or("no message").to_owned();
        if aws_runtime::retries::classifiers::THROTTLING_ERRORS.contains(&code) {
            Self::Throttled
        } else if status >= 500 {
            Self::Broken {
                code: Some(code.to_owned()),
            }
        } else if matches!(
            code,
            "AccessDenied"
                | "AccessDeniedException"
                | "AuthorizationError"
                | "UnauthorizedOperation"
        ) {
            Self::Denied {
                code: code.to_owned(),
                message,
            }
        } else {
            Self::Refused {
                code: code.to_owned(),
                message,
            }
        }
    }

    /// Whether a later attempt may succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Throttled
            | Self::Broken { .. }
            | Self::Page { .. }
            | Self::TimedOut
            | Self::Unreachable(_) => true,
            Self::Denied { .. }
            | Self::Refused { .. }
            | Self::NoProfile { .. }
            | Self::SignedOut(_)
            | Self::Unprepared(_) => false,
        }
    }
}

/// What is said of a named profile where there is no configuration file.
const NO_PROFILE: &str = "there is no such profile, or no AWS configuration file";

/// Shortens the SDK's message about missing credentials, which lists every place where it looked: only a profile that was named and
/// is not defined is kept. For a profile without any configuration file the SDK's message does not mention it at all.
fn without_attempts(text: &str) -> String {
    if text == "the credential provider was not enabled" {
        // The SDK's message for a named profile where there is no configuration file.
        return NO_PROFILE.to_owned();
    }
    let Some((found, attempts)) = text.split_once(". Attempted:") else {
        return text.trim_end_matches(['.', ' ', '\n']).to_owned();
    };
    let undefined = attempts.lines().find_map(|line| {
        line.split(": ")
            .find(|part| part.ends_with("was not defined"))
    });
    match undefined {
        Some(undefined) => format!("{found}: {undefined}"),
        None => found.to_owned(),
    }
}

/// The host that could not be reached.
fn host<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e str> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<NoConnection>() {
            return Some(&found.host);
        }
        next = error.source();
    }
    None
}

/// The last error of the chain: the one that says what happened.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_network_said_is_the_cause_and_stands_once_in_one_line() {
        let failure = Failure::Unreachable(NetworkError("Connection refused".to_owned()));
        assert_eq!(failure.to_string(), "AWS could not be reached");
        assert_eq!(
            chain(&failure),
            "AWS could not be reached: Connection refused"
        );
    }

    #[test]
    fn a_long_list_of_places_without_credentials_is_shortened() {
        let check = |text: &str, expected: &str| assert_eq!(without_attempts(text), expected);
        let chain = "no credentials found in chain. Attempted:\n  Environment: the credential provider was not enabled: \
                     environment variable not set";
        check(chain, "no credentials found in chain");
        check(
            &format!(
                "{chain}\n  Profile: the credential provider was not enabled: profile `f` was not defined: could not"
            ),
            "no credentials found in chain: profile `f` was not defined",
        );
        check(
            "failed to load the cached SSO token",
            "failed to load the cached SSO token",
        );
        check(
            "exited with code 1. Stderr: ",
            "exited with code 1. Stderr:",
        );
    }
}
