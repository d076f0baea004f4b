//! Conditions: may an item be written, and why was it not?
//!
//! The account's item has a `generation`, and a principal's has `commits`: a write raises it by one, on condition that it is what was
//! loaded. Editions before that wrote no `commits`: they condition a principal's item on its `generation`, which must not be above that of
//! the account they write. Such an edition may still run beside this one while a stack is updated, or again after an update is taken back:
//! so what this edition writes without the account's item bears a generation that such an audit, begun before, may not overwrite, and the next
//! one may.

use std::collections::HashMap;

use audit::baseline::{CommitError, Part};
use audit::ports::Commit;
use audit::stored::FORMAT;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::item::{COMMITS, GENERATION, Item, integer, number};
use crate::failure::Failure;

/// What DynamoDB answered to a write.
pub(super) type Sent<T, E> = Result<T, SdkError<E, HttpResponse>>;

/// The generations by which editions without `commits` are kept from writing over what is written now.
pub(super) struct Fence {
    /// That of the account's item when it was loaded.
    loaded: u64,
    /// The one that a principal's item gets.
    pub(super) written: u64,
}

impl Fence {
    pub(super) fn of(commit: &Commit<'_>) -> Self {
        let generation = commit.baseline.generation;
        match commit.account {
            Some(expected) => Self {
                loaded: expected,
                written: generation,
            },
            // An audit of an earlier edition that loaded the same goes on to the next generation, and may write what has no higher one.
            None => Self {
                loaded: generation,
                written: generation.saturating_add(2),
            },
        }
    }
}

/// A condition expression.
pub(super) struct Condition {
    pub(super) expression: &'static str,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

impl Condition {
    /// That the account's item is of this generation; 0: that there is none.
    pub(super) fn of_account(expected: u64) -> Self {
        match expected {
            0 => Self::new("attribute_not_exists(#generation)", &[GENERATION], &[]),
            expected => Self::new(
                "#generation = :expected AND #format <= :format",
                &[GENERATION, "format"],
                &[("expected", expected), ("format", FORMAT.into())],
            ),
        }
    }

    /// That this was the last commit of a principal's item; 0: that there is none, or that an earlier edition wrote it before this was
    /// loaded.
    pub(super) fn of_principal(expected: u64, fence: &Fence) -> Self {
        match expected {
            0 => Self::new(
                "attribute_not_exists(#generation) OR (attribute_not_exists(#commits) AND #generation <= :loaded AND #format <= :format)",
                &[GENERATION, COMMITS, "format"],
                &[("loaded", fence.loaded), ("format", FORMAT.into())],
            ),
            expected => Self::new(
                "#commits = :expected AND #format <= :format",
                &[COMMITS, "format"],
                &[("expected", expected), ("format", FORMAT.into())],
            ),
        }
    }

    fn new(expression: &'static str, names: &[&str], values: &[(&str, u64)]) -> Self {
        let names = names.iter();
        let values = values.iter();
        let values: HashMap<_, _> = values
            .map(|(name, value)| (format!(":{name}"), number(value)))
            .collect();
        Self {
            expression,
            names: names
                .map(|name| (format!("#{name}"), (*name).to_owned()))
                .collect(),
            values: (!values.is_empty()).then_some(values),
        }
    }
}

/// Whether a part was written; `body` is what was to be, `None` where it was to be deleted.
pub(super) fn written<T, E>(
    sent: Sent<T, E>,
    what: Part,
    expected: u64,
    body: Option<&AttributeValue>,
) -> Result<(), CommitError>
where
    E: Conditional + ProvideErrorMetadata + std::error::Error + 'static,
{
    let Err(error) = sent else { return Ok(()) };
    let Some(failed) = error.as_service_error().filter(|it| it.is_conditional()) else {
        return Err(CommitError::Store(Failure::of(&error).into()));
    };
    let existing = failed.existing();
    // An earlier attempt was written, and only its answer was lost; or somebody else deleted what was to be deleted.
    if existing.and_then(|item| item.get("body")) == body {
        return Ok(());
    }
    let format = existing.and_then(|item| integer(item, "format"));
    Err(match format {
        Some(format) if format > u64::from(FORMAT) => CommitError::TooNew,
        Some(_) | None => CommitError::Moved { what, expected },
    })
}

/// Errors of conditional writes: they may hold the item that is in the table.
pub(super) trait Conditional {
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
