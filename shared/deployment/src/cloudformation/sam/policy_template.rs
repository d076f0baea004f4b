//! SAM's policy templates: which statements does SAM write for one?
//!
//! In: the name of a template and the values of its parameters. Out: the policy document. The templates are those that AWS
//! publishes with SAM; `policy_templates.json` has the parameters and statements of each.

use std::sync::LazyLock;

use crate::cloudformation::template::Template;
use crate::json;
use crate::node::{Member, Node, Value};

/// All templates by name; nothing if the file is no JSON.
static TEMPLATES: LazyLock<Option<Node>> =
    LazyLock::new(|| json::read(include_str!("policy_templates.json")).ok());

/// What becomes of a policy template.
pub(super) enum Expanded {
    Document(Node),
    /// SAM refuses it, for this reason.
    Refused(String),
    /// There is no template of this name here.
    NotKnown,
}

/// The policy document of a template, with the values of its parameters.
pub(super) fn expand(name: &str, values: &Node, line: usize, template: &Template<'_>) -> Expanded {
    let Some(found) = TEMPLATES.as_ref().and_then(|all| all.get(name)) else {
        return Expanded::NotKnown;
    };
    if !matches!(values.value, Value::Map(_)) {
        return Expanded::Refused(format!(
            "its values are {}, where a map was expected, `{{}}` if it has no parameters",
            values.kind()
        ));
    }
    let parameters = found.get("parameters").map_or(&[][..], Node::items);
    let mut parameters = parameters.iter().filter_map(Node::known);
    if let Some(missing) = parameters.find(|name| values.get(name).is_none()) {
        return Expanded::Refused(format!("its parameter `{missing}` has no value"));
    }
    let Some(statement) = found.get("statement") else {
        return Expanded::NotKnown;
    };
    let statement = fill(statement, values, line, template);
    let member = Member {
        key: "Statement".to_owned(),
        node: statement,
    };
    Expanded::Document(Node::new(line, Value::Map(vec![member])))
}

/// A part of a template with the values in it, all of it on the line of whoever uses the template.
fn fill(node: &Node, values: &Node, line: usize, template: &Template<'_>) -> Node {
    let value = match &node.value {
        Value::List(items) => {
            let items = items.iter().map(|item| fill(item, values, line, template));
            Value::List(items.collect())
        }
        Value::Map(members) => {
            let members = members.iter().map(|member| Member {
                key: member.key.clone(),
                node: fill(&member.node, values, line, template),
            });
            Value::Map(members.collect())
        }
        Value::Scalar(_) => {
            let arguments = Value::List(vec![node.clone(), values.clone()]);
            template.substitute(&Node::new(line, arguments), line)
        }
        Value::Null | Value::Unknown(_) | Value::Either(..) | Value::Nothing => node.value.clone(),
    };
    Node::new(line, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in `${}` in a value.
    fn names(node: &Node, into: &mut Vec<String>) {
        if let Some(text) = node.known() {
            let parts = text.split("${").skip(1);
            into.extend(parts.filter_map(|part| Some(part.split_once('}')?.0.to_owned())));
        }
        node.items().iter().for_each(|item| names(item, into));
        let members = node.members().iter();
        members.for_each(|member| names(&member.node, into));
    }

    #[test]
    fn every_template_uses_its_parameters_and_no_others() {
        let templates = TEMPLATES.as_ref().map_or(&[][..], Node::members);
        assert!(templates.len() > 70);
        for Member { key, node } in templates {
            let parameters = node.get("parameters").map_or(&[][..], Node::items);
            let mut expected: Vec<&str> = parameters.iter().filter_map(Node::known).collect();
            let mut used = Vec::new();
            names(node, &mut used);
            used.retain(|name| !name.starts_with("AWS::"));
            used.sort_unstable();
            used.dedup();
            expected.sort_unstable();
            assert_eq!(used, expected, "{key}");
        }
    }
}
