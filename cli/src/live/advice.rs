//! Advice: what can a person do where a call to AWS failed?

use std::sync::OnceLock;

use aws::Failure;

use super::refused::RoleRefused;

/// The profile that AWS is called with, which advice names: where a call fails, the arguments are out of reach.
static PROFILE: OnceLock<String> = OnceLock::new();

const NETWORK: &str =
    "check network, proxy and --region; an audit without AWS takes --auth-details";

/// Remembers the profile that the command line or the environment names.
pub(super) fn remember(profile: Option<&str>) {
    let named = profile.map(str::to_owned);
    let named = named.or_else(|| std::env::var("AWS_PROFILE").ok());
    if let Some(named) = named.filter(|named| !named.is_empty()) {
        // The first one holds; a second account has advice without a profile's name of its own.
        let _ = PROFILE.set(named);
    }
}

/// What a person can do where a call to AWS failed; nothing is known for other failures.
pub(crate) fn advice(error: &anyhow::Error) -> Option<String> {
    if let Some(RoleRefused {
        failure: Failure::Denied { .. },
        ..
    }) = error.downcast_ref()
    {
        return Some(
            "the role's trust policy must name you (and --external-id what it asks for), and your policies must allow \
             sts:AssumeRole on it"
                .to_owned(),
        );
    }
    let failure = error.chain().find_map(|cause| cause.downcast_ref())?;
    of(failure, PROFILE.get().map(String::as_str))
}

fn of(failure: &Failure, profile: Option<&str>) -> Option<String> {
    let log_in = || match profile {
        Some(profile) => format!("aws sso login --profile {profile}"),
        None => "aws sso login".to_owned(),
    };
    Some(match failure {
        Failure::Throttled => {
            "other programs call this account's IAM, too: run it again in a few minutes".to_owned()
        }
        Failure::Denied { .. } => {
            "`permdrift doctor` tells all that is missing, `permdrift print-policy` prints the policy that grants it".to_owned()
        }
        Failure::Refused { code, message } if is_of_clock(code, message) => format!(
            "the clock of this machine is wrong: it says {}; set it by a time server and run it again",
            jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC")
        ),
        Failure::Refused { code, .. } => match code.as_str() {
            "ExpiredToken" | "ExpiredTokenException" => {
                format!("log in again, with `{}` or as you got these credentials", log_in())
            }
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "IncompleteSignature" => {
                "AWS does not know this access key or its secret: check the credentials; those of aws-cn and aws-us-gov need a \
                 --region there"
                    .to_owned()
            }
            _ => return None,
        },
        Failure::Page { .. } => {
            "a proxy or a login page of the network answers in place of AWS: check HTTPS_PROXY and NO_PROXY, or log in to the network".to_owned()
        }
        Failure::Broken { .. } => "run it again in a few minutes".to_owned(),
        Failure::TimedOut | Failure::Unreachable(_) => NETWORK.to_owned(),
        Failure::NoProfile { known, .. } if known.is_empty() => {
            "make the profile with `aws configure sso`, or say with AWS_CONFIG_FILE where the configuration is".to_owned()
        }
        Failure::NoProfile { known, .. } => {
            format!("name one that there is: --profile {}", known.join(", "))
        }
        Failure::SignedOut(_) => format!("log in: `{}`", log_in()),
        Failure::Unprepared(_) => match profile {
            None => "log in as for the AWS command line (`aws sts get-caller-identity` must work), or name a --profile".to_owned(),
            Some(profile) => format!(
                "mend the profile: `aws sts get-caller-identity --profile {profile}` must work"
            ),
        },
    })
}

/// Whether AWS refused because the time of the request is not its own; its message often names both.
fn is_of_clock(code: &str, message: &str) -> bool {
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired")
        || message.starts_with("Signature expired")
        || message.starts_with("Signature not yet current")
}
