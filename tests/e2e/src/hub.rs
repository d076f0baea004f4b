//! A hub: its stack with listeners on both channels, and an organisation of accounts beside it.
//!
//! ministack runs the state machine, the Lambdas, and what they keep and tell; the organisation and what is in its accounts is the
//! stand-in's. The binary is the caller's.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::{ACCOUNT, Enforcement, Server};
use crate::stack::Stack;
use crate::standin::{AttachedPolicy, ORGANIZATION, OrganizationStandIn};
use crate::template::Template;

/// The account that manages the organisation; the hub is in the server's own.
pub const MANAGEMENT: &str = "999988887777";

/// Services of which the stand-in answers, in the accounts and for the organisation.
const PLAYED: [&str; 8] = [
    "IAM",
    "STS",
    "ORGANIZATIONS",
    "KMS",
    "EC2",
    "RDS",
    "BACKUP",
    "CLOUDTRAIL",
];

/// How long a run may take here.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A deployed hub.
pub struct Hub {
    /// The accounts, and what stands above them.
    pub organization: OrganizationStandIn,
    /// All else.
    pub server: Server,
    /// The hub's own.
    pub stack: Stack,
    people: String,
    machines: String,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// Such as `SUCCEEDED`.
    pub status: String,
    /// What the machine ended with: its output, or error and cause.
    pub output: Value,
    /// How the children of the map ended, by status; none where there was no map.
    pub children: BTreeMap<String, i64>,
}

impl Hub {
    /// Deploys the hub with this binary, for this organisation. `variables`: of its functions besides.
    ///
    /// # Panics
    /// If something cannot be made.
    #[must_use]
    pub fn deploy(
        binary: &Path,
        organization: OrganizationStandIn,
        enforcement: Enforcement,
        parameters: &[(&str, &str)],
        variables: &[(&str, &str)],
    ) -> Self {
        let url = organization.url();
        let names = PLAYED.map(|service| format!("AWS_ENDPOINT_URL_{service}"));
        let mut all: Vec<(&str, &str)> = names
            .iter()
            .map(|name| (name.as_str(), url.as_str()))
            .collect();
        // What the machine retries it retries at once.
        all.push(("SFN_WAIT_SCALE", "0.01"));
        all.extend(variables);
        let server = Server::start_with(enforcement, &all);
        let aws = server.aws();
        set(&server, "");
        let mut all = vec![
            ("Architecture", "x86_64"),
            ("OrganizationId", ORGANIZATION),
            ("OrganizationalUnits", "r-ab12"),
            ("ScheduleState", "DISABLED"),
        ];
        all.extend(parameters);
        let stack = Stack::deploy(&server, Template::Hub, binary, &all);
        let people = listener(&server, "people");
        let machines = listener(&server, "machines");
        aws.must("sns", "subscribe", json!({
            "TopicArn": stack.output("PeopleTopicArn"), "Protocol": "sqs", "Endpoint": arn("people"),
            "Attributes": { "RawMessageDelivery": "false" } }));
        let bus = stack.output("FindingsBusName");
        let pattern = json!({ "source": ["permdrift"] }).to_string();
        aws.must(
            "events",
            "put_rule",
            json!({
            "Name": "all", "EventBusName": bus, "EventPattern": pattern }),
        );
        aws.must("events", "put_targets", json!({
            "Rule": "all", "EventBusName": bus, "Targets": [{ "Id": "queue", "Arn": arn("machines") }] }));
        Self {
            organization,
            server,
            stack,
            people,
            machines,
        }
    }

    /// Gives a function, by the output that names it, so many seconds for a run.
    ///
    /// # Panics
    /// If that cannot be changed.
    pub fn shorten(&self, function: &str, seconds: u64) {
        let function = self.stack.output(function);
        self.server.aws().must(
            "lambda",
            "update_function_configuration",
            json!({ "FunctionName": function, "Timeout": seconds }),
        );
    }

    /// Gives the functions settings, besides those that keep pauses short.
    ///
    /// # Panics
    /// If they are not taken.
    pub fn set(&self, document: &str) {
        set(&self.server, document);
    }

    /// Starts a run; its execution.
    #[must_use]
    pub fn start(&self, input: &Value) -> String {
        let started = self.server.aws().must(
            "stepfunctions",
            "start_execution",
            json!({ "stateMachineArn": self.stack.output("StateMachineArn"), "input": input.to_string() }),
        );
        text(&started["executionArn"])
    }

