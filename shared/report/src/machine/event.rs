//! Events for EventBridge, version 1.
//!
//! In: an event of a finding, an alert, or the result of an audit. Out: detail type, detail and resources, described by
//! `docs/schemas/event-1.json`; the detail of an OCSF event has the form of OCSF. Within a version fields are added, never
//! changed or dropped. If a detail exceeds the size limit, its lists are shortened; our own form then has `shortened: true`.

mod shortened;

use audit::assessment::LayerCoverage;
use audit::{Event, EventKind, VerdictCounts};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::header::Header;
use crate::machine::alert::{Action, Alert};
use crate::machine::json::assessment::finding::ChangeJson;
use crate::machine::json::layers::LayersJson;
use crate::machine::ocsf::{self, Telling};
use shortened::shortened;

/// The version of this form.
pub const VERSION: &str = "1";
/// The longest detail, in bytes: the bus takes a quarter of a megabyte a call.
const LONGEST: usize = 200_000;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What happened.
    pub detail_type: &'static str,
    /// JSON.
    pub detail: String,
    /// The ARN of the principal that it is about; none for the account itself.
    pub resources: Vec<String>,
}

/// The result of an audit, over all its runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// Principals and requirements.
    #[serde(flatten, with = "VerdictCountsJson")]
    pub counts: VerdictCounts,
    /// Calls to IAM.
    pub calls: u64,
    /// Runs that it took.
    pub runs: u32,
    /// Whether everything was looked at and decided.
    pub complete: bool,
    /// Which policies besides the principals' own were looked at.
    #[serde(serialize_with = "layers")]
    pub layers: LayerCoverage,
}

fn layers<S: Serializer>(layers: &LayerCoverage, serializer: S) -> Result<S::Ok, S::Error> {
    LayersJson::of(layers).serialize(serializer)
}

#[derive(Serialize)]
#[serde(remote = "VerdictCounts", rename_all = "camelCase")]
struct VerdictCountsJson {
    principals: u64,
    requirements: u64,
    compliant: u64,
    compliant_not_checked: u64,
    drifted: u64,
    undetermined: u64,
}

/// The detail types: one for each kind of event of a finding, two for alerts, two for the result of an audit, one for OCSF.
pub const DETAIL_TYPES: [&str; 10] = [
    "Finding Opened",
    "Finding Worsened",
    "Finding Eased",
    "Finding Reminder",
    "Finding Resolved",
    TRIGGERED,
    RESOLVED,
    COMPLETED,
    FAILED,
    OCSF,
];

const TRIGGERED: &str = "Alert Triggered";
const RESOLVED: &str = "Alert Resolved";
const COMPLETED: &str = "Audit Completed";
const FAILED: &str = "Audit Failed";
const OCSF: &str = "OCSF Compliance Finding";

/// The event of a finding. `above`: the ids of the root and the OUs above its account, as far as they are known.
#[must_use]
pub fn finding(header: &Header<'_>, above: &[Box<str>], event: &Event) -> Machine {
    let [opened, worsened, eased, reminder, resolved, ..] = DETAIL_TYPES;
    let header = (header, above);
    let detail = match write(header, &change(event), Lists::Whole) {
        detail if detail.len() <= LONGEST => detail,
        _ => write(header, &change(&shortened(event)), Lists::Shortened),
    };
    Machine {
        detail_type: match event.kind {
            EventKind::Opened => opened,
            EventKind::Worsened => worsened,
            EventKind::Eased => eased,
            EventKind::Reminded => reminder,
            EventKind::Resolved(_) => resolved,
        },
        detail,
        resources: resources(event),
    }
}

/// The event of a finding as OCSF's Compliance Finding.
#[must_use]
pub fn ocsf(event: &Event, telling: &Telling<'_>) -> Machine {
    let write = |event: &Event| {
        // Texts, numbers and lists: there is nothing in it that JSON cannot say.
        serde_json::to_string(&ocsf::event_of(&event.finding, telling)).unwrap_or_default()
    };
    Machine {
        detail_type: OCSF,
        detail: match write(event) {
            detail if detail.len() <= LONGEST => detail,
            _ => write(&shortened(event)),
        },
        resources: resources(event),
    }
}

