//! The table: where is the baseline of each account stored in DynamoDB?
//!
//! There is one item for the account and one for each principal, each with format, generation and body. A commit writes the
//! account's item first, on condition that its generation is still the one that was loaded: of two audits at once only one
//! succeeds. Then it writes the principals whose record changed. If the process ends in between, the next audit sends the
//! remaining messages again, under the same ids. What a newer release wrote is neither read nor overwritten.

mod body;

use std::collections::HashMap;

use audit::Baseline;
use audit::baseline::{CommitError, LoadBaselineError, Record};
use audit::ports::{BaselineStore, Commit};
use audit::stored::{self, FORMAT, Form};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use iam::{AccountId, PrincipalArn};
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::session::Session;

/// Partition key: twelve digits.
const PARTITION_KEY: &str = "account";
/// Sort key: `ACCOUNT_ITEM`, or `PRINCIPAL_ITEM` and an ARN.
const SORT_KEY: &str = "item";
/// The account's own item.
const ACCOUNT_ITEM: &str = "account";
/// What a principal's item begins with.
const PRINCIPAL_ITEM: &str = "principal#";
/// The attribute for DynamoDB's time to live: the second after which the item may be deleted.
const TTL: &str = "expires";

/// How long the findings of a deleted or unbound principal are kept after the last of them was closed.
const KEEP: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Writes in flight.
const IN_FLIGHT: usize = 8;

type Item = HashMap<String, AttributeValue>;

/// A DynamoDB table with baselines.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table of that name, in the session's account and region.
    #[must_use]
    pub fn new(session: &Session, name: &str) -> Self {
        Self {
            client: Client::new(&session.config),
            name: name.to_owned(),
        }
    }

    async fn items(&self, account: AccountId) -> Result<Vec<Item>, LoadBaselineError> {
        let mut items = Vec::new();
        let mut next: Option<Item> = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.name)
                .consistent_read(true)
                .key_condition_expression("#account = :account")
                .expression_attribute_names("#account", PARTITION_KEY)
                .expression_attribute_values(":account", text(account.as_str()))
                .set_exclusive_start_key(next.take())
                .send()
                .await
                .map_err(|error| LoadBaselineError::Store(Failure::of(&error).into()))?;
            items.extend(page.items.unwrap_or_default());
            next = page.last_evaluated_key.filter(|key| !key.is_empty());
            if next.is_none() {
                return Ok(items);
            }
        }
    }

    async fn put_account(&self, commit: &Commit<'_>) -> Result<(), CommitError> {
        let baseline = commit.baseline;
        let (form, body) = body::body(|form| stored::account_entry(baseline, form));
        let mut put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item(
                baseline.account,
                ACCOUNT_ITEM,
                baseline.generation,
                form,
                body.clone(),
            )))
            .expression_attribute_names("#generation", "generation")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        put = if commit.expected == 0 {
            put.condition_expression("attribute_not_exists(#generation)")
        } else {
            put.condition_expression("#generation = :expected AND #format <= :format")
                .expression_attribute_names("#format", "format")
                .expression_attribute_values(":format", number(FORMAT))
                .expression_attribute_values(":expected", number(commit.expected))
        };
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => match existing(&error) {
                // An earlier attempt was written, and only its answer was lost.
                Some(item) if item.get("body") == Some(&body) => Ok(()),
                item => Err(refused(item, commit.expected, &error)),
            },
        }
    }

    async fn put_principal(
        &self,
        commit: &Commit<'_>,
        principal: &PrincipalArn,
    ) -> Result<(), CommitError> {
        let baseline = commit.baseline;
        let sort = format!("{PRINCIPAL_ITEM}{principal}");
        let condition = "attribute_not_exists(#generation) OR (#generation <= :generation AND #format <= :format)";
        match baseline.principals.get(principal) {
            Some(record) => {
                let (form, body) =
                    body::body(|form| stored::principal_entry(principal, record, form));
                let mut item = item(baseline.account, &sort, baseline.generation, form, body);
                if let Some(expires) = expires(record) {
                    item.insert(TTL.to_owned(), number(expires.as_second()));
                }
                let sent = self
                    .client
                    .put_item()
                    .table_name(&self.name)
                    .set_item(Some(item))
                    .condition_expression(condition)
                    .expression_attribute_names("#generation", "generation")
                    .expression_attribute_names("#format", "format")
                    .expression_attribute_values(":generation", number(baseline.generation))
                    .expression_attribute_values(":format", number(FORMAT))
                    .return_values_on_condition_check_failure(
                        ReturnValuesOnConditionCheckFailure::AllOld,
                    )
                    .send()
                    .await;
                sent.map(|_| ())
                    .map_err(|error| refused(existing(&error), commit.expected, &error))
            }
            None => {
                let sent = self
                    .client
                    .delete_item()
                    .table_name(&self.name)
                    .key(PARTITION_KEY, text(baseline.account.as_str()))
                    .key(SORT_KEY, text(&sort))
                    .condition_expression(condition)
                    .expression_attribute_names("#generation", "generation")
                    .expression_attribute_names("#format", "format")
                    .expression_attribute_values(":generation", number(baseline.generation))
                    .expression_attribute_values(":format", number(FORMAT))
                    .return_values_on_condition_check_failure(
                        ReturnValuesOnConditionCheckFailure::AllOld,
                    )
                    .send()
                    .await;
                sent.map(|_| ())
                    .map_err(|error| refused(existing(&error), commit.expected, &error))
            }
        }
    }
}

