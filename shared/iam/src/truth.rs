//! Truth with gaps: does something hold, and could it turn out otherwise?
//!
//! A condition under a context that does not say everything has no single answer. [`Truth`] is one answer, [`Truths`] the
//! set of those that are still possible. `Unclear` means that nobody can tell, whatever the context says: a date that is
//! none, an operator that IAM does not have.

use std::ops::{BitOr, Not};

/// One answer. In the order in which "and" prefers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    No,
    /// It cannot be evaluated.
    Unclear,
    /// It holds.
    Yes,
}

/// The answers that are possible; of a real question at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Truths(u8);

impl Truth {
    const ALL: [Self; 3] = [Self::No, Self::Unclear, Self::Yes];

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// One of them holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Yes or no.
impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unclear => Self::Unclear,
            Self::Yes => Self::No,
        }
    }
}

impl Truths {
    /// No answer yet: the start of a union.
    pub const NONE: Self = Self(0);
    /// Yes and no.
    pub const EITHER: Self = Self(0b101);

    const fn bit(truth: Truth) -> u8 {
        match truth {
            Truth::No => 0b001,
            Truth::Unclear => 0b010,
            Truth::Yes => 0b100,
        }
    }

    /// Just this answer.
    #[must_use]
    pub const fn only(truth: Truth) -> Self {
        Self(Self::bit(truth))
    }

    /// Whether an answer is possible.
    #[must_use]
    pub const fn has(self, truth: Truth) -> bool {
        self.0 & Self::bit(truth) != 0
    }

    /// The one answer, if there is just one.
    #[must_use]
    pub fn settled(self) -> Option<Truth> {
        Truth::ALL
            .into_iter()
            .find(|truth| self == Self::only(*truth))
    }

    /// The answer that is furthest from holding, and the one that is nearest to it. No answer at all counts as no.
    #[must_use]
    pub fn bounds(self) -> (Truth, Truth) {
        let mut possible = Truth::ALL.into_iter().filter(|truth| self.has(*truth));
        let worst = possible.next().unwrap_or(Truth::No);
        (worst, possible.next_back().unwrap_or(worst))
    }

    /// Whether it holds in any case.
    #[must_use]
    pub fn surely(self) -> bool {
        self == Self::only(Truth::Yes)
    }

    /// Whether it fails in any case.
    #[must_use]
    pub fn never(self) -> bool {
        self == Self::only(Truth::No)
    }

    /// What two questions that do not hang together can give.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.combine(other, Truth::and)
    }

    /// What two questions that do not hang together can give.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.combine(other, Truth::or)
    }

    fn combine(self, other: Self, by: impl Fn(Truth, Truth) -> Truth) -> Self {
        let mut result = Self::NONE;
        for one in Truth::ALL.into_iter().filter(|one| self.has(*one)) {
            for two in Truth::ALL.into_iter().filter(|two| other.has(*two)) {
                result = result | Self::only(by(one, two));
            }
        }
        result
    }
}

/// Either set of answers is possible.
impl BitOr for Truths {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Not for Truths {
    type Output = Self;

    fn not(self) -> Self {
        let mut result = Self(self.0 & Self::bit(Truth::Unclear));
        for truth in [Truth::Yes, Truth::No] {
            if self.has(truth) {
                result = result | Self::only(!truth);
            }
        }
        result
    }
}

impl From<Truth> for Truths {
    fn from(truth: Truth) -> Self {
        Self::only(truth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_outweighs_what_is_unclear_and_a_yes_does_not() {
        assert_eq!(Truth::No.and(Truth::Unclear), Truth::No);
        assert_eq!(Truth::Yes.and(Truth::Unclear), Truth::Unclear);
        assert_eq!(Truth::Yes.or(Truth::Unclear), Truth::Yes);
        assert_eq!(!Truth::Unclear, Truth::Unclear);
    }

    #[test]
    fn sets_hold_every_combination() {
        let yes = Truths::only(Truth::Yes);
        assert_eq!(Truths::EITHER.and(yes), Truths::EITHER);
        assert!(Truths::EITHER.and(Truth::No.into()).never());
        assert!(Truths::EITHER.or(yes).surely());
        assert_eq!(!Truths::EITHER, Truths::EITHER);
        assert_eq!(Truths::EITHER.settled(), None);
    }
}
