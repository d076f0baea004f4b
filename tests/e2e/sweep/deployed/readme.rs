//! The README's alert: is it what people really get?

use e2e::tools::root;

const START: &str =
    "<!-- This alert is written by the test `drift_is_told_once_and_its_end_once`. -->\n";
const END: &str = "\n<!-- End of the alert. -->";

/// The day that stands for each day.
const DAY: &str = "2026-11-22";
/// The time of day that stands for each that follows a day.
const TIME: &str = "06:00";

/// Holds the README's alert against this one; with `UPDATE_DOCS` set, writes it.
#[track_caller]
pub(crate) fn shows(subject: &str, text: &str) {
    let text = on_one_day(text);
    let alert = format!("```text\nSubject: {subject}\n\n{}\n```", text.trim_end());
    let path = root().join("README.md");
    let readme = std::fs::read_to_string(&path).expect("README.md is there");
    let (before, rest) = readme
        .split_once(START)
        .expect("README.md has a place for the alert");
    let (written, after) = rest
        .split_once(END)
        .expect("README.md says where the alert ends");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{START}{alert}{END}{after}"))
            .expect("README.md can be written");
    } else {
        assert_eq!(
            written, alert,
            "README.md shows another alert; run this test with UPDATE_DOCS=1 and review the difference"
        );
    }
}

fn on_one_day(text: &str) -> String {
    let mut follows_day = false;
    let words = text.split_inclusive(' ');
    words
        .map(|word| {
            let day = word
                .get(..DAY.len())
                .filter(|day| day.starts_with("20") && day.matches('-').count() == 2);
            let time = word
                .get(..TIME.len())
                .filter(|time| follows_day && time.matches(':').count() == 1);
            follows_day = day.is_some();
            match (day, time) {
                (Some(day), _) => word.replacen(day, DAY, 1),
                (None, Some(time)) => word.replacen(time, TIME, 1),
                (None, None) => word.to_owned(),
            }
        })
        .collect()
}
