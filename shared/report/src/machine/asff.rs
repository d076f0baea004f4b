//! ASFF, for Security Hub: one finding or all findings of an audit.
//!
//! In: a finding and its state. Out: one finding in the AWS Security Finding Format, within its limits: text that is too long is
//! cut and marked as cut. [`write()`] puts all findings of an audit into one JSON array; [`batches`] splits findings into the
//! sizes that `BatchImportFindings` accepts. Findings belong to the default product of the account, so their region must be the
//! region they are imported in.
//!
//! The id is that of our finding, so a repeated import updates it. AWS ignores an update whose `UpdatedAt` is not later.

use std::collections::BTreeMap;
use std::io::Write;

use audit::finding::{Finding, Resolution};
use audit::settings::{Mute, Owners, Settings};
use audit::{Baseline, Code, EventKind, Level, Selection};
use iam::PrincipalKind;
use jiff::Timestamp;
use serde::Serialize;

use crate::audit_report::{AuditReport, justification};
use crate::words::cut::cut;
use crate::words::finding::{headline, owners, paragraphs, remedies};
use crate::words::plain::plain;

/// The version of ASFF.
pub const SCHEMA_VERSION: &str = "2018-10-08";

/// The most findings in one call of `BatchImportFindings`.
pub const BATCH: usize = 100;

const TITLE: usize = 256;
const DESCRIPTION: usize = 1024;
const RECOMMENDATION: usize = 512;
const PRODUCT_FIELD: usize = 2048;
const RESOURCE_ID: usize = 512;

/// The state of a finding when it is imported.
#[derive(Clone, Copy, Debug)]
pub struct Filing<'a> {
    /// The region of the Security Hub that it goes to.
    pub region: &'a str,
    /// When it is imported; must be later than at the previous import.
    pub updated: Timestamp,
    /// Whether it still holds.
    pub is_open: bool,
    /// The mute that covers it.
    pub mute: Option<&'a Mute>,
    /// Who owns which layer.
    pub owners: &'a Owners,
}

