//! Regions: is what is set for the account in them as the operations need it?

use catalog::{BackupNeed, OptInNeed};
use iam::PrincipalKind;

use super::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use super::inspected::Inspected;
use crate::judge::verdict::{Place, Verdict};
use crate::resources::RegionStatus;

/// The role that AWS Backup makes for itself.
const SERVICE_ROLE: &str = "AWSServiceRoleForBackup";
/// The resource type whose backups go through that role.
const WITH_SERVICE_ROLE: &str = "EFS";

/// Whether the principal may do something that Veeam does by itself where it is necessary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum May {
    Yes,
    No,
    /// It was not asked, or could not be decided.
    Unknown,
}

/// What the principal of a verdict may do, as far as its requirement asks about it.
pub(super) struct Judged<'v>(pub(super) &'v Verdict);

impl Judged<'_> {
    fn may(&self, action: &str, region: Option<&str>) -> May {
        let Self(verdict) = self;
        let requirement = &*verdict.requirement;
        let is_here = |place: &Place| {
            let asked = place.region(requirement);
            region.is_none() || asked.is_none() || asked == region
        };
        let is_meant = |place: &Place| {
            let mut actions = place.actions(requirement);
            is_here(place) && actions.any(|name| name.as_str().eq_ignore_ascii_case(action))
        };
        let mut missing = verdict.missing.iter().flat_map(|one| &one.places);
        let mut unknown = verdict.unknown.iter().flat_map(|one| &one.places);
        let mut questions = requirement.questions();
        if missing.any(is_meant) {
            May::No
        } else if unknown.any(is_meant) {
            May::Unknown
        } else if questions.any(|question| {
            let mut actions = question.actions.iter();
            actions.any(|name| name.as_str().eq_ignore_ascii_case(action))
        }) {
            May::Yes
        } else {
            May::Unknown
        }
    }

    /// Whether `backup:UpdateRegionSettings` is allowed in a region.
    fn may_opt_in(&self, region: &str) -> May {
        self.may("backup:UpdateRegionSettings", Some(region))
    }

    /// Whether `iam:CreateServiceLinkedRole` is allowed.
    fn may_make_service_role(&self) -> May {
        self.may("iam:CreateServiceLinkedRole", None)
    }
}

/// What hangs on no permission of the principal.
pub(super) fn find(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    let mut add = |region: &str, weight, kind| {
        faults.push(ResourceFault {
            resource: FaultyResource::Region(region.into()),
            weight,
            kind,
        });
    };
    if let Some(statuses) = inspected.resources.enabled_regions.read() {
        for region in inspected.requirement.regions.iter() {
            match statuses.get(&**region) {
                Some(RegionStatus::Default | RegionStatus::OptedIn) => {}
                Some(RegionStatus::NotOptedIn) => {
                    add(region, Weight::Breaks, ResourceFaultKind::RegionNotEnabled);
                }
                None => add(region, Weight::Unknown, ResourceFaultKind::RegionNotListed),
            }
        }
    }
    if inspected.settings.iter().any(|need| need.plain_volumes) {
        for (name, region) in inspected.regions() {
            if region.ebs_encryption_by_default.read() == Some(&true) {
                add(name, Weight::Notice, ResourceFaultKind::VolumesEncrypted);
            }
        }
    }
}

/// Whether what AWS Backup needs hangs on permissions of the principal.
pub(super) fn has_more(inspected: &Inspected<'_>) -> bool {
    let needs = inspected.settings.iter();
    needs.filter(|need| need.backup.is_some()).count() > 0
        && inspected
            .regions()
            .any(|(_, region)| region.backup.read().is_some())
}

/// What hangs on permissions of the principal: Veeam opts a type in by itself where it may.
pub(super) fn find_with(
    inspected: &Inspected<'_>,
    judged: &Judged<'_>,
    faults: &mut Vec<ResourceFault>,
) {
    let needs = inspected.settings.iter();
    for need in needs.filter_map(|need| need.backup.as_ref()) {
        for (name, region) in inspected.regions() {
            let Some(settings) = region.backup.read() else {
                continue;
            };
            let may = judged.may_opt_in(name);
            let mut add = |weight, kind| {
                faults.push(ResourceFault {
                    resource: FaultyResource::Region(name.into()),
                    weight,
                    kind,
                });
            };
            if let Some(weight) = switch(settings.opt_in.get(&need.kind), may, need.opt_in) {
                add(weight, ResourceFaultKind::NotOptedIn(need.kind.clone()));
            }
            if need.full_management {
                let is_on = settings.management.get(&need.kind);
                if let Some(weight) = switch(is_on, may, OptInNeed::Needed) {
                    add(weight, ResourceFaultKind::NotManaged(need.kind.clone()));
                }
            }
            if lacks_service_role(inspected, need) && judged.may_make_service_role() != May::Yes {
                let kind = ResourceFaultKind::NoServiceRole(SERVICE_ROLE.into());
                add(Weight::Notice, kind);
            }
        }
    }
}

/// What a switch of AWS Backup means; `None` where it is on.
fn switch(is_on: Option<&bool>, may: May, need: OptInNeed) -> Option<Weight> {
    match (is_on, may, need) {
        (Some(true), _, _) => None,
        (Some(false), May::Yes, _) => Some(Weight::Notice),
        (Some(false), May::No, OptInNeed::Needed) => Some(Weight::Breaks),
        (Some(false), May::No, OptInNeed::Perhaps) | (Some(false), May::Unknown, _) => {
            Some(Weight::Unknown)
        }
        // AWS does not list the type there.
        (None, _, _) => Some(Weight::Unknown),
    }
}

/// B8: a hint, where the listing is known to be whole.
fn lacks_service_role(inspected: &Inspected<'_>, need: &BackupNeed) -> bool {
    let inventory = inspected.inventory;
    let mut roles = inventory.principals.iter();
    *need.kind == *WITH_SERVICE_ROLE
        && inventory.gaps.is_empty()
        && !roles.any(|role| {
            role.arn.kind() == PrincipalKind::Role
                && role.arn.name() == SERVICE_ROLE
                && role.arn.account() == inspected.account
        })
}
