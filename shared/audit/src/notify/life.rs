//! The life of findings: which events follow from an audit, and what does the next baseline hold?
//!
//! In: the last baseline, an assessment, the changes between them. Out: a [`Step`]: events, the messages made of them, and the next
//! baseline. Pure: the only time is the assessment's.
//!
//! A finding is opened, worsened, eased, reminded of at rising intervals, and resolved once it was looked for and not found. One that
//! keeps coming and going is flapping, and ends only after a quiet time. What is not known changes nothing, and has a slower reminder of
//! its own.

mod committing;
mod leaving;
mod telling;

use std::collections::{BTreeMap, BTreeSet};

use iam::PrincipalArn;
use jiff::{SignedDuration, Timestamp};

use crate::compare::baseline::{Baseline, Record, Tracked};
use crate::compare::visibility::{Visibility, visibility};
use crate::compare::{Change, ChangeKind};
use crate::find::finding::{Code, Event, EventKind, Finding, FindingId, Item, Resolution};
use crate::judge::assessment::Assessment;
use crate::judge::verdict::Verdict;
use crate::level::Level;
use crate::notify::group::{CauseThreads, group};
use crate::notify::known::Known;
use crate::notify::mute::{At, LookedAt, Mutes};
use crate::notify::notices::Notices;
use crate::notify::step::{Changes, Step, by_principal};
use crate::notify::told::Told;
use crate::settings::{Flapping, Settings};
use committing::{JudgedNow, is_of_use};
pub use leaving::leave;

/// Advances every finding by one audit.
#[must_use]
pub fn advance(
    baseline: Baseline,
    assessment: &Assessment,
    changes: Vec<Change>,
    settings: &Settings,
) -> Step {
    let notices = Notices::of_audit(&baseline, assessment, settings);
    let told = &Told::default();
    advance_from(baseline, assessment, changes, settings, (told, notices))
}

/// The same where the audit has told something already, and may be one of several runs.
pub(crate) fn advance_from(
    baseline: Baseline,
    assessment: &Assessment,
    changes: Vec<Change>,
    settings: &Settings,
    (told, notices): (&Told, Notices),
) -> Step {
    let known = Known::of(&baseline, assessment);
    let mut advancing = Advancing {
        assessment,
        settings,
        known,
        now: assessment.at,
        mutes: Mutes::new(&settings.mutes, At::of(assessment)),
        notices,
        events: Vec::new(),
        touched: BTreeSet::new(),
    };
    let threads = CauseThreads::of(&baseline);
    let Baseline {
        account,
        generation,
        audited,
        rules,
        findings,
        principals,
        mut warned,
        noticed,
    } = baseline;
    let (own, mut theirs) = by_principal(changes);
    let (findings, found) = advancing.findings(findings, own);
    let mut next = Baseline {
        account,
        generation,
        audited,
        rules,
        findings,
        principals,
        warned: BTreeMap::new(),
        noticed,
    };
    let of_account = assessment.coverage.selection.is_all() && assessment.failure.is_none();
    let whole = of_account && assessment.coverage.not_reached.is_empty();
    if of_account {
        if whole || audited.is_none() {
            next.rules = Some(assessment.rules.clone());
        }
        next.audited = Some(assessment.at);
    }
    let before = next.generations();
    advancing.records(&mut next.principals, &mut theirs);
    let known = warned.clone();
    let looked_at = match whole {
        true => LookedAt::Everything,
        false => LookedAt::Part,
    };
    let mutes = advancing.mutes.notes(looked_at, &mut warned);
    let is_written = of_account || found || warned != known;
    next.warned = warned;
    let mut step = Step {
        messages: group(&advancing.events, (&threads, told, notices), &mut next),
        events: advancing.events,
        mutes,
        baseline: next,
        account: None,
        touched: BTreeMap::new(),
    };
    for principal in advancing.touched {
        let generation = before.get(&principal).copied().unwrap_or_default();
        step.write(principal, generation);
    }
    if step.messages.iter().any(|message| message.is_collection) {
        step.baseline.noticed = Some(assessment.at);
        step.write_account();
    }
    // Records are read only where the account's own part is.
    if is_written || (generation == 0 && !step.touched.is_empty()) {
        step.write_account();
    }
    step
}

