//! Defining: the users, roles, groups and policies of a plan, before anything is attached.

use std::sync::Arc;

use iam::PrincipalKind;
use iam::policy::validate::DocumentKind;

use super::plan::{Attribute, Planned};
use super::walk::{Walk, without_line};
use crate::assembly::{Named, NewGroup, NewPolicy, NewPrincipal, Target};
use crate::node::{Node, Unknown};

impl Walk<'_, '_, '_> {
    pub(super) fn define(&mut self, one: &Planned<'_>) {
        let id = one.address.to_owned();
        match one.kind {
            "aws_iam_role" => {
                let role = self.principal(one, PrincipalKind::Role);
                self.assembly.principals.insert(id, role);
            }
            "aws_iam_user" => {
                let user = self.principal(one, PrincipalKind::User);
                self.assembly.principals.insert(id, user);
            }
            "aws_iam_group" => {
                self.check_name(one, Named::Group);
                let group = NewGroup::new(one.text("name"));
                self.assembly.groups.insert(id, group);
            }
            "aws_iam_policy" => {
                self.check_name(one, Named::ManagedPolicy);
                let path = self.path(one);
                let made = one.text("name").zip(path).map(|(name, path)| {
                    let (partition, account) =
                        (&self.assembly.partition, self.assembly.account.id());
                    format!("arn:{partition}:iam::{account}:policy{path}{name}")
                });
                if let Attribute::Known(node) = self.plan.attribute(one, "policy") {
                    self.assembly
                        .count_managed(one.address, &without_line(node));
                }
                let policy = NewPolicy {
                    arn: one.text("arn").or(made),
                    label: self.assembly.label(one.address, 0),
                    document: self.document((one, "policy"), DocumentKind::Managed, None),
                };
                self.assembly.policies.insert(id, policy);
            }
            _ => {}
        }
    }

    fn principal(&mut self, one: &Planned<'_>, kind: PrincipalKind) -> NewPrincipal {
        self.check_name(
            one,
            match kind {
                PrincipalKind::User => Named::User,
                PrincipalKind::Role => Named::Role,
            },
        );
        let mut new = NewPrincipal::new(kind, one.values.line);
        new.name = one.text("name");
        new.path = self.path(one);
        if kind == PrincipalKind::Role {
            let trust = match self.plan.attribute(one, "assume_role_policy") {
                Attribute::Known(node) => self.assembly.trust(one.address, &without_line(node)),
                Attribute::Unknown(why) => match self.plan.rendered(one, "assume_role_policy") {
                    Some(node) => self.assembly.trust(one.address, &node),
                    None => Arc::new(Err(self.assembly.at.fault(0, &why.why))),
                },
                Attribute::Absent => {
                    let why = format!("`{}` has no assume_role_policy", one.address);
                    Arc::new(Err(self.assembly.at.fault(0, &why)))
                }
            };
            new.trust = Some(trust);
        }
        self.tags(one, &mut new);
        new
    }

    /// Checks the name and the path of a resource, if both are known.
    pub(super) fn check_name(&mut self, one: &Planned<'_>, named: Named) {
        if let Some(name) = one.text("name") {
            self.assembly.check_name(one.address, 0, named, &name);
        }
        if let Some(path) = one.text("path") {
            self.assembly.check_path(one.address, 0, named, &path);
        }
    }

    /// The path; `None` where it is not known.
    fn path(&self, one: &Planned<'_>) -> Option<String> {
        match self.plan.attribute(one, "path") {
            Attribute::Known(path) => path.known().map(str::to_owned),
            Attribute::Unknown(_) => None,
            Attribute::Absent => Some("/".to_owned()),
        }
    }

    /// All tags, those of the provider included.
    fn tags(&self, one: &Planned<'_>, new: &mut NewPrincipal) {
        let whole = match self.plan.attribute(one, "tags_all") {
            Attribute::Known(node) => Some(node),
            Attribute::Unknown(_) => {
                new.unsettled.push("aws:PrincipalTag/".into());
                match self.plan.attribute(one, "tags") {
                    Attribute::Known(node) => Some(node),
                    Attribute::Unknown(_) | Attribute::Absent => None,
                }
            }
            Attribute::Absent => match self.plan.attribute(one, "tags") {
                Attribute::Known(node) => Some(node),
                Attribute::Unknown(_) => {
                    new.unsettled.push("aws:PrincipalTag/".into());
                    None
                }
                Attribute::Absent => None,
            },
        };
        for member in whole.map_or(&[][..], Node::members) {
            if let Some(value) = member.node.known() {
                let key = member.key.as_str();
                new.tags.push((key.into(), value.into()));
            }
        }
        let mut open = self.plan.unknown_keys(one, &["tags_all", "tags"]);
        // The provider `awscc` has a list of keys and values.
        for item in whole.map_or(&[][..], Node::items) {
            let text = |name| item.get(name).and_then(Node::known);
            match (text("key"), text("value")) {
                (Some(key), Some(value)) => new.tags.push((key.into(), value.into())),
                (Some(key), None) => open.push(key),
                (None, _) => {
                    new.unsettled.push("aws:PrincipalTag/".into());
                    let what = format!("{}, tags", one.address);
                    let why = "the key of a tag is known only after apply";
                    new.gaps.push(self.assembly.gap(&what, 0, why));
                }
            }
        }
        for key in open {
            new.unsettled.push(format!("aws:PrincipalTag/{key}").into());
            if key.starts_with(self.assembly.options.tag_prefix) {
                let what = format!("{}, tag {key}", one.address);
                let why = "the tag is known only after apply";
                new.gaps.push(self.assembly.gap(&what, 0, why));
            }
        }
        if whole.is_none() && !new.unsettled.is_empty() {
            let what = format!("{}, tags", one.address);
            let why = "the tags are known only after apply";
            new.gaps.push(self.assembly.gap(&what, 0, why));
        }
    }

    /// The policy document of an attribute.
    pub(super) fn document(
        &mut self,
        (one, attribute): (&Planned<'_>, &str),
        kind: DocumentKind,
        perhaps: Option<&Unknown>,
    ) -> iam::inventory::PolicyText {
        let source = (one.address, kind);
        match self.plan.attribute(one, attribute) {
            Attribute::Known(node) => self.assembly.document(source, &without_line(node), perhaps),
            Attribute::Unknown(why) => match self.plan.rendered(one, attribute) {
                Some(node) => self.assembly.document(source, &node, perhaps),
                None => self.assembly.unreadable(0, &why.why),
            },
            Attribute::Absent => {
                let why = format!("`{}` has no {attribute}", one.address);
                self.assembly.unreadable(0, &why)
            }
        }
    }

    /// Users in groups, roles in instance profiles.
    pub(super) fn join(&mut self, one: &Planned<'_>) {
        let (users, groups) = match one.kind {
            "aws_iam_group_membership" => ("users", "group"),
            "aws_iam_user_group_membership" => ("user", "groups"),
            "aws_iam_instance_profile" => return self.profile(one),
            // Only a user of `awscc` says itself in which groups it is.
            "aws_iam_user" => {
                let user = (one.address.to_owned(), None);
                return self.add_to_groups(one, vec![user], "groups");
            }
            _ => return,
        };
        let users = self.holders(one, users, Some(PrincipalKind::User));
        self.add_to_groups(one, users, groups);
    }

    /// Adds users to the groups that an attribute names.
    fn add_to_groups(
        &mut self,
        one: &Planned<'_>,
        users: Vec<(String, Option<Unknown>)>,
        groups: &str,
    ) {
        for (id, perhaps) in users {
            for (group, doubt) in self.plan.targets(one, groups) {
                let mut groups = self.assembly.groups.iter();
                let there = groups.find(|(id, there)| match &group {
                    Target::Here(one) => one == *id,
                    Target::Named(name) => there.name.as_ref() == Some(name),
                    Target::Unknown(_) => false,
                });
                let apart =
                    || there.and_then(|(there, _)| self.plan.other_account(one.address, there));
                let perhaps = perhaps.clone().or(doubt).or_else(apart);
                self.assembly.join(&id, &group, 0, perhaps.as_ref());
            }
        }
    }

    fn profile(&mut self, one: &Planned<'_>) {
        self.check_name(one, Named::InstanceProfile);
        for (id, perhaps) in self.holders(one, "role", Some(PrincipalKind::Role)) {
            let what = format!("{id}, instance profile {}", one.address);
            let gap = perhaps.map(|why| self.assembly.gap(&what, 0, &why.why));
            let Some(role) = self.assembly.principals.get_mut(&id) else {
                continue;
            };
            match gap {
                Some(gap) => role.gaps.push(gap),
                None => role.instance_profiles.push(one.address.into()),
            }
        }
    }
}
