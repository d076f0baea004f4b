//! The listing as it is written: what does one page hold, and what of it is needed?
//!
//! The names are the API's. What nobody asks for is skipped without being built; documents stay the text they are, borrowed
//! from the file, until it is known whether they are needed and new. A list that is null is not there.
//!
//! With `CAREFUL`, each item is taken apart on its own, so that one odd item does not spoil the page; that reads the file
//! twice over and is done only where the plain way failed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// What stands at the top of the file, or follows there.
pub(super) enum Top<'a, const CAREFUL: bool> {
    Page(Page<'a, CAREFUL>),
    Pages(Vec<Top<'a, CAREFUL>>),
    /// Neither an object nor a list; in our words.
    Other(&'static str),
}

/// One page of the listing.
#[derive(Default)]
pub(super) struct Page<'a, const CAREFUL: bool> {
    pub(super) users: Vec<Item<'a, PrincipalDetail<'a>, CAREFUL>>,
    pub(super) groups: Vec<Item<'a, GroupDetail<'a>, CAREFUL>>,
    pub(super) roles: Vec<Item<'a, PrincipalDetail<'a>, CAREFUL>>,
    pub(super) policies: Vec<Item<'a, PolicyDetail<'a>, CAREFUL>>,
    /// The lists that are there.
    pub(super) lists: ListSet,
    /// It says that more follows.
    pub(super) goes_on: bool,
    /// The keys that are there once more, and say whether more follows: nobody knows which of them holds.
    pub(super) repeated: Vec<Cow<'a, str>>,
    /// The first keys that no listing has.
    pub(super) other_keys: Vec<Cow<'a, str>>,
}

/// The lists of a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    Users,
    Groups,
    Roles,
    Policies,
}

/// Some of the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ListSet(BTreeSet<List>);

impl List {
    /// Its key.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Users => "UserDetailList",
            Self::Groups => "GroupDetailList",
            Self::Roles => "RoleDetailList",
            Self::Policies => "Policies",
        }
    }
}

impl ListSet {
    /// Adds those of another page.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// Whether one of the lists that nothing but a listing has is there. Another command prints policies, too.
    pub(super) fn has_details(&self) -> bool {
        self.0.iter().any(|list| *list != List::Policies)
    }

    /// Whether none is there.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lists that are not there.
    pub(super) fn lacking(&self) -> impl Iterator<Item = List> + '_ {
        let all = [List::Users, List::Groups, List::Roles, List::Policies];
        all.into_iter().filter(|list| !self.0.contains(list))
    }

    fn append<T>(&mut self, list: List, known: &mut Vec<T>, more: Option<Vec<T>>) {
        let Some(more) = more else {
            return;
        };
        self.0.insert(list);
        if known.is_empty() {
            *known = more;
        } else {
            known.extend(more);
        }
    }
}

/// An item of a list, or what is wrong with it.
pub(super) struct Item<'a, T, const CAREFUL: bool>(pub(super) Result<T, Spoilt<'a>>);

/// An item that is not what it should be.
pub(super) struct Spoilt<'a> {
    pub(super) text: &'a str,
    pub(super) error: serde_json::Error,
}

/// A user or a role.
#[derive(Deserialize)]
#[serde(expecting = "an object with `Arn`")]
pub(super) struct PrincipalDetail<'a> {
    #[serde(rename = "Arn", borrow)]
    pub(super) arn: Cow<'a, str>,
    #[serde(rename = "UserId", alias = "RoleId", default)]
    pub(super) id: Box<str>,
    #[serde(rename = "CreateDate", default)]
    pub(super) created: Box<str>,
    #[serde(rename = "UserPolicyList", alias = "RolePolicyList", borrow, default)]
    pub(super) inline: Option<Vec<InlineDetail<'a>>>,
    #[serde(rename = "GroupList", default)]
    pub(super) groups: Option<Vec<Box<str>>>,
    #[serde(rename = "AttachedManagedPolicies", default)]
    pub(super) attached: Option<Vec<Attached>>,
    #[serde(rename = "PermissionsBoundary", default)]
    pub(super) boundary: Option<Boundary>,
    #[serde(rename = "AssumeRolePolicyDocument", borrow, default)]
    pub(super) trust: Option<Raw<'a>>,
    #[serde(rename = "InstanceProfileList", default)]
    pub(super) instance_profiles: Option<Vec<InstanceProfile>>,
    #[serde(rename = "Tags", default)]
    pub(super) tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `GroupName`")]
pub(super) struct GroupDetail<'a> {
    #[serde(rename = "GroupName")]
    pub(super) name: Box<str>,
    #[serde(rename = "GroupPolicyList", borrow, default)]
    pub(super) inline: Option<Vec<InlineDetail<'a>>>,
    #[serde(rename = "AttachedManagedPolicies", default)]
    pub(super) attached: Option<Vec<Attached>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `Arn`")]
