//! Errors: why could a run not do its work, and how are people told?

use audit::LookError;
use audit::baseline::CommitError;
use audit::roster::ReadRosterError;
use audit::run::RunError;
use aws::{DiscoverError, EnterError, GetError};

use crate::role_state::RoleState;

/// Why a run of any function failed.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The settings parameter could not be read.
    #[error("cannot read the settings parameter `{name}`")]
    Settings {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        failure: aws::Failure,
    },
    /// The settings were read and have mistakes.
    #[error("the settings parameter `{name}` is wrong: {mistakes}")]
    Mistakes {
        /// The parameter's name.
        name: String,
        /// All of them in one line.
        mistakes: String,
    },
    /// What is sent to a bus that is not there is lost.
    #[error("the bus for machines does not exist, and EventBridge drops what is sent to it")]
    NoBus,
    /// The account's role was not assumed, and it is known why.
    #[error("the account cannot be entered")]
    NotEntered(#[source] EnterError),
    /// The account's role was not assumed, and AWS does not say why.
    #[error("the account cannot be entered. {state}")]
    NoRole {
        /// What is known of the account.
        state: RoleState,
        /// What AWS says.
        #[source]
        source: EnterError,
    },
    /// The hub's bucket was not read.
    #[error(transparent)]
    Bucket(GetError),
    /// It is not known which accounts the organisation has.
    #[error("the roster in the hub's bucket cannot be used")]
    Roster(#[source] ReadRosterError),
    /// There was nothing to judge.
    #[error(transparent)]
    Look(LookError),
    /// Something was not told or not committed.
    #[error(transparent)]
    Run(RunError),
    /// The run ended before Lambda would have ended it.
    #[error("the time was up before the audit was told and committed")]
    OutOfTime,
}

/// How people are told of a failure. Machines get an event with each failed run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TellFailure {
    /// As a finding: one message, and one when it is over.
    AsFinding,
    /// With each failed run: the finding could not be stored, a channel is broken already, or it takes too long.
    EachTime,
    /// Not at all, machines neither: another audit got ahead of this one and told the same, and Lambda repeats this one.
    ByTheOther,
}

/// What became of a failure that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureRecord {
    /// It is a finding of the account now.
    Kept,
    /// It is stored nowhere.
    NotKept,
}

impl From<RunError> for StackError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Look(error) => Self::Look(error),
            error @ (RunError::Load(_) | RunError::Publish(_) | RunError::Commit(_)) => {
                Self::Run(error)
            }
        }
    }
}

impl StackError {
    /// How people are told of it.
    #[must_use]
    pub fn telling(&self) -> TellFailure {
        match self {
            Self::Run(RunError::Commit(CommitError::Moved { .. })) => TellFailure::ByTheOther,
            // A finding of the account would be wrong: the cause is not in it.
            Self::Run(_) | Self::OutOfTime | Self::Bucket(_) => TellFailure::EachTime,
            Self::Settings { .. }
            | Self::Mistakes { .. }
            | Self::NoBus
            | Self::NotEntered(_)
            | Self::NoRole { .. }
            | Self::Roster(_)
            | Self::Look(_) => TellFailure::AsFinding,
        }
    }

    /// Whether a repetition may succeed without anybody's doing.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Settings { failure, .. } => failure.is_passing(),
            Self::NotEntered(EnterError::Call { failure, .. }) => failure.is_passing(),
            Self::Look(LookError::Listing(error)) => {
                let discovered = error.downcast_ref::<DiscoverError>();
                discovered.is_none_or(DiscoverError::is_passing)
            }
            Self::Run(_) | Self::OutOfTime | Self::Bucket(_) => true,
            Self::Mistakes { .. }
            | Self::NoBus
            | Self::NotEntered(EnterError::OtherAccount { .. })
            | Self::NoRole { .. }
            | Self::Roster(_)
            | Self::Look(
                LookError::OtherAccount { .. }
                | LookError::Nobody
                | LookError::NobodyRead { .. }
                | LookError::Principal(_),
            ) => false,
        }
    }
}
