//! One requirement that is drifted or undetermined: what is missing or unknown, why, what breaks, what to do.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::io;

use anstyle::Style;
use audit::Judgement;
use audit::requirement::Requirement;
use audit::resource_faults::fault::Weight;
use audit::settings::Owners;
use audit::verdict::{Place, Profile, Trust, Verdict};
use foldhash::fast::RandomState;
use iam::{ActionName, Cause};

use super::content::{Screen, Subject};
use crate::screen::actions::{Group, LISTED, by_service};
use crate::screen::owner;
use crate::screen::pen::Pen;
use crate::words::cause::{
    is_helped_by_policy, list, owners_of, remedy, remedy_unknown, why, why_unknown,
};
use crate::words::command::{catalog_policy, into_a_profile};
use crate::words::counted::counted;
use crate::words::fault;
use crate::words::message::capital;
use crate::words::plain::plain;
use crate::words::provenance::Provenance;
use crate::words::trust::{advice_missing, advice_unknown, not_let_in, owners_missing};

pub(super) fn write<'s>(
    pen: &mut Pen<'_>,
    screen: &Screen<'_>,
    verdict: &'s Verdict,
    paragraphs: &mut Paragraphs<'s>,
) -> io::Result<()> {
    if verdict.judgement() == Judgement::Compliant {
        return Ok(());
    }
    let owners = screen.owners;
    let palette = pen.palette;
    let arn = &verdict.principal;
    let requirement = &verdict.requirement;
    let style = palette.judgement(verdict.judgement());
    let strong = palette.strong;
    pen.blank()?;
    writeln!(
        pen.out(),
        "{style}{}{style:#}  {strong}{} {}{strong:#}  {}",
        verdict.judgement(),
        arn.kind(),
        plain(arn.name()),
        plain(&requirement.set),
    )?;
    pen.text(2, palette.faint, &plain(arn.as_str()))?;
    paragraphs.stake(pen, requirement, verdict.judgement())?;
    if let Some(mute) = screen.mute_of(verdict) {
        pen.hanging(2, "Muted:", palette.faint, &plain(mute))?;
    }
    for missing in &verdict.missing {
        let group = Group {
            requirement,
            places: &missing.places,
        };
        paragraphs.group(pen, group, &missing.cause, None, screen)?;
    }
    fix(pen, verdict, screen)?;
    for unknown in &verdict.unknown {
        let group = Group {
            requirement,
            places: &unknown.places,
        };
        paragraphs.group(pen, group, &unknown.cause, Some(&unknown.keys), screen)?;
    }
    trust(pen, &verdict.trust, owners)?;
    faults(pen, verdict)?;
    match verdict.instance_profile {
        Profile::Holds => {}
        Profile::Lacks => {
            pen.text(2, strong, "No instance profile")?;
            pen.hanging(4, "Do:", palette.doing, &into_a_profile(arn.name()))?;
        }
    }
    Ok(())
}

/// The command that prints what a policy of the principal lacks. It names the principal, so it is no part of the paragraphs that
/// principals share.
fn fix(pen: &mut Pen<'_>, verdict: &Verdict, screen: &Screen<'_>) -> io::Result<()> {
    let mut causes = verdict.missing.iter().map(|missing| &missing.cause);
    let Subject::Account(provenance) = screen.subject else {
        return Ok(());
    };
    if !causes.any(is_helped_by_policy) {
        return Ok(());
    }
    let command = format!(
        "`permdrift fix {} --action-set {}{}` prints what to add.",
        plain(verdict.principal.name()),
        plain(&verdict.requirement.set),
        provenance.map_or_else(String::new, Provenance::binding)
    );
    pen.hanging(2, "Policy:", pen.palette.doing, &command)
}

/// `keys` are the context keys that would decide, where the actions are unknown.
fn write_group(
    pen: &mut Pen<'_>,
    group: &Group<'_>,
    cause: &Cause,
    keys: Option<&BTreeSet<Box<str>>>,
    screen: &Screen<'_>,
) -> io::Result<()> {
    let palette = pen.palette;
    // What is not deployed yet has no account that could be simulated again.
    let command = match screen.subject {
        Subject::File(_) => Some(catalog_policy(group.requirement)),
        Subject::Account(_) => None,
    };
    let places = group.places.iter();
    let actions: BTreeSet<&ActionName> = places
        .flat_map(|place| place.actions(group.requirement))
        .collect();
    let (word, why, remedy) = match keys {
        None => ("missing", why(cause), remedy(cause, command.as_deref())),
        Some(keys) => (
            "unknown",
            why_unknown(cause, keys),
            remedy_unknown(cause, keys),
        ),
    };
    // A layer that is required may decide what no action of the set says.
    let title = match actions.len() {
        0 => capital(&why),
        number => format!("{} {word}: {why}", counted(number, "action")),
    };
    pen.text(2, palette.strong, &title)?;
    if actions.len() > LISTED {
        pen.text(4, Style::new(), &by_service(&actions))?;
        if let Some(text) = group.only_where() {
            pen.text(6, palette.faint, &text)?;
        }
    } else {
        group.names(pen)?;
    }
    pen.hanging(4, "Do:", palette.doing, &remedy)?;
    owner::write(pen, 4, &owners_of(cause, screen.owners))
}

