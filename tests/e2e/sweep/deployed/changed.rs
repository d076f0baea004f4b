//! On change: does an event of CloudTrail lead to one message, through the real queue and with the function's own role? And does nothing
//! of what it holds come anywhere else?

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::site::{Holder, ROLE, Site};

/// Stands in each event where AWS writes policy documents, addresses and programs.
const MARKER: &str = "only-in-trail-events";

/// An event of IAM in which somebody does something with a policy of a role. Its time is now: what was done before a role was made is over.
pub(crate) fn event(id: u32, call: &str, role: &str) -> Value {
    let parameters = json!({ "roleName": role, "policyArn": "arn:aws:iam::123456789012:policy/repository-write",
        "policyDocument": MARKER });
    event_with(id, call, &parameters)
}

/// An event of IAM with these parameters.
pub(crate) fn event_with(id: u32, call: &str, parameters: &Value) -> Value {
    let now = jiff::Timestamp::now().to_string();
    json!({
        "eventVersion": "1.11", "eventSource": "iam.amazonaws.com", "eventName": call, "awsRegion": "us-east-1",
        "eventID": format!("00000000-0000-4000-8000-{id:012}"), "eventTime": now,
        "recipientAccountId": "123456789012", "sourceIPAddress": MARKER, "userAgent": MARKER,
        "userIdentity": { "type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Deploy/ci-4711",
            "accountId": "123456789012", "accessKeyId": MARKER },
        "requestParameters": parameters,
    })
}

/// The log of the functions since a place in it.
fn log_since(site: &Site, place: usize) -> String {
    let log = site.server.log();
    log.get(place..).unwrap_or_default().to_owned()
}

