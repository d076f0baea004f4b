//! Gaps: what is odd, lacking or listed twice is told with its place, and the rest is read.

use iam::inventory::{self, Fault, Gap, Reader};

use crate::listing::{DOCUMENT, EMPTY, GROUP, POLICY, ROLE, check_gaps, check_same, page, whole};

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
fn a_listing_that_says_twice_whether_more_follows_says_where() {
    for (key, one, other) in [
        ("IsTruncated", "true", "false"),
        ("IsTruncated", "false", "true"),
        ("IsTruncated", "false", "false"),
        ("NextToken", "null", "null"),
    ] {
        let text =
            format!("{{\"RoleDetailList\": [], {EMPTY}, \"{key}\": {one},\n \"{key}\": {other}}}");
        let inventory = inventory::read(text.as_bytes()).unwrap();
        let gaps = inventory.gaps.iter().filter_map(|gap| match gap {
            Gap::Item { what, fault } => Some((&**what, fault.line)),
            Gap::Part { .. } | Gap::Truncated => None,
        });
        let what = format!("`{key}`");
        assert_eq!(gaps.collect::<Vec<_>>(), [(&*what, 2)]);
    }
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
        let head = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::"#;
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
fn several_versions_in_force_are_a_fault_unless_they_say_the_same() {
    let fault = |second: &str| {
        let version =
            |document: &str| format!(r#"{{"IsDefaultVersion": true, "Document": {document}}}"#);
        let first = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
        let (first, second) = (version(first), version(second));
        let file = format!(
            r#"{{"UserDetailList": [], "Policies": [
            {{"Arn": "arn:aws:iam::111122223333:policy/p", "PolicyVersionList": [{first}, {second}]}}]}}"#
        );
        let inventory = inventory::read(file.as_bytes()).unwrap();
        let policy = inventory.policies.values().next().unwrap();
        let fault = policy.document.as_ref().as_ref().err();
        fault.map(|fault| fault.reason.to_string())
    };
    let several =
        "the listing marks several versions of the policy as its default, with different documents";
    let other = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}"#;
    assert_eq!(fault(other).as_deref(), Some(several));
    assert_eq!(fault("{}").as_deref(), Some(several));
    let same = r#"{"Version": "2012-10-17",  "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    assert_eq!(fault(same), None);
}

#[test]
fn a_default_that_no_version_is_marked_as_is_a_fault() {
    let fault = |named: &str| {
        let file = format!(
            r#"{{"UserDetailList": [], "Policies": [{{"Arn": "arn:aws:iam::111122223333:policy/p", {named}
            "PolicyVersionList": [
                {{"VersionId": "v2", "IsDefaultVersion": false, "Document": {{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}}}}},
                {{"VersionId": "v1", "IsDefaultVersion": true, "Document": {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}}}}]}}]}}"#
        );
        let inventory = inventory::read(file.as_bytes()).unwrap();
        let policy = inventory.policies.values().next().unwrap();
        let fault = policy.document.as_ref().as_ref().err();
        fault.map(|fault| fault.reason.to_string())
    };
    assert_eq!(fault(""), None);
    assert_eq!(fault(r#""DefaultVersionId": "v1","#), None);
    for named in ["v2", "v9"] {
        let found = fault(&format!(r#""DefaultVersionId": "{named}","#));
        let expected = "the listing marks another version of the policy as its default than `DefaultVersionId` names";
        assert_eq!(found.as_deref(), Some(expected));
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
}

#[test]
fn what_is_listed_twice_has_what_both_say_and_else_nothing_that_can_be_read() {
    const OTHER: &str =
        r#"{"PolicyName": "other", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}"#;
    let role = ROLE.replace("DOCUMENT", DOCUMENT);
    let changed = role
        .replace(
            "}],\n    \"AttachedManaged",
            &format!("}}, {OTHER}],\n    \"AttachedManaged"),
        )
        .replace("policy/Limits", "policy/Looser")
        .replace("backup.amazonaws.com", "ec2.amazonaws.com")
        .replace("veeam:bucket", "veeam:regions");
    let group = GROUP.replace("DOCUMENT", DOCUMENT);
    let emptied = r#"{"GroupName": "ops", "GroupPolicyList": []}"#;
    let file = page(&[], &[&group, emptied], &[&role, &changed], &[]);
    let inventory = inventory::read(file.as_bytes()).unwrap();
    let role = &inventory.principals[0];
    let readable: Vec<_> = role
        .inline
        .iter()
        .map(|one| (&*one.name, one.document.is_ok()))
        .collect();
    let rest = ("what differs between its two listings", false);
    assert_eq!(readable, [("inline", true), rest]);
    assert_eq!(
        role.attached,
        ["arn:aws:iam::111122223333:policy/Shared".into()]
    );
    assert_eq!(role.boundary, None);
    assert!(role.trust.as_ref().unwrap().is_err());
    let tags: Vec<&str> = role.tags.iter().map(|(key, _)| &**key).collect();
    assert_eq!(tags, ["veeam:regions", "veeam:bucket"]);
    let group = &inventory.groups["ops"];
    let readable: Vec<_> = group
        .inline
        .iter()
        .map(|one| (&*one.name, one.document.is_ok()))
        .collect();
    assert_eq!(readable, [rest]);
    let policy = POLICY.replace("DOCUMENT", DOCUMENT);
    let changed = policy.replace("s3:*", "ec2:*");
    let file = page(&[], &[], &[], &[&policy, &changed]);
    let inventory = inventory::read(file.as_bytes()).unwrap();
    let mut policies = inventory.policies.values();
    assert!(policies.all(|policy| policy.document.is_err()));
    assert_eq!(inventory.policies.len(), 1);
}
