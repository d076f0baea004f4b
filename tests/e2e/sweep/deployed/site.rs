//! The site: a deployed stack with listeners on both channels, and an account whose principals are made through IAM's API.

use std::path::Path;

use e2e::server::{ACCOUNT, Enforcement, Server};
use e2e::stack::Stack;
use e2e::template::Template;
use jiff::Timestamp;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");

/// Where the appliance is that assumes the role.
const APPLIANCE: &str = "111122223333";

pub(crate) const USER: &str = "arn:aws:iam::123456789012:user/veeam-restore";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/VeeamRepository";

/// Who holds what Veeam needs by a policy of its own.
#[derive(Clone, Copy)]
pub(crate) enum Holder {
    /// The group that the user is in.
    Group,
    /// The role itself: what it writes.
    Role,
}

/// A stack, an account, and who listens.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) stack: Stack,
    people: String,
    machines: String,
}

impl Site {
    /// Deploys the template with these parameters, into an account in which all is well.
    pub(crate) fn new(parameters: &[(&str, &str)]) -> Self {
        let server = Server::start(Enforcement::On);
        set(&server, "change-confirm-pause-seconds = 1\n");
        make_user(&server);
        make_role(&server);
        let mut given = vec![("Architecture", "x86_64")];
        given.extend(parameters);
        let stack = Stack::deploy(&server, Template::Account, Path::new(BINARY), &given);
        let aws = server.aws();
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

    /// Sets what the settings say besides.
    pub(crate) fn set(&self, besides: &str) {
        set(&self.server, besides);
    }

    pub(crate) fn attach(&self, holder: Holder) {
        attach(&self.server, holder);
    }

    pub(crate) fn detach(&self, holder: Holder) {
        let (operation, parameters) = match holder {
            Holder::Group => (
                "detach_group_policy",
                json!({ "GroupName": "restore", "PolicyArn": policy("restore") }),
            ),
            Holder::Role => (
                "detach_role_policy",
                json!({ "RoleName": "VeeamRepository", "PolicyArn": policy("repository-write") }),
            ),
        };
        self.server.aws().must("iam", operation, parameters);
    }

    /// Invokes the function: its answer, or the message that it failed with.
    pub(crate) fn try_invoke(&self, event: &Value) -> Result<Value, String> {
        self.try_function("SweepFunction", event)
    }

    /// Hands an event of CloudTrail to the function that audits on change, as from its queue: the records that stay there.
    pub(crate) fn try_change(&self, detail: &Value) -> Result<usize, String> {
        let body = json!({ "detail-type": "AWS API Call via CloudTrail", "detail": detail });
        let record = json!({ "messageId": "record", "body": body.to_string() });
        let answer = self.try_function("ChangeFunction", &json!({ "Records": [record] }))?;
        Ok(answer["batchItemFailures"].as_array().map_or(0, Vec::len))
    }

    fn try_function(&self, output: &str, event: &Value) -> Result<Value, String> {
        let answer = self.server.aws().must(
            "lambda",
            "invoke",
            json!({
            "FunctionName": self.stack.output(output), "Payload": { "$bytes": event.to_string() } }),
        );
        let payload: Value = serde_json::from_str(answer["Payload"].as_str().unwrap_or_default())
            .expect("the function answers JSON");
        if answer["FunctionError"].is_null() {
            Ok(payload)
        } else {
            Err(payload["errorMessage"]
                .as_str()
                .unwrap_or_default()
                .to_owned())
        }
    }

    #[track_caller]
    pub(crate) fn invoke(&self, event: &Value) -> Value {
        self.try_invoke(event)
            .unwrap_or_else(|error| panic!("{error}\n{}", self.server.log()))
    }

    /// Puts an event as CloudTrail records it on the bus for trail events, under a source that is nobody's: those of AWS's are AWS's to
    /// put.
    pub(crate) fn put_event(&self, detail: &Value) {
        let bus = self.stack.output("TrailBusArn");
        let put = self.server.aws().must(
            "events",
            "put_events",
            json!({ "Entries": [{
            "EventBusName": bus, "Source": "test.iam", "DetailType": "AWS API Call via CloudTrail",
            "Detail": detail.to_string() }] }),
        );
        assert_eq!(put["FailedEntryCount"], 0, "{put}");
    }

    /// What people were told since this was last asked: subjects and texts.
    pub(crate) fn to_people(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.read(&self.people)
            .iter()
            .map(|message| (text(&message["Subject"]), text(&message["Message"])))
            .collect()
    }

    /// When people were told what they were told since this was last asked.
    pub(crate) fn told_at(&self) -> Vec<Timestamp> {
        let messages = self.read(&self.people);
        let times = messages.iter().map(|message| message["Timestamp"].as_str());
        times
            .map(|at| {
                at.unwrap_or_default()
                    .parse()
                    .expect("a message has a time")
            })
            .collect()
    }

    /// What machines were told since this was last asked: detail types, and the events.
    pub(crate) fn to_machines(&self) -> Vec<(String, Value)> {
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

    /// What lies in a queue, taken out of it.
    pub(crate) fn read(&self, queue: &str) -> Vec<Value> {
        let mut read = Vec::new();
        // What is on its way arrives at once.
        let mut wait = 1;
        loop {
            let got = self.server.aws().must(
                "sqs",
                "receive_message",
                json!({
                "QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": wait }),
            );
            let Some(messages) = got["Messages"]
                .as_array()
                .filter(|messages| !messages.is_empty())
            else {
                return read;
            };
            wait = 0;
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
    pub(crate) fn item(&self, principal: &str) -> Value {
        let got = self.server.aws().must("dynamodb", "get_item", json!({
            "TableName": self.stack.output("BaselineTable"),
            "Key": { "account": { "S": ACCOUNT }, "item": { "S": format!("principal#{principal}") } } }));
        got["Item"].clone()
    }
}

fn set(server: &Server, besides: &str) {
    let settings = format!("confirm-pause-seconds = 1\nassumed-by = [\"{APPLIANCE}\"]\n{besides}");
    server.aws().must(
        "ssm",
        "put_parameter",
        json!({
        "Name": "/permdrift/settings", "Type": "String", "Value": settings, "Overwrite": true }),
    );
}

/// A user in a group that may restore, with an access key and tags that say what it is for.
fn make_user(server: &Server) {
    let aws = server.aws();
    let may = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "arn:aws:s3:::restored" },
        { "Effect": "Allow", "Resource": "arn:aws:s3:::restored/*", "Action": [
            "s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject", "s3:PutObjectTagging"] }] });
    aws.must("iam", "create_group", json!({ "GroupName": "restore" }));
    make_policy(server, "restore", &may);
    attach(server, Holder::Group);
    aws.must(
        "iam",
        "create_user",
        json!({ "UserName": "veeam-restore", "Tags": [
        { "Key": "veeam:action-sets", "Value": "vbr-unstructured-s3-restore" },
        { "Key": "veeam:bucket", "Value": "restored" }] }),
    );
    aws.must(
        "iam",
        "create_access_key",
        json!({ "UserName": "veeam-restore" }),
    );
    aws.must(
        "iam",
        "add_user_to_group",
        json!({ "UserName": "veeam-restore", "GroupName": "restore" }),
    );
}

