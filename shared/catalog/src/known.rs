//! Known actions: what does AWS say about an action?
//!
//! Names in AWS's own spelling, access levels and resource types of every service that Veeam touches, taken from
//! AWS's service authorization reference. The tables are read at first use; the linter and [`policy`](crate::policy) need them, an audit
//! does not.

use std::cmp::Ordering;
use std::sync::LazyLock;

use iam::ActionName;

use crate::nearest::nearest;

/// How much an action can do, in AWS's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccessLevel {
    /// Sees what there is.
    List,
    /// Reads what is in it.
    Read,
    /// Changes tags.
    Tagging,
    /// Creates, changes, deletes.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
}

/// One action of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownAction {
    /// The name as AWS spells it.
    pub name: &'static str,
    /// How much it can do.
    pub access: AccessLevel,
    /// Its requests can bear tags, in `aws:RequestTag/…` and `aws:TagKeys`.
    pub takes_tags: bool,
    types: &'static str,
}

/// A resource that an action works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// The type within the action's service, such as `bucket`.
    pub name: &'static str,
    /// Every request has one.
    pub required: bool,
    /// The ARN as AWS prints it, such as `arn:${Partition}:s3:::${BucketName}`.
    pub arn: Option<&'static str>,
}

/// AWS's reference of actions.
pub(crate) const ACTIONS_DATA: &str = include_str!("../data/actions.tsv");

/// AWS's reference of resource types.
pub(crate) const RESOURCES_DATA: &str = include_str!("../data/resources.tsv");

static ACTIONS: LazyLock<Vec<KnownAction>> =
    LazyLock::new(|| lines(ACTIONS_DATA).filter_map(action).collect());

static RESOURCES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    lines(RESOURCES_DATA)
        .filter_map(|line| line.split_once('\t'))
        .collect()
});

/// What AWS says about an action, whatever the case of its letters.
#[must_use]
pub fn known_action(name: &ActionName) -> Option<&'static KnownAction> {
    ACTIONS
        .binary_search_by(|known| compare(known.name, name.as_str()))
        .ok()
        .and_then(|at| ACTIONS.get(at))
}

/// Every action of the reference, in order of name.
pub fn known_actions() -> impl Iterator<Item = &'static KnownAction> {
    ACTIONS.iter()
}

/// The action that a mistyped name meant, if one of the same service comes close; else the same name elsewhere.
pub(crate) fn nearest_action(name: &ActionName) -> Option<&'static str> {
    let same_service = ACTIONS.iter().map(|known| known.name).filter(|known| {
        known
            .split_once(':')
            .is_some_and(|(service, _)| service.eq_ignore_ascii_case(name.service()))
    });
    nearest(name.as_str(), same_service).or_else(|| {
        let mut same_name = ACTIONS.iter().map(|known| known.name).filter(|known| {
            known
                .split_once(':')
                .is_some_and(|(_, action)| action.eq_ignore_ascii_case(name.name()))
        });
        same_name.next()
    })
}

impl KnownAction {
    /// The resource types it takes; none means that it is checked against `*` only.
    pub fn resource_types(&self) -> impl Iterator<Item = ResourceType> + use<> {
        resource_types(self.service(), self.types)
    }

    /// The prefix of its name, such as `ec2`.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.name.split(':').next().unwrap_or_default()
    }
}

/// The resource types of a list such as `snapshot*,volume`.
pub(crate) fn resource_types(
    service: &'static str,
    list: &'static str,
) -> impl Iterator<Item = ResourceType> + use<> {
    list.split(',')
        .filter(|word| !word.is_empty())
        .map(move |word| {
            let name = word.trim_end_matches('*');
            let key = format!("{service}:{name}");
            ResourceType {
                name,
                required: word.ends_with('*'),
                arn: RESOURCES
                    .binary_search_by(|(known, _)| (*known).cmp(key.as_str()))
                    .ok()
                    .and_then(|at| RESOURCES.get(at))
                    .map(|(_, arn)| *arn),
            }
        })
}

impl AccessLevel {
    /// AWS's words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Tagging => "Tagging",
            Self::Write => "Write",
            Self::PermissionsManagement => "Permissions management",
        }
    }
}

pub(crate) fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

fn action(line: &'static str) -> Option<KnownAction> {
    let mut columns = line.split('\t');
    let (name, access) = (columns.next()?, columns.next()?);
    let (types, tags) = (columns.next(), columns.next());
    Some(KnownAction {
        name,
        access: match access {
            "List" => AccessLevel::List,
            "Read" => AccessLevel::Read,
            "Tagging" => AccessLevel::Tagging,
            "Write" => AccessLevel::Write,
            "Permissions management" => AccessLevel::PermissionsManagement,
            _ => return None,
        },
        takes_tags: tags == Some("tags"),
        types: types.unwrap_or_default(),
    })
}

fn compare(a: &str, b: &str) -> Ordering {
    let folded = |byte: u8| byte.to_ascii_lowercase();
    a.bytes().map(folded).cmp(b.bytes().map(folded))
}
