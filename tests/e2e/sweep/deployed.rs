//! The stack, deployed, with IAM enforced: does the real binary, as a Lambda with its own role, tell of drift once, of its end
//! once, and of nothing else?
//!
//! Users, groups, roles and policies are made through IAM's API; what is told is read from a queue that is subscribed to the
//! topic and from one behind a rule of the bus; what is kept, from the table.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

use std::path::Path;

use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::stack::Stack;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");
const SETS: &str = "vbr-unstructured-s3-restore";
const POLICY: &str = "arn:aws:iam::123456789012:policy/restore";

/// All that the action set needs on one bucket.
fn granted() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::backup" },
        { "Effect": "Allow", "Resource": "arn:aws:s3:::backup/*", "Action": [
            "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging"] } ] })
}

struct Deployed {
    server: Server,
    stack: Stack,
    people: String,
    machines: String,
}

impl Deployed {
    fn start(parameters: &[(&str, &str)]) -> Self {
        let server = Server::start(Enforcement::On);
        let aws = server.aws();
        aws.must("ssm", "put_parameter", json!({
            "Name": "/permdrift/settings", "Type": "String", "Value": "confirm-pause-seconds = 1\n" }));
        let mut given = vec![("Architecture", "x86_64")];
        given.extend(parameters);
        let stack = Stack::deploy(&server, Path::new(BINARY), &given);
        let people = listener(&server, "people");
        let machines = listener(&server, "machines");
        aws.must("sns", "subscribe", json!({
            "TopicArn": stack.output("PeopleTopicArn"), "Protocol": "sqs", "Endpoint": arn("people"),
            "Attributes": { "RawMessageDelivery": "false" } }));
        aws.must(
            "events",
            "put_rule",
            json!({
            "Name": "all", "EventBusName": stack.output("FindingsBusName"),
            "EventPattern": json!({ "source": ["permdrift"] }).to_string() }),
        );
        aws.must(
            "events",
            "put_targets",
            json!({
            "Rule": "all", "EventBusName": stack.output("FindingsBusName"),
            "Targets": [{ "Id": "queue", "Arn": arn("machines") }] }),
        );
        Self {
            server,
            stack,
            people,
            machines,
        }
    }

    /// A user that gets its permissions through a group, and a tag that says what it is for.
    fn make_user(&self, name: &str) {
        let aws = self.server.aws();
        aws.must("iam", "create_user", json!({ "UserName": name, "Tags": [
            { "Key": "veeam:action-sets", "Value": SETS }, { "Key": "veeam:bucket", "Value": "backup" } ] }));
        aws.must("iam", "create_access_key", json!({ "UserName": name }));
        aws.must(
            "iam",
            "add_user_to_group",
            json!({ "UserName": name, "GroupName": "restore" }),
        );
    }

    fn make_group(&self) {
        let aws = self.server.aws();
        aws.must("iam", "create_group", json!({ "GroupName": "restore" }));
        aws.must(
            "iam",
            "create_policy",
            json!({ "PolicyName": "restore", "PolicyDocument": granted().to_string() }),
        );
        self.attach();
    }

    fn attach(&self) {
        self.server.aws().must(
            "iam",
            "attach_group_policy",
            json!({ "GroupName": "restore", "PolicyArn": POLICY }),
        );
    }

    fn detach(&self) {
        self.server.aws().must(
            "iam",
            "detach_group_policy",
            json!({ "GroupName": "restore", "PolicyArn": POLICY }),
        );
    }

    /// Invokes the function by hand; its answer.
    #[track_caller]
    fn invoke(&self, event: &Value) -> Value {
        let answer = self.server.aws().must(
            "lambda",
            "invoke",
            json!({
            "FunctionName": self.stack.output("SweepFunction"), "LogType": "Tail",
            "Payload": { "$bytes": event.to_string() } }),
        );
        let payload = answer["Payload"].as_str().unwrap_or_default();
        assert!(
            answer["FunctionError"].is_null(),
            "{payload}\n{}",
            self.server.log()
        );
        serde_json::from_str(payload).unwrap_or_else(|error| panic!("answered {payload}: {error}"))
    }

