//! Several accounts: how does each of them stand, and what do they have in common?
//!
//! In: snapshots, and an organisation file that says what stands above each account. Out: one report of all. Each account is audited as
//! it would be alone. A file that cannot be read, an account without a file and one whose audit fails are named and counted. They change
//! nothing about other accounts, but the exit code is not 0.

mod accounts;
mod agreement;
mod baselines;
mod bindings;
mod exit;
mod files;
mod named;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use audit::{Judgement, SettingsOf};
use iam::AccountId;
use jiff::Timestamp;
use report::organization::screen::{AccountChanges, AccountDetail, AccountFilter, Screen};
use report::organization::{
    AccountPlace, AccountStanding, OrganizationReport, OrganizationView, csv, html, json, markdown,
    screen,
};

use super::export::{self, Format};
use super::wanted;
use crate::arguments::{AuditArguments, Only, Output};
use crate::exit::{Exit, UsageError};
use crate::progress::Progress;
use crate::saved::NamedOrganization;
use crate::{account, output, whole_file};
use accounts::{Accounts, Auditing};
use baselines::Baselines;
use named::{NAMED, more, named};

/// Whether the command line names more than one account, or may do so.
pub(super) fn is_asked(asked: &AuditArguments) -> bool {
    match asked.account.snapshot.as_slice() {
        [] => false,
        [one] => one.is_dir(),
        _ => true,
    }
}

/// Audits every account, tells, and writes what was asked for.
///
/// # Errors
/// What concerns all accounts: the command line, settings, a folder or the organisation that cannot be read, two files of one account.
pub(super) fn run(asked: &AuditArguments, now: Timestamp) -> anyhow::Result<Exit> {
    refuse(asked)?;
    let formats = formats(asked)?;
    let rules = &asked.account.rules;
    let files = files::of(&asked.account.snapshot, rules.organization.as_deref())?;
    wanted::check_files(asked, &files)?;
    let baselines = Baselines::of(asked, &files)?;
    let (settings, catalog) = account::settings(rules.settings.as_deref(), &asked.action_sets)?;
    let organization = NamedOrganization::of(rules)?;
    let asked_of_each = wanted::of(asked, &catalog, &settings, now)?;
    let auditing = Auditing {
        asked,
        wanted: &asked_of_each,
        organization: organization.as_ref(),
        baselines: &baselines,
        fail_on: asked.fail_on.unwrap_or(settings.fail_on),
    };
    let progress = Progress::start();
    let mut accounts = Accounts::default();
    for (at, file) in files.iter().enumerate() {
        progress.now(format!("auditing account {} of {}", at + 1, files.len()));
        auditing.take(file, &mut accounts)?;
    }
    accounts.set_aside_contradictory();
    let mut places = places(organization.as_ref());
    accounts.note_missing(places.keys(), "no snapshot of it");
    let unknown = match &organization {
        Some(_) => {
            let all = places.keys().copied().collect();
            SettingsOf::Accounts(&all).unknown(&settings)
        }
        None => Vec::new(),
    };
    let known = baselines.accounts()?;
    let left: BTreeSet<AccountId> = match &organization {
        Some(_) => known
            .iter()
            .filter(|one| !places.contains_key(one))
            .copied()
            .collect(),
        None => BTreeSet::new(),
    };
    accounts.note_missing(
        known.difference(&left),
        "no snapshot of it was given, and it has a baseline",
    );
    let Accounts {
        audited,
        not_audited,
        bound,
        ..
    } = &accounts;
    bindings::check(&asked_of_each, bound, audited, not_audited)?;
    for (account, place) in std::mem::take(&mut accounts.places) {
        places.entry(account).or_insert(place);
    }
    drop(progress);
    let report = OrganizationReport {
        name: organization.as_ref().and_then(|one| one.file.id()),
        saved: organization.as_ref().and_then(|one| one.file.taken()),
        at: now,
        audited: &accounts.audited,
        not_audited: &accounts.not_audited,
        unread: &accounts.unread,
        places: &places,
    };
    let view = OrganizationView::of(&report);
    for (path, write) in formats {
        whole_file::write(path, |out| write(out, &view))?;
    }
    let changes = baselines
        .is_compared()
        .then(|| accounts.changes.values().sum());
    print(asked, &view, changes)?;
    for kept in accounts.kept.values() {
        kept.write()?;
    }
    notes(&accounts, &places, &left, &unknown);
    let (exit, because) = exit::of(&accounts);
    if let Some(because) = because {
        output::note(&because);
    }
    Ok(exit)
}

