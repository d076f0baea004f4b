//! Calls about keys, buckets and vaults, spoiled in every way, in an account where only their policies changed.
//!
//! Each of four roles has a key, a bucket and a vault of its own. Two of them were denied before, two are after; what each role may
//! do by itself stays the same. So whatever is told of them rests on what was read of their resources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use e2e::lambda::Outcome;
use e2e::proxy::{Plan, Proxy, Times};
use e2e::rig::{Rig, Told};
use e2e::server::{Enforcement, Server};
use e2e::standin::Conduct;
use e2e::tools::root;
use serde_json::{Value, json};

use crate::cell::{SETTINGS, TIME, event};
use crate::cells::each;
use crate::matrix::FAULTS;
use crate::published::{Step, messages, steps};
use crate::served::{ROLES, Resources, account, arn};

const BEFORE: [&str; 2] = ["broken", "healing"];
const AFTER: [&str; 2] = ["broken", "falling"];

const BEGIN: &str = "<!-- resources -->";
const END: &str = "<!-- end of resources -->";

/// What is spoiled: the row, the operation, and the how-manyth question of it.
const ROWS: [(&str, &str, usize); 14] = [
    ("`kms.DescribeKey`", "kms.DescribeKey of healing", 0),
    (
        "`kms.GetKeyPolicy`, newly denied",
        "kms.GetKeyPolicy of falling",
        0,
    ),
    (
        "`kms.GetKeyPolicy`, allowed again",
        "kms.GetKeyPolicy of healing",
        0,
    ),
    ("`kms.ListGrants`", "kms.ListGrants of healing", 0),
    ("`s3.ListBuckets`", "s3./?max-buckets=1000", 0),
    ("`s3.GetBucketLocation`", "s3./healing?location", 0),
    (
        "`s3.GetBucketPolicy`, newly denied",
        "s3./falling?policy",
        0,
    ),
    (
        "`s3.GetBucketPolicy`, allowed again",
        "s3./healing?policy",
        0,
    ),
    ("`s3.GetBucketVersioning`", "s3./healing?versioning", 0),
    (
        "`s3.GetObjectLockConfiguration`",
        "s3./healing?object-lock",
        0,
    ),
    ("`s3.GetBucketEncryption`", "s3./healing?encryption", 0),
    (
        "`backup.DescribeBackupVault`",
        "backup./backup-vaults/healing",
        0,
    ),
    (
        "`backup.GetBackupVaultAccessPolicy`, newly denied",
        "backup./backup-vaults/falling/access-policy",
        0,
    ),
    (
        "`backup.GetBackupVaultAccessPolicy`, allowed again",
        "backup./backup-vaults/healing/access-policy",
        0,
    ),
];

/// Rows that go wrong once as well: one a service, since the calls of a service are asked again in the same way.
const ONCE: [&str; 3] = [
    "`kms.GetKeyPolicy`, allowed again",
    "`s3.GetBucketPolicy`, newly denied",
    "`backup.GetBackupVaultAccessPolicy`, newly denied",
];

struct Cell {
    row: &'static str,
    plan: Plan,
}

/// What must hold of an answer, whatever was not read.
#[track_caller]
fn holds(answer: &Value, told: &Told, untold: &BTreeSet<(&str, &str)>, log: &str) {
    let count = |key: &str| answer[key].as_u64().unwrap_or_default();
    let all = count("compliant") + count("drifted") + count("undetermined");
    assert_eq!(all, 2 * ROLES.len() as u64, "{answer}\n{log}");
    assert!(
        count("drifted") <= 2 * AFTER.len() as u64,
        "{answer}\n{log}"
    );
    let well = 2 * (ROLES.len() - AFTER.len()) as u64;
    let checked = count("compliant") - count("compliantNotChecked");
    assert!(checked <= well, "compliant and not: {answer}\n{log}");
    let (_, last) = told.machines.last().expect("the end is told");
    let outcome = &last["outcome"];
    assert_eq!(
        outcome["compliantNotChecked"], answer["compliantNotChecked"],
        "{log}"
    );
    for step in steps([told]).filter(|step| step.code == "missing-actions") {
        let role = step.principal.rsplit('/').next().unwrap_or_default();
        let expected = match step.kind.as_str() {
            "Finding Opened" => "falling",
            "Finding Resolved" | "Finding Eased" => "healing",
            other => panic!("{other} of {role}\n{log}"),
        };
        assert_eq!(role, expected, "{step:?}\n{log}");
    }
    // One finding for the set that works with key and bucket, one for the set that works with the vault.
    let resolved = steps([told]).filter(|step| step.kind == "Finding Resolved");
    let resolved = resolved
        .filter(|step| step.code == "missing-actions")
        .count();
    let is_untold = |call| untold.contains(&(call, "healing"));
    let repository = is_untold(KEY_POLICY) || is_untold(BUCKET_POLICY);
    let unseen = usize::from(repository) + usize::from(is_untold(VAULT_POLICY));
    assert!(resolved <= 2 - unseen, "resolved unseen\n{log}");
    let layers = &outcome["layers"];
    let refused: u64 = ["keyPolicies", "bucketPolicies", "vaultPolicies"]
        .iter()
        .filter_map(|kind| layers[kind]["refused"].as_u64())
        .sum();
    assert_eq!(
        refused > 0,
        !untold.is_empty(),
        "{layers} {untold:?}\n{log}"
    );
}

