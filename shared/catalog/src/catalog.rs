//! The catalog: all action sets by id, with the questions and scope variables they refer to.
//!
//! In: the data files that were built into the binary, and users' own. Out: sets to look up, to resolve and to
//! suggest where an id is mistyped. Every set in a [`Catalog`] has passed the linter: the embedded ones in a
//! test, users' own when they are added.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::convert::{Converter, declared};
use crate::form::{DeclaredForm, SetForm};
use crate::lint::lint_against;
use crate::nearest::nearest;
use crate::problem::Problem;
use crate::scope::ScopeVariable;
use crate::set::{ActionSet, ConditionName, Need, SetAction, SetId, VariableName};
use crate::version::ProductVersion;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/catalog.postcard"));

/// Action sets, questions and scope variables.
#[derive(Clone, Debug)]
pub struct Catalog {
    // INVARIANT: each set stands under its own id, and every id, condition and variable it names is in here.
    sets: BTreeMap<SetId, Entry>,
    declared: Declared,
}

/// A set that is unpacked when somebody asks for it: an audit needs few of them, and at once.
#[derive(Clone, Debug)]
struct Entry {
    set: OnceLock<ActionSet>,
    packed: &'static [u8],
}

/// What sets can refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared {
    pub(crate) variables: BTreeMap<VariableName, ScopeVariable>,
    pub(crate) conditions: BTreeMap<ConditionName, String>,
}

/// A text that may hold sets: a file of one set, or a settings document with `[[action-set]]` in it.
#[derive(Clone, Copy, Debug)]
pub struct SetFile<'a> {
    /// What to call it in messages.
    pub file: &'a str,
    /// Its TOML.
    pub text: &'a str,
}

/// Users' own sets were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct OwnSetsError {
    /// Everything that is wrong, by file and line; never empty.
    pub problems: Vec<Problem>,
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
    /// The sets that come with permdrift.
    #[must_use]
    pub fn embedded() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the build script wrote these very bytes from the same types, and a test reads them"
        )]
        unpack(PACKED).expect("the embedded catalog is readable")
    }

    /// This catalog with users' own sets besides.
    ///
    /// # Errors
    /// [`OwnSetsError`] with every problem the linter finds in them, unknown references and taken ids included.
    pub fn with_own_sets(mut self, files: &[SetFile<'_>]) -> Result<Self, OwnSetsError> {
        let (sets, problems) = lint_against(files, &self);
        if !problems.is_empty() {
            return Err(OwnSetsError { problems });
        }
        self.sets.extend(sets.into_iter().map(|set| {
            let entry = Entry {
                packed: &[],
                set: set.clone().into(),
            };
            (set.id, entry)
        }));
        Ok(self)
    }

    /// A catalog without sets, for linting the embedded ones.
    #[cfg(test)]
    pub(crate) fn without_sets(&self) -> Self {
        Self {
            sets: BTreeMap::new(),
            declared: self.declared.clone(),
        }
    }

    pub(crate) fn declared(&self) -> &Declared {
        &self.declared
    }

    /// All sets, in order of id.
    pub fn sets(&self) -> impl Iterator<Item = &ActionSet> {
        self.sets.values().map(|entry| self.open(entry))
    }

    /// The ids of all sets, in order.
    pub fn ids(&self) -> impl Iterator<Item = &SetId> {
        self.sets.keys()
    }

    /// A set by id.
    #[must_use]
    pub fn set(&self, id: &SetId) -> Option<&ActionSet> {
        self.sets.get(id).map(|entry| self.open(entry))
    }

    fn open<'c>(&'c self, entry: &'c Entry) -> &'c ActionSet {
        #[expect(
            clippy::expect_used,
            reason = "the build script wrote these very bytes from the same types, and a test opens every set"
        )]
        entry.set.get_or_init(|| {
            unpack_set(entry.packed, &self.declared).expect("every embedded set is readable")
        })
    }

    /// A set by what somebody typed or tagged.
    ///
    /// # Errors
    /// [`UnknownSetError`] with the closest id, also for ids that carry the version of the facts (`…-v11`).
    pub fn find(&self, text: &str) -> Result<&ActionSet, UnknownSetError> {
        let entry = self.sets.get(text).ok_or_else(|| UnknownSetError {
            found: text.to_owned(),
            nearest: self.nearest(text).cloned(),
        })?;
        Ok(self.open(entry))
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
        let mut seen = BTreeSet::new();
        let mut resolved = Vec::new();
        self.visit(self.find(id.as_str())?, &mut seen, &mut resolved);
        Ok(resolved)
    }

    fn visit<'c>(
        &'c self,
        set: &'c ActionSet,
        seen: &mut BTreeSet<&'c SetId>,
        resolved: &mut Vec<&'c ActionSet>,
    ) {
        if !seen.insert(&set.id) {
            return;
        }
        for base in set.extends.iter().filter_map(|id| self.set(id)) {
            self.visit(base, seen, resolved);
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

/// Reads what the build script packed: what is declared, then each set's id and form.
fn unpack(packed: &'static [u8]) -> postcard::Result<Catalog> {
    let (form, mut rest) = postcard::take_from_bytes::<DeclaredForm<'_>>(packed)?;
    let mut sets = BTreeMap::new();
    while !rest.is_empty() {
        let (id, packed): (&str, &[u8]);
        ((id, packed), rest) = postcard::take_from_bytes(rest)?;
        let entry = Entry {
            set: OnceLock::new(),
            packed,
        };
        let id = id.parse().map_err(|_| postcard::Error::SerdeDeCustom)?;
        sets.insert(id, entry);
    }
    Ok(Catalog {
        sets,
        declared: declared(&form.variables, &form.conditions, &mut Vec::new()),
    })
}

fn unpack_set(packed: &[u8], declared: &Declared) -> Option<ActionSet> {
    let form: SetForm<'_> = postcard::from_bytes(packed).ok()?;
    let mut converter = Converter {
        file: "the embedded catalog",
        declared,
        problems: &mut Vec::new(),
    };
    converter.set(&form)
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
