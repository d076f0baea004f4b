//! An upgrade as JSON: the part of `permdrift catalog diff` that is about an account.
//!
//! In: an upgrade. Out: a part of the document in [`catalog`](super::catalog), under the version of that document.

use std::collections::BTreeSet;

use audit::requirement::BindFault;
use audit::verdict::{Notice, Place, Profile, Verdict};
use audit::{Requirement, Upgrade};
use catalog::Catalog;
use serde::Serialize;

use crate::machine::json::layers::LayersJson;
use crate::words::cause::{why, why_unknown};
use crate::words::coverage::not_looked_at;

/// What an account will lack.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upgraded<'a> {
    account: String,
    requirements_checked: usize,
    /// Requirements that lack something in the older version, which is not told here.
    lacking_before: usize,
    /// Requirements of which it could not be known in the older version, likewise.
    unknown_before: usize,
    /// What could not be looked at.
    unseen: Vec<String>,
    layers: LayersJson,
    /// Tags and bindings that could not be followed.
    binding_faults: Vec<BindingFaultJson<'a>>,
    lacks: Vec<LacksJson<'a>>,
}

#[derive(Debug, Serialize)]
struct BindingFaultJson<'a> {
    principal: &'a str,
    place: &'a str,
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LacksJson<'a> {
    principal: &'a str,
    action_set: &'a str,
    judgement: &'a str,
    missing: Vec<ActionsJson<'a>>,
    unknown: Vec<ActionsJson<'a>>,
    /// Missing for certain where somebody answers the question with yes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing_if: Vec<ConditionJson<'a>>,
    /// Missing, and nothing breaks without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    optional: Vec<ActionsJson<'a>>,
    /// Allowed on some resources, and no scope is declared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_only_on: Vec<NarrowJson<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    trust_missing: &'a [Box<str>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    trust_unknown: &'a [Box<str>],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lacks_instance_profile: bool,
}

#[derive(Debug, Serialize)]
struct ActionsJson<'a> {
    because: String,
    actions: BTreeSet<&'a str>,
}

#[derive(Debug, Serialize)]
struct NarrowJson<'a> {
    resources: &'a [Box<str>],
    actions: BTreeSet<&'a str>,
}

#[derive(Debug, Serialize)]
struct ConditionJson<'a> {
    condition: &'a str,
    question: &'a str,
    actions: BTreeSet<&'a str>,
}

impl<'a> Upgraded<'a> {
    /// The form of an upgrade.
    #[must_use]
    pub fn of(upgrade: &'a Upgrade, catalog: &'a Catalog) -> Self {
        let assessment = &upgrade.assessment;
        let verdicts = assessment.verdicts.iter();
        Self {
            account: assessment.account.to_string(),
            requirements_checked: upgrade.checked,
            lacking_before: upgrade.lacking_before,
            unknown_before: upgrade.unknown_before,
            unseen: not_looked_at(&assessment.coverage),
            layers: LayersJson::of(&assessment.coverage.layers),
            binding_faults: assessment.faults.iter().map(BindingFaultJson::of).collect(),
            lacks: verdicts
                .map(|verdict| LacksJson::of(verdict, catalog))
                .collect(),
        }
    }
}

impl<'a> LacksJson<'a> {
    fn of(verdict: &'a Verdict, catalog: &'a Catalog) -> Self {
        let requirement = &*verdict.requirement;
        let missing = verdict.missing.iter().map(|missing| ActionsJson {
            because: why(&missing.cause),
            actions: names(requirement, &missing.places),
        });
        let unknown = verdict.unknown.iter().map(|unknown| ActionsJson {
            because: why_unknown(&unknown.cause, &unknown.keys),
            actions: names(requirement, &unknown.places),
        });
        let (mut missing_if, mut optional, mut allowed_only_on) = (vec![], vec![], vec![]);
        for notice in &verdict.notices {
            match notice {
                Notice::Asked { condition, places } => missing_if.push(ConditionJson {
                    condition,
                    question: catalog.condition(condition).unwrap_or_default(),
                    actions: names(requirement, places),
                }),
                Notice::Optional { because, places } => optional.push(ActionsJson {
                    because: because.to_string(),
                    actions: names(requirement, places),
                }),
                Notice::AllowedOnlyOn { resources, places } => allowed_only_on.push(NarrowJson {
                    resources,
                    actions: names(requirement, places),
                }),
                Notice::DeniedOn { .. } | Notice::NotConfirmed { .. } | Notice::Requirement(_) => {}
            }
        }
        Self {
            principal: verdict.principal.as_str(),
            action_set: &requirement.set,
            judgement: verdict.judgement().as_str(),
            missing: missing.collect(),
            unknown: unknown.collect(),
            missing_if,
            optional,
            allowed_only_on,
            trust_missing: &verdict.trust.missing,
            trust_unknown: &verdict.trust.unknown,
            lacks_instance_profile: verdict.instance_profile == Profile::Lacks,
        }
    }
}

impl<'a> BindingFaultJson<'a> {
    fn of(fault: &'a BindFault) -> Self {
        Self {
            principal: fault.principal.as_str(),
            place: &fault.place,
            text: fault.kind.to_string(),
        }
    }
}

fn names<'a>(requirement: &'a Requirement, places: &'a [Place]) -> BTreeSet<&'a str> {
    let actions = places.iter().flat_map(|place| place.actions(requirement));
    actions.map(iam::ActionName::as_str).collect()
}
