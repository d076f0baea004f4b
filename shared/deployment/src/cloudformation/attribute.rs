//! Attributes: what is the name of a resource, and what its ARN?
//!
//! A name that the template sets is known, one that CloudFormation generates is not. The rest of the ARN is known for types
//! whose ARNs have one format.

use super::resolve::into_text;
use super::template::{Template, unknown};
use crate::node::{Node, Text, Unknown, Value};

/// What `Ref` gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RefValue {
    Name,
    Arn,
    Other,
}

/// How a type of resource is named: the type, the property with its name (none where AWS always makes one up), what `Ref`
/// gives, and the ARN behind the partition, with `{r}`, `{a}`, `{path}` and `{n}`.
type Naming = (&'static str, &'static str, RefValue, &'static str);

const NAMINGS: [Naming; 22] = [
    (
        "AWS::IAM::Role",
        "RoleName",
        RefValue::Name,
        "iam::{a}:role{path}{n}",
    ),
    (
        "AWS::IAM::User",
        "UserName",
        RefValue::Name,
        "iam::{a}:user{path}{n}",
    ),
    (
        "AWS::IAM::Group",
        "GroupName",
        RefValue::Name,
        "iam::{a}:group{path}{n}",
    ),
    (
        "AWS::IAM::ManagedPolicy",
        "ManagedPolicyName",
        RefValue::Arn,
        "iam::{a}:policy{path}{n}",
    ),
    (
        "AWS::IAM::InstanceProfile",
        "InstanceProfileName",
        RefValue::Name,
        "iam::{a}:instance-profile{path}{n}",
    ),
    ("AWS::S3::Bucket", "BucketName", RefValue::Name, "s3:::{n}"),
    ("AWS::KMS::Key", "", RefValue::Name, "kms:{r}:{a}:key/{n}"),
    (
        "AWS::SNS::Topic",
        "TopicName",
        RefValue::Arn,
        "sns:{r}:{a}:{n}",
    ),
    (
        "AWS::SQS::Queue",
        "QueueName",
        RefValue::Other,
        "sqs:{r}:{a}:{n}",
    ),
    (
        "AWS::DynamoDB::Table",
        "TableName",
        RefValue::Name,
        "dynamodb:{r}:{a}:table/{n}",
    ),
    (
        "AWS::DynamoDB::GlobalTable",
        "TableName",
        RefValue::Name,
        "dynamodb:{r}:{a}:table/{n}",
    ),
    (
        "AWS::Serverless::SimpleTable",
        "TableName",
        RefValue::Name,
        "dynamodb:{r}:{a}:table/{n}",
    ),
    (
        "AWS::Lambda::Function",
        "FunctionName",
        RefValue::Name,
        "lambda:{r}:{a}:function:{n}",
    ),
    (
        "AWS::Serverless::Function",
        "FunctionName",
        RefValue::Name,
        "lambda:{r}:{a}:function:{n}",
    ),
    (
        "AWS::Logs::LogGroup",
        "LogGroupName",
        RefValue::Name,
        "logs:{r}:{a}:log-group:{n}:*",
    ),
    (
        "AWS::Events::EventBus",
        "Name",
        RefValue::Name,
        "events:{r}:{a}:event-bus/{n}",
    ),
    (
        "AWS::SecretsManager::Secret",
        "",
        RefValue::Arn,
        "secretsmanager:{r}:{a}:secret:{n}",
    ),
    (
        "AWS::StepFunctions::StateMachine",
        "StateMachineName",
        RefValue::Arn,
        "states:{r}:{a}:stateMachine:{n}",
    ),
    (
        "AWS::Serverless::StateMachine",
        "Name",
        RefValue::Arn,
        "states:{r}:{a}:stateMachine:{n}",
    ),
    (
        "AWS::EC2::Volume",
        "",
        RefValue::Name,
        "ec2:{r}:{a}:volume/{n}",
    ),
    (
        "AWS::EFS::FileSystem",
        "",
        RefValue::Name,
        "elasticfilesystem:{r}:{a}:file-system/{n}",
    ),
    (
        "AWS::RDS::DBInstance",
        "DBInstanceIdentifier",
        RefValue::Name,
        "rds:{r}:{a}:db:{n}",
    ),
];

const REGION: &str = "AWS::Region";

/// Attributes that are the ARN of a resource of a type in the table.
const ARNS: [&str; 4] = ["Arn", "TopicArn", "PolicyArn", "DBInstanceArn"];

fn naming(kind: &str) -> Option<&'static Naming> {
    NAMINGS.iter().find(|(known, ..)| *known == kind)
}

