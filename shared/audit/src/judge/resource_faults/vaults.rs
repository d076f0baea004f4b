//! Vaults: can AWS Backup keep recovery points in them for Veeam?

use std::collections::BTreeSet;

use iam::Arn;

use super::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use super::inspected::{Inspected, is_not_there};
use crate::resources::{Vault, VaultDescription};

/// The kind of vault that everybody can use.
const PLAIN: &str = "BACKUP_VAULT";

fn state(description: &VaultDescription) -> ResourceFaultKind {
    ResourceFaultKind::VaultState(description.state.clone())
}

/// Whether AWS says that there is no such vault: by itself, or because its region does not list it. Of another account's it says the
/// same whether there is one or not.
fn is_missing(inspected: &Inspected<'_>, arn: &str, vault: Option<&Vault>) -> bool {
    if vault.is_some_and(|vault| vault.description.read().is_some()) {
        return false;
    }
    let is_refused = |vault: &Vault| is_not_there(&vault.description, "ResourceNotFoundException");
    let Ok(parsed) = Arn::parse(arn) else {
        return false;
    };
    if parsed.account != inspected.account.as_str() {
        return false;
    }
    let region = inspected.resources.regions.get(parsed.region);
    let listed = region.and_then(|region| region.vaults.read());
    let name = parsed.resource.strip_prefix("backup-vault:");
    let is_listed = |name: &str| listed.is_none_or(|listed| listed.contains(name));
    vault.is_some_and(is_refused) || name.is_some_and(|name| !is_listed(name))
}

pub(super) fn find(inspected: &Inspected<'_>, faults: &mut Vec<ResourceFault>) {
    for arn in inspected.vaults() {
        let resource = FaultyResource::Vault(arn.into());
        let mut add_as = |weight, kind| {
            faults.push(ResourceFault {
                resource: resource.clone(),
                weight,
                kind,
            });
        };
        let known = inspected.resources.vaults.get(arn);
        if is_missing(inspected, arn, known) {
            add_as(Weight::Breaks, ResourceFaultKind::NotThere);
        }
        let Some(vault) = known else {
            continue;
        };
        if let Some(description) = vault.description.read() {
            match &*description.state {
                "" | "AVAILABLE" => {}
                "FAILED" => add_as(Weight::Breaks, state(description)),
                _ => add_as(Weight::Unknown, state(description)),
            }
        }
        let mut add = |kind| add_as(Weight::Breaks, kind);
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
