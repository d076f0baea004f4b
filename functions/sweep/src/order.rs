//! Orders: what does an event ask for?
//!
//! In: the event, as JSON. Out: an [`Order`], or what is wrong with the event, named by its keys and never by its values. The
//! forms stand in `docs/lambda.md`. The same event always names the same audit.

use aws::Role;
use iam::{AccountId, Arn, ParseArnError, PrincipalArn};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stack::hub::is_run;
use stack::role_state::RosterFacts;

use crate::totals::Totals;

/// What is to be audited.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Order {
    /// Tells this audit from others of the account; the same for a repeated event.
    pub(crate) key: String,
    /// Another account; `None`: the function's own.
    pub(crate) target: Option<Target>,
    /// Where an earlier run stopped; `None`: from the start.
    pub(crate) position: Option<Position>,
    /// What the roster said of the account.
    pub(crate) facts: RosterFacts,
}

/// Another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) account: AccountId,
    pub(crate) role: Role,
}

/// How far an audit came in earlier runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Position {
    /// Runs before this one.
    pub(crate) hop: u32,
    /// The first principal that is not done with.
    pub(crate) from: PrincipalArn,
    /// What those runs counted.
    pub(crate) totals: Totals,
    /// Whether they saw and decided all that they reached.
    pub(crate) complete: bool,
    /// What Security Hub did not take of them.
    pub(crate) refused: Option<String>,
}

/// What is wrong with an event.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum OrderError {
    #[error(
        "an event of unknown form, with {0}: expected `{{}}`, a scheduled time, or an account with a role"
    )]
    Unknown(String),
    #[error("the event's `{key}` is not {expected}")]
    Value {
        key: &'static str,
        expected: &'static str,
    },
    #[error("the event names `{there}` and no `{missing}`: another account takes both")]
    Half {
        there: &'static str,
        missing: &'static str,
    },
    #[error("the event's role belongs to another account than the one it names")]
    OtherAccount,
    #[error("the event names account {0} and no `role`, and the function is in another account")]
    NoRole(AccountId),
    #[error("{0} records in one event: the queue must hand over one at a time")]
    Records(usize),
    #[error("a remainder of version {0}, newest known is {VERSION}: a newer release wrote it")]
    TooNew(u32),
}

/// Of AWS's words, so many letters go on to the next run.
const WORDS: usize = 200;

/// The version of the remainder message.
const VERSION: u32 = 1;

/// The remainder message; its own key, so that no other event is taken for one.
#[derive(Serialize, Deserialize)]
struct Message {
    remainder: Remainder,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remainder {
    version: u32,
    audit: String,
    hop: u32,
    from: String,
    #[serde(default)]
    totals: Totals,
    /// Older releases do not say, so nobody knows.
    #[serde(default)]
    complete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
}

impl Order {
    /// Reads an event. `request` is Lambda's id of the invocation, the same when Lambda repeats it; `own`: the function's own account.
    pub(crate) fn read(event: &Value, request: &str, own: AccountId) -> Result<Self, OrderError> {
        let Value::Object(fields) = event else {
            return Err(OrderError::Unknown("no keys".to_owned()));
        };
        if fields.contains_key("Records") {
            return Self::from_queue(event);
        }
        if fields.contains_key("remainder") {
            return Self::from_remainder(event);
        }
        if fields.contains_key("run") {
            return Self::from_roster(fields, own);
        }
        let text = |key| text(fields, key);
        // EventBridge Scheduler's own form, where a schedule has no input.
        let of_scheduler = text("source").unwrap_or_default().as_deref() == Some("aws.scheduler");
        let known = ["scheduled_time", "account", "role", "external_id"];
        if !of_scheduler {
            only(fields, &known)?;
        }
        let (time, target) = if of_scheduler {
            ((text("time")?, "time"), None)
        } else {
            let target = target(text("account")?, text("role")?, text("external_id")?)?;
            ((text("scheduled_time")?, "scheduled_time"), target)
        };
        let key = match time {
            (Some(time), key) => time
                .parse::<jiff::Timestamp>()
                .map_err(|_| OrderError::Value {
                    key,
                    expected: "a time such as 2026-11-22T03:15:00Z",
                })?
                .to_string(),
            (None, key) if of_scheduler => {
                return Err(OrderError::Value {
                    key,
                    expected: "there",
                });
            }
            (None, _) => request.to_owned(),
        };
        Ok(Self {
            key,
            target,
            position: None,
            facts: RosterFacts::default(),
        })
    }

