//! Terminal output of an audit.
//!
//! In: an assessment with settings and baseline. Out: one line for each principal and action set, worst first; then each drifted
//! requirement with its missing actions by cause, what breaks and what to do; then what could not be determined; then notices;
//! and a summary as the last line, where it is visible without scrolling.
//!
//! Text from the account is made plain. The output is not versioned; scripts read [`json`](crate::machine::json).

mod causes;
mod changed;
mod content;
mod drift;
mod notices;
mod overview;
mod remark;
mod remarks;
mod touched;

pub use content::{Detail, Filter, Screen, Subject};
pub(crate) use remarks::section_of;

use std::collections::BTreeMap;
use std::io;

use audit::verdict::Verdict;
use audit::{EventKind, Judgement, Level};

use self::remarks::is_listed;
use crate::audit_report::{is_better, is_now_checked};
use crate::screen::pen::Pen;
use crate::words::counted::counted;
use crate::words::coverage::of_which_unread;
use crate::words::layers::layers;
use crate::words::plain::plain;
use crate::words::provenance::provenance;

/// Writes the screen.
///
/// # Errors
/// If writing fails.
pub fn write(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let all = &screen.assessment.verdicts;
    let mut verdicts = worst_first(all);
    verdicts.retain(|verdict| screen.filter.shows(verdict));
    head(pen, screen)?;
    if let Some(touched) = &screen.assessment.coverage.touched {
        touched::write(pen, touched)?;
    }
    match screen.detail {
        Detail::Summary => {}
        Detail::Whole => {
            overview::write(pen, screen, &verdicts)?;
            let mut paragraphs = drift::Paragraphs::default();
            for verdict in &verdicts {
                drift::write(pen, screen, verdict, &mut paragraphs)?;
            }
            let hidden = all.len().saturating_sub(verdicts.len());
            if hidden > 0 {
                pen.blank()?;
                let text = format!(
                    "{} not shown; the counts below are of all.",
                    counted(hidden, "requirement")
                );
                pen.text(0, pen.palette.faint, &text)?;
            }
        }
    }
    changed::write(pen, screen.explained)?;
    causes::write(pen, screen)?;
    match screen.detail {
        Detail::Summary => remarks::not_seen(pen, screen)?,
        Detail::Whole => remarks::write(pen, screen)?,
    }
    sum(pen, screen)
}

/// Drifted, then undetermined, then compliant; among equals the more severe first, then by principal and set.
fn worst_first(verdicts: &[Verdict]) -> Vec<&Verdict> {
    let mut sorted: Vec<&Verdict> = verdicts.iter().collect();
    sorted.sort_by_key(|verdict| {
        // Of what is unknown, that which would be worst if it were missing stands first.
        let level = match verdict.judgement() {
            Judgement::Compliant => Level::Notice,
            Judgement::Undetermined | Judgement::Drifted => verdict.requirement.level,
        };
        std::cmp::Reverse((verdict.judgement(), level))
    });
    sorted
}

fn head(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let assessment = screen.assessment;
    let coverage = &assessment.coverage;
    let subject = match screen.subject {
        Subject::File((file, form)) => format!("{} ({form})", plain(file)),
        Subject::Account(_) => format!("Account {}", assessment.account),
    };
    let mut text = format!(
        "{subject}: {}, {} bound to action sets, {}",
        counted(coverage.principals, "principal"),
        coverage.bound.len(),
        counted(assessment.verdicts.len(), "requirement"),
    );
    if !coverage.selection.is_all() {
        text.push_str(" selected");
    }
    text.push('.');
    pen.text(0, anstyle::Style::new(), &text)?;
    if let Subject::Account(Some(from)) = screen.subject {
        pen.text(0, pen.palette.faint, &provenance(from, assessment))?;
    }
    if let Some(failure) = &assessment.failure {
        let bad = pen.palette.bad;
        pen.text(0, bad, &format!("The audit failed: {}", plain(failure)))?;
    }
    Ok(())
}

fn sum(pen: &mut Pen<'_>, screen: &Screen<'_>) -> io::Result<()> {
    let assessment = screen.assessment;
    let palette = pen.palette;
    let mut by_level: BTreeMap<Level, usize> = BTreeMap::new();
    for verdict in &assessment.verdicts {
        if verdict.judgement() == Judgement::Drifted {
            *by_level.entry(verdict.requirement.level).or_default() += 1;
        }
    }
    let levels: Vec<String> = by_level
        .iter()
        .rev()
        .map(|(level, number)| format!("{number} {level}"))
        .collect();
    pen.blank()?;
    let number = |judgement, style: anstyle::Style, extra: &str| {
        let number = assessment.count(judgement);
        let style = if number == 0 { palette.faint } else { style };
        format!("{style}{number} {judgement}{extra}{style:#}")
    };
    let drifted = if levels.is_empty() {
        String::new()
    } else {
        format!(" ({})", levels.join(", "))
    };
    let mut line = [
        number(Judgement::Drifted, palette.bad, &drifted),
        number(Judgement::Undetermined, palette.unknown, ""),
        number(
            Judgement::Compliant,
            palette.good,
            &of_which_unread(assessment),
        ),
    ]
    .join(", ");
    let keys = assessment.keys.iter().flat_map(|keys| &keys.faults);
    let keys = keys.filter(|faults| !faults.is_empty()).count();
    if keys > 0 {
        let bad = palette.bad;
        let users = counted(keys, "user");
        line.push_str(&format!(
            "; {bad}{users} with access keys to look at{bad:#}"
        ));
    }
    if !assessment.faults.is_empty() {
        let unknown = palette.unknown;
        let what = match assessment.faults.len() {
            1 => "1 tag or binding".to_owned(),
            number => format!("{number} tags or bindings"),
        };
        line.push_str(&format!("; {unknown}{what} to correct{unknown:#}"));
    }
    if let Some(events) = screen.events {
        let events = || events.iter().filter(|event| is_listed(event));
        let now_checked = events().filter(|event| is_now_checked(event)).count();
        let events = events().filter(|event| !is_now_checked(event));
        let told =
            |kind: fn(&EventKind) -> bool| events.clone().filter(|event| kind(&event.kind)).count();
        let new = told(|kind| matches!(kind, EventKind::Opened | EventKind::Worsened));
        let better = told(|kind| is_better(*kind));
        line.push_str(&format!(
            "; since the baseline {new} worse, {better} better"
        ));
        if now_checked > 0 {
            line.push_str(&format!(", {now_checked} now checked"));
        }
    }
    pen.text(0, anstyle::Style::new(), &line)?;
    match assessment.verdicts.is_empty() {
        true => Ok(()),
        false => pen.text(0, palette.faint, &layers(&assessment.coverage)),
    }
}
