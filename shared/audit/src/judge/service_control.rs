//! Service control: is it known what all SCPs above an account say, and did they decide?

pub(crate) mod named;

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::simulator::ServiceControl;
use iam::{AccountId, Cause};

use crate::bind::requirement::Need;
use crate::judge::verdict::{Notice, Unknown, Verdict};
use crate::resources::{Organization, Reading, Resources};

/// Whether SCPs can restrict the account, as far as is known. `given` are those that came from elsewhere than the organisation.
pub(crate) fn can_restrict(
    resources: &Resources,
    given: &ServiceControl<'_>,
    account: AccountId,
) -> bool {
    let is_exempt = match &resources.organization {
        Reading::Read(Some(organization)) => organization.management_account == Some(account),
        Reading::Read(None) => true,
        Reading::NotRead | Reading::Refused(_) => false,
    };
    !is_exempt && !given.management_account
}

/// Whether all SCPs that can restrict the account are known.
pub(crate) fn is_known(
    resources: &Resources,
    given: &ServiceControl<'_>,
    account: AccountId,
) -> bool {
    let organization = resources.organization.read().and_then(Option::as_ref);
    let has_levels = |one: &Organization| {
        let levels = one.service_control.read();
        levels.is_some_and(|levels| !levels.is_empty())
    };
    let is_whole = organization.is_none_or(|one| one.refused_service_control.is_empty());
    !can_restrict(resources, given, account)
        || (is_whole && (!given.levels.is_empty() || organization.is_some_and(has_levels)))
}

/// The actions that an SCP may deny on concrete resources about which AWS was not asked.
pub(crate) fn not_confirmed(verdict: &Verdict) -> Vec<Unknown> {
    let is_needed = |question: usize, action: &u16| {
        let check = verdict.requirement.checks.get(question);
        let need = check.and_then(|check| check.needs.get(usize::from(*action)));
        need.is_none_or(|need| *need == Need::Required)
    };
    let notices = verdict.notices.iter().filter_map(|notice| match notice {
        Notice::NotConfirmed { reason, places } => Some((reason, places)),
        Notice::Optional { .. }
        | Notice::Asked { .. }
        | Notice::AllowedOnlyOn { .. }
        | Notice::DeniedOn { .. }
        | Notice::Requirement(_) => None,
    });
    let unknown = notices.map(|(reason, places)| Unknown {
        cause: Cause::NoAnswer {
            reason: Arc::clone(reason),
        },
        keys: BTreeSet::new(),
        places: places
            .iter()
            .filter_map(|place| {
                let mut place = place.clone();
                let question = place.question;
                place.actions.retain(|action| is_needed(question, action));
                (!place.actions.is_empty()).then_some(place)
            })
            .collect(),
    });
    unknown.filter(|one| !one.places.is_empty()).collect()
}
