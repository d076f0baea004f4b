//! Metrics: what does a run of the sweep count?
//!
//! The form of the line, and why alarms look at maxima, stand in `stack::metrics`.

use aws::Counts;
use stack::Frame;
use stack::metrics::{COUNT, line};

use crate::sweep::Done;

/// In a hub: that an audit of any account came to its end. A metric for each of a thousand accounts would cost more than all the rest.
pub(crate) const ACCOUNTS_AUDITED: &str = "AccountsAudited";

/// The line of a run that worked. `completed`: what counts that an audit came to its end.
pub(crate) fn done(
    stack: &str,
    frame: &Frame<'_>,
    millis: u64,
    done: &Done,
    completed: &'static str,
) -> String {
    if done.failed.is_some() {
        let values = vec![("AuditsFailed", COUNT, 0), ("AccountsNotAudited", COUNT, 1)];
        return line(stack, frame, millis, values, done.counts);
    }
    let run = &done.run;
    let mut values = vec![
        ("AuditsFailed", COUNT, 0),
        ("Principals", COUNT, run.counts.principals),
        ("Requirements", COUNT, run.counts.requirements),
        ("Compliant", COUNT, run.counts.compliant),
        (
            "CompliantNotChecked",
            COUNT,
            run.counts.compliant_not_checked,
        ),
        ("Drifted", COUNT, run.counts.drifted),
        ("Undetermined", COUNT, run.counts.undetermined),
        ("Remainder", COUNT, done.remainder as u64),
    ];
    if done.completed {
        let whole = &done.audit;
        let percent = (100 * whole.counts.undetermined)
            .checked_div(whole.counts.requirements)
            .unwrap_or(0);
        values.push((completed, COUNT, 1));
        values.push(("UndeterminedPercent", "Percent", percent));
    }
    line(stack, frame, millis, values, done.counts)
}

/// The line of a run that failed.
pub(crate) fn failed(stack: &str, frame: &Frame<'_>, millis: u64, counts: Counts) -> String {
    let values = vec![("AuditsFailed", COUNT, 1)];
    line(stack, frame, millis, values, counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::totals::Totals;
    use aws::Reads;
    use serde_json::{Value, json};
    use stack::metrics::COMPLETED;

    fn frame(is_own: bool) -> Frame<'static> {
        Frame {
            audit: "a/b",
            account: "222222222222".parse().unwrap(),
            own: match is_own {
                true => "222222222222".parse().unwrap(),
                false => "111111111111".parse().unwrap(),
            },
            now: jiff::Timestamp::UNIX_EPOCH,
            begun: tokio::time::Instant::now(),
            left: std::time::Duration::from_secs(900),
        }
    }

    fn completed(is_own: bool) -> Value {
        let run = Done {
            audit: Totals {
                counts: audit::VerdictCounts {
                    requirements: 8,
                    undetermined: 2,
                    ..Default::default()
                },
                ..Totals::default()
            },
            completed: true,
            counts: Counts {
                reads: Reads {
                    calls: 9,
                    refused: 3,
                    failed: 1,
                },
                ..Counts::default()
            },
            ..Done::default()
        };
        let line = done("one", &frame(is_own), 5, &run, COMPLETED);
        serde_json::from_str(&line).unwrap()
    }

    /// Of each directive: its dimensions, and how many metrics; each dimension and metric has a value.
    #[track_caller]
    fn check(line: &Value, expected: &[(Value, usize)]) {
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap().iter();
        let found: Vec<(Value, usize)> = directives
            .map(|directive| {
                let metrics = directive["Metrics"].as_array().unwrap();
                for metric in metrics {
                    let name = metric["Name"].as_str().unwrap();
                    assert!(line[name].is_u64(), "{name}");
                }
                (directive["Dimensions"].clone(), metrics.len())
            })
            .collect();
        assert_eq!(found, expected);
        for dimension in expected
            .iter()
            .flat_map(|(dimensions, _)| dimensions[0].as_array())
        {
            for name in dimension {
                assert!(line[name.as_str().unwrap()].is_string(), "{name}");
            }
        }
    }

    #[test]
    fn each_metric_that_is_declared_has_a_value() {
        let line = completed(true);
        check(&line, &[(json!([["stack"]]), 18)]);
        assert_eq!(line["stack"], "one");
        assert_eq!(line["UndeterminedPercent"], 25);
        assert_eq!(line["AuditsCompleted"], 1);
        let reads = ["Reads", "ReadsRefused", "ReadsFailed"].map(|name| &line[name]);
        assert_eq!(reads, [9, 3, 1]);
    }

    #[test]
    fn that_another_account_was_audited_does_not_count_as_the_own() {
        let line = completed(false);
        let expected = [(json!([["stack"]]), 17), (json!([["stack", "account"]]), 1)];
        check(&line, &expected);
        let metric = &line["_aws"]["CloudWatchMetrics"][1]["Metrics"][0];
        assert_eq!(metric["Name"], "AuditsCompleted");
        assert_eq!(line["account"], "222222222222");
    }

    #[test]
    fn in_a_hub_no_account_has_a_metric_of_its_own() {
        let audited = Done {
            completed: true,
            ..Done::default()
        };
        let not_audited = Done {
            failed: Some("no role".to_owned()),
            ..audited.clone()
        };
        for (run, name, others) in [
            (audited, "AccountsAudited", 17),
            (not_audited, "AccountsNotAudited", 9),
        ] {
            let line = done("one", &frame(false), 5, &run, ACCOUNTS_AUDITED);
            let line: Value = serde_json::from_str(&line).unwrap();
            check(&line, &[(json!([["stack"]]), others + 1)]);
            assert_eq!((&line[name], &line["AuditsFailed"]), (&json!(1), &json!(0)));
        }
    }

    #[test]
    fn a_run_that_hands_on_completes_nothing() {
        for is_own in [true, false] {
            let line = done("one", &frame(is_own), 5, &Done::default(), COMPLETED);
            let line: Value = serde_json::from_str(&line).unwrap();
            check(&line, &[(json!([["stack"]]), 16)]);
            assert_eq!(line.get("AuditsCompleted"), None);
            assert_eq!(line.get("UndeterminedPercent"), None);
            let line = failed("one", &frame(is_own), 5, Counts::default());
            let line: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(line["AuditsFailed"], 1);
            assert_eq!(line.get("AuditsCompleted"), None);
        }
    }
}
