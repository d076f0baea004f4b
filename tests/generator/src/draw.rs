//! Draws: numbers that look random and are the same for the same seed, on every machine.
//!
//! SplitMix64; nothing here is secret or statistical.

/// A stream of draws.
#[derive(Clone, Debug)]
pub struct Draw(u64);

impl Draw {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    /// True so many times out of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several; there must be one.
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    /// An id as IAM makes them: a prefix and 17 characters.
    pub fn id(&mut self, prefix: &str) -> String {
        let rest = (0..17).map(|_| char::from(*self.pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")));
        prefix.chars().chain(rest).collect()
    }

    /// A moment in one of some years, as the AWS CLI prints it.
    pub fn date(&mut self, years: std::ops::RangeInclusive<usize>) -> String {
        let year = years.start() + self.below(years.end() - years.start() + 1);
        format!(
            "{year}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00",
            1 + self.below(12),
            1 + self.below(28),
            self.below(24),
            self.below(60),
            self.below(60)
        )
    }
}
