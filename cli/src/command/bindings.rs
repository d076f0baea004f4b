//! Bindings of the command line: which sets must whom hold, and what are they checked against?
//!
//! In: `--bind`, `--scope` and the names of action sets. Out: bindings, as the settings have them. They count besides what tags and
//! settings say.

use std::collections::{BTreeMap, BTreeSet};

use audit::pattern::Pattern;
use audit::settings::{self, Answer, Binding, is_assumer, is_external_id, is_region};
use catalog::{Catalog, ScopeValues};
use iam::AccountId;

use crate::arguments::Bind;
use crate::command::catalog::find;
use crate::exit::UsageError;

/// The scopes that are no variables of the catalog, as the tags are called.
const REGIONS: &str = "regions";
const ASSUMED_BY: &str = "assumed-by";
const WORKER_ACCOUNT: &str = "worker-account";
const EXTERNAL_ID: &str = "external-id";

/// Why nothing was checked where nothing is bound.
pub(crate) const NOBODY_BOUND: &str = "nothing was checked, because none of these users and roles is bound to an action set: bind them with the tag `veeam:action-sets`, with [[bind]] in the settings, or with --bind PRINCIPAL=SET; `permdrift tag` proposes action sets";

/// What sets are checked against.
#[derive(Clone, Debug, Default)]
pub(crate) struct NamedScope {
    /// Values by the input of a scope variable.
    pub(crate) values: BTreeMap<Box<str>, Vec<Box<str>>>,
    pub(crate) regions: Vec<Box<str>>,
    pub(crate) assumed_by: Vec<Box<str>>,
    worker_accounts: Vec<AccountId>,
    external_ids: Vec<Box<str>>,
    /// Answers by condition.
    answers: BTreeMap<Box<str>, Answer>,
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
pub(crate) fn pattern(principal: &str) -> Pattern {
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
        let tag = name.replace('_', "-");
        let refuse = |why: &str| Err(UsageError(format!("`{value}` {why}")));
        let values = match tag.as_str() {
            REGIONS if is_region(value) => &mut scope.regions,
            REGIONS => return refuse("is no region: expected something like eu-central-1"),
            ASSUMED_BY if is_assumer(value) => &mut scope.assumed_by,
            ASSUMED_BY => {
                return refuse("cannot assume a role: expected an account id or the ARN of a role");
            }
            EXTERNAL_ID if is_external_id(value) => &mut scope.external_ids,
            EXTERNAL_ID => {
                let expected = settings::EXTERNAL_ID;
                return refuse(&format!("is no external id: expected {expected}"));
            }
            WORKER_ACCOUNT => {
                let Ok(account) = value.parse() else {
                    return refuse("is no account: expected the id, twelve digits");
                };
                scope.worker_accounts.push(account);
                continue;
            }
            condition if catalog.condition(condition).is_some() => {
                let yes = match value.as_str() {
                    "yes" | "true" => true,
                    "no" | "false" => false,
                    _ => {
                        return refuse(&format!(
                            "does not answer `{condition}`: expected yes or no"
                        ));
                    }
                };
                let answer = Answer { yes, line: 0 };
                scope.answers.insert(condition.into(), answer);
                continue;
            }
            _ => {
                let input = name.replace('-', "_");
                check(catalog, account, &input, value)?;
                scope.values.entry(input.into()).or_default()
            }
        };
        values.push(value.as_str().into());
    }
    Ok(scope)
}

/// Whether a value makes a resource of a scope variable.
///
/// # Errors
/// [`UsageError`] for an unknown name, and for a value that makes none.
pub(crate) fn check(
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
        let others = [REGIONS, ASSUMED_BY, WORKER_ACCOUNT, EXTERNAL_ID];
        known.extend(others.map(str::to_owned));
        let conditions = catalog.conditions().map(|(condition, _)| condition);
        let conditions: Vec<String> = conditions.map(str::to_owned).collect();
        let name = name.replace('_', "-");
        let all = known.iter().chain(&conditions).map(String::as_str);
        let advice = match catalog::nearest(&name, all) {
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
        let Self {
            values,
            regions,
            assumed_by,
            worker_accounts,
            external_ids,
            answers,
        } = self;
        values.is_empty()
            && regions.is_empty()
            && assumed_by.is_empty()
            && worker_accounts.is_empty()
            && external_ids.is_empty()
            && answers.is_empty()
    }

    /// A binding of nobody to nothing, checked against this.
    pub(crate) fn binding(&self) -> Binding {
        Binding {
            scope: self.values.clone(),
            regions: self.regions.clone(),
            assumed_by: self.assumed_by.clone(),
            worker_accounts: self.worker_accounts.clone(),
            external_ids: self.external_ids.clone(),
            answers: self.answers.clone(),
            ..Binding::default()
        }
    }
}
