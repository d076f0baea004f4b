//! Answers: what did AWS say already in this audit?
//!
//! An audit that is too large for one run of the function goes on in the next one, mostly in the same process. What was answered, and
//! refusals that say what there is, are kept until another audit begins, so that nothing is asked twice; silence and missing permissions
//! are not.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::failure::Failure;

/// What was answered in one audit.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    audit: String,
    by_question: BTreeMap<String, Result<Value, Unanswered>>,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) struct Unanswered {
    pub(super) failure: Failure,
    /// The region where AWS says to ask.
    pub(super) region: Option<String>,
}

impl Answers {
    /// Forgets what another audit was answered, and what an earlier attempt at this one was.
    pub(crate) fn begin(&self, audit: &str) {
        *self.known() = Known {
            audit: audit.to_owned(),
            by_question: BTreeMap::new(),
        };
    }

    /// Forgets what another audit was answered.
    pub(crate) fn resume(&self, audit: &str) {
        if self.known().audit != audit {
            self.begin(audit);
        }
    }

    /// What was answered, as JSON: texts by question.
    pub(crate) fn write(&self) -> Vec<u8> {
        let known = self.known();
        let answers = known.by_question.iter();
        let answers =
            answers.filter_map(|(question, answer)| Some((question, answer.as_ref().ok()?)));
        let answers: BTreeMap<&String, &Value> = answers.collect();
        // There is nothing in an answer that JSON cannot say: it was JSON.
        serde_json::to_vec(&answers).unwrap_or_default()
    }

    /// What [`Answers::write`] wrote.
    pub(crate) fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let answers: BTreeMap<String, Value> = serde_json::from_slice(text)?;
        let by_question = answers.into_iter();
        Ok(Self(Mutex::new(Known {
            by_question: by_question
                .map(|(question, answer)| (question, Ok(answer)))
                .collect(),
            ..Known::default()
        })))
    }

    /// How many questions were answered.
    pub(crate) fn count(&self) -> usize {
        let known = self.known();
        known
            .by_question
            .values()
            .filter(|answer| answer.is_ok())
            .count()
    }

    pub(super) fn of(&self, question: &str) -> Option<Result<Value, Unanswered>> {
        self.known().by_question.get(question).cloned()
    }

    pub(super) fn keep(&self, question: String, answer: &Result<Value, Unanswered>) {
        let is_final = match answer {
            Ok(_) => true,
            Err(unanswered) => matches!(unanswered.failure, Failure::Refused { .. }),
        };
        if is_final {
            self.known().by_question.insert(question, answer.clone());
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            region: None,
        }
    }
}
