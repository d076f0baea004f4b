//! CloudFormation: which users, roles, groups and policies does a template create?
//!
//! In: a template as nodes, values of its parameters. Out: a [`Deployment`]. A parameter without a given value has its
//! default. Resources whose condition is false are left out. If the value of a condition is unknown, users and roles are
//! included, and policies are included in doubt.

mod attribute;
mod condition;
mod existing;
mod functions;
mod iam_resources;
mod properties;
mod reference;
mod resolve;
mod resource;
mod sam;
mod tags;
mod target;
mod template;

use iam::inventory::Gap;

use crate::assembly::{Assembly, NotLookedAt};
use crate::node::Node;
use crate::{Account, Deployment, Form, Options, ReadError};
use resource::Resource;
use template::{ConditionValue, Template};

/// The transform that makes a template one of SAM's.
const SAM: &str = "AWS::Serverless-2016-10-31";
/// Transforms that change nothing about permissions, or only what is followed here anyway.
const HARMLESS: [&str; 3] = [SAM, "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen"];

/// Types that are a user or a role, or that SAM makes a role for.
const PRINCIPALS: [&str; 4] = [
    "AWS::IAM::Role",
    "AWS::IAM::User",
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
];

/// Whether SAM transforms a template.
pub(crate) fn has_sam(root: &Node) -> bool {
    let transforms = root.get("Transform").map_or(&[][..], Node::each);
    transforms.iter().any(|one| one.known() == Some(SAM))
}

/// What the template makes of an account.
pub(crate) fn read(
    name: &str,
    form: Form,
    root: &Node,
    account: Account,
    options: &Options<'_>,
) -> Result<Deployment, ReadError> {
    let template = Template::new(root, account, options)?;
    let mut assembly = Assembly::new(name, account, template.partition(), options);
    note_transforms(root, &mut assembly);
    let resources = resources(root, &template, &mut assembly);
    assembly.resources = resources.len();
    iam_resources::define(&resources, &template, &mut assembly);
    sam::define(root, &resources, &template, &mut assembly);
    iam_resources::connect(&resources, &template, &mut assembly);
    let created = assembly.principals.values_mut();
    for principal in created.filter(|one| one.listed.is_none()) {
        // The tags of the stack come on top.
        principal.unsettled.push("aws:PrincipalTag/*".into());
    }
    assembly.finish(form)
}

/// Macros may change anything, permissions too.
fn note_transforms(root: &Node, assembly: &mut Assembly<'_>) {
    let transforms = root.get("Transform").map_or(&[][..], Node::each);
    for one in transforms {
        let name = match one.known() {
            Some(name) => name,
            None => one
                .get("Name")
                .and_then(Node::known)
                .unwrap_or("Fn::Transform"),
        };
        if !HARMLESS.contains(&name) {
            assembly.gaps.push(expanded(name, one.line, assembly));
        }
    }
}

fn expanded(name: &str, line: usize, assembly: &Assembly<'_>) -> Gap {
    let why = "it may change anything in the template: check what `aws cloudformation get-template --template-stage Processed` prints";
    assembly.gap(name, line, why)
}

fn resources<'n>(
    root: &'n Node,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) -> Vec<Resource<'n>> {
    let mut found = Vec::new();
    for member in root.get("Resources").map_or(&[][..], Node::members) {
        let (id, node) = (member.key.as_str(), &member.node);
        if id.starts_with("Fn::") {
            let gap = expanded(id, node.line, assembly);
            assembly.gaps.push(gap);
            continue;
        }
        let Some(kind) = node.get("Type").and_then(Node::known) else {
            let gap = assembly.gap(id, node.line, "the resource has no `Type`");
            assembly.gaps.push(gap);
            continue;
        };
        let held = match node.get("Condition").and_then(Node::known) {
            Some(name) => template.condition(name, node.line),
            None => ConditionValue::Known(true),
        };
        let perhaps = match held {
            ConditionValue::Known(false) => {
                let reason = left_out(id, node, template);
                if PRINCIPALS.contains(&kind) {
                    assembly.left_out.push(reason);
                } else if kind.starts_with("AWS::IAM::") {
                    assembly.beside.insert(reason);
                }
                continue;
            }
            ConditionValue::Known(true) => None,
            ConditionValue::Unknown(why) => Some(why),
        };
        if node.at(&["Properties", "Fn::Transform"]).is_some() {
            let gap = expanded(id, node.line, assembly);
            assembly.gaps.push(gap);
        } else if let Some((line, why)) = properties::unsupported(kind, node) {
            let gap = assembly.gap(id, line, &why);
            assembly.gaps.push(gap);
        }
        if let Some(what) = not_looked_at(kind, node) {
            assembly.note_not_looked_at(id, node.line, what);
        }
        found.push(Resource {
            id,
            kind,
            line: node.line,
            node,
            perhaps,
        });
    }
    found
}

/// What a type of resource is, if it may change what users and roles may do and is not followed.
fn not_looked_at(kind: &str, node: &Node) -> Option<NotLookedAt> {
    let text = |name| node.at(&["Properties", name]).and_then(Node::known);
    match kind {
        "AWS::CloudFormation::Stack"
        | "AWS::CloudFormation::StackSet"
        | "AWS::Serverless::Application" => Some(NotLookedAt::Stack),
        "AWS::Organizations::Policy" => NotLookedAt::organization_policy(text("Type")),
        "AWS::Budgets::BudgetsAction" => NotLookedAt::budget_action(text("ActionType")),
        _ => None,
    }
}

/// Why a resource is not created: its condition, and the parameters that decide about that.
fn left_out(id: &str, node: &Node, template: &Template<'_>) -> String {
    let condition = node
        .get("Condition")
        .and_then(Node::known)
        .unwrap_or_default();
    let parameters = template.parameters_of_condition(condition);
    let advice = match parameters.as_slice() {
        [] => String::new(),
        parameters => {
            let options: Vec<String> = parameters
                .iter()
                .map(|name| format!("--parameter {name}=VALUE"))
                .collect();
            format!(": it depends on {}", options.join(" "))
        }
    };
    format!(
        "`{id}` (line {}) has condition `{condition}`, which is false{advice}",
        node.line
    )
}
