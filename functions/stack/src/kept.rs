//! What is kept for audits on change: the footprint of the last audit, which events arrived, and in a hub the calls above accounts.
//!
//! No run fails because of it: without a footprint every event counts as one that may concern the account, without arrivals no audit says
//! that events do not arrive, and without calls nobody is named for a changed SCP.

use audit::events::{Arrivals, CallsAbove, Footprint, TrailEvent};
use aws::{KeepError, Keeping, Kept, KeptForEvents, Table, chain};
use iam::AccountId;
use tracing::warn;

/// How often something is added to what another run wrote in the meantime.
const TRIES: usize = 3;

/// What is kept for an account: one look-up. `None` where the table does not say it.
pub async fn load(table: &Table, account: AccountId) -> Option<KeptForEvents> {
    match table.kept(account).await {
        Ok(kept) => Some(kept),
        Err(failure) => {
            warn!(
                failure = chain(&failure),
                "what is kept for trail events cannot be read"
            );
            None
        }
    }
}

/// The footprint in what is kept; `None` if there is none that can be used.
#[must_use]
pub fn footprint(kept: Option<&KeptForEvents>) -> Option<Footprint> {
    read_footprint(kept?.footprint.as_ref()?)
}

fn read_footprint(kept: &Kept) -> Option<Footprint> {
    match Footprint::read(&kept.text) {
        Ok(footprint) => Some(footprint),
        Err(error) => {
            warn!(error = chain(&error), "the stored footprint cannot be used");
            None
        }
    }
}

/// The arrivals in what is kept, none where none are kept yet; `None` where nobody knows them.
#[must_use]
pub fn arrivals(kept: Option<&KeptForEvents>) -> Option<Arrivals> {
    read_arrivals(kept?.arrivals.as_ref())
}

fn read_arrivals(kept: Option<&Kept>) -> Option<Arrivals> {
    match kept.map(|kept| Arrivals::read(&kept.text)).transpose() {
        Ok(arrivals) => Some(arrivals.unwrap_or_default()),
        Err(error) => {
            warn!(error = chain(&error), "the stored arrivals cannot be used");
            None
        }
    }
}

/// Keeps the footprint of a whole audit in the place of the last one. `before`: what was kept when the audit began; what an audit on
/// change added since then stays.
pub async fn replace(table: &Table, seen: &Footprint, before: Option<&KeptForEvents>) {
    let before = before.and_then(|kept| kept.footprint.clone());
    let mut is_again = false;
    keep(
        table,
        seen.account(),
        Keeping::Footprint,
        before,
        |stored| {
            let moved = std::mem::replace(&mut is_again, true);
            Some(extended(stored.filter(|_| moved), seen))
        },
    )
    .await;
}

/// Keeps what an audit on change saw besides. Without a whole audit's footprint there is nothing to add to.
pub async fn extend(table: &Table, seen: &Footprint, before: Option<&KeptForEvents>) {
    let before = before.and_then(|kept| kept.footprint.clone());
    if before.is_some() {
        keep(
            table,
            seen.account(),
            Keeping::Footprint,
            before,
            |stored| Some(extended(stored, seen)),
        )
        .await;
    }
}

fn extended(stored: Option<&Kept>, seen: &Footprint) -> String {
    match stored.and_then(read_footprint) {
        Some(mut stored) => {
            stored.extend(seen.clone());
            stored.write()
        }
        None => seen.write(),
    }
}

/// Changes the arrivals, if the change makes a difference. Arrivals that cannot be used are left as they are.
pub async fn change_arrivals(
    table: &Table,
    account: AccountId,
    before: Option<&KeptForEvents>,
    change: impl Fn(&mut Arrivals) -> bool,
) {
    let Some(before) = before else {
        return;
    };
    let before = before.arrivals.clone();
    keep(table, account, Keeping::Arrivals, before, |stored| {
        let mut arrivals = read_arrivals(stored)?;
        change(&mut arrivals).then(|| arrivals.write())
    })
    .await;
}

/// The calls above accounts that are kept, none where none are kept yet; `None` where nobody knows them.
#[must_use]
pub fn calls_above(kept: Option<&KeptForEvents>) -> Option<CallsAbove> {
    read_calls(kept?.calls_above.as_ref())
}

fn read_calls(kept: Option<&Kept>) -> Option<CallsAbove> {
    match kept.map(|kept| CallsAbove::read(&kept.text)).transpose() {
        Ok(calls) => Some(calls.unwrap_or_default()),
        Err(error) => {
            warn!(
                error = chain(&error),
                "the stored calls above accounts cannot be used"
            );
            None
        }
    }
}

/// Adds calls above accounts to those that are kept for `own`, the hub's account. Those that cannot be used are left as they are.
pub async fn note_above(
    table: &Table,
    own: AccountId,
    before: Option<&KeptForEvents>,
    calls: &[TrailEvent],
) {
    let Some(before) = before.filter(|_| !calls.is_empty()) else {
        return;
    };
    let before = before.calls_above.clone();
    keep(table, own, Keeping::CallsAbove, before, |stored| {
        let mut known = read_calls(stored)?;
        known.note(calls.iter().cloned()).then(|| known.write())
    })
    .await;
}

/// Keeps what is wanted in the place of what stands there; nothing where nothing is wanted.
async fn keep(
    table: &Table,
    account: AccountId,
    what: Keeping,
    mut before: Option<Kept>,
    mut wanted: impl FnMut(Option<&Kept>) -> Option<String>,
) {
    for _ in 0..TRIES {
        let text = wanted(before.as_ref());
        let Some(text) = text.filter(|text| before.as_ref().is_none_or(|it| it.text != *text))
        else {
            return;
        };
        match table.keep(account, what, &text, before.as_ref()).await {
            Ok(()) => return,
            Err(KeepError::Moved) => {
                let kept = load(table, account).await.unwrap_or_default();
                before = match what {
                    Keeping::Footprint => kept.footprint,
                    Keeping::Arrivals => kept.arrivals,
                    Keeping::CallsAbove => kept.calls_above,
                };
            }
            Err(error) => {
                warn!(
                    error = chain(&error),
                    ?what,
                    "what is for trail events was not kept"
                );
                return;
            }
        }
    }
    warn!(
        ?what,
        "what is for trail events was not kept: others wrote it each time"
    );
}
