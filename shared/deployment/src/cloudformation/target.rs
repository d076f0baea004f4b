//! Targets: which policy, user, role or group does a name, an ARN or a reference mean?

use super::template::Template;
use crate::assembly::Target;
use crate::node::{Node, Text, Unknown, Value};

/// What a name, ARN or reference means.
pub(super) fn target(node: &Node, template: &Template<'_>) -> Target {
    let of_text = |text: &Text| match (text.known(), text.unknown()) {
        (Some(known), _) => Target::Named(known.to_owned()),
        (None, Some(unknown)) => match template.meant(text) {
            Some(id) => Target::Here(id),
            None => Target::Unknown(Unknown {
                name: text.to_string(),
                ..unknown.clone()
            }),
        },
        (None, None) => Target::Named(String::new()),
    };
    match &node.value {
        Value::Scalar(text) => of_text(text),
        Value::Unknown(why) | Value::Either(_, why) => Target::Unknown(why.clone()),
        Value::Null | Value::Nothing | Value::List(_) | Value::Map(_) => Target::Unknown(Unknown {
            name: "?".to_owned(),
            why: format!("a name was expected, and this is {}", node.kind()),
            line: node.line,
            of: None,
        }),
    }
}
