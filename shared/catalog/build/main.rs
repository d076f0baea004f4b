//! Packs the data files of the catalog into one blob, so that loading them costs no parsing of TOML.
//!
//! A file that cannot be read stops the build with its file and line. Whether its words make sense is what the
//! linter's test says.

mod declared;
#[path = "../src/form.rs"]
mod form;
#[path = "../src/nearest.rs"]
mod nearest;
#[path = "../src/problem.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "most faults are the linter's to find, in the library"
)]
mod problem;
#[path = "../src/read.rs"]
mod read;

use std::path::PathBuf;
use std::{env, fs, io};

use form::DeclaredForm;
use read::Reader;

fn main() -> io::Result<()> {
    let data = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("data");
    println!("cargo::rerun-if-changed={}", data.display());
    let mut problems = Vec::new();
    let mut declaring = DeclaredForm::default();
    let mut sets = Vec::new();
    let mut paths = fs::read_dir(&data)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in &paths {
        let file = path.to_string_lossy();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if !name.ends_with(".toml") {
            continue;
        }
        let text = fs::read_to_string(path)?;
        let reader = Reader {
            file: &file,
            text: &text,
            problems: &mut problems,
        };
        match name {
            "scope.toml" => declaring.variables = declared::read_variables(reader),
            "conditions.toml" => declaring.conditions = declared::read_conditions(reader),
            _ => sets.extend(read::read_sets(&file, &text, &mut problems)),
        }
    }
    if !problems.is_empty() {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(io::Error::other(lines.join("\n")));
    }
    // In the order in which the catalog promises them, so that nobody has to sort at run time.
    for set in &mut sets {
        set.actions
            .sort_by_key(|action| action.name.value.to_ascii_lowercase());
    }
    // Each set by itself behind its id, so that only those which are asked for have to be unpacked.
    let mut packed = postcard::to_allocvec(&declaring).map_err(io::Error::other)?;
    for set in &sets {
        let id = set.id.as_ref().map_or("", |id| &id.value);
        let form = postcard::to_allocvec(set).map_err(io::Error::other)?;
        packed.extend(postcard::to_allocvec(&(id, form)).map_err(io::Error::other)?);
    }
    fs::write(
        PathBuf::from(variable("OUT_DIR")?).join("catalog.postcard"),
        packed,
    )
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}
