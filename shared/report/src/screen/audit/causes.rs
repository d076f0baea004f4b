//! Drift grouped by cause: who has to act, and how many requirements does one repair fix?
//!
//! One SCP that affects fourteen roles gives fourteen drifted requirements but needs one repair. Printed below the requirements.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use anstyle::Style;
use audit::Judgement;
use iam::{ActionName, Cause, PrincipalArn};

use super::content::Screen;
use super::remark::few;
use crate::screen::pen::Pen;
use crate::words::cause::{owners_of, why};
use crate::words::counted::counted;
use crate::words::coverage::name;
use crate::words::plain::plain;

#[derive(Default)]
struct Hit<'a> {
    requirements: usize,
    principals: BTreeSet<&'a PrincipalArn>,
    actions: BTreeSet<&'a ActionName>,
}

/// Causes that several requirements have in common, the widest first.
pub(super) fn write(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let mut hits: BTreeMap<(&Cause, Option<&PrincipalArn>), Hit<'_>> = BTreeMap::new();
    let verdicts = screen.assessment.verdicts.iter();
    for verdict in verdicts.filter(|verdict| verdict.judgement() == Judgement::Drifted) {
        for missing in &verdict.missing {
            // The same words for everybody, but each principal's own policies: not one thing to do.
            if matches!(missing.cause, Cause::NotAllowedIn(_)) {
                continue;
            }
            let owner = is_own(&missing.cause).then_some(&verdict.principal);
            let hit = hits.entry((&missing.cause, owner)).or_default();
            hit.requirements += 1;
            hit.principals.insert(&verdict.principal);
            let places = missing.places.iter();
            hit.actions
                .extend(places.flat_map(|place| place.actions(&verdict.requirement)));
        }
    }
    let mut hits: Vec<_> = hits
        .into_iter()
        .filter(|(_, hit)| hit.requirements > 1)
        .collect();
    if hits.is_empty() {
        return Ok(());
    }
    hits.sort_by_key(|(_, hit)| std::cmp::Reverse(hit.requirements));
    pen.heading("One cause, several requirements")?;
    for ((cause, _), hit) in hits {
        let owner = owners_of(cause, screen.owners);
        let owner = owner
            .first()
            .map_or_else(String::new, |owner| format!("; owner: {}", plain(owner)));
        let text = format!(
            "{} of {}: {}{owner}",
            counted(hit.actions.len(), "action"),
            counted(hit.requirements, "requirement"),
            why(cause)
        );
        pen.hanging(2, "-", Style::new(), &text)?;
        pen.text(
            4,
            pen.palette.faint,
            &few(hit.principals.into_iter().map(name)),
        )?;
    }
    Ok(())
}

/// Whether a cause lies in inline policies only: another principal's may bear the same name, and is another document.
fn is_own(cause: &Cause) -> bool {
    let is_inline = |policy: &str| policy.starts_with("inline ");
    match cause {
        Cause::DeniedBy(by)
        | Cause::AllowedOnlyOn { by, .. }
        | Cause::DeniedOn { by, .. }
        | Cause::MissingContext { by } => {
            !by.is_empty() && by.iter().all(|at| is_inline(&at.policy))
        }
        Cause::CannotEvaluate { by, .. } => is_inline(&by.policy),
        Cause::Unreadable { policy, .. } => is_inline(policy),
        Cause::AllowedBy(_)
        | Cause::DeniedInLayer(_)
        | Cause::NotAllowedIn(_)
        | Cause::NotChecked { .. }
        | Cause::NoAnswer { .. } => false,
    }
}
