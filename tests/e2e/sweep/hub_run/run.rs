//! One run over 25 accounts, some failing, looping, without role, suspended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use e2e::hub::{Hub, denies_writes, listing};
use e2e::server::Enforcement;
use e2e::standin::{Conduct, Member, OrganizationStandIn, Quotas};
use e2e::template::Template;
use e2e::watched::names_are_written;
use serde_json::{Value, json};

use crate::accounts::{DENIED, FAULTS, HUB, MANAGEMENT, account, member};
use crate::faults;
use crate::told::steps;

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");

/// Runs of the audit take so many seconds at most; the account with many users needs longer.
const SHORT: u64 = 24;

/// The run of the morning.
pub(crate) const RUN: &str = "2026-11-30T03:15:00Z";

/// Nine that an SCP hits, seven that are well besides hub and management account, and seven with which something is wrong.
fn members() -> Vec<Member> {
    let mut members = vec![member(HUB, &[]), member(MANAGEMENT, &[])];
    members.extend((1..=9).map(|number| member(&account(number), &[DENIED])));
    members.extend((10..=14).map(|number| member(&account(number), &["ou-ab12-other001"])));
    members.extend((15..=16).map(|number| member(&account(number), &[FAULTS])));
    let with = |number, change: fn(&mut Member)| {
        let mut member = member(&account(number), &["ou-ab12-other001"]);
        change(&mut member);
        member
    };
    members.push(with(17, |one| one.state = "SUSPENDED"));
    members.push(with(18, |one| one.state = "PENDING_CLOSURE"));
    members.push(with(19, |one| one.lets_in = false));
    members.push(with(20, |one| one.lets_in = false));
    members.push(with(21, |one| {
        refuse(one, 403, "AccessDenied", "not authorized to perform this");
    }));
    members.push(with(22, |one| {
        refuse(one, 500, "ServiceFailure", "an unknown error");
    }));
    members.push(with(23, |one| one.listing = listing(&one.account, 90)));
    members
}

fn refuse(member: &mut Member, status: u16, code: &'static str, message: &'static str) {
    let listing = "GetAccountAuthorizationDetails";
    member.conduct = Conduct {
        refused: [(listing, (status, code, message))].into(),
        ..Conduct::default()
    };
}

/// The accounts that were audited whole.
fn audited() -> BTreeSet<String> {
    let numbers = (1..=16).chain([23]);
    numbers
        .map(account)
        .chain([HUB.to_owned(), MANAGEMENT.to_owned()])
        .collect()
}

/// The accounts of which machines were told something of this kind, about findings of this code.
fn told(machines: &[(String, Value)], kind: &str, code: &str) -> BTreeSet<String> {
    let mut accounts = BTreeSet::new();
    for (of, detail) in machines {
        if of == kind && detail["finding"]["code"] == code {
            let account = detail["metadata"]["account"].as_str();
            let account = account.expect("an event names its account").to_owned();
            assert!(accounts.insert(account), "told twice: {detail}");
        }
    }
    accounts
}

/// The hub of the organisation, with an SCP on one of its OUs.
fn hub() -> Hub {
    let organization = OrganizationStandIn::start(
        members(),
        vec![denies_writes(&[DENIED])],
        (HUB, MANAGEMENT),
        Quotas::Kept,
    );
    let hub = Hub::deploy(
        Path::new(BINARY),
        organization,
        Enforcement::On,
        &[("Concurrency", "6")],
        &[("AWS_MAX_ATTEMPTS", "3")],
    );
    hub.shorten("SweepFunction", SHORT);
    hub
}

/// How the children of the map ended: the account that fails is one of 23; two accounts have none.
fn children() -> BTreeMap<String, i64> {
    let counts = [("failed", 1), ("succeeded", 22), ("total", 23)];
    counts
        .map(|(status, count)| (status.to_owned(), count))
        .into()
}

#[test]
fn every_account_is_accounted_for_in_one_run() {
    let hub = hub();
    let ended = hub.run(&json!({ "run": RUN }));
    assert_eq!(ended.status, "SUCCEEDED", "{ended:?}\n{}", hub.server.log());
    assert_eq!(ended.children, children(), "{}", hub.server.log());

    let roster = hub.object("roster.json");
    let accounts = roster["accounts"]
        .as_array()
        .expect("a roster has accounts");
    assert_eq!(accounts.len(), 25);
    let skipped: Vec<(&str, &str)> = accounts
        .iter()
        .filter(|one| one["audit"] == false)
        .filter_map(|one| Some((one["account"].as_str()?, one["why"].as_str()?)))
        .collect();
    let expected = [
        ("100000000017", "suspended"),
        ("100000000018", "pending-closure"),
    ];
    assert_eq!(skipped, expected);

    let keys: BTreeSet<String> = hub.keys().into_iter().collect();
    let kept = keys.iter().filter_map(|key| {
        let file = key.strip_prefix("accounts/")?;
        file.strip_suffix(".json").map(str::to_owned)
    });
    assert_eq!(kept.collect::<BTreeSet<String>>(), audited());
    // It took the function several runs, one after the other, and is whole.
    assert!(keys.contains(&format!("runs/{RUN}/parts/100000000023.json")));
    for report in [format!("reports/{RUN}.html"), "report.html".to_owned()] {
        assert!(keys.contains(&report), "{keys:?}");
    }

    let machines = hub.to_machines();
    // Three that cannot be entered or listed, one that fails, two that are skipped: each told once, however often it was tried.
    let failed = (17..=22).map(account).collect();
    assert_eq!(told(&machines, "Finding Opened", "audit-failed"), failed);
    let hit = (1..=9).map(account).collect();
    assert_eq!(told(&machines, "Finding Opened", "missing-actions"), hit);
    let whole = machines
        .iter()
        .filter(|(kind, _)| kind == "Audit Completed");
    assert_eq!(whole.count(), audited().len());

    // One cause, one message; it lists the nine accounts.
    let people = hub.to_people();
    let about_scp: Vec<&String> = people
        .iter()
        .map(|(_, text)| text)
        .filter(|text| text.contains("NoWrites"))
        .collect();
    let [scp] = about_scp.as_slice() else {
        panic!("{people:#?}");
    };
    for hit in (1..=9).map(account) {
        assert!(scp.contains(&hit), "{hit}: {scp}");
    }
    assert!(people.len() <= 7, "{people:#?}");

    writes_what_is_watched(&hub);
    faults::what_could_not_be_audited_is_told_and_the_next_runs_resolve_it(&hub);
    faults::the_findings_of_an_account_that_left_end_once(&hub);
    faults::a_target_that_is_not_there_is_named(&hub);
    faults::settings_that_name_an_unknown_account_are_told_of_the_hubs_own(&hub);
    faults::a_roster_that_cannot_be_made_ends_the_run_and_nothing_else(&hub);
}

/// The server shows the log of what a person invokes. The same audits and the same gathering again are harmless.
fn writes_what_is_watched(hub: &Hub) {
    for number in [10, 19] {
        let account = account(number);
        let role = format!("arn:aws:iam::{account}:role/permdrift-audit");
        let item = json!({ "account": account, "role": role, "run": RUN });
        hub.invoke("SweepFunction", &item);
    }
    hub.invoke("GatherFunction", &json!({ "run": RUN, "below": null }));
    names_are_written(Template::Hub, &hub.server);
    let machines = hub.to_machines();
    assert!(steps(&machines).is_empty(), "{machines:#?}");
    assert_eq!(hub.to_people(), []);
}
