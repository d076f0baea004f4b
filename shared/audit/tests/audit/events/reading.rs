//! Forms of trail events: is the same read from each, and nothing from what is none?

use audit::events::{ReadEventsError, TrailEvents, read, read_messages};

use super::{ACCOUNT, recorded};

#[test]
fn every_form_gives_the_same_events() {
    let events = recorded::calls();
    let delivered = |event: &serde_json::Value| {
        serde_json::json!({
            "version": "0", "id": "11111111-1111-1111-1111-111111111111", "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.iam", "account": "111122223333", "time": event["eventTime"], "region": "us-east-1",
            "resources": [], "detail": event,
        })
    };
    let looked_up = |event: &serde_json::Value| {
        serde_json::json!({
            "EventId": event["eventID"], "EventName": event["eventName"], "ReadOnly": "false",
            "EventTime": "2026-11-28T11:00:00+01:00", "EventSource": "iam.amazonaws.com", "Username": "alice",
            "Resources": [], "CloudTrailEvent": event.to_string(),
        })
    };
    let all = |one: &dyn Fn(&serde_json::Value) -> serde_json::Value| {
        events.iter().map(one).collect::<Vec<_>>()
    };
    let plain: Vec<String> = events.iter().map(ToString::to_string).collect();
    let plain = read(&plain.join("\n")).unwrap();
    assert_eq!((plain.events.len(), plain.total), (36, 36));
    let bus = all(&delivered);
    let lines: Vec<String> = bus.iter().map(ToString::to_string).collect();
    for form in [
        serde_json::json!(events).to_string(),
        serde_json::json!({ "Records": events }).to_string(),
        serde_json::json!({ "Events": all(&looked_up) }).to_string(),
        serde_json::json!(bus).to_string(),
        lines.join("\r\n"),
        serde_json::to_string_pretty(&bus[0]).unwrap() + &lines[1..].join("\n"),
    ] {
        assert_eq!(read(&form).unwrap(), plain, "{form}");
    }
}

#[test]
fn what_holds_no_event_is_refused_and_an_empty_list_is_none() {
    assert!(matches!(read(" \n"), Err(ReadEventsError::Empty)));
    assert!(matches!(
        read("{\"Records\": [{"),
        Err(ReadEventsError::NotJson(_))
    ));
    assert!(matches!(
        read("eventName"),
        Err(ReadEventsError::NotJson(_))
    ));
    for other in [ACCOUNT, "{}", "[1]", "null"] {
        assert!(
            matches!(read(other), Err(ReadEventsError::NoEvent(_))),
            "{other}"
        );
    }
    for none in ["[]", "{\"Records\": []}", "{\"Events\": []}"] {
        assert_eq!(read(none).unwrap(), TrailEvents::default());
    }
}

#[test]
fn a_message_that_is_no_event_is_told_though_it_came_alone() {
    let good = recorded::call("TagRole").to_string();
    let delivered = serde_json::json!({ "detail": recorded::call("DeleteRole") }).to_string();
    let nameless = good.replace("\"roleName\"", "\"role\"");
    let messages = [&*good, "", "{}", "{\"detail\"", &delivered, &nameless];
    let found = read_messages(messages);
    assert_eq!((found.events.len(), found.total), (2, 6));
    let places: Vec<&str> = found.faults.iter().map(|fault| &*fault.place).collect();
    assert_eq!(places, ["message 2", "message 3", "message 4", "message 6"]);
    let alone = read_messages([&*nameless]);
    assert_eq!((alone.events.len(), alone.faults.len()), (0, 1));
    assert_eq!(read_messages([]), TrailEvents::default());
}
