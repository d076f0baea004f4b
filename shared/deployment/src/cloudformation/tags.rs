//! Tags: which tags does a resource of a template give its user or role?

use super::resource::{Resource, flatten};
use super::template::Template;
use crate::assembly::{Assembly, NewPrincipal};
use crate::node::{Node, Unknown, Value};

/// Takes the tags of a resource: a list of keys and values, or SAM's map.
pub(super) fn take(
    resource: &Resource<'_>,
    property: &str,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
    new: &mut NewPrincipal,
) {
    let Some(node) = resource.property(template, property) else {
        return;
    };
    take_node(resource.id, &node, assembly, new);
}

/// As [`take`], of a node whose functions were followed.
pub(super) fn take_node(id: &str, node: &Node, assembly: &Assembly<'_>, new: &mut NewPrincipal) {
    let mut take = |key: Option<&str>, value: &Node, perhaps: Option<&Unknown>| {
        let prefix = assembly.options.tag_prefix;
        match (key, value.known()) {
            (Some(key), Some(value)) if perhaps.is_none() => {
                new.tags.push((key.into(), value.into()));
            }
            (Some(key), _) => {
                new.unsettled.push(format!("aws:PrincipalTag/{key}").into());
                if key.starts_with(prefix) {
                    let why = value
                        .unknown()
                        .map_or("the tag has no text", |unknown| &unknown.why);
                    let what = format!("{id}, tag {key}");
                    new.gaps.push(assembly.gap(&what, value.line, why));
                }
            }
            (None, _) => {
                new.unsettled.push("aws:PrincipalTag/".into());
                let what = format!("{id}, tags");
                new.gaps
                    .push(assembly.gap(&what, value.line, "a tag's key is not known"));
            }
        }
    };
    if let Value::Map(members) = &node.value {
        for member in members {
            take(Some(&member.key), &member.node, None);
        }
        return;
    }
    let mut items = Vec::new();
    flatten(node.clone(), None, &mut items);
    for (item, perhaps) in items {
        let key = item.get("Key").and_then(Node::known);
        let value = item.get("Value").unwrap_or(&item);
        take(key, value, perhaps.as_ref());
    }
}
