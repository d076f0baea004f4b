//! The catalog: all action sets by id, with the questions and scope variables they refer to.
//!
//! In: sets that have passed the linter, the embedded ones (`embedded`) and users' own (`lint`). Out: sets to look up, to
//! resolve and to suggest where an id is mistyped.

use std::collections::{BTreeMap, BTreeSet};

use crate::file::declared::Declared;
use crate::nearest::nearest;
use crate::scope::ScopeVariable;
use crate::set::{ActionSet, Need, SetAction, SetId, VariableName};
use crate::version::ProductVersion;

/// Action sets, questions and scope variables.
#[derive(Clone, Debug)]
pub struct Catalog {
    // INVARIANT: each set stands under its own id, and every id, condition and variable it names is in here.
    sets: BTreeMap<SetId, ActionSet>,
    declared: Declared,
}

/// An id that names no set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown action set `{found}`{}", crate::nearest::did_you_mean(.nearest.as_ref().map(SetId::as_str)))]
pub struct UnknownSetError {
    /// The id that was asked for.
    pub found: String,
    /// The set that was probably meant.
    pub nearest: Option<SetId>,
}

impl Catalog {
    /// Sets that have passed the linter against what is declared.
    pub(crate) fn new(sets: Vec<ActionSet>, declared: Declared) -> Self {
        let mut catalog = Self {
            sets: BTreeMap::new(),
            declared,
        };
        catalog.add(sets);
        catalog
    }

    /// Adds sets that have passed the linter against this catalog.
    pub(crate) fn add(&mut self, sets: Vec<ActionSet>) {
        let sets = sets.into_iter().map(|set| (set.id.clone(), set));
        self.sets.extend(sets);
    }

    /// A catalog without sets, for linting the embedded ones.
    #[cfg(test)]
    pub(crate) fn without_sets(&self) -> Self {
        Self::new(Vec::new(), self.declared.clone())
    }

    pub(crate) fn declared(&self) -> &Declared {
        &self.declared
    }

    /// All sets, in order of id.
    pub fn sets(&self) -> impl Iterator<Item = &ActionSet> {
        self.sets.values()
    }

    /// The ids of all sets, in order.
    pub fn ids(&self) -> impl Iterator<Item = &SetId> {
        self.sets.keys()
    }

    /// A set by id.
    #[must_use]
    pub fn set(&self, id: &SetId) -> Option<&ActionSet> {
        self.sets.get(id)
    }

    /// A set by what somebody typed or tagged.
    ///
    /// # Errors
    /// [`UnknownSetError`] with the closest id, also for ids that carry the version of the facts (`…-v11`).
    pub fn find(&self, text: &str) -> Result<&ActionSet, UnknownSetError> {
        self.sets.get(text).ok_or_else(|| UnknownSetError {
            found: text.to_owned(),
            nearest: self.nearest(text).cloned(),
        })
    }

    /// The id closest to a mistyped one.
    #[must_use]
    pub fn nearest(&self, text: &str) -> Option<&SetId> {
        let folded = text.trim().to_ascii_lowercase();
        let plain = without_version(&folded).unwrap_or_else(|| folded.clone());
        let exact = self.sets.get_key_value(plain.as_str());
        exact
            .or_else(|| {
                let close = nearest(&plain, self.sets.keys().map(SetId::as_str))?;
                self.sets.get_key_value(close)
            })
            .map(|(id, _)| id)
    }

    /// A set after all the sets it extends, each once, the most basic first.
    ///
    /// # Errors
    /// [`UnknownSetError`] if the id names no set.
    pub fn resolve(&self, id: &SetId) -> Result<Vec<&ActionSet>, UnknownSetError> {
        let mut visited = BTreeSet::new();
        let mut resolved = Vec::new();
        self.visit(self.find(id.as_str())?, &mut visited, &mut resolved);
        Ok(resolved)
    }

    fn visit<'c>(
        &'c self,
        set: &'c ActionSet,
        visited: &mut BTreeSet<&'c SetId>,
        resolved: &mut Vec<&'c ActionSet>,
    ) {
        if !visited.insert(&set.id) {
            return;
        }
        for base in set.extends.iter().filter_map(|id| self.set(id)) {
            self.visit(base, visited, resolved);
        }
        resolved.push(set);
    }

    /// The question behind a condition.
    #[must_use]
    pub fn condition(&self, name: &str) -> Option<&str> {
        self.declared.conditions.get(name).map(String::as_str)
    }

    /// All conditions with their questions, in order of name.
    pub fn conditions(&self) -> impl Iterator<Item = (&str, &str)> {
        let conditions = self.declared.conditions.iter();
        conditions.map(|(name, question)| (&**name, question.as_str()))
    }

    /// A scope variable by name.
    #[must_use]
    pub fn scope_variable(&self, name: &str) -> Option<&ScopeVariable> {
        self.declared.variables.get(name)
    }

    /// All scope variables, in order of name.
    pub fn scope_variables(&self) -> impl Iterator<Item = &ScopeVariable> {
        self.declared.variables.values()
    }
}

/// The actions of several sets as one list in order of name, each once.
///
/// Where sets disagree the stricter word counts: required before conditional before optional. An action that two
/// sets scope to different variables, or call in different contexts, stays in the list once for each.
#[must_use]
pub fn merge<'c>(sets: &[&'c ActionSet], version: ProductVersion) -> Vec<&'c SetAction> {
    let mut actions: Vec<&SetAction> = sets
        .iter()
        .flat_map(|set| set.actions_for(version))
        .collect();
    actions.sort_by(|a, b| {
        key(a)
            .cmp(&key(b))
            .then_with(|| rank(&a.need).cmp(&rank(&b.need)))
    });
    actions.dedup_by(|later, first| key(later) == key(first));
    actions
}

type Key<'a> = (
    &'a iam::ActionName,
    &'a Option<VariableName>,
    &'a BTreeMap<String, Vec<String>>,
);

fn key(action: &SetAction) -> Key<'_> {
    (&action.name, &action.scope, &action.context)
}

fn rank(need: &Need) -> u8 {
    match need {
        Need::Required => 0,
        Need::Conditional { .. } => 1,
        Need::Optional { .. } => 2,
    }
}

/// The id without its version, where it has one: `a-v11` and `a-v11-b` have.
pub(crate) fn without_version(id: &str) -> Option<String> {
    let is_version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
    };
    let kept: Vec<&str> = id.split('-').filter(|part| !is_version(part)).collect();
    let kept = kept.join("-");
    (kept != id).then_some(kept)
}
