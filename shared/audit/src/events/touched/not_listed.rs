//! Not listed: what do trail events name that the listing does not have?
//!
//! In: an event, and the inventory. Out: the user, role, group or policy that was deleted or renamed before the listing was made. What it held,
//! and whether anything bound it, the listing cannot say.

use iam::{Inventory, PrincipalKind};

use crate::events::event::{ActedOn, TrailEvent};

/// What an event names and the listing does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotListed {
    /// `user`, `role`, `group` or `policy`.
    pub what: &'static str,
    /// The name; of a policy the ARN.
    pub name: Box<str>,
    /// The last call that names it.
    pub call: Box<str>,
    /// The id of its event.
    pub event: Box<str>,
}

impl NotListed {
    /// What an event names, unless it is there.
    pub(super) fn of(event: &TrailEvent, inventory: &Inventory) -> Option<Self> {
        let is_principal = |kind, name: &str| {
            let mut principals = inventory.principals.iter().map(|principal| &principal.arn);
            principals.any(|arn| arn.kind() == kind && arn.name().eq_ignore_ascii_case(name))
        };
        let is_group = |name: &str| {
            let mut groups = inventory.groups.keys();
            groups.any(|group| group.eq_ignore_ascii_case(name))
        };
        let (what, name, is_listed) = match &event.acted_on {
            ActedOn::User(name) | ActedOn::RenamedUser { to: name, .. } => {
                ("user", name, is_principal(PrincipalKind::User, name))
            }
            ActedOn::Role(name) => ("role", name, is_principal(PrincipalKind::Role, name)),
            ActedOn::Group(name) => ("group", name, is_group(name)),
            ActedOn::Policy(arn) => ("policy", arn, inventory.policies.contains_key(arn)),
            ActedOn::InstanceProfile(_)
            | ActedOn::Key(_)
            | ActedOn::Bucket(_)
            | ActedOn::Vault { .. }
            | ActedOn::VaultItself { .. }
            | ActedOn::Region(_)
            | ActedOn::RegionItself(_)
            | ActedOn::Endpoints(_)
            | ActedOn::Organization(_) => return None,
        };
        (!is_listed).then(|| Self {
            what,
            name: name.clone(),
            call: event.call.clone(),
            event: event.id.clone(),
        })
    }

    /// The name without account and path.
    pub(super) fn short_name(&self) -> &str {
        match self.name.rsplit_once('/') {
            Some((_, name)) => name,
            None => &self.name,
        }
    }
}
