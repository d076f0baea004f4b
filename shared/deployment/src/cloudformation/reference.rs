//! References: what does `Ref` give for a pseudo parameter, a parameter or a resource?

use super::resolve::looked_up;
use super::template::{Template, unknown};
use crate::node::{Node, Value};

impl Template<'_> {
    /// What `Ref` gives for a parameter or a resource.
    pub(super) fn reference(&self, name: &str, line: usize) -> Value {
        if let Some(value) = self.pseudo(name, line) {
            return value;
        }
        if let Some(parameter) = self.root.at(&["Parameters", name]) {
            return self.parameter(name, parameter, line);
        }
        match self.root.at(&["Resources", name]) {
            Some(resource) => self.deeper(|| self.reference_of(name, resource, line)),
            None => {
                let why = format!("the template has no parameter and no resource `{name}`");
                Value::Unknown(unknown(name, why, line))
            }
        }
    }

    fn pseudo(&self, name: &str, line: usize) -> Option<Value> {
        if !name.starts_with("AWS::") {
            return None;
        }
        if let Some(given) = self.options.parameters.get(name) {
            return Some(Value::Scalar(given.as_str().into()));
        }
        Some(match name {
            "AWS::NoValue" => Value::Nothing,
            "AWS::AccountId" => Value::Scalar(self.account().into()),
            "AWS::Partition" => Value::Scalar("aws".into()),
            "AWS::URLSuffix" => Value::Scalar(
                match self.partition() {
                    "aws-cn" => "amazonaws.com.cn",
                    _ => "amazonaws.com",
                }
                .into(),
            ),
            _ => {
                let why = format!(
                    "`{name}` is not known before it is deployed: give --parameter {name}=VALUE"
                );
                Value::Unknown(unknown(name, why, line))
            }
        })
    }

    fn parameter(&self, name: &str, parameter: &Node, line: usize) -> Value {
        let kind = parameter
            .get("Type")
            .and_then(Node::known)
            .unwrap_or("String");
        let given = self.options.parameters.get(name).map(String::as_str);
        let is_looked_up = kind.starts_with("AWS::SSM::");
        let default = parameter.get("Default").and_then(Node::known);
        let value = match (given, default) {
            // What is given for one that is looked up is only the name to look for.
            (Some(given), _) if !is_looked_up => given,
            (None, Some(default)) if !is_looked_up => default,
            (_, _) => {
                let why = match is_looked_up {
                    true => format!(
                        "parameter `{name}` is looked up in Parameter Store when it is deployed"
                    ),
                    false => {
                        format!("parameter `{name}` has no Default: give --parameter {name}=VALUE")
                    }
                };
                return Value::Unknown(unknown(name, why, line));
            }
        };
        if kind == "CommaDelimitedList" || kind.contains("List<") {
            let items = value
                .split(',')
                .map(|item| looked_up(item.trim().into(), line));
            let items = items.map(|item| Node::new(line, Value::Scalar(item)));
            return Value::List(items.collect());
        }
        Value::Scalar(looked_up(value.into(), line))
    }
}
