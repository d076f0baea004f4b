//! The overview: one line per principal and action set.

use std::borrow::Cow;
use std::io;

use anstyle::Style;
use audit::Judgement;
use audit::resource_faults::fault::Weight;
use audit::verdict::{Profile, Verdict};

use super::content::Screen;
use crate::screen::columns::{Cell, Columns, Head};
use crate::screen::pen::Pen;
use crate::words::cause::why;
use crate::words::counted::counted;
use crate::words::coverage::not_checked;
use crate::words::plain::plain;

const HEADS: [Head; 5] = [
    Head {
        title: "VERDICT",
        shrinks: false,
    },
    Head {
        title: "LEVEL",
        shrinks: false,
    },
    Head {
        title: "PRINCIPAL",
        shrinks: true,
    },
    Head {
        title: "ACTION SET",
        shrinks: true,
    },
    Head {
        title: "WHAT",
        shrinks: false,
    },
];

pub(super) fn write(
    pen: &mut Pen<'_>,
    screen: &Screen<'_>,
    verdicts: &[&Verdict],
) -> io::Result<()> {
    if verdicts.is_empty() {
        return Ok(());
    }
    let palette = pen.palette;
    let mut table = Columns::new(HEADS.to_vec());
    for verdict in verdicts {
        let judgement = verdict.judgement();
        let level = match judgement {
            Judgement::Compliant => Cell::new(""),
            Judgement::Undetermined | Judgement::Drifted => {
                let level = verdict.level();
                Cell::styled(level.as_str(), palette.level(level))
            }
        };
        let arn = &verdict.principal;
        table.row(vec![
            Cell::styled(judgement.as_str(), palette.judgement(judgement)),
            level,
            Cell::new(format!("{} {}", arn.kind(), plain(arn.name()))),
            Cell::new(plain(&verdict.requirement.set)),
            Cell::new(marked(verdict, screen)),
        ]);
    }
    pen.blank()?;
    let terminal = pen.terminal;
    if !table.fits(0, terminal) {
        return stacked(pen, screen, verdicts);
    }
    table.write(pen.out(), 0, terminal, palette.faint)?;
    match verdicts.iter().any(|verdict| !verdict.unread().is_empty()) {
        false => Ok(()),
        true => pen.text(
            0,
            palette.faint,
            "* key, bucket or vault policy not checked",
        ),
    }
}

/// Two lines a requirement, for a terminal too narrow for the table.
fn stacked(pen: &mut Pen<'_>, screen: &Screen<'_>, verdicts: &[&Verdict]) -> io::Result<()> {
    for verdict in verdicts {
        let judgement = verdict.judgement();
        let level = match judgement {
            Judgement::Compliant => String::new(),
            Judgement::Undetermined | Judgement::Drifted => {
                format!(" ({})", verdict.level())
            }
        };
        let style = pen.palette.judgement(judgement);
        let what = what(verdict, screen);
        let rest =
            not_checked(verdict.unread()).map_or_else(String::new, |text| format!(", {text}"));
        writeln!(
            pen.out(),
            "{style}{judgement}{style:#}{level}: {what}{rest}"
        )?;
        let arn = &verdict.principal;
        let about = format!(
            "{} {}, {}",
            arn.kind(),
            plain(arn.name()),
            plain(&verdict.requirement.set)
        );
        pen.text(2, Style::new(), &about)?;
    }
    Ok(())
}

/// The same with a star where policies of resources were not checked; the line below the table says what it means.
fn marked(verdict: &Verdict, screen: &Screen<'_>) -> Cow<'static, str> {
    let what = what(verdict, screen);
    match verdict.unread() {
        [] => what,
        _ => Cow::Owned(format!("{what} *")),
    }
}

/// What stands behind a verdict, in a few words.
fn what(verdict: &Verdict, screen: &Screen<'_>) -> Cow<'static, str> {
    let size = verdict.requirement.names;
    let mut parts = Vec::new();
    let missing = verdict.count_missing();
    if missing > 0 {
        parts.push(format!("{missing} of {size} missing"));
    }
    if !verdict.trust.missing.is_empty() {
        parts.push("trust missing".to_owned());
    }
    if !verdict.trust.unknown.is_empty() {
        parts.push("trust unknown".to_owned());
    }
    match verdict.instance_profile {
        Profile::Holds => {}
        Profile::Lacks => parts.push("no instance profile".to_owned()),
    }
    for (weight, word) in [
        (Weight::Breaks, "resource fault"),
        (Weight::Unknown, "possible fault"),
    ] {
        let faults = verdict.faults.iter().filter(|one| one.weight == weight);
        match faults.count() {
            0 => {}
            number => parts.push(counted(number, word)),
        }
    }
    let unknown = verdict.count_unknown();
    if unknown > 0 {
        parts.push(format!("{unknown} unknown"));
    }
    let of_no_action = verdict.unknown.iter().filter(|one| one.places.is_empty());
    parts.extend(of_no_action.map(|one| why(&one.cause)));
    if parts.is_empty() {
        parts.push(counted(size, "action"));
    }
    if screen.mute_of(verdict).is_some() {
        parts.push("muted".to_owned());
    }
    Cow::Owned(parts.join(", "))
}
