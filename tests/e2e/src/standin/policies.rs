//! A principal's policies as AWS's simulator names and sees them.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use iam::inventory::{Fault, InlinePolicy, PolicyText};
use iam::policy::{Matches, Version};
use iam::{Document, Inventory, Layers, Policy, Principal, PrincipalKind};

use super::conduct::Conduct;

/// Layers that a caller wants left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Excluded {
    pub(super) service_control: bool,
    pub(super) boundary: bool,
}

static UNKNOWN: LazyLock<Fault> = LazyLock::new(|| Fault {
    reason: "not in the listing".into(),
    line: 0,
    column: 0,
});

static ALL: LazyLock<Document> = LazyLock::new(|| {
    Document::parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    )
    .expect("a policy that allows all can be read")
});

/// All that a request of the principal must pass.
pub(super) fn layers<'a>(
    inventory: &'a Inventory,
    conduct: &'a Conduct,
    principal: &'a Principal,
    excluded: Excluded,
) -> Layers<'a> {
    let kind = match principal.arn.kind() {
        PrincipalKind::User => "user",
        PrincipalKind::Role => "role",
    };
    let mut identity = inline(kind, principal.arn.name(), &principal.inline);
    identity.extend(attached(inventory, &principal.attached));
    for name in &principal.groups {
        if let Some(group) = inventory.groups.get(name) {
            identity.extend(inline("group", name, &group.inline));
            identity.extend(attached(inventory, &group.attached));
        }
    }
    let boundary = principal.boundary.as_ref().filter(|_| !excluded.boundary);
    Layers {
        identity,
        boundary: boundary.map(|arn| attached(inventory, std::slice::from_ref(arn)).collect()),
        session: None,
        service_control: if excluded.service_control {
            Vec::new()
        } else {
            let levels = conduct.service_control.iter();
            levels
                .map(|level| {
                    level
                        .iter()
                        .map(|document| policy("scp", Ok(document)))
                        .collect()
                })
                .collect()
        },
        management_account: false,
        resource_side: None,
    }
}

/// The same layers with principal's own policies that allow all, so that only one other layer decides.
pub(super) fn only_boundary<'a>(layers: &Layers<'a>) -> Option<Layers<'a>> {
    layers.boundary.clone().map(|boundary| Layers {
        identity: vec![policy("all", Ok(&*ALL))],
        boundary: Some(boundary),
        ..Layers::default()
    })
}

/// The same for SCPs.
pub(super) fn only_service_control<'a>(layers: &Layers<'a>) -> Option<Layers<'a>> {
    (!layers.service_control.is_empty()).then(|| Layers {
        identity: vec![policy("all", Ok(&*ALL))],
        service_control: layers.service_control.clone(),
        ..Layers::default()
    })
}

/// The context keys that the principal's own policies and its boundary name anywhere. SCPs are not looked at: AWS does not.
pub(super) fn named_keys(layers: &Layers<'_>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let policies = layers
        .identity
        .iter()
        .chain(layers.boundary.iter().flatten());
    for document in policies.filter_map(|policy| policy.document.ok()) {
        for statement in &document.statements {
            for condition in &statement.conditions {
                keys.insert(condition.key.to_string());
                if document.version == Version::V2012 {
                    condition
                        .values
                        .iter()
                        .for_each(|value| variables(value, &mut keys));
                }
            }
            if document.version == Version::V2012 {
                let Matches { patterns, .. } = &statement.resource;
                patterns
                    .iter()
                    .for_each(|pattern| variables(pattern, &mut keys));
            }
        }
    }
    keys
}

fn variables(text: &str, keys: &mut BTreeSet<String>) {
    for rest in text.split("${").skip(1) {
        let name = rest.split(['}', ',']).next().unwrap_or_default().trim();
        if !["*", "?", "$"].contains(&name) {
            keys.insert(name.to_owned());
        }
    }
}

fn inline<'a>(kind: &str, owner: &str, policies: &'a [InlinePolicy]) -> Vec<Policy<'a>> {
    policies
        .iter()
        .map(|inline| {
            policy(
                &format!("{kind}_{owner}_{}", inline.name),
                read(&inline.document),
            )
        })
        .collect()
}

fn attached<'a>(inventory: &'a Inventory, arns: &[Box<str>]) -> impl Iterator<Item = Policy<'a>> {
    arns.iter().map(|arn| match inventory.policies.get(arn) {
        Some(managed) => policy(&managed.name, read(&managed.document)),
        None => policy(arn, Err(&*UNKNOWN)),
    })
}

fn read(text: &PolicyText) -> Result<&Document, &Fault> {
    text.as_ref().as_ref()
}

fn policy<'a>(name: &str, document: Result<&'a Document, &'a Fault>) -> Policy<'a> {
    Policy {
        name: Arc::from(name),
        document,
    }
}