/// What nobody told, whose, and of which call.
fn untold(proxy: &Proxy) -> BTreeSet<(&'static str, &'static str)> {
    let records = proxy.records();
    let of = |call: &'static str, role: &'static str| {
        let operation = call.replace("NAME", role);
        let mut records = records.iter();
        let told = records.any(|record| record.told && record.operation == operation);
        (!told).then_some((call, role))
    };
    let roles = ROLES.iter();
    let each = roles.flat_map(|role| CALLS.map(|call| of(call, role)));
    each.flatten().collect()
}

const KEY_POLICY: &str = "kms.GetKeyPolicy of NAME";
const BUCKET_POLICY: &str = "s3./NAME?policy";
const VAULT_POLICY: &str = "backup./backup-vaults/NAME/access-policy";
const CALLS: [&str; 9] = [
    "kms.DescribeKey of NAME",
    KEY_POLICY,
    BUCKET_POLICY,
    "s3./NAME?location",
    "s3./NAME?versioning",
    "s3./NAME?object-lock",
    "s3./NAME?encryption",
    "backup./backup-vaults/NAME",
    VAULT_POLICY,
];

fn spoil(server: &Server, before: &[Value], at: usize, cell: &Cell) -> &'static str {
    let rig = Rig::new(
        server,
        &format!("resources-{at}"),
        &account(),
        Conduct::default(),
    );
    rig.set(SETTINGS);
    rig.put(before.iter().cloned());
    let resources = Resources::start(AFTER);
    let mut function = resources.function(&rig);
    resources.proxy.spoil(Some(cell.plan.clone()));
    let outcome = function.invoke(&event(1), TIME);
    let log = format!("{:?}\n{}", cell.plan, function.log());
    assert!(resources.proxy.has_struck(), "it did not strike\n{log}");
    let Outcome::Answered(answer) = &outcome else {
        panic!("what is read besides fails no audit: {outcome:?}\n{log}")
    };
    let told = rig.told();
    holds(answer, &told, &untold(&resources.proxy), &log);
    let is_whole = answer["compliantNotChecked"] == 0 && answer["undetermined"] == 0;
    resources.proxy.spoil(None);
    let mut all = vec![told];
    for (number, is_last) in [(2, false), (3, true)] {
        let outcome = function.invoke(&event(number), TIME);
        let log = function.log();
        let Outcome::Answered(answer) = &outcome else {
            panic!("{outcome:?}\n{log}")
        };
        let keys = [
            "compliant",
            "drifted",
            "undetermined",
            "compliantNotChecked",
        ];
        let counts = keys.map(|key| answer[key].as_u64().unwrap_or(99));
        assert_eq!(counts, [4, 4, 0, 0], "{log}");
        let told = rig.told();
        match is_last {
            false => all.push(told),
            true => assert_eq!(steps([&told]).count(), 0, "told again\n{log}"),
        }
    }
    everything_is_told(&all, &function.log());
    if is_whole { "right" } else { "not looked at" }
}

