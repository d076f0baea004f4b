//! A saved environment: what does an audit read where everything was read before?
//!
//! In: an inventory, the SCPs above its account, the resource side. The embedded simulator decides. Whoever reads the files, a deployment that
//! became an inventory, or a test, makes one of these.

mod contradiction;
pub mod organization;
pub mod roster;
pub mod snapshot;

use std::error::Error;
use std::sync::Arc;

use catalog::PolicyDocument;
use iam::simulator::ServiceControl;
use iam::{Inventory, PrincipalArn};

use crate::ports::{Environment, Simulate};
use crate::resources::{Resources, Wanted};
use crate::simulate::{Inquiry, Reply, embedded};

/// A listing that was read before.
#[derive(Clone, Debug)]
pub struct Saved<'a> {
    /// The listing.
    pub inventory: Arc<Inventory>,
    /// The SCPs above its account.
    pub service_control: ServiceControl<'a>,
    /// What was read of the resource side.
    pub resources: Arc<Resources>,
}

impl Simulate for Saved<'_> {
    async fn simulate(
        &self,
        inventory: &Inventory,
        inquiries: &[Inquiry],
        _: &[PolicyDocument],
    ) -> Vec<Reply> {
        embedded::decide(inventory, &self.service_control, inquiries)
    }
}

impl Environment for Saved<'_> {
    async fn listing(&self) -> Result<Arc<Inventory>, Box<dyn Error + Send + Sync>> {
        Ok(Arc::clone(&self.inventory))
    }

    /// A credential report, if there is one, was added to the inventory before.
    async fn add_access_keys(&self, _: &mut Arc<Inventory>, _: &[PrincipalArn]) {}

    async fn resources(&self, _: &Wanted) -> Arc<Resources> {
        Arc::clone(&self.resources)
    }

    fn service_control(&self) -> ServiceControl<'_> {
        self.service_control.clone()
    }
}
