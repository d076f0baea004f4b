//! The exit code of an audit.
//!
//! A listing that is not whole comes first: what was not seen may have drifted, or not exist at all. Then drift, since it is
//! certain. Then what could not be known, was not bound as a tag meant it, or was bound when the baseline was kept and is not
//! any more. An audit that checked nothing found nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::{Assessment, Code, FindingId, Findings, Judgement, Level};
use iam::PrincipalArn;

use crate::exit::Exit;

/// What the shell gets to know, and why where the table does not say it plainly. `missed`: who was checked before, and is bound
/// no longer.
pub(in crate::command) fn of(
    assessment: &Assessment,
    findings: &Findings,
    muted: &BTreeMap<FindingId, Arc<str>>,
    fail_on: Level,
    missed: &[PrincipalArn],
) -> (Exit, Option<String>) {
    let coverage = &assessment.coverage;
    let failed = |because: &str| (Exit::Failed, Some(format!("exit code 2: {because}")));
    if assessment.failure.is_some() {
        return failed("the audit itself failed");
    }
    if !coverage.gaps.is_empty() || !coverage.not_reached.is_empty() {
        return failed("the audit is incomplete, since not everything could be read");
    }
    let drift = || findings.values().filter(|finding| is_drift(finding.code));
    if drift().any(|finding| finding.level >= fail_on && !muted.contains_key(&finding.id)) {
        return (Exit::Drift, None);
    }
    if assessment.verdicts.is_empty() {
        return failed(
            "nothing was checked, since nobody who was asked about is bound to an action set; the tag `veeam:action-sets` does that, [[bind]] in the settings, or --bind PRINCIPAL=SET",
        );
    }
    let unsure = assessment.verdicts.iter().any(|verdict| {
        verdict.judgement() == Judgement::Undetermined || !verdict.unknown.is_empty()
    });
    if unsure {
        return failed("something could not be known");
    }
    if assessment
        .faults
        .iter()
        .any(|fault| fault.kind.leaves_unchecked())
    {
        return failed("a tag or binding could not be followed, so what it means was not checked");
    }
    if let [first, others @ ..] = missed {
        let others = match others.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return failed(&format!(
            "{first}{others} was checked before, and is gone or no longer bound, so nobody checked it now"
        ));
    }
    let mild = drift().any(|finding| finding.level > Level::Notice);
    (
        Exit::Fine,
        mild.then(|| format!("exit code 0: what drifted is muted or below {fail_on}")),
    )
}

/// Whether a finding is about something that is known to be wrong with a principal.
fn is_drift(code: Code) -> bool {
    match code {
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::AllowedOnlyOn
        | Code::ExcessAccess => true,
        Code::UnknownActionSet | Code::Coverage | Code::Undetermined | Code::AuditFailed => false,
    }
}
