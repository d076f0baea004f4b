//! Drift: is it told once, and its end once, to people and to machines?

use serde_json::{Value, json};

use crate::site::{Holder, ROLE, Site, USER};
use crate::{readme, watched};

fn types(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// What an invocation counted: compliant, drifted, undetermined.
fn verdicts(answer: &Value) -> [u64; 3] {
    ["compliant", "drifted", "undetermined"].map(|name| answer[name].as_u64().unwrap_or(99))
}

#[test]
fn drift_is_told_once_and_its_end_once() {
    let site = Site::new(&[("ScheduleState", "DISABLED")]);

    let healthy = site.invoke(&json!({}));
    assert_eq!(
        verdicts(&healthy),
        [2, 0, 0],
        "{healthy}\n{}",
        site.server.log()
    );
    assert_eq!(types(&site.to_machines()), ["Audit Completed"]);
    assert_eq!(site.to_people(), []);

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
        ["Finding Opened", "Alert Triggered", "Audit Completed"]
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

    // The same event once more is the same audit, and no second alert.
    let again = site.invoke(&event);
    assert_eq!(again["audit"], drifted["audit"]);
    assert_eq!(verdicts(&again), [1, 1, 0], "{again}");
    assert_eq!(types(&site.to_machines()), ["Audit Completed"]);
    assert_eq!(site.to_people(), []);

    let unchanged = site.invoke(&json!({}));
    assert_eq!(verdicts(&unchanged), [1, 1, 0], "{unchanged}");
    assert_eq!(types(&site.to_machines()), ["Audit Completed"]);
    assert_eq!(site.to_people(), []);

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
            "Finding Resolved"
        ]
    );
    assert_eq!(machines[2].1["resources"], json!([USER]));
    assert_eq!(machines[3].1["resources"], json!([ROLE]));
    assert_eq!(
        machines[3].1["detail"]["finding"]["id"], id,
        "the same id for its whole life"
    );
    assert_eq!(site.to_people().len(), 2);

    watched::names_are_written(&site.server.log());
}
