//! Policies of two listings: which statements came and went, and what was attached, tagged or detached?
//!
//! Statements are compared by their canonical JSON, so that neither the order of statements and values nor the layout of the
//! text makes a difference. A document that cannot be read is told as such, never as empty.

use std::collections::{BTreeMap, BTreeSet};

use iam::inventory::{InlinePolicy, PolicyText, TrustText};
use iam::policy::{Condition, Effect, Matches, Version};
use iam::{Document, Inventory};
use serde_json::{Map, Value, json};

/// What changed in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyChange {
    /// Such as `inline policy backup of role VeeamBackup`.
    pub place: String,
    /// Which listing has it.
    pub presence: Presence,
    /// What is there and was not: statements as objects, what is attached and the tags as texts.
    pub added: Vec<Value>,
    /// What was there and is not.
    pub removed: Vec<Value>,
    /// Why it cannot be told what changed, where a document cannot be read.
    pub unreadable: Option<String>,
}

/// Which listing has a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Both.
    Both,
    /// The later.
    Appeared,
    /// The earlier.
    Vanished,
}

/// What one place holds.
#[derive(PartialEq)]
enum Content<'i> {
    Policy(&'i PolicyText),
    Trust(&'i TrustText),
    /// Policies, groups, boundary, tags, instance profiles.
    Attachments(BTreeSet<String>),
}

/// Everything that differs, by place.
#[must_use]
pub fn policy_changes(before: &Inventory, after: &Inventory) -> Vec<PolicyChange> {
    let (mut before, after) = (contents(before), contents(after));
    let mut pairs: BTreeMap<String, (Option<Content<'_>>, Option<Content<'_>>)> = BTreeMap::new();
    for (place, content) in after {
        let was = before.remove(&place);
        // Two documents that cannot be read may differ, whatever is said of them.
        if was.as_ref() != Some(&content) || content.entries().is_err() {
            pairs.insert(place, (was, Some(content)));
        }
    }
    let gone = before.into_iter();
    pairs.extend(gone.map(|(place, was)| (place, (Some(was), None))));
    pairs
        .into_iter()
        .filter_map(|(place, (was, is))| change(place, was.as_ref(), is.as_ref()))
        .collect()
}

fn change(
    place: String,
    was: Option<&Content<'_>>,
    is: Option<&Content<'_>>,
) -> Option<PolicyChange> {
    let mut change = PolicyChange {
        place,
        presence: match (was, is) {
            (None, Some(_)) => Presence::Appeared,
            (Some(_), None) => Presence::Vanished,
            (Some(_), Some(_)) | (None, None) => Presence::Both,
        },
        added: Vec::new(),
        removed: Vec::new(),
        unreadable: None,
    };
    let (mut earlier, mut later) = match (entries(was), entries(is)) {
        (Ok(earlier), Ok(later)) => (earlier, later),
        (Err(_), Err(reason)) => {
            change.unreadable = Some(format!("neither document can be read: {reason}"));
            return Some(change);
        }
        (Err(reason), _) => {
            change.unreadable = Some(format!("the earlier document cannot be read: {reason}"));
            return Some(change);
        }
        (_, Err(reason)) => {
            change.unreadable = Some(format!("the later document cannot be read: {reason}"));
            return Some(change);
        }
    };
    if change.presence == Presence::Both {
        // Only a newer document has variables, so the same statements may mean something else.
        earlier.extend(was.and_then(Content::version));
        later.extend(is.and_then(Content::version));
    }
    let mut number: BTreeMap<String, (Value, i64)> = BTreeMap::new();
    let signed = earlier.into_iter().map(|entry| (entry, -1));
    for (entry, sign) in signed.chain(later.into_iter().map(|entry| (entry, 1))) {
        number.entry(entry.to_string()).or_insert((entry, 0)).1 += sign;
    }
    for (entry, number) in number.into_values() {
        if number > 0 {
            change.added.push(entry);
        } else if number < 0 {
            change.removed.push(entry);
        }
    }
    let is_same = change.added.is_empty() && change.removed.is_empty();
    (!is_same || change.presence != Presence::Both).then_some(change)
}

/// What can come and go in a place; nothing where it does not exist.
fn entries<'c>(content: Option<&'c Content<'_>>) -> Result<Vec<Value>, &'c str> {
    content.map_or(Ok(Vec::new()), Content::entries)
}

/// All that an inventory says of policies, by place.
fn contents(inventory: &Inventory) -> BTreeMap<String, Content<'_>> {
    let mut found = BTreeMap::new();
    for (arn, policy) in &inventory.policies {
        let place = format!("managed policy {arn}");
        found.insert(place, Content::Policy(&policy.document));
    }
    for (name, group) in &inventory.groups {
        let holder = format!("group {name}");
        inline(&mut found, &holder, &group.inline);
        let attached = group.attached.iter().map(|arn| format!("policy {arn}"));
        attach(&mut found, &holder, attached.collect());
    }
    for principal in &inventory.principals {
        let holder = format!("{} {}", principal.arn.kind(), principal.arn.name());
        inline(&mut found, &holder, &principal.inline);
        let policies = principal.attached.iter().map(|arn| format!("policy {arn}"));
        let groups = principal.groups.iter().map(|name| format!("group {name}"));
        let boundary = principal.boundary.iter();
        let boundary = boundary.map(|arn| format!("permissions boundary {arn}"));
        let tags = principal.tags.iter();
        let tags = tags.map(|(key, value)| format!("tag {key} = {value}"));
        let profiles = principal.instance_profiles.iter();
        let profiles = profiles.map(|name| format!("instance profile {name}"));
        let attached = policies.chain(groups).chain(boundary).chain(tags);
        attach(&mut found, &holder, attached.chain(profiles).collect());
        if let Some(trust) = &principal.trust {
            found.insert(format!("trust policy of {holder}"), Content::Trust(trust));
        }
    }
    found
}

