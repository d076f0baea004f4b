//! Saved audits: what does an audit say that `--output json` or `--export FILE.json` kept?
//!
//! In: the JSON form of an assessment, version 1, of any release that wrote it. Out: a [`SavedAudit`] with its [`AuditSummary`].
//! A newer form, or one that is not as published, is refused with what was found. `report` writes that form.

mod form;
mod layers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{PrincipalArn, inventory};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::summary::{
    About, AuditSummary, BindingFault, ItemStatus, Items, NotAudited, Reason, RestsOn, State,
    Topic, TopicStatus, no_instance_profile, place, resource_fault, trust, without_rcps,
};
use crate::assessment::{LevelsRead, Selection};
use crate::bind::requirement::ResourcePolicy;
use crate::finding::Item;
use crate::level::Level;
use form::{
    Arn, Parsed, SavedBindingFault, SavedCause, SavedDanger, SavedDocument, SavedGap, SavedItem,
    SavedLack, SavedNotice, SavedPlace, SavedVerdict,
};
pub use layers::SavedLayers;

/// The version of the JSON form of an assessment: the newest that is read, and the one that is written.
pub const SCHEMA_VERSION: u32 = 1;

/// An audit that was saved.
#[derive(Debug)]
pub struct SavedAudit {
    /// What it says.
    pub summary: AuditSummary,
    /// When it began.
    pub at: Timestamp,
    /// Which release made it.
    pub generator: String,
}

/// Why bytes are not a saved audit.
#[derive(Debug, thiserror::Error)]
pub enum ReadSavedError {
    /// Of a newer form.
    #[error("it has form {found}, and the newest known is {SCHEMA_VERSION}: use a newer permdrift")]
    TooNew {
        /// The form found.
        found: u64,
    },
    /// Not as published.
    #[error("it is not as `permdrift audit --output json` writes it")]
    Malformed(#[source] serde_json::Error),
}

/// What a JSON document is, by its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// A saved audit.
    Audit,
    /// A baseline, which holds what was wrong and not what was fine.
    Baseline,
    /// Something else.
    Other,
}

/// What a JSON document is, as far as its fields say.
#[must_use]
pub fn kind_of(bytes: &[u8]) -> DocumentKind {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Peek {
        schema_version: Option<IgnoredAny>,
        coverage: Option<IgnoredAny>,
        format: Option<IgnoredAny>,
        principals: Option<IgnoredAny>,
    }
    match serde_json::from_slice::<Peek>(bytes) {
        Ok(peek) if peek.schema_version.is_some() && peek.coverage.is_some() => DocumentKind::Audit,
        Ok(peek) if peek.format.is_some() && peek.principals.is_some() => DocumentKind::Baseline,
        Ok(_) | Err(_) => DocumentKind::Other,
    }
}

/// Reads a saved audit.
///
/// # Errors
/// [`ReadSavedError`] for a newer form, or one that is not as published.
pub fn read(bytes: &[u8]) -> Result<SavedAudit, ReadSavedError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct VersionOnly {
        schema_version: u64,
    }
    let version: VersionOnly = serde_json::from_slice(bytes).map_err(ReadSavedError::Malformed)?;
    let found = version.schema_version;
    if found > u64::from(SCHEMA_VERSION) {
        return Err(ReadSavedError::TooNew { found });
    }
    let document: SavedDocument =
        serde_json::from_slice(bytes).map_err(ReadSavedError::Malformed)?;
    Ok(document.into_saved())
}

