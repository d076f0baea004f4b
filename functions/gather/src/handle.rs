//! One run: from what the audits committed to what people read.
//!
//! roster -> who left, who was not audited -> the report -> messages -> mutes. The report is written before the messages that link to it.

use std::collections::BTreeSet;

use audit::ports::{LoadThreadsError, ThreadStore as _};
use audit::run::RunError;
use audit::threads::{SentMessages, TellError};
use audit::{Settings, mute};
use aws::{Counts, Failure, GetError};
use iam::AccountId;
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use stack::metrics::{COUNT, line};
use stack::telling::Audience;
use stack::{Begun, Frame, Stack, StackError, own_account, settings};
use tokio::time::timeout_at;
use tracing::{Instrument as _, info, info_span};

use crate::absent;
use crate::memory::Memory;
use crate::order::{NoRun, is_whole, run, started};
use crate::people::{Around, People, left};
use crate::reports::{self, ReportError, Summaries, address};
use crate::roster::{self, RosterError};
use crate::tell::{calls_above, of};

/// Why a run failed. Repeating it does the rest.
#[derive(Debug, thiserror::Error)]
enum GatherError {
    #[error(transparent)]
    Order(#[from] NoRun),
    #[error("the function is part of no hub: `PERMDRIFT_HUB_BUCKET` is missing")]
    NoHub,
    #[error(transparent)]
    Stack(#[from] StackError),
    #[error(transparent)]
    Roster(#[from] RosterError),
    #[error(transparent)]
    Items(#[from] absent::ItemsError),
    #[error(transparent)]
    Get(#[from] GetError),
    #[error(transparent)]
    Threads(#[from] LoadThreadsError),
    #[error("the hub's table")]
    Table(#[source] Failure),
    #[error(
        "not everything was told and committed of an account that was not audited or left the organisation"
    )]
    Account(#[source] RunError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Tell(#[from] TellError),
    #[error("warnings about mutes could not be told")]
    Mutes(#[source] audit::ports::PublishError),
}

/// What a run came to.
struct Done {
    told: SentMessages,
    accounts: usize,
    not_audited: usize,
    left: usize,
    report: String,
}

/// Does one run. The answer counts.
///
/// # Errors
/// Why it failed.
pub async fn handle(stack: &Stack, event: LambdaEvent<Value>) -> anyhow::Result<Value> {
    let (event, context) = event.into_parts();
    let begun = Begun::of(&context);
    let own = own_account(&context)?;
    let run = run(&event)?;
    let audit = format!("organization/{run}");
    let frame = begun.frame(&audit, own, own);
    let span = info_span!("gather", run);
    let gathered = timeout_at(
        stack.ends(&frame).run,
        gather(stack, (run, started(&event)), &frame),
    );
    let gathered = gathered.instrument(span).await;
    let name = &stack.config.stack;
    let counts = Counts::default();
    match gathered.unwrap_or(Err(StackError::OutOfTime.into())) {
        Ok(done) => {
            let mut values = vec![("OrganizationMessages", COUNT, count(done.told.all()))];
            if is_whole(&event) {
                // The alarm for missing runs waits for it, and a run below an OU must not keep it quiet.
                values.push(("AccountsOfOrganization", COUNT, count(done.accounts)));
            }
            println!("{}", line(name, &frame, frame.millis(), values, counts));
            let [opened, worsened, eased, reminded, resolved] = done.told.messages;
            let answer = json!({
                "run": run,
                "messages": done.told.all(),
                "threads": {
                    "opened": opened, "worsened": worsened, "eased": eased,
                    "reminded": reminded, "resolved": resolved,
                },
                "accounts": done.accounts,
                "notAudited": done.not_audited,
                "left": done.left,
                "report": done.report,
            });
            info!(%answer, "done");
            Ok(answer)
        }
        Err(error) => {
            let failed = vec![("AuditsFailed", COUNT, 1)];
            println!("{}", line(name, &frame, frame.millis(), failed, counts));
            Err(error.into())
        }
    }
}

async fn gather(
    stack: &Stack,
    (run, started): (&str, Option<Timestamp>),
    frame: &Frame<'_>,
) -> Result<Done, GatherError> {
    let objects = stack.objects(frame.own).ok_or(GatherError::NoHub)?;
    let (settings, _) = settings::load(&stack.session, stack.config.settings.as_deref()).await?;
    stack.find_bus().await?;
    let roster = roster::load(&objects).await?;
    let places = roster::places(&roster);
    let mut memory = Memory::load(&stack.table)
        .await
        .map_err(GatherError::Table)?;
    let threads = stack.table.threads().await?;
    let told_of = threads.values().flat_map(|thread| thread.shares.keys());
    let known = memory.accounts.iter().chain(told_of).copied();
    let left = left(known, &places);
    absent::leave(stack, frame, &settings, &left)
        .await
        .map_err(GatherError::Account)?;
    let items = absent::items(&objects, run).await?;
    let summaries = Summaries::load(&objects, roster.accounts.keys().copied()).await?;
    let audited = summaries.of_run(run, started);
    let (wanted, found) = ((&roster, &items), (&summaries, &audited));
    let reasons = absent::note(stack, frame, &settings, wanted, found)
        .await
        .map_err(GatherError::Account)?;
    let names = (run, None);
    let report = reports::write(&objects, names, frame, &summaries, &reasons, &places).await?;
    drop(summaries);
    let around = Around {
        policies: roster::policies(&objects).await,
        report: address(stack, &report),
        calls_above: calls_above(stack, frame).await,
        places,
    };
    let accounts: BTreeSet<AccountId> = around.places.keys().chain(&left).copied().collect();
    let told = of(stack, frame, &settings, &around, &accounts, &left).await?;
    tell_mutes(stack, frame, &settings, &around, &mut memory).await?;
    memory.accounts = around.places.keys().copied().collect();
    memory
        .keep(&stack.table)
        .await
        .map_err(GatherError::Table)?;
    Ok(Done {
        told,
        accounts: around.places.len(),
        not_audited: reasons.len(),
        left: left.len(),
        report,
    })
}

/// Tells of mutes that end, and of those that name an OU without accounts.
async fn tell_mutes(
    stack: &Stack,
    frame: &Frame<'_>,
    settings: &Settings,
    around: &Around,
    memory: &mut Memory,
) -> Result<(), GatherError> {
    let paths = around.places.values().map(|place| &*place.path);
    let notes = mute::notes_of_all(&settings.mutes, frame.now, paths, &mut memory.warned);
    if !notes.iter().any(|note| note.is_new) {
        return Ok(());
    }
    let mut telling = stack.telling(frame, settings);
    telling.audience = Audience::Everybody;
    let people = People {
        stack,
        frame,
        telling,
        around,
    };
    people.tell_mutes(&notes).await.map_err(GatherError::Mutes)
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
