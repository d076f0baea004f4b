//! What is a policy document, and what is reported of one that is none.

use super::*;

#[track_caller]
fn check(text: &str, expected: Result<&str, &str>) {
    let read = Document::parse(text);
    let found = match &read {
        Ok(document) => Ok(document.notes.join("; ")),
        Err(fault) => Err(format!("{} @{}:{}", fault.reason, fault.line, fault.column)),
    };
    assert_eq!(
        found.as_ref().map(String::as_str).map_err(String::as_str),
        expected
    );
}

#[track_caller]
fn check_statement(inner: &str, expected: Result<&str, &str>) {
    check(&format!("{{\"Statement\":{{\n{inner}}}}}"), expected);
}

#[test]
fn scalars_stand_for_lists_and_numbers_keep_their_text() {
    let read = Document::parse(
        r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"A","Effect":"Deny","NotAction":"s3:*","NotResource":["a","b"],
        "Condition":{"Bool":{"k":true},"NumericEquals":{"n":[1.10,1e3,-0,"7"]},"bool":{"k":false}}}}"#,
    )
    .unwrap();
    assert_eq!(read.version, Version::V2012);
    let statement = &read.statements[0];
    assert!(statement.action.negated && statement.resource.negated);
    assert_eq!(statement.resource.patterns.len(), 2);
    let conditions: Vec<String> = statement
        .conditions
        .iter()
        .map(|one| format!("{} {} {}", one.operator, one.key, one.values.join(",")))
        .collect();
    assert_eq!(
        conditions,
        [
            "Bool k true",
            "NumericEquals n 1.10,1e3,-0,7",
            "bool k false"
        ]
    );
}

#[test]
fn no_version_is_the_older_version() {
    let version = |text| Document::parse(text).map(|read| read.version);
    assert_eq!(version(r#"{"Statement":[]}"#), Ok(Version::V2008));
    assert_eq!(
        version(r#"{"Version":"2008-10-17","Statement":[]}"#),
        Ok(Version::V2008)
    );
    check(
        r#"{"Version":"2012-10-18","Statement":[]}"#,
        Err("`Version` is `2012-10-18`: expected `2012-10-17` or `2008-10-17` @1:23"),
    );
}

#[test]
fn a_key_given_twice_is_a_fault() {
    check_statement(
        r#""Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*""#,
        Err("statement 1: `Effect` stands twice in one object: each key may be given once @2:25"),
    );
    check_statement(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":"true","k":"false"}}"#,
        Err("statement 1: `k` stands twice in one object: each key may be given once @2:80"),
    );
    check_statement(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":"true","K":"false"}}"#,
        Ok(""),
    );
    let many: String = (0..40).map(|n| format!("\"k{n}\":1,")).collect();
    check(
        &format!("{{{many}\"k30\":1}}"),
        Err("`k30` stands twice in one object: each key may be given once @1:316"),
    );
}

#[test]
fn names_of_elements_have_one_case() {
    check_statement(
        r#""Effect":"Allow","action":"*","Resource":"*""#,
        Err(
            "statement 1: `action` is no element of a policy (case counts): did you mean `Action`? @2:25",
        ),
    );
    check_statement(
        r#""Effect":"Allow","Action":"*","Resource":"*","Conditions":{}"#,
        Err(
            "statement 1: `Conditions` is no element of a policy (case counts): did you mean `Condition`? @2:57",
        ),
    );
    check_statement(
        r#""Effect":"allow","Action":"*","Resource":"*""#,
        Err("statement 1: `Effect` is `allow`: expected exactly `Allow` or `Deny` @2:16"),
    );
}

#[test]
fn an_unknown_key_is_noted() {
    check(
        r#"{"Comment":{"deep":[[]]},"Statement":{"Effect":"Allow","Action":[],"Resource":"*","Note":1}}"#,
        Ok(
            "the document has an unknown key `Comment`; statement 1 has an unknown key `Note`; statement 1 has an empty `Action`, so it applies to nothing",
        ),
    );
}

#[test]
fn resources_that_match_nothing_are_noted() {
    check_statement(
        r#""Effect":"Allow","Action":"*","Resource":["*","arn:aws:s3:::b","arn:aws:ec2:*","arn:aws:ec2","arn:aws:EC2:::x"]"#,
        Ok(
            "statement 1: the resource `arn:aws:ec2` is no whole ARN, so it matches none; statement 1: the resource `arn:aws:EC2:::x` has a service or region in upper case, which no ARN has",
        ),
    );
}

#[test]
fn what_a_statement_must_have_is_demanded() {
    check_statement(
        r#""Effect":"Allow","Resource":"*","Acton":"*""#,
        Err("statement 1 has neither `Action` nor `NotAction`, but unknown keys: `Acton` @2:44"),
    );
    check_statement(
        r#""Effect":"Allow","Action":"*""#,
        Err("statement 1 has neither `Resource` nor `NotResource` @2:30"),
    );
    check_statement(
        r#""Action":"*","Resource":"*""#,
        Err("statement 1 has no `Effect`: expected `Allow` or `Deny` @2:28"),
    );
    check_statement(
        r#""Effect":"Allow","Action":"*","NotAction":"s3:*","Resource":"*""#,
        Err("statement 1 has both `Action` and `NotAction`: only one may stand @2:48"),
    );
    check_statement(
        r#""Effect":"Allow","Action":"*","Resource":"*","Principal":"*""#,
        Err(
            "statement 1 has `Principal`, which only resource policies and trust policies may have @2:61",
        ),
    );
    check("{}", Err("the policy document has no `Statement` @1:2"));
}

#[test]
fn another_shape_is_told() {
    check(
        "  ",
        Err("the policy document is empty: expected a JSON object @1:2"),
    );
    check(
        "[]",
        Err(
            "invalid type: sequence, expected a policy document, which is a JSON object with `Statement` @1:0",
        ),
    );
    check(
        r#"{"Statement":[{"Effect":"Allow","#,
        Err("the policy document is cut off: EOF while parsing a value @1:32"),
    );
    check_statement(
        r#""Effect":"Allow","Action":7,"Resource":"*""#,
        Err(
            "statement 1: invalid type: integer `7`, expected `Action` to be a text or a list of texts @2:27",
        ),
    );
    check_statement(
        r#""Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":null}}"#,
        Err(
            "statement 1: condition `Bool` on `k`: a value is `null`: expected a text, number or boolean @2:75",
        ),
    );
}

#[test]
fn nesting_without_end_is_a_fault_not_a_crash() {
    for opening in [
        "[",
        "{\"Statement\":",
        "{\"Statement\":[{\"Condition\":{\"a\":{\"b\":[",
    ] {
        assert!(Document::parse(&opening.repeat(100_000)).is_err());
    }
    let deep = format!(
        "{{\"x\":{}1{},\"Statement\":[]}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(Document::parse(&deep).is_ok_and(|read| read.notes.len() == 3));
}

#[test]
fn a_document_beyond_the_quota_is_noted() {
    let text = format!(
        r#"{{"Statement":{{"Effect":"Allow","Action":"{}","Resource":"*"}}}}"#,
        "x".repeat(20_000)
    );
    check(
        &text,
        Ok("the document has 20059 characters; no IAM policy may have more than 10240"),
    );
}

#[test]
fn percent_encoding_is_undone_and_plain_json_left() {
    assert_eq!(decode("%7B%22a+b%22%3A%201%7D").unwrap(), r#"{"a+b": 1}"#);
    assert_eq!(
        decode(r#" {"a": "100%25"}"#).unwrap(),
        r#" {"a": "100%25"}"#
    );
    assert!(decode("%ff").is_err());
}
