//! Sides: what does a request meet where a declared resource is?
//!
//! In: the ARN of a resource, and what was read of it and of the organisation. Out: a [`Side`], or none where nothing was read that
//! could decide. What was refused or not read decides nothing here; the verdict says that it was not checked.

use std::sync::{Arc, LazyLock};

use iam::evaluate::{Caller, ExemptResource, ResourceSide, account_of};
use iam::inventory::{Fault, PolicyText};
use iam::policy::{Effect, NamedPrincipal, Statement, grant};
use iam::{AccountId, ActionName, Arn, Document, Policy};

use super::roles::Roles;
use crate::judge::resource_faults::fault::last_four;
use crate::resources::{NamedPolicy, NamedResource, Reading, Resources, VpcEndpoint};

/// The resource side of one resource, for any caller.
#[derive(Clone, Debug)]
pub(super) struct Side<'a> {
    /// The account of the resource, where it is not the principals'.
    pub(super) account: Option<AccountId>,
    policy: Option<Policy<'a>>,
    grants: Vec<Policy<'a>>,
    resource_control: Vec<Vec<Policy<'a>>>,
    exempt: Option<ExemptResource>,
    /// A key that AWS manages, and of which no policy was read.
    serves_all: bool,
    /// The policy of the VPC endpoint that requests pass.
    endpoint: Option<Policy<'a>>,
}

impl<'a> Side<'a> {
    /// As one caller meets it.
    pub(super) fn of<'s>(&self, caller: Caller) -> ResourceSide<'s>
    where
        'a: 's,
    {
        ResourceSide {
            caller,
            account: self.account,
            policy: self.policy.clone(),
            grants: self.grants.clone(),
            resource_control: self.resource_control.clone(),
            exempt: self.exempt,
            endpoint: self.endpoint.clone(),
        }
    }

    /// Whether it serves every principal of the account through its service, whatever identity policies allow.
    pub(super) fn serves_all(&self) -> bool {
        self.serves_all
    }

    /// Whether it can let an action through that identity policies do not allow: some statement names more than an account. In
    /// another account both sides have to allow. Grants that nobody looked at are not taken to make up for what identity policies lack.
    pub(super) fn can_lift(&self, action: &ActionName) -> bool {
        let own = || {
            let grants = self.grants.iter().filter(|grant| !is_not_read(grant));
            self.policy.iter().chain(grants)
        };
        let mut statements = own()
            .filter_map(|policy| policy.document.ok())
            .flat_map(|document| &document.statements);
        let has_fault = |policy: &Policy<'_>| policy.document.is_err();
        let is_more = |statement: &Statement| match statement.principals.as_deref() {
            None => true,
            Some(principals) => {
                let mut list = principals.list.iter();
                principals.negated || list.any(|one| !matches!(one, NamedPrincipal::Account(_)))
            }
        };
        own().any(has_fault)
            || (self.account.is_none()
                && statements.any(|statement| {
                    statement.effect == Effect::Allow
                        && statement.is_about(action)
                        && is_more(statement)
                }))
    }

    /// Whether a statement hangs on one of these keys.
    pub(super) fn hangs_on(&self, keys: &[&str]) -> bool {
        let documents = self.policies().filter_map(|policy| policy.document.ok());
        let statements = documents.flat_map(|document| &document.statements);
        let mut conditions = statements.flat_map(|statement| &statement.conditions);
        conditions.any(|condition| {
            let mut keys = keys.iter();
            keys.any(|key| condition.key.eq_ignore_ascii_case(key))
        })
    }

