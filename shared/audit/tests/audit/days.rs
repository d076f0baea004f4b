//! The script of the fortnight: what happens on each day, and what an audit of that day finds.
//!
//! Six roles and a user. One loses an action, another flaps, an SCP hits all, a mute is written and broken through, two
//! days are throttled, one audit does not run, one fails, a role is deleted.

use std::collections::BTreeMap;

use audit::judge::failed;
use audit::{Assessment, Settings};

use crate::phases::audit;
use crate::principals::{account, at, copier, inventory, key, principal, user};
use crate::rules::{Rules, Why};
use crate::story::Story;

pub(crate) const SETTINGS: &str = r#"
[owners]
identity = "backup team"
scp = "cloud platform"

[flapping]
within-days = 10

[[mute]]
principal = "arn:aws:iam::*:role/legacy"
codes = ["missing-actions"]
actions = ["s3:ListBucket"]
owner = "storage"
reason = "this bucket is retired in spring"
expires = "2026-11-12"
"#;

/// What happens on a day, besides what is there anyway.
pub(crate) fn day(day: u32) -> (&'static str, Option<Rules>) {
    let rules = Rules::default();
    let legacy = |rules: Rules| rules.deny("legacy", &["s3:ListBucket"], Why::Lost);
    let flap = |rules: Rules| rules.deny("flaky", &["ec2:CreateSnapshot"], Why::Lost);
    let scp = |rules: Rules| rules.deny("*", &["ec2:CreateSnapshot"], Why::Scp("NoSnapshots"));
    let lost = |rules: Rules| rules.deny("copier", &["s3:GetObject"], Why::Lost);
    let more = |rules: Rules| rules.deny("legacy", &["s3:GetObject"], Why::Lost);
    match day {
        1 => (
            "all is well, but for what storage has muted",
            Some(legacy(rules)),
        ),
        2 => (
            "copier loses an action; flaky flaps for the first time",
            Some(legacy(lost(flap(rules)))),
        ),
        3 => (
            "flaky is well again; the uploader's key is switched off",
            Some(legacy(lost(rules))),
        ),
        4 => (
            "flaky flaps again; the key is back",
            Some(legacy(lost(flap(rules)))),
        ),
        5 => ("an SCP comes", Some(legacy(lost(scp(rules))))),
        6 => (
            "throttled: nothing is known",
            Some(rules.deny("*", &["*"], Why::Throttled)),
        ),
        7 => (
            "copier is throttled; the SCP is still there",
            Some(legacy(scp(rules)).deny("copier", &["*"], Why::Throttled)),
        ),
        8 => ("the SCP is gone, copier is repaired", Some(legacy(rules))),
        9 => ("no audit runs", None),
        10 => (
            "flaky flaps a third time; legacy loses more than was muted",
            Some(legacy(more(flap(rules)))),
        ),
        11 => ("the audit fails", None),
        12 => (
            "it works again; flaky seems well",
            Some(legacy(more(rules))),
        ),
        13 => (
            "legacy is back to what was muted, but the mute has ended; weekly is deleted",
            Some(legacy(rules)),
        ),
        _ => (
            "legacy is repaired, flaky stayed well, weekly is still gone",
            Some(rules),
        ),
    }
}

/// When a day's audit runs.
pub(crate) fn time(day: u32) -> String {
    format!("2026-11-{day:02}T06:00:00Z")
}

/// The account on the first day.
pub(crate) fn story() -> Story {
    let mut story = Story::new(vec![
        copier("copier"),
        copier("flaky"),
        copier("legacy"),
        copier("monthly"),
        copier("nightly"),
        copier("weekly"),
        principal(user("uploader"), &[("action-sets", "upload")]),
    ]);
    story.settings = Settings::parse(SETTINGS).unwrap();
    story
}

/// What the audit of a day finds; `None` on the day without one.
pub(crate) fn look(story: &mut Story, number: u32) -> Option<Assessment> {
    if number == 13 {
        story
            .principals
            .retain(|principal| principal.arn.name() != "weekly");
    }
    let now = time(number);
    let Some(rules) = day(number).1 else {
        return (number == 11).then(|| failed(account(), "cannot list roles", at(&now)));
    };
    let mut inventory = inventory(story.principals.clone());
    let keys = vec![key("AB12", number != 3, "2026-05-01T00:00:00Z")];
    inventory.access_keys = Some(BTreeMap::from([(user("uploader"), keys)]));
    Some(audit(&inventory, &rules, &story.settings, &now))
}
