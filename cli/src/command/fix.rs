//! `permdrift fix`: which policy closes what a principal lacks, and what can none close?

use audit::fix::{Fix, fix};
use audit::{Asked, Bound, Principals, Selection, Settings, bind, look, principals};
use iam::PrincipalArn;
use jiff::Timestamp;
use report::machine::policies;
use report::screen;

use super::catalog::ids;
use crate::arguments::{FixArguments, FixFormat};
use crate::command::bindings;
use crate::exit::{Exit, UsageError};
use crate::saved::Files;
use crate::source::{Source, not_looked};
use crate::{account, output};

/// Audits one principal, and prints what closes its gap.
///
/// # Errors
/// What cannot be read, found or written.
pub(crate) fn run(asked: &FixArguments) -> anyhow::Result<Exit> {
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    let (settings, catalog) =
        account::settings(asked.account.rules.settings.as_deref(), &asked.action_sets)?;
    let credential_report = asked.credential_report.as_deref();
    let files = Files::of_account(&asked.account, credential_report)?;
    let (source, progress) =
        Source::open(&asked.account, &settings, &files, credential_report, now)?;
    let audit = Asked {
        principals: Principals::Named(vec![asked.principal.clone()]),
        sets: ids(&catalog, &asked.action_set)?,
        bindings: bindings::read(&asked.bind, &catalog)?,
        version: asked.version.product_version,
        excess: None,
        canary: None,
        ..Asked::new(&catalog, &settings, now)
    };
    let look = source.wait(look(&audit, &source))?.map_err(not_looked)?;
    let inventory = &look.listed.inventory;
    let principal = principals::one(inventory, &asked.principal)?;
    if look.listed.bound.subjects.is_empty() {
        let selection = Selection {
            sets: None,
            ..look.listed.selection.clone()
        };
        let bound = bind(&audit, inventory, &selection);
        return Err(unbound(&principal.arn, &bound, &settings));
    }
    let found = source.wait(fix(&look, principal, &source))??;
    drop(progress);
    print(&found, asked.format)?;
    let layers = &look.assessment.coverage.layers;
    output::aside(|pen| screen::fix::write(pen, &found, layers, &settings.owners))?;
    source.note_calls();
    Ok(exit(&found))
}

/// Why there was nothing to look at; `bound` is what holds for the principal, whatever set was asked for.
fn unbound(principal: &PrincipalArn, bound: &Bound, settings: &Settings) -> anyhow::Error {
    let name = principal.name();
    let requirements = bound
        .subjects
        .iter()
        .flat_map(|subject| &*subject.requirements);
    let sets: Vec<&str> = requirements.map(|requirement| &*requirement.set).collect();
    if !sets.is_empty() {
        let sets = sets.join(", ");
        return UsageError(format!(
            "`{name}` is not bound to the action set that was asked for, but to {sets}"
        ))
        .into();
    }
    let faults: Vec<String> = bound
        .faults
        .iter()
        .filter(|fault| fault.principal == *principal)
        .map(|fault| format!("{}: {}", fault.place, fault.kind))
        .collect();
    if faults.is_empty() {
        anyhow::anyhow!(
            "nothing binds `{name}` to an action set: name one by --bind {name}=SET, tag it with `{}action-sets`, or write [[bind]] into the settings",
            settings.tag_prefix
        )
    } else {
        anyhow::anyhow!(
            "no tag or binding of `{name}` could be followed\n{}",
            faults.join("\n")
        )
    }
}

fn print(fix: &Fix, format: FixFormat) -> anyhow::Result<()> {
    if fix.additions.is_empty() {
        return Ok(());
    }
    let text = match format {
        FixFormat::Json => policies::json(fix),
        FixFormat::Terraform => policies::terraform(fix),
        FixFormat::Cli => policies::commands(fix),
    };
    output::bytes(|out| out.write_all(text.as_bytes()))
}

fn exit(fix: &Fix) -> Exit {
    if !fix.closes_all() {
        Exit::Drift
    } else if fix.leaves_unknown() {
        Exit::Failed
    } else {
        Exit::Fine
    }
}
