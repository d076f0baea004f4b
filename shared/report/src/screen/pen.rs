//! The pen: writes paragraphs and lists to a terminal, wrapped to its width.
//!
//! In: texts that are already plain. Out: lines. If the width is unknown, paragraphs are wrapped for a wide terminal. A long word
//! (an ARN) is never broken, so that it can be copied.

use std::io::{self, Write};

use anstyle::Style;

use crate::screen::palette::Palette;

/// How wide a paragraph is where nobody knows the terminal, and at most where it is very wide.
const COMFORTABLE: usize = 110;

/// Where and how to write.
pub struct Pen<'a> {
    out: &'a mut dyn Write,
    /// Which colour means what.
    pub palette: Palette,
    /// The terminal's columns; `None` where the output is no terminal.
    pub terminal: Option<usize>,
}

impl<'a> Pen<'a> {
    /// A pen for a terminal of so many columns.
    pub fn new(out: &'a mut dyn Write, palette: Palette, terminal: Option<usize>) -> Self {
        Self {
            out,
            palette,
            terminal,
        }
    }

    /// The writer below, for whole lines.
    pub fn out(&mut self) -> &mut dyn Write {
        self.out
    }

    /// An empty line.
    ///
    /// # Errors
    /// If writing fails.
    pub fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// An empty line and a heading.
    ///
    /// # Errors
    /// If writing fails.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        self.blank()?;
        self.text(0, self.palette.strong, text)
    }

    /// A paragraph, indented by so many blanks.
    ///
    /// # Errors
    /// If writing fails.
    pub fn text(&mut self, indent: usize, style: Style, text: &str) -> io::Result<()> {
        self.hanging(indent, "", style, text)
    }

    /// A paragraph behind a label; its further lines begin below the text, not below the label.
    ///
    /// # Errors
    /// If writing fails.
    pub fn hanging(
        &mut self,
        indent: usize,
        label: &str,
        style: Style,
        text: &str,
    ) -> io::Result<()> {
        let first = if label.is_empty() {
            indent
        } else {
            indent + crate::words::plain::width(label) + 1
        };
        let room = self
            .terminal
            .map_or(COMFORTABLE, |columns| columns.min(COMFORTABLE))
            .saturating_sub(first)
            .max(20);
        if crate::words::plain::width(text) <= room && !text.contains('\n') {
            return self.line(indent, first, label, style, text);
        }
        let options = textwrap::Options::new(room)
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let mut label = label;
        for line in textwrap::wrap(text, options) {
            self.line(indent, first, label, style, &line)?;
            label = "";
        }
        Ok(())
    }

    /// One line, behind its label or below the text of the line before.
    fn line(
        &mut self,
        indent: usize,
        first: usize,
        label: &str,
        style: Style,
        text: &str,
    ) -> io::Result<()> {
        if label.is_empty() {
            write!(self.out, "{:first$}", "")?;
        } else {
            let strong = self.palette.strong;
            write!(self.out, "{:indent$}{strong}{label}{strong:#} ", "")?;
        }
        writeln!(self.out, "{style}{text}{style:#}")
    }

    /// Names with two blanks between them, as many on a line as there is room for.
    ///
    /// # Errors
    /// If writing fails.
    pub fn names<'n>(
        &mut self,
        indent: usize,
        names: impl Iterator<Item = &'n str>,
    ) -> io::Result<()> {
        let room = self
            .terminal
            .map_or(COMFORTABLE, |columns| columns.min(COMFORTABLE));
        let mut at = 0;
        for name in names {
            let wide = crate::words::plain::width(name);
            if at > 0 && at + 2 + wide > room {
                self.blank()?;
                at = 0;
            }
            let before = if at == 0 { indent } else { 2 };
            write!(self.out, "{:before$}{name}", "")?;
            at += before + wide;
        }
        if at > 0 { self.blank() } else { Ok(()) }
    }
}
