//! What the tests have in common: reading a text, and telling what came of it in a few words.

use std::collections::BTreeMap;

use deployment::{Deployment, Options, ReadError, read};
use iam::inventory::{Gap, PolicyText};
use iam::simulator::{ServiceControl, layers};
use iam::{Inventory, Principal, PrincipalKind};

/// Reads a text as the file `t.yaml`, deployed to one account.
pub fn try_read(text: &str, parameters: &[(&str, &str)]) -> Result<Deployment, ReadError> {
    read_with(text, parameters, None)
}

pub fn read_with(
    text: &str,
    parameters: &[(&str, &str)],
    existing: Option<&Inventory>,
) -> Result<Deployment, ReadError> {
    let parameters: BTreeMap<String, String> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let options = Options {
        account: Some("111122223333".parse().unwrap()),
        parameters: &parameters,
        existing,
        tag_prefix: "veeam:",
        kind: PrincipalKind::Role,
    };
    read("t.yaml", text, &options)
}

/// The statements of a document, one line each: effect, actions, resources, and why it is in doubt.
pub fn statements(document: &PolicyText) -> Vec<String> {
    match document.as_ref() {
        Err(fault) => vec![format!("unreadable: {}", fault.reason)],
        Ok(document) => document
            .statements
            .iter()
            .map(|statement| {
                let not = |negated: bool| if negated { "not " } else { "" };
                let doubt = statement.doubt.as_ref().map_or_else(String::new, |doubt| {
                    let shown = match doubt.resources.as_slice() {
                        [] => String::new(),
                        shown => format!(" as {}", shown.join(" ")),
                    };
                    format!("{shown}? {}", doubt.reason)
                });
                format!(
                    "{:?} {}{} on {}{}{doubt}",
                    statement.effect,
                    not(statement.action.negated),
                    statement.action.patterns.join(" "),
                    not(statement.resource.negated),
                    statement.resource.patterns.join(" "),
                )
            })
            .collect(),
    }
}

/// The principal of a logical id.
pub fn principal<'d>(deployment: &'d Deployment, id: &str) -> &'d Principal {
    let mut places = deployment.origins.iter();
    let (arn, _) = places.find(|(_, origin)| origin.id == id).expect(id);
    deployment.inventory.principal(arn).unwrap()
}

/// Every policy that a principal holds, with its statements: `name: statement`; a boundary has `boundary` in front.
pub fn held(deployment: &Deployment, id: &str) -> Vec<String> {
    let principal = principal(deployment, id);
    let layers = layers(&deployment.inventory, principal, &ServiceControl::default());
    let identity = layers.identity.iter().map(|policy| ("", policy));
    let boundary = layers.boundary.iter().flatten();
    let boundary = boundary.map(|policy| ("boundary ", policy));
    identity
        .chain(boundary)
        .flat_map(|(layer, policy)| {
            let document: PolicyText = match policy.document {
                Ok(document) => Ok(document.clone()).into(),
                Err(fault) => Err(fault.clone()).into(),
            };
            statements(&document)
                .into_iter()
                .map(move |statement| format!("{layer}{}: {statement}", policy.name))
        })
        .collect()
}

/// What could not be read.
pub fn gaps(deployment: &Deployment) -> Vec<String> {
    let lacks = deployment.principal_gaps.values().flatten();
    let gaps = deployment.inventory.gaps.iter().chain(lacks);
    gaps.map(|gap| format!("{gap:?}")).collect()
}

/// What could not be read of the whole file, as a reason.
pub fn gap_texts(deployment: &Deployment) -> Vec<String> {
    let gaps = deployment.inventory.gaps.iter();
    gaps.map(|gap| match gap {
        Gap::Item { what, fault } => format!("{what}, {}", fault.reason),
        other => format!("{other:?}"),
    })
    .collect()
}
