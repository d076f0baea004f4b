//! Values: does one value of the request match one value of the policy, and which matches are within reach?
//!
//! [`compare`] takes a value that is known; [`reach`] asks what a single value that is not known could do. Neither negates:
//! that is the operator's business. A value that cannot be read matches nothing; under a negated operator, where "matches
//! nothing" would mean "holds", it is unclear instead.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::address::{Family, Network};
use super::evaluation::unsettled;
use super::instant;
use super::number::Number;
use super::operator::{Operator, Test};
use crate::arn::Arn;
use crate::context::Context;
use crate::glob::{self, Pattern, Token};
use crate::policy::{Effect, Version};
use crate::truth::{Truth, Truths};
use crate::variable::{self, Expansion, Style};

/// Whether there is a match.
pub(super) struct Compared<'a> {
    /// If every open key is absent.
    pub(super) now: Truth,
    /// Whatever the open keys are.
    pub(super) can: Truths,
    /// The open keys of variables.
    pub(super) keys: Vec<&'a str>,
}

impl Compared<'_> {
    pub(super) fn settled(truth: Truth) -> Self {
        Self {
            now: truth,
            can: truth.into(),
            keys: Vec::new(),
        }
    }
}

/// Compares a value of the policy with one of the request.
pub(super) fn compare<'a>(
    operator: Operator,
    version: Version,
    expected_value: &'a str,
    value: &str,
    effect: Effect,
    context: &Context,
) -> Compared<'a> {
    let unread = if operator.negated {
        Truth::Unclear
    } else {
        Truth::No
    };
    let read = |found: Option<bool>| Compared::settled(found.map_or(unread, Truth::from));
    let variables = has_variables(version, expected_value);
    match operator.test {
        Test::StringEquals if variables => expanded(
            variable::expand(expected_value, Style::Literal, context),
            |pattern| pattern.matches(value),
        ),
        Test::StringEquals => Compared::settled(Truth::from(expected_value == value)),
        Test::StringEqualsIgnoreCase if variables => expanded(
            variable::expand(expected_value, Style::Literal, context),
            |pattern| pattern.matches_folded(value),
        ),
        Test::StringEqualsIgnoreCase => {
            let folded = |text: &str| text.chars().map(glob::fold).collect::<String>();
            Compared::settled(Truth::from(folded(expected_value) == folded(value)))
        }
        Test::StringLike if variables => expanded(
            variable::expand(expected_value, Style::Wildcards, context),
            |pattern| pattern.matches(value),
        ),
        Test::StringLike => Compared::settled(Truth::from(glob::matches(expected_value, value))),
        Test::Numeric(comparison) => read(
            Number::parse(value)
                .zip(Number::parse(expected_value))
                .map(|(value, expected_value)| comparison.holds(value.compare(expected_value))),
        ),
        Test::Date(comparison) => read(
            instant::parse(value)
                .zip(instant::parse(expected_value))
                .map(|(value, expected_value)| comparison.holds(value.cmp(&expected_value))),
        ),
        Test::Bool if variables => boolean_with_variables(expected_value, value, effect, context),
        Test::Bool => {
            let both = as_bool(value).zip(as_bool(expected_value));
            Compared::settled(Truth::from(both.is_some_and(|(one, other)| one == other)))
        }
        Test::Binary => read(
            bytes(value)
                .zip(bytes(expected_value))
                .map(|(value, expected_value)| value == expected_value),
        ),
        Test::IpAddress => read(
            value
                .parse::<IpAddr>()
                .ok()
                .zip(Network::parse(expected_value))
                .map(|(address, network)| network.contains(address)),
        ),
        Test::Arn if variables => {
            arn_with_variables(operator, expected_value, value, effect, context)
        }
        Test::Arn => arn(operator, expected_value, value, effect),
        // Evaluated before values are compared.
        Test::Null => Compared::settled(Truth::No),
    }
}

/// Only documents of the newer version have variables.
fn has_variables(version: Version, text: &str) -> bool {
    match version {
        Version::V2008 => false,
        Version::V2012 => variable::has_variables(text),
    }
}

fn expanded<'a>(expansion: Expansion<'a>, matches: impl Fn(&Pattern) -> bool) -> Compared<'a> {
    let now = Truth::from(expansion.now.is_some_and(|pattern| matches(&pattern)));
    match expansion.widest {
        // A value that matches can always be missed as well: by a longer text.
        Some(widest) if matches(&widest) => Compared {
            now,
            can: Truths::EITHER,
            keys: expansion.open,
        },
        Some(_) => Compared::settled(Truth::No),
        None => Compared::settled(now),
    }
}

