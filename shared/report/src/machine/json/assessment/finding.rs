//! Findings and their changes in the JSON form of an assessment; events on the bus hold the same objects.

use std::sync::Arc;

use audit::finding::{self, ChangeOrigin, EventKind, Resolution};
use audit::mute::label;
use serde::{Serialize, Serializer};

use super::cause::{CauseJson, decision};
use super::explanation::ExplanationJson;
use crate::audit_report::AuditReport;

/// All findings, written one by one.
pub(super) struct FindingsJson<'a>(pub(super) &'a AuditReport<'a>);

impl Serialize for FindingsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let explanations = self.0.explanations();
        let findings = self.0.findings.values();
        serializer.collect_seq(findings.map(|one| {
            let explanation = explanations
                .get(&one.id)
                .filter(|_| self.0.events.is_none());
            FindingJson {
                explanation: explanation.map(|one| ExplanationJson::of(one)),
                ..FindingJson::of(one, self.0.mute(one).map(label))
            }
        }))
    }
}

/// All changes, written one by one.
pub(super) struct ChangesJson<'a>(pub(super) &'a [finding::Event]);

impl Serialize for ChangesJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(ChangeJson::of))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingJson<'a> {
    id: String,
    code: &'a str,
    level: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    action_set: &'a str,
    title: &'a str,
    impact: &'a str,
    items: Vec<ItemJson<'a>>,
    lacks: Vec<LackJson<'a>>,
    opened: jiff::Timestamp,
    seen: jiff::Timestamp,
    openings: u32,
    /// The mute that keeps it quiet.
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<Arc<str>>,
    /// Only where nothing was compared with a baseline: else it is part of the change.
    #[serde(flatten)]
    explanation: Option<ExplanationJson<'a>>,
}

#[derive(Serialize)]
struct ItemJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    place: &'a str,
}

#[derive(Serialize)]
struct LackJson<'a> {
    decision: &'a str,
    cause: CauseJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    actions: Vec<&'a str>,
    resources: Vec<&'a str>,
    regions: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangeJson<'a> {
    change: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<&'a str>,
    /// Absent where it is the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
    items: Vec<ItemJson<'a>>,
    #[serde(flatten)]
    explanation: Option<ExplanationJson<'a>>,
    finding: FindingJson<'a>,
}

impl<'a> FindingJson<'a> {
    fn of(finding: &'a finding::Finding, muted: Option<Arc<str>>) -> Self {
        Self {
            id: finding.id.to_string(),
            code: finding.code.as_str(),
            level: finding.level.as_str(),
            principal: finding.principal.as_ref().map(iam::PrincipalArn::as_str),
            action_set: &finding.set,
            title: &finding.title,
            impact: &finding.impact,
            items: finding.items.iter().map(item).collect(),
            lacks: finding
                .lacks
                .iter()
                .map(|lack| LackJson {
                    decision: decision(lack.decision),
                    cause: CauseJson::of(&lack.cause),
                    owner: lack.owner.as_deref(),
                    actions: lack.actions.iter().map(iam::ActionName::as_str).collect(),
                    resources: lack.resources.iter().map(AsRef::as_ref).collect(),
                    regions: lack.regions.iter().map(AsRef::as_ref).collect(),
                })
                .collect(),
            opened: finding.opened,
            seen: finding.seen,
            openings: finding.openings,
            muted,
            explanation: None,
        }
    }
}

impl<'a> ChangeJson<'a> {
    pub(crate) fn of(event: &'a finding::Event) -> Self {
        Self {
            change: event.kind.as_str(),
            resolution: match event.kind {
                EventKind::Resolved(Resolution::Healthy) => Some("healthy"),
                EventKind::Resolved(Resolution::Left) => Some("left"),
                EventKind::Opened
                | EventKind::Worsened
                | EventKind::Eased
                | EventKind::Reminded => None,
            },
            origin: match event.origin {
                ChangeOrigin::Account => None,
                ChangeOrigin::Rules => Some(event.origin.as_str()),
            },
            items: event.items.iter().map(item).collect(),
            explanation: event.explanation.as_ref().map(ExplanationJson::of),
            finding: FindingJson::of(&event.finding, event.muted.clone()),
        }
    }
}

fn item(item: &finding::Item) -> ItemJson<'_> {
    ItemJson {
        name: &item.name,
        place: &item.place,
    }
}
