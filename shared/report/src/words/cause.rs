//! Causes as text: why an action is denied or undetermined, and what to do about it.
//!
//! In: a cause. Out: one part of a sentence, the same in every format. Names from the account are plain.

use std::collections::BTreeSet;

use audit::settings::Owners;
use iam::{Cause, Layer, StatementRef};

use crate::words::masked;
use crate::words::plain::plain;

/// Why, as a sentence without its full stop.
#[must_use]
pub fn why(cause: &Cause) -> String {
    match cause {
        Cause::AllowedBy(None) => "allowed".to_owned(),
        Cause::AllowedBy(Some(by)) => format!("allowed by {}", statement(by)),
        Cause::DeniedBy(by) => format!("denied by {}", statements(by)),
        Cause::DeniedInLayer(layer) => format!("denied explicitly in {}", the(*layer)),
        Cause::NotAllowedIn(layers) => {
            let layers: Vec<String> = layers.iter().map(|layer| the(*layer)).collect();
            match layers.as_slice() {
                [] => "not allowed by any layer".to_owned(),
                layers => format!("not allowed by {}", layers.join(", nor by ")),
            }
        }
        Cause::AllowedOnlyOn { by, resources } => format!(
            "allowed on {} only, by {}",
            masked::resources(resources.iter().map(AsRef::as_ref)),
            statements(by)
        ),
        Cause::DeniedOn { by, resources } => format!(
            "allowed, but denied on {} by {}",
            masked::resources(resources.iter().map(AsRef::as_ref)),
            statements(by)
        ),
        Cause::MissingContext { by } if by.is_empty() => {
            "depends on a context value that is not given".to_owned()
        }
        Cause::MissingContext { by } => {
            format!(
                "depends on a context value that is not given: {}",
                statements(by)
            )
        }
        Cause::NotChecked { policy, .. } => {
            format!("{} not checked", plain(policy))
        }
        Cause::Unreadable {
            layer,
            policy,
            reason,
        } => format!(
            "{} ({layer}) cannot be read: {}",
            plain(policy),
            plain(reason)
        ),
        Cause::CannotEvaluate { by, reason } => {
            format!("{} cannot be evaluated: {}", statement(by), plain(reason))
        }
        Cause::NoAnswer { reason } => format!("the simulator gave no answer: {}", plain(reason)),
    }
}

/// As [`why`], for a decision that depends on these context keys.
#[must_use]
pub fn why_unknown(cause: &Cause, keys: &BTreeSet<Box<str>>) -> String {
    match cause {
        Cause::MissingContext { by } if !keys.is_empty() => {
            let keys = list(keys.iter().map(AsRef::as_ref));
            let by = match by.is_empty() {
                true => String::new(),
                false => format!(": {}", statements(by)),
            };
            format!("depends on {keys}, which is not known{by}")
        }
        Cause::AllowedBy(_)
        | Cause::DeniedBy(_)
        | Cause::DeniedInLayer(_)
        | Cause::NotAllowedIn(_)
        | Cause::AllowedOnlyOn { .. }
        | Cause::DeniedOn { .. }
        | Cause::MissingContext { .. }
        | Cause::Unreadable { .. }
        | Cause::NotChecked { .. }
        | Cause::CannotEvaluate { .. }
        | Cause::NoAnswer { .. } => why(cause),
    }
}

/// As [`remedy`], for a decision that depends on these context keys.
#[must_use]
pub fn remedy_unknown(cause: &Cause, keys: &BTreeSet<Box<str>>) -> String {
    let regions = |key: &str| key.eq_ignore_ascii_case("aws:RequestedRegion");
    let context: Vec<String> = keys
        .iter()
        .filter(|key| !regions(key))
        .map(|key| format!("`\"{}\" = \"...\"`", plain(key)))
        .collect();
    let mut advice = Vec::new();
    if keys.iter().any(|key| regions(key)) {
        advice.push(
            "Name the regions: `regions` in the settings, or the tag of that name.".to_owned(),
        );
    }
    if !context.is_empty() {
        advice.push(format!(
            "Give the value that requests carry under [context] in the settings: {}; [] if they never carry it.",
            context.join(" and ")
        ));
    }
    if advice.is_empty() {
        remedy(cause, None)
    } else {
        advice.join(" ")
    }
}

/// Whether a policy of the principal, and so `permdrift fix`, may help.
#[must_use]
pub fn is_helped_by_policy(cause: &Cause) -> bool {
    matches!(cause, Cause::NotAllowedIn(layers) if layers.contains(&Layer::Identity))
}