    /// Waits for the end of a run.
    #[must_use]
    pub fn end(&self, execution: &str) -> Ended {
        let aws = self.server.aws();
        let begun = Instant::now();
        let described = loop {
            let named = json!({ "executionArn": execution });
            let described = aws.must("stepfunctions", "describe_execution", named);
            if described["status"] != "RUNNING" {
                break described;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", self.server.log());
            std::thread::sleep(Duration::from_millis(200));
        };
        let runs = aws.must(
            "stepfunctions",
            "list_map_runs",
            json!({ "executionArn": execution }),
        );
        let mut children = BTreeMap::new();
        if let Some(map) = runs["mapRuns"][0]["mapRunArn"].as_str() {
            let run = aws.must(
                "stepfunctions",
                "describe_map_run",
                json!({ "mapRunArn": map }),
            );
            for (status, count) in run["executionCounts"].as_object().into_iter().flatten() {
                let count = count.as_i64().unwrap_or_default();
                if count > 0 {
                    children.insert(status.clone(), count);
                }
            }
        }
        let output = described["output"].as_str().unwrap_or("null");
        Ended {
            status: text(&described["status"]),
            output: serde_json::from_str(output).unwrap_or_default(),
            children,
        }
    }

    /// One run from beginning to end.
    #[must_use]
    pub fn run(&self, input: &Value) -> Ended {
        self.end(&self.start(input))
    }

    /// An object of the hub's bucket, as JSON; null where there is none.
    #[must_use]
    pub fn object(&self, key: &str) -> Value {
        let named = json!({ "Bucket": self.stack.output("BucketName"), "Key": key });
        let got = self.server.aws().call("s3", "get_object", named);
        let body = got.map(|got| text(&got["Body"])).unwrap_or_default();
        serde_json::from_str(&body).unwrap_or_default()
    }

    /// Puts an object into the hub's bucket.
    ///
    /// # Panics
    /// If it is not taken.
    pub fn put(&self, key: &str, text: &str) {
        let bucket = self.stack.output("BucketName");
        let object = json!({ "Bucket": bucket, "Key": key, "Body": { "$bytes": text } });
        self.server.aws().must("s3", "put_object", object);
    }

    /// Invokes one of the functions, by the output that names it.
    ///
    /// # Panics
    /// If it cannot be invoked.
    pub fn invoke(&self, function: &str, event: &Value) {
        let payload = json!({ "$bytes": event.to_string() });
        let function = self.stack.output(function);
        let order = json!({ "FunctionName": function, "Payload": payload });
        self.server.aws().must("lambda", "invoke", order);
    }

    /// The keys of the bucket.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let named = json!({ "Bucket": self.stack.output("BucketName") });
        let listed = self.server.aws().must("s3", "list_objects_v2", named);
        let objects = listed["Contents"].as_array().into_iter().flatten();
        objects.map(|object| text(&object["Key"])).collect()
    }

    /// What people were told since this was last asked: subjects and texts.
    #[must_use]
    pub fn to_people(&self) -> Vec<(String, String)> {
        let messages = self.read(&self.people).into_iter();
        messages
            .map(|message| (text(&message["Subject"]), text(&message["Message"])))
            .collect()
    }

    /// What machines were told since this was last asked: detail types, and details.
    #[must_use]
    pub fn to_machines(&self) -> Vec<(String, Value)> {
        let events = self.read(&self.machines).into_iter();
        events
            .map(|event| (text(&event["detail-type"]), event["detail"].clone()))
            .collect()
    }

    /// What lies in a queue, taken out of it.
    fn read(&self, queue: &str) -> Vec<Value> {
        let aws = self.server.aws();
        let mut read = Vec::new();
        // What is on its way arrives at once.
        let mut wait = 1;
        loop {
            let got = aws.must(
                "sqs",
                "receive_message",
                json!({
                "QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": wait }),
            );
            let messages = got["Messages"].as_array().cloned().unwrap_or_default();
            if messages.is_empty() {
                return read;
            }
            wait = 0;
            for message in messages {
                read.push(serde_json::from_str(&text(&message["Body"])).unwrap_or_default());
                aws.must(
                    "sqs",
                    "delete_message",
                    json!({
                    "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"] }),
                );
            }
        }
    }
}

fn set(server: &Server, document: &str) {
    let pauses = "confirm-pause-seconds = 1\nchange-confirm-pause-seconds = 1\n";
    let parameter = json!({
        "Name": "/permdrift/settings", "Type": "String", "Overwrite": true, "Value": format!("{pauses}{document}") });
    server.aws().must("ssm", "put_parameter", parameter);
}

/// A listing with so many users that may restore into their bucket.
#[must_use]
pub fn listing(account: &str, users: usize) -> Value {
    let may = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::restored" },
        { "Effect": "Allow", "Resource": "arn:aws:s3:::restored/*", "Action": [
            "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging"] }] });
    let users = (0..users).map(|number| {
        let name = format!("veeam-restore-{number}");
        json!({
            "UserName": name, "UserId": format!("AIDA{number:016}"), "Path": "/",
            "Arn": format!("arn:aws:iam::{account}:user/{name}"), "CreateDate": "2026-01-01T00:00:00Z",
            "UserPolicyList": [{ "PolicyName": "restore", "PolicyDocument": may }],
            "GroupList": [], "AttachedManagedPolicies": [],
            "Tags": [
                { "Key": "veeam:action-sets", "Value": "vbr-unstructured-s3-restore" },
                { "Key": "veeam:bucket", "Value": "restored" },
                { "Key": "veeam:regions", "Value": "eu-central-1" }] })
    });
    json!({
        "UserDetailList": users.collect::<Vec<Value>>(), "GroupDetailList": [], "RoleDetailList": [], "Policies": [] })
}

/// An SCP that denies writing, below these targets.
#[must_use]
pub fn denies_writes(targets: &[&str]) -> AttachedPolicy {
    AttachedPolicy {
        id: "p-nowrites1".to_owned(),
        kind: "SERVICE_CONTROL_POLICY",
        content: json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "NoWrites", "Effect": "Deny", "Action": "s3:PutObject", "Resource": "*" }] }),
        targets: targets.iter().map(|&target| target.to_owned()).collect(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", crate::bridge::REGION)
}

/// A queue that topic and bus may send to.
fn listener(server: &Server, name: &str) -> String {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": ["sns.amazonaws.com", "events.amazonaws.com"] },
        "Action": "sqs:SendMessage", "Resource": arn(name) }] });
    let made = server.aws().must(
        "sqs",
        "create_queue",
        json!({
        "QueueName": name, "Attributes": { "Policy": policy.to_string() } }),
    );
    text(&made["QueueUrl"])
}
