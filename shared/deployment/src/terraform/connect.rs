//! Connecting: who holds which policy once the plan is applied?
//!
//! A policy is certain if one resource grants it and no other resource of the plan removes it. If two resources conflict,
//! the order in which they are applied is unknown, so the policy is in doubt.

use std::collections::HashMap;

use iam::PrincipalKind;
use iam::policy::validate::DocumentKind;

use super::exclusive::excludes;
use super::grant::{Grant, Policy, PolicyForm};
use super::plan::{Attribute, Planned};
use super::walk::{Inline, Walk, doubt, holder};
use crate::assembly::{HolderKind, Named, Target, holders};
use crate::node::Unknown;

impl Walk<'_, '_, '_> {
    /// Connects policies with those they are for: groups, or users and roles.
    pub(super) fn connect(&mut self, one: &Planned<'_>, holders: HolderKind) {
        let id = one.address;
        match (one.kind, holders) {
            ("aws_iam_role", HolderKind::Principal) => {
                self.own_policies(one, Some(PrincipalKind::Role));
            }
            ("aws_iam_user", HolderKind::Principal) => {
                self.own_policies(one, Some(PrincipalKind::User));
            }
            ("aws_iam_group", HolderKind::Group) => self.own_policies(one, None),
            ("aws_iam_role_policy", HolderKind::Principal) => {
                self.inline(one, "role", Some(PrincipalKind::Role));
            }
            ("aws_iam_user_policy", HolderKind::Principal) => {
                self.inline(one, "user", Some(PrincipalKind::User));
            }
            ("aws_iam_group_policy", HolderKind::Group) => self.inline(one, "group", None),
            ("aws_iam_role_policy_attachment", HolderKind::Principal) => {
                self.attach_named(one, ("role", "policy_arn"), Some(PrincipalKind::Role));
            }
            ("aws_iam_user_policy_attachment", HolderKind::Principal) => {
                self.attach_named(one, ("user", "policy_arn"), Some(PrincipalKind::User));
            }
            ("aws_iam_group_policy_attachment", HolderKind::Group) => {
                self.attach_named(one, ("group", "policy_arn"), None);
            }
            ("aws_iam_policy_attachment", HolderKind::Group) => {
                self.attach_named(one, ("groups", "policy_arn"), None);
            }
            ("aws_iam_policy_attachment", HolderKind::Principal) => {
                self.attach_named(one, ("roles", "policy_arn"), Some(PrincipalKind::Role));
                self.attach_named(one, ("users", "policy_arn"), Some(PrincipalKind::User));
            }
            // Only a policy of `awscc` says itself whom it is for.
            ("aws_iam_policy", HolderKind::Group) => self.attach_itself(one, "groups", None),
            ("aws_iam_policy", HolderKind::Principal) => {
                self.attach_itself(one, "roles", Some(PrincipalKind::Role));
                self.attach_itself(one, "users", Some(PrincipalKind::User));
            }
            _ => {}
        }
        if let Some((kind, holder, "policy_arns")) = excludes(one.kind)
            && kind.is_none() == (holders == HolderKind::Group)
        {
            self.attach_named(one, (holder, "policy_arns"), kind);
        }
        if holders == HolderKind::Principal && self.assembly.principals.contains_key(id) {
            let targets = self.plan.targets(one, "permissions_boundary").into_iter();
            let is_unset = |target: &Target| {
                one.is_of_aws() && matches!(target, Target::Named(name) if name.is_empty())
            };
            for (boundary, _) in targets.filter(|(target, _)| !is_unset(target)) {
                self.assembly.bound(id, &boundary, 0);
            }
        }
    }

    fn inline(&mut self, one: &Planned<'_>, attribute: &str, kind: Option<PrincipalKind>) {
        self.check_name(one, Named::InlinePolicy);
        let known = one.text("name");
        let name = known.clone().unwrap_or_else(|| one.address.to_owned());
        let mut targets = vec![Target::Here(one.address.to_owned())];
        targets.extend(known.clone().map(Target::Named));
        for (id, perhaps) in self.holders(one, attribute, kind) {
            let policy = known.clone().map(Policy::Inline);
            let perhaps = perhaps
                .or_else(|| self.removed_elsewhere(kind, &id, policy))
                .or_else(|| {
                    Some(
                        self.excluded(kind, &id, PolicyForm::Inline, &targets)?
                            .why(),
                    )
                });
            if let (None, Attribute::Known(node)) = (&perhaps, self.plan.attribute(one, "policy")) {
                self.assembly.count_inline(holder(&id, kind), node);
            }
            let document = self.document((one, "policy"), DocumentKind::Inline, perhaps.as_ref());
            self.inlines.push(Inline {
                kind,
                id,
                name: name.clone(),
                document,
            });
        }
    }

    /// Attaches what one attribute names to whom the other names.
    fn attach_named(
        &mut self,
        one: &Planned<'_>,
        (whom, what): (&str, &str),
        kind: Option<PrincipalKind>,
    ) {
        let policies = self.plan.targets(one, what);
        self.attach(one, whom, &policies, kind);
    }

    /// Attaches a policy to whom an attribute of its own names.
    fn attach_itself(&mut self, one: &Planned<'_>, whom: &str, kind: Option<PrincipalKind>) {
        let policy = Target::Here(one.address.to_owned());
        self.attach(one, whom, &[(policy, None)], kind);
    }

    fn attach(
        &mut self,
        one: &Planned<'_>,
        whom: &str,
        policies: &[(Target, Option<Unknown>)],
        kind: Option<PrincipalKind>,
    ) {
        for (id, perhaps) in self.holders(one, whom, kind) {
            for (policy, doubt) in policies {
                let mut targets = vec![policy.clone()];
                let mut here = self.assembly.policies.iter();
                let found = here.find(|(id, made)| match policy {
                    Target::Here(one) => one == *id,
                    Target::Named(arn) => made.arn.as_ref() == Some(arn),
                    Target::Unknown(_) => false,
                });
                let mut apart = None;
                if let Some((id, policy)) = found {
                    // An ARN that is known says itself which account it is of.
                    let made = self.plan.resource(id);
                    let made = made.filter(|made| made.text("arn").is_none());
                    apart = made.and_then(|_| self.plan.other_account(one.address, id));
                    targets.push(Target::Here(id.clone()));
                    targets.extend(policy.arn.clone().map(Target::Named));
                }
                let arn = targets.iter().find_map(|target| match target {
                    Target::Named(arn) => Some(Policy::Managed(arn.clone())),
                    Target::Here(_) | Target::Unknown(_) => None,
                });
                let perhaps = perhaps
                    .clone()
                    .or_else(|| doubt.clone())
                    .or(apart)
                    .or_else(|| self.removed_elsewhere(kind, &id, arn))
                    .or_else(|| {
                        Some(
                            self.excluded(kind, &id, PolicyForm::Managed, &targets)?
                                .why(),
                        )
                    });
                let holder = holder(&id, kind);
                self.assembly.attach(holder, policy, 0, perhaps.as_ref());
            }
        }
    }

    /// Why something that a resource grants may not be there: another one, which goes, grants it as well.
    fn removed_elsewhere(
        &self,
        kind: Option<PrincipalKind>,
        id: &str,
        policy: Option<Policy>,
    ) -> Option<Unknown> {
        let policy = policy?;
        if let Some(why) = self.deleted(&policy) {
            return Some(why);
        }
        let grant = Grant {
            kind,
            holder: match kind {
                Some(_) => self.assembly.principals.get(id)?.name.clone()?,
                None => self.assembly.groups.get(id)?.name.clone()?,
            },
            policy,
        };
        let taker = self.plan.grants().removed_by(&grant)?;
        Some(doubt(format!(
            "`{taker}` takes the same away, and nobody knows which comes last"
        )))
    }

    /// Writes the inline policies; of several of one name only the last stays, and nobody knows which that is.
    pub(super) fn write_inlines(&mut self) {
        let all = std::mem::take(&mut self.inlines);
        let mut count: HashMap<_, usize> = HashMap::new();
        for one in &all {
            *count.entry((one.kind, &one.id, &one.name)).or_default() += 1;
        }
        for one in &all {
            let is_one = count.get(&(one.kind, &one.id, &one.name)) == Some(&1);
            let why = (!is_one).then(|| {
                doubt(format!(
                    "`{}` gets several inline policies called `{}`, and nobody knows which stays",
                    one.id, one.name
                ))
            });
            let document = self.assembly.in_doubt(&one.document, why.as_ref());
            let label = self.assembly.label(&one.name, 0);
            let holder = holder(&one.id, one.kind);
            self.assembly.write_into(holder, label, document);
        }
    }

    /// Whom of the plan an attribute names, each with why it may not be meant.
    pub(super) fn holders(
        &mut self,
        one: &Planned<'_>,
        attribute: &str,
        kind: Option<PrincipalKind>,
    ) -> Vec<(String, Option<Unknown>)> {
        let mut found = Vec::new();
        for (target, perhaps) in self.plan.targets(one, attribute) {
            let (mut ids, mut open) = holders(&target, 0, kind, &self.assembly);
            if let (Target::Named(name), true) = (&target, ids.is_empty()) {
                ids = self.perhaps_called(name, kind);
                open = ids.first().map(|first| {
                    doubt(format!(
                        "`{}` is for `{name}`, which may be `{first}`",
                        one.address
                    ))
                });
                if ids.is_empty() {
                    self.assembly.note_absent(one.address, name, "plan");
                }
            }
            let perhaps = perhaps.or(open);
            found.extend(ids.into_iter().map(|id| {
                let apart = || self.plan.other_account(one.address, &id);
                let perhaps = perhaps.clone().or_else(apart);
                (id, perhaps)
            }));
        }
        found
    }

    /// Who may turn out to have a name that nobody is known to have.
    fn perhaps_called(&self, name: &str, kind: Option<PrincipalKind>) -> Vec<String> {
        let kind = match kind {
            Some(PrincipalKind::Role) => "aws_iam_role",
            Some(PrincipalKind::User) => "aws_iam_user",
            None => "aws_iam_group",
        };
        let found = self.plan.perhaps_called(kind, name);
        found.map(str::to_owned).collect()
    }
}
