//! What is wanted of a file: which action sets, checked against what, of whom?
//!
//! The sets and the scope of the command line become a binding of every principal, beside what tags and settings say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::bail;
use audit::pattern::Pattern;
use audit::retirement::RetiredOn;
use audit::settings::Binding;
use catalog::{ActionSet, Catalog};
use deployment::{Deployment, Form};
use iam::{Inventory, PrincipalArn, PrincipalKind};

use crate::arguments::CheckArguments;
use crate::command::audit::export::Format;
use crate::command::bindings::{self, NamedScope};
use crate::command::catalog::find;
use crate::exit::UsageError;
use crate::outputs::{self, named};

/// What the command line wants.
pub(super) struct Wanted<'c> {
    sets: Vec<&'c ActionSet>,
    scope: NamedScope,
}

/// Reads the sets and the scope.
///
/// # Errors
/// [`UsageError`] for an unknown set or scope, and for a value that makes no resource.
pub(super) fn read<'c>(
    asked: &CheckArguments,
    catalog: &'c Catalog,
) -> Result<Wanted<'c>, UsageError> {
    let sets = asked.action_set.iter().map(|id| find(catalog, id));
    Ok(Wanted {
        sets: sets.collect::<Result<_, _>>()?,
        scope: bindings::scope(&asked.scope, catalog, asked.account)?,
    })
}

/// Whether what is to be reported can be.
///
/// # Errors
/// [`UsageError`] for several files, for what is expected to be denied, and for formats that are about a live account.
pub(super) fn reports(
    asked: &CheckArguments,
    formats: &[(&Path, Format)],
) -> Result<(), UsageError> {
    let refuse = |why: &str| Err(UsageError(format!("--report {why}")));
    if formats.is_empty() {
        return Ok(());
    }
    if asked.files.len() > 1 {
        return refuse("is about one file: check them one by one");
    }
    if asked.expect_denied {
        return refuse("does not go with --expect-denied: --output json tells it to machines");
    }
    for (path, format) in formats {
        match format {
            Format::Sarif | Format::Junit | Format::Markdown => {}
            Format::Html | Format::Csv | Format::Asff | Format::Ocsf | Format::Json => {
                let name = path.display();
                return refuse(&format!(
                    "{name}: what is not deployed yet is written as .sarif, .junit.xml or .md; --output json is for the rest"
                ));
            }
        }
    }
    Ok(())
}

/// Whether no report is written over a file that is read, or twice.
///
/// # Errors
/// [`UsageError`] with both options.
pub(super) fn files(asked: &CheckArguments) -> Result<(), UsageError> {
    let rules = &asked.rules;
    let read = [
        named("the command line", &asked.files),
        named("--auth-details", asked.auth_details.as_slice()),
        named("--snapshot", &asked.snapshot),
        named("--settings", rules.settings.as_slice()),
        named("--scp", &rules.scp),
        named("--organization", rules.organization.as_slice()),
        named("--action-sets", &asked.action_sets),
    ];
    outputs::check(named("--report", &asked.report), read.into_iter().flatten())
}

/// Whether the listing is of the account that the command line names.
///
/// # Errors
/// [`UsageError`] with both accounts.
pub(super) fn same_account(
    asked: &CheckArguments,
    existing: Option<&Inventory>,
) -> Result<(), UsageError> {
    let listed = existing.and_then(|existing| existing.account);
    let option = match asked.snapshot.is_empty() {
        false => "--snapshot",
        true => "--auth-details",
    };
    match (asked.account, listed) {
        (Some(asked), Some(listed)) if asked != listed => Err(UsageError(format!(
            "the listing of {option} is of account {listed}, and --account says {asked}: pass the listing of the account that it is deployed to"
        ))),
        _ => Ok(()),
    }
}

