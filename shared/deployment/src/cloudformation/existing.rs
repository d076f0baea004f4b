//! Users, roles and groups that are there already: which of them does a template give policies, and what do they keep?
//!
//! A template does not show what an earlier version of its stack created. A policy or group of the listing that CloudFormation
//! may have named after a resource of the template is therefore in doubt: the deployment may replace it.

use iam::PrincipalKind;

use super::resource::Resource;
use super::target::target;
use super::template::Template;
use crate::assembly::{AfterDeployment, Assembly, Listed, ListedItem, Target};
use crate::node::Unknown;

/// The properties by which a policy names whom it is for; groups have no kind of principal.
pub(super) fn named_by_policy(kind: &str) -> &'static [(&'static str, Option<PrincipalKind>)] {
    match kind {
        "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => &[
            ("Groups", None),
            ("Roles", Some(PrincipalKind::Role)),
            ("Users", Some(PrincipalKind::User)),
        ],
        "AWS::IAM::RolePolicy" => &[("RoleName", Some(PrincipalKind::Role))],
        "AWS::IAM::UserPolicy" => &[("UserName", Some(PrincipalKind::User))],
        "AWS::IAM::GroupPolicy" => &[("GroupName", None)],
        _ => &[],
    }
}

/// Takes over from the listing whomever the template gives something and does not define.
pub(super) fn adopt(
    resources: &[Resource<'_>],
    template: &Template<'_>,
    assembly: &mut Assembly<'_>,
) {
    for resource in resources {
        let others: &[(&str, Option<PrincipalKind>)] = match resource.kind {
            "AWS::IAM::UserToGroupAddition" => &[("Users", Some(PrincipalKind::User))],
            "AWS::IAM::InstanceProfile" => &[("Roles", Some(PrincipalKind::Role))],
            _ => named_by_policy(resource.kind),
        };
        for (property, kind) in others {
            for (node, _) in resource.list(template, property) {
                if let Target::Named(name) = target(&node, template) {
                    assembly.adopt(*kind, &name, resource.line);
                }
            }
        }
        let group = assembly.groups.get(resource.id);
        if let Some(name) = group.and_then(|group| group.name.clone()) {
            assembly.adopt_members_of(&name, resource.line);
        }
        let policy = assembly.policies.get(resource.id);
        if let Some(arn) = policy.and_then(|policy| policy.arn.clone()) {
            assembly.adopt_holders_of(&arn, resource.line);
        }
    }
}

/// Gives those that were taken over what the listing says of them, without what the template replaces.
pub(super) fn add_listed(resources: &[Resource<'_>], assembly: &mut Assembly<'_>) {
    let listed = assembly.listed();
    if !listed.is_empty() {
        assembly.notes.insert(
            "users and roles that exist already are checked with what the account's listing says of them: what an earlier version of the stack gave them counts, even if this template takes it away".to_owned(),
        );
    }
    let after = |one: &Listed| match &one.what {
        ListedItem::Inline(policy) => assembly.overwritten(one, policy),
        ListedItem::Managed(arn) => {
            let name = arn.rsplit('/').next().unwrap_or_default();
            replaced(
                resources,
                ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
                name,
            )
        }
        ListedItem::Group(name) => replaced(resources, ("AWS::IAM::Group", "GroupName"), name),
    };
    let listed = listed.into_iter().map(|one| {
        let after = after(&one);
        (one, after)
    });
    let listed = listed.collect();
    assembly.add_listed(listed);
}

/// Whether something of the listing may be an earlier version of a resource without a name: CloudFormation calls it after the
/// stack and the logical id, with random letters behind.
fn replaced(
    resources: &[Resource<'_>],
    (kind, property): (&str, &str),
    name: &str,
) -> AfterDeployment {
    let mut all = resources.iter().filter(|one| {
        one.kind == kind
            && one.node.at(&["Properties", property]).is_none()
            && name.contains(&format!("-{}-", one.id))
    });
    let Some(one) = all.next() else {
        return AfterDeployment::Stays;
    };
    AfterDeployment::Unknown(Unknown {
        name: name.to_owned(),
        why: format!(
            "`{name}` may be what `{}` is now, which the deployment replaces",
            one.id
        ),
        line: one.line,
        of: None,
    })
}
