//! Recording: does a trail record changes, so that they come as events?
//!
//! In: a region. Out: the first trail that records management events there, or that there is none, or the call that left it open.
//! One call, and for each trail one about whether it logs, and one about what, unless it logs what each new trail does. The event history that
//! CloudTrail keeps without a trail sends no events.

use aws_smithy_runtime_api::box_error::BoxError;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::resources::json_call;
use super::trail::{CLOUDTRAIL, TARGET};
use crate::failure::Failure;
use crate::iam_client::Iam;
use crate::signed::Signer;

/// Whether changes are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// By this trail.
    By(String),
    /// By none.
    Nowhere,
    /// It is not known.
    Unknown {
        /// The action of the call that was not answered.
        action: &'static str,
        /// Why.
        failure: Failure,
    },
}

const TRAILS: &str = "cloudtrail:DescribeTrails";
const STATUS: &str = "cloudtrail:GetTrailStatus";
const SELECTORS: &str = "cloudtrail:GetEventSelectors";

/// Whether a trail records management events in a region, as far as it is known by `until`.
pub async fn recording(iam: &Iam, region: &str, until: Instant) -> Recording {
    let asking = Asking {
        signer: Signer::new(&iam.session),
        region,
        until,
    };
    match asking.first().await {
        Ok(Some(name)) => Recording::By(name),
        Ok(None) => Recording::Nowhere,
        Err((action, failure)) => Recording::Unknown { action, failure },
    }
}

struct Asking<'a> {
    signer: Signer,
    region: &'a str,
    until: Instant,
}

type Unanswered = (&'static str, Failure);

impl Asking<'_> {
    async fn first(&self) -> Result<Option<String>, Unanswered> {
        let answer = self.ask(TRAILS, &json!({})).await?;
        let trails = answer.get("trailList").and_then(Value::as_array);
        let mut unknown = None;
        for trail in trails.into_iter().flatten() {
            match self.records(trail).await {
                Ok(true) => return Ok(Some(text(trail, "Name").to_owned())),
                Ok(false) => {}
                Err(error) => unknown = unknown.or(Some(error)),
            }
        }
        unknown.map_or(Ok(None), Err)
    }

    async fn records(&self, trail: &Value) -> Result<bool, Unanswered> {
        let arn = text(trail, "TrailARN");
        let status = self.ask(STATUS, &json!({ "Name": arn })).await?;
        if status.get("IsLogging") != Some(&Value::Bool(true)) {
            return Ok(false);
        }
        if trail.get("HasCustomEventSelectors") == Some(&Value::Bool(false)) {
            return Ok(true);
        }
        let selectors = self.ask(SELECTORS, &json!({ "TrailName": arn })).await?;
        Ok(takes_changes(&selectors))
    }

    async fn ask(&self, action: &'static str, body: &Value) -> Result<Value, Unanswered> {
        let operation = action.rsplit(':').next().unwrap_or_default();
        let request = json_call(TARGET, operation, body);
        let url = self.signer.url(CLOUDTRAIL, self.region, None);
        let asking = self
            .signer
            .send(CLOUDTRAIL, self.region, &url, request, object);
        match timeout_at(self.until, asking).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err((action, Failure::of(&error))),
            Err(_) => Err((action, Failure::TimedOut)),
        }
    }
}

fn object(body: &[u8]) -> Result<Value, BoxError> {
    let answer: Value = serde_json::from_slice(body)?;
    match answer.is_object() {
        true => Ok(answer),
        false => Err("no object".into()),
    }
}

/// Whether event selectors, of the older or the newer kind, take calls to IAM that change something.
fn takes_changes(selectors: &Value) -> bool {
    let list = |name| selectors.get(name).and_then(Value::as_array).into_iter();
    let mut older = list("EventSelectors").flatten();
    let mut newer = list("AdvancedEventSelectors").flatten();
    older.any(|one| {
        let excluded = one.get("ExcludeManagementEventSources");
        let excludes = |list: &Value| list.as_array().is_some_and(|all| all.contains(&json!(IAM)));
        one.get("IncludeManagementEvents") == Some(&Value::Bool(true))
            && text(one, "ReadWriteType") != "ReadOnly"
            && !excluded.is_some_and(excludes)
    }) || newer.any(takes_changes_by_fields)
}

const IAM: &str = "iam.amazonaws.com";

