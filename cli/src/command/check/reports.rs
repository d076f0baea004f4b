//! `permdrift check --report`: what was found of one file, or why it cannot be checked, in the formats that pipelines show.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use audit::judge::failed;
use audit::{Assessment, Findings, observe};
use deployment::{ReadError, placeholder_account};
use iam::PrincipalArn;
use report::AuditReport;
use report::audit_report::Planned;

use super::{Check, Looked};
use crate::command::audit::export::{self, Format};
use crate::exit::UsageError;
use crate::input;

impl Check<'_> {
    /// Writes what was found of a file.
    ///
    /// # Errors
    /// Where a report cannot be written.
    pub(super) fn report(
        &self,
        formats: &[(&Path, Format)],
        looked: &Looked,
    ) -> anyhow::Result<()> {
        let Ok((assessment, findings)) = &looked.result else {
            return Ok(());
        };
        let origins = looked.deployment.origins.iter();
        let lines = origins.map(|(arn, origin)| (arn.clone(), origin.line));
        let planned = Planned {
            lines: &lines.collect(),
            fault: None,
        };
        self.write(formats, &looked.file, (assessment, findings), planned)
    }

    /// Writes that a file cannot be checked, so that a pipeline shows it as well. A mistake of the command line is no fault of
    /// the file.
    ///
    /// # Errors
    /// Where a report cannot be written.
    pub(super) fn report_fault(
        &self,
        formats: &[(&Path, Format)],
        path: &Path,
        error: &anyhow::Error,
    ) -> anyhow::Result<()> {
        if formats.is_empty() || error.is::<UsageError>() {
            return Ok(());
        }
        let listed = self.files.inventory().and_then(|listed| listed.account);
        let account = match self.asked.account.or(listed) {
            Some(account) => account,
            None => placeholder_account()?,
        };
        let reasons: Vec<String> = error.chain().map(ToString::to_string).collect();
        let assessment = failed(account, &reasons.join(": "), self.now);
        let mut findings = observe(&assessment, &self.settings);
        for finding in findings.values_mut() {
            finding.impact = Arc::from("It is not known what its users and roles will hold.");
        }
        let planned = Planned {
            lines: &BTreeMap::<PrincipalArn, usize>::new(),
            fault: error.downcast_ref::<ReadError>().and_then(ReadError::line),
        };
        let file = input::name(path);
        self.write(formats, &file, (&assessment, &findings), planned)
    }

    fn write(
        &self,
        formats: &[(&Path, Format)],
        file: &str,
        (assessment, findings): (&Assessment, &Findings),
        planned: Planned<'_>,
    ) -> anyhow::Result<()> {
        let report = AuditReport {
            assessment,
            findings,
            events: None,
            explained: &[],
            settings: &self.settings,
            catalog: self.catalog,
            source: Some(within_this_folder(file)),
            provenance: None,
            region: "us-east-1",
            planned: Some(planned),
        };
        for (path, format) in formats {
            export::write(path, *format, &report)?;
        }
        Ok(())
    }
}

/// A file's name as seen from here: code scanning knows the files of a repository by their names within it.
fn within_this_folder(file: &str) -> &str {
    let here = std::env::current_dir().ok();
    let within = here.and_then(|here| Path::new(file).strip_prefix(here).ok()?.to_str());
    within.unwrap_or(file)
}