/// Paragraphs as they stand on the screen. Principals that lack the same actions of one requirement for the same cause are the
/// rule, so each paragraph is laid out once.
#[derive(Default)]
pub(super) struct Paragraphs<'s> {
    stakes: HashMap<(*const Requirement, Judgement), Vec<u8>, RandomState>,
    groups: HashMap<GroupKey<'s>, Vec<u8>, RandomState>,
}

type GroupKey<'s> = (
    *const Requirement,
    &'s [Place],
    &'s Cause,
    Option<&'s BTreeSet<Box<str>>>,
);

impl<'s> Paragraphs<'s> {
    /// What breaks.
    fn stake(
        &mut self,
        pen: &mut Pen<'_>,
        requirement: &Requirement,
        judgement: Judgement,
    ) -> io::Result<()> {
        once(pen, self.stakes.entry((requirement, judgement)), |pen| {
            let breaks = match judgement {
                Judgement::Drifted => format!("Breaks ({}):", requirement.level),
                Judgement::Compliant | Judgement::Undetermined => "At stake:".to_owned(),
            };
            pen.hanging(2, &breaks, Style::new(), &plain(&requirement.impact))
        })
    }

    /// The actions of one cause.
    fn group(
        &mut self,
        pen: &mut Pen<'_>,
        group: Group<'s>,
        cause: &'s Cause,
        keys: Option<&'s BTreeSet<Box<str>>>,
        screen: &Screen<'_>,
    ) -> io::Result<()> {
        let key = (
            std::ptr::from_ref(group.requirement),
            group.places,
            cause,
            keys,
        );
        once(pen, self.groups.entry(key), |pen| {
            write_group(pen, &group, cause, keys, screen)
        })
    }
}

/// Writes what is known, or lays it out first.
fn once<K>(
    pen: &mut Pen<'_>,
    entry: Entry<'_, K, Vec<u8>>,
    lay_out: impl FnOnce(&mut Pen<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let lines = match entry {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => {
            let mut lines = Vec::new();
            lay_out(&mut Pen::new(&mut lines, pen.palette, pen.terminal))?;
            new.insert(lines)
        }
    };
    pen.out().write_all(lines)
}

/// What is wrong with resources. What breaks nothing is a notice.
fn faults(pen: &mut Pen<'_>, verdict: &Verdict) -> io::Result<()> {
    let faults = verdict.faults.iter();
    for one in faults.filter(|one| one.weight != Weight::Notice) {
        pen.text(2, pen.palette.strong, &capital(&fault::fault(one)))?;
        let remedy = fault::remedy(one);
        pen.hanging(4, "Do:", pen.palette.doing, remedy)?;
    }
    Ok(())
}

fn trust(pen: &mut Pen<'_>, trust: &Trust, owners: &Owners) -> io::Result<()> {
    let palette = pen.palette;
    if !trust.missing.is_empty() {
        pen.text(2, palette.strong, &not_let_in(trust))?;
        pen.hanging(4, "Do:", palette.doing, advice_missing(trust))?;
        owner::write(pen, 4, &owners_missing(trust, owners))?;
    }
    if !trust.unknown.is_empty() {
        let unknown = list(trust.unknown.iter().map(AsRef::as_ref));
        let reason = plain(trust.why().unwrap_or("for an unknown reason"));
        let text = format!(
            "It is not known whether the trust policy allows sts:AssumeRole to {unknown}: {reason}"
        );
        pen.text(2, palette.strong, &text)?;
        pen.hanging(4, "Do:", palette.doing, advice_unknown(trust))?;
        owner::write(
            pen,
            4,
            &owners.trust.as_deref().into_iter().collect::<Vec<_>>(),
        )?;
    }
    Ok(())
}
