//! `permdrift audit`: does every tagged user and role still hold what Veeam needs?

mod baseline;
pub(super) mod export;
pub(super) mod verdict;

use std::collections::BTreeSet;

use anyhow::Context as _;
use audit::embedded;
use audit::mute::muted;
use audit::{
    Assessment, Baseline, Findings, Selection, Settings, Step, advance, assess, bind, compare,
    observe,
};
use catalog::Catalog;
use iam::Inventory;
use jiff::Timestamp;
use report::machine::json;
use report::{Told, screen};

use crate::arguments::{AuditArguments, Output};
use crate::exit::Exit;
use crate::progress::Progress;
use crate::source::Source;
use crate::{account, output, principal};

/// Where IAM lives: findings are filed there if the settings name no region.
const HOME_REGION: &str = "us-east-1";

/// Audits, tells, and keeps what it was asked to keep.
///
/// # Errors
/// What cannot be read, found or written.
pub(crate) fn run(asked: &AuditArguments) -> anyhow::Result<Exit> {
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    let formats = export::formats(&asked.export)?;
    let (mut settings, catalog) =
        account::settings(asked.account.rules.settings.as_deref(), &asked.action_sets)?;
    settings.excess = asked.excess.or(settings.excess);
    let scps = account::scps(&asked.account.rules.scp)?;
    let source = Source::of(&asked.account)?;
    let progress = Progress::start();
    let mut inventory = source.inventory(&progress)?;
    if let Some(path) = &asked.credential_report {
        account::add_credential_report(&mut inventory, path)?;
    }
    let selection = selection(asked, &catalog, &inventory)?;
    let account = inventory
        .account
        .context("the listing holds no user and no role")?;
    let bound = bind(&inventory, &catalog, &settings, &selection, now);
    let answers = match &source {
        Source::File(_) => {
            progress.now("deciding");
            let above = account::service_control(&scps, asked.account.rules.management_account);
            embedded::simulate(&inventory, above, &bound.subjects)
        }
        Source::Aws(live) => {
            if asked.credential_report.is_none() {
                let users = bound.users_with_keys(&inventory);
                live.add_access_keys(&mut inventory, &users, &progress);
            }
            live.simulate(&inventory, &bound.subjects, now, &progress)
        }
    };
    let assessment = assess(
        account, &inventory, &bound, answers, &settings, &selection, now,
    );
    let mut findings = observe(&assessment, &settings);
    let muted = muted(&settings.mutes, &findings, now);
    let step = history(asked, &assessment, &settings)?;
    if let Some(step) = &step {
        with_history(&mut findings, &step.baseline);
    }
    drop(progress);
    let events = step
        .as_ref()
        .filter(|_| asked.baseline.is_some())
        .map(|step| step.events.as_slice());
    let file = match &source {
        Source::File(path) if path.as_os_str() != "-" => Some(path.to_string_lossy()),
        Source::File(_) | Source::Aws(_) => None,
    };
    let told = Told {
        assessment: &assessment,
        findings: &findings,
        events,
        settings: &settings,
        catalog: &catalog,
        source: file.as_deref(),
        region: settings.regions.first().map_or(HOME_REGION, AsRef::as_ref),
    };
    let content = screen::audit::Screen {
        assessment: &assessment,
        owners: &settings.owners,
        catalog: &catalog,
        muted: &muted,
        mutes: step.as_ref().map_or(&[], |step| &step.mutes),
        events,
        file: None,
    };
    for (path, format) in formats {
        export::write(path, format, &told)?;
    }
    match asked.form.output {
        Output::Table => output::people(|pen| screen::audit::write(pen, &content))?,
        Output::Json => output::bytes(|out| json::assessment::write(out, &told))?,
    }
    if let (Some(path), Some(step)) = (&asked.write_baseline, &step) {
        baseline::write(path, &step.baseline)?;
    }
    if let Source::Aws(live) = &source {
        if !scps.is_empty() || asked.account.rules.management_account {
            output::note(
                "the SCPs of the command line were not looked at: AWS knows those that are in force",
            );
        }
        live.note_calls();
    }
    let fail_on = asked.fail_on.unwrap_or(settings.fail_on);
    let (exit, because) = verdict::of(&assessment, &findings, &muted, fail_on);
    if let Some(because) = because {
        output::note(&because);
    }
    // The process ends here: taking a large audit apart piece by piece would cost a tenth of its time.
    std::mem::forget((inventory, bound, assessment, findings));
    Ok(exit)
}

/// What the findings lead to, seen from the baseline; `None` where nobody wants to know.
fn history(
    asked: &AuditArguments,
    assessment: &Assessment,
    settings: &Settings,
) -> anyhow::Result<Option<Step>> {
    if asked.baseline.is_none() && asked.write_baseline.is_none() && settings.mutes.is_empty() {
        return Ok(None);
    }
    let baseline = baseline::load(asked, assessment.account)?;
    let changes = compare(assessment, &baseline, settings);
    Ok(Some(advance(baseline, assessment, changes, settings)))
}

/// Says since when each finding is open, where the baseline knows.
fn with_history(findings: &mut Findings, baseline: &Baseline) {
    for finding in findings.values_mut() {
        if let Some(tracked) = baseline.tracked_of(finding) {
            finding.opened = tracked.finding.opened;
            finding.openings = tracked.finding.openings;
        }
    }
}

fn selection(
    asked: &AuditArguments,
    catalog: &Catalog,
    inventory: &Inventory,
) -> anyhow::Result<Selection> {
    let mut selection = Selection::default();
    if !asked.principal.is_empty() {
        let mut principals = BTreeSet::new();
        for one in &asked.principal {
            let found = principal::all(inventory, one)?;
            principals.extend(found.into_iter().map(|principal| principal.arn.clone()));
        }
        selection.principals = Some(principals);
    }
    if !asked.action_set.is_empty() {
        let mut sets = BTreeSet::new();
        for id in &asked.action_set {
            sets.insert(Box::from(super::catalog::find(catalog, id)?.id.as_str()));
        }
        selection.sets = Some(sets);
    }
    Ok(selection)
}
