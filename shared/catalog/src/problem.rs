//! Problems: what is wrong with a file of the catalog, and where?
//!
//! Every problem names file and line, what was found and what would be right. Nothing is decided here; `read`,
//! `convert` and `lint` find them.

use std::fmt;

use crate::nearest::did_you_mean;
use crate::section::ShapeError;

/// One thing that is wrong in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// What is wrong.
    pub kind: ProblemKind,
}

/// What can be wrong with an action set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum ProblemKind {
    /// The file is no TOML.
    #[error("no TOML: {0}")]
    Syntax(String),
    /// A key that means nothing here.
    #[error("unknown key `{found}`{}", did_you_mean(.nearest.as_deref()))]
    UnknownKey {
        /// The key in the file.
        found: String,
        /// The key that was probably meant.
        nearest: Option<String>,
    },
    /// A value of the wrong type.
    #[error("`{key}` is {found}: expected {expected}")]
    WrongType {
        /// Whose value it is.
        key: String,
        /// What it is, such as `integer`.
        found: &'static str,
        /// What it should be.
        expected: String,
    },
    /// A key that every set must have.
    #[error("`{key}` is missing: {hint}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What to write.
        hint: &'static str,
    },
    /// A text that says nothing.
    #[error("`{0}` is empty")]
    Empty(String),
    /// A word outside a closed list.
    #[error("`{found}` is no {key}: expected {expected}")]
    Word {
        /// Whose value it is.
        key: &'static str,
        /// The word in the file.
        found: String,
        /// The words that can stand there.
        expected: String,
    },
    /// An id with letters that a tag or a file name would not take.
    #[error(
        "`{0}` is no id: expected small letters, digits and single `-`, such as `acme-nightly-copy`"
    )]
    Id(String),
    /// An id that would change with the product.
    #[error(
        "the id `{id}` has a version in it: call it `{without}` and give actions `since` and `until`"
    )]
    VersionInId {
        /// The id in the file.
        id: String,
        /// The id it should have.
        without: String,
    },
    /// Two sets of one name.
    #[error("the id `{id}` is taken by {file}")]
    IdInUse {
        /// The id.
        id: String,
        /// Where the other set comes from.
        file: String,
    },
    /// A text that is no action name.
    #[error("{0}")]
    ActionName(String),
    /// No such action at AWS, as far as we know.
    #[error(
        "unknown action `{found}`{}", 
        .nearest.as_deref().map_or_else(
            || ": no AWS action we know is called so; if AWS has it by now, add `unverified = true`".to_owned(),
            |word| did_you_mean(Some(word))
        )
    )]
    UnknownAction {
        /// The name in the file.
        found: String,
        /// The action that was probably meant.
        nearest: Option<String>,
    },
    /// The action, but not as AWS spells it.
    #[error(
        "`{found}` is spelled `{canonical}` by AWS: write that, and `printed = \"{found}\"` if the source differs"
    )]
    Spelling {
        /// The name in the file.
        found: String,
        /// AWS's spelling.
        canonical: String,
    },
    /// An action listed twice, perhaps in two spellings.
    #[error("`{found}` is listed twice: first on line {first}")]
    Duplicate {
        /// The second one's spelling.
        found: String,
        /// The line of the first.
        first: u32,
    },
    /// An action that is both optional and conditional.
    #[error("`{0}` has both `optional` and `condition`: keep the one that says when it is needed")]
    TwoNeeds(String),
    /// A version range that holds for no version.
    #[error("`{0}` ends before it begins: `until` is the last version that needs it")]
    EmptyRange(String),
    /// A scope variable nobody declares.
    #[error("unknown scope variable `{found}`: expected {expected}")]
    UnknownVariable {
        /// The variable in the file.
        found: String,
        /// The declared ones.
        expected: String,
    },
    /// A scope variable for an action that takes no such resource.
    #[error("`{action}` cannot be scoped to `{variable}`: it takes {takes}")]
    ScopeDoesNotFit {
        /// The action.
        action: String,
        /// The variable in the file.
        variable: String,
        /// The action's resource types, in words.
        takes: String,
    },
    /// A condition nobody declares.
    #[error("unknown condition `{found}`: expected {expected}")]
    UnknownCondition {
        /// The condition in the file.
        found: String,
        /// The declared ones.
        expected: String,
    },
    /// A set that is named and does not exist.
    #[error("unknown set `{found}`{}", did_you_mean(.nearest.as_deref()))]
    UnknownSet {
        /// The id in the file.
        found: String,
        /// The set that was probably meant.
        nearest: Option<String>,
    },
    /// Sets that extend each other in a circle.
    #[error("`extends` goes in a circle: {0}")]
    Cycle(String),
    /// A template of a scope variable that cannot be filled.
    #[error(
        "the template of `{0}` must have at most one name in braces besides {{partition}} and {{account}}"
    )]
    Template(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.kind)
    }
}

impl From<ShapeError> for ProblemKind {
    fn from(error: ShapeError) -> Self {
        match error {
            ShapeError::UnknownKey { found, nearest, .. } => Self::UnknownKey { found, nearest },
            ShapeError::WrongType {
                key,
                type_name,
                expected,
                ..
            } => Self::WrongType {
                key,
                found: type_name,
                expected,
            },
        }
    }
}
