//! An afternoon of changes, as an account and the people on call live through it. The snapshot is the story.
//!
//! Each batch is what a function does with it: the footprint is asked, what concerns the account is audited, and what IAM does not show
//! yet comes back half a minute later, three times at most.

mod account;

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use super::recorded::{at, by, call, callers};
use account::Afternoon;

/// A call at a time, with these parameters in the place of the recorded ones.
fn event(time: &str, caller: &str, name: &str, parameters: &Value) -> Value {
    let mut event = by(&callers()[caller], &call(name));
    event["requestParameters"] = parameters.clone();
    at(&format!("2026-11-28T{time}Z"), &event)
}

const PERSON: &str = "permission set";
const TERRAFORM: &str = "Terraform";

fn policy(name: &str) -> String {
    format!("arn:aws:iam::111122223333:policy/{name}")
}

fn attachment(role: &str, name: &str) -> Value {
    json!({"roleName": role, "policyArn": policy(name)})
}

/// The text of a policy that allows these actions.
fn allow(actions: &[&str]) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}).to_string()
}

/// The role `copier` as somebody makes it anew.
fn remade(time: &str) -> Value {
    let mut create = event(
        time,
        TERRAFORM,
        "CreateRole",
        &json!({
            "roleName": "copier", "path": "/", "tags": [
                {"key": "veeam:action-sets", "value": "copy"}, {"key": "veeam:assumed-by", "value": "111122223333"},
            ],
            "assumeRolePolicyDocument": account::trust().to_string(),
        }),
    );
    create["responseElements"]["role"] = json!({
        "path": "/", "roleName": "copier", "roleId": "AROACOPIERANEW0000000", "arn": "arn:aws:iam::111122223333:role/copier",
    });
    create
}

/// So many changes by one `terraform apply`.
fn apply(time: &str, count: usize, ours: &[Value]) -> Vec<Value> {
    let others = (0..count - ours.len()).map(|number| {
        let mut event = event(
            time,
            TERRAFORM,
            "AttachRolePolicy",
            &attachment(&format!("web-{number}"), "web"),
        );
        event["eventID"] = format!("apply-{time}-{number}").into();
        event
    });
    others.chain(ours.iter().cloned()).collect()
}

