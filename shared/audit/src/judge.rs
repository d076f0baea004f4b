//! Judging: what do a simulator's answers mean for the requirements?
//!
//! In: what was bound, and the answer for each subject. Out: an [`Assessment`]. What a simulator never sees is judged here
//! as well: trust policies, instance profiles, access keys. Not knowing never counts as compliant and never as drift.
//!
//! What changed since the last audit is `compare`'s business.

pub mod assessment;
mod canary;
pub mod escalation;
pub(crate) mod excess;
mod keys;
pub(crate) mod sorting;
mod trust;
pub mod verdict;

use std::sync::Arc;

use iam::{AccountId, Cause, Group, Inventory, Principal, PrincipalArn};
use jiff::Timestamp;

use crate::bind::requirement::{Bound, Plan, Purpose};
use crate::judge::assessment::{Assessment, Coverage, Selection};
use crate::judge::verdict::{Judgement, Notice, Profile, Trust, Verdict};
use crate::ports::Answer;
use crate::settings::Settings;
use excess::Excesses;
use trust::Trusts;

/// Everything that one audit found. `answers` stand in the order of the subjects; one that is not there was not reached.
#[must_use]
pub fn assess(
    account: AccountId,
    inventory: &Inventory,
    bound: &Bound,
    answers: Vec<Answer>,
    settings: &Settings,
    selection: &Selection,
    now: Timestamp,
) -> Assessment {
    let mut excesses = settings
        .excess
        .filter(|_| selection.sets.is_none())
        .map(|least| Excesses::of(inventory, least));
    let mut trusts = Trusts::new(account, settings, now);
    let mut answers = answers.into_iter();
    let mut found = Assessment {
        account,
        at: now,
        verdicts: Vec::with_capacity(bound.subjects.len()),
        keys: Vec::new(),
        excess: excesses.is_some().then(Vec::new),
        root_keys: inventory.root_keys.as_ref().map(Vec::len),
        faults: bound
            .faults
            .iter()
            .filter(|fault| selection.takes(&fault.principal))
            .cloned()
            .collect(),
        coverage: Coverage {
            principals: inventory.principals.len(),
            bound: bound.named.iter().cloned().collect(),
            lookalikes: bound.lookalikes.clone(),
            gaps: inventory.gaps.clone(),
            not_reached: Vec::new(),
            unused_bindings: bound.unused.clone(),
            selection: selection.clone(),
        },
        failure: None,
    };
    // In other accounts than its own nobody misses it.
    if let Some(canary) = settings.canary.as_ref()
        && selection.is_all()
        && canary.principal.account() == account
        && inventory.principal(&canary.principal).is_none()
    {
        found.failure = Some(format!("the canary {} is gone", canary.principal).into());
    }
    for subject in &bound.subjects {
        let answer = answers.next().unwrap_or(Answer::NotReached);
        let Some(principal) = inventory.principals.get(subject.principal) else {
            continue;
        };
        if let Some(plan) = subject.plans.iter().find(|plan| is_canary(plan)) {
            found.failure = canary::judge(principal, plan, answer);
            continue;
        }
        let groups = match answer {
            Answer::Decided(groups) => groups,
            Answer::NotReached => {
                found.coverage.not_reached.push(principal.arn.clone());
                let plans = subject.plans.iter().filter(is_required);
                let verdicts = plans.map(|plan| not_reached(&principal.arn, plan));
                found.verdicts.extend(verdicts);
                continue;
            }
        };
        let mut groups = groups.into_iter();
        for plan in subject.plans.iter() {
            let groups = groups.next();
            match plan.purpose {
                Purpose::Requirement => found.verdicts.push(match groups {
                    Some(groups) => judge(principal, plan, groups, &mut trusts),
                    None => not_reached(&principal.arn, plan),
                }),
                Purpose::Canary => {}
                Purpose::Excess => {
                    if let (Some(groups), Some(excesses), Some(all)) =
                        (groups, &mut excesses, &mut found.excess)
                    {
                        all.push(excesses.judge(principal, subject, plan, &groups));
                    }
                }
            }
        }
        found
            .keys
            .extend(keys::judge(principal, subject, inventory, settings, now));
    }
    found
}

fn is_canary(plan: &Plan) -> bool {
    plan.purpose == Purpose::Canary
}

fn is_required(plan: &&Arc<Plan>) -> bool {
    plan.purpose == Purpose::Requirement
}

/// An audit that could not be done.
#[must_use]
pub fn failed(account: AccountId, reason: &str, now: Timestamp) -> Assessment {
    Assessment {
        account,
        at: now,
        verdicts: Vec::new(),
        keys: Vec::new(),
        excess: None,
        root_keys: None,
        faults: Vec::new(),
        coverage: Coverage::default(),
        failure: Some(reason.into()),
    }
}

/// Judges one requirement.
fn judge(
    principal: &Principal,
    plan: &Arc<Plan>,
    groups: Vec<Group>,
    trusts: &mut Trusts,
) -> Verdict {
    let sorted = sorting::sort(plan, groups);
    let trust = trusts.judge(principal, plan);
    let instance_profile = if plan.instance_profile && principal.instance_profiles.is_empty() {
        Profile::Lacks
    } else {
        Profile::Holds
    };
    let mut notices = sorted.notices;
    notices.extend(plan.notices.iter().cloned().map(Notice::Plan));
    let lacks = !sorted.missing.is_empty()
        || !trust.missing.is_empty()
        || instance_profile == Profile::Lacks;
    let unsure = !sorted.unknown.is_empty() || !trust.unknown.is_empty();
    Verdict {
        principal: principal.arn.clone(),
        plan: Arc::clone(plan),
        judgement: match (lacks, unsure) {
            (true, _) => Judgement::Drifted,
            (false, true) => Judgement::Undetermined,
            (false, false) => Judgement::Compliant,
        },
        missing: sorted.missing,
        unknown: sorted.unknown,
        trust,
        instance_profile,
        notices,
    }
}

/// A requirement that nobody looked at: nothing of it is known.
fn not_reached(principal: &PrincipalArn, plan: &Arc<Plan>) -> Verdict {
    let cause = Cause::NoAnswer {
        reason: "not looked at in this run: its time was up".into(),
    };
    Verdict {
        principal: principal.clone(),
        plan: Arc::clone(plan),
        judgement: Judgement::Undetermined,
        missing: Vec::new(),
        unknown: sorting::all_unknown(plan, cause),
        trust: Trust::default(),
        instance_profile: Profile::Holds,
        notices: Vec::new(),
    }
}
