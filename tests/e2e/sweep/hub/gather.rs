//! Gathering: what is told of accounts that were audited before, and of those that were not; and that a run that dies, or two at once, lose
//! nothing and tell nothing wrong.

mod seed;

use std::collections::BTreeSet;

use e2e::bridge::REGION;
use e2e::lambda::Lambda;
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::{Rig, Told};
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use serde_json::{Value, json};

use crate::site::{Bucket, SETTINGS, TIME, account, answer, failure};
use seed::{commit, commit_lost, fourteen_in_nine, put_run};

fn gather(bucket: &Bucket<'_>, rig: &Rig<'_>, name: &str) -> Lambda {
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:{name}");
    bucket.function(
        rig,
        &[
            ("PERMDRIFT_FUNCTION", "gather"),
            ("PERMDRIFT_TOPIC", &topic),
        ],
    )
}

fn event(run: &str) -> Value {
    json!({ "run": run, "below": null })
}

fn subjects(told: &Told) -> BTreeSet<&str> {
    told.people
        .iter()
        .map(|(subject, _)| subject.as_str())
        .collect()
}

/// The alerts that are triggered and resolved: step, and id.
fn alerts(told: &Told) -> Vec<(&str, &str)> {
    let alerts = told
        .machines
        .iter()
        .filter(|(kind, _)| kind.starts_with("Alert"));
    alerts
        .map(|(kind, detail)| (kind.as_str(), detail["alert"]["id"].as_str().unwrap()))
        .collect()
}

const OPENED: &str =
    "HIGH new: SCP guardrails, statement NoCopies, denies what 14 principals in 9 accounts need";

#[test]
fn one_cause_is_told_once_and_accounts_that_were_not_audited_too() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(
        &server,
        "gathered",
        &account(ACCOUNT, 0),
        Conduct::default(),
    );
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-gathered");
    let mut function = gather(&bucket, &rig, "gathered");
    let failed = failure(&mut function, &event("run-0"));
    assert!(failed.contains("no roster"), "{failed}");

    fourteen_in_nine(&rig);
    put_run(&bucket, "run-1", 0..12, 0..10, Some(10));
    drop(rig.told());
    let done = answer(&mut function, &event("run-1"), TIME);
    assert_eq!(
        [
            &done["messages"],
            &done["accounts"],
            &done["notAudited"],
            &done["report"]
        ],
        [
            &json!(3),
            &json!(12),
            &json!(2),
            &json!("reports/run-1.html")
        ],
        "{done}\n{}",
        function.log()
    );
    let told = rig.told();
    let expected = BTreeSet::from([OPENED, "HIGH new: the audit of 1 account failed"]);
    assert_eq!(subjects(&told), expected);
    let (_, text) = told
        .people
        .iter()
        .find(|(subject, _)| subject == OPENED)
        .unwrap();
    assert!(
        text.contains("/s3/object/hub-of-gathered?region="),
        "{text}"
    );
    assert!(
        text.contains("111111111118 member-8 (r-ab12/ou-ab12-11111111)"),
        "{text}"
    );
    let triggered = alerts(&told);
    assert_eq!(triggered.len(), 3, "{triggered:?}");
    assert!(
        triggered
            .iter()
            .all(|(_, id)| told.people.iter().any(|(_, text)| text.contains(id)))
    );
    let opened: Vec<&Value> = told
        .machines
        .iter()
        .filter(|(kind, _)| kind == "Finding Opened")
        .map(|(_, detail)| &detail["metadata"])
        .collect();
    assert_eq!(opened.len(), 2, "{opened:?}");
    assert_eq!(
        opened[0]["organizationalUnits"],
        json!(["r-ab12", "ou-ab12-11111111"])
    );
    for suffix in ["html", "json", "md", "csv"] {
        let of_run = bucket.get(&format!("reports/run-1.{suffix}")).unwrap();
        assert!(of_run.contains("member-8"), "{suffix}");
        assert_eq!(bucket.get(&format!("report.{suffix}")), Some(of_run));
    }

    // A redrive. What one audit kept was spoiled meanwhile: that is another reason than that it did not come to its end.
    let kept = bucket.get("accounts/111111111112.json").unwrap();
    bucket.put("accounts/111111111112.json", "{");
    let spoiled = answer(&mut function, &event("run-1"), TIME);
    assert_eq!(
        [&spoiled["messages"], &spoiled["notAudited"]],
        [&json!(1), &json!(3)]
    );
    let (_, text) = &rig.told().people[0];
    assert!(text.contains("cannot be used"), "{text}");
    bucket.put("accounts/111111111112.json", &kept);
    commit(&rig, 2, &["nightly", "weekly"]);
    answer(&mut function, &event("run-1"), TIME);
    drop(rig.told());
    let again = answer(&mut function, &event("run-1"), TIME);
    assert_eq!(
        [&again["messages"], &again["notAudited"]],
        [&json!(0), &json!(2)]
    );
    let told = rig.told();
    assert!(
        told.people.is_empty() && told.machines.is_empty(),
        "{told:?}"
    );

    // The SCP is repaired where it was, and one account leaves.
    (0..8).for_each(|at| commit(&rig, at, &[]));
    put_run(
        &bucket,
        "run-2",
        (0..8).chain(9..12),
        (0..8).chain([9]),
        Some(10),
    );
    let done = answer(&mut function, &event("run-2"), TIME);
    assert_eq!(
        [&done["messages"], &done["left"]],
        [&json!(1), &json!(1)],
        "{done}"
    );
    let told = rig.told();
    let resolved = subjects(&told);
    assert!(
        resolved
            .iter()
            .all(|subject| subject.starts_with("Resolved: SCP guardrails")),
        "{resolved:?}"
    );
    assert_eq!(alerts(&told).len(), 1);
    assert!(
        triggered.iter().any(|(_, id)| *id == alerts(&told)[0].1),
        "under the id that it had"
    );
    let ended = told
        .machines
        .iter()
        .filter(|(kind, _)| kind == "Finding Resolved");
    assert_eq!(
        ended.count(),
        1,
        "the account that left has no findings any more"
    );
    let again = answer(&mut function, &event("run-2"), TIME);
    assert_eq!([&again["messages"], &again["left"]], [&json!(0), &json!(0)]);
    assert!(rig.told().people.is_empty());
}

