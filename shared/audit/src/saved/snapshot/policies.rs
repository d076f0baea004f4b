//! Policies: a document that stands as a text, as an object, or as a command printed it.
//!
//! In: a value. Out: a [`PolicyText`]. A document that cannot be understood is one with a fault, so that what hangs on it is
//! undetermined, and the rest of the file is read.

use std::sync::Arc;

use iam::Document;
use iam::inventory::{Fault, PolicyText};

use super::json::Value;

/// How a document of a kind is read.
pub(super) type Parse = fn(&str) -> Result<Document, Fault>;

const EXPECTED: &str = "a policy: what the command prints, with the document in `Policy`";

/// A document, which a command printed in `Policy`. A document itself is taken as well.
pub(super) fn printed(value: &Value<'_, '_>) -> Option<PolicyText> {
    let section = value.printed(&["Policy"], &[], EXPECTED)?;
    let document = match section.get("Policy") {
        Some(document) => document,
        None if section.get("Statement").is_some() => value,
        None => section.required("Policy", EXPECTED)?,
    };
    Some(parse(document, Document::parse_resource_policy))
}

/// A document that stands as a text or as an object.
pub(super) fn parse(document: &Value<'_, '_>, parse: Parse) -> PolicyText {
    let text = match document.json.starts_with('"') {
        true => serde_json::from_str::<String>(document.json).ok(),
        false => None,
    };
    let parsed = match &text {
        // Escapes stand between the text and the file: where the text begins is near enough.
        Some(text) => parse(text).map_err(|fault| document.lift(fault, text)),
        None => parse(document.json).map_err(|fault| document.lift(fault, document.json)),
    };
    Arc::new(parsed)
}
