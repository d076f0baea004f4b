//! The stored form of calls and explanations: parts of other stored forms, without a version of their own.
//!
//! The source address of a caller is left out, and so is what a listing shows after a call: nobody asks for either later. A call of a kind
//! that this release does not know is none, and neither is an explanation with such a call.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Explanation, Unseen};
use crate::events::actor::{Actor, ActorKind};
use crate::events::caller::known_tool;
use crate::events::event::{ActedOn, TrailEvent};

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredCall {
    id: Box<str>,
    source: Box<str>,
    call: Box<str>,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<Box<str>>,
    /// What it changed: the kind, and the names.
    on: (Box<str>, Vec<Box<str>>),
    by: StoredActor,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredActor {
    kind: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arn: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tool: Option<Box<str>>,
}

/// An explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredExplanation {
    candidates: Vec<StoredCall>,
    count: usize,
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unseen: Vec<StoredUnseen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum StoredUnseen {
    OtherAccount,
    NotAsked,
    CutOff,
    Unanswered(Box<str>),
    NotFollowed(usize),
}

impl StoredCall {
    pub(super) fn of(call: &TrailEvent) -> Self {
        let actor = &call.actor;
        let (kind, names) = on(&call.acted_on);
        Self {
            id: call.id.clone(),
            source: call.source.clone(),
            call: call.call.clone(),
            at: call.at,
            account: call.account.map(|account| account.as_str().into()),
            region: call.region.clone(),
            policy: call.policy.clone(),
            on: (kind.into(), names.into_iter().map(Box::from).collect()),
            by: StoredActor {
                kind: kind_of(actor.kind).into(),
                arn: actor.arn.clone(),
                session: actor.session.clone(),
                issuer: actor.issuer.clone(),
                person: actor.person.clone(),
                service: actor.service.clone(),
                tool: actor.tool.map(Box::from),
            },
        }
    }

    /// When it was made.
    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn into_call(self) -> Option<TrailEvent> {
        let account = self.account.map(|account| account.parse());
        let (kind, names) = self.on;
        Some(TrailEvent {
            id: self.id,
            source: self.source,
            call: self.call,
            actor: Actor {
                kind: KINDS
                    .into_iter()
                    .find(|one| kind_of(*one) == &*self.by.kind)?,
                arn: self.by.arn,
                session: self.by.session,
                issuer: self.by.issuer,
                person: self.by.person,
                service: self.by.service,
                tool: self.by.tool.as_deref().and_then(known_tool),
                address: None,
            },
            at: self.at,
            account: account.transpose().ok()?,
            region: self.region,
            acted_on: acted_on(&kind, names)?,
            effects: Vec::new(),
            policy: self.policy,
        })
    }
}

impl StoredExplanation {
    pub(crate) fn of(explanation: &Explanation) -> Self {
        let candidates = explanation.candidates.iter();
        Self {
            candidates: candidates.map(|call| StoredCall::of(call)).collect(),
            count: explanation.count,
            since: explanation.since,
            unseen: explanation.unseen.iter().map(StoredUnseen::of).collect(),
        }
    }

    /// `None` where a newer release wrote something that this one cannot say.
    pub(crate) fn into_explanation(self) -> Option<Explanation> {
        let candidates = self.candidates.into_iter();
        let unseen = self.unseen.into_iter();
        Some(Explanation {
            candidates: candidates
                .map(|call| call.into_call().map(Arc::new))
                .collect::<Option<_>>()?,
            count: self.count,
            since: self.since,
            unseen: unseen.map(StoredUnseen::into_unseen).collect(),
        })
    }
}

impl StoredUnseen {
    fn of(unseen: &Unseen) -> Self {
        match unseen {
            Unseen::OtherAccount => Self::OtherAccount,
            Unseen::NotAsked => Self::NotAsked,
            Unseen::CutOff => Self::CutOff,
            Unseen::Unanswered(code) => Self::Unanswered(code.clone()),
            Unseen::NotFollowed(number) => Self::NotFollowed(*number),
        }
    }

    fn into_unseen(self) -> Unseen {
        match self {
            Self::OtherAccount => Unseen::OtherAccount,
            Self::NotAsked => Unseen::NotAsked,
            Self::CutOff => Unseen::CutOff,
            Self::Unanswered(code) => Unseen::Unanswered(code),
            Self::NotFollowed(number) => Unseen::NotFollowed(number),
        }
    }
}

const KINDS: [ActorKind; 6] = [
    ActorKind::Root,
    ActorKind::User,
    ActorKind::Role,
    ActorKind::Person,
    ActorKind::Service,
    ActorKind::Other,
];

fn kind_of(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Root => "root",
        ActorKind::User => "user",
        ActorKind::Role => "role",
        ActorKind::Person => "person",
        ActorKind::Service => "service",
        ActorKind::Other => "other",
    }
}

