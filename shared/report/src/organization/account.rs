//! Summaries: what did a whole audit of one account find?
//!
//! In: an assessment, its findings, and the baseline where there is one. Out: an [`AccountSummary`], which is all that the report of an
//! organisation says of the account. It keeps sentences where the report has sentences, and types where the report decides.
//!
//! Every principal that is bound stands in it. One that was not reached is undetermined, so that a part of an audit never looks whole.

use std::collections::{BTreeMap, BTreeSet};

use audit::assessment::{LayerCoverage, LevelsRead};
use audit::requirement::RequirementNotice;
use audit::verdict::Notice;
use audit::{
    Assessment, Baseline, Code, Finding, FindingId, Findings, Judgement, Level, Settings, Verdict,
};
use iam::{AccountId, PrincipalArn};
use jiff::Timestamp;

use crate::audit_report::justification;
use crate::organization::age::ReadTime;
use crate::organization::standing::{AccountStanding, Standing};
use crate::organization::statement::{OuterStatement, denials};
use crate::words::coverage::{event_fault, gap, selected};
use crate::words::finding::{headline, reasons, remedies_with};
use crate::words::layers::{SCPS, levels, not_whole};
use crate::words::plain::plain;
use crate::words::provenance::{Provenance, provenance};

/// The most causes, and the most actions of one statement, that a summary names; the rest is counted.
const NAMED: usize = 12;

/// An audit, as a summary is made of it.
#[derive(Clone, Copy, Debug)]
pub struct Audited<'a> {
    /// The audit's id: parts of one audit have the same.
    pub audit: &'a str,
    /// What was found.
    pub assessment: &'a Assessment,
    /// What is wrong, finding by finding.
    pub findings: &'a Findings,
    /// What was known before and is to be committed: since when findings are open, and those that are still open although nobody looked
    /// again. `None` where nothing is kept.
    pub baseline: Option<&'a Baseline>,
    /// Owners and mutes.
    pub settings: &'a Settings,
    /// Where the account was read; `None` where that is AWS, and no more is to be said of it.
    pub provenance: Option<&'a Provenance>,
}

/// What a whole audit of one account found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSummary {
    /// The account.
    pub account: AccountId,
    /// The audit's id.
    pub audit: Box<str>,
    /// When the audit began.
    pub at: Timestamp,
    /// Where the account was read and who decided, as a sentence; `None` where whoever audited it did not say.
    pub source: Option<Box<str>>,
    /// When what it looked at was read.
    pub read: ReadTime,
    /// Why the audit could not be done, or that its canary failed.
    pub failure: Option<Box<str>>,
    /// That only some of it was asked for, as a sentence.
    pub selected: Option<Box<str>>,
    /// Which policies besides the principals' own were looked at.
    pub layers: LayerCoverage,
    /// What could not be seen, one sentence fragment each.
    pub unseen: BTreeSet<Box<str>>,
    /// Everybody who is bound to an action set.
    pub principals: BTreeMap<PrincipalArn, PrincipalSummary>,
    /// What is wrong, worth knowing or not known.
    pub findings: BTreeMap<FindingId, FindingSummary>,
}

/// What an audit found of one principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalSummary {
    /// It was looked at.
    Judged {
        /// By action set.
        verdicts: Vec<VerdictSummary>,
        /// Whether a tag or binding could not be followed, so that it may have named more.
        is_unfollowed: bool,
    },
    /// The time was up before it, or another part of the audit looked at it.
    NotReached,
}

/// The verdict on one requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictSummary {
    /// The action set.
    pub set: Box<str>,
    /// How it stands.
    pub standing: Standing,
    /// How bad it is, as its finding has it.
    pub level: Level,
    /// Needed actions that are denied.
    pub missing: usize,
    /// Needed actions that nobody could decide.
    pub unknown: usize,
    /// The policies of resources that decide besides, and trust policies, where nobody looked at them.
    pub not_checked: Vec<Box<str>>,
}

/// A finding, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingSummary {
    /// Its code.
    pub code: Code,
    /// How bad.
    pub level: Level,
    /// Whose; `None` for the account's own.
    pub principal: Option<PrincipalArn>,
    /// The action set; empty where it is about none.
    pub set: Box<str>,
    /// What is wrong with whom, in one line.
    pub title: Box<str>,
    /// What breaks.
    pub impact: Box<str>,
    /// Why, one sentence fragment for each cause.
    pub causes: Vec<Box<str>>,
    /// What to do, one sentence for each step.
    pub steps: Vec<Box<str>>,
    /// The statements above the account that deny it.
    pub denied_by: BTreeMap<OuterStatement, DeniedActions>,
    /// Since when it is open; `None` where nobody kept that.
    pub since: Option<Timestamp>,
    /// The mute that keeps it quiet: who, until when and why.
    pub muted: Option<Box<str>>,
}

/// Actions that one statement denies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeniedActions {
    /// Some of them by name.
    pub named: BTreeSet<Box<str>>,
    /// How many there are.
    pub count: usize,
}

