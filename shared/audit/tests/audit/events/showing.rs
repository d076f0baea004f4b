//! Effects that a listing does not show yet: which events come back, and which are not waited for?

use audit::events::{Touched, read};
use serde_json::{Value, json};

use super::applied::applied;
use super::recorded::{at, call, calls};
use super::{ACCOUNT, names, touched_by};

/// What touches whom where all events may wait.
fn touched(account: &str, events: &[Value]) -> Touched {
    let mut events = read(&json!(events).to_string()).unwrap();
    events.waits = events.events.iter().map(|one| one.id.clone()).collect();
    touched_by(account, &events)
}

/// The calls that wait, in order of time.
fn pending(account: &str, events: &[Value]) -> Vec<String> {
    let touched = touched(account, events);
    let calls = touched.pending.iter().map(|event| event.call.to_string());
    calls.collect()
}

#[test]
fn each_call_of_iam_waits_until_the_listing_shows_it() {
    for event in calls() {
        let name = event["eventName"].as_str().unwrap();
        let before = touched(ACCOUNT, std::slice::from_ref(&event));
        // No listing holds access keys.
        if name.ends_with("AccessKey") {
            assert_eq!((before.pending.len(), names(&before)), (0, vec!["holder"]));
            continue;
        }
        assert_eq!(before.pending.len(), 1, "{name}");
        assert_eq!(names(&before).len(), 0, "{name}: who waits touches nobody");
        let now = applied(ACCOUNT, [&event]);
        assert_eq!(
            pending(&now, std::slice::from_ref(&event)),
            [""; 0],
            "{name}"
        );
        // Whoever asks for no waiting gets none.
        let never = touched_by(ACCOUNT, &read(&event.to_string()).unwrap());
        assert_eq!(never.pending.len(), 0, "{name}");
    }
}

#[test]
fn only_those_wait_that_may() {
    let events = [call("AttachRolePolicy"), call("DetachUserPolicy")];
    let mut events = read(&json!(events).to_string()).unwrap();
    events.waits = [events.events[0].id.clone()].into();
    let touched = touched_by(ACCOUNT, &events);
    assert_eq!(touched.pending.len(), 1);
    assert_eq!(names(&touched), ["holder"]);
}

/// What waits of two calls, of which the listing shows neither, then only the later.
#[track_caller]
fn check_superseded(first: &Value, second: &Value, waits: &[&str]) {
    let first = at("2026-11-28T11:00:00Z", first);
    let second = at("2026-11-28T11:00:05Z", second);
    for order in [[&first, &second], [&second, &first]] {
        let events = order.map(Clone::clone);
        assert_eq!(pending(ACCOUNT, &events), waits);
    }
    let now = applied(ACCOUNT, [&first, &second]);
    assert_eq!(pending(&now, &[second, first]), [""; 0]);
}

fn with(name: &str, changed: &[(&str, &str)]) -> Value {
    let mut event = call(name);
    for (field, value) in changed {
        event["requestParameters"][*field] = (*value).into();
    }
    event
}

#[test]
fn the_last_call_on_the_same_thing_counts() {
    let policy = "arn:aws:iam::111122223333:policy/backup";
    let detach = with("DetachRolePolicy", &[("policyArn", policy)]);
    // The listing looks as it will.
    check_superseded(&call("AttachRolePolicy"), &detach, &[]);
    check_superseded(
        &call("DetachUserPolicy"),
        &with("AttachUserPolicy", &[("policyArn", policy)]),
        &[],
    );
    let other = r#"{"Version": "2012-10-17", "Statement": []}"#;
    check_superseded(
        &call("PutRolePolicy"),
        &with("PutRolePolicy", &[("policyDocument", other)]),
        &["PutRolePolicy"],
    );
    check_superseded(
        &call("PutGroupPolicy"),
        &with("DeleteGroupPolicy", &[("policyName", "EXTRA")]),
        &[],
    );
    let untag = with("UntagUser", &[]);
    let mut untag = untag;
    untag["requestParameters"]["tagKeys"] = json!(["veeam:regions"]);
    check_superseded(&call("TagUser"), &untag, &[]);
    check_superseded(
        &call("CreatePolicyVersion"),
        &with("SetDefaultPolicyVersion", &[("versionId", "v2")]),
        &[],
    );
    check_superseded(
        &call("PutRolePermissionsBoundary"),
        &with("DeleteRolePermissionsBoundary", &[("roleName", "keeper")]),
        &[],
    );
    check_superseded(
        &call("AddUserToGroup"),
        &with("RemoveUserFromGroup", &[("userName", "holder")]),
        &[],
    );
    check_superseded(
        &call("AttachRolePolicy"),
        &call("DeleteRole"),
        &["DeleteRole"],
    );
    // Two different things.
    check_superseded(
        &call("AttachRolePolicy"),
        &call("PutRolePolicy"),
        &["AttachRolePolicy", "PutRolePolicy"],
    );
    check_superseded(
        &call("AttachUserPolicy"),
        &call("AttachGroupPolicy"),
        &["AttachUserPolicy", "AttachGroupPolicy"],
    );
}

