//! SAM: which roles does the transform create, and with which policies?
//!
//! A function or state machine without a `Role` of its own gets one, called after it with `Role` at the end. Its policies are
//! ARNs, documents, and SAM's own policy templates. Those only allow, so one that is not known here may allow anything.

mod policy_template;

use std::sync::Arc;

use iam::policy::validate::DocumentKind;
use iam::trust::TrustPolicy;
use iam::{Document, PrincipalKind};

use super::resource::{Resource, flatten};
use super::tags;
use super::target::target;
use super::template::Template;
use crate::assembly::{Assembly, Holder, NewPrincipal, Target};
use crate::document;
use crate::node::{Member, Node, Unknown, Value};
use policy_template::Expanded;

/// Properties for which SAM adds policies of its own to the role.
const BRING_POLICIES: [&str; 7] = [
    "Events",
    "VpcConfig",
    "Tracing",
    "DeadLetterQueue",
    "EventInvokeConfig",
    "KmsKeyArn",
    "FileSystemConfigs",
];

/// What holds for a role that SAM makes.
struct GeneratedRole<'r, 'n> {
    resource: &'r Resource<'n>,
    /// The section of `Globals` for it.
    section: &'static str,
    service: &'static str,
    /// What SAM always attaches.
    always: Option<&'static str>,
}

/// Defines the roles of functions and state machines, with their policies.
pub(super) fn define(
    root: &Node,
    resources: &[Resource<'_>],
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    for resource in resources {
        let role = match resource.kind {
            "AWS::Serverless::Function" => GeneratedRole {
                resource,
                section: "Function",
                service: "lambda.amazonaws.com",
                always: Some("AWSLambdaBasicExecutionRole"),
            },
            "AWS::Serverless::StateMachine" => GeneratedRole {
                resource,
                section: "StateMachine",
                service: "states.amazonaws.com",
                always: None,
            },
            _ => continue,
        };
        role.define(root, template, assembly);
    }
    if let Some((name, line)) = resources.iter().find_map(connector) {
        let why = Unknown {
            name: name.to_owned(),
            why: format!("connector `{name}` adds policies that are not followed here"),
            line,
            of: None,
        };
        let ids: Vec<String> = assembly.principals.keys().cloned().collect();
        for id in ids {
            may_allow(&id, name, &why, assembly);
        }
    }
}

/// A connector with its line: a resource of its own, or one of those that stand in the resource they lead from.
fn connector<'n>(resource: &Resource<'n>) -> Option<(&'n str, usize)> {
    if resource.kind.ends_with("::Connector") {
        return Some((resource.id, resource.line));
    }
    let embedded = resource.node.get("Connectors")?;
    match embedded.members().first() {
        Some(first) => Some((&first.key, first.node.line)),
        None => embedded.is_there().then_some((resource.id, embedded.line)),
    }
}

impl GeneratedRole<'_, '_> {
    /// A property of the resource, or of the globals.
    fn property(&self, root: &Node, template: &Template<'_>, name: &str) -> Option<Node> {
        self.resource.property(template, name).or_else(|| {
            let node = template.resolve(root.at(&["Globals", self.section, name])?);
            node.is_there().then_some(node)
        })
    }

