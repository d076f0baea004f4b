//! Grants: which policies does a plan attach to whom, and which does it remove?
//!
//! What a changed resource granted before and does not grant afterwards is removed, whether it is deleted, replaced or
//! updated. What a plan merely forgets stays.

use std::collections::{BTreeSet, HashMap, HashSet};

use iam::PrincipalKind;

use super::cloud_control::{Names, own_name};
use crate::node::Node;

/// A policy that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Grant {
    /// `None` for a group.
    pub(super) kind: Option<PrincipalKind>,
    /// The name of whoever holds it.
    pub(super) holder: String,
    pub(super) policy: Policy,
}

/// How a principal or group holds a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyForm {
    Inline,
    Managed,
}

/// Which policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Policy {
    /// By its name.
    Inline(String),
    /// By its ARN.
    Managed(String),
}

/// The grants of a plan that are known.
#[derive(Default)]
pub(super) struct Grants<'n> {
    kept: HashSet<Grant>,
    /// With the address of what took it away.
    taken: HashMap<Grant, &'n str>,
    /// Users with groups that they leave, and the address of what takes them out.
    left: HashMap<(String, String), &'n str>,
    /// Managed policies that are deleted, by ARN, with their address.
    deleted: HashMap<&'n str, &'n str>,
    /// Addresses of what is changed in place.
    updated: HashSet<&'n str>,
}

impl<'n> Grants<'n> {
    /// A resource that will be there.
    pub(super) fn keep(&mut self, kind: &str, names: Names, values: &Node) {
        self.kept.extend(of(kind, names, values));
    }

    /// A change, as `resource_changes` has it.
    pub(super) fn change(&mut self, address: &'n str, kind: &str, names: Names, change: &'n Node) {
        let actions = change.get("actions").map_or(&[][..], Node::items);
        let actions: Vec<&str> = actions.iter().filter_map(Node::known).collect();
        let Some(before) = change.get("before") else {
            return;
        };
        if let ("aws_iam_policy", ["delete"]) = (kind, actions.as_slice()) {
            let arn = before.get(own_name(names, "arn")).and_then(Node::known);
            self.deleted.extend(arn.map(|arn| (arn, address)));
        }
        if let ["update"] = actions.as_slice() {
            self.updated.insert(address);
        }
        let after = match actions.as_slice() {
            // What is deleted last is not there, even if it is the same as was made first.
            ["delete"] | ["create", "delete"] => Vec::new(),
            ["update"] | ["delete", "create"] => {
                let after = change.get("after");
                after.map_or_else(Vec::new, |after| of(kind, names, after))
            }
            _ => return,
        };
        let stay = match actions.as_slice() {
            ["update"] | ["delete", "create"] => change.get("after"),
            _ => None,
        };
        let stay = stay.map_or_else(Vec::new, |after| memberships(kind, after));
        let before_it = memberships(kind, before).into_iter();
        let left = before_it.filter(|membership| !stay.contains(membership));
        self.left
            .extend(left.map(|membership| (membership, address)));
        let lost = of(kind, names, before).into_iter();
        let lost = lost.filter(|grant| !after.contains(grant));
        self.taken.extend(lost.map(|grant| (grant, address)));
    }

    /// Whether a resource of the plan grants it.
    pub(super) fn is_kept(&self, grant: &Grant) -> bool {
        self.kept.contains(grant)
    }

    /// The address of what takes it away.
    pub(super) fn removed_by(&self, grant: &Grant) -> Option<&'n str> {
        self.taken.get(grant).copied()
    }

    /// The address of what takes a user out of a group.
    pub(super) fn left_by(&self, user: &str, group: &str) -> Option<&'n str> {
        self.left.get(&(user.to_owned(), group.to_owned())).copied()
    }

    /// Whoever loses something, by kind and name; groups have no kind.
    pub(super) fn losers(&self) -> BTreeSet<(Option<PrincipalKind>, &str)> {
        let taken = self.taken.keys();
        let taken = taken.map(|grant| (grant.kind, grant.holder.as_str()));
        let left = self.left.keys();
        let left = left.map(|(user, _)| (Some(PrincipalKind::User), user.as_str()));
        taken.chain(left).collect()
    }

    /// The address of a managed policy that is deleted.
    pub(super) fn deleted(&self, arn: &str) -> Option<&'n str> {
        self.deleted.get(arn).copied()
    }

    /// Whether a resource is changed in place.
    pub(super) fn is_updated(&self, address: &str) -> bool {
        self.updated.contains(address)
    }
}

/// The users that a resource puts into groups, each with the group, as far as both are known.
fn memberships(kind: &str, values: &Node) -> Vec<(String, String)> {
    let (users, groups) = match kind {
        "aws_iam_group_membership" => ("users", "group"),
        "aws_iam_user_group_membership" => ("user", "groups"),
        _ => return Vec::new(),
    };
    let texts = |name| {
        let values = values.get(name).map_or(&[][..], Node::each);
        values.iter().filter_map(Node::known)
    };
    let pairs = texts(users)
        .flat_map(|user| texts(groups).map(move |group| (user.to_owned(), group.to_owned())));
    pairs.collect()
}

/// What a resource grants, as far as it is known.
fn of(kind: &str, names: Names, values: &Node) -> Vec<Grant> {
    let (role, user) = (Some(PrincipalKind::Role), Some(PrincipalKind::User));
    let (holders, form): (&[_], _) = match kind {
        "aws_iam_role_policy" => (&[(role, "role")], PolicyForm::Inline),
        "aws_iam_user_policy" => (&[(user, "user")], PolicyForm::Inline),
        "aws_iam_group_policy" => (&[(None, "group")], PolicyForm::Inline),
        "aws_iam_role_policy_attachment" => (&[(role, "role")], PolicyForm::Managed),
        "aws_iam_user_policy_attachment" => (&[(user, "user")], PolicyForm::Managed),
        "aws_iam_group_policy_attachment" => (&[(None, "group")], PolicyForm::Managed),
        // Only one of `awscc` says whom it is for.
        "aws_iam_policy_attachment" | "aws_iam_policy" => (
            &[(role, "roles"), (user, "users"), (None, "groups")],
            PolicyForm::Managed,
        ),
        _ => return Vec::new(),
    };
    let value = |name| values.get(own_name(names, name));
    let text = |name| value(name).and_then(Node::known).map(str::to_owned);
    let policy = match form {
        PolicyForm::Inline => text("name").map(Policy::Inline),
        // What an attachment calls so, a policy has under the same name.
        PolicyForm::Managed => text("policy_arn").map(Policy::Managed),
    };
    let Some(policy) = policy else {
        return Vec::new();
    };
    let holders = holders.iter().flat_map(|(kind, name)| {
        let holders = value(name).map_or(&[][..], Node::each);
        holders
            .iter()
            .filter_map(Node::known)
            .map(|name| (*kind, name))
    });
    let grants = holders.map(|(kind, holder)| Grant {
        kind,
        holder: holder.to_owned(),
        policy: policy.clone(),
    });
    grants.collect()
}
