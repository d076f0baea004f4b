//! Bindings of the command line: which sets must whom hold, and what are they checked against?
//!
//! In: `--bind`, `--scope` and the names of action sets. Out: bindings, as the settings have them. They count besides what tags and
//! settings say.

use std::collections::{BTreeMap, BTreeSet};

use audit::pattern::Pattern;
use audit::settings::{Binding, is_assumer, is_region};
use catalog::{Catalog, ScopeValues};
use iam::AccountId;

use crate::arguments::Bind;
use crate::command::catalog::find;
use crate::exit::UsageError;

/// The scopes that are no variables of the catalog.
const REGIONS: &str = "regions";
const ASSUMED_BY: &str = "assumed-by";

/// What sets are checked against.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedScope {
    /// Values by the input of a scope variable.
    pub(crate) values: BTreeMap<Box<str>, Vec<Box<str>>>,
    pub(crate) regions: Vec<Box<str>>,
    pub(crate) assumed_by: Vec<Box<str>>,
}

/// The bindings that `--bind` asks for.
///
/// # Errors
/// [`UsageError`] for an unknown set or scope, for a value that makes no resource, and for a scope without a binding.
pub(crate) fn read(asked: &Bind, catalog: &Catalog) -> Result<Vec<Binding>, UsageError> {
    if asked.bind.is_empty() && !asked.scope.is_empty() {
        return Err(UsageError(
            "--scope says what the sets of --bind are checked against: add --bind PRINCIPAL=SET, or tag the principal".to_owned(),
        ));
    }
    let scope = scope(&asked.scope, catalog, None)?;
    let bindings = asked.bind.iter().map(|(principal, sets)| {
        let sets = sets.iter().map(|id| find(catalog, id));
        let sets = sets.map(|set| set.map(|set| set.id.as_str().into()));
        let binding = Binding {
            principal: Some(pattern(principal)),
            action_sets: sets.collect::<Result<_, _>>()?,
            ..scope.binding()
        };
        Ok(binding)
    });
    bindings.collect()
}

/// The users and roles that a name or an ARN, each perhaps with wildcards, means.
fn pattern(principal: &str) -> Pattern {
    match principal.starts_with("arn:") || principal.starts_with('*') {
        true => Pattern::new(principal),
        false => Pattern::new(&format!("*/{principal}")),
    }
}

/// The scope that the command line names.
///
/// # Errors
/// [`UsageError`] for an unknown name, and for a value that makes no resource.
pub(crate) fn scope(
    asked: &[(String, String)],
    catalog: &Catalog,
    account: Option<AccountId>,
) -> Result<NamedScope, UsageError> {
    let mut scope = NamedScope::default();
    for (name, value) in asked {
        // A tag is called `kms-key`, the variable `kms_key`.
        let name = name.replace('-', "_");
        let values = match name.as_str() {
            REGIONS if is_region(value) => &mut scope.regions,
            REGIONS => {
                return Err(UsageError(format!(
                    "`{value}` is no region: expected something like eu-central-1"
                )));
            }
            "assumed_by" if is_assumer(value) => &mut scope.assumed_by,
            "assumed_by" => {
                return Err(UsageError(format!(
                    "`{value}` cannot assume a role: expected an account id or the ARN of a role"
                )));
            }
            name => {
                check(catalog, account, name, value)?;
                scope.values.entry(name.into()).or_default()
            }
        };
        values.push(value.as_str().into());
    }
    Ok(scope)
}

fn check(
    catalog: &Catalog,
    account: Option<AccountId>,
    name: &str,
    value: &str,
) -> Result<(), UsageError> {
    let variables: Vec<_> = catalog
        .scope_variables()
        .filter(|variable| variable.input.as_deref() == Some(name))
        .collect();
    if variables.is_empty() {
        let inputs = catalog
            .scope_variables()
            .filter_map(|one| one.input.as_deref());
        let mut known: BTreeSet<String> = inputs.map(|input| input.replace('_', "-")).collect();
        known.extend([REGIONS, ASSUMED_BY].map(str::to_owned));
        let name = name.replace('_', "-");
        let advice = match catalog::nearest(&name, known.iter().map(String::as_str)) {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                let known: Vec<String> = known.into_iter().collect();
                format!("expected one of {}", known.join(", "))
            }
        };
        return Err(UsageError(format!("unknown scope `{name}`: {advice}")));
    }
    let values = ScopeValues {
        // Whichever account it is, the value fits or does not.
        account: account.or_else(|| "000000000000".parse().ok()),
        ..ScopeValues::default()
    };
    let values = values.with(name, value);
    let mut fills = variables.into_iter().map(|variable| variable.arns(&values));
    fills.try_for_each(|filled| {
        filled
            .map(|_| ())
            .map_err(|error| UsageError(error.to_string()))
    })
}

impl NamedScope {
    /// Whether it says anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.regions.is_empty() && self.assumed_by.is_empty()
    }

    /// A binding of nobody to nothing, checked against this.
    pub(crate) fn binding(&self) -> Binding {
        Binding {
            scope: self.values.clone(),
            regions: self.regions.clone(),
            assumed_by: self.assumed_by.clone(),
            ..Binding::default()
        }
    }
}
