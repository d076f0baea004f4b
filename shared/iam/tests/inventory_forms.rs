//! Forms of one listing: however it is written, the same inventory comes out; and what is odd in it is reported with its
//! place, without ending the reading.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::io::Write as _;

use iam::inventory::{self, Fault, Gap, Inventory, Reader};

const ROLE: &str = r#"{
    "Path": "/backup/",
    "RoleName": "Veeam",
    "RoleId": "AROAAAAAAAAAAAAAAAAAA",
    "Arn": "arn:aws:iam::111122223333:role/backup/Veeam",
    "CreateDate": "2024-03-01T09:12:44+00:00",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "InstanceProfileList": [{"InstanceProfileName": "VeeamProfile", "Roles": [{"RoleName": "Veeam"}]}],
    "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": DOCUMENT}],
    "AttachedManagedPolicies": [{"PolicyName": "Shared", "PolicyArn": "arn:aws:iam::111122223333:policy/Shared"}],
    "PermissionsBoundary": {"PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/Limits"},
    "Tags": [{"Key": "veeam:bucket", "Value": "b"}],
    "RoleLastUsed": {"LastUsedDate": "2026-01-01T00:00:00+00:00", "Region": "eu-west-1"}
}"#;

const USER: &str = r#"{"UserName": "ann", "UserId": "AIDAAAAAAAAAAAAAAAAAA",
    "Arn": "arn:aws:iam::111122223333:user/ann", "CreateDate": "2023-03-01T09:12:44+00:00",
    "GroupList": ["ops"], "AttachedManagedPolicies": []}"#;

const GROUP: &str = r#"{"GroupName": "ops", "Arn": "arn:aws:iam::111122223333:group/ops",
    "GroupPolicyList": [{"PolicyName": "inline", "PolicyDocument": DOCUMENT}],
    "AttachedManagedPolicies": [{"PolicyName": "Shared", "PolicyArn": "arn:aws:iam::111122223333:policy/Shared"}]}"#;

const POLICY: &str = r#"{"PolicyName": "Shared", "Arn": "arn:aws:iam::111122223333:policy/Shared",
    "DefaultVersionId": "v2", "PolicyVersionList": [
        {"Document": {"odd": true}, "VersionId": "v10", "IsDefaultVersion": false},
        {"Document": DOCUMENT, "VersionId": "v2", "IsDefaultVersion": true},
        {"Document": {"odd": true}, "VersionId": "v9", "IsDefaultVersion": false}]}"#;

/// The lists besides that of the roles.
const EMPTY: &str = r#""UserDetailList": [], "GroupDetailList": [], "Policies": []"#;

const DOCUMENT: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;

const ENCODED: &str = r#""%7B%22Version%22%3A%20%222012-10-17%22%2C%20%22Statement%22%3A%20%7B%22Effect%22%3A%20%22Allow%22%2C%20%22Action%22%3A%20%22s3%3A*%22%2C%20%22Resource%22%3A%20%22%2A%22%7D%7D""#;

fn page(users: &[&str], groups: &[&str], roles: &[&str], policies: &[&str]) -> String {
    format!(
        r#"{{"UserDetailList": [{}], "GroupDetailList": [{}], "RoleDetailList": [{}], "Policies": [{}]}}"#,
        users.join(","),
        groups.join(","),
        roles.join(","),
        policies.join(",")
    )
}

fn whole() -> String {
    page(&[USER], &[GROUP], &[ROLE], &[POLICY]).replace("DOCUMENT", DOCUMENT)
}

/// Everything in an inventory, in a fixed order.
fn readable(inventory: &Inventory) -> String {
    let policies: std::collections::BTreeMap<_, _> = inventory.policies.iter().collect();
    format!(
        "{:?}\n{:#?}\n{:#?}\n{policies:#?}\n{:#?}",
        inventory.account, inventory.principals, inventory.groups, inventory.gaps
    )
}

#[track_caller]
fn check_same(file: impl AsRef<[u8]>) {
    let expected = inventory::read(whole().as_bytes()).unwrap();
    assert!(expected.gaps.is_empty(), "{:?}", expected.gaps);
    let found = inventory::read(file.as_ref()).unwrap();
    assert_eq!(readable(&found), readable(&expected));
}

/// What the gaps of a file say, each as `what, line:column: reason`.
#[track_caller]
fn check_gaps(file: &str, expected: &[&str]) {
    let inventory = inventory::read(file.as_bytes()).unwrap();
    let place = |fault: &Fault| format!("{}:{}: {}", fault.line, fault.column, fault.reason);
    let found: Vec<String> = inventory
        .gaps
        .iter()
        .map(|gap| match gap {
            Gap::Truncated => "truncated".to_owned(),
            Gap::Item { what, fault } => format!("{what}, {}", place(fault)),
            Gap::Part { what, reason } => format!("{what}: {reason}"),
        })
        .collect();
    assert_eq!(found, expected);
}

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

