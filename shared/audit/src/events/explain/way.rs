//! Ways: what can have led to a finding?
//!
//! In: a finding, and what of it is new. Out: the ways in which a call can have led to it, by the causes of what is missing. Some
//! findings come with time, such as keys that are too old; these have no way.

use std::collections::BTreeSet;

use iam::{Cause, Layer};

use crate::find::finding::{Code, Finding, Item, Lack};
use crate::judge::resource_faults::topic::FaultTopic;

/// A way in which a call can have led to a finding.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'f> {
    /// The policies of the principal allow less.
    Less,
    /// The policies of the principal allow or deny more: this one, or any.
    More(Option<&'f str>),
    /// The boundary: this policy, or whichever it is.
    Boundary(Option<&'f str>),
    /// The boundary is gone.
    NoBoundary,
    /// SCPs or RCPs deny: this one, or any.
    Organization(Option<&'f str>),
    /// SCPs or RCPs allow less.
    OrganizationLess,
    /// The policy of a resource.
    Resource(&'f Lack),
    /// The grants of a key.
    Grant(&'f Lack),
    /// The endpoints of some regions; of any where none is named.
    Endpoint(&'f BTreeSet<Box<str>>),
    /// Tags that bind the principal, or that it is new or gone.
    Binding,
    /// The trust policy.
    Trust,
    /// The instance profile.
    Profile,
    /// Access keys.
    AccessKeys,
    /// A state or setting of a resource: what is wrong, and with which resource, as people are told.
    Fault(FaultTopic, &'f str),
}

impl Way<'_> {
    /// Whether it is about what is above the account.
    pub(super) fn is_above(self) -> bool {
        matches!(self, Self::Organization(_) | Self::OrganizationLess)
    }
}

/// The ways in which a call can have led to a finding. `new`: what got worse; empty where all of it is new.
pub(super) fn ways<'f>(finding: &'f Finding, new: &BTreeSet<Item>) -> Vec<Way<'f>> {
    let is_new = |lack: &&Lack| {
        let names = |item: &Item| {
            let mut actions = lack.actions.iter();
            actions.any(|action| item.name.eq_ignore_ascii_case(action.as_str()))
        };
        new.is_empty() || new.iter().any(names)
    };
    let lacks = finding.lacks.iter().filter(is_new);
    let items = || {
        finding
            .items
            .iter()
            .filter(|item| new.is_empty() || new.contains(item))
    };
    let faults = items().filter_map(|item| Some(Way::Fault(FaultTopic::of(item)?, &item.place)));
    match finding.code {
        Code::MissingActions | Code::AllowedOnlyOn => lacks.flat_map(of_lack).collect(),
        Code::Undetermined => lacks.flat_map(of_lack).chain(faults).collect(),
        Code::KeyState | Code::ResourceSettings => faults.collect(),
        Code::MissingTrust => vec![Way::Trust, Way::Binding],
        Code::MissingInstanceProfile => vec![Way::Profile, Way::Binding],
        Code::AccessKey => {
            const OF_TIME: [&str; 3] = ["too old", "not used", "of unknown age"];
            match items().all(|item| OF_TIME.contains(&&*item.name)) {
                true => Vec::new(),
                false => vec![Way::AccessKeys, Way::Binding],
            }
        }
        Code::ExcessAccess => vec![
            Way::More(None),
            Way::Less,
            Way::NoBoundary,
            Way::Boundary(None),
        ],
        Code::UnknownActionSet => vec![Way::Binding],
        Code::Coverage if finding.principal.is_some() => vec![Way::Binding],
        Code::Coverage | Code::ChangesNotArriving | Code::ChangeNotFollowed | Code::AuditFailed => {
            Vec::new()
        }
    }
}

fn of_lack(lack: &Lack) -> Vec<Way<'_>> {
    let allows_less = |layers: &[Layer]| {
        let layers = layers.iter();
        layers.map(|layer| less(lack, *layer)).collect::<Vec<_>>()
    };
    let ways: Vec<Option<Way<'_>>> = match &lack.cause {
        Cause::NotAllowedIn(layers) => allows_less(layers),
        Cause::AllowedOnlyOn { by, .. } if by.is_empty() => {
            allows_less(&[Layer::Identity, Layer::Boundary])
        }
        Cause::AllowedOnlyOn { .. } => allows_less(&lack.cause.layers()),
        Cause::DeniedInLayer(layer) => vec![more(lack, *layer, None)],
        Cause::DeniedBy(by) | Cause::DeniedOn { by, .. } | Cause::MissingContext { by } => by
            .iter()
            .map(|at| more(lack, at.layer, Some(&at.policy)))
            .collect(),
        Cause::CannotEvaluate { by, .. } => vec![more(lack, by.layer, Some(&by.policy))],
        Cause::Unreadable { layer, policy, .. } => vec![more(lack, *layer, Some(policy))],
        Cause::AllowedBy(_) | Cause::NotChecked { .. } | Cause::NoAnswer { .. } => Vec::new(),
    };
    ways.into_iter().flatten().collect()
}

/// A layer no longer allows.
fn less(lack: &Lack, layer: Layer) -> Option<Way<'_>> {
    Some(match layer {
        Layer::Identity => Way::Less,
        Layer::Boundary => Way::Boundary(None),
        Layer::ServiceControl { .. } | Layer::ResourceControl { .. } => Way::OrganizationLess,
        Layer::Resource => Way::Resource(lack),
        Layer::Grant => Way::Grant(lack),
        Layer::Endpoint => Way::Endpoint(&lack.regions),
        // Whoever assumes a role says it, each time.
        Layer::Session => return None,
    })
}

/// A layer has a statement that it had not, in this policy where that is known.
fn more<'f>(lack: &'f Lack, layer: Layer, policy: Option<&'f str>) -> Option<Way<'f>> {
    match layer {
        Layer::Identity => Some(Way::More(policy)),
        Layer::Boundary => Some(Way::Boundary(policy)),
        Layer::ServiceControl { .. } | Layer::ResourceControl { .. } => {
            Some(Way::Organization(policy))
        }
        Layer::Resource | Layer::Grant | Layer::Endpoint | Layer::Session => less(lack, layer),
    }
}
