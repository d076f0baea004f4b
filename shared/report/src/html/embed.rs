//! What every page has: its head, the policy that lets it run its own script and nothing else, and data that cannot end their element.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Writes data into an element that browsers do not run.
pub(crate) fn write_data(out: &mut dyn Write, data: &impl Serialize) -> serde_json::Result<()> {
    data.serialize(&mut serde_json::Serializer::with_formatter(out, NoMarkup))
}

/// Stands in a page where its data go.
pub(crate) const DATA: &str = "@permdrift-data@";

/// The head of a page.
pub(crate) fn head(title: &str, style: &str, policy: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex";
            meta name="generator" content=(generator());
            title { (title) }
            style { (PreEscaped(style)) }
        }
    }
}

/// The program and its version.
pub(crate) fn generator() -> String {
    format!("permdrift {}", env!("CARGO_PKG_VERSION"))
}

/// An instant as people read it.
pub(crate) fn time(at: jiff::Timestamp) -> Markup {
    html! {
        time datetime=(at.to_string()) { (at.strftime("%Y-%m-%d %H:%M UTC").to_string()) }
    }
}

/// A number as people read it: 12,368.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut said = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// What the page may load and run.
pub(crate) fn policy(style: &str, script: &str) -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(script),
    )
}

/// Style and script end no element, and the script makes elements and text and runs no text.
#[cfg(test)]
#[track_caller]
pub(crate) fn check_page(style: &str, script: &str) {
    assert!(!style.contains("</"));
    for word in [
        "</",
        "<!--",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
    ] {
        assert!(!script.contains(word), "{word}");
    }
}

/// JSON without a character that could end the element it stands in.
struct NoMarkup;

impl serde_json::ser::Formatter for NoMarkup {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        escape(writer, fragment)
    }

    // What was made JSON before: these characters stand only in its strings.
    fn write_raw_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        escape(writer, fragment)
    }
}

fn escape<W: ?Sized + Write>(writer: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(['<', '>', '&']) {
        writer.write_all(before.as_bytes())?;
        let found = rest.as_bytes().get(before.len()).copied().unwrap_or(b'<');
        write!(writer, "\\u{found:04x}")?;
        rest = after;
    }
    writer.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde::Serialize as _;
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn no_text_ends_the_element_that_holds_the_data() {
        let mut json = Vec::new();
        let text = "</script><!--<script>&amp; a<";
        text.serialize(&mut serde_json::Serializer::with_formatter(
            &mut json, NoMarkup,
        ))
        .expect("a text can be written");
        let raw = RawValue::from_string(format!("{text:?}")).expect("a text can be JSON");
        raw.serialize(&mut serde_json::Serializer::with_formatter(
            &mut json, NoMarkup,
        ))
        .expect("JSON can be written");
        let json = String::from_utf8(json).expect("JSON is UTF-8");
        assert!(!json.contains(['<', '>', '&']), "{json}");
        let mut back = serde_json::Deserializer::from_str(&json).into_iter::<String>();
        assert!(back.all(|one| one.expect("it is still JSON") == text));
    }
}
