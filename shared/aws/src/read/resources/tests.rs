//! Reading the resource side of an account whose answers are AWS's, byte by byte.

mod account;
mod buckets;
mod each_call;
mod keys;
mod limits;
mod organization;
mod regions;
mod saved;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use audit::resources::{NamedResource, Wanted, WantedRegion};
use tokio::time::Instant;

use super::{Answers, ReadLimits, ReadSide, read};
use crate::replay::{Replay, Sent};
use account::{ACCOUNT, BUCKET, KEY, REGION, VAULT, answer, json_refusal, storage_refusal};

/// Nothing, of the account.
fn nothing() -> Wanted {
    Wanted {
        account: ACCOUNT.parse().unwrap(),
        named: BTreeSet::new(),
        found_keys: false,
        regions: [].into(),
        organization: false,
    }
}

fn named(named: impl IntoIterator<Item = NamedResource>) -> Wanted {
    Wanted {
        named: named.into_iter().collect(),
        ..nothing()
    }
}

fn key(arn: &str) -> NamedResource {
    NamedResource::Key {
        arn: arn.into(),
        role: None,
    }
}

fn bucket(name: &str) -> NamedResource {
    NamedResource::Bucket(name.into())
}

fn region(wanted: WantedRegion) -> Wanted {
    Wanted {
        regions: [(REGION.into(), wanted)].into(),
        ..nothing()
    }
}

/// Reads from an account where some answers are others.
async fn read_where(
    wanted: &Wanted,
    other: impl Fn(&Sent) -> Option<(u16, String)> + Send + Sync + 'static,
) -> (ReadSide, Vec<Sent>) {
    let replay = Replay::new(move |sent| Ok(other(sent).unwrap_or_else(|| answer(sent))));
    read_from(&replay, wanted).await
}

/// That many seconds, and nothing known before.
fn limits(seconds: u64) -> ReadLimits {
    ReadLimits {
        until: Instant::now() + Duration::from_secs(seconds),
        answers: Arc::default(),
        again: false,
    }
}

async fn read_from(replay: &Replay, wanted: &Wanted) -> (ReadSide, Vec<Sent>) {
    let side = read(&replay.session(), wanted, limits(60)).await;
    (side, replay.sent())
}
