//! Two listings: which statements, attachments, users and roles came and went?

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::drift::people::{PrincipalChangeKind, principal_changes};
use audit::drift::policies::{Presence, policy_changes};
use iam::inventory::{Group, InlinePolicy, ManagedPolicy, Principal};
use iam::trust::TrustPolicy;
use iam::{Document, Inventory};

use crate::principals::{inventory, principal, role, user};

fn policy(text: &str) -> InlinePolicy {
    InlinePolicy {
        name: "p".into(),
        document: Arc::new(Document::parse(text)),
    }
}

/// A role with one inline policy.
fn holder(text: &str) -> Inventory {
    let mut one = principal(role("a"), &[]);
    one.inline.push(policy(text));
    inventory(vec![one])
}

fn with(change: impl FnOnce(&mut Principal)) -> Inventory {
    let mut one = principal(role("a"), &[]);
    change(&mut one);
    inventory(vec![one])
}

/// Every change of a place, a line an entry.
fn lines(before: &Inventory, after: &Inventory) -> Vec<String> {
    let mut lines = Vec::new();
    for change in policy_changes(before, after) {
        let presence = match change.presence {
            Presence::Both => "",
            Presence::Appeared => " (new)",
            Presence::Vanished => " (gone)",
        };
        lines.push(format!("{}{presence}", change.place));
        let entry = |sign: char, entry: &serde_json::Value| {
            let text = entry
                .as_str()
                .map_or_else(|| entry.to_string(), str::to_owned);
            format!("{sign} {text}")
        };
        lines.extend(change.removed.iter().map(|one| entry('-', one)));
        lines.extend(change.added.iter().map(|one| entry('+', one)));
        lines.extend(change.unreadable.map(|reason| format!("? {reason}")));
    }
    lines
}

#[track_caller]
fn check(before: &Inventory, after: &Inventory, expected: &[&str]) {
    assert_eq!(lines(before, after), expected);
}

const READ: &str = r#"{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}"#;

