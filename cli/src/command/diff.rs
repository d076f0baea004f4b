//! `permdrift diff`: what changed between two saved listings or audits of an account?

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use audit::drift::assessed::summarize;
use audit::drift::people::principal_changes;
use audit::drift::policies::policy_changes;
use audit::drift::saved::{self, DocumentKind, SavedAudit};
use audit::drift::unseen::note_unseen;
use audit::drift::{Drift, compare};
use audit::{Asked, Assessment, Level, LookError, look};
use iam::simulator::ServiceControl;
use jiff::Timestamp;
use report::words::cause::why;
use report::words::drift::{Compared, Listings};
use report::{machine, screen};

use crate::arguments::{DiffArguments, Output};
use crate::exit::{Exit, UsageError};
use crate::saved::{SavedAccount, above};
use crate::source::{not_looked, wait};
use crate::{account, input, output};

/// Reads both, holds them against each other and tells.
///
/// # Errors
/// What cannot be read; two of different kinds or accounts.
pub(crate) fn run(asked: &DiffArguments) -> anyhow::Result<Exit> {
    if asked.before.as_os_str() == "-" && asked.after.as_os_str() == "-" {
        return Err(UsageError("only one of the two can be standard input".to_owned()).into());
    }
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    let rules = &asked.rules;
    let (settings, catalog) = account::settings(rules.settings.as_deref(), &asked.action_sets)?;
    let (before, after, listings) = match (read(&asked.before)?, read(&asked.after)?) {
        (Saved::Account(mut before), Saved::Account(mut after)) => {
            before.follow(rules)?;
            after.follow(rules)?;
            before.note_refused(rules);
            after.note_refused(rules);
            note_one_sided(&before, &after);
            let scps = account::scps(rules)?;
            let listings = Listings {
                principals: principal_changes(&before.inventory, &after.inventory),
                policies: policy_changes(&before.inventory, &after.inventory),
            };
            let audit = Asked::new(&catalog, &settings, now);
            let assessed = |account: &SavedAccount| {
                let above = above(Some(account), &scps);
                audited(account, &audit, above)
            };
            let (earlier, later) = (assessed(&before)?, assessed(&after)?);
            let mut summary = summarize(&later, why);
            note_unseen(&mut summary, &earlier, &later);
            (summarize(&earlier, why), summary, Some(listings))
        }
        (Saved::Audit(before), Saved::Audit(after)) => {
            note_audits(asked, &before, &after);
            (before.summary, after.summary, None)
        }
        (Saved::Account(_), Saved::Audit(_)) => return Err(mixed(&asked.before, &asked.after)),
        (Saved::Audit(_), Saved::Account(_)) => return Err(mixed(&asked.after, &asked.before)),
    };
    if before.account != after.account {
        bail!(
            "{} is of account {}, and {} of {}: what changed can be told of one account only",
            input::name(&asked.before),
            before.account,
            input::name(&asked.after),
            after.account
        );
    }
    let drift = compare(&before, &after);
    let compared = Compared {
        before: &before,
        after: &after,
        drift: &drift,
        listings: listings.as_ref(),
    };
    match asked.form.output {
        Output::Table => output::people(|pen| screen::drift::write(pen, &compared))?,
        Output::Json => output::bytes(|out| machine::json::drift::write(out, &compared))?,
    }
    let fail_on = asked.fail_on.unwrap_or(settings.fail_on);
    let (exit, because) = exit(&compared, fail_on);
    if let Some(because) = because {
        output::note(&format!("exit code 2: {because}"));
    } else if exit == Exit::Fine && drift.is_loss(Level::Notice) {
        output::note(&format!("exit code 0: what got worse is below {fail_on}"));
    }
    Ok(exit)
}

/// What a file holds.
enum Saved {
    Account(Box<SavedAccount>),
    Audit(Box<SavedAudit>),
}

