//! The linter: is a set file fit to be relied on?
//!
//! In: files as text and the catalog they are to join. Out: every problem, by file and line: shape (`read`), words
//! (`convert`), and here what takes knowledge of AWS or of other sets. The embedded data files are held to the
//! same rules by a test; users' own sets join a catalog only by way of it.

use std::collections::BTreeMap;

use iam::ActionName;

use crate::catalog::{Catalog, without_version};
use crate::file::convert::Converter;
use crate::file::form::{ActionForm, SetForm, Text};
use crate::file::read::{SetFile, read_sets};
use crate::known::{known_action, nearest_action};
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};
use crate::scope::ScopeVariable;
use crate::set::{ActionSet, SetId};

/// Everything that is wrong with files that are to join the catalog; empty where they are fit.
#[must_use]
pub fn lint(files: &[SetFile<'_>], catalog: &Catalog) -> Vec<Problem> {
    lint_against(files, catalog).1
}

/// Users' own sets were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct OwnSetsError {
    /// Everything that is wrong, by file and line; never empty.
    pub problems: Vec<Problem>,
}

impl Catalog {
    /// This catalog with users' own sets besides.
    ///
    /// # Errors
    /// [`OwnSetsError`] with every problem the linter finds in them, unknown references and ids in use included.
    pub fn with_own_sets(mut self, files: &[SetFile<'_>]) -> Result<Self, OwnSetsError> {
        let (sets, problems) = lint_against(files, &self);
        if !problems.is_empty() {
            return Err(OwnSetsError { problems });
        }
        self.add(sets);
        Ok(self)
    }
}

struct Read<'a> {
    file: &'a str,
    form: SetForm,
}

