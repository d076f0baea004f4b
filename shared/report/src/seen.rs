//! What an audit saw, in a form that can be held against another audit's.
//!
//! In: an assessment just made, or a saved one ([`saved`]). Out: the same [`Seen`] for both, in the same words.

pub mod saved;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit::assessment::{Danger, Excess};
use audit::drift::{About, Fault, Found, Seen, Standing, State, Topic};
use audit::finding::Item;
use audit::requirement::BindFault;
use audit::verdict::{Notice, Place, Profile, Verdict};
use audit::{Assessment, Level, Plan};

use crate::words;
use crate::words::cause::{list, why};

type Items = BTreeMap<Item, Found>;

/// What an assessment of a listing says. Access keys are not in it, since no listing holds them.
#[must_use]
pub fn seen(assessment: &Assessment) -> Seen {
    let sets = assessment.verdicts.iter().map(requirement);
    let excess = assessment.excess.iter().flatten().map(excess);
    let failure = assessment.failure.as_deref().map(str::to_owned);
    Seen {
        account: assessment.account,
        standings: sets.chain(excess).collect(),
        bound: assessment.coverage.bound.clone(),
        faults: assessment.faults.iter().map(fault).collect(),
        unseen: failure
            .into_iter()
            .chain(words::coverage::unseen(&assessment.coverage))
            .collect(),
        selection: assessment.coverage.selection.clone(),
    }
}

fn requirement(verdict: &Verdict) -> (Topic, Standing) {
    let plan = &*verdict.plan;
    let mut items = Items::new();
    for notice in &verdict.notices {
        let (state, because, places) = match notice {
            Notice::Optional { because, places } => (State::IfNeeded, Arc::clone(because), places),
            Notice::Asked { condition, places } => (State::IfNeeded, only_where(condition), places),
            Notice::AllowedOnlyOn { resources, places } => {
                (State::OnlyOn, only_on(resources), places)
            }
            Notice::Plan(_) => continue,
        };
        add(&mut items, plan, places, &Found { state, because });
    }
    for unknown in &verdict.unknown {
        let because = undecided(&why(&unknown.cause), &unknown.keys);
        let found = Found {
            state: State::Unknown,
            because,
        };
        add(&mut items, plan, &unknown.places, &found);
    }
    for missing in &verdict.missing {
        let because = why(&missing.cause).into();
        let found = Found {
            state: State::Missing,
            because,
        };
        add(&mut items, plan, &missing.places, &found);
    }
    let trust = &verdict.trust;
    let reason = trust.reason.as_deref();
    items.extend(trusts(&trust.missing, &trust.unknown, reason));
    items.extend((verdict.instance_profile == Profile::Lacks).then(no_profile));
    let topic = Topic {
        principal: Some(verdict.principal.clone()),
        about: About::Set((&*plan.set).into()),
    };
    let standing = Standing {
        title: Arc::clone(&plan.title),
        level: plan.level,
        version: Some(plan.version.as_str().into()),
        items,
    };
    (topic, standing)
}

fn add(items: &mut Items, plan: &Plan, places: &[Place], found: &Found) {
    for place in places {
        let at = at(place.resource(plan), place.region(plan));
        let item = |name| Item {
            name,
            place: Arc::clone(&at),
        };
        let names = place.actions(plan).map(iam::ActionName::to_shared);
        items.extend(names.map(|name| (item(name), found.clone())));
    }
}

/// Where something was asked: nothing, an ARN, a region, or both.
fn at(resource: &str, region: Option<&str>) -> Arc<str> {
    match (resource, region) {
        ("*", None) => "".into(),
        ("*", Some(one)) | (one, None) => one.into(),
        (resource, Some(region)) => format!("{resource} in {region}").into(),
    }
}

/// Why something could not be decided, with the context keys that would.
fn undecided<'k>(why: &str, keys: impl IntoIterator<Item = &'k Box<str>>) -> Arc<str> {
    let keys = list(keys.into_iter().map(AsRef::as_ref));
    if keys.is_empty() {
        return why.into();
    }
    format!("{why}; it takes {keys}").into()
}

fn only_where(condition: &str) -> Arc<str> {
    format!("only where {condition} holds").into()
}

fn only_on(resources: &[Box<str>]) -> Arc<str> {
    let resources = list(resources.iter().map(AsRef::as_ref));
    format!("allowed on {resources} only, and no scope is declared").into()
}

fn trusts<'t>(
    missing: &'t [Box<str>],
    unknown: &'t [Box<str>],
    reason: Option<&str>,
) -> impl Iterator<Item = (Item, Found)> + 't {
    let reason: Arc<str> = reason
        .unwrap_or("nobody knows what the trust policy says")
        .into();
    let shut = "the trust policy does not let them in";
    let missing = missing
        .iter()
        .map(move |name| (name, State::Missing, shut.into()));
    let unknown = unknown
        .iter()
        .map(move |name| (name, State::Unknown, Arc::clone(&reason)));
    missing.chain(unknown).map(|(name, state, because)| {
        let name = format!("trust of {name}");
        (Item::of(&name), Found { state, because })
    })
}

fn no_profile() -> (Item, Found) {
    let because = "the role is in none".into();
    let state = State::Missing;
    (Item::of("instance profile"), Found { state, because })
}

fn excess(excess: &Excess) -> (Topic, Standing) {
    let items = |dangers: &BTreeSet<Danger>, state| -> Vec<(Item, Found)> {
        let found = Found {
            state,
            because: "".into(),
        };
        dangers
            .iter()
            .map(|one| (one.item(), found.clone()))
            .collect()
    };
    let mut all = items(&excess.unknown, State::Unknown);
    all.extend(items(&excess.dangers, State::Missing));
    let topic = Topic {
        principal: Some(excess.principal.clone()),
        about: About::Excess,
    };
    (
        topic,
        beyond(
            all.into_iter().collect(),
            "Can do more than its sets need",
            Level::Medium,
        ),
    )
}

/// A standing that is about no action set.
fn beyond(items: Items, title: &str, level: Level) -> Standing {
    Standing {
        title: title.into(),
        level,
        version: None,
        items,
    }
}

fn fault(fault: &BindFault) -> Fault {
    Fault {
        principal: fault.principal.clone(),
        place: fault.place.clone(),
        text: fault.kind.to_string().into(),
        leaves_unchecked: fault.kind.leaves_unchecked(),
    }
}
