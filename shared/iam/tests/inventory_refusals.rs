//! Bad input: each file that is no listing is refused with one message that has the place, what was found and what would
//! be right.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::io::Write as _;

use iam::inventory::{self, ReadInventoryError};

#[track_caller]
fn check(file: impl AsRef<[u8]>, expected: &str) {
    let error = inventory::read(file.as_ref()).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn an_empty_file_is_named_empty() {
    for file in ["", " \n\t\r\n", "\u{feff}", "\u{feff}\n"] {
        check(
            file,
            "the listing is empty: expected what `aws iam get-account-authorization-details` prints",
        );
    }
    check(
        gzip(""),
        "the listing is empty: expected what `aws iam get-account-authorization-details` prints",
    );
}

#[test]
fn what_is_no_json_is_told_by_its_looks() {
    const RUN: &str = "pass what `aws iam get-account-authorization-details --output json` prints";
    const FORM: &str =
        "this is another of the AWS CLI's forms; run the command again with `--output json`";
    check("hello", &format!("line 1, column 1: expected value: {RUN}"));
    check(
        "\n  <GetAccountAuthorizationDetailsResponse>",
        "line 2, column 3: expected value: this looks like XML or HTML; \
         pass what `aws iam get-account-authorization-details --output json` prints",
    );
    for text in [
        "USERDETAILLIST\tarn:aws:iam::123456789012:user/ann",
        "------\n|  GetAccountAuthorizationDetails  |",
    ] {
        let column = if text.starts_with('-') { 2 } else { 1 };
        let what = if text.starts_with('-') {
            "invalid number"
        } else {
            "expected value"
        };
        check(text, &format!("line 1, column {column}: {what}: {FORM}"));
    }
    check(
        "UserDetailList:\n- Arn: x",
        &format!("line 1, column 1: expected value: {FORM}"),
    );
    check(
        "user,arn,user_creation_time\n",
        "line 1, column 1: expected value: this is the credential report, not the listing",
    );
    check(
        "{\n  \"UserDetailList\": [],\n  \"Policies\": [],\n}",
        "line 4, column 1: trailing comma: the listing is damaged; run the command again, and do not edit what it prints",
    );
    check(
        "{\"RoleDetailList\": []} oops",
        "line 1, column 24: expected value: the listing is damaged; run the command again, and do not edit what it prints",
    );
}

#[test]
fn a_file_that_ends_too_early_says_where() {
    const CUT: &str = "the listing ends in the middle: it was cut off, so run the command again and let it finish";
    check("{", &format!("line 1, column 1: {CUT}"));
    check(
        "{\n  \"RoleDetailList\": [\n    {\n        \"Arn\": \"arn:aws:i",
        &format!("line 4, column 25: {CUT}"),
    );
    check(
        "[{\"RoleDetailList\": []},",
        &format!("line 1, column 24: {CUT}"),
    );
    check(
        "{\"RoleDetailList\": []}\n{\"RoleDet",
        &format!("line 2, column 9: {CUT}"),
    );
    // Also where an odd item stands before the end.
    check(
        "{\"RoleDetailList\": [{}, {\"Arn\"",
        &format!("line 1, column 30: {CUT}"),
    );
}

#[test]
fn the_output_of_another_command_is_told_by_its_keys() {
    const WHOLE: &str = "it holds neither policies nor tags as a whole, so pass what `aws iam get-account-authorization-details` prints";
    const RUN: &str = "pass what `aws iam get-account-authorization-details` prints";
    const QUERY: &str =
        "pass all that `aws iam get-account-authorization-details` prints, without `--query`";
    for (file, found, advice) in [
        (
            r#"{"Roles": [{"RoleName": "a"}]}"#,
            "the output of `aws iam list-roles`",
            WHOLE,
        ),
        (
            r#"{"Role": {"RoleName": "a"}}"#,
            "the output of `aws iam get-role`",
            WHOLE,
        ),
        (
            r#"{"Users": [], "IsTruncated": false}"#,
            "the output of `aws iam list-users`",
            WHOLE,
        ),
        (r#"{"User": {}}"#, "the output of `aws iam get-user`", WHOLE),
        (
            r#"{"Group": {}, "Users": []}"#,
            "the output of `aws iam get-group`",
            WHOLE,
        ),
        (
            r#"{"Policies": [{"PolicyName": "a", "Arn": "arn:aws:iam::aws:policy/a", "DefaultVersionId": "v1"}]}"#,
            "the output of `aws iam list-policies`",
            WHOLE,
        ),
        (
            r#"{"Policy": {}}"#,
            "the output of `aws iam get-policy`",
            RUN,
        ),
        (
            r#"{"Version": "2012-10-17", "Statement": []}"#,
            "a policy document, not a listing of an account",
            RUN,
        ),
        (
            r#"{"Content": "dXNlcixhcm4=", "ReportFormat": "text/csv"}"#,
            "the output of `aws iam get-credential-report`",
            RUN,
        ),
        (
            r#"{"UserId": "AIDA", "Account": "1", "Arn": "a"}"#,
            "the output of `aws sts get-caller-identity`",
            RUN,
        ),
        (
            r#"[{"RoleName": "a", "RolePolicyList": [], "AttachedManagedPolicies": []}]"#,
            "a part of the listing",
            QUERY,
        ),
        (
            r#"{"Buckets": [], "Owner": {}}"#,
            "an object with `Buckets`, `Owner`",
            RUN,
        ),
        ("{}", "an empty object", RUN),
        ("[]", "an empty list", RUN),
        ("[[]]", "a list that holds a list", RUN),
        ("[1, 2]", "a list that holds a number", RUN),
        ("\"hello\"", "a text", RUN),
        ("-1.5", "a number", RUN),
        ("null", "`null`", RUN),
    ] {
        check(
            file,
            &format!("line 1, column 1: this is {found}: {advice}"),
        );
    }
    check(
        "{\"RoleDetailList\": []}\n\n {\"Roles\": []}",
        &format!("line 3, column 2: this is the output of `aws iam list-roles`: {WHOLE}"),
    );
    check(
        r#"{"RoleDetailList": 5}"#,
        &format!(
            "line 1, column 20: this is no listing (invalid type: integer `5`, expected a sequence): {RUN}"
        ),
    );
}

#[test]
fn another_encoding_is_named() {
    const SAVE: &str = "save it as UTF-8; in Windows PowerShell, `>` writes UTF-16, `| Out-File -Encoding utf8` does not";
    let listing = r#"{"RoleDetailList": []}"#;
    let little: Vec<u8> = listing.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = listing.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let little_expected = format!("the listing is UTF-16 (little-endian): {SAVE}");
    let big_expected = format!("the listing is UTF-16 (big-endian): {SAVE}");
    check(&little, &little_expected);
    check(&big, &big_expected);
    check([b"\xff\xfe", little.as_slice()].concat(), &little_expected);
    check([b"\xfe\xff", big.as_slice()].concat(), &big_expected);
    check(
        b"{\"RoleDetailList\":\n [\"caf\xe9\"]}",
        "line 2, column 7: byte 0xe9 is not UTF-8: save the listing as UTF-8",
    );
    check(
        b"PK\x03\x04rest",
        "the listing is a zip archive: unpack it first, or pack it with gzip",
    );
}

#[test]
fn broken_gzip_says_how_far_it_went() {
    let whole = gzip(&format!(
        "{{\"RoleDetailList\": []}}{}",
        " ".repeat(100_000)
    ));
    for length in [2, 9, 20, whole.len() - 1] {
        let error = inventory::read(&whole[..length]).unwrap_err();
        assert!(
            matches!(error, ReadInventoryError::Gzip { .. }),
            "{length}: {error}"
        );
    }
    check(
        &whole[..5],
        "the gzip data is broken after 0 unpacked bytes: compress the listing again, or pass it plain",
    );
}

#[test]
fn two_accounts_are_one_too_many() {
    check(
        r#"{"RoleDetailList": [{"Arn": "arn:aws:iam::111111111111:role/a"}]}
           {"UserDetailList": [{"Arn": "arn:aws:iam::222222222222:user/b"}]}"#,
        "the listing holds principals of account 111111111111 and of account 222222222222: pass one account at a time",
    );
}

#[test]
fn depth_is_no_danger() {
    let deep = 200_000;
    let nested = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    assert!(inventory::read(nested.as_bytes()).is_err());
    assert!(inventory::read("[".repeat(deep).as_bytes()).is_err());
    assert!(inventory::read("{\"a\":".repeat(deep).as_bytes()).is_err());
    let document = format!(
        r#"{{"RoleDetailList": [{{"Arn": "arn:aws:iam::111111111111:role/a",
            "RolePolicyList": [{{"PolicyName": "p", "PolicyDocument": {nested}}}]}}], "x": {nested}}}"#
    );
    let inventory = inventory::read(document.as_bytes()).unwrap();
    assert!(inventory.principals[0].inline[0].document.is_err());
}

