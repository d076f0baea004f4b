//! The fortnight, channel by channel: exactly the messages that are expected, told as a story.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use crate::days::{day, look, story};
use crate::published::Published;
use crate::readers;

/// What every channel got, day by day.
fn fortnight() -> Vec<(String, Option<Published>)> {
    let mut story = story();
    (1..=14)
        .map(|number| {
            let told = look(&mut story, number).map(|found| {
                let step = story.step(&found);
                Published::of(&found, &step, &story.settings)
            });
            (format!("day {number}: {}", day(number).0), told)
        })
        .collect()
}

fn tell(lines: impl Fn(&Published) -> Vec<String>) -> String {
    let mut text = String::new();
    for (title, told) in fortnight() {
        writeln!(text, "{title}").unwrap();
        for line in told.iter().flat_map(&lines) {
            writeln!(text, "  {line}").unwrap();
        }
    }
    text
}

fn word<'v>(value: &'v Value, path: &str) -> &'v str {
    let value = value.pointer(path).unwrap_or(&Value::Null);
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text at {path}: {value}"))
}

#[test]
fn by_mail() {
    insta::assert_snapshot!(tell(|told| {
        let lines = told.mails.iter().flat_map(|mail| {
            let preview: String = mail.body.replace('\n', " ").chars().take(96).collect();
            [mail.subject.clone(), format!("    {preview}")]
        });
        lines.collect()
    }));
}

#[test]
fn in_the_chat() {
    insta::assert_snapshot!(tell(|told| {
        let mut lines = Vec::new();
        for chat in &told.chats {
            let (content, thread) = (&chat["content"], word(chat, "/metadata/threadId"));
            lines.push(format!("{} [{thread}]", word(content, "/title")));
            let description = word(content, "/description").lines();
            lines.extend(description.map(|line| format!("    {line}")));
            let steps = content["nextSteps"].as_array().into_iter().flatten();
            lines.extend(steps.map(|step| format!("    > {}", step.as_str().unwrap())));
        }
        lines
    }));
}

#[test]
fn on_call() {
    let mut text = String::new();
    let mut open: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (title, told) in fortnight() {
        writeln!(text, "{title}").unwrap();
        for (rule, call) in told.iter().flat_map(|told| &told.calls) {
            let body = &call.body;
            let (tool, action, id, words) = match *rule {
                "PagerDutyRule" => (
                    "PagerDuty",
                    word(body, "/event_action"),
                    word(body, "/dedup_key"),
                    format!(
                        "{}: {}",
                        word(body, "/payload/severity"),
                        word(body, "/payload/summary")
                    ),
                ),
                "OpsgenieRule" => (
                    "Opsgenie",
                    "trigger",
                    word(body, "/alias"),
                    format!("{}: {}", word(body, "/priority"), word(body, "/message")),
                ),
                _ => (
                    "Opsgenie",
                    "resolve",
                    call.url.rsplit('/').nth(1).unwrap(),
                    word(body, "/note").to_owned(),
                ),
            };
            let known = open.entry(tool).or_default();
            let is_news = if action == "trigger" {
                known.insert(id.to_owned())
            } else {
                known.remove(id)
            };
            // What is open is only added to, what is not open is not closed: nobody is woken.
            let mark = if is_news { "" } else { " (nothing new)" };
            writeln!(text, "  {tool} {action} {id} {words}{mark}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
    assert_eq!(open["PagerDuty"], open["Opsgenie"]);
    assert_eq!(
        open["PagerDuty"].len(),
        1,
        "only the role that is missed is still open"
    );
}

#[test]
fn in_security_hub() {
    let mut text = String::new();
    let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut all = Vec::new();
    for (title, told) in fortnight() {
        writeln!(text, "{title}").unwrap();
        for finding in told.into_iter().flat_map(|told| told.filed) {
            let id = word(&finding, "/Id").to_owned();
            let stands = format!(
                "{} {} {} {}: {}",
                word(&finding, "/Severity/Label"),
                word(&finding, "/Compliance/Status"),
                word(&finding, "/Workflow/Status"),
                word(&finding, "/RecordState"),
                word(&finding, "/Title")
            );
            let updated = word(&finding, "/UpdatedAt").to_owned();
            let before = known.insert(id.clone(), (stands.clone(), updated.clone()));
            if let Some((_, earlier)) = &before {
                assert!(*earlier < updated, "{id}: {earlier} {updated}");
            }
            if before.is_none_or(|(before, _)| before != stands) {
                writeln!(text, "  {id} {stands}").unwrap();
            }
            all.push(finding);
        }
    }
    readers::security_hub(&all);
    insta::assert_snapshot!(text);
}

#[test]
fn on_the_bus() {
    insta::assert_snapshot!(tell(|told| {
        let lines = told.events.iter().map(|event| {
            let kind = word(event, "/detail-type");
            let detail = &event["detail"];
            if let Some(id) = detail.pointer("/finding/id") {
                let muted = detail.pointer("/finding/muted").map_or("", |_| " (muted)");
                let principal = detail.pointer("/finding/principal").and_then(Value::as_str);
                let name = principal
                    .and_then(|arn| arn.rsplit('/').next())
                    .unwrap_or("account");
                format!(
                    "{kind} {} {} of {name}{muted}",
                    id.as_str().unwrap(),
                    word(detail, "/finding/code")
                )
            } else if let Some(info) = detail.pointer("/finding_info/uid") {
                format!(
                    "{kind} {} {}, {}, {}",
                    info.as_str().unwrap(),
                    word(detail, "/activity_name"),
                    word(detail, "/status"),
                    word(detail, "/compliance/status")
                )
            } else if let Some(id) = detail
                .pointer("/alert/id")
                .filter(|_| kind.starts_with("Alert"))
            {
                format!(
                    "{kind} {} with {}",
                    id.as_str().unwrap(),
                    detail["alert"]["count"]
                )
            } else {
                kind.to_owned()
            }
        });
        lines.collect()
    }));
}
