//! The table: where is the baseline of each account stored in DynamoDB?
//!
//! There is one item for the account and one for each principal, each with format, generation and body. A commit writes the account's
//! item first, if the account's own part changed, and then each principal whose record did: each on condition that what stands there is
//! still what was loaded, so that of two audits at once only one writes the same item. If the process ends in between, the next audit
//! sends the remaining messages again, under the same ids. What a newer release wrote is neither read nor overwritten.

mod body;
mod condition;
mod events;
mod item;
mod threads;

use std::collections::HashMap;

use audit::Baseline;
use audit::baseline::{CommitError, LoadBaselineError, Part, Record};
use audit::ports::{BaselineStore, Commit};
use audit::stored::{self, FORMAT, Form};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use iam::{AccountId, PrincipalArn};
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::session::Session;
use condition::{Condition, Fence, Sent, written};
use item::{
    ACCOUNT_ITEM, COMMITS, GENERATION, Item, PARTITION_KEY, PRINCIPAL_ITEM, SORT_KEY, TTL, integer,
    number, string, text,
};

pub use events::{KeepError, Keeping, Kept, KeptForEvents};

/// How long the findings of a deleted or unbound principal are kept after the last of them was closed.
const KEEP: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Writes in flight.
const IN_FLIGHT: usize = 8;

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

    async fn put_account(&self, commit: &Commit<'_>, expected: u64) -> Result<(), CommitError> {
        let baseline = commit.baseline;
        let (form, body) = body::body(|form| stored::account_entry(baseline, form));
        let sent = self
            .put(
                item(baseline, ACCOUNT_ITEM, form, body.clone()),
                Condition::of_account(expected),
            )
            .await;
        written(sent, Part::Account, expected, Some(&body))
    }

    async fn put_principal(
        &self,
        commit: &Commit<'_>,
        principal: &PrincipalArn,
        expected: u64,
    ) -> Result<(), CommitError> {
        let baseline = commit.baseline;
        let sort = format!("{PRINCIPAL_ITEM}{principal}");
        let fence = Fence::of(commit);
        let condition = Condition::of_principal(expected, &fence);
        let part = Part::Principal(principal.clone());
        let Some(record) = baseline.principals.get(principal) else {
            let sent = self
                .client
                .delete_item()
                .table_name(&self.name)
                .key(PARTITION_KEY, text(baseline.account.as_str()))
                .key(SORT_KEY, text(&sort))
                .condition_expression(condition.expression)
                .set_expression_attribute_names(Some(condition.names))
                .set_expression_attribute_values(condition.values)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .send()
                .await;
            return written(sent, part, expected, None);
        };
        let (form, body) = body::body(|form| stored::principal_entry(principal, record, form));
        let mut item = item(baseline, &sort, form, body.clone());
        item.insert(GENERATION.to_owned(), number(fence.written));
        item.insert(COMMITS.to_owned(), number(record.generation));
        if let Some(expires) = expires(record) {
            item.insert(TTL.to_owned(), number(expires.as_second()));
        }
        let sent = self.put(item, condition).await;
        written(sent, part, expected, Some(&body))
    }

    async fn put(&self, item: Item, condition: Condition) -> Sent<PutItemOutput, PutItemError> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(Some(condition.names))
            .set_expression_attribute_values(condition.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
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
        let mut commits = HashMap::new();
        for item in &items {
            let entry = item.get("body").and_then(body::entry);
            let entry = entry.ok_or_else(|| unusable(item, "body"))?;
            match string(item, SORT_KEY) {
                Some(ACCOUNT_ITEM) => own = Some(entry),
                Some(name) => {
                    let principal = name.strip_prefix(PRINCIPAL_ITEM);
                    let principal = principal.ok_or_else(|| unusable(item, SORT_KEY))?;
                    // An earlier edition counted none.
                    commits.extend(integer(item, COMMITS).map(|commits| (principal, commits)));
                    principals.push(entry);
                }
                None => return Err(unusable(item, SORT_KEY)),
            }
        }
        let own = own.ok_or_else(|| {
            LoadBaselineError::Malformed(format!(
                "the table holds principals of account {account}, and not the item `{ACCOUNT_ITEM}`"
            ))
        })?;
        let mut baseline = stored::read_entries(&own, principals.iter().map(AsRef::as_ref))?;
        if baseline.account != account {
            return Err(LoadBaselineError::OtherAccount {
                found: baseline.account,
                expected: account,
            });
        }
        let records = baseline.principals.iter_mut();
        for (principal, record) in records {
            record.generation = commits.get(principal.as_str()).copied().unwrap_or_default();
        }
        Ok(baseline)
    }

    async fn commit(&self, commit: &Commit<'_>) -> Result<(), CommitError> {
        if let Some(expected) = commit.account {
            self.put_account(commit, expected).await?;
        }
        let mut waiting = commit.principals.iter();
        let mut working = FuturesUnordered::new();
        let mut failure = None;
        loop {
            while working.len() < IN_FLIGHT {
                let Some((principal, expected)) = waiting.next() else {
                    break;
                };
                working.push(self.put_principal(commit, principal, *expected));
            }
            match working.next().await {
                // The other records are written all the same: each is complete by itself.
                Some(written) => failure = worse(failure, written.err()),
                None => break,
            }
        }
        failure.map_or(Ok(()), Err)
    }
}

/// The worse of two failures: what another audit wrote is compared with again, and the rest is not.
fn worse(one: Option<CommitError>, other: Option<CommitError>) -> Option<CommitError> {
    match one {
        None | Some(CommitError::Moved { .. }) => other.or(one),
        Some(CommitError::TooNew | CommitError::Store(_)) => one,
    }
}

fn item(baseline: &Baseline, sort: &str, form: Form, body: AttributeValue) -> Item {
    HashMap::from([
        (PARTITION_KEY.to_owned(), text(baseline.account.as_str())),
        (SORT_KEY.to_owned(), text(sort)),
        ("format".to_owned(), number(form.format())),
        (GENERATION.to_owned(), number(baseline.generation)),
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

fn unusable(item: &Item, attribute: &str) -> LoadBaselineError {
    let name = string(item, SORT_KEY).unwrap_or("without a name");
    LoadBaselineError::Malformed(format!(
        "the table is of another shape: item `{name}` has no usable `{attribute}`"
    ))
}

#[cfg(test)]
mod tests;
