//! Who changed it: which calls can have led to a finding, as sentences.
//!
//! In: an explanation. Out: lines for people. Only where one call alone can have led to the finding it is said to have; else calls are
//! listed as possible. A caller's source address is left to the machine forms.

use audit::Event;
use audit::events::{ActedOn, Actor, ActorKind, Explanation, TrailEvent, Unseen};
use jiff::Timestamp;

use super::plain::plain;

/// What is said of who changed something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Changed {
    /// Such as `Changed by` or `Possibly changed by one of`.
    pub head: &'static str,
    /// The calls, each a line; a sentence where there are none.
    pub lines: Vec<String>,
    /// What could not be seen, each a sentence.
    pub notes: Vec<String>,
}

/// What is said of an explanation; `None` where there is nothing to say.
#[must_use]
pub fn changed(explanation: &Explanation) -> Option<Changed> {
    let notes: Vec<String> = explanation.unseen.iter().map(unseen).collect();
    let mut lines: Vec<String> = explanation.candidates.iter().map(|one| call(one)).collect();
    let more = explanation.count.saturating_sub(lines.len());
    if more > 0 {
        lines.push(format!("and {more} earlier"));
    }
    let head = match (explanation.only(), lines.len()) {
        (Some(_), _) => "Changed by",
        (None, 0) => {
            if notes.is_empty() {
                let none = format!(
                    "CloudTrail's history has no call{} that can have led to this; calls appear there after up to 15 minutes",
                    since(explanation)
                );
                lines.push(none);
            }
            "Not known"
        }
        (None, 1) => "Possibly changed by",
        (None, _) => "Possibly changed by one of",
    };
    (!lines.is_empty() || !notes.is_empty()).then_some(Changed { head, lines, notes })
}

/// What is said of all events of a message; `None` where nobody asked, and where it is not the same for all.
#[must_use]
pub fn common(events: &[&Event]) -> Option<Changed> {
    let first = events.first()?.explanation.as_ref()?;
    let mut others = events.iter();
    let is_common = others.all(|event| event.explanation.as_ref() == Some(first));
    changed(first).filter(|_| is_common)
}

/// All of it in one line, after its head.
#[must_use]
pub fn in_line(changed: &Changed) -> String {
    let calls = changed.lines.join("; ");
    let notes = changed.notes.join(" ");
    match (calls.is_empty(), notes.is_empty()) {
        (false, true) => format!("{calls}."),
        (false, false) => format!("{calls}. {notes}"),
        (true, _) => notes,
    }
}

fn since(explanation: &Explanation) -> String {
    match explanation.since {
        Some(since) => format!(" since {}", minute(since)),
        None => " of the last 90 days".to_owned(),
    }
}

/// `user alice with DetachRolePolicy (arn:aws:iam::aws:policy/ReadOnlyAccess) at 2026-11-28 10:00 UTC, by Terraform`. What is about an
/// organisation was done in an account that may be another one than that of the finding.
#[must_use]
pub fn call(event: &TrailEvent) -> String {
    let policy = event.policy.as_deref();
    let policy = policy.map_or_else(String::new, |name| format!(" ({})", plain(name)));
    let tool = event
        .actor
        .tool
        .map_or_else(String::new, |tool| format!(", by {tool}"));
    let account = event
        .account
        .filter(|_| matches!(event.acted_on, ActedOn::Organization(_)));
    let account = account.map_or_else(String::new, |account| format!(" in account {account}"));
    format!(
        "{} with {}{policy}{account} at {}{tool}",
        who(&event.actor),
        plain(&event.call),
        minute(event.at)
    )
}

/// Who made a call: `alice@example.com (IAM Identity Center, permission set Platform)`.
#[must_use]
pub fn who(actor: &Actor) -> String {
    let arn = actor.arn.as_deref().map(plain);
    let last = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let named = match (actor.kind, &actor.person, &actor.session) {
        (ActorKind::Root, _, _) => "the root user".to_owned(),
        (ActorKind::Person, Some(person), _) => match actor.permission_set() {
            Some(set) => format!(
                "{} (IAM Identity Center, permission set {})",
                plain(person),
                plain(set)
            ),
            None => format!("the IAM Identity Center user {}", plain(person)),
        },
        (ActorKind::Role, _, Some(session)) => {
            let role = actor.issuer.as_deref().map(|arn| last(&plain(arn)));
            match role {
                Some(role) => format!("session {} of role {role}", plain(session)),
                None => format!("session {}", plain(session)),
            }
        }
        (ActorKind::User, _, _) if arn.is_some() => {
            format!("user {}", arn.as_deref().map(last).unwrap_or_default())
        }
        (ActorKind::Service, _, _) => {
            return service(actor).unwrap_or_else(|| "an AWS service".to_owned());
        }
        (ActorKind::User | ActorKind::Person | ActorKind::Role | ActorKind::Other, _, _) => {
            match arn {
                Some(arn) => arn.into_owned(),
                None => "somebody whom the event does not name".to_owned(),
            }
        }
    };
    match service(actor) {
        Some(service) => format!("{named}, through {service}"),
        None => named,
    }
}

fn service(actor: &Actor) -> Option<String> {
    let name = actor.service.as_deref()?;
    Some(match name {
        "cloudformation.amazonaws.com" => "AWS CloudFormation".to_owned(),
        "AWS Internal" => "an AWS service".to_owned(),
        name => plain(name).into_owned(),
    })
}

fn unseen(unseen: &Unseen) -> String {
    match unseen {
        Unseen::OtherAccount => {
            "What changes SCPs and RCPs is recorded in the management account, and not visible from here.".to_owned()
        }
        Unseen::NotAsked => "CloudTrail was not asked.".to_owned(),
        Unseen::CutOff => {
            "There may be more: not all of CloudTrail's events were looked up.".to_owned()
        }
        Unseen::Unanswered(code) => format!("CloudTrail did not say who did it ({}).", plain(code)),
        Unseen::NotFollowed(1) => "One event of CloudTrail could not be read.".to_owned(),
        Unseen::NotFollowed(number) => format!("{number} events of CloudTrail could not be read."),
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
