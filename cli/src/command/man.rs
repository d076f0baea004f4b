//! `permdrift man`: a manual page for each command.
//!
//! What stands below a command's options in `--help` (exit codes, notes, examples) is laid out there, and stays as it is.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use clap::builder::Resettable;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Writes the pages into a folder, which is made where there is none.
///
/// # Errors
/// Where they cannot be written.
pub(crate) fn write(folder: &Path) -> anyhow::Result<Exit> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    fs::create_dir_all(folder)
        .and_then(|()| write_all(&command, folder))
        .with_context(|| format!("cannot write the manual pages into `{}`", folder.display()))?;
    Ok(Exit::Fine)
}

fn write_all(command: &Command, folder: &Path) -> io::Result<()> {
    let shown = command.get_subcommands();
    for below in shown.filter(|below| !below.is_hide_set()) {
        write_all(below, folder)?;
    }
    let help = command.get_after_help().map(ToString::to_string);
    let man = Man::new(command.clone().after_help(Resettable::Reset));
    let mut page = Vec::new();
    man.render(&mut page)?;
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    let (above, version) = match page.split_once(VERSION) {
        Some((above, version)) => (above, format!("{VERSION}.nf\n{version}")),
        None => (page.as_str(), String::new()),
    };
    let help = help.as_deref().map(sections).unwrap_or_default();
    let page = format!("{}\n{help}{version}", above.trim_end());
    fs::write(folder.join(man.get_filename()), page)
}

const VERSION: &str = ".SH VERSION\n";

/// Help as sections: paragraphs, and line by line what is laid out.
fn sections(help: &str) -> String {
    let mut page = String::new();
    for line in help.lines() {
        let heading = match line {
            "Exit codes:" => Some("EXIT STATUS"),
            "Example:" | "Examples:" => Some("EXAMPLES"),
            _ if page.is_empty() => Some("NOTES"),
            _ => None,
        };
        if let Some(heading) = heading {
            page.push_str(&format!(".SH \"{heading}\"\n.nf\n"));
        }
        if heading.is_none_or(|heading| heading == "NOTES") {
            let line = line.replace('\\', "\\e").replace('-', "\\-");
            // A line that begins with one of these would be a request to the formatter.
            let guard = if line.starts_with(['.', '\'']) {
                "\\&"
            } else {
                ""
            };
            // A paragraph is one line, and is filled; what is indented stays as it is laid out.
            match line.is_empty() || line.starts_with(' ') {
                true => page.push_str(&format!("{guard}{line}\n")),
                false => page.push_str(&format!(".fi\n{guard}{line}\n.nf\n")),
            }
        }
    }
    page
}
