//! What is worth a finding and about the resources of a requirement: keys, buckets, vaults, regions, endpoints.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::described::{Described, Description};
use super::finding::{Code, Item};
use crate::judge::resource_faults::fault::{ResourceFault, Weight};
use crate::judge::verdict::Verdict;
use crate::level::Level;

/// A finding for each code, about all that is wrong for it. What is not known is part of what is undetermined.
pub(super) fn findings(verdict: &Verdict) -> impl Iterator<Item = Described> {
    let codes = [Code::KeyState, Code::ResourceSettings].into_iter();
    codes.filter_map(|code| described(verdict, code))
}

/// What nobody could decide.
pub(crate) fn undecided(verdict: &Verdict) -> impl Iterator<Item = Item> {
    let faults = verdict.faults.iter();
    faults
        .filter(|fault| fault.weight == Weight::Unknown)
        .map(ResourceFault::item)
}

fn described(verdict: &Verdict, code: Code) -> Option<Described> {
    let known = verdict.faults.iter();
    let known = known.filter(|fault| fault.code() == code && fault.weight != Weight::Unknown);
    let items: BTreeSet<Item> = known.clone().map(ResourceFault::item).collect();
    if items.is_empty() {
        return None;
    }
    let requirement = &verdict.requirement;
    let breaks = known.clone().any(|fault| fault.weight == Weight::Breaks);
    let (level, impact) = match breaks {
        true => (requirement.level, Arc::clone(&requirement.impact)),
        false => (
            Level::Notice,
            "Nothing breaks, as far as is known; it matters if Veeam comes to need this.".into(),
        ),
    };
    let description = Description {
        level,
        title: Arc::clone(&requirement.title),
        impact,
        items: items.into(),
        lacks: Arc::default(),
    };
    Some(description.of(Some(&verdict.principal), code, &requirement.set))
}
