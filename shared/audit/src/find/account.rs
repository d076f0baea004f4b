//! What is worth a finding and about no requirement: access keys, excess, tags that could not be followed, coverage, an audit
//! that failed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::described::{Described, Description, all, one};
use super::finding::{Code, Item};
use super::items::{gap_item, key_item};
use crate::bind::requirement::{BindFault, BindFaultKind};
use crate::judge::assessment::{Assessment, Coverage, Danger, DangerKind, Excess, Keys};
use crate::level::Level;

/// All of them.
pub(super) fn findings(assessment: &Assessment) -> impl Iterator<Item = Described> {
    let excess = assessment.excess.iter().flatten();
    assessment
        .keys
        .iter()
        .filter_map(access_keys)
        .chain(assessment.faults.iter().map(fault))
        .chain(excess.filter_map(self::excess))
        .chain(root_keys(assessment))
        .chain(lookalikes(&assessment.coverage))
        .chain(coverage(assessment))
        .chain(not_arriving(assessment))
        .chain(not_followed(assessment))
        .chain(failure(assessment))
}

fn access_keys(keys: &Keys) -> Option<Described> {
    let principal = Some(&keys.principal);
    let Some(faults) = &keys.faults else {
        let described = Description {
            level: keys.fault_level(),
            title: "Access keys".into(),
            impact: "Nobody read this user's access keys, so they may be gone.".into(),
            items: one(Item::of("access keys")),
            lacks: Arc::default(),
        };
        return Some(described.of(principal, Code::Undetermined, ""));
    };
    if faults.is_empty() {
        return None;
    }
    let locked_out = keys.locks_out();
    let described = Description {
        level: keys.fault_level(),
        title: "Access keys".into(),
        impact: if locked_out {
            "Veeam cannot log in as this user: all that it does with these keys fails."
        } else {
            "Nothing breaks now; a key that nobody changes or misses is a risk."
        }
        .into(),
        items: all(faults.iter().map(key_item)),
        lacks: Arc::default(),
    };
    Some(described.of(principal, Code::AccessKey, ""))
}

fn excess(excess: &Excess) -> Option<Described> {
    let (level, impact) = match excess.dangers.first()?.kind() {
        DangerKind::Administrator => (
            Level::Medium,
            "Nothing breaks; whoever holds its credentials holds the account.",
        ),
        DangerKind::Escalation => (
            Level::Medium,
            "Nothing breaks; whoever holds its credentials can come to hold more than it was given.",
        ),
        DangerKind::Wildcard => (
            Level::Low,
            "Nothing breaks; whoever holds its credentials can do what Veeam never does.",
        ),
    };
    let described = Description {
        level,
        title: "Can do more than its sets need".into(),
        impact: impact.into(),
        items: all(excess.dangers.iter().map(Danger::item)),
        lacks: Arc::default(),
    };
    Some(described.of(Some(&excess.principal), Code::ExcessAccess, ""))
}

fn root_keys(assessment: &Assessment) -> Option<Described> {
    let number = assessment.root_keys.unwrap_or(0);
    if number == 0 || !assessment.coverage.selection.is_all() {
        return None;
    }
    let what = if number == 1 { "one" } else { "two" };
    let described = Description {
        level: Level::Medium,
        title: "Access keys of the root user".into(),
        impact: "Nothing breaks; whoever holds such a key holds the account, backups included."
            .into(),
        items: one(Item {
            name: "access key of the root user".into(),
            place: what.into(),
        }),
        lacks: Arc::default(),
    };
    Some(described.of(None, Code::AccessKey, ""))
}

fn fault(fault: &BindFault) -> Described {
    let (set, level) = match &fault.kind {
        BindFaultKind::UnknownSet { found, .. } => (found, Level::Medium),
        BindFaultKind::NotAuditable { set, .. } => (set, Level::Low),
        BindFaultKind::WrongKind { set, .. } => (set, Level::Low),
        BindFaultKind::Empty => (&fault.place, Level::Medium),
        BindFaultKind::UnknownTag { .. } => (&fault.place, Level::Medium),
        BindFaultKind::UnusedKey { name } => (name, Level::Low),
        BindFaultKind::Contradiction { .. } => (&fault.place, Level::Low),
        BindFaultKind::BadValue { .. } => (&fault.place, Level::Low),
    };
    let described = Description {
        level,
        title: format!("{}: {}", fault.place, fault.kind).into(),
        impact: match fault.kind.leaves_unchecked() {
            true => "What this stands for is not checked as it was meant.",
            false => {
                "It is checked; what Veeam needs may be missing on the principal that was meant."
            }
        }
        .into(),
        items: one(Item {
            name: (&**set).into(),
            place: (&*fault.place).into(),
        }),
        lacks: Arc::default(),
    };
    described.of(Some(&fault.principal), Code::UnknownActionSet, set)
}

