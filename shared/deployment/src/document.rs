//! Documents: what does a policy say if parts of it are not known before deployment?
//!
//! In: a policy document or trust policy as nodes. Out: the parsed document, in which every statement that depends on an
//! unknown part has a doubt; or a fault if it is no policy, or unknown as a whole. A statement with an unknown part is split:
//! the certain part stays in its place, the rest follows at the end of the document under the statement's name.

mod parts;
mod reason;
mod refused;

use iam::Document;
use iam::inventory::Fault;
use iam::policy::Doubt;
use iam::trust::TrustPolicy;

use crate::node::{Member, Node, Unknown, Value};
pub(crate) use reason::FileName;
pub(crate) use refused::refused;

use parts::Grammar;
use reason::doubt;

/// A document of an identity or a boundary.
///
/// # Errors
/// What is wrong with it, or why nobody knows it, with the place.
pub(crate) fn identity(node: &Node, at: FileName<'_>) -> Result<Document, Fault> {
    let rendered = render(node, at, Grammar::Identity)?;
    let mut document =
        Document::parse(&rendered.text).map_err(|fault| at.fault(node.line, &fault.reason))?;
    for (statement, doubt) in document.statements.iter_mut().zip(rendered.doubts) {
        statement.doubt = doubt;
    }
    Ok(document)
}

/// A trust policy.
///
/// # Errors
/// As [`identity`].
pub(crate) fn trust(node: &Node, at: FileName<'_>) -> Result<TrustPolicy, Fault> {
    let rendered = render(node, at, Grammar::Trust)?;
    let mut policy =
        TrustPolicy::parse(&rendered.text).map_err(|fault| at.fault(node.line, &fault.reason))?;
    for (statement, doubt) in policy.statements.iter_mut().zip(rendered.doubts) {
        statement.doubt = doubt;
    }
    Ok(policy)
}

/// The same document, if nobody knows whether it will be there at all.
pub(crate) fn in_doubt(document: &Document, unknown: &Unknown, at: FileName<'_>) -> Document {
    let mut document = document.clone();
    for statement in &mut document.statements {
        statement.doubt = Some(doubt(unknown, at, Vec::new()));
    }
    document
}

/// The characters of a policy without white space, as IAM counts them; `None` where not all of it is known.
pub(crate) fn size(node: &Node) -> Option<usize> {
    if node.unknown().is_some() {
        return None;
    }
    let text = node.known().map_or_else(
        || {
            let mut text = String::new();
            write(node, &mut text);
            text
        },
        str::to_owned,
    );
    Some(
        text.chars()
            .filter(|letter| !letter.is_whitespace())
            .count(),
    )
}

/// A document in JSON, and for each of its statements what is in doubt.
struct Rendered {
    text: String,
    doubts: Vec<Option<Box<Doubt>>>,
}

