//! Users, roles and groups that are there already: which of them does a plan change, and what do they keep?
//!
//! What the account's listing says of them is treated like what Terraform read of a role: it stays unless the plan takes it away.

use iam::PrincipalKind;

use super::grant::Policy;
use super::plan::Planned;
use super::walk::{Walk, doubt};
use crate::assembly::{AfterDeployment, Listed, ListedItem, Target};

/// The attributes by which a resource names users, roles and groups; groups have no kind of principal.
fn named_by(kind: &str) -> &'static [(&'static str, Option<PrincipalKind>)] {
    const ROLE: Option<PrincipalKind> = Some(PrincipalKind::Role);
    const USER: Option<PrincipalKind> = Some(PrincipalKind::User);
    match kind {
        "aws_iam_role_policy" | "aws_iam_role_policy_attachment" | "aws_iam_instance_profile" => {
            &[("role", ROLE)]
        }
        "aws_iam_user_policy"
        | "aws_iam_user_policy_attachment"
        | "aws_iam_user_group_membership" => &[("user", USER)],
        "aws_iam_group_policy" | "aws_iam_group_policy_attachment" => &[("group", None)],
        "aws_iam_policy_attachment" | "aws_iam_policy" => {
            &[("roles", ROLE), ("users", USER), ("groups", None)]
        }
        "aws_iam_group_membership" => &[("users", USER)],
        "aws_iam_role_policies_exclusive" | "aws_iam_role_policy_attachments_exclusive" => {
            &[("role_name", ROLE)]
        }
        "aws_iam_user_policies_exclusive" | "aws_iam_user_policy_attachments_exclusive" => {
            &[("user_name", USER)]
        }
        "aws_iam_group_policies_exclusive" | "aws_iam_group_policy_attachments_exclusive" => {
            &[("group_name", None)]
        }
        _ => &[],
    }
}

impl Walk<'_, '_, '_> {
    /// Takes over from the listing whomever the plan gives something, or takes something away from, and does not define.
    pub(super) fn adopt(&mut self) {
        let plan = self.plan;
        for one in plan.resources() {
            self.adopt_named(one);
            let group = self.assembly.groups.get(one.address);
            if let Some(name) = group.and_then(|group| group.name.clone()) {
                self.assembly.adopt_members_of(&name, one.values.line);
            }
            let policy = self.assembly.policies.get(one.address);
            if let Some(arn) = policy.and_then(|policy| policy.arn.clone()) {
                self.assembly.adopt_holders_of(&arn, one.values.line);
            }
        }
        let losers = plan.grants().losers();
        for (kind, name) in losers {
            self.adopt_one(kind, name, 1);
        }
    }

    fn adopt_named(&mut self, one: &Planned<'_>) {
        for (attribute, kind) in named_by(one.kind) {
            for (target, _) in self.plan.targets(one, attribute) {
                if let Target::Named(name) = target {
                    self.adopt_one(*kind, &name, one.values.line);
                }
            }
        }
    }

    fn adopt_one(&mut self, kind: Option<PrincipalKind>, name: &str, line: usize) {
        if !self.plan.is_gone(kind, name) {
            self.assembly.adopt(kind, name, line);
        }
    }

    /// Gives those that were taken over what the listing says of them, without what the plan takes away.
    pub(super) fn add_listed(&mut self) {
        let listed = self.assembly.listed().into_iter().map(|one| {
            let after = self.after_plan(&one);
            (one, after)
        });
        let listed = listed.collect();
        self.assembly.add_listed(listed);
    }

    fn after_plan(&self, one: &Listed) -> AfterDeployment {
        let policy = match &one.what {
            ListedItem::Inline(policy) => Policy::Inline(policy.name.to_string()),
            ListedItem::Managed(arn) => Policy::Managed(arn.to_string()),
            ListedItem::Group(name) if self.plan.is_gone(None, name) => {
                return AfterDeployment::Removed;
            }
            ListedItem::Group(name) => {
                let taker = self.plan.grants().left_by(&one.name, name);
                return taker.map_or(AfterDeployment::Stays, |taker| {
                    AfterDeployment::Unknown(doubt(format!(
                        "`{taker}` takes `{}` out of the group `{name}`",
                        one.name
                    )))
                });
            }
        };
        self.after_apply((&one.id, Some(&one.name)), one.kind, policy)
    }
}
