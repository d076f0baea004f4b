//! The inventory: which principals, groups and policies does an account hold?
//!
//! In: `GetAccountAuthorizationDetails`, from a file ([`read`]) or page by page ([`Reader`]). Out: one
//! [`Inventory`], the same type for both. What could not be read is part of it ([`Gap`], [`PolicyText`]), never an
//! absence; an attachment, a group or a boundary that the listing names and does not hold stays as it is named, for
//! whoever resolves it to say so.
//!
//! No SCP, session policy or resource policy is in here: AWS does not list them there. Nor is an access key: that is
//! the credential report's ([`Inventory::add_credential_report`]).

mod assemble;
mod bytes;
mod credentials;
mod encoded;
mod error;
mod items;
pub mod powershell;
mod read;
mod shape;
mod twice;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use credentials::ReadCredentialReportError;
pub use error::ReadInventoryError;
pub use read::{LIMIT, Reader, read, read_part, text};

pub use crate::fault::Fault;
pub use crate::fault::position::Cursor;

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
    /// Access keys by user; `None` where they were not read (the listing does not hold them). A user who is not in the
    /// map was not in what was read.
    pub access_keys: Option<BTreeMap<PrincipalArn, Vec<AccessKey>>>,
    /// Access keys of the account's root user; `None` where they were not read.
    pub root_keys: Option<Vec<AccessKey>>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// A user or a role.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Who may assume a role; `None` for a user. A role whose trust policy was not listed bears a fault.
    pub trust: Option<TrustText>,
    /// Names of the instance profiles that hold a role.
    pub instance_profiles: Vec<Box<str>>,
    /// Context keys that follow from the principal and are not known before it is deployed, such as `aws:PrincipalArn`
    /// or, for all tags, `aws:PrincipalTag/`; with a star at the end for all that are not among `tags`. None for one that
    /// IAM lists.
    pub unsettled: Vec<Box<str>>,
}

/// A policy written into a user, role or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinePolicy {
    /// Its name.
    pub name: Box<str>,
    /// Its document.
    pub document: PolicyText,
}

/// A group of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Policies written into the group.
    pub inline: Vec<InlinePolicy>,
    /// ARNs of attached managed policies.
    pub attached: Vec<Box<str>>,
}

/// A managed policy with the version in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: Box<str>,
    /// The default version's id, such as `v3`.
    pub version: Box<str>,
    /// The newest version's id. It differs from `version` where somebody went back to an older one.
    pub newest: Box<str>,
    /// The default version's document.
    pub document: PolicyText,
}

/// A document, or why it is none. Equal texts that were read share one allocation.
pub type PolicyText = Arc<Result<Document, Fault>>;

/// A trust policy, or why it is none.
pub type TrustText = Arc<Result<crate::trust::TrustPolicy, Fault>>;

/// An access key of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// The last four characters of the key id; a whole id is never kept. Empty where unknown: the credential report
    /// does not name the keys.
    pub suffix: Box<str>,
    /// Whether it can be used.
    pub active: bool,
    /// When it was created or rotated, RFC 3339; empty where unknown.
    pub created: Box<str>,
    /// When it was last used, RFC 3339; `None` if never, or before AWS kept a record (April 2015); empty where nobody asked.
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
