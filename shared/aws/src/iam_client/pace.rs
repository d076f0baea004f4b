//! The pace: when may the next simulate call begin?
//!
//! A rate limiter, one for the process, because IAM limits the calls of an account, not those of a task. It spaces the calls evenly,
//! slows down when AWS throttles, and speeds up again slowly. It does not delay retries: the SDK spaces them with back-off and
//! jitter, and each counts as one of the bounded number of calls in flight.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The slowest pace, as a share of the quickest.
const FLOOR: f64 = 0.1;
/// What one throttled call leaves of the rate, as a share.
const SLOWER: f64 = 0.7;
/// What one answered call adds to the rate, as a share of the quickest.
const QUICKER: f64 = 0.02;
/// Calls in flight are throttled together: within this time the rate is lowered once only.
const ONE_BURST: Duration = Duration::from_secs(1);

/// Spaces calls.
#[derive(Debug)]
pub(crate) struct Pace {
    start: Instant,
    rate: Mutex<Rate>,
}

/// The arithmetic, with time as an argument: it counts from the start.
#[derive(Debug)]
struct Rate {
    // INVARIANT: calls a second; 0 < FLOOR * quickest <= current <= quickest.
    quickest: f64,
    current: f64,
    next: Duration,
    lowered: Option<Duration>,
}

impl Pace {
    /// At most so many calls a second; what is not above zero counts as one.
    pub(crate) fn new(per_second: f64) -> Self {
        Self {
            start: Instant::now(),
            rate: Mutex::new(Rate::new(per_second)),
        }
    }

    /// Returns when the next call may begin.
    pub(crate) async fn turn(&self) {
        let wait = self.with(Rate::reserve);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    pub(crate) fn refused(&self) {
        self.with(Rate::refused);
    }

    pub(crate) fn answered(&self) {
        self.with(|rate, _| rate.answered());
    }

    fn with<T>(&self, act: impl FnOnce(&mut Rate, Duration) -> T) -> T {
        let now = self.start.elapsed();
        act(
            &mut self.rate.lock().unwrap_or_else(PoisonError::into_inner),
            now,
        )
    }
}

impl Rate {
    fn new(per_second: f64) -> Self {
        let quickest = if per_second.is_finite() && per_second > 0.0 {
            per_second.clamp(0.01, 100_000.0)
        } else {
            1.0
        };
        Self {
            quickest,
            current: quickest,
            next: Duration::ZERO,
            lowered: None,
        }
    }

    /// How long to wait before the next call; its place is reserved.
    fn reserve(&mut self, now: Duration) -> Duration {
        let begin = self.next.max(now);
        self.next = begin + Duration::from_secs_f64(1.0 / self.current);
        begin - now
    }

    fn refused(&mut self, now: Duration) {
        if self.lowered.is_none_or(|last| now >= last + ONE_BURST) {
            self.current = (self.current * SLOWER).max(self.quickest * FLOOR);
            self.lowered = Some(now);
        }
    }

    fn answered(&mut self) {
        self.current = (self.current + self.quickest * QUICKER).min(self.quickest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn calls_are_spread_evenly() {
        let mut rate = Rate::new(10.0);
        let waits: Vec<_> = (0..3).map(|_| rate.reserve(at(0))).collect();
        assert_eq!(waits, [at(0), at(100), at(200)]);
        assert_eq!(rate.reserve(at(5000)), at(0), "idle time is not saved up");
        assert_eq!(rate.reserve(at(5000)), at(100));
    }

    #[test]
    fn a_burst_of_refusals_lowers_the_rate_once() {
        let mut rate = Rate::new(10.0);
        for _ in 0..8 {
            rate.refused(at(10));
        }
        assert!((rate.current - 7.0).abs() < 1e-9);
        rate.refused(at(1010));
        assert!((rate.current - 4.9).abs() < 1e-9);
    }

    #[test]
    fn it_never_stops_and_comes_back() {
        let mut rate = Rate::new(10.0);
        for second in 0..100 {
            rate.refused(at(second * 1000));
        }
        assert!((rate.current - 1.0).abs() < 1e-9);
        for _ in 0..50 {
            rate.answered();
        }
        assert!((rate.current - 10.0).abs() < 1e-9);
    }

    #[test]
    fn nonsense_is_one_a_second() {
        for text in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert!((Rate::new(text).current - 1.0).abs() < 1e-9);
        }
    }
}
