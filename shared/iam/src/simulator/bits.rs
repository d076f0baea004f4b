//! Bits: sets of actions, as positions in a table.
//!
//! A set is as long as its highest position ever was; what lies beyond is not in it. So an empty set costs nothing, and
//! a set operation is a handful of word operations.

use std::ops::Range;

const WIDTH: usize = u64::BITS as usize;

/// A set of positions in an action table.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// The positions of a range.
    pub(super) fn of(range: Range<usize>) -> Self {
        let mut bits = Self::default();
        bits.insert(range);
        bits
    }

    pub(super) fn insert(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.reach(range.end.div_ceil(WIDTH));
        let first = range.start / WIDTH;
        for (at, word) in self.words.iter_mut().enumerate().skip(first) {
            let base = at * WIDTH;
            if range.end <= base {
                break;
            }
            let from = range.start.saturating_sub(base);
            let to = (range.end - base).min(WIDTH);
            *word |= (u64::MAX << from) & (u64::MAX >> (WIDTH - to));
        }
    }

    pub(super) fn insert_all(&mut self, other: &Self) {
        self.reach(other.words.len());
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// `self` with `other`.
    pub(super) fn or(mut self, other: &Self) -> Self {
        self.insert_all(other);
        self
    }

    /// What both hold.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            words: self
                .words
                .iter()
                .zip(&other.words)
                .map(|(one, two)| one & two)
                .collect(),
        }
    }

    /// `self` without `other`.
    pub(super) fn without(mut self, other: &Self) -> Self {
        for (word, gone) in self.words.iter_mut().zip(&other.words) {
            *word &= !gone;
        }
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn is_within(&self, other: &Self) -> bool {
        let others = other.words.iter().chain(std::iter::repeat(&0));
        self.words
            .iter()
            .zip(others)
            .all(|(one, two)| one & !two == 0)
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .any(|(one, two)| one & two != 0)
    }

    pub(super) fn count(&self) -> usize {
        let ones = self.words.iter().map(|word| word.count_ones());
        ones.sum::<u32>() as usize
    }

    /// The lowest position.
    pub(super) fn first(&self) -> Option<usize> {
        let mut words = self.words.iter().enumerate();
        let (at, word) = words.find(|(_, word)| **word != 0)?;
        Some(at * WIDTH + word.trailing_zeros() as usize)
    }

    /// Visits the positions, ascending.
    pub(super) fn for_each(&self, mut visit: impl FnMut(usize)) {
        for (at, word) in self.words.iter().enumerate() {
            let mut left = *word;
            while left != 0 {
                visit(at * WIDTH + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }

    fn reach(&mut self, words: usize) {
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &Bits, expected: &[usize]) {
        let mut positions = Vec::new();
        found.for_each(|position| positions.push(position));
        assert_eq!(positions, expected);
        assert_eq!(found.count(), expected.len());
        assert_eq!(found.is_empty(), expected.is_empty());
        assert_eq!(found.first(), expected.first().copied());
    }

    #[test]
    fn a_range_holds_its_positions_and_no_other() {
        for start in 0..=200 {
            for end in start..=200 {
                check(&Bits::of(start..end), &(start..end).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn sets_of_different_length_go_together() {
        let (low, high) = (Bits::of(0..3), Bits::of(1..130));
        check(&low.and(&high), &[1, 2]);
        check(&high.and(&low), &[1, 2]);
        check(&low.clone().without(&high), &[0]);
        check(&high.clone().without(&low), &(3..130).collect::<Vec<_>>());
        check(&low.clone().or(&high), &(0..130).collect::<Vec<_>>());
        check(&high.clone().or(&low), &(0..130).collect::<Vec<_>>());
        assert!(low.meets(&high));
        assert!(Bits::of(1..3).is_within(&low) && Bits::of(1..3).is_within(&high));
        assert!(!high.is_within(&low) && !low.is_within(&high));
        assert!(!Bits::of(64..65).meets(&low));
    }
}
