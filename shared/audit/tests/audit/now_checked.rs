//! Now checked: an upgrade of permdrift does not wake anybody for what was there all along.

use audit::finding::ChangeOrigin;
use audit::settings::Settings;
use audit::{Code, EventKind, Level, RulesVersion, Step};

use crate::phases::{audit, audit_some};
use crate::principals::{copier, inventory, principal, role};
use crate::rules::{Rules, Why};
use crate::storing::FIRST_EDITION;
use crate::story::Story;

/// What was denied when the first edition wrote its baseline.
fn before() -> Rules {
    Rules::default()
        .deny("a", &["s3:GetObject"], Why::Scp("S"))
        .deny("a", &["s3:ListBucket"], Why::Lost)
        .deny("b", &["s3:GetObject"], Why::OnlyOn("arn:aws:s3:::b/*"))
        .deny("c", &["s3:GetObject"], Why::Hangs("aws:SourceIp"))
        .deny("d", &["s3:GetObject"], Why::Throttled)
        .deny("e", &["s3:GetObject"], Why::Boundary)
}

/// What this release finds in the same account: more of role a, a statement that hits b and c, a role that e cannot know.
fn now() -> Rules {
    Rules::default()
        .deny("a", &["ec2:CreateSnapshot"], Why::Lost)
        .deny("b", &["s3:ListBucket"], Why::Scp("T"))
        .deny("c", &["s3:ListBucket"], Why::Scp("T"))
        .then(&before())
}

/// The account after the first edition audited it.
fn after_first_edition() -> Story {
    let mut story = Story::new(["a", "b", "c", "d", "e"].map(copier).into());
    story.baseline = audit::stored::read_file(FIRST_EDITION).unwrap().into();
    story
}

fn step(story: &Story, at: &str, rules: &Rules) -> Step {
    let inventory = inventory(story.principals.clone());
    story.step(&audit(&inventory, rules, &story.settings, at))
}

/// Whose findings a message is about, by the name of the principal.
fn whose(step: &Step, message: usize) -> Vec<String> {
    let events = step.messages[message].events.iter();
    let findings = events.map(|&at| &step.events[at].finding);
    let name = |finding: &audit::Finding| {
        let principal = finding.principal.as_ref();
        let name = principal.map_or("account", |arn| arn.name());
        format!("{name} {}", finding.code)
    };
    findings.map(name).collect()
}

#[test]
fn what_only_the_new_rules_find_is_one_message_that_wakes_nobody() {
    let story = after_first_edition();
    let step = step(&story, "2026-11-01T12:00:00Z", &now());
    assert_eq!(step.messages.len(), 1, "{:?}", step.messages);
    let message = &step.messages[0];
    assert_eq!(message.origin, ChangeOrigin::Rules);
    assert_eq!(message.level, Level::Notice);
    assert_eq!(message.cause, None);
    assert_eq!(
        whose(&step, 0),
        [
            "a missing-actions",
            "b missing-actions",
            "c missing-actions"
        ]
    );
    let kinds: Vec<EventKind> = step.events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [EventKind::Worsened, EventKind::Opened, EventKind::Opened]
    );
    assert_eq!(step.baseline.rules, Some(RulesVersion::current()));
}

#[test]
fn what_changes_after_that_is_news_again() {
    let story = after_first_edition();
    let first = step(&story, "2026-11-01T12:00:00Z", &now());
    let thread = first.messages[0].thread;
    let again = step(&story, "2026-11-01T18:00:00Z", &now());
    assert_eq!(again.messages, []);
    let worse = now().deny("b", &["ec2:CreateSnapshot"], Why::Lost).deny(
        "d",
        &["s3:ListBucket"],
        Why::Lost,
    );
    let worse = step(&story, "2026-11-02T00:00:00Z", &worse);
    assert_eq!(worse.messages.len(), 2, "{:?}", worse.messages);
    for message in &worse.messages {
        assert_eq!(message.origin, ChangeOrigin::Account);
        assert_eq!(message.level, Level::High);
        assert_ne!(message.thread, thread, "its alert must be able to end");
    }
}

#[test]
fn a_reminder_and_the_end_of_what_is_now_checked_wake_nobody() {
    let story = after_first_edition();
    let first = step(&story, "2026-11-01T12:00:00Z", &now());
    let thread = first.messages[0].thread;
    let later = step(&story, "2026-11-02T12:00:00Z", &now());
    let reminded = |step: &Step, origin| {
        let of_origin = step.messages.iter().filter(|one| one.origin == origin);
        of_origin
            .map(|one| (one.kind, one.level, one.thread))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        reminded(&later, ChangeOrigin::Rules),
        [(EventKind::Reminded, Level::Notice, thread)]
    );
    let over = step(&story, "2026-11-02T18:00:00Z", &before());
    let rules = reminded(&over, ChangeOrigin::Rules);
    assert_eq!(rules.len(), 1, "{:?}", over.messages);
    assert!(matches!(rules[0].0, EventKind::Resolved(_)));
    assert_eq!(rules[0].1, Level::Notice);
}

#[test]
fn who_was_not_judged_before_and_what_rules_do_not_decide_is_news() {
    let mut story = after_first_edition();
    story.principals.push(copier("new"));
    story.principals.retain(|one| one.arn.name() != "e");
    let mut slip = principal(role("slip"), &[]);
    slip.tags.push(("Veeam:Action-Sets".into(), "copy".into()));
    story.principals.push(slip);
    let rules = before().deny("new", &["s3:GetObject"], Why::Lost);
    let step = step(&story, "2026-11-01T12:00:00Z", &rules);
    let origins: Vec<(String, ChangeOrigin)> = (0..step.messages.len())
        .map(|at| (whose(&step, at).join(", "), step.messages[at].origin))
        .collect();
    let news = |of: &str| (of.to_owned(), ChangeOrigin::Account);
    assert!(
        origins.contains(&news("new missing-actions")),
        "{origins:?}"
    );
    assert!(origins.contains(&news("e coverage")), "{origins:?}");
    let slip = ("slip unknown-action-set".to_owned(), ChangeOrigin::Rules);
    assert!(origins.contains(&slip), "{origins:?}");
}

#[test]
fn an_audit_of_a_part_does_not_vouch_for_the_rest() {
    let story = after_first_edition();
    let inventory = inventory(story.principals.clone());
    let part = audit::Selection {
        principals: Some([role("a")].into()),
        sets: None,
    };
    let settings = Settings::default();
    let part = audit_some(&inventory, &now(), &settings, "2026-11-01T12:00:00Z", &part);
    let step = story.step(&part);
    assert_eq!(step.baseline.rules, None);
    let rest = self::step(&story, "2026-11-01T18:00:00Z", &now());
    assert_eq!(whose(&rest, 0), ["b missing-actions", "c missing-actions"]);
    assert_eq!(rest.messages[0].origin, ChangeOrigin::Rules);
    assert_eq!(rest.messages[0].code, Code::MissingActions);
}

#[test]
fn a_first_audit_is_judged_by_one_version_however_many_runs_it_takes() {
    let story = Story::new(["a", "b"].map(copier).into());
    let mut rules = Rules::default().deny("*", &["s3:GetObject"], Why::Lost);
    rules.stop_at = Some("b".into());
    let first = step(&story, "2026-11-01T06:00:00Z", &rules);
    rules.stop_at = None;
    let rest = step(&story, "2026-11-01T06:15:00Z", &rules);
    for (step, name) in [(first, "a missing-actions"), (rest, "b missing-actions")] {
        assert_eq!(whose(&step, 0), [name]);
        assert_eq!(step.messages[0].origin, ChangeOrigin::Account);
    }
}
