//! Causes in words: why is an action denied, or why does nobody know?
//!
//! One sentence fragment a cause, the same in every format, and what can be done about it. Foreign names in it are plain.

use audit::settings::Owners;
use iam::{Cause, Layer, StatementRef};

use crate::plain::plain;

/// Why, as a sentence without its full stop.
#[must_use]
pub fn why(cause: &Cause) -> String {
    match cause {
        Cause::AllowedBy(None) => "allowed".to_owned(),
        Cause::AllowedBy(Some(by)) => format!("allowed by {}", statement(by)),
        Cause::DeniedBy(by) => format!("denied by {}", statements(by)),
        Cause::DeniedInLayer(layer) => format!("denied explicitly in {}", the(*layer)),
        Cause::NotAllowedIn(layers) => match layers.as_slice() {
            [] => "nothing allows it".to_owned(),
            [layer] => format!("nothing in {} allows it", the(*layer)),
            [first, rest @ ..] => {
                let rest: Vec<String> = rest
                    .iter()
                    .map(|layer| format!("nor in {}", the(*layer)))
                    .collect();
                format!("nothing in {} {} allows it", the(*first), rest.join(" "))
            }
        },
        Cause::AllowedOnlyOn { by, resources } => format!(
            "allowed on {} only, by {}",
            list(resources.iter().map(AsRef::as_ref)),
            statements(by)
        ),
        Cause::MissingContext { by } if by.is_empty() => {
            "depends on context that nobody gave".to_owned()
        }
        Cause::MissingContext { by } => {
            format!("depends on context that nobody gave, by {}", statements(by))
        }
        Cause::Unreadable {
            layer,
            policy,
            reason,
        } => format!(
            "{} {} cannot be read: {}",
            the(*layer),
            plain(policy),
            plain(reason)
        ),
        Cause::CannotEvaluate { by, reason } => {
            format!("{} cannot be evaluated: {}", statement(by), plain(reason))
        }
        Cause::NoAnswer { reason } => format!("the simulator gave no answer: {}", plain(reason)),
    }
}

/// What to do about it, as a sentence; `set` is the action set that needs it, if one does.
#[must_use]
pub fn remedy(cause: &Cause, set: Option<&str>, owners: &Owners) -> String {
    match cause {
        Cause::AllowedBy(_) => "Nothing.".to_owned(),
        Cause::DeniedBy(by) => {
            let layers = cause.layers();
            let them = if by.len() == 1 { "that statement" } else { "those statements" };
            format!("{} to exempt this principal from {them}.", ask(&layers, owners))
        }
        Cause::DeniedInLayer(layer) => {
            format!("{} which statement denies, and to exempt this principal.", ask(&[*layer], owners))
        }
        Cause::NotAllowedIn(layers) => {
            let what = match layers.as_slice() {
                [Layer::Identity] => "a policy of this principal".to_owned(),
                [layer] => the(*layer),
                _ => "each of these".to_owned(),
            };
            let hint = set.filter(|_| layers.contains(&Layer::Identity)).map_or_else(String::new, |set| {
                format!("; `permdrift catalog policy {}` prints one", plain(set))
            });
            match owned(layers, owners) {
                Some(owner) => format!("Ask {owner} to add them to {what}{hint}."),
                None => format!("Have them added to {what}{hint}."),
            }
        }
        Cause::AllowedOnlyOn { .. } => {
            "Declare the scope in a tag or in the settings, so that it can be checked against the real resources.".to_owned()
        }
        Cause::MissingContext { .. } => {
            "Say under [context] in the settings what requests bear; an empty list says that they never bear the key. Regions are the tag veeam:regions or `regions`.".to_owned()
        }
        Cause::Unreadable { layer, .. } => format!("{} to mend the document.", ask(&[*layer], owners)),
        Cause::CannotEvaluate { by, .. } => format!("{} to mend the statement.", ask(&[by.layer], owners)),
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
        Layer::ServiceControl { .. } => owners.scp.as_deref(),
    }
}

/// The owners of the layers to blame, each once.
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

/// The owners of layers, as far as the settings name any.
fn owned(layers: &[Layer], owners: &Owners) -> Option<String> {
    let mut named: Vec<&str> = layers
        .iter()
        .filter_map(|layer| owner(*layer, owners))
        .collect();
    named.dedup();
    (!named.is_empty()).then(|| {
        let named: Vec<_> = named.into_iter().map(plain).collect();
        named.join(" and ")
    })
}

fn ask(layers: &[Layer], owners: &Owners) -> String {
    owned(layers, owners).map_or_else(
        || {
            let layers: Vec<String> = layers.iter().map(|layer| the(*layer)).collect();
            format!("Ask whoever owns {}", layers.join(" and "))
        },
        |owner| format!("Ask {owner}"),
    )
}

fn the(layer: Layer) -> String {
    match layer {
        Layer::Identity => "the identity policies".to_owned(),
        Layer::Boundary => "the permissions boundary".to_owned(),
        Layer::Session => "the session policy".to_owned(),
        Layer::ServiceControl { level: None } => "the SCPs".to_owned(),
        Layer::ServiceControl { level: Some(0) } => "the SCPs of the root".to_owned(),
        Layer::ServiceControl { level: Some(level) } => format!("the SCPs of level {level}"),
    }
}

fn statement(at: &StatementRef) -> String {
    format!("{} ({})", plain(&at.to_string()), at.layer)
}

fn statements(by: &[StatementRef]) -> String {
    let by: Vec<String> = by.iter().map(statement).collect();
    by.join("; ")
}

/// Texts with commas between them, plain.
pub(crate) fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<_> = texts.map(plain).collect();
    texts.join(", ")
}
