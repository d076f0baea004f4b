//! Parts of a statement: which part is certain, and which depends on something unknown?
//!
//! One statement becomes one or more, which together say what it says: with its known actions on its known resources for
//! certain, and with the others in doubt. A pattern of which a piece is open stands as the widest that it can become.

use iam::inventory::Fault;
use iam::policy::{Doubt, STATEMENT_ELEMENTS};

use super::reason::{FileName, doubt};
use crate::node::{Member, Node, Text, Unknown, Value};

/// Which grammar a document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    Identity,
    Trust,
}

/// A statement that is known to the end, and what is in doubt of it.
type Part = (Node, Option<Box<Doubt>>);

/// The values of one element, by what is known of them.
#[derive(Default)]
struct Values {
    known: Vec<String>,
    /// Open in some piece: the widest pattern, and how people wrote it.
    partial: Vec<(String, String)>,
    /// Open as a whole, or perhaps not there.
    open: Vec<String>,
    /// Why of the first of each.
    partial_why: Option<Unknown>,
    open_why: Option<Unknown>,
    /// Something that is no text: left for the grammar to refuse.
    odd: bool,
}

/// One way to fill an element: its node, why it is in doubt, and how people wrote it where only a piece is open.
struct Alternative {
    node: Node,
    why: Option<Unknown>,
    shown: Vec<Box<str>>,
}

/// An element with all its alternatives.
struct Element {
    key: String,
    alternatives: Vec<Alternative>,
}

/// The parts of a statement; `outer` is what makes it doubtful that the statement is there at all.
pub(super) fn of(
    statement: &Node,
    outer: Option<&Unknown>,
    index: usize,
    at: FileName<'_>,
    grammar: Grammar,
) -> Result<Vec<Part>, Fault> {
    let mut whole = outer.cloned().or_else(|| odd(statement));
    let mut plain = Vec::new();
    let mut elements = Vec::new();
    for member in statement.members() {
        let Member { key, node } = member;
        if node.value == Value::Nothing {
            continue;
        }
        match key.as_str() {
            "Action" | "Resource" => elements.push(Element {
                key: key.clone(),
                alternatives: alternatives(node),
            }),
            // What is open here is excluded or not: the statement reaches no further than without it.
            "NotAction" | "NotResource" => {
                let values = Values::of(node);
                let why = values.partial_why.clone().or(values.open_why.clone());
                match why {
                    None => plain.push(member.clone()),
                    Some(why) => {
                        whole.get_or_insert(why);
                        plain.push(excluded(key, node.line, values.known));
                    }
                }
            }
            "Principal" if grammar == Grammar::Trust => elements.push(Element {
                key: key.clone(),
                alternatives: principals(node),
            }),
            "Condition" => {
                let (node, why) = conditions(node);
                if let Some(why) = why {
                    whole.get_or_insert(why);
                }
                plain.extend(node.map(|node| Member {
                    key: key.clone(),
                    node,
                }));
            }
            "Sid" if node.unknown().is_some() => {}
            name if name.starts_with("Fn::") => {
                let what =
                    format!("`{name}` stands beside other keys, so nobody knows what it gives");
                return Err(at.fault(node.line, &what));
            }
            _ => match node.unknown() {
                Some(unknown) => return Err(at.fault(unknown.line, &unknown.why)),
                None => plain.push(member.clone()),
            },
        }
    }
    if statement.members().is_empty() {
        return Ok(vec![(statement.clone(), None)]);
    }
    let mut parts = Vec::new();
    combine(&elements, &mut Vec::new(), &mut |chosen| {
        let why = whole.as_ref().or_else(|| {
            chosen
                .iter()
                .find_map(|(_, alternative)| alternative.why.as_ref())
        });
        let doubtful = chosen
            .iter()
            .filter(|(_, alternative)| alternative.why.is_some());
        let shown = match doubtful.collect::<Vec<_>>().as_slice() {
            [("Resource", only)] if whole.is_none() => only.shown.clone(),
            _ => Vec::new(),
        };
        let mut members = plain.clone();
        members.extend(chosen.iter().map(|(key, alternative)| Member {
            key: (*key).to_owned(),
            node: alternative.node.clone(),
        }));
        if !parts.is_empty() && !members.iter().any(|member| member.key == "Sid") {
            members.push(Member {
                key: "Sid".to_owned(),
                node: Node::text(statement.line, (index + 1).to_string()),
            });
        }
        let doubt = why.map(|why| doubt(why, at, shown));
        parts.push((Node::new(statement.line, Value::Map(members)), doubt));
    });
    Ok(parts)
}

/// What IAM would not take of a statement, or nobody knows how: an element that there is not, or one that excludes nothing.
fn odd(statement: &Node) -> Option<Unknown> {
    let mut members = statement.members().iter();
    members.find_map(|Member { key, node }| {
        let why = match key.as_str() {
            "NotAction" | "NotResource" if matches!(&node.value, Value::List(items) if items.is_empty()) => {
                format!("`{key}` is an empty list, so nobody knows what the statement is about")
            }
            name if STATEMENT_ELEMENTS.contains(&name) || name.starts_with("Fn::") => return None,
            _ if !node.is_there() => return None,
            _ => format!(
                "`{key}` is no element of a statement, so nobody knows what the statement is meant to say"
            ),
        };
        Some(Unknown {
            name: key.clone(),
            why,
            line: node.line,
            of: None,
        })
    })
}