fn lookalikes(coverage: &Coverage) -> impl Iterator<Item = Described> {
    let lookalikes = coverage.lookalikes.iter();
    let selected = lookalikes.filter(|principal| coverage.selection.takes(principal));
    selected.map(|principal| {
        let described = Description {
            level: Level::Notice,
            title: "Looks like Veeam's, and nothing binds it".into(),
            impact: "Nobody checks it. Tag it, or leave it out by a narrower `looks-like-veeam`."
                .into(),
            items: one(Item::of("unbound")),
            lacks: Arc::default(),
        };
        described.of(Some(principal), Code::Coverage, "")
    })
}

fn coverage(assessment: &Assessment) -> Option<Described> {
    let coverage = &assessment.coverage;
    if !coverage.selection.is_all() || assessment.failure.is_some() {
        return None;
    }
    let mut level = Level::Notice;
    let mut items = BTreeSet::new();
    if coverage.bound.is_empty() {
        // Most accounts of an organisation need not have anybody who does backups.
        level = match coverage.is_of_many {
            true => Level::Notice,
            false => Level::High,
        };
        items.insert(Item::of("no principal is bound to any action set"));
    }
    for gap in &coverage.gaps {
        level = level.max(Level::Medium);
        items.insert(gap_item(gap));
    }
    for unused in &coverage.unused_bindings {
        level = level.max(Level::Low);
        items.insert(Item {
            name: Item::UNMATCHED_BINDING.into(),
            place: (&**unused).into(),
        });
    }
    for unknown in &coverage.unknown_accounts {
        level = level.max(Level::Low);
        items.insert(Item {
            name: Item::UNKNOWN_ACCOUNT.into(),
            place: (&**unknown).into(),
        });
    }
    // Where only the settings are wrong, all that is there was looked at.
    let is_of_settings = !coverage.bound.is_empty() && coverage.gaps.is_empty();
    (!items.is_empty()).then(|| {
        let described = Description {
            level,
            title: "Less was looked at than should be".into(),
            impact: match is_of_settings {
                true => {
                    "What these settings say holds for nobody: whoever was meant may be unchecked."
                }
                false => "Drift in what was not looked at stays unseen.",
            }
            .into(),
            items: items.into(),
            lacks: Arc::default(),
        };
        described.of(None, Code::Coverage, "")
    })
}

fn not_arriving(assessment: &Assessment) -> Option<Described> {
    let missing = assessment.changes.missing.iter().map(|source| Item {
        name: (&*source.service).into(),
        place: (&*source.region).into(),
    });
    let items: BTreeSet<Item> = missing.collect();
    (!items.is_empty()).then(|| {
        let described = Description {
            level: Level::Notice,
            title: "Changes do not arrive".into(),
            impact: "Nothing breaks; a change that breaks something is found by the next scheduled audit, not within minutes."
                .into(),
            items: items.into(),
            lacks: Arc::default(),
        };
        described.of(None, Code::ChangesNotArriving, "")
    })
}

fn not_followed(assessment: &Assessment) -> Option<Described> {
    let reasons = &assessment.changes.not_followed;
    (!reasons.is_empty()).then(|| {
        let described = Description {
            level: Level::Low,
            title: "A change could not be followed".into(),
            impact: "Whom it touched is looked at by the next scheduled audit, which looks at everybody, not within minutes."
                .into(),
            items: all(reasons.iter().map(|reason| Item::of(reason))),
            lacks: Arc::default(),
        };
        described.of(None, Code::ChangeNotFollowed, "")
    })
}

fn failure(assessment: &Assessment) -> Option<Described> {
    let reason = assessment.failure.as_ref()?;
    let described = Description {
        level: Level::High,
        title: Arc::from(&**reason),
        impact: "Until this is repaired, drift is found late or not at all.".into(),
        // Another reason than before is news.
        items: one(Item::of(reason)),
        lacks: Arc::default(),
    };
    Some(described.of(None, Code::AuditFailed, ""))
}
