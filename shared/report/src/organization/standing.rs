//! Standings: how well do a requirement, a principal and an account stand?
//!
//! A standing is a verdict that also says of a compliant requirement whether all that it rests on was checked. The standing of a whole is
//! the worst of its parts. For an account there are two more: nobody is bound in it, or it was not audited.

use std::fmt;
use std::str::FromStr;

use audit::Code;

/// How a requirement or a principal stands, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Everything that is needed was seen to be there.
    Compliant,
    /// The same as far as anybody looked: policies of resources, or access keys, were not read.
    CompliantNotChecked,
    /// It could not be known.
    Undetermined,
    /// Something that is needed is missing, or is not as it should be.
    Drifted,
}

/// How an account stands, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountStanding {
    /// All of its principals are.
    Compliant,
    /// It was read whole, and nobody in it is bound to an action set or looks like Veeam's.
    NobodyBound,
    /// All of its principals are, as far as anybody looked.
    CompliantNotChecked,
    /// Something in it could not be known.
    Undetermined,
    /// Nobody looked at it, or the audit failed.
    NotAudited,
    /// Something in it has drifted.
    Drifted,
}

impl Standing {
    /// All of them, best first.
    pub const ALL: [Self; 4] = [
        Self::Compliant,
        Self::CompliantNotChecked,
        Self::Undetermined,
        Self::Drifted,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::CompliantNotChecked => "compliant-not-checked",
            Self::Undetermined => "undetermined",
            Self::Drifted => "drifted",
        }
    }
}

impl AccountStanding {
    /// All of them, worst first.
    pub const WORST_FIRST: [Self; 6] = [
        Self::Drifted,
        Self::NotAudited,
        Self::Undetermined,
        Self::CompliantNotChecked,
        Self::NobodyBound,
        Self::Compliant,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::NobodyBound => "nobody-bound",
            Self::CompliantNotChecked => "compliant-not-checked",
            Self::Undetermined => "undetermined",
            Self::NotAudited => "not-audited",
            Self::Drifted => "drifted",
        }
    }
}

impl AccountStanding {
    /// Whether nobody has to do anything about it.
    #[must_use]
    pub fn is_well(self) -> bool {
        match self {
            Self::Compliant | Self::NobodyBound | Self::CompliantNotChecked => true,
            Self::Undetermined | Self::NotAudited | Self::Drifted => false,
        }
    }
}

impl From<Standing> for AccountStanding {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Compliant => Self::Compliant,
            Standing::CompliantNotChecked => Self::CompliantNotChecked,
            Standing::Undetermined => Self::Undetermined,
            Standing::Drifted => Self::Drifted,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for AccountStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is no standing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no verdict: expected compliant, compliant-not-checked, undetermined or drifted")]
pub struct ParseStandingError(String);

impl FromStr for Standing {
    type Err = ParseStandingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|standing| standing.as_str() == text)
            .ok_or_else(|| ParseStandingError(text.to_owned()))
    }
}

/// Whether a finding of this code is about something that is known to be wrong with a principal.
#[must_use]
pub fn is_drift(code: Code) -> bool {
    match code {
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::AllowedOnlyOn
        | Code::ExcessAccess => true,
        Code::UnknownActionSet
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::Undetermined
        | Code::AuditFailed => false,
    }
}
