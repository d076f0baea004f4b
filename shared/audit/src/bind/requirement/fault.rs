//! Bind faults: which tag or binding could not be followed, and why?

use iam::PrincipalArn;

/// A tag or binding that could not be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindFault {
    /// Whose.
    pub principal: PrincipalArn,
    /// The tag key, or `settings`.
    pub place: Box<str>,
    /// What is wrong with it.
    pub kind: BindFaultKind,
}

/// What is wrong with a tag or binding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BindFaultKind {
    /// No action set has this id.
    #[error("no action set is called `{found}`{}", did_you_mean(.closest.as_deref()))]
    UnknownSet {
        /// What was found.
        found: Box<str>,
        /// The id that comes closest.
        closest: Option<Box<str>>,
    },
    /// The tag or binding is there and names no action set.
    #[error("it is empty: name action sets, separated by blanks")]
    Empty,
    /// The set is for the other kind of principal; it is checked all the same.
    #[error("`{set}` is meant for a {meant}; it is checked here all the same")]
    WrongKind {
        /// The set.
        set: Box<str>,
        /// Whom it is for: `user` or `role`.
        meant: Box<str>,
    },
    /// A tag with our prefix that means nothing to us.
    #[error("no tag is called so{}", did_you_mean(.closest.as_deref()))]
    UnknownTag {
        /// The tag key that comes closest.
        closest: Option<Box<str>>,
    },
    /// The set is granted where no look at a principal can tell: in a key policy, in another vendor's IAM.
    #[error(
        "`{set}` is granted {granted}, where no look at a principal can tell: it is not checked"
    )]
    NotAuditable {
        /// The set.
        set: Box<str>,
        /// Where it is granted.
        granted: Box<str>,
    },
    /// A key was declared, and no operation of the action sets works with such a key: nothing is checked about it.
    #[error("no operation of its action sets works with such a key, so the key is not checked")]
    UnusedKey {
        /// What was declared, such as `source-key`.
        name: Box<str>,
    },
    /// A condition is answered with no, and what is declared says yes: that counts.
    #[error(
        "it says no, and `{declared}` is declared for the same principal, so it counts as yes: take one of them out"
    )]
    Contradiction {
        /// What was declared, such as `repository-key`.
        declared: Box<str>,
    },
    /// A value that cannot be what the tag says it is.
    #[error("{} expected {expected}", refused(.found))]
    BadValue {
        /// What was found; empty where the tag is.
        found: Box<str>,
        /// What would be right.
        expected: Box<str>,
    },
}

impl BindFaultKind {
    /// Whether it keeps something from being checked.
    #[must_use]
    pub fn leaves_unchecked(&self) -> bool {
        match self {
            Self::UnknownSet { .. }
            | Self::Empty
            | Self::UnknownTag { .. }
            | Self::NotAuditable { .. }
            | Self::UnusedKey { .. }
            | Self::Contradiction { .. }
            | Self::BadValue { .. } => true,
            Self::WrongKind { .. } => false,
        }
    }
}

fn refused(found: &str) -> String {
    match found {
        "" => "it is empty:".to_owned(),
        found => format!("`{found}` is not understood:"),
    }
}

fn did_you_mean(closest: Option<&str>) -> String {
    closest.map_or_else(String::new, |word| format!(": did you mean `{word}`?"))
}
