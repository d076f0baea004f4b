//! Upgrades: what will bound principals lack once the product is of another version?
//!
//! In: what is asked of which environment, and two versions. Out: an [`Upgrade`]: each requirement judged as if every appliance
//! were of the newer version already, pared down to what it did not lack in the older. What lacks in both is the audit's
//! business, and so is the version that a tag or a binding names: here all of them are passed over.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::ProductVersion;
use iam::ActionName;

use crate::asked::Asked;
use crate::bind::requirement::Requirement;
use crate::judge::assessment::Assessment;
use crate::judge::verdict::{Judgement, Notice, Place, Profile, Verdict};
use crate::look::{LookError, look};
use crate::ports::Environment;

/// What an upgrade does to the principals of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Upgrade {
    /// The audit of the newer version: coverage, faults, and verdicts pared down to what is newly lacking. One that lacks
    /// nothing new is not in it.
    pub assessment: Assessment,
    /// How many requirements were looked at.
    pub checked: usize,
    /// How many requirements lack something in the older version, whatever the newer one needs.
    pub lacking_before: usize,
    /// Of how many it could not be known in the older version.
    pub unknown_before: usize,
}

impl Upgrade {
    /// Whether something will be lacking for certain.
    #[must_use]
    pub fn lacks(&self) -> bool {
        self.assessment.count(Judgement::Drifted) > 0
    }
}

/// Audits both versions, and keeps what only the newer one lacks.
///
/// # Errors
/// [`LookError`], where there is nothing to judge.
pub async fn upgrade<E: Environment>(
    asked: &Asked<'_>,
    environment: &E,
    from: ProductVersion,
    to: ProductVersion,
) -> Result<Upgrade, LookError> {
    let of = |version| Asked {
        version: Some(version),
        excess: None,
        canary: None,
        ..asked.clone()
    };
    let before = look(&of(from), environment).await?.assessment;
    let mut after = look(&of(to), environment).await?.assessment;
    let checked = after.verdicts.len();
    let verdicts = std::mem::take(&mut after.verdicts);
    after.verdicts = verdicts
        .into_iter()
        .filter_map(|verdict| {
            let was = before.verdict(&verdict.principal, &verdict.requirement.set);
            pare(verdict, was)
        })
        .collect();
    Ok(Upgrade {
        lacking_before: before.count(Judgement::Drifted),
        unknown_before: before.count(Judgement::Undetermined),
        assessment: after,
        checked,
    })
}

/// What a verdict says that an earlier one did not; `None` where that is nothing.
fn pare(mut verdict: Verdict, was: Option<&Verdict>) -> Option<Verdict> {
    let known = was.map(Known::of).unwrap_or_default();
    let requirement = Arc::clone(&verdict.requirement);
    for missing in &mut verdict.missing {
        keep_new(&requirement, &mut missing.places, &known.missing);
    }
    verdict.missing.retain(|missing| !missing.places.is_empty());
    for unknown in &mut verdict.unknown {
        keep_new(&requirement, &mut unknown.places, &known.unsure);
    }
    verdict.unknown.retain(|unknown| !unknown.places.is_empty());
    verdict.notices.retain_mut(|notice| match notice {
        Notice::Asked { places, .. }
        | Notice::Optional { places, .. }
        | Notice::AllowedOnlyOn { places, .. } => {
            keep_new(&requirement, places, &known.all);
            !places.is_empty()
        }
        Notice::DeniedOn { .. } | Notice::NotConfirmed { .. } | Notice::Requirement(_) => false,
    });
    if let Some(was) = was {
        let trust = &mut verdict.trust;
        let before = &was.trust;
        trust.missing.retain(|name| !before.missing.contains(name));
        trust
            .unknown
            .retain(|name| !before.missing.contains(name) && !before.unknown.contains(name));
        verdict.faults.retain(|fault| !was.faults.contains(fault));
        if was.instance_profile == Profile::Lacks {
            verdict.instance_profile = Profile::Holds;
        }
    }
    let is_news = verdict.judgement() != Judgement::Compliant || !verdict.notices.is_empty();
    is_news.then_some(verdict)
}

/// An action, the resource and the region.
type Spot<'a> = (&'a ActionName, &'a str, Option<&'a str>);

/// What an earlier verdict told already, each set with the one before.
#[derive(Default)]
struct Known<'a> {
    missing: BTreeSet<Spot<'a>>,
    unsure: BTreeSet<Spot<'a>>,
    all: BTreeSet<Spot<'a>>,
}

impl<'a> Known<'a> {
    fn of(was: &'a Verdict) -> Self {
        let requirement = &*was.requirement;
        let missing = was
            .missing
            .iter()
            .flat_map(|one| spots(requirement, &one.places));
        let missing: BTreeSet<_> = missing.collect();
        let mut unsure = missing.clone();
        unsure.extend(
            was.unknown
                .iter()
                .flat_map(|one| spots(requirement, &one.places)),
        );
        let mut all = unsure.clone();
        for notice in &was.notices {
            match notice {
                Notice::Asked { places, .. }
                | Notice::Optional { places, .. }
                | Notice::AllowedOnlyOn { places, .. } => all.extend(spots(requirement, places)),
                Notice::DeniedOn { .. } | Notice::NotConfirmed { .. } | Notice::Requirement(_) => {}
            }
        }
        Self {
            missing,
            unsure,
            all,
        }
    }
}

fn spots<'a>(requirement: &'a Requirement, places: &'a [Place]) -> impl Iterator<Item = Spot<'a>> {
    places.iter().flat_map(|place| {
        let (resource, region) = (place.resource(requirement), place.region(requirement));
        place
            .actions(requirement)
            .map(move |name| (name, resource, region))
    })
}

/// Leaves only the places and actions that are not known already.
fn keep_new(requirement: &Requirement, places: &mut Vec<Place>, known: &BTreeSet<Spot<'_>>) {
    for place in places.iter_mut() {
        let (resource, region) = (place.resource(requirement), place.region(requirement));
        let question = place.question;
        place.actions.retain(|&at| {
            let mut names = requirement.actions(question, std::slice::from_ref(&at));
            names.any(|name| !known.contains(&(name, resource, region)))
        });
    }
    places.retain(|place| !place.actions.is_empty());
}
