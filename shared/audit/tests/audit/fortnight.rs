//! A fortnight of daily audits, as the people on call live through it. The snapshot is the story; what each channel makes of it
//! is held in `tests/e2e/tests/channels`.

use std::fmt::Write;

use crate::days::{day, look, story};

#[test]
fn a_fortnight_is_told_as_it_happened() {
    let mut story = story();
    let mut text = String::new();
    for number in 1..=14 {
        writeln!(text, "day {number}: {}", day(number).0).unwrap();
        let told = look(&mut story, number).map(|found| story.lead(&found));
        for line in told.unwrap_or_default() {
            writeln!(text, "  {line}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}