/// Calls with every choice of one alternative for each element.
fn combine<'e>(
    elements: &'e [Element],
    chosen: &mut Vec<(&'e str, &'e Alternative)>,
    with: &mut impl FnMut(&[(&'e str, &'e Alternative)]),
) {
    let Some((first, rest)) = elements.split_first() else {
        return with(chosen);
    };
    for alternative in &first.alternatives {
        chosen.push((&first.key, alternative));
        combine(rest, chosen, with);
        chosen.pop();
    }
}

/// A list of texts.
fn texts(line: usize, texts: Vec<String>) -> Node {
    let items = texts
        .into_iter()
        .map(|text| Node::new(line, Value::Scalar(Text::from(text))));
    Node::new(line, Value::List(items.collect()))
}

fn excluded(key: &str, line: usize, known: Vec<String>) -> Member {
    let (key, known) = match (key, known.is_empty()) {
        ("NotAction", true) => ("Action", vec!["*".to_owned()]),
        ("NotResource", true) => ("Resource", vec!["*".to_owned()]),
        (key, _) => (key, known),
    };
    Member {
        key: key.to_owned(),
        node: texts(line, known),
    }
}

fn alternatives(node: &Node) -> Vec<Alternative> {
    let values = Values::of(node);
    let mut alternatives = Vec::new();
    let nothing_open = values.partial.is_empty() && values.open.is_empty();
    if values.odd || nothing_open {
        return vec![Alternative {
            node: node.clone(),
            why: None,
            shown: Vec::new(),
        }];
    }
    if !values.known.is_empty() {
        alternatives.push(Alternative {
            node: texts(node.line, values.known),
            why: None,
            shown: Vec::new(),
        });
    }
    if !values.partial.is_empty() {
        let (widest, shown): (Vec<String>, Vec<String>) = values.partial.into_iter().unzip();
        alternatives.push(Alternative {
            node: texts(node.line, widest),
            why: values.partial_why,
            shown: shown.into_iter().map(Box::from).collect(),
        });
    }
    if !values.open.is_empty() {
        alternatives.push(Alternative {
            node: texts(node.line, values.open),
            why: values.open_why,
            shown: Vec::new(),
        });
    }
    alternatives
}

impl Values {
    fn of(node: &Node) -> Self {
        let mut values = Self::default();
        values.take(node, None);
        values
    }

    fn take(&mut self, node: &Node, perhaps: Option<&Unknown>) {
        match &node.value {
            Value::Nothing => {}
            Value::Scalar(text) => self.text(text, perhaps),
            Value::List(items) => items.iter().for_each(|item| self.take(item, perhaps)),
            Value::Either(two, why) => two
                .iter()
                .for_each(|one| self.take(one, perhaps.or(Some(why)))),
            Value::Unknown(why) => {
                self.open.push("*".to_owned());
                self.open_why.get_or_insert_with(|| why.clone());
            }
            Value::Map(_) | Value::Null => self.odd = true,
        }
    }

    fn text(&mut self, text: &Text, perhaps: Option<&Unknown>) {
        match (perhaps, text.unknown(), text.sole()) {
            (None, None, _) => self.known.extend(text.known().map(str::to_owned)),
            (None, Some(why), None) => {
                self.partial.push((text.widest(), text.to_string()));
                self.partial_why.get_or_insert_with(|| why.clone());
            }
            (Some(why), _, _) | (None, Some(_), Some(why)) => {
                self.open.push(text.widest());
                self.open_why.get_or_insert_with(|| why.clone());
            }
        }
    }
}

/// The conditions that are known, which all must hold; and the first thing that is not known of the others.
fn conditions(node: &Node) -> (Option<Node>, Option<Unknown>) {
    let Some(first) = node.unknown() else {
        return (Some(node.clone()), None);
    };
    let mut operators = Vec::new();
    for operator in node.members() {
        let keys = operator.node.members().iter();
        let known: Vec<Member> = keys
            .filter(|key| key.node.unknown().is_none())
            .cloned()
            .collect();
        if !known.is_empty() {
            operators.push(Member {
                key: operator.key.clone(),
                node: Node::new(operator.node.line, Value::Map(known)),
            });
        }
    }
    let known = (!operators.is_empty()).then(|| Node::new(node.line, Value::Map(operators)));
    (known, Some(first.clone()))
}

/// The principals that are known for certain, and anybody where some are not.
fn principals(node: &Node) -> Vec<Alternative> {
    let Some(first) = node.unknown() else {
        return vec![Alternative {
            node: node.clone(),
            why: None,
            shown: Vec::new(),
        }];
    };
    let mut known = Vec::new();
    for kind in node.members() {
        let values = Values::of(&kind.node);
        if !values.known.is_empty() {
            known.push(Member {
                key: kind.key.clone(),
                node: texts(kind.node.line, values.known),
            });
        }
    }
    let mut alternatives = Vec::new();
    if !known.is_empty() {
        alternatives.push(Alternative {
            node: Node::new(node.line, Value::Map(known)),
            why: None,
            shown: Vec::new(),
        });
    }
    alternatives.push(Alternative {
        node: Node::text(node.line, "*"),
        why: Some(first.clone()),
        shown: Vec::new(),
    });
    alternatives
}
