//! Parts: users, roles, groups and policies as IAM would have made them, with ids, dates and ARNs.

use crate::document::{Document, trust};
use crate::draw::Draw;
use crate::listing::{
    Account, AttachedPolicy, Boundary, Group, InlinePolicy, InstanceProfile, LastUsed,
    ManagedPolicy, PolicyVersion, ProfileRole, Role, Tag, User,
};

/// Makes the parts of one account.
pub(crate) struct Parts {
    pub(crate) draw: Draw,
    pub(crate) account: &'static str,
}

/// What a principal holds, whichever kind it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    pub(crate) inline: Vec<InlinePolicy>,
    pub(crate) attached: Vec<AttachedPolicy>,
    pub(crate) groups: Vec<String>,
    pub(crate) boundary: Option<Boundary>,
}

impl Parts {
    pub(crate) fn new(seed: u64, account: &'static str) -> Self {
        Self {
            draw: Draw::new(seed),
            account,
        }
    }

    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:aws:iam::{}:{resource}", self.account)
    }

    pub(crate) fn user(&mut self, path: &str, name: &str, holds: Holdings) -> User {
        User {
            path: path.to_owned(),
            user_name: name.to_owned(),
            user_id: self.draw.id("AIDA"),
            arn: self.arn(&format!("user{path}{name}")),
            create_date: self.draw.date(2020..=2025),
            user_policy_list: holds.inline,
            group_list: holds.groups,
            attached_managed_policies: holds.attached,
            permissions_boundary: holds.boundary,
            tags: Vec::new(),
        }
    }

    pub(crate) fn role(
        &mut self,
        path: &str,
        name: &str,
        trusts: Document,
        holds: Holdings,
    ) -> Role {
        let used = self.draw.percent(85);
        let region = *self.draw.pick(&["eu-central-1", "eu-west-1", "us-east-1"]);
        Role {
            path: path.to_owned(),
            role_name: name.to_owned(),
            role_id: self.draw.id("AROA"),
            arn: self.arn(&format!("role{path}{name}")),
            create_date: self.draw.date(2020..=2025),
            assume_role_policy_document: trusts,
            instance_profile_list: Vec::new(),
            role_policy_list: holds.inline,
            attached_managed_policies: holds.attached,
            permissions_boundary: holds.boundary,
            tags: Vec::new(),
            role_last_used: if used {
                LastUsed {
                    last_used_date: Some(self.draw.date(2026..=2026)),
                    region: Some(region.to_owned()),
                }
            } else {
                LastUsed::default()
            },
        }
    }

    /// Puts a role into an instance profile of its own name.
    pub(crate) fn profile(&mut self, role: &mut Role) {
        role.instance_profile_list = vec![InstanceProfile {
            path: role.path.clone(),
            instance_profile_name: role.role_name.clone(),
            instance_profile_id: self.draw.id("AIPA"),
            arn: self.arn(&format!("instance-profile{}{}", role.path, role.role_name)),
            create_date: role.create_date.clone(),
            roles: vec![ProfileRole {
                path: role.path.clone(),
                role_name: role.role_name.clone(),
                role_id: role.role_id.clone(),
                arn: role.arn.clone(),
                create_date: role.create_date.clone(),
                assume_role_policy_document: role.assume_role_policy_document.clone(),
            }],
        }];
    }

    pub(crate) fn group(&mut self, name: &str, holds: Holdings) -> Group {
        Group {
            path: "/".to_owned(),
            group_name: name.to_owned(),
            group_id: self.draw.id("AGPA"),
            arn: self.arn(&format!("group/{name}")),
            create_date: self.draw.date(2019..=2023),
            group_policy_list: holds.inline,
            attached_managed_policies: holds.attached,
        }
    }

    /// A policy of the customer's: its versions oldest first, the default one by position.
    pub(crate) fn policy(
        &mut self,
        name: &str,
        versions: Vec<Document>,
        default: usize,
    ) -> ManagedPolicy {
        let arn = self.arn(&format!("policy/{name}"));
        let mut versions: Vec<PolicyVersion> = versions
            .into_iter()
            .enumerate()
            .map(|(at, document)| PolicyVersion {
                document,
                version_id: format!("v{}", at + 1),
                is_default_version: at == default,
                create_date: self.draw.date(2021 + at..=2021 + at),
            })
            .collect();
        // AWS lists the newest first.
        versions.reverse();
        let (newest, oldest) = (versions.first(), versions.last());
        ManagedPolicy {
            policy_name: name.to_owned(),
            policy_id: self.draw.id("ANPA"),
            arn,
            path: "/".to_owned(),
            default_version_id: format!("v{}", default + 1),
            attachment_count: 0,
            permissions_boundary_usage_count: 0,
            is_attachable: true,
            create_date: oldest.map_or_else(String::new, |version| version.create_date.clone()),
            update_date: newest.map_or_else(String::new, |version| version.create_date.clone()),
            policy_version_list: versions,
        }
    }

    /// A policy of AWS's, with its one version.
    pub(crate) fn aws_policy(&mut self, name: &str, document: Document) -> ManagedPolicy {
        let mut policy = self.policy(name, vec![document], 0);
        policy.arn = format!("arn:aws:iam::aws:policy/{name}");
        policy
    }

    /// Who may assume one of the appliance's roles.
    pub(crate) fn appliance_trust(&self, services: &[&str]) -> Document {
        let impersonation = self.arn("role/VeeamImpersonation");
        trust(services, &[impersonation.as_str()])
    }
}