#[test]
fn a_listing_without_one_of_its_lists_says_which_and_what_prints_it() {
    let lacks = |what: &str| {
        format!(
            "{what}: not in the listing, so nobody knows what AWS has there: pass all that `aws iam get-account-authorization-details` prints, without `--query`"
        )
    };
    check_gaps(
        r#"{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": []}"#,
        &[&lacks("the list `Policies`")],
    );
    check_gaps(
        r#"{"RoleDetailList": [], "Policies": null} {"GroupDetailList": []}"#,
        &[&lacks("the lists `UserDetailList`, `Policies`")],
    );
    let spread = r#"[{"RoleDetailList": [], "Policies": []}, {"GroupDetailList": [], "UserDetailList": []}]"#;
    check_gaps(spread, &[]);
}

#[test]
fn a_listing_whose_last_page_is_missing_says_so() {
    for key in [
        r#""IsTruncated": true, "Marker": "m""#,
        r#""IsTruncated": true"#,
        r#""Marker": "m""#,
        r#""NextToken": "eyJNYXJrZXIi""#,
    ] {
        check_gaps(
            &format!(r#"{{"RoleDetailList": [], {EMPTY}, {key}}}"#),
            &["truncated"],
        );
        check_gaps(
            &format!(r#"[{{"RoleDetailList": [], {key}}}, {{"RoleDetailList": [], {EMPTY}}}]"#),
            &[],
        );
        check_gaps(
            &format!(r#"{{"RoleDetailList": []}} {{"RoleDetailList": [], {key}}}"#),
            &["truncated"],
        );
    }
    for key in [
        r#""IsTruncated": false"#,
        r#""IsTruncated": null, "Marker": null"#,
        r#""NextToken": null"#,
    ] {
        check_gaps(&format!(r#"{{"RoleDetailList": [], {EMPTY}, {key}}}"#), &[]);
    }
    let inventory = Reader::new().finish().unwrap();
    assert_eq!(
        inventory.gaps,
        [Gap::Truncated],
        "nothing read is not an empty account"
    );
}

#[test]
fn an_odd_item_is_a_gap_and_the_others_are_read() {
    let file = r#"{"RoleDetailList": [
    {"RoleName": "nameless"},
    {"Arn": "arn:aws:iam::111122223333:role/tags", "Tags": {"a": "b"}},
    {"Arn": "arn:aws:iam::111122223333:role/good"},
    7,
    {"Arn": "arn:aws:iam::111122223333:user/astray"},
    {"Arn": ""},
    {"Arn": "arn:aws:iam::111122223333:role/twice", "Arn": "arn:aws:iam::111122223333:role/thrice"}
], "Policies": [
    {"PolicyName": "p", "PolicyVersionList": [{"Document": {}, "IsDefaultVersion": "yes"}]}
]}
{"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/good"}, []], "GroupDetailList": []}"#;
    check_gaps(
        file,
        &[
            "role `nameless`, 2:28: missing field `Arn`",
            "role `arn:aws:iam::111122223333:role/tags`, 3:59: invalid type: map, expected a sequence",
            "role without a name, 5:5: invalid type: integer `7`, expected an object with `Arn`",
            "role `arn:aws:iam::111122223333:user/astray`, 6:14: `arn:aws:iam::111122223333:user/astray` stands in the list of roles",
            "role ``, 7:14: `` is no ARN: expected `arn:partition:service:region:account:resource`",
            "role `arn:aws:iam::111122223333:role/thrice`, 8:57: duplicate field `Arn`",
            "policy `p`, 10:88: invalid type: string \"yes\", expected a boolean",
            "user without a name, 12:70: invalid length 0, expected an object with `Arn`",
        ],
    );
    let inventory = inventory::read(file.as_bytes()).unwrap();
    let names: Vec<&str> = inventory
        .principals
        .iter()
        .map(|one| one.arn.name())
        .collect();
    assert_eq!(names, ["good", "good"]);
}

#[test]
fn a_malformed_document_has_its_place_in_the_file() {
    #[track_caller]
    fn check(document: &str, place: (usize, usize), reason: &str) {
        let file = format!(
            "{{\"RoleDetailList\": [\n  {{\"Arn\": \"arn:aws:iam::111122223333:role/a\", \"RolePolicyList\": [\n    {{\"PolicyName\": \"p\", \"PolicyDocument\": {document}}}]}}], {EMPTY}}}"
        );
        let inventory = inventory::read(file.as_bytes()).unwrap();
        assert!(inventory.gaps.is_empty(), "{:?}", inventory.gaps);
        let fault = inventory.principals[0].inline[0]
            .document
            .as_ref()
            .as_ref()
            .unwrap_err();
        assert_eq!((fault.line, fault.column), place, "{fault:?}");
        assert!(fault.reason.contains(reason), "{fault:?}");
    }
    check("7", (3, 43), "expected");
    check(
        "{\n  \"Statement\": [\n  {\"Effect\": \"Alow\"}]}",
        (5, 20),
        "Alow",
    );
    check("\"%7B%22Statement%22%3A%20[[]]%7D\"", (3, 68), "");
    check("\"not json\"", (3, 45), "");
    check("\"%FF\"", (3, 44), "UTF-8");
    check("\"\\u0025FF\"", (3, 43), "UTF-8");
}

#[test]
fn what_is_longer_than_iam_holds_is_a_fault() {
    let document = |characters: usize| {
        let head = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":""#;
        let rest = characters - head.len() - 3;
        format!("{head}{}\"}} \n }}", "x".repeat(rest))
    };
    let check = |file: &str, expected: [Option<&str>; 2]| {
        let inventory = inventory::read(file.as_bytes()).unwrap();
        let inline = inventory.principals[0].inline.first();
        let managed = inventory.policies.values().next();
        let documents = [
            inline.map(|one| &one.document),
            managed.map(|one| &one.document),
        ];
        let found = documents.map(|one| one.and_then(|one| one.as_ref().as_ref().err()));
        let found = found.map(|fault| fault.map(Fault::to_string));
        assert_eq!(found.each_ref().map(Option::as_deref), expected);
    };
    let file = |inline: usize, managed: usize| {
        let role = ROLE.replace("DOCUMENT", &document(inline));
        let policy = POLICY.replace("DOCUMENT", &document(managed));
        page(&[], &[], &[&role], &[&policy])
    };
    check(&file(10_240, 6_144), [None, None]);
    let most = |characters, most, line| {
        format!(
            "it has {characters} characters without white space, and IAM holds at most {most} in such a policy (line {line})"
        )
    };
    check(
        &file(10_241, 6_145),
        [
            Some(&most(10_241, 10_240, 10)),
            Some(&most(6_145, 6_144, 20)),
        ],
    );
    // The same text may be too long for one kind only; AWS's own policies may be longer.
    let both = file(7_000, 7_000);
    check(&both, [None, Some(&most(7_000, 6_144, 20))]);
    let own = both.replace("111122223333:policy/Shared", "aws:policy/Shared");
    check(&own, [None, None]);
}

#[test]
fn a_policy_without_a_version_in_force_is_a_fault() {
    let file = r#"{"UserDetailList": [], "Policies": [
        {"Arn": "arn:aws:iam::111122223333:policy/none", "PolicyVersionList": []},
        {"Arn": "arn:aws:iam::111122223333:policy/old", "PolicyVersionList": [{"VersionId": "v1", "Document": {}}]}]}"#;
    let inventory = inventory::read(file.as_bytes()).unwrap();
    assert_eq!(inventory.account.unwrap().as_str(), "111122223333");
    for policy in inventory.policies.values() {
        let fault = policy.document.as_ref().as_ref().unwrap_err();
        assert_eq!(
            fault.reason.as_ref(),
            "the listing holds no default version of the policy"
        );
    }
}

#[test]
fn what_is_listed_twice_is_there_once() {
    let both = format!("{0}{0}", whole());
    check_same(both);
    let changed = format!("{}{}", whole(), whole().replace("s3:*", "ec2:*"));
    check_gaps(
        &changed,
        &[
            "group `ops`, 0:0: it is listed twice with different content, and only one can hold: list the account again in one go",
            "policy `arn:aws:iam::111122223333:policy/Shared`, 0:0: it is listed twice with different content, and only one can hold: list the account again in one go",
            "role `arn:aws:iam::111122223333:role/backup/Veeam`, 0:0: it is listed twice with different content, and only one can hold: list the account again in one go",
        ],
    );
    let inventory = inventory::read(changed.as_bytes()).unwrap();
    assert_eq!(inventory.principals.len(), 2);
    let kept = inventory.principals[0].inline[0]
        .document
        .as_ref()
        .as_ref()
        .unwrap();
    assert_eq!(
        kept.statements[0].action.patterns,
        ["ec2:*".into()],
        "the later one is kept"
    );
}