#[test]
fn many_accounts_of_their_own_are_one_mail_and_an_alert_for_each() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "many", &account(ACCOUNT, 0), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-many");
    let mut function = gather(&bucket, &rig, "many");
    (0..30).for_each(|at| commit_lost(&rig, at, &["nightly"]));
    put_run(&bucket, "run-1", 0..30, 0..30, None);
    let mut run = |rig: &Rig<'_>| {
        drop(rig.told());
        let done = answer(&mut function, &event("run-1"), TIME);
        (done["messages"].as_u64(), rig.told())
    };
    let (messages, told) = run(&rig);
    assert_eq!(messages, Some(30));
    let opened = "HIGH new: 30 alerts of 30 accounts, in one message";
    assert_eq!(subjects(&told), [opened].into());
    let (_, text) = &told.people[0];
    assert!(
        text.contains("missing-actions, Copies: 30 accounts. Copies fail.\n"),
        "{text}"
    );
    let triggered: BTreeSet<&str> = alerts(&told).into_iter().map(|(_, id)| id).collect();
    assert_eq!(triggered.len(), 30);
    assert!(triggered.iter().all(|id| text.contains(id)), "{text}");
    let (messages, _) = run(&rig);
    assert_eq!(messages, Some(0), "once");

    // A roster of a newer release is not guessed at: nobody left because of it, and nothing is over.
    let roster = bucket.get("roster.json").unwrap();
    let report = bucket.get("report.json");
    bucket.put("roster.json", r#"{"schemaVersion":2}"#);
    let mut other = gather(&bucket, &rig, "many");
    let why = failure(&mut other, &event("run-1"));
    assert!(why.contains("the newest known is 1"), "{why}");
    let told_of = rig.told();
    assert!(told_of.people.is_empty() && told_of.machines.is_empty());
    assert_eq!(bucket.get("report.json"), report);
    bucket.put("roster.json", &roster);

    (0..30).for_each(|at| commit_lost(&rig, at, &[]));
    let (messages, told) = run(&rig);
    assert_eq!(messages, Some(30));
    let resolved = "Resolved: 30 alerts of 30 accounts, in one message";
    assert_eq!(subjects(&told), [resolved].into());
    let ended: BTreeSet<&str> = alerts(&told).into_iter().map(|(_, id)| id).collect();
    let all: Vec<String> = triggered.iter().map(ToString::to_string).collect();
    assert!(all.iter().all(|id| ended.contains(id.as_str())));
}

#[test]
fn a_run_that_dies_before_it_commits_is_told_again_under_the_same_id() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "dying", &account(ACCOUNT, 0), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-dying");
    fourteen_in_nine(&rig);
    put_run(&bucket, "run-1", 0..9, 0..9, None);
    let mut function = gather(&bucket, &rig, "dying");
    for (operation, nth, is_told) in [
        ("dynamodb.PutItem", 0, false),
        ("dynamodb.PutItem", 1, true),
        ("sns.Publish", 0, false),
        ("events.PutEvents", 0, true),
        ("s3./hub-of-dying/report.html", 0, false),
        ("s3./hub-of-dying/roster.json", 0, false),
        ("dynamodb.Query", 0, false),
    ] {
        rig.proxy.spoil(Some(Plan {
            operation: operation.to_owned(),
            nth,
            fault: Fault::Deny,
            times: Times::Always,
        }));
        drop(rig.told());
        let why = failure(&mut function, &event("run-1"));
        assert!(!why.is_empty());
        let told = rig.told();
        assert_eq!(
            subjects(&told).contains(OPENED),
            is_told,
            "{operation} {nth}: {why}"
        );
    }
    rig.proxy.spoil(None);
    let done = answer(&mut function, &event("run-1"), TIME);
    assert_eq!(done["threads"]["opened"], 1, "{done}");
    let told = rig.told();
    assert_eq!(subjects(&told), [OPENED].into());
    assert_eq!(alerts(&told).len(), 1);
    assert_eq!(answer(&mut function, &event("run-1"), TIME)["messages"], 0);
}

#[test]
fn two_runs_at_once_both_end_and_tell_one_thing() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "twice", &account(ACCOUNT, 0), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-twice");
    let mut functions = [
        gather(&bucket, &rig, "twice"),
        gather(&bucket, &rig, "twice"),
    ];
    for (run, stands) in [("run-1", true), ("run-2", false)] {
        match stands {
            true => fourteen_in_nine(&rig),
            false => (0..9).for_each(|at| commit(&rig, at, &[])),
        }
        put_run(&bucket, run, 0..9, 0..9, None);
        drop(rig.told());
        std::thread::scope(|scope| {
            for function in &mut functions {
                scope.spawn(|| answer(function, &event(run), TIME));
            }
        });
        let told = rig.told();
        let ids: BTreeSet<&str> = alerts(&told).into_iter().map(|(_, id)| id).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        let last = alerts(&told).last().copied().unwrap();
        let expected = if stands {
            "Alert Triggered"
        } else {
            "Alert Resolved"
        };
        assert_eq!(last.0, expected);
        assert_eq!(answer(&mut functions[0], &event(run), TIME)["messages"], 0);
    }
}
