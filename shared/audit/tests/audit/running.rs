//! Runs: the order of work, and what is left behind when a step fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit::finding::Resolution;
use audit::simulate::inquiries;
use audit::{
    Asked, Code, EventKind, Ports, Principals, RulesVersion, Run, RunError, Selection, Settings,
    run,
};

use iam::PrincipalArn;

use crate::outside::{Clock, Memory, Recorder, Script, now_or_never};
use crate::phases::{asked, listed};
use crate::principals::{copier, inventory, principal, role, user};
use crate::rules::{Rules, Why};

struct Outside {
    script: Script,
    memory: Memory,
    recorder: Recorder,
    clock: Clock,
    settings: Settings,
    principals: Principals,
}

impl Outside {
    fn new(rules: Vec<Rules>) -> Self {
        Self {
            script: Script {
                inventory: Arc::new(inventory(vec![
                    copier("a"),
                    copier("b"),
                    principal(user("canary"), &[]),
                ])),
                rules: Mutex::new(rules),
                ..Script::default()
            },
            memory: Memory::default(),
            recorder: Recorder::default(),
            clock: Clock::default(),
            settings: Settings::default(),
            principals: Principals::All,
        }
    }

    fn run(&self, now: &str) -> Result<Run, RunError> {
        let asked = Asked {
            principals: self.principals.clone(),
            ..asked(&self.settings, now, &Selection::default())
        };
        let ports = Ports {
            environment: &self.script,
            store: &self.memory,
            publisher: &self.recorder,
            pause: Some(&self.clock),
        };
        now_or_never(run(&asked, &ports))
    }

    fn published(&self) -> usize {
        self.recorder.published.lock().unwrap().len()
    }
}

/// Its ARN comes after those of all roles.
const CANARY: &str =
    "[canary]\nprincipal = \"arn:aws:iam::111122223333:user/canary\"\naction = \"s3:GetObject\"";

/// What a first run left.
fn rest() -> Selection {
    Selection {
        principals: Some([role("a"), role("b"), user("canary")].into()),
        sets: None,
    }
}

fn lost() -> Rules {
    Rules::default().deny("a", &["s3:GetObject"], Why::Lost)
}

#[test]
fn what_is_newly_denied_is_confirmed_before_it_is_told() {
    let outside = Outside::new(vec![lost(), Rules::default()]);
    let run = outside.run("2026-11-01T06:00:00Z").unwrap();
    assert_eq!(*outside.clock.0.lock().unwrap(), [Duration::from_secs(60)]);
    assert_eq!(run.step.events, []);
    let recovered = run.recovered.iter().map(|finding| finding.code);
    assert_eq!(recovered.collect::<Vec<_>>(), [Code::MissingActions]);
}

#[test]
fn what_was_confirmed_is_told_once_and_not_confirmed_again() {
    let outside = Outside::new(vec![lost()]);
    let first = outside.run("2026-11-01T06:00:00Z").unwrap();
    assert_eq!(first.step.events[0].kind, EventKind::Opened);
    assert_eq!(first.recovered, []);
    let second = outside.run("2026-11-01T07:00:00Z").unwrap();
    assert_eq!(second.step.events, []);
    assert_eq!(second.step.messages, []);
    assert_eq!(outside.clock.0.lock().unwrap().len(), 1);
    assert_eq!(second.step.baseline.generation, 2);
}

#[test]
fn a_canary_is_asked_before_all_others_and_by_the_first_run_only() {
    let settings = Settings::parse(CANARY).unwrap();
    let here = inventory(vec![copier("a"), principal(user("canary"), &[])]);
    let subjects = |selection: &Selection| -> Vec<String> {
        let asked = asked(&settings, "2026-11-01T06:00:00Z", selection);
        let inquiries = inquiries(&listed(&here, &asked).bound);
        let arns = inquiries
            .iter()
            .map(|one| &here.principals[one.principal].arn);
        arns.map(|arn| arn.name().to_owned()).collect()
    };
    assert_eq!(subjects(&Selection::default()), ["canary", "a"]);
    assert_eq!(subjects(&rest()), ["a"]);
}