#[test]
fn an_afternoon_is_told_as_it_happened() {
    let mut afternoon = Afternoon::default();
    let mut story = afternoon.whole("13:00:00");

    // The role loses its policy, and gets it back while the audit waits.
    let detach = event(
        "13:05:00",
        PERSON,
        "DetachRolePolicy",
        &attachment("copier", "copy"),
    );
    let attach = event(
        "13:05:50",
        TERRAFORM,
        "AttachRolePolicy",
        &attachment("copier", "copy"),
    );
    afternoon.happens(&[&detach]);
    afternoon.meanwhile = vec![attach.clone()];
    story += &afternoon.batch("a person takes a policy away", "13:05:20", &[detach]);
    story += &afternoon.batch("Terraform has put it back meanwhile", "13:06:30", &[attach]);

    let mut version = event(
        "13:20:00",
        PERSON,
        "CreatePolicyVersion",
        &json!({
            "policyArn": policy("copy"), "setAsDefault": true,
            "policyDocument": allow(&["ec2:*", "s3:ListBucket", "s3:GetBucket*"]),
        }),
    );
    version["responseElements"]["policyVersion"]["versionId"] = "v2".into();
    afternoon.happens(&[&version]);
    story += &afternoon.batch(
        "a new version of the policy lacks an action",
        "13:20:20",
        &[version],
    );

    let boundary = json!({"roleName": "archiver", "permissionsBoundary": policy("narrow")});
    let boundary = event(
        "13:30:00",
        "CloudFormation",
        "PutRolePermissionsBoundary",
        &boundary,
    );
    afternoon.happens(&[&boundary]);
    story += &afternoon.batch("a stack puts a boundary on a role", "13:30:20", &[boundary]);

    let membership = json!({"userName": "uploader", "groupName": "uploaders"});
    let leave = event("13:40:00", "IAM user", "RemoveUserFromGroup", &membership);
    afternoon.happens(&[&leave]);
    story += &afternoon.batch("the group is emptied", "13:40:20", &[leave]);

    let delete = event(
        "13:50:00",
        TERRAFORM,
        "DeleteRole",
        &json!({"roleName": "copier"}),
    );
    let create = remade("13:50:04");
    afternoon.happens(&[&delete, &create]);
    story += &afternoon.batch(
        "a role is deleted and made again, and its policy is not back yet",
        "13:50:20",
        &[delete, create],
    );
    let back = event(
        "13:51:00",
        TERRAFORM,
        "AttachRolePolicy",
        &attachment("copier", "full"),
    );
    let profile = json!({"roleName": "copier", "instanceProfileName": "copier"});
    let profile = event("13:51:01", TERRAFORM, "AddRoleToInstanceProfile", &profile);
    afternoon.happens(&[&back, &profile]);
    story += &afternoon.batch(
        "the rest of it follows, in the wrong order and twice",
        "13:51:20",
        &[profile.clone(), back.clone(), profile, back],
    );

    let untag = json!({"roleName": "archiver", "tagKeys": ["veeam:action-sets"]});
    let untag = event("14:00:00", PERSON, "UntagRole", &untag);
    afternoon.happens(&[&untag]);
    story += &afternoon.batch("the tag that binds a role is removed", "14:00:20", &[untag]);

    let others = apply("14:10:00", 300, &[]);
    story += &afternoon.batch("an apply changes 300 roles of others", "14:10:20", &others);
    let ours = [
        event(
            "14:15:00",
            TERRAFORM,
            "TagRole",
            &json!({"roleName": "archiver", "tags": [{"key": "veeam:action-sets", "value": "copy"}]}),
        ),
        event(
            "14:15:01",
            TERRAFORM,
            "DeleteRolePermissionsBoundary",
            &json!({"roleName": "archiver"}),
        ),
    ];
    afternoon.happens(&ours.iter().collect::<Vec<_>>());
    story += &afternoon.batch(
        "the next one changes 300, two of ours among them",
        "14:15:20",
        &apply("14:15:00", 300, &ours),
    );

    // IAM shows it only with the third listing.
    let join = event("14:30:00", PERSON, "AddUserToGroup", &membership);
    story += &afternoon.batch(
        "the user is back in the group, and IAM does not show it yet",
        "14:30:20",
        std::slice::from_ref(&join),
    );
    story += &afternoon.again("14:30:50");
    afternoon.happens(&[&join]);
    story += &afternoon.again("14:31:20");

    // Somebody took it back at once, and that event was lost.
    let put =
        json!({"roleName": "copier", "policyName": "night", "policyDocument": allow(&["s3:*"])});
    let put = event("14:40:00", PERSON, "PutRolePolicy", &put);
    story += &afternoon.batch(
        "a change that IAM never shows is judged after three times",
        "14:40:20",
        &[put],
    );
    for time in ["14:40:50", "14:41:20", "14:41:50"] {
        story += &afternoon.again(time);
    }

    let mut refused = event("14:50:00", PERSON, "DeleteRole", &Value::Null);
    refused["errorCode"] = "AccessDenied".into();
    let broken = event("14:50:01", PERSON, "TagRole", &json!({"roleName": 7}));
    story += &afternoon.batch(
        "a call that AWS refused, and one of a wrong shape",
        "14:50:20",
        &[refused, broken],
    );

    let mut end = String::new();
    writeln!(
        end,
        "calls to IAM: {} listings for {} batches",
        afternoon.listings(),
        afternoon.batches
    )
    .unwrap();
    insta::assert_snapshot!(format!("{story}{end}"));
}

/// How many of each: `PutRolePolicy`, or `AttachRolePolicy x 300`.
fn counted<'e>(events: impl Iterator<Item = &'e Value>) -> String {
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        *calls
            .entry(event["eventName"].as_str().unwrap())
            .or_default() += 1;
    }
    let calls = calls.iter().map(|(call, count)| match count {
        1 => (*call).to_owned(),
        count => format!("{call} x {count}"),
    });
    calls.collect::<Vec<_>>().join(", ")
}
