//! Grammar: a document in a file that IAM would refuse is a fault with its place; what IAM itself lists is taken as it is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use iam::inventory::{self, Fault, Inventory, Reader};

const GOOD: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
const TRUST: &str =
    r#"{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}}"#;

/// A listing with a role and a managed policy, whose documents begin on lines 3, 4 and 7.
fn listing(trust: &str, inline: &str, arn: &str, managed: &str) -> String {
    format!(
        r#"{{"RoleDetailList": [{{"Arn": "arn:aws:iam::111122223333:role/r",
"AssumeRolePolicyDocument":
{trust}, "RolePolicyList": [{{"PolicyName": "p", "PolicyDocument":
{inline}}}]}}], "UserDetailList": [], "GroupDetailList": [], "Policies": [
{{"PolicyName": "m", "Arn": "{arn}", "PolicyVersionList": [
{{"VersionId": "v1", "IsDefaultVersion": true, "Document":
{managed}}}]}}], "IsTruncated": false}}"#
    )
}

const OWN: &str = "arn:aws:iam::111122223333:policy/m";
const OF_AWS: &str = "arn:aws:iam::aws:policy/m";

/// What is wrong with the trust policy, the inline policy and the managed policy.
fn faults(inventory: &Inventory) -> [Option<String>; 3] {
    let role = inventory.principals.first().unwrap();
    let policy = inventory.policies.values().next().unwrap();
    let inline = role.inline.first().unwrap();
    let told = |fault: &Fault| format!("{}:{}: {}", fault.line, fault.column, fault.reason);
    [
        role.trust
            .as_ref()
            .unwrap()
            .as_ref()
            .as_ref()
            .err()
            .map(told),
        inline.document.as_ref().as_ref().err().map(told),
        policy.document.as_ref().as_ref().err().map(told),
    ]
}

#[track_caller]
fn check(listing: &str, expected: [Option<&str>; 3]) {
    let read = inventory::read(listing.as_bytes()).unwrap();
    assert_eq!(faults(&read).each_ref().map(Option::as_deref), expected);
    let mut reader = Reader::new();
    reader.page(listing.as_bytes()).unwrap();
    assert_eq!(faults(&reader.finish().unwrap()), [None, None, None]);
}

#[test]
fn a_document_that_iam_refuses_is_a_fault_of_a_file() {
    check(&listing(TRUST, GOOD, OWN, GOOD), [None, None, None]);
    let bad = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}}"#;
    let fault = "IAM refuses such a document: statement 1: the resource `bucket` is no ARN: expected an ARN, or `*` alone";
    check(
        &listing(TRUST, bad, OWN, GOOD),
        [None, Some(&format!("4:90: {fault}")), None],
    );
    check(
        &listing(TRUST, GOOD, OWN, bad),
        [None, None, Some(&format!("7:90: {fault}"))],
    );
    let trust = TRUST.replace(r#""*""#, r#"{"AWS": "me"}"#);
    check(
        &listing(&trust, GOOD, OWN, GOOD),
        [
            Some(
                "3:84: IAM refuses such a document: statement 1: the principal `me` is none that IAM accepts: expected `*`, twelve digits, or the ARN of an account, user, role or session",
            ),
            None,
            None,
        ],
    );
}

#[test]
fn a_managed_policy_has_the_newer_version() {
    let old = GOOD.replace("2012-10-17", "2008-10-17");
    check(
        &listing(TRUST, &old, OWN, &old),
        [
            None,
            None,
            Some(
                "7:1: IAM refuses such a document: a managed policy must have the `Version` `2012-10-17`",
            ),
        ],
    );
}

#[test]
fn a_policy_of_aws_is_taken_as_it_is() {
    let odd = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}}"#;
    check(&listing(TRUST, GOOD, OF_AWS, odd), [None, None, None]);
}

#[test]
fn the_place_in_an_encoded_document_is_that_in_the_file() {
    let encoded = r#""%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%22%2C%22Resource%22%3A%22*%22%7D%7D""#;
    let read = inventory::read(listing(TRUST, encoded, OWN, GOOD).as_bytes()).unwrap();
    assert_eq!(
        faults(&read)[1].as_deref(),
        Some(
            "4:70: IAM refuses such a document: statement 1: the action `s3` names no service: expected `service:Name`, such as `s3:GetObject`"
        )
    );
}
