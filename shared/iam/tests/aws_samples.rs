//! Policies as the guides of Amazon S3, AWS KMS, AWS Backup, IAM and Amazon VPC show them: is each read without a fault?
//!
//! The samples are abridged and have our names; what each shows is the grammar.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use iam::Document;
use iam::inventory::Fault;

#[track_caller]
fn check(parse: fn(&str) -> Result<Document, Fault>, statements: usize, text: &str) {
    let read = parse(text).unwrap();
    assert_eq!(read.statements.len(), statements);
    assert!(read.notes.is_empty(), "{:?}", read.notes);
}

const RESOURCE: fn(&str) -> Result<Document, Fault> = Document::parse_resource_policy;

#[test]
fn the_default_policy_of_a_key_has_blanks_in_its_sid() {
    check(
        RESOURCE,
        1,
        r#"{"Version": "2012-10-17", "Id": "key-default-1", "Statement": [{"Sid": "Enable IAM User Permissions",
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}"#,
    );
}

#[test]
fn a_key_policy_of_the_console_names_administrators_users_and_grants() {
    check(
        RESOURCE,
        4,
        r#"{"Id": "key-consolepolicy-3", "Version": "2012-10-17", "Statement": [
        {"Sid": "Enable IAM policies", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
         "Action": "kms:*", "Resource": "*"},
        {"Sid": "Allow access for Key Administrators", "Effect": "Allow",
         "Principal": {"AWS": ["arn:aws:iam::111122223333:user/KMSAdminUser", "arn:aws:iam::111122223333:role/KMSAdminRole"]},
         "Action": ["kms:Create*", "kms:Describe*", "kms:ScheduleKeyDeletion"], "Resource": "*"},
        {"Sid": "Allow use of the key", "Effect": "Allow",
         "Principal": {"AWS": ["arn:aws:iam::111122223333:role/ExampleRole", "arn:aws:iam::444455556666:root"]},
         "Action": ["kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"], "Resource": "*"},
        {"Sid": "Allow attachment of persistent resources", "Effect": "Allow",
         "Principal": {"AWS": "arn:aws:iam::111122223333:role/ExampleRole"},
         "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*",
         "Condition": {"Bool": {"kms:GrantIsForAWSResource": true}}}]}"#,
    );
}

#[test]
fn the_policy_of_an_aws_managed_key_is_for_everybody_through_a_service() {
    check(
        RESOURCE,
        2,
        r#"{"Version": "2012-10-17", "Id": "auto-ebs-2", "Statement": [
        {"Sid": "Allow access through EBS for all principals in the account that are authorized to use EBS", "Effect": "Allow",
         "Principal": {"AWS": "*"}, "Action": ["kms:Encrypt", "kms:CreateGrant"], "Resource": "*",
         "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "ec2.eu-west-1.amazonaws.com"}}},
        {"Sid": "Allow direct access to key metadata to the account", "Effect": "Allow",
         "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": ["kms:Describe*", "kms:RevokeGrant"], "Resource": "*"}]}"#,
    );
}

#[test]
fn bucket_policies_name_principals_of_every_kind() {
    check(
        RESOURCE,
        6,
        r#"{"Version": "2012-10-17", "Id": "PolicyForBucket", "Statement": [
        {"Sid": "AllowSSLRequestsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": ["arn:aws:s3:::amzn-s3-demo-bucket", "arn:aws:s3:::amzn-s3-demo-bucket/*"],
         "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Sid": "Access to specific VPCE only", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
         "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0abcdef1234567890"}}},
        {"Effect": "Allow", "Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"},
         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*"},
        {"Effect": "Allow", "Principal": {"Service": ["logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"]},
         "Action": ["s3:PutObject"], "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/*",
         "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}},
        {"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:sts::111122223333:assumed-role/ReadOnly/session",
          "arn:aws:iam::111122223333:role/ReadOnly", "arn:aws:iam::111122223333:root", "111122223333"]},
         "Action": "s3:*", "Resource": "arn:aws:s3:::amzn-s3-demo-bucket"}]}"#,
    );
}

#[test]
fn a_lock_down_by_unique_id_is_read() {
    check(
        RESOURCE,
        1,
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::amzn-s3-demo-bucket"],
        "Condition": {"StringNotLike": {"aws:userId": ["AROAEXAMPLEID:*", "111122223333"]}}}}"#,
    );
}

#[test]
fn vault_policies_deny_by_action() {
    check(
        RESOURCE,
        2,
        r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "statement ID", "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/MyRole"},
         "Action": ["backup:UpdateRecoveryPointLifecycle", "backup:DeleteRecoveryPoint"], "Resource": ["*"]},
        {"Effect": "Allow", "Principal": "*", "Action": "backup:CopyIntoBackupVault", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}}}]}"#,
    );
}

#[test]
fn trust_policies_have_no_resource() {
    check(
        RESOURCE,
        2,
        r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"sts:ExternalId": "12345"}}},
        {"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
         "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]}]}"#,
    );
}

#[test]
fn endpoint_policies_name_everybody_or_principals() {
    check(
        RESOURCE,
        1,
        r#"{"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}"#,
    );
    check(
        RESOURCE,
        1,
        r#"{"Version": "2012-10-17", "Statement": [{"Principal": {"AWS": "arn:aws:iam::111122223333:role/Worker"},
        "Action": ["sqs:SendMessage"], "Effect": "Allow", "Resource": "arn:aws:sqs:eu-west-1:111122223333:q"}]}"#,
    );
}

#[test]
fn resource_control_policies_are_for_everybody() {
    let parse = Document::parse_resource_control_policy;
    check(
        parse,
        1,
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#,
    );
    check(
        parse,
        1,
        r#"{"Version": "2012-10-17", "Statement": [{"Sid": "EnforceOrgIdentities", "Effect": "Deny", "Principal": {"AWS": "*"},
        "Action": ["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:AssumeRole"], "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                      "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}]}"#,
    );
}

#[test]
fn what_a_resource_policy_lacks_is_told() {
    for (text, told) in [
        (
            r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#,
            "statement 1 has neither `Principal` nor `NotPrincipal`",
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}}"#,
            "statement 1 has neither `Resource` nor `NotResource`",
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": []}, "Action": "s3:*", "Resource": "*"}}"#,
            "statement 1 names no principal",
        ),
        (
            r#"{"Statement": {"Effect": "Allow", "Principals": "*", "Action": "s3:*", "Resource": "*"}}"#,
            "did you mean `Principal`?",
        ),
    ] {
        match RESOURCE(text) {
            Ok(_) => panic!("{text} is read"),
            Err(fault) => assert!(fault.reason.contains(told), "{fault}"),
        }
    }
}
