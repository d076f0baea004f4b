//! Mistakes in a settings document, with their lines.

use std::fmt;

/// The mistakes in a settings document, by line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    /// Never empty.
    pub mistakes: Vec<Mistake>,
}

/// One mistake in a settings document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The line, from 1.
    pub line: u32,
    /// What was found and what would be right.
    pub text: Box<str>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.mistakes.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "line {}: {}", mistake.line, mistake.text)?;
        }
        Ok(())
    }
}
