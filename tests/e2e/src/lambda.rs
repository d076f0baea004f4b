//! Lambda, as a function sees it: how does a test run the real binary without AWS?
//!
//! A listener speaks Lambda's Runtime API; the binary is a child process that asks it for work. A test invokes it and gets
//! what the function answered, what it failed with, or that the process ended.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::http::{Answer, Listener, Message, listen};

/// A running function.
pub struct Lambda {
    process: Child,
    events: Sender<Event>,
    outcomes: Receiver<Outcome>,
    log: Arc<Mutex<String>>,
    readers: Vec<std::thread::JoinHandle<()>>,
    ready: Receiver<Duration>,
    invocations: u64,
    clock: i64,
    _runtime: Listener,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With the function's answer.
    Answered(Value),
    /// With an error: `errorType` and `errorMessage`.
    Failed(Value),
    /// The process ended instead.
    Ended,
}

struct Event {
    id: String,
    deadline: SystemTime,
    body: Vec<u8>,
}

impl Lambda {
    /// Starts a binary with these variables and no others but the search path.
    ///
    /// # Panics
    /// If the binary cannot be started.
    #[must_use]
    pub fn start(binary: &Path, environment: &[(&str, &str)]) -> Self {
        let (events, queue) = channel::<Event>();
        let (tell, outcomes) = channel();
        let (asked, ready) = channel();
        let started = Instant::now();
        let runtime = {
            let (queue, tell) = (Mutex::new(queue), tell.clone());
            listen(move |request| {
                let _ = asked.send(started.elapsed());
                serve(&request, &queue, &tell)
            })
        };
        let mut process = Command::new(binary)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", runtime.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", "sweep")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/permdrift/test/sweep")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", binary.display()));
        let log = Arc::new(Mutex::new(String::new()));
        let output = process.stdout.take().expect("the function prints");
        let errors = process.stderr.take().expect("the function prints errors");
        let kept = Arc::clone(&log);
        let errors = std::thread::spawn(move || keep(BufReader::new(errors), &kept));
        let kept = Arc::clone(&log);
        let output = std::thread::spawn(move || {
            keep(BufReader::new(output), &kept);
            // Its output ends when it does.
            let _ = tell.send(Outcome::Ended);
        });
        Self {
            process,
            events,
            outcomes,
            log,
            readers: vec![errors, output],
            ready,
            invocations: 0,
            clock: 0,
            _runtime: runtime,
        }
    }

    /// Invokes it with so much time, and waits for the end.
    ///
    /// # Panics
    /// If nothing comes back long after the time is over.
    pub fn invoke(&mut self, event: &Value, time: Duration) -> Outcome {
        self.begin(event, time);
        self.end(time)
    }

    /// Invokes it, and does not wait.
    pub fn begin(&mut self, event: &Value, time: Duration) {
        self.invocations += 1;
        let event = Event {
            id: format!("00000000-0000-4000-8000-{:012}", self.invocations),
            deadline: shifted(SystemTime::now() + time, self.clock),
            body: event.to_string().into_bytes(),
        };
        // A process that has ended tells so where the outcome is read.
        let _ = self.events.send(event);
    }

    /// Lambda's clock, by which deadlines are told, is so many seconds ahead; the function's is the same machine's.
    pub fn shift_clock(&mut self, seconds: i64) {
        self.clock = seconds;
    }

    /// Waits for the end of what was begun.
    ///
    /// # Panics
    /// If nothing comes back long after the time is over.
    #[track_caller]
    pub fn end(&mut self, time: Duration) -> Outcome {
        self.outcomes
            .recv_timeout(time + Duration::from_secs(30))
            .unwrap_or_else(|_| panic!("the function neither answered nor ended:\n{}", self.log()))
    }

    /// Kills the process, as the machine below it could.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// What it printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().expect("only appended to").clone()
    }

    /// Kills it; all that it ever printed.
    #[must_use]
    pub fn last_words(mut self) -> String {
        self.kill();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        self.log()
    }

    /// The most memory that it ever had in use, in bytes.
    ///
    /// # Panics
    /// If the kernel does not tell, because the process has ended.
    #[must_use]
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))
            .expect("the kernel tells a running process's status");
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok())
            .expect("the status holds the peak memory")
            * 1024
    }

    /// Waits for its first request for work; the time from its start to that.
    ///
    /// # Panics
    /// If it does not come in time.
    #[must_use]
    pub fn until_ready(&self, time: Duration) -> Duration {
        self.ready
            .recv_timeout(time)
            .unwrap_or_else(|_| panic!("the function does not ask for work:\n{}", self.log()))
    }
}

impl Drop for Lambda {
    fn drop(&mut self) {
        self.kill();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time - by } else { time + by }
}

fn keep(lines: impl BufRead, log: &Mutex<String>) {
    for line in lines.lines().map_while(Result::ok) {
        let mut log = log.lock().expect("only appended to");
        log.push_str(&line);
        log.push('\n');
    }
}

fn serve(request: &Message, queue: &Mutex<Receiver<Event>>, tell: &Sender<Outcome>) -> Answer {
    let path = request.target();
    let body = || serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    if path.ends_with("/invocation/next") {
        // Blocks until there is work; ends when the test drops the function.
        return match queue.lock().map(|queue| queue.recv()) {
            Ok(Ok(event)) => Answer::Whole(invocation(event)),
            _ => Answer::Cut,
        };
    }
    let outcome = if path.ends_with("/response") {
        Outcome::Answered(body())
    } else {
        Outcome::Failed(body())
    };
    let _ = tell.send(outcome);
    Answer::Whole(Message::answer(202, "application/json", "{}"))
}

fn invocation(event: Event) -> Message {
    let deadline = event
        .deadline
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis());
    let mut message = Message::answer(200, "application/json", event.body);
    for (name, value) in [
        ("Lambda-Runtime-Aws-Request-Id", event.id),
        ("Lambda-Runtime-Deadline-Ms", deadline.to_string()),
        (
            "Lambda-Runtime-Invoked-Function-Arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:sweep".to_owned(),
        ),
        (
            "Lambda-Runtime-Trace-Id",
            "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned(),
        ),
    ] {
        message.headers.push((name.to_owned(), value));
    }
    message
}
