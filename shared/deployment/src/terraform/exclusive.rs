//! Exclusive resources: which policies may a principal or group hold, and no others?

use iam::PrincipalKind;

use super::grant::PolicyForm;
use super::plan::{Attribute, Planned};
use super::walk::{Exclusive, Walk};
use crate::assembly::Target;
use crate::node::Node;

impl Walk<'_, '_, '_> {
    /// Notes which policies somebody may hold and no others.
    pub(super) fn exclude(&mut self, one: &Planned<'_>) {
        if one.kind == "aws_iam_role" && self.plan.grants().is_updated(one.address) {
            self.exclude_by_role(one);
        }
        let Some((kind, whom, what)) = excludes(one.kind) else {
            return;
        };
        let listed = self.plan.targets(one, what);
        let is_known = matches!(self.plan.attribute(one, what), Attribute::Known(_));
        let mut all = listed.iter();
        let is_whole = is_known
            && all.all(|(target, doubt)| doubt.is_none() && !matches!(target, Target::Unknown(_)));
        let listed: Vec<Target> = listed.into_iter().map(|(target, _)| target).collect();
        for (id, perhaps) in self.holders(one, whom, kind) {
            self.exclusives.push(Exclusive {
                address: one.address.to_owned(),
                kind,
                id,
                form: match what {
                    "policy_names" => PolicyForm::Inline,
                    _ => PolicyForm::Managed,
                },
                listed: listed.clone(),
                sure: is_whole && perhaps.is_none(),
            });
        }
    }

    /// A role in which its policies stand loses all others when it is changed; one that is made gets them afterwards.
    fn exclude_by_role(&mut self, role: &Planned<'_>) {
        for (what, form) in [
            ("managed_policy_arns", PolicyForm::Managed),
            ("inline_policy", PolicyForm::Inline),
        ] {
            let Attribute::Known(list) = self.plan.attribute(role, what) else {
                continue;
            };
            if !self.plan.is_configured(role, what) {
                continue;
            }
            let names = list.items().iter().filter_map(|item| item.get("name"));
            let names = names.filter_map(Node::known).map(str::to_owned);
            let listed = match form {
                PolicyForm::Inline => names.map(Target::Named).collect(),
                PolicyForm::Managed => {
                    let targets = self.plan.targets(role, what).into_iter();
                    targets.map(|(target, _)| target).collect()
                }
            };
            self.exclusives.push(Exclusive {
                address: role.address.to_owned(),
                kind: Some(PrincipalKind::Role),
                id: role.address.to_owned(),
                form,
                listed,
                sure: false,
            });
        }
    }

    /// What takes a policy away since it does not list it under any of these names.
    pub(super) fn excluded(
        &self,
        kind: Option<PrincipalKind>,
        id: &str,
        form: PolicyForm,
        policy: &[Target],
    ) -> Option<&Exclusive> {
        let same = |listed: &Target| {
            policy.iter().any(|one| match (listed, one) {
                (Target::Here(listed), Target::Here(one))
                | (Target::Named(listed), Target::Named(one)) => listed == one,
                (Target::Here(_), Target::Named(_) | Target::Unknown(_))
                | (Target::Named(_), Target::Here(_) | Target::Unknown(_))
                | (Target::Unknown(_), _) => false,
            })
        };
        let mut all = self.exclusives.iter();
        all.find(|one| {
            one.kind == kind && one.id == id && one.form == form && !one.listed.iter().any(same)
        })
    }
}

/// For resources which take away what they do not list: from whom, by which attribute, and which one lists it.
pub(super) fn excludes(kind: &str) -> Option<(Option<PrincipalKind>, &'static str, &'static str)> {
    let (role, user) = (Some(PrincipalKind::Role), Some(PrincipalKind::User));
    Some(match kind {
        "aws_iam_role_policies_exclusive" => (role, "role_name", "policy_names"),
        "aws_iam_user_policies_exclusive" => (user, "user_name", "policy_names"),
        "aws_iam_group_policies_exclusive" => (None, "group_name", "policy_names"),
        "aws_iam_role_policy_attachments_exclusive" => (role, "role_name", "policy_arns"),
        "aws_iam_user_policy_attachments_exclusive" => (user, "user_name", "policy_arns"),
        "aws_iam_group_policy_attachments_exclusive" => (None, "group_name", "policy_arns"),
        _ => return None,
    })
}
