//! The key of a repository: whoever declares one has an encrypted repository, whatever is answered for all.
//!
//! In: the scope of a principal, and who answers the question. Out: the answer that follows from the key, and the place that
//! contradicts it: an answer of no in a tag of the principal, or in the binding that declares the key.

use crate::bind::scope::Scope;
use crate::settings::Binding;

/// The condition that a declared key answers.
pub(super) const CONDITION: &str = "kms-encrypted-repository";
/// The tag that declares the key, and the input.
pub(super) const TAG: &str = "repository-key";
const INPUT: &str = "repository_key";

/// Answers the condition where a key is declared; `answer` is what a tag answers, with its place.
pub(super) fn settle<'b>(
    scope: &mut Scope,
    answer: Option<(Box<str>, &str)>,
    bindings: impl Iterator<Item = &'b Binding>,
) -> Option<Box<str>> {
    if !scope.inputs.contains_key(INPUT) {
        return None;
    }
    scope.answers.insert(CONDITION.into(), true);
    if let Some((place, value)) = answer {
        let mut no = ["no", "false"].iter();
        return no.any(|no| value.eq_ignore_ascii_case(no)).then_some(place);
    }
    let contradicts = |binding: &&Binding| {
        let mut inputs = binding.scope.keys();
        let has_key = inputs.any(|input| matches!(&**input, INPUT | TAG));
        let answer = binding.answers.get(CONDITION);
        has_key && answer.is_some_and(|answer| !answer.yes)
    };
    bindings.filter(contradicts).map(Binding::place).last()
}
