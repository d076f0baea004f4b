//! `permdrift check`: will users and roles hold what Veeam needs once a file is deployed?
//!
//! Each file is a deployment of its own. It becomes an inventory, which is bound and judged like that of a live account.

mod reports;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use audit::look::{list, look_at};
use audit::retirement::{RetiredOn, Retirement, retire};
use audit::settings::Binding;
use audit::{
    Asked, Assessment, Extent, Findings, Judgement, Principals, Saved, Selection, Settings, observe,
};
use catalog::Catalog;
use deployment::{Account, Deployment, Form, Options};
use jiff::Timestamp;
use report::machine::json;
use report::machine::json::check::{AccountSource, Checked, Outcome, Placed};
use report::{Pen, screen};

use super::audit::export;
use super::audit::verdict;
use crate::account;
use crate::arguments::{CheckArguments, Output, one_snapshot};
use crate::exit::{Exit, UsageError};
use crate::saved::Files;
use crate::source::{not_looked, wait};
use crate::{input, output};

/// What is the same for every file.
struct Check<'a> {
    asked: &'a CheckArguments,
    settings: Settings,
    bindings: Vec<Binding>,
    catalog: &'a Catalog,
    sets: Option<BTreeSet<Box<str>>>,
    /// On which resources retired sets must be denied.
    retired_on: RetiredOn,
    files: Files,
    parameters: BTreeMap<String, String>,
    now: Timestamp,
}

/// One file, looked at.
struct Looked {
    file: String,
    deployment: Deployment,
    result: Result<(Assessment, Findings), Vec<Retirement>>,
    faults: Vec<audit::requirement::BindFault>,
    /// None of those that were asked for is in it.
    skipped: bool,
}

/// Checks every file and tells of it.
///
/// # Errors
/// What cannot be read, or names what there is not.
pub(crate) fn run(asked: &CheckArguments) -> anyhow::Result<Exit> {
    let (settings, catalog) =
        account::settings(asked.rules.settings.as_deref(), &asked.action_sets)?;
    let wanted = wanted::read(asked, &catalog)?;
    let formats = export::formats(&asked.report)?;
    wanted::reports(asked, &formats)?;
    wanted::files(asked)?;
    let snapshot = one_snapshot(&asked.snapshot)?;
    let files = Files::read(asked.auth_details.as_deref(), snapshot, &asked.rules)?;
    wanted::same_account(asked, files.inventory())?;
    let check = Check {
        asked,
        settings,
        bindings: wanted.bindings(),
        catalog: &catalog,
        sets: wanted.ids(),
        retired_on: wanted.retired_on(),
        files,
        parameters: asked.parameter.iter().cloned().collect(),
        now: Timestamp::from_second(Timestamp::now().as_second())?,
    };
    if asked
        .files
        .iter()
        .filter(|path| path.as_os_str() == "-")
        .count()
        > 1
    {
        let why = "- is standard input, which can be read only once";
        return Err(UsageError(why.to_owned()).into());
    }
    let mut read = Vec::new();
    for path in &asked.files {
        match check.read(path, wanted.kind()) {
            Ok(one) => read.push(one),
            Err(error) => {
                check.report_fault(&formats, path, &error)?;
                return Err(error);
            }
        }
    }
    wanted::parameters(&check.parameters, &read)?;
    let selection = wanted::principals(asked, &read)?;
    let looked: Vec<Looked> = read
        .into_iter()
        .zip(selection)
        .map(|((file, deployment), principals)| check.look(file, deployment, principals))
        .collect::<anyhow::Result<_>>()?;
    for one in &looked {
        check.report(&formats, one)?;
    }
    match asked.form.output {
        Output::Table => output::people(|pen| check.screen(pen, &looked))?,
        Output::Json => output::bytes(|out| json::check::write(out, &check.json(&looked)))?,
    }
    let mut worst = Exit::Fine;
    for one in &looked {
        check.note(one);
        let (exit, because) = check.exit(one);
        if let Some(because) = because {
            output::note(&format!("{}: {because}", one.file));
        }
        worst = worse(worst, exit);
    }
    Ok(worst)
}

