//! Conditions: does one operator on one key hold for this request, and could it turn out otherwise?
//!
//! In: a [`Condition`], the document's version, the statement's effect and a context. Out: an [`Evaluation`].
//!
//! Where AWS's documentation does not settle a case (marked `[U]` below), an Allow does not apply and a Deny may apply:
//! not knowing is never rounded to "allowed".

mod address;
mod evaluation;
mod instant;
mod number;
pub mod operator;
pub(crate) mod sample;
mod value;

use std::sync::Arc;

pub use evaluation::Evaluation;
pub(crate) use evaluation::unsettled;

use crate::context::{Context, Known, Limit};
use crate::glob;
use crate::policy::{Condition, Effect, Version};
use crate::truth::{Truth, Truths};
use crate::variable;
use operator::{Operator, Quantifier, Test};
use value::Compared;

/// Whether a condition holds.
#[must_use]
pub fn evaluate<'a>(
    condition: &'a Condition,
    version: Version,
    effect: Effect,
    context: &Context,
) -> Evaluation<'a> {
    let Some(operator) = Operator::parse(&condition.operator) else {
        // IAM refuses to store it. Passing over it would let an Allow through or drop a Deny.
        let mut evaluation = Evaluation::settled(unsettled(effect));
        evaluation.reason = Some(reason(condition, "IAM has no such operator"));
        return evaluation;
    };
    let operands = Operands {
        condition,
        operator,
        version,
        effect,
        context,
    };
    let mut evaluation = match context.get(&condition.key) {
        _ if operator.test == Test::Null => operands.null(),
        Known::Values(values) => operands.known(values),
        Known::Absent | Known::Unknown if context.is_open(&condition.key) => operands.open(),
        Known::Absent | Known::Unknown => Evaluation::settled(operands.absent()),
    };
    if evaluation.can.settled().is_some() {
        evaluation.keys.clear();
    }
    if evaluation.can.has(Truth::Unclear) {
        evaluation.reason = Some(reason(condition, &operands.complaint()));
    }
    evaluation
}

fn reason(condition: &Condition, what: &str) -> Arc<str> {
    format!(
        "condition `{}` on `{}`: {what}",
        condition.operator, condition.key
    )
    .into()
}

struct Operands<'a, 'c> {
    condition: &'a Condition,
    operator: Operator,
    version: Version,
    effect: Effect,
    context: &'c Context,
}