fn inline<'i>(
    found: &mut BTreeMap<String, Content<'i>>,
    holder: &str,
    policies: &'i [InlinePolicy],
) {
    for policy in policies {
        let place = format!("inline policy {} of {holder}", policy.name);
        found.insert(place, Content::Policy(&policy.document));
    }
}

fn attach(found: &mut BTreeMap<String, Content<'_>>, holder: &str, attachments: BTreeSet<String>) {
    if !attachments.is_empty() {
        let place = format!("attachments and tags of {holder}");
        found.insert(place, Content::Attachments(attachments));
    }
}

impl Content<'_> {
    /// The version of the policy language, where it makes a difference.
    fn version(&self) -> Option<Value> {
        let Self::Policy(text) = self else {
            return None;
        };
        let version = match text.as_ref().as_ref().ok()?.version {
            Version::V2008 => "2008-10-17",
            Version::V2012 => "2012-10-17",
        };
        Some(json!({ "Version": version }))
    }

    /// What can come and go.
    fn entries(&self) -> Result<Vec<Value>, &str> {
        match self {
            Self::Attachments(names) => Ok(names.iter().cloned().map(Value::from).collect()),
            Self::Policy(text) => match &***text {
                Ok(document) => Ok(statements(document)),
                Err(fault) => Err(&*fault.reason),
            },
            Self::Trust(text) => match &***text {
                Ok(policy) => Ok(policy
                    .statements
                    .iter()
                    .map(|one| {
                        let name = if one.negated {
                            "NotPrincipal"
                        } else {
                            "Principal"
                        };
                        let mut who: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
                        for (kind, value) in &one.principals {
                            who.entry(&**kind).or_default().insert(&**value);
                        }
                        let mut object =
                            statement(one.sid.as_deref(), one.effect, &one.action, &one.conditions);
                        object.insert(name.to_owned(), json!(who));
                        Value::Object(object)
                    })
                    .collect()),
                Err(fault) => Err(&*fault.reason),
            },
        }
    }
}

fn statements(document: &Document) -> Vec<Value> {
    let statements = document.statements.iter().map(|one| {
        let mut object = statement(one.sid.as_deref(), one.effect, &one.action, &one.conditions);
        matches(&mut object, "Resource", &one.resource);
        Value::Object(object)
    });
    statements.collect()
}

fn statement(
    sid: Option<&str>,
    effect: Effect,
    action: &Matches,
    conditions: &[Condition],
) -> Map<String, Value> {
    let mut object = Map::new();
    if let Some(sid) = sid {
        object.insert("Sid".to_owned(), json!(sid));
    }
    let effect = match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    object.insert("Effect".to_owned(), json!(effect));
    matches(&mut object, "Action", action);
    let mut sorted: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for condition in conditions {
        let keys = sorted.entry(&*condition.operator).or_default();
        let values = keys.entry(&*condition.key).or_default();
        values.extend(condition.values.iter().map(|value| &**value));
    }
    if !sorted.is_empty() {
        object.insert("Condition".to_owned(), json!(sorted));
    }
    object
}

fn matches(object: &mut Map<String, Value>, name: &str, matches: &Matches) {
    let not = if matches.negated { "Not" } else { "" };
    let patterns: BTreeSet<&str> = matches.patterns.iter().map(|one| &**one).collect();
    object.insert(format!("{not}{name}"), json!(patterns));
}
