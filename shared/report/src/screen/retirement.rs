//! Terminal output of `--expect-denied`: which actions of an action set are still allowed?
//!
//! In: the retirements found in one file. Out: one line for each principal and action set, worst first; then what is still
//! allowed and by which statement; then what could not be determined.

use std::collections::BTreeSet;
use std::io;

use anstyle::Style;
use audit::Judgement;
use audit::requirement::BindFault;
use audit::retirement::Retirement;
use audit::verdict::Place;
use iam::inventory::Gap;
use iam::{ActionName, Cause};

use crate::screen::actions::Group;
use crate::screen::audit::section_of;
use crate::screen::columns::{Cell, Columns, Head};
use crate::screen::pen::Pen;
use crate::words::cause::{why, why_unknown};
use crate::words::counted::counted;
use crate::words::plain::plain;

/// The word for what became of a set.
#[must_use]
pub fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Compliant => "denied",
        Judgement::Drifted => "allowed",
        Judgement::Undetermined => "undetermined",
    }
}

/// Writes what was found of one file, which is named with what it is.
///
/// # Errors
/// If writing fails.
pub fn write(
    pen: &mut Pen<'_>,
    (file, form): (&str, &str),
    retirements: &[Retirement],
    faults: &[BindFault],
    gaps: &[Gap],
) -> io::Result<()> {
    let expected = counted(retirements.len(), "action set");
    let head = format!(
        "{} ({form}): {expected} expected to be denied.",
        plain(file)
    );
    pen.text(0, Style::new(), &head)?;
    let mut sorted: Vec<&Retirement> = retirements.iter().collect();
    sorted.sort_by_key(|one| std::cmp::Reverse(one.judgement()));
    overview(pen, &sorted)?;
    for one in &sorted {
        detail(pen, one)?;
    }
    section_of(pen, faults, gaps)?;
    sum(pen, retirements)
}

fn overview(pen: &mut Pen<'_>, retirements: &[&Retirement]) -> io::Result<()> {
    if retirements.is_empty() {
        return Ok(());
    }
    let palette = pen.palette;
    let head = |title, shrinks| Head { title, shrinks };
    let heads = [
        head("NOW", false),
        head("PRINCIPAL", true),
        head("ACTION SET", true),
        head("WHAT", false),
    ];
    let mut table = Columns::new(heads.to_vec());
    for one in retirements {
        let judgement = one.judgement();
        let allowed = actions(one, one.allowed.iter().flat_map(|still| &still.places));
        let unknown = actions(one, one.unknown.iter().flat_map(|unknown| &unknown.places));
        let mut what = Vec::new();
        if allowed > 0 {
            what.push(format!(
                "{} of {} allowed",
                allowed,
                counted(one.requirement.names, "action")
            ));
        }
        if unknown > 0 {
            what.push(format!("{unknown} not known"));
        }
        let arn = &one.principal;
        let principal = format!("{} {}", arn.kind(), plain(arn.name()));
        table.row(vec![
            Cell::styled(word(judgement), palette.judgement(judgement)),
            Cell::new(principal),
            Cell::new(plain(&one.requirement.set)),
            Cell::new(what.join(", ")),
        ]);
    }
    pen.blank()?;
    let terminal = pen.terminal;
    table.write(pen.out(), 0, terminal, palette.faint)
}

fn actions<'a>(one: &'a Retirement, places: impl Iterator<Item = &'a Place>) -> usize {
    let actions = places.flat_map(|place| place.actions(&one.requirement));
    actions.collect::<std::collections::BTreeSet<_>>().len()
}

fn detail(pen: &mut Pen<'_>, one: &Retirement) -> io::Result<()> {
    let judgement = one.judgement();
    if judgement == Judgement::Compliant {
        return Ok(());
    }
    let style = pen.palette.judgement(judgement);
    let strong = pen.palette.strong;
    let arn = &one.principal;
    pen.blank()?;
    writeln!(
        pen.out(),
        "{style}{}{style:#}  {strong}{} {}{strong:#}  {}",
        word(judgement),
        arn.kind(),
        plain(arn.name()),
        plain(&one.requirement.set),
    )?;
    pen.text(2, pen.palette.faint, &plain(arn.as_str()))?;
    for still in &one.allowed {
        let number = actions(one, still.places.iter());
        let title = format!("{}: {}", counted(number, "action"), why(&still.cause));
        pen.text(2, strong, &title)?;
        if matches!(still.cause, Cause::AllowedOnlyOn { .. }) {
            // Where, the cause says: not on all that was asked about.
            let places = still.places.iter();
            let actions: BTreeSet<&ActionName> = places
                .flat_map(|place| place.actions(&one.requirement))
                .collect();
            pen.names(4, actions.into_iter().map(ActionName::as_str))?;
        } else {
            names(pen, one, &still.places)?;
        }
    }
    for unknown in &one.unknown {
        let number = actions(one, unknown.places.iter());
        let why = why_unknown(&unknown.cause, &unknown.keys);
        pen.text(
            2,
            strong,
            &format!("{} unknown: {why}", counted(number, "action")),
        )?;
        names(pen, one, &unknown.places)?;
    }
    Ok(())
}

fn names(pen: &mut Pen<'_>, one: &Retirement, places: &[Place]) -> io::Result<()> {
    let requirement = &one.requirement;
    Group {
        requirement,
        places,
    }
    .names(pen)
}

fn sum(pen: &mut Pen<'_>, retirements: &[Retirement]) -> io::Result<()> {
    let palette = pen.palette;
    let part = |judgement: Judgement| {
        let all = retirements.iter();
        let number = all.filter(|one| one.judgement() == judgement).count();
        let style = match number {
            0 => palette.faint,
            _ => palette.judgement(judgement),
        };
        format!("{style}{number} {}{style:#}", word(judgement))
    };
    let parts = [
        Judgement::Drifted,
        Judgement::Undetermined,
        Judgement::Compliant,
    ];
    pen.blank()?;
    writeln!(pen.out(), "{}", parts.map(part).join(", "))
}
