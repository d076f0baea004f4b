//! What goes wrong in the middle of a run: a process that dies, a role that trusts another hub, an account that leaves, an organisation of
//! which AWS tells the half.

use std::collections::BTreeMap;

use e2e::hub::{Ended, Hub, denies_writes};
use e2e::standin::{AttachedPolicy, Incident, Member};
use serde_json::{Value, json};

use crate::accounts::{DENIED, FAULTS, HUB, account};
use crate::run::RUN;
use crate::told::{expected, steps, that_name};

#[track_caller]
fn succeeded(hub: &Hub, ended: &Ended, children: &[(&str, i64)]) {
    assert_eq!(ended.status, "SUCCEEDED", "{ended:?}\n{}", hub.server.log());
    let expected = children
        .iter()
        .map(|&(status, count)| (status.to_owned(), count));
    let expected: BTreeMap<String, i64> = expected.collect();
    assert_eq!(ended.children, expected, "{}", hub.server.log());
}

/// A run ended before its map, and was not tried again: somebody has to do something.
#[track_caller]
fn failed(hub: &Hub, ended: &Ended, why: &str) {
    let counts = hub.organization.counts();
    let listed = counts
        .get("DescribeOrganization")
        .copied()
        .unwrap_or_default();
    assert!(listed.calls - listed.throttled <= 1, "{counts:?}");
    assert_eq!(ended.status, "FAILED", "{ended:?}");
    assert!(ended.output.to_string().contains(why), "{ended:?}");
    assert!(ended.children.is_empty(), "{ended:?}");
}

/// Nobody was told of anything since this was last asked.
#[track_caller]
fn is_quiet(hub: &Hub) {
    let machines = hub.to_machines();
    assert!(steps(&machines).is_empty(), "{machines:#?}");
    assert_eq!(hub.to_people(), []);
}

fn change(hub: &Hub, account: &str, change: impl FnOnce(&mut Member)) {
    hub.organization.change(account, |mut member| {
        change(&mut member);
        Some(member)
    });
}

/// The account whose audit is killed in every attempt does not keep the others from theirs, and neither does one that trusts another hub.
pub(crate) fn what_could_not_be_audited_is_told_and_the_next_runs_resolve_it(hub: &Hub) {
    let both = [15, 16].map(account);
    let [killed, of_another_hub] = &both;
    let listing = "GetAccountAuthorizationDetails";
    change(hub, killed, |one| {
        one.incident = Some((listing, Incident::Killed));
    });
    change(hub, of_another_hub, |one| one.lets_in = false);
    let ended = hub.run(&json!({ "run": "killed", "below": FAULTS }));
    succeeded(
        hub,
        &ended,
        &[("failed", 1), ("succeeded", 1), ("total", 2)],
    );
    let told = steps(&hub.to_machines());
    assert_eq!(told, expected(&both, "audit-failed", "Opened"));
    let people = hub.to_people();
    for (account, why) in [
        (killed, "did not come to its end"),
        (of_another_hub, "does not trust this hub"),
    ] {
        assert_eq!(that_name(&people, &[account, why]), 1, "{people:#?}");
    }
    assert_eq!(people.len(), 2, "{people:#?}");

    // Two runs at once find that it is mended.
    change(hub, killed, |one| one.incident = None);
    change(hub, of_another_hub, |one| one.lets_in = true);
    let runs =
        ["mended", "mended-too"].map(|run| hub.start(&json!({ "run": run, "below": FAULTS })));
    for run in runs {
        succeeded(hub, &hub.end(&run), &[("succeeded", 2), ("total", 2)]);
    }
    let machines = hub.to_machines();
    let told = steps(&machines);
    assert_eq!(told, expected(&both, "audit-failed", "Resolved"));
    let people = hub.to_people();
    for account in &both {
        assert!(
            that_name(&people, &["Resolved", account]) > 0,
            "{people:#?}"
        );
    }
    assert_eq!(that_name(&people, &["Resolved"]), people.len());
    // Both may tell it, and then under one id.
    let ids = machines.iter().filter_map(|(kind, detail)| {
        let id = detail["alert"]["id"].as_str();
        id.filter(|_| kind.starts_with("Alert"))
    });
    assert_eq!(ids.collect::<std::collections::BTreeSet<_>>().len(), 2);
}

