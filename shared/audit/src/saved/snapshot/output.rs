//! Outputs: what did a command of the AWS CLI print, or why did it fail?
//!
//! In: the value under a command's name. Out: an [`Output`], which readers of each command turn into a
//! [`Reading`]. A part that is absent was not read; a command that failed was refused, unless
//! its error code means that there is nothing to read.

use super::json::{Section, Value};
use crate::resources::Reading;

/// What stands for a command.
pub(super) enum Output<'s, 't> {
    /// Nobody ran it; or what stands there is a mistake, which was noted.
    NotRead,
    /// It failed with this code.
    Refused(Box<str>),
    /// It failed with a code that means that there is none.
    Nothing,
    /// It printed this.
    Printed(Value<'s, 't>),
}

impl<'s, 't> Output<'s, 't> {
    /// What stands under a command's name; `none` are the codes that mean that there is none.
    pub(super) fn of(section: &Section<'s, 't>, command: &str, none: &[&str]) -> Self {
        match section.get(command) {
            Some(value) => Self::of_value(value, none),
            None => Self::NotRead,
        }
    }

    /// As [`of`](Self::of), of the value itself.
    pub(super) fn of_value(value: &Value<'s, 't>, none: &[&str]) -> Self {
        if !value.json.starts_with('{') {
            return Self::Printed(value.clone());
        }
        let Some(members) = value.members("an object") else {
            return Self::NotRead;
        };
        let Some((_, error)) = members.iter().find(|(key, _)| &**key == "error") else {
            return Self::Printed(value.clone());
        };
        if members.len() > 1 {
            value.mistake("`error` stands beside an output: expected one of the two");
            return Self::NotRead;
        }
        match code(error) {
            Some(code) if none.contains(&&*code) => Self::Nothing,
            Some(code) => Self::Refused(code),
            None => Self::NotRead,
        }
    }

    /// What of it can be known by reading what was printed and no more.
    pub(super) fn reading<T>(
        self,
        none: impl FnOnce() -> T,
        read: impl FnOnce(&Value<'s, 't>) -> Option<T>,
    ) -> Reading<T> {
        match self {
            Self::NotRead => Reading::NotRead,
            Self::Refused(code) => Reading::Refused(code),
            Self::Nothing => Reading::Read(none()),
            Self::Printed(value) => read(&value).map_or(Reading::NotRead, Reading::Read),
        }
    }

    /// As [`reading`](Self::reading), where no code means that there is none.
    pub(super) fn printed<T>(self, read: impl FnOnce(&Value<'s, 't>) -> Option<T>) -> Reading<T> {
        match self {
            Self::NotRead | Self::Nothing => Reading::NotRead,
            Self::Refused(code) => Reading::Refused(code),
            Self::Printed(value) => read(&value).map_or(Reading::NotRead, Reading::Read),
        }
    }

    /// As [`printed`](Self::printed), of a list, which counts as refused where it goes on in a page that is not there.
    pub(super) fn list<T>(self, read: impl FnOnce(&Value<'s, 't>) -> Option<T>) -> Reading<T> {
        match self {
            Self::Printed(value) if goes_on(&value) => Reading::Refused(CUT_OFF.into()),
            other => other.printed(read),
        }
    }
}

/// Why a list that goes on was not read.
const CUT_OFF: &str =
    "the list is cut off: run the command without `--max-items` and `--no-paginate`";

/// Whether a list says that there is more of it.
fn goes_on(value: &Value<'_, '_>) -> bool {
    if !value.json.starts_with('{') {
        return false;
    }
    let members = value.members("an object").unwrap_or_default();
    members.iter().any(|(key, value)| match &**key {
        "NextToken" | "NextMarker" | "Marker" | "ContinuationToken" => !value.is_nothing(),
        "Truncated" | "IsTruncated" => value.json == "true",
        _ => false,
    })
}

/// The code of an error.
fn code(error: &Value<'_, '_>) -> Option<Box<str>> {
    const EXPECTED: &str = "`{\"code\": \"AccessDenied\", \"message\": \"...\"}`";
    const CODE: &str = "the code alone, such as `AccessDenied`";
    let section = error.section(&["code", "message"], EXPECTED)?;
    if let Some(message) = section.get("message") {
        message.text("a text")?;
    }
    let value = section.required("code", CODE)?;
    let code = value.text(CODE)?;
    let is_of_code = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
    if code.is_empty() || !code.bytes().all(is_of_code) {
        let within = code
            .split_once("An error occurred (")
            .and_then(|(_, rest)| rest.split_once(')'));
        value.mistake(match within {
            Some((code, _)) => format!("expected the code alone: `{code}`"),
            None => format!("expected {CODE}"),
        });
        return None;
    }
    Some(code)
}
