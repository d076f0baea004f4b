//! `permdrift.toml`: options for everybody who works in a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Arg;
use toml::de::{DeTable, DeValue};

use super::{ConfigurationError, Origin, Setting, is_path};

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
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigurationError(format!("cannot read `{name}`: {error}")))?;
    let line = |at: usize| {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    };
    let table = DeTable::parse(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        ConfigurationError(format!("{name}:{}: no TOML: {}", line(at), error.message()))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut options = BTreeMap::new();
    for (key, value) in table.get_ref() {
        let line = line(key.span().start);
        let key: &str = key.get_ref();
        let Some(option) = known.get(key) else {
            let close = catalog::nearest(key, known.keys().map(String::as_str));
            let hint = close.map_or_else(
                || "expected an option's long name; what an audit goes by stands in the file that `settings` names".to_owned(),
                |close| format!("did you mean `{close}`?"),
            );
            return Err(ConfigurationError(format!(
                "{name}:{line}: no option is called `{key}`: {hint}"
            )));
        };
        let Some(mut values) = values(value.get_ref()) else {
            return Err(ConfigurationError(format!(
                "{name}:{line}: `{key}` must be a text, a number, true, false, or a list of texts"
            )));
        };
        if is_path(option) {
            for value in &mut values {
                if value != "-" {
                    *value = folder.join(&*value).to_string_lossy().into_owned();
                }
            }
        }
        options.insert(
            key.to_owned(),
            Setting {
                values,
                origin: Origin::Line(path.to_owned(), line),
            },
        );
    }
    Ok(options)
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
