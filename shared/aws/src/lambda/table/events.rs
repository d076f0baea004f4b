//! What is kept for trail events: the footprint of the last audit, which events arrived, and in a hub the calls above accounts.
//!
//! It lies in a partition of its own, so that an older release that loads the account's baseline does not meet items that it cannot
//! read.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use iam::AccountId;
use tracing::warn;

use super::body;
use super::item::{Item, PARTITION_KEY, SORT_KEY, integer, number, string, text};
use crate::failure::Failure;
use crate::lambda::table::Table;

/// A text that is kept for trail events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// The footprint of the last audit.
    Footprint,
    /// Which events arrived.
    Arrivals,
    /// In a hub, for its own account: the calls that changed what stands above accounts.
    CallsAbove,
}

impl Keeping {
    /// Its sort key.
    fn key(self) -> &'static str {
        match self {
            Self::Footprint => "footprint",
            Self::Arrivals => "arrivals",
            Self::CallsAbove => "calls-above",
        }
    }
}

/// The format of the item; what is in its body has its own.
const FORMAT: u32 = 1;

/// A stored text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The text.
    pub text: String,
    /// How often it was written; whoever replaces it names what is replaced.
    pub generation: u64,
}

/// All that is kept for the trail events of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptForEvents {
    /// The stored form of the footprint.
    pub footprint: Option<Kept>,
    /// The stored form of the arrivals.
    pub arrivals: Option<Kept>,
    /// The stored form of the calls above accounts.
    pub calls_above: Option<Kept>,
}

/// Why a text was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Somebody wrote another one since it was read.
    #[error("it was written by another run in the meantime")]
    Moved,
    /// The table did not take it.
    #[error(transparent)]
    Store(Failure),
}

impl Table {
    /// What is kept for the trail events of an account: one look-up.
    ///
    /// # Errors
    /// [`Failure`] where the table does not answer. An item that cannot be read is none.
    pub async fn kept(&self, account: AccountId) -> Result<KeptForEvents, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#account = :account")
            .expression_attribute_names("#account", PARTITION_KEY)
            .expression_attribute_values(":account", text(&partition(account)))
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        // A newer release may keep more.
        let items = page.items.unwrap_or_default();
        let kept = |what: Keeping| {
            let mut items = items.iter();
            let item = items.find(|item| string(item, SORT_KEY) == Some(what.key()));
            item.and_then(read)
        };
        Ok(KeptForEvents {
            footprint: kept(Keeping::Footprint),
            arrivals: kept(Keeping::Arrivals),
            calls_above: kept(Keeping::CallsAbove),
        })
    }

    /// Keeps a text in the place of one.
    ///
    /// # Errors
    /// [`KeepError`].
    pub async fn keep(
        &self,
        account: AccountId,
        what: Keeping,
        text: &str,
        replaced: Option<&Kept>,
    ) -> Result<(), KeepError> {
        keep(self, account, what.key(), text, replaced).await
    }
}

async fn keep(
    Table { client, name }: &Table,
    account: AccountId,
    sort: &str,
    body: &str,
    replaced: Option<&Kept>,
) -> Result<(), KeepError> {
    let sent = put(client, name, account, sort, body, replaced)
        .send()
        .await;
    match sent {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
        {
            Err(KeepError::Moved)
        }
        Err(error) => Err(KeepError::Store(Failure::of(&error))),
    }
}

fn put(
    client: &Client,
    name: &str,
    account: AccountId,
    sort: &str,
    body: &str,
    replaced: Option<&Kept>,
) -> PutItemFluentBuilder {
    let generation = replaced.map_or(0, |kept| kept.generation);
    let item = Item::from([
        (PARTITION_KEY.to_owned(), text(&partition(account))),
        (SORT_KEY.to_owned(), text(sort)),
        ("format".to_owned(), number(FORMAT)),
        ("generation".to_owned(), number(generation + 1)),
        ("body".to_owned(), body::text(body)),
    ]);
    let put = client
        .put_item()
        .table_name(name)
        .set_item(Some(item))
        .expression_attribute_names("#generation", "generation");
    match replaced {
        None => put.condition_expression("attribute_not_exists(#generation)"),
        Some(kept) => put
            .condition_expression("#generation = :generation")
            .expression_attribute_values(":generation", number(kept.generation)),
    }
}

fn partition(account: AccountId) -> String {
    format!("{account}#events")
}

fn read(item: &Item) -> Option<Kept> {
    let text = item.get("body").and_then(body::entry);
    let kept = text.zip(integer(item, "generation"));
    if kept.is_none() {
        let name = string(item, SORT_KEY).unwrap_or_default();
        warn!(item = name, "an item for trail events cannot be read");
    }
    kept.map(|(text, generation)| Kept {
        text: text.into_owned(),
        generation,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Replay;
    use serde_json::{Value, json};

    fn account() -> AccountId {
        "123456789012".parse().unwrap()
    }

    fn table(replay: &Replay) -> Table {
        Table::new(&replay.session(), "baseline")
    }

    #[tokio::test]
    async fn what_is_kept_is_one_look_up_in_a_partition_of_its_own() {
        let long = "x".repeat(100_000);
        let replay = Replay::of(vec![(200, "{}".to_owned())]);
        let put = table(&replay)
            .keep(account(), Keeping::Footprint, &long, None)
            .await;
        put.unwrap();
        let put: Value = serde_json::from_str(&replay.sent()[0].body).unwrap();
        let packed = put["Item"]["body"]["B"].as_str().unwrap();
        assert!(packed.len() < 1_000, "{}", packed.len());
        let items = json!({ "Items": [
            { "item": { "S": "footprint" }, "generation": { "N": "7" }, "body": { "B": packed } },
            { "item": { "S": "arrivals" }, "generation": { "N": "2" }, "body": { "S": "{}" } },
            { "item": { "S": "later" }, "generation": { "N": "1" }, "body": { "S": "?" } },
        ] });
        let replay = Replay::of(vec![(200, items.to_string())]);
        let kept = table(&replay).kept(account()).await.unwrap();
        let of = |text: &str, generation| {
            Some(Kept {
                text: text.to_owned(),
                generation,
            })
        };
        assert_eq!((kept.footprint, kept.arrivals), (of(&long, 7), of("{}", 2)));
        let sent = replay.sent();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].body.contains("\"123456789012#events\""));
    }

    #[tokio::test]
    async fn who_was_overtaken_writes_nothing() {
        let refused = r#"{"__type":"ConditionalCheckFailedException"}"#;
        let replay = Replay::of(vec![(200, "{}".to_owned()), (400, refused.to_owned())]);
        let table = table(&replay);
        let arrivals = Keeping::Arrivals;
        table.keep(account(), arrivals, "{}", None).await.unwrap();
        let kept = Kept {
            text: String::new(),
            generation: 4,
        };
        let error = table.keep(account(), arrivals, "{}", Some(&kept)).await;
        assert!(matches!(error, Err(KeepError::Moved)), "{error:?}");
        let [first, second] = [0, 1].map(|at| replay.sent()[at].body.clone());
        assert!(
            first.contains("attribute_not_exists(#generation)"),
            "{first}"
        );
        assert!(second.contains(r#"":generation":{"N":"4"}"#), "{second}");
        assert!(second.contains(r#""generation":{"N":"5"}"#), "{second}");
    }
}
