//! The stored form: nothing is lost on the way, and nothing newer is touched.

use audit::RulesVersion;
use audit::baseline::LoadBaselineError;
use audit::stored::{Form, account_entry, principal_entry, read_entries, read_file, write_file};

use crate::principals::copier;
use crate::rules::{Rules, Why};
use crate::story::Story;

fn story() -> Story {
    let story = Story::new(vec![
        copier("a"),
        copier("b"),
        copier("c"),
        copier("d"),
        copier("e"),
    ]);
    let rules = Rules::default()
        .deny("a", &["s3:GetObject"], Why::Scp("S"))
        .deny("a", &["s3:ListBucket"], Why::Lost)
        .deny("b", &["s3:GetObject"], Why::OnlyOn("arn:aws:s3:::b/*"))
        .deny("c", &["s3:GetObject"], Why::Hangs("aws:SourceIp"))
        .deny("d", &["s3:GetObject"], Why::Throttled)
        .deny("e", &["s3:GetObject"], Why::Boundary);
    // The story itself checks that the file keeps everything.
    story.audit("2026-11-01T06:00:00Z", &rules);
    story
}

#[test]
fn entries_and_files_keep_the_same() {
    let baseline = story().baseline.into_inner();
    for (form, beginning) in [
        (Form::Plain, "{\"format\":1,"),
        (Form::Compact, "{\"format\":2,"),
    ] {
        let principals: Vec<String> = baseline
            .principals
            .iter()
            .map(|(principal, record)| principal_entry(principal, record, form))
            .collect();
        let account = account_entry(&baseline, form);
        let read = read_entries(&account, principals.iter().map(String::as_str)).unwrap();
        assert_eq!(read, baseline);
        for entry in principals.iter().chain([&account]) {
            assert!(entry.starts_with(beginning), "{entry}");
        }
    }
    assert_eq!(read_file(&write_file(&baseline)).unwrap(), baseline);
}

/// A baseline as the first edition wrote it. It is never changed: somebody has one.
pub(crate) const FIRST_EDITION: &str = include_str!("first-edition/baseline.json");

#[test]
fn the_file_of_the_first_edition_is_read_and_format_1_stays_as_it_was() {
    let mut baseline = story().baseline.into_inner();
    assert_eq!(baseline.rules, Some(RulesVersion::current()));
    baseline.rules = None;
    assert!(baseline.noticed.is_some());
    baseline.noticed = None;
    assert_eq!(read_file(FIRST_EDITION).unwrap(), baseline);
    assert_eq!(write_file(&baseline), FIRST_EDITION);
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = read_file(text).unwrap_err();
    let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |one| one.source());
    let found: Vec<String> = causes.map(ToString::to_string).collect();
    assert_eq!(found.join(": "), expected);
}

#[test]
fn what_is_newer_or_broken_is_refused() {
    refused(
        "{\"format\":3,\"account\":7}",
        "baseline has format 3, newest known is 2: use a newer permdrift, nothing was read or overwritten",
    );
    refused(
        "",
        "baseline cannot be read: EOF while parsing a value at line 1 column 0",
    );
    refused(
        "{\"format\":1}",
        "baseline cannot be read: missing field `account` at line 1 column 12",
    );
    refused(
        &FIRST_EDITION.replace("\"undetermined\",\"set\"", "\"undetermind\",\"set\""),
        "baseline cannot be read: `undetermind` is not what should stand there: `undetermind` is no finding code",
    );
    let newer = write_file(&story().baseline.into_inner())
        .replace("{\"format\":1,\"principal\"", "{\"format\":3,\"principal\"");
    assert!(matches!(
        read_file(&newer),
        Err(LoadBaselineError::TooNew { found: 3, known: 2 })
    ));
}

#[test]
fn a_baseline_of_another_account_is_refused() {
    let baseline = story().baseline.into_inner();
    let error = baseline
        .check_account("999999999999".parse().unwrap())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "baseline is of account `111122223333`, this audit is of `999999999999`"
    );
}
