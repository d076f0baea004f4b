//! Who changed an SCP: from the trail event that reaches the hub to the mail about the accounts that it hits.

use e2e::rig::Rig;
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::audits::{denying, item, organization};
use crate::events::{event, records, roster};
use crate::site::{Bucket, MEMBER, SETTINGS, TIME, account, answer};

/// What stands in a trail event and is kept nowhere.
const MARK: &str = "kept-nowhere";
/// The caller's, which machines get and nobody keeps.
const ADDRESS: &str = "203.0.113.77";

/// A change of a policy, made now.
fn updated(by: &str, account: &str, policy: &str) -> Value {
    let parameters = json!({ "policyId": policy, "content": MARK });
    let mut event = event(
        account,
        &format!("{by}-{policy}"),
        "UpdatePolicy",
        &parameters,
    );
    event["detail"]["eventTime"] = Timestamp::now().to_string().into();
    event["detail"]["userIdentity"] =
        json!({ "type": "IAMUser", "arn": format!("arn:aws:iam::{account}:user/{by}") });
    event["detail"]["sourceIPAddress"] = ADDRESS.into();
    event["detail"]["userAgent"] = format!("aws-cli/2.0 {MARK}").into();
    event
}

#[test]
fn the_mail_about_an_scp_names_who_changed_that_scp_and_nobody_else() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "callers", &account(MEMBER, 1), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-callers");
    bucket.put("roster.json", &roster());
    bucket.put("organization.json", &organization(&[]));
    let mut sweep = bucket.function(&rig, &[]);
    let mut gather = bucket.function(&rig, &[("PERMDRIFT_FUNCTION", "gather")]);
    let mut change = bucket.function(&rig, &[("PERMDRIFT_EVENTS", rig.queue())]);
    let told = answer(&mut sweep, &item("run-1"), TIME);
    assert_eq!(told["compliant"], 1, "{told}");

    // The hub's own account manages the organisation of this test; another one is not of it, whatever it says.
    let mut lie = updated("mallory", "444444444444", "p-nocopies");
    lie["detail"]["recipientAccountId"] = ACCOUNT.into();
    let events = [
        updated("alice", ACCOUNT, "p-nocopies"),
        updated("bob", ACCOUNT, "p-other"),
        lie,
    ];
    let taken = answer(&mut change, &records(&events), TIME);
    assert_eq!(taken["batchItemFailures"], json!([]), "{}", change.log());

    bucket.put("organization.json", &organization(&["p-nocopies"]));
    rig.stand_in.behave(denying());
    drop(rig.told());
    let told = answer(&mut sweep, &item("run-2"), TIME);
    assert_eq!(told["drifted"], 1, "{told}");
    let items = json!([{ "account": MEMBER, "run": "run-2" }]);
    bucket.put("runs/run-2/accounts.json", &items.to_string());
    let done = answer(&mut gather, &json!({ "run": "run-2", "below": null }), TIME);
    let told = rig.told();
    let mails = told.people.iter();
    let mails: Vec<_> = mails
        .filter(|(subject, _)| subject.contains("SCP p-nocopies, statement NoCopies, denies"))
        .collect();
    let [(_, text)] = mails.as_slice() else {
        panic!("{done} {:#?}", told.people)
    };
    let text = text.replace("\n  ", " ");
    let expected = format!(
        "Who changed it Changed by: user alice with UpdatePolicy (p-nocopies) in account {ACCOUNT} at"
    );
    assert!(text.contains(&expected), "{text}");
    assert!(!text.contains("bob") && !text.contains("mallory"), "{text}");
    let kept = format!("{:?}", rig.items());
    let logs = [change.log(), sweep.log(), gather.log()].concat();
    assert!(
        kept.contains("user/alice") && !logs.contains("alice"),
        "{kept}"
    );
    for secret in [MARK, ADDRESS] {
        assert!(!kept.contains(secret) && !logs.contains(secret), "{secret}");
        assert!(!text.contains(secret), "{text}");
    }
    // Machines heard of it with the audit.
    let opened = told.machines.iter();
    let mut opened = opened.filter(|(kind, _)| kind == "Finding Opened");
    let (_, opened) = opened.next().unwrap();
    let who = format!("arn:aws:iam::{ACCOUNT}:user/alice");
    assert_eq!(opened["changedBy"]["who"], json!(who), "{opened}");
}

#[test]
fn an_event_that_is_slower_than_the_audit_names_somebody_and_never_for_certain() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "late", &account(MEMBER, 1), denying());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-late");
    bucket.put("roster.json", &roster());
    bucket.put("organization.json", &organization(&["p-nocopies"]));
    let mut sweep = bucket.function(&rig, &[]);
    let mut gather = bucket.function(&rig, &[("PERMDRIFT_FUNCTION", "gather")]);
    let mut change = bucket.function(&rig, &[("PERMDRIFT_EVENTS", rig.queue())]);
    let slow = updated("alice", ACCOUNT, "p-nocopies");
    let told = answer(&mut sweep, &item("run-1"), TIME);
    assert_eq!(told["drifted"], 1, "{told}");
    // What happened after it cannot have led to it.
    let events = [
        slow,
        updated("carol", ACCOUNT, "p-nocopies"),
        updated("bob", ACCOUNT, "p-other"),
    ];
    answer(&mut change, &records(&events), TIME);
    let items = json!([{ "account": MEMBER, "run": "run-1" }]);
    bucket.put("runs/run-1/accounts.json", &items.to_string());
    drop(rig.told());
    let done = answer(&mut gather, &json!({ "run": "run-1", "below": null }), TIME);
    let told = rig.told();
    let [(_, text)] = told.people.as_slice() else {
        panic!("{done} {:#?}", told.people)
    };
    let text = text.replace("\n  ", " ");
    let expected = "Who changed it Possibly changed by: user alice with UpdatePolicy (p-nocopies)";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("bob") && !text.contains("carol"), "{text}");
}