/// What concerns the accounts as a whole and stands in no report.
fn notes(
    accounts: &Accounts,
    places: &BTreeMap<AccountId, AccountPlace>,
    left: &BTreeSet<AccountId>,
    unknown: &[Box<str>],
) {
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown.iter().map(|text| &**text).take(NAMED).collect();
        output::note(&format!(
            "the settings name accounts that are not in the organization: {}{}",
            names.join("; "),
            more(unknown.len())
        ));
    }
    for (code, refused) in &accounts.refused {
        output::note(&format!(
            "the SCPs of {} could not be read ({code}), so none of them counts: --organization gives them",
            named(refused)
        ));
    }
    let organizations = places
        .values()
        .filter_map(|one| one.organization.as_deref());
    let organizations: BTreeSet<&str> = organizations.collect();
    if organizations.len() > 1 {
        let names: Vec<&str> = organizations.iter().copied().take(NAMED).collect();
        output::note(&format!(
            "the snapshots are of {} organizations: {}{}",
            organizations.len(),
            names.join(", "),
            more(organizations.len())
        ));
    }
    if !left.is_empty() {
        output::note(&format!(
            "{} no longer in the organization, with a baseline: take the file out, so that it is not told again",
            named(left)
        ));
    }
}

/// How a format is written.
type Write = fn(&mut dyn std::io::Write, &OrganizationView<'_>) -> std::io::Result<()>;

/// The format of each file.
fn formats(asked: &AuditArguments) -> Result<Vec<(&Path, Write)>, UsageError> {
    let formats = export::formats(&asked.export)?.into_iter();
    let formats = formats.map(|(path, format)| {
        let write: Write = match format {
            Format::Html => html::write,
            Format::Markdown => markdown::write,
            Format::Csv => csv::write,
            Format::Json => json::write,
            Format::Sarif | Format::Junit | Format::Asff | Format::Ocsf => {
                return Err(UsageError(format!(
                    "--export {}: this format is of one account; of several there are .html, .md, .csv and .json",
                    path.display()
                )));
            }
        };
        Ok((path, write))
    });
    formats.collect()
}

/// Refuses what is about one account.
fn refuse(asked: &AuditArguments) -> Result<(), UsageError> {
    let rules = &asked.account.rules;
    let refused: [(bool, &str, &str); 6] = [
        (
            !rules.scp.is_empty(),
            "--scp",
            "--organization says which SCPs are above each",
        ),
        (
            rules.management_account,
            "--management-account",
            "--organization says which it is",
        ),
        (
            asked.credential_report.is_some(),
            "--credential-report",
            "put the access keys into the snapshots (`accessKeys`)",
        ),
        (
            !asked.principal.is_empty(),
            "--principal",
            "audit its account alone",
        ),
        (
            asked.events.is_some(),
            "--events",
            "audit their account alone",
        ),
        (asked.who, "--who", "audit one account alone"),
    ];
    let first = refused.into_iter().find(|(is_given, ..)| *is_given);
    match first {
        None => Ok(()),
        Some((_, option, advice)) => Err(UsageError(format!(
            "{option} is about one account, and --snapshot names several or a folder: {advice}"
        ))),
    }
}

/// The accounts of the organisation.
fn places(organization: Option<&NamedOrganization>) -> BTreeMap<AccountId, AccountPlace> {
    let accounts = organization.map(|one| one.file.accounts());
    let accounts = accounts.into_iter().flatten();
    accounts
        .map(|(account, place)| {
            let place = AccountPlace {
                name: place.name.clone(),
                path: place.above.clone(),
                organization: None,
            };
            (*account, place)
        })
        .collect()
}

fn print(
    asked: &AuditArguments,
    view: &OrganizationView<'_>,
    changes: Option<AccountChanges>,
) -> anyhow::Result<()> {
    match asked.form.output {
        Output::Json => output::bytes(|out| json::write(out, view)),
        Output::Table => {
            let content = Screen {
                view,
                filter: AccountFilter {
                    only: asked.show.only.map(standings),
                    severity: asked.show.severity,
                },
                detail: match asked.show.summary {
                    true => AccountDetail::Summary,
                    false => AccountDetail::Whole,
                },
                changes,
            };
            output::people(|pen| screen::write(pen, &content))
        }
    }
    .context("cannot print the report")
}

/// The accounts that stand as one verdict has it.
fn standings(only: Only) -> Vec<AccountStanding> {
    match only.judgement() {
        Judgement::Drifted => vec![AccountStanding::Drifted],
        Judgement::Undetermined => vec![AccountStanding::Undetermined, AccountStanding::NotAudited],
        Judgement::Compliant => vec![
            AccountStanding::Compliant,
            AccountStanding::CompliantNotChecked,
            AccountStanding::NobodyBound,
        ],
    }
}
