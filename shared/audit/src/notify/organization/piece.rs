//! Pieces: what does one finding add to a thread?
//!
//! A finding may have several causes. It adds to the thread of each what that cause did, so that one cause can be over while another
//! still affects the same principal.

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::{ActionName, Layer, PrincipalArn, StatementRef};
use jiff::Timestamp;

use super::about::{About, Causes};
use super::digest;
use crate::compare::baseline::Tracked;
use crate::events::{ActedOn, Explanation, TrailEvent};
use crate::find::finding::{ChangeOrigin, Code, Finding, FindingId, Item, Lack};
use crate::level::Level;
use crate::notify::life::tells_of_change;

/// The most names that a piece keeps.
const NAMES: usize = 40;

/// What one finding adds to a thread: enough to write a line about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The finding.
    pub finding: FindingId,
    /// Whose; `None` for the account's own.
    pub principal: Option<PrincipalArn>,
    /// What is wrong.
    pub code: Code,
    /// The action set; empty where it is about none.
    pub set: Arc<str>,
    /// How bad.
    pub level: Level,
    /// What the set is called, or whatever stands in for it.
    pub title: Arc<str>,
    /// What breaks.
    pub impact: Arc<str>,
    /// What is lacking or odd: the first few names, each once.
    pub names: Vec<Arc<str>>,
    /// How many names there are.
    pub count: usize,
    /// Who owns the blocking layer, from the settings.
    pub owner: Option<Arc<str>>,
    /// Since when.
    pub opened: Timestamp,
    /// Which calls can have led to it, of those that are about the cause of the thread.
    pub explanation: Option<Explanation>,
    /// How many things are wrong; 1 where it is no news how many there are.
    pub(super) size: u64,
    /// What stands for all of it.
    pub(super) digest: u64,
}

/// The pieces of a finding, each with its thread.
pub(super) fn of(
    tracked: &Tracked,
    text: &mut impl FnMut(&str) -> Arc<str>,
) -> Vec<(About, Piece)> {
    let finding = &tracked.finding;
    let own = About::Account {
        account: finding.account,
        thread: tracked.thread,
    };
    let about = match (tracked.origin, finding.level, finding.code) {
        (ChangeOrigin::Rules, _, _) => About::NowChecked,
        (ChangeOrigin::Account, Level::Notice, _) => About::Notices,
        (ChangeOrigin::Account, _, Code::AuditFailed) => {
            About::failed(finding.account, &finding.title)
        }
        (ChangeOrigin::Account, _, Code::MissingActions | Code::Undetermined) => {
            return by_cause(tracked, own, text);
        }
        (
            ChangeOrigin::Account,
            _,
            Code::MissingTrust
            | Code::MissingInstanceProfile
            | Code::AccessKey
            | Code::KeyState
            | Code::ResourceSettings
            | Code::UnknownActionSet
            | Code::AllowedOnlyOn
            | Code::ExcessAccess
            | Code::Coverage
            | Code::ChangesNotArriving
            | Code::ChangeNotFollowed,
        ) => own,
    };
    vec![explained(tracked, about, piece(finding, None, text))]
}

fn by_cause(
    tracked: &Tracked,
    own: About,
    text: &mut impl FnMut(&str) -> Arc<str>,
) -> Vec<(About, Piece)> {
    let finding = &tracked.finding;
    let mut parts: Vec<(About, Vec<&Lack>)> = Vec::new();
    let mut add = |about: About, lack| match parts.iter_mut().find(|(known, _)| *known == about) {
        Some((_, lacks)) => lacks.push(lack),
        None => parts.push((about, vec![lack])),
    };
    for lack in &*finding.lacks {
        let Causes { outside, is_own } = Causes::of(&lack.cause);
        let code = finding.code;
        for at in outside {
            add(About::Statement { code, at }, lack);
        }
        if is_own {
            add(own.clone(), lack);
        }
    }
    if parts.is_empty() {
        return vec![explained(tracked, own, piece(finding, None, text))];
    }
    let parts = parts.into_iter();
    parts
        .map(|(about, lacks)| {
            let piece = piece(finding, Some(&lacks), text);
            explained(tracked, about, piece)
        })
        .collect()
}

/// A piece with what explains it: of a statement only the calls that are about its policy.
fn explained(tracked: &Tracked, about: About, piece: Piece) -> (About, Piece) {
    let known = tracked.explanation.as_ref();
    let explanation = match &about {
        About::Statement { at, .. } => {
            known.and_then(|known| known.only_of(|call| is_about(call, at)))
        }
        About::Account { .. } => known.cloned(),
        About::Failed { .. } | About::NowChecked | About::Notices => None,
    };
    let piece = Piece {
        explanation,
        ..piece
    };
    (about, piece)
}

/// Whether a call is about the policy of a statement, or about all policies above an account.
fn is_about(call: &TrailEvent, at: &StatementRef) -> bool {
    let is_of_organization = matches!(call.acted_on, ActedOn::Organization(_));
    match at.layer {
        Layer::ServiceControl { .. } | Layer::ResourceControl { .. } => {
            let policy = call.policy.as_ref();
            is_of_organization && policy.is_none_or(|policy| **policy == *at.policy)
        }
        Layer::Identity
        | Layer::Boundary
        | Layer::Session
        | Layer::Resource
        | Layer::Grant
        | Layer::Endpoint => call.policy.as_deref() == Some(&*at.policy),
    }
}

/// `lacks`: those that count; `None`: all of the finding does.
fn piece(
    finding: &Finding,
    lacks: Option<&[&Lack]>,
    text: &mut impl FnMut(&str) -> Arc<str>,
) -> Piece {
    let actions: Option<BTreeSet<&ActionName>> =
        lacks.map(|lacks| lacks.iter().flat_map(|lack| &*lack.actions).collect());
    let is_of = |item: &Item| match &actions {
        None => true,
        Some(actions) => {
            let action = item.name.parse::<ActionName>();
            action.is_ok_and(|action| actions.contains(&action))
        }
    };
    let items = || finding.items.iter().filter(|item| is_of(item));
    let names: BTreeSet<&str> = match &actions {
        Some(actions) => actions.iter().map(|action| action.as_str()).collect(),
        None => items().map(|item| &*item.name).collect(),
    };
    let id = digest::of(&finding.id.to_string());
    let (mut size, mut sum) = (1, 0);
    if tells_of_change(finding) {
        size = 0;
        for item in items() {
            size += 1;
            let item = digest::of(&format!("{}\n{}", item.name, item.place));
            sum = u64::wrapping_add(sum, item);
        }
    }
    let owner = finding.lacks.iter();
    let owner = owner.filter(|lack| lacks.is_none_or(|lacks| lacks.contains(lack)));
    Piece {
        finding: finding.id,
        principal: finding.principal.clone(),
        code: finding.code,
        set: text(&finding.set),
        level: finding.level,
        title: text(&finding.title),
        impact: text(&finding.impact),
        names: names.iter().take(NAMES).map(|name| text(name)).collect(),
        count: names.len(),
        owner: owner
            .filter_map(|lack| lack.owner.as_deref())
            .map(text)
            .next(),
        opened: finding.opened,
        explanation: None,
        size,
        digest: digest::of_two(id, sum),
    }
}
