//! Explaining: which calls can have led to what opened or got worse?
//!
//! In: an account that was listed and bound, the findings that are news, and trail events: those that the audit was given, else those
//! that CloudTrail has. Out: an [`Explanation`] for each. A call counts where it came after the last audit that judged the principal, and
//! where it can have taken away what is missing ([`takes`]). A finding that comes from new rules is explained by no call.

mod late;
mod seek;
mod takes;
mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{PrincipalArn, inventory::Inventory};
use jiff::{SignedDuration, Timestamp};

use self::seek::{Sees, look_ups};
use self::takes::{Touches, Whose, takes};
use self::way::{Way, ways};
use super::event::TrailEvent;
use super::explanation::{CallsAbove, Explanation, Unseen};
use super::look_up::{LookUp, LookedUp};
use super::touched::{Account, is_elsewhere, touched_by};
use crate::asked::{Asked, Explain};
use crate::bind::listed::Listed;
use crate::compare::baseline::Baseline;
use crate::find::finding::{ChangeOrigin, Code, Event, EventKind, Finding, Item};
use crate::resources::Resources;

/// How far back CloudTrail keeps its event history.
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);
/// So long IAM may show what was before a call. A call of that time before an audit may have led to what only the next one found.
const MARGIN: SignedDuration = SignedDuration::from_mins(5);
/// The same of SCPs and RCPs, which a hub reads once for all accounts, before it audits them.
const MARGIN_ABOVE: SignedDuration = SignedDuration::from_mins(30);

/// What explains findings.
#[derive(Debug)]
pub(crate) struct Explaining<'a> {
    listed: &'a Listed,
    baseline: &'a Baseline,
    now: Timestamp,
    explain: Explain,
    given: Option<Vec<Call<'a>>>,
    /// In a hub: the calls above the account.
    above: Option<(Vec<Call<'a>>, &'a CallsAbove)>,
    looked_up: Option<(Vec<Call<'a>>, LookedUp)>,
}

/// A call, with those whose verdicts it can change.
#[derive(Debug)]
struct Call<'a> {
    event: Arc<TrailEvent>,
    touches: BTreeSet<&'a PrincipalArn>,
}

impl<'a> Explaining<'a> {
    /// `baseline`: what was known before this audit, which began at `now`.
    pub(crate) fn new(
        listed: &'a Listed,
        baseline: &'a Baseline,
        now: Timestamp,
        asked: &Asked<'a>,
    ) -> Self {
        Self {
            explain: asked.explain,
            given: asked.touched_by.map(|given| calls(&given.events, listed)),
            above: asked
                .above
                .map(|above| (calls(above.calls(), listed), above)),
            looked_up: None,
            listed,
            baseline,
            now,
        }
    }

