//! The fortnight of `shared/audit`, lived through by the real binary: thirteen processes on thirteen days, an AWS-compatible
//! server that keeps table, topics and bus, a stand-in for IAM, a listener for Security Hub. What arrives on each channel
//! must be what the pure story tells, message by message and in the same threads.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

mod account;
#[path = "../../../../shared/audit/tests/audit/days.rs"]
mod days;
#[path = "../../../../shared/audit/tests/audit/phases.rs"]
#[expect(dead_code, reason = "the tests of `audit` use more of it")]
mod phases;
#[path = "../../../../shared/audit/tests/audit/principals.rs"]
mod principals;
#[path = "../../../../shared/audit/tests/audit/rules.rs"]
#[expect(dead_code, reason = "the tests of `audit` use more of it")]
mod rules;
#[path = "../../../../shared/audit/tests/audit/story.rs"]
#[expect(dead_code, reason = "the tests of `audit` use more of it")]
mod story;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit::ports::News;
use e2e::http::{Answer, Message, listen};
use e2e::lambda::{Lambda, Outcome};
use e2e::proxy::{Fault, Plan, Times};
use e2e::rig::Rig;
use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::tools::Tools;
use jiff::Timestamp;
use report::Header;
use report::channels;
use report::machine::asff;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");
const TIME: Duration = Duration::from_secs(60);

/// What one day's audit told, without what differs between the story and the machine: accounts, ids.
#[derive(Debug, Default, PartialEq)]
struct Day {
    subjects: Vec<String>,
    /// Titles with their threads.
    chats: Vec<(String, String)>,
    /// Steps of findings, and alerts with their ids.
    findings: Vec<String>,
    alerts: Vec<(String, String)>,
    /// Findings in Security Hub: how each stands.
    filed: Vec<String>,
}

/// What the story tells.
fn told() -> Vec<Option<Day>> {
    let mut story = days::story();
    let mut days = Vec::new();
    for number in 1..=14 {
        let Some(found) = days::look(&mut story, number) else {
            days.push(None);
            continue;
        };
        let step = story.step(&found);
        let header = Header {
            audit: "a",
            account: found.account,
            at: found.at,
        };
        let findings = audit::observe(&found, &story.settings);
        let news = News {
            assessment: &found,
            findings: &findings,
            events: &step.events,
            messages: &step.messages,
            baseline: &step.baseline,
            mutes: &step.mutes,
        };
        let words = channels::found(&header, &news, &story.settings, None);
        let filed = asff::current(
            &step.baseline,
            &found.coverage.selection,
            &story.settings,
            "eu-central-1",
            audit::mute::At::of(&found),
        );
        let machines = words.machines.iter().map(|machine| {
            let detail = serde_json::from_str(&machine.detail).unwrap();
            (machine.detail_type.to_owned(), detail)
        });
        let filed: Vec<Value> = filed
            .iter()
            .map(|one| serde_json::to_value(one).unwrap())
            .collect();
        let chats = words.chats.iter().map(report::chat::Notification::json);
        let mails = words.texts.into_iter().map(|text| text.subject);
        days.push(Some(Day::of(
            mails.collect(),
            chats.collect(),
            machines.collect(),
            &filed,
        )));
    }
    days
}

impl Day {
    fn of(
        subjects: Vec<String>,
        chats: Vec<String>,
        machines: Vec<(String, Value)>,
        filed: &[Value],
    ) -> Self {
        let plain = |text: &str| text.replace("111122223333", ACCOUNT);
        let word = |value: &Value| plain(value.as_str().unwrap_or_default());
        let mut day = Self {
            subjects: subjects.iter().map(|subject| plain(subject)).collect(),
            ..Self::default()
        };
        for chat in chats {
            let chat: Value = serde_json::from_str(&chat).expect("a chat message is JSON");
            let thread = word(&chat["metadata"]["threadId"]);
            day.chats.push((word(&chat["content"]["title"]), thread));
        }
        for (kind, detail) in machines {
            let finding = &detail["finding"];
            if finding.is_object() {
                day.findings.push(format!(
                    "{kind}: {} {} {}",
                    word(&finding["code"]),
                    word(&finding["principal"]),
                    word(&finding["actionSet"])
                ));
            } else if kind.starts_with("Alert") {
                let alert = &detail["alert"];
                let title = format!("{kind}: {}", word(&alert["title"]));
                day.alerts.push((title, word(&alert["id"])));
            }
        }
        for finding in filed {
            day.filed.push(format!(
                "{} {} {} {}: {}",
                word(&finding["Severity"]["Label"]),
                word(&finding["Compliance"]["Status"]),
                word(&finding["Workflow"]["Status"]),
                word(&finding["RecordState"]),
                word(&finding["Title"])
            ));
        }
        for list in [&mut day.subjects, &mut day.findings, &mut day.filed] {
            list.sort();
        }
        day.chats.sort();
        day.alerts.sort();
        day
    }

