//! The JSON data embedded in the HTML page: everything long, and everything that comes from the account.
//!
//! Requirements and details that many principals share are written once and referred to by index. Only the scripts in this folder
//! read this form, so its keys are short and it has no version.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use audit::events::Explanation;
use audit::finding::{Finding, Resolution};
use audit::{Event, EventKind, FindingId, Judgement, Level};
use iam::PrincipalArn;
use serde::Serialize;
use serde_json::value::RawValue;

use super::detail::{DetailJson, RequirementJson};
use crate::audit_report::{AuditReport, Drift, Since, is_now_checked, justification};
use crate::words::changed::changed;
use crate::words::coverage::{idle, name, not_looked_at};
use crate::words::finding::{headline, item, owners, reasons};
use crate::words::plain::plain;

#[derive(Serialize)]
pub(super) struct DataJson {
    compared: bool,
    /// What stands behind `permdrift fix ARN`; none where the caller does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<String>>,
    requirements: Vec<Box<RawValue>>,
    details: Vec<Box<RawValue>>,
    mutes: Vec<String>,
    rows: Vec<RowJson>,
    others: Vec<OtherJson>,
    changes: Vec<ChangeJson>,
    coverage: CoverageJson,
}

/// One principal.
#[derive(Serialize)]
struct RowJson {
    arn: String,
    kind: String,
    name: String,
    cells: Vec<CellJson>,
}

/// One requirement.
#[derive(Serialize)]
struct CellJson {
    /// The position of its requirement.
    p: usize,
    /// Judgement: 0 compliant, 1 undetermined, 2 drifted.
    j: u8,
    /// The position of its detail.
    d: usize,
    /// Since the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    /// Mute.
    #[serde(skip_serializing_if = "Option::is_none")]
    m: Option<usize>,
    /// Findings: id and code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    f: Vec<String>,
}

/// A finding that is about no requirement.
#[derive(Serialize)]
struct OtherJson {
    arn: Option<String>,
    set: String,
    level: &'static str,
    code: &'static str,
    id: String,
    head: String,
    impact: String,
    why: Vec<String>,
    fix: Vec<String>,
    owners: Vec<String>,
    since: Option<&'static str>,
    mute: Option<String>,
}

#[derive(Serialize)]
struct ChangeJson {
    /// The finding's id, with its principal and action set: a finding that is resolved stands nowhere else on the page.
    id: String,
    code: &'static str,
    arn: Option<String>,
    set: String,
    kind: &'static str,
    left: bool,
    level: &'static str,
    head: String,
    items: Vec<String>,
    muted: bool,
    /// Who changed it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by: Vec<String>,
}

#[derive(Serialize)]
struct CoverageJson {
    principals: usize,
    bound: usize,
    requirements: usize,
    /// Bound principals without a requirement on this page, and why.
    idle: Vec<String>,
    selected: bool,
    lookalikes: Vec<String>,
    unseen: Vec<String>,
    unread_keys: Vec<String>,
    /// Compliant requirements that depend on policies of resources which were not checked.
    not_checked: usize,
    unused: Vec<String>,
}

impl DataJson {
    pub(super) fn of(told: &AuditReport<'_>) -> serde_json::Result<Self> {
        let drift = Drift::of(told);
        let mut attached: BTreeMap<(&PrincipalArn, &str), Vec<&Finding>> = BTreeMap::new();
        for finding in told.findings.values() {
            if let Some(arn) = &finding.principal {
                attached
                    .entry((arn, &finding.set))
                    .or_default()
                    .push(finding);
            }
        }
        let mut requirements = Shared::default();
        let mut details = Shared::default();
        let mut mutes = Shared::default();
        let mut rows: Vec<RowJson> = Vec::new();
        let mut last = None;
        let mut placed: BTreeSet<FindingId> = BTreeSet::new();
        for verdict in &told.assessment.verdicts {
            let key = (&verdict.principal, &*verdict.requirement.set);
            let findings = attached.get(&key).map_or(&[][..], Vec::as_slice);
            placed.extend(findings.iter().map(|finding| finding.id));
            let cell = CellJson {
                p: requirements.place(serde_json::to_string(&RequirementJson::of(
                    &verdict.requirement,
                ))?),
                j: match verdict.judgement() {
                    Judgement::Compliant => 0,
                    Judgement::Undetermined => 1,
                    Judgement::Drifted => 2,
                },
                d: details.place(serde_json::to_string(&DetailJson::of(verdict, told))?),
                s: worst_since(findings, &drift),
                m: muted(told, findings).map(|text| mutes.place(text)),
                f: findings
                    .iter()
                    .map(|finding| format!("{} {}", finding.id, finding.code))
                    .collect(),
            };
            let arn = &verdict.principal;
            match rows.last_mut() {
                Some(row) if last == Some(arn) => row.cells.push(cell),
                _ => rows.push(RowJson {
                    arn: plain(arn.as_str()).into_owned(),
                    kind: arn.kind().to_string(),
                    name: plain(arn.name()).into_owned(),
                    cells: vec![cell],
                }),
            }
            last = Some(arn);
        }
        let others = told.findings.values();
        Ok(Self {
            compared: told.events.is_some(),
            options: told.provenance.map(|provenance| {
                let options = provenance.options.iter();
                options.map(|text| plain(text).into_owned()).collect()
            }),
            requirements: requirements.values()?,
            details: details.values()?,
            mutes: mutes.texts,
            rows,
            others: others
                .filter(|finding| !placed.contains(&finding.id))
                .map(|finding| OtherJson::of(finding, told, &drift))
                .collect(),
            changes: told
                .events
                .unwrap_or_default()
                .iter()
                .filter_map(ChangeJson::of)
                .collect(),
            coverage: CoverageJson::of(told),
        })
    }
}

