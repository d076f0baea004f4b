//! Fixes: does what is offered close the gap, all of it and nothing else, and is what is refused out of reach?

mod case;
mod promises;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use audit::Settings;
use audit::fix::{Fix, FixError, Holder, fix};
use generator::{Example, Shape, example};
use iam::inventory::{InlinePolicy, ManagedPolicy, Principal};
use iam::{Cause, Document, Layer};
use proptest::prelude::*;

use self::case::Case;
use self::promises::hold;
use crate::outside::{Script, now_or_never};
use crate::principals::{principal, role, user};
use crate::rules::Rules;

/// SCPs of a company that works in two regions and has others make its alarms.
fn scps() -> Vec<Document> {
    let Example {
        scp_root,
        scp_account,
        ..
    } = example();
    [scp_root, scp_account]
        .map(|scp| Document::parse(&serde_json::to_string(&scp).unwrap()).unwrap())
        .into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fix_closes_the_gap_and_nothing_else_and_refuses_only_what_nobody_could_close(
        seed in any::<u64>(),
        regions in prop_oneof![Just("[]"), Just("[\"eu-west-1\"]"), Just("[\"eu-west-1\", \"us-west-2\"]")],
        is_governed in any::<bool>(),
    ) {
        let made = generator::account(&Shape { tagged_percent: 100, ..Shape::mixed(30) }, seed);
        let case = Case {
            inventory: iam::inventory::read(&made.to_json()).unwrap(),
            settings: Settings::parse(&format!("regions = {regions}")).unwrap(),
            scps: if is_governed { scps() } else { Vec::new() },
        };
        let before = case.audit();
        for at in 0..case.inventory.principals.len() {
            hold(&case, &before, at);
        }
    }
}

#[test]
fn the_example_shows_what_can_be_closed_and_what_cannot() {
    let files = example();
    let case = Case {
        inventory: iam::inventory::read(&files.account.to_json()).unwrap(),
        settings: Settings::parse(include_str!("../../../../examples/settings.toml")).unwrap(),
        scps: scps(),
    };
    let before = case.audit();
    let held = (0..case.inventory.principals.len()).map(|at| hold(&case, &before, at));
    let (closed, refused) = held.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(
        closed > 50 && refused > 5,
        "{closed} closed, {refused} refused"
    );
}

fn uploader(tags: &[(&str, &str)]) -> Principal {
    principal(
        user("uploader"),
        &[&[("action-sets", "upload")], tags].concat(),
    )
}

fn grant(principal: &mut Principal, name: &str, document: &str) {
    principal.inline.push(InlinePolicy {
        name: name.into(),
        document: Arc::new(Document::parse(document)),
    });
}

fn texts(fix: &Fix) -> Vec<String> {
    let documents = fix.additions.iter().map(|addition| &addition.document);
    documents
        .map(|document| document.to_json().split_whitespace().collect())
        .collect()
}

#[track_caller]
fn check(principal: Principal, settings: &str, expected: &[&str]) {
    let case = Case::of(principal, settings);
    assert_eq!(texts(&case.only_fix()), expected);
    hold(&case, &case.audit(), 0);
}