/// An alert was triggered or resolved.
#[must_use]
pub fn alert(header: &Header<'_>, alert: &Alert) -> Machine {
    Machine {
        detail_type: match alert.action() {
            Action::Trigger => TRIGGERED,
            Action::Resolve => RESOLVED,
        },
        detail: write((header, &[]), &Body::Alert { alert }, Lists::Whole),
        resources: alert.principals().to_vec(),
    }
}

/// An audit was completed. `alert` resolves the alert about earlier failed audits; `None` if that one stays open.
#[must_use]
pub fn completed(header: &Header<'_>, outcome: &Outcome, alert: Option<&Alert>) -> Machine {
    Machine {
        detail_type: COMPLETED,
        detail: write(
            (header, &[]),
            &Body::Outcome { outcome, alert },
            Lists::Whole,
        ),
        resources: Vec::new(),
    }
}

/// An audit failed: it could not be done, published, or stored. `alert` calls somebody; `None` where others tell people.
#[must_use]
pub fn failed(header: &Header<'_>, reason: &str, alert: Option<&Alert>) -> Machine {
    Machine {
        detail_type: FAILED,
        detail: write(
            (header, &[]),
            &Body::Failure { reason, alert },
            Lists::Whole,
        ),
        resources: Vec::new(),
    }
}

fn resources(event: &Event) -> Vec<String> {
    let principal = event.finding.principal.iter();
    principal.map(ToString::to_string).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    metadata: Metadata<'a>,
    #[serde(flatten)]
    body: &'a Body<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    shortened: bool,
}

#[derive(Serialize)]
struct Metadata<'a> {
    version: &'static str,
    audit: &'a str,
    account: &'a str,
    time: Timestamp,
    #[serde(
        rename = "organizationalUnits",
        skip_serializing_if = "<[_]>::is_empty"
    )]
    above: &'a [Box<str>],
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Change(Box<ChangeJson<'a>>),
    Alert {
        alert: &'a Alert,
    },
    Outcome {
        outcome: &'a Outcome,
        #[serde(skip_serializing_if = "Option::is_none")]
        alert: Option<&'a Alert>,
    },
    Failure {
        reason: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        alert: Option<&'a Alert>,
    },
}

fn change(event: &Event) -> Body<'_> {
    Body::Change(Box::new(ChangeJson::of(event)))
}

/// Whether the lists of a detail hold every entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    Whole,
    Shortened,
}