pub(super) struct PolicyDetail<'a> {
    #[serde(rename = "Arn")]
    pub(super) arn: Box<str>,
    #[serde(rename = "PolicyName", default)]
    pub(super) name: Box<str>,
    #[serde(rename = "DefaultVersionId", borrow, default)]
    pub(super) default: Option<Cow<'a, str>>,
    #[serde(rename = "PolicyVersionList", borrow, default)]
    pub(super) versions: Option<Vec<VersionDetail<'a>>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a policy version as an object")]
pub(super) struct VersionDetail<'a> {
    #[serde(rename = "Document", borrow, default)]
    pub(super) document: Option<Raw<'a>>,
    #[serde(rename = "VersionId", borrow, default)]
    pub(super) id: Cow<'a, str>,
    #[serde(rename = "IsDefaultVersion", default)]
    pub(super) is_default: bool,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `PolicyName` and `PolicyDocument`")]
pub(super) struct InlineDetail<'a> {
    #[serde(rename = "PolicyName")]
    pub(super) name: Box<str>,
    #[serde(rename = "PolicyDocument", borrow)]
    pub(super) document: Raw<'a>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `PolicyArn`")]
pub(super) struct Attached {
    #[serde(rename = "PolicyArn")]
    pub(super) arn: Box<str>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `PermissionsBoundaryArn`")]
pub(super) struct Boundary {
    #[serde(rename = "PermissionsBoundaryArn")]
    pub(super) arn: Box<str>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `InstanceProfileName`")]
pub(super) struct InstanceProfile {
    #[serde(rename = "InstanceProfileName")]
    pub(super) name: Box<str>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `Key` and `Value`")]
pub(super) struct Tag {
    #[serde(rename = "Key")]
    pub(super) key: Box<str>,
    #[serde(rename = "Value")]
    pub(super) value: Box<str>,
}

/// A value as it is written.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a>(pub(super) &'a str);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(deserializer).map(|raw| Self(raw.get()))
    }
}

/// A text, borrowed where it holds no escape.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'de, T: Deserialize<'de>, const CAREFUL: bool> Deserialize<'de> for Item<'de, T, CAREFUL> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !CAREFUL {
            return T::deserialize(deserializer).map(|item| Self(Ok(item)));
        }
        let Raw(text) = Raw::deserialize(deserializer)?;
        Ok(Self(
            serde_json::from_str(text).map_err(|error| Spoilt { text, error }),
        ))
    }
}

impl<'de, const CAREFUL: bool> Deserialize<'de> for Top<'de, CAREFUL> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TopVisitor::<CAREFUL> { nested: false })
    }
}

/// A member of a list of pages.
struct Member<'a, const CAREFUL: bool>(Top<'a, CAREFUL>);

impl<'de, const CAREFUL: bool> Deserialize<'de> for Member<'de, CAREFUL> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(TopVisitor::<CAREFUL> { nested: true })
            .map(Member)
    }
}

/// The keys that say whether more follows.
const ENDS: [&str; 3] = ["IsTruncated", "Marker", "NextToken"];

struct TopVisitor<const CAREFUL: bool> {
    nested: bool,
}

impl<'de, const CAREFUL: bool> Visitor<'de> for TopVisitor<CAREFUL> {
    type Value = Top<'de, CAREFUL>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of the listing")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        const KEPT: usize = 8;
        let mut page = Page::default();
        let (mut truncated, mut marker, mut next_token) = (None, false, false);
        let mut ends = BTreeSet::new();
        while let Some(Text(key)) = map.next_key()? {
            if let Some(end) = ENDS.into_iter().find(|end| *end == key)
                && !ends.insert(end)
            {
                map.next_value::<IgnoredAny>()?;
                page.repeated.push(key);
                continue;
            }
            match key.as_ref() {
                "UserDetailList" => {
                    let more = map.next_value()?;
                    page.lists.append(List::Users, &mut page.users, more);
                }
                "GroupDetailList" => {
                    let more = map.next_value()?;
                    page.lists.append(List::Groups, &mut page.groups, more);
                }
                "RoleDetailList" => {
                    let more = map.next_value()?;
                    page.lists.append(List::Roles, &mut page.roles, more);
                }
                "Policies" => {
                    let more = map.next_value()?;
                    page.lists.append(List::Policies, &mut page.policies, more);
                }
                "IsTruncated" => truncated = map.next_value::<Option<bool>>()?,
                "Marker" => marker = map.next_value::<Option<IgnoredAny>>()?.is_some(),
                // The CLI's word after `--max-items`.
                "NextToken" => next_token = map.next_value::<Option<IgnoredAny>>()?.is_some(),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    if page.other_keys.len() < KEPT {
                        page.other_keys.push(key);
                    }
                }
            }
        }
        page.goes_on = next_token || truncated.unwrap_or(marker);
        Ok(Top::Page(page))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        if self.nested {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Top::Other("a list"));
        }
        let mut pages = Vec::new();
        while let Some(Member(page)) = seq.next_element()? {
            pages.push(page);
        }
        Ok(Top::Pages(pages))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Top::Other("`null`"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Top::Other("a truth value"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Top::Other("a number"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Top::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Top::Other("a number"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Top::Other("a text"))
    }
}