#[test]
fn what_powershell_left_out_is_told_with_the_command_that_helps() {
    const ADVICE: &str = "PowerShell's ConvertTo-Json left out what lies deeper than its -Depth: write the file again with `ConvertTo-Json -Depth 100`";
    let whole = r#"{"RoleDetailList": "Amazon.IdentityManagement.Model.RoleDetail"}"#;
    check(
        whole,
        &format!(
            "line 1, column 63: this is a listing with `Amazon.IdentityManagement.Model.RoleDetail` in it: {ADVICE}"
        ),
    );
    let role = r#"{"UserDetailList": [], "RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/r", "RolePolicyList": "System.Object[]"}], "IsTruncated": false}"#;
    let inventory = inventory::read(role.as_bytes()).unwrap();
    let Some(inventory::Gap::Item { what, fault }) = inventory.gaps.first() else {
        panic!("{:?}", inventory.gaps);
    };
    assert_eq!(&**what, "role `arn:aws:iam::111122223333:role/r`");
    assert_eq!(
        fault.reason.to_string(),
        format!("`System.Object[]` stands where {ADVICE}")
    );
}

#[test]
fn a_listing_within_a_larger_text_has_the_places_of_the_whole() {
    let whole = "{\n \"listing\": {\"Roles\": []}, \"more\": {\n\"RoleDetailList\": [\n{\"Arn\": 5}], \"UserDetailList\": 1}}";
    let part = |from: &str, to: &str| {
        let from = whole.find(from).unwrap();
        let to = whole.rfind(to).unwrap() + to.len();
        inventory::read_part(whole, whole.get(from..to).unwrap())
            .unwrap_err()
            .to_string()
    };
    let refused = part("{\"Roles", "[]}");
    assert!(refused.starts_with("line 2, column 13: "), "{refused}");
    let refused = part("{\n\"Role", "1}");
    assert!(refused.starts_with("line 4, "), "{refused}");
}
