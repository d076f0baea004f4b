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
use super::walk::{Inline, Walk, doubt, without_line};
use crate::assembly::{Holder, HolderKind, Target, holders};
use crate::node::{Node, Unknown};

/// What becomes of a policy that is there already.
enum AfterApply {
    Stays,
    /// It is taken away, or a resource of its own grants it.
    Removed,
    Unknown(Unknown),
}

impl Walk<'_, '_, '_> {
    /// Connects policies with those they are for: groups, or users and roles.
    pub(super) fn connect(&mut self, one: &Planned<'_>, holders: HolderKind) {
        let id = one.address;
        match (one.kind, holders) {
            ("aws_iam_role", HolderKind::Principal) => self.own_policies(one),
            ("aws_iam_role_policy", HolderKind::Principal) => {
                self.inline(one, "role", Some(PrincipalKind::Role));
            }
            ("aws_iam_user_policy", HolderKind::Principal) => {
                self.inline(one, "user", Some(PrincipalKind::User));
            }
            ("aws_iam_group_policy", HolderKind::Group) => self.inline(one, "group", None),
            ("aws_iam_role_policy_attachment", HolderKind::Principal) => {
                self.attach(one, ("role", "policy_arn"), Some(PrincipalKind::Role));
            }
            ("aws_iam_user_policy_attachment", HolderKind::Principal) => {
                self.attach(one, ("user", "policy_arn"), Some(PrincipalKind::User));
            }
            ("aws_iam_group_policy_attachment", HolderKind::Group) => {
                self.attach(one, ("group", "policy_arn"), None);
            }
            ("aws_iam_policy_attachment", HolderKind::Group) => {
                self.attach(one, ("groups", "policy_arn"), None);
            }
            ("aws_iam_policy_attachment", HolderKind::Principal) => {
                self.attach(one, ("roles", "policy_arn"), Some(PrincipalKind::Role));
                self.attach(one, ("users", "policy_arn"), Some(PrincipalKind::User));
            }
            _ => {}
        }
        if let Some((kind, holder, "policy_arns")) = excludes(one.kind)
            && kind.is_none() == (holders == HolderKind::Group)
        {
            self.attach(one, (holder, "policy_arns"), kind);
        }
        if holders == HolderKind::Principal && self.assembly.principals.contains_key(id) {
            for (boundary, _) in self.plan.targets(one, "permissions_boundary") {
                self.assembly.bound(id, &boundary, 0);
            }
        }
    }

    /// What stands in the role itself: as the configuration has it, else what was read of a role that is there already.
    fn own_policies(&mut self, one: &Planned<'_>) {
        let holder = Holder::Principal(one.address);
        let is_configured = |name| self.plan.is_configured(one, name);
        let (inline, managed) = (
            is_configured("inline_policy"),
            is_configured("managed_policy_arns"),
        );
        match self.plan.attribute(one, "inline_policy") {
            Attribute::Known(list) => {
                for block in list.items() {
                    let name = block.get("name").and_then(Node::known);
                    let Some(name) = name.filter(|name| !name.is_empty()) else {
                        continue;
                    };
                    let perhaps = match inline {
                        true => None,
                        false => match self.after_apply(one, Policy::Inline(name.to_owned())) {
                            AfterApply::Removed => continue,
                            AfterApply::Stays => None,
                            AfterApply::Unknown(why) => Some(why),
                        },
                    };
                    let document = match block.get("policy").filter(|node| node.is_there()) {
                        Some(node) => {
                            if perhaps.is_none() {
                                self.assembly.count_inline(holder, node);
                            }
                            self.assembly.document(
                                (one.address, DocumentKind::Inline),
                                &without_line(node),
                                perhaps.as_ref(),
                            )
                        }
                        None => self
                            .assembly
                            .unreadable(0, "the policy is known only after apply"),
                    };
                    self.inlines.push(Inline {
                        kind: Some(PrincipalKind::Role),
                        id: one.address.to_owned(),
                        name: name.to_owned(),
                        document,
                    });
                }
            }
            Attribute::Unknown(why) if inline => {
                let label = self.assembly.label("inline_policy", 0);
                let document = self.assembly.unreadable(0, &why.why);
                self.assembly.write_into(holder, label, document);
            }
            // Not configured and not known: a new role has none.
            Attribute::Unknown(_) | Attribute::Absent => {}
        }
        if managed {
            for (policy, perhaps) in self.plan.targets(one, "managed_policy_arns") {
                self.assembly.attach(holder, &policy, 0, perhaps.as_ref());
            }
        } else if let Attribute::Known(list) = self.plan.attribute(one, "managed_policy_arns") {
            for arn in list.items().iter().filter_map(Node::known) {
                let perhaps = match self.after_apply(one, Policy::Managed(arn.to_owned())) {
                    AfterApply::Removed => continue,
                    AfterApply::Stays => None,
                    AfterApply::Unknown(why) => Some(why),
                };
                let policy = Target::Named(arn.to_owned());
                self.assembly.attach(holder, &policy, 0, perhaps.as_ref());
            }
        }
    }

    /// What becomes of a policy that was read of a role and stands in no resource that the role itself is.
    fn after_apply(&self, role: &Planned<'_>, policy: Policy) -> AfterApply {
        let (target, form) = match &policy {
            Policy::Inline(name) => (Target::Named(name.clone()), PolicyForm::Inline),
            Policy::Managed(arn) => (Target::Named(arn.clone()), PolicyForm::Managed),
        };
        let kind = Some(PrincipalKind::Role);
        let deleted = self.deleted(&policy);
        if let Some(holder) = role.text("name") {
            let grant = Grant {
                kind,
                holder,
                policy,
            };
            let grants = self.plan.grants();
            if grants.is_kept(&grant) {
                return AfterApply::Removed;
            }
            if let Some(taker) = grants.removed_by(&grant) {
                let apart = self.plan.other_account(taker, role.address);
                return apart.map_or(AfterApply::Removed, AfterApply::Unknown);
            }
        }
        match self.excluded(kind, role.address, form, &[target]) {
            None => deleted.map_or(AfterApply::Stays, AfterApply::Unknown),
            Some(one) if one.sure => AfterApply::Removed,
            Some(one) => AfterApply::Unknown(one.why()),
        }
    }

    /// Why a policy may not be there: the plan deletes it, which IAM refuses as long as somebody holds it.
    fn deleted(&self, policy: &Policy) -> Option<Unknown> {
        let Policy::Managed(arn) = policy else {
            return None;
        };
        let address = self.plan.grants().deleted(arn)?;
        Some(doubt(format!(
            "`{address}` is deleted while it is attached"
        )))
    }

    fn inline(&mut self, one: &Planned<'_>, attribute: &str, kind: Option<PrincipalKind>) {
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
    fn attach(
        &mut self,
        one: &Planned<'_>,
        (whom, what): (&str, &str),
        kind: Option<PrincipalKind>,
    ) {
        for (id, perhaps) in self.holders(one, whom, kind) {
            for (policy, doubt) in self.plan.targets(one, what) {
                let mut targets = vec![policy.clone()];
                let mut here = self.assembly.policies.iter();
                let found = here.find(|(id, made)| match &policy {
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
                    .or(doubt)
                    .or(apart)
                    .or_else(|| self.removed_elsewhere(kind, &id, arn))
                    .or_else(|| {
                        Some(
                            self.excluded(kind, &id, PolicyForm::Managed, &targets)?
                                .why(),
                        )
                    });
                let holder = holder(&id, kind);
                self.assembly.attach(holder, &policy, 0, perhaps.as_ref());
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
                    self.assembly.notes.insert(format!(
                        "`{}` is for `{name}`, which is not in the plan, so that one is not checked",
                        one.address
                    ));
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

fn holder(id: &str, kind: Option<PrincipalKind>) -> Holder<'_> {
    match kind {
        Some(_) => Holder::Principal(id),
        None => Holder::Group(id),
    }
}
