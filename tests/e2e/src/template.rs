//! The templates: what is deployed, as plain CloudFormation, and what do its references come to in an account?
//!
//! In: one [`Template`]. Out: the same after SAM's own translator, as JSON, and any part of it with references, substitutions
//! and conditions worked out for a [`Place`]. Names that CloudFormation makes up are the stack's name and the logical id.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::tools::{Tools, root};

/// A template of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// The stack of one account.
    Account,
    /// The hub of an organisation.
    Hub,
    /// What each account of the organisation has.
    Member,
    /// What forwards changes to another region or to the hub.
    Watch,
    /// What takes alerts from a bus to on-call tools.
    OnCall,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Account,
        Self::Hub,
        Self::Member,
        Self::Watch,
        Self::OnCall,
    ];

    /// Where the source is.
    #[must_use]
    pub fn source(self) -> PathBuf {
        root().join(match self {
            Self::Account => "template.yaml",
            Self::Hub => "infra/hub.yaml",
            Self::Member => "infra/member.yaml",
            Self::Watch => "infra/watch.yaml",
            Self::OnCall => "infra/on-call.yaml",
        })
    }

    /// The name of its stack in tests, which is the documents' too.
    #[must_use]
    pub fn stack(self) -> &'static str {
        match self {
            Self::Account => "permdrift",
            Self::Hub => "permdrift-hub",
            Self::Member => "permdrift-members",
            Self::Watch => "permdrift-watch",
            Self::OnCall => "permdrift-on-call",
        }
    }

    /// The transformed template.
    ///
    /// # Panics
    /// If the translator refuses the template; the message is its own.
    #[must_use]
    pub fn transformed(self) -> &'static Value {
        static TEMPLATES: [OnceLock<Value>; 5] = [const { OnceLock::new() }; 5];
        TEMPLATES[self as usize].get_or_init(|| transformed_from(&self.source()))
    }

    fn kind(self, id: &str) -> &'static str {
        self.transformed()["Resources"][id]["Type"]
            .as_str()
            .unwrap_or_else(|| panic!("{self:?} has no resource {id}"))
    }

    fn property(self, id: &str, name: &str) -> &'static Value {
        &self.transformed()["Resources"][id]["Properties"][name]
    }
}

/// Another template, transformed.
///
/// # Panics
/// If the translator refuses it; the message is its own.
#[must_use]
pub fn transformed_from(template: &Path) -> Value {
    let told = Tools::Server
        .command("python")
        .arg(root().join("tests/e2e/tools/transform.py"))
        .arg(template)
        .output()
        .expect("python starts");
    assert!(
        told.status.success(),
        "the translator refuses {}:\n{}",
        template.display(),
        String::from_utf8_lossy(&told.stderr)
    );
    serde_json::from_slice(&told.stdout).expect("the translator prints JSON")
}

/// An account and region that a template is deployed to, under the name of its stack.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Which one.
    pub template: Template,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// Such as `eu-central-1`.
    pub region: &'a str,
    /// Twelve digits.
    pub account: &'a str,
    /// Parameters that are not left at their default.
    pub parameters: &'a [(&'a str, &'a str)],
}

