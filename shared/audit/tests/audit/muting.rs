//! Mutes: what they keep quiet, what breaks through, and what is told about them.

use std::collections::BTreeMap;

use audit::Settings;
use audit::mute::{self, At, MuteNoteKind};

use crate::principals::copier;
use crate::rules::{Rules, Why};
use crate::story::Story;

fn story(mute: &str) -> Story {
    let mut story = Story::new(vec![copier("a")]);
    let text = format!("[[mute]]\nowner = \"storage\"\nreason = \"retired\"\n{mute}");
    story.settings = Settings::parse(&text).unwrap();
    story
}

const UNTIL_20: &str = "principal = \"*role/a\"\ncodes = [\"missing-actions\"]\nactions = [\"s3:GetObject\"]\nexpires = \"2026-11-20\"";

fn lost(actions: &[&str]) -> Rules {
    Rules::default().deny("a", actions, Why::Lost)
}

#[test]
fn a_mute_keeps_quiet_what_it_was_written_for() {
    let story = story(UNTIL_20);
    let bad = lost(&["s3:GetObject"]);
    for day in 1..=12 {
        let told = story.audit(&format!("2026-11-{day:02}T06:00:00Z"), &bad);
        assert_eq!(told, [""; 0], "day {day}");
    }
    assert_eq!(
        story.audit("2026-11-14T06:00:00Z", &bad),
        ["mute ends soon: missing-actions of *role/a"]
    );
    assert_eq!(
        story.audit("2026-11-15T06:00:00Z", &bad),
        [""; 0],
        "told once"
    );
    assert_eq!(
        story.audit("2026-11-21T06:00:00Z", &bad),
        [
            "opened high missing-actions: a/copy: s3:GetObject [20 d]",
            "mute ended: missing-actions of *role/a",
        ]
    );
}

#[test]
fn worse_drift_breaks_through() {
    let story = story(UNTIL_20);
    story.audit("2026-11-01T06:00:00Z", &lost(&["s3:GetObject"]));
    assert_eq!(
        story.audit(
            "2026-11-02T06:00:00Z",
            &lost(&["s3:GetObject", "s3:ListBucket"])
        ),
        ["opened high missing-actions: a/copy: s3:GetObject, s3:ListBucket [1 d]"]
    );
    assert_eq!(
        story.audit("2026-11-03T06:00:00Z", &lost(&["s3:GetObject"])),
        ["eased high missing-actions: a/copy: s3:ListBucket [2 d]"],
        "who heard of it hears that it is back to what is muted"
    );
    assert_eq!(
        story.audit("2026-11-12T06:00:00Z", &lost(&["s3:GetObject"])),
        [""; 0]
    );
}

#[test]
fn what_was_told_before_the_mute_is_resolved_aloud() {
    let mut story = story(UNTIL_20);
    let mutes = std::mem::take(&mut story.settings.mutes);
    story.audit("2026-11-01T06:00:00Z", &lost(&["s3:GetObject"]));
    story.settings.mutes = mutes;
    assert_eq!(
        story.audit("2026-11-02T06:00:00Z", &Rules::default()),
        ["resolved high missing-actions: a/copy: s3:GetObject"]
    );
    assert_eq!(
        story.audit("2026-11-03T06:00:00Z", &Rules::default()),
        ["mute unused: missing-actions of *role/a"]
    );
}

#[test]
fn what_nobody_heard_of_ends_unheard() {
    let story = story(UNTIL_20);
    story.audit("2026-11-01T06:00:00Z", &lost(&["s3:GetObject"]));
    assert_eq!(
        story.audit("2026-11-02T06:00:00Z", &Rules::default()),
        [""; 0]
    );
    assert_eq!(
        story.audit("2026-11-03T06:00:00Z", &Rules::default()),
        ["mute unused: missing-actions of *role/a"]
    );
}

#[test]
fn a_mute_without_a_date_mutes_nothing_and_says_so() {
    let story = story(
        "principal = \"*\"\ncodes = [\"missing-actions\"]\nactions = [\"s3:GetObject\"]\nexpires = \"2026-13-01\"",
    );
    assert_eq!(
        story.audit("2026-11-01T06:00:00Z", &lost(&["s3:GetObject"])),
        [
            "opened high missing-actions: a/copy: s3:GetObject",
            "mute no date: missing-actions of *",
        ]
    );
}

#[test]
fn a_mute_that_matches_nothing_is_told_once() {
    let story =
        story("principal = \"*role/z\"\ncodes = [\"missing-trust\"]\nexpires = \"2027-01-01\"");
    assert_eq!(
        story.audit("2026-11-01T06:00:00Z", &Rules::default()),
        ["mute unused: missing-trust of *role/z"]
    );
    assert_eq!(
        story.audit("2026-11-02T06:00:00Z", &Rules::default()),
        [""; 0]
    );
}

