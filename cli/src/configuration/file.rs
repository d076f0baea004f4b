//! `permdrift.toml`: options for everybody who works in a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use catalog::section::{Document, Located};
use clap::Arg;
use toml::de::DeValue;

use super::setting::{ConfigurationError, Origin, Setting, is_path};
use crate::input;

/// What the file is called.
const NAME: &str = "permdrift.toml";

/// The nearest one in a directory or above it, but not beyond the checkout (the folder with `.git`) that it belongs to.
pub(super) fn find(directory: &Path) -> Option<PathBuf> {
    for folder in directory.ancestors() {
        let file = folder.join(NAME);
        if file.is_file() && !is_anybodys(folder) {
            return Some(file);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Whether anybody on this machine may write a file into the folder, as into `/tmp`; what it says could be anybody's wish.
#[cfg(unix)]
fn is_anybodys(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    folder
        .metadata()
        .is_ok_and(|folder| folder.permissions().mode() & 0o002 != 0)
}

#[cfg(not(unix))]
fn is_anybodys(_: &Path) -> bool {
    false
}

/// What it sets.
///
/// # Errors
/// What is wrong with it, with its line.
pub(super) fn read(
    path: &Path,
    known: &BTreeMap<String, Arg>,
) -> Result<BTreeMap<String, Setting>, ConfigurationError> {
    let name = path.display();
    let text = input::text(path).map_err(|error| ConfigurationError::File(format!("{error:#}")))?;
    let document = Document::<String>::parse(&text).map_err(|error| {
        let line = error.line;
        ConfigurationError::File(format!("{name}:{line}: {error}"))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut options = BTreeMap::new();
    for (Located { line, value: key }, value) in document.root().members() {
        let Some(option) = known.get(key) else {
            let close = catalog::nearest(key, known.keys().map(String::as_str));
            let hint = close.map_or_else(
                || "expected an option's long name; what an audit goes by stands in the file that `settings` names".to_owned(),
                |close| format!("did you mean `{close}`?"),
            );
            document.report(line, format!("no option is called `{key}`: {hint}"));
            continue;
        };
        let Some(mut values) = values(value) else {
            document.report(
                line,
                format!("`{key}` must be a text, a number, true, false, or a list of texts"),
            );
            continue;
        };
        if is_path(option) {
            for value in &mut values {
                if value != "-" {
                    *value = folder.join(&*value).to_string_lossy().into_owned();
                }
            }
        }
        let origin = Origin::Line(path.to_owned(), line);
        options.insert(key.to_owned(), Setting { values, origin });
    }
    let mut mistakes = document.into_mistakes();
    if mistakes.is_empty() {
        return Ok(options);
    }
    mistakes.sort();
    let lines: Vec<String> = mistakes
        .iter()
        .map(|Located { line, value }| format!("{name}:{line}: {value}"))
        .collect();
    Err(ConfigurationError::File(lines.join("\n")))
}

fn values(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::Array(items) => items.iter().map(|item| text(item.get_ref())).collect(),
        one => Some(vec![text(one)?]),
    }
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
