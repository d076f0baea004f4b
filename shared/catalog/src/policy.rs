//! Policies: the smallest IAM policy that grants some sets.
//!
//! In: ids, a product version, a [`ScopeValues`]. Out: documents, as few as IAM's size limit allows, always in the same
//! order: every action once, on the ARNs of its scope variable where they are known, on `*` otherwise. A document
//! names each action; it never has a wildcard that would grant more than the sets list.

use std::collections::{BTreeMap, BTreeSet};

use iam::ActionName;
use serde::Serialize;

use crate::catalog::{Catalog, UnknownSetError, merge};
use crate::scope::{FillError, ScopeValues};
use crate::set::{ActionSet, Grant, SetAction, SetId};
use crate::version::ProductVersion;

/// Characters that IAM takes in a managed policy, white space not counted.
pub const MANAGED_POLICY_CHARACTERS: usize = 6_144;

/// One IAM policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyDocument {
    /// What it allows, by resources.
    pub statements: Vec<PolicyStatement>,
}

/// One statement that allows actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyStatement {
    /// The actions, in order of name.
    pub actions: Vec<ActionName>,
    /// ARNs, or `*` alone.
    pub resources: Vec<String>,
    /// Context keys that must have one of these values (`StringEquals`).
    pub context: BTreeMap<String, Vec<String>>,
}

/// Why no policy can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// An id names no set.
    #[error(transparent)]
    UnknownSet(#[from] UnknownSetError),
    /// The actions belong elsewhere.
    #[error("`{0}` is granted in the policy of the KMS key, which is not a principal's policy")]
    KeyPolicy(SetId),
    /// The actions are not AWS's to grant.
    #[error("`{0}` is granted in the IAM of the storage vendor, not in AWS")]
    NotAws(SetId),
    /// A value of the scope makes no ARN.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// One statement alone would pass IAM's limit.
    #[error(
        "`{action}` on {resources} ARNs makes a policy longer than {most} characters: name fewer"
    )]
    TooManyResources {
        /// The first action of the statement.
        action: ActionName,
        /// How many ARNs it was to be scoped to.
        resources: usize,
        /// The limit.
        most: usize,
    },
}

/// The policies that grant those actions of the sets, and of all they extend, that `keep` accepts.
///
/// # Errors
/// [`PolicyError`] where a set is unknown or not granted by such a policy, or the scope makes no ARNs.
pub fn policy(
    catalog: &Catalog,
    ids: &[SetId],
    version: ProductVersion,
    scope: &ScopeValues,
    keep: impl Fn(&SetAction) -> bool,
) -> Result<Vec<PolicyDocument>, PolicyError> {
    let mut sets: Vec<&ActionSet> = Vec::new();
    for id in ids {
        for set in catalog.resolve(id)? {
            match set.grant {
                Grant::IdentityPolicy => sets.push(set),
                Grant::KeyPolicy => return Err(PolicyError::KeyPolicy(set.id.clone())),
                Grant::NotAws => return Err(PolicyError::NotAws(set.id.clone())),
            }
        }
    }
    let mut groups: Groups = BTreeMap::new();
    for action in merge(&sets, version)
        .into_iter()
        .filter(|action| keep(action))
    {
        let resources = resources(catalog, action, scope)?;
        let group = groups.entry((resources, action.context.clone()));
        group.or_default().insert(action.name.clone());
    }
    leave_out_covered(&mut groups);
    split(groups, MANAGED_POLICY_CHARACTERS)
}

/// As few documents of at most so many characters as allow the statements, each action once for each list of resources.
///
/// # Errors
/// [`PolicyError::TooManyResources`] where one action of one statement alone is longer.
pub fn pack(
    statements: impl IntoIterator<Item = PolicyStatement>,
    most: usize,
) -> Result<Vec<PolicyDocument>, PolicyError> {
    let mut groups: Groups = BTreeMap::new();
    for statement in statements {
        let group = groups.entry((statement.resources, statement.context));
        group.or_default().extend(statement.actions);
    }
    leave_out_covered(&mut groups);
    split(groups, most)
}

type Groups = BTreeMap<(Vec<String>, BTreeMap<String, Vec<String>>), BTreeSet<ActionName>>;