    fn define(&self, root: &Node, template: &Template<'_>, assembly: &mut Assembly<'_>) {
        let resource = self.resource;
        let id = format!("{}Role", resource.id);
        let mut role = NewPrincipal::new(PrincipalKind::Role, resource.line);
        if let Some(given) = self.property(root, template, "Role") {
            // A condition may leave it to SAM: then the role is checked, with a gap for whether it is made.
            match &given.value {
                Value::Either(two, why) if two.iter().any(|one| !one.is_there()) => {
                    let why = format!("whether SAM makes this role is not known: {}", why.why);
                    role.gaps.push(assembly.gap(&id, given.line, &why));
                }
                Value::Null
                | Value::Scalar(_)
                | Value::List(_)
                | Value::Map(_)
                | Value::Unknown(_)
                | Value::Either(..)
                | Value::Nothing => {
                    let given = match &given.value {
                        Value::Scalar(text) => text.to_string(),
                        _ => given
                            .unknown()
                            .map_or_else(String::new, |why| why.name.clone()),
                    };
                    assembly.beside.insert(format!(
                        "`{}` (line {}) runs with a role that exists already, `{given}`: `permdrift audit` checks that one",
                        resource.id, resource.line
                    ));
                    return;
                }
            }
        }
        if let Some(path) = self.property(root, template, "RolePath") {
            role.path = path.known().map(str::to_owned);
        }
        role.trust = Some(
            match self.property(root, template, "AssumeRolePolicyDocument") {
                Some(node) => assembly.trust(&id, &node),
                None => Arc::new(TrustPolicy::parse(&format!(
                    r#"{{"Statement":{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"Service":"{}"}}}}}}"#,
                    self.service
                ))),
            },
        );
        if let Some(globals) = root.at(&["Globals", self.section, "Tags"]) {
            let globals = template.resolve(globals);
            tags::take_node(&id, &globals, assembly, &mut role);
        }
        tags::take(resource, "Tags", template, assembly, &mut role);
        assembly.principals.insert(id.clone(), role);
        if let Some(boundary) = self.property(root, template, "PermissionsBoundary") {
            let target = target(&boundary, template);
            assembly.bound(&id, &target, boundary.line);
        }
        if let Some(name) = self.always {
            let arn = format!(
                "arn:{}:iam::aws:policy/service-role/{name}",
                assembly.partition
            );
            assembly.attach(
                Holder::Principal(&id),
                &Target::Named(arn),
                resource.line,
                None,
            );
        }
        for name in BRING_POLICIES {
            if let Some(node) = self.property(root, template, name) {
                let why = Unknown {
                    name: name.to_owned(),
                    why: format!("what SAM allows for `{name}` is not followed here"),
                    line: node.line,
                    of: None,
                };
                may_allow(&id, name, &why, assembly);
            }
        }
        let mut policies = Vec::new();
        if let Some(node) = self.property(root, template, "Policies") {
            flatten(node, None, &mut policies);
        }
        for (number, (policy, perhaps)) in policies.into_iter().enumerate() {
            self.policy(&id, &policy, number, perhaps.as_ref(), template, assembly);
        }
    }

    fn policy(
        &self,
        role: &str,
        policy: &Node,
        number: usize,
        perhaps: Option<&Unknown>,
        template: &Template<'_>,
        assembly: &mut Assembly<'_>,
    ) {
        let holder = Holder::Principal(role);
        match &policy.value {
            Value::Map(_) if policy.get("Statement").is_some() => {
                let name = format!("{role}Policy{number}");
                let label = assembly.label(&name, policy.line);
                if perhaps.is_none() {
                    assembly.count_inline(holder, policy);
                }
                let kind = DocumentKind::Inline;
                let document = assembly.document((role, kind), policy, perhaps);
                assembly.write_into(holder, label, document);
            }
            Value::Map(_) => match policy.only() {
                Some(member) => {
                    from_template(role, (member, policy.line), perhaps, template, assembly);
                }
                None => {
                    let why = "SAM refuses the policy: expected a policy document, or one policy template with its values";
                    let gap = assembly.gap(role, policy.line, why);
                    assembly.gaps.push(gap);
                }
            },
            Value::Null
            | Value::Scalar(_)
            | Value::List(_)
            | Value::Unknown(_)
            | Value::Either(..)
            | Value::Nothing => {
                let target = match target(policy, template) {
                    // SAM takes the bare names of AWS's policies.
                    Target::Named(name) if !name.starts_with("arn:") => Target::Named(format!(
                        "arn:{}:iam::aws:policy/{}{name}",
                        assembly.partition,
                        if name.starts_with("AWSLambda") {
                            "service-role/"
                        } else {
                            ""
                        }
                    )),
                    target => target,
                };
                assembly.attach(holder, &target, policy.line, perhaps);
            }
        }
    }
}

/// Writes the policy of one of SAM's policy templates into a role.
fn from_template(
    role: &str,
    (member, line): (&Member, usize),
    perhaps: Option<&Unknown>,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    let (name, holder) = (member.key.as_str(), Holder::Principal(role));
    match policy_template::expand(name, &member.node, line, template) {
        Expanded::Document(policy) => {
            if perhaps.is_none() {
                assembly.count_inline(holder, &policy);
            }
            let label = assembly.label(name, line);
            let kind = DocumentKind::Inline;
            let document = assembly.document((role, kind), &policy, perhaps);
            assembly.write_into(holder, label, document);
        }
        Expanded::Refused(why) => {
            let why = format!("SAM refuses the policy template `{name}`: {why}");
            let gap = assembly.gap(role, line, &why);
            assembly.gaps.push(gap);
        }
        Expanded::NotKnown => {
            let why = Unknown {
                name: name.to_owned(),
                why: format!("what SAM's policy template `{name}` allows is not known here"),
                line,
                of: None,
            };
            may_allow(role, name, &why, assembly);
        }
    }
}

/// Something that allows nobody knows what, and denies nothing.
fn may_allow(role: &str, name: &str, why: &Unknown, assembly: &mut Assembly<'_>) {
    let anything =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let document =
        Document::parse(anything).map(|document| document::in_doubt(&document, why, assembly.at));
    let label = assembly.label(name, why.line);
    assembly.write_into(Holder::Principal(role), label, Arc::new(document));
}
