//! The organisation: what is above the account, and what nobody knows of it.

use audit::resources::{Organization, Reading};
use serde_json::{Value, json};

use super::{mistakes, read, refused, take};

fn organization(change: impl FnOnce(&mut Value)) -> Reading<Option<Organization>> {
    read(|snapshot| change(&mut snapshot["organization"]))
        .resources
        .organization
}

fn some(reading: Reading<Option<Organization>>) -> Organization {
    reading.read().cloned().flatten().unwrap()
}

const IN_NONE: &str = "AWSOrganizationsNotInUseException";

#[test]
fn an_account_in_no_organisation_says_so_itself() {
    let in_none = json!({"describe-organization": {"error": {"code": IN_NONE}}});
    let found = organization(|part| *part = in_none);
    assert_eq!(found, Reading::Read(None));
    let found = organization(|part| *part = json!({}));
    assert_eq!(found, Reading::NotRead);
    let refusal = json!({"describe-organization": {"error": {"code": "AccessDeniedException"}}});
    let found = organization(|part| *part = refusal);
    assert_eq!(found, Reading::Refused("AccessDeniedException".into()));
    refused(
        |snapshot| {
            snapshot["organization"]["describe-organization"] = json!({"error": {"code": IN_NONE}});
        },
        ".organization.path: `describe-organization` says `AWSOrganizationsNotInUseException`, and a path to the account is given: take one of them out",
    );
}

#[test]
fn policies_that_nobody_gave_are_not_read_and_never_none() {
    let found = some(organization(|part| take(part, "path")));
    assert_eq!(found.management_account.unwrap().as_str(), "999988887777");
    assert_eq!(found.service_control, Reading::NotRead);
    assert_eq!(found.resource_control, Reading::NotRead);
    let found = some(organization(|part| {
        for level in part["path"].as_array_mut().unwrap() {
            take(level, "resourceControlPolicies");
        }
    }));
    assert_eq!(found.resource_control, Reading::NotRead);
    assert_eq!(found.service_control.read().unwrap().len(), 3);
    let found = some(organization(|part| {
        part["path"][1]["serviceControlPolicies"] =
            json!({"error": {"code": "AccessDeniedException"}});
    }));
    assert_eq!(found.service_control.read().unwrap().len(), 3);
    assert_eq!(found.refused_service_control.len(), 1);
    assert_eq!(found.resource_control.read().unwrap().len(), 3);
    assert!(found.refused_resource_control.is_empty());
    let found = some(organization(|part| {
        for level in part["path"].as_array_mut().unwrap() {
            level["serviceControlPolicies"] = json!({"error": {"code": "AccessDeniedException"}});
        }
    }));
    assert_eq!(
        found.service_control,
        Reading::Refused("AccessDeniedException".into())
    );
    let found = some(organization(|part| take(part, "describe-organization")));
    assert_eq!((&*found.id, found.management_account), ("", None));
    assert_eq!(found.service_control.read().unwrap().len(), 3);
}

#[test]
fn a_level_that_lacks_what_others_have_is_a_mistake() {
    refused(
        |snapshot| {
            take(
                &mut snapshot["organization"]["path"][1],
                "serviceControlPolicies",
            );
        },
        ".organization.path[1]: there is no `serviceControlPolicies`, and other levels have it: add the SCPs of this level, or `{\"error\": {\"code\": \"...\"}}` where they could not be read",
    );
    refused(
        |snapshot| snapshot["organization"]["path"][0]["resourceControlPolicies"] = json!([]),
        ".organization.path[0].resourceControlPolicies: there is no RCP, and AWS attaches one to each root, OU and account: write `{\"error\": {\"code\": \"PolicyTypeNotEnabledException\"}}` on each level where the organisation has no RCPs",
    );
}

#[test]
fn an_organisation_without_a_kind_of_policies_says_so_on_each_level() {
    let without = json!({"error": {"code": "PolicyTypeNotEnabledException"}});
    let found = some(organization(|part| {
        for level in part["path"].as_array_mut().unwrap() {
            level["resourceControlPolicies"] = without.clone();
        }
    }));
    assert_eq!(found.resource_control, Reading::Read(Vec::new()));
    refused(
        |snapshot| snapshot["organization"]["path"][0]["resourceControlPolicies"] = without,
        ".organization.path: some levels have RCPs, and others say `PolicyTypeNotEnabledException`, which holds for all levels or none",
    );
}

