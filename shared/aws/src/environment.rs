//! An account in AWS as an environment: what does an audit read there, and what does AWS decide?
//!
//! In: a client for IAM. Out: the listing, access keys, and the replies of AWS's simulator, each as it is asked for. The command
//! line and the function audit through the same one.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use audit::ports::{Environment, Simulate};
use audit::resources::{Resources, Wanted};
use audit::simulate::embedded::Embedded;
use audit::simulate::{Inquiry, Reply};
use catalog::PolicyDocument;
use iam::simulator::ServiceControl;
use iam::{Inventory, PrincipalArn};
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::info;

use crate::iam_client::{Counts, Iam, Reads};
use crate::read::resources::{self, ReadSide};
use crate::read::{access_keys, discover};
use crate::simulate::{AwsSimulator, Limits};

/// How long the resource side is read at most.
const PATIENCE: Duration = Duration::from_secs(90);

/// An account in AWS.
pub struct AwsEnvironment {
    iam: Iam,
    simulator: AwsSimulator<Embedded<'static>>,
    begun: Counts,
    /// Nothing but the listing is read after it.
    until: Option<Instant>,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

/// How far reading and asking came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This page of the listing is asked for, from 1.
    Page(usize),
    /// Keys, buckets, vaults, regions and the organisation are asked about.
    Resources,
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
            until: limits.first.until,
            simulator: AwsSimulator::new(iam.clone(), Embedded::default(), limits, now),
            iam,
            progress: Arc::new(|_| {}),
        }
    }

    /// What AWS says of the resource side, and the same as a snapshot has it.
    pub async fn resource_side(&self, wanted: &Wanted) -> ReadSide {
        let latest = Instant::now() + PATIENCE;
        let until = self.until.map_or(latest, |until| until.min(latest));
        let side = resources::read(&self.iam.session, wanted, until).await;
        self.iam.process.tally.reads(side.reads);
        let Reads {
            calls,
            refused,
            failed,
        } = side.reads;
        info!(calls, refused, failed, "read the resource side");
        side
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

    /// A part that AWS refuses, or does not answer in time, is in it as refused.
    async fn resources(&self, wanted: &Wanted) -> Arc<Resources> {
        (self.progress)(Progress::Resources);
        let side = self.resource_side(wanted).await;
        Arc::new(side.resources)
    }

    /// AWS's simulator applies the SCPs in force without showing them.
    fn service_control(&self) -> ServiceControl<'_> {
        ServiceControl::default()
    }

    fn applies_service_control(&self) -> bool {
        true
    }
}
