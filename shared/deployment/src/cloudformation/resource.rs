//! A resource of a template, and its properties with their functions followed.

use super::template::Template;
use crate::node::{Node, Unknown, Value};

/// A resource of the template that will be there, or perhaps.
pub(crate) struct Resource<'n> {
    pub(super) id: &'n str,
    pub(super) kind: &'n str,
    pub(super) line: usize,
    pub(super) node: &'n Node,
    /// Why it may not be there.
    pub(super) perhaps: Option<Unknown>,
}

impl Resource<'_> {
    /// A property with its functions followed; `None` where it is not there.
    pub(super) fn property(&self, template: &Template<'_>, name: &str) -> Option<Node> {
        let node = self.node.at(&["Properties", name])?;
        let node = template.resolve(node);
        (!matches!(node.value, Value::Nothing | Value::Null)).then_some(node)
    }

    /// A property as a list; a scalar is a list of one.
    pub(super) fn list(&self, template: &Template<'_>, name: &str) -> Vec<(Node, Option<Unknown>)> {
        let mut items = Vec::new();
        if let Some(node) = self.property(template, name) {
            flatten(node, None, &mut items);
        }
        items
    }
}

/// The items of a list, each with why it may not be there.
pub(super) fn flatten(
    node: Node,
    perhaps: Option<&Unknown>,
    into: &mut Vec<(Node, Option<Unknown>)>,
) {
    match node.value {
        Value::Nothing | Value::Null => {}
        Value::List(items) => items
            .into_iter()
            .for_each(|item| flatten(item, perhaps, into)),
        Value::Either(two, why) => {
            let why = perhaps.cloned().unwrap_or(why);
            two.into_iter()
                .for_each(|one| flatten(one, Some(&why), into));
        }
        value => into.push((Node { value, ..node }, perhaps.cloned())),
    }
}
