//! Items: how are the table's items called, and what is an attribute?

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

pub(super) type Item = HashMap<String, AttributeValue>;

/// Partition key: twelve digits.
pub(super) const PARTITION_KEY: &str = "account";
/// Sort key: `ACCOUNT_ITEM`, or `PRINCIPAL_ITEM` and an ARN.
pub(super) const SORT_KEY: &str = "item";
/// The account's own item.
pub(super) const ACCOUNT_ITEM: &str = "account";
/// What a principal's item begins with.
pub(super) const PRINCIPAL_ITEM: &str = "principal#";
/// The attribute for DynamoDB's time to live: the second after which the item may be deleted.
pub(super) const TTL: &str = "expires";

/// The attribute for the generation that earlier editions know: of the account's item, and that of the account when a principal's
/// item was written.
pub(super) const GENERATION: &str = "generation";
/// The attribute for a principal's own generation.
pub(super) const COMMITS: &str = "commits";

pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(super) fn string<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

pub(super) fn integer(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
