//! Entries: the shapes of all formats, and the way there and back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iam::{AccountId, ActionName, Decision, PrincipalArn};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cause::{StoredCause, parse};
use super::form::{FORMAT, Form};
use super::groups::{Groups, Items, Places, group, ungroup};
use crate::compare::baseline::{Baseline, Judged, LoadBaselineError, Record, Tracked};
use crate::events::StoredExplanation;
use crate::find::finding::{ChangeOrigin, Finding, FindingId, Item, Lack, ReadSide};
use crate::judge::rules_version::RulesVersion;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileEntry {
    pub(super) account: AccountEntry,
    pub(super) principals: Vec<PrincipalEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountEntry {
    format: u32,
    account: String,
    generation: u64,
    audited: Option<Timestamp>,
    /// Absent in what the first edition wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rules: Option<StoredRules>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<StoredFinding>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    warned: BTreeMap<Box<str>, Timestamp>,
    /// Absent where people were never told of notices, and in what earlier editions wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noticed: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredRules {
    version: u32,
    catalog: Box<str>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredJudged {
    at: Timestamp,
    rules: StoredRules,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PrincipalEntry {
    format: u32,
    principal: String,
    sets: BTreeMap<Box<str>, String>,
    /// Absent where the account's `audited` and `rules` say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) judged: Option<StoredJudged>,
    /// Of the groups in `findings`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    places: Places,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    findings: Vec<StoredFinding>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredFinding {
    id: String,
    code: String,
    set: Box<str>,
    level: String,
    title: Arc<str>,
    impact: Arc<str>,
    /// Empty in the compact form of a principal: `groups` says the same.
    items: Items,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Groups,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lacks: Vec<StoredLack>,
    opened: Timestamp,
    seen: Timestamp,
    openings: Vec<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    healthy: Option<Timestamp>,
    closed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<Timestamp>,
    /// Absent where it is the finding's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<String>,
    reminders: u32,
    /// Absent where it is the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// Absent where nobody knows, and without a hub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    explanation: Option<StoredExplanation>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredLack {
    cause: StoredCause,
    decision: String,
    actions: Vec<String>,
    resources: BTreeSet<Box<str>>,
    regions: BTreeSet<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<Arc<str>>,
    /// Whose own policy had been read; absent where none had, and in what earlier editions wrote.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    read: BTreeSet<Box<str>>,
    /// Whether RCPs decide too, and had been read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    read_rcps: bool,
    /// Whether policies of endpoints decide too, and had been read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    read_endpoints: bool,
}

type Read<T> = Result<T, LoadBaselineError>;

impl AccountEntry {
    pub(super) fn of(baseline: &Baseline, form: Form) -> Self {
        Self {
            format: form.format(),
            account: baseline.account.to_string(),
            generation: baseline.generation,
            audited: baseline.audited,
            rules: baseline.rules.as_ref().map(StoredRules::of),
            findings: baseline.findings.values().map(StoredFinding::of).collect(),
            warned: baseline.warned.clone(),
            noticed: baseline.noticed,
        }
    }

    pub(super) fn into_baseline(self) -> Read<Baseline> {
        known(self.format)?;
        let account = parse(&self.account)?;
        Ok(Baseline {
            account,
            generation: self.generation,
            audited: self.audited,
            rules: self.rules.map(StoredRules::into_rules),
            findings: tracks(self.findings, account, None)?,
            principals: BTreeMap::new(),
            warned: self.warned,
            noticed: self.noticed,
        })
    }
}

impl StoredRules {
    fn of(rules: &RulesVersion) -> Self {
        Self {
            version: rules.rules,
            catalog: rules.catalog.clone(),
        }
    }

    fn into_rules(self) -> RulesVersion {
        RulesVersion {
            rules: self.version,
            catalog: self.catalog,
        }
    }
}

impl PrincipalEntry {
    pub(super) fn of(principal: &PrincipalArn, record: &Record, form: Form) -> Self {
        let sets = record.sets.iter();
        let mut findings: Vec<StoredFinding> =
            record.findings.values().map(StoredFinding::of).collect();
        let mut places = Places::new();
        if form == Form::Compact {
            let groups;
            (groups, places) = group(findings.iter_mut().map(|finding| &mut finding.items));
            for (finding, groups) in findings.iter_mut().zip(groups) {
                finding.groups = groups;
            }
        }
        Self {
            format: form.format(),
            principal: principal.to_string(),
            sets: sets
                .map(|(set, level)| (set.clone(), level.to_string()))
                .collect(),
            judged: record.judged.as_ref().map(|judged| StoredJudged {
                at: judged.at,
                rules: StoredRules::of(&judged.rules),
            }),
            places,
            findings,
        }
    }

    pub(super) fn into_record(mut self, account: AccountId) -> Read<(PrincipalArn, Record)> {
        known(self.format)?;
        let principal: PrincipalArn = parse(&self.principal)?;
        for finding in &mut self.findings {
            let items = ungroup(&finding.groups, &self.places).ok_or_else(|| {
                LoadBaselineError::Malformed(format!("`{}`: a place is missing", finding.id))
            })?;
            finding.items.extend(items);
        }
        let sets = self.sets.into_iter();
        let record = Record {
            // Whoever stores a record by itself keeps its generation with it.
            generation: 0,
            judged: self.judged.map(|judged| Judged {
                at: judged.at,
                rules: judged.rules.into_rules(),
            }),
            sets: sets
                .map(|(set, level)| Ok((set, parse(&level)?)))
                .collect::<Read<_>>()?,
            findings: tracks(self.findings, account, Some(&principal))?,
        };
        Ok((principal, record))
    }
}

/// Refuses an entry of a newer format.
pub(super) fn known(format: u32) -> Read<()> {
    if format > FORMAT {
        return Err(LoadBaselineError::TooNew {
            found: format,
            known: FORMAT,
        });
    }
    Ok(())
}

fn tracks(
    findings: Vec<StoredFinding>,
    account: AccountId,
    principal: Option<&PrincipalArn>,
) -> Read<BTreeMap<FindingId, Tracked>> {
    findings
        .into_iter()
        .map(|finding| {
            let tracked = finding.into_tracked(account, principal)?;
            Ok((tracked.finding.id, tracked))
        })
        .collect()
}

impl StoredFinding {
    fn of(tracked: &Tracked) -> Self {
        let finding = &tracked.finding;
        let items = finding.items.iter();
        Self {
            id: finding.id.to_string(),
            code: finding.code.to_string(),
            set: finding.set.clone(),
            level: finding.level.to_string(),
            title: Arc::clone(&finding.title),
            impact: Arc::clone(&finding.impact),
            items: items
                .map(|item| (item.name.clone(), item.place.clone()))
                .collect(),
            groups: Groups::new(),
            lacks: finding.lacks.iter().map(StoredLack::of).collect(),
            opened: finding.opened,
            seen: finding.seen,
            openings: tracked.openings.clone(),
            healthy: tracked.healthy,
            closed: tracked.closed,
            told: tracked.told,
            thread: (tracked.thread != finding.id).then(|| tracked.thread.to_string()),
            reminders: tracked.reminders,
            origin: match tracked.origin {
                ChangeOrigin::Account => None,
                ChangeOrigin::Rules => Some(tracked.origin.as_str().to_owned()),
            },
            explanation: tracked.explanation.as_ref().map(StoredExplanation::of),
        }
    }

    fn into_tracked(self, account: AccountId, principal: Option<&PrincipalArn>) -> Read<Tracked> {
        let items = self.items.into_iter();
        let id = parse(&self.id)?;
        Ok(Tracked {
            thread: match &self.thread {
                Some(thread) => parse(thread)?,
                None => id,
            },
            finding: Finding {
                id,
                account,
                principal: principal.cloned(),
                code: parse(&self.code)?,
                set: self.set,
                level: parse(&self.level)?,
                title: self.title,
                impact: self.impact,
                items: Arc::new(items.map(|(name, place)| Item { name, place }).collect()),
                lacks: self
                    .lacks
                    .into_iter()
                    .map(StoredLack::into_lack)
                    .collect::<Read<Vec<_>>>()?
                    .into(),
                opened: self.opened,
                seen: self.seen,
                openings: u32::try_from(self.openings.len()).unwrap_or(u32::MAX),
            },
            healthy: self.healthy,
            closed: self.closed,
            told: self.told,
            reminders: self.reminders,
            origin: match &self.origin {
                Some(origin) => parse(origin)?,
                None => ChangeOrigin::Account,
            },
            openings: self.openings,
            explanation: self
                .explanation
                .and_then(StoredExplanation::into_explanation),
        })
    }
}

impl StoredLack {
    fn of(lack: &Lack) -> Self {
        Self {
            cause: StoredCause::of(&lack.cause),
            decision: decision_text(lack.decision).to_owned(),
            actions: lack.actions.iter().map(ToString::to_string).collect(),
            resources: lack.resources.clone(),
            regions: lack.regions.clone(),
            owner: lack.owner.clone(),
            read: lack.read_side.resources.clone(),
            read_rcps: lack.read_side.resource_control,
            read_endpoints: lack.read_side.endpoints,
        }
    }

    fn into_lack(self) -> Read<Lack> {
        let actions = self.actions.iter();
        Ok(Lack {
            cause: self.cause.into_cause()?,
            decision: decision(&self.decision)?,
            actions: actions
                .map(|name| parse::<ActionName>(name))
                .collect::<Read<BTreeSet<_>>>()?
                .into(),
            resources: self.resources,
            regions: self.regions,
            owner: self.owner,
            read_side: ReadSide {
                resources: self.read,
                resource_control: self.read_rcps,
                endpoints: self.read_endpoints,
            },
        })
    }
}

fn decision_text(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed => "allowed",
        Decision::ImplicitDeny => "implicitDeny",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::Undetermined => "undetermined",
    }
}

fn decision(text: &str) -> Read<Decision> {
    [
        Decision::Allowed,
        Decision::ImplicitDeny,
        Decision::ExplicitDeny,
        Decision::Undetermined,
    ]
    .into_iter()
    .find(|decision| decision_text(*decision) == text)
    .ok_or_else(|| LoadBaselineError::Malformed(format!("`{text}` is no decision")))
}
