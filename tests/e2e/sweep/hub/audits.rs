//! Audits of accounts, item by item, as the state machine hands them over.

use std::time::Duration;

use audit::Code;
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::{Rig, Told};
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use iam::Document;
use report::organization::{AccountSummary, PrincipalSummary, stored};
use serde_json::{Value, json};

use crate::site::{Bucket, MEMBER, SETTINGS, TIME, account, answer};

const RUN: &str = "2026-11-30T03:15:00Z";

pub(crate) fn item(run: &str) -> Value {
    let role = format!("arn:aws:iam::{MEMBER}:role/permdrift-audit");
    json!({ "account": MEMBER, "role": role, "externalId": "of-ours", "run": run, "joined": "2020-01-01T00:00:00Z" })
}

fn statement(sid: &str, effect: &str, action: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{ "Sid": sid, "Effect": effect, "Action": action, "Resource": "*" }] })
}

/// An organisation in which the member has these SCPs besides the one that allows all; `p-nocopies` denies to copy.
pub(crate) fn organization(of_member: &[&str]) -> String {
    let policy = |id: &str, document: &Value| {
        json!({ "Policy": {
            "PolicySummary": { "Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY" }, "Content": document.to_string() } })
    };
    let of_member = [&["p-FullAWSAccess"], of_member].concat();
    json!({
        "schemaVersion": 1,
        "describe-organization": { "Organization": { "Id": "o-exampleorgid", "MasterAccountId": "999988887777" } },
        "accounts": { (MEMBER): ["r-ab12", MEMBER] },
        "policies": {
            "p-FullAWSAccess": policy("p-FullAWSAccess", &statement("All", "Allow", "*")),
            "p-nocopies": policy("p-nocopies", &statement("NoCopies", "Deny", "ec2:CopySnapshot")),
        },
        "serviceControlPolicies": { "r-ab12": ["p-FullAWSAccess"], (MEMBER): of_member },
        "resourceControlPolicies": { "error": { "code": "PolicyTypeNotEnabledException" } },
    })
    .to_string()
}

/// What AWS does where that SCP is in force.
pub(crate) fn denying() -> Conduct {
    let document = |document: Value| Document::parse(&document.to_string()).unwrap();
    let full = || document(statement("All", "Allow", "*"));
    let denied = document(statement("NoCopies", "Deny", "ec2:CopySnapshot"));
    Conduct {
        service_control: vec![vec![full()], vec![full(), denied]],
        ..Conduct::default()
    }
}

fn summary(bucket: &Bucket<'_>) -> Option<AccountSummary> {
    let text = bucket.get(&format!("accounts/{MEMBER}.json"))?;
    Some(stored::read(&text, MEMBER.parse().unwrap()).unwrap())
}

fn opened(told: &Told) -> Vec<&str> {
    let machines = told.machines.iter();
    let opened = machines.filter(|(kind, _)| kind == "Finding Opened");
    opened
        .filter_map(|(_, detail)| detail["finding"]["code"].as_str())
        .collect()
}

