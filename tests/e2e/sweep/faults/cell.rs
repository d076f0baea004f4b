//! One cell: an audit of the changed account in which something goes wrong, and the next one in which nothing does.
//!
//! In: a baseline of the account before. Out: what the spoiled audit did, what both told; and the invariants, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use e2e::lambda::{Lambda, Outcome};
use e2e::rig::{Rig, Told};
use e2e::server::{ACCOUNT, Server};
use e2e::standin::Conduct;
use serde_json::{Value, json};

use crate::account::{AFTER, FALLING, HEALING, LEFT, STEADY, USERS, account, arn, service_control};
use crate::published::{Step, messages, steps};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");

/// Time that an invocation has.
pub(crate) const TIME: Duration = Duration::from_secs(60);

/// Impatient, so that a cell takes seconds; one call at a time, so that it is the same each time.
const VARIABLES: [(&str, &str); 5] = [
    ("AWS_MAX_ATTEMPTS", "2"),
    ("PERMDRIFT_TIMEOUT_SECONDS", "1.5"),
    ("PERMDRIFT_CALLS_PER_SECOND", "1000"),
    ("PERMDRIFT_CONCURRENCY", "1"),
    ("PERMDRIFT_RESERVE_SECONDS", "5"),
];

/// Nothing is waited for, unless a cell is about just that.
pub(crate) const SETTINGS: &str = "confirm-pause-seconds = 0\n";

/// Time of an invocation that is to run out of it.
pub(crate) const SHORT: Duration = Duration::from_secs(9);

/// A pause that takes as much of an invocation as it may, so that principals are taken during less than a third of the time.
pub(crate) const LONG_PAUSE: &str = "confirm-pause-seconds = 900\n";

/// The items of the table after the first audit, which found two users ill, and one of a user that is to be forgotten.
pub(crate) struct Before(BTreeMap<String, Value>);

/// An audit that went wrong, and what it told.
pub(crate) struct Spoiled {
    pub(crate) outcome: Outcome,
    pub(crate) told: Told,
}

/// Listings and simulations in several pages.
pub(crate) fn conduct() -> Conduct {
    Conduct {
        listing_page: 2,
        simulation_page: 2,
        service_control: vec![service_control()],
        ..Conduct::default()
    }
}

/// A rig that plays the account after the change, with the table as it was before.
pub(crate) fn rig<'a>(server: &'a Server, name: &str, before: &Before) -> Rig<'a> {
    let rig = Rig::new(server, name, &account(&AFTER), conduct());
    rig.set(SETTINGS);
    rig.put(before.0.values().cloned());
    rig
}

/// The function in a rig.
pub(crate) fn function(rig: &Rig<'_>, variables: &[(&str, &str)]) -> Lambda {
    let mut all = VARIABLES.to_vec();
    all.extend(variables);
    rig.function(Path::new(BINARY), &all)
}

/// Makes the baseline that all cells begin with.
pub(crate) fn before(server: &Server, lacking: &[&str]) -> Before {
    let rig = Rig::new(server, "before", &account(lacking), conduct());
    rig.set(SETTINGS);
    let mut function = function(&rig, &[]);
    let outcome = function.invoke(&event(0), TIME);
    let Outcome::Answered(answer) = &outcome else {
        panic!("the first audit fails: {outcome:?}\n{}", function.log())
    };
    assert_eq!(
        (&answer["compliant"], &answer["drifted"]),
        (&json!(2), &json!(2)),
        "{answer}"
    );
    let mut items = rig.items();
    let (key, item) = forgotten(&items[&format!("principal#{}", arn(STEADY))]);
    items.insert(key, item);
    Before(items)
}

/// What is left of a user that is bound to nothing any more and of whom nothing is open: the next commit deletes it.
fn forgotten(of_steady: &Value) -> (String, Value) {
    let key = format!("principal#{}", arn(LEFT));
    let body = of_steady["body"]["S"].as_str().unwrap_or_default();
    let mut body: Value = serde_json::from_str(body).expect("a record is JSON");
    body["principal"] = json!(arn(LEFT));
    body["sets"] = json!({});
    let mut item = of_steady.clone();
    item["item"] = json!({ "S": key });
    item["body"] = json!({ "S": body.to_string() });
    (key, item)
}

/// The event of the how-manyth firing of the schedule.
pub(crate) fn event(number: u32) -> Value {
    json!({ "scheduled_time": format!("2026-11-22T{number:02}:15:00Z") })
}

