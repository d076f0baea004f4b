//! Grouping: which events are one message?
//!
//! An SCP statement that hits fourteen principals is one thing to know and one thing to repair, so it is one message that
//! lists fourteen. Causes that lie in a principal's own policies are no common cause. What is told of a finding later stands
//! in the thread in which it was told first, whatever became of the cause.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{Cause, Layer, PrincipalArn, StatementRef};

use crate::compare::baseline::Baseline;
use crate::find::finding::{
    ChangeOrigin, Code, Event, EventKind, Finding, FindingId, Item, Message,
};
use crate::level::Level;
use crate::notify::notices::Notices;
use crate::notify::told::Told;

/// What events have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Common {
    /// Causes outside the principal.
    Causes(Vec<Cause>),
    /// The same things, whosever they are.
    Items(BTreeSet<Arc<str>>),
    /// The same faults of the same resources.
    Resources(BTreeSet<Item>),
    /// The principal.
    Principal(Option<PrincipalArn>),
    /// Nothing but the code: notices.
    Code,
}

impl Common {
    /// Whether it lies outside the principals, and is told in one thread as long as it is there.
    fn is_outside(&self) -> bool {
        match self {
            Self::Causes(_) | Self::Resources(_) => true,
            Self::Items(_) | Self::Principal(_) | Self::Code => false,
        }
    }
}

/// By what events are brought together into one message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum By {
    /// What is new: by what is behind it.
    Common(Common),
    /// What is known: by the thread in which it was told.
    Thread(FindingId),
    /// What this release checks and the last audit did not: all of it together.
    NowChecked,
    /// Notices that people were not told of yet: all of them together.
    Notices,
}

/// The threads in which causes outside the principals were told by the last audit, and of how many findings.
pub(crate) struct CauseThreads(BTreeMap<(Code, Common), BTreeMap<FindingId, usize>>);

impl CauseThreads {
    pub(crate) fn of(baseline: &Baseline) -> Self {
        let mut all: BTreeMap<_, BTreeMap<FindingId, usize>> = BTreeMap::new();
        let told = baseline.tracked().filter(|tracked| tracked.is_reported());
        for tracked in told.filter(|tracked| tracked.origin == ChangeOrigin::Account) {
            let common = common(&tracked.finding);
            if common.is_outside() {
                let threads = all.entry((tracked.finding.code, common)).or_default();
                *threads.entry(tracked.thread).or_default() += 1;
            }
        }
        Self(all)
    }

    /// The thread in which most was told of a cause.
    fn thread(&self, code: Code, common: &Common) -> Option<FindingId> {
        let threads = self.0.get(&(code, common.clone()))?.iter();
        threads
            .max_by_key(|(_, count)| **count)
            .map(|(thread, _)| *thread)
    }
}

/// Events that are one message.
struct Group<'e> {
    by: By,
    events: Vec<&'e Event>,
    /// Their positions.
    at: Vec<usize>,
}

