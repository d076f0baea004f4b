//! Grants: the policies that give an action set, as a careful or a careless administrator would write them.

use catalog::{Catalog, ProductVersion, ScopeValues, SetAction, SetId};

use crate::document::{Document, allow, document};

/// What a set needs, as documents that IAM would take: the smallest policy, split where it is too long.
///
/// `keep` leaves actions out. A set that the catalog does not know, or that no such policy grants, is a mistake here.
pub(crate) fn smallest(
    catalog: &Catalog,
    set: &str,
    version: ProductVersion,
    scope: &ScopeValues,
    keep: impl Fn(&SetAction) -> bool,
) -> Vec<Document> {
    let policies = catalog::policy(catalog, &[id(set)], version, scope, keep)
        .unwrap_or_else(|error| panic!("{set}: {error}"));
    policies
        .iter()
        .map(|policy| {
            document(policy.statements.iter().map(|statement| {
                let actions = statement.actions.iter().map(ToString::to_string);
                let mut allowed = allow(actions, statement.resources.clone());
                for (key, values) in &statement.context {
                    allowed = allowed.when("StringEquals", key, values.clone());
                }
                allowed
            }))
        })
        .collect()
}

/// `service:*` for every service of a set.
pub(crate) fn by_service(catalog: &Catalog, set: &str, version: ProductVersion) -> Document {
    let mut services: Vec<String> = names(catalog, set, version)
        .iter()
        .filter_map(|name| Some(format!("{}:*", name.split_once(':')?.0)))
        .collect();
    services.dedup();
    document([allow(services, ["*"])])
}

/// `service:Describe*` and the like for what reads, the names themselves for what writes.
pub(crate) fn by_verb(catalog: &Catalog, set: &str, version: ProductVersion) -> Document {
    let mut patterns: Vec<String> = names(catalog, set, version)
        .iter()
        .map(|name| {
            let (service, operation) = name.split_once(':').unwrap_or((name, ""));
            ["Describe", "List", "Get"]
                .iter()
                .find(|verb| operation.starts_with(*verb))
                .map_or_else(|| name.clone(), |verb| format!("{service}:{verb}*"))
        })
        .collect();
    patterns.sort();
    patterns.dedup();
    document([allow(patterns, ["*"])])
}

/// The names of a set's actions and of all that it extends, sorted.
pub(crate) fn names(catalog: &Catalog, set: &str, version: ProductVersion) -> Vec<String> {
    let sets = catalog
        .resolve(&id(set))
        .unwrap_or_else(|error| panic!("{error}"));
    let mut names: Vec<String> = catalog::merge(&sets, version)
        .iter()
        .map(|action| action.name.to_string())
        .collect();
    names.dedup();
    names
}

fn id(set: &str) -> SetId {
    set.parse().unwrap_or_else(|error| panic!("{error}"))
}
