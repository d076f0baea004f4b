//! Dates of policies: which instant is meant?
//!
//! In: the forms of the W3C note on ISO 8601 (year; year and month; day; minute, second or fraction with a zone) or seconds
//! since 1970. Out: nanoseconds since 1970. A time of day without a zone is no date.

use jiff::civil::DateTime;
use jiff::tz::Offset;

const NANOSECONDS: i128 = 1_000_000_000;

/// Nanoseconds since 1970; `None` where the text is no date.
pub(super) fn parse(text: &str) -> Option<i128> {
    epoch(text).or_else(|| calendar(text))
}

/// The text of an instant, in seconds since 1970.
pub(super) fn seconds(instant: i128) -> String {
    let sign = if instant < 0 { "-" } else { "" };
    let size = instant.abs();
    format!("{sign}{}.{:09}", size / NANOSECONDS, size % NANOSECONDS)
}

/// Four digits are a year, not the first hours of 1970: the note's form is the likelier meaning.
fn epoch(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (seconds, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    if text.len() == 4 && number(text).is_some() {
        return None;
    }
    // Sixteen digits are beyond any calendar, and far from overflowing.
    let seconds = number(seconds).filter(|_| seconds.len() <= 16)?;
    let total = i128::from(seconds) * NANOSECONDS + i128::from(nanoseconds(fraction)?);
    Some(if negative { -total } else { total })
}

fn calendar(text: &str) -> Option<i128> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = fixed(parts.next()?, 4)?;
    let month = parts.next();
    let day = parts.next();
    // Only a whole day can have a time.
    if parts.next().is_some() || (time.is_some() && day.is_none()) {
        return None;
    }
    let part = |text: Option<&str>| text.map_or(Some(1), |text| fixed(text, 2));
    let (month, day) = (part(month)?, part(day)?);
    let (clock, offset) = match time {
        Some(time) => zone(time)?,
        None => ("00:00", 0),
    };
    let mut parts = clock.splitn(3, ':');
    let hour = fixed(parts.next()?, 2)?;
    let minute = fixed(parts.next()?, 2)?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (fixed(seconds, 2)?, 0),
            Some((seconds, fraction)) => (fixed(seconds, 2)?, nanoseconds(fraction)?),
        },
    };
    let small = |part: u32| i8::try_from(part).ok();
    let civil = DateTime::new(
        i16::try_from(year).ok()?,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        i32::try_from(fraction).ok()?,
    )
    .ok()?;
    let utc = Offset::UTC.to_timestamp(civil).ok()?.as_nanosecond();
    Some(utc - i128::from(offset) * NANOSECONDS)
}

/// Cuts off `Z` or `+hh:mm`: the clock, and the seconds it is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i32)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let (clock, zone) = time.split_at_checked(time.rfind(['+', '-'])?)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (fixed(hours, 2)?, fixed(minutes, 2)?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let ahead = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    Some((clock, if zone.starts_with('-') { -ahead } else { ahead }))
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn fixed(text: &str, length: usize) -> Option<u32> {
    number(text)
        .filter(|_| text.len() == length)
        .and_then(|value| u32::try_from(value).ok())
}

/// Digits behind the point; those below a nanosecond are dropped.
fn nanoseconds(digits: &str) -> Option<u32> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded: String = digits.chars().chain("000000000".chars()).take(9).collect();
    padded.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: Option<f64>) {
        #[expect(clippy::cast_precision_loss, reason = "whole milliseconds in a test")]
        let found = parse(text).map(|nanoseconds| (nanoseconds / 1_000_000) as f64 / 1000.0);
        assert_eq!(found, seconds, "{text}");
    }

    #[test]
    fn every_form_of_the_note_is_read() {
        check("1970", Some(0.0));
        check("1970-02", Some(2_678_400.0));
        check("2020-01-01", Some(1_577_836_800.0));
        check("2020-01-01T00:00Z", Some(1_577_836_800.0));
        check("2020-01-01T00:00:30Z", Some(1_577_836_830.0));
        check("2020-01-01T00:00:30.25Z", Some(1_577_836_830.25));
        check("2020-01-01T01:00+01:00", Some(1_577_836_800.0));
        check("2019-12-31T19:30:00.0-04:30", Some(1_577_836_800.0));
        check("2020-02-29", Some(1_582_934_400.0));
    }

    #[test]
    fn seconds_since_1970_are_read() {
        check("1577836800", Some(1_577_836_800.0));
        check("0", Some(0.0));
        check("-1", Some(-1.0));
        check("1577836800.5", Some(1_577_836_800.5));
        // Seconds, not milliseconds.
        check("1577836800000", Some(1_577_836_800_000.0));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "today",
            "20",
            "2020-1-1",
            "2020-13-01",
            "2021-02-29",
            "2020-01-01T00:00:00",
            "2020-01T00:00Z",
            "2020-01-01T24:00Z",
            "2020-01-01T00Z",
            "2020-01-01 00:00Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00+24:00",
            "2020-01-01-01",
            "99999999999999999999",
        ] {
            if text == "20" {
                // Two digits are twenty seconds.
                check(text, Some(20.0));
            } else {
                check(text, None);
            }
        }
    }
}
