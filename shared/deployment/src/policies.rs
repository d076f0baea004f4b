//! Policy documents on their own: what may a principal do that has exactly these policies?
//!
//! One document, or a JSON list of them, as `permdrift catalog policy` prints if one would be too long. The principal is a
//! placeholder, so the context keys that depend on it are unknown.

use std::path::Path;
use std::sync::Arc;

use iam::Document;
use iam::inventory::{Fault, PolicyText};
use iam::policy::validate::{DocumentKind, validate};

use crate::assembly::{Assembly, Holder, NewPrincipal};
use crate::node::{Node, Value};
use crate::{Account, Deployment, Form, Options, Position, ReadError, document};

/// Every context key that follows from who asks.
const FOLLOWS: [&str; 8] = [
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalType",
    "aws:PrincipalTag/",
    "aws:PrincipalIsAWSService",
    "aws:username",
    "aws:userid",
    "aws:TokenIssueTime",
];

/// The deployment of one principal with these policies.
pub(crate) fn read(
    name: &str,
    text: &str,
    root: &Node,
    account: Account,
    options: &Options<'_>,
) -> Result<Deployment, ReadError> {
    let mut assembly = Assembly::new(name, account, "aws", options);
    let file = Path::new(name).file_stem();
    let id = file.map_or_else(
        || name.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    let mut principal = NewPrincipal::new(options.kind, root.line);
    principal.unsettled = FOLLOWS.into_iter().map(Box::from).collect();
    assembly.principals.insert(id.clone(), principal);
    let at = document::FileName(name);
    let several = matches!(root.value, Value::List(_));
    for (index, node) in root.each().iter().enumerate() {
        let parsed = if !several && text.trim_start().starts_with('{') {
            // Straight from the text, so that the place is exact.
            let parsed = Document::parse(text).map_err(refusal)?;
            refuse(validate(text, DocumentKind::Inline))?;
            parsed
        } else {
            let parsed = document::identity(node, at).map_err(|fault| {
                let place = format!("{name}:{}: ", node.line);
                let reason = fault.reason.strip_prefix(&place).unwrap_or(&fault.reason);
                ReadError::Policy {
                    place: Position {
                        line: node.line,
                        column: 0,
                    },
                    reason: reason.to_owned(),
                }
            })?;
            refuse(document::refused(node, DocumentKind::Inline))?;
            parsed
        };
        let document: PolicyText = Arc::new(Ok(parsed));
        if let Ok(document) = document.as_ref() {
            assembly
                .notes
                .extend(document.notes.iter().map(ToString::to_string));
        }
        let label: Box<str> = match several {
            true => format!("{name} ({})", index + 1).into(),
            false => name.into(),
        };
        assembly.write_into(Holder::Principal(&id), label, document);
    }
    assembly.finish(Form::Policy)
}

fn refusal(fault: Fault) -> ReadError {
    ReadError::Policy {
        place: position(&fault),
        reason: fault.reason.into(),
    }
}

fn position(fault: &Fault) -> Position {
    Position {
        line: fault.line,
        column: fault.column,
    }
}

/// All that IAM refuses, as one answer.
fn refuse(faults: Vec<Fault>) -> Result<(), ReadError> {
    let mut faults = faults.into_iter();
    let Some(mut first) = faults.next() else {
        return Ok(());
    };
    let others = faults.map(|fault| format!("; {}: {}", position(&fault), fault.reason));
    let others: String = others.collect();
    first.reason = format!("{}{others}", first.reason).into();
    Err(refusal(first))
}