#[test]
fn calls_of_one_second_have_no_order_and_either_is_enough() {
    let policy = "arn:aws:iam::111122223333:policy/backup";
    let attach = at("2026-11-28T11:00:00Z", &call("AttachRolePolicy"));
    let detach = with("DetachRolePolicy", &[("policyArn", policy)]);
    let detach = at("2026-11-28T11:00:00Z", &detach);
    assert_eq!(pending(ACCOUNT, &[attach.clone(), detach.clone()]), [""; 0]);
    let now = applied(ACCOUNT, [&attach]);
    assert_eq!(pending(&now, &[attach, detach]), [""; 0]);
}

#[test]
fn a_role_that_was_deleted_and_made_again_is_told_apart_by_its_id() {
    let delete = at("2026-11-28T11:00:00Z", &call("DeleteRole"));
    let mut create = with("CreateRole", &[("roleName", "keeper")]);
    create["responseElements"]["role"]["arn"] =
        "arn:aws:iam::111122223333:role/veeam/keeper".into();
    let create = at("2026-11-28T11:00:05Z", &create);
    // Nobody waits for the deletion: the role is to be there again, and it is still the old one.
    let both = [delete.clone(), create.clone()];
    assert_eq!(pending(ACCOUNT, &both), ["CreateRole"]);
    let gone = applied(ACCOUNT, [&delete]);
    assert_eq!(pending(&gone, &both), ["CreateRole"]);
    let again = applied(ACCOUNT, &both);
    assert_eq!(pending(&again, &both), [""; 0]);
    // The deletion comes late, and the new role is there: it is not the one that was deleted.
    assert_eq!(pending(&again, &[delete]), [""; 0]);
}

#[test]
fn what_was_done_under_the_old_name_is_seen_under_the_new_one() {
    let attach = at("2026-11-28T11:00:00Z", &call("AttachUserPolicy"));
    let rename = at("2026-11-28T11:00:05Z", &call("UpdateUser"));
    let both = [rename.clone(), attach.clone()];
    assert_eq!(pending(ACCOUNT, &both), ["AttachUserPolicy", "UpdateUser"]);
    assert_eq!(
        pending(&applied(ACCOUNT, [&rename]), &both),
        ["AttachUserPolicy"]
    );
    assert_eq!(
        pending(&applied(ACCOUNT, [&attach, &rename]), &both),
        [""; 0]
    );
}

#[test]
fn documents_are_compared_by_what_they_say() {
    let other_layout = json!({
        "Statement": {"Resource": ["*"], "Action": "ec2:Describe*", "Effect": "Allow"}, "Version": "2012-10-17",
    });
    let mut put = with("PutRolePolicy", &[]);
    let now = applied(ACCOUNT, [&put]);
    for text in [other_layout.to_string(), percent(&other_layout.to_string())] {
        put["requestParameters"]["policyDocument"] = text.into();
        assert_eq!(pending(&now, &[put.clone()]), [""; 0]);
    }
    put["requestParameters"]["policyDocument"] =
        other_layout.to_string().replace("Allow", "Deny").into();
    assert_eq!(pending(&now, &[put.clone()]), ["PutRolePolicy"]);
    // Of a text that is no policy nobody can say whether it is there, but the policy is.
    put["requestParameters"]["policyDocument"] = "***".into();
    assert_eq!(pending(&now, &[put.clone()]), [""; 0]);
    assert_eq!(pending(ACCOUNT, &[put]), ["PutRolePolicy"]);
}

#[test]
fn a_version_is_known_by_its_number_or_by_its_text() {
    let create = call("CreatePolicyVersion");
    let mut silent = create.clone();
    silent["responseElements"] = Value::Null;
    assert_eq!(pending(ACCOUNT, &[silent.clone()]), ["CreatePolicyVersion"]);
    let now = applied(ACCOUNT, [&create]);
    assert_eq!(pending(&now, &[silent]), [""; 0]);
    // Somebody has gone back to the older version since: the new one was there.
    let back = with("SetDefaultPolicyVersion", &[("versionId", "v2")]);
    let since = applied(ACCOUNT, [&create, &back]);
    assert_eq!(pending(&since, &[create]), [""; 0]);
}

#[test]
fn whom_the_listing_cannot_tell_is_not_waited_for() {
    // AWS's own policies are in a listing only while somebody holds them.
    let aws = [("policyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess")];
    assert_eq!(
        pending(ACCOUNT, &[with("SetDefaultPolicyVersion", &aws)]),
        [""; 0]
    );
    // A role that could not be read is not in the listing, and may be there.
    let create = call("CreateRole");
    let mut account: Value = serde_json::from_str(ACCOUNT).unwrap();
    account["RoleDetailList"]
        .as_array_mut()
        .unwrap()
        .push(json!({"RoleName": "newcomer"}));
    assert_eq!(pending(&account.to_string(), &[create]), [""; 0]);
}

#[test]
fn no_text_of_a_policy_is_kept() {
    let events = json!(calls()).to_string();
    let kept = format!("{:?}", read(&events).unwrap());
    assert!(kept.contains("PutRolePolicy"), "{kept}");
    for secret in ["ec2:Describe", "Statement", "4711"] {
        assert!(!kept.contains(secret), "{secret}: {kept}");
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
