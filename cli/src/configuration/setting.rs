//! Settings of options: to what is an option set, where, and what can be wrong with it?

use std::fmt;
use std::path::PathBuf;

use clap::Arg;
use clap::builder::ValueHint;

/// What an option is set to, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// One, but for options that may be given several times.
    pub(crate) values: Vec<String>,
    /// Where.
    pub(crate) origin: Origin,
}

/// Where an option is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A variable of the environment.
    Variable(String),
    /// A line of the file.
    Line(PathBuf, u32),
}

/// A mistake in what environment and file say.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ConfigurationError(pub(super) String);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Line(path, line) => write!(f, "{}:{line}", path.display()),
        }
    }
}

/// Whether a value names a file, so that it is seen from where it is written.
pub(super) fn is_path(option: &Arg) -> bool {
    option.get_value_hint() == ValueHint::AnyPath
}