/// A role for a repository, which the appliance may assume.
fn make_role(server: &Server) {
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "AWS": format!("arn:aws:iam::{APPLIANCE}:root") } },
        { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "batchoperations.s3.amazonaws.com" } }] });
    server.aws().must(
        "s3",
        "create_bucket",
        json!({
        "Bucket": "veeam-backups", "CreateBucketConfiguration": { "LocationConstraint": "eu-central-1" } }),
    );
    let all = |actions: &[&str]| json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Resource": "*", "Action": actions }] });
    server.aws().must(
        "iam",
        "create_role",
        json!({
        "RoleName": "VeeamRepository", "AssumeRolePolicyDocument": trust.to_string(), "Tags": [
            { "Key": "veeam:action-sets", "Value": "vbaws-role-repository" },
            { "Key": "veeam:bucket", "Value": "veeam-backups" },
            { "Key": "veeam:regions", "Value": "eu-central-1" }] }),
    );
    make_policy(
        server,
        "repository-read",
        &all(&[
            "ec2:Describe*",
            "iam:Get*",
            "iam:List*",
            "iam:PassRole",
            "iam:SimulatePrincipalPolicy",
            "kms:*",
            "s3:CreateJob",
            "s3:Describe*",
            "s3:Get*",
            "s3:List*",
        ]),
    );
    make_policy(
        server,
        "repository-write",
        &all(&[
            "s3:DeleteObject*",
            "s3:PutObject",
            "s3:PutObjectRetention",
            "s3:RestoreObject",
        ]),
    );
    server.aws().must(
        "iam",
        "attach_role_policy",
        json!({
        "RoleName": "VeeamRepository", "PolicyArn": policy("repository-read") }),
    );
    attach(server, Holder::Role);
}

fn make_policy(server: &Server, name: &str, document: &Value) {
    server.aws().must(
        "iam",
        "create_policy",
        json!({ "PolicyName": name, "PolicyDocument": document.to_string() }),
    );
}

fn attach(server: &Server, holder: Holder) {
    let (operation, parameters) = match holder {
        Holder::Group => (
            "attach_group_policy",
            json!({ "GroupName": "restore", "PolicyArn": policy("restore") }),
        ),
        Holder::Role => (
            "attach_role_policy",
            json!({ "RoleName": "VeeamRepository", "PolicyArn": policy("repository-write") }),
        ),
    };
    server.aws().must("iam", operation, parameters);
}

fn policy(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

/// The ARN of a queue.
pub(crate) fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:{}:{ACCOUNT}:{queue}", e2e::bridge::REGION)
}

/// A queue that topic and bus may send to.
pub(crate) fn listener(server: &Server, name: &str) -> String {
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
