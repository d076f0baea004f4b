//! Organisation files: the stack of one account, and what is wrong with a file that does not say it.

use audit::organization;
use audit::resources::{NamedPolicy, Organization, Reading};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

fn policy(id: &str, kind: &str, statement: Value) -> Value {
    let content = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    json!({ "Policy": { "PolicySummary": { "Id": id, "Name": id, "Type": kind }, "Content": content } })
}

fn file() -> Value {
    const SCP: &str = "SERVICE_CONTROL_POLICY";
    let all = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
    let deny = json!({ "Sid": "NoKeys", "Effect": "Deny", "Action": "kms:*", "Resource": "*" });
    json!({
        "schemaVersion": 1,
        "describe-organization": { "Organization": { "Id": "o-exampleorgid", "MasterAccountId": "999988887777" } },
        "accounts": { (ACCOUNT): ["r-ab12", "ou-ab12-11111111", ACCOUNT], "444455556666": ["r-ab12", "444455556666"] },
        "policies": {
            "p-FullAWSAccess": policy("p-FullAWSAccess", SCP, all),
            "p-nokeys": policy("p-nokeys", SCP, deny),
        },
        "serviceControlPolicies": {
            "r-ab12": ["p-FullAWSAccess"],
            "ou-ab12-11111111": ["p-FullAWSAccess", "p-nokeys"],
            (ACCOUNT): ["p-FullAWSAccess"],
            "444455556666": ["p-FullAWSAccess"],
        },
        "resourceControlPolicies": { "error": { "code": "PolicyTypeNotEnabledException" } },
    })
}

#[test]
fn each_account_has_its_own_stack() {
    let names = |account: &str| -> Vec<Vec<String>> {
        let found = organization::read(&file().to_string(), account.parse().unwrap()).unwrap();
        assert_eq!(&*found.id, "o-exampleorgid");
        assert_eq!(found.resource_control, Reading::Read(vec![]));
        let levels = found.service_control.read().unwrap().iter();
        let names =
            levels.map(|level| level.iter().map(|policy| policy.name.to_string()).collect());
        names.collect()
    };
    let full = || vec!["p-FullAWSAccess".to_owned()];
    let both = vec!["p-FullAWSAccess".to_owned(), "p-nokeys".to_owned()];
    assert_eq!(names(ACCOUNT), [full(), both, full()]);
    assert_eq!(names("444455556666"), [full(), full()]);
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Value), expected: &str) {
    let mut file = file();
    change(&mut file);
    refused_text(&file.to_string(), expected);
}

