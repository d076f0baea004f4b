//! Recognising: is a file a policy document, a template or a plan, and if not, what else?

use std::path::Path;

use crate::error::ReadError;
use crate::form::Form;
use crate::node::{Node, Value};
use crate::{cloudformation, json, terraform, yaml};

/// Reads a text and says what it is.
pub(crate) fn recognise(name: &str, text: &str) -> Result<(Form, Node, Vec<String>), ReadError> {
    let text = without_wrapper(text)?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.is_empty() {
        return Err(ReadError::Empty);
    }
    let (root, notes) = parse(name, text.trim_start_matches('\u{feff}'), start)?;
    let form = if terraform::is_plan(&root) {
        Form::Terraform
    } else if is_policy(&root) || is_list_of_policies(&root) {
        Form::Policy
    } else if root.get("Resources").is_some_and(is_map) {
        if cloudformation::has_sam(&root) {
            Form::Sam
        } else {
            Form::CloudFormation
        }
    } else {
        let (found, advice) = shape(&root, start);
        return Err(ReadError::OtherFile { found, advice });
    };
    Ok((form, root, notes))
}

/// A plan without the lines around it that the wrapper of a pipeline prints; Terraform prints a plan on one line.
///
/// # Errors
/// [`ReadError::OtherFile`] where several plans stand in it: only one of them would be checked.
fn without_wrapper(text: &str) -> Result<&str, ReadError> {
    let is_plan = |line: &&str| {
        line.starts_with('{') && line.ends_with('}') && line.contains("\"format_version\"")
    };
    if !text.starts_with("[command]") && !text.starts_with("::") {
        return Ok(text);
    }
    let mut plans = text.lines().filter(is_plan);
    match (plans.next(), plans.next()) {
        (Some(plan), None) => Ok(plan),
        (None, _) => Ok(text),
        (Some(_), Some(_)) => Err(ReadError::OtherFile {
            found: "the log of a pipeline with more than one Terraform plan in it",
            advice: "pass what `terraform show -json PLAN` prints for each of them as a file of its own",
        }),
    }
}

fn parse(name: &str, text: &str, start: &str) -> Result<(Node, Vec<String>), ReadError> {
    if !start.starts_with(['{', '[']) {
        return yaml::read(text).map_err(|error| match text_shape(start) {
            Some((found, advice)) => ReadError::OtherFile { found, advice },
            None => error,
        });
    }
    if let Some(value) = iam::inventory::powershell::cut_off(text) {
        let before = text.split(value).next().unwrap_or_default();
        return Err(ReadError::CutOff {
            line: before.lines().count(),
            value: value.to_owned(),
        });
    }
    let suffix = Path::new(name).extension();
    let is_yaml = suffix.is_some_and(|suffix| suffix == "yaml" || suffix == "yml");
    match json::read(text) {
        Err(_) if is_yaml => yaml::read(text),
        Err(_) if start.starts_with("{\"@level\"") => Err(ReadError::OtherFile {
            found: "the log of a Terraform run",
            advice: PLAN,
        }),
        read => Ok((read?, Vec::new())),
    }
}

fn is_map(node: &Node) -> bool {
    matches!(node.value, Value::Map(_))
}

fn is_policy(node: &Node) -> bool {
    node.get("Statement").is_some()
}

fn is_list_of_policies(node: &Node) -> bool {
    !node.items().is_empty() && node.items().iter().all(is_policy)
}

const PLAN: &str =
    "run `terraform plan -out PLAN`, then pass what `terraform show -json PLAN` prints";
const CLOUD_ASSEMBLY: &str = "pass the stack's own file beside it, `*.template.json`";

/// Keys that give a shape away, what it is, and what to do. The first whose keys are all there counts.
const SHAPES: &[(&[&str], &str, &str)] = &[
    (
        &["format_version", "values"],
        "a Terraform state, not a plan",
        PLAN,
    ),
    (
        &["terraform_version", "serial"],
        "a Terraform state file",
        PLAN,
    ),
    (
        &["artifacts", "version"],
        "the manifest of a CDK assembly",
        CLOUD_ASSEMBLY,
    ),
    (
        &["tree", "version"],
        "the tree of a CDK assembly",
        CLOUD_ASSEMBLY,
    ),
    (
        &["RoleDetailList"],
        "the listing of an account",
        "`permdrift audit --auth-details` checks it",
    ),
    (
        &["UserDetailList"],
        "the listing of an account",
        "`permdrift audit --auth-details` checks it",
    ),
    (
        &["service", "provider"],
        "a configuration of the Serverless Framework",
        "pass the template that `serverless package` writes into .serverless",
    ),
    (
        &["AWSTemplateFormatVersion"],
        "a CloudFormation template without `Resources`",
        "there is nothing in it to check",
    ),
    (
        &["Resources"],
        "a template whose `Resources` is no map of resources",
        "give each resource a logical id with `Type` and `Properties`",
    ),
    (
        &["PolicyDocument"],
        "a policy document with something around it",
        "pass what stands under `PolicyDocument`",
    ),
    (
        &["PolicyVersion"],
        "a policy document with something around it",
        "pass what stands under `Document`",
    ),
    (
        &["schemaVersion"],
        "an output of permdrift itself",
        EXPECTED_HERE,
    ),
];

const EXPECTED_HERE: &str = "expected an IAM policy document, a CloudFormation or SAM template, or what `terraform show -json PLAN` prints";

fn shape(root: &Node, start: &str) -> (&'static str, &'static str) {
    let known = SHAPES
        .iter()
        .find(|(keys, _, _)| keys.iter().all(|key| root.get(key).is_some()));
    match (known, &root.value) {
        (Some((_, found, advice)), _) => (found, advice),
        (None, Value::Map(_)) => ("none of the files that can be checked", EXPECTED_HERE),
        (None, Value::List(_)) => (
            "a list of something else than policy documents",
            EXPECTED_HERE,
        ),
        (None, _) => text_shape(start).unwrap_or(("a mere text", EXPECTED_HERE)),
    }
}

/// What a text is that is no JSON.
fn text_shape(start: &str) -> Option<(&'static str, &'static str)> {
    let starts = |with: &[&str]| with.iter().any(|with| start.starts_with(with));
    let in_hcl = |word: &str| start.lines().any(|line| line.starts_with(word));
    if starts(&["PK"]) {
        Some((
            "a zip archive, perhaps a Terraform plan as it is saved",
            PLAN,
        ))
    } else if in_hcl("resource \"") || in_hcl("module \"") || in_hcl("data \"") {
        Some(("Terraform's own language", PLAN))
    } else if starts(&[
        "Terraform used",
        "Terraform will",
        "OpenTofu used",
        "OpenTofu will",
    ]) {
        Some(("a Terraform plan as people read it", PLAN))
    } else {
        None
    }
}
