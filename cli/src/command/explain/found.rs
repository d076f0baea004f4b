//! What is known of the resource that is asked about: what do a snapshot and the listing say of it?
//!
//! In: the ARN, the listing, perhaps a snapshot. Out: for each layer on the resource's side what was read, or refused, or not read.

use std::sync::Arc;

use audit::requirement::ResourcePolicy;
use audit::resource_faults::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use audit::resources::{Key, NamedPolicy, Reading};
use audit::{assumes, trust_policy};
use iam::evaluate::{ExemptResource, account_of};
use iam::inventory::PolicyText;
use iam::{AccountId, ActionName, Arn, Inventory, PrincipalArn, PrincipalKind};

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

/// A policy that resources of a kind have.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OwnPolicy {
    /// What people call it.
    pub(super) what: &'static str,
    /// The service that prints it, as the AWS CLI names it.
    service: &'static str,
    /// The command that prints it, which is also the part of a snapshot.
    pub(super) part: &'static str,
}

impl OwnPolicy {
    /// The command of the AWS CLI that prints it.
    pub(super) fn command(&self) -> String {
        format!("aws {} {}", self.service, self.part)
    }
}

static OF_KEY: OwnPolicy = OwnPolicy {
    what: "key policy",
    service: "kms",
    part: "get-key-policy",
};
static OF_BUCKET: OwnPolicy = OwnPolicy {
    what: "bucket policy",
    service: "s3api",
    part: "get-bucket-policy",
};
static OF_VAULT: OwnPolicy = OwnPolicy {
    what: "vault policy",
    service: "backup",
    part: "get-backup-vault-access-policy",
};
pub(super) static OF_ROLE: OwnPolicy = OwnPolicy {
    what: "trust policy",
    service: "iam",
    part: "get-role",
};

/// Which request is asked about.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) action: &'a ActionName,
    /// An ARN, or `*`.
    pub(super) resource: &'a str,
    /// The account that owns it, if the command line says so.
    pub(super) owner: Option<AccountId>,
    /// The listing.
    pub(super) inventory: &'a Inventory,
}

/// What is known of a resource.
pub(super) struct Found {
    /// Which policy resources of its kind have, where they have one.
    pub(super) own: Option<&'static OwnPolicy>,
    /// The resource's policy; `None` within where it has none.
    pub(super) policy: Reading<Option<PolicyText>>,
    /// Whether it is a KMS key, which has grants.
    pub(super) is_key: bool,
    /// Its grants.
    pub(super) grants: Reading<Vec<PolicyText>>,
    /// RCPs from the root to the account that owns it; none where that is in no organisation.
    pub(super) resource_control: Reading<Vec<Vec<Named>>>,
    /// The levels whose RCPs were refused.
    pub(super) refused_levels: Vec<Box<str>>,
    /// The account that owns it; `None` where nobody knows.
    pub(super) account: Option<AccountId>,
    /// Whether another account than that of the listing owns it.
    pub(super) is_foreign: bool,
    /// What exempts it from RCPs.
    pub(super) exempt: Option<ExemptResource>,
    /// What is wrong with it.
    pub(super) faults: Vec<ResourceFault>,
}

/// What a snapshot, if there is one, and the listing say of a resource.
///
/// # Errors
/// [`UsageError`] for an alias, and where a policy decides and nobody says which other account owns its bucket.
pub(super) fn find(asked: Subject<'_>, saved: Option<&SavedAccount>) -> Result<Found, UsageError> {
    let Subject {
        action,
        resource,
        owner,
        inventory,
    } = asked;
    let own = inventory.account;
    let account = owner.or_else(|| account_of(resource)).or(own);
    let mut found = Found {
        own: None,
        policy: Reading::NotRead,
        is_key: false,
        grants: Reading::NotRead,
        resource_control: Reading::NotRead,
        refused_levels: Vec::new(),
        account,
        is_foreign: account != own,
        exempt: None,
        faults: Vec::new(),
    };
    let Ok(arn) = Arn::parse(resource) else {
        found.own = of_action(action);
        return Ok(found);
    };
    match arn.service {
        "kms" if arn.resource.starts_with("key/") => {
            found.own = Some(&OF_KEY);
            found.is_key = true;
            if let Some(key) = saved.and_then(|saved| saved.resources.keys.get(resource)) {
                found.add_key(resource, key);
            }
        }
        "kms" if arn.resource.starts_with("alias/") && !is_about_aliases(action) => {
            return Err(UsageError(format!(
                "`{resource}` is an alias, and policies decide on the key that it stands for: give by --resource what `aws kms describe-key --key-id {resource} --region {} --query KeyMetadata.Arn --output text` prints",
                arn.region
            )));
        }
        "s3" if arn.region.is_empty() => {
            found.own = Some(&OF_BUCKET);
            let bucket = arn.resource.split('/').next().unwrap_or_default();
            if let Some(saved) = saved {
                if let Some(bucket) = saved.resources.buckets.get(bucket) {
                    found.policy = bucket.policy.clone();
                }
                let owned = saved.resources.own_buckets.read();
                if owner.is_none() && owned.is_some_and(|owned| !owned.contains(bucket)) {
                    found.account = None;
                    found.is_foreign = true;
                    found.say_whose(saved, bucket)?;
                }
            }
        }
        "backup" if arn.resource.starts_with("backup-vault:") => {
            found.own = Some(&OF_VAULT);
            if let Some(vault) = saved.and_then(|saved| saved.resources.vaults.get(resource)) {
                found.policy = vault.policy.clone();
            }
        }
        "iam" if assumes(action) => {
            if let Ok(role) = resource.parse::<PrincipalArn>()
                && role.kind() == PrincipalKind::Role
            {
                found.own = Some(&OF_ROLE);
                if !found.is_foreign {
                    let trust = Arc::new(trust_policy(inventory, &role));
                    found.policy = Reading::Read(Some(trust));
                }
            }
        }
        _ => {}
    }
    if let Some(saved) = saved.filter(|_| !found.is_foreign) {
        found.add_organization(saved);
    }
    Ok(found)
}