#[test]
fn a_mute_is_for_its_codes_only() {
    let story = story(UNTIL_20);
    let unknown = Rules::default().deny("a", &["s3:GetObject"], Why::Hangs("aws:SourceIp"));
    assert_eq!(
        story.audit("2026-11-01T06:00:00Z", &unknown),
        [
            "opened low undetermined: a/copy: aws:SourceIp",
            "mute unused: missing-actions of *role/a",
        ]
    );
}

#[test]
fn a_mute_by_finding_id_is_for_that_finding() {
    let first = Story::new(vec![copier("a")]);
    first.audit("2026-11-01T06:00:00Z", &lost(&["s3:GetObject"]));
    let id = *first.baseline.borrow().principals[&crate::principals::role("a")]
        .findings
        .keys()
        .next()
        .unwrap();
    let story = story(&format!(
        "finding = \"{id}\"\nactions = [\"s3:getobject\"]\nexpires = \"2027-01-01\""
    ));
    assert_eq!(
        story.audit("2026-11-01T06:00:00Z", &lost(&["s3:GetObject"])),
        [""; 0]
    );
}

/// Whether a mute covers a finding of an account with this above it.
fn covers(mute: &str, above: Option<&[Box<str>]>) -> bool {
    let mutes = story(mute).settings.mutes;
    let at = At {
        now: crate::principals::at("2026-11-01T06:00:00Z"),
        above,
    };
    let one = crate::threads::finding_of_role("a");
    mute::cover(&mutes, &one, at).is_some()
}

#[test]
fn a_mute_by_ou_covers_the_accounts_below_it() {
    const OU: &str = "ou = \"ou-ab12-11111111\"\ncodes = [\"missing-actions\"]\nactions = [\"s3:GetObject\"]\nexpires = \"2026-11-20\"";
    let path = |ids: &[&str]| -> Vec<Box<str>> { ids.iter().map(|id| (*id).into()).collect() };
    let below = path(&["r-ab12", "ou-ab12-11111111", "ou-ab12-22222222"]);
    let beside = path(&["r-ab12", "ou-ab12-33333333"]);
    let of_role = |name: &str| format!("principal = \"*role/{name}\"\n{OU}");
    for (mute, above, expected) in [
        (OU, Some(&below[..]), true),
        (OU, Some(&beside[..]), false),
        (OU, Some(&[][..]), false),
        (OU, None, false),
        (&of_role("a"), Some(&below[..]), true),
        (&of_role("b"), Some(&below[..]), false),
        (&of_role("a"), Some(&beside[..]), false),
        (
            &OU.replace("ou-ab12-11111111", "r-ab12"),
            Some(&beside[..]),
            true,
        ),
    ] {
        assert_eq!(covers(mute, above), expected, "{mute} {above:?}");
    }
}

#[test]
fn where_it_is_not_known_what_is_above_a_mute_by_ou_mutes_nothing_and_says_so() {
    let story = story(
        "ou = \"ou-ab12-11111111\"\ncodes = [\"missing-actions\"]\nactions = [\"s3:GetObject\"]\nexpires = \"2026-11-20\"",
    );
    let told = story.audit("2026-11-01T06:00:00Z", &lost(&["s3:GetObject"]));
    assert_eq!(
        told,
        [
            "opened high missing-actions: a/copy: s3:GetObject",
            "mute OUs not known: missing-actions of accounts below ou-ab12-11111111",
        ]
    );
    assert_eq!(
        story.audit("2026-11-01T12:00:00Z", &lost(&["s3:GetObject"])),
        [""; 0],
        "told once"
    );
}

#[test]
fn of_an_organisation_the_mutes_are_told_that_end_or_name_no_account() {
    let mutes =
        story("ou = \"ou-ab12-11111111\"\ncodes = [\"coverage\"]\nexpires = \"2026-11-05\"");
    let mutes = mutes.settings.mutes;
    let now = crate::principals::at("2026-11-01T06:00:00Z");
    let elsewhere: [Box<str>; 1] = ["r-ab12".into()];
    let here: [Box<str>; 2] = ["r-ab12".into(), "ou-ab12-11111111".into()];
    for (paths, expected) in [
        (&elsewhere[..], [(true, true), (false, true)]),
        (&here[..], [(true, false), (false, false)]),
    ] {
        let mut warned = BTreeMap::new();
        for (is_new, is_nowhere) in expected {
            let notes = mute::notes_of_all(&mutes, now, [paths], &mut warned);
            let ends = notes
                .iter()
                .filter(|note| matches!(note.kind, MuteNoteKind::EndsSoon(_)));
            let nowhere = notes
                .iter()
                .filter(|note| matches!(note.kind, MuteNoteKind::NoAccount(_)));
            assert_eq!((ends.count(), nowhere.count() == 1), (1, is_nowhere));
            assert!(notes.iter().all(|note| note.is_new == is_new));
        }
    }
}
