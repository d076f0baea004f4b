//! Exit codes: what does the shell, or the pipeline, get to know?
//!
//! An interrupt ends the process by its signal, which shells show as 130; nothing here handles it.

use std::io;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked, and nothing is wrong.
    Fine,
    /// It could not work, or could not find out all that it was asked.
    Failed,
    /// The command line was not understood.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Failed => 2,
            Exit::Usage => 64,
        })
    }
}

/// Prints what clap has to say: help and version are answers, all else is a mistake.
pub(crate) fn of_command_line(refused: &clap::Error) -> Exit {
    // The reader may be gone (`permdrift --help | head -1`); there is nobody left to tell.
    let _ = refused.print();
    if refused.use_stderr() {
        Exit::Usage
    } else {
        Exit::Fine
    }
}

/// Prints a failure with all its causes.
pub(crate) fn of_failure(failure: &anyhow::Error) -> Exit {
    if is_broken_pipe(failure) {
        return Exit::Fine;
    }
    let red = anstyle::AnsiColor::Red.on_default().bold();
    anstream::eprintln!("{red}error:{red:#} {failure}");
    for cause in failure.chain().skip(1) {
        anstream::eprintln!("  because: {cause}");
    }
    Exit::Failed
}

/// Whoever read our output has seen enough.
fn is_broken_pipe(failure: &anyhow::Error) -> bool {
    failure.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}