/// A selector takes what each of its fields takes.
fn takes_changes_by_fields(selector: &Value) -> bool {
    let fields = selector.get("FieldSelectors").and_then(Value::as_array);
    let fields: Vec<&Value> = fields.into_iter().flatten().collect();
    let holds = |field: &Value, how: &str, value: &str| {
        let values = field.get(how).and_then(Value::as_array);
        values.map(|values| values.contains(&json!(value)))
    };
    let is_about_management = fields.iter().any(|field| {
        text(field, "field") == "eventCategory"
            && holds(field, "Equals", "Management") == Some(true)
    });
    is_about_management
        && fields.iter().all(|field| match text(field, "field") {
            "readOnly" => holds(field, "Equals", "true") != Some(true),
            "eventSource" => {
                holds(field, "Equals", IAM) != Some(false)
                    && holds(field, "NotEquals", IAM) != Some(true)
            }
            _ => true,
        })
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    let found = value.as_object().into_iter().flatten();
    let mut found = found.filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let found = found.next().and_then(|(_, value)| value.as_str());
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::replay::Replay;

    /// What is found, and the calls that it took.
    async fn find(answers: &[(u16, Value)]) -> (Recording, usize) {
        let answers = answers.iter();
        let answers = answers.map(|(status, answer)| (*status, answer.to_string()));
        let replay = Replay::of(answers.collect());
        let until = Instant::now() + Duration::from_secs(2);
        let found = recording(&replay.iam(), "us-east-1", until).await;
        let sent = replay.sent();
        assert!(sent.iter().all(|sent| sent.uri.contains("us-east-1")));
        (found, sent.len())
    }

    fn trail(name: &str, is_custom: bool) -> Value {
        json!({ "Name": name, "TrailARN": format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}"),
            "HomeRegion": "eu-west-1", "IsMultiRegionTrail": true, "HasCustomEventSelectors": is_custom })
    }

    fn trails(trails: &[Value]) -> (u16, Value) {
        (200, json!({ "trailList": trails }))
    }

    fn logging(is_logging: bool) -> (u16, Value) {
        (200, json!({ "IsLogging": is_logging }))
    }

    #[tokio::test]
    async fn the_first_trail_that_records_is_found() {
        assert_eq!(find(&[trails(&[])]).await, (Recording::Nowhere, 1));
        let one = [trails(&[trail("all", false)]), logging(true)];
        assert_eq!(find(&one).await, (Recording::By("all".into()), 2));
        let stopped = [trails(&[trail("all", false)]), logging(false)];
        assert_eq!(find(&stopped).await, (Recording::Nowhere, 2));
        let second = [
            trails(&[trail("stopped", true), trail("all", false)]),
            logging(false),
            logging(true),
        ];
        assert_eq!(find(&second).await, (Recording::By("all".into()), 3));
    }

    #[tokio::test]
    async fn a_trail_takes_what_its_selectors_say() {
        let older = |written: &str, includes: bool| json!({ "EventSelectors": [{ "ReadWriteType": written, "IncludeManagementEvents": includes }] });
        let newer = |fields: Value| {
            let mut fields = fields.as_array().cloned().unwrap_or_default();
            fields.push(json!({ "Field": "eventCategory", "Equals": ["Management"] }));
            json!({ "AdvancedEventSelectors": [{ "Name": "n", "FieldSelectors": fields }] })
        };
        let data = json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [
            { "Field": "eventCategory", "Equals": ["Data"] }] }] });
        for (selectors, records) in [
            (older("All", true), true),
            (older("WriteOnly", true), true),
            (older("ReadOnly", true), false),
            (older("All", false), false),
            (newer(json!([])), true),
            (
                newer(json!([{ "Field": "readOnly", "Equals": ["false"] }])),
                true,
            ),
            (
                newer(json!([{ "Field": "readOnly", "Equals": ["true"] }])),
                false,
            ),
            (
                newer(json!([{ "Field": "eventSource", "NotEquals": ["kms.amazonaws.com"] }])),
                true,
            ),
            (
                newer(json!([{ "Field": "eventSource", "NotEquals": ["iam.amazonaws.com"] }])),
                false,
            ),
            (
                newer(json!([{ "Field": "eventSource", "Equals": ["kms.amazonaws.com"] }])),
                false,
            ),
            (data, false),
            (json!({}), false),
        ] {
            let answers = [
                trails(&[trail("t", true)]),
                logging(true),
                (200, selectors.clone()),
            ];
            let expected = match records {
                true => Recording::By("t".into()),
                false => Recording::Nowhere,
            };
            assert_eq!(find(&answers).await, (expected, 3), "{selectors}");
        }
    }

    #[tokio::test]
    async fn what_is_not_answered_is_not_known_unless_another_trail_records() {
        let denied = json!({ "__type": "AccessDeniedException", "Message": "no" });
        let (found, _) = find(&[(400, denied.clone())]).await;
        assert!(
            matches!(
                &found,
                Recording::Unknown {
                    action: TRAILS,
                    failure: Failure::Denied { .. }
                }
            ),
            "{found:?}"
        );
        let both = trails(&[trail("hidden", false), trail("all", false)]);
        let (found, _) = find(&[both.clone(), (400, denied.clone()), logging(true)]).await;
        assert_eq!(found, Recording::By("all".into()));
        let (found, _) = find(&[both, (400, denied), logging(false)]).await;
        assert!(
            matches!(found, Recording::Unknown { action: STATUS, .. }),
            "{found:?}"
        );
    }
}
