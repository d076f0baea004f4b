//! `permdrift simulate`: what would IAM decide, for cases that somebody made up?
//!
//! In: JSON Lines, one case a line (the form is in [`case`]). Out: one JSON line each, in order (the form is in [`answer`]). A
//! line that is no case is answered with what is wrong and where, and the run goes on.
//!
//! The context is exactly what the line gives: a key that it does not name is absent, and no key is filled in from the
//! principal. The principal decides whether SCPs and RCPs count, which do not restrict service-linked roles, and whom the policies of
//! the resource side name.

mod answer;
mod case;
mod documents;
mod resource_side;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Read as _, Write};
use std::num::NonZero;
use std::path::Path;

use case::LONGEST_LINE;
use documents::Documents;

use crate::exit::Exit;
use crate::{input, output};

/// How the lines of a run were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// With a decision.
    pub(crate) decided: usize,
    /// With an error.
    pub(crate) malformed: usize,
}

impl Counts {
    /// Incomplete if a line got no decision.
    pub(crate) fn exit(self) -> Exit {
        if self.malformed == 0 {
            Exit::Fine
        } else {
            Exit::Failed
        }
    }
}

/// Answers every line of a file, or of standard input, on standard output.
///
/// # Errors
/// Where the file cannot be read or the output takes no more.
pub(crate) fn of_file(path: &Path) -> anyhow::Result<Exit> {
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let input = input::lines(path)?;
    let mut counts = Counts::default();
    output::bytes(|out| match run(input, out, threads) {
        Ok(all) => {
            counts = all;
            Ok(())
        }
        Err(Interrupted::Reading(error)) => {
            let what = format!("cannot read on in {}", input::name(path));
            Err(anyhow::Error::new(error).context(what))
        }
        Err(Interrupted::Writing(error)) => {
            Err(anyhow::Error::new(error).context("cannot write the answers"))
        }
    })?;
    if counts == Counts::default() {
        anyhow::bail!(
            "{} holds no case: expected JSON objects, one a line",
            input::name(path)
        );
    }
    Ok(counts.exit())
}

/// What is read before it is worked on.
const LINES_AT_ONCE: usize = 8192;
const BYTES_AT_ONCE: usize = 32 << 20;

/// A line with its number, from 1.
struct Line {
    number: usize,
    text: Vec<u8>,
}

/// What ended a run too early.
#[derive(Debug)]
pub(crate) enum Interrupted {
    /// The input cannot be read on.
    Reading(io::Error),
    /// The output takes no more.
    Writing(io::Error),
}

/// Answers every line of the input on as many threads.
///
/// # Errors
/// [`Interrupted`].
pub(crate) fn run(
    mut input: impl BufRead,
    mut output: impl Write,
    threads: NonZero<usize>,
) -> Result<Counts, Interrupted> {
    let mut workers: Vec<Worker> = (0..threads.get()).map(|_| Worker::default()).collect();
    let mut counts = Counts::default();
    let mut number = 0;
    loop {
        let lines = read(&mut input, &mut number).map_err(Interrupted::Reading)?;
        if lines.is_empty() {
            output.flush().map_err(Interrupted::Writing)?;
            return Ok(counts);
        }
        let share = lines.len().div_ceil(workers.len());
        std::thread::scope(|scope| {
            for (worker, lines) in workers.iter_mut().zip(lines.chunks(share)) {
                scope.spawn(|| lines.iter().for_each(|line| worker.answer(line)));
            }
        });
        for worker in &mut workers {
            let written = output.write_all(&worker.written);
            written.map_err(Interrupted::Writing)?;
            worker.written.clear();
            counts.decided += std::mem::take(&mut worker.counts.decided);
            counts.malformed += std::mem::take(&mut worker.counts.malformed);
        }
    }
}

/// The next lines that are not blank; none at the end.
fn read(input: &mut impl BufRead, number: &mut usize) -> io::Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut bytes = 0;
    while lines.len() < LINES_AT_ONCE && bytes < BYTES_AT_ONCE {
        let mut text = Vec::new();
        let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        if input.by_ref().take(most).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        *number += 1;
        if text.len() == LONGEST_LINE && text.last() != Some(&b'\n') {
            skip_line(input)?;
        }
        bytes += text.len();
        if !text.trim_ascii().is_empty() {
            lines.push(Line {
                number: *number,
                text,
            });
        }
    }
    Ok(lines)
}

/// What is passed over of one line; there is no end of a device such as `/dev/zero`.
const LONGEST_SKIPPED: usize = 1 << 30;

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    let mut skipped = 0;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        skipped += buffer.len();
        if skipped > LONGEST_SKIPPED {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a line does not end within 1 GiB: is it the right file?",
            ));
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |at| at + 1);
        input.consume(length);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// What one thread keeps from line to line.
#[derive(Default)]
struct Worker {
    documents: Documents,
    written: Vec<u8>,
    counts: Counts,
}

impl Worker {
    fn answer(&mut self, line: &Line) {
        match case::read(line.number, &line.text, &mut self.documents) {
            Ok(case) => {
                self.counts.decided += 1;
                let (id, outcome) = case.decide();
                answer::decided(&mut self.written, id, &outcome);
            }
            Err(malformed) => {
                self.counts.malformed += 1;
                answer::malformed(&mut self.written, &malformed);
            }
        }
    }
}
