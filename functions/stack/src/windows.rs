//! Windows: how is the time of one run divided?
//!
//! In: how much is left until Lambda ends the process. Out: until when new principals are started, how long the pause before asking again
//! may be, and until when that may take. What remains is for telling and committing, each of which has an end of its own in [`Ends`]. A
//! function with a short timeout divides it in the same way, with less of each.

use std::time::Duration;

use tokio::time::Instant;

/// Lambda's longest run.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// What is taken to be left where the clock and Lambda's deadline do not go together.
const UNKNOWN: Duration = Duration::from_secs(5 * 60);
/// The longest time for asking again.
const AGAIN: Duration = Duration::from_secs(60);

/// The parts of a run, as times from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// From then on no new subject is taken.
    pub first_until: Duration,
    /// Then the subjects in work are given up.
    pub first_stop: Duration,
    /// The longest pause before what is newly denied is asked again.
    pub pause: Duration,
    /// From then on nothing is asked again.
    pub again_until: Duration,
    /// Then what is in work is given up.
    pub again_stop: Duration,
}

impl Windows {
    /// `left`: until the process ends. `pause`: as the settings say. `reserve`: for what comes after simulating.
    pub fn share(left: Duration, pause: Duration, reserve: Duration) -> Self {
        let reserve = reserve.min(left / 3);
        let pause = pause.min(left / 4);
        let again = if pause.is_zero() {
            Duration::ZERO
        } else {
            AGAIN.min(left / 10)
        };
        let grace = reserve / 3;
        let again_until = left.saturating_sub(reserve);
        let first_until = again_until.saturating_sub(pause + again);
        Self {
            first_until,
            first_stop: first_until + grace,
            pause,
            again_until,
            again_stop: again_until + grace,
        }
    }
}

/// When the last parts of a run end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// From then on no channel is waited for that is to take what was found, so that there is time to commit.
    pub telling: Instant,
    /// Then a run that is not at its end gives up, so that there is time to say so.
    pub run: Instant,
    /// From then on no channel is waited for at all.
    pub failing: Instant,
}

impl Ends {
    /// `left` and `reserve`: as for [`Windows`].
    pub fn of(begun: Instant, left: Duration, reserve: Duration) -> Self {
        let reserve = reserve.min(left / 3);
        let before_end = |time: Duration| begun + left.saturating_sub(time);
        Self {
            telling: before_end(reserve / 3),
            run: before_end(reserve / 6),
            failing: before_end(reserve / 15),
        }
    }
}

/// The time left, from two clocks: Lambda's deadline and ours, both since the epoch. They cannot be further apart than the
/// longest run; if they are, ours is wrong.
pub fn left(deadline: Duration, now: Duration) -> Duration {
    match deadline.checked_sub(now) {
        Some(left) if !left.is_zero() && left <= LONGEST => left,
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_long_run_keeps_its_last_half_minute() {
        let found = Windows::share(seconds(900), seconds(60), seconds(30));
        let expected = Windows {
            first_until: seconds(750),
            first_stop: seconds(760),
            pause: seconds(60),
            again_until: seconds(870),
            again_stop: seconds(880),
        };
        assert_eq!(found, expected);
        let found = Windows::share(seconds(900), seconds(0), seconds(30));
        assert_eq!(
            found.first_until,
            seconds(870),
            "without a pause nothing is asked again"
        );
        let begun = Instant::now();
        let ends = Ends {
            telling: begun + seconds(890),
            run: begun + seconds(895),
            failing: begun + seconds(898),
        };
        assert_eq!(Ends::of(begun, seconds(900), seconds(30)), ends);
    }

    #[test]
    fn a_short_run_still_simulates() {
        for left in [3, 10, 60, 120] {
            let found = Windows::share(seconds(left), seconds(60), seconds(30));
            assert!(found.first_until >= seconds(left) / 4, "{left}");
            assert!(found.first_until + found.pause <= found.again_until);
            let begun = Instant::now();
            let ends = Ends::of(begun, seconds(left), seconds(30));
            assert!(begun + found.again_stop < ends.telling);
            assert!(ends.telling < ends.run && ends.run < ends.failing);
            assert!(ends.failing < begun + seconds(left));
        }
    }

    #[test]
    fn a_clock_that_is_off_does_not_stop_the_run() {
        let deadline = seconds(1_000_000);
        assert_eq!(left(deadline, seconds(999_400)), seconds(600));
        assert_eq!(left(deadline, seconds(1_003_600)), UNKNOWN);
        assert_eq!(left(deadline, seconds(996_000)), UNKNOWN);
    }
}
