//! The palette: the meaning of each colour in terminal output.
//!
//! A palette is either coloured or empty; the caller, which knows the terminal, chooses. Colour only repeats what the text says.

use anstyle::{AnsiColor, Style};
use audit::{Judgement, Level};

/// Styles by meaning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette {
    /// Something is missing.
    pub bad: Style,
    /// Something is not known.
    pub unknown: Style,
    /// All is there.
    pub good: Style,
    /// Headings and names.
    pub strong: Style,
    /// What can be skipped.
    pub faint: Style,
    /// What a person can do or type.
    pub doing: Style,
}

impl Palette {
    /// No colour at all.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// The sixteen colours that every terminal has, so that the person's own theme decides how they look.
    #[must_use]
    pub fn coloured() -> Self {
        Self {
            bad: AnsiColor::Red.on_default().bold(),
            unknown: AnsiColor::Yellow.on_default().bold(),
            good: AnsiColor::Green.on_default(),
            strong: Style::new().bold(),
            faint: Style::new().dimmed(),
            doing: AnsiColor::Cyan.on_default(),
        }
    }

    /// The style of a judgement.
    #[must_use]
    pub fn judgement(&self, judgement: Judgement) -> Style {
        match judgement {
            Judgement::Compliant => self.good,
            Judgement::Undetermined => self.unknown,
            Judgement::Drifted => self.bad,
        }
    }

    /// The style of a level.
    #[must_use]
    pub fn level(&self, level: Level) -> Style {
        match level {
            Level::Critical | Level::High => self.bad,
            Level::Medium => self.unknown,
            Level::Low | Level::Notice => self.faint,
        }
    }
}
