//! The canary: is an audit that finds its denied action allowed, or does not find it at all, reported as broken?

use audit::Settings;

use crate::phases::audit;
use crate::principals::{at, copier, inventory, principal, role, user};
use crate::rules::{Rules, Why};

const NOW: &str = "2026-11-01T06:00:00Z";

/// What an audit says of a canary whose action these rules decide: why it failed, if it did.
#[track_caller]
fn check_canary(rules: &Rules, expected: Option<&str>) {
    let settings = Settings::parse(
        "[canary]\nprincipal = \"arn:aws:iam::111122223333:user/canary\"\naction = \"s3:GetObject\"",
    )
    .unwrap();
    let canary = principal(user("canary"), &[("action-sets", "upload")]);
    let here = inventory(vec![canary, copier("a")]);
    let found = audit(&here, rules, &settings, NOW);
    assert_eq!(found.failure.as_deref(), expected);
    assert_eq!(found.verdicts.len(), 2, "the canary is no requirement");
    assert_eq!(found.is_complete(), expected.is_none());
}

#[test]
fn a_canary_that_was_not_found_to_be_denied_means_that_the_audit_is_broken() {
    let denied = |why| Rules::default().deny("canary", &["s3:GetObject"], why);
    check_canary(&denied(Why::Lost), None);
    check_canary(
        &Rules::default(),
        Some("the canary canary was found to have the action that it lacks"),
    );
    check_canary(
        &denied(Why::Throttled),
        Some("nobody knows whether the canary canary still lacks its action: throttled"),
    );
    check_canary(
        &denied(Why::Hangs("aws:SourceVpc")),
        Some(
            "nobody knows whether the canary canary still lacks its action: that hangs on aws:SourceVpc",
        ),
    );
    let mut no_time = Rules::default();
    no_time.stop_at = Some("canary".into());
    check_canary(
        &no_time,
        Some("the time was up before the canary canary was asked"),
    );
}

#[test]
fn a_canary_that_is_gone_means_that_the_audit_is_broken() {
    let settings = Settings::parse(
        "[canary]\nprincipal = \"arn:aws:iam::111122223333:role/canary\"\naction = \"s3:GetObject\"",
    )
    .unwrap();
    let found = audit(
        &inventory(vec![copier("a")]),
        &Rules::default(),
        &settings,
        NOW,
    );
    let expected = "the canary arn:aws:iam::111122223333:role/canary is gone";
    assert_eq!(found.failure.as_deref(), Some(expected));
    assert_eq!(found.at, at(NOW));
}

#[test]
fn the_canary_of_another_account_is_neither_asked_nor_missed() {
    let settings = Settings::parse(
        "[canary]\nprincipal = \"arn:aws:iam::444455556666:role/canary\"\naction = \"s3:GetObject\"",
    )
    .unwrap();
    let namesake = principal(role("canary"), &[]);
    let here = inventory(vec![namesake, copier("a")]);
    let found = audit(&here, &Rules::default(), &settings, NOW);
    assert_eq!(found.failure, None);
    assert!(found.is_complete());
}