/// One finding in ASFF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AsffFinding {
    schema_version: &'static str,
    id: String,
    product_arn: String,
    product_name: &'static str,
    company_name: &'static str,
    region: String,
    generator_id: String,
    aws_account_id: String,
    types: [&'static str; 1],
    created_at: String,
    updated_at: String,
    first_observed_at: String,
    last_observed_at: String,
    severity: Severity,
    title: String,
    description: String,
    remediation: Remediation,
    product_fields: BTreeMap<&'static str, String>,
    resources: [Resource; 1],
    compliance: Compliance,
    workflow: Workflow,
    record_state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Severity {
    label: &'static str,
    original: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Remediation {
    recommendation: Recommendation,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Recommendation {
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    r#type: &'static str,
    id: String,
    partition: String,
    region: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Compliance {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Workflow {
    status: &'static str,
}

/// Writes the findings of an audit, those resolved since the baseline included, as one JSON array and a line break.
///
/// # Errors
/// If writing fails.
pub fn write(mut out: &mut dyn Write, told: &AuditReport<'_>) -> serde_json::Result<()> {
    let open = told
        .findings
        .values()
        .map(|finding| (finding, true, told.mute(finding)));
    let resolved = told.resolved().map(|event| (&event.finding, false, None));
    let findings: Vec<AsffFinding> = open
        .chain(resolved)
        .map(|(finding, is_open, mute)| {
            finding_of(
                finding,
                &Filing {
                    region: told.region,
                    updated: told.assessment.at,
                    is_open,
                    mute,
                    owners: &told.settings.owners,
                },
            )
        })
        .collect();
    serde_json::to_writer_pretty(&mut out, &findings)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

/// Every finding of a baseline that an audit looked at, as it stands now; those that ended lately included, so that what was
/// not taken last time is made good.
#[must_use]
pub fn current(
    baseline: &Baseline,
    selection: &Selection,
    settings: &Settings,
    region: &str,
    at: audit::mute::At<'_>,
) -> Vec<AsffFinding> {
    let looked_at = |finding: &Finding| match &finding.principal {
        Some(principal) => selection.takes(principal),
        None => selection.is_all(),
    };
    let tracked = baseline.tracked();
    tracked
        .filter(|tracked| looked_at(&tracked.finding))
        .map(|tracked| {
            let finding = &tracked.finding;
            let filing = Filing {
                region,
                updated: at.now,
                is_open: !tracked.closed,
                mute: audit::mute::cover(&settings.mutes, finding, at),
                owners: &settings.owners,
            };
            finding_of(finding, &filing)
        })
        .collect()
}

/// Findings in slices that fit one call.
pub fn batches(findings: &[AsffFinding]) -> impl Iterator<Item = &[AsffFinding]> {
    findings.chunks(BATCH)
}

/// Whether the finding is open after an event of this kind.
#[must_use]
pub fn is_open(kind: EventKind) -> bool {
    match kind {
        EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded => true,
        EventKind::Resolved(Resolution::Healthy | Resolution::Left) => false,
    }
}

/// One finding in ASFF.
#[must_use]
pub fn finding_of(finding: &Finding, filing: &Filing<'_>) -> AsffFinding {
    let account = finding.account;
    let partition = finding.principal.as_ref().map_or_else(
        || iam::partition_of(filing.region),
        iam::PrincipalArn::partition,
    );
    let region = filing.region;
    let resource = match &finding.principal {
        Some(arn) => (
            match arn.kind() {
                PrincipalKind::User => "AwsIamUser",
                PrincipalKind::Role => "AwsIamRole",
            },
            arn.as_str().to_owned(),
        ),
        None => ("AwsAccount", format!("AWS::::Account:{account}")),
    };
    let description: Vec<String> = paragraphs(finding, remedies(finding, filing.owners))
        .iter()
        .map(|text| text.trim_end_matches('.').to_owned())
        .collect();
    let description = description.join(". ") + ".";
    AsffFinding {
        schema_version: SCHEMA_VERSION,
        id: finding.id.to_string(),
        product_arn: format!(
            "arn:{partition}:securityhub:{region}:{account}:product/{account}/default"
        ),
        product_name: "permdrift",
        company_name: "permdrift",
        region: region.to_owned(),
        generator_id: format!("permdrift/{}", finding.code),
        aws_account_id: account.to_string(),
        types: [
            "Software and Configuration Checks/AWS Security Best Practices/IAM permission drift",
        ],
        created_at: time(finding.opened),
        updated_at: time(filing.updated),
        first_observed_at: time(finding.opened),
        last_observed_at: time(finding.seen),
        severity: Severity {
            label: label(finding.level),
            original: finding.level.as_str(),
        },
        title: cut(&headline(finding), TITLE),
        description: cut(&description, DESCRIPTION),
        remediation: Remediation {
            recommendation: Recommendation {
                text: cut(&remedies(finding, filing.owners).join(" "), RECOMMENDATION),
            },
        },
        product_fields: product_fields(finding, filing),
        resources: [Resource {
            r#type: resource.0,
            id: cut(&resource.1, RESOURCE_ID),
            partition: partition.to_owned(),
            region: region.to_owned(),
        }],
        compliance: Compliance {
            status: if filing.is_open {
                compliance(finding)
            } else {
                "PASSED"
            },
        },
        workflow: Workflow {
            status: match (filing.is_open, filing.mute) {
                (false, _) => "RESOLVED",
                (true, Some(_)) => "SUPPRESSED",
                (true, None) => "NEW",
            },
        },
        record_state: if filing.is_open { "ACTIVE" } else { "ARCHIVED" },
    }
}

fn product_fields(finding: &Finding, filing: &Filing<'_>) -> BTreeMap<&'static str, String> {
    let actions: std::collections::BTreeSet<&str> = finding
        .lacks
        .iter()
        .flat_map(|lack| lack.actions.iter().map(iam::ActionName::as_str))
        .collect();
    let actions = actions.into_iter().collect::<Vec<_>>().join(" ");
    let owners = plain(&owners(finding, filing.owners).join(", ")).into_owned();
    let mute = filing.mute.map(justification).unwrap_or_default();
    [
        ("permdrift/Code", finding.code.to_string()),
        ("permdrift/ActionSet", plain(&finding.set).into_owned()),
        ("permdrift/Title", plain(&finding.title).into_owned()),
        ("permdrift/Actions", actions),
        ("permdrift/Owners", owners),
        ("permdrift/Mute", mute),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name, cut(&value, PRODUCT_FIELD)))
    .collect()
}

/// To the millisecond, a precision that every consumer of ASFF can read.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn label(level: Level) -> &'static str {
    match level {
        Level::Notice => "INFORMATIONAL",
        Level::Low => "LOW",
        Level::Medium => "MEDIUM",
        Level::High => "HIGH",
        Level::Critical => "CRITICAL",
    }
}

/// The compliance status of an open finding. If it could not be determined, it neither passes nor fails.
fn compliance(finding: &Finding) -> &'static str {
    match finding.code {
        Code::Undetermined
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::AuditFailed
        | Code::Coverage => "NOT_AVAILABLE",
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess => match finding.level {
            Level::Notice => "WARNING",
            Level::Low | Level::Medium | Level::High | Level::Critical => "FAILED",
        },
    }
}
