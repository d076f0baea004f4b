//! The HTML report: a page to open, search, print and pass on.
//!
//! In: an audit report. Out: one self-contained page that loads nothing from the network. The numbers at the top are part of the
//! HTML. Text from the account is embedded as JSON in an element that browsers do not run, with `<` escaped, and the script
//! inserts it as text only. The content security policy allows that one script and style sheet, by hash. The page is not
//! versioned.

mod data;
mod detail;
pub(crate) mod embed;
mod page;

use std::io::{self, Write};

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
    include_str!("html/elements.js"),
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
    let page = page::page(told, STYLE, SCRIPT, &embed::policy(STYLE, SCRIPT));
    // The one place where the data go; nothing before it is foreign.
    let (before, after) = page.split_once(embed::DATA).unwrap_or((&page, ""));
    out.write_all(before.as_bytes())?;
    embed::write_data(out, &data::DataJson::of(told)?)?;
    out.write_all(after.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_keep_to_the_rules_of_a_page() {
        embed::check_page(STYLE, SCRIPT);
    }
}
