//! Listed accounts: whose requirements are they?

use std::sync::Arc;

use iam::{AccountId, Inventory};

use super::requirement::Bound;
use crate::events::Touched;
use crate::judge::assessment::Selection;
use crate::resources::{Resources, Wanted};
use crate::settings::Settings;

/// An account that was listed, and what tags and settings bind in it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The account.
    pub account: AccountId,
    /// Its users, roles and policies.
    pub inventory: Arc<Inventory>,
    /// Which requirements are looked at.
    pub selection: Selection,
    /// The requirements.
    pub bound: Bound,
    /// What is known of the resources that they name.
    pub resources: Arc<Resources>,
    /// Whom events touched; `None` where nobody asked.
    pub touched: Option<Arc<Touched>>,
}

impl Listed {
    /// What an audit by these settings wants to know of the resource side.
    #[must_use]
    pub fn wanted(&self, settings: &Settings) -> Wanted {
        self.bound.wanted(self.account).only(&settings.read)
    }
}