#[test]
fn a_statement_names_the_declared_bucket_or_folder() {
    check(
        uploader(&[("bucket", "one two/Veeam/site")]),
        "",
        &[
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteObject","s3:PutObject"],"Resource":["arn:aws:s3:::one/*","arn:aws:s3:::two/Veeam/site/*"]}]}"#,
        ],
    );
    check(
        uploader(&[]),
        "",
        &[
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteObject","s3:PutObject"],"Resource":"*"}]}"#,
        ],
    );
}

#[test]
fn an_action_that_is_missing_in_one_region_is_allowed_in_that_one() {
    let mut one = uploader(&[]);
    grant(
        &mut one,
        "frankfurt",
        r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}}"#,
    );
    check(
        one,
        "regions = [\"eu-central-1\", \"eu-west-1\"]",
        &[
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteObject","s3:PutObject"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}"#,
        ],
    );
}

#[test]
fn what_a_boundary_withholds_is_refused_with_its_layer() {
    let mut one = uploader(&[]);
    one.boundary = Some("arn:aws:iam::111122223333:policy/B".into());
    let mut case = Case::of(one, "");
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}}"#;
    let boundary = ManagedPolicy {
        name: "B".into(),
        version: "v1".into(),
        newest: "v1".into(),
        document: Arc::new(Document::parse(document)),
    };
    let arn = "arn:aws:iam::111122223333:policy/B";
    case.inventory.policies.insert(arn.into(), boundary);
    let fix = case.only_fix();
    let refused = &fix.remedies[0].refused;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].cause, Cause::NotAllowedIn(vec![Layer::Boundary]));
    assert_eq!(fix.boundary.as_deref(), Some(arn));
    assert!(!fix.closes_all());
    assert_eq!(texts(&fix).len(), 1, "the other action can be given");
    assert_eq!(hold(&case, &case.audit(), 0), (1, 1));
}

#[test]
fn what_hangs_on_unknown_context_is_not_said_to_be_closed() {
    let mut one = uploader(&[]);
    grant(
        &mut one,
        "office",
        r#"{"Statement": {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}}"#,
    );
    let fix = Case::of(one, "").only_fix();
    let remedy = &fix.remedies[0];
    assert_eq!((remedy.closed.len(), remedy.refused.len()), (1, 0));
    // Nobody allows it now, so it is not known to be missing: a Deny may hold or not.
    assert_eq!(remedy.unknown.len() + remedy.unsure.len(), 1);
    assert!(fix.leaves_unknown());
}

/// A document of so many characters that allows nothing.
fn padding(characters: usize) -> String {
    let around = r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":""}}"#.len();
    let padding = "x".repeat(characters - around);
    format!(r#"{{"Statement":{{"Effect":"Deny","Action":"a:b","Resource":"{padding}"}}}}"#)
}

fn holders(fix: &Fix) -> Vec<Holder> {
    fix.additions
        .iter()
        .map(|addition| addition.holder)
        .collect()
}

#[test]
fn what_has_no_room_in_the_user_becomes_a_managed_policy() {
    // 2,048 in all, and the fix takes 116.
    for (used, holder) in [
        (2_048 - 116, Holder::Inline),
        (2_048 - 115, Holder::Managed),
    ] {
        let mut one = uploader(&[]);
        grant(&mut one, "much", &padding(used));
        let case = Case::of(one, "");
        let fix = case.only_fix();
        assert_eq!(fix.additions[0].document.characters(), 116);
        assert_eq!(holders(&fix), [holder], "{used}");
        assert_eq!(fix.beyond_quota, 0);
        hold(&case, &case.audit(), 0);
    }
}

#[test]
fn what_can_be_neither_written_in_nor_attached_is_said_to_be_too_much() {
    let mut one = uploader(&[]);
    grant(&mut one, "much", &padding(2_000));
    one.attached = (0..10)
        .map(|n| format!("arn:aws:iam::aws:policy/{n}").into())
        .collect();
    let mut case = Case::of(one, "");
    for arn in case.inventory.principals[0].attached.clone() {
        let document = Document::parse(r#"{"Statement": []}"#);
        let policy = ManagedPolicy {
            name: "p".into(),
            version: "v1".into(),
            newest: "v1".into(),
            document: Arc::new(document),
        };
        case.inventory.policies.insert(arn, policy);
    }
    let fix = case.only_fix();
    assert_eq!(
        (holders(&fix), fix.beyond_quota),
        (vec![Holder::Managed], 1)
    );
    assert!(!fix.closes_all());
}

#[test]
fn many_buckets_are_split_over_policies_that_iam_takes() {
    let buckets: Vec<String> = (0..400)
        .map(|n| format!("\"backups-of-site-{n:03}\""))
        .collect();
    let settings = format!(
        "[[bind]]\nprincipal = \"*\"\naction-sets = [\"upload\"]\nscope = {{ bucket = [{}] }}",
        buckets.join(", ")
    );
    let case = Case::of(principal(user("uploader"), &[]), &settings);
    let fix = case.only_fix();
    assert!(fix.additions.len() > 1 && fix.beyond_quota == 0);
    for addition in &fix.additions {
        assert_eq!(addition.holder, Holder::Managed);
        assert!(addition.document.characters() <= 6_144);
    }
    let names: BTreeSet<&str> = fix.additions.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), fix.additions.len());
}

#[test]
fn a_name_that_is_taken_is_left_alone() {
    let mut one = uploader(&[]);
    grant(&mut one, "Permdrift-Upload", r#"{"Statement": []}"#);
    let fix = Case::of(one, "").only_fix();
    assert_eq!(fix.additions[0].name, "permdrift-upload-2");
}

#[test]
fn trust_and_instance_profile_are_no_business_of_a_policy() {
    let mut one = principal(role("copier"), &[("action-sets", "copy")]);
    grant(
        &mut one,
        "all",
        r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
    );
    one.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(
        r#"{"Statement": []}"#,
    )));
    let fix = Case::of(one, "").only_fix();
    assert!(fix.additions.is_empty() && !fix.closes_all() && !fix.is_needless());
    assert_eq!(
        &*fix.remedies[0].trust.missing,
        ["backup.amazonaws.com".into()]
    );
}

#[test]
fn without_an_answer_there_is_no_fix() {
    let case = Case::of(uploader(&[]), "");
    let mut silent = Rules::default();
    silent.stop_at = Some(String::new());
    let here = Script {
        inventory: Arc::new(case.inventory.clone()),
        rules: Mutex::new(vec![silent]),
        ..Script::default()
    };
    let principal = &case.inventory.principals[0];
    let none = now_or_never(fix(&case.audit(), principal, &here));
    assert_eq!(none, Err(FixError::NoAnswer(principal.arn.clone())));
}