    /// All policies that can decide.
    pub(super) fn policies(&self) -> impl Iterator<Item = &Policy<'a>> {
        let rest = self.policy.iter().chain(&self.grants).chain(&self.endpoint);
        self.resource_control.iter().flatten().chain(rest)
    }

    /// The side of a resource of which nothing else decides.
    pub(super) fn nothing() -> Self {
        Self {
            account: None,
            policy: None,
            grants: Vec::new(),
            resource_control: Vec::new(),
            exempt: None,
            serves_all: false,
            endpoint: None,
        }
    }

    /// The same for requests that pass an endpoint.
    pub(super) fn through(&self, endpoint: &'a VpcEndpoint) -> Self {
        let name = format!("policy of endpoint {}", endpoint.id).into();
        let policy = match &endpoint.policy {
            Some(text) => read(name, text),
            None => Policy {
                name,
                document: UNPRINTED.as_ref(),
            },
        };
        Self {
            endpoint: Some(policy),
            ..self.clone()
        }
    }

    /// The name of the endpoint's policy, where requests pass one.
    pub(super) fn endpoint(&self) -> Option<&Arc<str>> {
        self.endpoint.as_ref().map(|policy| &policy.name)
    }

    /// Nothing where nothing of it decides.
    fn worth_asking(self) -> Option<Self> {
        let decides = self.policy.is_some()
            || self.account.is_some()
            || !self.grants.is_empty()
            || self.serves_all
            || (self.exempt.is_none() && !self.resource_control.is_empty());
        decides.then_some(self)
    }
}

/// The levels of SCPs or RCPs.
pub(super) fn levels(levels: &[Vec<NamedPolicy>]) -> Vec<Vec<Policy<'_>>> {
    levels
        .iter()
        .map(|level| level.iter().map(named).collect())
        .collect()
}

fn named(policy: &NamedPolicy) -> Policy<'_> {
    read(Arc::clone(&policy.name), &policy.document)
}

fn read(name: Arc<str>, text: &PolicyText) -> Policy<'_> {
    Policy {
        name,
        document: (**text).as_ref(),
    }
}

/// Grants that nobody saw may allow anything.
fn of_grants<'a>(grants: &'a Reading<Vec<PolicyText>>, name: &str) -> Vec<Policy<'a>> {
    let unread = |document: &'static Result<Document, Fault>| {
        vec![Policy {
            name: format!("grants of {name}").into(),
            document: document.as_ref(),
        }]
    };
    match grants {
        Reading::NotRead => unread(&NOT_READ),
        Reading::Refused(_) => unread(&REFUSED),
        Reading::Read(grants) => {
            let named = |text| read(format!("grant of {name}").into(), text);
            grants.iter().map(named).collect()
        }
    }
}

static REFUSED: LazyLock<Result<Document, Fault>> =
    LazyLock::new(|| Ok(grant::unread("AWS did not show the grants of the key")));

static NOT_READ: LazyLock<Result<Document, Fault>> =
    LazyLock::new(|| Ok(grant::unread("nobody looked at the grants of the key")));

fn is_not_read(grant: &Policy<'_>) -> bool {
    let not_read = NOT_READ.as_ref().ok();
    let mut both = grant.document.ok().into_iter().zip(not_read);
    both.any(|(one, other)| std::ptr::eq(one, other))
}

static UNPRINTED: LazyLock<Result<Document, Fault>> = LazyLock::new(|| {
    Err(Fault {
        reason: "EC2 printed no policy of it".into(),
        line: 0,
        column: 0,
    })
});

/// What is known of the account that the principals are of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site<'a> {
    pub(super) resources: &'a Resources,
    pub(super) roles: &'a Roles,
    pub(super) account: AccountId,
    pub(super) partition: &'a str,
}