impl AccountSummary {
    /// What an audit found. Of one that ran in several parts, what this part found: [`merge`](Self::merge) puts them together.
    #[must_use]
    pub fn of(audited: &Audited<'_>) -> Self {
        let assessment = audited.assessment;
        let coverage = &assessment.coverage;
        let touched = coverage.touched.iter();
        let events = touched.flat_map(|touched| touched.faults.iter().map(event_fault));
        let gaps = coverage.gaps.iter().map(gap);
        // Which principals were selected is said by each of them; which action sets were, by no other field.
        let of_sets = audit::Coverage {
            selection: audit::Selection {
                principals: None,
                ..coverage.selection.clone()
            },
            ..audit::Coverage::default()
        };
        let (from, failure) = (audited.provenance, assessment.failure.as_deref());
        Self {
            account: assessment.account,
            audit: audited.audit.into(),
            at: assessment.at,
            source: from.map(|from| provenance(from, assessment).into()),
            read: ReadTime::of(audited.provenance),
            failure: failure.map(|text| boxed(&plain(text))),
            selected: selected(&of_sets).map(String::into_boxed_str),
            layers: coverage.layers,
            unseen: gaps.chain(events).map(String::into_boxed_str).collect(),
            principals: principals(assessment),
            findings: findings(audited),
        }
    }

    /// How the account stands.
    #[must_use]
    pub fn standing(&self) -> AccountStanding {
        let is_nobody_named = || self.findings.values().all(|one| one.principal.is_none());
        let is_whole = self.failure.is_none() && self.selected.is_none() && self.unseen.is_empty();
        if self.principals.is_empty() && is_whole && is_nobody_named() {
            let own = self.own_standing();
            return match own {
                Standing::Compliant | Standing::CompliantNotChecked => AccountStanding::NobodyBound,
                Standing::Undetermined | Standing::Drifted => own.into(),
            };
        }
        let attached = self.by_principal();
        let theirs = self.principals.iter();
        let theirs = theirs
            .map(|(arn, one)| one.standing(attached.get(&Some(arn)).map_or(&[], Vec::as_slice)));
        let worst = theirs.chain([self.own_standing()]).max();
        let looked_alike = self.principals.is_empty().then_some(Standing::Undetermined);
        let worst = worst.into_iter().chain(looked_alike).max();
        let worst = worst.unwrap_or(Standing::Undetermined);
        match (worst, self.failure.is_some()) {
            // Drift is certain, whatever else is not known.
            (Standing::Drifted, _) => AccountStanding::Drifted,
            (
                Standing::Compliant | Standing::CompliantNotChecked | Standing::Undetermined,
                true,
            ) => AccountStanding::NotAudited,
            (Standing::Compliant, false) if !self.levels_not_read().is_empty() => {
                AccountStanding::CompliantNotChecked
            }
            (standing, false) => standing.into(),
        }
    }

    /// The policies above the account that may deny and were not read, or not whole, such as `SCPs: not read`.
    #[must_use]
    pub fn levels_not_read(&self) -> Vec<String> {
        // AWS's simulator applies SCPs by itself, and no RCPs.
        let is_applied = |what: &str| what == SCPS && self.read == ReadTime::DuringAudit;
        let not_read = levels(&self.layers).into_iter();
        let not_read = not_read.filter(|(what, levels)| match levels {
            LevelsRead::NotRead | LevelsRead::Refused | LevelsRead::Partly { .. } => {
                !is_applied(what)
            }
            LevelsRead::NoOrganization | LevelsRead::Read(_) => false,
        });
        not_read
            .map(|(what, levels)| not_whole(what, levels))
            .collect()
    }

    /// What findings say that are about no principal that is bound, and what could not be seen.
    fn own_standing(&self) -> Standing {
        let is_bound = |arn: &PrincipalArn| self.principals.contains_key(arn);
        let others = self.findings.values();
        let others = others.filter(|one| !one.principal.as_ref().is_some_and(is_bound));
        let unseen = match self.unseen.is_empty() {
            true => Standing::Compliant,
            false => Standing::Undetermined,
        };
        others.map(FindingSummary::standing).fold(unseen, Ord::max)
    }

    /// How many principals are called like Veeam's and are bound to nothing, so that nobody looked at them.
    #[must_use]
    pub fn count_unbound(&self) -> usize {
        let of_others = self.findings.values().filter(|one| {
            let principal = one.principal.as_ref();
            // Whoever was bound before has a level.
            one.code == Code::Coverage
                && one.level == Level::Notice
                && principal.is_some_and(|arn| !self.principals.contains_key(arn))
        });
        of_others.count()
    }

    /// Findings by the principal that they are about.
    #[must_use]
    pub fn by_principal(
        &self,
    ) -> BTreeMap<Option<&PrincipalArn>, Vec<(FindingId, &FindingSummary)>> {
        let mut by: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (id, finding) in &self.findings {
            by.entry(finding.principal.as_ref())
                .or_default()
                .push((*id, finding));
        }
        by
    }

