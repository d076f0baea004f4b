//! Trail events: whom do they touch, and what happens to those that cannot be read?

mod reading;

use std::collections::BTreeMap;

use audit::events::{EventFaultReason, Touched, TrailEvents, read};
use audit::{Asked, Code, Look, Ports, Principals, Selection, Settings, run};
use futures_util::FutureExt as _;
use iam::{PrincipalArn, ServiceControl};

use crate::outside::{Clock, Memory, Recorder};
use crate::phases::{asked, saved};

const ACCOUNT: &str = include_str!("events/account.json");
/// One of each call of IAM that can change a verdict.
const IAM: &str = include_str!("events/iam.jsonl");
const RESOURCES: &str = include_str!("events/resources.jsonl");
const NOW: &str = "2026-11-28T12:00:00Z";

fn look(account: &str, events: &TrailEvents) -> Look {
    let inventory = iam::inventory::read(account.as_bytes()).unwrap();
    let settings = Settings::default();
    let asked = Asked {
        touched_by: Some(events),
        ..asked(&settings, NOW, &Selection::default())
    };
    audit::look(&asked, &saved(&inventory, ServiceControl::default()))
        .now_or_never()
        .unwrap()
        .unwrap()
}

fn touched(events: &str) -> Touched {
    let look = look(ACCOUNT, &read(events).unwrap());
    let touched = look.assessment.coverage.touched.unwrap();
    Touched::clone(&touched)
}

fn names(touched: &Touched) -> Vec<&str> {
    touched.bound.keys().map(PrincipalArn::name).collect()
}

/// The first event of a file that has this call.
fn event(of: &str, call: &str) -> serde_json::Value {
    let mut events = of
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    events.find(|event| event["eventName"] == call).unwrap()
}

#[test]
fn each_call_of_iam_touches_those_whose_verdict_it_can_change() {
    let by_policy: &[&str] = &["bounded", "holder", "member"];
    let expected: BTreeMap<&str, &[&str]> = [
        ("CreatePolicyVersion", by_policy),
        ("SetDefaultPolicyVersion", by_policy),
        ("AttachUserPolicy", &["holder"]),
        ("DetachUserPolicy", &["holder"]),
        ("AttachRolePolicy", &["keeper"]),
        ("DetachRolePolicy", &["keeper"]),
        ("AttachGroupPolicy", &["member"]),
        ("DetachGroupPolicy", &["member"]),
        ("PutUserPolicy", &["holder"]),
        ("DeleteUserPolicy", &["holder"]),
        ("PutRolePolicy", &["keeper"]),
        ("DeleteRolePolicy", &["keeper"]),
        ("PutGroupPolicy", &["member"]),
        ("DeleteGroupPolicy", &["member"]),
        ("PutUserPermissionsBoundary", &["holder"]),
        ("DeleteUserPermissionsBoundary", &["holder"]),
        ("PutRolePermissionsBoundary", &["keeper"]),
        ("DeleteRolePermissionsBoundary", &["keeper"]),
        ("AddUserToGroup", &["holder"]),
        ("RemoveUserFromGroup", &["holder"]),
        ("TagUser", &["holder"]),
        ("UntagUser", &["holder"]),
        ("TagRole", &["keeper"]),
        ("UntagRole", &["keeper"]),
        ("UpdateAssumeRolePolicy", &["keeper"]),
        ("AddRoleToInstanceProfile", &["keeper"]),
        ("RemoveRoleFromInstanceProfile", &["keeper"]),
        ("DeleteInstanceProfile", &["keeper"]),
        ("CreateAccessKey", &["holder"]),
        ("UpdateAccessKey", &["holder"]),
        ("DeleteAccessKey", &["holder"]),
        ("CreateRole", &["keeper"]),
        ("DeleteRole", &["keeper"]),
        ("CreateUser", &["holder"]),
        ("DeleteUser", &["holder"]),
        ("UpdateUser", &["holder"]),
    ]
    .into();
    assert_eq!(IAM.lines().count(), expected.len());
    for (call, expected) in expected {
        let event = event(IAM, call);
        let found = touched(&event.to_string());
        let mut found: Vec<&str> = names(&found);
        found.sort_unstable();
        assert_eq!(found, expected, "{call}");
        // The same call that AWS refused, and one of the same name of another service.
        let mut refused = event.clone();
        refused["errorCode"] = "AccessDenied".into();
        refused["requestParameters"] = serde_json::Value::Null;
        assert_eq!(
            touched(&refused.to_string()).bound,
            BTreeMap::new(),
            "{call}"
        );
        let mut other = event.clone();
        other["eventSource"] = "iot.amazonaws.com".into();
        assert_eq!(touched(&other.to_string()).bound, BTreeMap::new(), "{call}");
        let mut elsewhere = event;
        elsewhere["recipientAccountId"] = "444455556666".into();
        let elsewhere = touched(&elsewhere.to_string());
        assert_eq!(
            (names(&elsewhere).len(), elsewhere.elsewhere),
            (0, 1),
            "{call}"
        );
    }
}

