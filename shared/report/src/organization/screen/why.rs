//! Why: what does a terminal tell of the accounts that do not stand well?
//!
//! In: their rows, worst first. Out: the worst findings of the worst accounts, and the worst of each of the others.

use std::io;

use anstyle::Style;

use crate::organization::reasons::Reasons;
use crate::organization::view::AccountRow;
use crate::organization::words::who;
use crate::screen::pen::Pen;
use crate::words::counted::counted;

/// So many accounts have their findings told, and so many findings of each.
const TOLD: usize = 10;
const OF_ONE: usize = 5;
/// So many more accounts have their worst finding told.
const BRIEFLY: usize = 200;

/// Why accounts do not stand well.
pub(super) fn write<'a>(
    pen: &mut Pen<'_>,
    bad: impl Iterator<Item = &'a AccountRow<'a>>,
) -> io::Result<()> {
    let bad = bad.map(|row| (row, Reasons::of(row)));
    let bad: Vec<_> = bad.filter(|(_, reasons)| reasons.count() > 0).collect();
    let (worst, others) = bad.split_at_checked(TOLD).unwrap_or((&bad, &[]));
    for (row, reasons) in worst {
        pen.heading(&who(row))?;
        for unseen in reasons.unseen.iter().take(OF_ONE) {
            pen.hanging(2, "-", pen.palette.unknown, unseen)?;
        }
        for found in reasons.found.iter().take(OF_ONE) {
            pen.hanging(2, "-", Style::new(), found)?;
        }
        if let Some(above) = &reasons.above {
            pen.hanging(2, "-", pen.palette.unknown, above)?;
        }
        let more = |all: &[String]| all.len().saturating_sub(OF_ONE);
        let more = more(&reasons.found) + more(&reasons.unseen);
        if more > 0 {
            pen.text(4, pen.palette.faint, &format!("and {more} more"))?;
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    pen.heading("The worst of the other accounts")?;
    for (row, reasons) in others.iter().take(BRIEFLY) {
        let first = reasons.first(row.standing).unwrap_or_default();
        let more = match reasons.count() - 1 {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        pen.hanging(
            2,
            "-",
            Style::new(),
            &format!("{}: {first}{more}", who(row)),
        )?;
    }
    pen.blank()?;
    let text = match others.len().saturating_sub(BRIEFLY) {
        0 => "`--export FILE.html` holds all findings.".to_owned(),
        more => format!(
            "`--export FILE.html` holds all findings, and those of {}.",
            counted(more, "more account")
        ),
    };
    pen.text(0, pen.palette.faint, &text)
}