/// The policy that decides requests for an action, whichever the resource.
fn of_action(action: &ActionName) -> Option<&'static OwnPolicy> {
    if assumes(action) {
        return Some(&OF_ROLE);
    }
    match ResourcePolicy::of(action)? {
        ResourcePolicy::Key => Some(&OF_KEY),
        ResourcePolicy::Bucket => Some(&OF_BUCKET),
        ResourcePolicy::Vault => Some(&OF_VAULT),
        ResourcePolicy::Endpoint
        | ResourcePolicy::EnabledRegions
        | ResourcePolicy::ResourceControl => None,
    }
}

/// Whether requests for an action are about aliases themselves.
fn is_about_aliases(action: &ActionName) -> bool {
    catalog::known_action(action).is_some_and(|known| {
        let mut kinds = known.resource_types();
        kinds.any(|kind| kind.name == "alias")
    })
}

impl Found {
    fn add_key(&mut self, arn: &str, key: &Key) {
        self.policy = match &key.policy {
            Reading::NotRead => Reading::NotRead,
            Reading::Refused(code) => Reading::Refused(code.clone()),
            Reading::Read(policy) => Reading::Read(Some(Arc::clone(policy))),
        };
        self.grants = key.grants.clone();
        let kind = match &key.metadata {
            Reading::Read(metadata) => {
                if &*metadata.manager == "AWS" {
                    self.exempt = Some(ExemptResource::AwsManagedKey);
                }
                (&*metadata.state != "Enabled").then(|| ResourceFaultKind::KeyState {
                    state: metadata.state.clone(),
                    deletion: metadata.deletion,
                })
            }
            Reading::Refused(code) if &**code == "NotFoundException" => {
                Some(ResourceFaultKind::NotThere)
            }
            Reading::Refused(_) | Reading::NotRead => None,
        };
        self.faults.extend(kind.map(|kind| ResourceFault {
            resource: FaultyResource::Key(arn.into()),
            weight: Weight::Breaks,
            kind,
        }));
    }

    /// That somebody says which account owns a bucket, where its policy is known: conditions may ask for that.
    fn say_whose(&self, saved: &SavedAccount, bucket: &str) -> Result<(), UsageError> {
        match self.policy {
            Reading::NotRead | Reading::Refused(_) => Ok(()),
            Reading::Read(_) => Err(UsageError(format!(
                "`list-buckets` in {} does not name `{bucket}`, so another account owns it: say which by --resource-account",
                saved.name
            ))),
        }
    }

    /// The RCPs above the account of the snapshot.
    fn add_organization(&mut self, saved: &SavedAccount) {
        let organization = match &saved.resources.organization {
            Reading::NotRead => return,
            Reading::Refused(code) => {
                self.resource_control = Reading::Refused(code.clone());
                return;
            }
            Reading::Read(None) => {
                self.resource_control = Reading::Read(Vec::new());
                return;
            }
            Reading::Read(Some(organization)) => organization,
        };
        let named = |policy: &NamedPolicy| Named {
            name: Arc::clone(&policy.name),
            document: Arc::clone(&policy.document),
        };
        self.resource_control = match &organization.resource_control {
            Reading::NotRead => Reading::NotRead,
            Reading::Refused(code) => Reading::Refused(code.clone()),
            Reading::Read(levels) => {
                let levels = levels.iter();
                let levels = levels.map(|level| level.iter().map(named).collect());
                Reading::Read(levels.collect())
            }
        };
        self.refused_levels
            .clone_from(&organization.refused_resource_control);
        let managing = organization.management_account;
        if managing.is_some() && managing == saved.inventory.account {
            let managed = ExemptResource::OfManagementAccount;
            self.exempt = self.exempt.or(Some(managed));
        }
    }
}
