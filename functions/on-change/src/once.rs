//! One listing for both steps: who is touched, and the audit of these principals, with the same baseline.

use std::error::Error;
use std::sync::{Arc, Mutex};

use audit::Baseline;
use audit::baseline::{CommitError, LoadBaselineError};
use audit::ports::{BaselineStore, Commit, Environment, Simulate};
use audit::resources::{Resources, Wanted};
use audit::simulate::{Inquiry, Reply};
use catalog::PolicyDocument;
use iam::simulator::ServiceControl;
use iam::{AccountId, Inventory, PrincipalArn};
use tokio::sync::OnceCell;

/// An environment that lists once.
pub(crate) struct Once<E> {
    inner: E,
    listing: OnceCell<Arc<Inventory>>,
}

impl<E> Once<E> {
    pub(crate) fn new(inner: E) -> Self {
        Self {
            inner,
            listing: OnceCell::new(),
        }
    }
}

impl<E: Environment + Sync> Simulate for Once<E> {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        proposed: &[PolicyDocument],
    ) -> Vec<Reply> {
        self.inner.simulate(inventory, inquiries, proposed).await
    }
}

impl<E: Environment + Sync> Environment for Once<E> {
    async fn listing(&self) -> Result<Arc<Inventory>, Box<dyn Error + Send + Sync>> {
        let listing = self.listing.get_or_try_init(|| self.inner.listing());
        listing.await.map(Arc::clone)
    }

    async fn add_access_keys(&self, inventory: &mut Arc<Inventory>, users: &[PrincipalArn]) {
        self.inner.add_access_keys(inventory, users).await;
    }

    async fn resources(&self, wanted: &Wanted) -> Arc<Resources> {
        self.inner.resources(wanted).await
    }

    fn service_control(&self) -> ServiceControl<'_> {
        self.inner.service_control()
    }

    fn applies_service_control(&self) -> bool {
        self.inner.applies_service_control()
    }
}

/// A store of which the baseline was loaded before the listing: what is committed later may rest on a later listing.
pub(crate) struct LoadedBefore<'a, S> {
    inner: &'a S,
    baseline: Mutex<Option<Baseline>>,
}

impl<'a, S: BaselineStore> LoadedBefore<'a, S> {
    pub(crate) async fn load(inner: &'a S, account: AccountId) -> Result<Self, LoadBaselineError> {
        let baseline = inner.load(account).await?;
        Ok(Self {
            inner,
            baseline: Mutex::new(Some(baseline)),
        })
    }
}

impl<S: BaselineStore + Sync> BaselineStore for LoadedBefore<'_, S> {
    /// The first time what was loaded before.
    async fn load(&self, account: AccountId) -> Result<Baseline, LoadBaselineError> {
        let loaded = self.baseline.lock().ok();
        let loaded = loaded.and_then(|mut baseline| baseline.take());
        match loaded {
            Some(baseline) => Ok(baseline),
            None => self.inner.load(account).await,
        }
    }

    async fn commit(&self, commit: &Commit<'_>) -> Result<(), CommitError> {
        self.inner.commit(commit).await
    }
}
