//! Progress: what is going on, for whoever waits longer than a second at a terminal?

use std::borrow::Cow;
use std::io::IsTerminal as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::output;

/// Work shorter than this is done before anybody wonders.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is going on, in a few words.
type Words = Cow<'static, str>;

/// Shows what is going on, until it is dropped.
pub(crate) struct Progress(Option<(Sender<Option<Words>>, JoinHandle<()>)>);

/// Says what is going on from somewhere else. It may outlive the [`Progress`] that shows it; then nothing is shown.
#[derive(Clone)]
pub(crate) struct Teller(Option<Sender<Option<Words>>>);

impl Progress {
    /// Shows nothing for the first second, and nothing at all where standard error is no terminal or nobody wants it.
    pub(crate) fn start() -> Self {
        if output::is_quiet() || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let (tell, told) = mpsc::channel::<Option<Words>>();
        let shown = std::thread::spawn(move || {
            let begun = Instant::now();
            let mut message = Words::default();
            loop {
                match told.recv_timeout(PATIENCE.saturating_sub(begun.elapsed())) {
                    Ok(Some(next)) => message = next,
                    Err(RecvTimeoutError::Timeout) => break,
                    Ok(None) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            let bar = ProgressBar::new_spinner().with_message(message);
            bar.enable_steady_tick(Duration::from_millis(100));
            while let Ok(Some(next)) = told.recv() {
                bar.set_message(next);
            }
            bar.finish_and_clear();
        });
        Self(Some((tell, shown)))
    }

    /// Says what begins now.
    pub(crate) fn now(&self, what: impl Into<Words>) {
        self.teller().now(what);
    }

    /// For whoever works on its own.
    pub(crate) fn teller(&self) -> Teller {
        Teller(self.0.as_ref().map(|(tell, _)| tell.clone()))
    }
}

impl Teller {
    /// Says what begins now.
    pub(crate) fn now(&self, what: impl Into<Words>) {
        if let Some(tell) = &self.0 {
            // Where the other side is gone there is nothing to show it on.
            let _ = tell.send(Some(what.into()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((tell, shown)) = self.0.take() {
            let _ = tell.send(None);
            // What it drew is cleared before anything else is printed.
            let _ = shown.join();
        }
    }
}