fn as_bool(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// [U] One page lets `Bool` take variables, one does not. Read as text, a variable is no boolean and matches nothing; so there
/// is an evaluation only where the other reading matches nothing either.
fn boolean_with_variables<'a>(
    expected_value: &'a str,
    value: &str,
    effect: Effect,
    context: &Context,
) -> Compared<'a> {
    let word = match as_bool(value) {
        Some(true) => "true",
        Some(false) => "false",
        None => return Compared::settled(Truth::No),
    };
    let reading = expanded(
        variable::expand(expected_value, Style::Literal, context),
        |pattern| pattern.matches_folded(word),
    );
    let doubt = |truth| match truth {
        Truth::Yes => unsettled(effect),
        Truth::No | Truth::Unclear => Truth::No,
    };
    let mut can = Truths::NONE;
    for truth in [Truth::Yes, Truth::No] {
        if reading.can.has(truth) {
            can = can | doubt(truth).into();
        }
    }
    Compared {
        now: doubt(reading.now),
        can,
        keys: reading.keys,
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// [U] Under a negated operator a value that is no ARN was observed to match nothing on AWS; others expect it to hold. What
/// this returns is negated by the caller.
fn no_arn(operator: Operator, effect: Effect) -> Truth {
    if operator.negated {
        !unsettled(effect)
    } else {
        Truth::No
    }
}

/// Whether a pattern stands for every ARN. AWS documents patterns of six parts only; `*` alone denies where it stands in a Deny, and
/// lets nobody in where it stands in an Allow.
fn is_every_arn(operator: Operator, expected_value: &str, effect: Effect) -> bool {
    operator.test == Test::Arn
        && !operator.negated
        && effect == Effect::Deny
        && glob::is_everything(expected_value)
}

fn arn<'a>(operator: Operator, expected_value: &str, value: &str, effect: Effect) -> Compared<'a> {
    if is_every_arn(operator, expected_value, effect) && Arn::parse(value).is_ok() {
        return Compared::settled(Truth::Yes);
    }
    let (Ok(_), Some(parts)) = (Arn::parse(value), split(expected_value)) else {
        return Compared::settled(no_arn(operator, effect));
    };
    let mut pairs = parts.iter().zip(value.splitn(6, ':'));
    Compared::settled(Truth::from(
        pairs.all(|(pattern, part)| glob::matches(pattern, part)),
    ))
}

fn arn_with_variables<'a>(
    operator: Operator,
    expected_value: &'a str,
    value: &str,
    effect: Effect,
    context: &Context,
) -> Compared<'a> {
    let unread = no_arn(operator, effect);
    if Arn::parse(value).is_err() {
        return Compared::settled(unread);
    }
    let expansion = variable::expand(expected_value, Style::Wildcards, context);
    let now = match &expansion.now {
        None => Truth::No,
        Some(pattern) => match split_tokens(pattern.tokens()) {
            Some(parts) => Truth::from(
                parts
                    .iter()
                    .zip(value.splitn(6, ':'))
                    .all(|(pattern, part)| glob::tokens_match(pattern, part)),
            ),
            None => unread,
        },
    };
    match expansion.widest {
        // The widest pattern may cross colons: a value may hold some. That is too wide at worst.
        Some(widest) if widest.matches(value) => Compared {
            now,
            can: Truths::from(now) | Truths::EITHER,
            keys: expansion.open,
        },
        Some(_) => Compared {
            now,
            can: Truths::from(now) | Truth::No.into(),
            keys: expansion.open,
        },
        None => Compared::settled(now),
    }
}

/// The six parts of a pattern, the sixth with its own colons.
fn split(pattern: &str) -> Option<[&str; 6]> {
    let mut parts = pattern.splitn(6, ':');
    let mut next = || parts.next();
    Some([next()?, next()?, next()?, next()?, next()?, next()?])
}

fn split_tokens(tokens: &[Token]) -> Option<Vec<&[Token]>> {
    let parts: Vec<&[Token]> = tokens
        .splitn(6, |token| *token == Token::Literal(':'))
        .collect();
    (parts.len() == 6).then_some(parts)
}