#[test]
fn calls_on_resources_touch_those_who_work_with_them() {
    let expected: [(&str, &str, bool); 11] = [
        ("PutKeyPolicy", "eu-west-1", true),
        ("ScheduleKeyDeletion", "eu-west-1", true),
        ("DisableKey", "eu-west-1", false),
        ("PutBucketPolicy", "eu-west-1", true),
        ("DeleteBucketPolicy", "eu-west-1", false),
        ("PutBackupVaultAccessPolicy", "eu-west-1", true),
        ("PutBackupVaultAccessPolicy", "eu-north-1", false),
        ("ModifyEbsDefaultKmsKeyId", "eu-west-1", true),
        ("DeleteVpcEndpoints", "eu-west-1", false),
        ("AttachPolicy", "us-east-1", true),
        ("DetachPolicy", "us-east-1", false),
    ];
    assert_eq!(RESOURCES.lines().count(), expected.len());
    for (line, (call, region, is_touched)) in RESOURCES.lines().zip(expected) {
        assert!(line.contains(call) && line.contains(region), "{call}");
        let touched = touched(line);
        assert_eq!(
            names(&touched).contains(&"keeper"),
            is_touched,
            "{call} {region}"
        );
    }
}

#[test]
fn a_version_that_is_not_the_default_one_touches_nobody() {
    let mut event = event(IAM, "CreatePolicyVersion");
    event["requestParameters"]["setAsDefault"] = false.into();
    assert_eq!(touched(&event.to_string()).bound, BTreeMap::new());
}

#[test]
fn who_was_declared_to_assume_a_role_touches_it() {
    for call in [
        "CreateRole",
        "PutRolePolicy",
        "DeleteRolePermissionsBoundary",
    ] {
        let mut event = event(IAM, call);
        event["requestParameters"]["roleName"] = "appliance".into();
        let touched = touched(&event.to_string());
        assert_eq!(names(&touched), ["keeper"], "{call}");
        assert_eq!(touched.unbound.len(), 1, "{call}");
    }
}

#[test]
fn a_role_that_is_assumed_touches_whoever_assumes_it() {
    let account = ACCOUNT.replace(
        r#""Value": "vbaws-appliance-connect""#,
        r#""Value": "vbaws-role-impersonation"}, {"Key": "veeam:role", "Value": "keeper""#,
    );
    let events = read(&event(IAM, "UpdateAssumeRolePolicy").to_string()).unwrap();
    let touched = look(&account, &events).assessment.coverage.touched.unwrap();
    assert_eq!(names(&touched), ["keeper", "holder", "member"]);
}

#[test]
fn regions_and_vaults_that_come_and_go_touch_who_works_there() {
    let with = |call: &str, source: &str, name: &str, value: &str| {
        let mut event = event(RESOURCES, "PutBackupVaultAccessPolicy");
        event["eventName"] = call.into();
        event["eventSource"] = source.into();
        event["requestParameters"] = serde_json::json!({ name: value });
        names(&touched(&event.to_string())).contains(&"keeper")
    };
    assert!(with(
        "DeleteBackupVault",
        "backup.amazonaws.com",
        "backupVaultName",
        "another"
    ));
    assert!(!with(
        "PutBackupVaultAccessPolicy",
        "backup.amazonaws.com",
        "backupVaultName",
        "another"
    ));
    assert!(with(
        "DisableRegion",
        "account.amazonaws.com",
        "regionName",
        "eu-west-1"
    ));
    assert!(with(
        "DisableRegion",
        "account.amazonaws.com",
        "RegionName",
        "eu-west-1"
    ));
    assert!(!with(
        "DisableRegion",
        "account.amazonaws.com",
        "regionName",
        "eu-west-3"
    ));
}

#[test]
fn an_access_key_without_a_user_is_the_callers_own() {
    let mut event = event(IAM, "DeleteAccessKey");
    event["userIdentity"]["type"] = "Root".into();
    event["userIdentity"]["userName"] = "alias-of-the-account".into();
    let roots = touched(&event.to_string());
    assert_eq!((names(&roots).len(), roots.faults.len()), (0, 0));
    // A session's call names its user, or cannot be followed.
    event["userIdentity"]["type"] = "AssumedRole".into();
    let good = crate::events::event(IAM, "TagRole");
    let session = touched(&format!("[{event},{good}]"));
    assert_eq!(names(&session), ["keeper"]);
    let faults: Vec<String> = session.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "event 1: `DeleteAccessKey` has no usable `requestParameters.userName`, so nobody knows whom it touched"
        ]
    );
}

