//! The line that names the owners of the blocking layers.

use std::io;

use anstyle::Style;

use crate::screen::pen::Pen;
use crate::words::cause::list;

/// Writes who has to act; nothing where the settings name nobody.
pub(crate) fn write(pen: &mut Pen<'_>, indent: usize, owners: &[&str]) -> io::Result<()> {
    if owners.is_empty() {
        return Ok(());
    }
    let names = list(owners.iter().copied());
    pen.hanging(indent, "Owner:", Style::new(), &names)
}