fn render(node: &Node, at: FileName<'_>, grammar: Grammar) -> Result<Rendered, Fault> {
    let members = match &node.value {
        Value::Map(members) => members,
        Value::Scalar(text) => match text.unknown() {
            // A document as a text, as Terraform has them and CloudFormation takes them.
            None => {
                let inner = crate::json::read(text.known().unwrap_or_default());
                let inner = inner.map_err(|error| at.fault(node.line, &error.to_string()))?;
                let inner = on_line(inner, node.line);
                return match inner.value {
                    Value::Map(_) => render(&inner, at, grammar),
                    Value::Null
                    | Value::Scalar(_)
                    | Value::List(_)
                    | Value::Unknown(_)
                    | Value::Either(..)
                    | Value::Nothing => {
                        Err(at.fault(node.line, "a policy document must be a JSON object"))
                    }
                };
            }
            Some(unknown) => return Err(not_known(unknown, at)),
        },
        Value::Unknown(unknown) | Value::Either(_, unknown) => return Err(not_known(unknown, at)),
        Value::Null | Value::Nothing | Value::List(_) => {
            let what = format!(
                "a policy document must be a map, and this is {}",
                node.kind()
            );
            return Err(at.fault(node.line, &what));
        }
    };
    let mut head = Vec::new();
    let mut written = Vec::new();
    for member in members {
        match member.key.as_str() {
            "Statement" => gather(&member.node, None, at, &mut written)?,
            "Id" => {}
            _ => match member.node.unknown() {
                Some(unknown) => return Err(not_known(unknown, at)),
                None if !member.node.is_there() => {}
                None => head.push(member.clone()),
            },
        }
    }
    if !members.iter().any(|member| member.key == "Statement") {
        return Err(at.fault(node.line, "the policy document has no `Statement`"));
    }
    let mut parts = Vec::new();
    let mut rest = Vec::new();
    for (index, (statement, unknown)) in written.into_iter().enumerate() {
        let mut found = parts::of(statement, unknown, index, at, grammar)?.into_iter();
        parts.extend(found.next());
        rest.extend(found);
    }
    parts.append(&mut rest);
    let (statements, doubts) = parts.into_iter().unzip();
    head.push(Member {
        key: "Statement".to_owned(),
        node: Node::new(node.line, Value::List(statements)),
    });
    let mut text = String::new();
    write(&Node::new(node.line, Value::Map(head)), &mut text);
    Ok(Rendered { text, doubts })
}

fn not_known(unknown: &Unknown, at: FileName<'_>) -> Fault {
    at.fault(unknown.line, &unknown.why)
}

/// Gives every node one line: that of the text they were in.
fn on_line(node: Node, line: usize) -> Node {
    let value = match node.value {
        Value::List(items) => {
            Value::List(items.into_iter().map(|item| on_line(item, line)).collect())
        }
        Value::Map(members) => {
            let members = members.into_iter().map(|Member { key, node }| Member {
                key,
                node: on_line(node, line),
            });
            Value::Map(members.collect())
        }
        value => value,
    };
    Node { line, value }
}

/// The statements that are written, each with what makes it doubtful that it is there.
fn gather<'n>(
    node: &'n Node,
    unknown: Option<&'n Unknown>,
    at: FileName<'_>,
    into: &mut Vec<(&'n Node, Option<&'n Unknown>)>,
) -> Result<(), Fault> {
    match &node.value {
        Value::Nothing => Ok(()),
        Value::List(items) => items
            .iter()
            .try_for_each(|item| gather(item, unknown, at, into)),
        Value::Either(two, why) => two
            .iter()
            .try_for_each(|one| gather(one, unknown.or(Some(why)), at, into)),
        // It could be a Deny as well as an Allow.
        Value::Unknown(why) => Err(not_known(why, at)),
        Value::Map(_) | Value::Null | Value::Scalar(_) => {
            into.push((node, unknown));
            Ok(())
        }
    }
}

/// JSON of what is known to the end; keys that were given twice are so again, for whoever reads it to refuse.
fn write(node: &Node, out: &mut String) {
    match &node.value {
        Value::Scalar(text) => out.push_str(&quoted(&text.to_string())),
        Value::List(items) => {
            out.push('[');
            let mut items = items.iter().filter(|item| item.value != Value::Nothing);
            if let Some(first) = items.next() {
                write(first, out);
            }
            for item in items {
                out.push(',');
                write(item, out);
            }
            out.push(']');
        }
        Value::Map(members) => {
            out.push('{');
            let mut comma = false;
            for member in members {
                if member.node.value == Value::Nothing {
                    continue;
                }
                if std::mem::replace(&mut comma, true) {
                    out.push(',');
                }
                out.push_str(&quoted(&member.key));
                out.push(':');
                write(&member.node, out);
            }
            out.push('}');
        }
        Value::Null | Value::Nothing | Value::Unknown(_) | Value::Either(..) => {
            out.push_str("null");
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
