//! An account in AWS as an environment: what does an audit read there, and what does AWS decide?
//!
//! In: a client for IAM. Out: the listing, access keys, and the replies of AWS's simulator, each as it is asked for. The command
//! line and the function audit through the same one.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;

use audit::ports::{Environment, Simulate};
use audit::resources::{NamedResource, Resources};
use audit::simulate::embedded::Embedded;
use audit::simulate::{Inquiry, Reply};
use catalog::PolicyDocument;
use iam::simulator::ServiceControl;
use iam::{Inventory, PrincipalArn};
use jiff::Timestamp;
use tracing::info;

use crate::iam_client::{Counts, Iam};
use crate::read::{access_keys, discover};
use crate::simulate::{AwsSimulator, Limits};

/// An account in AWS.
pub struct AwsEnvironment {
    iam: Iam,
    simulator: AwsSimulator<Embedded<'static>>,
    begun: Counts,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

/// How far reading and asking came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This page of the listing is asked for, from 1.
    Page(usize),
    /// Access keys are asked for.
    AccessKeys,
    /// So many principals are decided, of so many.
    Decided(usize, usize),
}

impl AwsEnvironment {
    /// `now` is what `aws:CurrentTime` is set to.
    #[must_use]
    pub fn new(iam: Iam, limits: Limits, now: Timestamp) -> Self {
        Self {
            begun: iam.process.tally.counts(),
            simulator: AwsSimulator::new(iam.clone(), Embedded::default(), limits, now),
            iam,
            progress: Arc::new(|_| {}),
        }
    }

    /// Calls back with each step.
    #[must_use]
    pub fn with_progress(mut self, progress: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        let progress: Arc<dyn Fn(Progress) + Send + Sync> = Arc::new(progress);
        self.progress = Arc::clone(&progress);
        self.simulator = self
            .simulator
            .with_progress(move |done, of| progress(Progress::Decided(done, of)));
        self
    }
}

impl Simulate for AwsEnvironment {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        proposed: &[PolicyDocument],
    ) -> Vec<Reply> {
        self.simulator
            .simulate(inventory, inquiries, proposed)
            .await
    }
}

impl Environment for AwsEnvironment {
    async fn listing(&self) -> Result<Arc<Inventory>, Box<dyn Error + Send + Sync>> {
        let mut page = 1;
        (self.progress)(Progress::Page(page));
        let mut count = |_: &[u8]| {
            page += 1;
            (self.progress)(Progress::Page(page));
            Ok(())
        };
        Ok(Arc::new(discover(&self.iam, &mut count).await?))
    }

    async fn add_access_keys(&self, inventory: &mut Arc<Inventory>, users: &[PrincipalArn]) {
        if !users.is_empty() {
            (self.progress)(Progress::AccessKeys);
            access_keys(&self.iam, Arc::make_mut(inventory), users).await;
        }
        info!(
            principals = inventory.principals.len(),
            gaps = inventory.gaps.len(),
            calls = self.iam.process.tally.counts().since(&self.begun).calls,
            "listed"
        );
    }

    /// Reads none of it yet.
    async fn resources(&self, _: &BTreeSet<NamedResource>) -> Arc<Resources> {
        Arc::default()
    }

    /// AWS's simulator applies the SCPs in force without showing them.
    fn service_control(&self) -> ServiceControl<'_> {
        ServiceControl::default()
    }
}
