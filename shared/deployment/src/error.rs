//! Why a file cannot be checked, and what would be right.

use std::fmt;

use iam::AccountId;

/// A place in a file, both from 1; 0 where unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// Why a file cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing stands in it.
    #[error("the file is empty: expected {EXPECTED}")]
    Empty,
    /// It begins like JSON and is none.
    #[error("{place}: this is not JSON: {what}")]
    NotJson {
        /// Where.
        place: Position,
        /// What the reader says.
        what: String,
    },
    /// It is no YAML.
    #[error("{place}: this is not YAML: {what}")]
    NotYaml {
        /// Where.
        place: Position,
        /// What the reader says.
        what: String,
    },
    /// Values in values without end.
    #[error("line {line}: values stand in values too deep to be a policy, a template or a plan")]
    TooDeep {
        /// Where it gets too deep.
        line: usize,
    },
    /// Aliases that make the file grow without end.
    #[error(
        "line {line}: the aliases of this file stand for more than {most} values: write fewer, or pass the template as it is packaged"
    )]
    TooManyAliases {
        /// Where it gets too much.
        line: usize,
        /// How many values are taken.
        most: usize,
    },
    /// A key that a map has already.
    #[error(
        "line {line}: `{key}` stands here a second time, and nobody knows which one counts: leave one of them"
    )]
    DuplicateKey {
        /// Where it stands again.
        line: usize,
        /// The key.
        key: String,
    },
    /// More than one YAML document.
    #[error(
        "line {line}: a second YAML document begins here: give each template a file of its own"
    )]
    SeveralDocuments {
        /// Where the second begins.
        line: usize,
    },
    /// PowerShell wrote it, and not all of it.
    #[error(
        "line {line}: `{value}` stands where {}",
        iam::inventory::powershell::ADVICE
    )]
    CutOff {
        /// Where something is left out.
        line: usize,
        /// What stands there instead.
        value: String,
    },
    /// Something else.
    #[error("this is {found}: {advice}")]
    OtherFile {
        /// What it seems to be.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// A policy document that IAM would refuse.
    #[error("{place}: {reason}")]
    Policy {
        /// Where.
        place: Position,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no user and no role in it whose permissions could be checked.
    #[error("there is no user and no role in it: {instead}")]
    NoPrincipal {
        /// What stands in it, and what to do.
        instead: String,
    },
    /// Users and roles are in it, and none of them is created.
    #[error("it creates none of its users and roles: {left_out}")]
    NoneCreated {
        /// Each with the reason.
        left_out: String,
    },
    /// It could be deployed to one of several accounts.
    #[error(
        "its policies name the accounts {one} and {two}: say with --account which one it is deployed to"
    )]
    Accounts {
        /// One of them.
        one: AccountId,
        /// Another.
        two: AccountId,
    },
    /// A value that the template does not allow for a parameter.
    #[error("parameter `{name}` cannot be `{value}`: the template allows {allowed}")]
    NotAllowed {
        /// The parameter.
        name: String,
        /// As given.
        value: String,
        /// What it may be.
        allowed: String,
    },
    /// A parameter that the template does not have.
    #[error("the template has no parameter `{name}`{}", instead(.known))]
    Parameter {
        /// As given.
        name: String,
        /// Those that it has.
        known: Vec<String>,
    },
}

impl ReadError {
    /// The line that is wrong, from 1; `None` where it is no single one.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        let line = match self {
            Self::NotJson { place, .. }
            | Self::NotYaml { place, .. }
            | Self::Policy { place, .. } => place.line,
            Self::TooDeep { line }
            | Self::TooManyAliases { line, .. }
            | Self::DuplicateKey { line, .. }
            | Self::SeveralDocuments { line }
            | Self::CutOff { line, .. } => *line,
            Self::Empty
            | Self::OtherFile { .. }
            | Self::NoPrincipal { .. }
            | Self::NoneCreated { .. }
            | Self::Accounts { .. }
            | Self::NotAllowed { .. }
            | Self::Parameter { .. } => return None,
        };
        (line > 0).then_some(line)
    }
}

/// What can be checked.
pub(crate) const EXPECTED: &str = "an IAM policy document, a CloudFormation or SAM template, or what `terraform show -json PLAN` prints";

fn instead(known: &[String]) -> String {
    match known {
        [] => ", nor any other".to_owned(),
        known => format!(": expected one of {}", known.join(", ")),
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            0 => write!(f, "line {}", self.line),
            column => write!(f, "line {}, column {column}", self.line),
        }
    }
}