impl OtherJson {
    fn of(finding: &Finding, told: &AuditReport<'_>, drift: &Drift<'_>) -> Self {
        Self {
            arn: finding
                .principal
                .as_ref()
                .map(|arn| plain(arn.as_str()).into_owned()),
            set: plain(&finding.set).into_owned(),
            level: finding.level.as_str(),
            code: finding.code.as_str(),
            id: finding.id.to_string(),
            head: headline(finding),
            impact: plain(&finding.impact).into_owned(),
            why: reasons(finding),
            fix: told.remedies(finding),
            owners: owners(finding, &told.settings.owners)
                .into_iter()
                .map(|owner| plain(owner).into_owned())
                .collect(),
            since: drift.since(finding).map(Since::as_str),
            mute: told.mute(finding).map(justification),
        }
    }
}

impl ChangeJson {
    /// `None` for a reminder, which changes nothing.
    fn of(event: &Event) -> Option<Self> {
        let left = match event.kind {
            EventKind::Reminded => return None,
            EventKind::Resolved(Resolution::Left) => true,
            EventKind::Resolved(Resolution::Healthy)
            | EventKind::Opened
            | EventKind::Worsened
            | EventKind::Eased => false,
        };
        let finding = &event.finding;
        let arn = finding.principal.as_ref();
        Some(Self {
            id: finding.id.to_string(),
            code: finding.code.as_str(),
            arn: arn.map(|arn| plain(arn.as_str()).into_owned()),
            set: plain(&finding.set).into_owned(),
            kind: match is_now_checked(event) {
                true => "now-checked",
                false => event.kind.as_str(),
            },
            left,
            level: finding.level.as_str(),
            head: headline(finding),
            items: event.items.iter().map(item).collect(),
            muted: event.muted.is_some(),
            by: event.explanation.as_ref().map(by).unwrap_or_default(),
        })
    }
}

/// Who changed it, line by line.
fn by(explanation: &Explanation) -> Vec<String> {
    let Some(changed) = changed(explanation) else {
        return Vec::new();
    };
    let calls = changed.lines.iter();
    let calls = calls.map(|line| format!("{}: {line}.", changed.head));
    calls.chain(changed.notes.iter().cloned()).collect()
}

impl CoverageJson {
    fn of(told: &AuditReport<'_>) -> Self {
        let assessment = told.assessment;
        let coverage = &assessment.coverage;
        let unread = assessment.keys.iter().filter(|keys| keys.faults.is_none());
        Self {
            principals: coverage.principals,
            bound: coverage.bound.len(),
            requirements: assessment.verdicts.len(),
            idle: idle(assessment),
            selected: !coverage.selection.is_all(),
            lookalikes: coverage.lookalikes.iter().map(name).collect(),
            unseen: not_looked_at(coverage),
            unread_keys: unread.map(|keys| name(&keys.principal)).collect(),
            not_checked: assessment.count_unread(),
            unused: coverage
                .unused_bindings
                .iter()
                .map(|text| plain(text).into_owned())
                .collect(),
        }
    }
}

/// Of the findings of one requirement, what became of the one that changed most.
fn worst_since(findings: &[&Finding], drift: &Drift<'_>) -> Option<&'static str> {
    let since = findings.iter().filter_map(|finding| drift.since(finding));
    since
        .filter(|since| *since != Since::Same)
        .min()
        .map(Since::as_str)
}

/// Why and by whom a requirement is kept quiet: only if nothing of it is left to tell.
fn muted(told: &AuditReport<'_>, findings: &[&Finding]) -> Option<String> {
    let mutes: Option<BTreeSet<String>> = findings
        .iter()
        .filter(|finding| finding.level > Level::Notice)
        .map(|finding| told.mute(finding).map(justification))
        .collect();
    let mutes = mutes.filter(|mutes| !mutes.is_empty())?;
    Some(mutes.into_iter().collect::<Vec<_>>().join(" "))
}

/// Texts that are told once, by position.
#[derive(Default)]
struct Shared {
    places: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Shared {
    fn place(&mut self, text: String) -> usize {
        if let Some(place) = self.places.get(&text) {
            return *place;
        }
        let place = self.texts.len();
        self.texts.push(text.clone());
        self.places.insert(text, place);
        place
    }

    /// The texts as the JSON that they are.
    fn values(self) -> serde_json::Result<Vec<Box<RawValue>>> {
        self.texts.into_iter().map(RawValue::from_string).collect()
    }
}
