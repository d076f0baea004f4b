//! Settings: which settings and action sets does the parameter of the stack hold?

use audit::Settings;
use audit::settings::{FileMistake, FileMistakes, LoadSettingsError};
use aws::Session;
use catalog::{Catalog, SetFile};
use tracing::info;

use crate::error::StackError;

/// Reads the settings parameter of that name; without one, or where it is empty, the defaults hold.
pub async fn load(
    session: &Session,
    name: Option<&str>,
) -> Result<(Settings, Catalog), StackError> {
    let Some(name) = name else {
        return Ok((Settings::default(), Catalog::embedded()));
    };
    let text = aws::parameter(session, name)
        .await
        .map_err(|failure| StackError::Settings {
            name: name.to_owned(),
            failure,
        })?;
    match text {
        Some(text) => read_settings(name, &text).map_err(|mistakes| StackError::Mistakes {
            name: name.to_owned(),
            mistakes,
        }),
        None => {
            info!(parameter = name, "no settings, so the defaults hold");
            Ok((Settings::default(), Catalog::embedded()))
        }
    }
}

/// The settings and the action sets, those that the document itself holds included; or every mistake in one line.
fn read_settings(name: &str, text: &str) -> Result<(Settings, Catalog), String> {
    let file = SetFile { file: name, text };
    audit::settings::load(Some(file), &[], |_| Err(())).map_err(|error| match error {
        LoadSettingsError::Read(()) => {
            "it names files with action sets, and a Lambda has none: write the sets into the settings".to_owned()
        }
        LoadSettingsError::Mistakes(FileMistakes(mistakes)) => {
            let lines: Vec<String> = mistakes
                .iter()
                .map(|FileMistake { mistake, .. }| format!("line {}: {}", mistake.line, mistake.text))
                .collect();
            lines.join("; ")
        }
    })
}
