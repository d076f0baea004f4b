//! Drift: is it told once, and its end once, on every channel?

use e2e::template::Template;
use e2e::watched;
use serde_json::{Value, json};

use crate::channels::{self, Channels};
use crate::readme;
use crate::site::{Holder, ROLE, Site, USER};

fn types(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// What an invocation counted: compliant, drifted, undetermined.
fn verdicts(answer: &Value) -> [u64; 3] {
    ["compliant", "drifted", "undetermined"].map(|name| answer[name].as_u64().unwrap_or(99))
}

/// What the calls of on-call tools say.
fn what(calls: &[(String, Value)]) -> Vec<&str> {
    calls.iter().map(|(what, _)| what.as_str()).collect()
}

/// How a finding stands in Security Hub.
fn stands(finding: &Value) -> [&Value; 2] {
    [&finding["Compliance"]["Status"], &finding["RecordState"]]
}

#[test]
fn drift_is_told_once_and_its_end_once() {
    let mut parameters = channels::ALL.to_vec();
    parameters.push(("ScheduleState", "DISABLED"));
    let site = Site::new(&parameters);
    let channels = Channels::of(&site);

    let healthy = site.invoke(&json!({}));
    assert_eq!(
        verdicts(&healthy),
        [2, 0, 0],
        "{healthy}\n{}",
        site.server.log()
    );
    let machines = site.to_machines();
    assert_eq!(types(&machines), ["Audit Completed"]);
    assert_eq!(site.to_people(), []);
    assert_eq!(channels.chats(), Vec::<Value>::new());
    assert!(channels.filed().is_empty());
    // Whatever an earlier audit failed of is over.
    let audits = machines[0].1["detail"]["alert"]["id"]
        .as_str()
        .expect("an audit has an alert");
    let works = [
        format!("Opsgenie close {audits}"),
        format!("PagerDuty resolve {audits}"),
    ];
    assert_eq!(what(&channels.calls::<2>()), works);

    site.detach(Holder::Role);
    let event = json!({ "scheduled_time": "2026-11-22T03:15:00Z" });
    let drifted = site.invoke(&event);
    assert_eq!(drifted["findings"]["opened"], 1, "{drifted}");
    let people = site.to_people();
    let [(subject, text)] = people.as_slice() else {
        panic!("people were told {people:#?}")
    };
    assert!(subject.len() <= 100 && subject.is_ascii(), "{subject}");
    readme::shows(subject, text);
    let machines = site.to_machines();
    assert_eq!(
        types(&machines),
        [
            "Finding Opened",
            "OCSF Compliance Finding",
            "Alert Triggered",
            "Audit Completed"
        ]
    );
    let opened = &machines[0].1;
    assert_eq!(opened["source"], "permdrift");
    assert_eq!(opened["resources"], json!([ROLE]));
    assert_eq!(opened["detail"]["metadata"]["version"], "1");
    let id = opened["detail"]["finding"]["id"]
        .as_str()
        .expect("a finding has an id");
    assert!(text.contains(id), "one id on both channels: {text}");
    let item = site.item(ROLE);
    let body = item["body"]["S"].as_str().unwrap_or_default();
    assert!(body.contains(id), "the table holds the finding: {item}");
    assert_eq!(machines[1].1["detail"]["finding_info"]["uid"], id);
    let chats = channels.chats();
    assert_eq!(chats.len(), 1, "{chats:#?}");
    assert_eq!(chats[0]["metadata"]["threadId"], id);
    let calls: [_; 4] = channels.calls();
    assert_eq!(
        what(&calls),
        [
            works[0].clone(),
            format!("Opsgenie create {id}"),
            works[1].clone(),
            format!("PagerDuty trigger {id}")
        ]
    );
    // The texts of the event, each in its place; what is longer than a line is still JSON.
    let alert = &machines[2].1["detail"]["alert"];
    let (opsgenie, pager_duty) = (&calls[1].1, &calls[3].1["payload"]);
    assert_eq!(opsgenie["description"], alert["description"]);
    assert_eq!(opsgenie["priority"], "P1");
    assert_eq!(
        pager_duty["custom_details"]["description"],
        alert["description"]
    );
    assert_eq!(pager_duty["severity"], "critical");
    assert_eq!(pager_duty["custom_details"]["principals"], json!([ROLE]));
    let filed = channels.filed();
    assert_eq!(stands(&filed[id]), ["FAILED", "ACTIVE"], "{filed:#?}");

    // The same event once more is the same audit, and no second alert.
    let again = site.invoke(&event);
    assert_eq!(again["audit"], drifted["audit"]);
    assert_eq!(verdicts(&again), [1, 1, 0], "{again}");
    assert_eq!(types(&site.to_machines()), ["Audit Completed"]);
    assert_eq!(site.to_people(), []);
    assert_eq!(what(&channels.calls::<2>()), works);

    let unchanged = site.invoke(&json!({}));
    assert_eq!(verdicts(&unchanged), [1, 1, 0], "{unchanged}");
    assert_eq!(types(&site.to_machines()), ["Audit Completed"]);
    assert_eq!(site.to_people(), []);
    assert_eq!(channels.chats(), Vec::<Value>::new());
    assert_eq!(what(&channels.calls::<2>()), works);

    site.attach(Holder::Role);
    site.detach(Holder::Group);
    let turned = site.invoke(&json!({}));
    assert_eq!(verdicts(&turned), [1, 1, 0], "{turned}");
    let mut machines = site.to_machines();
    assert_eq!(
        machines.pop().map(|(kind, _)| kind).as_deref(),
        Some("Audit Completed")
    );
    machines.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        types(&machines),
        [
            "Alert Resolved",
            "Alert Triggered",
            "Finding Opened",
            "Finding Resolved",
            "OCSF Compliance Finding",
            "OCSF Compliance Finding"
        ]
    );
    assert_eq!(machines[2].1["resources"], json!([USER]));
    assert_eq!(machines[3].1["resources"], json!([ROLE]));
    assert_eq!(
        machines[3].1["detail"]["finding"]["id"], id,
        "the same id for its whole life"
    );
    assert_eq!(site.to_people().len(), 2);
    assert_eq!(channels.chats().len(), 2);
    // What is lost to the user is less than critical, and nobody is called for it.
    assert_eq!(machines[1].1["detail"]["alert"]["level"], "high");
    assert_eq!(
        what(&channels.calls::<4>()),
        [
            works[0].clone(),
            format!("Opsgenie close {id}"),
            works[1].clone(),
            format!("PagerDuty resolve {id}")
        ]
    );
    channels.is_quiet();
    let filed = channels.filed();
    assert_eq!(filed.len(), 2, "{filed:#?}");
    assert_eq!(stands(&filed[id]), ["PASSED", "ARCHIVED"], "{filed:#?}");

    watched::names_are_written(Template::Account, &site.server);
}
