//! The AWS-compatible server: how does a test start it, and how does it call it?
//!
//! Each [`Server`] is a ministack of its own on a free port of the loopback interface, with a bridge to boto3 beside it,
//! so that any AWS call is one line in a test. Both end with the test, however it ends.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::bridge::{Bridge, REGION};
use crate::tools::{Tools, root};

/// The account that the server plays.
pub const ACCOUNT: &str = "123456789012";

/// Whether the server checks signatures and enforces IAM policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// As AWS does: what a policy does not allow fails.
    On,
    /// Anybody may do anything.
    Off,
}

/// A running server.
pub struct Server {
    endpoint: String,
    process: Child,
    folder: PathBuf,
    log: Arc<Mutex<String>>,
    bridge: Bridge,
}

impl Server {
    /// Starts one and waits until it listens.
    ///
    /// # Panics
    /// If it does not start; the message holds what it printed.
    #[must_use]
    pub fn start(enforcement: Enforcement) -> Self {
        Self::start_with(enforcement, &[])
    }

    /// The same with these variables besides, which the Lambdas that it starts have too.
    ///
    /// # Panics
    /// As [`Server::start`].
    #[must_use]
    pub fn start_with(enforcement: Enforcement, variables: &[(&str, &str)]) -> Self {
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
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let log = Arc::new(Mutex::new(String::new()));
        let ready = follow(process.stderr.take().expect("the server logs"), log.clone());
        let server = Self {
            bridge: Bridge::new(&*endpoint),
            endpoint,
            process,
            folder,
            log,
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

    /// Calls it as the account's root.
    #[must_use]
    pub fn aws(&self) -> &Bridge {
        &self.bridge
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

/// Copies what is printed into the log for as long as the server runs, and tells once it listens.
pub(crate) fn follow(printed: ChildStderr, log: Arc<Mutex<String>>) -> Receiver<()> {
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

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
        .port()
}
