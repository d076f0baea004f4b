//! The AWS-compatible server: how does a test start it, and how does it call it?
//!
//! Each [`Server`] is a ministack of its own on a free port of the loopback interface, with a bridge to boto3 beside it,
//! so that any AWS call is one line in a test. Both end with the test, however it ends.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::tools::{Tools, root};

/// The account that the server plays.
pub const ACCOUNT: &str = "123456789012";

/// The region that everything is in.
pub const REGION: &str = "eu-central-1";

/// Whether the server checks signatures and enforces IAM policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// As AWS does: what a policy does not allow fails.
    On,
    /// Anybody may do anything.
    Off,
}

/// An AWS call that was refused.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// AWS's error code, or the name of a Python exception.
    pub code: String,
    /// The text that came with it.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// A running server.
pub struct Server {
    endpoint: String,
    process: Child,
    folder: PathBuf,
    log: Arc<Mutex<String>>,
    bridges: Mutex<Vec<Bridge>>,
}

struct Bridge {
    process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts one and waits until it listens.
    ///
    /// # Panics
    /// If it does not start; the message holds what it printed.
    #[must_use]
    pub fn start(enforcement: Enforcement) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let port = free_port();
        let endpoint = format!("http://127.0.0.1:{port}");
        let folder = std::env::temp_dir().join(format!(
            "permdrift-server-{}-{}",
            std::process::id(),
            STARTED.fetch_add(1, Ordering::Relaxed)
        ));
        std::fs::create_dir_all(&folder).expect("the server's folder can be made");
        let mut process = Tools::Server
            .command("python")
            .arg(root().join("tests/e2e/tools/serve.py"))
            .env("TMPDIR", &folder)
            .env("AUTH", (enforcement == Enforcement::On).to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            // The Lambda that it starts inherits this, or it would call the real AWS.
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("MINISTACK_REGION", REGION)
            .env("SFTP_ENABLED", "0")
            .env("IOT_MTLS_ENABLED", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let log = Arc::new(Mutex::new(String::new()));
        let ready = follow(process.stderr.take().expect("the server logs"), log.clone());
        let server = Self {
            endpoint,
            process,
            folder,
            log,
            bridges: Mutex::new(Vec::new()),
        };
        let ready = ready.recv_timeout(Duration::from_secs(60)).is_ok();
        assert!(ready, "the server did not start:\n{}", server.log());
        server
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What it wrote to its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log
            .lock()
            .expect("the log is only appended to")
            .clone()
    }

    /// One call as the account's root, such as `("iam", "create_role", …)`, in boto3's words.
    ///
    /// # Errors
    /// AWS's error code and message.
    pub fn call(
        &self,
        service: &str,
        operation: &str,
        parameters: Value,
    ) -> Result<Value, Refusal> {
        let order = json!({
            "service": service, "operation": operation, "parameters": parameters, "region": REGION,
            "credentials": ["test", "test", null],
        });
        let mut bridge = match self.bridges.lock().expect("no test died in a call").pop() {
            Some(bridge) => bridge,
            None => Bridge::start(&self.endpoint),
        };
        let mut told = bridge.call(&order);
        self.bridges
            .lock()
            .expect("no test died in a call")
            .push(bridge);
        match told.get_mut("answer") {
            Some(answer) => Ok(answer.take()),
            None => Err(Refusal {
                code: told["code"].as_str().unwrap_or_default().to_owned(),
                message: told["message"].as_str().unwrap_or_default().to_owned(),
            }),
        }
    }

    /// The same for a call that must succeed.
    ///
    /// # Panics
    /// If it was refused.
    #[track_caller]
    pub fn must(&self, service: &str, operation: &str, parameters: Value) -> Value {
        match self.call(service, operation, parameters) {
            Ok(answer) => answer,
            Err(refusal) => panic!("{service}.{operation} refused: {refusal}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its input closes, and it ends by itself; a server that hangs is not waited for.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Bridge {
    fn start(endpoint: &str) -> Self {
        let mut process = Tools::Server
            .command("python")
            .arg(root().join("tests/e2e/tools/bridge.py"))
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bridge to boto3 starts");
        let orders = process.stdin.take().expect("the bridge takes orders");
        let answers = BufReader::new(process.stdout.take().expect("the bridge answers"));
        Self {
            process,
            orders,
            answers,
        }
    }

    fn call(&mut self, order: &Value) -> Value {
        writeln!(self.orders, "{order}").expect("the bridge listens");
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the bridge answers");
        serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the bridge said {line:?}: {error}"))
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Copies what is printed into the log for as long as the server runs, and tells once it listens.
fn follow(printed: ChildStderr, log: Arc<Mutex<String>>) -> Receiver<()> {
    let (listens, listening) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(printed).lines().map_while(Result::ok) {
            if line.contains("Running on") {
                let _ = listens.send(());
            }
            let mut log = log.lock().expect("the log is only appended to");
            log.push_str(&line);
            log.push('\n');
        }
    });
    listening
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
        .port()
}
