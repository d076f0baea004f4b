//! Drawn accounts: any small account, and calls that are about somebody in it or about nobody.

use generator::Draw;
use serde_json::{Value, json};

use crate::events::recorded::{at, calls};

/// An account of a few users, roles, groups and policies, and calls that are about them or about nobody.
pub(super) struct Drawn {
    draw: Draw,
}

impl Drawn {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            draw: Draw::new(seed),
        }
    }

    fn name(&mut self, kind: &str, count: usize) -> String {
        let name = format!("{kind}{}", self.draw.below(count));
        match self.draw.percent(20) {
            true => name.to_uppercase(),
            false => name,
        }
    }

    fn policy(&mut self) -> String {
        format!("arn:aws:iam::111122223333:policy/p{}", self.draw.below(4))
    }

    /// One of the calls, with names of the account in it.
    pub(super) fn event(&mut self, number: usize) -> Value {
        let calls = calls();
        let mut event = self.draw.pick(&calls).clone();
        let parameters = &mut event["requestParameters"];
        let mut set = |field: &str, value: Value| {
            if !parameters[field].is_null() {
                parameters[field] = value;
            }
        };
        set("userName", self.name("u", 4).into());
        set("newUserName", format!("u{}", 4 + number).into());
        set("roleName", self.name("r", 4).into());
        set("groupName", self.name("g", 2).into());
        set("instanceProfileName", self.name("i", 2).into());
        set("policyArn", self.policy().into());
        set("permissionsBoundary", self.policy().into());
        set("tags", self.tags("key", "value", "role"));
        set("tagKeys", json!(["veeam:action-sets"]));
        for made in ["user", "role"] {
            let name = event["requestParameters"][format!("{made}Name")].clone();
            let made = &mut event["responseElements"][made];
            if let (Some(name), false) = (name.as_str(), made.is_null()) {
                made["path"] = "/".into();
                made["arn"] = format!(
                    "{}{name}",
                    made["arn"]
                        .as_str()
                        .unwrap()
                        .split_inclusive('/')
                        .next()
                        .unwrap()
                )
                .into();
            }
        }
        if let Some(name) = event["responseElements"]["accessKey"].get_mut("userName") {
            *name = self.name("u", 4).into();
        }
        at(&format!("2026-11-28T11:00:{number:02}Z"), &event)
    }

    fn tags(&mut self, key: &str, value: &str, kind: &str) -> Value {
        let other = format!("arn:aws:iam::111122223333:role/r{}", self.draw.below(4));
        let tag = |name: &str, text: &str| json!({key: name, value: text});
        match (self.draw.below(4), kind) {
            (0 | 1, "user") => json!([tag("veeam:action-sets", "vbaws-appliance-connect")]),
            (0, _) => json!([
                tag("veeam:action-sets", "vbaws-role-ec2-backup"),
                tag("veeam:assumed-by", &other)
            ]),
            (1, _) => json!([
                tag("veeam:action-sets", "vbaws-role-impersonation"),
                tag("veeam:role", other.rsplit('/').next().unwrap()),
            ]),
            _ => json!([tag("team", "storage")]),
        }
    }

    fn some<T>(&mut self, percent: usize, one: impl FnOnce(&mut Self) -> T) -> Vec<T> {
        match self.draw.percent(percent) {
            true => vec![one(self)],
            false => Vec::new(),
        }
    }

    fn attached(&mut self) -> Vec<Value> {
        self.some(
            50,
            |drawn| json!({"PolicyName": "p", "PolicyArn": drawn.policy()}),
        )
    }

    pub(super) fn account(&mut self) -> String {
        let arn = |kind: &str, name: &str| format!("arn:aws:iam::111122223333:{kind}/{name}");
        let created = "2026-01-01T00:00:00+00:00";
        let group = |drawn: &mut Self, at: usize| {
            let name = format!("g{at}");
            json!({
                "Path": "/", "GroupName": name, "GroupId": "AGPA", "Arn": arn("group", &name), "CreateDate": created,
                "GroupPolicyList": [], "AttachedManagedPolicies": drawn.attached(),
            })
        };
        let user = |drawn: &mut Self, at: usize| {
            let name = format!("u{at}");
            json!({
                "Path": "/", "UserName": name, "UserId": format!("AIDA{at}"), "Arn": arn("user", &name), "CreateDate": created,
                "GroupList": drawn.some(50, |drawn| format!("g{}", drawn.draw.below(2))),
                "AttachedManagedPolicies": drawn.attached(), "Tags": drawn.tags("Key", "Value", "user"),
            })
        };
        let role = |drawn: &mut Self, at: usize| {
            let name = format!("r{at}");
            let trust = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
            ]});
            let mut role = json!({
                "Path": "/", "RoleName": name, "RoleId": format!("AROA{at}"), "Arn": arn("role", &name), "CreateDate": created,
                "AssumeRolePolicyDocument": trust, "RolePolicyList": [], "AttachedManagedPolicies": drawn.attached(),
                "InstanceProfileList": drawn.some(40, |drawn| {
                    let name = format!("i{}", drawn.draw.below(2));
                    json!({
                        "Path": "/", "InstanceProfileName": name, "InstanceProfileId": "AIPA",
                        "Arn": arn("instance-profile", &name), "CreateDate": created, "Roles": [],
                    })
                }),
                "Tags": drawn.tags("Key", "Value", "role"),
            });
            for boundary in drawn.some(30, Self::policy) {
                role["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary});
            }
            role
        };
        let policy = |at: usize| {
            json!({
                "PolicyName": format!("p{at}"), "PolicyId": "ANPA", "Arn": arn("policy", &format!("p{at}")), "Path": "/",
                "DefaultVersionId": "v2", "CreateDate": created, "PolicyVersionList": [
                    {"VersionId": "v2", "IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": []}},
                ],
            })
        };
        json!({
            "GroupDetailList": (0..2).map(|at| group(self, at)).collect::<Vec<_>>(),
            "UserDetailList": (0..3).map(|at| user(self, at)).collect::<Vec<_>>(),
            "RoleDetailList": (0..3).map(|at| role(self, at)).collect::<Vec<_>>(),
            "Policies": (0..4).map(policy).collect::<Vec<_>>(),
            "IsTruncated": false,
        })
        .to_string()
    }
}