struct Advancing<'a> {
    assessment: &'a Assessment,
    settings: &'a Settings,
    known: Known,
    now: Timestamp,
    mutes: Mutes<'a>,
    notices: Notices,
    events: Vec<Event>,
    touched: BTreeSet<PrincipalArn>,
}

type Tracks = BTreeMap<FindingId, Tracked>;

impl Advancing<'_> {
    fn records(
        &mut self,
        records: &mut BTreeMap<PrincipalArn, Record>,
        changes: &mut BTreeMap<PrincipalArn, Changes>,
    ) {
        self.remember_sets(records);
        for principal in changes.keys() {
            if !records.contains_key(principal) {
                records.insert(principal.clone(), Record::default());
            }
        }
        let judged = JudgedNow::of(self.assessment);
        let mut gone = Vec::new();
        for (principal, record) in records.iter_mut() {
            let theirs = changes.remove(principal).unwrap_or_default();
            if !record.findings.is_empty() || !theirs.is_empty() {
                let forgotten = theirs.values().any(is_forgetting);
                let tracks = std::mem::take(&mut record.findings);
                let (tracks, touched) = self.findings(tracks, theirs);
                record.findings = tracks;
                if forgotten {
                    let is_bound = |set: &str| self.assessment.verdict(principal, set).is_some();
                    record.sets.retain(|set, _| is_bound(set));
                }
                if touched || forgotten {
                    self.touched.insert(principal.clone());
                }
            }
            if is_of_use(record) && judged.takes(principal) && record.judged != judged.by {
                record.judged.clone_from(&judged.by);
                self.touched.insert(principal.clone());
            }
            if record.sets.is_empty() && record.findings.is_empty() {
                self.touched.insert(principal.clone());
                gone.push(principal.clone());
            }
        }
        for principal in gone {
            records.remove(&principal);
        }
    }

    /// Notes which sets each principal is bound to now.
    fn remember_sets(&mut self, records: &mut BTreeMap<PrincipalArn, Record>) {
        if self.assessment.coverage.selection.sets.is_some() {
            return;
        }
        let verdicts = self
            .assessment
            .verdicts
            .chunk_by(|a, b| a.principal == b.principal);
        for verdicts in verdicts {
            let Some(first) = verdicts.first() else {
                continue;
            };
            if records.get(&first.principal).is_some_and(|record| {
                sets(verdicts).all(|(set, level)| record.sets.get(set) == Some(&level))
            }) {
                continue;
            }
            // Those that it lost stay until they are forgotten.
            let record = records.entry(first.principal.clone()).or_default();
            let now = sets(verdicts).map(|(set, level)| (set.into(), level));
            record.sets.extend(now);
            self.touched.insert(first.principal.clone());
        }
    }

    /// Advances the findings of one principal, or of the account; true where something is to be written.
    fn findings(&mut self, tracks: Tracks, mut changes: Changes) -> (Tracks, bool) {
        let mut next = Tracks::new();
        let mut touched = false;
        for (id, tracked) in tracks {
            let before = tracked.clone();
            let kept = match changes.remove(&id) {
                Some(change) => Some(self.change(Some(tracked), change)),
                None => self.stay(tracked),
            };
            touched |= kept.as_ref() != Some(&before);
            next.extend(kept.map(|tracked| (id, tracked)));
        }
        for (id, change) in changes {
            touched = true;
            next.insert(id, self.change(None, change));
        }
        (next, touched)
    }

    fn change(&mut self, tracked: Option<Tracked>, change: Change) -> Tracked {
        let Change { finding, kind } = change;
        let Some(mut tracked) = tracked else {
            return self.open(finding, Vec::new());
        };
        match kind {
            ChangeKind::Appeared if tracked.closed => self.open(finding, tracked.openings),
            ChangeKind::Appeared => {
                // It came back before its end was told: the same life goes on, and only more than before is news.
                let more: BTreeSet<Item> = finding
                    .items
                    .difference(&tracked.finding.items)
                    .cloned()
                    .collect();
                tracked.healthy = None;
                tracked.openings = recent(&tracked.openings, self.settings.flapping, self.now);
                tracked.openings.push(self.now);
                self.take(&mut tracked, finding);
                tracked.finding.openings = count(tracked.openings.len());
                if !more.is_empty() && tells_of_change(&tracked.finding) {
                    self.worsen(&mut tracked, more);
                } else {
                    self.remind(&mut tracked);
                }
                tracked
            }
            ChangeKind::Worsened(items) => {
                self.take(&mut tracked, finding);
                if tells_of_change(&tracked.finding) {
                    self.worsen(&mut tracked, items);
                } else {
                    self.remind(&mut tracked);
                }
                tracked
            }
            ChangeKind::Eased(items) => {
                self.take(&mut tracked, finding);
                if tells_of_change(&tracked.finding) {
                    let origin = tracked.origin;
                    self.tell(&mut tracked, EventKind::Eased, items, origin);
                } else {
                    self.remind(&mut tracked);
                }
                tracked
            }
            ChangeKind::Altered => {
                self.take(&mut tracked, finding);
                self.remind(&mut tracked);
                tracked
            }
            ChangeKind::Vanished(how) => {
                tracked.healthy = Some(self.now);
                let flaps = tracked.finding.openings >= self.settings.flapping.openings;
                if how == Resolution::Left || !flaps {
                    self.close(&mut tracked, how);
                }
                tracked
            }
        }
    }

    /// A finding that did not change.
    fn stay(&mut self, mut tracked: Tracked) -> Option<Tracked> {
        let flapping = self.settings.flapping;
        if tracked.closed {
            let remembered = !recent(&tracked.openings, flapping, self.now).is_empty();
            return remembered.then_some(tracked);
        }
        let visibility = visibility(self.assessment, &tracked.finding);
        if let Some(since) = tracked.healthy {
            let calm = self.now.duration_since(since) >= hours(flapping.calm_hours);
            if visibility == Visibility::Left {
                self.close(&mut tracked, Resolution::Left);
            } else if calm && visibility.saw_all(&tracked.finding) {
                self.close(&mut tracked, Resolution::Healthy);
            }
            return Some(tracked);
        }
        if visibility == Visibility::NotAsked {
            return Some(tracked);
        }
        if visibility.saw_some(&tracked.finding) {
            tracked.finding.seen = self.now;
        }
        self.remind(&mut tracked);
        Some(tracked)
    }

    fn open(&mut self, mut finding: Finding, openings: Vec<Timestamp>) -> Tracked {
        let mut openings = recent(&openings, self.settings.flapping, self.now);
        openings.push(self.now);
        finding.openings = count(openings.len());
        let origin = self.known.origin(&finding);
        let mut tracked = Tracked {
            thread: finding.id,
            finding,
            origin,
            healthy: None,
            closed: false,
            told: None,
            reminders: 0,
            openings,
            explanation: None,
        };
        self.tell(&mut tracked, EventKind::Opened, BTreeSet::new(), origin);
        tracked
    }

    /// Replaces a finding by what was seen now, and keeps its life.
    fn take(&self, tracked: &mut Tracked, finding: Finding) {
        tracked.finding = Finding {
            opened: tracked.finding.opened,
            openings: tracked.finding.openings,
            seen: self.now,
            ..finding
        };
    }
}

/// Whether more or less of it is news; of what is not known, and of notices, it is not.
pub(crate) fn tells_of_change(finding: &Finding) -> bool {
    finding.level > Level::Notice && finding.code != Code::Undetermined
}

fn sets(verdicts: &[Verdict]) -> impl Iterator<Item = (&str, Level)> {
    verdicts
        .iter()
        .map(|verdict| (&*verdict.requirement.set, verdict.requirement.level))
}

fn is_forgetting(change: &Change) -> bool {
    change.finding.code == Code::Coverage && change.kind == ChangeKind::Vanished(Resolution::Left)
}

fn recent(openings: &[Timestamp], flapping: Flapping, now: Timestamp) -> Vec<Timestamp> {
    let window = hours(flapping.within_days * 24);
    let mut recent = openings.to_vec();
    recent.retain(|at| now.duration_since(*at) < window);
    recent
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_secs(hours.saturating_mul(3600))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
