//! Orders: which run is this, when did it begin, and does it cover the whole organisation?

use jiff::Timestamp;
use serde_json::Value;
use stack::hub::{LETTERS, is_run};

/// What is wrong with an event.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "the event has no `run` that is a name of at most {LETTERS} letters, digits and `.:_-`, such as 2026-11-30T03:15:00Z"
)]
pub(crate) struct NoRun;

/// The run that an event names.
pub(crate) fn run(event: &Value) -> Result<&str, NoRun> {
    let run = event.get("run").and_then(Value::as_str);
    run.filter(|run| is_run(run)).ok_or(NoRun)
}

/// When the run began, if the event says it. What another run audited since then is as good as this one's own.
pub(crate) fn started(event: &Value) -> Option<Timestamp> {
    event.get("started")?.as_str()?.parse().ok()
}

/// Whether the run audits the whole organisation: all accounts, or all below its root.
pub(crate) fn is_whole(event: &Value) -> bool {
    match event.get("below") {
        None | Some(Value::Null) => true,
        Some(below) => below.as_str().is_some_and(|below| below.starts_with("r-")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_run_has_a_name() {
        let event = json!({ "run": "2026-11-30T03:15:00Z", "below": null });
        assert_eq!(run(&event), Ok("2026-11-30T03:15:00Z"));
        assert_eq!(started(&event), None);
        let event = json!({ "started": "2026-11-30T03:15:02.123Z" });
        let expected = "2026-11-30T03:15:02.123Z".parse();
        assert_eq!(started(&event), expected.ok());
        for (below, expected) in [
            (json!(null), true),
            (json!("r-ab12"), true),
            (json!("ou-ab12-11111111"), false),
            (json!("111122223333"), false),
        ] {
            let found = is_whole(&json!({ "run": "a", "below": below }));
            assert_eq!(found, expected, "{below}");
        }
        for wrong in [
            json!({}),
            json!({ "run": "a/b" }),
            json!({ "run": 1 }),
            json!(null),
        ] {
            assert_eq!(run(&wrong), Err(NoRun), "{wrong}");
        }
    }
}
