//! The written form of an action set: what stands in its file, with the line it stands on, before anybody has
//! asked whether it makes sense.
//!
//! The build script packs these forms into the binary; at run time they come from there or, for users' own sets,
//! from TOML (`read`). `convert` turns both into the types of the catalog.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A text and the line it stands on, counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Text<'a> {
    #[serde(borrow)]
    pub(crate) value: Cow<'a, str>,
    pub(crate) line: u32,
}

/// Everything a file of an action set can say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SetForm<'a> {
    /// Where the set begins, for what is missing from it.
    pub(crate) line: u32,
    #[serde(borrow)]
    pub(crate) id: Option<Text<'a>>,
    pub(crate) title: Option<Text<'a>>,
    pub(crate) operation: Option<Text<'a>>,
    pub(crate) impact: Option<Text<'a>>,
    pub(crate) severity: Option<Text<'a>>,
    pub(crate) principal: Option<Text<'a>>,
    pub(crate) lifetime: Option<Text<'a>>,
    pub(crate) grant: Option<Text<'a>>,
    pub(crate) when: Option<Text<'a>>,
    pub(crate) extends: Vec<Text<'a>>,
    pub(crate) alternatives: Vec<Text<'a>>,
    pub(crate) needs_one_of: Vec<Text<'a>>,
    pub(crate) trust_services: Vec<TrustForm<'a>>,
    pub(crate) assumed_by_appliance: bool,
    pub(crate) instance_profile: bool,
    pub(crate) notes: Vec<Text<'a>>,
    pub(crate) actions: Vec<ActionForm<'a>>,
    pub(crate) source: Vec<SourceForm<'a>>,
}

/// One entry of `trust-services`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TrustForm<'a> {
    #[serde(borrow)]
    pub(crate) name: Text<'a>,
    pub(crate) since: Option<Text<'a>>,
    pub(crate) until: Option<Text<'a>>,
}

/// One entry of `actions`: mostly a name and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActionForm<'a> {
    #[serde(borrow)]
    pub(crate) name: Text<'a>,
    /// In a box of its own, since four entries of five have none and the form of a set should stay small.
    pub(crate) more: Option<Box<ActionDetails<'a>>>,
}

/// What an entry of `actions` says besides the name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ActionDetails<'a> {
    #[serde(borrow)]
    pub(crate) scope: Option<Text<'a>>,
    pub(crate) optional: Option<Text<'a>>,
    pub(crate) condition: Option<Text<'a>>,
    pub(crate) since: Option<Text<'a>>,
    pub(crate) until: Option<Text<'a>>,
    pub(crate) printed: Option<Text<'a>>,
    pub(crate) api_operations: Vec<Text<'a>>,
    pub(crate) unlisted: bool,
    pub(crate) unverified: bool,
    pub(crate) context: Vec<(Text<'a>, Vec<Text<'a>>)>,
}

/// One `[[source]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceForm<'a> {
    pub(crate) line: u32,
    #[serde(borrow)]
    pub(crate) version: Option<Text<'a>>,
    pub(crate) page: Option<Text<'a>>,
    pub(crate) date: Option<Text<'a>>,
    pub(crate) build: Option<Text<'a>>,
}

/// One table of `scope.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VariableForm<'a> {
    #[serde(borrow)]
    pub(crate) name: Text<'a>,
    pub(crate) means: Text<'a>,
    pub(crate) template: Text<'a>,
    pub(crate) example: Option<Text<'a>>,
    pub(crate) resource_types: Vec<Text<'a>>,
}

/// One table of `conditions.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConditionForm<'a> {
    #[serde(borrow)]
    pub(crate) name: Text<'a>,
    pub(crate) question: Text<'a>,
}

/// What the two declaring files say, as the build script packs it in front of the sets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeclaredForm<'a> {
    #[serde(borrow)]
    pub(crate) variables: Vec<VariableForm<'a>>,
    pub(crate) conditions: Vec<ConditionForm<'a>>,
}
