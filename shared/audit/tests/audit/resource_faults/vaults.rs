//! Vaults: B3, B6.

use audit::resource_faults::fault::{ResourceFaultKind as Kind, Weight};
use audit::resources::{NamedResource, Region, Vault, VaultDescription};

use super::{Account, REGION, read, refused};

const ARN: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:veeam";
const LABEL: &str = "vault veeam in eu-central-1 of 111122223333";

pub(super) fn set_vault(
    account: &mut Account,
    arn: &str,
    change: impl FnOnce(&mut VaultDescription),
) {
    let mut description = VaultDescription {
        is_locked: false,
        state: "AVAILABLE".into(),
        kind: "BACKUP_VAULT".into(),
        key: None,
    };
    change(&mut description);
    let vault = Vault {
        description: read(description),
        policy: read(None),
    };
    account.resources.vaults.insert(arn.into(), vault);
}

fn with_vault(change: impl FnOnce(&mut VaultDescription)) -> Account {
    let mut account = Account::of("vbaws-role-efs-backup");
    account.named.push(NamedResource::Vault(ARN.into()));
    set_vault(&mut account, ARN, change);
    account
}

#[test]
fn b3_a_locked_or_air_gapped_vault_is_not_supported() {
    with_vault(|_| {}).is_quiet();
    with_vault(|one| one.is_locked = true).has(LABEL, Weight::Breaks, Kind::VaultLocked);
    let kind = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT";
    with_vault(|one| one.kind = kind.into()).has(
        LABEL,
        Weight::Breaks,
        Kind::VaultKind(kind.into()),
    );
    // A vault that nobody named is none of Veeam's.
    with_vault(|one| one.is_locked = true)
        .with(|one| one.named.clear())
        .is_quiet();
}

#[test]
fn a_vault_that_is_not_available_takes_nothing() {
    let failed = Kind::VaultState("FAILED".into());
    with_vault(|one| one.state = "FAILED".into()).has(LABEL, Weight::Breaks, failed);
    let creating = Kind::VaultState("CREATING".into());
    with_vault(|one| one.state = "CREATING".into()).has(LABEL, Weight::Unknown, creating);
    with_vault(|one| one.state = "".into()).is_quiet();
}

#[test]
fn a_vault_that_its_region_does_not_list_is_not_there() {
    let listed = |names: &[&str]| {
        let names = names.iter().map(|name| Box::from(*name)).collect();
        with_vault(|_| {}).with(|one| {
            one.resources.vaults.clear();
            let region = Region {
                vaults: read(names),
                ..Region::default()
            };
            one.resources.regions.insert(REGION.into(), region);
        })
    };
    listed(&["Default"]).has(LABEL, Weight::Breaks, Kind::NotThere);
    listed(&["Default", "veeam"]).is_quiet();
    let gone = Vault {
        policy: refused(),
        description: audit::resources::Reading::Refused("ResourceNotFoundException".into()),
    };
    with_vault(|_| {})
        .with(|one| _ = one.resources.vaults.insert(ARN.into(), gone))
        .has(LABEL, Weight::Breaks, Kind::NotThere);
}

#[test]
fn whether_a_vault_of_another_account_is_there_is_not_known() {
    let foreign = "arn:aws:backup:eu-central-1:999988887777:backup-vault:veeam";
    let gone = Vault {
        policy: refused(),
        description: audit::resources::Reading::Refused("ResourceNotFoundException".into()),
    };
    let mut account = Account::of("vbaws-role-efs-backup");
    account.named.push(NamedResource::Vault(foreign.into()));
    account.resources.vaults.insert(foreign.into(), gone);
    account.is_quiet();
}

#[test]
fn b6_a_region_without_a_vault_keeps_no_backup() {
    let with = |vaults| {
        Account::of("vbaws-role-redshift-backup").with(|one| {
            let region = Region {
                vaults,
                ..Region::default()
            };
            one.resources.regions.insert(REGION.into(), region);
        })
    };
    let label = "region eu-central-1";
    with(read([].into())).has(label, Weight::Breaks, Kind::NoVault);
    with(read(["Default".into()].into())).is_quiet();
    with(refused()).is_quiet();
    // Redshift Serverless goes through no vault.
    with(read([].into()))
        .with(|one| one.set = "vbaws-role-redshift-serverless-backup")
        .is_quiet();
}

#[test]
fn a_vault_that_was_not_read_has_no_fault() {
    let mut blind = with_vault(|_| {});
    let vault = Vault {
        policy: refused(),
        description: refused(),
    };
    blind.resources.vaults.insert(ARN.into(), vault);
    blind.is_quiet();
}
