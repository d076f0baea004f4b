//! The state that is collected while a plan is read.

use iam::PrincipalKind;
use iam::inventory::PolicyText;

use super::grant::PolicyForm;
use super::plan::Plan;
use crate::assembly::{Assembly, Holder, Target};
use crate::node::{Node, Unknown, Value};

pub(super) struct Walk<'p, 'n, 'a> {
    pub(super) plan: &'p Plan<'n>,
    pub(super) assembly: Assembly<'a>,
    pub(super) exclusives: Vec<Exclusive>,
    pub(super) inlines: Vec<Inline>,
}

/// An inline policy that somebody gets.
pub(super) struct Inline {
    pub(super) kind: Option<PrincipalKind>,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) document: PolicyText,
}

/// What somebody may hold and nothing else.
pub(super) struct Exclusive {
    pub(super) address: String,
    pub(super) kind: Option<PrincipalKind>,
    pub(super) id: String,
    pub(super) form: PolicyForm,
    pub(super) listed: Vec<Target>,
    /// Whether all of it is known.
    pub(super) sure: bool,
}

impl Exclusive {
    /// Why something that it does not list may not be there.
    pub(super) fn why(&self) -> Unknown {
        doubt(format!(
            "`{}` takes away what it does not list",
            self.address
        ))
    }
}

/// Who holds a policy; a group has no kind of principal.
pub(super) fn holder(id: &str, kind: Option<PrincipalKind>) -> Holder<'_> {
    match kind {
        Some(_) => Holder::Principal(id),
        None => Holder::Group(id),
    }
}

/// Why something is not known, as a fragment.
pub(super) fn doubt(why: String) -> Unknown {
    Unknown {
        name: String::new(),
        why,
        line: 0,
        of: None,
    }
}

/// Terraform prints a plan on one line, so its number says nothing.
pub(super) fn without_line(node: &Node) -> Node {
    match &node.value {
        Value::Scalar(text) => Node::new(0, Value::Scalar(text.clone())),
        Value::Null
        | Value::List(_)
        | Value::Map(_)
        | Value::Unknown(_)
        | Value::Either(..)
        | Value::Nothing => node.clone(),
    }
}
