//! Saved audits: what did an audit see that `--output json` or `--export FILE.json` kept?
//!
//! In: the JSON form of an assessment, version 1, of any release that wrote it. Out: what it saw. A newer form, or one that is not
//! as published, is refused with what was found.

mod form;

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::drift::{About, Fault, Found, Seen, Standing, State, Topic};
use audit::finding::Item;
use audit::{Level, Selection};
use iam::{PrincipalArn, inventory};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Items, at, beyond, no_profile, only_on, only_where, trusts, undecided};
use crate::machine::json::assessment::SCHEMA_VERSION;
use crate::words;
use form::{Arn, Danger, Document, FaultForm, Gap, ItemForm, Lack, Notice, Parsed, Place, Verdict};

/// An audit that was saved.
#[derive(Debug)]
pub struct SavedAudit {
    /// What it saw.
    pub seen: Seen,
    /// When it began.
    pub at: Timestamp,
    /// Which release made it.
    pub generator: String,
}

/// Why bytes are no saved audit.
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

/// What a JSON document seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seems {
    /// A saved audit.
    Audit,
    /// The baseline of one, which knows what was wrong and not what was fine.
    Baseline,
    /// Something else.
    Other,
}

/// What bytes seem to be, by the fields that tell.
#[must_use]
pub fn seems(bytes: &[u8]) -> Seems {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Peek {
        schema_version: Option<IgnoredAny>,
        coverage: Option<IgnoredAny>,
        format: Option<IgnoredAny>,
        principals: Option<IgnoredAny>,
    }
    match serde_json::from_slice::<Peek>(bytes) {
        Ok(peek) if peek.schema_version.is_some() && peek.coverage.is_some() => Seems::Audit,
        Ok(peek) if peek.format.is_some() && peek.principals.is_some() => Seems::Baseline,
        Ok(_) | Err(_) => Seems::Other,
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
    let document: Document = serde_json::from_slice(bytes).map_err(ReadSavedError::Malformed)?;
    Ok(document.into_saved())
}

impl Document {
    fn into_saved(self) -> SavedAudit {
        let coverage = self.coverage;
        let late = coverage.not_reached.iter();
        let late = late.map(|Parsed(arn)| words::coverage::not_reached(arn));
        let gaps = coverage.gaps.into_iter().map(Gap::text);
        let faults = self.binding_faults.into_iter();
        let sets = coverage.selected_action_sets;
        let mut seen = Seen {
            account: self.account.0,
            standings: self.verdicts.into_iter().map(Verdict::standing).collect(),
            bound: arns(coverage.bound),
            faults: faults.map(FaultForm::fault).collect(),
            unseen: self.failure.into_iter().chain(gaps).chain(late).collect(),
            selection: Selection {
                principals: coverage.selected_principals.map(arns),
                sets: sets.map(|sets| sets.into_iter().collect()),
            },
        };
        // Keys and excess that were looked at: first that they were, then what was found.
        for keys in self.access_keys {
            if keys.faults.is_some() {
                let standing = beyond(Items::new(), "Access keys", keys.level.0);
                let topic = topic(Some(keys.principal), About::AccessKeys);
                seen.standings.insert(topic, standing);
            }
        }
        if self.root_access_keys.is_some() {
            let standing = beyond(Items::new(), "Access keys of the root user", Level::Medium);
            let topic = topic(None, About::AccessKeys);
            seen.standings.insert(topic, standing);
        }
        for one in self.excess.into_iter().flatten() {
            let unknown = one.unknown.into_iter().map(Danger::item);
            let unknown = unknown.map(|item| found(item, State::Unknown));
            let title = "Can do more than its sets need";
            let standing = beyond(unknown.collect(), title, Level::Medium);
            let topic = topic(Some(one.principal), About::Excess);
            seen.standings.insert(topic, standing);
        }
        for finding in self.findings {
            let about = match &*finding.code {
                "access-key" => About::AccessKeys,
                "excess-access" if finding.action_set.is_empty() => About::Excess,
                _ => continue,
            };
            if let Some(standing) = seen.standings.get_mut(&topic(finding.principal, about)) {
                standing.title = finding.title;
                standing.level = finding.level.0;
                let items = finding.items.into_iter();
                let items = items.map(|ItemForm { name, place }| Item { name, place });
                standing
                    .items
                    .extend(items.map(|item| found(item, State::Missing)));
            }
        }
        SavedAudit {
            seen,
            at: self.at,
            generator: self.generator,
        }
    }
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

fn found(item: Item, state: State) -> (Item, Found) {
    let because = "".into();
    (item, Found { state, because })
}

impl Verdict {
    fn standing(self) -> (Topic, Standing) {
        let mut items = Items::new();
        for notice in &self.notices {
            let (state, because, places) = match notice {
                Notice::Optional { because, places } => {
                    (State::IfNeeded, Arc::clone(because), places)
                }
                Notice::Asked { condition, places } => {
                    (State::IfNeeded, only_where(condition), places)
                }
                Notice::AllowedOnlyOn { resources, places } => {
                    (State::OnlyOn, only_on(resources), places)
                }
                Notice::AboutThePlan => continue,
            };
            add(&mut items, places, state, &because);
        }
        for lack in &self.unknown {
            add(&mut items, &lack.places, State::Unknown, &lack.because());
        }
        for lack in &self.missing {
            add(&mut items, &lack.places, State::Missing, &lack.because());
        }
        if let Some(trust) = &self.trust {
            let reason = trust.reason.as_deref();
            items.extend(trusts(&trust.missing, &trust.unknown, reason));
        }
        items.extend(self.instance_profile_missing.then(no_profile));
        let standing = Standing {
            title: self.title,
            level: self.level.0,
            version: Some(self.product_version),
            items,
        };
        (
            topic(Some(self.principal), About::Set(self.action_set)),
            standing,
        )
    }
}

fn add(items: &mut Items, places: &[Place], state: State, because: &Arc<str>) {
    for place in places {
        let at = at(&place.resource, place.region.as_deref());
        for name in &place.actions {
            let (name, place) = (Arc::clone(name), Arc::clone(&at));
            let because = Arc::clone(because);
            items.insert(Item { name, place }, Found { state, because });
        }
    }
}

impl Lack {
    fn because(&self) -> Arc<str> {
        undecided(&self.cause.text, &self.context_keys)
    }
}

impl Danger {
    /// As `audit` names the same danger.
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

impl FaultForm {
    fn fault(self) -> Fault {
        Fault {
            principal: self.principal.0,
            place: self.place,
            text: self.text,
            leaves_unchecked: self.kind != "wrongKind",
        }
    }
}

impl Gap {
    fn text(self) -> String {
        words::coverage::gap(&match self {
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
        })
    }
}
