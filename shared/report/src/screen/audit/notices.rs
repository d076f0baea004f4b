//! Notices about requirements: remarks that do not mean that an operation fails.
//!
//! The same notice about several requirements is printed once; notices that ask for an answer come first.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use audit::Code;
use audit::requirement::{Requirement, RequirementNotice};
use audit::resource_faults::fault::Weight;
use audit::verdict::{Notice, Place, Verdict};
use catalog::Catalog;
use foldhash::fast::RandomState;

use super::content::Screen;
use super::remark::{Remark, few};
use crate::words::cause::list;
use crate::words::coverage::name;
use crate::words::fault;
use crate::words::plain::plain;

/// Faults of resources that break nothing come after what was denied on some resources.
const FAULT_RANK: u8 = 2;

/// Every notice that is not muted, with those it is about.
pub(super) fn notices(screen: &Screen<'_>) -> impl Iterator<Item = Remark> {
    let mut told: BTreeMap<Rc<(u8, String)>, Vec<&Verdict>> = BTreeMap::new();
    // Thousands may have the same notice of the same requirement, which is put into words once.
    let mut worded: HashMap<(*const Requirement, &Notice), Rc<(u8, String)>, RandomState> =
        HashMap::default();
    for verdict in &screen.assessment.verdicts {
        for one in &verdict.faults {
            let set = &verdict.requirement.set;
            let is_told = one.weight == Weight::Notice
                && screen.mute(&verdict.principal, one.code(), set).is_none();
            if is_told {
                let words = Rc::new((FAULT_RANK, fault::fault(one)));
                told.entry(words).or_default().push(verdict);
            }
        }
        for notice in &verdict.notices {
            if !is_muted(notice, verdict, screen) {
                let key = (Arc::as_ptr(&verdict.requirement), notice);
                let words = worded.entry(key).or_insert_with(|| {
                    Rc::new((rank(notice), words(notice, verdict, screen.catalog)))
                });
                told.entry(Rc::clone(words)).or_default().push(verdict);
            }
        }
    }
    told.into_iter().map(|(words, verdicts)| {
        let who = verdicts.iter().map(|verdict| {
            format!(
                "{} for {}",
                name(&verdict.principal),
                plain(&verdict.requirement.set)
            )
        });
        Remark::about(words.1.clone(), who)
    })
}

fn is_muted(notice: &Notice, verdict: &Verdict, screen: &Screen<'_>) -> bool {
    let (code, set) = match notice {
        Notice::AllowedOnlyOn { .. } => (Code::AllowedOnlyOn, &*verdict.requirement.set),
        Notice::Requirement(RequirementNotice::Transient) => {
            (Code::ExcessAccess, &*verdict.requirement.set)
        }
        Notice::Asked { .. }
        | Notice::DeniedOn { .. }
        | Notice::NotConfirmed { .. }
        | Notice::Optional { .. }
        | Notice::Requirement(
            RequirementNotice::NeedsOneOf(_) | RequirementNotice::TrustedByWhom,
        ) => return false,
    };
    screen.mute(&verdict.principal, code, set).is_some()
}

/// What a person can settle comes first, what is merely odd last.
fn rank(notice: &Notice) -> u8 {
    match notice {
        Notice::Asked { .. } => 0,
        Notice::AllowedOnlyOn { .. } => 1,
        Notice::DeniedOn { .. } => 2,
        Notice::NotConfirmed { .. } => 3,
        Notice::Requirement(RequirementNotice::NeedsOneOf(_)) => 4,
        Notice::Requirement(RequirementNotice::TrustedByWhom) => 5,
        Notice::Optional { .. } => 6,
        Notice::Requirement(RequirementNotice::Transient) => 7,
    }
}

fn words(notice: &Notice, verdict: &Verdict, catalog: &Catalog) -> String {
    match notice {
        Notice::Asked { condition, places } => format!(
            "{} If so, these must be allowed: {}. Answer `{}` under [answers] in the settings",
            catalog.condition(condition).unwrap_or("Are these needed?"),
            actions(verdict, places),
            plain(condition)
        ),
        Notice::AllowedOnlyOn { resources, places } => format!(
            "allowed on {} only: {}; declare which resources Veeam uses, in a tag or in the settings, to check against exactly these",
            few(resources.iter().map(|one| plain(one).into_owned())),
            actions(verdict, places)
        ),
        Notice::DeniedOn { by, resources, places } => format!(
            "allowed, but denied on {} by {}: {}; nothing breaks unless Veeam uses these",
            few(resources.iter().map(|one| plain(one).into_owned())),
            few(by.iter().map(|one| plain(&one.to_string()).into_owned())),
            actions(verdict, places)
        ),
        Notice::NotConfirmed { reason, places } => format!(
            "allowed, but not confirmed on the resources that Veeam uses, where an SCP may deny: {}: {}",
            plain(reason),
            actions(verdict, places)
        ),
        Notice::Requirement(RequirementNotice::NeedsOneOf(sets)) => format!(
            "needs one of these action sets besides, and is bound to none: {}",
            list(sets.iter().map(AsRef::as_ref))
        ),
        Notice::Requirement(RequirementNotice::TrustedByWhom) => {
            "not declared who assumes these roles, so that part of their trust policies was not checked: declare it with `assumed-by` in a tag or in the settings".to_owned()
        }
        Notice::Optional { because, places } => {
            format!("denied, and needed {}: {}", plain(because), actions(verdict, places))
        }
        Notice::Requirement(RequirementNotice::Transient) => {
            "bound permanently to an action set that is meant for one occasion".to_owned()
        }
    }
}

fn actions(verdict: &Verdict, places: &[Place]) -> String {
    let mut actions: Vec<&str> = places
        .iter()
        .flat_map(|place| place.actions(&verdict.requirement))
        .map(iam::ActionName::as_str)
        .collect();
    actions.sort_unstable();
    actions.dedup();
    few(actions.into_iter().map(|action| plain(action).into_owned()))
}
