//! Judging: what do a simulator's answers mean for the requirements?
//!
//! In: what was bound, and the answer for each subject. Out: an [`Assessment`]. What a simulator never sees is judged here
//! as well: trust policies, instance profiles, access keys. Not knowing never counts as compliant and never as drift.
//!
//! What changed since the last audit is `compare`'s business.

pub mod assessment;
mod canary;
mod contradiction;
pub mod counts;
pub mod escalation;
pub(crate) mod excess;
mod keys;
pub(crate) mod layers;
mod one_bucket;
pub mod resource_faults;
pub(crate) mod resource_side;
pub mod rules_version;
pub(crate) mod service_control;
pub(crate) mod sorting;
mod trust;
pub mod verdict;

use std::collections::BTreeSet;
use std::iter::repeat_with;
use std::sync::Arc;

use iam::simulator::ServiceControl;
use iam::{AccountId, Cause, Group, Principal, PrincipalArn};
use jiff::Timestamp;

use crate::asked::Asked;
use crate::bind::listed::Listed;
use crate::bind::requirement::Requirement;
use crate::events::ChangesSeen;
use crate::judge::assessment::{Assessment, Coverage, LayerCoverage};
use crate::judge::rules_version::RulesVersion;
use crate::judge::verdict::{Notice, Profile, Trust, Verdict};
use crate::settings::accounts::SettingsOf;
use crate::simulate::{Inquiry, Reply, not_asked};
use excess::Excesses;
use layers::NotChecked;
use resource_faults::ResourceFaults;
use trust::Trusts;

/// Everything that one audit found. `service_control`: the SCPs above the account, as far as they are known; they decide besides who assumes
/// a role. `replies` are those to `inquiries`, in their order; one that is not there was not reached.
#[must_use]
pub fn assess(
    asked: &Asked<'_>,
    listed: &Listed,
    service_control: &ServiceControl<'_>,
    inquiries: &[Inquiry],
    replies: Vec<Reply>,
) -> Assessment {
    let Listed {
        account,
        inventory,
        selection,
        bound,
        resources,
        touched,
    } = listed;
    let mut excesses = asked
        .excess
        .filter(|_| selection.sets.is_none())
        .map(|least| Excesses::of(inventory, least));
    let mut trusts = Trusts::new(*account, asked, inventory, resources, service_control);
    let mut resource_faults = ResourceFaults::new(resources, inventory, *account, asked.now);
    let mut not_checked = NotChecked::new(resources, *account);
    let mut replies = inquiries
        .iter()
        .zip(replies.into_iter().map(Some).chain(repeat_with(|| None)))
        .map(|(inquiry, reply)| reply.and_then(|reply| reply.into_groups(&inquiry.lists)));
    let mut found = Assessment {
        account: *account,
        at: asked.now,
        rules: RulesVersion::current(),
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
            unknown_accounts: asked.settings_of.unknown(asked.settings),
            is_of_many: asked.settings_of != SettingsOf::Account,
            selection: selection.clone(),
            touched: touched.clone(),
            resources: Arc::clone(resources),
            layers: LayerCoverage::default(),
            knows_service_control: false,
        },
        changes: ChangesSeen::default(),
        failure: None,
    };
    // In other accounts than its own nobody misses it.
    if let Some(canary) = asked.canary
        && selection.is_all()
        && canary.principal.account() == *account
        && inventory.principal(&canary.principal).is_none()
    {
        found.failure = Some(format!("the canary {} is gone", canary.principal).into());
    }
    if let Some(canary) = &bound.canary {
        let groups = replies.next().flatten();
        if let Some(principal) = inventory.principals.get(canary.principal) {
            found.failure = canary::judge(principal, groups);
        }
    }
    if let Some(contradiction) = contradiction::contradiction(asked.settings, resources, *account) {
        found.failure = Some(contradiction.into());
    }
    for subject in &bound.subjects {
        let groups = replies.next().flatten();
        let Some(principal) = inventory.principals.get(subject.principal) else {
            continue;
        };
        let Some(groups) = groups else {
            found.coverage.not_reached.push(principal.arn.clone());
            let requirements = subject.requirements.iter();
            let verdicts = requirements.map(|requirement| not_reached(&principal.arn, requirement));
            found.verdicts.extend(verdicts);
            continue;
        };
        let mut groups = groups.into_iter();
        for requirement in subject.requirements.iter() {
            // Without groups all would count as allowed.
            let groups = groups
                .next()
                .unwrap_or_else(|| not_asked(requirement.questions()));
            let mut verdict = judge(principal, requirement, groups, &mut trusts);
            verdict.faults = resource_faults.of(&verdict);
            verdict.not_checked = not_checked.of(requirement);
            found.verdicts.push(verdict);
        }
        if let (Some(questions), Some(excesses), Some(all)) =
            (&bound.excess, &mut excesses, &mut found.excess)
        {
            let groups = groups.next().unwrap_or_else(|| not_asked(questions.iter()));
            all.push(excesses.judge(principal, subject, questions, &groups));
        }
        found.keys.extend(keys::judge(
            principal,
            subject,
            inventory,
            asked.settings,
            asked.now,
        ));
    }
    found
}

/// An audit that could not be done.
#[must_use]
pub fn failed(account: AccountId, reason: &str, now: Timestamp) -> Assessment {
    Assessment {
        account,
        at: now,
        rules: RulesVersion::current(),
        verdicts: Vec::new(),
        keys: Vec::new(),
        excess: None,
        root_keys: None,
        faults: Vec::new(),
        coverage: Coverage::default(),
        changes: ChangesSeen::default(),
        failure: Some(reason.into()),
    }
}

/// That trail events could not be read or followed, and why; nobody was looked at.
#[must_use]
pub fn not_followed(account: AccountId, reasons: BTreeSet<Box<str>>, now: Timestamp) -> Assessment {
    let mut nobody = failed(account, "", now);
    nobody.failure = None;
    nobody.coverage.selection.principals = Some(BTreeSet::new());
    nobody.changes.not_followed = reasons;
    nobody
}

/// Judges one requirement.
fn judge(
    principal: &Principal,
    requirement: &Arc<Requirement>,
    groups: Vec<Group>,
    trusts: &mut Trusts<'_>,
) -> Verdict {
    let sorted = sorting::sort(requirement, groups);
    let trust = trusts.judge(principal, requirement);
    let instance_profile = if requirement.instance_profile && principal.instance_profiles.is_empty()
    {
        Profile::Lacks
    } else {
        Profile::Holds
    };
    let mut notices = sorted.notices;
    notices.extend(requirement.notices.iter().cloned().map(Notice::Requirement));
    Verdict {
        principal: principal.arn.clone(),
        requirement: Arc::clone(requirement),
        missing: sorted.missing,
        unknown: sorted.unknown,
        trust,
        instance_profile,
        faults: Vec::new(),
        notices,
        not_checked: Arc::default(),
    }
}

/// A requirement that nobody looked at: nothing of it is known.
fn not_reached(principal: &PrincipalArn, requirement: &Arc<Requirement>) -> Verdict {
    let cause = Cause::NoAnswer {
        reason: "not looked at in this run: its time was up".into(),
    };
    Verdict {
        principal: principal.clone(),
        requirement: Arc::clone(requirement),
        missing: Vec::new(),
        unknown: sorting::all_unknown(requirement, cause),
        trust: Trust::default(),
        instance_profile: Profile::Holds,
        faults: Vec::new(),
        notices: Vec::new(),
        not_checked: Arc::default(),
    }
}