    /// The worst level among findings that are not muted; `None` where there is none.
    #[must_use]
    pub fn worst_level(&self) -> Option<Level> {
        let told = self.findings.values().filter(|one| one.muted.is_none());
        told.map(|one| one.level).max()
    }
}

fn principals(assessment: &Assessment) -> BTreeMap<PrincipalArn, PrincipalSummary> {
    let coverage = &assessment.coverage;
    let mut verdicts: BTreeMap<&PrincipalArn, Vec<VerdictSummary>> = BTreeMap::new();
    for verdict in &assessment.verdicts {
        let of_one = verdicts.entry(&verdict.principal).or_default();
        of_one.push(VerdictSummary::of(verdict));
    }
    let named = coverage.bound.iter().chain(verdicts.keys().copied());
    let mut principals = BTreeMap::new();
    for arn in named {
        let is_late = coverage.not_reached.binary_search(arn).is_ok();
        let is_selected = coverage.selection.takes(arn);
        let verdicts = verdicts.get(arn).cloned().unwrap_or_default();
        let is_unfollowed = assessment.has_faults(arn);
        let is_judged = !verdicts.is_empty() || is_unfollowed;
        let summary = match is_selected && !is_late && is_judged {
            true => PrincipalSummary::Judged {
                verdicts,
                is_unfollowed,
            },
            // Its action sets were not asked for.
            false if is_selected && !is_late && coverage.selection.sets.is_some() => continue,
            false => PrincipalSummary::NotReached,
        };
        principals.insert(arn.clone(), summary);
    }
    principals
}

impl VerdictSummary {
    fn of(verdict: &Verdict) -> Self {
        let unread = verdict.unread().iter().map(|policy| policy.as_str());
        let is_trust_open = verdict.judgement() == Judgement::Compliant
            && verdict.notices.iter().any(|notice| {
                matches!(
                    notice,
                    Notice::Requirement(RequirementNotice::TrustedByWhom)
                )
            });
        let unread: Vec<Box<str>> = unread
            .chain(is_trust_open.then_some("trust policy"))
            .map(Box::from)
            .collect();
        Self {
            set: (&*verdict.requirement.set).into(),
            standing: match verdict.judgement() {
                Judgement::Compliant if unread.is_empty() => Standing::Compliant,
                Judgement::Compliant => Standing::CompliantNotChecked,
                Judgement::Undetermined => Standing::Undetermined,
                Judgement::Drifted => Standing::Drifted,
            },
            level: verdict.level(),
            missing: verdict.count_missing(),
            unknown: verdict.count_unknown(),
            not_checked: unread,
        }
    }
}

/// What this audit shows, and what is still open by the baseline because nobody could look again.
fn findings(audited: &Audited<'_>) -> BTreeMap<FindingId, FindingSummary> {
    let seen = audited.findings.values();
    let tracked = audited.baseline.into_iter().flat_map(Baseline::tracked);
    let open = tracked.filter(|tracked| tracked.healthy.is_none());
    let unseen = open
        .map(|tracked| &tracked.finding)
        .filter(|finding| !audited.findings.contains_key(&finding.id));
    seen.chain(unseen)
        .map(|finding| (finding.id, FindingSummary::of(finding, audited)))
        .collect()
}

impl FindingSummary {
    fn of(finding: &Finding, audited: &Audited<'_>) -> Self {
        let settings = audited.settings;
        let mute = audit::mute::cover(
            &settings.mutes,
            finding,
            audit::mute::At::of(audited.assessment),
        );
        let known = audited.baseline.and_then(|known| known.tracked_of(finding));
        Self {
            code: finding.code,
            level: finding.level,
            principal: finding.principal.clone(),
            set: finding.set.clone(),
            title: headline(finding).into(),
            impact: boxed(&plain(&finding.impact)),
            causes: some(reasons(finding)),
            steps: some(remedies_with(
                finding,
                &settings.owners,
                &audited
                    .provenance
                    .map_or_else(String::new, Provenance::binding),
            )),
            denied_by: denials(finding)
                .into_iter()
                .map(|(statement, actions)| {
                    let named = actions.iter().take(NAMED);
                    let denied = DeniedActions {
                        named: named.map(|action| action.as_str().into()).collect(),
                        count: actions.len(),
                    };
                    (statement, denied)
                })
                .collect(),
            since: known.map(|tracked| tracked.finding.opened),
            muted: mute.map(|mute| justification(mute).into()),
        }
    }
}

fn some(mut texts: Vec<String>) -> Vec<Box<str>> {
    let more = texts.len().saturating_sub(NAMED);
    if more > 0 {
        texts.truncate(NAMED);
        texts.push(format!("and {more} more"));
    }
    texts.into_iter().map(String::into_boxed_str).collect()
}

fn boxed(text: &str) -> Box<str> {
    text.into()
}