#[test]
fn a_run_that_goes_on_resolves_nothing_where_the_first_found_the_canary_singing() {
    let mut outside = Outside::new(vec![lost().deny("canary", &["*"], Why::Lost)]);
    outside.settings = Settings::parse(CANARY).unwrap();
    outside.run("2026-11-01T06:00:00Z").unwrap();
    *outside.script.rules.lock().unwrap() = vec![Rules::default()];
    let sings = outside.run("2026-11-02T06:00:00Z").unwrap();
    assert!(sings.look.assessment.failure.is_some());
    *outside.script.rules.lock().unwrap() =
        vec![Rules::default().deny("canary", &["*"], Why::Lost)];
    outside.principals = Principals::From(role("a"));
    let goes_on = outside.run("2026-11-02T06:15:00Z").unwrap();
    assert_eq!(
        goes_on.look.assessment.failure,
        sings.look.assessment.failure
    );
    assert_eq!(goes_on.step.events, []);
    outside.principals = Principals::All;
    let next = outside.run("2026-11-03T06:00:00Z").unwrap();
    assert_eq!(next.look.assessment.failure, None);
    let kinds = next
        .step
        .events
        .iter()
        .map(|event| (event.kind, event.finding.code));
    let healthy = EventKind::Resolved(Resolution::Healthy);
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [
            (healthy, Code::AuditFailed),
            (healthy, Code::MissingActions)
        ]
    );
}

