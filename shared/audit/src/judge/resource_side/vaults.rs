//! Vaults: which requests of a question about `*` are about a declared vault of AWS Backup, or about what is in it?
//!
//! Nothing names a vault in a question: most actions on what is in it are about recovery points. In: the question, the vault, the set.
//! Out: the ARNs that requests have, each with its actions.

use std::sync::Arc;

use catalog::{meant_resources, recovery_point};
use iam::{ActionName, Arn, Known, Question};

use super::undeclared::made_up;
use crate::resources::NamedResource;

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