/// The same from a hub.
pub(crate) fn hub_event(number: u32) -> Value {
    let mut event = event(number);
    event["account"] = json!(ACCOUNT);
    event["role"] = json!(format!("arn:aws:iam::{ACCOUNT}:role/permdrift"));
    event
}

impl Spoiled {
    /// How it ended, in a word for the table of `docs/reliability.md`.
    pub(crate) fn word(&self) -> &'static str {
        match &self.outcome {
            Outcome::Answered(answer) if answer["remainder"] != 0 => "handed on",
            Outcome::Answered(answer) if answer["undetermined"] != 0 => "undetermined",
            Outcome::Answered(_) if self.outcomes().any(|it| it["complete"] == false) => "partly",
            Outcome::Answered(_) => "right",
            Outcome::Failed(_) => "fails",
            Outcome::Ended => "ends",
        }
    }

    /// What the bus was told of completed audits.
    fn outcomes(&self) -> impl Iterator<Item = &Value> {
        let machines = self.told.machines.iter();
        machines
            .filter(|(kind, _)| kind == "Audit Completed")
            .map(|(_, detail)| &detail["outcome"])
    }

    /// Whether each question of an operation was answered, one of the times that it was asked.
    fn knows(&self, operation: &str) -> bool {
        let mut questions: BTreeMap<&[u8], bool> = BTreeMap::new();
        let calls = self.told.calls.iter();
        for call in calls.filter(|call| call.operation == operation) {
            *questions.entry(&call.body).or_default() |= call.told;
        }
        questions.values().all(|told| *told)
    }

    /// Users whose every simulation was answered, one of the times that it was asked.
    fn simulated(&self) -> BTreeSet<String> {
        let mut unanswered: BTreeMap<String, BTreeMap<Vec<u8>, bool>> = BTreeMap::new();
        for call in &self.told.calls {
            if call.operation == "iam.SimulatePrincipalPolicy" {
                let principal = call.form().remove("PolicySourceArn").unwrap_or_default();
                let questions = unanswered.entry(principal).or_default();
                *questions.entry(call.body.clone()).or_default() |= call.told;
            }
        }
        unanswered
            .into_iter()
            .filter(|(_, questions)| questions.values().all(|told| *told))
            .map(|(principal, _)| principal)
            .collect()
    }

    /// What must hold of the spoiled audit by itself. `operation`: the one that was spoiled.
    #[track_caller]
    pub(crate) fn holds(&self, operation: &str, log: &str) {
        let simulated = self.simulated();
        if let Outcome::Answered(answer) = &self.outcome {
            self.counts(answer, &simulated, log);
        }
        for step in steps([&self.told]).filter(|step| step.code == "missing-actions") {
            let expected: &[&str] = match step.kind.as_str() {
                "Finding Opened" => &[FALLING],
                "Finding Resolved" => &[HEALING],
                // Who commits what another commit overtook says once more what is still open in a thread: the other may have told its end.
                "Finding Reminder" => &AFTER,
                other => panic!("{other} of {}\n{log}", step.principal),
            };
            let expected: Vec<String> = expected.iter().map(|user| arn(user)).collect();
            assert!(expected.contains(&step.principal), "{step:?}\n{log}");
            assert!(
                simulated.contains(&step.principal),
                "told of unseen: {step:?}\n{log}"
            );
        }
        if let Outcome::Failed(_) = &self.outcome {
            self.tells_its_failure(operation, log);
        }
    }

    #[track_caller]
    fn counts(&self, answer: &Value, simulated: &BTreeSet<String>, log: &str) {
        let count = |key: &str| answer[key].as_u64().unwrap_or_default() as usize;
        let seen = |users: &[&str]| {
            let seen = users.iter().filter(|user| simulated.contains(&arn(user)));
            seen.count()
        };
        assert!(
            count("compliant") <= seen(&[STEADY, HEALING]),
            "more compliant than were simulated and are: {answer}\n{log}"
        );
        assert!(
            count("drifted") <= AFTER.len(),
            "more drifted than are: {answer}\n{log}"
        );
        assert_eq!(
            count("compliant") + count("drifted") + count("undetermined"),
            USERS.len(),
            "somebody is missing: {answer}\n{log}"
        );
        assert!(
            count("remainder") <= count("undetermined"),
            "handed on and known: {answer}\n{log}"
        );
        if answer["completed"] == true {
            assert!(self.outcomes().next().is_some(), "untold\n{log}");
        }
        let all_known = ["iam.SimulatePrincipalPolicy", "iam.ListAccessKeys"]
            .iter()
            .all(|operation| self.knows(operation));
        for outcome in self.outcomes() {
            assert_eq!(outcome["undetermined"], answer["undetermined"], "{log}");
            assert_eq!(
                outcome["complete"], all_known,
                "whether all is known is not told: {outcome}\n{log}"
            );
        }
    }

    /// A failed audit says so on each channel that is not itself what failed.
    #[track_caller]
    fn tells_its_failure(&self, operation: &str, log: &str) {
        let mut machines = self.told.machines.iter();
        assert!(
            operation.starts_with("events.") || machines.any(|(kind, _)| kind == "Audit Failed"),
            "failed, and the bus was not told: {:?}\n{log}",
            self.told.machines
        );
        let mut people = messages([&self.told]);
        assert!(
            operation.starts_with("sns.") || people.any(|message| message.is_of_a_failed_audit()),
            "failed, and no person was told: {:?}\n{log}",
            self.told.people
        );
    }
}

