//! Schedules: every order in which two audits can load, tell and commit.
//!
//! Each call of a port waits once, so that an audit that is polled goes on until its next call. Which of the two is polled is the schedule, and
//! all of them are tried.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use audit::baseline::{CommitError, LoadBaselineError, Part, Record};
use audit::finding::{Event, Message};
use audit::ports::{BaselineStore, Commit, News, PublishError, Publisher};
use audit::{Baseline, EventKind, FindingId, Ports, Principals, RunError, Settings, run};
use futures_util::task::noop_waker_ref;
use iam::{AccountId, Inventory};

use crate::outside::{Clock, Script};
use crate::phases::asked;
use crate::principals::{account, at};
use crate::rules::Rules;

/// Waits once.
#[derive(Default)]
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// A table: items with generations of their own, and what was told, in the order in which it was.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) baseline: Mutex<Option<Baseline>>,
    pub(crate) events: Mutex<Vec<Event>>,
    pub(crate) messages: Mutex<Vec<Message>>,
    /// Whether somebody else may come between the account's item and the others.
    pub(crate) is_slow: bool,
}

impl Shared {
    /// The same as it stands now.
    pub(crate) fn copy(&self) -> Self {
        Self {
            baseline: Mutex::new(self.baseline.lock().unwrap().clone()),
            events: Mutex::new(self.events.lock().unwrap().clone()),
            messages: Mutex::new(self.messages.lock().unwrap().clone()),
            is_slow: self.is_slow,
        }
    }
}

impl BaselineStore for &Shared {
    async fn load(&self, account: AccountId) -> Result<Baseline, LoadBaselineError> {
        Turn::default().await;
        let stands = self.baseline.lock().unwrap().clone();
        Ok(stands.unwrap_or_else(|| Baseline::empty(account)))
    }

    async fn commit(&self, commit: &Commit<'_>) -> Result<(), CommitError> {
        Turn::default().await;
        let new = commit.baseline;
        if let Some(expected) = commit.account {
            let mut stands = self.baseline.lock().unwrap();
            let found = stands.as_ref().map_or(0, |one| one.generation);
            if found != expected {
                let what = Part::Account;
                return Err(CommitError::Moved { what, expected });
            }
            let principals = stands.take().map(|one| one.principals);
            *stands = Some(Baseline {
                principals: principals.unwrap_or_default(),
                ..new.clone()
            });
        }
        if self.is_slow {
            Turn::default().await;
        }
        let mut moved = None;
        for (principal, expected) in commit.principals {
            let mut stands = self.baseline.lock().unwrap();
            let records = &mut stands.as_mut().unwrap().principals;
            let found = records
                .get(principal)
                .map_or(0, |one: &Record| one.generation);
            if found != *expected {
                moved = Some(CommitError::Moved {
                    what: Part::Principal(principal.clone()),
                    expected: *expected,
                });
                continue;
            }
            match new.principals.get(principal) {
                Some(record) => records.insert(principal.clone(), record.clone()),
                None => records.remove(principal),
            };
        }
        moved.map_or(Ok(()), Err)
    }
}

impl Publisher for &Shared {
    async fn publish(&self, news: &News<'_>) -> Result<(), PublishError> {
        Turn::default().await;
        self.events.lock().unwrap().extend_from_slice(news.events);
        self.messages
            .lock()
            .unwrap()
            .extend_from_slice(news.messages);
        Ok(())
    }
}

impl Shared {
    /// The alerts of an on-call tool that are open, after all messages since the beginning.
    pub(crate) fn alerts(&self) -> BTreeMap<FindingId, bool> {
        let mut alerts = BTreeMap::new();
        for message in self.messages.lock().unwrap().iter() {
            match message.kind {
                EventKind::Resolved(_) if message.is_over => {
                    alerts.remove(&message.thread);
                }
                EventKind::Resolved(_) => {}
                EventKind::Opened
                | EventKind::Worsened
                | EventKind::Eased
                | EventKind::Reminded => {
                    alerts.insert(message.thread, true);
                }
            }
        }
        alerts
    }
}

/// An audit: when it begins, whom it looks at, and what it finds.
#[derive(Clone)]
pub(crate) struct Audit {
    pub(crate) now: &'static str,
    pub(crate) principals: Principals,
    pub(crate) rules: Rules,
}

impl Audit {
    pub(crate) async fn run(&self, shared: &Shared, inventory: &Inventory) -> Result<(), RunError> {
        let script = Script {
            inventory: Arc::new(inventory.clone()),
            rules: Mutex::new(vec![self.rules.clone()]),
            ..Script::default()
        };
        let settings = Settings::default();
        let asked = audit::Asked {
            account: Some(account()),
            principals: self.principals.clone(),
            now: at(self.now),
            ..asked(&settings, self.now, &audit::Selection::default())
        };
        let ports = Ports {
            environment: &script,
            store: &shared,
            publisher: &shared,
            pause: None::<&Clock>,
        };
        run(&asked, &ports).await.map(|_| ())
    }

    /// The same without anybody else.
    pub(crate) fn alone(&self, shared: &Shared, inventory: &Inventory) {
        let mut run = Box::pin(self.run(shared, inventory));
        while poll(run.as_mut()).is_none() {}
    }
}

/// Goes on with an audit until its next call; true when it is at its end.
fn poll(run: Pin<&mut dyn Future<Output = Result<(), RunError>>>) -> Option<()> {
    match run.poll(&mut Context::from_waker(noop_waker_ref())) {
        Poll::Pending => None,
        Poll::Ready(ended) => {
            ended.unwrap();
            Some(())
        }
    }
}

/// Runs two audits in every order of their calls, each time on a table of its own, and gives back how many orders there were. The listing
/// of the first is the older one: it has loaded before the second begins.
pub(crate) fn every_order(
    inventory: &Inventory,
    audits: [&Audit; 2],
    before: impl Fn() -> Shared,
    check: impl Fn(&Shared, &[usize]),
) -> usize {
    let mut schedule: Vec<usize> = Vec::new();
    let mut orders = 0;
    loop {
        let shared = before();
        let mut runs = audits.map(|audit| Some(Box::pin(audit.run(&shared, inventory))));
        let mut taken = Vec::new();
        for _ in 0..2 {
            assert!(poll(runs[0].as_mut().unwrap().as_mut()).is_none());
        }
        let mut choices = Vec::new();
        while runs.iter().any(Option::is_some) {
            let wanted = schedule.get(taken.len()).copied().unwrap_or(0);
            let both = runs.iter().all(Option::is_some);
            let next = if runs[wanted].is_some() {
                wanted
            } else {
                1 - wanted
            };
            choices.push(both);
            taken.push(next);
            if poll(runs[next].as_mut().unwrap().as_mut()).is_some() {
                runs[next] = None;
            }
        }
        drop(runs);
        check(&shared, &taken);
        orders += 1;
        let last = (0..taken.len())
            .rev()
            .find(|&at| choices[at] && taken[at] == 0);
        let Some(last) = last else { return orders };
        taken.truncate(last);
        taken.push(1);
        schedule = taken;
    }
}
