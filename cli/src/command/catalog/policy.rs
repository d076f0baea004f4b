//! `permdrift catalog policy`: the smallest IAM policy for some action sets.

use std::collections::BTreeMap;

use catalog::{Catalog, Need, PolicyDocument, ProductVersion, ScopeValues, SetAction, SetId};

use super::chosen::find;
use crate::arguments::PolicyArguments;
use crate::exit::UsageError;
use crate::output;

/// Prints the policy, or several where one would be too long.
///
/// # Errors
/// An unknown set, condition or scope; a set that no IAM policy grants; output that cannot be written.
pub(super) fn print(catalog: &Catalog, asked: &PolicyArguments) -> anyhow::Result<()> {
    let version = asked.version.product_version;
    let ids = asked
        .ids
        .iter()
        .map(|id| Ok(find(catalog, id)?.id.clone()))
        .collect::<Result<Vec<SetId>, UsageError>>()?;
    known_conditions(catalog, &asked.condition)?;
    let scope = scope(catalog, asked)?;
    let keep = |action: &SetAction| match &action.need {
        Need::Required => true,
        Need::Optional { .. } => asked.optional,
        Need::Conditional { condition } => asked.condition.iter().any(|held| **held == **condition),
    };
    let documents = catalog::policy(catalog, &ids, version, &scope, keep)?;
    output::bytes(|out| match documents.as_slice() {
        [one] => writeln!(out, "{}", one.to_json()),
        several => {
            let texts: Vec<String> = several.iter().map(PolicyDocument::to_json).collect();
            writeln!(out, "[{}]", texts.join(",\n"))
        }
    })?;
    if documents.len() > 1 {
        output::note(&format!(
            "{} policies, since one would be longer than IAM takes: attach them all",
            documents.len()
        ));
    }
    left_out(catalog, &ids, version, &keep)
}

fn known_conditions(catalog: &Catalog, names: &[String]) -> Result<(), UsageError> {
    let Some(unknown) = names.iter().find(|name| catalog.condition(name).is_none()) else {
        return Ok(());
    };
    let known: Vec<&str> = catalog.conditions().map(|(name, _)| name).collect();
    Err(UsageError(format!(
        "unknown condition `{unknown}`: expected one of {}",
        known.join(", ")
    )))
}

fn scope(catalog: &Catalog, asked: &PolicyArguments) -> Result<ScopeValues, UsageError> {
    let mut known: Vec<&str> = catalog
        .scope_variables()
        .filter_map(|variable| variable.input.as_deref())
        .collect();
    known.sort_unstable();
    known.dedup();
    let scope = ScopeValues {
        partition: asked.partition.clone(),
        account: asked.account,
        ..ScopeValues::default()
    };
    asked.scope.iter().try_fold(scope, |scope, (name, value)| {
        if known.contains(&name.as_str()) {
            Ok(scope.with(name, value))
        } else {
            Err(UsageError(format!(
                "unknown scope `{name}`: expected one of {}",
                known.join(", ")
            )))
        }
    })
}

/// Says which actions are not in the policy, and how to put them in.
fn left_out(
    catalog: &Catalog,
    ids: &[SetId],
    version: ProductVersion,
    keep: &impl Fn(&SetAction) -> bool,
) -> anyhow::Result<()> {
    let mut left: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for id in ids {
        let sets = catalog.resolve(id)?;
        for action in sets.iter().flat_map(|set| set.actions_for(version)) {
            let why = match &action.need {
                Need::Required => continue,
                Need::Optional { reason } => format!("{reason} (--optional)"),
                Need::Conditional { condition } => {
                    let question = catalog.condition(condition).unwrap_or_default();
                    format!("{question} (--condition {condition})")
                }
            };
            if !keep(action) {
                left.entry(why).or_default().push(action.name.as_str());
            }
        }
    }
    for (why, mut actions) in left {
        actions.sort_unstable();
        actions.dedup();
        output::note(&format!("left out: {}: {why}", actions.join(", ")));
    }
    Ok(())
}
