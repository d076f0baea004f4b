//! Organisation files: the stack of one account, and what is wrong with a file that does not say it.

use audit::organization;
use audit::resources::Reading;
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
    let error = organization::read(&file.to_string(), ACCOUNT.parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_file_that_does_not_say_what_is_in_force_is_refused() {
    refused(
        |file| {
            file["accounts"].as_object_mut().unwrap().remove(ACCOUNT);
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
                .remove(ACCOUNT);
        },
        "what stands above account 111122223333 is not understood",
    );
    refused(
        |file| file["schemaVersion"] = json!(2),
        "a newer release wrote it",
    );
    refused(|file| file["colour"] = json!("red"), "no organisation file");
    refused(|file| *file = json!([]), "no organisation file");
}
