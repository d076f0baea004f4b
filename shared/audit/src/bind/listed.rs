//! Listed accounts: whose requirements are they?

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::{AccountId, Inventory, PrincipalArn};

use super::requirement::Bound;
use super::wanted::wanted;
use crate::asked::Asked;
use crate::events::{Account, Footprint, Touched};
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
        self.wanted_where(settings, |_| true)
    }

    /// What of this a trail event could be about. After a whole audit ([`Principals::All`](crate::asked::Principals::All), no events)
    /// it takes the place of the last one, unless somebody extended that since the listing; after any other it
    /// [extends](Footprint::extend) it.
    #[must_use]
    pub fn footprint(&self, asked: &Asked<'_>) -> Footprint {
        let account = Account {
            id: self.account,
            inventory: &self.inventory,
            bound: &self.bound,
        };
        Footprint::of(account, &self.resources, &asked.binding_rules())
    }

    /// The same for these principals alone.
    pub(crate) fn wanted_of(
        &self,
        settings: &Settings,
        principals: &BTreeSet<PrincipalArn>,
    ) -> Wanted {
        self.wanted_where(settings, |arn| principals.contains(arn))
    }

    fn wanted_where(
        &self,
        settings: &Settings,
        is_about: impl Fn(&PrincipalArn) -> bool,
    ) -> Wanted {
        let subjects = self.bound.subjects.iter().filter(|subject| {
            let principal = self.inventory.principals.get(subject.principal);
            principal.is_some_and(|principal| is_about(&principal.arn))
        });
        let requirements = subjects.flat_map(|subject| subject.requirements.iter());
        wanted(self.account, requirements).only(&settings.read)
    }
}