impl Template<'_> {
    /// What `Ref` gives for a resource.
    pub(super) fn reference_of(&self, id: &str, resource: &Node, line: usize) -> Value {
        let kind = resource
            .get("Type")
            .and_then(Node::known)
            .unwrap_or_default();
        match naming(kind) {
            Some((_, property, RefValue::Name, _)) => {
                Value::Scalar(self.name(id, resource, property, line))
            }
            Some(naming @ (_, _, RefValue::Arn, _)) => {
                Value::Scalar(self.arn(id, resource, naming, line))
            }
            Some((_, _, RefValue::Other, _)) | None => {
                Value::Unknown(self.made_later(id, id, line))
            }
        }
    }

    /// What `Fn::GetAtt` gives.
    pub(super) fn attribute(&self, id: &str, attribute: &str, line: usize) -> Value {
        let Some(resource) = self.root.at(&["Resources", id]) else {
            // A role that SAM makes for a function.
            let why = match id.strip_suffix("Role") {
                Some(function) if self.root.at(&["Resources", function]).is_some() => {
                    let unknown = self.made_later(id, &format!("{id}.{attribute}"), line);
                    let arn = format!("arn:{}:iam::{}:role/", self.partition(), self.account());
                    return Value::Scalar(Text::concat([arn.into(), unknown.into()]));
                }
                _ => format!("the template has no resource `{id}`"),
            };
            return Value::Unknown(unknown(id, why, line));
        };
        let kind = resource
            .get("Type")
            .and_then(Node::known)
            .unwrap_or_default();
        let whole = format!("{id}.{attribute}");
        match naming(kind) {
            Some(naming) if ARNS.contains(&attribute) => {
                Value::Scalar(self.arn(id, resource, naming, line))
            }
            Some((_, property, ..)) if attribute.ends_with("Name") => {
                Value::Scalar(self.name(id, resource, property, line))
            }
            _ if attribute.ends_with("Arn") => {
                let arn = self.made_later(id, &whole, line);
                Value::Scalar(Text::concat(["arn:".into(), arn.into()]))
            }
            _ => Value::Unknown(self.made_later(id, &whole, line)),
        }
    }

    fn made_later(&self, id: &str, name: &str, line: usize) -> Unknown {
        Unknown {
            name: name.to_owned(),
            why: format!("`{name}` is made up when it is deployed"),
            line,
            of: Some(id.to_owned()),
        }
    }

    /// The name that a property gives, or one that is made up later.
    pub(super) fn name(&self, id: &str, resource: &Node, property: &str, line: usize) -> Text {
        let Some(given) = resource.at(&["Properties", property]) else {
            return self.made_later(id, id, line).into();
        };
        let key = (id.to_owned(), property.to_owned());
        if let Some(known) = self.names.borrow().get(&key) {
            return known.clone();
        }
        // Until it is found out, whoever asks again asks in a circle.
        let why = format!("the name of `{id}` depends on itself");
        let circle = unknown(id, why, given.line);
        self.names.borrow_mut().insert(key.clone(), circle.into());
        let name = self.given_name(id, given, line);
        self.names.borrow_mut().insert(key, name.clone());
        name
    }

    fn given_name(&self, id: &str, given: &Node, line: usize) -> Text {
        match self.deeper(|| self.resolve(given)).value {
            Value::Scalar(text) => text.of(id),
            Value::Unknown(why) | Value::Either(_, why) => Text::from(why).of(id),
            Value::Null | Value::Nothing | Value::List(_) | Value::Map(_) => {
                self.made_later(id, id, line).into()
            }
        }
    }

    /// The resource whose name or ARN a text is, if it has a piece that is not known.
    pub(super) fn meant(&self, text: &Text) -> Option<String> {
        let id = text.unknown()?.of.as_deref()?;
        let resource = self.root.at(&["Resources", id])?;
        let kind = resource.get("Type").and_then(Node::known)?;
        let naming = naming(kind)?;
        let written = text.to_string();
        let name = self.name(id, resource, naming.1, 0).to_string();
        let is_it = written == name || written == self.arn(id, resource, naming, 0).to_string();
        is_it.then(|| id.to_owned())
    }

    /// The ARN of a resource that has one in the table.
    pub(super) fn arn_of(&self, id: &str, line: usize) -> Option<Text> {
        let resource = self.root.at(&["Resources", id])?;
        let kind = resource.get("Type").and_then(Node::known)?;
        Some(self.arn(id, resource, naming(kind)?, line))
    }

    fn arn(&self, id: &str, resource: &Node, naming: &Naming, line: usize) -> Text {
        let (_, property, _, form) = naming;
        let mut texts: Vec<Text> = vec![format!("arn:{}:", self.partition()).into()];
        let mut rest = *form;
        while let Some((before, after)) = rest.split_once('{') {
            texts.push(before.into());
            let (hole, behind) = after.split_once('}').unwrap_or((after, ""));
            texts.push(match hole {
                "a" => self.account().into(),
                "r" => into_text(self.reference(REGION, line), REGION, line),
                "path" => self.path(resource, line),
                _ => self.name(id, resource, property, line),
            });
            rest = behind;
        }
        texts.push(rest.into());
        Text::concat(texts)
    }

    /// The path of a user, role, group or policy.
    pub(super) fn path(&self, resource: &Node, line: usize) -> Text {
        let given = resource.at(&["Properties", "Path"]);
        match given.map(|node| self.deeper(|| self.resolve(node)).value) {
            Some(Value::Scalar(text)) => text,
            Some(Value::Unknown(why) | Value::Either(_, why)) => why.into(),
            Some(Value::List(_) | Value::Map(_)) => {
                unknown("Path", "the path is no text", line).into()
            }
            Some(Value::Null | Value::Nothing) | None => "/".into(),
        }
    }
}
