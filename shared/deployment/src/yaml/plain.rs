//! Plain scalars: what does YAML 1.1, which CloudFormation reads, make of a text without quotes?
//!
//! `012345670123` is octal, `12:30` counts in sixties, `yes` and `on` are true. Whoever writes these means a text more often
//! than not, so each such reading is noted by the caller.

/// What a plain scalar is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plain {
    /// The text that it looks like.
    Same,
    /// `true` or `false`, by another word.
    Flag(&'static str),
    /// A whole number that is written in another way.
    Number(String),
    /// A number that begins with zeros and is not octal: CloudFormation drops the zeros, or writes it with an exponent.
    Unclear,
}

/// What a plain scalar is.
pub(super) fn read(text: &str) -> Plain {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Plain::Flag("true"),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Plain::Flag("false"),
        "True" | "TRUE" => return Plain::Flag("true"),
        "False" | "FALSE" => return Plain::Flag("false"),
        _ => {}
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !rest.starts_with(|first: char| first.is_ascii_digit()) {
        return Plain::Same;
    }
    let digits = rest.replace('_', "");
    let number = |value: Option<u64>| {
        let shown = value.map(|value| format!("{sign}{value}"));
        match shown {
            Some(shown) if shown == text => Plain::Same,
            Some(shown) => Plain::Number(shown),
            None => Plain::Unclear,
        }
    };
    let radix = |digits: &str, radix: u32| number(u64::from_str_radix(digits, radix).ok());
    if let Some(hex) = digits.strip_prefix("0x")
        && !hex.is_empty()
        && hex.bytes().all(|digit| digit.is_ascii_hexdigit())
    {
        return radix(hex, 16);
    }
    if let Some(bits) = digits.strip_prefix("0b")
        && !bits.is_empty()
        && bits.bytes().all(|digit| matches!(digit, b'0' | b'1'))
    {
        return radix(bits, 2);
    }
    if digits.contains(':') {
        return sexagesimal(&digits).map_or(Plain::Same, |value| number(Some(value)));
    }
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Plain::Same;
    }
    match digits.strip_prefix('0') {
        Some("") | None => match format!("{sign}{digits}") {
            plain if plain == text => Plain::Same,
            plain => Plain::Number(plain),
        },
        Some(octal) if octal.bytes().all(|digit| digit < b'8') => radix(octal, 8),
        Some(_) => Plain::Unclear,
    }
}

/// `190:20:30` is 190 times 3600, 20 times 60 and 30; the first part has no zero in front, the others are below 60.
fn sexagesimal(digits: &str) -> Option<u64> {
    let mut parts = digits.split(':');
    let first = parts.next()?;
    if first.starts_with('0') || !first.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    parts.try_fold(first.parse().ok()?, |sum: u64, part| {
        let is_part = (1..=2).contains(&part.len()) && part.bytes().all(|d| d.is_ascii_digit());
        let value: u64 = part.parse().ok().filter(|value| is_part && *value < 60)?;
        sum.checked_mul(60)?.checked_add(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn number(text: &str, expected: &str) {
        assert_eq!(read(text), Plain::Number(expected.to_owned()), "{text}");
    }

    #[test]
    fn numbers_and_flags_are_those_of_yaml_1_1() {
        number("012345670123", "1402433619");
        number("-017", "-15");
        number("0x1F", "31");
        number("0b101", "5");
        number("1_000", "1000");
        number("+12", "12");
        number("190:20:30", "685230");
        assert_eq!(read("012345678901"), Plain::Unclear);
        assert_eq!(read("yes"), Plain::Flag("true"));
        assert_eq!(read("OFF"), Plain::Flag("false"));
    }

    #[test]
    fn whatever_else_is_the_text_that_it_looks_like() {
        for text in [
            "111122223333",
            "0",
            "-1",
            "2012-10-17",
            "y",
            "n",
            "true",
            "12:60",
            "01:30",
            "12:3:",
            "0x",
            "s3:Get*",
            "arn:aws:s3:::a",
            "1.0",
            "10:a",
            "",
        ] {
            assert_eq!(read(text), Plain::Same, "{text}");
        }
    }
}