fn write((header, above): (&Header<'_>, &[Box<str>]), body: &Body<'_>, lists: Lists) -> String {
    let detail = Detail {
        metadata: Metadata {
            version: VERSION,
            audit: header.audit,
            account: header.account.as_str(),
            time: header.at,
            above,
        },
        body,
        shortened: lists == Lists::Shortened,
    };
    // Texts, numbers and lists: there is nothing in it that JSON cannot say.
    serde_json::to_string(&detail).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::machine::alert;
    use crate::mail;
    use audit::assessment::ListRead;
    use audit::finding::{ChangeOrigin, Item, Lack, ReadSide, Resolution};
    use audit::{Code, Finding, FindingId, Level};
    use iam::{Cause, Decision, Layer, PrincipalArn};

    /// A finding of a role that an SCP took actions from.
    pub(crate) fn event(kind: EventKind, actions: usize) -> Event {
        let principal: PrincipalArn = "arn:aws:iam::123456789012:role/backup/VeeamRestore"
            .parse()
            .unwrap();
        let account = principal.account();
        let names: Vec<String> = (0..actions)
            .map(|at| format!("ec2:Action{at:05}"))
            .collect();
        let item = |name: &String| Item {
            name: name.as_str().into(),
            place: "".into(),
        };
        Event {
            kind,
            finding: Finding {
                id: FindingId::new(
                    account,
                    Some(&principal),
                    Code::MissingActions,
                    "ec2-restore",
                ),
                account,
                principal: Some(principal),
                code: Code::MissingActions,
                set: "ec2-restore".into(),
                level: Level::High,
                title: "Restore of EC2 instances".into(),
                impact: "Restores of EC2 instances fail; backups are safe.".into(),
                items: Arc::new(names.iter().map(item).collect()),
                lacks: Arc::new(vec![Lack {
                    cause: Cause::NotAllowedIn(vec![Layer::ServiceControl { level: None }]),
                    decision: Decision::ImplicitDeny,
                    actions: Arc::new(names.iter().map(|name| name.parse().unwrap()).collect()),
                    resources: ["*".into()].into(),
                    regions: ["eu-west-1".into()].into(),
                    owner: Some("cloud-platform@example.com".into()),
                    read_side: ReadSide::default(),
                }]),
                opened: "2026-11-16T03:15:00Z".parse().unwrap(),
                seen: "2026-11-22T03:15:00Z".parse().unwrap(),
                openings: 1,
            },
            items: names.iter().take(1).map(item).collect(),
            muted: None,
            for_people: true,
            origin: ChangeOrigin::Account,
            explanation: None,
        }
    }

    pub(crate) fn header() -> Header<'static> {
        Header {
            audit: "123456789012/2026-11-22T03:15:00Z",
            account: "123456789012".parse().unwrap(),
            at: "2026-11-22T03:15:00Z".parse().unwrap(),
        }
    }

    #[track_caller]
    fn check(machine: &Machine, detail_type: &str) -> serde_json::Value {
        let schema = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/schemas/event-1.json"
        );
        let schema = std::fs::read_to_string(schema).unwrap();
        let schema = serde_json::from_str(&schema).unwrap();
        let detail = serde_json::from_str(&machine.detail).unwrap();
        jsonschema::validator_for(&schema)
            .unwrap()
            .validate(&detail)
            .map_err(|error| error.to_string())
            .unwrap();
        assert_eq!(machine.detail_type, detail_type);
        assert!(machine.detail_type.len() <= 128);
        assert!(machine.detail.len() <= LONGEST);
        detail
    }

    #[test]
    fn every_event_is_as_its_schema_says() {
        let resolved = EventKind::Resolved(Resolution::Healthy);
        for (kind, detail_type) in [
            (EventKind::Opened, "Finding Opened"),
            (EventKind::Worsened, "Finding Worsened"),
            (EventKind::Eased, "Finding Eased"),
            (EventKind::Reminded, "Finding Reminder"),
            (resolved, "Finding Resolved"),
        ] {
            let machine = finding(&header(), &[], &event(kind, 2));
            let detail = check(&machine, detail_type);
            assert_eq!(
                machine.resources,
                ["arn:aws:iam::123456789012:role/backup/VeeamRestore"]
            );
            assert_eq!(detail["metadata"]["version"], "1");
            assert_eq!(detail["finding"]["items"].as_array().unwrap().len(), 2);
            assert_eq!(detail.get("shortened"), None);
        }
        let outcome = Outcome {
            counts: VerdictCounts {
                requirements: 3,
                compliant: 2,
                compliant_not_checked: 1,
                ..VerdictCounts::default()
            },
            runs: 1,
            layers: LayerCoverage {
                enabled_regions: ListRead::Refused,
                ..LayerCoverage::default()
            },
            ..Outcome::default()
        };
        let over = alert::of_success(&header());
        let alert = alert::of_failure(&header(), &mail::failure(&header(), "no table"));
        let told = check(&completed(&header(), &outcome, None), "Audit Completed");
        let told = &told["outcome"];
        assert_eq!(told["compliantNotChecked"], 1);
        assert_eq!(told["layers"]["enabledRegions"]["state"], "refused");
        check(
            &completed(&header(), &outcome, Some(&over)),
            "Audit Completed",
        );
        check(&failed(&header(), "no table", Some(&alert)), "Audit Failed");
        check(&super::alert(&header(), &alert), "Alert Triggered");
        check(&super::alert(&header(), &over), "Alert Resolved");
    }

    #[test]
    fn an_event_that_is_too_long_is_shortened_and_says_so() {
        let detail = check(
            &finding(&header(), &[], &event(EventKind::Opened, 5_000)),
            "Finding Opened",
        );
        assert_eq!(detail["shortened"], true);
        assert_eq!(
            detail["finding"]["lacks"][0]["actions"]
                .as_array()
                .unwrap()
                .len(),
            50
        );
    }
}
