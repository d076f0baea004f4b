//! Trail events of an organisation's accounts.

use std::collections::BTreeMap;

use audit::roster::{Member, Roster};
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::Rig;
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::standin::Conduct;
use serde_json::{Value, json};

use crate::site::{Bucket, MEMBER, SETTINGS, TIME, account, answer, user};

pub(crate) fn roster() -> String {
    let member = || Member {
        name: "one".into(),
        path: vec!["r-ab12".into()],
        state: "ACTIVE".into(),
        joined: None,
        skipped: None,
    };
    let accounts = [ACCOUNT, MEMBER].map(|account| (account.parse().unwrap(), member()));
    let roster = Roster {
        run: "run-1".into(),
        management: Some(ACCOUNT.parse().unwrap()),
        accounts: BTreeMap::from(accounts),
    };
    roster.write()
}

/// As EventBridge delivers it.
pub(crate) fn event(account: &str, id: &str, call: &str, parameters: &Value) -> Value {
    let service = match call {
        "DeleteUserPolicy" => "iam",
        _ => "organizations",
    };
    json!({
        "version": "0", "account": account, "source": format!("aws.{service}"), "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventSource": format!("{service}.amazonaws.com"), "eventName": call, "eventTime": "2026-11-30T06:00:00Z", "eventID": id,
            // Whatever stands here, the envelope counts.
            "recipientAccountId": "444444444444", "userIdentity": { "type": "IAMUser", "accountId": "444444444444" },
            "requestParameters": parameters } })
}

fn deleted(account: &str, id: &str, at: usize) -> Value {
    let user = user(account, at);
    let name = user.rsplit('/').next().unwrap_or_default();
    event(
        account,
        id,
        "DeleteUserPolicy",
        &json!({ "userName": name, "policyName": "all" }),
    )
}

pub(crate) fn records(events: &[Value]) -> Value {
    let records = events.iter().enumerate();
    let records: Vec<Value> = records
        .map(
            |(at, event)| json!({ "messageId": format!("record-{at}"), "body": event.to_string() }),
        )
        .collect();
    json!({ "Records": records })
}

/// The account in which the first user has lost its policy.
fn fallen(id: &str) -> Value {
    let mut account = account(id, 2);
    account["UserDetailList"][0]["UserPolicyList"] = json!([]);
    account
}

fn stay(answer: &Value) -> Vec<&str> {
    let stay = answer["batchItemFailures"].as_array().unwrap().iter();
    stay.filter_map(|one| one["itemIdentifier"].as_str())
        .collect()
}

