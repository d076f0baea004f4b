//! The inventory: which principals, groups and policies does an account hold?
//!
//! In: `GetAccountAuthorizationDetails`, from a file or page by page from the API. Out: one [`Inventory`], the
//! same type for both. What could not be read is part of it ([`Gap`], [`PolicyText`]), never an absence.
//!
//! No SCP, session policy or resource policy is in here: AWS does not list them there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::arn::{AccountId, PrincipalArn};
use crate::policy::Document;

/// All that was listed of one account.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// The account; `None` while nothing that names it was read.
    pub account: Option<AccountId>,
    /// Users and roles, sorted by ARN.
    pub principals: Vec<Principal>,
    /// Groups by name.
    pub groups: BTreeMap<Box<str>, Group>,
    /// Managed policies by ARN: AWS's and the customer's.
    pub policies: HashMap<Box<str>, ManagedPolicy>,
    /// Access keys by user; `None` where they were not read (the listing does not hold them).
    pub access_keys: Option<BTreeMap<PrincipalArn, Vec<AccessKey>>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A user or a role.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Who.
    pub arn: PrincipalArn,
    /// The unique id, `AIDA…` or `AROA…`.
    pub id: Box<str>,
    /// When it was created, RFC 3339 as listed; empty where not listed.
    pub created: Box<str>,
    /// Tags in the order of the listing.
    pub tags: Vec<(Box<str>, Box<str>)>,
    /// Policies written into the principal.
    pub inline: Vec<InlinePolicy>,
    /// ARNs of attached managed policies.
    pub attached: Vec<Box<str>>,
    /// Names of the groups that a user is in; empty for a role.
    pub groups: Vec<Box<str>>,
    /// ARN of the managed policy that bounds it.
    pub boundary: Option<Box<str>>,
    /// Who may assume a role; `None` for a user.
    pub trust: Option<TrustText>,
    /// Names of the instance profiles that hold a role.
    pub instance_profiles: Vec<Box<str>>,
}

/// A policy written into a user, role or group.
#[derive(Clone, Debug)]
pub struct InlinePolicy {
    /// Its name.
    pub name: Box<str>,
    /// Its document.
    pub document: PolicyText,
}

/// A group of users.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Policies written into the group.
    pub inline: Vec<InlinePolicy>,
    /// ARNs of attached managed policies.
    pub attached: Vec<Box<str>>,
}

/// A managed policy with the version in force.
#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: Box<str>,
    /// The default version's id, such as `v3`.
    pub version: Box<str>,
    /// The default version's document.
    pub document: PolicyText,
}

/// A document, or why it is none. Equal texts share one allocation.
pub type PolicyText = Arc<Result<Document, Fault>>;

/// A trust policy, or why it is none.
pub type TrustText = Arc<Result<crate::trust::TrustPolicy, Fault>>;

/// Why something could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was found and what would be right.
    pub reason: Box<str>,
    /// Line in the file or document, from 1; 0 where unknown.
    pub line: usize,
    /// Column, from 1; 0 where unknown.
    pub column: usize,
}

/// An access key of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// The last four characters of the key id; a whole id is never kept.
    pub suffix: Box<str>,
    /// Whether it can be used.
    pub active: bool,
    /// When it was created or rotated, RFC 3339; empty where unknown.
    pub created: Box<str>,
    /// When it was last used, RFC 3339; `None` if never.
    pub last_used: Option<Box<str>>,
}

/// Something that the listing should hold and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The listing goes on, and its next page is not there.
    Truncated,
    /// An item could not be understood; the rest was.
    Item {
        /// What it is, such as `role` with its name or ARN.
        what: Box<str>,
        /// Why.
        fault: Fault,
    },
    /// A part was refused (`AccessDenied`) or never came.
    Part {
        /// Such as `access keys`.
        what: Box<str>,
        /// Why.
        reason: Box<str>,
    },
}

impl Inventory {
    /// The principal of an ARN.
    #[must_use]
    pub fn principal(&self, arn: &PrincipalArn) -> Option<&Principal> {
        self.principals
            .binary_search_by(|principal| principal.arn.cmp(arn))
            .ok()
            .and_then(|at| self.principals.get(at))
    }
}

impl Principal {
    /// The value of a tag; tag keys compare with case, as IAM stores them.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags
            .iter()
            .find(|(name, _)| name.as_ref() == key)
            .map(|(_, value)| value.as_ref())
    }
}
