//! The rig: the function's binary with everything around it played, and every AWS call on record.
//!
//! IAM is the stand-in, all else an AWS-compatible server without enforcement; the fault proxy stands between them and
//! the function. Each rig has a table, topic, bus, queue and settings parameter of its own, so that many run side by side.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::bridge::{Bridge, REGION};
use crate::lambda::Lambda;
use crate::proxy::{Proxy, Record};
use crate::server::{ACCOUNT, Server};
use crate::standin::{Conduct, StandIn};

/// A function's surroundings.
pub struct Rig<'a> {
    /// IAM.
    pub stand_in: StandIn,
    /// What spoils calls.
    pub proxy: Proxy,
    aws: &'a Bridge,
    name: String,
    topic: String,
    queue: String,
}

/// What was told, as far as the servers took it.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Subjects and texts.
    pub people: Vec<(String, String)>,
    /// Detail types and details.
    pub machines: Vec<(String, Value)>,
    /// All calls.
    pub calls: Vec<Record>,
}

impl<'a> Rig<'a> {
    /// Makes one under a name that no other rig of the server has.
    ///
    /// # Panics
    /// If the server refuses to make what belongs to it.
    #[must_use]
    pub fn new(server: &'a Server, name: &str, account: &Value, conduct: Conduct) -> Self {
        let aws = server.aws();
        aws.must("dynamodb", "create_table", json!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "account", "AttributeType": "S" }, { "AttributeName": "item", "AttributeType": "S" }],
            "KeySchema": [
                { "AttributeName": "account", "KeyType": "HASH" }, { "AttributeName": "item", "KeyType": "RANGE" }] }));
        let topic = aws.must("sns", "create_topic", json!({ "Name": name }));
        let queue = aws.must("sqs", "create_queue", json!({ "QueueName": name }));
        aws.must("events", "create_event_bus", json!({ "Name": name }));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let stand_in = StandIn::start(account, conduct);
        Self {
            proxy: Proxy::start(&stand_in.url(), server.endpoint()),
            stand_in,
            aws,
            name: name.to_owned(),
            topic: text(&topic["TopicArn"]),
            // The name's host is not the proxy's; a queue is known by its path.
            queue: text(&queue["QueueUrl"]),
        }
    }

    /// Starts the function here, with these variables besides (they win).
    #[must_use]
    pub fn function(&self, binary: &Path, variables: &[(&str, &str)]) -> Lambda {
        let url = self.proxy.url();
        let parameter = self.parameter();
        let mut environment = vec![
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", url.as_str()),
            ("PERMDRIFT_TABLE", self.name.as_str()),
            ("PERMDRIFT_TOPIC", self.topic.as_str()),
            ("PERMDRIFT_BUS", self.name.as_str()),
            ("PERMDRIFT_REMAINDER", self.queue.as_str()),
            ("PERMDRIFT_SETTINGS", parameter.as_str()),
            ("PERMDRIFT_STACK", self.name.as_str()),
        ];
        environment.extend(variables);
        Lambda::start(binary, &environment)
    }

    /// Writes the settings document.
    pub fn set(&self, document: &str) {
        self.aws.must(
            "ssm",
            "put_parameter",
            json!({
            "Name": self.parameter(), "Type": "String", "Value": document, "Overwrite": true }),
        );
    }

    fn parameter(&self) -> String {
        format!("/permdrift/{}", self.name)
    }

    /// The items of the table, by sort key.
    #[must_use]
    pub fn items(&self) -> BTreeMap<String, Value> {
        let mut items = BTreeMap::new();
        let mut start = Value::Null;
        loop {
            let mut page = json!({ "TableName": self.name, "ConsistentRead": true });
            if !start.is_null() {
                page["ExclusiveStartKey"] = start;
            }
            let got = self.aws.must("dynamodb", "scan", page);
            for item in got["Items"].as_array().into_iter().flatten() {
                items.insert(
                    item["item"]["S"].as_str().unwrap_or_default().to_owned(),
                    item.clone(),
                );
            }
            start = got["LastEvaluatedKey"].clone();
            if start.is_null() {
                return items;
            }
        }
    }

    /// Puts items into the table.
    pub fn put(&self, items: impl IntoIterator<Item = Value>) {
        for item in items {
            self.aws.must(
                "dynamodb",
                "put_item",
                json!({ "TableName": self.name, "Item": item }),
            );
        }
    }

    /// The URL of the queue, for a function that is to have it for something else than the remainder.
    #[must_use]
    pub fn queue(&self) -> &str {
        &self.queue
    }

    /// Makes one more queue; its URL.
    ///
    /// # Panics
    /// If the server refuses.
    #[must_use]
    pub fn one_more_queue(&self, name: &str) -> String {
        let name = format!("{}-{name}", self.name);
        let made = self
            .aws
            .must("sqs", "create_queue", json!({ "QueueName": name }));
        made["QueueUrl"].as_str().unwrap_or_default().to_owned()
    }

    /// The messages of the remainder queue, taken out of it, as Lambda would hand them to the function.
    #[must_use]
    pub fn remainder(&self) -> Option<Value> {
        let got = self.aws.must(
            "sqs",
            "receive_message",
            json!({
            "QueueUrl": self.queue, "MaxNumberOfMessages": 1, "WaitTimeSeconds": 0 }),
        );
        let message = got["Messages"].as_array()?.first()?;
        self.aws.must(
            "sqs",
            "delete_message",
            json!({
            "QueueUrl": self.queue, "ReceiptHandle": message["ReceiptHandle"] }),
        );
        Some(json!({ "Records": [{
            "messageId": message["MessageId"], "receiptHandle": message["ReceiptHandle"], "body": message["Body"],
            "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {}, "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs", "awsRegion": REGION,
            "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.name),
        }] }))
    }

    /// What was told since this was last asked.
    ///
    /// # Panics
    /// If an event that the bus took is no JSON.
    #[must_use]
    pub fn told(&self) -> Told {
        let mut told = Told {
            calls: self.proxy.records(),
            ..Told::default()
        };
        for call in told.calls.iter().filter(|call| call.done) {
            match call.operation.as_str() {
                "sns.Publish" => {
                    let form = call.form();
                    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
                    told.people.push((field("Subject"), field("Message")));
                }
                "events.PutEvents" => {
                    let body: Value =
                        serde_json::from_slice(&call.body).expect("a call to the bus is JSON");
                    for entry in body["Entries"].as_array().into_iter().flatten() {
                        let detail = entry["Detail"].as_str().unwrap_or_default();
                        told.machines.push((
                            entry["DetailType"].as_str().unwrap_or_default().to_owned(),
                            serde_json::from_str(detail).expect("a detail is JSON"),
                        ));
                    }
                }
                _ => {}
            }
        }
        told
    }
}