impl<'a> Site<'a> {
    /// The side of a KMS key.
    pub(super) fn key(self, arn: &str) -> Option<Side<'a>> {
        let key = self.resources.keys.get(arn);
        let account = account_of(arn).filter(|account| *account != self.account);
        let name = key_name(arn);
        let metadata = key.and_then(|key| key.metadata.read());
        let is_managed = metadata.is_some_and(|metadata| &*metadata.manager == "AWS");
        let grants = key.map_or(&Reading::NotRead, |key| &key.grants);
        let policy = key.and_then(|key| key.policy.read());
        // Whether it lets another account in stands in its policy alone.
        if account.is_some() && policy.is_none() {
            return None;
        }
        let side = Side {
            account,
            policy: policy.map(|text| read(format!("policy of {name}").into(), text)),
            // They count beside the policy: what it would allow is not known without it.
            grants: match policy {
                // Nobody asks for the grants of a key that AWS manages.
                Some(_) if is_managed && *grants == Reading::NotRead => Vec::new(),
                Some(_) => of_grants(grants, &name),
                None => Vec::new(),
            },
            exempt: match is_managed {
                true => Some(ExemptResource::AwsManagedKey),
                false => self.exempt(),
            },
            serves_all: is_managed && policy.is_none(),
            endpoint: None,
            resource_control: self.resource_control(account),
        };
        side.worth_asking()
    }

    /// The side of a bucket.
    pub(super) fn bucket(self, name: &str) -> Option<Side<'a>> {
        let bucket = self.resources.buckets.get(name);
        let account = self.owner(&NamedResource::Bucket(name.into()));
        let policy = bucket.and_then(|bucket| bucket.policy.read());
        if account.is_some() && policy.is_none() {
            return None;
        }
        let policy = policy.and_then(Option::as_ref);
        let side = Side {
            account,
            policy: policy.map(|text| read(format!("policy of bucket {name}").into(), text)),
            grants: Vec::new(),
            exempt: self.exempt(),
            serves_all: false,
            endpoint: None,
            resource_control: self.resource_control(account),
        };
        side.worth_asking()
    }

    /// The side of a backup vault. RCPs do not cover these.
    pub(super) fn vault(self, arn: &str) -> Option<Side<'a>> {
        let vault = self.resources.vaults.get(arn)?;
        let resource = Arn::parse(arn).map_or("", |arn| arn.resource);
        let name = resource
            .strip_prefix("backup-vault:")
            .unwrap_or(resource)
            .to_owned();
        let policy = vault.policy.read()?.as_ref()?;
        let side = Side {
            account: account_of(arn).filter(|account| *account != self.account),
            policy: Some(read(format!("policy of vault {name}").into(), policy)),
            grants: Vec::new(),
            exempt: self.exempt(),
            serves_all: false,
            endpoint: None,
            resource_control: Vec::new(),
        };
        side.worth_asking()
    }

    /// The account of a resource where it is another one.
    pub(super) fn owner(self, resource: &NamedResource) -> Option<AccountId> {
        match resource {
            NamedResource::Key { arn, .. } | NamedResource::Vault(arn) => {
                account_of(arn).filter(|account| *account != self.account)
            }
            NamedResource::Bucket(name) => {
                let own = self.resources.own_buckets.read();
                let is_foreign = own.is_some_and(|own| !own.contains(name));
                // Whose it is nobody says; that it is another account's is all that counts.
                is_foreign.then(|| another_account(self.account)).flatten()
            }
        }
    }

    /// The side of a role that is assumed.
    pub(super) fn role(self, arn: &str) -> Option<Side<'a>> {
        let document = self.roles.policy(arn)?;
        let resource = Arn::parse(arn).map_or("", |arn| arn.resource);
        let side = Side {
            account: None,
            policy: Some(Policy {
                name: format!("trust policy of {}", resource.replacen('/', " ", 1)).into(),
                document,
            }),
            grants: Vec::new(),
            exempt: self.exempt(),
            serves_all: false,
            resource_control: self.resource_control(None),
            endpoint: None,
        };
        side.worth_asking()
    }

    /// The side of any resource of the account, of which nothing but RCPs decides.
    pub(super) fn any_resource(self) -> Option<Side<'a>> {
        let side = Side {
            exempt: self.exempt(),
            resource_control: self.resource_control(None),
            ..Side::nothing()
        };
        side.worth_asking()
    }

    /// RCPs restrict no resource of the management account.
    fn exempt(self) -> Option<ExemptResource> {
        let organization = self.resources.organization.read()?.as_ref()?;
        (organization.management_account == Some(self.account))
            .then_some(ExemptResource::OfManagementAccount)
    }

    /// The RCPs above the account of a resource. Of another account's nobody read them.
    fn resource_control(self, account: Option<AccountId>) -> Vec<Vec<Policy<'a>>> {
        if account.is_some() {
            return Vec::new();
        }
        let organization = self.resources.organization.read().and_then(Option::as_ref);
        let read = organization.and_then(|one| one.resource_control.read());
        read.map_or_else(Vec::new, |read| levels(read))
    }
}

/// An account that is not this one.
fn another_account(own: AccountId) -> Option<AccountId> {
    let mut some = ["000000000000", "000000000001"].into_iter();
    some.find_map(|digits| digits.parse().ok().filter(|account| *account != own))
}

/// A key as people are told of it: not with its whole id.
fn key_name(arn: &str) -> String {
    let region = Arn::parse(arn).map_or("", |arn| arn.region);
    format!("key …{} ({region})", last_four(arn))
}
