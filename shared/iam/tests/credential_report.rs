//! The credential report: which keys come out of it, and what is said of a file that is none.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use iam::inventory::{AccessKey, Gap, Inventory};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

const ARN: &str = "arn:aws:iam::111122223333:user/ann";

/// A report with one line for the user `ann`.
fn report(first: &str, second: &str) -> String {
    format!(
        "{HEADER}\nann,{ARN},2024-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,{first},{second},false,N/A,false,N/A\n"
    )
}

fn key(active: bool, created: &str, last_used: Option<&str>) -> AccessKey {
    AccessKey {
        suffix: "".into(),
        active,
        created: created.into(),
        last_used: last_used.map(Into::into),
    }
}

#[track_caller]
fn check_keys(first: &str, second: &str, expected: &[AccessKey]) {
    let mut inventory = Inventory::default();
    inventory
        .add_credential_report(report(first, second).as_bytes())
        .unwrap();
    assert_eq!(inventory.gaps, []);
    let keys = inventory.access_keys.unwrap();
    assert_eq!(keys.get(&ARN.parse().unwrap()).unwrap(), expected);
}

#[track_caller]
fn check_refused(file: &[u8], expected: &str) {
    let mut inventory = Inventory {
        account: Some("111122223333".parse().unwrap()),
        ..Inventory::default()
    };
    let error = inventory.add_credential_report(file).unwrap_err();
    assert_eq!(error.to_string(), expected);
    assert_eq!(inventory.access_keys, None, "nothing half read");
}

#[test]
fn a_key_is_there_if_it_is_active_or_was_ever_made() {
    const NONE: &str = "false,N/A,N/A,N/A,N/A";
    const MADE: &str = "2026-04-14T07:21:40+00:00";
    const USED: &str = "2026-11-20T23:04:00+00:00";
    check_keys(NONE, NONE, &[]);
    check_keys(
        &format!("true,{MADE},{USED},eu-central-1,s3"),
        NONE,
        &[key(true, MADE, Some(USED))],
    );
    check_keys(
        NONE,
        &format!("false,{MADE},N/A,N/A,N/A"),
        &[key(false, MADE, None)],
    );
    check_keys(
        "true,N/A,no_information,N/A,N/A",
        NONE,
        &[key(true, "", None)],
    );
    let both = format!("true,{MADE},N/A,N/A,N/A");
    check_keys(
        &both,
        &both,
        &[key(true, MADE, None), key(true, MADE, None)],
    );
}

#[test]
fn the_root_user_stands_apart() {
    let mut inventory = Inventory::default();
    let file = report("false,N/A,N/A,N/A,N/A", "false,N/A,N/A,N/A,N/A")
        .replace("\nann,", "\n<root_account>,")
        .replace(ARN, "arn:aws:iam::111122223333:root")
        .replacen(
            "false,N/A,N/A,N/A,N/A",
            "true,2020-01-01T00:00:00+00:00,N/A,N/A,N/A",
            1,
        );
    inventory.add_credential_report(file.as_bytes()).unwrap();
    let expected = [key(true, "2020-01-01T00:00:00+00:00", None)];
    assert_eq!(inventory.root_keys.unwrap(), expected);
    assert_eq!(inventory.access_keys.unwrap().len(), 0);
}

#[test]
fn a_line_that_nobody_understands_is_a_gap() {
    let mut inventory = Inventory::default();
    let file = report("true,N/A,N/A,N/A,N/A", "false,N/A,N/A,N/A,N/A").replace(ARN, "gone");
    inventory.add_credential_report(file.as_bytes()).unwrap();
    let [Gap::Item { what, fault }] = inventory.gaps.as_slice() else {
        panic!("one gap: {:?}", inventory.gaps);
    };
    assert_eq!(what.as_ref(), "access keys of user `ann`");
    assert_eq!(fault.line, 2);
}

#[test]
fn what_is_no_report_is_refused() {
    const COMMAND: &str = "pass what `aws iam get-credential-report --query Content --output text | base64 -d` prints";
    check_refused(
        b" \n",
        &format!("the credential report is empty: {COMMAND}"),
    );
    check_refused(
        br#"{"Content": "dXNlcixhcm4s", "ReportFormat": "text/csv"}"#,
        &format!("the credential report is still JSON: {COMMAND}"),
    );
    check_refused(
        b"dXNlcixhcm4sdXNlcl9jcmVhdGlvbl90aW1l",
        &format!("the credential report is still base64: {COMMAND}"),
    );
    check_refused(
        b"name,age\nann,7\n",
        &format!("the credential report has no column `user` in its first line: {COMMAND}"),
    );
    check_refused(
        b"user,arn\n\xff,\xfe\n",
        &format!(
            "the credential report has no column `access_key_1_active` in its first line: {COMMAND}"
        ),
    );
    let other = report("true,N/A,N/A,N/A,N/A", "false,N/A,N/A,N/A,N/A").replace("1111", "9999");
    check_refused(
        other.as_bytes(),
        "the credential report is of account 999922223333, the listing of account 111122223333",
    );
    let broken = report("true,N/A,N/A,N/A,N/A", "false,N/A,N/A,N/A,N/A");
    let broken = [broken.as_bytes(), b"\xff,\xfe,\n"].concat();
    check_refused(&broken, "the credential report cannot be read");
}