#[test]
fn each_account_is_audited_by_its_own_events_and_no_other() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "events", &fallen(MEMBER), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-events");
    let machine = server.aws().must("stepfunctions", "create_state_machine", json!({
        "name": "organization", "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/run"),
        "definition": json!({ "StartAt": "End", "States": { "End": { "Type": "Succeed" } } }).to_string() }));
    let machine = machine["stateMachineArn"].as_str().unwrap();
    let dead = rig.one_more_queue("dead");
    let variables = [
        ("PERMDRIFT_EVENTS", rig.queue()),
        ("PERMDRIFT_DEAD_EVENTS", &dead),
        ("PERMDRIFT_SEND_BACK_SECONDS", "0"),
        ("PERMDRIFT_STATE_MACHINE", machine),
    ];
    let mut function = bucket.function(&rig, &variables);
    let spoil = |fault: Option<Fault>| {
        rig.proxy.spoil(fault.map(|fault| Plan {
            operation: "sts.AssumeRole".to_owned(),
            nth: 0,
            fault,
            times: Times::Always,
        }));
    };

    // Without a roster no account is known.
    let told = answer(&mut function, &records(&[deleted(MEMBER, "a", 0)]), TIME);
    assert!(stay(&told).is_empty());
    assert!(rig.items().is_empty());

    bucket.put("roster.json", &roster());
    let told = answer(
        &mut function,
        &records(&[deleted(MEMBER, "a", 0), deleted("444444444444", "b", 0)]),
        TIME,
    );
    assert!(stay(&told).is_empty(), "{}", function.log());
    let items = rig.items();
    let key = format!("principal#{}", user(MEMBER, 0));
    assert_eq!(items[&key]["account"]["S"], MEMBER, "{items:?}");
    assert!(
        !items.contains_key(&format!("principal#{}", user(MEMBER, 1))),
        "it was not touched"
    );
    let partitions = items.values().map(|item| &item["account"]["S"]);
    let mut others = partitions.filter(|of| *of != MEMBER && *of != "organization#threads");
    assert_eq!(others.next(), None, "{items:?}");
    let told = rig.told();
    let opened: Vec<&Value> = told
        .machines
        .iter()
        .filter(|(kind, _)| kind == "Finding Opened")
        .map(|(_, detail)| &detail["finding"]["code"])
        .collect();
    assert_eq!(opened, ["missing-actions"]);
    let [(subject, text)] = told.people.as_slice() else {
        panic!("{:#?}\n{}", told.people, function.log())
    };
    assert!(text.contains(MEMBER), "{subject}\n{text}");
    // What there was before nobody knows.
    assert!(
        text.contains("Possibly changed by: somebody whom the event does not name with\n  DeleteUserPolicy (all) at"),
        "{text}"
    );
    assert!(
        function.log().contains(r#""foreign":1"#),
        "{}",
        function.log()
    );

    // An account that cannot be entered keeps its own records, if that may pass, and no others.
    rig.stand_in.play(&fallen(ACCOUNT));
    let both = records(&[deleted(MEMBER, "c", 1), deleted(ACCOUNT, "d", 0)]);
    spoil(Some(Fault::Throttle));
    let told = answer(&mut function, &both, TIME);
    assert_eq!(stay(&told), ["record-0"], "{}", function.log());
    assert!(
        rig.items()
            .contains_key(&format!("principal#{}", user(ACCOUNT, 0)))
    );
    // If not it is a finding, and repeating is of no use.
    spoil(Some(Fault::Deny));
    let told = answer(&mut function, &both, TIME);
    assert!(stay(&told).is_empty(), "{}", function.log());
    spoil(None);

    // What changes above accounts starts the state machine, once for an event.
    let unit = "ou-ab12-cd345678";
    let attached = [
        event(
            ACCOUNT,
            "0e1",
            "AttachPolicy",
            &json!({ "policyId": "p-1", "targetId": unit }),
        ),
        event(
            "444444444444",
            "0e2",
            "AttachPolicy",
            &json!({ "policyId": "p-1", "targetId": "r-ab12" }),
        ),
    ];
    // Whether or not it can be noted who did it.
    for is_noted in [false, true] {
        rig.proxy.spoil((!is_noted).then(|| Plan {
            operation: "dynamodb.PutItem".to_owned(),
            nth: 0,
            fault: Fault::Deny,
            times: Times::Always,
        }));
        let told = answer(&mut function, &records(&attached), TIME);
        assert!(stay(&told).is_empty(), "{}", function.log());
        assert_eq!(rig.items().contains_key("calls-above"), is_noted);
    }
    let listed = server.aws().must(
        "stepfunctions",
        "list_executions",
        json!({ "stateMachineArn": machine }),
    );
    let listed = listed["executions"].as_array().unwrap();
    let names: Vec<&Value> = listed.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["change-0e1"]);
    let described = json!({ "executionArn": listed[0]["executionArn"] });
    let described = server
        .aws()
        .must("stepfunctions", "describe_execution", described);
    let input: Value = serde_json::from_str(described["input"].as_str().unwrap()).unwrap();
    assert_eq!(input, json!({ "run": "change-0e1", "below": unit }));

    // Who did it is noted, as far as accounts of the organisation are concerned.
    let noted = &rig.items()["calls-above"];
    assert_eq!(noted["account"]["S"], format!("{ACCOUNT}#events"));
    let noted = noted["body"]["S"].as_str().unwrap();
    assert!(noted.contains("0e1") && !noted.contains("0e2"), "{noted}");

    // A roster of a newer release is not guessed at: all records stay.
    bucket.put("roster.json", r#"{"schemaVersion":2}"#);
    let why = crate::site::failure(&mut function, &both);
    assert!(why.contains("schema version 2"), "{why}");
}

