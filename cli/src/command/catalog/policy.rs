//! `permdrift catalog policy`: the smallest IAM policy for some action sets.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Catalog, Need, ProductVersion, ScopeValues, SetAction, SetId};
use report::machine::policies;

use super::chosen::find;
use crate::arguments::{PolicyArguments, PolicyFormat};
use crate::command::bindings;
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
    keys_of_operations(catalog, &ids, asked)?;
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
    without_effect(catalog, &ids, asked)?;
    unscoped(catalog, &ids, asked, &keep)?;
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
        let actions = about(catalog, ids, asked.version.product_version, &name)?;
        if actions.iter().any(|action| keep(action)) {
            continue;
        }
        let conditions: BTreeSet<&str> = actions
            .iter()
            .filter_map(|action| match &action.need {
                Need::Conditional { condition } => Some(&**condition),
                Need::Required | Need::Optional { .. } => None,
            })
            .collect();
        let hint: Vec<String> = conditions
            .into_iter()
            .map(|condition| format!("--condition {condition}"))
            .collect();
        let hint = match hint.as_slice() {
            [] => "no action of these sets works with such a resource".to_owned(),
            some => format!("{} adds the actions that work with it", some.join(" or ")),
        };
        output::note(&format!(
            "--scope {}= had no effect: {hint}",
            name.replace('_', "-")
        ));
    }
    Ok(())
}

/// Notes each condition that no action of these sets depends on.
fn without_effect(catalog: &Catalog, ids: &[SetId], asked: &PolicyArguments) -> anyhow::Result<()> {
    let mut depended_on: BTreeSet<&str> = BTreeSet::new();
    for id in ids {
        for set in catalog.resolve(id)? {
            let actions = set.actions_for(asked.version.product_version);
            depended_on.extend(actions.filter_map(|action| match &action.need {
                Need::Conditional { condition } => Some(&**condition),
                Need::Required | Need::Optional { .. } => None,
            }));
        }
    }
    let asked: BTreeSet<&str> = asked.condition.iter().map(String::as_str).collect();
    for condition in asked.difference(&depended_on) {
        output::note(&format!(
            "--condition {condition} had no effect: no action of these sets depends on it"
        ));
    }
    Ok(())
}

/// Notes which actions of the policy are allowed on every resource because a scope was not given.
fn unscoped(
    catalog: &Catalog,
    ids: &[SetId],
    asked: &PolicyArguments,
    keep: &impl Fn(&SetAction) -> bool,
) -> anyhow::Result<()> {
    let given: BTreeSet<String> = asked.scope.iter().map(|(name, _)| input(name)).collect();
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for id in ids {
        for set in catalog.resolve(id)? {
            let actions = set.actions_for(asked.version.product_version);
            for action in actions.filter(|action| keep(action)) {
                let variable = action.scope.as_ref();
                let variable = variable.and_then(|name| catalog.scope_variable(name));
                let input = variable.and_then(|variable| variable.input.as_deref());
                if let Some(input) = input.filter(|input| !given.contains(*input)) {
                    open.entry(input).or_default().insert(action.name.as_str());
                }
            }
        }
    }
    for (input, actions) in open {
        let actions = actions.into_iter().collect::<Vec<_>>().join(", ");
        output::note(&format!(
            "on every resource (*), because --scope {}= is not given: {actions}",
            input.replace('_', "-")
        ));
    }
    Ok(())
}

/// The actions of these sets that are checked against a scope with this input.
fn about<'c>(
    catalog: &'c Catalog,
    ids: &[SetId],
    version: ProductVersion,
    input: &str,
) -> anyhow::Result<Vec<&'c SetAction>> {
    let variables = catalog.scope_variables();
    let variables: Vec<&str> = variables
        .filter(|variable| variable.input.as_deref() == Some(input))
        .map(|variable| &*variable.name)
        .collect();
    let mut all = Vec::new();
    for id in ids {
        for set in catalog.resolve(id)? {
            all.extend(set.actions_for(version).filter(|action| {
                let scope = action.scope.as_deref();
                scope.is_some_and(|scope| variables.contains(&scope))
            }));
        }
    }
    Ok(all)
}

/// Refuses the keys of operations: an audit asks about them what the operation needs, and a policy has no such statements.
fn keys_of_operations(
    catalog: &Catalog,
    ids: &[SetId],
    asked: &PolicyArguments,
) -> anyhow::Result<()> {
    const KEYS: [(&str, &str); 3] = [
        ("repository_key", " --condition kms-encrypted-repository"),
        ("source_key", ""),
        ("target_key", ""),
    ];
    for (name, value) in &asked.scope {
        let key = KEYS.iter().find(|(key, _)| *key == input(name));
        let Some((key, condition)) = key else {
            continue;
        };
        if about(catalog, ids, asked.version.product_version, key)?.is_empty() {
            return Err(UsageError(format!(
                "--scope {name}= says to an audit which key an operation works with, and narrows no policy: --scope kms-key={value}{condition} does"
            ))
            .into());
        }
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
    let known = catalog.scope_variables();
    let known: BTreeSet<&str> = known
        .filter_map(|variable| variable.input.as_deref())
        .collect();
    let scope = ScopeValues {
        partition: asked.partition.clone(),
        account: asked.account,
        ..ScopeValues::default()
    };
    asked.scope.iter().try_fold(scope, |scope, (name, value)| {
        if !known.contains(&*input(name)) {
            let known: Vec<&str> = known.iter().copied().collect();
            return Err(UsageError(format!(
                "unknown scope `{name}`: expected one of {}",
                known.join(", ").replace('_', "-")
            )));
        }
        bindings::check(catalog, asked.account, &input(name), value)?;
        Ok(scope.with(&input(name), value))
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
