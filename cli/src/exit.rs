//! Exit codes: what does the shell, or the pipeline, get to know?
//!
//! An interrupt (Ctrl-C) ends the process by its signal, which shells and pipelines show as 130; nothing here handles it.

use std::process::ExitCode;

pub(crate) use crate::usage::UsageError;
use crate::{live, output};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked, and nothing is wrong.
    Fine,
    /// Something is missing, or the request is denied.
    Drift,
    /// It could not work, or could not find out all that it was asked.
    Failed,
    /// The command line was not understood.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Drift => 1,
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
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let mut texts = failure.chain().map(ToString::to_string);
    let first = texts.next().unwrap_or_default();
    let mut text = format!("{red}error:{red:#} {}\n", lines(&first));
    for cause in texts {
        text.push_str(&format!("  because: {}\n", lines(&cause)));
    }
    if let Some(advice) = live::advice(failure) {
        text.push_str(&format!("  do: {}\n", lines(&advice)));
    }
    output::tell(&text);
    if failure.is::<UsageError>() {
        Exit::Usage
    } else {
        Exit::Failed
    }
}

/// A message line by line, each made plain: it may quote a file.
fn lines(message: &str) -> String {
    let lines: Vec<_> = message.lines().map(report::words::plain::plain).collect();
    lines.join("\n  ")
}
