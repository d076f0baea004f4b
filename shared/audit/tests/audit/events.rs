//! Trail events: whom do they touch, and what happens to those that cannot be read?

mod afternoon;
mod applied;
mod footprints;
mod reading;
pub(crate) mod recorded;
mod showing;

use std::collections::BTreeMap;

use audit::events::{EventFaultReason, Touched, TrailEvents, read};
use audit::{Asked, Code, Look, Ports, Principals, Selection, Settings, run};
use futures_util::FutureExt as _;
use iam::{PrincipalArn, ServiceControl};

use crate::outside::{Clock, Memory, Recorder};
use crate::phases::{asked, listed, saved};
use recorded::call;

const ACCOUNT: &str = include_str!("events/account.json");
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
    touched_by(ACCOUNT, &read(events).unwrap())
}

/// Whom events touch in a listing; nobody is judged.
fn touched_by(account: &str, events: &TrailEvents) -> Touched {
    let inventory = iam::inventory::read(account.as_bytes()).unwrap();
    let settings = Settings::default();
    let asked = Asked {
        touched_by: Some(events),
        ..asked(&settings, NOW, &Selection::default())
    };
    let touched = listed(&inventory, &asked).touched.unwrap();
    Touched::clone(&touched)
}

fn names(touched: &Touched) -> Vec<&str> {
    touched.bound.keys().map(PrincipalArn::name).collect()
}

/// The first event on a resource that has this call.
fn on_resource(call: &str) -> serde_json::Value {
    let mut events = RESOURCES
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    events.find(|event| event["eventName"] == call).unwrap()
}

/// Whom each call of IAM touches, of those that something binds: who is named, who holds a policy directly, by a group or as boundary,
/// and who assumes or is assumed.
fn expected() -> BTreeMap<&'static str, &'static [&'static str]> {
    let by_policy: &[&str] = &["bounded", "holder", "member"];
    let keeper: &[&str] = &["impersonator", "keeper"];
    [
        ("CreatePolicyVersion", by_policy),
        ("SetDefaultPolicyVersion", by_policy),
        ("AttachUserPolicy", &["holder"]),
        ("DetachUserPolicy", &["holder"]),
        ("AttachRolePolicy", keeper),
        ("DetachRolePolicy", keeper),
        ("AttachGroupPolicy", &["member"]),
        ("DetachGroupPolicy", &["member"]),
        ("PutUserPolicy", &["holder"]),
        ("DeleteUserPolicy", &["holder"]),
        ("PutRolePolicy", keeper),
        ("DeleteRolePolicy", keeper),
        ("PutGroupPolicy", &["member"]),
        ("DeleteGroupPolicy", &["member"]),
        ("PutUserPermissionsBoundary", &["holder"]),
        ("DeleteUserPermissionsBoundary", &["member"]),
        ("PutRolePermissionsBoundary", keeper),
        ("DeleteRolePermissionsBoundary", &["bounded"]),
        ("AddUserToGroup", &["holder"]),
        ("RemoveUserFromGroup", &["member"]),
        ("TagUser", &["holder"]),
        ("UntagUser", &["holder"]),
        ("TagRole", keeper),
        ("UntagRole", keeper),
        ("UpdateAssumeRolePolicy", keeper),
        ("AddRoleToInstanceProfile", keeper),
        ("RemoveRoleFromInstanceProfile", keeper),
        ("DeleteInstanceProfile", keeper),
        ("CreateAccessKey", &["holder"]),
        ("UpdateAccessKey", &["holder"]),
        ("DeleteAccessKey", &["holder"]),
        ("CreateRole", &[]),
        ("DeleteRole", keeper),
        ("CreateUser", &[]),
        ("DeleteUser", &["holder"]),
        ("UpdateUser", &["holder"]),
    ]
    .into()
}

#[test]
fn each_call_of_iam_touches_those_whose_verdict_it_can_change() {
    let (expected, calls) = (expected(), recorded::calls());
    assert_eq!(calls.len(), expected.len());
    for event in calls {
        let name = event["eventName"].as_str().unwrap();
        let found = touched(&event.to_string());
        let mut found: Vec<&str> = names(&found);
        found.sort_unstable();
        assert_eq!(found, expected[name], "{name}");
        // The same call that AWS refused, and one of the same name of another service.
        let mut refused = event.clone();
        refused["errorCode"] = "AccessDenied".into();
        refused["errorMessage"] = "User is not authorized to perform this".into();
        refused["requestParameters"] = serde_json::Value::Null;
        refused["responseElements"] = serde_json::Value::Null;
        assert_eq!(
            touched(&refused.to_string()).bound,
            BTreeMap::new(),
            "{name}"
        );
        let mut other = event.clone();
        other["eventSource"] = "iot.amazonaws.com".into();
        assert_eq!(touched(&other.to_string()).bound, BTreeMap::new(), "{name}");
        let mut elsewhere = event.clone();
        elsewhere["recipientAccountId"] = "444455556666".into();
        let elsewhere = touched(&elsewhere.to_string());
        assert_eq!(
            (names(&elsewhere).len(), elsewhere.elsewhere),
            (0, 1),
            "{name}"
        );
    }
}