/// What one file gives outweighs what another gives: a file that could not be checked may hide anything.
fn worse(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Fine => 0,
        Exit::Drift => 1,
        Exit::Failed => 2,
        Exit::Usage => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

impl Check<'_> {
    fn read(
        &self,
        path: &Path,
        kind: Option<iam::PrincipalKind>,
    ) -> anyhow::Result<(String, Deployment)> {
        let name = input::name(path);
        let text = input::long_text(path)?;
        let options = Options {
            account: self.asked.account,
            parameters: &self.parameters,
            existing: self.files.inventory(),
            tag_prefix: &self.settings.tag_prefix,
            kind: kind.unwrap_or(iam::PrincipalKind::Role),
        };
        let deployment = deployment::read(&name, &text, &options)
            .with_context(|| format!("{name} cannot be checked"))?;
        if deployment.form == Form::Policy && self.sets.is_none() {
            return Err(UsageError(format!(
                "{name} is a policy document, which bears no tags: name the action sets with --action-set"
            ))
            .into());
        }
        Ok((name, deployment))
    }

    fn look(
        &self,
        file: String,
        mut deployment: Deployment,
        principals: Option<BTreeSet<iam::PrincipalArn>>,
    ) -> anyhow::Result<Looked> {
        let selection = Selection {
            principals,
            sets: self.sets.clone(),
        };
        let lacks = std::mem::take(&mut deployment.principal_gaps).into_iter();
        let lacks = lacks.filter(|(arn, _)| selection.takes(arn));
        let gaps = &mut deployment.inventory.gaps;
        gaps.extend(lacks.flat_map(|(_, gaps)| gaps));
        let saved = Saved {
            inventory: Arc::new(deployment.inventory.clone()),
            service_control: self.files.service_control(),
            resources: self.files.resources(),
        };
        let asked = self.audit(&deployment, &selection);
        let listed = wait(list(&asked, &saved))?.map_err(not_looked)?;
        let faults = listed.bound.faults.iter();
        let faults = faults.filter(|fault| selection.takes(&fault.principal));
        let faults = faults.cloned().collect();
        let skipped = selection
            .principals
            .as_ref()
            .is_some_and(BTreeSet::is_empty);
        let result = if self.asked.expect_denied {
            Err(retire(&listed, &saved.service_control, self.retired_on))
        } else {
            let look = wait(look_at(&asked, &saved, listed))?;
            let findings = observe(&look.assessment, &self.settings);
            Ok((look.assessment, findings))
        };
        Ok(Looked {
            file,
            deployment,
            result,
            faults,
            skipped,
        })
    }

    /// What is asked of the audit of one deployment.
    fn audit(&self, deployment: &Deployment, selection: &Selection) -> Asked<'_> {
        let principals = selection.principals.clone();
        Asked {
            account: Some(deployment.account.id()),
            principals: principals.map_or(Principals::All, Principals::These),
            sets: self.sets.clone(),
            bindings: self.bindings.clone(),
            excess: None,
            canary: None,
            extent: match deployment.form {
                Form::Policy => Extent::Policies,
                Form::CloudFormation | Form::Sam | Form::Terraform => Extent::Template,
            },
            ..Asked::new(self.catalog, &self.settings, self.now)
        }
    }

    fn screen(&self, pen: &mut Pen<'_>, looked: &[Looked]) -> std::io::Result<()> {
        for (at, one) in looked.iter().enumerate() {
            if at > 0 {
                pen.blank()?;
            }
            let file = (one.file.as_str(), one.deployment.form.as_str());
            match &one.result {
                Ok((assessment, _)) => screen::audit::write(
                    pen,
                    &screen::audit::Screen {
                        assessment,
                        owners: &self.settings.owners,
                        catalog: self.catalog,
                        events: None,
                        explained: &[],
                        muted: &BTreeMap::new(),
                        mutes: &[],
                        filter: screen::audit::Filter::default(),
                        detail: screen::audit::Detail::Whole,
                        subject: screen::audit::Subject::File(file),
                    },
                )?,
                Err(retirements) => screen::retirement::write(
                    pen,
                    file,
                    retirements,
                    &one.faults,
                    &one.deployment.inventory.gaps,
                )?,
            }
        }
        Ok(())
    }

    fn json<'l>(&'l self, looked: &'l [Looked]) -> json::check::CheckReport<'l> {
        json::check::CheckReport {
            at: self.now,
            expect_denied: self.asked.expect_denied,
            owners: &self.settings.owners,
            files: looked.iter().map(Looked::checked).collect(),
        }
    }

    /// Those that were asked about and are deleted.
    fn gone<'l>(&'l self, looked: &'l Looked) -> impl Iterator<Item = &'l str> {
        let asked = &self.asked.principal;
        let gone = looked.deployment.deleted.iter();
        gone.filter(move |(id, name)| {
            asked.is_empty() || asked.iter().any(|one| one == *id || one == *name)
        })
        .map(|(id, _)| id.as_str())
    }

    /// What is worth knowing of a file, beside what was found.
    fn note(&self, looked: &Looked) {
        let file = &looked.file;
        match looked.deployment.account {
            Account::Given(_) => {}
            Account::Named(id) => output::note(&format!(
                "{file}: checked for account {id}, the only one that its policies name; to check for another, give --account"
            )),
            Account::Placeholder(id) => output::note(&format!(
                "{file}: {id} stands for the account, which nothing names; give it with --account"
            )),
        }
        for id in self.gone(looked) {
            output::note(&format!("{file}: `{id}` is deleted"));
        }
        for note in &looked.deployment.notes {
            output::note(&format!("{file}: {note}"));
        }
    }

    fn exit(&self, looked: &Looked) -> (Exit, Option<String>) {
        let fail_on = self.asked.fail_on.unwrap_or(self.settings.fail_on);
        let retirements = match &looked.result {
            Ok((assessment, _))
                if assessment.verdicts.is_empty() && assessment.coverage.gaps.is_empty() =>
            {
                return (Exit::Failed, Some(looked.nothing().to_owned()));
            }
            Ok((assessment, findings)) => {
                let muted = BTreeMap::new();
                let counting = verdict::Counting::all("check", &muted, fail_on);
                return verdict::of(assessment, findings, &counting, &[]);
            }
            Err(retirements) => retirements,
        };
        let any = |judgement| {
            let mut all = retirements.iter();
            all.any(|retirement| retirement.judgement() == judgement)
        };
        let failed = |because: &str| (Exit::Failed, Some(because.to_owned()));
        if !looked.deployment.inventory.gaps.is_empty() {
            return failed(
                "exit code 2: the check is incomplete, because not everything could be read",
            );
        }
        if any(Judgement::Drifted) {
            return (Exit::Drift, None);
        }
        if retirements.is_empty() && self.gone(looked).next().is_none() {
            return failed(looked.nothing());
        }
        if any(Judgement::Undetermined) {
            return failed("exit code 2: something could not be known");
        }
        if looked
            .faults
            .iter()
            .any(|fault| fault.kind.leaves_unchecked())
        {
            return failed(
                "exit code 2: a tag or binding could not be followed, so what it means was not checked",
            );
        }
        (Exit::Fine, None)
    }
}