/// Does what was handed on, as Lambda would, and adds what that tells. The last run counts each user once.
#[track_caller]
pub(crate) fn do_the_rest(rig: &Rig<'_>, function: &mut Lambda, told: &mut Vec<Told>) {
    rig.proxy.spoil(None);
    while let Some(rest) = rig.remainder() {
        let outcome = function.invoke(&rest, TIME);
        let log = function.log();
        assert!(
            matches!(&outcome, Outcome::Answered(answer) if answer["completed"] == true),
            "{outcome:?}\n{log}"
        );
        let news = rig.told();
        let (_, last) = news.machines.last().expect("that it is complete is told");
        let counts = ["principals", "requirements", "runs"].map(|key| &last["outcome"][key]);
        assert_eq!(
            counts,
            [&json!(USERS.len()), &json!(USERS.len()), &json!(2)],
            "{last}\n{log}"
        );
        told.push(news);
    }
}

/// Runs the next audit, in which nothing goes wrong, and one more, and checks what was told by all together.
#[track_caller]
pub(crate) fn recovers(rig: &Rig<'_>, function: &mut Lambda, mut told: Vec<Told>) {
    rig.proxy.spoil(None);
    let outcome = function.invoke(&event(2), TIME);
    let log = function.log();
    let Outcome::Answered(answer) = &outcome else {
        panic!("the next audit fails: {outcome:?}\n{log}")
    };
    assert_eq!(
        [
            &answer["compliant"],
            &answer["drifted"],
            &answer["undetermined"]
        ],
        [&json!(2), &json!(2), &json!(0)],
        "{answer}\n{log}"
    );
    told.push(rig.told());
    everything_is_told(&told, &log);
    let again = function.invoke(&event(3), TIME);
    assert!(
        matches!(again, Outcome::Answered(_)),
        "{again:?}\n{}",
        function.log()
    );
    let more = rig.told();
    let kinds: Vec<&str> = more
        .machines
        .iter()
        .map(|(kind, _)| kind.as_str())
        .collect();
    assert_eq!(
        (kinds, more.people),
        (vec!["Audit Completed"], Vec::new()),
        "all is told, and yet more was\n{}",
        function.log()
    );
}

/// Who fell ill and who got well was told on both channels; whatever else was opened on the way has ended; each thing that was
/// told, however often, has one id.
#[track_caller]
fn everything_is_told(told: &[Told], log: &str) {
    let steps: BTreeSet<Step> = steps(told).collect();
    let drift: Vec<(&str, &str)> = steps
        .iter()
        .filter(|step| step.code == "missing-actions" && step.kind != "Finding Reminder")
        .map(|step| (step.kind.as_str(), step.principal.as_str()))
        .collect();
    let (fallen, healed) = (arn(FALLING), arn(HEALING));
    assert_eq!(
        drift,
        [
            ("Finding Opened", fallen.as_str()),
            ("Finding Resolved", healed.as_str())
        ],
        "machines were not told just that, or under several ids\n{log}"
    );
    for (kind, user) in [("opened", &fallen), ("resolved", &healed)] {
        assert!(
            messages(told).any(|message| message.kind == kind
                && message.code == "missing-actions"
                && message.text.contains(user)),
            "people were not told of {user}: {told:#?}\n{log}"
        );
    }
    let of_kind = |kind: &str| -> BTreeSet<&str> {
        steps
            .iter()
            .filter(|step| step.kind == kind && step.code != "missing-actions")
            .map(|step| step.id.as_str())
            .collect()
    };
    assert_eq!(
        of_kind("Finding Opened"),
        of_kind("Finding Resolved"),
        "what was opened on the way is not ended: {steps:#?}\n{log}"
    );
}
