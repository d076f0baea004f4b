//! `permdrift fix`: which policy closes what a principal lacks, and what can none close?

use anyhow::Context as _;
use audit::fix::{Fix, Trial, fix};
use audit::ports::Answer;
use audit::requirement::Purpose;
use audit::{Bound, Selection, Settings, Subject, assess, bind, embedded};
use catalog::{Catalog, PolicyDocument};
use iam::{Inventory, PrincipalArn};
use jiff::Timestamp;
use report::machine::policies;
use report::screen;

use super::catalog::find;
use crate::arguments::{FixArguments, FixFormat};
use crate::exit::{Exit, UsageError};
use crate::progress::Progress;
use crate::source::Source;
use crate::{account, output, principal};

/// Audits one principal, and prints what closes its gap.
///
/// # Errors
/// What cannot be read, found or written.
pub(crate) fn run(asked: &FixArguments) -> anyhow::Result<Exit> {
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    let (settings, catalog) =
        account::settings(asked.account.rules.settings.as_deref(), &asked.action_sets)?;
    let scps = account::scps(&asked.account.rules.scp)?;
    let source = Source::of(&asked.account)?;
    let progress = Progress::start();
    let mut inventory = source.inventory(&progress)?;
    if let Some(path) = &asked.credential_report {
        account::add_credential_report(&mut inventory, path)?;
    }
    let principal = principal::one(&inventory, &asked.principal)?.arn.clone();
    let selection = selection(asked, &catalog, &principal)?;
    let bound = bind(&inventory, &catalog, &settings, &selection, now);
    if bound.subjects.is_empty() {
        let bound = bind(&inventory, &catalog, &settings, &only(&principal), now);
        return Err(unbound(&principal, &bound, &settings));
    }
    if let Source::Aws(live) = &source
        && asked.credential_report.is_none()
    {
        let users = bound.users_with_keys(&inventory);
        live.add_access_keys(&mut inventory, &users, &progress);
    }
    // AWS knows the SCPs that are in force; without it those of the command line count.
    let simulate =
        |inventory: &Inventory, subjects: &[Subject], added: &[PolicyDocument]| match &source {
            Source::File(_) => {
                let above = account::service_control(&scps, asked.account.rules.management_account);
                embedded::simulate(inventory, above, subjects)
            }
            Source::Aws(live) => {
                let added = added.iter().map(PolicyDocument::to_json).collect();
                live.simulate_with(inventory, subjects, added, now, &progress)
            }
        };
    let answers = simulate(&inventory, &bound.subjects, &[]);
    let account = inventory.account.context("the listing holds nobody")?;
    let assessment = assess(
        account, &inventory, &bound, answers, &settings, &selection, now,
    );
    let verdicts: Vec<_> = assessment.verdicts.iter().collect();
    let keys = assessment
        .keys_of(&principal)
        .and_then(|keys| keys.faults.clone());
    let holder = inventory.principal(&principal).context("it was there")?;
    let found = fix(&inventory, holder, &verdicts, keys, |trial: &Trial| {
        let subjects = std::slice::from_ref(&trial.subject);
        let answers = simulate(&trial.inventory, subjects, &trial.added);
        answers.into_iter().next().unwrap_or(Answer::NotReached)
    })?;
    drop(progress);
    print(&found, asked.format)?;
    output::aside(|pen| screen::fix::write(pen, &found, &settings.owners))?;
    if let Source::Aws(live) = &source {
        live.note_calls();
    }
    Ok(exit(&found))
}

/// The principal, with all its sets or those that were asked for.
fn selection(
    asked: &FixArguments,
    catalog: &Catalog,
    principal: &PrincipalArn,
) -> Result<Selection, UsageError> {
    let mut selection = only(principal);
    if !asked.action_set.is_empty() {
        let ids = asked.action_set.iter();
        let sets = ids.map(|id| Ok(Box::from(find(catalog, id)?.id.as_str())));
        selection.sets = Some(sets.collect::<Result<_, UsageError>>()?);
    }
    Ok(selection)
}

fn only(principal: &PrincipalArn) -> Selection {
    Selection {
        principals: Some([principal.clone()].into()),
        sets: None,
    }
}

/// Why there was nothing to look at; `bound` is what holds for the principal, whatever set was asked for.
fn unbound(principal: &PrincipalArn, bound: &Bound, settings: &Settings) -> anyhow::Error {
    let name = principal.name();
    let plans = bound.subjects.iter().flat_map(|subject| &*subject.plans);
    let sets: Vec<&str> = plans
        .filter(|plan| plan.purpose == Purpose::Requirement)
        .map(|plan| &*plan.set)
        .collect();
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
            "nothing binds `{name}` to an action set: tag it with `{}action-sets`, or write [[bind]] into the settings",
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
