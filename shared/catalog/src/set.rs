//! Action sets: what does one Veeam operation need, and what breaks without it?
//!
//! These are the types; `convert` makes them from written forms, [`Catalog`](crate::Catalog) holds them. They say
//! what is needed and never who has it: binding a set to a principal is `audit`'s business.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use iam::{ActionName, PrincipalKind};

use crate::version::ProductVersion;

/// The stable name of an action set, such as `vbaws-role-ec2-backup`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(
    // INVARIANT: small letters and digits in groups joined by single `-`; never empty.
    Box<str>,
);

/// Not the id of any set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no action-set id: expected small letters, digits and single `-`")]
pub struct ParseSetIdError(String);

/// The name of a condition, such as `ebs-encryption-by-default`.
pub type ConditionName = Box<str>;

/// The name of a scope variable, such as `bucket`.
pub type VariableName = Box<str>;

/// A named list of actions that one Veeam operation needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionSet {
    /// The stable id; no version in it.
    pub id: SetId,
    /// A short name for lists and tables.
    pub title: String,
    /// What Veeam does with these actions.
    pub operation: String,
    /// What breaks when one of them is missing.
    pub impact: String,
    /// How bad that is.
    pub severity: Severity,
    /// Who is meant to hold the set.
    pub principal: Holder,
    /// Whether anybody should hold it all the time.
    pub lifetime: Lifetime,
    /// Where the actions are granted.
    pub grant: Grant,
    /// The condition under which anybody needs the set at all; naming the set answers it with yes.
    pub when: Option<ConditionName>,
    /// Sets that are needed too, as this one only adds to them.
    pub extends: Vec<SetId>,
    /// Sets of which one is enough: the same operation in other settings.
    pub alternatives: Vec<SetId>,
    /// Sets of which the principal needs one besides this.
    pub needs_one_of: Vec<SetId>,
    /// Who must be able to assume the role.
    pub trust: Trust,
    /// The role must be in at least one instance profile.
    pub instance_profile: bool,
    /// Irregularities and advice, one sentence or two each.
    pub notes: Vec<String>,
    /// The actions of all versions, in the order of their names.
    pub actions: Vec<SetAction>,
    /// The pages the list was taken from.
    pub sources: Vec<Source>,
}

/// One action of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAction {
    /// The action in AWS's spelling.
    pub name: ActionName,
    /// Whether it is needed always.
    pub need: Need,
    /// What it can be checked against; without one it is checked against `*`.
    pub scope: Option<VariableName>,
    /// The first and the last version that need it.
    pub versions: Versions,
    /// The source's own words where they differ: another spelling, or a wildcard.
    pub printed: Option<String>,
    /// The API operations that the source prints in its place.
    pub api_operations: Vec<String>,
    /// It stands in the source's list; otherwise only the text beside the list names it.
    pub listed: bool,
    /// Context values that are known to hold when Veeam calls it.
    pub context: BTreeMap<String, Vec<String>>,
}

/// When an action is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// Always: the operation fails without it.
    Required,
    /// Never for the operation itself.
    Optional {
        /// What it is good for, as a fragment.
        reason: String,
    },
    /// If the answer to a declared question is yes.
    Conditional {
        /// The question's name; its text is in [`Catalog::condition`](crate::Catalog::condition).
        condition: ConditionName,
    },
}

/// A range of product versions, open where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// The first version.
    pub since: Option<ProductVersion>,
    /// The last version.
    pub until: Option<ProductVersion>,
}

/// How bad it is when the operation breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An inconvenience: there is another way.
    Low,
    /// Something that is rarely done, or done again later.
    Medium,
    /// Restores, or a part of the protection.
    High,
    /// Backups stop.
    Critical,
}

/// Who is meant to hold a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// One or the other.
    Either,
}

/// Whether a set should be held all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifetime {
    /// As long as Veeam does the operation.
    Standing,
    /// For one occasion; nothing is wrong with a principal that lacks it afterwards.
    Transient,
}

/// Where the actions of a set are granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// In the policies of the principal, where a simulation sees them.
    IdentityPolicy,
    /// In the policy of a KMS key: no look at the principal can tell.
    KeyPolicy,
    /// In another vendor's IAM: AWS cannot tell.
    NotAws,
}

/// Who must be able to assume a role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// AWS services, such as `backup.amazonaws.com`.
    pub services: Vec<TrustedService>,
    /// The appliance: its Impersonation role or its account.
    pub appliance: bool,
}

/// One service that must be able to assume a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedService {
    /// The service principal, such as `backup.amazonaws.com`.
    pub name: String,
    /// The versions that need it.
    pub versions: Versions,
}

/// The page a list was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The version whose page it is; none where the list does not depend on the appliance.
    pub version: Option<ProductVersion>,
    /// The address.
    pub page: String,
    /// The day the page says it was changed, `2026-05-19`.
    pub date: Option<String>,
    /// The product build the page speaks of, `13.1.0.411`.
    pub build: Option<String>,
}

impl ActionSet {
    /// The actions that a version needs.
    pub fn actions_for(&self, version: ProductVersion) -> impl Iterator<Item = &SetAction> {
        self.actions
            .iter()
            .filter(move |action| action.versions.contains(version))
    }

    /// The services that must be able to assume the role in a version.
    pub fn trusted_services_for(&self, version: ProductVersion) -> impl Iterator<Item = &str> {
        self.trust
            .services
            .iter()
            .filter(move |service| service.versions.contains(version))
            .map(|service| service.name.as_str())
    }
}

impl Versions {
    /// Whether a version lies in the range.
    #[must_use]
    pub fn contains(&self, version: ProductVersion) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| version <= until)
    }
}

impl Need {
    /// Whether the operation fails without the action, whatever the answers to questions are.
    #[must_use]
    pub fn is_required(&self) -> bool {
        match self {
            Self::Required => true,
            Self::Optional { .. } | Self::Conditional { .. } => false,
        }
    }
}

impl Holder {
    /// Whether a principal of this kind can hold the set.
    #[must_use]
    pub fn admits(self, kind: PrincipalKind) -> bool {
        match self {
            Self::User => kind == PrincipalKind::User,
            Self::Role => kind == PrincipalKind::Role,
            Self::Either => true,
        }
    }
}

impl SetId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for SetId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for SetId {
    type Err = ParseSetIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let group = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if text.split('-').all(group) {
            Ok(Self(text.into()))
        } else {
            Err(ParseSetIdError(text.to_owned()))
        }
    }
}

impl fmt::Display for SetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A closed list of words, as data files, tables and JSON spell them.
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every variant.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in data files.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The variant of a word.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words!(Severity { Low = "low", Medium = "medium", High = "high", Critical = "critical" });
words!(Holder { User = "user", Role = "role", Either = "either" });
words!(Lifetime { Standing = "standing", Transient = "transient" });
words!(Grant { IdentityPolicy = "identity-policy", KeyPolicy = "key-policy", NotAws = "not-aws" });