impl BaselineStore for Table {
    async fn load(&self, account: AccountId) -> Result<Baseline, LoadBaselineError> {
        let items = self.items(account).await?;
        if items.is_empty() {
            return Ok(Baseline::empty(account));
        }
        // The format is checked before anything else of an item is read.
        for item in &items {
            let found = integer(item, "format").ok_or_else(|| unusable(item, "format"))?;
            if found > u64::from(FORMAT) {
                return Err(LoadBaselineError::TooNew {
                    found: u32::try_from(found).unwrap_or(u32::MAX),
                    known: FORMAT,
                });
            }
        }
        let mut own = None;
        let mut principals = Vec::new();
        for item in &items {
            let entry = item.get("body").and_then(body::entry);
            let entry = entry.ok_or_else(|| unusable(item, "body"))?;
            match string(item, SORT_KEY) {
                Some(ACCOUNT_ITEM) => own = Some(entry),
                Some(name) if name.starts_with(PRINCIPAL_ITEM) => principals.push(entry),
                _ => return Err(unusable(item, SORT_KEY)),
            }
        }
        let own = own.ok_or_else(|| {
            LoadBaselineError::Malformed(format!(
                "the table holds principals of account {account}, and not the item `{ACCOUNT_ITEM}`"
            ))
        })?;
        let baseline = stored::read_entries(&own, principals.iter().map(AsRef::as_ref))?;
        if baseline.account != account {
            return Err(LoadBaselineError::OtherAccount {
                found: baseline.account,
                expected: account,
            });
        }
        Ok(baseline)
    }

    async fn commit(&self, commit: &Commit<'_>) -> Result<(), CommitError> {
        self.put_account(commit).await?;
        let mut waiting = commit.touched.iter();
        let mut working = FuturesUnordered::new();
        let mut failure = None;
        loop {
            while working.len() < IN_FLIGHT {
                let Some(principal) = waiting.next() else {
                    break;
                };
                working.push(self.put_principal(commit, principal));
            }
            match working.next().await {
                // The other records are written all the same: each is complete by itself.
                Some(written) => failure = failure.or(written.err()),
                None => break,
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

fn item(account: AccountId, sort: &str, generation: u64, form: Form, body: AttributeValue) -> Item {
    HashMap::from([
        (PARTITION_KEY.to_owned(), text(account.as_str())),
        (SORT_KEY.to_owned(), text(sort)),
        ("format".to_owned(), number(form.format())),
        ("generation".to_owned(), number(generation)),
        ("body".to_owned(), body),
    ])
}

/// When the record of a deleted or unbound principal may be deleted; `None` while it is bound or has an open finding.
fn expires(record: &Record) -> Option<Timestamp> {
    if !record.sets.is_empty() || !record.findings.values().all(|tracked| tracked.closed) {
        return None;
    }
    let last = record
        .findings
        .values()
        .map(|tracked| tracked.healthy.unwrap_or(tracked.finding.seen))
        .max()?;
    last.checked_add(KEEP).ok()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn string<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn integer(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn unusable(item: &Item, attribute: &str) -> LoadBaselineError {
    let name = string(item, SORT_KEY).unwrap_or("without a name");
    LoadBaselineError::Malformed(format!(
        "the table is of another shape: item `{name}` has no usable `{attribute}`"
    ))
}

/// Errors of conditional writes: they may hold the item that is in the table.
trait Conditional {
    fn existing(&self) -> Option<&Item>;
    fn is_conditional(&self) -> bool;
}

impl Conditional for PutItemError {
    fn existing(&self) -> Option<&Item> {
        match self {
            Self::ConditionalCheckFailedException(failed) => failed.item(),
            _ => None,
        }
    }

    fn is_conditional(&self) -> bool {
        self.is_conditional_check_failed_exception()
    }
}

impl Conditional for DeleteItemError {
    fn existing(&self) -> Option<&Item> {
        match self {
            Self::ConditionalCheckFailedException(failed) => failed.item(),
            _ => None,
        }
    }

    fn is_conditional(&self) -> bool {
        self.is_conditional_check_failed_exception()
    }
}

fn existing<E: Conditional, R>(error: &SdkError<E, R>) -> Option<&Item> {
    error.as_service_error().and_then(Conditional::existing)
}

fn refused<E>(
    existing: Option<&Item>,
    expected: u64,
    error: &SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>,
) -> CommitError
where
    E: Conditional + aws_sdk_dynamodb::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    let newer = existing
        .and_then(|item| integer(item, "format"))
        .is_some_and(|format| format > u64::from(FORMAT));
    if newer {
        CommitError::TooNew
    } else if error
        .as_service_error()
        .is_some_and(Conditional::is_conditional)
    {
        CommitError::Moved { expected }
    } else {
        CommitError::Store(Failure::of(error).into())
    }
}

#[cfg(test)]
mod tests;