#[test]
fn an_account_is_entered_audited_and_kept_and_people_are_not_told() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "audits", &account(MEMBER, 1), denying());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-audits");
    bucket.put("organization.json", &organization(&["p-nocopies"]));
    let mut function = bucket.function(&rig, &[]);

    let told = answer(&mut function, &item(RUN), TIME);
    assert_eq!(
        [&told["completed"], &told["drifted"]],
        [&json!(true), &json!(1)],
        "{told}\n{}",
        function.log()
    );
    let audit = format!("{MEMBER}/{RUN}");
    assert_eq!(told["audit"], audit);
    let kept = summary(&bucket).unwrap();
    assert_eq!(&*kept.audit, audit);
    let finding = kept.findings.values().next().unwrap();
    assert_eq!(finding.code, Code::MissingActions);
    assert!(finding.causes[0].contains("NoCopies"), "{finding:?}");
    let told = rig.told();
    assert_eq!(opened(&told), ["missing-actions"]);
    assert!(told.people.is_empty(), "{:?}", told.people);
    let asked = told.calls.iter().map(|call| call.operation.as_str());
    let asked: Vec<&str> = asked
        .filter(|one| one.starts_with("organizations."))
        .collect();
    assert!(asked.is_empty(), "the roster asked before: {asked:?}");
    let of_member = rig.items().into_values();
    let of_member = of_member
        .filter(|item| item["account"]["S"] == MEMBER)
        .count();
    assert_eq!(
        of_member,
        2,
        "the account and its principal, of {:?}",
        rig.items()
    );

    // The same item again, as a redrive hands it over: nothing is told twice, and the same is kept.
    let again = answer(&mut function, &item(RUN), TIME);
    assert_eq!(again["completed"], true);
    assert!(opened(&rig.told()).is_empty());
    assert_eq!(&*summary(&bucket).unwrap().audit, audit);
    // A younger audit is not replaced by an older one that ends later.
    let mut younger = summary(&bucket).unwrap();
    younger.at = "2100-01-01T00:00:00Z".parse().unwrap();
    younger.audit = format!("{MEMBER}/2100-01-01T00:00:00Z").into();
    let mut text = Vec::new();
    stored::write(&mut text, &younger).unwrap();
    let key = format!("accounts/{MEMBER}.json");
    bucket.put(&key, &String::from_utf8(text).unwrap());
    answer(&mut function, &item("run-3"), TIME);
    assert_eq!(summary(&bucket).unwrap(), younger);
    // A newer release's is not overwritten either, which is a finding.
    bucket.put(&key, r#"{"schemaVersion":99}"#);
    let told = answer(&mut function, &item("run-4"), TIME);
    let why = told["failed"].as_str().unwrap_or_default();
    assert!(why.contains("is not overwritten"), "{told}");
    assert_eq!(bucket.get(&key).as_deref(), Some(r#"{"schemaVersion":99}"#));
}

/// The places that the findings about coverage name, of what opened and of what ended.
fn coverage(told: &Told) -> Vec<(&str, String)> {
    let machines = told.machines.iter();
    let coverage = machines.filter(|(_, detail)| detail["finding"]["code"] == "coverage");
    coverage
        .map(|(kind, detail)| (kind.as_str(), detail["finding"]["items"].to_string()))
        .collect()
}

#[test]
fn settings_that_name_an_unknown_account_concern_the_hubs_own_alone() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "named", &account(ACCOUNT, 1), Conduct::default());
    let binding = |account: &str| {
        format!(
            "\n[[bind]]\nprincipal = \"arn:aws:iam::{account}:role/other\"\naction-sets = [\"copy\"]\n"
        )
    };
    let fine = [binding(MEMBER), binding("*")].concat();
    rig.set(&format!("{SETTINGS}{}{fine}", binding("999999999999")));
    let bucket = Bucket::new(&server, "hub-of-named");
    bucket.put("roster.json", &crate::events::roster());
    let mut function = bucket.function(&rig, &[]);
    let own = |run: &str| json!({ "account": ACCOUNT, "run": run });
    let told = answer(&mut function, &own("run-1"), TIME);
    assert_eq!(told["completed"], true, "{told}");
    let told = rig.told();
    let found = coverage(&told);
    let [("Finding Opened", items)] = found.as_slice() else {
        panic!("{:?}", told.machines)
    };
    assert!(items.contains("999999999999: binding, line "), "{items}");
    assert!(
        !items.contains(MEMBER) && !items.contains("role/other"),
        "{items}"
    );
    answer(&mut function, &own("run-2"), TIME);
    assert_eq!(coverage(&rig.told()), [], "once");

    // Another account has nothing to do with it; a binding that names it is missed there.
    rig.stand_in.play(&account(MEMBER, 1));
    answer(&mut function, &item("run-2"), TIME);
    let told = rig.told();
    let found = coverage(&told);
    let [("Finding Opened", items)] = found.as_slice() else {
        panic!("{:?}", told.machines)
    };
    assert!(items.contains(&format!("{MEMBER}:role/other")), "{items}");
    assert!(!items.contains("999999999999"), "{items}");

    // A roster of a newer release says nothing, and ends nothing.
    rig.stand_in.play(&account(ACCOUNT, 1));
    bucket.put("roster.json", r#"{"schemaVersion":2}"#);
    let told = answer(&mut function, &own("run-3"), TIME);
    let why = told["failed"].as_str().unwrap_or_default();
    assert!(why.contains("schema version 2"), "{told}");
    assert_eq!(coverage(&rig.told()), []);
    bucket.put("roster.json", &crate::events::roster());
    rig.set(&format!("{SETTINGS}{fine}"));
    answer(&mut function, &own("run-4"), TIME);
    let told = rig.told();
    let ended: Vec<&str> = coverage(&told).iter().map(|(kind, _)| *kind).collect();
    assert_eq!(ended, ["Finding Resolved"]);
}

#[test]
fn what_repeating_does_not_mend_is_a_finding_and_the_item_is_done() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "failures", &account(MEMBER, 1), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-failures");
    let mut function = bucket.function(&rig, &[]);
    let spoil = |operation: &str, fault| {
        rig.proxy.spoil(Some(Plan {
            operation: operation.to_owned(),
            nth: 0,
            fault,
            times: Times::Always,
        }));
    };
    let mut check = |event: &Value, expected: &[&str]| {
        let told = answer(&mut function, event, TIME);
        assert_eq!(told["completed"], true, "{told}");
        let why = told["failed"].as_str().unwrap_or_default();
        for one in expected {
            assert!(why.contains(one), "{one}: {told}");
        }
        let told = rig.told();
        assert!(told.people.is_empty(), "{:?}", told.people);
        assert_eq!(opened(&told), ["audit-failed"], "{}", function.log());
    };

    spoil("sts.AssumeRole", Fault::Deny);
    let never =
        "the account was never audited: its role is not rolled out, or does not trust this hub";
    check(&item("run-1"), &[never, "AccessDenied"]);
    rig.proxy.spoil(None);
    let done = answer(&mut function, &item("run-2"), TIME);
    assert_eq!(
        [&done["completed"], &done["compliant"]],
        [&json!(true), &json!(1)]
    );
    assert_eq!(done.get("failed"), None);
    assert!(summary(&bucket).is_some());
    let _ = rig.told();

    spoil("sts.AssumeRole", Fault::Deny);
    let mut check = |event: &Value, expected: &str| {
        let told = answer(&mut function, event, TIME);
        let why = told["failed"].as_str().unwrap_or_default();
        assert!(why.contains(expected), "{expected}: {told}");
    };
    check(&item("run-3"), "so its role was deleted since");
    let others = crate::events::roster().replace(MEMBER, "100000000099");
    bucket.put("roster.json", &others);
    check(&item("run-left"), "the roster does not list it any more");
    rig.proxy.spoil(None);
    // The role is of the account that is named, and what it lists is of another.
    rig.stand_in.play(&account(ACCOUNT, 1));
    check(
        &item("run-4"),
        &format!("the credentials are of account {ACCOUNT}, the audit is of {MEMBER}"),
    );
    let kept = rig.items();
    assert!(
        kept.keys()
            .all(|key| !key.contains(&format!("arn:aws:iam::{ACCOUNT}:"))),
        "nothing of the other account is kept: {kept:?}"
    );
    rig.stand_in.play(&account(MEMBER, 1));
    spoil("iam.GetAccountAuthorizationDetails", Fault::Deny);
    check(
        &item("run-5"),
        "cannot list the account's users, roles and policies",
    );

    // What may pass fails the invocation, so that it is repeated.
    let kept = format!("s3./hub-of-failures/accounts/{MEMBER}.json");
    for (operation, fault) in [
        ("iam.GetAccountAuthorizationDetails", Fault::Throttle),
        ("sts.AssumeRole", Fault::Throttle),
        ("dynamodb.PutItem", Fault::Broken),
        ("s3./hub-of-failures/organization.json", Fault::Throttle),
        (kept.as_str(), Fault::Broken),
    ] {
        spoil(operation, fault);
        let why = crate::site::failure(&mut function, &item("run-6"));
        assert!(!why.is_empty());
    }
    rig.proxy.spoil(None);
    let done = answer(&mut function, &item("run-6"), TIME);
    assert_eq!(
        [&done["completed"], &done["compliant"]],
        [&json!(true), &json!(1)]
    );
}