    /// An item of the state machine, which the roster wrote.
    fn from_roster(fields: &Map<String, Value>, own: AccountId) -> Result<Self, OrderError> {
        only(
            fields,
            &[
                "account",
                "role",
                "externalId",
                "run",
                "joined",
                "management",
            ],
        )?;
        let bad = |key, expected| OrderError::Value { key, expected };
        let run = text(fields, "run")?.filter(|run| is_run(run));
        let run = run.ok_or(bad("run", "the name of a run"))?;
        let joined = text(fields, "joined")?.map(|time| time.parse::<Timestamp>());
        let joined = joined.transpose();
        let joined = joined.map_err(|_| bad("joined", "a time such as 2026-11-22T03:15:00Z"))?;
        let is_management = match fields.get("management") {
            None => false,
            Some(Value::Bool(is_management)) => *is_management,
            Some(_) => return Err(bad("management", "true or false")),
        };
        let (account, role) = (text(fields, "account")?, text(fields, "role")?);
        let target = match (account, role) {
            (Some(account), None) => {
                let account = account_id(&account)?;
                if own != account {
                    return Err(OrderError::NoRole(account));
                }
                None
            }
            (account, role) => target(account, role, text(fields, "externalId")?)?,
        };
        if target.is_none() && !fields.contains_key("account") {
            return Err(bad("account", "there"));
        }
        Ok(Self {
            key: run,
            target,
            position: None,
            facts: RosterFacts {
                joined,
                is_management,
                ..RosterFacts::default()
            },
        })
    }

    fn from_queue(event: &Value) -> Result<Self, OrderError> {
        let records = event.get("Records").and_then(Value::as_array);
        let records = records.map_or(&[][..], Vec::as_slice);
        let [record] = records else {
            return Err(OrderError::Records(records.len()));
        };
        let body = record.get("body").and_then(Value::as_str);
        let body = body.and_then(|body| serde_json::from_str(body).ok());
        Self::from_remainder(&body.unwrap_or(Value::Null))
    }

    fn from_remainder(message: &Value) -> Result<Self, OrderError> {
        let bad = |expected| OrderError::Value {
            key: "remainder",
            expected,
        };
        // The version before anything else of it.
        let version = message
            .pointer("/remainder/version")
            .and_then(Value::as_u64)
            .and_then(|version| u32::try_from(version).ok())
            .ok_or_else(|| bad("a remainder that permdrift wrote"))?;
        if version > VERSION {
            return Err(OrderError::TooNew(version));
        }
        let Message { remainder } = serde_json::from_value(message.clone())
            .map_err(|_| bad("a remainder that permdrift wrote"))?;
        Ok(Self {
            key: remainder.audit,
            target: target(remainder.account, remainder.role, remainder.external_id)?,
            position: Some(Position {
                hop: remainder.hop,
                from: remainder
                    .from
                    .parse()
                    .map_err(|_| bad("one with the ARN of a user or role"))?,
                totals: remainder.totals,
                complete: remainder.complete,
                refused: remainder.refused,
            }),
            facts: RosterFacts::default(),
        })
    }

    /// The message that lets the next run go on.
    pub(crate) fn remainder(&self, position: &Position) -> Value {
        let target = self.target.as_ref();
        let message = Message {
            remainder: Remainder {
                version: VERSION,
                audit: self.key.clone(),
                hop: position.hop,
                from: position.from.to_string(),
                totals: position.totals,
                complete: position.complete,
                refused: position.refused.as_ref().map(|text| beginning(text)),
                account: target.map(|target| target.account.to_string()),
                role: target.map(|target| target.role.arn.clone()),
                external_id: target.and_then(|target| target.role.external_id.clone()),
            },
        };
        // Texts and numbers: there is nothing in it that JSON cannot say.
        serde_json::to_value(&message).unwrap_or_default()
    }
}

/// The text under a key; `None` where there is none.
fn text(fields: &Map<String, Value>, key: &'static str) -> Result<Option<String>, OrderError> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(OrderError::Value {
            key,
            expected: "a text",
        }),
    }
}

/// Fails where there are other keys than these.
fn only(fields: &Map<String, Value>, known: &[&str]) -> Result<(), OrderError> {
    if fields.keys().all(|key| known.contains(&key.as_str())) {
        return Ok(());
    }
    let keys: Vec<&str> = fields.keys().map(String::as_str).take(20).collect();
    Err(OrderError::Unknown(format!("the keys {}", keys.join(", "))))
}

fn account_id(text: &str) -> Result<AccountId, OrderError> {
    text.parse().map_err(|_: ParseArnError| OrderError::Value {
        key: "account",
        expected: "an account id of twelve digits",
    })
}

fn beginning(text: &str) -> String {
    text.chars().take(WORDS).collect()
}

fn target(
    account: Option<String>,
    role: Option<String>,
    external_id: Option<String>,
) -> Result<Option<Target>, OrderError> {
    let (account, role) = match (account, role) {
        (Some(account), Some(role)) => (account, role),
        (None, None) if external_id.is_none() => return Ok(None),
        (Some(_), None) => {
            return Err(OrderError::Half {
                there: "account",
                missing: "role",
            });
        }
        (None, _) => {
            return Err(OrderError::Half {
                there: "role",
                missing: "account",
            });
        }
    };
    let account = account_id(&account)?;
    let owner = Arn::parse(&role).map(|arn| arn.account.to_owned());
    match owner {
        Ok(owner) if owner == account.as_str() => Ok(Some(Target {
            account,
            role: Role {
                arn: role,
                external_id,
            },
        })),
        Ok(_) => Err(OrderError::OtherAccount),
        Err(_) => Err(OrderError::Value {
            key: "role",
            expected: "the ARN of a role",
        }),
    }
}

#[cfg(test)]
mod tests;
