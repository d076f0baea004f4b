//! Excess: what is found that a principal can do beyond its sets, how bad it is, and what is left alone?

use std::sync::Arc;

use audit::assessment::Danger;
use audit::judge::escalation::WAYS;
use audit::{Assessment, Baseline, ChangeKind, Code, Level, Selection, Settings, advance, observe};
use iam::inventory::{InlinePolicy, ManagedPolicy, Principal};
use iam::{Document, Inventory, ServiceControl};

use crate::phases::{asked, compare, looked};
use crate::principals::{account, inventory, principal, user};

const NOW: &str = "2026-11-22T06:00:00Z";

fn holder(statements: &[&str]) -> Principal {
    let mut one = principal(
        user("a"),
        &[("action-sets", "upload"), ("regions", "eu-west-1")],
    );
    for (at, statement) in statements.iter().enumerate() {
        let text = format!(r#"{{"Statement": {statement}}}"#);
        one.inline.push(InlinePolicy {
            name: format!("p{at}").into(),
            document: Arc::new(Document::parse(&text)),
        });
    }
    one
}

fn audited(inventory: &Inventory, settings: &str, selection: &Selection) -> Assessment {
    let settings = Settings::parse(settings).unwrap();
    looked(
        inventory,
        &asked(&settings, NOW, selection),
        ServiceControl::default(),
    )
    .assessment
}

const ALL: &str = "excess = \"wildcard\"";

/// What is found beyond the sets of one user, by name.
fn found(inventory: &Inventory, settings: &str) -> Vec<String> {
    let found = audited(inventory, settings, &Selection::default());
    let dangers = found.excess.iter().flatten().flat_map(|one| &one.dangers);
    dangers
        .map(|danger| danger.item().name.to_string())
        .collect()
}

#[track_caller]
fn check(statements: &[&str], expected: &[&str]) {
    let here = inventory(vec![holder(statements)]);
    assert_eq!(found(&here, ALL), expected);
}

const EVERYTHING: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;

#[test]
fn an_administrator_is_called_that_and_nothing_else() {
    check(&[EVERYTHING], &["anything at all"]);
}

#[test]
fn an_administrator_satisfies_its_sets_and_is_told_of_only_where_somebody_asks() {
    let here = inventory(vec![holder(&[EVERYTHING])]);
    let quiet = audited(&here, "", &Selection::default());
    assert_eq!(quiet.verdicts[0].judgement(), audit::Judgement::Compliant);
    assert_eq!(quiet.verdicts[0].notices, []);
    assert_eq!(quiet.excess, None);
    assert_eq!(
        found(&here, "excess = \"administrator\""),
        ["anything at all"]
    );
    assert!(
        observe(&quiet, &Settings::default())
            .values()
            .all(|one| one.code != Code::ExcessAccess)
    );
}

#[test]
fn an_administrator_whose_boundary_keeps_him_from_iam_is_none() {
    let mut one = holder(&[EVERYTHING]);
    let arn: Box<str> = "arn:aws:iam::111122223333:policy/B".into();
    one.boundary = Some(arn.clone());
    let mut here = inventory(vec![one]);
    let document =
        r#"{"Statement": {"Effect": "Allow", "Action": ["s3:*", "glue:*"], "Resource": "*"}}"#;
    let boundary = ManagedPolicy {
        name: "B".into(),
        version: "v1".into(),
        newest: "v1".into(),
        document: Arc::new(Document::parse(document)),
    };
    here.policies.insert(arn, boundary);
    assert_eq!(found(&here, ALL), [""; 0]);
}

#[test]
fn actions_that_lead_further_together_are_told_together() {
    check(
        &[
            r#"{"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}"#,
        ],
        &["iam:PassRole and ec2:RunInstances"],
    );
    check(
        &[r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}"#],
        &[],
    );
    // On one role only it may be just what the user is for.
    check(
        &[
            r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/worker"}"#,
            r#"{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}"#,
        ],
        &[],
    );
}

#[test]
fn what_a_set_needs_is_no_excess() {
    let mut one =
        holder(&[r#"{"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*"}"#]);
    assert_eq!(
        found(&inventory(vec![one.clone()]), ALL),
        ["iam:PutRolePolicy"]
    );
    one.tags[0].1 = "upload grant-once".into();
    assert_eq!(found(&inventory(vec![one]), ALL), [""; 0]);
}

#[test]
fn a_service_that_no_set_needs_is_told_with_its_policy() {
    check(
        &[
            r#"{"Effect": "Allow", "Action": ["s3:*", "sqs:*", "braket:*", "sns:Get*"], "Resource": "*"}"#,
        ],
        &["braket:*", "sqs:*"],
    );
    check(
        &[r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:veeam-*"}"#],
        &[],
    );
    check(
        &[
            r#"{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#,
            r#"{"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}"#,
        ],
        &[],
    );
}

#[test]
fn everything_but_some_is_told_as_it_is_written() {
    let here = inventory(vec![holder(&[
        r#"{"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}"#,
    ])]);
    let found = found(&here, ALL);
    assert!(
        found.contains(&"everything but iam:*, sts:*".to_owned()),
        "{found:?}"
    );
    assert!(found.contains(&"ssm:SendCommand".to_owned()), "{found:?}");
}

#[test]
fn the_worst_danger_decides_the_level_and_the_threshold_what_is_told() {
    let both = r#"{"Effect": "Allow", "Action": ["sqs:*", "iam:PutUserPolicy"], "Resource": "*"}"#;
    let here = inventory(vec![holder(&[both])]);
    let level = |settings: &str| {
        let found = audited(&here, settings, &Selection::default());
        let findings = observe(&found, &Settings::default()).into_values();
        findings
            .filter(|one| one.code == Code::ExcessAccess)
            .map(|one| (one.level, one.items.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(level(ALL), [(Level::Medium, 2)]);
    assert_eq!(level("excess = \"escalation\""), [(Level::Medium, 1)]);
    assert_eq!(level("excess = \"administrator\""), []);
    let error = Settings::parse("excess = \"admin\"")
        .unwrap_err()
        .to_string();
    assert!(error.contains("`admin` is no danger"), "{error}");
}

#[test]
fn what_nobody_looked_for_any_more_is_not_gone() {
    let settings = Settings::parse(ALL).unwrap();
    let before = inventory(vec![holder(&[EVERYTHING])]);
    let found = audited(&before, ALL, &Selection::default());
    let empty = Baseline::empty(account());
    let changes = compare(&found, &empty, &settings);
    let baseline = advance(empty, &found, changes, &settings).baseline;

    let after = inventory(vec![holder(&[
        r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#,
    ])]);
    let unasked = audited(&after, "", &Selection::default());
    assert_eq!(compare(&unasked, &baseline, &settings), []);
    let of_sets = Selection {
        principals: None,
        sets: Some([Box::from("upload")].into()),
    };
    let partly = audited(&after, ALL, &of_sets);
    assert_eq!(compare(&partly, &baseline, &settings), []);
    let asked = audited(&after, ALL, &Selection::default());
    let changes = compare(&asked, &baseline, &settings);
    assert!(matches!(changes[..], [ref one] if matches!(one.kind, ChangeKind::Vanished(_))));
}

#[test]
fn what_hangs_on_unknown_context_is_not_claimed() {
    let here = inventory(vec![holder(&[
        r#"{"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#,
    ])]);
    let found = audited(&here, ALL, &Selection::default());
    let excess = &found.excess.as_ref().unwrap()[0];
    assert!(excess.dangers.is_empty());
    let unknown: Vec<_> = excess.unknown.iter().collect();
    assert!(
        matches!(unknown[..], [Danger::Escalation(_)]),
        "{unknown:?}"
    );
}

#[test]
fn the_ways_name_actions_that_can_be_asked_about_each_way_once() {
    let mut seen = std::collections::BTreeSet::new();
    for way in &WAYS {
        let mut actions: Vec<iam::ActionName> = way
            .actions
            .iter()
            .map(|name| name.parse().unwrap())
            .collect();
        for action in &actions {
            let known = catalog::known_action(action);
            assert!(
                known.is_none_or(|known| known.name == action.as_str()),
                "{action}"
            );
        }
        actions.sort();
        assert!(seen.insert(actions), "{way:?}");
    }
}
