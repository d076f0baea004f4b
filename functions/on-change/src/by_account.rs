//! Batches of a hub: which trail events are of which account?
//!
//! EventBridge says in an event's envelope from which account it is, and nobody can put events in AWS's name. What stands in the
//! event's detail is not believed: a member of the organisation must not be able to speak for another.

use std::collections::BTreeMap;

use audit::events::{ActedOn, TrailEvent};
use audit::roster::Roster;
use iam::AccountId;
use serde::Deserialize;
use serde_json::Value;

use crate::batch::{Batch, NoRecords, Reason, Unusable, each_event};

/// The calls after which the accounts below are audited. Accounts that join or leave are found by the next scheduled run: until then no
/// role may be rolled out, or be there any more.
const AUDITED_AT_ONCE: [&str; 6] = [
    "AttachPolicy",
    "DetachPolicy",
    "UpdatePolicy",
    "EnablePolicyType",
    "DisablePolicyType",
    "MoveAccount",
];

/// The events of one invocation.
#[derive(Debug, Default)]
pub(crate) struct ByAccount {
    /// How many there are, those of no account included.
    pub(crate) total: usize,
    /// Those of each account that is audited.
    pub(crate) batches: BTreeMap<AccountId, Batch>,
    /// The records that hold something that cannot be used.
    pub(crate) unusable: Vec<Unusable>,
    /// Events of accounts that are not in the roster, or that it leaves out.
    pub(crate) foreign: usize,
    /// What changed of the organisation, by what it is below; `None`: somewhere in it.
    pub(crate) above: BTreeMap<Option<Box<str>>, Above>,
    /// The calls that did it.
    pub(crate) calls_above: Vec<TrailEvent>,
}

/// A change of the organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Above {
    /// The id of the event that names the run: the first in order, so that the same events give the same.
    pub(crate) event: Box<str>,
    /// The records of all its events.
    pub(crate) records: Vec<Box<str>>,
}

/// What EventBridge says of an event.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    account: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    source: std::borrow::Cow<'a, str>,
}

impl ByAccount {
    /// Reads Lambda's event.
    pub(crate) fn read(event: &Value, roster: &Roster) -> Result<Self, NoRecords> {
        let mut found = Self::default();
        let (batches, foreign) = (&mut found.batches, &mut found.foreign);
        let total = &mut found.total;
        let mut faulty: BTreeMap<Box<str>, AccountId> = BTreeMap::new();
        let unusable = each_event(event, |record, attempt, text| {
            *total += 1;
            let account = account(text)?;
            let member = roster.accounts.get(&account);
            if member.is_none_or(|member| member.skipped.is_some()) {
                *foreign += 1;
                return Ok(());
            }
            let batch = batches.entry(account).or_default();
            let read = batch.event(record, attempt, text);
            if read.is_err() {
                faulty.insert(record.into(), account);
            }
            read
        })?;
        found.unusable = unusable;
        for one in &mut found.unusable {
            one.account = faulty.get(&one.record).copied();
        }
        for (account, batch) in &mut found.batches {
            for event in &mut batch.events.events {
                event.account = Some(*account);
            }
            take_above(batch, &mut found.above, &mut found.calls_above);
        }
        if let Some(mut whole) = found.above.remove(&None) {
            // A change somewhere in the organisation concerns whatever the other events name.
            for other in std::mem::take(&mut found.above).into_values() {
                whole.records.extend(other.records);
            }
            found.above.insert(None, whole);
        }
        // What changes nothing that audits look at arrived all the same.
        found
            .batches
            .retain(|_, batch| !batch.events.events.is_empty() || !batch.events.newest.is_empty());
        Ok(found)
    }
}

/// Takes the events about the organisation out of a batch.
fn take_above(
    batch: &mut Batch,
    above: &mut BTreeMap<Option<Box<str>>, Above>,
    calls: &mut Vec<TrailEvent>,
) {
    let origins = &batch.origins;
    batch.events.events.retain(|event| {
        let ActedOn::Organization(target) = &event.acted_on else {
            return true;
        };
        if !AUDITED_AT_ONCE.contains(&&*event.call) {
            return false;
        }
        calls.push(event.clone());
        let change = above.entry(target.clone()).or_default();
        if change.event.is_empty() || event.id < change.event {
            change.event = event.id.clone();
        }
        let origin = origins.get(&event.id);
        change
            .records
            .extend(origin.map(|origin| origin.record.clone()));
        false
    });
}

/// The account that EventBridge says an event of AWS is from.
fn account(text: &str) -> Result<AccountId, Reason> {
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_| Reason::NoAccount)?;
    if !envelope.source.starts_with("aws.") {
        return Err(Reason::NoAccount);
    }
    envelope.account.parse().map_err(|_| Reason::NoAccount)
}

#[cfg(test)]
mod tests;