/// Waits until the log has a text, much time for a busy machine; what came since `place`.
#[track_caller]
pub(crate) fn wait_for(site: &Site, place: usize, text: &str) -> String {
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        let log = log_since(site, place);
        if log.contains(text) {
            return log;
        }
        assert!(Instant::now() < until, "no {text} in the log:\n{log}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The batch that ends next, after what is put now.
struct Batch<'a> {
    site: &'a Site,
    place: usize,
}

impl<'a> Batch<'a> {
    fn of(site: &'a Site, detail: &Value) -> Self {
        let place = site.server.log().len();
        site.put_event(detail);
        Self { site, place }
    }

    /// What it logged.
    #[track_caller]
    fn done(&self) -> String {
        wait_for(self.site, self.place, "\"unusable\":")
    }
}

fn kinds(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// Sets the pause of events that go back to the queue.
pub(crate) fn set_send_back(site: &Site, seconds: u64) {
    let aws = site.server.aws();
    let name = site.stack.output("ChangeFunction");
    let got = aws.must(
        "lambda",
        "get_function_configuration",
        json!({ "FunctionName": name }),
    );
    let mut variables = got["Environment"].clone();
    variables["Variables"]["PERMDRIFT_SEND_BACK_SECONDS"] = json!(seconds.to_string());
    aws.must(
        "lambda",
        "update_function_configuration",
        json!({ "FunctionName": name, "Environment": variables }),
    );
}

#[test]
fn a_change_is_told_by_its_event_and_nothing_of_the_event_is() {
    let site = Site::new(&[("ScheduleState", "DISABLED")]);
    set_send_back(&site, 2);
    site.invoke(&json!({}));
    let _ = site.to_machines();
    let mut people = Vec::new();
    let mut machines = Vec::new();

    // What is nobody's costs a look-up and no call to IAM.
    let log = Batch::of(&site, &event(1, "DetachRolePolicy", "SomebodyElse")).done();
    assert!(log.contains("\"ours\":0"), "{log}");
    assert!(!log.contains("\"listed\""), "IAM was asked:\n{log}");

    // A policy is detached, and this is told.
    site.detach(Holder::Role);
    let log = Batch::of(&site, &event(2, "DetachRolePolicy", "VeeamRepository")).done();
    assert!(log.contains("\"ours\":1"), "{log}");
    let told = site.to_machines();
    assert_eq!(kinds(&told), ["Finding Opened", "Alert Triggered"], "{log}");
    assert_eq!(told[0].1["resources"], json!([ROLE]));
    let id = told[0].1["detail"]["finding"]["id"].clone();
    let by = &told[0].1["detail"]["changedBy"];
    assert_eq!(
        (&by["call"], &by["who"]),
        (
            &json!("DetachRolePolicy"),
            &json!("arn:aws:sts::123456789012:assumed-role/Deploy/ci-4711")
        ),
        "{by}"
    );
    machines.extend(told);
    let told = site.to_people();
    let [(_, text)] = told.as_slice() else {
        panic!("people were told {told:#?}")
    };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("Changed by: session ci-4711 with DetachRolePolicy"),
        "{text}"
    );
    people.extend(told);

    // The same event once more is no second message.
    Batch::of(&site, &event(2, "DetachRolePolicy", "VeeamRepository")).done();
    assert_eq!((site.to_machines(), site.to_people()), (vec![], vec![]));

    // Its end is told too, under the same id.
    site.attach(Holder::Role);
    let log = Batch::of(&site, &event(3, "AttachRolePolicy", "VeeamRepository")).done();
    let told = site.to_machines();
    assert_eq!(
        kinds(&told),
        ["Finding Resolved", "Alert Resolved"],
        "{log}"
    );
    assert_eq!(told[0].1["detail"]["finding"]["id"], id);
    machines.extend(told);
    people.extend(site.to_people());

    // The event comes before the listing shows its effect: it goes back, and is found at the second try.
    let batch = Batch::of(&site, &event(4, "DetachRolePolicy", "VeeamRepository"));
    let log = batch.done();
    assert!(log.contains("\"back\":1"), "{log}");
    site.detach(Holder::Role);
    wait_for(&site, batch.place + log.len(), "\"unusable\":");
    let told = site.to_machines();
    assert_eq!(kinds(&told), ["Finding Opened", "Alert Triggered"], "{log}");
    assert_eq!(told[0].1["detail"]["finding"]["id"], id);
    machines.extend(told);
    people.extend(site.to_people());

    // What cannot be followed is told, and lies with the dead letters.
    let mut strange = event(5, "DetachRolePolicy", "");
    strange["requestParameters"] = json!({ "policyDocument": MARKER });
    let log = Batch::of(&site, &strange).done();
    assert!(log.contains("\"unusable\":1"), "{log}");
    let told = site.to_people();
    let [(subject, text)] = told.as_slice() else {
        panic!("people were told {told:#?}")
    };
    let text_in_one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text_in_one_line.contains("`DetachRolePolicy` has no usable `requestParameters.roleName`"),
        "{subject}\n{text}"
    );
    assert!(!text.contains("failed"), "{subject}\n{text}");
    people.extend(told);
    let told = site.to_machines();
    assert_eq!(kinds(&told), ["Finding Opened", "Alert Triggered"]);
    let code = &told[0].1["detail"]["finding"]["code"];
    assert_eq!(code, "change-not-followed");
    machines.extend(told);
    let dead = site.read(site.stack.output("DeadTrailEventsUrl"));
    assert_eq!(dead.len(), 1, "{dead:?}");
    assert_eq!(dead[0]["detail"], strange);

    // What events hold is in none of the places that keep or tell.
    let table = site.server.aws().must(
        "dynamodb",
        "scan",
        json!({ "TableName": site.stack.output("BaselineTable") }),
    );
    let ours = log_since(&site, 0);
    let ours: Vec<&str> = ours
        .lines()
        .filter(|line| line.contains("on_change") || line.contains("\"target\":"))
        .collect();
    assert!(!ours.is_empty(), "the functions log");
    for (place, text) in [
        ("table", table.to_string()),
        ("log", ours.join("\n")),
        ("messages", format!("{people:?}")),
        ("bus", format!("{machines:?}")),
    ] {
        assert!(!text.contains(MARKER), "{MARKER} is in the {place}: {text}");
    }
}
