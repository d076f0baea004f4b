//! One remark: a line that names the first few of the things it is about.

use std::io;

use anstyle::Style;

use crate::screen::pen::Pen;

/// So many principals are named behind a remark.
const NAMED: usize = 4;

/// What is remarked, and about whom.
pub(super) struct Remark {
    text: String,
    who: Option<String>,
}

/// A heading and its remarks; nothing where there are none.
pub(super) fn section(
    pen: &mut Pen<'_>,
    title: &str,
    style: Style,
    remarks: impl Iterator<Item = Remark>,
) -> io::Result<()> {
    let mut begun = false;
    for remark in remarks {
        if !std::mem::replace(&mut begun, true) {
            pen.blank()?;
            pen.text(0, style, title)?;
        }
        pen.hanging(2, "-", Style::new(), &remark.text)?;
        if let Some(who) = &remark.who {
            pen.text(4, pen.palette.faint, who)?;
        }
    }
    Ok(())
}

/// The first few, and how many more.
pub(super) fn few(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut text = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

impl Remark {
    pub(super) fn new(text: String) -> Self {
        Self { text, who: None }
    }

    pub(super) fn about(text: String, who: impl ExactSizeIterator<Item = String>) -> Self {
        Self {
            text,
            who: Some(few(who)),
        }
    }
}
