//! Decimal numbers of any length: which is the greater?
//!
//! `10`, `10.0` and `1e1` are the same number. Nothing is rounded.

use std::cmp::Ordering;

/// A decimal number, borrowed from its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<'a> {
    negative: bool,
    // INVARIANT: digits only.
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Number<'a> {
    /// `-12.5`, `+3`, `.5`, `1e-3`; `None` for anything else.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        Some(Self {
            negative,
            whole,
            fraction,
            exponent: exponent.into(),
        })
    }

    /// Which of two is the greater.
    pub(super) fn compare(self, other: Self) -> Ordering {
        match (self.sign(), other.sign()) {
            (0, 0) => Ordering::Equal,
            (one, two) if one != two => one.cmp(&two),
            (1, _) => self.compare_size(other),
            _ => other.compare_size(self),
        }
    }

    fn sign(self) -> i8 {
        match (self.digits().next().is_none(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// From the first digit that is not zero.
    fn digits(self) -> impl Iterator<Item = u8> + 'a {
        self.whole
            .bytes()
            .chain(self.fraction.bytes())
            .skip_while(|digit| *digit == b'0')
    }

    /// The power of ten of the first digit that is not zero.
    fn magnitude(self) -> i64 {
        let all = self.whole.len() + self.fraction.len();
        let zeros = all - self.digits().count();
        let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        length(self.whole.len()) - length(zeros) + self.exponent
    }

    fn compare_size(self, other: Self) -> Ordering {
        self.magnitude().cmp(&other.magnitude()).then_with(|| {
            let (mut ours, mut theirs) = (self.digits(), other.digits());
            loop {
                match (ours.next(), theirs.next()) {
                    (None, None) => return Ordering::Equal,
                    (one, two) => match one.unwrap_or(b'0').cmp(&two.unwrap_or(b'0')) {
                        Ordering::Equal => {}
                        unequal => return unequal,
                    },
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, expected: Ordering, two: &str) {
        let compare = |one, two| {
            Number::parse(one)
                .unwrap()
                .compare(Number::parse(two).unwrap())
        };
        assert_eq!(compare(one, two), expected, "{one} {two}");
        assert_eq!(compare(two, one), expected.reverse(), "{two} {one}");
    }

    #[test]
    fn numbers_compare_as_numbers() {
        check("10", Ordering::Equal, "10.0");
        check("10", Ordering::Equal, "1e1");
        check("010", Ordering::Equal, "10");
        check("0", Ordering::Equal, "-0.00");
        check("9", Ordering::Less, "10");
        check("-9", Ordering::Greater, "-10");
        check("-1", Ordering::Less, "0.001");
        check("0.1", Ordering::Less, "0.11");
        check("0.009", Ordering::Less, "0.01");
        check("12e-1", Ordering::Equal, "1.2");
        check(".5", Ordering::Equal, "0.5");
        check(
            "12345678901234567890123456789.0000000001",
            Ordering::Greater,
            "12345678901234567890123456789",
        );
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "", "-", "+", ".", "1.2.3", "1 ", " 1", "1,5", "0x1", "e5", "1e", "1e1.5", "NaN",
            "inf", "--1",
        ] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
