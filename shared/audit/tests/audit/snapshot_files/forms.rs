//! The file as a whole: which form it has, and what of it can be read at all.

use std::fmt::Write as _;

use audit::resources::Reading;
use audit::snapshot::{self, ReadSnapshotError, is_snapshot};
use iam::inventory;
use serde_json::json;

use super::{ACCOUNT, EXAMPLE, changed, mistakes, read, refused, take};

#[test]
fn the_example_is_read_with_all_its_parts() {
    let snapshot = snapshot::read_snapshot(EXAMPLE).unwrap();
    assert_eq!(snapshot.taken.unwrap().to_string(), "2026-11-20T06:00:00Z");
    let listed = &snapshot.inventory;
    assert_eq!(listed.account.unwrap().as_str(), ACCOUNT);
    assert_eq!(listed.principals.len(), 4);
    assert_eq!(listed.gaps, []);
    let keys = listed.access_keys.as_ref().unwrap();
    let key = &keys.values().next().unwrap()[0];
    assert_eq!(&*key.suffix, "MPLE");
    assert!(key.active);
    assert_eq!(&*key.created, "2026-02-01T09:30:00Z");
    assert_eq!(key.last_used.as_deref(), Some(""));
    insta::assert_debug_snapshot!(snapshot.resources);
}

#[test]
fn what_is_not_there_was_not_read() {
    let text = changed(|snapshot| {
        let top = snapshot.as_object_mut().unwrap();
        top.retain(|key, _| ["schemaVersion", "account", "listing"].contains(&&**key));
    });
    let snapshot = snapshot::read_snapshot(&text).unwrap();
    assert_eq!(snapshot.resources, audit::Resources::default());
    assert_eq!(snapshot.inventory.access_keys, None);
    assert_eq!(snapshot.taken, None);
}