#[track_caller]
fn refused_text(text: &str, expected: &str) {
    let error = organization::read(text, ACCOUNT.parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_file_that_does_not_say_what_is_in_force_is_refused() {
    let none = json!({ "error": { "code": "PolicyTypeNotEnabledException" } });
    refused(
        |file| file["serviceControlPolicies"] = none,
        "`p-nokeys` is one",
    );
    refused(
        |file| {
            for part in ["accounts", "serviceControlPolicies"] {
                file[part].as_object_mut().unwrap().remove(ACCOUNT);
            }
        },
        "account 111122223333 is not in this organisation",
    );
    refused(
        |file| {
            file["policies"].as_object_mut().unwrap().remove("p-nokeys");
        },
        "`ou-ab12-11111111` has the policy `p-nokeys`",
    );
    refused(
        |file| {
            file["serviceControlPolicies"]
                .as_object_mut()
                .unwrap()
                .remove("ou-ab12-11111111");
        },
        "level `ou-ab12-11111111` has no entry in `serviceControlPolicies`",
    );
    refused(
        |file| file["serviceControlPolicies"][ACCOUNT] = json!([]),
        "`111122223333` has no SCP, and AWS attaches one",
    );
    refused(
        |file| file["schemaVersion"] = json!(2),
        "use a newer permdrift",
    );
    refused(|file| file["schemaVersion"] = json!(0), "expected 1");
    refused(|file| file["takenAt"] = json!("yesterday"), "`.takenAt`");
    refused(|file| file["colour"] = json!("red"), "unknown key `colour`");
    refused(|file| *file = json!([]), "no organisation file");
    refused(
        |file| *file = json!({ "schemaVersion": 1, "account": ACCOUNT, "listing": {} }),
        "neither `accounts` nor `policies`",
    );
}

#[test]
fn a_file_that_was_cut_off_says_so() {
    let whole = file().to_string();
    refused_text("", "this is empty");
    refused_text(" \n", "this is empty");
    for part in [1, whole.len() / 2, whole.len() - 1] {
        refused_text(whole.get(..part).unwrap(), "it was cut off");
    }
    refused_text(&whole.replacen(':', "=", 1), "this is no organisation file");
}

/// AWS has one answer by which there are no policies of a kind. After any other nobody knows which are in force.
#[test]
fn what_was_refused_is_not_taken_for_none() {
    for kind in ["serviceControlPolicies", "resourceControlPolicies"] {
        for code in [
            "AccessDeniedException",
            "TooManyRequestsException",
            "AWSOrganizationsNotInUseException",
        ] {
            refused(
                |file| file[kind] = json!({ "error": { "code": code } }),
                &format!("`.{kind}`: `{code}` leaves open"),
            );
        }
        for code in ["AccessDenied", "PolicyTypeNotEnabledException"] {
            refused(
                |file| {
                    file[kind] = json!({ "r-ab12": ["p-FullAWSAccess"] });
                    file[kind]["error"] = json!({ "code": code });
                },
                "`error` stands beside an output",
            );
        }
        refused(
            |file| file[kind] = json!({ "error": "PolicyTypeNotEnabledException" }),
            &format!("`.{kind}.error`"),
        );
    }
    refused(
        |file| file["describe-organization"] = json!({ "error": { "code": "AccessDenied" } }),
        "`AccessDenied` leaves open which account manages",
    );
    refused(
        |file| {
            file["describe-organization"] =
                json!({ "error": { "code": "AWSOrganizationsNotInUseException" } });
        },
        "leaves open which account manages",
    );
}

/// The last of two would win in silence.
#[test]
fn a_key_that_is_there_twice_is_refused_wherever_it_stands() {
    let whole = file().to_string();
    for (key, other) in [
        ("\"accounts\":", "{}"),
        ("\"444455556666\":", "[\"r-ab12\"]"),
        ("\"p-nokeys\":", "{}"),
        ("\"ou-ab12-11111111\":", "[\"p-FullAWSAccess\"]"),
        ("\"serviceControlPolicies\":", "{}"),
        ("\"code\":", "\"A\""),
        ("\"MasterAccountId\":", "\"111122223333\""),
        ("\"PolicySummary\":", "{}"),
        ("\"Content\":", "\"\""),
    ] {
        assert!(whole.contains(key), "{key}");
        for (place, _) in whole.match_indices(key) {
            let (before, after) = whole.split_at(place);
            let twice = format!("{before}{key}{other},{after}");
            refused_text(&twice, "this key is there twice: take one out");
        }
    }
}

#[test]
fn an_account_that_only_its_name_or_its_policies_tell_of_is_not_left_out() {
    let other = "444455556666";
    let expected = "account 444455556666 stands here and not in `accounts`";
    let leave_out = |file: &mut Value| {
        file["accounts"].as_object_mut().unwrap().remove(other);
    };
    refused(leave_out, expected);
    refused(
        |file| {
            leave_out(file);
            let policies = file["serviceControlPolicies"].as_object_mut().unwrap();
            policies.remove(other);
            file["accountNames"] = json!({ (other): "payroll" });
        },
        expected,
    );
}

#[test]
fn what_cannot_be_so_in_any_organisation_is_refused() {
    let other = "444455556666";
    let described = |key: &'static str, value: &str| {
        let value = json!(value);
        move |file: &mut Value| file["describe-organization"]["Organization"][key] = value
    };
    let path = |levels: Value| move |file: &mut Value| file["accounts"][other] = levels;
    let arn = "arn:aws:organizations::999988887777";
    for good in [
        described("Arn", &format!("{arn}:organization/o-exampleorgid")),
        described(
            "MasterAccountArn",
            &format!("{arn}:account/o-exampleorgid/999988887777"),
        ),
    ] {
        let mut file = file();
        good(&mut file);
        organization::read(&file.to_string(), ACCOUNT.parse().unwrap()).unwrap();
    }
    for (key, wrong) in [
        ("Arn", format!("{arn}:organization/o-anotherorgid")),
        (
            "Arn",
            "arn:aws:organizations::111122223333:organization/o-exampleorgid".to_owned(),
        ),
        ("Arn", "o-exampleorgid".to_owned()),
        (
            "MasterAccountArn",
            format!("{arn}:account/o-exampleorgid/111122223333"),
        ),
        (
            "MasterAccountArn",
            "arn:aws:organizations::111122223333:account/o-exampleorgid/111122223333".to_owned(),
        ),
    ] {
        refused(
            described(key, &wrong),
            "contradicts `Id` and `MasterAccountId`",
        );
    }
    refused(
        |file| file["policies"]["p-nokeys"]["Policy"]["PolicySummary"]["Id"] = json!("p-other"),
        "this is the policy `p-other`, and stands under `p-nokeys`",
    );
    refused(
        |file| {
            let policy = &mut file["policies"]["p-nokeys"]["Policy"]["PolicySummary"];
            policy["Type"] = json!("RESOURCE_CONTROL_POLICY");
        },
        "stands among the SCPs",
    );
    let twice = json!(["r-ab12", "ou-ab12-11111111", "ou-ab12-11111111", other]);
    refused(path(twice), "`ou-ab12-11111111` is on this path twice");
    let upside_down = json!(["ou-ab12-11111111", "r-ab12", other]);
    refused(path(upside_down), "does not stand in its place");
    refused(
        path(json!(["r-ab12", ACCOUNT])),
        "does not stand in its place",
    );
    refused(path(json!([other])), "less than two levels");
    refused(
        path(json!(["r-cd34", other])),
        "the root is `r-cd34` here and `r-ab12`",
    );
    let elsewhere = json!(["r-ab12", "ou-ab12-22222222", "ou-ab12-11111111", other]);
    refused(
        path(elsewhere),
        "`ou-ab12-11111111` is below `ou-ab12-22222222` here",
    );
    refused(
        |file| file["accounts"]["sandbox"] = json!(["r-ab12", "sandbox"]),
        "`sandbox` is no account",
    );
    refused(
        |file| file["accountNames"] = json!({ "sandbox": "sandbox" }),
        "`sandbox` is no account",
    );
}

#[test]
fn a_mistake_is_told_with_its_line_in_the_file() {
    let text = serde_json::to_string_pretty(&file()).unwrap();
    let text = text.replace("SERVICE_CONTROL_POLICY", "TAG_POLICY");
    let line = text.lines().position(|line| line.contains("TAG_POLICY"));
    refused_text(&text, &format!("line {}, column ", line.unwrap() + 1));
    refused_text(
        &text,
        "`.policies[\"p-FullAWSAccess\"].Policy.PolicySummary.Type`",
    );
}

/// What a snapshot says of its organisation, changed in one thing, against a file of the same.
#[track_caller]
fn contradicted(change: impl FnOnce(&mut Organization), expected: Option<&str>) {
    let account = ACCOUNT.parse().unwrap();
    let file = organization::read(&file().to_string(), account).unwrap();
    let mut snapshot = file.clone();
    change(&mut snapshot);
    let said = Reading::Read(Some(snapshot));
    let found = organization::contradiction(account, &said, &file);
    assert_eq!(found.map(|found| found.to_string()).as_deref(), expected);
}

fn scps(organization: &mut Organization) -> &mut Vec<Vec<NamedPolicy>> {
    let levels = match &mut organization.service_control {
        Reading::Read(levels) => Some(levels),
        Reading::NotRead | Reading::Refused(_) => None,
    };
    levels.unwrap()
}

#[test]
fn a_snapshot_that_says_the_same_or_less_contradicts_nothing() {
    contradicted(|_| {}, None);
    contradicted(|snapshot| scps(snapshot)[1].reverse(), None);
    contradicted(|snapshot| *snapshot = Organization::default(), None);
    contradicted(
        |snapshot| {
            scps(snapshot)[1].pop();
            snapshot.refused_service_control = vec!["ou-ab12-11111111".into()];
        },
        None,
    );
    contradicted(
        |snapshot| snapshot.service_control = Reading::Refused("AccessDenied".into()),
        None,
    );
    let account = ACCOUNT.parse().unwrap();
    let file = organization::read(&file().to_string(), account).unwrap();
    for said in [Reading::NotRead, Reading::Refused("AccessDenied".into())] {
        assert_eq!(organization::contradiction(account, &said, &file), None);
    }
}

#[test]
fn a_snapshot_that_says_something_else_is_told_with_both() {
    contradicted(
        |snapshot| {
            *snapshot = Organization {
                id: "o-other".into(),
                ..Organization::default()
            };
        },
        Some("the snapshot is of the organisation `o-other`, the file of `o-exampleorgid`"),
    );
    contradicted(
        |snapshot| snapshot.management_account = ACCOUNT.parse().ok(),
        Some("by the snapshot 111122223333 manages the organisation, by the file 999988887777"),
    );
    contradicted(
        |snapshot| {
            snapshot.path.pop();
        },
        Some(
            "by the snapshot the account is below r-ab12, by the file below r-ab12, ou-ab12-11111111",
        ),
    );
    contradicted(
        |snapshot| {
            scps(snapshot)[1].pop();
        },
        Some(
            "on the level `ou-ab12-11111111` the snapshot has the SCPs p-FullAWSAccess, the file p-FullAWSAccess, p-nokeys",
        ),
    );
    contradicted(
        |snapshot| {
            let levels = scps(snapshot);
            levels[1][1].document = levels[0][0].document.clone();
        },
        Some("the SCP p-nokeys on the level `ou-ab12-11111111` is another one in each"),
    );
    contradicted(
        |snapshot| scps(snapshot).clear(),
        Some("the file has SCPs, and by the snapshot the organisation has none"),
    );
    contradicted(
        |snapshot| snapshot.resource_control = snapshot.service_control.clone(),
        Some("the snapshot has RCPs, and by the file the organisation has none"),
    );
    let account = ACCOUNT.parse().unwrap();
    let file = organization::read(&file().to_string(), account).unwrap();
    let found = organization::contradiction(account, &Reading::Read(None), &file);
    assert_eq!(
        found.unwrap().to_string(),
        "by the snapshot the account is in no organisation, by the file it is in `o-exampleorgid`"
    );
}
