//! Refusals: what of a policy document does IAM refuse, and on which line?
//!
//! In: a policy document or trust policy as nodes. Out: what [`iam::policy::validate`] finds in it, each with its line in the
//! file. Where a value is not known before deployment, one that IAM accepts stands in its place, so it is never refused. The
//! line of a document that is one text is that of the text.

use iam::inventory::Fault;
use iam::policy::validate::{DocumentKind, validate};

use crate::node::{Node, Value};

/// Everything for which IAM refuses a document; the line of each is one of the file.
pub(crate) fn refused(node: &Node, kind: DocumentKind) -> Vec<Fault> {
    if is_open(node) {
        return Vec::new();
    }
    if let Some(text) = node.known() {
        let faults = validate(text, kind).into_iter();
        return faults.map(|fault| on_line(fault, node.line)).collect();
    }
    let mut written = Written {
        kind,
        text: String::new(),
        lines: Vec::new(),
    };
    written.write(node, Element::Document);
    let faults = validate(&written.text, kind).into_iter();
    let placed = faults.map(|fault| {
        let line = written.line_at(fault.column.saturating_sub(1));
        on_line(fault, line.unwrap_or(node.line))
    });
    placed.collect()
}

fn on_line(fault: Fault, line: usize) -> Fault {
    Fault {
        line,
        column: 0,
        ..fault
    }
}

/// Whether it is not known what stands here.
fn is_open(node: &Node) -> bool {
    match &node.value {
        Value::Unknown(_) | Value::Either(..) => true,
        Value::Scalar(text) => text.unknown().is_some(),
        // A function beside other keys: nobody knows what it gives.
        Value::Map(members) => members.iter().any(|member| member.key.starts_with("Fn::")),
        Value::List(_) | Value::Null | Value::Nothing => false,
    }
}

/// What a value is part of.
#[derive(Clone, Copy)]
enum Element {
    Document,
    Statement,
    Principal,
    Condition,
    /// The keys of a condition operator.
    Operator,
    /// A text, or texts, of which IAM accepts this one.
    Text(&'static str),
}

impl Element {
    fn member(self, key: &str) -> Self {
        match (self, key) {
            (Self::Document, "Statement") => Self::Statement,
            (Self::Document, "Version") => Self::Text("2012-10-17"),
            (Self::Statement, "Effect") => Self::Text("Allow"),
            (Self::Statement, "Action" | "NotAction") => Self::Text("sts:AssumeRole"),
            (Self::Statement, "Resource" | "NotResource") | (Self::Principal, "AWS") => {
                Self::Text("*")
            }
            (Self::Statement, "Principal" | "NotPrincipal") => Self::Principal,
            (Self::Statement, "Condition") => Self::Condition,
            (Self::Principal, "Service") => Self::Text("ec2.amazonaws.com"),
            (Self::Principal | Self::Operator, _) => Self::Text("any"),
            (Self::Condition, _) => Self::Operator,
            (Self::Text(accepted), _) => Self::Text(accepted),
            (Self::Document | Self::Statement, _) => Self::Text(""),
        }
    }

    /// JSON that IAM accepts here.
    fn accepted(self, kind: DocumentKind) -> String {
        match (self, kind) {
            (Self::Statement, DocumentKind::Trust) => {
                r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}"#.to_owned()
            }
            (
                Self::Statement,
                DocumentKind::Inline | DocumentKind::Managed | DocumentKind::ServiceControl,
            ) => r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned(),
            (Self::Principal, _) => r#""*""#.to_owned(),
            (Self::Document | Self::Condition | Self::Operator, _) => "{}".to_owned(),
            (Self::Text(accepted), _) => quoted(accepted),
        }
    }
}

/// A document as JSON on one line, with the line of the file for each of its parts.
struct Written {
    kind: DocumentKind,
    text: String,
    /// Where a part begins in the text, and its line in the file.
    lines: Vec<(usize, usize)>,
}

impl Written {
    fn write(&mut self, node: &Node, element: Element) {
        self.lines.push((self.text.len(), node.line));
        match &node.value {
            _ if is_open(node) => self.text.push_str(&element.accepted(self.kind)),
            Value::Scalar(text) => self.text.push_str(&quoted(&text.to_string())),
            Value::List(items) => {
                self.text.push('[');
                let there = items.iter().filter(|item| item.value != Value::Nothing);
                for (number, item) in there.enumerate() {
                    self.comma(number);
                    self.write(item, element);
                }
                self.text.push(']');
            }
            Value::Map(members) => {
                self.text.push('{');
                let there = members.iter().filter(|member| member.node.is_there());
                for (number, member) in there.enumerate() {
                    self.comma(number);
                    self.lines.push((self.text.len(), member.node.line));
                    self.text.push_str(&quoted(&member.key));
                    self.text.push(':');
                    self.write(&member.node, element.member(&member.key));
                }
                self.text.push('}');
            }
            Value::Null | Value::Nothing | Value::Unknown(_) | Value::Either(..) => {
                self.text.push_str("null");
            }
        }
    }

    fn comma(&mut self, number: usize) {
        if number > 0 {
            self.text.push(',');
        }
    }

    /// The line of the part in which an offset of the text is.
    fn line_at(&self, offset: usize) -> Option<usize> {
        let after = self.lines.partition_point(|&(start, _)| start <= offset);
        let (_, line) = self.lines.get(after.checked_sub(1)?)?;
        Some(*line)
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
