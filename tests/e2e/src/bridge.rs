//! The bridge to boto3: any AWS call as one line in a test, in AWS's own words.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::tools::{Tools, root};

/// The region that everything is in.
pub const REGION: &str = "eu-central-1";

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

/// boto3, talking to one endpoint as the root of its account. As many processes as calls at the same time.
pub struct Bridge {
    endpoint: String,
    idle: Mutex<Vec<Process>>,
}

struct Process {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Bridge {
    /// A bridge to an endpoint; nothing is started before the first call.
    #[must_use]
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// One call, such as `("iam", "create_role", …)`.
    ///
    /// # Errors
    /// AWS's error code and message.
    ///
    /// # Panics
    /// If boto3 cannot be started.
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
        let idle = self.idle.lock().expect("no test died here").pop();
        let mut process = idle.unwrap_or_else(|| Process::start(&self.endpoint));
        let mut told = process.call(&order);
        self.idle.lock().expect("no test died here").push(process);
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

impl Process {
    fn start(endpoint: &str) -> Self {
        let mut child = Tools::Server
            .command("python")
            .arg(root().join("tests/e2e/tools/bridge.py"))
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the bridge to boto3 starts");
        let orders = child.stdin.take().expect("the bridge takes orders");
        let answers = BufReader::new(child.stdout.take().expect("the bridge answers"));
        Self {
            child,
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

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
