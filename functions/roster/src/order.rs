//! Orders: which run is it, and which accounts are to be audited?

use serde_json::Value;
use stack::hub::{LETTERS, is_run};

/// What the state machine asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The run; it names the audits.
    pub(crate) run: String,
    /// The root, OU or account below which accounts are audited; `None`: all.
    pub(crate) below: Option<String>,
    /// How many questions AWS answered in earlier invocations of this run; 0: there was none.
    pub(crate) answered: u64,
}

/// What is wrong with an event.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum OrderError {
    #[error(
        "an event of unknown form, with {0}: expected `run`, and `below` where not all accounts are audited"
    )]
    Unknown(String),
    #[error(
        "the event's `run` is not a name of at most {LETTERS} letters, digits and `.:_-`, such as 2026-11-30T03:15:00Z"
    )]
    Run,
    #[error("the event's `below` is not the id of a root, an OU or an account")]
    Below,
}

impl Order {
    /// Reads an event.
    pub(crate) fn read(event: &Value) -> Result<Self, OrderError> {
        let Value::Object(fields) = event else {
            return Err(OrderError::Unknown("no keys".to_owned()));
        };
        if fields
            .keys()
            .any(|key| !["run", "below", "answered"].contains(&key.as_str()))
        {
            let keys: Vec<&str> = fields.keys().map(String::as_str).take(20).collect();
            return Err(OrderError::Unknown(format!("the keys {}", keys.join(", "))));
        }
        let run = fields.get("run").and_then(Value::as_str);
        let run = run.filter(|run| is_run(run)).ok_or(OrderError::Run)?;
        let below = match fields.get("below") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) if is_level(id) => Some(id.clone()),
            Some(_) => return Err(OrderError::Below),
        };
        Ok(Self {
            run: run.to_owned(),
            below,
            answered: fields.get("answered").and_then(Value::as_u64).unwrap_or(0),
        })
    }
}

/// Whether that may be the id of a root, an OU or an account, as AWS forms them.
fn is_level(id: &str) -> bool {
    let is_of =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match (id.strip_prefix("r-"), id.strip_prefix("ou-")) {
        (Some(root), _) => is_of(root),
        (None, Some(unit)) => unit.split('-').all(is_of) && unit.contains('-'),
        (None, None) => id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(event: &Value, expected: Result<(&str, Option<&str>), OrderError>) {
        let found = Order::read(event);
        let found = found
            .as_ref()
            .map(|order| (&*order.run, order.below.as_deref()));
        assert_eq!(found, expected.as_ref().map(|found| *found), "{event}");
    }

    #[test]
    fn a_run_goes_on_where_something_was_answered() {
        for (answered, expected) in [(json!(null), 0), (json!(0), 0), (json!(240), 240)] {
            let order = Order::read(&json!({ "run": "a", "answered": answered }));
            assert_eq!(order.map(|order| order.answered), Ok(expected));
        }
    }

    #[test]
    fn a_run_is_of_all_accounts_or_of_those_below() {
        let run = "2026-11-30T03:15:00Z";
        check(&json!({ "run": run }), Ok((run, None)));
        check(&json!({ "run": run, "below": null }), Ok((run, None)));
        for below in ["r-ab12", "ou-ab12-cd345678", "111122223333"] {
            check(
                &json!({ "run": "a", "below": below }),
                Ok(("a", Some(below))),
            );
        }
    }

    #[test]
    fn what_would_be_another_key_is_no_run() {
        for run in [
            json!(null),
            json!(""),
            json!("a/b"),
            json!("ä"),
            json!(5),
            json!("a".repeat(81)),
        ] {
            check(&json!({ "run": run }), Err(OrderError::Run));
        }
        check(&json!({}), Err(OrderError::Run));
    }

    #[test]
    fn what_is_no_id_is_refused_before_anything_is_read() {
        for below in [
            "backup",
            "ou-",
            "ou-ab12",
            "r-",
            "1234",
            "ou-ab12-../x",
            "",
            "1111222233334",
        ] {
            check(
                &json!({ "run": "a", "below": below }),
                Err(OrderError::Below),
            );
        }
        check(&json!({ "run": "a", "below": [] }), Err(OrderError::Below));
        let unknown = OrderError::Unknown("the keys ou, run".to_owned());
        check(&json!({ "run": "a", "ou": "x" }), Err(unknown));
        check(&json!([]), Err(OrderError::Unknown("no keys".to_owned())));
    }
}
