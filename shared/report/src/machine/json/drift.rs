//! Drift between two audits as JSON, version 1: what do scripts get from `permdrift diff --output json`?
//!
//! Described by `docs/schemas/drift-1.json`. Within a version fields are added, never changed or dropped.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use audit::Judgement;
use audit::drift::people::{PrincipalChange, PrincipalChangeKind};
use audit::drift::policies::{PolicyChange, Presence};
use audit::drift::{
    About, AuditSummary, BindingFault, ItemChange, State, TopicChange, TopicChangeKind,
};
use iam::PrincipalArn;
use serde::Serialize;
use serde_json::Value;

use crate::machine::json::layers::LayersJson;
use crate::words::drift::{Compared, not_audited, reason, word};

/// The version of this form.
const SCHEMA_VERSION: u32 = 1;

/// Writes what is different.
///
/// # Errors
/// If writing fails.
pub fn write(mut out: &mut dyn Write, compared: &Compared<'_>) -> serde_json::Result<()> {
    let drift = compared.drift;
    let listings = compared.listings;
    let form = DriftJson {
        schema_version: SCHEMA_VERSION,
        generator: concat!("permdrift ", env!("CARGO_PKG_VERSION")),
        account: compared.after.account.to_string(),
        before: SideJson::of(compared.before),
        after: SideJson::of(compared.after),
        changes: drift.changes.iter().map(TopicChangeJson::of).collect(),
        new_faults: drift.new_faults.iter().map(BindingFaultJson::of).collect(),
        old_faults: drift.old_faults.iter().map(BindingFaultJson::of).collect(),
        one_sided: drift.one_sided.iter().map(about).collect(),
        principals: listings
            .map(|all| all.principals.iter().map(PrincipalChangeJson::of).collect()),
        policies: listings.map(|all| all.policies.iter().map(PolicyChangeJson::of).collect()),
    };
    serde_json::to_writer_pretty(&mut out, &form)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DriftJson<'a> {
    schema_version: u32,
    generator: &'a str,
    account: String,
    before: SideJson,
    after: SideJson,
    changes: Vec<TopicChangeJson<'a>>,
    new_faults: Vec<BindingFaultJson<'a>>,
    old_faults: Vec<BindingFaultJson<'a>>,
    one_sided: Vec<&'a str>,
    /// Absent where two audits were compared: they hold no listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    principals: Option<Vec<PrincipalChangeJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies: Option<Vec<PolicyChangeJson<'a>>>,
}

#[derive(Serialize)]
struct SideJson {
    compliant: usize,
    drifted: usize,
    undetermined: usize,
    unseen: Vec<String>,
    /// Absent where a saved audit does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<LayersJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TopicChangeJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
    about: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_set: Option<&'a str>,
    title: &'a str,
    level: &'a str,
    change: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_before: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_after: Option<&'a str>,
    steps: Vec<ItemChangeJson<'a>>,
}

/// Items of which the same is to be said.
#[derive(Serialize)]
struct ItemChangeJson<'a> {
    before: &'a str,
    after: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    because: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    place: &'a str,
    items: Vec<&'a str>,
}

#[derive(Serialize)]
struct BindingFaultJson<'a> {
    principal: &'a str,
    place: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct PrincipalChangeJson<'a> {
    principal: &'a str,
    change: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    formerly: Option<&'a str>,
}

#[derive(Serialize)]
struct PolicyChangeJson<'a> {
    place: &'a str,
    change: &'a str,
    added: &'a [Value],
    removed: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
}

impl SideJson {
    fn of(audit: &AuditSummary) -> Self {
        Self {
            compliant: audit.count(Judgement::Compliant),
            drifted: audit.count(Judgement::Drifted),
            undetermined: audit.count(Judgement::Undetermined),
            unseen: audit.not_audited.iter().map(not_audited).collect(),
            layers: audit.layers.as_ref().map(LayersJson::of),
        }
    }
}

impl<'a> TopicChangeJson<'a> {
    fn of(change: &'a TopicChange) -> Self {
        let versions = change.versions.as_ref();
        Self {
            principal: change.topic.principal.as_ref().map(PrincipalArn::as_str),
            about: about(&change.topic.about),
            action_set: change.topic.about.set(),
            title: &change.title,
            level: change.level.as_str(),
            change: match change.kind {
                TopicChangeKind::Both => "changed",
                TopicChangeKind::Appeared => "appeared",
                TopicChangeKind::Left => "left",
                TopicChangeKind::Unbound => "unbound",
                TopicChangeKind::NotAuditedBefore => "unseenBefore",
                TopicChangeKind::NotAuditedAfter => "unseenAfter",
            },
            version_before: versions.map(|(before, _)| &**before),
            version_after: versions.map(|(_, after)| &**after),
            steps: steps(&change.items),
        }
    }
}

fn about(about: &About) -> &'static str {
    match about {
        About::Set(_) => "actionSet",
        About::AccessKeys => "accessKeys",
        About::Excess => "excess",
    }
}

fn steps(changes: &[ItemChange]) -> Vec<ItemChangeJson<'_>> {
    let mut shared: BTreeMap<(State, State, Cow<'_, str>, &str), Vec<&str>> = BTreeMap::new();
    for change in changes {
        let ItemChange { item, was, is, .. } = change;
        let said = (*was, *is, reason(&change.reason), &*item.place);
        shared.entry(said).or_default().push(&item.name);
    }
    let form = |((was, is, because, place), items)| ItemChangeJson {
        before: word(was),
        after: word(is),
        because,
        place,
        items,
    };
    shared.into_iter().map(form).collect()
}

impl<'a> BindingFaultJson<'a> {
    fn of(fault: &'a BindingFault) -> Self {
        Self {
            principal: fault.principal.as_str(),
            place: &fault.place,
            text: &fault.text,
        }
    }
}

impl<'a> PrincipalChangeJson<'a> {
    fn of(change: &'a PrincipalChange) -> Self {
        let (word, formerly) = match &change.kind {
            PrincipalChangeKind::Appeared => ("appeared", None),
            PrincipalChangeKind::Vanished => ("vanished", None),
            PrincipalChangeKind::Renamed(was) => ("renamed", Some(was.as_str())),
            PrincipalChangeKind::MadeAnew => ("madeAnew", None),
        };
        Self {
            principal: change.arn.as_str(),
            change: word,
            formerly,
        }
    }
}

impl<'a> PolicyChangeJson<'a> {
    fn of(change: &'a PolicyChange) -> Self {
        Self {
            place: &change.place,
            change: match change.presence {
                Presence::Both => "changed",
                Presence::Appeared => "appeared",
                Presence::Vanished => "vanished",
            },
            added: &change.added,
            removed: &change.removed,
            unreadable: change.unreadable.as_deref(),
        }
    }
}