    /// What people were told since this was last asked: subjects and texts.
    fn to_people(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.read(&self.people)
            .iter()
            .map(|message| (text(&message["Subject"]), text(&message["Message"])))
            .collect()
    }

    /// What machines were told since this was last asked: detail types, and the events.
    fn to_machines(&self) -> Vec<(String, Value)> {
        self.read(&self.machines)
            .into_iter()
            .map(|event| {
                (
                    event["detail-type"].as_str().unwrap_or_default().to_owned(),
                    event,
                )
            })
            .collect()
    }

    fn read(&self, queue: &str) -> Vec<Value> {
        let mut read = Vec::new();
        loop {
            let got = self.server.aws().must(
                "sqs",
                "receive_message",
                json!({
                "QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1 }),
            );
            let Some(messages) = got["Messages"]
                .as_array()
                .filter(|messages| !messages.is_empty())
            else {
                return read;
            };
            for message in messages {
                let body = message["Body"].as_str().unwrap_or_default();
                read.push(serde_json::from_str(body).unwrap_or_else(|_| json!(body)));
                self.server.aws().must(
                    "sqs",
                    "delete_message",
                    json!({
                    "QueueUrl": queue, "ReceiptHandle": message["ReceiptHandle"] }),
                );
            }
        }
    }

    /// The item of a principal in the table.
    fn item(&self, principal: &str) -> Value {
        let got = self.server.aws().must("dynamodb", "get_item", json!({
            "TableName": self.stack.output("BaselineTable"),
            "Key": { "account": { "S": ACCOUNT }, "item": { "S": format!("principal#{principal}") } } }));
        got["Item"].clone()
    }
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", e2e::bridge::REGION)
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
    made["QueueUrl"].as_str().unwrap_or_default().to_owned()
}

fn types(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[test]
fn drift_is_told_once_and_its_end_once() {
    let deployed = Deployed::start(&[("ScheduleState", "DISABLED")]);
    deployed.make_group();
    deployed.make_user("veeam");
    let user = format!("arn:aws:iam::{ACCOUNT}:user/veeam");

    let healthy = deployed.invoke(&json!({}));
    assert_eq!(healthy["drifted"], 0, "{healthy}");
    assert_eq!(types(&deployed.to_machines()), ["Audit Completed"]);
    assert_eq!(deployed.to_people(), []);

    deployed.detach();
    let drifted = deployed.invoke(&json!({}));
    assert_eq!(drifted["findings"]["opened"], 1, "{drifted}");
    let people = deployed.to_people();
    let [(subject, text)] = people.as_slice() else {
        panic!("people were told {people:#?}")
    };
    assert!(subject.len() <= 100 && subject.is_ascii(), "{subject}");
    assert!(
        text.contains("s3:PutObject") && text.contains(&user),
        "{text}"
    );
    let machines = deployed.to_machines();
    assert_eq!(types(&machines), ["Finding Opened", "Audit Completed"]);
    assert_eq!(machines[0].1["resources"], json!([user]));
    assert!(
        !deployed.item(&user).is_null(),
        "the table holds the principal"
    );

    let unchanged = deployed.invoke(&json!({}));
    assert_eq!(unchanged["drifted"], 1, "{unchanged}");
    assert_eq!(types(&deployed.to_machines()), ["Audit Completed"]);
    assert_eq!(deployed.to_people(), []);

    deployed.attach();
    let resolved = deployed.invoke(&json!({}));
    assert_eq!(resolved["findings"]["resolved"], 1, "{resolved}");
    assert_eq!(
        types(&deployed.to_machines()),
        ["Finding Resolved", "Audit Completed"]
    );
    assert_eq!(deployed.to_people().len(), 1);
}