#[track_caller]
fn everything_is_told(told: &[Told], log: &str) {
    let steps: BTreeSet<Step> = steps(told).collect();
    let drift = steps.iter().filter(|step| step.code == "missing-actions");
    let drift = drift.filter(|step| ["Finding Opened", "Finding Resolved"].contains(&&*step.kind));
    let drift: Vec<(&str, &str)> = drift
        .map(|step| (step.kind.as_str(), step.principal.as_str()))
        .collect();
    let (fallen, healed) = (arn("falling"), arn("healing"));
    let opened = ("Finding Opened", fallen.as_str());
    let resolved = ("Finding Resolved", healed.as_str());
    assert_eq!(
        drift,
        [opened, opened, resolved, resolved],
        "{steps:#?}\n{log}"
    );
    for (kind, role) in [("opened", &fallen), ("resolved", &healed)] {
        let mut all = messages(told);
        assert!(
            all.any(|one| one.kind == kind
                && one.code == "missing-actions"
                && one.text.contains(role)),
            "people were not told of {role}: {told:#?}\n{log}"
        );
    }
    let of_kind = |kind: &str| -> BTreeSet<&str> {
        let others = steps.iter().filter(|step| step.code != "missing-actions");
        let others = others.filter(|step| step.kind == kind);
        others.map(|step| step.id.as_str()).collect()
    };
    let (opened, resolved) = (of_kind("Finding Opened"), of_kind("Finding Resolved"));
    assert!(
        opened.is_subset(&resolved),
        "opened on the way and not ended: {steps:#?}\n{log}"
    );
}

/// The items of the table after an audit before the change.
fn before(server: &Server) -> Vec<Value> {
    let rig = Rig::new(server, "resources-before", &account(), Conduct::default());
    rig.set(SETTINGS);
    let resources = Resources::start(BEFORE);
    let mut function = resources.function(&rig);
    let outcome = function.invoke(&event(0), TIME);
    let log = function.log();
    let Outcome::Answered(answer) = &outcome else {
        panic!("{outcome:?}\n{log}")
    };
    assert_eq!(
        (&answer["compliant"], &answer["drifted"]),
        (&json!(4), &json!(4)),
        "{answer}\n{log}"
    );
    assert_eq!(answer["compliantNotChecked"], 0, "{answer}\n{log}");
    rig.items().into_values().collect()
}

#[test]
fn every_call_about_resources_may_go_wrong() {
    let server = Server::start(Enforcement::Off);
    let before = before(&server);
    let only = std::env::var("CELLS").ok();
    let mut cells = Vec::new();
    for (row, operation, nth) in ROWS {
        for times in [Times::Once, Times::Always] {
            if times == Times::Once && !ONCE.contains(&row) {
                continue;
            }
            cells.extend(FAULTS.map(|fault| Cell {
                row,
                plan: Plan {
                    operation: operation.to_owned(),
                    nth,
                    fault,
                    times,
                },
            }));
        }
    }
    if let Some(only) = &only {
        cells.retain(|cell| cell.row.contains(only));
    }
    let words = each(
        &cells,
        |at, cell| spoil(&server, &before, at, cell),
        |cell| format!("{}: {}, {:?}", cell.row, cell.plan.fault, cell.plan.times),
    );
    if only.is_none() {
        is_current(&table(&cells, &words));
    }
}

fn table(cells: &[Cell], words: &BTreeMap<usize, &'static str>) -> String {
    let mut text = "| call | goes wrong |".to_owned();
    for fault in FAULTS {
        let _ = write!(text, " {fault} |");
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(FAULTS.len()));
    for (at, cell) in cells.iter().enumerate() {
        if at % FAULTS.len() == 0 {
            let times = match cell.plan.times {
                Times::Once => "once",
                Times::Always => "each time",
            };
            let _ = write!(text, "\n| {} | {times} |", cell.row);
        }
        let _ = write!(text, " {} |", words.get(&at).unwrap_or(&"?"));
    }
    text
}

fn is_current(table: &str) {
    let path = root().join("docs/reliability.md");
    let text = std::fs::read_to_string(&path).expect("docs/reliability.md is there");
    let (prose, rest) = text.split_once(BEGIN).expect("a place for the table");
    let (written, after) = rest.split_once(END).expect("the end of that place");
    let table = format!("\n\n{table}\n\n");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let all = format!("{prose}{BEGIN}{table}{END}{after}");
        std::fs::write(&path, all).expect("docs/reliability.md can be written");
    } else {
        assert_eq!(
            written, table,
            "run this test with UPDATE_DOCS=1 and review the difference"
        );
    }
}
