//! One run: from AWS Organizations to the hub's bucket.
//!
//! what is there already -> the organisation -> items, organisation, roster. A newer release's objects are not overwritten. An
//! organisation that takes longer to read than the function may run is read in several invocations, each of which asks only for what AWS
//! has not answered yet.

use audit::organization::{ReadOrganizationError, check_version};
use audit::roster::{ReadRosterError, Roster};
use aws::{Answered, Counts, Failure, GetError, Iam, Objects, StoreError, chain};
use iam::{AccountId, Arn};
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use stack::metrics::{COUNT, line};
use stack::{Begun, Frame, Stack, StackError, hub, own_account, settings};
use tokio::time::Instant;
use tracing::{Instrument as _, info, info_span, warn};

use crate::items::{Site, items, roster};
use crate::order::{Order, OrderError};

const JSON: &str = "application/json";

/// Why a run failed. Nothing that was there is overwritten then, but the items of the same run.
#[derive(Debug, thiserror::Error)]
enum RosterError {
    #[error(transparent)]
    Order(#[from] OrderError),
    /// Every account would fail by them.
    #[error(transparent)]
    Settings(StackError),
    #[error("the organisation cannot be read whole, so the roster stays as it is")]
    Organization(#[source] Failure),
    #[error("`{0}` is no root, OU or account of this organisation")]
    NoSuch(String),
    #[error("the roster is not overwritten")]
    Roster(#[source] ReadRosterError),
    #[error("the saved organisation is not overwritten")]
    Saved(#[source] ReadOrganizationError),
    #[error(transparent)]
    Get(#[from] GetError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RosterError {
    fn is_passing(&self) -> bool {
        match self {
            Self::Order(_) | Self::NoSuch(_) | Self::Roster(_) | Self::Saved(_) => false,
            Self::Settings(error) => error.is_passing(),
            Self::Organization(failure) => failure.is_passing(),
            Self::Get(GetError::TooLong { .. }) => false,
            Self::Get(GetError::Call { .. }) | Self::Store(_) => true,
        }
    }
}

/// Whether the same run may succeed without anybody's doing.
#[must_use]
pub fn is_passing(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<RosterError>();
    error.is_none_or(RosterError::is_passing)
}

/// Does one run. The answer says where the items are.
///
/// # Errors
/// Why it failed.
pub async fn handle(stack: &Stack, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
    let (event, context) = event.into_parts();
    let begun = Begun::of(&context);
    let own = own_account(&context)?;
    let partition = Arn::parse(&context.invoked_function_arn).map_or("aws", |arn| arn.partition);
    let frame = begun.frame(&context.request_id, own, own);
    let span = info_span!("roster", account = own.as_str());
    match write(stack, &event, &frame, partition)
        .instrument(span)
        .await
    {
        Ok(answer) => {
            info!(%answer, "done");
            Ok(answer)
        }
        Err(error) => {
            let failed = vec![("AuditsFailed", COUNT, 1)];
            let name = &stack.config.stack;
            let counts = Counts::default();
            println!("{}", line(name, &frame, frame.millis(), failed, counts));
            Err(error.into())
        }
    }
}

async fn write(
    stack: &Stack,
    event: &Value,
    frame: &Frame<'_>,
    partition: &str,
) -> Result<Value, RosterError> {
    let Order {
        run,
        below,
        answered,
    } = Order::read(event)?;
    let Some(hub) = &stack.config.hub else {
        // `Config::read` refuses to start.
        return Err(OrderError::Unknown("no bucket to write to".to_owned()).into());
    };
    settings::load(&stack.session, stack.config.settings.as_deref())
        .await
        .map_err(RosterError::Settings)?;
    let own = frame.account;
    let objects = Objects::new(&stack.session, &hub.bucket, own);
    find_newer(&objects).await?;
    let iam = Iam::new(&stack.session, &stack.process);
    // What comes after it is to be written.
    let until = stack.ends(frame).telling;
    let key = hub::items(&run);
    let before = match answered {
        0 => Answered::default(),
        _ => so_far(&objects, &run).await?,
    };
    let known = before.count();
    let mut whole = match aws::organization(&iam, own, Some(until), &before).await {
        Ok(whole) => whole,
        Err(Failure::TimedOut) if Instant::now() >= until && before.count() > known => {
            objects
                .put(&hub::answers(&run), JSON, before.write())
                .await?;
            return Ok(json!({
                "run": run,
                "below": below,
                "bucket": hub.bucket,
                "items": key,
                "accounts": 0,
                "skipped": 0,
                "completed": false,
                "answered": before.count(),
            }));
        }
        Err(failure) => return Err(RosterError::Organization(failure)),
    };
    if let Some(file) = whole.file.as_object_mut() {
        let taken = Timestamp::from_second(frame.now.as_second()).unwrap_or(frame.now);
        file.insert("takenAt".to_owned(), taken.to_string().into());
    }
    let roster = roster(&run, &whole);
    let site = Site {
        hub,
        own,
        partition,
    };
    let (items, skipped) = match &below {
        None => items(
            &roster,
            roster.accounts.iter().map(|(id, one)| (*id, one)),
            site,
        ),
        Some(below) => {
            if roster.below(below).next().is_none() {
                find(&iam, own, below, until).await?;
            }
            items(&roster, roster.below(below), site)
        }
    };
    let accounts = items.len();
    // Texts and lists of texts: there is nothing in them that JSON cannot say.
    let items = serde_json::to_vec(&items).unwrap_or_default();
    objects.put(&key, JSON, items).await?;
    let organization = whole.file.to_string().into_bytes();
    objects.put(hub::ORGANIZATION, JSON, organization).await?;
    // The last: whoever finds this run in it finds the rest.
    let roster = roster.write().into_bytes();
    objects.put(hub::ROSTER, JSON, roster).await?;
    Ok(json!({
        "run": run,
        "below": below,
        "bucket": hub.bucket,
        "items": key,
        "accounts": accounts,
        "skipped": skipped,
        "completed": true,
        "answered": before.count(),
    }))
}

/// What AWS answered in earlier invocations of a run; nothing where that cannot be used.
async fn so_far(objects: &Objects, run: &str) -> Result<Answered, GetError> {
    let Some(text) = objects.get(&hub::answers(run)).await? else {
        return Ok(Answered::default());
    };
    Ok(Answered::read(&text).unwrap_or_else(|error| {
        let error = error.to_string();
        warn!(
            error,
            "what AWS answered before cannot be used, so it is asked again"
        );
        Answered::default()
    }))
}

/// Fails where a newer release wrote what this run would overwrite.
async fn find_newer(objects: &Objects) -> Result<(), RosterError> {
    if let Some(bytes) = objects.get(hub::ROSTER).await? {
        match Roster::read(&bytes) {
            Ok(_) => {}
            Err(error @ ReadRosterError::TooNew { .. }) => return Err(RosterError::Roster(error)),
            Err(error @ ReadRosterError::Form(_)) => {
                warn!(
                    error = chain(&error),
                    "the roster cannot be used, and is written anew"
                );
            }
        }
    }
    if let Some(bytes) = objects.get(hub::ORGANIZATION).await? {
        match check_version(&bytes) {
            Ok(()) => {}
            Err(error @ ReadOrganizationError::TooNew { .. }) => {
                return Err(RosterError::Saved(error));
            }
            Err(error) => warn!(
                error = chain(&error),
                "the saved organisation cannot be used, and is written anew"
            ),
        }
    }
    Ok(())
}

/// Fails where there is no such root, OU or account. An OU without accounts is one.
async fn find(iam: &Iam, own: AccountId, below: &str, until: Instant) -> Result<(), RosterError> {
    let has = below.starts_with("ou-")
        && aws::is_in_organization(iam, own, below, until)
            .await
            .map_err(RosterError::Organization)?;
    match has {
        true => Ok(()),
        false => Err(RosterError::NoSuch(below.to_owned())),
    }
}
