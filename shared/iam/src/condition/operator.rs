//! Condition operators: what does `ForAnyValue:StringNotLikeIfExists` ask?
//!
//! In: a name as written, in any case. Out: an [`Operator`], or nothing for a name that IAM does not have.

/// What an operator's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// How it deals with several values of the request.
    pub quantifier: Quantifier,
    /// What it compares.
    pub test: Test,
    /// `StringNotEquals` and its kind: holds where none of its values matches.
    pub negated: bool,
    /// Holds where the key is absent.
    pub if_exists: bool,
}

/// How several values of the request count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// The key has one value.
    One,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// What is compared with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// Text with case.
    StringEquals,
    /// Text without case.
    StringEqualsIgnoreCase,
    /// Text against wildcards.
    StringLike,
    /// Decimal numbers.
    Numeric(Comparison),
    /// Instants.
    Date(Comparison),
    /// `true` or `false`.
    Bool,
    /// Bytes in base64.
    Binary,
    /// An address in a network.
    IpAddress,
    /// ARNs, part by part with wildcards; `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Whether the key is absent.
    Null,
}

/// The request's value, compared with the policy's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

const NAMES: [(&str, Test, bool); 27] = {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    [
        ("StringEquals", Test::StringEquals, false),
        ("StringNotEquals", Test::StringEquals, true),
        (
            "StringEqualsIgnoreCase",
            Test::StringEqualsIgnoreCase,
            false,
        ),
        (
            "StringNotEqualsIgnoreCase",
            Test::StringEqualsIgnoreCase,
            true,
        ),
        ("StringLike", Test::StringLike, false),
        ("StringNotLike", Test::StringLike, true),
        ("NumericEquals", Test::Numeric(Equal), false),
        ("NumericNotEquals", Test::Numeric(Equal), true),
        ("NumericLessThan", Test::Numeric(Less), false),
        ("NumericLessThanEquals", Test::Numeric(LessOrEqual), false),
        ("NumericGreaterThan", Test::Numeric(Greater), false),
        (
            "NumericGreaterThanEquals",
            Test::Numeric(GreaterOrEqual),
            false,
        ),
        ("DateEquals", Test::Date(Equal), false),
        ("DateNotEquals", Test::Date(Equal), true),
        ("DateLessThan", Test::Date(Less), false),
        ("DateLessThanEquals", Test::Date(LessOrEqual), false),
        ("DateGreaterThan", Test::Date(Greater), false),
        ("DateGreaterThanEquals", Test::Date(GreaterOrEqual), false),
        ("Bool", Test::Bool, false),
        ("BinaryEquals", Test::Binary, false),
        ("IpAddress", Test::IpAddress, false),
        ("NotIpAddress", Test::IpAddress, true),
        ("ArnEquals", Test::Arn, false),
        ("ArnNotEquals", Test::Arn, true),
        ("ArnLike", Test::Arn, false),
        ("ArnNotLike", Test::Arn, true),
        ("Null", Test::Null, false),
    ]
};

impl Operator {
    /// `None` for a name that IAM does not have: `Null` takes neither `IfExists` nor a set.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (quantifier, rest) = match name.split_once(':') {
            None => (Quantifier::One, name),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => {
                (Quantifier::All, rest)
            }
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::Any, rest),
            Some(_) => return None,
        };
        let suffix = rest.len().checked_sub("IfExists".len());
        let (base, if_exists) = match suffix.and_then(|at| rest.split_at_checked(at)) {
            Some((base, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (base, true),
            _ => (rest, false),
        };
        let (_, test, negated) = NAMES
            .iter()
            .find(|(known, _, _)| known.eq_ignore_ascii_case(base))?;
        if *test == Test::Null && (if_exists || quantifier != Quantifier::One) {
            return None;
        }
        Some(Self {
            quantifier,
            test: *test,
            negated: *negated,
            if_exists,
        })
    }
}

impl Comparison {
    /// Whether the request's value, which stands so to the policy's, passes.
    #[must_use]
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Test {
    /// Whether its values may hold variables. AWS's pages contradict each other about `Bool`, which is therefore not here.
    #[must_use]
    pub fn takes_variables(self) -> bool {
        match self {
            Self::StringEquals | Self::StringEqualsIgnoreCase | Self::StringLike | Self::Arn => {
                true
            }
            Self::Numeric(_)
            | Self::Date(_)
            | Self::Bool
            | Self::Binary
            | Self::IpAddress
            | Self::Null => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<(Quantifier, Test, bool, bool)>) {
        let found = Operator::parse(name);
        assert_eq!(
            found.map(|it| (it.quantifier, it.test, it.negated, it.if_exists)),
            expected,
            "{name}"
        );
    }

    #[test]
    fn names_are_taken_apart_in_any_case() {
        check(
            "StringEquals",
            Some((Quantifier::One, Test::StringEquals, false, false)),
        );
        check(
            "forallvalues:STRINGNOTLIKEifexists",
            Some((Quantifier::All, Test::StringLike, true, true)),
        );
        check(
            "ForAnyValue:ArnNotEquals",
            Some((Quantifier::Any, Test::Arn, true, false)),
        );
        check(
            "NumericLessThanEquals",
            Some((
                Quantifier::One,
                Test::Numeric(Comparison::LessOrEqual),
                false,
                false,
            )),
        );
    }

    #[test]
    fn other_names_are_unknown() {
        for name in [
            "",
            "IfExists",
            "StringMatches",
            "NullIfExists",
            "ForAnyValue:Null",
            "ForSome:StringLike",
            "StringLike ",
            "ForAllValues:",
            "BinaryNotEquals",
        ] {
            check(name, None);
        }
    }
}
