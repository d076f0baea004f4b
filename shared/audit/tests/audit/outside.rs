//! The outside of an audit: a simulator, a store, a publisher and a clock that answer at once.

use std::error::Error;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit::Baseline;
use audit::baseline::{CommitError, LoadBaselineError, Part};
use audit::events::{LookUp, LookedUp};
use audit::finding::{Event, Message};
use audit::ports::{
    BaselineStore, Commit, Environment, News, Pause, PublishError, Publisher, Simulate,
};
use audit::resources::{Resources, Wanted};
use audit::simulate::{Inquiry, Reply};
use catalog::PolicyDocument;
use futures_util::FutureExt as _;
use iam::{AccountId, Inventory, PrincipalArn, ServiceControl};
use jiff::Timestamp;

use crate::rules::Rules;

/// An account whose simulator answers one set of rules after the other; the last stays. So does what is read of the resource side.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) inventory: Arc<Inventory>,
    pub(crate) rules: Mutex<Vec<Rules>>,
    pub(crate) resources: Mutex<Vec<Resources>>,
    /// What was asked of the resource side, time by time.
    pub(crate) wanted: Mutex<Vec<Wanted>>,
    /// What CloudTrail has.
    pub(crate) looked_up: Mutex<LookedUp>,
    /// What CloudTrail was asked.
    pub(crate) sought: Mutex<Vec<LookUp>>,
}

impl Simulate for Script {
    fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        _: &[PolicyDocument],
    ) -> impl Future<Output = Vec<Reply>> + Send {
        let mut rules = self.rules.lock().unwrap();
        let now = if rules.len() > 1 {
            rules.remove(0)
        } else {
            rules[0].clone()
        };
        std::future::ready(now.replies(inventory, inquiries))
    }
}

impl Environment for Script {
    async fn listing(&self) -> Result<Arc<Inventory>, Box<dyn Error + Send + Sync>> {
        Ok(Arc::clone(&self.inventory))
    }

    async fn add_access_keys(&self, _: &mut Arc<Inventory>, _: &[PrincipalArn]) {}

    async fn resources(&self, wanted: &Wanted) -> Arc<Resources> {
        self.wanted.lock().unwrap().push(wanted.clone());
        let mut readings = self.resources.lock().unwrap();
        Arc::new(match readings.len() {
            0 | 1 => readings.first().cloned().unwrap_or_default(),
            _ => readings.remove(0),
        })
    }

    fn service_control(&self) -> ServiceControl<'_> {
        ServiceControl::default()
    }

    async fn look_up(&self, wanted: &[LookUp], _: Timestamp) -> LookedUp {
        self.sought.lock().unwrap().extend_from_slice(wanted);
        self.looked_up.lock().unwrap().clone()
    }

    fn applies_service_control(&self) -> bool {
        true
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
        if self.moves {
            return std::future::ready(Err(CommitError::Moved {
                what: Part::Account,
                expected: commit.account.unwrap_or_default(),
            }));
        }
        *file = Some(audit::stored::write_file(commit.baseline));
        std::future::ready(Ok(()))
    }
}

/// Keeps what was published.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) published: Mutex<Vec<Published>>,
    pub(crate) fails: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) events: Vec<Event>,
    pub(crate) messages: Vec<Message>,
}

impl Publisher for Recorder {
    fn publish(&self, news: &News<'_>) -> impl Future<Output = Result<(), PublishError>> + Send {
        if self.fails {
            return std::future::ready(Err(PublishError("no such topic".into())));
        }
        self.published.lock().unwrap().push(Published {
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

/// Every fake answers at once.
pub(crate) fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a fake that waits")
}
