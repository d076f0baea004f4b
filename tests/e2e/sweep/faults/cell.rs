//! One cell: an audit of the changed account in which something goes wrong, and the next one in which nothing does.
//!
//! In: a baseline of the account before. Out: what the spoiled audit did, what both told; and the invariants, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use e2e::lambda::{Lambda, Outcome};
use e2e::rig::{Rig, Told};
use e2e::server::Server;
use e2e::standin::Conduct;
use iam::Document;
use serde_json::{Value, json};

use crate::account::{AFTER, FALLING, HEALING, STEADY, account, arn};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");

/// Time that an invocation has.
pub(crate) const TIME: Duration = Duration::from_secs(60);

/// Impatient, so that a cell takes seconds; one call at a time, so that it is the same each time.
const VARIABLES: [(&str, &str); 5] = [
    ("AWS_MAX_ATTEMPTS", "2"),
    ("PERMDRIFT_TIMEOUT_SECONDS", "2"),
    ("PERMDRIFT_CALLS_PER_SECOND", "1000"),
    ("PERMDRIFT_CONCURRENCY", "1"),
    ("PERMDRIFT_RESERVE_SECONDS", "5"),
];

/// The items of the table after the first audit, which found two users ill.
pub(crate) struct Before(BTreeMap<String, Value>);

/// An audit that went wrong, and what it told.
pub(crate) struct Spoiled {
    pub(crate) outcome: Outcome,
    pub(crate) told: Told,
}

/// Listings and simulations in several pages, and an SCP that lets all through, so that denials are asked about again.
fn conduct() -> Conduct {
    let full =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    Conduct {
        listing_page: 2,
        simulation_page: 2,
        service_control: vec![vec![
            Document::parse(full).expect("an SCP of ours can be read"),
        ]],
        ..Conduct::default()
    }
}

/// A rig that plays the account after the change, with the table as it was before.
pub(crate) fn rig<'a>(server: &'a Server, name: &str, before: &Before) -> Rig<'a> {
    let rig = Rig::new(server, name, &account(&AFTER), conduct());
    rig.set("confirm-pause-seconds = 0\n");
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
    rig.set("confirm-pause-seconds = 0\n");
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
    Before(rig.items())
}

/// The event of the how-manyth firing of the schedule.
pub(crate) fn event(number: u32) -> Value {
    json!({ "scheduled_time": format!("2026-11-22T{number:02}:15:00Z") })
}

impl Spoiled {
    /// How it ended, in a word for the table of `docs/reliability.md`.
    pub(crate) fn word(&self) -> &'static str {
        match &self.outcome {
            Outcome::Answered(answer) if answer["undetermined"] == 0 => "right",
            Outcome::Answered(_) => "undetermined",
            Outcome::Failed(_) => "fails",
            Outcome::Ended => "ends",
        }
    }

    /// Users whose every simulation was answered.
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

    /// What must hold of the spoiled audit by itself.
    #[track_caller]
    pub(crate) fn holds(&self, log: &str) {
        let simulated = self.simulated();
        if let Outcome::Answered(answer) = &self.outcome {
            let healthy = [STEADY, HEALING].map(arn);
            let seen = healthy
                .iter()
                .filter(|arn| simulated.contains(*arn))
                .count();
            let counted = answer["compliant"].as_u64().unwrap_or_default();
            assert!(
                counted <= seen as u64,
                "{counted} compliant, and only {seen} of those that are were simulated: {answer}\n{log}"
            );
        }
        for (kind, detail) in &self.told.machines {
            if kind == "Finding Resolved" {
                let principal = about(detail);
                assert_eq!(
                    principal,
                    arn(HEALING),
                    "resolved what is not: {detail}\n{log}"
                );
                assert!(
                    simulated.contains(&principal),
                    "resolved unseen: {detail}\n{log}"
                );
            }
        }
        // Whoever did not finish says so; whoever could not know counts it.
        let failure_told = self
            .told
            .machines
            .iter()
            .any(|(kind, _)| kind == "Audit Failed")
            || self
                .told
                .people
                .iter()
                .any(|(subject, _)| subject.contains("FAILED"));
        match &self.outcome {
            Outcome::Answered(_) => {}
            Outcome::Failed(_) => assert!(
                failure_told,
                "failed, and told nobody: {:?}\n{log}",
                self.told
            ),
            // The machine's doing; Lambda counts it as an error and tries again.
            Outcome::Ended => {}
        }
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
    let machines = || told.iter().flat_map(|told| &told.machines);
    for (kind, user) in [("Finding Opened", FALLING), ("Finding Resolved", HEALING)] {
        let ids: BTreeSet<String> = machines()
            .filter(|(told, detail)| told == kind && about(detail) == arn(user))
            .map(|(_, detail)| id(detail))
            .collect();
        assert_eq!(
            ids.len(),
            1,
            "{kind} of {user} was told under the ids {ids:?}\n{log}"
        );
        let word = if user == FALLING {
            "opened"
        } else {
            "resolved"
        };
        assert!(
            told.iter()
                .flat_map(|told| &told.people)
                .any(|(_, text)| text.contains(&arn(user))),
            "people were not told that the finding of {user} was {word}: {told:#?}\n{log}"
        );
    }
    let again = function.invoke(&event(3), TIME);
    assert!(
        matches!(again, Outcome::Answered(_)),
        "{again:?}\n{}",
        function.log()
    );
    let kinds: Vec<String> = rig
        .told()
        .machines
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    assert_eq!(
        kinds,
        ["Audit Completed"],
        "all is told, and yet more was\n{}",
        function.log()
    );
}

/// The principal that an event is about; empty for the account's own.
pub(crate) fn about(detail: &Value) -> String {
    detail["finding"]["principal"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

fn id(detail: &Value) -> String {
    detail["finding"]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