fn document(statements: &[&str]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

#[test]
fn order_and_layout_make_no_difference() {
    let deny = r#"{"Effect":"Deny","Action":"*","Resource":["a:*","b:*"]}"#;
    let moved = r#"{ "Resource": ["b:*", "a:*"], "Action": ["*"], "Effect": "Deny" }"#;
    let read = r#"{"Resource":["*"],"Action":["s3:ListBucket","s3:GetObject"],"Effect":"Allow"}"#;
    check(
        &holder(&document(&[READ, deny])),
        &holder(&document(&[moved, read])),
        &[],
    );
}

#[test]
fn a_statement_that_differs_went_and_came() {
    let less = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
    check(
        &holder(&document(&[READ])),
        &holder(&document(&[less])),
        &[
            "inline policy p of role a",
            r#"- {"Action":["s3:GetObject","s3:ListBucket"],"Effect":"Allow","Resource":["*"]}"#,
            r#"+ {"Action":["s3:GetObject"],"Effect":"Allow","Resource":["*"]}"#,
        ],
    );
}

#[test]
fn not_action_not_resource_and_conditions_are_part_of_a_statement() {
    let plain = r#"{"Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
    for other in [
        r#"{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}"#,
        r#"{"Effect":"Deny","Action":"s3:*","NotResource":"*"}"#,
        r#"{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
        r#"{"Sid":"A","Effect":"Deny","Action":"s3:*","Resource":"*"}"#,
    ] {
        let found = lines(&holder(&document(&[plain])), &holder(&document(&[other])));
        assert_eq!(found.len(), 3, "{other}: {found:?}");
    }
}

#[test]
fn a_statement_that_stands_there_twice_is_not_one() {
    check(
        &holder(&document(&[READ, READ])),
        &holder(&document(&[READ])),
        &[
            "inline policy p of role a",
            r#"- {"Action":["s3:GetObject","s3:ListBucket"],"Effect":"Allow","Resource":["*"]}"#,
        ],
    );
}

#[test]
fn an_older_policy_language_may_mean_something_else() {
    let old = document(&[READ]).replace("2012-10-17", "2008-10-17");
    check(
        &holder(&old),
        &holder(&document(&[READ])),
        &[
            "inline policy p of role a",
            r#"- {"Version":"2008-10-17"}"#,
            r#"+ {"Version":"2012-10-17"}"#,
        ],
    );
}

#[test]
fn a_document_that_cannot_be_read_is_never_taken_for_the_same() {
    let (good, broken) = (holder(&document(&[READ])), holder("{}"));
    for (before, after, which) in [
        (&good, &broken, "the later document"),
        (&broken, &good, "the earlier document"),
        (&broken, &broken, "neither document"),
    ] {
        let found = lines(before, after);
        assert_eq!(found[0], "inline policy p of role a");
        assert!(found[1].starts_with(&format!("? {which} can")), "{found:?}");
    }
}

#[test]
fn a_policy_that_came_or_went_is_told_whole() {
    let none = with(|_| {});
    let some = holder(r#"{"Statement":[]}"#);
    check(&none, &some, &["inline policy p of role a (new)"]);
    check(&some, &none, &["inline policy p of role a (gone)"]);
}

#[test]
fn managed_policies_and_those_of_groups_are_compared_too() {
    let account = |text: &str| {
        let managed = ManagedPolicy {
            name: "M".into(),
            version: "v1".into(),
            newest: "v1".into(),
            document: Arc::new(Document::parse(text)),
        };
        let group = Group {
            inline: vec![policy(text)],
            attached: Vec::new(),
        };
        Inventory {
            policies: [("arn:m".into(), managed)].into(),
            groups: BTreeMap::from([("g".into(), group)]),
            ..inventory(vec![])
        }
    };
    let found = lines(&account(&document(&[READ])), &account(&document(&[])));
    let places: Vec<_> = found.iter().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(
        places,
        ["inline policy p of group g", "managed policy arn:m"]
    );
}

#[test]
fn trust_is_compared_by_whom_it_lets_in() {
    let trusts = |text: &str| with(|one| one.trust = Some(Arc::new(TrustPolicy::parse(text))));
    let to = |who: &str| {
        format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole",{who}}}]}}"#)
    };
    let service = to(r#""Principal":{"Service":["b.amazonaws.com","a.amazonaws.com"]}"#);
    let same = to(r#""Principal":{"Service":["a.amazonaws.com","b.amazonaws.com"]}"#);
    check(&trusts(&service), &trusts(&same), &[]);
    check(
        &trusts(&service),
        &trusts(&to(r#""NotPrincipal":{"AWS":"*"}"#)),
        &[
            "trust policy of role a",
            r#"- {"Action":["sts:AssumeRole"],"Effect":"Allow","Principal":{"Service":["a.amazonaws.com","b.amazonaws.com"]}}"#,
            r#"+ {"Action":["sts:AssumeRole"],"Effect":"Allow","NotPrincipal":{"AWS":["*"]}}"#,
        ],
    );
}

#[test]
fn what_is_attached_and_tagged_comes_and_goes_one_by_one() {
    let before = with(|one| {
        one.attached.push("arn:p".into());
        one.groups.push("g".into());
        one.tags.push(("team".into(), "backup".into()));
    });
    let after = with(|one| {
        one.boundary = Some("arn:b".into());
        one.groups.push("g".into());
        one.tags.push(("team".into(), "storage".into()));
        one.instance_profiles.push("i".into());
    });
    check(
        &before,
        &after,
        &[
            "attachments and tags of role a",
            "- policy arn:p",
            "- tag team = backup",
            "+ instance profile i",
            "+ permissions boundary arn:b",
            "+ tag team = storage",
        ],
    );
}

/// Users by name and id: who came, went, was renamed or made anew?
#[track_caller]
fn check_people(before: &[(&str, &str)], after: &[(&str, &str)], expected: &[&str]) {
    let account = |people: &[(&str, &str)]| {
        let people = people.iter().map(|(name, id)| Principal {
            id: (*id).into(),
            ..principal(user(name), &[])
        });
        inventory(people.collect())
    };
    let changes = principal_changes(&account(before), &account(after));
    let lines: Vec<String> = changes
        .iter()
        .map(|change| match &change.kind {
            PrincipalChangeKind::Appeared => format!("+ {}", change.arn.name()),
            PrincipalChangeKind::Vanished => format!("- {}", change.arn.name()),
            PrincipalChangeKind::Renamed(was) => {
                format!("{} from {}", change.arn.name(), was.name())
            }
            PrincipalChangeKind::MadeAnew => format!("{} anew", change.arn.name()),
        })
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn users_are_known_by_their_ids() {
    check_people(&[("a", "1")], &[("a", "1")], &[]);
    check_people(&[("a", "1")], &[("b", "1")], &["b from a"]);
    check_people(&[("a", "1")], &[("a", "2")], &["a anew"]);
    check_people(&[("a", "1")], &[("b", "2")], &["- a", "+ b"]);
    // One takes the other's name.
    check_people(&[("a", "1"), ("b", "2")], &[("b", "1")], &["b from a"]);
    check_people(
        &[("a", "1"), ("b", "2")],
        &[("a", "2"), ("b", "1")],
        &["a from b", "b from a"],
    );
}

#[test]
fn a_listing_without_ids_tells_names_apart() {
    check_people(&[("a", "")], &[("a", ""), ("b", "")], &["+ b"]);
    check_people(&[("a", "1")], &[("a", "")], &[]);
}
