//! OCSF, for a security lake or a SIEM: one finding or all findings of an audit.
//!
//! In: a finding and its state. Out: one event of class Compliance Finding (2003) of OCSF 1.3.0 with the cloud profile.
//! [`write()`] puts all findings of an audit into one JSON array. Times are in milliseconds.

use std::io::Write;

use audit::finding::Finding;
use audit::settings::{Mute, Owners};
use audit::{Code, EventKind, Level};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::audit_report::{AuditReport, Drift, Since, justification};
use crate::words::cut::cut;
use crate::words::finding::{headline, owners, paragraphs, reasons, remedies};
use crate::words::plain::plain;

/// The version of OCSF.
pub const SCHEMA_VERSION: &str = "1.3.0";

/// The longest text.
const TEXT: usize = 65_535;

/// The state of a finding when the event is written.
#[derive(Clone, Copy, Debug)]
pub struct Telling<'a> {
    /// The time of the event.
    pub at: Timestamp,
    /// The region it is filed under.
    pub region: &'a str,
    /// What happened to it.
    pub activity: Activity,
    /// The mute that covers it.
    pub mute: Option<&'a Mute>,
    /// Who owns which layer.
    pub owners: &'a Owners,
}

/// What happened to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// It was not there before.
    Create,
    /// It is still there.
    Update,
    /// It is gone.
    Close,
}

/// One Compliance Finding event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OcsfEvent {
    activity_id: u8,
    activity_name: &'static str,
    category_name: &'static str,
    category_uid: u8,
    class_name: &'static str,
    class_uid: u16,
    cloud: Value,
    compliance: Value,
    finding_info: Value,
    message: String,
    metadata: Value,
    remediation: Value,
    resources: [Value; 1],
    severity: &'static str,
    severity_id: u8,
    status: &'static str,
    status_id: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    time: i64,
    type_name: String,
    type_uid: u32,
    unmapped: Value,
}

/// Writes the findings of an audit, those resolved since the baseline included, as one JSON array and a line break.
///
/// # Errors
/// If writing fails.
pub fn write(mut out: &mut dyn Write, told: &AuditReport<'_>) -> serde_json::Result<()> {
    let drift = Drift::of(told);
    let open = told.findings.values().map(|finding| {
        let activity = match drift.since(finding) {
            None | Some(Since::New | Since::NowChecked) => Activity::Create,
            Some(Since::Worse | Since::Better | Since::Same) => Activity::Update,
        };
        (finding, activity, told.mute(finding))
    });
    let resolved = told
        .resolved()
        .map(|event| (&event.finding, Activity::Close, None));
    let events: Vec<OcsfEvent> = open
        .chain(resolved)
        .map(|(finding, activity, mute)| {
            event_of(
                finding,
                &Telling {
                    at: told.assessment.at,
                    region: told.region,
                    activity,
                    mute,
                    owners: &told.settings.owners,
                },
            )
        })
        .collect();
    serde_json::to_writer_pretty(&mut out, &events)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

impl Activity {
    /// The OCSF activity for a kind of event.
    #[must_use]
    pub fn of(kind: EventKind) -> Self {
        match kind {
            EventKind::Opened => Self::Create,
            EventKind::Worsened | EventKind::Eased | EventKind::Reminded => Self::Update,
            EventKind::Resolved(_) => Self::Close,
        }
    }

    fn id(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Update => 2,
            Self::Close => 3,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Close => "Close",
        }
    }
}

