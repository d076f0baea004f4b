//! Forms of one listing: however it is written, the same inventory comes out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod gaps;
mod listing;

use std::io::Write as _;

use iam::inventory::{self, Reader};

use crate::listing::{
    DOCUMENT, ENCODED, GROUP, POLICY, ROLE, USER, check_same, page, readable, whole,
};

#[test]
fn all_that_an_audit_needs_is_there() {
    let inventory = inventory::read(whole().as_bytes()).unwrap();
    assert_eq!(inventory.account.unwrap().as_str(), "111122223333");
    let [role, user] = inventory.principals.as_slice() else {
        panic!("one role and one user, sorted by ARN");
    };
    assert_eq!(
        role.arn.as_str(),
        "arn:aws:iam::111122223333:role/backup/Veeam"
    );
    assert_eq!(role.id.as_ref(), "AROAAAAAAAAAAAAAAAAAA");
    assert_eq!(role.created.as_ref(), "2024-03-01T09:12:44+00:00");
    assert_eq!(role.tag("veeam:bucket"), Some("b"));
    assert_eq!(
        role.attached,
        ["arn:aws:iam::111122223333:policy/Shared".into()]
    );
    assert_eq!(
        role.boundary.as_deref(),
        Some("arn:aws:iam::111122223333:policy/Limits")
    );
    assert_eq!(role.instance_profiles, ["VeeamProfile".into()]);
    let trust = role.trust.as_ref().unwrap().as_ref().as_ref().unwrap();
    assert_eq!(
        trust.statements[0].principals[0].1.as_ref(),
        "backup.amazonaws.com"
    );
    assert_eq!(user.groups, ["ops".into()]);
    assert_eq!((&user.trust, &user.boundary), (&None, &None));
    let group = &inventory.groups["ops"];
    assert_eq!(group.attached, role.attached);
    let policy = &inventory.policies["arn:aws:iam::111122223333:policy/Shared"];
    assert_eq!(
        (policy.version.as_ref(), policy.newest.as_ref()),
        ("v2", "v10")
    );
    assert!(policy.document.is_ok());
    // Equal texts are one document.
    assert!(std::sync::Arc::ptr_eq(
        &policy.document,
        &role.inline[0].document
    ));
    assert!(std::sync::Arc::ptr_eq(
        &policy.document,
        &group.inline[0].document
    ));
}

#[test]
fn the_wire_form_says_the_same() {
    check_same(page(&[USER], &[GROUP], &[ROLE], &[POLICY]).replace("DOCUMENT", ENCODED));
    // JSON escapes around the encoding, and a document as plain JSON in a text.
    check_same(
        page(&[USER], &[GROUP], &[ROLE], &[POLICY])
            .replace("DOCUMENT", &ENCODED.replacen('%', "\\u0025", 3)),
    );
    let text = serde_json::to_string(DOCUMENT).unwrap();
    check_same(page(&[USER], &[GROUP], &[ROLE], &[POLICY]).replace("DOCUMENT", &text));
}

#[test]
fn pages_may_follow_each_other_or_stand_in_a_list() {
    let parts = [
        page(&[USER], &[], &[], &[]).replacen('{', r#"{"IsTruncated": true, "Marker": "m1","#, 1),
        page(&[], &[], &[], &[]).replacen('{', r#"{"IsTruncated": true, "Marker": "m2","#, 1),
        page(&[], &[GROUP], &[ROLE], &[]).replacen(
            '{',
            r#"{"IsTruncated": true, "Marker": "m3","#,
            1,
        ),
        page(&[], &[], &[], &[POLICY]).replacen('{', r#"{"IsTruncated": false,"#, 1),
    ]
    .map(|part| part.replace("DOCUMENT", DOCUMENT));
    check_same(parts.concat());
    check_same(parts.join("\n"));
    check_same(parts.join("\r\n\t \n"));
    check_same(format!("\n[{}]\n", parts.join(",\n")));
    check_same(format!(
        "[{}, {}]{}[{}]",
        parts[0], parts[1], parts[2], parts[3]
    ));
    let mut reader = Reader::new();
    for part in &parts {
        reader.page(part.as_bytes()).unwrap();
    }
    let expected = inventory::read(whole().as_bytes()).unwrap();
    assert_eq!(readable(&reader.finish().unwrap()), readable(&expected));
}

#[test]
fn whole_listings_and_pages_may_be_packed_and_marked() {
    let gzip = |text: &str| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    let bom = |text: &str| format!("\u{feff}{text}");
    check_same(gzip(&whole()));
    check_same(bom(&whole()));
    check_same(gzip(&bom(&whole())));
    let two = [
        page(&[USER], &[GROUP], &[], &[]),
        page(&[], &[], &[ROLE], &[POLICY]),
    ]
    .map(|part| gzip(&part.replace("DOCUMENT", DOCUMENT)));
    check_same(two.concat());
}

#[test]
fn lists_of_an_item_may_be_missing_or_null_and_those_of_a_page_given_twice() {
    let file = r#"{"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [
        {"Arn": "arn:aws:iam::111122223333:role/a", "RolePolicyList": null, "Tags": null, "PermissionsBoundary": null}],
        "RoleDetailList": [{"Arn": "arn:aws:iam::111122223333:role/b"}], "ResponseMetadata": {"HTTPStatusCode": 200}}"#;
    let inventory = inventory::read(file.as_bytes()).unwrap();
    assert_eq!(inventory.principals.len(), 2);
    assert!(inventory.gaps.is_empty());
    let trust = inventory.principals[0].trust.as_ref().unwrap();
    assert!(trust.is_err(), "what was not listed is not known");
}
