//! Items: what exactly is lacking or odd?

use std::sync::Arc;

use iam::inventory::Gap;
use iam::{Cause, Layer};

use crate::bind::requirement::Requirement;
use crate::find::finding::Item;
use crate::judge::assessment::KeyFault;
use crate::judge::verdict::Place;
use crate::settings::Owners;

/// One item for each action and place.
pub(crate) fn action_items<'a>(
    requirement: &'a Requirement,
    places: &'a [Place],
) -> impl Iterator<Item = Item> + 'a {
    places.iter().flat_map(move |place| {
        let resource = Some(place.resource(requirement)).filter(|resource| *resource != "*");
        let region = place
            .region(requirement)
            .filter(|_| requirement.regions.len() > 1);
        let text: Arc<str> = match (resource, region) {
            (None, None) => "".into(),
            (Some(one), None) | (None, Some(one)) => one.into(),
            (Some(resource), Some(region)) => format!("{resource} in {region}").into(),
        };
        place.actions(requirement).map(move |action| Item {
            name: action.to_shared(),
            place: Arc::clone(&text),
        })
    })
}

/// Who owns the layer that is to blame: of several, the one that is hardest to reach.
pub(super) fn owner(cause: &Cause, owners: &Owners) -> Option<Arc<str>> {
    let layers = cause.layers();
    let owner = match layers.last()? {
        Layer::Identity | Layer::Session => &owners.identity,
        Layer::Boundary => &owners.boundary,
        Layer::ServiceControl { .. } | Layer::ResourceControl { .. } => &owners.scp,
        Layer::Resource | Layer::Grant => &owners.resource,
        // The settings do not say who owns an endpoint.
        Layer::Endpoint => return None,
    };
    owner.clone()
}

/// What stands in the way of a decision, where it is no context key.
pub(crate) fn reason(cause: &Cause) -> Option<Item> {
    let (name, place) = match cause {
        Cause::NoAnswer { reason } => ("no answer", reason),
        Cause::Unreadable { policy, .. } => ("unreadable policy", policy),
        Cause::NotChecked { policy, .. } => ("policy not checked", policy),
        Cause::CannotEvaluate { by, .. } => ("condition that cannot be evaluated", &by.policy),
        Cause::AllowedBy(_)
        | Cause::DeniedBy(_)
        | Cause::DeniedInLayer(_)
        | Cause::NotAllowedIn(_)
        | Cause::AllowedOnlyOn { .. }
        | Cause::DeniedOn { .. }
        | Cause::MissingContext { .. } => return None,
    };
    Some(Item {
        name: name.into(),
        place: (&**place).into(),
    })
}

pub(super) fn key_item(fault: &KeyFault) -> Item {
    match fault {
        KeyFault::None => Item::of("none"),
        KeyFault::Inactive => Item::of("none is active"),
        KeyFault::Two => Item::of("two are active"),
        KeyFault::Old { suffix, .. } => Item {
            name: "too old".into(),
            place: (&**suffix).into(),
        },
        KeyFault::Unused { suffix, .. } => Item {
            name: "not used".into(),
            place: (&**suffix).into(),
        },
        KeyFault::AgeUnknown { suffix } => Item {
            name: "of unknown age".into(),
            place: (&**suffix).into(),
        },
    }
}

pub(super) fn gap_item(gap: &Gap) -> Item {
    match gap {
        Gap::Truncated => Item::of("the listing is cut off"),
        Gap::Item { what, fault } => Item {
            name: (&**what).into(),
            place: (&*fault.reason).into(),
        },
        Gap::Part { what, reason } => Item {
            name: (&**what).into(),
            place: (&**reason).into(),
        },
    }
}

impl Item {
    /// The name of what [`Code::Coverage`](super::finding::Code::Coverage) says of a binding that matches nobody; its place is the line.
    pub const UNMATCHED_BINDING: &str = "a binding that matches no principal";
    /// The name of what it says of an account in the settings that the organisation does not have.
    pub const UNKNOWN_ACCOUNT: &str =
        "settings that name an account which is not in the organization";

    /// An item without a place.
    #[must_use]
    pub fn of(name: &str) -> Self {
        Self {
            name: name.into(),
            place: "".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_a_resource_has_an_owner_of_its_own() {
        let owners = Owners {
            identity: Some("backup team".into()),
            resource: Some("platform".into()),
            ..Owners::default()
        };
        let named = |layers| owner(&Cause::NotAllowedIn(layers), &owners);
        assert_eq!(named(vec![Layer::Resource]).as_deref(), Some("platform"));
        assert_eq!(named(vec![Layer::Identity]).as_deref(), Some("backup team"));
        assert_eq!(named(vec![Layer::Endpoint]), None);
    }
}
