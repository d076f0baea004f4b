//! Statements of a policy document as a data source: what of them is known before apply?
//!
//! In: what the plan knows of an `aws_iam_policy_document`, and what not. Out: the document with its open parts. The order of
//! a set is not that of what is open in it, so whatever is open stands behind what is known.

use super::reference::references;
use super::unknown::any_true;
use crate::node::{Member, Node, Unknown, Value};

/// The data source that the document comes from.
pub(super) struct Source<'a> {
    pub(super) address: &'a str,
    /// What the configuration says of its statements.
    pub(super) configured: Option<&'a Node>,
}

/// The document; `None` where its statements are not known at all.
pub(super) fn document(source: &Source<'_>, after: &Node, open: &Node) -> Option<Node> {
    let is_open = |name: &str| open.get(name).is_some_and(any_true);
    // Documents that are merged in could say anything.
    let merged = [
        "source_json",
        "override_json",
        "source_policy_documents",
        "override_policy_documents",
    ];
    let brings =
        |name: &str| is_open(name) || after.get(name).is_some_and(|node| !node.each().is_empty());
    if merged.into_iter().any(brings) {
        return None;
    }
    let blocks = after.get("statement")?.items();
    let opened = open.get("statement").map_or(&[][..], Node::items);
    let mut statements = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let of = Of { source, index: at };
        statements.push(statement(&of, block, opened.get(at))?);
    }
    let version = after
        .get("version")
        .and_then(Node::known)
        .unwrap_or("2012-10-17");
    let members = vec![
        member("Version", Node::text(0, version)),
        member("Statement", Node::new(0, Value::List(statements))),
    ];
    Some(Node::new(0, Value::Map(members)))
}

/// One of its statements.
struct Of<'a> {
    source: &'a Source<'a>,
    index: usize,
}

fn statement(of: &Of<'_>, block: &Node, open: Option<&Node>) -> Option<Node> {
    if open.is_some_and(|open| open.known() == Some("true")) {
        return None;
    }
    let values = |name: &str| {
        values(
            of,
            name,
            block.get(name),
            open.and_then(|open| open.get(name)),
        )
    };
    let mut members = Vec::new();
    if let Some(sid) = block
        .get("sid")
        .and_then(Node::known)
        .filter(|sid| !sid.is_empty())
    {
        members.push(member("Sid", Node::text(0, sid)));
    }
    let effect = block.get("effect").and_then(Node::known);
    let is_open = open
        .and_then(|open| open.get("effect"))
        .is_some_and(any_true);
    members.push(match is_open {
        true => member("Effect", unknown(of, "effect")),
        false => member("Effect", Node::text(0, effect.unwrap_or("Allow"))),
    });
    for (name, key) in [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        let values = values(name);
        if !values.is_empty() {
            members.push(member(key, Node::new(0, Value::List(values))));
        }
    }
    for (name, key) in [
        ("principals", "Principal"),
        ("not_principals", "NotPrincipal"),
    ] {
        let open = open.and_then(|open| open.get(name));
        if let Some(principals) = principals(of, name, block.get(name), open) {
            members.push(member(key, principals));
        }
    }
    let open = open.and_then(|open| open.get("condition"));
    if let Some(conditions) = conditions(of, block.get("condition"), open) {
        members.push(member("Condition", conditions));
    }
    Some(Node::new(0, Value::Map(members)))
}

fn member(key: &str, node: Node) -> Member {
    Member {
        key: key.to_owned(),
        node,
    }
}

fn unknown(of: &Of<'_>, name: &str) -> Node {
    let Of { source, index } = of;
    let expression = source
        .configured
        .and_then(|statements| statements.items().get(*index)?.get(name));
    let references = expression.map_or_else(Vec::new, references);
    let hangs = match references.first() {
        Some(first) => format!(": it depends on {first}"),
        None => String::new(),
    };
    let (address, number) = (source.address, index + 1);
    let unknown = Unknown {
        name: format!("{address}.{name}"),
        why: format!(
            "`{name}` in statement {number} of `{address}` is known only after apply{hangs}"
        ),
        line: 0,
        of: None,
    };
    Node::new(0, Value::Unknown(unknown))
}

/// The known values, and one that is not known if there is any such.
fn values(of: &Of<'_>, name: &str, known: Option<&Node>, open: Option<&Node>) -> Vec<Node> {
    let items = known.map_or(&[][..], Node::each);
    let mut values: Vec<Node> = items
        .iter()
        .filter_map(Node::known)
        .map(|text| Node::text(0, text))
        .collect();
    if values.len() < items.len() || open.is_some_and(any_true) {
        values.push(unknown(of, name));
    }
    values
}

/// `Principal` of its blocks: a map from type to identifiers, or a star for anybody.
fn principals(of: &Of<'_>, name: &str, blocks: Option<&Node>, open: Option<&Node>) -> Option<Node> {
    let blocks = blocks.map_or(&[][..], Node::items);
    let opened = open.map_or(&[][..], Node::items);
    if blocks.is_empty() {
        return open.is_some_and(any_true).then(|| unknown(of, name));
    }
    let mut members: Vec<Member> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let open = opened.get(at).and_then(|open| open.get("identifiers"));
        let values = values(of, name, block.get("identifiers"), open);
        let kind = match block.get("type").and_then(Node::known) {
            Some("*") => "AWS",
            Some(kind) => kind,
            None => return Some(unknown(of, name)),
        };
        match members.iter_mut().find(|member| member.key == kind) {
            Some(Member {
                node:
                    Node {
                        value: Value::List(known),
                        ..
                    },
                ..
            }) => known.extend(values),
            _ => members.push(member(kind, Node::new(0, Value::List(values)))),
        }
    }
    Some(Node::new(0, Value::Map(members)))
}

/// `Condition` of its blocks: operators with keys with values.
fn conditions(of: &Of<'_>, blocks: Option<&Node>, open: Option<&Node>) -> Option<Node> {
    let blocks = blocks.map_or(&[][..], Node::items);
    let opened = open.map_or(&[][..], Node::items);
    if blocks.is_empty() {
        return open.is_some_and(any_true).then(|| unknown(of, "condition"));
    }
    let mut operators: Vec<Member> = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let text = |name: &str| block.get(name).and_then(Node::known);
        let (Some(test), Some(key)) = (text("test"), text("variable")) else {
            return Some(unknown(of, "condition"));
        };
        let open = opened.get(at).and_then(|open| open.get("values"));
        let values = values(of, "condition", block.get("values"), open);
        let values = member(key, Node::new(0, Value::List(values)));
        match operators.iter_mut().find(|member| member.key == test) {
            Some(Member {
                node:
                    Node {
                        value: Value::Map(keys),
                        ..
                    },
                ..
            }) => match keys.iter_mut().find(|member| member.key == key) {
                // Terraform joins the values of one key.
                Some(Member {
                    node:
                        Node {
                            value: Value::List(known),
                            ..
                        },
                    ..
                }) => {
                    if let Value::List(more) = values.node.value {
                        known.extend(more);
                    }
                }
                _ => keys.push(values),
            },
            _ => operators.push(member(test, Node::new(0, Value::Map(vec![values])))),
        }
    }
    Some(Node::new(0, Value::Map(operators)))
}
