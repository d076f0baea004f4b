//! Grouping: which events are one message?
//!
//! An SCP statement that hits fourteen principals is one thing to know and one thing to repair, so it is one message that
//! lists fourteen. Causes that lie in a principal's own policies are no common cause.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{AccountId, Cause, Layer, PrincipalArn, StatementRef};

use crate::finding::{Code, Event, EventKind, Finding, FindingId, Message};
use crate::level::Level;
use crate::stored::cause_text;

/// What events have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Common {
    /// Causes outside the principal.
    Causes(Vec<Cause>),
    /// The same things, whosever they are.
    Items(BTreeSet<Arc<str>>),
    /// The principal.
    Principal(Option<PrincipalArn>),
    /// Nothing but the code: notices.
    Code,
}

/// The messages that the events for people make, the worst first.
pub(crate) fn group(account: AccountId, events: &[Event]) -> Vec<Message> {
    let mut groups: BTreeMap<(EventKind, Code, Common), Vec<usize>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        if event.for_people {
            let common = common(&event.finding);
            // What a new cause does is one thing to know, whether it opens findings or worsens some.
            let kind = match (event.kind, &common) {
                (EventKind::Worsened, Common::Causes(_)) => EventKind::Opened,
                (kind, _) => kind,
            };
            let key = (kind, event.finding.code, common);
            groups.entry(key).or_default().push(at);
        }
    }
    let mut messages: Vec<Message> = groups
        .into_iter()
        .map(|((kind, code, common), at)| {
            let kinds = at
                .iter()
                .filter_map(|&at| events.get(at))
                .map(|event| event.kind);
            let kind = kinds.min().unwrap_or(kind);
            let findings: Vec<&Finding> = at
                .iter()
                .filter_map(|&at| events.get(at))
                .map(|event| &event.finding)
                .collect();
            Message {
                thread: thread(account, code, &common, &findings),
                kind,
                code,
                level: findings
                    .iter()
                    .map(|finding| finding.level)
                    .max()
                    .unwrap_or(Level::Notice),
                cause: match common {
                    Common::Causes(causes) => causes.into_iter().next(),
                    Common::Items(_) | Common::Principal(_) | Common::Code => None,
                },
                events: at,
            }
        })
        .collect();
    messages.sort_by_key(|message| (Reverse(message.level), message.kind, message.code));
    messages
}

fn common(finding: &Finding) -> Common {
    let names = || finding.items.iter().map(|item| item.name.clone()).collect();
    let own = || Common::Principal(finding.principal.clone());
    match finding.code {
        Code::MissingActions | Code::Undetermined => {
            let shared = finding
                .lacks
                .iter()
                .map(|lack| &lack.cause)
                .filter(|cause| is_shared(cause));
            let shared: BTreeSet<Cause> = shared.cloned().collect();
            if !shared.is_empty() {
                Common::Causes(shared.into_iter().collect())
            } else if finding.code == Code::Undetermined {
                Common::Items(names())
            } else {
                own()
            }
        }
        Code::UnknownActionSet => Common::Items(names()),
        Code::AllowedOnlyOn | Code::ExcessAccess => Common::Code,
        Code::Coverage if finding.principal.is_some() => Common::Items(names()),
        Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::Coverage
        | Code::AuditFailed => own(),
    }
}

/// Whether a cause lies outside the principal, so that others may suffer from the same.
fn is_shared(cause: &Cause) -> bool {
    match cause {
        Cause::DeniedBy(by) => by.iter().any(is_outside),
        Cause::DeniedInLayer(layer) => is_outer(*layer),
        Cause::NotAllowedIn(layers) => layers.iter().any(|layer| is_outer(*layer)),
        Cause::Unreadable { layer, policy, .. } => is_outer(*layer) || is_common(policy),
        Cause::CannotEvaluate { by, .. } => is_outside(by),
        Cause::NoAnswer { .. } => true,
        Cause::AllowedBy(_) | Cause::AllowedOnlyOn { .. } | Cause::MissingContext { .. } => false,
    }
}

fn is_outside(at: &StatementRef) -> bool {
    is_outer(at.layer) || is_common(&at.policy)
}

fn is_outer(layer: Layer) -> bool {
    match layer {
        Layer::Identity | Layer::Session => false,
        Layer::Boundary | Layer::ServiceControl { .. } => true,
    }
}

/// A managed policy, or one of a group.
fn is_common(policy: &str) -> bool {
    policy.starts_with("arn:") || policy.starts_with("group ")
}

fn thread(account: AccountId, code: Code, common: &Common, findings: &[&Finding]) -> FindingId {
    if let [one] = findings
        && !matches!(common, Common::Causes(_))
    {
        return one.id;
    }
    let text = match common {
        Common::Causes(causes) => causes.iter().map(cause_text).collect(),
        Common::Items(names) => names
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<_>>()
            .join("\n"),
        Common::Principal(_) | Common::Code => String::new(),
    };
    let principal = match common {
        Common::Principal(principal) => principal.as_ref(),
        Common::Causes(_) | Common::Items(_) | Common::Code => None,
    };
    FindingId::new(account, principal, code, &text)
}
