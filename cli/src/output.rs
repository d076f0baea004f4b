//! Output: how does standard output look, and what becomes of it when its reader leaves?

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use report::{Palette, Pen};

/// Columns that `COLUMNS` or the terminal gives; `None` where the output is neither.
fn columns() -> Option<usize> {
    let said = std::env::var("COLUMNS")
        .ok()
        .and_then(|said| said.parse().ok())
        // Some shells set 0 where they do not know.
        .filter(|columns| *columns > 0);
    said.or_else(|| {
        io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(width, _)| usize::from(width.0))
    })
}

fn palette(stream: &impl anstream::stream::RawStream) -> Palette {
    match anstream::AutoStream::choice(stream) {
        anstream::ColorChoice::Never => Palette::empty(),
        anstream::ColorChoice::Auto
        | anstream::ColorChoice::Always
        | anstream::ColorChoice::AlwaysAnsi => Palette::coloured(),
    }
}

/// Writes text for people to standard output.
///
/// # Errors
/// Where it takes no more, for another reason than that its reader has left.
pub(crate) fn people(write: impl FnOnce(&mut Pen<'_>) -> io::Result<()>) -> anyhow::Result<()> {
    bytes(|out| write(&mut Pen::new(out, palette(&io::stdout()), columns())))
}

/// Writes text for people to standard error, unless it is not wanted there.
///
/// # Errors
/// As [`people`].
pub(crate) fn aside(write: impl FnOnce(&mut Pen<'_>) -> io::Result<()>) -> anyhow::Result<()> {
    if is_quiet() {
        return Ok(());
    }
    let palette = palette(&io::stderr());
    let mut out = BufWriter::new(io::stderr().lock());
    let written = write(&mut Pen::new(&mut out, palette, columns()));
    written.and_then(|()| out.flush())?;
    Ok(())
}

/// Writes bytes for machines to standard output.
///
/// # Errors
/// As [`people`].
pub(crate) fn bytes<E: Into<anyhow::Error>>(
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), E>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let written = write(&mut out).map_err(Into::into);
    match written.and_then(|()| out.flush().map_err(Into::into)) {
        Err(error) if is_broken_pipe(&error) => {
            // What is still in the buffer has no reader either.
            let _ = out.into_parts();
            Ok(())
        }
        other => other,
    }
}

/// Whoever read our output has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause
            .downcast_ref::<serde_json::Error>()
            .and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}

/// Whether notes and progress are wanted; set once, from the command line.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Keeps notes and progress away from standard error.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Writes a note to standard error, unless they are not wanted.
pub(crate) fn note(text: &str) {
    if !is_quiet() {
        let faint = anstyle::Style::new().dimmed();
        tell(&format!(
            "{faint}note:{faint:#} {}\n",
            report::words::plain::plain(text)
        ));
    }
}

/// Writes to standard error; nobody can be told that it takes nothing.
pub(crate) fn tell(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Whether notes and progress are unwanted.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}
