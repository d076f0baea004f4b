//! The catalog as JSON, version 1: what do scripts get from `permdrift catalog list`, `show` and `diff`?
//!
//! In: sets of the catalog. Out: one JSON document with `schemaVersion`. Fields are added within a version, never changed.

use std::collections::BTreeMap;
use std::io::Write;

use catalog::{ActionSet, Catalog, Need, ProductVersion, SetAction, SetDiff};
use serde::Serialize;

use crate::machine::json::upgrade::Upgraded;

/// The version of these forms.
const SCHEMA_VERSION: u32 = 1;

/// Writes all sets, without their actions.
///
/// # Errors
/// If writing fails.
pub fn list(
    out: &mut dyn Write,
    catalog: &Catalog,
    version: ProductVersion,
) -> serde_json::Result<()> {
    let sets = catalog
        .sets()
        .map(|set| ListedJson::of(set, version))
        .collect();
    print(
        out,
        &ListJson {
            schema_version: SCHEMA_VERSION,
            product_version: version.as_str(),
            sets,
        },
    )
}

/// Writes one set with its own actions in a version.
///
/// # Errors
/// If writing fails.
pub fn show(
    out: &mut dyn Write,
    catalog: &Catalog,
    set: &ActionSet,
    version: ProductVersion,
) -> serde_json::Result<()> {
    let ids = |ids: &'_ [catalog::SetId]| ids.iter().map(|id| id.as_str().to_owned()).collect();
    print(
        out,
        &ShowJson {
            schema_version: SCHEMA_VERSION,
            listed: ListedJson::of(set, version),
            product_version: version.as_str(),
            impact: &set.impact,
            grant: set.grant.as_str(),
            when: set.when.as_deref().map(|name| ConditionJson {
                name,
                question: catalog.condition(name).unwrap_or_default(),
            }),
            extends: ids(&set.extends),
            alternatives: ids(&set.alternatives),
            needs_one_of: ids(&set.needs_one_of),
            trust: TrustJson {
                services: set.trusted_services_for(version).collect(),
                appliance: set.trust.appliance,
            },
            instance_profile: set.instance_profile,
            notes: &set.notes,
            sources: set.sources.iter().map(SourceJson::of).collect(),
            actions: set
                .actions_for(version)
                .map(|action| ActionJson::of(action, catalog))
                .collect(),
        },
    )
}

/// Writes what changes between two versions, set by set, and what an account will lack after it, where one was looked at.
///
/// # Errors
/// If writing fails.
pub fn diff(
    out: &mut dyn Write,
    from: ProductVersion,
    to: ProductVersion,
    sets: &[(&ActionSet, SetDiff<'_>)],
    upgrade: Option<Upgraded<'_>>,
) -> serde_json::Result<()> {
    let sets = sets
        .iter()
        .map(|(set, diff)| ChangedJson {
            id: set.id.as_str(),
            newly_needed: diff.newly_needed.iter().map(|name| name.as_str()).collect(),
            no_longer_needed: diff
                .no_longer_needed
                .iter()
                .map(|name| name.as_str())
                .collect(),
            newly_trusted: diff.newly_trusted.clone(),
            no_longer_trusted: diff.no_longer_trusted.clone(),
        })
        .collect();
    print(
        out,
        &DiffJson {
            schema_version: SCHEMA_VERSION,
            from: from.as_str(),
            to: to.as_str(),
            sets,
            upgrade,
        },
    )
}

fn print(mut out: &mut dyn Write, form: &impl Serialize) -> serde_json::Result<()> {
    serde_json::to_writer_pretty(&mut out, form)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListJson<'a> {
    schema_version: u32,
    product_version: &'a str,
    sets: Vec<ListedJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedJson<'a> {
    id: &'a str,
    title: &'a str,
    operation: &'a str,
    severity: &'a str,
    principal: &'a str,
    lifetime: &'a str,
    action_count: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShowJson<'a> {
    schema_version: u32,
    product_version: &'a str,
    #[serde(flatten)]
    listed: ListedJson<'a>,
    impact: &'a str,
    grant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<ConditionJson<'a>>,
    extends: Vec<String>,
    alternatives: Vec<String>,
    needs_one_of: Vec<String>,
    trust: TrustJson<'a>,
    instance_profile: bool,
    notes: &'a [String],
    sources: Vec<SourceJson<'a>>,
    actions: Vec<ActionJson<'a>>,
}

#[derive(Serialize)]
struct ConditionJson<'a> {
    name: &'a str,
    question: &'a str,
}

#[derive(Serialize)]
struct TrustJson<'a> {
    services: Vec<&'a str>,
    appliance: bool,
}

#[derive(Serialize)]
struct SourceJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    page: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionJson<'a> {
    name: &'a str,
    /// The operation can do without it, always or depending on the answer to `condition`.
    optional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<ConditionJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<ScopeVariableJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    printed: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    api_operations: &'a [String],
    /// It stands in the source's list; otherwise the text beside the list names it.
    listed: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    context: &'a BTreeMap<String, Vec<String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScopeVariableJson<'a> {
    variable: &'a str,
    resource_types: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiffJson<'a> {
    schema_version: u32,
    from: &'a str,
    to: &'a str,
    sets: Vec<ChangedJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upgrade: Option<Upgraded<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangedJson<'a> {
    id: &'a str,
    newly_needed: Vec<&'a str>,
    no_longer_needed: Vec<&'a str>,
    newly_trusted: Vec<&'a str>,
    no_longer_trusted: Vec<&'a str>,
}

impl<'a> ListedJson<'a> {
    fn of(set: &'a ActionSet, version: ProductVersion) -> Self {
        Self {
            id: set.id.as_str(),
            title: &set.title,
            operation: &set.operation,
            severity: set.severity.as_str(),
            principal: set.principal.as_str(),
            lifetime: set.lifetime.as_str(),
            action_count: set.actions_for(version).count(),
        }
    }
}

impl<'a> SourceJson<'a> {
    fn of(source: &'a catalog::Source) -> Self {
        Self {
            version: source.version.map(ProductVersion::as_str),
            page: &source.page,
            date: source.date.as_deref(),
            build: source.build.as_deref(),
        }
    }
}

impl<'a> ActionJson<'a> {
    fn of(action: &'a SetAction, catalog: &'a Catalog) -> Self {
        let (because, condition) = match &action.need {
            Need::Required => (None, None),
            Need::Optional { reason } => (Some(reason.as_str()), None),
            Need::Conditional { condition } => {
                let question = catalog.condition(condition).unwrap_or_default();
                (
                    None,
                    Some(ConditionJson {
                        name: condition,
                        question,
                    }),
                )
            }
        };
        Self {
            name: action.name.as_str(),
            optional: !action.need.is_required(),
            because,
            condition,
            scope: action.scope.as_deref().map(|variable| ScopeVariableJson {
                variable,
                resource_types: catalog
                    .scope_variable(variable)
                    .map_or(&[], |declared| declared.resource_types.as_slice()),
            }),
            since: action.versions.since.map(ProductVersion::as_str),
            until: action.versions.until.map(ProductVersion::as_str),
            printed: action.printed.as_deref(),
            api_operations: &action.api_operations,
            listed: action.listed,
            context: &action.context,
        }
    }
}
