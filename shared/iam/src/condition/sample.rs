//! Samples: a few values that stand for all values a key could have.
//!
//! In: all conditions on one key. Out: [`samples`], such that each possible value behaves under these conditions like one of
//! them; or nothing where that cannot be promised (wildcards within a pattern, ARNs, values that cannot be read, several kinds
//! of operators on one key). Whoever tries all samples has tried everything.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::address::Network;
use super::instant;
use super::number::Number;
use super::operator::{Operator, Quantifier, Test};
use super::value;
use crate::policy::{Condition, Version};
use crate::variable;

/// What a key may be: its values, none where it is absent.
pub(crate) type Sample = Vec<Box<str>>;

/// Sets of more sampled values are too many to try.
const MOST_IN_SETS: usize = 6;

/// Kinds of values that have samples.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    FoldedText,
    Number,
    Date,
    Bool,
    Address,
}

/// Stands for everything that the key of these conditions could be; being absent comes first.
pub(crate) fn samples(conditions: &[(&Condition, Version)]) -> Option<Vec<Sample>> {
    let mut kind = None;
    let mut sets = false;
    let mut literals: Vec<&str> = Vec::new();
    for (condition, version) in conditions {
        let operator = Operator::parse(&condition.operator)?;
        if operator.test == Test::Null {
            continue;
        }
        let this = kind_of(operator.test)?;
        if *kind.get_or_insert(this) != this {
            return None;
        }
        sets |= operator.quantifier != Quantifier::One;
        for literal in &condition.values {
            let variables = *version == Version::V2012 && variable::has_variables(literal);
            if variables || !value::is_valid(operator.test, literal) {
                return None;
            }
            if operator.test == Test::StringLike {
                literals.push(head(literal)?);
            }
            literals.push(literal);
        }
    }
    let mut values = match kind {
        None => vec!["x".into()],
        Some(Kind::Text | Kind::FoldedText) => texts(&literals),
        Some(Kind::Number) => numbers(&literals)?,
        Some(Kind::Date) => dates(&literals),
        Some(Kind::Bool) => vec!["true".into(), "false".into()],
        Some(Kind::Address) => addresses(&literals),
    };
    values.sort_unstable();
    values.dedup();
    let mut samples = vec![Vec::new()];
    if sets {
        if values.len() > MOST_IN_SETS {
            return None;
        }
        samples.extend((1..1_usize << values.len()).map(|set| {
            let chosen = |at: &usize| set & (1 << at) != 0;
            let chosen = (0..values.len()).filter(chosen);
            chosen.filter_map(|at| values.get(at).cloned()).collect()
        }));
    } else {
        samples.extend(values.into_iter().map(|value| vec![value]));
    }
    Some(samples)
}

fn kind_of(test: Test) -> Option<Kind> {
    match test {
        Test::StringEquals | Test::StringLike => Some(Kind::Text),
        Test::StringEqualsIgnoreCase => Some(Kind::FoldedText),
        Test::Numeric(_) => Some(Kind::Number),
        Test::Date(_) => Some(Kind::Date),
        Test::Bool => Some(Kind::Bool),
        Test::IpAddress => Some(Kind::Address),
        Test::Binary | Test::Arn | Test::Null => None,
    }
}

/// What stands before the star at the end, or all of it; `None` where there are other wildcards.
fn head(pattern: &str) -> Option<&str> {
    let head = pattern.trim_end_matches('*');
    (!head.contains(['*', '?'])).then_some(head)
}

/// Each literal; each with a letter behind it that occurs nowhere, which stands for all that begins so; that letter alone.
fn texts(literals: &[&str]) -> Vec<Box<str>> {
    let occurs = |letter: &char| literals.iter().any(|literal| literal.contains(*letter));
    // Letters without case, of which no text of a policy has so many.
    let fresh = ('\u{e000}'..='\u{f8ff}').find(|letter| !occurs(letter));
    let fresh = fresh.unwrap_or('\u{e000}');
    let longer = literals
        .iter()
        .map(|literal| format!("{literal}{fresh}").into());
    longer
        .chain(literals.iter().map(|literal| Box::from(*literal)))
        .chain([fresh.to_string().into()])
        .collect()
}

