//! What can be wrong with the shape of a TOML document, whatever its values mean.

/// The text is no TOML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no TOML: {message}")]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: u32,
    /// What the parser says.
    pub message: String,
}

/// A document that is not of the expected shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A key that means nothing here.
    #[error("unknown key `{found}`{}: {}", place(.section), advice(.nearest.as_deref(), .known))]
    UnknownKey {
        /// The key in the document.
        found: String,
        /// The name of its section, such as `[owners]`; empty for the document itself.
        section: &'static str,
        /// The key that was probably meant.
        nearest: Option<String>,
        /// The keys that can stand there.
        known: Vec<&'static str>,
    },
    /// A value of the wrong type.
    #[error("`{key}` is {value}: expected {expected}")]
    WrongType {
        /// Whose value it is.
        key: String,
        /// The value, or what it is where it is long.
        value: String,
        /// TOML's word for what it is, such as `integer`.
        type_name: &'static str,
        /// What it should be.
        expected: String,
    },
}

fn place(section: &str) -> String {
    match section {
        "" => String::new(),
        name => format!(" in {name}"),
    }
}

fn advice(nearest: Option<&str>, known: &[&str]) -> String {
    match nearest {
        Some(close) => format!("did you mean `{close}`?"),
        None => format!("expected one of {}", quoted(known)),
    }
}

/// The words in backticks, with commas.
#[must_use]
pub fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

impl From<ShapeError> for Box<str> {
    fn from(error: ShapeError) -> Self {
        error.to_string().into()
    }
}
