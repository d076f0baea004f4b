//! An account in AWS as an environment: what does an audit read there, and what does AWS decide?
//!
//! In: a client for IAM. Out: the listing, access keys, and the replies of AWS's simulator, each as it is asked for. The command
//! line and the function audit through the same one.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use audit::events::{LookUp, LookedUp};
use audit::ports::{Environment, Simulate};
use audit::resources::{Organization, Reading, Resources, Wanted};
use audit::simulate::embedded::Embedded;
use audit::simulate::{Inquiry, Reply};
use catalog::PolicyDocument;
use iam::simulator::ServiceControl;
use iam::{Inventory, PrincipalArn};
use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::info;

use crate::iam_client::{Counts, Iam, Reads};
use crate::read::resources::{self, ReadLimits, ReadSide};
use crate::read::trail::{self, Allowance};
use crate::read::{access_keys, discover};
use crate::simulate::{AwsSimulator, Limits};

/// How long the resource side is read at most, and what part of the time for simulating that may take.
const PATIENCE: Duration = Duration::from_secs(90);
const PART: u32 = 3;
/// How long CloudTrail is asked at most.
const TRAIL_PATIENCE: Duration = Duration::from_secs(30);

/// An account in AWS.
pub struct AwsEnvironment {
    iam: Iam,
    simulator: AwsSimulator<Embedded<'static>>,
    begun: Counts,
    first: Option<Instant>,
    again: Option<Instant>,
    read_before: AtomicBool,
    allowance: Mutex<Allowance>,
    organization: Option<Organization>,
    progress: Arc<dyn Fn(Progress) + Send + Sync>,
}

/// How far reading and asking came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This page of the listing is asked for, from 1.
    Page(usize),
    /// Keys, buckets, vaults, regions and the organisation are asked about.
    Resources,
    /// CloudTrail is asked who changed something.
    Trail,
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
            first: limits.first.until,
            again: limits.again.until,
            read_before: AtomicBool::new(false),
            allowance: Mutex::default(),
            organization: None,
            simulator: AwsSimulator::new(iam.clone(), Embedded::default(), limits, now),
            iam,
            progress: Arc::new(|_| {}),
        }
    }

    /// What AWS says of the resource side, and the same as a snapshot has it. The second time everything is asked again.
    pub async fn resource_side(&self, wanted: &Wanted) -> ReadSide {
        let again = self.read_before.swap(true, Ordering::Relaxed);
        let limits = ReadLimits {
            until: share(Instant::now(), if again { self.again } else { self.first }),
            answers: Arc::clone(&self.iam.process.answers),
            again,
        };
        let side = resources::read(&self.iam.session, wanted, limits).await;
        self.iam.process.tally.reads(side.reads);
        let Reads {
            calls,
            refused,
            failed,
        } = side.reads;
        info!(calls, refused, failed, "read the resource side");
        side
    }

    /// With what stands above the account, which was read elsewhere: then AWS is not asked for it. `None`: it is.
    #[must_use]
    pub fn with_organization(self, organization: Option<Organization>) -> Self {
        Self {
            organization,
            ..self
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

/// Until when the resource side is read, so that time is left to simulate and to tell.
fn share(now: Instant, end: Option<Instant>) -> Instant {
    let left = end.map(|end| end.saturating_duration_since(now) / PART);
    now + left.map_or(PATIENCE, |left| left.min(PATIENCE))
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
        let Some(organization) = &self.organization else {
            return Arc::new(self.resource_side(wanted).await.resources);
        };
        let wanted = Wanted {
            organization: false,
            ..wanted.clone()
        };
        let mut resources = self.resource_side(&wanted).await.resources;
        resources.organization = Reading::Read(Some(organization.clone()));
        Arc::new(resources)
    }

    /// AWS's simulator applies the SCPs in force without showing them.
    fn service_control(&self) -> ServiceControl<'_> {
        ServiceControl::default()
    }

    fn applies_service_control(&self) -> bool {
        true
    }

    /// All look-ups of an audit share one allowance.
    async fn look_up(&self, wanted: &[LookUp], since: Timestamp) -> LookedUp {
        (self.progress)(Progress::Trail);
        let now = Instant::now();
        let end = self.again.or(self.first);
        let until = end.map_or(now + TRAIL_PATIENCE, |end| end.min(now + TRAIL_PATIENCE));
        let mut allowance = self.allowance.lock().await;
        let limits = (&mut *allowance, until);
        let session = &self.iam.session;
        let (looked_up, reads) = trail::look_up(session, wanted, since, limits).await;
        self.iam.process.tally.reads(reads);
        looked_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_takes_a_third_of_the_time_at_most() {
        let now = Instant::now();
        let after = |seconds| Some(now + Duration::from_secs(seconds));
        let check = |end, seconds| {
            assert_eq!(share(now, end), now + Duration::from_secs(seconds));
        };
        check(after(60), 20);
        check(after(750), 90);
        check(None, 90);
        check(after(0), 0);
    }
}