#[test]
fn the_path_leads_from_the_root_to_the_account() {
    let path = |path: Value| move |snapshot: &mut Value| snapshot["organization"]["path"] = path;
    let level = |id: &str| json!({"id": id});
    refused(
        path(json!([level("r-ng01"), level("444455556666")])),
        ".organization.path[1].id: `444455556666` does not stand in its place: the path ends in the account itself",
    );
    refused(
        path(json!([level("r-ng01"), level("ou-ng01-11111111")])),
        ".organization.path[1].id: `ou-ng01-11111111` does not stand in its place: the path ends in the account itself",
    );
    refused(
        path(json!([level("ou-ng01-11111111"), level("111122223333")])),
        ".organization.path[0].id: `ou-ng01-11111111` does not stand in its place: the path begins with the root, such as `r-ab12`",
    );
    refused(
        path(json!([
            level("r-ng01"),
            level("r-ng01"),
            level("111122223333")
        ])),
        ".organization.path[1].id: `r-ng01` does not stand in its place: between the root and the account are OUs, such as `ou-ab12-11111111`",
    );
    for short in [json!([]), json!([level("111122223333")])] {
        refused(
            path(short),
            ".organization.path: this path has less than two levels: expected the root first, the account of the snapshot last",
        );
    }
}

#[test]
fn policies_stand_as_described_or_as_documents() {
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]});
    let found = some(organization(|part| {
        let policies = &mut part["path"][1]["serviceControlPolicies"];
        policies[0]["Policy"]["Content"] = deny.clone();
        take(&mut policies[1]["Policy"], "PolicySummary");
        policies.as_array_mut().unwrap().push(deny);
    }));
    let level = &found.service_control.read().unwrap()[1];
    let names: Vec<&str> = level.iter().map(|policy| &*policy.name).collect();
    assert_eq!(
        names,
        [
            "p-FullAWSAccess",
            "SCP 2 of ou-ng01-11111111",
            "SCP 3 of ou-ng01-11111111"
        ]
    );
    assert!(level.iter().all(|policy| policy.document.is_ok()));
}

#[test]
fn a_policy_of_another_kind_is_a_mistake_and_a_broken_one_a_fault() {
    refused(
        |snapshot| {
            let path = &mut snapshot["organization"]["path"];
            path[0]["serviceControlPolicies"] = path[0]["resourceControlPolicies"].clone();
        },
        ".organization.path[0].serviceControlPolicies[0].Policy.PolicySummary.Type: this is a `RESOURCE_CONTROL_POLICY`, and stands among the SCPs: expected a `SERVICE_CONTROL_POLICY`",
    );
    let found = some(organization(|part| {
        let policy = &mut part["path"][0]["serviceControlPolicies"][0]["Policy"];
        policy["Content"] = json!(
            "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\"}]}"
        );
    }));
    assert!(
        found.service_control.read().unwrap()[0][0]
            .document
            .is_err()
    );
    // AWS Organizations takes no principals in an SCP, and an RCP is about everybody.
    let found = some(organization(|part| {
        let policy = &mut part["path"][0]["resourceControlPolicies"][0]["Policy"];
        policy["Content"] = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}]});
    }));
    assert!(
        found.resource_control.read().unwrap()[0][0]
            .document
            .is_err()
    );
}

#[test]
fn unknown_keys_of_the_organisation_are_mistakes() {
    let found = mistakes(|snapshot| {
        snapshot["organization"]["pth"] = json!([]);
        snapshot["organization"]["path"][0]["servceControlPolicies"] = json!([]);
    });
    assert_eq!(
        found,
        [
            ".organization.path[0].servceControlPolicies: unknown key `servceControlPolicies`: did you mean `serviceControlPolicies`?",
            ".organization.pth: unknown key `pth`: did you mean `path`?",
        ]
    );
}

#[test]
fn what_contradicts_itself_is_a_mistake() {
    refused(
        |snapshot| {
            snapshot["organization"]["describe-organization"]["Organization"]["MasterAccountId"] =
                json!("111122223333");
        },
        ".organization[\"describe-organization\"].Organization.Arn: `arn:aws:organizations::999988887777:organization/o-northgrain1` contradicts `Id` and `MasterAccountId`, by which the organisation is o-northgrain1 and account 111122223333 manages it: put in what the command prints",
    );
    refused(
        |snapshot| {
            let path = snapshot["organization"]["path"].as_array_mut().unwrap();
            path.insert(1, path[1].clone());
        },
        ".organization.path[2].id: `ou-ng01-11111111` is on this path twice: take one of them out",
    );
}
