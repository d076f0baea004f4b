//! Conditions: does one operator on one key hold for this request, and could it turn out otherwise?
//!
//! In: a [`Condition`], the document's version, the statement's effect and a context. Out: an [`Answer`]: the truth if every
//! open key is absent, the truths that are possible, and the open keys on which it hangs. A key is open if the context does
//! not know it, or which of its values, or if it is absent from a complete context, see [`Context::is_open`].
//!
//! Where AWS's documentation does not settle a case (marked `[U]` below), an Allow does not apply and a Deny may apply:
//! not knowing is never rounded to "allowed".

mod address;
mod instant;
mod number;
pub mod operator;
pub(crate) mod sample;
mod value;

use std::sync::Arc;

use crate::context::{Context, Known};
use crate::policy::{Condition, Effect, Version};
use crate::truth::{Truth, Truths};
use operator::{Operator, Quantifier, Test};
use value::Compared;

/// What a condition says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The truth if every open key is absent.
    pub now: Truth,
    /// What is possible, whatever the open keys are.
    pub can: Truths,
    /// The open keys that make the difference, as spelled; empty where `can` is settled.
    pub keys: Vec<&'a str>,
    /// Why it is unclear, where it may be.
    pub reason: Option<Arc<str>>,
}

impl Answer<'_> {
    pub(crate) fn settled(truth: Truth) -> Self {
        Self {
            now: truth,
            can: truth.into(),
            keys: Vec::new(),
            reason: None,
        }
    }
}

/// What stands for a case that AWS's documentation does not settle.
pub(crate) fn unsettled(effect: Effect) -> Truth {
    match effect {
        Effect::Allow => Truth::No,
        Effect::Deny => Truth::Unclear,
    }
}

/// Whether a condition holds.
#[must_use]
pub fn hold<'a>(
    condition: &'a Condition,
    version: Version,
    effect: Effect,
    context: &Context,
) -> Answer<'a> {
    let Some(operator) = Operator::parse(&condition.operator) else {
        // IAM refuses to store it. Passing over it would let an Allow through or drop a Deny.
        let mut answer = Answer::settled(unsettled(effect));
        answer.reason = Some(reason(condition, "IAM has no such operator"));
        return answer;
    };
    let question = Question {
        condition,
        operator,
        version,
        effect,
        context,
    };
    let mut answer = match context.get(&condition.key) {
        _ if operator.test == Test::Null => question.null(),
        Known::Values(values) => question.known(values),
        Known::Absent | Known::Unknown if context.is_open(&condition.key) => question.open(),
        Known::Absent | Known::Unknown => Answer::settled(question.absent()),
    };
    if answer.can.settled().is_some() {
        answer.keys.clear();
    }
    if answer.can.has(Truth::Unclear) {
        answer.reason = Some(reason(condition, &question.complaint()));
    }
    answer
}

fn reason(condition: &Condition, what: &str) -> Arc<str> {
    format!(
        "condition `{}` on `{}`: {what}",
        condition.operator, condition.key
    )
    .into()
}

struct Question<'a, 'c> {
    condition: &'a Condition,
    operator: Operator,
    version: Version,
    effect: Effect,
    context: &'c Context,
}

impl<'a> Question<'a, '_> {
    fn absent(&self) -> Truth {
        Truth::of(
            self.operator.if_exists
                || match self.operator.quantifier {
                    Quantifier::All => true,
                    Quantifier::Any => false,
                    Quantifier::One => self.operator.negated,
                },
        )
    }

    /// `true` asks for an absent key, `false` for one that is there; values ORed, no variables.
    fn null(&self) -> Answer<'a> {
        let asks = |word: &str| {
            let values = &self.condition.values;
            Truth::of(values.iter().any(|value| value.eq_ignore_ascii_case(word)))
        };
        let (absent, present) = (asks("true"), asks("false"));
        match self.context.get(&self.condition.key) {
            Known::Values(_) => Answer::settled(present),
            Known::Absent | Known::Unknown if self.context.is_open(&self.condition.key) => Answer {
                now: absent,
                can: Truths::from(absent) | present.into(),
                keys: vec![&self.condition.key],
                reason: None,
            },
            Known::Absent | Known::Unknown => Answer::settled(absent),
        }
    }

    fn known(&self, values: &[Box<str>]) -> Answer<'a> {
        if self.operator.quantifier == Quantifier::One && values.len() > 1 {
            return if self.context.is_complete() {
                // [U] Several values need a set operator; AWS was seen to answer "no match".
                Answer::settled(Truth::No)
            } else {
                self.one_of(values)
            };
        }
        let all = self.operator.quantifier == Quantifier::All;
        let mut now = Truth::of(all);
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
        Answer {
            now,
            can,
            keys,
            reason: None,
        }
    }

    /// A request bears one of these values, and nobody knows which.
    fn one_of(&self, values: &[Box<str>]) -> Answer<'a> {
        let each = values
            .iter()
            .map(|value| self.known(std::slice::from_ref(value)));
        let all = each.reduce(|mut all, one| {
            all.can = all.can | one.can;
            all.keys.extend(one.keys);
            all
        });
        let mut all = all.unwrap_or_else(|| Answer::settled(self.absent()));
        all.keys.push(&self.condition.key);
        all
    }

    /// One value of the request against all of the policy: does one of them match?
    fn compare(&self, value: &str) -> Compared<'a> {
        let mut found = Compared::settled(Truth::No);
        for wanted in &self.condition.values {
            let one = value::compare(
                self.operator,
                self.variables(),
                wanted,
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

    fn open(&self) -> Answer<'a> {
        let absent = self.absent();
        let reach = value::reach(
            self.operator,
            self.variables(),
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
        Answer {
            now: absent,
            can: Truths::from(absent) | present,
            keys,
            reason: None,
        }
    }

    fn variables(&self) -> bool {
        self.version == Version::V2012
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
