//! The report of an organisation as a page that opens with a thousand accounts as quickly as with ten.
//!
//! In: the view. Out: one self-contained page that loads nothing, in the look of the report of one account. The rows of all accounts are
//! read when the page opens; what was found in an account is in an element of its own, which is read when somebody opens the account or
//! searches. The page is not versioned.

mod data;
mod page;

use std::io::{self, Write};

use crate::html::embed;
use crate::organization::view::OrganizationView;
use data::{AccountJson, IndexJson, Texts};

const STYLE: &str = concat!(
    include_str!("../html/style.css"),
    include_str!("../html/lists.css"),
    include_str!("../html/map.css"),
    include_str!("../html/detail.css"),
    include_str!("../html/paper.css"),
    include_str!("html/accounts.css"),
);

const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("../html/elements.js"),
    include_str!("html/found.js"),
    include_str!("html/filter.js"),
    include_str!("html/detail.js"),
    include_str!("html/accounts.js"),
    include_str!("html/start.js"),
    "})();\n"
);

/// Writes the page.
///
/// # Errors
/// If writing fails.
pub fn write(out: &mut dyn Write, view: &OrganizationView<'_>) -> io::Result<()> {
    let page = page::page(view, STYLE, SCRIPT, &embed::policy(STYLE, SCRIPT));
    // The one place where the data go; nothing before it is foreign.
    let (before, after) = page.split_once(embed::DATA).unwrap_or((&page, ""));
    out.write_all(before.as_bytes())?;
    element(out, "data", |out| {
        embed::write_data(out, &IndexJson::of(view))
    })?;
    let mut texts = Texts::default();
    for row in &view.rows {
        if let Some(account) = AccountJson::of(row, &mut texts) {
            let id = format!("a{}", row.account);
            element(out, &id, |out| embed::write_data(out, &account))?;
        }
    }
    element(out, "texts", |out| embed::write_data(out, &texts))?;
    out.write_all(after.as_bytes())
}

/// An element that browsers do not run, with data in it.
fn element(
    out: &mut dyn Write,
    id: &str,
    write: impl FnOnce(&mut dyn Write) -> serde_json::Result<()>,
) -> io::Result<()> {
    write!(out, "<script id=\"{id}\" type=\"application/json\">")?;
    write(out)?;
    out.write_all(b"</script>\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_keep_to_the_rules_of_a_page() {
        embed::check_page(STYLE, SCRIPT);
    }
}
