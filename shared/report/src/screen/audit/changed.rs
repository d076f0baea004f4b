//! Who changed what findings are about.

use std::io;

use anstyle::Style;
use audit::Event;

use crate::screen::pen::Pen;
use crate::words::changed::changed;
use crate::words::message::{capital, what, who};

/// Findings of which it is told.
const FINDINGS: usize = 20;

pub(super) fn write(pen: &mut Pen<'_>, events: &[Event]) -> io::Result<()> {
    let explained = events.iter().filter_map(|event| {
        let changed = changed(event.explanation.as_ref()?)?;
        Some((&event.finding, changed))
    });
    let explained: Vec<_> = explained.collect();
    if explained.is_empty() {
        return Ok(());
    }
    pen.blank()?;
    pen.text(0, pen.palette.strong, "Who changed it:")?;
    for (finding, changed) in explained.iter().take(FINDINGS) {
        let title = format!("{}: {}", capital(&who(finding)), what(finding));
        pen.text(2, Style::new(), &title)?;
        if !changed.lines.is_empty() {
            pen.text(4, Style::new(), &format!("{}:", changed.head))?;
        }
        for line in &changed.lines {
            pen.hanging(6, "-", Style::new(), line)?;
        }
        for note in &changed.notes {
            pen.text(4, pen.palette.faint, note)?;
        }
    }
    let more = explained.len().saturating_sub(FINDINGS);
    if more > 0 {
        pen.text(2, pen.palette.faint, &format!("and {more} more findings"))?;
    }
    Ok(())
}