impl SavedDocument {
    fn into_saved(self) -> SavedAudit {
        let faults = self.binding_faults.into_iter();
        let mut topics: BTreeMap<Topic, TopicStatus> = self
            .verdicts
            .into_iter()
            .map(SavedVerdict::status)
            .collect();
        // Access keys and excess that were audited: first that they were, then what was found.
        for keys in self.access_keys {
            if keys.faults.is_some() {
                let status = TopicStatus::beyond_sets("Access keys", keys.level.0, Items::new());
                topics.insert(topic(Some(keys.principal), About::AccessKeys), status);
            }
        }
        if self.root_access_keys.is_some() {
            let title = "Access keys of the root user";
            let status = TopicStatus::beyond_sets(title, Level::Medium, Items::new());
            topics.insert(topic(None, About::AccessKeys), status);
        }
        for one in self.excess.into_iter().flatten() {
            let unknown = one.unknown.into_iter().map(SavedDanger::item);
            let unknown = unknown.map(|item| unstated(item, State::Unknown));
            let status = TopicStatus::excess(unknown.collect());
            topics.insert(topic(Some(one.principal), About::Excess), status);
        }
        for finding in self.findings {
            let about = match &*finding.code {
                "access-key" => About::AccessKeys,
                "excess-access" if finding.action_set.is_empty() => About::Excess,
                _ => continue,
            };
            if let Some(status) = topics.get_mut(&topic(finding.principal, about)) {
                status.title = finding.title;
                status.level = finding.level.0;
                let items = finding.items.into_iter();
                let items = items.map(|SavedItem { name, place }| Item { name, place });
                let missing = items.map(|item| unstated(item, State::Missing));
                status.items.extend(missing);
            }
        }
        let layers = self.coverage.layers.as_ref().map(SavedLayers::coverage);
        match layers.as_ref().map(|layers| layers.resource_control) {
            Some(LevelsRead::NotRead | LevelsRead::Refused | LevelsRead::Partly { .. }) => {
                without_rcps(topics.values_mut());
            }
            Some(LevelsRead::NoOrganization | LevelsRead::Read(_)) | None => {}
        }
        let summary = AuditSummary {
            account: self.account.0,
            topics,
            bound: arns(self.coverage.bound),
            faults: faults.map(SavedBindingFault::fault).collect(),
            not_audited: not_audited(self.failure, self.coverage.gaps, self.coverage.not_reached),
            selection: Selection {
                principals: self.coverage.selected_principals.map(arns),
                sets: self
                    .coverage
                    .selected_action_sets
                    .map(|sets| sets.into_iter().collect()),
            },
            layers,
        };
        SavedAudit {
            summary,
            at: self.at,
            generator: self.generator,
        }
    }
}

fn not_audited(failure: Option<Box<str>>, gaps: Vec<SavedGap>, late: Vec<Arn>) -> Vec<NotAudited> {
    let failure = failure.into_iter().map(NotAudited::Failed);
    let gaps = gaps.into_iter().map(|gap| NotAudited::Gap(gap.gap()));
    let late = late.into_iter();
    let late = late.map(|Parsed(arn)| NotAudited::NotReached(arn));
    failure.chain(gaps).chain(late).collect()
}

fn arns(arns: Vec<Arn>) -> BTreeSet<PrincipalArn> {
    arns.into_iter().map(|Parsed(arn)| arn).collect()
}

fn topic(principal: Option<Arn>, about: About) -> Topic {
    Topic {
        principal: principal.map(|Parsed(arn)| arn),
        about,
    }
}

fn unstated(item: Item, state: State) -> (Item, ItemStatus) {
    let reason = Reason::Unstated;
    (item, ItemStatus { state, reason })
}