/// What to do, as a sentence for the owner of the layer. `command` prints a policy; it is named only if a policy may help.
#[must_use]
pub fn remedy(cause: &Cause, command: Option<&str>) -> String {
    match cause {
        Cause::AllowedBy(_) => "Nothing.".to_owned(),
        Cause::DeniedOn { .. } => "Nothing, unless Veeam uses these resources.".to_owned(),
        Cause::DeniedBy(by) if by.len() == 1 => "Exempt this principal from that statement.".to_owned(),
        Cause::DeniedBy(_) => "Exempt this principal from those statements.".to_owned(),
        Cause::DeniedInLayer(layer) => {
            format!("Find the statement in {} that denies, and exempt this principal.", the(*layer))
        }
        Cause::NotAllowedIn(layers) => {
            let what = match layers.as_slice() {
                [Layer::Identity] => "a policy of this principal".to_owned(),
                [layer] => the(*layer),
                _ => "each of these".to_owned(),
            };
            let hint = command
                .filter(|_| is_helped_by_policy(cause))
                .map_or_else(String::new, |command| format!("; `{command}` prints it"));
            format!("Add what is missing to {what}{hint}.")
        }
        Cause::AllowedOnlyOn { .. } => {
            "Declare the scope in a tag or in the settings, so that it is checked against the real resources.".to_owned()
        }
        Cause::MissingContext { .. } => {
            "Give the value that requests carry under [context] in the settings, or [] if they never carry the key.".to_owned()
        }
        Cause::NotChecked { .. } => {
            "Give the audit what this layer says (docs/tasks/put-together-a-snapshot.md), or do not require the layer.".to_owned()
        }
        Cause::Unreadable { .. } => "Correct the policy document, or fetch the listing again with all policies (without `--filter`).".to_owned(),
        Cause::CannotEvaluate { .. } => "Correct the statement, or write a value that is known before deployment in it (such as the bucket's name in place of a reference).".to_owned(),
        Cause::NoAnswer { reason } if reason.contains("AccessDenied") => {
            "Allow iam:SimulatePrincipalPolicy to whoever audits: `permdrift print-policy` prints all that an audit needs.".to_owned()
        }
        Cause::NoAnswer { .. } => "Run the audit again.".to_owned(),
    }
}

/// Who owns a layer, as the settings say.
#[must_use]
pub fn owner(layer: Layer, owners: &Owners) -> Option<&str> {
    match layer {
        Layer::Identity => owners.identity.as_deref(),
        Layer::Boundary => owners.boundary.as_deref(),
        Layer::Session => None,
        Layer::ServiceControl { .. } | Layer::ResourceControl { .. } => owners.scp.as_deref(),
        Layer::Resource | Layer::Grant => owners.resource.as_deref(),
        // The settings do not say who owns an endpoint.
        Layer::Endpoint => None,
    }
}

/// Who owns a layer in most companies, where the settings do not say.
#[must_use]
pub fn usual_owner(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "whoever administers IAM in this account",
        Layer::Boundary => {
            "whoever sets permissions boundaries, in most companies the security team"
        }
        Layer::Session => "whoever starts the session",
        Layer::ServiceControl { .. } | Layer::ResourceControl { .. } => {
            "whoever administers the organization"
        }
        Layer::Resource | Layer::Grant => "whoever owns the resource",
        Layer::Endpoint => "whoever administers the network",
    }
}

/// The owners of the blocking layers, each once.
#[must_use]
pub fn owners_of<'o>(cause: &Cause, owners: &'o Owners) -> Vec<&'o str> {
    let mut found: Vec<&str> = cause
        .layers()
        .into_iter()
        .filter_map(|layer| owner(layer, owners))
        .collect();
    found.dedup();
    found
}

fn the(layer: Layer) -> String {
    match layer {
        Layer::Identity => "the identity policies".to_owned(),
        Layer::Boundary => "the permissions boundary".to_owned(),
        Layer::Session => "the session policy".to_owned(),
        Layer::ServiceControl { level: None } => "the SCPs".to_owned(),
        Layer::ServiceControl { level: Some(0) } => "the SCPs of the root".to_owned(),
        Layer::ServiceControl { level: Some(level) } => format!("the SCPs of level {level}"),
        Layer::ResourceControl { level: None } => "the RCPs".to_owned(),
        Layer::ResourceControl { level: Some(0) } => "the RCPs of the root".to_owned(),
        Layer::ResourceControl { level: Some(level) } => format!("the RCPs of level {level}"),
        Layer::Resource => "the resource policy".to_owned(),
        Layer::Grant => "the grants".to_owned(),
        Layer::Endpoint => "the endpoint policy".to_owned(),
    }
}

fn statement(at: &StatementRef) -> String {
    // The policy or its file is named, so nobody has to count levels.
    let layer = match at.layer {
        Layer::ServiceControl { .. } => Layer::ServiceControl { level: None },
        Layer::ResourceControl { .. } => Layer::ResourceControl { level: None },
        other @ (Layer::Identity
        | Layer::Boundary
        | Layer::Session
        | Layer::Resource
        | Layer::Grant
        | Layer::Endpoint) => other,
    };
    format!("{} ({layer})", plain(&at.to_string()))
}

fn statements(by: &[StatementRef]) -> String {
    let by: Vec<String> = by.iter().map(statement).collect();
    by.join("; ")
}

/// Texts made plain and joined with commas.
pub(crate) fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<_> = texts.map(plain).collect();
    texts.join(", ")
}
