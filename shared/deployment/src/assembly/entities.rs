//! What a file holds, as long as it is not known who belongs to what: users, roles, groups, policies.

use iam::PrincipalKind;
use iam::inventory::{Gap, Group, InlinePolicy, PolicyText, Principal, TrustText};

use crate::node::{Text, Unknown};

/// A user or a role before it is assembled.
pub(crate) struct NewPrincipal {
    pub(crate) kind: PrincipalKind,
    pub(crate) line: usize,
    /// `None` where the deployment makes one up.
    pub(crate) name: Option<String>,
    /// The name that the file gives it, where pieces of that are not known.
    pub(crate) open_name: Option<Text>,
    /// With a slash at both ends; `None` where it is not known.
    pub(crate) path: Option<String>,
    pub(crate) tags: Vec<(Box<str>, Box<str>)>,
    /// Context keys that are not settled.
    pub(crate) unsettled: Vec<Box<str>>,
    pub(crate) trust: Option<TrustText>,
    pub(crate) instance_profiles: Vec<Box<str>>,
    pub(crate) boundary: Option<Box<str>>,
    /// What could not be read of it.
    pub(crate) gaps: Vec<Gap>,
    /// What the account's listing says of one that is there already and that the file does not define.
    pub(crate) listed: Option<Principal>,
    pub(super) inline: Vec<InlinePolicy>,
    pub(super) attached: Vec<Box<str>>,
    pub(super) groups: Vec<Box<str>>,
}

/// A group before it is assembled.
pub(crate) struct NewGroup {
    /// `None` where the deployment makes one up.
    pub(crate) name: Option<String>,
    /// The name that the file gives it, where pieces of that are not known.
    pub(crate) open_name: Option<Text>,
    /// What the account's listing says of one that is there already and that the file does not define.
    pub(super) listed: Option<Group>,
    pub(super) group: Group,
}

/// A managed policy before it is assembled.
pub(crate) struct NewPolicy {
    /// `None` where a part of it is made up.
    pub(crate) arn: Option<String>,
    /// What people call it, with its place.
    pub(crate) label: Box<str>,
    pub(crate) document: PolicyText,
}

/// Who holds a policy.
#[derive(Clone, Copy)]
pub(crate) enum Holder<'h> {
    Principal(&'h str),
    Group(&'h str),
}

/// What kind of thing holds a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum HolderKind {
    Group,
    Principal,
}

/// What a name, an ARN or a reference in a file means.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// Something that the file holds, by its logical id or address.
    Here(String),
    /// Something by its name or ARN, in the file or not.
    Named(String),
    /// Nobody knows what.
    Unknown(Unknown),
}

/// An inline policy that another with the same name would overwrite.
#[derive(Clone)]
pub(super) struct NamedInline {
    pub(super) name: Text,
    pub(super) line: usize,
    pub(super) source: String,
    /// Whether it will be there for certain.
    pub(super) is_certain: bool,
    /// Which it is among those of its holder.
    pub(super) index: usize,
}

impl NewPrincipal {
    pub(crate) fn new(kind: PrincipalKind, line: usize) -> Self {
        Self {
            kind,
            line,
            name: None,
            open_name: None,
            path: Some("/".to_owned()),
            tags: Vec::new(),
            unsettled: Vec::new(),
            trust: None,
            instance_profiles: Vec::new(),
            boundary: None,
            gaps: Vec::new(),
            listed: None,
            inline: Vec::new(),
            attached: Vec::new(),
            groups: Vec::new(),
        }
    }
}

impl NewGroup {
    pub(crate) fn new(name: Option<String>) -> Self {
        Self {
            name,
            open_name: None,
            listed: None,
            group: Group::default(),
        }
    }
}