    /// What is to be looked up for findings that are news, the most telling first, and since when.
    pub(crate) fn wanted<'f>(
        &self,
        news: impl Iterator<Item = (&'f Finding, &'f BTreeSet<Item>)>,
    ) -> (Vec<LookUp>, Timestamp) {
        let mut ranked = BTreeMap::new();
        let mut earliest = self.now;
        for (finding, new) in news {
            let Some(whose) = self.whose(finding) else {
                continue;
            };
            let ways = ways(finding, new);
            let since = self.since(finding);
            let given = (self.given.as_deref(), MARGIN);
            if !self.candidates(given, &ways, whose, since).is_empty() {
                continue;
            }
            earliest = earliest.min(since.unwrap_or(Timestamp::MIN));
            for way in ways {
                for (rank, look_up) in look_ups(way, whose, &self.listed.resources, self.sees()) {
                    let at = (rank, std::cmp::Reverse(finding.level));
                    let known = ranked.entry(look_up).or_insert(at);
                    *known = at.min(*known);
                }
            }
        }
        let mut ranked: Vec<_> = ranked.into_iter().collect();
        ranked.sort_by(|(one, at), (other, after)| (at, one).cmp(&(after, other)));
        let start = self.now.checked_sub(HISTORY).unwrap_or(Timestamp::MIN);
        (
            ranked.into_iter().map(|(one, _)| one).collect(),
            earliest.max(start),
        )
    }

    /// Takes over what was looked up.
    pub(crate) fn take(&mut self, looked_up: LookedUp) {
        let calls = calls(&looked_up.events.events, self.listed);
        self.looked_up = Some((calls, looked_up));
    }

    /// All events that were looked up.
    pub(crate) fn looked_up(&self) -> impl Iterator<Item = &TrailEvent> {
        let looked_up = self.looked_up.iter();
        looked_up.flat_map(|(_, looked_up)| &looked_up.events.events)
    }

    /// Adds explanations to the events that opened or got worse in this audit. In a hub they are kept in the baseline that is committed.
    pub(crate) fn explain(&self, events: &mut [Event], next: &mut Baseline) {
        for event in events {
            let (is_news, is_other) = match event.kind {
                // What a mute kept quiet until now is no news.
                EventKind::Opened => (event.finding.opened == self.now, false),
                EventKind::Worsened => (true, false),
                // What led to all of it need not have led to what is left.
                EventKind::Eased => (false, true),
                EventKind::Reminded | EventKind::Resolved(_) => (false, false),
            };
            if is_news && event.origin == ChangeOrigin::Account {
                event.explanation = self.explanation(&event.finding, &event.items);
            }
            if let Some(tracked) = next.tracked_mut(&event.finding)
                && self.above.is_some()
                && (is_news || is_other)
            {
                tracked.explanation.clone_from(&event.explanation);
            }
        }
    }

    fn explanation(&self, finding: &Finding, new: &BTreeSet<Item>) -> Option<Explanation> {
        let whose = self.whose(finding)?;
        let ways = ways(finding, new);
        if ways.is_empty() {
            return None;
        }
        let since = self.since(finding);
        let given = (self.given.as_deref(), MARGIN);
        let mut given = self.candidates(given, &ways, whose, since);
        let above = self.above.as_ref();
        let calls_above = above.map(|(calls, _)| calls.as_slice());
        let arrived = self.candidates((calls_above, MARGIN_ABOVE), &ways, whose, since);
        let is_of_organization = ways.iter().any(|way| way.is_above());
        let is_known_above = above.is_some() && ways.iter().all(|way| way.is_above());
        let is_cut = above.is_some_and(|(_, above)| !above.are_whole_since(since));
        let is_cut = is_cut && is_of_organization;
        let mut unseen: BTreeSet<Unseen> = is_cut.then_some(Unseen::CutOff).into_iter().collect();
        let is_answered = !given.is_empty() || !arrived.is_empty() && self.looked_up.is_none();
        if is_answered || is_known_above {
            let is_asked = match self.explain {
                Explain::Arrived => true,
                Explain::Given | Explain::LookUp => is_known_above,
            };
            unseen.extend((!is_asked).then_some(Unseen::NotAsked));
            given.extend(arrived);
            // In a hub it is not said that nobody did it where no call arrived: it may arrive yet.
            return (!given.is_empty()).then(|| Explanation::new(given, since, unseen));
        }
        let (calls, looked_up) = self.looked_up.as_ref()?;
        let mut candidates = self.candidates((Some(calls), MARGIN), &ways, whose, since);
        if arrived.is_empty() && is_of_organization && self.sees() == Sees::Own {
            unseen.insert(Unseen::OtherAccount);
        }
        candidates.extend(arrived);
        for way in &ways {
            for (_, look_up) in look_ups(*way, whose, &self.listed.resources, self.sees()) {
                unseen.extend(looked_up.unanswered.get(&look_up).cloned());
            }
        }
        let faults = looked_up.events.faults.len();
        if faults > 0 {
            unseen.insert(Unseen::NotFollowed(faults));
        }
        Some(Explanation::new(candidates, since, unseen))
    }

    fn candidates(
        &self,
        (calls, margin): (Option<&[Call<'a>]>, SignedDuration),
        ways: &[Way<'_>],
        whose: Whose<'_>,
        since: Option<Timestamp>,
    ) -> Vec<Arc<TrailEvent>> {
        let since = since.and_then(|since| since.checked_sub(margin).ok());
        let calls = calls.into_iter().flatten();
        let calls = calls.filter(|call| since.is_none_or(|since| call.event.at > since));
        let calls = calls.filter(|call| {
            let touches = match call.touches.contains(whose.arn) {
                true => Touches::Principal,
                false => Touches::Others,
            };
            let mut ways = ways.iter();
            ways.any(|way| takes(*way, &call.event, whose, touches))
        });
        calls.map(|call| Arc::clone(&call.event)).collect()
    }

    fn whose<'s>(&'s self, finding: &'s Finding) -> Option<Whose<'s>> {
        let arn = finding.principal.as_ref()?;
        let Inventory {
            principals, groups, ..
        } = &*self.listed.inventory;
        let at = principals.binary_search_by(|one| one.arn.cmp(arn)).ok();
        Some(Whose {
            arn,
            principal: at.and_then(|at| principals.get(at)),
            groups,
        })
    }

    /// When the last audit began that judged the principal and did not find this; `None` where none is known.
    fn since(&self, finding: &Finding) -> Option<Timestamp> {
        let record = self.baseline.principals.get(finding.principal.as_ref()?);
        let judged = record.and_then(|record| record.judged.as_ref());
        let was_undecided = finding.code != Code::Undetermined
            && record.is_some_and(|record| {
                let mut open = record.findings.values().filter(|one| one.healthy.is_none());
                open.any(|one| {
                    one.finding.code == Code::Undetermined && one.finding.set == finding.set
                })
            });
        match was_undecided {
            true => None,
            false => judged.map(|judged| judged.at).or(self.baseline.audited),
        }
    }

    fn sees(&self) -> Sees {
        let Resources { organization, .. } = &*self.listed.resources;
        let organization = organization.read().and_then(Option::as_ref);
        let is_management =
            organization.is_some_and(|one| one.management_account == Some(self.listed.account));
        match is_management {
            true => Sees::Organization,
            false => Sees::Own,
        }
    }
}

fn calls<'a>(events: &[TrailEvent], listed: &'a Listed) -> Vec<Call<'a>> {
    let account = Account {
        id: listed.account,
        inventory: &listed.inventory,
        bound: &listed.bound,
    };
    let mut ids = BTreeSet::new();
    let once = events.iter().filter(|event| ids.insert(&*event.id));
    let here = once.filter(|event| !is_elsewhere(event, account.id));
    here.map(|event| Call {
        touches: touched_by(event, account),
        event: Arc::new(event.clone()),
    })
    .collect()
}