#[test]
fn what_cannot_be_followed_or_changes_nothing_is_noted_for_its_own_account() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "unusable", &account(MEMBER, 1), Conduct::default());
    rig.set(SETTINGS);
    let bucket = Bucket::new(&server, "hub-of-unusable");
    bucket.put("roster.json", &roster());
    let dead = rig.one_more_queue("dead-unusable");
    let variables = [
        ("PERMDRIFT_EVENTS", rig.queue()),
        ("PERMDRIFT_DEAD_EVENTS", &dead),
    ];
    let mut function = bucket.function(&rig, &variables);
    // It lacks the name of the user; and what it says of its account is not believed.
    let lacking = event(MEMBER, "a", "DeleteUserPolicy", &json!({}));
    let told = answer(&mut function, &records(&[lacking]), TIME);
    assert!(stay(&told).is_empty(), "{}", function.log());
    let told = rig.told();
    let opened: Vec<[&Value; 2]> = told
        .machines
        .iter()
        .filter(|(kind, _)| kind == "Finding Opened")
        .map(|(_, detail)| [&detail["finding"]["code"], &detail["metadata"]["account"]])
        .collect();
    assert_eq!(opened, [[&json!("change-not-followed"), &json!(MEMBER)]]);
    let [(subject, _)] = told.people.as_slice() else {
        panic!("{:#?}\n{}", told.people, function.log())
    };
    assert!(subject.contains(MEMBER), "{subject}");
    // That account's next audit ends it.
    let mut sweep = bucket.function(&rig, &[]);
    answer(&mut sweep, &crate::audits::item("run-1"), TIME);
    let ended = rig.told().machines.into_iter();
    let ended: Vec<String> = ended
        .filter(|(kind, _)| kind == "Finding Resolved")
        .map(|(_, detail)| detail["finding"]["code"].to_string())
        .collect();
    assert_eq!(ended, ["\"change-not-followed\""]);

    // A version that is not the default one changes nothing, and came all the same.
    let mut idle = event(
        MEMBER,
        "b",
        "DeleteUserPolicy",
        &json!({ "policyArn": "arn:aws:iam::222222222222:policy/p" }),
    );
    idle["detail"]["eventName"] = "CreatePolicyVersion".into();
    idle["detail"]["awsRegion"] = "us-east-1".into();
    answer(&mut function, &records(&[idle]), TIME);
    let items = rig.items();
    let arrived = &items["arrivals"];
    assert_eq!(arrived["account"]["S"], format!("{MEMBER}#events"));
    assert!(
        arrived["body"]["S"]
            .as_str()
            .unwrap()
            .contains("iam.amazonaws.com"),
        "{arrived}"
    );
}

#[test]
fn changes_of_a_member_that_never_come_are_told_of_it_until_one_comes() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "silent", &account(MEMBER, 1), Conduct::default());
    rig.set(&format!("notice-days = 0\n{SETTINGS}"));
    let bucket = Bucket::new(&server, "hub-of-silent");
    bucket.put("roster.json", &roster());
    let expected = json!({ "format": 1, "since": "2026-01-01T00:00:00Z", "last": [] }).to_string();
    rig.put([
        json!({ "account": { "S": format!("{MEMBER}#events") }, "item": { "S": "arrivals" },
        "format": { "N": "1" }, "generation": { "N": "1" }, "body": { "S": expected } }),
    ]);
    let tagged = |id: &str, hours: i64| {
        let name = user(MEMBER, 0);
        let name = name.rsplit('/').next().unwrap_or_default();
        let mut tagged = event(
            MEMBER,
            id,
            "DeleteUserPolicy",
            &json!({ "userName": name, "tags": [] }),
        );
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        let detail = &mut tagged["detail"];
        detail["eventName"] = "TagUser".into();
        detail["eventTime"] = at.to_string().into();
        detail["awsRegion"] = "us-east-1".into();
        detail["recipientAccountId"] = MEMBER.into();
        tagged
    };
    rig.stand_in.behave(Conduct {
        recorded: vec![tagged("a", 2)["detail"].clone()],
        ..Conduct::default()
    });
    let mut sweep = bucket.function(&rig, &[("PERMDRIFT_CHANGES", "ENABLED")]);
    let mut steps = |run: &str| {
        drop(rig.told());
        answer(&mut sweep, &crate::audits::item(run), TIME);
        let machines = rig.told().machines.into_iter();
        let steps =
            machines.filter(|(_, detail)| detail["finding"]["code"] == "changes-not-arriving");
        let steps: Vec<(String, Value)> = steps
            .map(|(kind, detail)| (kind, detail["metadata"]["account"].clone()))
            .collect();
        steps
    };
    assert_eq!(
        steps("run-1"),
        [("Finding Opened".to_owned(), json!(MEMBER))]
    );
    assert_eq!(steps("run-2"), []);
    let mut change = bucket.function(&rig, &[("PERMDRIFT_EVENTS", rig.queue())]);
    answer(&mut change, &records(&[tagged("b", 0)]), TIME);
    assert_eq!(
        steps("run-3"),
        [("Finding Resolved".to_owned(), json!(MEMBER))]
    );
}