#[test]
fn an_audit_of_several_runs_answers_what_is_left_and_is_kept_when_it_is_whole() {
    const USERS: usize = 6;
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(
        &server,
        "parts",
        &account(MEMBER, USERS),
        Conduct::default(),
    );
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-parts");
    let slow = [
        ("PERMDRIFT_CALLS_PER_SECOND", "1"),
        ("PERMDRIFT_CONCURRENCY", "1"),
    ];
    let mut function = bucket.function(&rig, &slow);
    let mut event = item(RUN);
    let mut runs = 0;
    let told = loop {
        runs += 1;
        assert!(runs <= USERS, "{}", function.log());
        let told = answer(&mut function, &event, Duration::from_secs(6));
        if told["completed"] == true {
            break told;
        }
        assert_eq!(summary(&bucket), None, "it is not whole yet");
        event = told["next"].clone();
        assert!(event["remainder"].is_object(), "{told}");
    };
    assert!(runs > 1, "{}", function.log());
    assert!(told.get("next").is_none(), "{told}");
    assert!(rig.remainder().is_none(), "nothing goes through the queue");
    let kept = summary(&bucket).unwrap();
    let is_judged = |one: &PrincipalSummary| matches!(one, PrincipalSummary::Judged { .. });
    assert_eq!(
        kept.principals
            .values()
            .filter(|one| is_judged(one))
            .count(),
        USERS
    );
    let completed = rig.told().machines;
    let completed = completed
        .iter()
        .filter(|(kind, _)| kind == "Audit Completed");
    assert_eq!(completed.count(), 1);
}