fn on(acted_on: &ActedOn) -> (&'static str, Vec<&str>) {
    match acted_on {
        ActedOn::User(name) => ("user", vec![name]),
        ActedOn::RenamedUser { from, to } => ("renamed-user", vec![from, to]),
        ActedOn::Role(name) => ("role", vec![name]),
        ActedOn::Group(name) => ("group", vec![name]),
        ActedOn::Policy(arn) => ("policy", vec![arn]),
        ActedOn::InstanceProfile(name) => ("instance-profile", vec![name]),
        ActedOn::Key(arn) => ("key", vec![arn]),
        ActedOn::Bucket(name) => ("bucket", vec![name]),
        ActedOn::Vault { region, name } => ("vault", vec![region, name]),
        ActedOn::VaultItself { region, name } => ("vault-itself", vec![region, name]),
        ActedOn::Region(region) => ("region", vec![region]),
        ActedOn::RegionItself(region) => ("region-itself", vec![region]),
        ActedOn::Endpoints(region) => ("endpoints", vec![region]),
        ActedOn::Organization(Some(target)) => ("organization", vec![target]),
        ActedOn::Organization(None) => ("organization", Vec::new()),
    }
}

fn acted_on(kind: &str, names: Vec<Box<str>>) -> Option<ActedOn> {
    let mut names = names.into_iter();
    let mut next = || names.next();
    Some(match kind {
        "user" => ActedOn::User(next()?),
        "renamed-user" => ActedOn::RenamedUser {
            from: next()?,
            to: next()?,
        },
        "role" => ActedOn::Role(next()?),
        "group" => ActedOn::Group(next()?),
        "policy" => ActedOn::Policy(next()?),
        "instance-profile" => ActedOn::InstanceProfile(next()?),
        "key" => ActedOn::Key(next()?),
        "bucket" => ActedOn::Bucket(next()?),
        "vault" => ActedOn::Vault {
            region: next()?,
            name: next()?,
        },
        "vault-itself" => ActedOn::VaultItself {
            region: next()?,
            name: next()?,
        },
        "region" => ActedOn::Region(next()?),
        "region-itself" => ActedOn::RegionItself(next()?),
        "endpoints" => ActedOn::Endpoints(next()?),
        "organization" => ActedOn::Organization(next()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(kind: ActorKind, acted_on: ActedOn) -> TrailEvent {
        TrailEvent {
            id: "e-1".into(),
            source: "iam.amazonaws.com".into(),
            call: "DetachRolePolicy".into(),
            actor: Actor {
                kind,
                arn: Some("arn:aws:sts::111122223333:assumed-role/admin/alice".into()),
                session: Some("alice".into()),
                issuer: Some("arn:aws:iam::111122223333:role/admin".into()),
                person: Some("alice@example.com".into()),
                service: Some("cloudformation.amazonaws.com".into()),
                tool: known_tool("Terraform"),
                address: None,
            },
            at: "2026-11-28T10:30:00Z".parse().unwrap(),
            account: "111122223333".parse().ok(),
            region: Some("us-east-1".into()),
            acted_on,
            effects: Vec::new(),
            policy: Some("p-1".into()),
        }
    }

    #[test]
    fn an_explanation_is_read_as_it_was_written() {
        let [one, two] = ["one", "two"].map(Box::<str>::from);
        let vault = (one.clone(), two.clone());
        let acted_on = [
            ActedOn::User(one.clone()),
            ActedOn::RenamedUser {
                from: one.clone(),
                to: two,
            },
            ActedOn::Role(one.clone()),
            ActedOn::Group(one.clone()),
            ActedOn::Policy(one.clone()),
            ActedOn::InstanceProfile(one.clone()),
            ActedOn::Key(one.clone()),
            ActedOn::Bucket(one.clone()),
            ActedOn::Vault {
                region: vault.0.clone(),
                name: vault.1.clone(),
            },
            ActedOn::VaultItself {
                region: vault.0,
                name: vault.1,
            },
            ActedOn::Region(one.clone()),
            ActedOn::RegionItself(one.clone()),
            ActedOn::Endpoints(one.clone()),
            ActedOn::Organization(Some(one)),
            ActedOn::Organization(None),
        ];
        let kinds = KINDS.into_iter().cycle();
        let calls = acted_on.into_iter().zip(kinds);
        let calls = calls.map(|(acted_on, kind)| Arc::new(call(kind, acted_on)));
        let explanation = Explanation {
            candidates: calls.collect(),
            count: 20,
            since: "2026-11-28T09:00:00Z".parse().ok(),
            unseen: [
                Unseen::OtherAccount,
                Unseen::NotAsked,
                Unseen::CutOff,
                Unseen::Unanswered("AccessDenied".into()),
                Unseen::NotFollowed(2),
            ]
            .into(),
        };
        let stored = StoredExplanation::of(&explanation);
        let text = serde_json::to_string(&stored).unwrap();
        let read: StoredExplanation = serde_json::from_str(&text).unwrap();
        assert_eq!(read.into_explanation(), Some(explanation));
        let newer = text.replace("renamed-user", "cloned-user");
        let read: StoredExplanation = serde_json::from_str(&newer).unwrap();
        assert_eq!(read.into_explanation(), None);
    }
}