impl Holdings {
    pub(crate) fn attach(mut self, policy: &ManagedPolicy) -> Self {
        self.attached.push(attached(&policy.arn));
        self
    }

    pub(crate) fn write(mut self, name: &str, document: Document) -> Self {
        self.inline.push(InlinePolicy {
            policy_name: name.to_owned(),
            policy_document: document,
        });
        self
    }

    pub(crate) fn join(mut self, group: &str) -> Self {
        self.groups.push(group.to_owned());
        self
    }

    pub(crate) fn bound_by(mut self, policy: &ManagedPolicy) -> Self {
        self.boundary = Some(Boundary {
            permissions_boundary_type: "Policy",
            permissions_boundary_arn: policy.arn.clone(),
        });
        self
    }
}

fn attached(arn: &str) -> AttachedPolicy {
    AttachedPolicy {
        policy_name: arn.rsplit('/').next().unwrap_or(arn).to_owned(),
        policy_arn: arn.to_owned(),
    }
}

pub(crate) fn tags<'t>(tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Vec<Tag> {
    tags.into_iter()
        .map(|(key, value)| Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        })
        .collect()
}

impl Account {
    /// Counts how often each managed policy is used, as AWS lists it.
    pub(crate) fn counted(mut self) -> Self {
        use std::collections::HashMap;
        let mut attached: HashMap<&str, usize> = HashMap::new();
        let mut bounding: HashMap<&str, usize> = HashMap::new();
        let users = self.user_detail_list.iter();
        let roles = self.role_detail_list.iter();
        let attachments = users
            .clone()
            .map(|user| &user.attached_managed_policies)
            .chain(roles.clone().map(|role| &role.attached_managed_policies));
        let groups = self.group_detail_list.iter();
        for policy in attachments
            .chain(groups.map(|group| &group.attached_managed_policies))
            .flatten()
        {
            *attached.entry(&policy.policy_arn).or_default() += 1;
        }
        let boundaries = users
            .map(|user| &user.permissions_boundary)
            .chain(roles.map(|role| &role.permissions_boundary));
        for boundary in boundaries.flatten() {
            *bounding
                .entry(&boundary.permissions_boundary_arn)
                .or_default() += 1;
        }
        for policy in &mut self.policies {
            let count = |of: &HashMap<&str, usize>| of.get(policy.arn.as_str()).copied();
            policy.attachment_count = count(&attached).unwrap_or_default();
            policy.permissions_boundary_usage_count = count(&bounding).unwrap_or_default();
        }
        self
    }
}
