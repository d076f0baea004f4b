//! Loading: what do a settings document and the files with action sets that belong to it say together?
//!
//! In: the settings document, files with action sets, and a way to read the files that the document names. Out: the
//! settings and the catalog with all those sets, or every mistake with its file and line. No file is opened here.

use std::fmt;

use catalog::{Catalog, SetFile};

use super::mistake::{Mistake, SettingsError};
use super::read;
use super::values::Settings;

/// A file that settings name, as it was read.
#[derive(Clone, Debug)]
pub struct NamedFile {
    /// What to call it in messages.
    pub name: String,
    /// Its TOML.
    pub text: String,
}

/// Why settings were not loaded.
#[derive(Debug)]
pub enum LoadSettingsError<E> {
    /// A file that the settings name could not be read.
    Read(E),
    /// What is wrong in the files.
    Mistakes(FileMistakes),
}

/// Mistakes in settings and action sets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct FileMistakes(
    /// Sorted by file and line, never empty.
    pub Vec<FileMistake>,
);

/// One mistake, with its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileMistake {
    /// The file as the caller named it.
    pub file: Box<str>,
    /// Its line, and what is wrong.
    pub mistake: Mistake,
}

/// Settings, or the defaults without a document, and the catalog with every action set that was added to it.
///
/// `own_sets` are files besides those that the settings name; `read` is asked for each of the latter.
///
/// # Errors
/// What `read` says of a file, or every mistake of the first step that finds one: the settings document by itself,
/// then all action sets, then the names of sets, variables and conditions in the settings.
pub fn load<E>(
    settings_file: Option<SetFile<'_>>,
    own_sets: &[SetFile<'_>],
    read: impl FnMut(&str) -> Result<NamedFile, E>,
) -> Result<(Settings, Catalog), LoadSettingsError<E>> {
    let (settings, has_sets) = match settings_file {
        Some(file) => read::settings(file.text).map_err(|error| mistakes(file.file, error))?,
        None => (Settings::default(), false),
    };
    let named: Vec<NamedFile> = settings
        .action_set_files
        .iter()
        .map(|name| &**name)
        .map(read)
        .collect::<Result<_, _>>()
        .map_err(LoadSettingsError::Read)?;
    let mut sets: Vec<SetFile<'_>> = named.iter().map(NamedFile::as_set_file).collect();
    sets.extend(settings_file.filter(|_| has_sets));
    sets.extend(own_sets);
    let mut catalog = Catalog::embedded();
    if !sets.is_empty() {
        catalog = catalog.with_own_sets(&sets).map_err(|error| {
            let problems = error.problems.into_iter();
            LoadSettingsError::Mistakes(FileMistakes(
                problems
                    .map(|problem| FileMistake {
                        file: problem.file.into(),
                        mistake: Mistake {
                            line: problem.line,
                            text: problem.kind.to_string().into(),
                        },
                    })
                    .collect(),
            ))
        })?;
    }
    if let Some(file) = settings_file {
        settings
            .check(&catalog)
            .map_err(|error| mistakes(file.file, error))?;
    }
    Ok((settings, catalog))
}

fn mistakes<E>(file: &str, error: SettingsError) -> LoadSettingsError<E> {
    let mistakes = error.mistakes.into_iter();
    LoadSettingsError::Mistakes(FileMistakes(
        mistakes
            .map(|mistake| FileMistake {
                file: file.into(),
                mistake,
            })
            .collect(),
    ))
}

impl NamedFile {
    /// The same, borrowed, as the catalog takes it.
    #[must_use]
    pub fn as_set_file(&self) -> SetFile<'_> {
        SetFile {
            file: &self.name,
            text: &self.text,
        }
    }
}

impl fmt::Display for FileMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}",
            self.file, self.mistake.line, self.mistake.text
        )
    }
}
