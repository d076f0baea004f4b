//! Threads: what people were told of an organisation, in the table of its hub.
//!
//! They lie in a partition of their own, one item a thread, each with a generation: a write raises it by one, on condition that it is what was
//! loaded. An item says per account only how much there is, so that the thread of a cause that is everywhere in a thousand accounts stays
//! far below the 400 KB of an item. A thread that is over is kept for a while: so who loaded it before cannot take its place.

use std::borrow::Cow;

use audit::ports::{KeepThreadError, LoadThreadsError, ThreadStore};
use audit::threads::{self, FORMAT, ReadThreadError, Thread, Threads};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use futures_util::StreamExt;
use futures_util::stream;

use super::body;
use super::condition::Conditional as _;
use super::item::{GENERATION, Item, PARTITION_KEY, SORT_KEY, TTL, integer, number, string, text};
use super::{IN_FLIGHT, Table};
use crate::failure::Failure;

/// The partition: no account's number.
const PARTITION: &str = "organization#threads";
/// What a thread's sort key begins with; its id follows.
const THREAD: &str = "thread#";
/// The sort key of what runs remember besides.
const MEMORY: &str = "memory";

impl Table {
    /// What runs of the hub remember besides threads; what cannot be read is nothing.
    ///
    /// # Errors
    /// [`Failure`] where the table does not answer.
    pub async fn hub_memory(&self) -> Result<Option<String>, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("#account = :account AND #item = :memory")
            .expression_attribute_names("#account", PARTITION_KEY)
            .expression_attribute_names("#item", SORT_KEY)
            .expression_attribute_values(":account", text(PARTITION))
            .expression_attribute_values(":memory", text(MEMORY))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let items = page.items.unwrap_or_default();
        let body = items.first().and_then(|item| item.get("body"));
        Ok(body.and_then(body::entry).map(Cow::into_owned))
    }

    /// Keeps that in the place of what was there.
    ///
    /// # Errors
    /// [`Failure`] where the table does not take it.
    pub async fn keep_hub_memory(&self, memory: &str) -> Result<(), Failure> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(PARTITION_KEY, text(PARTITION))
            .item(SORT_KEY, text(MEMORY))
            .item("format", number(FORMAT))
            .item("body", body::text(memory));
        let sent = put.send().await;
        sent.map(|_| ()).map_err(|error| Failure::of(&error))
    }

    async fn keep_thread(&self, thread: &Thread) -> Result<(), KeepThreadError> {
        let body = body::text(&threads::write(thread));
        let mut item = Item::from([
            (PARTITION_KEY.to_owned(), text(PARTITION)),
            (
                SORT_KEY.to_owned(),
                text(&format!("{THREAD}{}", thread.id())),
            ),
            ("format".to_owned(), number(FORMAT)),
            (GENERATION.to_owned(), number(thread.generation)),
            ("body".to_owned(), body.clone()),
        ]);
        if let Some(expires) = thread.expires() {
            item.insert(TTL.to_owned(), number(expires.as_second()));
        }
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .expression_attribute_names("#generation", GENERATION)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match thread.generation.saturating_sub(1) {
            0 => put.condition_expression("attribute_not_exists(#generation)"),
            before => put
                .condition_expression("#generation = :before AND #format <= :format")
                .expression_attribute_names("#format", "format")
                .expression_attribute_values(":before", number(before))
                .expression_attribute_values(":format", number(FORMAT)),
        };
        let Err(error) = put.send().await else {
            return Ok(());
        };
        let failed: Option<&PutItemError> = error.as_service_error();
        let Some(failed) = failed.filter(|failed| failed.is_conditional()) else {
            return Err(KeepThreadError::Store(Failure::of(&error).into()));
        };
        let existing = failed.existing();
        // An earlier attempt was written, and only its answer was lost.
        if existing.and_then(|item| item.get("body")) == Some(&body) {
            return Ok(());
        }
        let format = existing.and_then(|item| integer(item, "format"));
        Err(match format {
            Some(format) if format > u64::from(FORMAT) => KeepThreadError::TooNew,
            Some(_) | None => KeepThreadError::Moved,
        })
    }
}

impl ThreadStore for Table {
    async fn threads(&self) -> Result<Threads, LoadThreadsError> {
        let mut found = Threads::new();
        let mut next: Option<Item> = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(&self.name)
                .consistent_read(true)
                .key_condition_expression("#account = :account AND begins_with(#item, :thread)")
                .expression_attribute_names("#account", PARTITION_KEY)
                .expression_attribute_names("#item", SORT_KEY)
                .expression_attribute_values(":account", text(PARTITION))
                .expression_attribute_values(":thread", text(THREAD))
                .set_exclusive_start_key(next.take())
                .send()
                .await
                .map_err(|error| LoadThreadsError::Store(Failure::of(&error).into()))?;
            for item in page.items.unwrap_or_default() {
                let thread = thread(&item)?;
                found.insert(thread.id(), thread);
            }
            next = page.last_evaluated_key.filter(|key| !key.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }

    async fn keep_threads(&self, threads: &[&Thread]) -> Vec<Result<(), KeepThreadError>> {
        let calls: Vec<_> = threads
            .iter()
            .map(|thread| self.keep_thread(thread))
            .collect();
        stream::iter(calls).buffered(IN_FLIGHT).collect().await
    }
}

fn thread(item: &Item) -> Result<Thread, LoadThreadsError> {
    let found = integer(item, "format").unwrap_or_default();
    if found > u64::from(FORMAT) {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(ReadThreadError::TooNew { found }.into());
    }
    let body = item.get("body").and_then(body::entry);
    let generation = integer(item, GENERATION);
    let Some((body, generation)) = body.zip(generation) else {
        let name = string(item, SORT_KEY).unwrap_or("without a name");
        let reason = format!("the item `{name}` of `{PARTITION}` is not what permdrift writes");
        return Err(LoadThreadsError::Store(reason.into()));
    };
    Ok(threads::read(&body, generation)?)
}

#[cfg(test)]
mod tests;
