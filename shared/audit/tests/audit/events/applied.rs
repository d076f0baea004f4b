//! Applied events: what does IAM list of an account after a call?
//!
//! In: a listing as IAM prints it, and an event. Out: the listing with the effect of the call. This is what an audit of the event is
//! held against: it knows nothing of how the product reads either of them.

use serde_json::{Value, json};

/// The listing after these calls, one after the other.
pub(crate) fn applied<'e>(account: &str, events: impl IntoIterator<Item = &'e Value>) -> String {
    let mut account: Value = serde_json::from_str(account).unwrap();
    for event in events {
        apply(&mut account, event);
    }
    account.to_string()
}

pub(crate) fn apply(account: &mut Value, event: &Value) {
    let call = event["eventName"].as_str().unwrap();
    let asked = &event["requestParameters"];
    let policy = || asked["policyArn"].as_str().unwrap();
    match call {
        "CreatePolicyVersion" => {
            let version = event["responseElements"]["policyVersion"]["versionId"].clone();
            let document = parsed(&asked["policyDocument"]);
            let version =
                json!({"VersionId": version, "IsDefaultVersion": false, "Document": document});
            let default = version["VersionId"].clone();
            let policy = found(account, "Policies", "Arn", policy()).unwrap();
            items(policy, "PolicyVersionList").push(version);
            set_default(policy, &default);
        }
        "SetDefaultPolicyVersion" => {
            let policy = found(account, "Policies", "Arn", policy()).unwrap();
            let versions = items(policy, "PolicyVersionList");
            let is_there = |one: &Value| one["VersionId"] == asked["versionId"];
            if !versions.iter().any(is_there) {
                let mut older = versions[0].clone();
                older["VersionId"] = asked["versionId"].clone();
                older["Document"] = json!({"Version": "2012-10-17", "Statement": []});
                versions.push(older);
            }
            set_default(policy, &asked["versionId"]);
        }
        "CreateAccessKey" | "UpdateAccessKey" | "DeleteAccessKey" => {}
        "DeleteInstanceProfile" => {
            for role in items(account, "RoleDetailList") {
                without(
                    role,
                    "InstanceProfileList",
                    "InstanceProfileName",
                    &asked["instanceProfileName"],
                );
            }
        }
        "CreateUser" => {
            let made = &event["responseElements"]["user"];
            let mut user = json!({
                "UserName": asked["userName"], "UserId": made["userId"], "Arn": made["arn"], "Path": made["path"],
                "CreateDate": event["eventTime"], "GroupList": [], "AttachedManagedPolicies": [], "Tags": tags(asked),
            });
            bound(&mut user, &asked["permissionsBoundary"]);
            // Nobody is made twice.
            without(account, "UserDetailList", "UserName", &asked["userName"]);
            items(account, "UserDetailList").push(user);
        }
        "CreateRole" => {
            let made = &event["responseElements"]["role"];
            let mut role = json!({
                "RoleName": asked["roleName"], "RoleId": made["roleId"], "Arn": made["arn"], "Path": made["path"],
                "CreateDate": event["eventTime"], "AssumeRolePolicyDocument": parsed(&asked["assumeRolePolicyDocument"]),
                "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": [], "Tags": tags(asked),
            });
            bound(&mut role, &asked["permissionsBoundary"]);
            without(account, "RoleDetailList", "RoleName", &asked["roleName"]);
            items(account, "RoleDetailList").push(role);
        }
        "DeleteUser" => without(account, "UserDetailList", "UserName", &asked["userName"]),
        "DeleteRole" => without(account, "RoleDetailList", "RoleName", &asked["roleName"]),
        _ => of_owner(account, call, asked),
    }
}

