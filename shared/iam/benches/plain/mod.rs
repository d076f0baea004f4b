//! A listing in the types that anybody would write first: what reading is measured against.

#![expect(dead_code, reason = "it is there to be filled")]

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listing {
    user_detail_list: Vec<Principal>,
    group_detail_list: Vec<Group>,
    role_detail_list: Vec<Principal>,
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    arn: Box<str>,
    #[serde(alias = "UserId", alias = "RoleId")]
    id: Box<str>,
    create_date: Box<str>,
    #[serde(alias = "UserPolicyList", alias = "RolePolicyList", default)]
    inline: Vec<Inline>,
    #[serde(default)]
    group_list: Vec<Box<str>>,
    attached_managed_policies: Vec<Attached>,
    permissions_boundary: Option<Boundary>,
    assume_role_policy_document: Option<Document>,
    #[serde(default)]
    instance_profile_list: Vec<Profile>,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    group_name: Box<str>,
    group_policy_list: Vec<Inline>,
    attached_managed_policies: Vec<Attached>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    arn: Box<str>,
    policy_name: Box<str>,
    policy_version_list: Vec<Version>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    document: Document,
    version_id: Box<str>,
    is_default_version: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inline {
    policy_name: Box<str>,
    policy_document: Document,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attached {
    policy_arn: Box<str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Boundary {
    permissions_boundary_arn: Box<str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Profile {
    instance_profile_name: Box<str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: Box<str>,
    value: Box<str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: Option<Box<str>>,
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: Option<Box<str>>,
    effect: Box<str>,
    #[serde(default)]
    action: Texts,
    #[serde(default)]
    not_action: Texts,
    #[serde(default)]
    resource: Texts,
    #[serde(default)]
    condition: HashMap<Box<str>, HashMap<Box<str>, Texts>>,
    #[serde(default)]
    principal: HashMap<Box<str>, Texts>,
}

/// One text or several.
#[derive(Default)]
struct Texts(Vec<Box<str>>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("texts")
    }

    fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts(vec![text.into()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = seq.next_element()? {
            texts.push(text);
        }
        Ok(Texts(texts))
    }
}
