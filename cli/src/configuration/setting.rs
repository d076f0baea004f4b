//! Settings of options: to what is an option set, where, and what can be wrong with it?

use std::fmt;
use std::path::PathBuf;

use clap::Arg;
use clap::builder::ValueHint;

use crate::usage::UsageError;

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
pub(crate) enum ConfigurationError {
    /// A variable is as wrong as the option would be on the command line.
    #[error("{0}")]
    Variable(String),
    /// The file cannot be used.
    #[error("{0}")]
    File(String),
}

impl ConfigurationError {
    /// A mistake in a setting.
    pub(super) fn at(origin: &Origin, text: String) -> Self {
        match origin {
            Origin::Variable(_) => Self::Variable(text),
            Origin::Line(..) => Self::File(text),
        }
    }

    /// The same as what ends the program.
    pub(crate) fn into_failure(self) -> anyhow::Error {
        match self {
            Self::Variable(text) => UsageError(text).into(),
            file @ Self::File(_) => file.into(),
        }
    }
}

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