fn resources(
    catalog: &Catalog,
    action: &SetAction,
    scope: &ScopeValues,
) -> Result<Vec<String>, FillError> {
    let variable = action
        .scope
        .as_ref()
        .and_then(|name| catalog.scope_variable(name));
    let arns = variable.map_or(Ok(Vec::new()), |variable| variable.arns(scope))?;
    Ok(if arns.is_empty() { everything() } else { arns })
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

/// An action that is allowed on everything, or here without a condition, need not be allowed again.
fn leave_out_covered(groups: &mut Groups) {
    let everywhere = groups
        .get(&(everything(), BTreeMap::new()))
        .cloned()
        .unwrap_or_default();
    let always: BTreeMap<Vec<String>, BTreeSet<ActionName>> = groups
        .iter()
        .filter(|((_, context), _)| context.is_empty())
        .map(|((resources, _), actions)| (resources.clone(), actions.clone()))
        .collect();
    for ((resources, context), actions) in groups.iter_mut() {
        let here = (!context.is_empty())
            .then(|| always.get(resources))
            .flatten();
        let narrower = !context.is_empty() || *resources != everything();
        actions.retain(|action| {
            let covered = narrower && everywhere.contains(action);
            !covered && here.is_none_or(|here| !here.contains(action))
        });
    }
    groups.retain(|_, actions| !actions.is_empty());
}

fn split(groups: Groups, most: usize) -> Result<Vec<PolicyDocument>, PolicyError> {
    let empty = PolicyDocument::default();
    let mut done = Vec::new();
    let mut document = empty.clone();
    let mut length = empty.characters();
    for ((resources, context), actions) in groups {
        let mut begun = false;
        for action in actions {
            // One more action in a list: quotes and a comma.
            let longer = length + action.as_str().len() + 3;
            if let Some(last) = document.statements.last_mut().filter(|_| begun)
                && longer <= most
            {
                last.actions.push(action);
                length = longer;
                continue;
            }
            begun = true;
            let alone = PolicyDocument {
                statements: vec![PolicyStatement {
                    actions: vec![action.clone()],
                    resources: resources.clone(),
                    context: context.clone(),
                }],
            };
            let alone_length = alone.characters();
            if alone_length > most {
                let resources = resources.len();
                return Err(PolicyError::TooManyResources {
                    action,
                    resources,
                    most,
                });
            }
            // One more statement: all but the empty document around it, and a comma.
            let longer = length + alone_length - empty.characters() + 1;
            if document.statements.is_empty() || longer > most {
                done.push(std::mem::replace(&mut document, alone));
                length = alone_length;
            } else {
                document.statements.extend(alone.statements);
                length = longer;
            }
        }
    }
    done.push(document);
    done.retain(|document| !document.statements.is_empty());
    Ok(done)
}

impl PolicyDocument {
    /// The document as IAM takes it, indented for people.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts and lists of texts: there is nothing in them that JSON could refuse.
        serde_json::to_string_pretty(&Wire::from(self)).unwrap_or_default()
    }

    /// The same, to be a part of a larger document.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(Wire::from(self)).unwrap_or_default()
    }

    /// How long IAM thinks it is: every character but white space.
    #[must_use]
    pub fn characters(&self) -> usize {
        let json = serde_json::to_string(&Wire::from(self)).unwrap_or_default();
        json.chars()
            .filter(|letter| !letter.is_whitespace())
            .count()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wire<'a> {
    version: &'static str,
    statement: Vec<WireStatement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireStatement<'a> {
    effect: &'static str,
    action: Vec<&'a str>,
    resource: OneOrMany<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<WireCondition<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WireCondition<'a> {
    string_equals: BTreeMap<&'a str, OneOrMany<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany<'a> {
    One(&'a str),
    Many(&'a [String]),
}

impl<'a> From<&'a PolicyDocument> for Wire<'a> {
    fn from(document: &'a PolicyDocument) -> Self {
        let statement = |statement: &'a PolicyStatement| WireStatement {
            effect: "Allow",
            action: statement.actions.iter().map(ActionName::as_str).collect(),
            resource: OneOrMany::of(&statement.resources),
            condition: (!statement.context.is_empty()).then(|| WireCondition {
                string_equals: statement
                    .context
                    .iter()
                    .map(|(key, values)| (key.as_str(), OneOrMany::of(values)))
                    .collect(),
            }),
        };
        Self {
            version: "2012-10-17",
            statement: document.statements.iter().map(statement).collect(),
        }
    }
}

impl<'a> OneOrMany<'a> {
    fn of(values: &'a [String]) -> Self {
        match values {
            [one] => Self::One(one),
            many => Self::Many(many),
        }
    }
}