/// One leaves after the run listed it, one between two runs. The run that notices has the name of the morning's, as a repeated one.
pub(crate) fn the_findings_of_an_account_that_left_end_once(hub: &Hub) {
    let [amid, between] = [9, 8].map(account);
    change(hub, &amid, |one| {
        one.incident = Some(("AssumeRole", Incident::Left));
    });
    let ended = hub.run(&json!({ "run": "amid", "below": amid }));
    succeeded(hub, &ended, &[("succeeded", 1), ("total", 1)]);
    let told = steps(&hub.to_machines());
    assert_eq!(told, expected([&amid], "audit-failed", "Opened"));
    let people = hub.to_people();
    assert_eq!(that_name(&people, &[&amid, "audit"]), 1, "{people:#?}");
    assert_eq!(people.len(), 1, "{people:#?}");

    hub.organization.change(&between, |_| None);
    let ended = hub.run(&json!({ "run": RUN, "below": DENIED }));
    succeeded(hub, &ended, &[("succeeded", 7), ("total", 7)]);
    assert_eq!(gathered(&ended)["left"], 2, "{ended:?}");
    let mut all = expected([&amid], "audit-failed", "Resolved");
    all.extend(expected([&amid, &between], "missing-actions", "Resolved"));
    assert_eq!(steps(&hub.to_machines()), all);
    // What the SCP denies in the other seven stays told; people hear that it is two accounts less.
    let people = hub.to_people();
    let eased = [
        "7 accounts",
        "No longer in the organization",
        &amid,
        &between,
    ];
    assert_eq!(that_name(&people, &eased), 1, "{people:#?}");
    let resolved = ["Resolved", "No longer in the organization", &amid];
    assert_eq!(that_name(&people, &resolved), 1, "{people:#?}");
    assert_eq!(people.len(), 2, "{people:#?}");
}

fn gathered(ended: &Ended) -> &Value {
    &ended.output["gathered"]["answer"]
}

/// Only the hub's own account says so: no other is the worse for it.
pub(crate) fn settings_that_name_an_unknown_account_are_told_of_the_hubs_own(hub: &Hub) {
    let wrong = "[[bind]]\nprincipal = \"arn:aws:iam::555566667777:role/backup\"\n\
        action-sets = [\"vbr-unstructured-s3-restore\"]\n";
    hub.set(wrong);
    // The hub's own account, and seven others.
    for (below, accounts) in [(HUB, 1), (DENIED, 7)] {
        let ended = hub.run(&json!({ "run": "settings", "below": below }));
        succeeded(hub, &ended, &[("succeeded", accounts), ("total", accounts)]);
    }
    hub.set("");
    let told = steps(&hub.to_machines());
    assert_eq!(told, expected([&HUB.to_owned()], "coverage", "Opened"));
    let people = hub.to_people();
    assert_eq!(
        that_name(&people, &["settings that name an account"]),
        people.len(),
        "{people:#?}"
    );
}

/// Nothing of what was there is overwritten, nobody is taken to have left, and the same run does all of it as soon as it can.
pub(crate) fn a_roster_that_cannot_be_made_ends_the_run_and_nothing_else(hub: &Hub) {
    let kept = ["roster.json", "organization.json", "report.json"];
    let before = kept.map(|key| hub.object(key));
    let event = json!({ "run": "half", "below": HUB });
    // Which accounts and policies there are was told by then.
    let last = "DescribePolicy";
    hub.organization.refuse(last, Some("AccessDeniedException"));
    let _ = hub.organization.counts();
    failed(
        hub,
        &hub.run(&event),
        "the organisation cannot be read whole, so the roster stays as it is",
    );
    hub.organization.refuse(last, None);
    assert_eq!(kept.map(|key| hub.object(key)), before);
    is_quiet(hub);

    let [roster, ..] = &before;
    let mut newer = roster.clone();
    newer["schemaVersion"] = 2.into();
    hub.put("roster.json", &newer.to_string());
    failed(hub, &hub.run(&event), "the roster is not overwritten");
    assert_eq!(hub.object("roster.json"), newer);
    is_quiet(hub);

    // It takes the function several invocations to read this many policies; the machine does not go on before all are read.
    hub.put("roster.json", &roster.to_string());
    let many = (0..8).map(|at| AttachedPolicy {
        id: format!("p-allowed{at}"),
        content: json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }),
        ..denies_writes(&[DENIED])
    });
    let all = std::iter::once(denies_writes(&[DENIED])).chain(many);
    hub.organization.attach(all.collect());
    hub.shorten("RosterFunction", 5);
    let ended = hub.run(&event);
    succeeded(hub, &ended, &[("succeeded", 1), ("total", 1)]);
    assert_eq!(gathered(&ended)["left"], 0, "{ended:?}");
    let half = "runs/half/organization.json".to_owned();
    assert!(hub.keys().contains(&half), "{ended:?}");
    assert!(hub.object("organization.json")["policies"]["p-allowed7"].is_object());
    // The settings are right again; nothing else is new.
    let told = steps(&hub.to_machines());
    assert_eq!(told, expected([&HUB.to_owned()], "coverage", "Resolved"));
    let people = hub.to_people();
    assert_eq!(
        that_name(&people, &["settings that name an account"]),
        people.len(),
        "{people:#?}"
    );
}

pub(crate) fn a_target_that_is_not_there_is_named(hub: &Hub) {
    let _ = hub.organization.counts();
    for below in ["ou-ab12-nothere1", "555566667777"] {
        let ended = hub.run(&json!({ "run": "nowhere", "below": below }));
        failed(hub, &ended, below);
        failed(
            hub,
            &ended,
            "is no root, OU or account of this organisation",
        );
    }
    is_quiet(hub);
}
