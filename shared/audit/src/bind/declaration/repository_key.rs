//! The key of a repository: whoever declares one has an encrypted repository, whatever is answered for all.
//!
//! In: what was declared of a principal. Out: the same with the answer that follows from the key. An answer of no that is given for
//! the same principal in the place of the key, or in a tag, is a fault.

use super::{Declaration, place_of, without_count};
use crate::bind::requirement::BindFaultKind;
use crate::settings::Binding;

/// The condition that a declared key answers.
pub(super) const CONDITION: &str = "kms-encrypted-repository";
/// The input that names the key, and the tag.
const INPUT: &str = "repository_key";
const TAG: &str = "repository-key";

/// Answers the condition where a key is declared.
pub(super) fn settle<'b>(
    declared: &mut Declaration,
    prefix: &str,
    tags: &[(&str, &str)],
    bindings: impl Iterator<Item = &'b Binding>,
) {
    if !declared.scope.inputs.contains_key(INPUT) {
        return;
    }
    declared.scope.answers.insert(CONDITION.into(), true);
    let answer = tags.iter().find(|(key, _)| without_count(key) == CONDITION);
    let place = match answer {
        Some((key, value)) => is_no(value).then(|| format!("{prefix}{key}").into()),
        None => bindings
            .filter(|binding| {
                let mut inputs = binding.scope.keys();
                let has_key = inputs.any(|input| matches!(&**input, INPUT | TAG));
                let answer = binding.answers.get(CONDITION);
                has_key && answer.is_some_and(|answer| !answer.yes)
            })
            .map(place_of)
            .last(),
    };
    let fault = place.map(|place| {
        let declared = TAG.into();
        (place, BindFaultKind::Contradiction { declared })
    });
    declared.faults.extend(fault);
}

fn is_no(value: &str) -> bool {
    ["no", "false"]
        .iter()
        .any(|no| value.eq_ignore_ascii_case(no))
}
