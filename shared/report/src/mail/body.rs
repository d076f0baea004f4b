//! The body of an e-mail: paragraphs of plain text, wrapped to the line width.

use std::fmt::Write as _;

use crate::words::message::capital;

/// The width of a line, unless a name is longer.
pub(crate) const WIDTH: usize = 78;

/// The text so far.
#[derive(Debug, Default)]
pub(crate) struct Body(String);

impl Body {
    /// The text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    /// An empty line.
    pub(crate) fn blank(&mut self) {
        self.0.push('\n');
    }

    /// A heading with an empty line above it.
    pub(crate) fn section(&mut self, title: &str) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.0, "\n{}", capital(title));
    }

    /// Lines as they are, so that a command in them can be copied.
    pub(crate) fn verbatim(&mut self, text: &str) {
        let _ = writeln!(self.0, "{text}");
    }

    /// A paragraph with an indent, broken between words.
    pub(crate) fn line(&mut self, indent: usize, text: &str) {
        let indent = " ".repeat(indent);
        let options = textwrap::Options::new(WIDTH)
            .initial_indent(&indent)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        for part in textwrap::wrap(text, options) {
            let _ = writeln!(self.0, "{}", part.trim_end());
        }
    }
}
