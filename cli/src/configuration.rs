//! Configuration: which options hold where the command line does not give them?
//!
//! Flags before `PERMDRIFT_*` variables before `permdrift.toml`, which is looked for in the working directory and above it.
//! Every option can be set in all three places: `--fail-on high`, `PERMDRIFT_FAIL_ON=high`, `fail-on = "high"`. What
//! holds becomes the default of the option, so that help and errors show it and everything behind stays as it is.
//!
//! The environment and the working directory are arguments; [`mod@file`] knows the file.

mod file;
mod setting;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use setting::{ConfigurationError, Origin, Setting};

/// Name a file that holds an account. Whoever names an account in AWS, or another of these, on stronger ground does not mean it.
const SAVED: [&str; 2] = ["auth-details", "snapshot"];
/// Name an account in AWS, as clap's ids.
const ACCOUNT_IN_AWS: [&str; 2] = ["profile", "role_arn"];

/// The options that environment and file set, by their long name.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// What holds.
    pub(crate) options: BTreeMap<String, Setting>,
}

/// What environment and file say of a command's options.
///
/// # Errors
/// A file that cannot be read, a key that is no option, a value that the option does not take.
pub(crate) fn read(
    command: &Command,
    directory: Option<&Path>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Configuration, ConfigurationError> {
    let known = options(command);
    let mut options = match directory.and_then(file::find) {
        Some(path) => file::read(&path, &known)?,
        None => BTreeMap::new(),
    };
    for (name, option) in &known {
        let variable_name = variable_name(name);
        let Some(value) = variable(&variable_name).filter(|value| !value.is_empty()) else {
            continue;
        };
        let values = if is_list(option) {
            value.split(',').map(str::to_owned).collect()
        } else {
            vec![value]
        };
        if ACCOUNT_IN_AWS.contains(&option.get_id().as_str()) || SAVED.contains(&name.as_str()) {
            // What a variable says of the file is as strong, and stays.
            options.retain(|name, setting| {
                !SAVED.contains(&name.as_str()) || matches!(setting.origin, Origin::Variable(_))
            });
        }
        options.insert(
            name.clone(),
            Setting {
                values,
                origin: Origin::Variable(variable_name),
            },
        );
    }
    if let [Some(one), Some(other)] = SAVED.map(|name| options.get(name)) {
        let [named, or] = SAVED;
        let text = format!(
            "{}: `{or}` is set, and `{named}` in {}: expected one file that holds the account, and `{or}` takes both kinds",
            other.origin, one.origin
        );
        return Err(ConfigurationError::at(&other.origin, text));
    }
    for (name, setting) in &mut options {
        if let Some(option) = known.get(name) {
            check(name, option, setting)?;
        }
    }
    Ok(Configuration { options })
}

/// The variable of an option.
pub(crate) fn variable_name(option: &str) -> String {
    format!(
        "PERMDRIFT_{}",
        option.to_ascii_uppercase().replace('-', "_")
    )
}

/// All options of a command and those below it, by their long name.
pub(crate) fn options(command: &Command) -> BTreeMap<String, Arg> {
    let mut found: BTreeMap<String, Arg> = command
        .get_arguments()
        .filter(|arg| {
            matches!(
                arg.get_action(),
                ArgAction::Set | ArgAction::Append | ArgAction::SetTrue
            )
        })
        .filter_map(|arg| Some((arg.get_long()?.to_owned(), arg.clone())))
        .collect();
    for (name, option) in command.get_subcommands().flat_map(options) {
        // What one command takes once is set once.
        if found.get(&name).is_none_or(is_list) {
            found.insert(name, option);
        }
    }
    found
}

fn is_list(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Append)
}

fn is_flag(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::SetTrue)
}

/// Whether the option takes what it is set to; a flag's words become `true` and `false`.
fn check(name: &str, option: &Arg, setting: &mut Setting) -> Result<(), ConfigurationError> {
    let refuse = |found: &str, expected: &str| {
        let origin = &setting.origin;
        let text = format!("{origin}: `{name}` is `{found}`: {expected}");
        Err(ConfigurationError::at(origin, text))
    };
    if setting.values.len() != 1 && !is_list(option) {
        return refuse(&setting.values.join(", "), "expected one value");
    }
    if is_flag(option) {
        for value in &mut setting.values {
            match value.as_str() {
                "true" | "1" | "yes" => *value = "true".to_owned(),
                "false" | "0" | "no" => *value = "false".to_owned(),
                other => return refuse(other, "expected true or false"),
            }
        }
        return Ok(());
    }
    // A command of this option alone tells what is wrong, as it would on the command line.
    let alone = Arg::new("value")
        .long("value")
        .value_parser(option.get_value_parser().clone());
    let alone = Command::new("value").no_binary_name(true).arg(alone);
    for value in &setting.values {
        let refused = alone
            .clone()
            .try_get_matches_from([format!("--value={value}")]);
        if let Err(error) = refused {
            return refuse(value, &expected(&error));
        }
    }
    Ok(())
}

/// What would be right, as clap or the type behind the option says it.
fn expected(error: &clap::Error) -> String {
    use clap::error::{ContextKind, ContextValue};
    if let Some(ContextValue::Strings(valid)) = error.get(ContextKind::ValidValue) {
        return format!("expected one of {}", valid.join(", "));
    }
    std::error::Error::source(error)
        .map_or_else(|| "not understood".to_owned(), ToString::to_string)
}

impl Configuration {
    /// What was typed, with all that is set elsewhere as defaults.
    ///
    /// # Errors
    /// What clap has to say.
    pub(crate) fn matches(
        mut self,
        command: &Command,
        typed: &[OsString],
    ) -> Result<(ArgMatches, Self), clap::Error> {
        let matches = self.apply(command.clone()).try_get_matches_from(typed)?;
        let in_aws = ACCOUNT_IN_AWS.into_iter().any(|id| is_typed(&matches, id));
        let is_saved = SAVED
            .into_iter()
            .any(|name| is_typed(&matches, &name.replace('-', "_")));
        if in_aws || is_saved {
            let before = self.options.len();
            self.options
                .retain(|name, _| !SAVED.contains(&name.as_str()));
            if self.options.len() < before {
                return self.matches(command, typed);
            }
        }
        Ok((matches, self))
    }

    fn apply(&self, command: Command) -> Command {
        command
            .mut_args(|arg| {
                let setting = arg.get_long().and_then(|name| self.options.get(name));
                match setting {
                    // Clap keeps defaults for as long as the program runs, and so does this.
                    Some(setting) => arg.default_values(
                        setting
                            .values
                            .iter()
                            .map(|value| -> &'static str { value.clone().leak() })
                            .collect::<Vec<_>>(),
                    ),
                    None => arg,
                }
            })
            .mut_subcommands(|below| self.apply(below))
    }
}

/// Whether an option was typed.
pub(crate) fn is_typed(matches: &ArgMatches, id: &str) -> bool {
    let here = matches.ids().any(|known| known == id)
        && matches.value_source(id) == Some(ValueSource::CommandLine);
    let below = matches.subcommand();
    here || below.is_some_and(|(_, below)| is_typed(below, id))
}
