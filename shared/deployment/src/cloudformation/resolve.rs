//! Functions: what does `Fn::Sub`, `Ref` or `Fn::If` come to, as far as the template says?
//!
//! In: a node with functions in it. Out: one without; what the deployment alone can settle is unknown, with the reason, a
//! piece of a text where the rest is known. Each function has a module of its own only where it is long.

use super::template::{Template, unknown};
use crate::node::{Member, Node, Text, Value};

/// So many steps are taken in one template; more are a trap.
const MOST_STEPS: usize = 2_000_000;
/// No text of a policy is longer.
const LONGEST: usize = 1 << 16;
/// So deep may one name hang on another.
const DEEPEST: usize = 40;

impl Template<'_> {
    /// The same value without functions.
    pub(crate) fn resolve(&self, node: &Node) -> Node {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > MOST_STEPS || self.depth.get() > DEEPEST {
            let why = "the functions of the template lead too far";
            return Node::new(node.line, Value::Unknown(unknown("?", why, node.line)));
        }
        let value = match &node.value {
            Value::Scalar(text) => Value::Scalar(looked_up(text.clone(), node.line)),
            Value::List(items) => {
                let items = items.iter().map(|item| self.resolve(item));
                Value::List(items.filter(|item| item.value != Value::Nothing).collect())
            }
            Value::Map(members) => match self.function(node) {
                Some(value) => value,
                None => {
                    let members = members.iter().map(|member| Member {
                        key: member.key.clone(),
                        node: self.resolve(&member.node),
                    });
                    let there = members.filter(|member| member.node.value != Value::Nothing);
                    Value::Map(there.collect())
                }
            },
            Value::Null | Value::Nothing | Value::Unknown(_) | Value::Either(..) => {
                node.value.clone()
            }
        };
        Node::new(node.line, value)
    }

    fn function(&self, node: &Node) -> Option<Value> {
        let member = node.only()?;
        let (line, argument) = (node.line, &member.node);
        Some(match member.key.as_str() {
            "Ref" => match argument.known() {
                Some(name) => self.reference(name, line),
                None => malformed("Ref", line),
            },
            "Fn::GetAtt" => self.attribute_of(argument, line),
            "Fn::Sub" => self.substitute(argument, line),
            "Fn::Join" => self.join(argument, line),
            "Fn::Select" => self.select(argument, line),
            "Fn::Split" => self.split(argument, line),
            "Fn::FindInMap" => self.find_in_map(argument, line),
            "Fn::If" => self.choose(argument, line),
            name if name.starts_with("Fn::") => {
                let why = format!("`{name}` is followed only when it is deployed");
                Value::Unknown(unknown(name, why, line))
            }
            _ => return None,
        })
    }

    pub(super) fn text(&self, texts: Vec<Text>, line: usize) -> Value {
        let text = looked_up(Text::concat(texts), line);
        let length = text.to_string().len();
        // A long text is many steps: names in names could double it each time.
        self.steps.set(self.steps.get() + length / 16);
        if length > LONGEST {
            let why = "the text gets too long to be in a policy";
            return Value::Unknown(unknown("?", why, line));
        }
        Value::Scalar(text)
    }
}

/// A text without `{{resolve:…}}`, which is fetched when it is deployed: each is a piece that is not known.
///
/// One without an end stays, since what it is joined with may end it.
pub(super) fn looked_up(text: Text, line: usize) -> Text {
    const START: &str = "{{resolve:";
    let mut texts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_at_known(START) {
        let Some((name, behind)) = after.split_at_known("}}") else {
            texts.extend([before, START.into(), after]);
            return Text::concat(texts);
        };
        let why = format!("`{START}{name}}}}}` is looked up when it is deployed");
        let piece = unknown(&format!("resolve:{name}"), why, line);
        texts.extend([before, piece.into()]);
        rest = behind;
    }
    texts.push(rest);
    Text::concat(texts)
}

/// A function that is not written as it must be.
pub(super) fn malformed(name: &str, line: usize) -> Value {
    let why = format!("`{name}` is not written as it must be, so nobody knows what it gives");
    Value::Unknown(unknown(name, why, line))
}

/// A value as a piece of a text.
pub(super) fn into_text(value: Value, name: &str, line: usize) -> Text {
    match value {
        Value::Scalar(text) => text,
        Value::Unknown(why) | Value::Either(_, why) => why.into(),
        // A list of parameters in a text stands there with commas.
        Value::List(items) => {
            let known: Option<Vec<&str>> = items.iter().map(Node::known).collect();
            match known {
                Some(known) => known.join(",").into(),
                None => unknown(name, "a list of which not all is known", line).into(),
            }
        }
        Value::Null | Value::Nothing | Value::Map(_) => {
            unknown(name, format!("`{name}` is no text"), line).into()
        }
    }
}
