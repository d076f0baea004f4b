//! Vaults: can AWS Backup keep recovery points in them for Veeam?

use std::collections::BTreeSet;

use super::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use super::inspected::Inspected;

/// The kind of vault that everybody can use.
const PLAIN: &str = "BACKUP_VAULT";

pub(super) fn find(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    for arn in inspected.vaults() {
        let Some(vault) = inspected.resources.vaults.get(arn) else {
            continue;
        };
        let resource = FaultyResource::Vault(arn.into());
        let mut add = |kind| {
            faults.push(ResourceFault {
                resource: resource.clone(),
                weight: Weight::Breaks,
                kind,
            });
        };
        if let Some(description) = vault.description.read() {
            if description.is_locked {
                add(ResourceFaultKind::VaultLocked);
            }
            if &*description.kind != PLAIN {
                add(ResourceFaultKind::VaultKind(description.kind.clone()));
            }
        }
        faults.extend(inspected.dead_if_any(&resource, &vault.policy));
    }
    if inspected.settings.iter().any(|need| need.backup.is_some()) {
        for (name, region) in inspected.regions() {
            if region.vaults.read().is_some_and(BTreeSet::is_empty) {
                faults.push(ResourceFault {
                    resource: FaultyResource::Region(name.into()),
                    weight: Weight::Breaks,
                    kind: ResourceFaultKind::NoVault,
                });
            }
        }
    }
}