const NOBODY: &str = "exit code 2: nothing was checked, because none of the users and roles that --principal names is in this file";
const NOTHING: &str = "exit code 2: nothing was checked, because no user or role is bound to an action set: name action sets with --action-set, or tag the users and roles";

impl Looked {
    /// Why nothing was checked.
    fn nothing(&self) -> &'static str {
        if self.skipped { NOBODY } else { NOTHING }
    }

    fn checked(&self) -> Checked<'_> {
        let deployment = &self.deployment;
        let (account, account_source) = match &deployment.account {
            Account::Given(id) => (id, AccountSource::Given),
            Account::Named(id) => (id, AccountSource::Named),
            Account::Placeholder(id) => (id, AccountSource::MadeUp),
        };
        Checked {
            file: &self.file,
            form: deployment.form.as_str(),
            account,
            account_source,
            principals: deployment
                .origins
                .iter()
                .map(|(arn, origin)| Placed {
                    arn,
                    id: &origin.id,
                    line: origin.line,
                })
                .collect(),
            outcome: match &self.result {
                Ok((assessment, _)) => Outcome::Held(assessment),
                Err(retirements) => Outcome::Retired(retirements),
            },
            faults: &self.faults,
            gaps: &deployment.inventory.gaps,
            deleted: deployment.deleted.keys().map(String::as_str).collect(),
            notes: &deployment.notes,
        }
    }
}
