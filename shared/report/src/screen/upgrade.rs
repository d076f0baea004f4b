//! Terminal output of an upgrade: which principals will lack permissions, and what has to be done first?
//!
//! In: an [`Upgrade`]. Out: a paragraph for each requirement that will lack something new, and a summary line.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use anstyle::Style;
use audit::verdict::{Notice, Place, Profile, Verdict};
use audit::{Judgement, Upgrade};
use catalog::{Catalog, ProductVersion};
use iam::ActionName;

use crate::screen::actions::Group;
use crate::screen::pen::Pen;
use crate::words::cause::{list, remedy, remedy_unknown, why, why_unknown};
use crate::words::command::catalog_policy;
use crate::words::counted::counted;
use crate::words::coverage::{name, not_looked_at};
use crate::words::fault;
use crate::words::layers::layers;
use crate::words::message::capital;
use crate::words::plain::plain;

/// Writes who will lack what.
///
/// # Errors
/// If writing fails.
pub fn write(
    pen: &mut Pen<'_>,
    upgrade: &Upgrade,
    catalog: &Catalog,
    (from, to): (ProductVersion, ProductVersion),
) -> io::Result<()> {
    let assessment = &upgrade.assessment;
    let account = assessment.account;
    pen.heading(&format!("Who will lack it in account {account}"))?;
    // Principals that will lack the same of one set share a paragraph; the worst come first.
    let mut shared: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for verdict in &assessment.verdicts {
        let requirement = &*verdict.requirement;
        let set = format!("{}, {}", plain(&requirement.set), plain(&requirement.title));
        let mut body = Vec::new();
        let mut pen = Pen::new(&mut body, pen.palette, pen.terminal);
        write_verdict(&mut pen, verdict, catalog)?;
        let rank = (Reverse(verdict.judgement()), Reverse(requirement.level));
        let whose = shared.entry((rank, set, body)).or_default();
        whose.push(name(&verdict.principal));
    }
    for ((_, set, body), whose) in shared {
        let who = whose.join(", ");
        pen.text(0, pen.palette.strong, &who)?;
        pen.text(2, Style::new(), &set)?;
        pen.out().write_all(&body)?;
    }
    for fault in &assessment.faults {
        let text = format!(
            "{}, {}: {}",
            name(&fault.principal),
            fault.place,
            fault.kind
        );
        pen.hanging(2, "?", pen.palette.unknown, &plain(&text))?;
    }
    for unseen in not_looked_at(&assessment.coverage) {
        let text = format!("not seen: {}", plain(&unseen));
        pen.hanging(2, "?", pen.palette.unknown, &text)?;
    }
    if !assessment.faults.is_empty() || !assessment.coverage.gaps.is_empty() {
        pen.blank()?;
    }
    let number = |judgement| assessment.count(judgement);
    let mut text = format!(
        "{} looked at: {} will lack something that {to} needs, {} not known.",
        counted(upgrade.checked, "requirement"),
        number(Judgement::Drifted),
        number(Judgement::Undetermined),
    );
    let (lacking, unknown) = (upgrade.lacking_before, upgrade.unknown_before);
    if lacking + unknown > 0 {
        text.push_str(&format!(
            " Already before the upgrade, {lacking} lack something and {unknown} are not known: `permdrift audit --product-version {from}` shows which."
        ));
    }
    pen.text(0, Style::new(), &text)?;
    pen.text(0, pen.palette.faint, &layers(&assessment.coverage))
}

fn write_verdict(pen: &mut Pen<'_>, verdict: &Verdict, catalog: &Catalog) -> io::Result<()> {
    let palette = pen.palette;
    let requirement = &*verdict.requirement;
    let mut group = |style: Style, text: &str, places: &[Place], how: Option<String>| {
        let names: BTreeSet<&ActionName> = places
            .iter()
            .flat_map(|place| place.actions(requirement))
            .collect();
        let text = format!("{} {text}", counted(names.len(), "action"));
        pen.text(2, style, &text)?;
        Group {
            requirement,
            places,
        }
        .names(pen)?;
        match how {
            Some(how) => pen.hanging(4, "Do:", palette.doing, &how),
            None => Ok(()),
        }
    };
    let command = catalog_policy(requirement);
    for missing in &verdict.missing {
        let text = format!("will be missing: {}", why(&missing.cause));
        let how = remedy(&missing.cause, Some(&command));
        group(palette.bad, &text, &missing.places, Some(how))?;
    }
    for unknown in &verdict.unknown {
        let why = why_unknown(&unknown.cause, &unknown.keys);
        let how = remedy_unknown(&unknown.cause, &unknown.keys);
        let text = format!("not known: {why}");
        group(palette.unknown, &text, &unknown.places, Some(how))?;
    }
    for notice in &verdict.notices {
        let (style, text, places) = match notice {
            Notice::Asked { condition, places } => {
                let question = catalog.condition(condition).unwrap_or_default();
                let text = format!("missing if yes: {} ({condition})", plain(question));
                (palette.unknown, text, places)
            }
            Notice::Optional { because, places } => {
                let text = format!("missing, and needed only for this: {}", plain(because));
                (palette.faint, text, places)
            }
            Notice::AllowedOnlyOn { resources, places } => {
                let resources = list(resources.iter().map(AsRef::as_ref));
                let text =
                    format!("allowed on {resources} only; declare which resources Veeam uses");
                (palette.faint, text, places)
            }
            Notice::DeniedOn { .. } | Notice::NotConfirmed { .. } | Notice::Requirement(_) => {
                continue;
            }
        };
        group(style, &text, places, None)?;
    }
    let trust = &verdict.trust;
    if !trust.missing.is_empty() {
        let names = list(trust.missing.iter().map(AsRef::as_ref));
        let text = format!(
            "The trust policy does not allow sts:AssumeRole to {}",
            plain(&names)
        );
        pen.text(2, palette.bad, &text)?;
    }
    if !trust.unknown.is_empty() {
        let names = list(trust.unknown.iter().map(AsRef::as_ref));
        let text = format!(
            "It is not known whether the trust policy allows sts:AssumeRole to {}",
            plain(&names)
        );
        pen.text(2, palette.unknown, &text)?;
    }
    for one in &verdict.faults {
        pen.text(2, palette.bad, &capital(&fault::fault(one)))?;
    }
    if verdict.instance_profile == Profile::Lacks {
        pen.text(2, palette.bad, "The role is in no instance profile")?;
    }
    pen.blank()
}
