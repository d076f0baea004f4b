//! The fault proxy: does each fault look to a caller as it does when AWS has it, and is the record true?

use e2e::bridge::Bridge;
use e2e::proxy::{Fault, Plan, Proxy, Times};
use e2e::standin::{Conduct, StandIn};
use serde_json::{Value, json};

fn account() -> Value {
    json!({ "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": [] })
}

/// Asks twice with the first question spoiled: how the two calls end, whether the server did them, whether the caller knows.
#[track_caller]
fn check(fault: Fault, times: Times, ends: [&str; 2], done_and_told: [(bool, bool); 2]) {
    let stand_in = StandIn::start(&account(), Conduct::default());
    let proxy = Proxy::start(&stand_in.url(), &stand_in.url());
    proxy.spoil(Some(Plan {
        operation: "iam.GetAccountAuthorizationDetails".to_owned(),
        nth: 0,
        fault,
        times,
    }));
    let aws = Bridge::new(proxy.url());
    let ask = || match aws.call("iam", "get_account_authorization_details", json!({})) {
        Ok(_) => "fine".to_owned(),
        Err(refusal) => refusal.code,
    };
    assert_eq!([ask(), ask()], ends);
    let records: Vec<(bool, bool)> = proxy
        .records()
        .iter()
        .map(|record| (record.done, record.told))
        .collect();
    assert_eq!(records, done_and_told);
    assert!(proxy.has_struck());
}

#[test]
fn a_refused_call_was_not_done() {
    let [not, did] = [(false, false), (true, true)];
    check(
        Fault::Throttle,
        Times::Once,
        ["Throttling", "fine"],
        [not, did],
    );
    check(
        Fault::Deny,
        Times::Always,
        ["AccessDenied", "AccessDenied"],
        [not, not],
    );
    check(
        Fault::Broken,
        Times::Once,
        ["InternalFailure", "fine"],
        [not, did],
    );
    check(
        Fault::Garbage,
        Times::Once,
        ["ResponseParserError", "fine"],
        [not, did],
    );
}

#[test]
fn a_call_whose_answer_is_cut_off_was_done_and_nobody_knows() {
    let [unknown, did] = [(true, false), (true, true)];
    check(
        Fault::Cut,
        Times::Once,
        ["ConnectionClosedError", "fine"],
        [unknown, did],
    );
    check(
        Fault::Halve,
        Times::Once,
        ["ResponseParserError", "fine"],
        [unknown, did],
    );
}
