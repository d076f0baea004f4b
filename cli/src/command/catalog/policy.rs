//! `permdrift catalog policy`: the smallest IAM policy for some action sets.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Catalog, Need, ProductVersion, ScopeValues, SetAction, SetId};
use report::machine::policies;

use super::chosen::find;
use crate::arguments::{PolicyArguments, PolicyFormat};
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
    let name = ids.iter().map(SetId::as_str).collect::<Vec<_>>().join("-");
    let text = match asked.format {
        PolicyFormat::Json => policies::json_of(documents.iter()),
        PolicyFormat::Terraform => policies::terraform_of(&documents, &name),
        PolicyFormat::Cloudformation => policies::cloudformation_of(&documents, &name),
    };
    output::bytes(|out| out.write_all(text.as_bytes()))?;
    if documents.len() > 1 {
        output::note(&format!(
            "{} policies, since one would be longer than IAM takes: attach them all",
            documents.len()
        ));
    }
    not_used(catalog, &ids, asked, &keep)?;
    left_out(catalog, &ids, version, &keep)
}

/// Notes each scope that no action of the policy is about, and which condition would put one in.
fn not_used(
    catalog: &Catalog,
    ids: &[SetId],
    asked: &PolicyArguments,
    keep: &impl Fn(&SetAction) -> bool,
) -> anyhow::Result<()> {
    let names: BTreeSet<String> = asked.scope.iter().map(|(name, _)| input(name)).collect();
    for name in names {
        let variables = catalog.scope_variables();
        let variables: Vec<&str> = variables
            .filter(|variable| variable.input.as_deref() == Some(&*name))
            .map(|variable| &*variable.name)
            .collect();
        let mut is_used = false;
        let mut conditions: BTreeSet<&str> = BTreeSet::new();
        for id in ids {
            let sets = catalog.resolve(id)?;
            let actions = sets
                .iter()
                .flat_map(|set| set.actions_for(asked.version.product_version));
            let about = actions.filter(|action| {
                let scope = action.scope.as_deref();
                scope.is_some_and(|scope| variables.contains(&scope))
            });
            for action in about {
                is_used |= keep(action);
                if let Need::Conditional { condition } = &action.need {
                    conditions.insert(condition);
                }
            }
        }
        if is_used {
            continue;
        }
        let hint: Vec<String> = conditions
            .into_iter()
            .map(|condition| format!("--condition {condition}"))
            .collect();
        let hint = match hint.as_slice() {
            [] => "no action of these sets is about it".to_owned(),
            some => format!(
                "{} puts in the actions that are about it",
                some.join(" or ")
            ),
        };
        output::note(&format!(
            "--scope {}= was not used: {hint}",
            name.replace('_', "-")
        ));
    }
    Ok(())
}

/// The input of a scope variable: tags are called `kms-key`, the input `kms_key`.
fn input(name: &str) -> String {
    name.replace('-', "_")
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
        if known.contains(&&*input(name)) {
            Ok(scope.with(&input(name), value))
        } else {
            Err(UsageError(format!(
                "unknown scope `{name}`: expected one of {}",
                known.join(", ").replace('_', "-")
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