#[test]
fn whoever_makes_a_call_it_touches_the_same() {
    let callers = recorded::callers();
    for event in recorded::calls() {
        let name = event["eventName"].as_str().unwrap();
        for (kind, caller) in &callers {
            let found = touched(&recorded::by(caller, &event).to_string());
            let mut touched = names(&found);
            touched.sort_unstable();
            assert_eq!(touched, expected()[name], "{name} by {kind}");
            assert_eq!(found.faults, [], "{name} by {kind}");
            let who = caller["userIdentity"]["arn"].as_str();
            let mut told = found.bound.values().flatten();
            assert!(
                told.all(|event| event.actor.arn.as_deref() == who),
                "{name} by {kind}"
            );
        }
    }
}

#[test]
fn a_new_principal_with_our_tags_is_touched_once_it_is_listed() {
    for (name, bound) in [("CreateRole", "newcomer"), ("CreateUser", "newcomer")] {
        let event = call(name);
        let events = read(&event.to_string()).unwrap();
        let now = look(&applied::applied(ACCOUNT, [&event]), &events);
        let touched = now.assessment.coverage.touched.unwrap();
        assert_eq!(names(&touched), [bound], "{name}");
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
    let mut event = call("CreatePolicyVersion");
    event["requestParameters"]["setAsDefault"] = false.into();
    event["responseElements"]["policyVersion"]["isDefaultVersion"] = false.into();
    assert_eq!(touched(&event.to_string()).bound, BTreeMap::new());
}

#[test]
fn who_was_declared_to_assume_a_role_touches_it() {
    for name in [
        "CreateRole",
        "PutRolePolicy",
        "DeleteRolePermissionsBoundary",
    ] {
        let mut event = call(name);
        event["requestParameters"]["roleName"] = "appliance".into();
        let touched = touched(&event.to_string());
        assert_eq!(names(&touched), ["keeper"], "{name}");
        assert_eq!(touched.unbound.len(), 1, "{name}");
    }
}

#[test]
fn regions_and_vaults_that_come_and_go_touch_who_works_there() {
    let with = |call: &str, source: &str, name: &str, value: &str| {
        let mut event = on_resource("PutBackupVaultAccessPolicy");
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
    let mut event = recorded::by(&recorded::callers()["root user"], &call("DeleteAccessKey"));
    event["requestParameters"]
        .as_object_mut()
        .unwrap()
        .remove("userName");
    let mut own = recorded::by(&recorded::callers()["IAM user"], &event);
    own["userIdentity"]["userName"] = "holder".into();
    assert_eq!(names(&touched(&own.to_string())), ["holder"]);
    let roots = touched(&event.to_string());
    assert_eq!((names(&roots).len(), roots.faults.len()), (0, 0));
    // A session's call names its user, or cannot be followed.
    event["userIdentity"]["type"] = "AssumedRole".into();
    let good = call("TagRole");
    let session = touched(&format!("[{event},{good}]"));
    assert_eq!(names(&session), ["impersonator", "keeper"]);
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
    let attach = call("AttachRolePolicy");
    let detach = call("DetachRolePolicy");
    let touched = touched(&format!("{detach}\n{attach}\n{detach}\n"));
    let told = touched
        .bound
        .iter()
        .find(|(arn, _)| arn.name() == "keeper")
        .unwrap()
        .1;
    let calls: Vec<&str> = told.iter().map(|event| &*event.call).collect();
    assert_eq!(calls, ["AttachRolePolicy", "DetachRolePolicy"]);
    let who = told.iter().map(|event| event.actor.arn.as_deref());
    assert!(who.eq([Some("arn:aws:sts::111122223333:assumed-role/Admin/alice"); 2]));
}

#[test]
fn broken_events_among_good_ones_are_named_and_end_nothing() {
    let good = call("TagRole");
    let mut nameless = good.clone();
    nameless["requestParameters"] = serde_json::json!({ "roleName": 7 });
    let mut timeless = good.clone();
    timeless["eventTime"] = "yesterday".into();
    let text =
        format!("{good}\n{nameless}\n{{\"eventName\": \n\n{timeless}\n{{\"detail\": {{}}}}\n42\n");
    let found = touched(&text);
    assert_eq!(names(&found), ["impersonator", "keeper"]);
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
    let events = read(&call("TagUser").to_string()).unwrap();
    let assessment = look(ACCOUNT, &events).assessment;
    assert!(!assessment.verdicts.is_empty());
    let mut judged = assessment.verdicts.iter();
    assert!(judged.all(|verdict| verdict.principal.name() == "holder"));
    assert_eq!(assessment.coverage.bound.len(), 5);
}

#[test]
fn whom_nobody_asks_about_is_not_told_as_touched() {
    let inventory = iam::inventory::read(ACCOUNT.as_bytes()).unwrap();
    let events = read(&call("SetDefaultPolicyVersion").to_string()).unwrap();
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
    let events = read(&call("DeleteRole").to_string()).unwrap();
    let run = audit_of(&account.to_string(), Some(&events));
    let opened = run.step.events.iter();
    let opened: Vec<_> = opened
        .filter(|event| event.finding.code == Code::Coverage)
        .map(|event| event.finding.principal.as_ref().unwrap().name())
        .collect();
    assert_eq!(opened, ["keeper"]);
}