    /// The same with each id named by the order in which it was met.
    fn named(mut self, names: &mut BTreeMap<String, usize>) -> Self {
        for (_, id) in self.chats.iter_mut().chain(&mut self.alerts) {
            let next = names.len();
            *id = names.entry(id.clone()).or_insert(next).to_string();
        }
        self
    }
}

/// Security Hub, which takes whatever it gets and keeps it.
#[derive(Clone, Default)]
struct Hub(Arc<Mutex<Vec<Value>>>);

impl Hub {
    fn take(&self, request: &Message) -> Answer {
        assert_eq!(request.target(), "/findings/import");
        let signed = request.header("authorization").unwrap_or_default();
        assert!(signed.contains("/securityhub/aws4_request"), "{signed}");
        let body: Value = serde_json::from_slice(&request.body).expect("an import is JSON");
        let findings = body["Findings"].as_array().expect("an import has findings");
        self.0
            .lock()
            .expect("no import panics")
            .extend(findings.clone());
        let answer =
            json!({ "FailedCount": 0, "SuccessCount": findings.len(), "FailedFindings": [] });
        Answer::Whole(Message::answer(200, "application/json", answer.to_string()))
    }
}

/// One process, at the time of a day's audit.
fn function(rig: &Rig<'_>, number: u32, chat: &str, hub: &str) -> Lambda {
    // A few seconds later each day: a machine is never to the second where the story is, and a window that is just over
    // there must be over here.
    let story: Timestamp = days::time(number).parse().expect("a time");
    let now = story + jiff::SignedDuration::from_secs(5 * i64::from(number));
    let library = Tools::Clock.file("libfaketime.so.1");
    let clock = now.strftime("@%Y-%m-%d %H:%M:%S").to_string();
    let mut function = rig.function(
        Path::new(BINARY),
        &[
            ("LD_PRELOAD", library.as_str()),
            ("FAKETIME", clock.as_str()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("TZ", "UTC"),
            ("AWS_MAX_ATTEMPTS", "1"),
            ("PERMDRIFT_CALLS_PER_SECOND", "1000"),
            ("PERMDRIFT_CHAT_TOPIC", chat),
            ("PERMDRIFT_SECURITY_HUB", "ENABLED"),
            ("AWS_ENDPOINT_URL_SECURITYHUB", hub),
        ],
    );
    function.shift_clock(now.as_second() - Timestamp::now().as_second());
    function
}

#[test]
fn the_binary_lives_through_the_fortnight_as_the_story_tells_it() {
    let server = Server::start(Enforcement::Off);
    let made = server
        .aws()
        .must("sns", "create_topic", json!({ "Name": "chat" }));
    let chat = made["TopicArn"].as_str().expect("a topic has an ARN");
    let hub = Hub::default();
    let taking = hub.clone();
    let listener = listen(move |request| taking.take(&request));
    let rig = Rig::new(
        &server,
        "fortnight",
        &account::account(1),
        account::conduct(1),
    );
    rig.set(&format!(
        "confirm-pause-seconds = 0\nregions = [\"eu-central-1\"]\n{}\n{}",
        days::SETTINGS,
        principals::SETS
    ));

    let (mut expected_names, mut found_names) = (BTreeMap::new(), BTreeMap::new());
    for (number, expected) in (1..).zip(told()) {
        let Some(expected) = expected else { continue };
        rig.stand_in.play(&account::account(number));
        rig.stand_in.behave(account::conduct(number));
        rig.proxy.spoil((number == 11).then(|| Plan {
            operation: "iam.GetAccountAuthorizationDetails".to_owned(),
            nth: 0,
            fault: Fault::Deny,
            times: Times::Always,
        }));
        let mut function = function(&rig, number, chat, &listener.url());
        let outcome = function.invoke(&json!({ "scheduled_time": days::time(number) }), TIME);
        let log = function.log();
        let is_as_told = match &outcome {
            Outcome::Answered(_) => number != 11,
            Outcome::Failed(_) => number == 11,
            Outcome::Ended => false,
        };
        assert!(is_as_told, "day {number}: {outcome:?}\n{log}");
        let told = rig.told();
        // Chat messages have no subject of their own.
        let (chats, mails): (Vec<_>, Vec<_>) = told
            .people
            .into_iter()
            .partition(|(subject, _)| subject == "permdrift");
        let filed = std::mem::take(&mut *hub.0.lock().expect("no import panics"));
        let found = Day::of(
            mails.into_iter().map(|(subject, _)| subject).collect(),
            chats.into_iter().map(|(_, body)| body).collect(),
            told.machines,
            &filed,
        );
        let expected = without_reason(expected).named(&mut expected_names);
        let found = without_reason(found).named(&mut found_names);
        assert_eq!(
            found,
            expected,
            "day {number}, {}\n{log}",
            days::day(number).0
        );
    }
}

/// Why the audit failed is told in AWS's words, which the story does not know.
fn without_reason(mut day: Day) -> Day {
    for stands in &mut day.filed {
        if let Some((before, _)) = stands.split_once(" failed: ") {
            *stands = before.to_owned();
        }
    }
    day
}