impl Wanted<'_> {
    /// Where a retired set must be denied: on the resources that the command line names, if it names any.
    pub(super) fn retired_on(&self) -> RetiredOn {
        match self.scope.values.is_empty() {
            true => RetiredOn::Everything,
            false => RetiredOn::Scope,
        }
    }

    /// A binding of every principal, where anything is wanted that tags and settings may not say.
    pub(super) fn bindings(&self) -> Vec<Binding> {
        if self.sets.is_empty() && self.scope.is_empty() {
            return Vec::new();
        }
        let ids = self.sets.iter().map(|set| Box::from(set.id.as_str()));
        vec![Binding {
            principal: Some(Pattern::new("*")),
            action_sets: ids.collect(),
            ..self.scope.binding()
        }]
    }

    /// The sets that are looked at; `None` for those that tags and settings name.
    pub(super) fn ids(&self) -> Option<BTreeSet<Box<str>>> {
        let ids = self.sets.iter().map(|set| Box::from(set.id.as_str()));
        (!self.sets.is_empty()).then(|| ids.collect())
    }

    /// Whom the sets are meant for, where they are meant for one kind only.
    pub(super) fn kind(&self) -> Option<PrincipalKind> {
        [PrincipalKind::Role, PrincipalKind::User]
            .into_iter()
            .find(|kind| self.sets.iter().all(|set| set.principal.admits(*kind)))
    }
}

/// Whether parameters have a template that they are for.
///
/// # Errors
/// [`UsageError`] where nothing would use them.
pub(super) fn parameters(
    given: &BTreeMap<String, String>,
    read: &[(String, Deployment)],
) -> Result<(), UsageError> {
    let mut forms = read.iter().map(|(_, deployment)| deployment.form);
    let is_used = forms.any(|form| match form {
        Form::CloudFormation | Form::Sam => true,
        Form::Policy | Form::Terraform => false,
    });
    match given.keys().next() {
        Some(name) if !is_used => Err(UsageError(format!(
            "--parameter {name}: only CloudFormation and SAM templates have parameters, and none of the files is one"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// The principals of each file that were asked for; `None` for all.
///
/// # Errors
/// A name that no file holds, with the closest.
pub(super) fn principals(
    asked: &CheckArguments,
    read: &[(String, Deployment)],
) -> anyhow::Result<Vec<Option<BTreeSet<PrincipalArn>>>> {
    if asked.principal.is_empty() {
        return Ok(read.iter().map(|_| None).collect());
    }
    let mut found: Vec<BTreeSet<PrincipalArn>> = vec![BTreeSet::new(); read.len()];
    for name in &asked.principal {
        let mut met = false;
        for ((_, deployment), found) in read.iter().zip(&mut found) {
            for (arn, origin) in &deployment.origins {
                if origin.id == *name || arn.name() == name || arn.as_str() == name {
                    found.insert(arn.clone());
                    met = true;
                }
            }
        }
        let mut gone = read
            .iter()
            .filter(|(_, deployment)| is_gone(deployment, name));
        if let (false, Some((file, _))) = (met, gone.next()) {
            if !asked.expect_denied {
                bail!("`{name}` is deleted by {file}: --expect-denied is for that");
            }
            continue;
        }
        if !met {
            let places = read.iter().flat_map(|(_, deployment)| &deployment.origins);
            let names = places.flat_map(|(arn, origin)| [origin.id.as_str(), arn.name()]);
            let names: BTreeSet<&str> = names.collect();
            match catalog::nearest(name, names.iter().copied()) {
                Some(close) => {
                    bail!("no user or role `{name}` in the files: did you mean `{close}`?")
                }
                None => {
                    let names: Vec<&str> = names.into_iter().collect();
                    bail!(
                        "no user or role `{name}` in the files, but {}",
                        names.join(", ")
                    )
                }
            }
        }
    }
    Ok(found.into_iter().map(Some).collect())
}

/// Whether the deployment deletes the principal of this address or name.
pub(super) fn is_gone(deployment: &Deployment, asked: &str) -> bool {
    let mut gone = deployment.deleted.iter();
    gone.any(|(id, name)| id == asked || name == asked)
}