fn read(path: &Path) -> anyhow::Result<Saved> {
    let name = input::name(path);
    let bytes = input::bytes_up_to(path, iam::inventory::LIMIT)?;
    let no_listing = match crate::saved::read(&name, &bytes)? {
        Ok(account) => return Ok(Saved::Account(Box::new(account))),
        Err(no_listing) => no_listing,
    };
    match saved::kind_of(&bytes) {
        DocumentKind::Audit => {
            let audit = saved::read(&bytes)
                .with_context(|| format!("{name} is no audit that can be read"))?;
            Ok(Saved::Audit(Box::new(audit)))
        }
        DocumentKind::Baseline => bail!(
            "{name} is a baseline, which does not know what was fine: save audits with `permdrift audit --export FILE.json`"
        ),
        DocumentKind::Other => Err(no_listing).with_context(|| {
            format!("{name} is neither an account listing, nor a snapshot, nor a saved audit")
        }),
    }
}

fn mixed(listing: &Path, audit: &Path) -> anyhow::Error {
    let (listing, audit) = (input::name(listing), input::name(audit));
    anyhow::anyhow!(
        "{listing} is a listing and {audit} an audit, and only two of a kind can be compared: audit the listing first, with `permdrift audit --snapshot {listing} --export FILE.json`"
    )
}

fn audited(
    account: &SavedAccount,
    asked: &Asked<'_>,
    service_control: ServiceControl<'_>,
) -> anyhow::Result<Assessment> {
    let saved = audit::Saved {
        inventory: Arc::clone(&account.inventory),
        service_control,
        resources: Arc::clone(&account.resources),
    };
    let look = wait(look(asked, &saved))?.map_err(|error| match error {
        LookError::Nobody | LookError::NobodyRead { .. } => {
            anyhow::anyhow!("{}: {error}", account.name)
        }
        other => not_looked(other),
    })?;
    Ok(look.assessment)
}

/// Notes that one of the two says more, so that what it says counts as a change.
fn note_one_sided(before: &SavedAccount, after: &SavedAccount) {
    for (one, other) in [(before, after), (after, before)] {
        let more = if one.knows_service_control() && !other.knows_service_control() {
            "which SCPs are in force"
        } else if one.is_snapshot && !other.is_snapshot {
            "what the resource side is"
        } else {
            continue;
        };
        output::note(&format!(
            "{} says {more}, and {} does not: what that denies or allows counts as change",
            one.name, other.name
        ));
    }
}

/// What whoever compares audits should know before believing the result.
fn note_audits(asked: &DiffArguments, before: &SavedAudit, after: &SavedAudit) {
    let rules = &asked.rules;
    if !rules.scp.is_empty()
        || rules.management_account
        || rules.organization.is_some()
        || !asked.action_sets.is_empty()
    {
        output::note(
            "SCPs and action sets of the command line were not looked at: the audits are compared as they are",
        );
    }
    if before.generator != after.generator {
        output::note(&format!(
            "the audits were made by {} and {}: what these know and ask differently counts as change",
            before.generator, after.generator
        ));
    }
    if before.at > after.at {
        output::note(&format!(
            "{} is the later audit: it is compared as the earlier one, as you asked",
            input::name(&asked.before)
        ));
    }
}

/// As an audit's: what was not whole, then what is certain, then what is not known.
fn exit(compared: &Compared<'_>, fail_on: Level) -> (Exit, Option<&'static str>) {
    let failed = |because| (Exit::Failed, Some(because));
    let Compared { before, after, .. } = compared;
    let drift: &Drift = compared.drift;
    let mut policies = compared.listings.iter().flat_map(|all| &all.policies);
    if !before.not_audited.is_empty() || !after.not_audited.is_empty() {
        failed("one of the two is incomplete")
    } else if drift.is_loss(fail_on) {
        (Exit::Drift, None)
    } else if before.sets().chain(after.sets()).next().is_none() {
        failed(
            "nothing was checked, because no user or role is bound to an action set: bind them with the tag `veeam:action-sets`, or with [[bind]] in the settings",
        )
    } else if drift.is_unsure() || policies.any(|change| change.unreadable.is_some()) {
        failed("something could not be known")
    } else if after.faults.iter().any(|fault| fault.leaves_unchecked) {
        failed("a tag or binding could not be followed, so what it means was not checked")
    } else {
        (Exit::Fine, None)
    }
}
