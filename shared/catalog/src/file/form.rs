//! The written form of an action set: what its file says, with the line of everything, before anything is checked.
//!
//! `read` makes forms from TOML, `convert` makes action sets from forms.

/// A text and the line it is on, counted from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) line: u32,
}

/// Everything a file of an action set can say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SetForm {
    /// Where the set begins, for what is missing from it.
    pub(crate) line: u32,
    pub(crate) id: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) operation: Option<Text>,
    pub(crate) impact: Option<Text>,
    pub(crate) severity: Option<Text>,
    pub(crate) principal: Option<Text>,
    pub(crate) lifetime: Option<Text>,
    pub(crate) grant: Option<Text>,
    pub(crate) when: Option<Text>,
    pub(crate) extends: Vec<Text>,
    pub(crate) alternatives: Vec<Text>,
    pub(crate) needs_one_of: Vec<Text>,
    pub(crate) trust_services: Vec<TrustForm>,
    pub(crate) assumed_by_appliance: bool,
    pub(crate) instance_profile: bool,
    pub(crate) notes: Vec<Text>,
    pub(crate) actions: Vec<ActionForm>,
    pub(crate) source: Vec<SourceForm>,
}

/// One entry of `trust-services`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TrustForm {
    pub(crate) name: Text,
    pub(crate) since: Option<Text>,
    pub(crate) until: Option<Text>,
}

/// One entry of `actions`: mostly a name and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ActionForm {
    pub(crate) name: Text,
    pub(crate) scope: Option<Text>,
    pub(crate) optional: Option<Text>,
    pub(crate) condition: Option<Text>,
    pub(crate) since: Option<Text>,
    pub(crate) until: Option<Text>,
    pub(crate) printed: Option<Text>,
    pub(crate) api_operations: Vec<Text>,
    pub(crate) unlisted: bool,
    pub(crate) unverified: bool,
    pub(crate) context: Vec<(Text, Vec<Text>)>,
}

/// One `[[source]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SourceForm {
    pub(crate) line: u32,
    pub(crate) version: Option<Text>,
    pub(crate) page: Option<Text>,
    pub(crate) date: Option<Text>,
    pub(crate) build: Option<Text>,
}
