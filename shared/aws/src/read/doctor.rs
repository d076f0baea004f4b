//! The doctor: which of an audit's calls is this caller permitted to make?
//!
//! Each call is made as an audit makes it, because only AWS knows all policies that apply to the caller (SCPs, session policies,
//! boundaries). None of them changes anything. A call that is refused for another reason than a missing permission was permitted:
//! AWS checks the permission first.

mod accounts;

use std::time::Duration;

use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use futures_util::future::join3;
use tokio::time::{Instant, timeout};

pub use accounts::{Examined, examine_accounts};

use super::discover::ITEMS;
use super::{resources, trail};
use crate::failure::Failure;
use crate::iam_client::Iam;
use crate::session::Caller;

/// The name of a user or role that need not exist: only who has the permission learns that it does not.
const NOBODY: &str = "permdrift-doctor";
/// Any action will do: it is simulated, not done.
const ACTION: &str = "sts:GetCallerIdentity";

/// How long one of the calls about principals takes at most: what AWS throttles without end is not known.
const PATIENCE: Duration = Duration::from_secs(3);

/// One call that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The IAM action that allows the call, as in [`CALLS`](crate::calls::CALLS).
    pub action: &'static str,
    /// The ARN of what it was tried on, if it is about one thing.
    pub on: Option<String>,
    /// `Ok`: permitted. A [`Failure::Denied`] is a missing permission; another one says why that is not known.
    pub permitted: Result<(), Failure>,
}

/// Tries every call of an audit: those about principals on one user and one role, those about buckets and vaults on one where there
/// are any. What has no answer by `until` is not known.
pub async fn examine(iam: &Iam, caller: &Caller, until: Instant) -> Vec<Check> {
    let listing = iam
        .client
        .get_account_authorization_details()
        .max_items(ITEMS);
    let listed = in_time(listing.send()).await;
    let first = |kind: &str, arn: Option<&str>| match arn {
        Some(arn) => arn.to_owned(),
        None => format!(
            "arn:{}:iam::{}:{kind}/{NOBODY}",
            caller.partition, caller.account
        ),
    };
    let page = listed.as_ref().ok();
    let user = page.and_then(|page| page.user_detail_list().first()?.arn());
    let role = page.and_then(|page| page.role_detail_list().first()?.arn());
    let (user, role) = (first("user", user), first("role", role));
    let mut checks = vec![Check {
        action: "iam:GetAccountAuthorizationDetails",
        on: None,
        permitted: permitted(listed),
    }];
    let simulated = |principal: &str| {
        let call = iam.client.simulate_principal_policy();
        in_time(
            call.policy_source_arn(principal)
                .action_names(ACTION)
                .send(),
        )
    };
    let name = user.rsplit('/').next().unwrap_or_default();
    let keys = in_time(iam.client.list_access_keys().user_name(name).send());
    let (of_user, of_role, keys) = join3(simulated(&user), simulated(&role), keys).await;
    for (principal, simulated) in [(&user, permitted(of_user)), (&role, permitted(of_role))] {
        checks.push(Check {
            action: "iam:SimulatePrincipalPolicy",
            on: Some(principal.clone()),
            permitted: simulated,
        });
    }
    checks.push(Check {
        action: "iam:ListAccessKeys",
        on: Some(user),
        permitted: permitted(keys),
    });
    let tried = resources::try_each(&iam.session, caller, until).await;
    checks.extend(tried.into_iter().map(|tried| Check {
        action: tried.action,
        on: tried.on,
        permitted: tried.permitted,
    }));
    checks.push(Check {
        action: "cloudtrail:LookupEvents",
        on: None,
        permitted: trail::try_once(&iam.session, until).await,
    });
    checks
}

/// A call, but for no longer than it may take.
async fn in_time<T, E>(
    call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, Failure>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match timeout(PATIENCE, call).await {
        Ok(answer) => answer.map_err(|error| Failure::of(&error)),
        Err(_) => Err(Failure::TimedOut),
    }
}

fn permitted<T>(answer: Result<T, Failure>) -> Result<(), Failure> {
    match answer {
        Ok(_) => Ok(()),
        Err(Failure::Refused { code, .. }) if code == "NoSuchEntity" => Ok(()),
        Err(failure) => Err(failure),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::calls::{By, CALLS};
    use crate::replay::{Replay, refusal};

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn caller() -> Caller {
        Caller {
            account: "111122223333".parse().unwrap(),
            partition: "aws-cn".into(),
            arn: "arn:aws-cn:iam::111122223333:user/me".into(),
        }
    }

    #[tokio::test]
    async fn every_call_of_an_audit_is_tried() {
        let replay = Replay::new(|sent| {
            Ok(if sent.uri.ends_with("/?max-buckets=1000") {
                let one = "<L><Buckets><Bucket><Name>b</Name></Bucket></Buckets></L>";
                (200, one.to_owned())
            } else if sent.uri.ends_with("/backup-vaults?maxResults=1000") {
                let one = r#"{"BackupVaultList":[{"BackupVaultName":"v"}]}"#;
                (200, one.to_owned())
            } else {
                refusal(403, "AccessDenied", "because nothing allows it")
            })
        });
        let checks = examine(&replay.iam(), &caller(), soon()).await;
        let tried: BTreeSet<_> = checks.iter().map(|check| check.action).collect();
        let audits = CALLS.iter().filter(|call| call.by == By::Audit);
        assert_eq!(tried, audits.map(|call| call.action).collect());
        for check in checks {
            let is_denied = matches!(check.permitted, Err(Failure::Denied { .. }));
            let lists = ["s3:ListAllMyBuckets", "backup:ListBackupVaults"];
            assert!(is_denied != lists.contains(&check.action), "{check:?}");
        }
    }

    #[tokio::test]
    async fn without_a_listing_a_principal_that_does_not_exist_is_asked_about() {
        let replay = Replay::new(|sent| {
            Ok(match sent.form.get("Action").map(String::as_str) {
                Some("GetAccountAuthorizationDetails") => refusal(403, "AccessDenied", "no"),
                Some("SimulatePrincipalPolicy") => refusal(404, "NoSuchEntity", "cannot be found"),
                _ => refusal(400, "InternalThing", "who knows"),
            })
        });
        let checks = examine(&replay.iam(), &caller(), soon()).await;
        let checks: Vec<_> = checks
            .into_iter()
            .filter(|check| check.action.starts_with("iam:"))
            .collect();
        let permitted: Vec<_> = checks
            .iter()
            .map(|check| (check.on.as_deref(), check.permitted.is_ok()))
            .collect();
        let (user, role) = (
            Some("arn:aws-cn:iam::111122223333:user/permdrift-doctor"),
            Some("arn:aws-cn:iam::111122223333:role/permdrift-doctor"),
        );
        assert_eq!(
            permitted,
            [(None, false), (user, true), (role, true), (user, false)]
        );
        let last = checks
            .last()
            .and_then(|check| check.permitted.clone().err());
        assert!(
            matches!(last, Some(Failure::Refused { .. })),
            "not known: {last:?}"
        );
    }
}
