//! Single elements: which `Sid`, action, resource, condition and principal are refused?

use super::*;

#[track_caller]
fn check_action(kind: DocumentKind, action: &str, expected: &[&str]) {
    let element = format!(r#""Action": "{action}""#);
    match kind {
        Trust => check_statement(kind, &[ALLOW, &element, ANYBODY], expected),
        Inline | Managed | ServiceControl => {
            check_statement(kind, &[ALLOW, &element, ALL], expected);
        }
    }
}

#[track_caller]
fn check_resource(resource: &str, expected: &[&str]) {
    let element = format!(r#""Resource": "{resource}""#);
    check_statement(Inline, &[ALLOW, GET, &element], expected);
}

#[track_caller]
fn check_principal(principal: &str, expected: &[&str]) {
    let element = format!(r#""Principal": {principal}"#);
    check_statement(Trust, &[ALLOW, ASSUME, &element], expected);
}

#[test]
fn a_sid_has_letters_and_digits_and_is_the_only_one() {
    for sid in ["read-only", "Read only", "Größe"] {
        check_statement(
            Inline,
            &[&format!(r#""Sid": "{sid}""#), ALLOW, GET, ALL],
            &[&format!(
                "the `Sid` is `{sid}`: expected letters and digits only"
            )],
        );
    }
    check(
        ServiceControl,
        "{\"Version\": \"2012-10-17\", \"Statement\": [\n\
         {\"Sid\": \"A\", \"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"},\n\
         {\"Sid\": \"a\", \"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"},\n\
         {\"Sid\": \"A\", \"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\"}]}",
        &[
            "4:9: statement 3: the `Sid` `A` is that of another statement too: expected each once in a document",
        ],
    );
}

#[test]
fn an_action_has_one_colon_behind_its_service() {
    for action in [
        "*",
        "*:*",
        "s3:*",
        "S3:getobject",
        "ec2-instance-connect:?pen*",
    ] {
        check_action(Inline, action, &[]);
    }
    check_action(
        Inline,
        "GetObject",
        &[
            "the action `GetObject` names no service: expected `service:Name`, such as `s3:GetObject`",
        ],
    );
    check_action(
        Managed,
        "s3:Get:Object",
        &[
            "the action `s3:Get:Object` has more than one colon: expected `service:Name`, such as `s3:GetObject`",
        ],
    );
    check_action(
        ServiceControl,
        "s3_x:Get",
        &["the action `s3_x:Get` has the service `s3_x`: expected one written out, such as `s3`"],
    );
    for (action, service) in [("*:Untag*", "*"), ("dynamodb*:TagResource", "dynamodb*")] {
        check_action(
            Inline,
            action,
            &[&format!(
                "the action `{action}` has the service `{service}`: expected one written out, such as `s3`"
            )],
        );
    }
    check_action(
        Inline,
        "s3:",
        &["the action `s3:` has no name: expected `service:Name`, such as `s3:GetObject`"],
    );
    check_action(Trust, "sts:TagSession", &[]);
    check_action(
        Trust,
        "s3:GetObject",
        &[
            "the action `s3:GetObject` is none that assumes a role: expected one of STS, such as `sts:AssumeRole`",
        ],
    );
}

#[test]
fn a_resource_is_an_arn_or_a_star() {
    for resource in [
        "*",
        "arn:aws:s3:::b/*",
        "arn:*:s3:::b",
        "arn:aws-us-gov:iam::111122223333:role/x",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:ec2:*:*:volume/*",
        "arn:aws:s3:*",
    ] {
        check_resource(resource, &[]);
    }
    check_resource(
        "b/*",
        &["the resource `b/*` is no ARN: expected an ARN, or `*` alone"],
    );
    check_resource(
        "${bucket_arn}/x",
        &["the resource `${bucket_arn}/x` is no ARN: expected an ARN, or `*` alone"],
    );
    check_resource(
        "arn:${ARN_PARTITION}:s3:::b/*",
        &[
            "the resource `arn:${ARN_PARTITION}:s3:::b/*` has the partition `${ARN_PARTITION}`: expected one of aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f",
        ],
    );
    check_resource(
        "arn::s3:::b",
        &[
            "the resource `arn::s3:::b` has the partition ``: expected one of aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f",
        ],
    );
    check_resource(
        "arn:aws:*:*:111122223333:*",
        &[
            "the resource `arn:aws:*:*:111122223333:*` has a wildcard in its service: expected the service written out, or `*` alone",
        ],
    );
    check_resource(
        "arn:aws",
        &[
            "the resource `arn:aws` names no service: expected `arn:partition:service:region:account:resource`",
        ],
    );
    check_resource(
        "arn:aws:iam:eu-central-1:111122223333:role/x",
        &[
            "the resource `arn:aws:iam:eu-central-1:111122223333:role/x` has a region: IAM's resources have none",
        ],
    );
}

#[test]
fn operators_and_condition_keys_are_ones_that_iam_has() {
    let check_condition = |condition: &str, expected: &[&str]| {
        let element = format!(r#""Condition": {condition}"#);
        check_statement(Inline, &[ALLOW, GET, ALL, &element], expected);
    };
    check_condition(
        r#"{"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a", 7, true]}, "Null": {"aws:RequestTag/a:b": "true"}}"#,
        &[],
    );
    check_condition(r#"{"StringEquals": {"aws:PrincipalTag/x": []}}"#, &[]);
    check_condition(
        r#"{"StringMatches": {"aws:PrincipalTag/team": "backup"}}"#,
        &["IAM has no condition operator `StringMatches`: expected one such as `StringEquals`"],
    );
    check_condition(
        r#"{"StringMatches": {}}"#,
        &["IAM has no condition operator `StringMatches`: expected one such as `StringEquals`"],
    );
    check_condition(
        r#"{"StringEquals": {"team": "backup"}}"#,
        &[
            "the condition key `team` names no service: expected one such as `aws:PrincipalTag/team` or `s3:prefix`",
        ],
    );
    check_condition(
        r#"{"StringEquals": {"s3:prefix": [null]}}"#,
        &["a value of `s3:prefix` is `null`: expected a text, number or boolean"],
    );
    check_condition(
        r#"{"StringEquals": "x"}"#,
        &["the value of `StringEquals` is a text: expected an object"],
    );
}

#[test]
fn a_principal_is_one_that_iam_can_name() {
    for principal in [
        r#""*""#,
        r#"{"AWS": "arn:aws:iam::111122223333:root"}"#,
        r#"{"AWS": ["arn:aws-cn:iam::111122223333:role/a/b", "AROAEXAMPLEEXAMPLE001"]}"#,
        r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/a/session"}"#,
        r#"{"Federated": "cognito-identity.amazonaws.com", "CanonicalUser": "79a59df9"}"#,
    ] {
        check_principal(principal, &[]);
    }
    check_principal(
        r#""ec2.amazonaws.com""#,
        &[
            "`Principal` is the text `ec2.amazonaws.com`: expected `*`, or an object such as `{\"AWS\": \"…\"}`",
        ],
    );
    check_principal(
        "{}",
        &["`Principal` is empty: expected at least one principal"],
    );
    check_principal(
        r#"{"aws": "*"}"#,
        &["`aws` is no kind of principal: expected AWS, Service, Federated or CanonicalUser"],
    );
    check_principal(
        r#"{"AWS": []}"#,
        &["the list is empty: expected a principal"],
    );
    check_principal(
        r#"{"AWS": "arn:aws:iam::111122223333:role/*"}"#,
        &[
            "the principal `arn:aws:iam::111122223333:role/*` is none that IAM accepts: expected a whole ARN without wildcards; compare `aws:PrincipalArn` in a condition instead",
        ],
    );
    check_principal(
        r#"{"AWS": "12345"}"#,
        &[
            "the principal `12345` is none that IAM accepts: expected `*`, twelve digits, or the ARN of an account, user, role or session",
        ],
    );
    check_principal(
        r#"{"Service": "ec2"}"#,
        &["the service principal `ec2` is none: expected one such as `ec2.amazonaws.com`"],
    );
}
