//! Differences: what will a set newly need after an upgrade?

use iam::ActionName;

use crate::set::ActionSet;
use crate::version::ProductVersion;

/// What changes in one set between two product versions. What a role must sit in (an instance profile) is the same
/// in every version we know, so it is not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetDiff<'c> {
    /// Actions that the later version needs and the earlier does not, in order of name.
    pub newly_needed: Vec<&'c ActionName>,
    /// Actions that the later version no longer needs.
    pub no_longer_needed: Vec<&'c ActionName>,
    /// Services that must newly be able to assume the role.
    pub newly_trusted: Vec<&'c str>,
    /// Services that need not any longer.
    pub no_longer_trusted: Vec<&'c str>,
}

impl SetDiff<'_> {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == SetDiff::default()
    }
}

/// What changes in a set from one version to another; either may be the newer.
#[must_use]
pub fn diff(set: &ActionSet, from: ProductVersion, to: ProductVersion) -> SetDiff<'_> {
    let only = |here: ProductVersion, there: ProductVersion| {
        set.actions_for(here)
            .filter(|action| !action.versions.contains(there))
            .map(|action| &action.name)
            .collect()
    };
    let trusted_only = |here: ProductVersion, there: ProductVersion| {
        let services = set.trust.services.iter();
        services
            .filter(|service| service.versions.contains(here) && !service.versions.contains(there))
            .map(|service| service.name.as_str())
            .collect()
    };
    SetDiff {
        newly_needed: only(to, from),
        no_longer_needed: only(from, to),
        newly_trusted: trusted_only(to, from),
        no_longer_trusted: trusted_only(from, to),
    }
}