impl<'a> Operands<'a, '_> {
    fn absent(&self) -> Truth {
        Truth::from(
            self.operator.if_exists
                || match self.operator.quantifier {
                    Quantifier::All => true,
                    Quantifier::Any => false,
                    Quantifier::One => self.operator.negated,
                },
        )
    }

    /// `true` asks for an absent key, `false` for one that is there; values ORed, no variables.
    fn null(&self) -> Evaluation<'a> {
        let asks = |word: &str| {
            let values = &self.condition.values;
            Truth::from(values.iter().any(|value| value.eq_ignore_ascii_case(word)))
        };
        let (absent, present) = (asks("true"), asks("false"));
        match self.context.limit_of(&self.condition.key) {
            Some(
                Limit::BeginsWith(_)
                | Limit::OneOf {
                    or_absent: false, ..
                },
            ) => {
                return Evaluation::settled(present);
            }
            Some(Limit::OneOf {
                or_absent: true, ..
            })
            | None => {}
        }
        match self.context.get(&self.condition.key) {
            Known::Values(_) => Evaluation::settled(present),
            Known::Absent | Known::Unknown if self.context.is_open(&self.condition.key) => {
                Evaluation {
                    now: absent,
                    can: Truths::from(absent) | present.into(),
                    keys: vec![&self.condition.key],
                    reason: None,
                }
            }
            Known::Absent | Known::Unknown => Evaluation::settled(absent),
        }
    }

    fn known(&self, values: &[Box<str>]) -> Evaluation<'a> {
        if self.operator.quantifier == Quantifier::One && values.len() > 1 {
            return if self.context.is_complete() {
                // [U] Several values need a set operator; AWS was seen to evaluation "no match".
                Evaluation::settled(Truth::No)
            } else {
                self.one_of(values)
            };
        }
        let all = self.operator.quantifier == Quantifier::All;
        let mut now = Truth::from(all);
        let mut can = Truths::from(now);
        let mut keys = Vec::new();
        for value in values {
            let compared = self.compare(value);
            let (mut value_now, mut value_can) = (compared.now, compared.can);
            if self.operator.negated {
                (value_now, value_can) = (!value_now, !value_can);
            }
            if all {
                (now, can) = (now.and(value_now), can.and(value_can));
            } else {
                (now, can) = (now.or(value_now), can.or(value_can));
            }
            keys.extend(compared.keys);
        }
        Evaluation {
            now,
            can,
            keys,
            reason: None,
        }
    }

    /// A request bears one of these values, and nobody knows which.
    fn one_of(&self, values: &[Box<str>]) -> Evaluation<'a> {
        let each = values
            .iter()
            .map(|value| self.known(std::slice::from_ref(value)));
        let all = each.reduce(|mut all, one| {
            all.can = all.can | one.can;
            all.keys.extend(one.keys);
            all
        });
        let mut all = all.unwrap_or_else(|| Evaluation::settled(self.absent()));
        all.keys.push(&self.condition.key);
        all
    }

    /// One value of the request against all of the policy: does one of them match?
    fn compare(&self, value: &str) -> Compared<'a> {
        let mut found = Compared::settled(Truth::No);
        for expected_value in &self.condition.values {
            let one = value::compare(
                self.operator,
                self.version,
                expected_value,
                value,
                self.effect,
                self.context,
            );
            found.now = found.now.or(one.now);
            found.can = found.can.or(one.can);
            found.keys.extend(one.keys);
        }
        found
    }

    /// The key has one of these values, or is absent.
    fn one_of_or_absent(&self, values: &[Box<str>]) -> Evaluation<'a> {
        let mut all = self.one_of(values);
        all.now = self.absent();
        all.can = all.can | all.now.into();
        all
    }

    /// The key begins so and goes on; `None` where that does not help.
    fn beginning(&self, beginning: &str) -> Option<Evaluation<'a>> {
        let mut can = Truths::from(Truth::No);
        for value in &self.condition.values {
            if self.version == Version::V2012 && variable::has_variables(value) {
                return None;
            }
            let perhaps = Truths::from(Truth::Yes) | Truth::No.into();
            let this = match self.operator.test {
                Test::StringEquals if value.starts_with(beginning) => perhaps,
                Test::StringEquals => Truth::No.into(),
                // A pattern that ends in a star matches whatever follows what it matches.
                Test::StringLike if value.ends_with('*') && glob::matches(value, beginning) => {
                    Truth::Yes.into()
                }
                Test::StringLike if glob::overlap(value, &format!("{beginning}*")) => perhaps,
                Test::StringLike => Truth::No.into(),
                Test::StringEqualsIgnoreCase
                | Test::Numeric(_)
                | Test::Date(_)
                | Test::Bool
                | Test::Binary
                | Test::IpAddress
                | Test::Arn
                | Test::Null => return None,
            };
            can = can.or(this);
        }
        if self.operator.negated {
            can = !can;
        }
        Some(Evaluation {
            now: can.settled().unwrap_or(Truth::No),
            can,
            keys: vec![&*self.condition.key],
            reason: None,
        })
    }

    fn open(&self) -> Evaluation<'a> {
        let limited = match self.context.limit_of(&self.condition.key) {
            Some(Limit::OneOf { values, or_absent }) => Some(match or_absent {
                true => self.one_of_or_absent(values),
                false => self.one_of(values),
            }),
            Some(Limit::BeginsWith(beginning)) => self.beginning(beginning),
            None => None,
        };
        if let Some(limited) = limited {
            return limited;
        }
        let absent = self.absent();
        let reach = value::reach(
            self.operator,
            self.version,
            &self.condition.values,
            self.effect,
            self.context,
        );
        let present = if self.operator.negated {
            !reach.can
        } else {
            reach.can
        };
        let mut keys = vec![&*self.condition.key];
        keys.extend(reach.keys);
        Evaluation {
            now: absent,
            can: Truths::from(absent) | present,
            keys,
            reason: None,
        }
    }

    fn complaint(&self) -> String {
        let values = &self.condition.values;
        let bad = values
            .iter()
            .find(|value| !value::is_valid(self.operator.test, value));
        let what = value::expected(self.operator.test);
        match (bad, self.context.get(&self.condition.key)) {
            (Some(bad), _) => format!("the policy's value `{bad}` is no {what}"),
            (None, Known::Values(values)) => {
                let bad = values
                    .iter()
                    .find(|value| !value::is_readable(self.operator.test, value));
                match bad {
                    Some(bad) => format!("the request's value `{bad}` is no {what}"),
                    None => format!("a value is no {what}"),
                }
            }
            (None, Known::Absent | Known::Unknown) => format!("a value is no {what}"),
        }
    }
}
