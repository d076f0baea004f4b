//! Twice: what is known of a thing that a listing holds twice, with different content?
//!
//! In: both. Out: one that has what both agree on, and a document that cannot be read for the rest: whatever hangs on the
//! difference is then undetermined. What binds a principal (its tags) is kept from both, so that nobody who is bound by one of
//! them is passed over.

use std::sync::Arc;

use super::{Gap, Group, InlinePolicy, ManagedPolicy, Principal};
use crate::fault::Fault;

const REASON: &str = "it is listed twice with different content, and only one can hold: list the account again in one go";

/// The name of what differs.
const REST: &str = "what differs between its two listings";

/// What is to be told of it.
pub(super) fn gap(what: String) -> Gap {
    Gap::Item {
        what: what.into(),
        fault: fault(),
    }
}

/// What is known of a principal; `later` was listed after `earlier`.
pub(super) fn principal(earlier: Principal, later: Principal) -> Principal {
    let mut tags = later.tags;
    for tag in earlier.tags {
        if tags.iter().all(|(key, _)| *key != tag.0) {
            tags.push(tag);
        }
    }
    let mut instance_profiles = later.instance_profiles;
    for profile in earlier.instance_profiles {
        if !instance_profiles.contains(&profile) {
            instance_profiles.push(profile);
        }
    }
    let mut inline = in_both(&earlier.inline, later.inline);
    inline.push(rest());
    Principal {
        tags,
        inline,
        attached: in_both(&earlier.attached, later.attached),
        groups: in_both(&earlier.groups, later.groups),
        boundary: later
            .boundary
            .filter(|arn| earlier.boundary.as_ref() == Some(arn)),
        trust: match later.trust == earlier.trust {
            true => later.trust,
            false => Some(Arc::new(Err(fault()))),
        },
        instance_profiles,
        unsettled: later.unsettled,
        arn: later.arn,
        id: later.id,
        created: later.created,
    }
}

/// What is known of a group.
pub(super) fn group(earlier: &Group, later: Group) -> Group {
    let mut inline = in_both(&earlier.inline, later.inline);
    inline.push(rest());
    Group {
        inline,
        attached: in_both(&earlier.attached, later.attached),
    }
}

/// What is known of a managed policy: not what it says.
pub(super) fn policy(later: ManagedPolicy) -> ManagedPolicy {
    ManagedPolicy {
        document: Arc::new(Err(fault())),
        ..later
    }
}

fn in_both<T: PartialEq>(earlier: &[T], mut later: Vec<T>) -> Vec<T> {
    later.retain(|one| earlier.contains(one));
    later
}

fn rest() -> InlinePolicy {
    InlinePolicy {
        name: REST.into(),
        document: Arc::new(Err(fault())),
    }
}

fn fault() -> Fault {
    Fault {
        reason: REASON.into(),
        line: 0,
        column: 0,
    }
}
