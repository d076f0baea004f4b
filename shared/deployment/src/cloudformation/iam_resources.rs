//! IAM's own resources: which users, roles, groups and policies stand in the template, and what belongs to whom?
//!
//! First everything is defined, then connected, since a policy may stand before the role that it is for.

use std::sync::Arc;

use iam::PrincipalKind;
use iam::policy::validate::DocumentKind;

use super::existing;
use super::resource::Resource;
use super::tags;
use super::target::target;
use super::template::Template;
use crate::assembly::{
    Assembly, Holder, HolderKind, Named, NewGroup, NewPolicy, NewPrincipal, Target, holders,
};
use crate::node::{Node, Text, Value};

/// Defines users, roles, groups and managed policies.
pub(super) fn define(
    resources: &[Resource<'_>],
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    for resource in resources {
        let id = resource.id.to_owned();
        match resource.kind {
            "AWS::IAM::Role" => {
                let role = principal(
                    resource,
                    template,
                    assembly,
                    PrincipalKind::Role,
                    "RoleName",
                );
                assembly.principals.insert(id, role);
            }
            "AWS::IAM::User" => {
                let user = principal(
                    resource,
                    template,
                    assembly,
                    PrincipalKind::User,
                    "UserName",
                );
                assembly.principals.insert(id, user);
            }
            "AWS::IAM::Group" => {
                let name = template.name(resource.id, resource.node, "GroupName", resource.line);
                check_name(
                    resource,
                    (Named::Group, "GroupName"),
                    &name,
                    template,
                    assembly,
                );
                let mut group = NewGroup::new(name.known().map(str::to_owned));
                group.open_name = open_name(resource, "GroupName", name);
                assembly.groups.insert(id, group);
            }
            "AWS::IAM::ManagedPolicy" => {
                let property = "ManagedPolicyName";
                let name = template.name(resource.id, resource.node, property, resource.line);
                let named = (Named::ManagedPolicy, property);
                check_name(resource, named, &name, template, assembly);
                let arn = template.arn_of(resource.id, resource.line);
                let label = assembly.label(resource.id, resource.line);
                let document = document_of(resource, template, assembly);
                let named = resource.property(template, "ManagedPolicyName").is_some();
                if let Some(open) = arn.clone().filter(|arn| named && arn.known().is_none()) {
                    assembly.open_policies.push((id.clone(), open));
                }
                let policy = NewPolicy {
                    arn: arn.and_then(|arn| arn.known().map(str::to_owned)),
                    label,
                    document,
                };
                assembly.policies.insert(id, policy);
            }
            _ => {}
        }
    }
}

/// Checks the name that the template gives, and the path.
fn check_name(
    resource: &Resource<'_>,
    (named, property): (Named, &str),
    name: &Text,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    let line = |property: &str| {
        let node = resource.node.at(&["Properties", property]);
        node.map_or(resource.line, |node| node.line)
    };
    if let Some(name) = name.known() {
        assembly.check_name(resource.id, line(property), named, name);
    }
    if let Some(path) = template.path(resource.node, resource.line).known() {
        assembly.check_path(resource.id, line("Path"), named, path);
    }
}

/// The name that the template gives, where not all of it is known; one that is made up is nobody's to foretell.
fn open_name(resource: &Resource<'_>, property: &str, name: Text) -> Option<Text> {
    let is_given = resource.node.at(&["Properties", property]).is_some();
    (is_given && name.known().is_none()).then_some(name)
}

fn principal(
    resource: &Resource<'_>,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
    kind: PrincipalKind,
    property: &str,
) -> NewPrincipal {
    let mut new = NewPrincipal::new(kind, resource.line);
    let name = template.name(resource.id, resource.node, property, resource.line);
    let named = match kind {
        PrincipalKind::User => Named::User,
        PrincipalKind::Role => Named::Role,
    };
    check_name(resource, (named, property), &name, template, assembly);
    new.name = name.known().map(str::to_owned);
    new.open_name = open_name(resource, property, name);
    let path = template.path(resource.node, resource.line);
    new.path = path.known().map(str::to_owned);
    if kind == PrincipalKind::Role {
        new.trust = Some(
            match resource.property(template, "AssumeRolePolicyDocument") {
                Some(node) => assembly.trust(resource.id, &node),
                None => Arc::new(Err(assembly
                    .at
                    .fault(resource.line, "the role has no AssumeRolePolicyDocument"))),
            },
        );
    }
    tags::take(resource, "Tags", template, assembly, &mut new);
    if let Some(why) = &resource.perhaps {
        assembly.notes.insert(format!(
            "`{}` is checked as if it were deployed, though {}",
            resource.id, why.why
        ));
    }
    new
}

fn document_of(
    resource: &Resource<'_>,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) -> iam::inventory::PolicyText {
    match resource.property(template, "PolicyDocument") {
        Some(node) => {
            assembly.count_managed(resource.id, &node);
            let kind = DocumentKind::Managed;
            assembly.document((resource.id, kind), &node, resource.perhaps.as_ref())
        }
        None => assembly.unreadable(resource.line, "the policy has no PolicyDocument"),
    }
}

/// Connects policies, groups and instance profiles with those they are for.
pub(super) fn connect(
    resources: &[Resource<'_>],
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    existing::adopt(resources, template, assembly);
    // Groups first: a user takes its groups as they are.
    for holder_kind in [HolderKind::Group, HolderKind::Principal] {
        for resource in resources {
            let id = resource.id;
            match (holder_kind, resource.kind) {
                (HolderKind::Group, "AWS::IAM::Group") => {
                    own_policies(resource, Holder::Group(id), template, assembly);
                }
                (HolderKind::Principal, "AWS::IAM::Role" | "AWS::IAM::User") => {
                    own_policies(resource, Holder::Principal(id), template, assembly);
                }
                (HolderKind::Group | HolderKind::Principal, _) => {}
            }
        }
        for resource in resources {
            policies_of_others(resource, holder_kind, template, assembly);
        }
    }
    existing::add_listed(resources, assembly);
    for resource in resources {
        join(resource, template, assembly);
    }
}

/// The name of an inline policy; where it has none, what people call it.
fn policy_name(node: Option<&Node>, id: &str, assembly: &mut Assembly<'_>) -> Text {
    let Some(node) = node else {
        return id.into();
    };
    match &node.value {
        Value::Scalar(text) => {
            if let Some(name) = text.known() {
                assembly.check_name(id, node.line, Named::InlinePolicy, name);
            }
            text.clone()
        }
        Value::Unknown(why) | Value::Either(_, why) => why.clone().into(),
        Value::Null | Value::Nothing | Value::List(_) | Value::Map(_) => id.into(),
    }
}

/// What stands in a user, role or group itself.
fn own_policies(
    resource: &Resource<'_>,
    holder: Holder<'_>,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    for (index, (policy, perhaps)) in resource.list(template, "Policies").into_iter().enumerate() {
        let name = policy_name(policy.get("PolicyName"), resource.id, assembly);
        let source = format!("{}.{index}", resource.id);
        let document = match (&policy.value, policy.get("PolicyDocument")) {
            (_, Some(node)) => {
                if perhaps.is_none() {
                    assembly.count_inline(holder, node);
                }
                let kind = DocumentKind::Inline;
                assembly.document((resource.id, kind), node, perhaps.as_ref())
            }
            (Value::Unknown(why), None) => assembly.unreadable(why.line, &why.why),
            (_, None) => assembly.unreadable(policy.line, "the policy has no PolicyDocument"),
        };
        let named = (name, policy.line, source);
        assembly.write_named(holder, named, document, perhaps.as_ref());
    }
    for (arn, perhaps) in resource.list(template, "ManagedPolicyArns") {
        let target = target(&arn, template);
        assembly.attach(holder, &target, arn.line, perhaps.as_ref());
    }
    if let (Holder::Principal(id), Some(arn)) =
        (holder, resource.property(template, "PermissionsBoundary"))
    {
        assembly.bound(id, &target(&arn, template), arn.line);
    }
}

/// Policies that name whom they are for.
fn policies_of_others(
    resource: &Resource<'_>,
    holder_kind: HolderKind,
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    for &(property, kind) in existing::named_by_policy(resource.kind) {
        if kind.is_none() != (holder_kind == HolderKind::Group) {
            continue;
        }
        for (node, perhaps) in resource.list(template, property) {
            let perhaps = perhaps.or_else(|| resource.perhaps.clone());
            let target = target(&node, template);
            let (ids, doubt) = holders(&target, node.line, kind, assembly);
            if let (Target::Named(name), true) = (&target, ids.is_empty()) {
                assembly.note_absent(resource.id, name, "template");
            }
            let perhaps = perhaps.or(doubt);
            for id in ids {
                let holder = match kind {
                    Some(_) => Holder::Principal(&id),
                    None => Holder::Group(&id),
                };
                if resource.kind == "AWS::IAM::ManagedPolicy" {
                    let policy = Target::Here(resource.id.to_owned());
                    assembly.attach(holder, &policy, resource.line, perhaps.as_ref());
                    continue;
                }
                let name = resource.property(template, "PolicyName");
                let name = policy_name(name.as_ref(), resource.id, assembly);
                let source = resource.id.to_owned();
                let document = match resource.property(template, "PolicyDocument") {
                    Some(node) => {
                        if perhaps.is_none() {
                            assembly.count_inline(holder, &node);
                        }
                        let kind = DocumentKind::Inline;
                        assembly.document((resource.id, kind), &node, perhaps.as_ref())
                    }
                    None => assembly.unreadable(resource.line, "the policy has no PolicyDocument"),
                };
                let named = (name, resource.line, source);
                assembly.write_named(holder, named, document, perhaps.as_ref());
            }
        }
    }
}

/// Users in groups, roles in instance profiles.
fn join(resource: &Resource<'_>, template: &Template<'_>, assembly: &mut Assembly<'_>) {
    match resource.kind {
        "AWS::IAM::User" => {
            for (group, perhaps) in resource.list(template, "Groups") {
                let target = target(&group, template);
                assembly.join(resource.id, &target, group.line, perhaps.as_ref());
            }
        }
        "AWS::IAM::UserToGroupAddition" => {
            let Some(group) = resource.property(template, "GroupName") else {
                return;
            };
            let group_target = target(&group, template);
            for (user, perhaps) in resource.list(template, "Users") {
                let perhaps = perhaps.or_else(|| resource.perhaps.clone());
                let line = user.line;
                let user = target(&user, template);
                let (ids, doubt) = holders(&user, line, Some(PrincipalKind::User), assembly);
                let perhaps = perhaps.or(doubt);
                for id in ids {
                    assembly.join(&id, &group_target, group.line, perhaps.as_ref());
                }
            }
        }
        "AWS::IAM::InstanceProfile" => {
            let property = "InstanceProfileName";
            let name = template.name(resource.id, resource.node, property, resource.line);
            let named = (Named::InstanceProfile, property);
            check_name(resource, named, &name, template, assembly);
            for (role, perhaps) in resource.list(template, "Roles") {
                let line = role.line;
                let role = target(&role, template);
                let (ids, doubt) = holders(&role, line, Some(PrincipalKind::Role), assembly);
                let doubt = perhaps.or(doubt).or_else(|| resource.perhaps.clone());
                for id in ids {
                    if let Some(why) = &doubt {
                        let what = format!("{id}, instance profile {}", resource.id);
                        let gap = assembly.gap(&what, why.line, &why.why);
                        if let Some(role) = assembly.principals.get_mut(&id) {
                            role.gaps.push(gap);
                        }
                    } else if let Some(role) = assembly.principals.get_mut(&id) {
                        role.instance_profiles.push(resource.id.into());
                    }
                }
            }
        }
        _ => {}
    }
}