/// The messages that the events for people make, the worst first; what is new gets its thread in the baseline.
///
/// `told` is what this audit has told already: its threads stay.
pub(crate) fn group(
    events: &[Event],
    (threads, told, notices): (&CauseThreads, &Told, Notices),
    next: &mut Baseline,
) -> Vec<Message> {
    let mut groups: BTreeMap<(EventKind, Option<Code>, By), Group<'_>> = BTreeMap::new();
    for (at, event) in events.iter().enumerate() {
        if event.for_people {
            let (kind, by) = by(event, notices, next);
            // What is told together, whatever it is about.
            let code = match (event.origin, &by) {
                (_, By::Notices) | (ChangeOrigin::Rules, _) => None,
                (ChangeOrigin::Account, _) => Some(event.finding.code),
            };
            let key = (kind, code, by.clone());
            let group = groups.entry(key).or_insert_with(|| Group {
                by,
                events: Vec::new(),
                at: Vec::new(),
            });
            group.events.push(event);
            group.at.push(at);
        }
    }
    let groups: Vec<(FindingId, Group<'_>)> = groups
        .into_values()
        .filter_map(|group| Some((group.thread(threads, told, next)?, group)))
        .collect();
    for (thread, group) in &groups {
        for event in &group.events {
            if (event.kind == EventKind::Opened || group.by == By::Notices)
                && let Some(tracked) = next.tracked_mut(&event.finding)
            {
                tracked.thread = *thread;
            }
        }
    }
    let open: BTreeSet<FindingId> = next
        .tracked()
        .filter(|tracked| tracked.is_reported())
        .map(|tracked| tracked.thread)
        .collect();
    let mut messages: Vec<Message> = groups
        .into_iter()
        .filter_map(|(thread, group)| group.message(thread, &open))
        .filter(|message| {
            // That one of many notices is over is told when all are.
            let is_of_notices = message.level == Level::Notice
                && message.origin == ChangeOrigin::Account
                && notices != Notices::AtOnce;
            !is_of_notices || message.is_over || !message.kind.is_end()
        })
        .collect();
    messages.sort_by_key(|message| (Reverse(message.level), message.kind, message.code));
    messages
}

fn by(event: &Event, notices: Notices, next: &Baseline) -> (EventKind, By) {
    let finding = &event.finding;
    if !event.kind.is_end() && notices.collects(finding, event.origin) {
        return (EventKind::Opened, By::Notices);
    }
    match (event.kind, event.origin) {
        (EventKind::Opened | EventKind::Worsened, ChangeOrigin::Rules) => {
            return (EventKind::Opened, By::NowChecked);
        }
        (_, ChangeOrigin::Rules | ChangeOrigin::Account) => {}
    }
    match (event.kind, common(finding)) {
        // What a new cause does is one thing to know, whether it opens findings or worsens some.
        (EventKind::Opened, common) => (EventKind::Opened, By::Common(common)),
        (EventKind::Worsened, common) if common.is_outside() => {
            (EventKind::Opened, By::Common(common))
        }
        (kind, _) => {
            let tracked = next.tracked_of(finding);
            let thread = tracked.map_or(finding.id, |tracked| tracked.thread);
            (kind, By::Thread(thread))
        }
    }
}

impl Group<'_> {
    /// The thread it is told in: for what is new the one in which its cause was told of others before, else that of the
    /// first finding.
    fn thread(&self, threads: &CauseThreads, told: &Told, next: &Baseline) -> Option<FindingId> {
        let common = match &self.by {
            By::Thread(thread) => return Some(*thread),
            By::Common(common) => Some(common),
            By::NowChecked | By::Notices => None,
        };
        let first = self.events.first()?;
        let opened = self
            .events
            .iter()
            .filter(|event| event.kind == EventKind::Opened)
            .map(|event| event.finding.id)
            .min();
        let known = self.events.iter().filter_map(|event| {
            let tracked = next.tracked_of(&event.finding)?;
            Some(tracked.thread)
        });
        let events = self.events.iter();
        let mut earlier = events.filter_map(|event| told.thread(event.finding.id));
        if let Some(thread) = earlier.next() {
            return Some(thread);
        }
        common
            .and_then(|common| threads.thread(first.finding.code, common))
            .or(opened)
            .or_else(|| known.min())
    }

    /// `open`: the threads in which something is still open.
    fn message(self, thread: FindingId, open: &BTreeSet<FindingId>) -> Option<Message> {
        let findings = || self.events.iter().map(|event| &event.finding);
        let worst = findings().map(|finding| finding.level).max()?;
        let mut of_level = findings().filter(|finding| finding.level == worst);
        let origin = self.events.iter().map(|event| event.origin).min()?;
        Some(Message {
            thread,
            kind: match self.by {
                By::Notices => EventKind::Opened,
                By::Common(_) | By::Thread(_) | By::NowChecked => {
                    self.events.iter().map(|event| event.kind).min()?
                }
            },
            code: of_level.next()?.code,
            level: match origin {
                ChangeOrigin::Account => worst,
                ChangeOrigin::Rules => Level::Notice,
            },
            origin,
            cause: self.cause(),
            is_collection: self.by == By::Notices,
            is_over: !open.contains(&thread),
            events: self.at,
        })
    }

    /// What is outside the principals, and the same for all.
    fn cause(&self) -> Option<Cause> {
        let mut each = self.events.iter().map(|event| common(&event.finding));
        let first = each.next()?;
        if !each.all(|common| common == first) {
            return None;
        }
        match first {
            Common::Causes(causes) => causes.into_iter().next(),
            Common::Items(_) | Common::Resources(_) | Common::Principal(_) | Common::Code => None,
        }
    }
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
        Code::KeyState | Code::ResourceSettings => {
            Common::Resources(BTreeSet::clone(&finding.items))
        }
        Code::UnknownActionSet => Common::Items(names()),
        Code::AllowedOnlyOn | Code::ExcessAccess => Common::Code,
        Code::Coverage if finding.principal.is_some() => Common::Items(names()),
        Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
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
        Cause::NotChecked { layer, policy } => is_outer(*layer) || is_common(policy),
        Cause::CannotEvaluate { by, .. } => is_outside(by),
        Cause::NoAnswer { .. } => true,
        Cause::AllowedBy(_)
        | Cause::AllowedOnlyOn { .. }
        | Cause::DeniedOn { .. }
        | Cause::MissingContext { .. } => false,
    }
}

fn is_outside(at: &StatementRef) -> bool {
    is_outer(at.layer) || is_common(&at.policy)
}

fn is_outer(layer: Layer) -> bool {
    match layer {
        Layer::Identity | Layer::Session => false,
        Layer::Boundary
        | Layer::ServiceControl { .. }
        | Layer::ResourceControl { .. }
        | Layer::Resource
        | Layer::Grant
        | Layer::Endpoint => true,
    }
}

/// A managed policy, or one of a group.
fn is_common(policy: &str) -> bool {
    policy.starts_with("arn:") || policy.starts_with("group ")
}
