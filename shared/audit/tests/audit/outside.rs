//! The outside of an audit: a simulator, a store, a publisher and a clock that answer at once.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use audit::baseline::{CommitError, LoadBaselineError};
use audit::finding::{Event, Message};
use audit::ports::{
    Answer, BaselineStore, Commit, News, Pause, PublishError, Publisher, Simulator,
};
use audit::{Baseline, Subject};
use iam::{AccountId, Inventory};

use crate::world::Rules;

/// A simulator that answers one set of rules after the other; the last stays.
pub(crate) struct Script(pub(crate) Mutex<Vec<Rules>>);

impl Simulator for Script {
    fn simulate(
        &self,
        inventory: &Inventory,
        subjects: &[Subject],
    ) -> impl Future<Output = Vec<Answer>> + Send {
        let mut rules = self.0.lock().unwrap();
        let now = if rules.len() > 1 {
            rules.remove(0)
        } else {
            rules[0].clone()
        };
        std::future::ready(now.answers(inventory, subjects))
    }
}

/// A store in memory, in the stored form.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) file: Mutex<Option<String>>,
    /// Another audit commits while this one runs.
    pub(crate) moves: bool,
}

impl BaselineStore for Memory {
    fn load(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Baseline, LoadBaselineError>> + Send {
        let file = self.file.lock().unwrap();
        std::future::ready(match &*file {
            Some(text) => audit::stored::read_file(text),
            None => Ok(Baseline::empty(account)),
        })
    }

    fn commit(&self, commit: &Commit<'_>) -> impl Future<Output = Result<(), CommitError>> + Send {
        let mut file = self.file.lock().unwrap();
        let expected = commit.expected;
        if self.moves {
            return std::future::ready(Err(CommitError::Moved { expected }));
        }
        *file = Some(audit::stored::write_file(commit.baseline));
        std::future::ready(Ok(()))
    }
}

/// Keeps what was told.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) told: Mutex<Vec<Told>>,
    pub(crate) fails: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) events: Vec<Event>,
    pub(crate) messages: Vec<Message>,
}

impl Publisher for Recorder {
    fn publish(&self, news: &News<'_>) -> impl Future<Output = Result<(), PublishError>> + Send {
        if self.fails {
            return std::future::ready(Err(PublishError("no such topic".into())));
        }
        self.told.lock().unwrap().push(Told {
            events: news.events.to_vec(),
            messages: news.messages.to_vec(),
        });
        std::future::ready(Ok(()))
    }
}

/// Counts how often somebody waited.
#[derive(Default)]
pub(crate) struct Clock(pub(crate) Mutex<Vec<Duration>>);

impl Pause for Clock {
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.0.lock().unwrap().push(time);
        std::future::ready(())
    }
}

/// Every fake answers at once, so one poll is enough.
pub(crate) fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a fake waited"),
    }
}
