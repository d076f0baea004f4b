//! The HTML report: a page to open, search, print and pass on.
//!
//! In: an audit report. Out: one self-contained page that loads nothing from the network. The numbers at the top are part of the
//! HTML. Text from the account is embedded as JSON in an element that browsers do not run, with `<` escaped, and the script
//! inserts it as text only. The content security policy allows that one script and style sheet, by hash. The page is not
//! versioned.

mod data;
mod detail;
mod page;

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize as _;
use sha2::{Digest as _, Sha256};

use crate::audit_report::AuditReport;

const STYLE: &str = concat!(
    include_str!("html/style.css"),
    include_str!("html/lists.css"),
    include_str!("html/rows.css"),
    include_str!("html/map.css"),
    include_str!("html/detail.css"),
    include_str!("html/paper.css"),
);

const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("html/words.js"),
    include_str!("html/copy.js"),
    include_str!("html/links.js"),
    include_str!("html/search.js"),
    include_str!("html/blocks.js"),
    include_str!("html/move.js"),
    include_str!("html/map.js"),
    include_str!("html/view.js"),
    include_str!("html/detail.js"),
    include_str!("html/lists.js"),
    include_str!("html/start.js"),
    "})();\n"
);

/// Writes the page.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, told: &AuditReport<'_>) -> io::Result<()> {
    let page = page::page(told, STYLE, SCRIPT, &policy());
    // The one place where the data go; nothing before it is foreign.
    let (before, after) = page.split_once(page::DATA).unwrap_or((&page, ""));
    out.write_all(before.as_bytes())?;
    let mut json = serde_json::Serializer::with_formatter(&mut *out, NoMarkup);
    data::DataJson::of(told)?.serialize(&mut json)?;
    out.write_all(after.as_bytes())
}

/// What the page may load and run.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT),
    )
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

    #[test]
    fn style_and_script_cannot_end_their_elements() {
        assert!(!STYLE.contains("</"));
        assert!(!SCRIPT.contains("</"));
        assert!(!SCRIPT.contains("<!--"));
    }

    #[test]
    fn the_script_makes_elements_and_text_and_runs_no_text() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
        ] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