#[test]
fn an_event_that_came_twice_is_told_once_and_all_stand_in_order_of_time() {
    let attach = event(IAM, "AttachRolePolicy");
    let detach = event(IAM, "DetachRolePolicy");
    let touched = touched(&format!("{detach}\n{attach}\n{detach}\n"));
    let calls: Vec<&str> = touched
        .bound
        .values()
        .flatten()
        .map(|event| &*event.call)
        .collect();
    assert_eq!(calls, ["AttachRolePolicy", "DetachRolePolicy"]);
    let who = touched
        .bound
        .values()
        .flatten()
        .map(|event| event.who.as_deref());
    assert!(who.eq([Some("arn:aws:sts::111122223333:assumed-role/Admin/alice"); 2]));
}

#[test]
fn broken_events_among_good_ones_are_named_and_end_nothing() {
    let good = event(IAM, "TagRole");
    let mut nameless = good.clone();
    nameless["requestParameters"] = serde_json::json!({ "roleName": 7 });
    let mut timeless = good.clone();
    timeless["eventTime"] = "yesterday".into();
    let text =
        format!("{good}\n{nameless}\n{{\"eventName\": \n\n{timeless}\n{{\"detail\": {{}}}}\n42\n");
    let found = touched(&text);
    assert_eq!(names(&found), ["keeper"]);
    let places: Vec<&str> = found.faults.iter().map(|fault| &*fault.place).collect();
    assert_eq!(places, ["line 2", "line 3", "line 5", "line 6", "line 7"]);
    assert!(matches!(
        found.faults[0].reason,
        EventFaultReason::Lacks { .. }
    ));
    assert!(matches!(
        found.faults[1].reason,
        EventFaultReason::NotJson(_)
    ));
    assert_eq!(found.faults[3].reason, EventFaultReason::NotAnEvent);
    // What could not be followed may have touched anybody.
    let look = look(ACCOUNT, &read(&text).unwrap());
    assert!(!look.assessment.is_complete());
}

#[test]
fn only_the_touched_are_judged() {
    let events = read(&event(IAM, "TagUser").to_string()).unwrap();
    let assessment = look(ACCOUNT, &events).assessment;
    assert!(!assessment.verdicts.is_empty());
    let mut judged = assessment.verdicts.iter();
    assert!(judged.all(|verdict| verdict.principal.name() == "holder"));
    assert_eq!(assessment.coverage.bound.len(), 4);
}

#[test]
fn whom_nobody_asks_about_is_not_told_as_touched() {
    let inventory = iam::inventory::read(ACCOUNT.as_bytes()).unwrap();
    let events = read(&event(IAM, "SetDefaultPolicyVersion").to_string()).unwrap();
    let settings = Settings::default();
    let asked = Asked {
        touched_by: Some(&events),
        principals: Principals::Named(vec!["holder".to_owned()]),
        ..asked(&settings, NOW, &Selection::default())
    };
    let saved = saved(&inventory, ServiceControl::default());
    let look = audit::look(&asked, &saved).now_or_never().unwrap().unwrap();
    let touched = look.assessment.coverage.touched.unwrap();
    assert_eq!(names(&touched), ["holder"]);
    assert_eq!(touched.unbound.len(), 0);
}

#[test]
fn a_role_that_was_deleted_is_told_and_nobody_else_is_missed() {
    let settings = Settings::default();
    let (memory, recorder) = (Memory::default(), Recorder::default());
    let audit_of = |account: &str, events: Option<&TrailEvents>| {
        let inventory = iam::inventory::read(account.as_bytes()).unwrap();
        let asked = Asked {
            touched_by: events,
            ..asked(&settings, NOW, &Selection::default())
        };
        let ports = Ports {
            environment: &saved(&inventory, ServiceControl::default()),
            store: &memory,
            publisher: &recorder,
            pause: None::<&Clock>,
        };
        run(&asked, &ports).now_or_never().unwrap().unwrap()
    };
    audit_of(ACCOUNT, None);
    let mut account: serde_json::Value = serde_json::from_str(ACCOUNT).unwrap();
    let roles = account["RoleDetailList"].as_array_mut().unwrap();
    // One more is gone, and no event says so.
    roles.retain(|role| role["RoleName"] != "keeper" && role["RoleName"] != "bounded");
    let events = read(&event(IAM, "DeleteRole").to_string()).unwrap();
    let run = audit_of(&account.to_string(), Some(&events));
    let opened = run.step.events.iter();
    let opened: Vec<_> = opened
        .filter(|event| event.finding.code == Code::Coverage)
        .map(|event| event.finding.principal.as_ref().unwrap().name())
        .collect();
    assert_eq!(opened, ["keeper"]);
}