#[test]
fn a_listing_and_other_forms_of_this_program_are_no_snapshots() {
    let listing = json!({"UserDetailList": [], "IsTruncated": false});
    for (text, expected) in [
        (EXAMPLE, true),
        (&*listing.to_string(), false),
        (
            r#"{"schemaVersion": 1, "generator": "", "account": "", "accessKeys": [], "keys": []}"#,
            false,
        ),
        (
            r#"{"RoleDetailList": [{"Tags": [{"Key": "listing", "Value": "schemaVersion"}]}]}"#,
            false,
        ),
        // Somebody forgot the one, or the other.
        (r#"{"listing": {}}"#, true),
        (r#"{"schemaVersion": 1, "buckets": {}}"#, true),
        (r#"{"schemaVersion": 1, "account": "111122223333"}"#, true),
        (r#"{"schemaVersion": 1, "accessKeys": {}}"#, true),
        (r#"{"account": "111122223333", "buckets": {}}"#, true),
        (r#"{"schemaVersion": 1, "account": "1111"#, false),
        (r#"{"schemaVersion": 1, "listing": {"Rol"#, true),
        ("", false),
        (r#"["listing"]"#, false),
    ] {
        assert_eq!(is_snapshot(text), expected, "{text}");
    }
}

#[test]
fn a_newer_form_is_refused_before_anything_else() {
    let text = changed(|snapshot| {
        snapshot["schemaVersion"] = json!(2);
        snapshot["colour"] = json!("of a later time");
    });
    let error = snapshot::read_snapshot(&text).unwrap_err();
    assert!(matches!(error, ReadSnapshotError::TooNew { found: 2, .. }));
    assert_eq!(
        error.to_string(),
        "it has schemaVersion 2, and the newest known is 1: use a newer permdrift"
    );
    refused(
        |snapshot| take(snapshot, "schemaVersion"),
        ".: there is no `schemaVersion`: expected 1",
    );
    refused(
        |snapshot| snapshot["schemaVersion"] = json!(0),
        ".schemaVersion: expected 1",
    );
    refused(
        |snapshot| snapshot["schemaVersion"] = json!("1"),
        ".schemaVersion: invalid type: string \"1\", expected u64: expected 1",
    );
}

/// Wherever the file ends: after each byte of its first part, and at each hundredth of the rest.
#[test]
fn a_file_that_is_cut_off_says_so_with_its_last_place() {
    let text = EXAMPLE.trim_end();
    let ends = (20..400).chain((400..text.len()).step_by(101));
    for end in ends.filter(|&end| text.is_char_boundary(end)) {
        let cut = text.get(..end).unwrap();
        assert!(is_snapshot(cut) || end < 110, "{end}");
        let error = snapshot::read_snapshot(cut).unwrap_err();
        let ReadSnapshotError::CutOff { line, .. } = error else {
            panic!("{end}: {error}");
        };
        assert_eq!(line, cut.trim_end().lines().count());
    }
    let error = snapshot::read_snapshot("{\"schemaVersion\": 1,\n \"listing\": nix}").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("line 2, column 14: expected ident: expected JSON"),
        "{error}"
    );
    let twice = format!("{text}{text}");
    let error = snapshot::read_snapshot(&twice).unwrap_err();
    assert!(error.to_string().contains("trailing characters"), "{error}");
}

#[test]
fn a_listing_of_another_account_is_a_mistake() {
    let found = mistakes(|snapshot| {
        snapshot["account"] = json!("444455556666");
        take(snapshot, "organization");
    });
    assert_eq!(
        found,
        [
            ".listing: this listing is of account 111122223333, and `account` says 444455556666: put in that account's listing"
        ]
    );
    refused(
        |snapshot| snapshot["account"] = json!(111_122_223_333_u64),
        ".account: invalid type: integer `111122223333`, expected a string: expected an account's twelve digits, in quotes",
    );
    refused(
        |snapshot| snapshot["account"] = json!("1111-2222-3333"),
        ".account: `1111-2222-3333` is no account: expected an account's twelve digits, in quotes",
    );
    refused(
        |snapshot| take(snapshot, "account"),
        ".: there is no `account`: expected the account's twelve digits",
    );
    refused(
        |snapshot| take(snapshot, "listing"),
        ".: there is no `listing`: expected what `aws iam get-account-authorization-details` prints",
    );
}

#[test]
fn what_is_no_listing_is_told_with_its_place_in_the_file() {
    let text = changed(|snapshot| snapshot["listing"] = json!({"Roles": []}));
    let error = snapshot::read_snapshot(&text).unwrap_err();
    assert_eq!(error.to_string(), "`.listing` is no account listing");
    let source = std::error::Error::source(&error).unwrap().to_string();
    let line = text
        .lines()
        .position(|line| line.contains("\"listing\""))
        .unwrap()
        + 1;
    let place = format!("line {line}, column 14: this is the output of `aws iam list-roles`");
    assert!(source.starts_with(&place), "{source}");
}

#[test]
fn faults_in_the_listing_have_the_lines_of_the_file() {
    let text = changed(|snapshot| {
        let policy = &mut snapshot["listing"]["RoleDetailList"][0]["RolePolicyList"];
        *policy = json!([{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Efect": "Allow"}]}}]);
    });
    let snapshot = snapshot::read_snapshot(&text).unwrap();
    let mut documents = snapshot
        .inventory
        .principals
        .iter()
        .flat_map(|one| &one.inline);
    let fault = documents.find_map(|policy| policy.document.as_ref().as_ref().err());
    let line = text
        .lines()
        .position(|line| line.contains("Efect"))
        .unwrap()
        + 1;
    let found = fault.unwrap().line;
    assert!((line - 1..=line + 1).contains(&found), "{line}, {found}");
}

#[test]
fn a_listing_that_goes_on_is_a_gap_as_it_is_alone() {
    let snapshot = read(|snapshot| snapshot["listing"]["IsTruncated"] = json!(true));
    assert_eq!(snapshot.inventory.gaps, [inventory::Gap::Truncated]);
}

#[test]
fn a_user_that_could_not_be_read_is_told_where_it_is_listed() {
    let snapshot = read(|snapshot| {
        let user = &mut snapshot["listing"]["UserDetailList"][0];
        assert_eq!(user["UserName"], "veeam-restore-ec2");
        user["Tags"] = json!([{"Value": "x"}]);
    });
    let gaps = format!("{:?}", snapshot.inventory.gaps);
    assert!(gaps.starts_with("[Item { what: \"user"), "{gaps}");
    assert!(gaps.contains("veeam-restore-ec2"), "{gaps}");
}

#[test]
fn access_keys_are_of_users_of_the_listing() {
    let user = "veeam-restore-ec2";
    let refusal = json!({"error": {"code": "AccessDenied"}});
    let snapshot = read(|snapshot| snapshot["accessKeys"][user] = refusal);
    assert_eq!(snapshot.inventory.access_keys, None);
    assert_eq!(
        snapshot.inventory.gaps,
        [inventory::Gap::Part {
            what: "access keys of `arn:aws:iam::111122223333:user/veeam-restore-ec2`".into(),
            reason: "AccessDenied".into(),
        }]
    );
    let snapshot = read(|snapshot| {
        snapshot["accessKeys"][user]["AccessKeyMetadata"] = json!([]);
    });
    assert!(
        snapshot
            .inventory
            .access_keys
            .unwrap()
            .values()
            .all(Vec::is_empty)
    );
    let snapshot = read(|snapshot| snapshot["accessKeys"][user]["NextToken"] = json!("x"));
    assert_eq!(snapshot.inventory.access_keys, None);
    assert_eq!(snapshot.inventory.gaps.len(), 1);
    let snapshot = read(|snapshot| {
        snapshot["accessKeys"][user]["AccessKeyMetadata"][0]["CreateDate"] = json!(1_769_938_200.0);
    });
    let keys = snapshot.inventory.access_keys.unwrap();
    assert_eq!(
        &*keys.values().next().unwrap()[0].created,
        "2026-02-01T09:30:00Z"
    );
    refused(
        |snapshot| snapshot["accessKeys"] = json!({"veeam-restor-ec2": {"AccessKeyMetadata": []}}),
        ".accessKeys[\"veeam-restor-ec2\"]: the listing has no user `veeam-restor-ec2`: did you mean `veeam-restore-ec2`?",
    );
    refused(
        |snapshot| {
            snapshot["accessKeys"][user]["AccessKeyMetadata"][0]["UserName"] = json!("other");
        },
        ".accessKeys[\"veeam-restore-ec2\"].AccessKeyMetadata[0].UserName: this is a key of `other`, and stands under `veeam-restore-ec2`: run `aws iam list-access-keys --user-name veeam-restore-ec2`",
    );
    refused(
        |snapshot| snapshot["accessKeys"][user]["AccessKeyMetadata"][0]["Status"] = json!("On"),
        ".accessKeys[\"veeam-restore-ec2\"].AccessKeyMetadata[0].Status: `On` is no status: expected `Active` or `Inactive`",
    );
}

#[test]
fn a_mistake_has_its_line_and_all_mistakes_are_told() {
    let mut text = String::from(
        "{\"schemaVersion\": 1,\n \"account\": \"111122223333\",\n \"listing\": {\"RoleDetailList\": []},\n",
    );
    writeln!(
        text,
        " \"buckts\": {{}},\n \"keys\": {{\"alias/veeam\": {{}}}}}}"
    )
    .unwrap();
    let error = snapshot::read_snapshot(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 4, column 12: `.buckts`: unknown key `buckts`: did you mean `buckets`?\n\
         line 5, column 26: `.keys[\"alias/veeam\"]`: `alias/veeam` is not the ARN of a KMS key: put in its place what `aws kms describe-key --key-id alias/veeam --query KeyMetadata.Arn --output text` prints"
    );
}

#[test]
fn a_key_that_is_there_twice_is_a_mistake() {
    let text = EXAMPLE.replacen(
        "\"account\": \"111122223333\",",
        "\"account\": \"111122223333\", \"account\": \"111122223333\",",
        1,
    );
    let error = snapshot::read_snapshot(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3, column 41: `.account`: this key is there twice: take one out"
    );
}

#[test]
fn a_powershell_that_left_something_out_is_told() {
    let found = mistakes(|snapshot| {
        snapshot["regions"]["eu-central-1"]["describe-vpc-endpoints"] =
            json!({"VpcEndpoints": "System.Object[]"});
    });
    assert!(found[0].contains("ConvertTo-Json -Depth 100"), "{found:?}");
}

#[test]
fn a_refusal_is_never_nothing() {
    let snapshot = read(|snapshot| {
        snapshot["list-buckets"] = json!({"error": {"code": "AccessDenied"}});
        snapshot["describe-regions"] = json!({"error": {"code": "UnauthorizedOperation"}});
    });
    let resources = snapshot.resources;
    assert_eq!(
        resources.own_buckets,
        Reading::Refused("AccessDenied".into())
    );
    assert_eq!(
        resources.enabled_regions,
        Reading::Refused("UnauthorizedOperation".into())
    );
}

/// Somebody merged the two, as `jq -s add` does: read as a listing, it would lose what the snapshot says.
#[test]
fn a_listing_with_the_rest_of_a_snapshot_beside_it_is_neither() {
    for text in [
        r#"{"RoleDetailList": [], "schemaVersion": 1, "keys": {}}"#,
        r#"{"accessKeys": {}, "UserDetailList": [], "IsTruncated": false}"#,
    ] {
        assert!(!is_snapshot(text));
        let error = inventory::read(text.as_bytes()).unwrap_err().to_string();
        let found = "of a snapshot beside it: put the listing under `listing`";
        assert!(error.contains(found), "{error}");
    }
    assert!(is_snapshot(
        r#"{"schemaVersion": 1, "keys": {}, "RoleDetailList": []}"#
    ));
}