pub(crate) fn lint_against(
    files: &[SetFile<'_>],
    catalog: &Catalog,
) -> (Vec<ActionSet>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut read = Vec::new();
    for file in files {
        let forms = read_sets(*file, &mut problems);
        let file = file.file;
        read.extend(forms.into_iter().map(|form| Read { file, form }));
    }
    let mut sets = Vec::new();
    for Read { file, form } in &read {
        let mut converter = Converter {
            file,
            declared: catalog.declared(),
            problems: &mut problems,
        };
        sets.extend(converter.set(form));
    }
    ids(&read, catalog, &mut problems);
    for one in &read {
        actions(one, catalog, &mut problems);
        references(one, &read, catalog, &mut problems);
    }
    cycles(&read, &sets, &mut problems);
    problems.sort();
    problems.dedup();
    (sets, problems)
}

fn ids(read: &[Read<'_>], catalog: &Catalog, problems: &mut Vec<Problem>) {
    let mut used: BTreeMap<&str, &str> = catalog
        .ids()
        .map(|id| (id.as_str(), "the catalog"))
        .collect();
    for Read { file, form } in read {
        let Some(id) = &form.id else { continue };
        let mut say = |kind| problems.push(problem(file, id, kind));
        if let Some(without) = without_version(&id.value) {
            say(ProblemKind::VersionInId {
                id: id.value.clone(),
                without,
            });
        }
        if let Some(other) = used.insert(&id.value, file) {
            say(ProblemKind::IdInUse {
                id: id.value.clone(),
                file: other.to_owned(),
            });
        }
    }
}

fn actions(one: &Read<'_>, catalog: &Catalog, problems: &mut Vec<Problem>) {
    let mut first: BTreeMap<ActionName, u32> = BTreeMap::new();
    for form in &one.form.actions {
        let Ok(name) = form.name.value.parse::<ActionName>() else {
            continue;
        };
        let mut say = |kind| problems.push(problem(one.file, &form.name, kind));
        match first.get(&name) {
            Some(&first) => say(ProblemKind::Duplicate {
                found: form.name.value.clone(),
                first,
            }),
            None => {
                first.insert(name.clone(), form.name.line);
            }
        }
        let scope = form.scope.as_ref();
        let variable = scope.and_then(|scope| catalog.scope_variable(&scope.value));
        action(form, &name, variable, &mut say);
    }
}

fn action(
    form: &ActionForm,
    name: &ActionName,
    variable: Option<&ScopeVariable>,
    say: &mut impl FnMut(ProblemKind),
) {
    let found = form.name.value.clone();
    let Some(known) = known_action(name) else {
        if !form.unverified {
            let nearest = nearest_action(name).map(str::to_owned);
            say(ProblemKind::UnknownAction { found, nearest });
        }
        return;
    };
    if known.name != found {
        let canonical = known.name.to_owned();
        say(ProblemKind::Spelling { found, canonical });
    }
    if let Some(variable) = variable {
        let types: Vec<String> = known
            .resource_types()
            .map(|kind| format!("{}:{}", name.service().to_ascii_lowercase(), kind.name))
            .collect();
        // Roles are IAM's, whoever passes or assumes them.
        let fits = types.iter().any(|kind| {
            let mine = &variable.resource_types;
            mine.contains(kind) || (kind == "sts:role" && mine.iter().any(|one| one == "iam:role"))
        });
        if !fits {
            say(ProblemKind::ScopeDoesNotFit {
                action: known.name.to_owned(),
                variable: variable.name.to_string(),
                takes: takes(&types),
            });
        }
    }
}

/// Resource types in words; some actions take a hundred.
fn takes(types: &[String]) -> String {
    match types {
        [] => "no resource, so it is checked against `*`".to_owned(),
        [a, b, c, more @ ..] if more.len() > 1 => format!("{a}, {b}, {c} and {} more", more.len()),
        few => few.join(", "),
    }
}

fn references(one: &Read<'_>, read: &[Read<'_>], catalog: &Catalog, problems: &mut Vec<Problem>) {
    let new = read.iter().filter_map(|one| one.form.id.as_ref());
    let known: Vec<&str> = catalog
        .ids()
        .map(SetId::as_str)
        .chain(new.map(|id| id.value.as_str()))
        .collect();
    let form = &one.form;
    for named in form
        .extends
        .iter()
        .chain(&form.alternatives)
        .chain(&form.needs_one_of)
    {
        if !known.contains(&named.value.as_str()) {
            let kind = ProblemKind::UnknownSet {
                found: named.value.clone(),
                nearest: nearest(&named.value, known.iter().copied()).map(str::to_owned),
            };
            problems.push(problem(one.file, named, kind));
        }
    }
}

fn cycles(read: &[Read<'_>], sets: &[ActionSet], problems: &mut Vec<Problem>) {
    let by_id: BTreeMap<&str, &ActionSet> = sets.iter().map(|set| (set.id.as_str(), set)).collect();
    for Read { file, form } in read {
        let Some(id) = &form.id else { continue };
        let Some(set) = by_id.get(id.value.as_str()) else {
            continue;
        };
        let mut path = vec![&set.id];
        if returns(set, &by_id, &mut path) {
            let steps: Vec<&str> = path.iter().map(|id| id.as_str()).collect();
            problems.push(problem(file, id, ProblemKind::Cycle(steps.join(" -> "))));
        }
    }
}

/// Whether a way along `extends` leads back to where `path` began; then `path` is that way.
fn returns<'s>(
    set: &'s ActionSet,
    by_id: &BTreeMap<&'s str, &'s ActionSet>,
    path: &mut Vec<&'s SetId>,
) -> bool {
    for next in &set.extends {
        if path.first() == Some(&next) {
            path.push(next);
            return true;
        }
        if path.contains(&next) {
            continue;
        }
        if let Some(set) = by_id.get(next.as_str()) {
            path.push(next);
            if returns(set, by_id, path) {
                return true;
            }
            path.pop();
        }
    }
    false
}

fn problem(file: &str, at: &Text, kind: ProblemKind) -> Problem {
    Problem {
        file: file.to_owned(),
        line: at.line,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_are_fit() {
        let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
        let mut texts = Vec::new();
        for entry in std::fs::read_dir(data).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".toml") && name != "scope.toml" && name != "conditions.toml" {
                texts.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
        let files: Vec<SetFile<'_>> = texts
            .iter()
            .map(|(file, text)| SetFile { file, text })
            .collect();
        let embedded = Catalog::embedded();
        let (sets, problems) = lint_against(&files, &embedded.without_sets());
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert_eq!(sets.len(), embedded.sets().count());
        for ((file, _), set) in texts.iter().zip(&sets) {
            assert_eq!(*file, format!("{}.toml", set.id));
            assert_eq!(Some(set), embedded.set(&set.id));
        }
    }
}
