//! The stack: one of our templates deployed into an AWS-compatible server, with a binary as the functions' code.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::bridge::REGION;
use crate::server::Server;
use crate::template::Template;
use crate::tools::root;

/// A deployed stack.
pub struct Stack {
    outputs: BTreeMap<String, String>,
    resources: BTreeMap<String, String>,
}

impl Stack {
    /// Deploys a template under the name of its stack.
    ///
    /// # Panics
    /// If it cannot be deployed; the message holds what failed.
    #[must_use]
    pub fn deploy(
        server: &Server,
        template: Template,
        bootstrap: &Path,
        parameters: &[(&str, &str)],
    ) -> Self {
        let aws = server.aws();
        let name = template.stack();
        // Where the transformed template expects the code.
        aws.must(
            "s3",
            "create_bucket",
            json!({
            "Bucket": "code", "CreateBucketConfiguration": { "LocationConstraint": REGION } }),
        );
        aws.must(
            "s3",
            "put_object",
            json!({
            "Bucket": "code", "Key": "sweep.zip", "Body": { "$zip": bootstrap } }),
        );
        let definition = std::fs::read_to_string(root().join("infra/organization.asl.json"))
            .expect("the state machine can be read");
        aws.must(
            "s3",
            "put_object",
            json!({
            "Bucket": "code", "Key": "organization.asl.json", "Body": { "$bytes": definition } }),
        );
        // It is longer than CloudFormation takes in a call; SAM puts it into a bucket too.
        aws.must(
            "s3",
            "put_object",
            json!({
            "Bucket": "code", "Key": "template.json", "Body": { "$bytes": template.transformed().to_string() } }),
        );
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value }))
            .collect();
        aws.must(
            "cloudformation",
            "create_stack",
            json!({
            "StackName": name, "TemplateURL": "https://s3.amazonaws.com/code/template.json",
            "Capabilities": ["CAPABILITY_NAMED_IAM"], "Parameters": parameters }),
        );
        let waited = aws.call(
            "cloudformation",
            "wait_until_stack_create_complete",
            json!({ "StackName": name }),
        );
        if let Err(refusal) = waited {
            panic!(
                "the stack is not there: {refusal}\n{:#?}",
                failures(server, name)
            );
        }
        let described = aws.must(
            "cloudformation",
            "describe_stacks",
            json!({ "StackName": name }),
        );
        let resources = aws.must(
            "cloudformation",
            "describe_stack_resources",
            json!({ "StackName": name }),
        );
        Self {
            outputs: pairs(
                &described["Stacks"][0]["Outputs"],
                "OutputKey",
                "OutputValue",
            ),
            resources: pairs(
                &resources["StackResources"],
                "LogicalResourceId",
                "PhysicalResourceId",
            ),
        }
    }

    /// An output of the stack.
    ///
    /// # Panics
    /// If the template has no such output.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.outputs
            .get(name)
            .unwrap_or_else(|| panic!("the stack has no output {name}: {:?}", self.outputs))
    }

    /// The physical name of a resource.
    ///
    /// # Panics
    /// If the template has no such resource.
    #[must_use]
    pub fn resource(&self, id: &str) -> &str {
        self.resources
            .get(id)
            .unwrap_or_else(|| panic!("the stack has no resource {id}"))
    }
}

fn failures(server: &Server, stack: &str) -> Vec<String> {
    let events = server.aws().must(
        "cloudformation",
        "describe_stack_events",
        json!({ "StackName": stack }),
    );
    let events = events["StackEvents"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    events
        .iter()
        .filter(|event| {
            event["ResourceStatus"]
                .as_str()
                .is_some_and(|status| status.ends_with("FAILED"))
        })
        .map(|event| {
            format!(
                "{}: {}",
                event["LogicalResourceId"], event["ResourceStatusReason"]
            )
        })
        .collect()
}

fn pairs(list: &Value, key: &str, value: &str) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.as_array()
        .into_iter()
        .flatten()
        .map(|item| (text(&item[key]), text(&item[value])))
        .collect()
}
