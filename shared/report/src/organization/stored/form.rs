//! The objects of the stored form, to be written and read.

use std::collections::BTreeMap;

use audit::{Code, FindingId};
use iam::PrincipalArn;
use serde::{Deserialize, Serialize};

use super::error::{ReadSummaryError, SCHEMA_VERSION, parse};
use crate::machine::json::layers::LayersJson;
use crate::organization::account::{
    AccountSummary, DeniedActions, FindingSummary, PrincipalSummary, VerdictSummary,
};
use crate::organization::age::ReadTime;
use crate::organization::part::attached_to;
use crate::organization::standing::Standing;
use crate::organization::statement::{OuterPolicy, OuterStatement};
use crate::words::layers::checked;

/// What stands in place of a time that nobody said.
pub(super) const UNKNOWN: &str = "unknown";

/// The document. What is written of layers, and what is read, are two types of one form.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Form<Layers> {
    pub(super) schema_version: u32,
    pub(super) generator: String,
    pub(super) account: String,
    pub(super) audit: Box<str>,
    pub(super) at: jiff::Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Box<str>>,
    /// When it was read: a time, or `unknown`; absent where that was during the audit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) taken: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) selected: Option<Box<str>>,
    pub(super) verdict: String,
    pub(super) summary: CountsForm,
    /// For readers; the layers say the same.
    pub(super) checked: String,
    pub(super) layers: Layers,
    pub(super) unseen: Vec<Box<str>>,
    pub(super) principals: Vec<PrincipalForm>,
    pub(super) findings: Vec<FindingForm>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CountsForm {
    pub(super) principals: usize,
    pub(super) not_reached: usize,
    pub(super) requirements: usize,
    pub(super) drifted: usize,
    pub(super) undetermined: usize,
    pub(super) compliant_not_checked: usize,
    pub(super) compliant: usize,
    pub(super) findings: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PrincipalForm {
    pub(super) arn: String,
    pub(super) verdict: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) not_reached: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) unfollowed: bool,
    #[serde(default)]
    pub(super) verdicts: Vec<VerdictForm>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerdictForm {
    pub(super) action_set: Box<str>,
    pub(super) verdict: String,
    pub(super) level: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) missing: usize,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) unknown: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) not_checked: Vec<Box<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingForm {
    pub(super) id: String,
    pub(super) code: String,
    pub(super) level: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) principal: Option<String>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub(super) action_set: Box<str>,
    pub(super) title: Box<str>,
    pub(super) impact: Box<str>,
    pub(super) causes: Vec<Box<str>>,
    pub(super) steps: Vec<Box<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) denied_by: Vec<DeniedForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) muted: Option<Box<str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeniedForm {
    pub(super) kind: String,
    pub(super) policy: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<Box<str>>,
    /// Some of the actions.
    pub(super) actions: Vec<Box<str>>,
    /// How many there are.
    pub(super) count: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

pub(super) fn counts(summary: &AccountSummary) -> CountsForm {
    let mut counts = CountsForm {
        principals: summary.principals.len(),
        findings: summary.findings.len(),
        ..CountsForm::default()
    };
    for principal in summary.principals.values() {
        match principal {
            PrincipalSummary::NotReached => counts.not_reached += 1,
            PrincipalSummary::Judged { verdicts, .. } => {
                counts.requirements += verdicts.len();
                for verdict in verdicts {
                    *match verdict.standing {
                        Standing::Compliant => &mut counts.compliant,
                        Standing::CompliantNotChecked => &mut counts.compliant_not_checked,
                        Standing::Undetermined => &mut counts.undetermined,
                        Standing::Drifted => &mut counts.drifted,
                    } += 1;
                }
            }
        }
    }
    counts
}

pub(super) fn form(summary: &AccountSummary) -> Form<LayersJson> {
    let attached = summary.by_principal();
    Form {
        schema_version: SCHEMA_VERSION,
        generator: concat!("permdrift ", env!("CARGO_PKG_VERSION")).to_owned(),
        account: summary.account.to_string(),
        audit: summary.audit.clone(),
        at: summary.at,
        source: summary.source.clone(),
        taken: match summary.read {
            ReadTime::DuringAudit => None,
            ReadTime::At(taken) => Some(taken.to_string()),
            ReadTime::Unknown => Some(UNKNOWN.to_owned()),
        },
        failure: summary.failure.clone(),
        selected: summary.selected.clone(),
        verdict: summary.standing().to_string(),
        summary: counts(summary),
        checked: checked(&summary.layers),
        layers: LayersJson::of(&summary.layers),
        unseen: summary.unseen.iter().cloned().collect(),
        principals: summary
            .principals
            .iter()
            .map(|(arn, one)| {
                let findings = attached_to(&attached, Some(arn));
                PrincipalForm::of(arn, one, one.standing(findings))
            })
            .collect(),
        findings: summary
            .findings
            .iter()
            .map(|(id, finding)| FindingForm::of(*id, finding))
            .collect(),
    }
}

impl PrincipalForm {
    fn of(arn: &PrincipalArn, one: &PrincipalSummary, standing: Standing) -> Self {
        let (not_reached, unfollowed) = match one {
            PrincipalSummary::NotReached => (true, false),
            PrincipalSummary::Judged { is_unfollowed, .. } => (false, *is_unfollowed),
        };
        Self {
            arn: arn.to_string(),
            verdict: standing.to_string(),
            not_reached,
            unfollowed,
            verdicts: one.verdicts().iter().map(VerdictForm::of).collect(),
        }
    }

    pub(super) fn read(self) -> Result<PrincipalSummary, ReadSummaryError> {
        if self.not_reached {
            return Ok(PrincipalSummary::NotReached);
        }
        let verdicts = self.verdicts.into_iter().map(VerdictForm::read);
        Ok(PrincipalSummary::Judged {
            verdicts: verdicts.collect::<Result<_, _>>()?,
            is_unfollowed: self.unfollowed,
        })
    }
}

impl VerdictForm {
    fn of(verdict: &VerdictSummary) -> Self {
        Self {
            action_set: verdict.set.clone(),
            verdict: verdict.standing.to_string(),
            level: verdict.level.to_string(),
            missing: verdict.missing,
            unknown: verdict.unknown,
            not_checked: verdict.not_checked.clone(),
        }
    }

    pub(super) fn read(self) -> Result<VerdictSummary, ReadSummaryError> {
        Ok(VerdictSummary {
            set: self.action_set,
            standing: parse(&self.verdict)?,
            level: parse(&self.level)?,
            missing: self.missing,
            unknown: self.unknown,
            not_checked: self.not_checked,
        })
    }
}

impl FindingForm {
    fn of(id: FindingId, finding: &FindingSummary) -> Self {
        Self {
            id: id.to_string(),
            code: finding.code.to_string(),
            level: finding.level.to_string(),
            principal: finding.principal.as_ref().map(ToString::to_string),
            action_set: finding.set.clone(),
            title: finding.title.clone(),
            impact: finding.impact.clone(),
            causes: finding.causes.clone(),
            steps: finding.steps.clone(),
            denied_by: finding
                .denied_by
                .iter()
                .map(|(statement, denied)| DeniedForm {
                    kind: statement.kind.as_str().to_owned(),
                    policy: statement.policy.clone(),
                    index: statement.index,
                    sid: statement.sid.clone(),
                    actions: denied.named.iter().cloned().collect(),
                    count: denied.count,
                })
                .collect(),
            since: finding.since,
            muted: finding.muted.clone(),
        }
    }

    pub(super) fn read(self) -> Result<FindingSummary, ReadSummaryError> {
        let mut denied_by = BTreeMap::new();
        for denied in self.denied_by {
            let kind: OuterPolicy = parse(&denied.kind)?;
            let statement = OuterStatement {
                kind,
                policy: denied.policy,
                index: denied.index,
                sid: denied.sid,
            };
            let actions = DeniedActions {
                named: denied.actions.into_iter().collect(),
                count: denied.count,
            };
            denied_by.insert(statement, actions);
        }
        Ok(FindingSummary {
            code: parse::<Code>(&self.code)?,
            level: parse(&self.level)?,
            principal: self.principal.as_deref().map(parse).transpose()?,
            set: self.action_set,
            title: self.title,
            impact: self.impact,
            causes: self.causes,
            steps: self.steps,
            denied_by,
            since: self.since,
            muted: self.muted,
        })
    }
}