impl SavedVerdict {
    fn status(self) -> (Topic, TopicStatus) {
        let mut items = Items::new();
        let mut rests_on = RestsOn::new();
        for notice in self.notices {
            let (state, reason, places) = match notice {
                SavedNotice::Optional { because, places } => {
                    (State::IfNeeded, Reason::Text(because), places)
                }
                SavedNotice::Asked { condition, places } => {
                    (State::IfNeeded, Reason::OnlyIf(condition), places)
                }
                SavedNotice::AllowedOnlyOn { resources, places } => (
                    State::OnlyOn,
                    Reason::AllowedOnlyOn(resources.into()),
                    places,
                ),
                SavedNotice::OfRequirement => continue,
            };
            add(&mut items, &places, &ItemStatus { state, reason });
        }
        for (lacks, state) in [
            (self.unknown, State::Unknown),
            (self.missing, State::Missing),
        ] {
            for lack in lacks {
                let reason = lack.reason();
                let mut of_cause = Items::new();
                add(&mut of_cause, &lack.places, &ItemStatus { state, reason });
                for item in of_cause.keys().filter(|_| state == State::Missing) {
                    let policies = lack.cause.blamed(&item.name);
                    if !policies.is_empty() {
                        let known = rests_on.entry(item.clone()).or_default();
                        known.extend(policies);
                    }
                }
                items.append(&mut of_cause);
            }
        }
        if let Some(policy) = &self.trust {
            items.extend(trust(
                &policy.missing,
                &policy.unknown,
                policy.reason.as_deref(),
            ));
        }
        items.extend(self.faults.into_iter().filter_map(|fault| {
            let (name, place) = (fault.text, fault.label);
            resource_fault(&Item { name, place }, &fault.weight)
        }));
        items.extend(self.instance_profile_missing.then(no_instance_profile));
        let not_checked = self.not_checked.iter();
        let mut status = TopicStatus {
            title: self.title,
            level: self.level.0,
            version: Some(self.product_version),
            items,
            rests_on,
            unseen: BTreeSet::new(),
            not_checked: not_checked.filter_map(|word| policy_of(word)).collect(),
        };
        status.rest_on_resources();
        let topic = topic(Some(self.principal), About::Set(self.action_set));
        (topic, status)
    }
}

fn add(items: &mut Items, places: &[SavedPlace], status: &ItemStatus) {
    for one in places {
        let place = place(&one.resource, one.region.as_deref());
        for name in &one.actions {
            let (name, place) = (Arc::clone(name), Arc::clone(&place));
            items.insert(Item { name, place }, status.clone());
        }
    }
}

/// The policy of the resource side that the published form calls so.
fn policy_of(word: &str) -> Option<ResourcePolicy> {
    match word {
        "bucketPolicy" => Some(ResourcePolicy::Bucket),
        "keyPolicy" => Some(ResourcePolicy::Key),
        "vaultPolicy" => Some(ResourcePolicy::Vault),
        "vpcEndpoints" => Some(ResourcePolicy::Endpoint),
        "enabledRegions" => Some(ResourcePolicy::EnabledRegions),
        "resourceControlPolicies" => Some(ResourcePolicy::ResourceControl),
        _ => None,
    }
}

impl SavedCause {
    /// As `blamed` of `judge::layers` has it.
    fn blamed(&self, action: &str) -> BTreeSet<ResourcePolicy> {
        let of_resource = || ResourcePolicy::of(&action.parse().ok()?);
        let layers = self.layers.iter();
        let policies = layers.filter_map(|layer| match &**layer {
            "resource" => of_resource(),
            "grant" => Some(ResourcePolicy::Key),
            "endpoint" => Some(ResourcePolicy::Endpoint),
            "rcp" => Some(ResourcePolicy::ResourceControl),
            _ => None,
        });
        policies.collect()
    }
}

impl SavedLack {
    fn reason(&self) -> Reason {
        Reason::undecided(Arc::clone(&self.cause.text), &self.context_keys)
    }
}

impl SavedDanger {
    /// As [`Danger::item`](crate::assessment::Danger::item) names the same danger.
    fn item(self) -> Item {
        let name = match (self.actions, self.what) {
            (Some(actions), _) => actions.join(" and ").into(),
            (None, Some(what)) => what,
            (None, None) => "anything at all".into(),
        };
        let place = self.text.or(self.policy).unwrap_or_default();
        Item { name, place }
    }
}

impl SavedBindingFault {
    fn fault(self) -> BindingFault {
        BindingFault {
            principal: self.principal.0,
            place: self.place,
            text: self.text,
            leaves_unchecked: self.kind != "wrongKind",
        }
    }
}

impl SavedGap {
    fn gap(self) -> inventory::Gap {
        match self {
            Self::Truncated => inventory::Gap::Truncated,
            Self::Item { what, reason, line } => inventory::Gap::Item {
                what,
                fault: inventory::Fault {
                    reason,
                    line,
                    column: 0,
                },
            },
            Self::Part { what, reason } => inventory::Gap::Part { what, reason },
        }
    }
}
