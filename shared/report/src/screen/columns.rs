//! Columns: a table that fits the width of the terminal.
//!
//! In: headings and rows of plain cells. Out: lines. If the terminal is too narrow, cells of shrinkable columns are cut in the
//! middle, the widest column first. If the width is unknown (a file, a pipe), nothing is cut.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::Style;

use crate::words::plain::{shorten, width};

/// A table in the making.
#[derive(Debug)]
pub struct Columns<'a> {
    heads: Vec<Head>,
    rows: Vec<Vec<Cell<'a>>>,
}

/// What stands above a column, and how the column behaves.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The heading.
    pub title: &'static str,
    /// Whether its cells may be cut to make room.
    pub shrinks: bool,
}

/// One cell. Its text is plain already.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// Its colour.
    pub style: Style,
}

/// Two blanks between columns.
const GAP: usize = 2;

/// No column is cut below this: names would no longer tell principals apart.
const NARROWEST: usize = 16;

impl<'a> Cell<'a> {
    /// A cell in the terminal's own colour.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Self {
        Self::styled(text, Style::new())
    }

    /// A coloured cell.
    pub fn styled(text: impl Into<Cow<'a, str>>, style: Style) -> Self {
        Self {
            text: text.into(),
            style,
        }
    }
}

impl<'a> Columns<'a> {
    /// An empty table.
    #[must_use]
    pub fn new(heads: Vec<Head>) -> Self {
        Self {
            heads,
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells beyond the headings are not shown.
    pub fn row(&mut self, cells: Vec<Cell<'a>>) {
        self.rows.push(cells);
    }

    /// Whether a terminal is wide enough, if the columns that may shrink do, and what is cut can still be told apart.
    #[must_use]
    pub fn fits(&self, indent: usize, terminal: Option<usize>) -> bool {
        let Some(terminal) = terminal else {
            return true;
        };
        let widths = self.widths(Some(terminal.saturating_sub(indent)));
        let gaps = GAP * widths.len().saturating_sub(1);
        indent + widths.iter().sum::<usize>() + gaps <= terminal && self.tells_apart(&widths)
    }

    /// Whether texts of one column that differ still differ when they are cut to its width.
    fn tells_apart(&self, widths: &[usize]) -> bool {
        let columns = self.heads.iter().zip(widths).enumerate();
        let mut shrinking = columns.filter(|(_, (head, _))| head.shrinks);
        shrinking.all(|(at, (_, &columns))| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let texts: BTreeSet<&str> = cells.map(|cell| &*cell.text).collect();
            let cut: BTreeSet<_> = texts.iter().map(|text| shorten(text, columns)).collect();
            cut.len() == texts.len()
        })
    }

    /// Writes headings and rows, each line indented by so many blanks.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(
        &self,
        out: &mut dyn Write,
        indent: usize,
        terminal: Option<usize>,
        head_style: Style,
    ) -> io::Result<()> {
        let widths = self.widths(terminal.map(|all| all.saturating_sub(indent)));
        let heads: Vec<Cell<'_>> = self
            .heads
            .iter()
            .map(|head| Cell::styled(head.title, head_style))
            .collect();
        line(out, indent, &heads, &widths)?;
        for row in &self.rows {
            line(out, indent, row, &widths)?;
        }
        Ok(())
    }

    fn widths(&self, room: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.heads.iter().map(|head| width(head.title)).collect();
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(&cell.text));
            }
        }
        let Some(room) = room else { return widths };
        let gaps = GAP * widths.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(room);
        while excess > 0 {
            let widest = self
                .heads
                .iter()
                .zip(widths.iter_mut())
                .filter(|(head, width)| head.shrinks && **width > NARROWEST)
                .map(|(_, width)| width)
                .max();
            let Some(widest) = widest else { break };
            *widest -= 1;
            excess -= 1;
        }
        widths
    }
}

fn line(
    out: &mut dyn Write,
    indent: usize,
    cells: &[Cell<'_>],
    widths: &[usize],
) -> io::Result<()> {
    // Blanks are owed until something follows them, so that no line ends in any.
    let mut owed = indent;
    for (cell, &columns) in cells.iter().zip(widths) {
        let text = shorten(&cell.text, columns);
        if text.is_empty() {
            owed += columns + GAP;
            continue;
        }
        let style = cell.style;
        write!(out, "{:owed$}{style}{text}{style:#}", "")?;
        owed = columns.saturating_sub(width(&text)) + GAP;
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: [Head; 3] = [
        Head {
            title: "A",
            shrinks: false,
        },
        Head {
            title: "NAME",
            shrinks: true,
        },
        Head {
            title: "N",
            shrinks: false,
        },
    ];

    #[track_caller]
    fn check(terminal: Option<usize>, expected: &str) {
        let mut table = Columns::new(HEADS.to_vec());
        table.row(vec![
            Cell::new("ok"),
            Cell::new("arn:aws:iam::role/long"),
            Cell::new("3"),
        ]);
        table.row(vec![Cell::new("bad"), Cell::new("漢字"), Cell::new("")]);
        let mut out = Vec::new();
        table.write(&mut out, 1, terminal, Style::new()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_no_line_ends_in_blanks() {
        check(
            None,
            " A    NAME                    N\n ok   arn:aws:iam::role/long  3\n bad  漢字\n",
        );
    }

    #[test]
    fn a_narrow_terminal_cuts_the_names() {
        check(
            Some(26),
            " A    NAME               N\n ok   arn:aws:…ole/long  3\n bad  漢字\n",
        );
    }

    #[test]
    fn names_that_would_read_the_same_when_cut_do_not_fit() {
        let fits = |names: [&'static str; 2], terminal| {
            let mut table = Columns::new(HEADS.to_vec());
            for name in names {
                table.row(vec![Cell::new("ok"), Cell::new(name), Cell::new("3")]);
            }
            table.fits(0, Some(terminal))
        };
        let alike = ["role VeeamEc2Backup-Prod", "role VeeamRdsBackup-Prod"];
        assert!(!fits(alike, 25), "both are cut to `role Vee…kup-Prod`");
        assert!(fits(alike, 31), "nothing is cut");
        let differing = ["role VeeamEc2Backup-Prod", "role VeeamRdsBackup-Test"];
        assert!(fits(differing, 25), "the ends differ");
        assert!(fits([alike[0]; 2], 25), "they are the same");
    }

    #[test]
    fn a_terminal_that_is_too_narrow_for_anything_still_gets_every_column() {
        check(
            Some(1),
            " A    NAME              N\n ok   arn:aws:…le/long  3\n bad  漢字\n",
        );
    }
}