/// One finding as an event.
#[must_use]
pub fn event_of(finding: &Finding, telling: &Telling<'_>) -> OcsfEvent {
    let activity = telling.activity;
    let (severity_id, severity) = severity(finding.level);
    let (status_id, status) = match (activity, telling.mute) {
        (Activity::Close, _) => (4, "Resolved"),
        (Activity::Create | Activity::Update, Some(_)) => (3, "Suppressed"),
        (Activity::Create, None) => (1, "New"),
        (Activity::Update, None) => (2, "In Progress"),
    };
    let uid = finding.id.to_string();
    let title = cut(&headline(finding), TEXT);
    OcsfEvent {
        activity_id: activity.id(),
        activity_name: activity.name(),
        category_name: "Findings",
        category_uid: 2,
        class_name: "Compliance Finding",
        class_uid: 2003,
        cloud: json!({
            "provider": "AWS",
            "region": telling.region,
            "account": { "uid": finding.account.as_str(), "type": "AWS Account", "type_id": 10 },
        }),
        compliance: compliance(finding, activity),
        finding_info: json!({
            "uid": uid,
            "title": title,
            "desc": cut(&paragraphs(finding, remedies(finding, telling.owners)).join("\n"), TEXT),
            "types": [finding.code.as_str()],
            "created_time": finding.opened.as_millisecond(),
            "first_seen_time": finding.opened.as_millisecond(),
            "last_seen_time": finding.seen.as_millisecond(),
            "modified_time": telling.at.as_millisecond(),
        }),
        message: title,
        metadata: json!({
            "version": SCHEMA_VERSION,
            "event_code": finding.code.as_str(),
            "correlation_uid": uid,
            "profiles": ["cloud"],
            "product": {
                "name": "permdrift",
                "vendor_name": "permdrift",
                "version": env!("CARGO_PKG_VERSION"),
            },
        }),
        remediation: json!({ "desc": cut(&remedies(finding, telling.owners).join(" "), TEXT) }),
        resources: [resource(finding, telling.region)],
        severity,
        severity_id,
        status,
        status_id,
        comment: telling.mute.map(justification),
        time: telling.at.as_millisecond(),
        type_name: format!("Compliance Finding: {}", activity.name()),
        type_uid: 200_300 + u32::from(activity.id()),
        unmapped: json!({
            "action_set": finding.set,
            "level": finding.level.as_str(),
            "impact": finding.impact,
            "owners": owners(finding, telling.owners),
            "actions": finding
                .lacks
                .iter()
                .flat_map(|lack| lack.actions.iter().map(iam::ActionName::as_str))
                .collect::<std::collections::BTreeSet<_>>(),
        }),
    }
}

fn compliance(finding: &Finding, activity: Activity) -> Value {
    let (status_id, status) = match activity {
        Activity::Close => (1, "Pass"),
        Activity::Create | Activity::Update => open_compliance(finding),
    };
    let control = if finding.set.is_empty() {
        finding.code.as_str().into()
    } else {
        plain(&finding.set)
    };
    json!({
        "control": control,
        "standards": ["IAM permissions that Veeam needs"],
        "requirements": [plain(&finding.title)],
        "status": status,
        "status_id": status_id,
        "status_code": finding.code.as_str(),
        "status_detail": cut(&reasons(finding).join("\n"), TEXT),
    })
}

/// The status of a finding that is still open. Not knowing is a warning, never a pass.
fn open_compliance(finding: &Finding) -> (u8, &'static str) {
    match finding.code {
        Code::Undetermined
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::AuditFailed
        | Code::Coverage => (2, "Warning"),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess => match finding.level {
            Level::Notice => (2, "Warning"),
            Level::Low | Level::Medium | Level::High | Level::Critical => (3, "Fail"),
        },
    }
}

fn resource(finding: &Finding, region: &str) -> Value {
    match &finding.principal {
        Some(arn) => json!({
            "uid": arn.as_str(),
            "name": arn.name(),
            "type": match arn.kind() {
                iam::PrincipalKind::User => "AwsIamUser",
                iam::PrincipalKind::Role => "AwsIamRole",
            },
            "cloud_partition": arn.partition(),
            "region": region,
        }),
        None => json!({
            "uid": finding.account.as_str(),
            "name": finding.account.as_str(),
            "type": "AwsAccount",
            "region": region,
        }),
    }
}

fn severity(level: Level) -> (u8, &'static str) {
    match level {
        Level::Notice => (1, "Informational"),
        Level::Low => (2, "Low"),
        Level::Medium => (3, "Medium"),
        Level::High => (4, "High"),
        Level::Critical => (5, "Critical"),
    }
}
