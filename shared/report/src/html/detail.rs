//! The detail of one requirement in the HTML page: what a cell of the table of principals and action sets opens.
//!
//! In: a verdict. Out: serializable values. They do not name the principal, so principals with the same gap share one.

use std::collections::{BTreeMap, BTreeSet};

use audit::requirement::{self, RequirementNotice};
use audit::resource_faults::fault::{ResourceFault, Weight};
use audit::settings::Owners;
use audit::verdict::{Notice, Place, Profile, Verdict};
use catalog::Catalog;
use iam::{ActionName, Cause};
use serde::Serialize;

use crate::audit_report::AuditReport;
use crate::words::cause::{list, owners_of, remedy, remedy_unknown, why, why_unknown};
use crate::words::coverage::not_checked;
use crate::words::fault;
use crate::words::masked;
use crate::words::plain::plain;
use crate::words::trust::{advice_missing, is_denied_above, why_missing};

/// A requirement: an action set bound to a principal.
#[derive(Serialize)]
pub(super) struct RequirementJson {
    set: String,
    title: String,
    impact: String,
    level: &'static str,
    version: String,
    /// How many distinct actions it names.
    size: usize,
}

/// The keys are short, because there is one of these for each kind of gap in an account.
#[derive(Serialize)]
pub(super) struct DetailJson {
    /// How many distinct actions are missing.
    m: usize,
    /// How many distinct actions are undetermined.
    u: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<GroupJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<GroupJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust: Option<TrustJson>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    profile: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<FaultJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// Actions with one cause.
#[derive(Serialize)]
struct GroupJson {
    why: String,
    owners: Vec<String>,
    fix: String,
    asked: Vec<AskedJson>,
}

/// The same actions, and where they were asked about.
#[derive(Serialize)]
struct AskedJson {
    actions: Vec<String>,
    resources: Vec<String>,
    regions: Vec<String>,
}

#[derive(Serialize)]
struct TrustJson {
    missing: Vec<String>,
    unknown: Vec<String>,
    reason: String,
    /// Why those that are missing are not let in.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    fix: String,
}

/// What is wrong with a resource.
#[derive(Serialize)]
struct FaultJson {
    why: String,
    fix: &'static str,
}

impl RequirementJson {
    pub(super) fn of(requirement: &requirement::Requirement) -> Self {
        Self {
            set: plain(&requirement.set).into_owned(),
            title: plain(&requirement.title).into_owned(),
            impact: plain(&requirement.impact).into_owned(),
            level: requirement.level.as_str(),
            version: plain(requirement.version.as_str()).into_owned(),
            size: requirement.names,
        }
    }
}

impl DetailJson {
    pub(super) fn of(verdict: &Verdict, told: &AuditReport<'_>) -> Self {
        let owners = &told.settings.owners;
        let requirement = &verdict.requirement;
        let missing = verdict.missing.iter();
        let unknown = verdict.unknown.iter();
        let trust = &verdict.trust;
        Self {
            m: verdict.count_missing(),
            u: verdict.count_unknown(),
            missing: missing
                .map(|missing| GroupJson::of(&missing.cause, &missing.places, requirement, owners))
                .collect(),
            unknown: unknown
                .map(|unknown| GroupJson {
                    why: why_unknown(&unknown.cause, &unknown.keys),
                    fix: remedy_unknown(&unknown.cause, &unknown.keys),
                    ..GroupJson::of(&unknown.cause, &unknown.places, requirement, owners)
                })
                .collect(),
            trust: (!trust.missing.is_empty() || !trust.unknown.is_empty()).then(|| TrustJson {
                missing: texts(&trust.missing),
                unknown: texts(&trust.unknown),
                why: why_missing(trust),
                reason: plain(trust.why().unwrap_or_default()).into_owned(),
                fix: match is_denied_above(trust) {
                    true => advice_missing(trust).to_owned(),
                    false => format!(
                        "Ask {} to allow them sts:AssumeRole in the trust policy.",
                        owners
                            .trust
                            .as_deref()
                            .map_or("whoever owns the role".into(), plain)
                    ),
                },
            }),
            profile: verdict.instance_profile == Profile::Lacks,
            faults: told_faults(verdict)
                .map(|one| FaultJson {
                    why: fault::fault(one),
                    fix: fault::remedy(one),
                })
                .collect(),
            notes: verdict
                .notices
                .iter()
                .map(|notice| note(notice, requirement, told.catalog))
                .chain(
                    verdict
                        .faults
                        .iter()
                        .filter(|one| one.weight == Weight::Notice)
                        .map(|one| format!("{}.", fault::fault(one))),
                )
                .chain(
                    not_checked(verdict.unread())
                        .map(|text| format!("{text}: it could still deny.")),
                )
                .collect(),
        }
    }
}

/// Those that break something or may.
fn told_faults(verdict: &Verdict) -> impl Iterator<Item = &ResourceFault> {
    let faults = verdict.faults.iter();
    faults.filter(|one| one.weight != Weight::Notice)
}

impl GroupJson {
    fn of(
        cause: &Cause,
        places: &[Place],
        requirement: &requirement::Requirement,
        owners: &Owners,
    ) -> Self {
        let mut asked: BTreeMap<Vec<&ActionName>, (BTreeSet<&str>, BTreeSet<&str>)> =
            BTreeMap::new();
        for place in places {
            let (resources, regions) = asked
                .entry(place.actions(requirement).collect())
                .or_default();
            resources.insert(place.resource(requirement));
            regions.extend(place.region(requirement));
        }
        let plains = |texts: BTreeSet<&str>| -> Vec<String> {
            let texts = texts.into_iter().filter(|text| *text != "*");
            texts.map(masked::resource).collect()
        };
        Self {
            why: why(cause),
            owners: owners_of(cause, owners)
                .into_iter()
                .map(|owner| plain(owner).into_owned())
                .collect(),
            fix: remedy(cause, Some("permdrift fix")),
            asked: asked
                .into_iter()
                .map(|(actions, (resources, regions))| AskedJson {
                    actions: actions
                        .into_iter()
                        .map(|action| action.as_str().to_owned())
                        .collect(),
                    resources: plains(resources),
                    regions: plains(regions),
                })
                .collect(),
        }
    }
}

fn texts(texts: &[Box<str>]) -> Vec<String> {
    texts.iter().map(|text| plain(text).into_owned()).collect()
}

/// A notice as a sentence.
fn note(notice: &Notice, requirement: &requirement::Requirement, catalog: &Catalog) -> String {
    let actions = |places: &[Place]| {
        let actions: BTreeSet<&str> = places
            .iter()
            .flat_map(|place| place.actions(requirement))
            .map(ActionName::as_str)
            .collect();
        list(actions.into_iter())
    };
    match notice {
        Notice::Optional { because, places } => format!(
            "Denied, and needed only for this: {} {}.",
            plain(because),
            actions(places)
        ),
        Notice::Asked { condition, places } => format!(
            "{} If so, these must be allowed: {}. Answer `{}` under [answers] in the settings.",
            catalog
                .condition(condition)
                .map_or("Nobody said whether these are needed.".into(), plain),
            actions(places),
            plain(condition)
        ),
        Notice::AllowedOnlyOn { resources, places } => format!(
            "Allowed on these resources only: {}. Declare the scope to check it: {}.",
            masked::resources(resources.iter().map(AsRef::as_ref)),
            actions(places)
        ),
        Notice::DeniedOn {
            by,
            resources,
            places,
        } => format!(
            "Allowed, but denied on {} by {}: {}. Nothing breaks unless Veeam uses these.",
            masked::resources(resources.iter().map(AsRef::as_ref)),
            plain(
                &by.iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            actions(places)
        ),
        Notice::NotConfirmed { reason, places } => format!(
            "Allowed where no resource is named; whether an SCP denies it on the resources that Veeam uses is not confirmed: {}. Concerns {}.",
            plain(reason),
            actions(places)
        ),
        Notice::Requirement(RequirementNotice::Transient) => {
            "This action set is meant for one occasion, and bound permanently.".to_owned()
        }
        Notice::Requirement(RequirementNotice::NeedsOneOf(sets)) => format!(
            "It needs one of these action sets besides, and is bound to none: {}.",
            list(sets.iter().map(AsRef::as_ref))
        ),
        Notice::Requirement(RequirementNotice::TrustedByWhom) => {
            "Nobody said who assumes the role, so that part of its trust policy was not looked at."
                .to_owned()
        }
    }
}
