//! Messages: which findings are sent together, in which thread, and to which owner?

use audit::finding::{EventKind, FindingId};

use crate::living::lost;
use crate::phases::{audit, compare};
use crate::principals::{account, copier, inventory, principal, role};
use crate::rules::{Rules, Why};
use crate::story::Story;

#[test]
fn one_cause_is_one_message() {
    let names: Vec<String> = (1..=14).map(|number| format!("r{number:02}")).collect();
    let story = Story::new(names.iter().map(|name| copier(name)).collect());
    let scp = Rules::default()
        .deny("r03", &["s3:GetObject"], Why::Lost)
        .deny("*", &["ec2:CreateSnapshot"], Why::Scp("NoSnapshots"));
    let list = |names: &[String]| {
        names
            .iter()
            .map(|name| format!("{name}/copy"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(
        story.audit("2026-11-01T06:00:00Z", &scp),
        [format!(
            "opened high missing-actions: {}: ec2:CreateSnapshot, s3:GetObject by guardrails, statement NoSnapshots",
            list(&names)
        )]
    );
    let told = story.audit("2026-11-01T18:00:00Z", &Rules::default());
    assert_eq!(told.len(), 1, "{told:?}");
}

/// The messages of an audit: step, thread, the names in it, whether the thread is over.
fn threads(story: &Story, now: &str, rules: &Rules) -> Vec<(String, FindingId, String, bool)> {
    let inventory = inventory(story.principals.clone());
    let step = story.step(&audit(&inventory, rules, &story.settings, now));
    let told = step.messages.iter().map(|message| {
        let findings = message.events.iter().map(|&at| &step.events[at].finding);
        let names: Vec<&str> = findings
            .map(|finding| finding.principal.as_ref().unwrap().name())
            .collect();
        let kind = message.kind.to_string();
        (kind, message.thread, names.join(" "), message.is_over)
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by(|one, other| one.2.cmp(&other.2));
    told
}

#[test]
fn a_finding_stays_in_the_thread_in_which_it_was_told() {
    let story = Story::new(vec![copier("a"), copier("b"), copier("c")]);
    let own = lost(&["s3:GetObject"]);
    let scp = Rules::default().deny("*", &["ec2:CreateSnapshot"], Why::Scp("NoSnapshots"));
    let scp_of =
        |name| Rules::default().deny(name, &["ec2:CreateSnapshot"], Why::Scp("NoSnapshots"));
    let id = |name| {
        FindingId::new(
            account(),
            Some(&role(name)),
            audit::Code::MissingActions,
            "copy",
        )
    };
    let first = id("b").min(id("c"));
    let told =
        |kind: &str, thread, names: &str, over| (kind.to_owned(), thread, names.to_owned(), over);
    assert_eq!(
        threads(&story, "2026-11-01T06:00:00Z", &own),
        [told("opened", id("a"), "a", false)],
        "one finding: its own id"
    );
    assert_eq!(
        threads(&story, "2026-11-01T12:00:00Z", &scp.then(&own)),
        [told("opened", first, "a b c", false)],
        "several: the id of the first that is new"
    );
    assert_eq!(
        threads(&story, "2026-11-01T18:00:00Z", &scp_of("c")),
        [
            told("resolved", id("a"), "a", true),
            told("resolved", first, "b", false),
        ],
        "a thread is over with its last finding"
    );
    assert_eq!(
        threads(
            &story,
            "2026-11-01T20:00:00Z",
            &scp_of("c").then(&scp_of("b"))
        ),
        [told("opened", first, "b", false)],
        "what suffers from the same joins the thread"
    );
    assert_eq!(
        threads(&story, "2026-11-01T22:00:00Z", &Rules::default()),
        [told("resolved", first, "b c", true)]
    );
}

#[test]
fn a_loss_of_ones_own_is_a_message_of_its_own() {
    let story = Story::new(vec![copier("a"), copier("b")]);
    let told = story.audit(
        "2026-11-01T06:00:00Z",
        &Rules::default().deny("*", &["s3:GetObject"], Why::Lost),
    );
    assert_eq!(
        told,
        [
            "opened high missing-actions: a/copy: s3:GetObject",
            "opened high missing-actions: b/copy: s3:GetObject",
        ]
    );
}

#[test]
fn the_owner_of_the_blocking_layer_is_named() {
    let mut story = Story::new(vec![copier("a"), copier("b")]);
    story.settings =
        audit::Settings::parse("[owners]\nscp = \"platform\"\nboundary = \"security\"").unwrap();
    let rules = Rules::default()
        .deny("a", &["s3:GetObject"], Why::Scp("S"))
        .deny("b", &["s3:GetObject"], Why::Boundary);
    assert_eq!(
        story.audit("2026-11-01T06:00:00Z", &rules),
        [
            "opened high missing-actions: a/copy: s3:GetObject by guardrails, statement S [owner platform]",
            "opened high missing-actions: b/copy: s3:GetObject by [Boundary] [owner security]",
        ]
    );
}

#[test]
fn machines_see_what_people_do() {
    let story = Story::new(vec![copier("a")]);
    let inventory = inventory(story.principals.clone());
    let now = "2026-11-01T06:00:00Z";
    let assessment = audit(&inventory, &lost(&["s3:GetObject"]), &story.settings, now);
    let baseline = story.baseline.borrow().clone();
    let changes = compare(&assessment, &baseline, &story.settings);
    let step = audit::advance(baseline, &assessment, changes, &story.settings);
    assert_eq!(step.events.len(), 1);
    assert_eq!(step.events[0].kind, EventKind::Opened);
    assert_eq!(step.messages[0].thread, step.events[0].finding.id);
    assert_eq!(step.touched, [(role("a"), 0)].into());
}

#[test]
fn unbound_lookalikes_are_one_notice() {
    let story = Story::new(vec![
        copier("a"),
        principal(role("veeam-1"), &[]),
        principal(role("veeam-2"), &[]),
    ]);
    assert_eq!(
        story.audit("2026-11-01T06:00:00Z", &Rules::default()),
        ["opened notice coverage: veeam-1, veeam-2: unbound"]
    );
}
