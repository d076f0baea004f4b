//! Imports: which file of a crate depends on which?
//!
//! In: the files of one crate, by path from its `src`. Out: one [`Edge`] for each pair of files, with the first line that
//! makes it. A file depends on the file that defines what it names. A `mod` declaration is no dependency, nor is a
//! re-export of something that lies below; a path that goes through a re-export leads to where the name is defined.
//!
//! Not seen: methods (a call names no file) and names that only a macro makes.

use std::collections::{BTreeMap, BTreeSet};

use crate::syntax::{self, Import, Mention};

/// `from` names something that `to` defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// Where the first mention stands in `from`.
    pub line: usize,
    /// The first mention.
    pub path: String,
}

/// A module of the crate, by its path from the root.
struct Module {
    file: String,
    items: BTreeSet<String>,
    imports: Vec<Import>,
    mentions: Vec<Mention>,
    bare: Vec<Mention>,
}

type Modules = BTreeMap<Vec<String>, Module>;

/// The edges between the files of a crate, in order.
pub fn edges(files: &[(String, String)]) -> Vec<Edge> {
    let modules = modules(files);
    let mut edges: BTreeMap<(String, String), Edge> = BTreeMap::new();
    for (place, module) in &modules {
        for (path, line) in uses(&modules, place, module) {
            let Some(to) = definition(&modules, place, path, &mut BTreeSet::new()) else {
                continue;
            };
            if to == module.file {
                continue;
            }
            let edge = Edge {
                from: module.file.clone(),
                to: to.clone(),
                line,
                path: path.join("::"),
            };
            let known = edges
                .entry((module.file.clone(), to))
                .or_insert_with(|| edge.clone());
            if line < known.line {
                *known = edge;
            }
        }
    }
    edges.into_values().collect()
}

fn modules(files: &[(String, String)]) -> Modules {
    let mut modules = Modules::new();
    for (file, text) in files {
        let place = place_of(file);
        for read in syntax::read(text) {
            let path = place.iter().chain(&read.path).cloned().collect();
            let module = Module {
                file: file.clone(),
                items: read.items.into_iter().map(|item| item.name).collect(),
                imports: read.imports,
                mentions: read.mentions,
                bare: read.bare,
            };
            modules.insert(path, module);
        }
    }
    modules
}

/// `bind/resource.rs` is `crate::bind::resource`; `lib.rs` and `main.rs` are the root.
fn place_of(file: &str) -> Vec<String> {
    let mut place: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if matches!(
        place.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        place.pop();
    }
    place
}

/// The paths of a module that make it depend on what they lead to.
fn uses<'a>(
    modules: &'a Modules,
    place: &[String],
    module: &'a Module,
) -> Vec<(&'a [String], usize)> {
    let mut uses = Vec::new();
    for import in &module.imports {
        let leads_to_module = absolute(modules, place, &import.target)
            .is_some_and(|target| modules.contains_key(&target));
        // What is used of an imported module is a path of its own.
        if import.name.is_some() && leads_to_module {
            continue;
        }
        let lies_below = absolute(modules, place, &import.target)
            .is_some_and(|target| target.starts_with(place));
        if import.is_reexport && lies_below {
            let uses_itself = |mention: &&Mention| mention.path.first() == import.name.as_ref();
            if let Some(mention) = module.bare.iter().find(uses_itself) {
                uses.push((import.target.as_slice(), mention.line));
            }
        } else {
            uses.push((import.target.as_slice(), import.line));
        }
    }
    for mention in &module.mentions {
        uses.push((mention.path.as_slice(), mention.line));
    }
    uses
}

/// A path from the root for a path that is written in the module at `place`; nothing for what is not of this crate.
fn absolute(modules: &Modules, place: &[String], path: &[String]) -> Option<Vec<String>> {
    let mut at = place.to_vec();
    let mut rest = path;
    let mut is_anchored = false;
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at.pop();
            }
            _ => break,
        }
        is_anchored = true;
        rest = after;
    }
    if !is_anchored {
        let first = path.first()?;
        let mut child = at.clone();
        child.push(first.clone());
        let module = modules.get(&at)?;
        if !modules.contains_key(&child) && !module.items.contains(first) {
            let import = import_of(module, first)?;
            if import.target.first() == Some(first) {
                return None;
            }
            at = absolute(modules, place, &import.target)?;
            rest = &path[1..];
        }
    }
    at.extend(rest.iter().cloned());
    Some(at)
}

fn import_of<'a>(module: &'a Module, name: &String) -> Option<&'a Import> {
    module
        .imports
        .iter()
        .find(|import| import.name.as_ref() == Some(name))
}

/// The file that defines what a path leads to.
fn definition(
    modules: &Modules,
    place: &[String],
    path: &[String],
    visited: &mut BTreeSet<(Vec<String>, Vec<String>)>,
) -> Option<String> {
    if !visited.insert((place.to_vec(), path.to_vec())) {
        return None;
    }
    let path = absolute(modules, place, path)?;
    let depth = (0..=path.len())
        .rev()
        .find(|&depth| modules.contains_key(&path[..depth]))?;
    let (place, rest) = path.split_at(depth);
    let module = modules.get(place)?;
    let Some(name) = rest.first() else {
        return Some(module.file.clone());
    };
    if module.items.contains(name) {
        return Some(module.file.clone());
    }
    if let Some(import) = import_of(module, name) {
        let target = import
            .target
            .iter()
            .chain(&rest[1..])
            .cloned()
            .collect::<Vec<_>>();
        return definition(modules, place, &target, visited);
    }
    for glob in module.imports.iter().filter(|import| import.name.is_none()) {
        let target = absolute(modules, place, &glob.target)?;
        let defines = modules
            .get(&target)
            .is_some_and(|module| module.items.contains(name) || import_of(module, name).is_some());
        if defines {
            let target: Vec<String> = ["crate".to_owned()]
                .into_iter()
                .chain(target)
                .chain(rest.iter().cloned())
                .collect();
            return definition(modules, place, &target, visited);
        }
    }
    // A name that a macro makes, or one that is not of this crate.
    None
}
