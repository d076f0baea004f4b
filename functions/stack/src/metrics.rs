//! Metrics: what does a run count, for CloudWatch?
//!
//! One log line in the embedded metric format a run; `docs/lambda.md` lists the names. The line can be delivered twice, so alarms look at
//! maxima. The alarm for missing audits watches the function's own account: audits of other accounts are counted under the account's
//! name, because they would hide that the own account is not audited.

use aws::Counts;
use serde_json::{Map, Value, json};

use crate::stack::Frame;

/// That an audit came to its end.
pub const COMPLETED: &str = "AuditsCompleted";
/// The unit of what is counted.
pub const COUNT: &str = "Count";

/// The line of a run: metrics with their units, and what its calls came to. `stack`: what metrics are told apart by.
#[must_use]
pub fn line(
    stack: &str,
    frame: &Frame<'_>,
    millis: u64,
    mut values: Vec<(&str, &str, u64)>,
    counts: Counts,
) -> String {
    values.extend([
        ("Calls", COUNT, counts.calls),
        ("Retries", COUNT, counts.retries),
        ("Throttles", COUNT, counts.throttles),
        ("Disagreements", COUNT, counts.disagreements),
        ("Reads", COUNT, counts.reads.calls),
        ("ReadsRefused", COUNT, counts.reads.refused),
        ("ReadsFailed", COUNT, counts.reads.failed),
        ("Duration", "Milliseconds", millis),
    ]);
    let is_of_account = |name: &str| name == COMPLETED && !frame.is_own();
    let directives: Vec<Value> = [(&["stack"][..], false), (&["stack", "account"], true)]
        .into_iter()
        .filter_map(|(dimensions, of_account)| {
            let metrics: Vec<Value> = values
                .iter()
                .filter(|(name, _, _)| is_of_account(name) == of_account)
                .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit }))
                .collect();
            let directive =
                json!({ "Namespace": "permdrift", "Dimensions": [dimensions], "Metrics": metrics });
            (!metrics.is_empty()).then_some(directive)
        })
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({ "Timestamp": frame.now.as_millisecond(), "CloudWatchMetrics": directives }),
    );
    line.insert("stack".to_owned(), stack.into());
    line.insert("account".to_owned(), frame.account.as_str().into());
    line.insert("audit".to_owned(), frame.audit.into());
    for (name, _, value) in values {
        line.insert(name.to_owned(), value.into());
    }
    Value::Object(line).to_string()
}