impl Place<'_> {
    /// The part of the transformed template with these keys, worked out.
    ///
    /// # Panics
    /// If the template refers to what this does not know; the message names it.
    #[must_use]
    pub fn part(&self, keys: &[&str]) -> Value {
        let mut part = self.template.transformed();
        for key in keys {
            part = &part[key];
        }
        self.resolve(part).unwrap_or(Value::Null)
    }

    /// What `!Ref` of a resource comes to.
    #[must_use]
    pub fn reference(&self, id: &str) -> Value {
        self.refer(id).unwrap_or(Value::Null)
    }

    /// The ARN of a resource.
    #[must_use]
    pub fn arn(&self, id: &str) -> String {
        let Self {
            partition,
            region,
            account,
            ..
        } = self;
        let name = format!("{}-{id}", self.template.stack());
        let local = |service: &str, rest: String| {
            format!("arn:{partition}:{service}:{region}:{account}:{rest}")
        };
        match self.template.kind(id) {
            "AWS::DynamoDB::Table" => local("dynamodb", format!("table/{name}")),
            "AWS::SNS::Topic" => local("sns", name),
            "AWS::SQS::Queue" => local("sqs", name),
            "AWS::Events::EventBus" => {
                let name = self.reference(id);
                local("events", format!("event-bus/{}", text(&name)))
            }
            "AWS::Events::Rule" => {
                let bus = self.template.property(id, "EventBusName");
                let bus = self.resolve(bus).unwrap_or_default();
                let bus = bus
                    .as_str()
                    .map_or_else(String::new, |bus| format!("{bus}/"));
                local("events", format!("rule/{bus}{name}"))
            }
            "AWS::KMS::Key" => local("kms", format!("key/{name}")),
            "AWS::Lambda::Function" => local("lambda", format!("function:{name}")),
            "AWS::CloudWatch::Alarm" => local("cloudwatch", format!("alarm:{name}")),
            "AWS::Events::ApiDestination" => local("events", format!("api-destination/{name}/id")),
            "AWS::Events::Connection" => local("events", format!("connection/{name}/id")),
            "AWS::IAM::Role" => {
                let given = self.resolve(self.template.property(id, "RoleName"));
                let given = given.as_ref().and_then(Value::as_str);
                let name = given.unwrap_or(&name);
                format!("arn:{partition}:iam::{account}:role/{name}")
            }
            "AWS::S3::Bucket" => format!("arn:{partition}:s3:::{name}"),
            "AWS::StepFunctions::StateMachine" => {
                let name = self.resolve(self.template.property(id, "StateMachineName"));
                local(
                    "states",
                    format!("stateMachine:{}", text(&name.unwrap_or_default())),
                )
            }
            other => panic!("the ARN of {id}, which is an {other}, is not known here"),
        }
    }

    /// `None` for `AWS::NoValue`.
    fn resolve(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => {
                Some(items.iter().filter_map(|item| self.resolve(item)).collect())
            }
            Value::Object(fields) => self.object(fields),
            other => Some(other.clone()),
        }
    }

    fn object(&self, fields: &Map<String, Value>) -> Option<Value> {
        let mut only = fields.iter();
        if let (Some((name, inner)), None) = (only.next(), only.next()) {
            match name.as_str() {
                "Ref" => return self.refer(text(inner)),
                "Fn::GetAtt" => return Some(json!(self.attribute(inner))),
                "Fn::Sub" => return Some(json!(self.substitute(text(inner)))),
                "Fn::If" => {
                    let branch = if self.holds(&json!({ "Condition": inner[0] })) {
                        1
                    } else {
                        2
                    };
                    return self.resolve(&inner[branch]);
                }
                "Fn::Join" => return Some(json!(self.join(inner))),
                "Fn::FindInMap" => {
                    let map = &self.template.transformed()["Mappings"][text(&inner[0])];
                    let keys = [&inner[1], &inner[2]].map(|key| self.resolve(key));
                    let [Some(top), Some(second)] = keys else {
                        panic!("{inner} names no entry of a mapping");
                    };
                    return Some(map[text(&top)][text(&second)].clone());
                }
                "Fn::Split" => {
                    let whole = self.resolve(&inner[1])?;
                    return Some(text(&whole).split(text(&inner[0])).collect());
                }
                other => assert!(!other.starts_with("Fn::"), "{other} is not known here"),
            }
        }
        let resolved = fields
            .iter()
            .filter_map(|(name, inner)| Some((name.clone(), self.resolve(inner)?)))
            .collect();
        Some(Value::Object(resolved))
    }

    fn refer(&self, name: &str) -> Option<Value> {
        let given = self
            .parameters
            .iter()
            .find(|(parameter, _)| *parameter == name);
        if let Some((_, value)) = given {
            return Some(json!(value));
        }
        match name {
            "AWS::NoValue" => return None,
            "AWS::Partition" => return Some(json!(self.partition)),
            "AWS::Region" => return Some(json!(self.region)),
            "AWS::AccountId" => return Some(json!(self.account)),
            "AWS::StackName" => return Some(json!(self.template.stack())),
            "AWS::URLSuffix" if self.partition == "aws-cn" => {
                return Some(json!("amazonaws.com.cn"));
            }
            "AWS::URLSuffix" => return Some(json!("amazonaws.com")),
            _ => {}
        }
        let parameter = &self.template.transformed()["Parameters"][name];
        if parameter["Type"] == "CommaDelimitedList" {
            return Some(text(&parameter["Default"]).split(',').collect());
        }
        if !parameter.is_null() {
            return Some(parameter["Default"].clone());
        }
        Some(match self.template.kind(name) {
            "AWS::SNS::Topic" | "AWS::StepFunctions::StateMachine" => json!(self.arn(name)),
            "AWS::Events::EventBus" => self.resolve(self.template.property(name, "Name"))?,
            "AWS::Logs::LogGroup" => self.resolve(self.template.property(name, "LogGroupName"))?,
            _ => json!(format!("{}-{name}", self.template.stack())),
        })
    }

    fn attribute(&self, inner: &Value) -> String {
        let (id, attribute) = (text(&inner[0]), text(&inner[1]));
        match attribute {
            "Arn" => self.arn(id),
            "QueueName" | "TopicName" => format!("{}-{id}", self.template.stack()),
            other => panic!("the attribute {other} of {id} is not known here"),
        }
    }

    fn join(&self, inner: &Value) -> String {
        let parts = self.resolve(&inner[1]).unwrap_or_default();
        let parts = parts.as_array().into_iter().flatten().map(text);
        parts.collect::<Vec<_>>().join(text(&inner[0]))
    }

    fn substitute(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').expect("a substitution is closed");
            out.push_str(before);
            let value = match name.split_once('.') {
                Some((id, attribute)) => json!(self.attribute(&json!([id, attribute]))),
                None => self.refer(name).unwrap_or_default(),
            };
            out.push_str(
                &value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            );
            rest = after;
        }
        out + rest
    }

    fn holds(&self, condition: &Value) -> bool {
        if let Some(name) = condition["Condition"].as_str() {
            return self.holds(&self.template.transformed()["Conditions"][name]);
        }
        if let Some([inner]) = condition["Fn::Not"].as_array().map(Vec::as_slice) {
            return !self.holds(inner);
        }
        if let Some([left, right]) = condition["Fn::Equals"].as_array().map(Vec::as_slice) {
            let plain = |value: &Value| {
                let value = self.resolve(value).unwrap_or_default();
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            return plain(left) == plain(right);
        }
        if let Some(all) = condition["Fn::And"].as_array() {
            return all.iter().all(|inner| self.holds(inner));
        }
        if let Some(any) = condition["Fn::Or"].as_array() {
            return any.iter().any(|inner| self.holds(inner));
        }
        panic!("the condition {condition} is not known here");
    }
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is not a text"))
}
