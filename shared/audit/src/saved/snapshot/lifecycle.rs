//! Lifecycle rules: which objects of a bucket do they reach, and what do they do to them?

use super::json::{Section, Value};
use crate::resources::LifecycleRule;

const EXPECTED: &str = "what `aws s3api get-bucket-lifecycle-configuration` prints";

/// What of a rule is no action. Everything else may change objects, whatever AWS will call it.
const NO_ACTION: [&str; 4] = ["ID", "Status", "Prefix", "Filter"];
/// The action that changes no object.
const ABORT: &str = "AbortIncompleteMultipartUpload";
const EXPIRATION: &str = "Expiration";
const ACTIONS: [&str; 7] = [
    ABORT,
    EXPIRATION,
    "Transition",
    "Transitions",
    "NoncurrentVersionExpiration",
    "NoncurrentVersionTransition",
    "NoncurrentVersionTransitions",
];
/// What narrows a filter besides the prefix.
const NARROWING: [&str; 4] = ["Tag", "Tags", "ObjectSizeGreaterThan", "ObjectSizeLessThan"];

/// The rules.
pub(super) fn read(value: &Value<'_, '_>) -> Option<Vec<LifecycleRule>> {
    let printed = value.printed(
        &["Rules"],
        &["TransitionDefaultMinimumObjectSize"],
        EXPECTED,
    )?;
    let rules = printed.required("Rules", EXPECTED)?.items(EXPECTED)?;
    rules.iter().map(rule).collect()
}

fn rule(value: &Value<'_, '_>) -> Option<LifecycleRule> {
    let fields = value.printed(&NO_ACTION, &ACTIONS, EXPECTED)?;
    let text = |section: &Section<'_, '_>, key| match section.get(key) {
        Some(value) => value.text("a text"),
        None => Some(Box::default()),
    };
    let mut prefix = text(&fields, "Prefix")?;
    let mut is_narrowed = false;
    // An empty filter reaches everything.
    if let Some(filter) = fields.get("Filter").filter(|filter| !filter.is_nothing()) {
        let known = ["Prefix", "And"];
        let filter = filter.printed(&known, &NARROWING, EXPECTED)?;
        let and = match filter.get("And") {
            Some(and) => Some(and.printed(&["Prefix"], &NARROWING, EXPECTED)?),
            None => None,
        };
        for section in std::iter::once(&filter).chain(and.as_ref()) {
            if section.get("Prefix").is_some() {
                prefix = text(section, "Prefix")?;
            }
            is_narrowed |= NARROWING.iter().any(|key| section.get(key).is_some());
        }
    }
    const MARKER: &str = "ExpiredObjectDeleteMarker";
    let removes_only_markers = match fields.get(EXPIRATION) {
        Some(expiration) => {
            let expiration = expiration.printed(&[MARKER], &["Date", "Days"], EXPECTED)?;
            let removes: Option<bool> = match expiration.get(MARKER) {
                Some(marker) => Some(marker.read("true or false")?),
                None => None,
            };
            removes == Some(true) && expiration.keys().all(|key| key == MARKER)
        }
        None => false,
    };
    let mut keys = fields.keys();
    let only_removes_markers =
        removes_only_markers && keys.all(|key| NO_ACTION.contains(&key) || key == EXPIRATION);
    Some(LifecycleRule {
        only_removes_markers,
        id: text(&fields, "ID")?,
        is_enabled: is_enabled(&fields)?,
        prefix,
        is_narrowed,
        only_aborts_uploads: fields.keys().all(|key| {
            NO_ACTION.contains(&key) || key == ABORT || (key == EXPIRATION && removes_only_markers)
        }),
    })
}

/// Whether a rule of S3 is on.
pub(super) fn is_enabled(rule: &Section<'_, '_>) -> Option<bool> {
    const EXPECTED: &str = "`Enabled` or `Disabled`";
    let status = rule.required("Status", EXPECTED)?;
    match &*status.text(EXPECTED)? {
        "Enabled" => Some(true),
        "Disabled" => Some(false),
        other => {
            status.mistake(format!("`{other}` is no status: expected {EXPECTED}"));
            None
        }
    }
}
