//! Vaults: which requests of a question about `*` are about a declared vault of AWS Backup, or about what is in it?
//!
//! Nothing names a vault in a question: most actions on what is in it are about recovery points. In: the question, the vault, the set.
//! Out: the ARNs that requests have, each with its actions.

use std::sync::Arc;

use catalog::{KeyRole, key_needs, meant_resources, recovery_point};
use iam::{ActionName, Arn, Known, Question};

use super::made_up::made_up;
use crate::bind::requirement::Requirement;
use crate::resources::{NamedResource, Resources};

/// Actions with their positions in a question.
pub(super) type Actions = Vec<(u16, ActionName)>;

/// Whether requests of a question can be about a vault: it is in the region that they are made in.
pub(super) fn is_asked_about(question: &Question, named: &NamedResource) -> bool {
    let Some(vault) = parsed(named) else {
        return false;
    };
    match question.context.get("aws:RequestedRegion") {
        Known::Values(regions) => regions.iter().any(|region| **region == *vault.region),
        Known::Absent | Known::Unknown => true,
    }
}

/// The vault and a recovery point in it, each with the actions on it and their positions in the question.
pub(super) fn about_vault(
    question: &Question,
    named: &NamedResource,
    set: &str,
) -> Vec<(Arc<str>, Actions)> {
    let (NamedResource::Vault(arn), Some(vault)) = (named, parsed(named)) else {
        return Vec::new();
    };
    let mut on_vault = Vec::new();
    let mut on_point = Vec::new();
    for (position, action) in (0_u16..).zip(question.actions.iter()) {
        if !action.service().eq_ignore_ascii_case("backup") {
            continue;
        }
        let meant = meant_resources(action).unwrap_or_default();
        let mut arns = meant.iter().flat_map(|one| one.arns.iter());
        if arns.clone().any(|arn| arn.contains(":backup-vault:")) {
            on_vault.push((position, action.clone()));
        } else if arns.any(|arn| arn.contains("RecoveryPointId")) {
            on_point.push((position, action.clone()));
        }
    }
    vec![
        ((&**arn).into(), on_vault),
        (point(&vault, set).into(), on_point),
    ]
}

/// Whether AWS Backup uses the keys of declared vaults by itself for the operations of a requirement.
pub(crate) fn uses_keys_of_vaults(requirement: &Requirement) -> bool {
    let mut needs = key_needs().iter();
    let mut named = requirement.resources.iter();
    named.any(|named| matches!(named, NamedResource::Vault(_)))
        && needs.any(|need| {
            let mut sets = need.sets.iter();
            need.actions.is_empty()
                && need.keys.contains(&KeyRole::Vault)
                && sets.any(|set| set.as_str() == &*requirement.set)
        })
}

/// Whether it is the action for which AWS Backup uses the key of a vault.
pub(crate) fn starts_job(action: &ActionName) -> bool {
    let name = action.as_str();
    name.eq_ignore_ascii_case("backup:StartBackupJob")
}

/// The keys of vaults that AWS Backup uses by itself for the operations of a requirement, each with what it does with them in place of the
/// action that starts a job.
pub(super) fn keys_of_vaults(
    question: &Question,
    requirement: &Requirement,
    resources: &Resources,
) -> Vec<(Arc<str>, Actions)> {
    let is_by_itself = uses_keys_of_vaults(requirement);
    let mut actions = (0_u16..).zip(question.actions.iter());
    let starts = actions.find(|(_, action)| is_by_itself && starts_job(action));
    let Some((position, _)) = starts else {
        return Vec::new();
    };
    let uses = ["kms:Decrypt", "kms:GenerateDataKey"];
    let uses = uses.iter().filter_map(|name| name.parse().ok());
    let uses: Actions = uses.map(|action| (position, action)).collect();
    let vaults = requirement.resources.iter();
    let vaults = vaults.filter(|named| is_asked_about(question, named));
    let keys = vaults.filter_map(|named| match named {
        NamedResource::Vault(arn) => resources
            .vaults
            .get(arn)?
            .description
            .read()?
            .key
            .as_deref(),
        NamedResource::Key { .. } | NamedResource::Bucket(_) => None,
    });
    let keys = keys.filter(|key| resources.keys.contains_key(*key));
    keys.map(|key| (key.into(), uses.clone())).collect()
}

fn parsed(named: &NamedResource) -> Option<Arn<'_>> {
    match named {
        NamedResource::Vault(arn) => Arn::parse(arn).ok(),
        NamedResource::Key { .. } | NamedResource::Bucket(_) => None,
    }
}

/// A recovery point in a vault. Where the set does not say which kind it is, it is AWS Backup's own.
fn point(vault: &Arn<'_>, set: &str) -> String {
    const OWN: &str =
        "arn:${Partition}:backup:${Region}:${Account}:recovery-point:${RecoveryPointId}";
    made_up(
        recovery_point(set).unwrap_or(OWN),
        vault.partition,
        vault.region,
        vault.account,
    )
}
