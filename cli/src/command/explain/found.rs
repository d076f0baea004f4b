//! The resource side in a snapshot: what does it say of the resource that is asked about?
//!
//! In: a snapshot and the ARN. Out: for each layer on the resource's side what was read, or refused, or not read.

use std::sync::Arc;

use audit::resources::{NamedPolicy, Reading};
use iam::evaluate::{ExemptResource, account_of};
use iam::inventory::PolicyText;
use iam::{AccountId, Arn};

use crate::exit::UsageError;
use crate::saved::SavedAccount;

/// A policy with the file that it stands in.
#[derive(Clone)]
pub(super) struct Named {
    /// What the trace calls it.
    pub(super) name: Arc<str>,
    /// What it says.
    pub(super) document: PolicyText,
}

/// What a snapshot says of a resource.
pub(super) struct InSnapshot {
    /// The command that prints the resource's policy, where the kind of the resource has one.
    pub(super) policy_command: Option<&'static str>,
    /// The resource's policy; `None` within where it has none.
    pub(super) policy: Reading<Option<PolicyText>>,
    /// Whether it is a KMS key, which has grants.
    pub(super) is_key: bool,
    /// Its grants.
    pub(super) grants: Reading<Vec<PolicyText>>,
    /// RCPs from the root to the account that owns it; none where that is in no organisation.
    pub(super) resource_control: Reading<Vec<Vec<Named>>>,
    /// The account that owns it.
    pub(super) account: Option<AccountId>,
    /// What exempts it from RCPs.
    pub(super) exempt: Option<ExemptResource>,
}

/// What a snapshot says of a resource, which `owner` owns if the command line says so.
///
/// # Errors
/// [`UsageError`] where the snapshot says that another account owns it, and nobody says which.
pub(super) fn find(
    saved: &SavedAccount,
    resource: &str,
    owner: Option<AccountId>,
) -> Result<InSnapshot, UsageError> {
    let resources = &saved.resources;
    let own = saved.inventory.account;
    let mut found = InSnapshot {
        policy_command: None,
        policy: Reading::NotRead,
        is_key: false,
        grants: Reading::NotRead,
        resource_control: Reading::NotRead,
        account: owner.or_else(|| account_of(resource)).or(own),
        exempt: None,
    };
    let Ok(arn) = Arn::parse(resource) else {
        return Ok(found);
    };
    match arn.service {
        "kms" if arn.resource.starts_with("key/") => {
            found.policy_command = Some("get-key-policy");
            found.is_key = true;
            if let Some(key) = resources.keys.get(resource) {
                found.policy = match &key.policy {
                    Reading::NotRead => Reading::NotRead,
                    Reading::Refused(code) => Reading::Refused(code.clone()),
                    Reading::Read(policy) => Reading::Read(Some(Arc::clone(policy))),
                };
                found.grants = key.grants.clone();
                let metadata = key.metadata.read();
                if metadata.is_some_and(|metadata| &*metadata.manager == "AWS") {
                    found.exempt = Some(ExemptResource::AwsManagedKey);
                }
            }
        }
        "s3" if arn.region.is_empty() => {
            let bucket = arn.resource.split('/').next().unwrap_or_default();
            let owned = resources.own_buckets.read();
            if owner.is_none() && owned.is_some_and(|owned| !owned.contains(bucket)) {
                return Err(UsageError(format!(
                    "`list-buckets` in {} does not name `{bucket}`, so another account owns it: say which by --resource-account",
                    saved.name
                )));
            }
            found.policy_command = Some("get-bucket-policy");
            if let Some(bucket) = resources.buckets.get(bucket) {
                found.policy = bucket.policy.clone();
            }
        }
        "backup" if arn.resource.starts_with("backup-vault:") => {
            found.policy_command = Some("get-backup-vault-access-policy");
            if let Some(vault) = resources.vaults.get(resource) {
                found.policy = vault.policy.clone();
            }
        }
        _ => {}
    }
    if found.account == own {
        found.resource_control = levels(saved);
        let organization = resources.organization.read().and_then(Option::as_ref);
        let managing = organization.and_then(|one| one.management_account);
        if managing.is_some() && managing == own {
            found.exempt = found.exempt.or(Some(ExemptResource::OfManagementAccount));
        }
    }
    Ok(found)
}

fn levels(saved: &SavedAccount) -> Reading<Vec<Vec<Named>>> {
    let named = |policy: &NamedPolicy| Named {
        name: Arc::clone(&policy.name),
        document: Arc::clone(&policy.document),
    };
    let levels = match &saved.resources.organization {
        Reading::NotRead => return Reading::NotRead,
        Reading::Refused(code) => return Reading::Refused(code.clone()),
        Reading::Read(None) => return Reading::Read(Vec::new()),
        Reading::Read(Some(organization)) => &organization.resource_control,
    };
    match levels {
        Reading::NotRead => Reading::NotRead,
        Reading::Refused(code) => Reading::Refused(code.clone()),
        Reading::Read(levels) => {
            let levels = levels.iter();
            Reading::Read(
                levels
                    .map(|level| level.iter().map(named).collect())
                    .collect(),
            )
        }
    }
}