/// Each literal, a number just beyond each (away from zero), zero and its neighbours, and numbers beyond all.
fn numbers(literals: &[&str]) -> Option<Vec<Box<str>>> {
    let longest = literals
        .iter()
        .map(|literal| literal.len())
        .max()
        .unwrap_or(0);
    let tail = format!("{}1", "0".repeat(longest));
    let far = "9".repeat(longest + 1);
    let mut values: Vec<Box<str>> = vec![
        "0".into(),
        format!("0.{tail}").into(),
        format!("-0.{tail}").into(),
        far.as_str().into(),
        format!("-{far}").into(),
    ];
    for literal in literals {
        let beyond = if literal.contains('.') {
            format!("{literal}{tail}")
        } else {
            format!("{literal}.{tail}")
        };
        // An exponent leaves no room for more digits.
        Number::parse(&beyond).filter(|_| !literal.contains(['e', 'E']))?;
        values.extend([Box::from(*literal), beyond.into()]);
    }
    Some(values)
}

/// Each instant and its neighbours.
fn dates(literals: &[&str]) -> Vec<Box<str>> {
    literals
        .iter()
        .filter_map(|literal| instant::parse(literal))
        .flat_map(|instant| [instant - 1, instant, instant + 1])
        .map(|instant| instant::seconds(instant).into())
        .collect()
}

/// Where each network begins, what follows it, and where each family begins.
fn addresses(literals: &[&str]) -> Vec<Box<str>> {
    literals
        .iter()
        .filter_map(|literal| Network::parse(literal))
        .flat_map(|network| [Some(network.first()), network.behind()])
        .flatten()
        .chain([
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        ])
        .map(|address| address.to_string().into())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(conditions: &[(&str, &[&str])], expected: Option<&[&str]>) {
        let conditions: Vec<Condition> = conditions
            .iter()
            .map(|(operator, values)| Condition {
                operator: (*operator).into(),
                key: "k".into(),
                values: values.iter().map(|value| Box::from(*value)).collect(),
            })
            .collect();
        let list: Vec<_> = conditions.iter().map(|one| (one, Version::V2012)).collect();
        let found = samples(&list).map(|samples| {
            samples
                .iter()
                .map(|sample| sample.join("+"))
                .collect::<Vec<_>>()
        });
        let found: Option<Vec<&str>> = found
            .as_ref()
            .map(|samples| samples.iter().map(String::as_str).collect());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn texts_have_their_literals_and_what_is_beyond() {
        check(
            &[("StringEquals", &["a"]), ("StringNotLike", &["ab*"])],
            Some(&[
                "",
                "a",
                "ab",
                "ab*",
                "ab*\u{e000}",
                "ab\u{e000}",
                "a\u{e000}",
                "\u{e000}",
            ]),
        );
    }

    #[test]
    fn null_needs_one_value_and_none() {
        check(&[("Null", &["true"])], Some(&["", "x"]));
    }

    #[test]
    fn sets_are_tried_in_every_combination() {
        check(
            &[("ForAnyValue:Bool", &["true"])],
            Some(&["", "false", "true", "false+true"]),
        );
    }

    #[test]
    fn networks_have_their_ends() {
        check(
            &[("IpAddress", &["10.1.0.0/16"])],
            Some(&["", "0.0.0.0", "10.1.0.0", "10.2.0.0", "::"]),
        );
    }

    #[test]
    fn instants_have_neighbours() {
        check(
            &[("DateLessThan", &["1970"])],
            Some(&["", "-0.000000001", "0.000000000", "0.000000001"]),
        );
    }

    #[test]
    fn where_nothing_can_be_promised_there_are_none() {
        check(&[("StringLike", &["a*b"])], None);
        check(&[("ArnLike", &["arn:aws:s3:::b"])], None);
        check(&[("NumericEquals", &["ten"])], None);
        check(&[("NumericEquals", &["1e3"])], None);
        check(&[("StringEquals", &["${aws:username}"])], None);
        check(&[("StringEquals", &["1"]), ("NumericEquals", &["1"])], None);
    }
}
