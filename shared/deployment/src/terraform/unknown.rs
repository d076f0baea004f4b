//! What a plan marks as known only after apply: a tree of `true` beside the values.

use crate::node::{Node, Value};

/// Whether anything in it is not known.
pub(super) fn any_true(node: &Node) -> bool {
    count_true(node) > 0
}

/// How much in it is not known.
pub(super) fn count_true(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(text) => usize::from(text.known() == Some("true")),
        Value::List(items) => items.iter().map(count_true).sum(),
        Value::Map(members) => members.iter().map(|member| count_true(&member.node)).sum(),
        Value::Null | Value::Nothing | Value::Unknown(_) | Value::Either(..) => 0,
    }
}