/// The calls that change something of a user, role or group.
fn of_owner(account: &mut Value, call: &str, asked: &Value) {
    let (list, key, name, inline) = if call.contains("User") {
        (
            "UserDetailList",
            "UserName",
            &asked["userName"],
            "UserPolicyList",
        )
    } else if call.contains("Role") {
        (
            "RoleDetailList",
            "RoleName",
            &asked["roleName"],
            "RolePolicyList",
        )
    } else {
        (
            "GroupDetailList",
            "GroupName",
            &asked["groupName"],
            "GroupPolicyList",
        )
    };
    let Some(owner) = found(account, list, key, name.as_str().unwrap()) else {
        return;
    };
    if call.ends_with("PermissionsBoundary") {
        bound(owner, &asked["permissionsBoundary"]);
    } else if call.starts_with("Attach") {
        without(
            owner,
            "AttachedManagedPolicies",
            "PolicyArn",
            &asked["policyArn"],
        );
        let attached = json!({"PolicyName": "attached", "PolicyArn": asked["policyArn"]});
        items(owner, "AttachedManagedPolicies").push(attached);
    } else if call.starts_with("Detach") {
        without(
            owner,
            "AttachedManagedPolicies",
            "PolicyArn",
            &asked["policyArn"],
        );
    } else if call.starts_with("Put") {
        without(owner, inline, "PolicyName", &asked["policyName"]);
        let document = parsed(&asked["policyDocument"]);
        let policy = json!({"PolicyName": asked["policyName"], "PolicyDocument": document});
        items(owner, inline).push(policy);
    } else if call.starts_with("Delete") {
        without(owner, inline, "PolicyName", &asked["policyName"]);
    } else if call.starts_with("Tag") {
        for tag in tags(asked) {
            without(owner, "Tags", "Key", &tag["Key"]);
            items(owner, "Tags").push(tag);
        }
    } else if call.starts_with("Untag") {
        for key in asked["tagKeys"].as_array().unwrap() {
            without(owner, "Tags", "Key", key);
        }
    } else {
        match call {
            "AddUserToGroup" => {
                let groups = items(owner, "GroupList");
                groups.retain(|group| *group != asked["groupName"]);
                groups.push(asked["groupName"].clone());
            }
            "RemoveUserFromGroup" => {
                items(owner, "GroupList").retain(|group| *group != asked["groupName"]);
            }
            "UpdateAssumeRolePolicy" => {
                owner["AssumeRolePolicyDocument"] = parsed(&asked["policyDocument"]);
            }
            "AddRoleToInstanceProfile" => {
                let name = &asked["instanceProfileName"];
                let arn = format!(
                    "arn:aws:iam::111122223333:instance-profile/{}",
                    name.as_str().unwrap()
                );
                let profile = json!({
                    "Path": "/", "InstanceProfileName": name, "InstanceProfileId": "AIPA00000000000000002", "Arn": arn,
                    "CreateDate": "2026-01-01T00:00:00+00:00", "Roles": [],
                });
                items(owner, "InstanceProfileList").push(profile);
            }
            "RemoveRoleFromInstanceProfile" => {
                without(
                    owner,
                    "InstanceProfileList",
                    "InstanceProfileName",
                    &asked["instanceProfileName"],
                );
            }
            "UpdateUser" => {
                let text = |of: &Value, or: &Value| of.as_str().or(or.as_str()).unwrap().to_owned();
                let name = text(&asked["newUserName"], &owner["UserName"]);
                let path = text(&asked["newPath"], &owner["Path"]);
                owner["Arn"] = format!("arn:aws:iam::111122223333:user{path}{name}").into();
                owner["UserName"] = name.into();
                owner["Path"] = path.into();
            }
            other => assert_eq!(other, "", "it is not one of the calls"),
        }
    }
}

fn items<'a>(of: &'a mut Value, list: &str) -> &'a mut Vec<Value> {
    if of[list].is_null() {
        of[list] = json!([]);
    }
    of[list].as_array_mut().unwrap()
}

/// IAM keeps names apart without regard to case.
fn without(of: &mut Value, list: &str, key: &str, value: &Value) {
    let value = value.as_str().unwrap();
    items(of, list).retain(|one| !one[key].as_str().unwrap().eq_ignore_ascii_case(value));
}

fn found<'a>(of: &'a mut Value, list: &str, key: &str, name: &str) -> Option<&'a mut Value> {
    let mut items = items(of, list).iter_mut();
    items.find(|one| one[key].as_str().unwrap().eq_ignore_ascii_case(name))
}

fn bound(owner: &mut Value, policy: &Value) {
    match policy {
        Value::Null => {
            owner.as_object_mut().unwrap().remove("PermissionsBoundary");
        }
        arn => {
            owner["PermissionsBoundary"] =
                json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
        }
    }
}

fn set_default(policy: &mut Value, version: &Value) {
    policy["DefaultVersionId"] = version.clone();
    for one in items(policy, "PolicyVersionList") {
        one["IsDefaultVersion"] = (one["VersionId"] == *version).into();
    }
}

fn tags(asked: &Value) -> Vec<Value> {
    let tags = asked["tags"].as_array().cloned().unwrap_or_default();
    let tags = tags.iter();
    tags.map(|tag| json!({"Key": tag["key"], "Value": tag["value"]}))
        .collect()
}

/// A document, which a call sends as a text. IAM stores an account's id as the ARN of its root.
fn parsed(document: &Value) -> Value {
    let text = document.as_str().unwrap();
    let text = text.replace("\"111122223333\"", "\"arn:aws:iam::111122223333:root\"");
    serde_json::from_str(&text).unwrap()
}
