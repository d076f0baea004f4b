//! Opening: which statement in the policy of a key or a bucket gives what no policy of the principal can?
//!
//! In: the cells of requirements that the policies of resources do not let through. Out: one statement for each of these resources, and
//! the resources as they are with it, so that it can be tried before somebody prints it.
//!
//! The statement is for the owner of the resource: it is no part of the policies that close a gap.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::inventory::PolicyText;
use iam::{ActionName, Document, Layer, PrincipalArn};
use serde::Serialize;

use super::gap::Cells;
use crate::bind::requirement::Requirement;
use crate::judge::verdict::Missing;
use crate::resources::{NamedResource, Reading, Resources};

/// A statement for the policy of a resource, which lets a principal do what it lacks there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceStatement {
    /// The key or the bucket.
    pub resource: NamedResource,
    /// Its name, which no other statement of the policy has.
    pub sid: String,
    /// Whom it lets in.
    pub principal: PrincipalArn,
    /// What it allows, sorted.
    pub actions: Vec<ActionName>,
    /// On what: in a key policy `*`, which is the key; else the ARNs of the bucket and of its objects, sorted.
    pub resources: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wire<'a> {
    sid: &'a str,
    effect: &'static str,
    principal: WirePrincipal<'a>,
    action: Vec<&'a str>,
    resource: WireResource<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "UPPERCASE")]
struct WirePrincipal<'a> {
    aws: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireResource<'a> {
    One(&'a str),
    Several(&'a [String]),
}

impl ResourceStatement {
    /// The statement as AWS takes it within a policy, indented for people.
    #[must_use]
    pub fn to_json(&self) -> String {
        let wire = Wire {
            sid: &self.sid,
            effect: "Allow",
            principal: WirePrincipal {
                aws: self.principal.as_str(),
            },
            action: self.actions.iter().map(ActionName::as_str).collect(),
            resource: match self.resources.as_slice() {
                [one] => WireResource::One(one),
                several => WireResource::Several(several),
            },
        };
        // Texts and lists of texts: there is nothing in them that JSON could refuse.
        serde_json::to_string_pretty(&wire).unwrap_or_default()
    }
}

/// Whether the policy of the resource is all that is missing.
pub(super) fn is_of_resource(missing: &Missing) -> bool {
    let is_of_resource = |layer: &Layer| match layer {
        Layer::Resource | Layer::Grant => true,
        Layer::Identity
        | Layer::Boundary
        | Layer::Session
        | Layer::ServiceControl { .. }
        | Layer::ResourceControl { .. }
        | Layer::Endpoint => false,
    };
    let layers = missing.cause.not_allowed_in();
    !layers.is_empty() && layers.iter().all(is_of_resource)
}

/// The statements that let the principal through to these cells, by resource. Cells of anything but keys and buckets are passed over.
pub(super) fn statements(
    principal: &PrincipalArn,
    requirements: &[Arc<Requirement>],
    lacking: &[Cells],
    resources: &Resources,
) -> Vec<ResourceStatement> {
    let mut wanted: BTreeMap<NamedResource, (BTreeSet<ActionName>, BTreeSet<String>)> =
        BTreeMap::new();
    for (requirement, cells) in requirements.iter().zip(lacking) {
        for (question, position) in cells.iter() {
            let Some(check) = requirement.checks.get(question) else {
                continue;
            };
            let action = check.question.actions.get(usize::from(position));
            let (Some(action), Some((resource, on))) = (action, named(check)) else {
                continue;
            };
            let (actions, patterns) = wanted.entry(resource).or_default();
            actions.insert(action.clone());
            patterns.insert(on);
        }
    }
    let statements = wanted.into_iter();
    statements
        .map(|(resource, (actions, patterns))| ResourceStatement {
            sid: sid(principal, policy_of(&resource, resources)),
            resource,
            principal: principal.clone(),
            actions: actions.into_iter().collect(),
            resources: patterns.into_iter().collect(),
        })
        .collect()
}

/// What a check is about, and how a statement of its policy says it.
fn named(check: &crate::bind::requirement::Check) -> Option<(NamedResource, String)> {
    let named = NamedResource::of(&check.question.resource)?;
    let resource = match &named {
        NamedResource::Key { .. } => "*".to_owned(),
        NamedResource::Bucket(_) => check.permit.resource.to_string(),
        NamedResource::Vault(_) => return None,
    };
    Some((named, resource))
}

/// A name for the statement that is free, of letters and digits: no kind of policy takes more.
fn sid(principal: &PrincipalArn, policy: Option<&PolicyText>) -> String {
    let letters = principal.name().chars();
    let letters = letters.filter(char::is_ascii_alphanumeric);
    let base = format!("Permdrift{}", letters.collect::<String>());
    let document = policy.and_then(|policy| policy.as_ref().as_ref().ok());
    let taken = |sid: &str| {
        let mut statements = document.iter().flat_map(|document| &document.statements);
        statements.any(|statement| statement.sid.as_deref() == Some(sid))
    };
    let mut free = base.clone();
    let mut number = 1_u32;
    while taken(&free) {
        number += 1;
        free = format!("{base}{number}");
    }
    free
}

/// The policy that was read of a resource.
fn policy_of<'a>(resource: &NamedResource, resources: &'a Resources) -> Option<&'a PolicyText> {
    match resource {
        NamedResource::Key { arn, .. } => resources.keys.get(arn)?.policy.read(),
        NamedResource::Bucket(name) => resources.buckets.get(name)?.policy.read()?.as_ref(),
        NamedResource::Vault(_) => None,
    }
}

/// The resources with these statements in their policies. One whose policy was not read, or cannot be read, stays as it is.
pub(super) fn with(resources: &Resources, statements: &[ResourceStatement]) -> Resources {
    let mut changed = resources.clone();
    for statement in statements {
        match &statement.resource {
            NamedResource::Key { arn, .. } => {
                let key = changed.keys.get_mut(arn);
                if let Some(key) = key
                    && let Reading::Read(policy) = &mut key.policy
                {
                    *policy = extended(Some(policy), statement);
                }
            }
            NamedResource::Bucket(name) => {
                let bucket = changed.buckets.get_mut(name);
                if let Some(bucket) = bucket
                    && let Reading::Read(policy) = &mut bucket.policy
                {
                    *policy = Some(extended(policy.as_ref(), statement));
                }
            }
            NamedResource::Vault(_) => {}
        }
    }
    changed
}

/// A policy with the statement behind its own.
fn extended(policy: Option<&PolicyText>, statement: &ResourceStatement) -> PolicyText {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        statement.to_json()
    );
    let added = Document::parse_resource_policy(&text);
    let own = policy.map(|policy| (**policy).clone());
    Arc::new(match (own, added) {
        (None, added) => added,
        (Some(Ok(mut own)), Ok(added)) => {
            own.characters = own.characters.saturating_add(added.characters);
            own.statements.extend(added.statements);
            Ok(own)
        }
        (Some(Err(fault)), _) | (Some(Ok(_)), Err(fault)) => Err(fault),
    })
}