/// Which matches one value, not known but of the right kind, could make.
pub(super) struct Reach<'a> {
    /// Whether some value of the policy matches.
    pub(super) can: Truths,
    /// The open keys of variables that make a difference.
    pub(super) keys: Vec<&'a str>,
}

/// What is within reach of a value that is not known.
pub(super) fn reach<'a>(
    operator: Operator,
    version: Version,
    expected_values: &'a [Box<str>],
    effect: Effect,
    context: &Context,
) -> Reach<'a> {
    let mut expected = expected_values.iter();
    if covers(operator.test, expected_values)
        || expected.any(|one| is_every_arn(operator, one, effect))
    {
        return Reach {
            can: Truth::Yes.into(),
            keys: Vec::new(),
        };
    }
    let mut can = Truths::NONE;
    let mut keys = Vec::new();
    let mut missed = Truth::No;
    for one in expected_values {
        if has_variables(version, one) {
            if operator.test == Test::Bool {
                // [U] as in `boolean_with_variables`.
                can = can | unsettled(effect).into();
            } else if operator.test.takes_variables() {
                let expansion = variable::expand(one, Style::Wildcards, context);
                if expansion.now.is_some() || expansion.widest.is_some() {
                    can = can | Truth::Yes.into();
                }
                keys.extend(expansion.open);
                continue;
            }
        }
        if is_valid(operator.test, one) {
            can = can | Truth::Yes.into();
        } else if operator.negated {
            // Whatever the value: it cannot be compared with this one.
            missed = match operator.test {
                Test::Arn => missed.or(!unsettled(effect)),
                Test::StringEquals
                | Test::StringEqualsIgnoreCase
                | Test::StringLike
                | Test::Numeric(_)
                | Test::Date(_)
                | Test::Bool
                | Test::Binary
                | Test::IpAddress
                | Test::Null => Truth::Unclear,
            };
        }
    }
    Reach {
        can: can | missed.into(),
        keys,
    }
}

/// Whether every value of the right kind matches.
fn covers(test: Test, expected_values: &[Box<str>]) -> bool {
    let any = |one: &dyn Fn(&str) -> bool| expected_values.iter().any(|value| one(value));
    match test {
        Test::StringLike => any(&glob::is_everything),
        Test::Arn => any(&|value| {
            split(value).is_some_and(|[arn, parts @ ..]| {
                glob::matches(arn, "arn") && parts.iter().all(|part| glob::is_everything(part))
            })
        }),
        Test::Bool => [true, false]
            .iter()
            .all(|known| any(&|value| as_bool(value) == Some(*known))),
        Test::IpAddress => [Family::V4, Family::V6].iter().all(|family| {
            any(&|value| Network::parse(value).and_then(Network::whole_family) == Some(*family))
        }),
        Test::StringEquals
        | Test::StringEqualsIgnoreCase
        | Test::Numeric(_)
        | Test::Date(_)
        | Test::Binary
        | Test::Null => false,
    }
}

/// Whether a text is a value of the right kind on the request's side.
pub(super) fn is_readable(test: Test, text: &str) -> bool {
    match test {
        Test::IpAddress => text.parse::<IpAddr>().is_ok(),
        Test::Arn => Arn::parse(text).is_ok(),
        Test::StringEquals
        | Test::StringEqualsIgnoreCase
        | Test::StringLike
        | Test::Numeric(_)
        | Test::Date(_)
        | Test::Bool
        | Test::Binary
        | Test::Null => is_valid(test, text),
    }
}

/// Whether a text is a value of the right kind in a policy.
pub(super) fn is_valid(test: Test, text: &str) -> bool {
    match test {
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike => true,
        Test::Numeric(_) => Number::parse(text).is_some(),
        Test::Date(_) => instant::parse(text).is_some(),
        Test::Bool | Test::Null => as_bool(text).is_some(),
        Test::Binary => bytes(text).is_some(),
        Test::IpAddress => Network::parse(text).is_some(),
        Test::Arn => split(text).is_some(),
    }
}

/// What a value of the right kind is called.
pub(super) fn expected(test: Test) -> &'static str {
    match test {
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike => "text",
        Test::Numeric(_) => "number",
        Test::Date(_) => "date (such as `2026-01-31T12:00:00Z`, or seconds since 1970)",
        Test::Bool | Test::Null => "`true` or `false`",
        Test::Binary => "base64",
        Test::IpAddress => "IP address or network",
        Test::Arn => "ARN",
    }
}
