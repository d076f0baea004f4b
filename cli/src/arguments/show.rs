//! What the table of an audit shows.

use audit::{Judgement, Level};
use clap::{Args, ValueEnum};

use crate::exit::UsageError;

/// Which requirements the table shows; its counts, the exit code and the other forms are of all of them.
#[derive(Args)]
#[command(next_help_heading = "What to tell and keep")]
pub(crate) struct Show {
    /// Show only requirements with this verdict in the table
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub(crate) only: Option<Only>,

    /// Show only what is drifted or undetermined at this level or above in the table: notice, low, medium, high, critical
    #[arg(long, value_name = "LEVEL")]
    pub(crate) severity: Option<Level>,

    /// Show only the counts, causes that several requirements have in common, and what was not seen
    #[arg(long, conflicts_with_all = ["only", "severity"])]
    pub(crate) summary: bool,
}

impl Show {
    /// Whether there is anything that it could show.
    ///
    /// # Errors
    /// [`UsageError`] where a level is asked of what has none.
    pub(crate) fn check(&self) -> Result<(), UsageError> {
        match (self.only, self.severity) {
            (Some(Only::Compliant), Some(_)) => Err(UsageError(
                "--only compliant and --severity show nothing together: only what is drifted or undetermined has a level".to_owned(),
            )),
            _ => Ok(()),
        }
    }
}

/// A verdict that may be shown alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Only {
    /// Something that is needed is missing
    Drifted,
    /// Something could not be known
    Undetermined,
    /// Everything is there
    Compliant,
}

impl Only {
    /// The verdict.
    pub(crate) fn judgement(self) -> Judgement {
        match self {
            Self::Drifted => Judgement::Drifted,
            Self::Undetermined => Judgement::Undetermined,
            Self::Compliant => Judgement::Compliant,
        }
    }
}
