//! `permdrift config show`: which options hold, and who says so?

use clap::{Arg, ArgMatches, Command};
use report::words::plain::{plain, width};

use crate::configuration::{Configuration, is_typed, options, variable_name};
use crate::exit::Exit;
use crate::output;

/// Prints every option that can be set, what it is set to, and where.
///
/// # Errors
/// Where standard output takes no more.
pub(crate) fn show(
    command: &Command,
    configuration: &Configuration,
    matches: &ArgMatches,
    variables: impl Iterator<Item = String>,
) -> anyhow::Result<Exit> {
    let known = options(command);
    let mut rows = vec![["OPTION", "VALUE", "FROM"].map(str::to_owned)];
    for (name, option) in &known {
        let (values, from) = held(name, option, configuration, matches);
        let values = if values.is_empty() {
            "-".to_owned()
        } else {
            values.join(", ")
        };
        rows.push([
            name.clone(),
            plain(&values).into_owned(),
            plain(&from).into_owned(),
        ]);
    }
    let widest = |at: fn(&[String; 3]) -> &str| rows.iter().map(|row| width(at(row))).max();
    let name_columns = widest(|[name, ..]| name).unwrap_or(0);
    let value_columns = widest(|[_, value, _]| value).unwrap_or(0).min(60);
    output::people(|pen| {
        for [name, value, from] in &rows {
            let name_gap = name_columns.saturating_sub(width(name)) + 2;
            let value_gap = value_columns.saturating_sub(width(value)) + 2;
            writeln!(
                pen.out(),
                "{name}{:name_gap$}{value}{:value_gap$}{from}",
                "",
                ""
            )?;
        }
        Ok(())
    })?;
    note_unknown(&known.into_keys().collect::<Vec<_>>(), variables);
    Ok(Exit::Fine)
}

/// An option's values, and where they come from.
fn held(
    name: &str,
    option: &Arg,
    configuration: &Configuration,
    matches: &ArgMatches,
) -> (Vec<String>, String) {
    let id = option.get_id().as_str();
    if is_typed(matches, id) {
        let typed = matches.get_raw(id).into_iter().flatten();
        let typed = typed.map(|value| value.to_string_lossy().into_owned());
        return (typed.collect(), "command line".to_owned());
    }
    if let Some(setting) = configuration.options.get(name) {
        return (setting.values.clone(), setting.origin.to_string());
    }
    let defaults = option.get_default_values().iter();
    let defaults = defaults.map(|value| value.to_string_lossy().into_owned());
    (defaults.collect(), "default".to_owned())
}

/// Variables that look like ours and set nothing.
fn note_unknown(known: &[String], variables: impl Iterator<Item = String>) {
    let known: Vec<String> = known.iter().map(|name| variable_name(name)).collect();
    let mut unknown: Vec<String> = variables
        .filter(|name| name.starts_with("PERMDRIFT_") && !known.contains(name))
        .collect();
    unknown.sort_unstable();
    for name in unknown {
        let close = catalog::nearest(&name, known.iter().map(String::as_str));
        let hint = close.map_or_else(String::new, |close| format!(": did you mean `{close}`?"));
        output::note(&format!("`{name}` is set and is no option{hint}"));
    }
}