/// What is told of `a`, who was denied two actions and then looked at again: codes with the names of the items.
#[track_caller]
fn check_second_look(second: Rules, expected: &[(Code, &[&str])]) {
    let first = Rules::default().deny("a", &["s3:GetObject", "s3:ListBucket"], Why::Lost);
    let outside = Outside::new(vec![first, second]);
    let run = outside.run("2026-11-01T06:00:00Z").unwrap();
    let events = run.step.events.iter().map(|event| &event.finding);
    let told: Vec<(Code, Vec<&str>)> = events
        .map(|finding| {
            let items = finding.items.iter().map(|item| &*item.name);
            (finding.code, items.collect())
        })
        .collect();
    let told: Vec<(Code, &[&str])> = told.iter().map(|(code, items)| (*code, &**items)).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_denial_that_was_not_answered_again_is_told() {
    let both: &[(Code, &[&str])] = &[(Code::MissingActions, &["s3:GetObject", "s3:ListBucket"])];
    let silent = Rules::default().deny("a", &["*"], Why::Throttled);
    check_second_look(silent, both);
    let mut cut_off = Rules::default();
    cut_off.stop_at = Some("a".into());
    check_second_look(cut_off, both);
}

#[test]
fn each_answer_of_a_second_look_counts_and_the_rest_stays() {
    let half = Rules::default().deny("a", &["s3:GetObject"], Why::Throttled);
    check_second_look(half, &[(Code::MissingActions, &["s3:GetObject"])]);
    let other = Rules::default()
        .deny("a", &["s3:GetObject", "s3:ListBucket"], Why::Throttled)
        .deny("a", &["ec2:CreateSnapshot"], Why::Lost);
    let all: &[&str] = &["ec2:CreateSnapshot", "s3:GetObject", "s3:ListBucket"];
    check_second_look(other, &[(Code::MissingActions, all)]);
    let unsure = Rules::default().deny("a", &["s3:GetObject"], Why::Hangs("aws:SourceVpc"));
    check_second_look(unsure, &[(Code::Undetermined, &["aws:SourceVpc"])]);
}

#[test]
fn a_second_reply_that_leaves_lists_out_takes_no_denial_back() {
    let mut short = Rules::default();
    short.omits_first = true;
    let mut outside = Outside::new(vec![lost(), short]);
    let mut two_sets = copier("a");
    two_sets.tags[0].1 = "copy upload".into();
    outside.script.inventory = Arc::new(inventory(vec![two_sets]));
    let run = outside.run("2026-11-01T06:00:00Z").unwrap();
    let events = run.step.events.iter().map(|event| event.finding.code);
    let codes: Vec<Code> = events
        .filter(|code| *code == Code::MissingActions)
        .collect();
    assert_eq!(codes, [Code::MissingActions]);
}

#[test]
fn what_could_not_be_told_is_not_committed_and_told_again() {
    let mut outside = Outside::new(vec![lost()]);
    outside.recorder.fails = true;
    let error = outside.run("2026-11-01T06:00:00Z").unwrap_err();
    assert!(matches!(error, RunError::Publish(_)));
    assert_eq!(*outside.memory.file.lock().unwrap(), None);
    outside.recorder.fails = false;
    let again = outside.run("2026-11-01T07:00:00Z").unwrap();
    assert_eq!(again.step.events.len(), 1);
}

#[test]
fn what_was_told_and_not_committed_is_told_again_under_the_same_id() {
    let mut outside = Outside::new(vec![lost()]);
    outside.memory.moves = true;
    let error = outside.run("2026-11-01T06:00:00Z").unwrap_err();
    assert!(matches!(error, RunError::Commit(_)));
    outside.memory.moves = false;
    outside.run("2026-11-01T07:00:00Z").unwrap();
    let published = outside.recorder.published.lock().unwrap();
    assert_eq!(
        published[0].events[0].finding.id,
        published[1].events[0].finding.id
    );
    assert_eq!(
        published[0].messages[0].thread,
        published[1].messages[0].thread
    );
}

#[test]
fn a_baseline_of_a_newer_format_stops_the_audit_before_it_tells() {
    let outside = Outside::new(vec![lost()]);
    *outside.memory.file.lock().unwrap() = Some("{\"format\": 99, \"stars\": []}".into());
    let error = outside.run("2026-11-01T06:00:00Z").unwrap_err();
    assert!(matches!(
        error,
        RunError::Load(audit::baseline::LoadBaselineError::TooNew {
            found: 99,
            known: 2
        })
    ));
    assert_eq!(outside.published(), 0);
}

#[test]
fn an_audit_of_one_principal_does_not_fail_because_the_canary_once_did() {
    let mut outside = Outside::new(vec![Rules::default()]);
    outside.settings = Settings::parse(CANARY).unwrap();
    let sings = outside.run("2026-11-01T06:00:00Z").unwrap();
    assert!(sings.look.assessment.failure.is_some());
    *outside.script.rules.lock().unwrap() = vec![lost()];
    outside.principals = Principals::Named(vec!["a".into()]);
    let narrowed = outside.run("2026-11-02T06:00:00Z").unwrap();
    assert_eq!(narrowed.look.assessment.failure, None);
    let events = narrowed.step.events.iter();
    let events: Vec<_> = events
        .map(|event| (event.kind, event.finding.code))
        .collect();
    assert_eq!(events, [(EventKind::Opened, Code::MissingActions)]);
    assert!(
        narrowed.step.baseline.failure().is_some(),
        "nobody asked the canary, so its finding stays"
    );
}

#[test]
fn who_was_bound_and_is_not_any_more_is_named_until_it_is_bound_again() {
    let mut outside = Outside::new(vec![Rules::default()]);
    let named = |run: &Run| -> Vec<PrincipalArn> {
        let findings = run.no_longer_bound();
        findings
            .filter_map(|finding| finding.principal.clone())
            .collect()
    };
    let first = outside.run("2026-11-01T06:00:00Z").unwrap();
    assert_eq!(named(&first), []);
    let whole = Arc::clone(&outside.script.inventory);
    outside.script.inventory = Arc::new(inventory(vec![copier("a"), principal(role("b"), &[])]));
    for now in ["2026-11-02T06:00:00Z", "2026-11-03T06:00:00Z"] {
        assert_eq!(named(&outside.run(now).unwrap()), [role("b")]);
    }
    outside.principals = Principals::Named(vec!["a".into()]);
    let narrowed = outside.run("2026-11-04T06:00:00Z").unwrap();
    assert_eq!(named(&narrowed), [], "nobody looked for `b`");
    outside.principals = Principals::All;
    outside.script.inventory = whole;
    let back = outside.run("2026-11-05T06:00:00Z").unwrap();
    assert_eq!(named(&back), []);
}

#[test]
fn the_last_run_of_an_audit_vouches_for_all_runs() {
    let mut rules = Rules::default();
    rules.stop_at = Some("b".into());
    let mut outside = Outside::new(vec![rules, Rules::default()]);
    *outside.memory.file.lock().unwrap() = Some(crate::storing::FIRST_EDITION.into());
    let first = outside.run("2026-11-02T06:00:00Z").unwrap();
    assert_eq!(first.remainder(), [role("b")]);
    assert_eq!(first.step.baseline.rules, None);
    outside.principals = Principals::From(role("b"));
    let last = outside.run("2026-11-02T06:15:00Z").unwrap();
    assert_eq!(last.step.baseline.rules, Some(RulesVersion::current()));
}

#[test]
fn the_remainder_is_given_back() {
    let mut rules = lost();
    rules.stop_at = Some("b".into());
    let outside = Outside::new(vec![rules]);
    let run = outside.run("2026-11-01T06:00:00Z").unwrap();
    assert_eq!(run.remainder(), [role("b")]);
    assert_eq!(run.step.events.len(), 1);
}
