//! Declared resources: which keys, buckets and vaults do tags and settings declare that these credentials may not read?
//!
//! The calls that the doctor tries elsewhere are about any one thing; a policy may name some and leave out what is declared.

use std::sync::Arc;

use audit::ports::Environment as _;
use audit::resources::{NamedResource, Reading, Resources, Wanted};
use audit::{Asked, Saved};
use iam::simulator::ServiceControl;
use iam::{AccountId, Arn};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::arguments::DoctorArguments;
use crate::live::Live;
use crate::progress::Progress;
use crate::{account, source};

/// Reads what is declared, and names what AWS refuses; `None` where the time was up before.
///
/// # Errors
/// Where the account cannot be listed, or the settings have a mistake.
pub(super) fn outside(
    asked: &DoctorArguments,
    live: &Live,
    until: Instant,
) -> anyhow::Result<Option<Vec<String>>> {
    let (settings, catalog) = account::settings(asked.settings.as_deref(), &asked.action_sets)?;
    let progress = Progress::start();
    let now = Timestamp::now();
    let work = async {
        progress.now("reading what tags and settings declare");
        let audit = Asked {
            account: Some(live.account()),
            ..Asked::new(&catalog, &settings, now)
        };
        let saved = Saved {
            inventory: Arc::new(live.listing().await?),
            service_control: ServiceControl::default(),
            resources: Arc::default(),
        };
        let listed = audit::look::list(&audit, &saved).await;
        let listed = listed.map_err(source::not_looked)?;
        let wanted = Wanted {
            found_keys: false,
            regions: [].into(),
            organization: false,
            ..listed.wanted(&settings)
        };
        if wanted.named.is_empty() {
            return Ok(Vec::new());
        }
        let environment = live.environment(now, settings.simulation_ceiling, &progress);
        let resources = environment.resources(&wanted).await;
        Ok(refused(&wanted, &resources, live.account()))
    };
    live.wait_until(until, work).transpose()
}

/// What is named and of which something was denied. A key of another account is not for a policy of this one to grant alone.
fn refused(wanted: &Wanted, resources: &Resources, account: AccountId) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for named in &wanted.named {
        let (name, is_refused) = match named {
            NamedResource::Key { arn, role: _ } => {
                let is_own = Arn::parse(arn).is_ok_and(|arn| arn.account == account.as_str());
                let key = resources.keys.get(arn).filter(|_| is_own);
                let is_refused = key.is_some_and(|key| {
                    is_denied(&key.metadata) || is_denied(&key.policy) || is_denied(&key.grants)
                });
                (format!("key {arn}"), is_refused)
            }
            NamedResource::Bucket(name) => {
                let bucket = resources.buckets.get(name);
                let is_refused = bucket.is_some_and(|bucket| {
                    is_denied(&bucket.policy)
                        || is_denied(&bucket.versioning)
                        || is_denied(&bucket.object_lock)
                        || is_denied(&bucket.encryption)
                        || is_denied(&bucket.lifecycle)
                        || is_denied(&bucket.region)
                        || is_denied(&bucket.requester_pays)
                        || is_denied(&bucket.replicates)
                });
                (format!("bucket {name}"), is_refused)
            }
            NamedResource::Vault(arn) => {
                let vault = resources.vaults.get(arn);
                let is_refused = vault
                    .is_some_and(|vault| is_denied(&vault.policy) || is_denied(&vault.description));
                (format!("vault {arn}"), is_refused)
            }
        };
        if is_refused && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

fn is_denied<T>(reading: &Reading<T>) -> bool {
    match reading {
        Reading::Refused(code) => code.starts_with("AccessDenied"),
        Reading::Read(_) | Reading::NotRead => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit::resources::{Bucket, Key};

    #[test]
    fn what_is_declared_and_denied_is_named_once() {
        let account: AccountId = "111122223333".parse().unwrap();
        let arn = |account: &str| format!("arn:aws:kms:eu-west-1:{account}:key/1234");
        let (own, other) = (arn("111122223333"), arn("444455556666"));
        let key = |arn: &str, role| NamedResource::Key {
            arn: arn.into(),
            role,
        };
        let bucket = |name: &str| NamedResource::Bucket(name.into());
        let wanted = Wanted {
            account,
            named: [
                key(&own, None),
                key(&own, Some(catalog::KeyRole::Source)),
                key(&other, None),
                bucket("gone"),
                bucket("hidden"),
                bucket("well"),
            ]
            .into(),
            found_keys: false,
            regions: [].into(),
            organization: false,
        };
        let denied = Key {
            policy: Reading::Refused("AccessDeniedException".into()),
            ..Key::default()
        };
        let mut resources = Resources::default();
        for arn in [&own, &other] {
            resources.keys.insert(arn.as_str().into(), denied.clone());
        }
        for (name, code) in [("gone", "NoSuchBucket"), ("hidden", "AccessDenied")] {
            let bucket = Bucket {
                lifecycle: Reading::Refused(code.into()),
                ..Bucket::default()
            };
            resources.buckets.insert(name.into(), bucket);
        }
        let expected = [format!("key {own}"), "bucket hidden".to_owned()];
        assert_eq!(refused(&wanted, &resources, account), expected);
        assert!(refused(&wanted, &Resources::default(), account).is_empty());
    }
}
