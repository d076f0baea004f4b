//! Faults: why could a text not be read, and where in it?

pub(crate) mod position;

use std::fmt;

/// Why something could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was found and what would be right.
    pub reason: Box<str>,
    /// Line in the file or document, from 1; 0 where unknown.
    pub line: usize,
    /// Column, from 1; 0 where unknown.
    pub column: usize,
}

/// The reason, with its line in a text of many.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match self.line {
            0 | 1 => Ok(()),
            line => write!(f, " (line {line})"),
        }
    }
}
