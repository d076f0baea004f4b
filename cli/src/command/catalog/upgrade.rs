//! `permdrift catalog diff` for an account: what will each of its principals lack after the upgrade?

use std::path::PathBuf;
use std::sync::Arc;

use audit::{Asked, Judgement, Saved, Upgrade, upgrade};
use catalog::ProductVersion;
use jiff::Timestamp;
use report::machine::json::upgrade::Upgraded;
use report::{machine, screen};

use super::chosen::{changes, ids};
use crate::arguments::{Output, UpgradeArguments, one_snapshot};
use crate::command::bindings::{self, NOBODY_BOUND};
use crate::exit::Exit;
use crate::output;
use crate::saved::Files;
use crate::source::{not_looked, wait};

/// Judges every bound principal of a listing in both versions; prints what the upgrade needs and who lacks it.
///
/// # Errors
/// What cannot be read, found or written.
pub(super) fn tell(
    account: &UpgradeArguments,
    own_sets: &[PathBuf],
    id: Option<&str>,
    (from, to): (ProductVersion, ProductVersion),
    form: Output,
) -> anyhow::Result<Exit> {
    let rules = &account.rules;
    let now = Timestamp::from_second(Timestamp::now().as_second())?;
    let (settings, catalog) = crate::account::settings(rules.settings.as_deref(), own_sets)?;
    let sets = changes(&catalog, id, from, to)?;
    let wanted = id.map(str::to_owned);
    let snapshot = one_snapshot(&account.snapshot)?;
    let files = Files::read(account.auth_details.as_deref(), snapshot, rules)?;
    let saved = Saved {
        inventory: files
            .saved
            .as_ref()
            .map_or_else(Arc::default, |saved| Arc::clone(&saved.inventory)),
        service_control: files.service_control(),
        resources: files.resources(),
    };
    let asked = Asked {
        sets: ids(&catalog, wanted.as_slice())?,
        bindings: bindings::read(&account.bind, &catalog)?,
        ..Asked::new(&catalog, &settings, now)
    };
    let upgrade = wait(upgrade(&asked, &saved, from, to))?.map_err(not_looked)?;
    match form {
        Output::Table => output::people(|pen| {
            screen::catalog::diff(pen, from, to, &sets)?;
            screen::upgrade::write(pen, &upgrade, &catalog, (from, to))
        })?,
        Output::Json => output::bytes(|out| {
            let upgraded = Upgraded::of(&upgrade, &catalog);
            machine::json::catalog::diff(out, from, to, &sets, Some(upgraded))
        })?,
    }
    let (exit, because) = exit(&upgrade);
    if let Some(because) = because {
        output::note(&format!("exit code 2: {because}"));
    }
    Ok(exit)
}

/// As an audit's: a listing that is not whole, then what is certain, then what is not known.
fn exit(upgrade: &Upgrade) -> (Exit, Option<&'static str>) {
    let assessment = &upgrade.assessment;
    let failed = |because| (Exit::Failed, Some(because));
    let mut faults = assessment.faults.iter();
    if !assessment.coverage.gaps.is_empty() {
        failed("the listing is incomplete")
    } else if upgrade.lacks() {
        (Exit::Drift, None)
    } else if upgrade.checked == 0 {
        failed(NOBODY_BOUND)
    } else if assessment.count(Judgement::Undetermined) > 0 {
        failed("something could not be known")
    } else if faults.any(|fault| fault.kind.leaves_unchecked()) {
        failed("a tag or binding could not be followed, so what it means was not checked")
    } else {
        (Exit::Fine, None)
    }
}
