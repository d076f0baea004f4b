//! Verdicts in the JSON form of an assessment.
//!
//! They are serialized one by one, so that a large account is not copied in memory.

use std::collections::BTreeSet;

use audit::requirement::{Requirement, RequirementNotice, ResourcePolicy};
use audit::settings::Owners;
use audit::verdict::{self, Profile};
use serde::{Serialize, Serializer};

use super::cause::{CauseJson, StatementJson, decision};
use super::fault::FaultJson;
use crate::words::cause::owners_of;

/// All verdicts.
pub(crate) struct VerdictsJson<'a> {
    pub(crate) verdicts: &'a [verdict::Verdict],
    pub(crate) owners: &'a Owners,
}

impl Serialize for VerdictsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(
            self.verdicts
                .iter()
                .map(|one| VerdictJson::of(one, self.owners)),
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerdictJson<'a> {
    principal: &'a str,
    action_set: &'a str,
    title: &'a str,
    product_version: &'a str,
    verdict: &'a str,
    level: &'a str,
    impact: &'a str,
    missing_actions: Vec<&'a str>,
    unknown_actions: Vec<&'a str>,
    missing: Vec<MissingJson<'a>>,
    unknown: Vec<UnknownJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<TrustJson<'a>>,
    instance_profile_missing: bool,
    /// What is wrong with resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<FaultJson<'a>>,
    notices: Vec<NoticeJson<'a>>,
    /// Policies of resources that decide besides, and that nobody looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_checked: Vec<&'static str>,
}

/// The word for a policy of a resource.
fn resource_policy(policy: ResourcePolicy) -> &'static str {
    match policy {
        ResourcePolicy::Bucket => "bucketPolicy",
        ResourcePolicy::Key => "keyPolicy",
        ResourcePolicy::Vault => "vaultPolicy",
        ResourcePolicy::Endpoint => "vpcEndpoints",
        ResourcePolicy::EnabledRegions => "enabledRegions",
        ResourcePolicy::ResourceControl => "resourceControlPolicies",
    }
}

#[derive(Serialize)]
struct MissingJson<'a> {
    decision: &'static str,
    cause: CauseJson<'a>,
    owners: Vec<&'a str>,
    places: Vec<PlaceJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnknownJson<'a> {
    cause: CauseJson<'a>,
    context_keys: Vec<&'a str>,
    owners: Vec<&'a str>,
    places: Vec<PlaceJson<'a>>,
}

#[derive(Serialize)]
pub(crate) struct PlaceJson<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    actions: Vec<&'a str>,
}

#[derive(Serialize)]
struct TrustJson<'a> {
    missing: &'a [Box<str>],
    unknown: &'a [Box<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum NoticeJson<'a> {
    Optional {
        because: &'a str,
        places: Vec<PlaceJson<'a>>,
    },
    Asked {
        condition: &'a str,
        places: Vec<PlaceJson<'a>>,
    },
    AllowedOnlyOn {
        resources: &'a [Box<str>],
        places: Vec<PlaceJson<'a>>,
    },
    DeniedOn {
        statements: Vec<StatementJson<'a>>,
        resources: &'a [Box<str>],
        places: Vec<PlaceJson<'a>>,
    },
    NotConfirmed {
        because: &'a str,
        places: Vec<PlaceJson<'a>>,
    },
    Transient,
    NeedsOneOf {
        sets: &'a [Box<str>],
    },
    TrustedByWhom,
}

impl<'a> VerdictJson<'a> {
    fn of(verdict: &'a verdict::Verdict, owners: &'a Owners) -> Self {
        let requirement = &*verdict.requirement;
        let names = |names: BTreeSet<&'a iam::ActionName>| {
            names.into_iter().map(iam::ActionName::as_str).collect()
        };
        let trust = &verdict.trust;
        Self {
            principal: verdict.principal.as_str(),
            action_set: &requirement.set,
            title: &requirement.title,
            product_version: requirement.version.as_str(),
            verdict: verdict.judgement().as_str(),
            level: requirement.level.as_str(),
            impact: &requirement.impact,
            missing_actions: names(verdict.missing_actions()),
            unknown_actions: names(verdict.unknown_actions()),
            missing: verdict
                .missing
                .iter()
                .map(|missing| MissingJson {
                    decision: decision(missing.decision),
                    cause: CauseJson::of(&missing.cause),
                    owners: owners_of(&missing.cause, owners),
                    places: places(&missing.places, requirement),
                })
                .collect(),
            unknown: verdict
                .unknown
                .iter()
                .map(|unknown| UnknownJson {
                    cause: CauseJson::of(&unknown.cause),
                    context_keys: unknown.keys.iter().map(AsRef::as_ref).collect(),
                    owners: owners_of(&unknown.cause, owners),
                    places: places(&unknown.places, requirement),
                })
                .collect(),
            trust: (!trust.missing.is_empty() || !trust.unknown.is_empty()).then(|| TrustJson {
                missing: &trust.missing,
                unknown: &trust.unknown,
                reason: trust.why(),
            }),
            instance_profile_missing: match verdict.instance_profile {
                Profile::Holds => false,
                Profile::Lacks => true,
            },
            faults: verdict.faults.iter().map(FaultJson::of).collect(),
            not_checked: verdict
                .not_read()
                .iter()
                .copied()
                .map(resource_policy)
                .collect(),
            notices: verdict
                .notices
                .iter()
                .map(|notice| NoticeJson::of(notice, requirement))
                .collect(),
        }
    }
}

impl<'a> NoticeJson<'a> {
    fn of(notice: &'a verdict::Notice, requirement: &'a Requirement) -> Self {
        match notice {
            verdict::Notice::Optional {
                because,
                places: at,
            } => Self::Optional {
                because,
                places: places(at, requirement),
            },
            verdict::Notice::Asked {
                condition,
                places: at,
            } => Self::Asked {
                condition,
                places: places(at, requirement),
            },
            verdict::Notice::AllowedOnlyOn {
                resources,
                places: at,
            } => Self::AllowedOnlyOn {
                resources,
                places: places(at, requirement),
            },
            verdict::Notice::DeniedOn {
                by,
                resources,
                places: at,
            } => Self::DeniedOn {
                statements: by.iter().map(StatementJson::of).collect(),
                resources,
                places: places(at, requirement),
            },
            verdict::Notice::NotConfirmed { reason, places: at } => Self::NotConfirmed {
                because: reason,
                places: places(at, requirement),
            },
            verdict::Notice::Requirement(RequirementNotice::Transient) => Self::Transient,
            verdict::Notice::Requirement(RequirementNotice::NeedsOneOf(sets)) => {
                Self::NeedsOneOf { sets }
            }
            verdict::Notice::Requirement(RequirementNotice::TrustedByWhom) => Self::TrustedByWhom,
        }
    }
}

pub(crate) fn places<'a>(
    places: &'a [verdict::Place],
    requirement: &'a Requirement,
) -> Vec<PlaceJson<'a>> {
    places
        .iter()
        .map(|place| PlaceJson {
            resource: place.resource(requirement),
            region: place.region(requirement),
            actions: place
                .actions(requirement)
                .map(iam::ActionName::as_str)
                .collect(),
        })
        .collect()
}
