//! Users, roles and groups that are there already: what will they hold, if a file gives them policies?
//!
//! In: the account's listing, and whom the file names without defining them. Out: the same as the file's own, with what the
//! listing holds and what the file adds. Each policy of the listing is asked about first, since the file may take it away.

use iam::inventory::{InlinePolicy, Principal};
use iam::{Inventory, PrincipalKind};

use super::entities::{Holder, HolderKind, NewGroup, NewPrincipal, Target};
use super::{Assembly, document_in_doubt};
use crate::node::{Text, Unknown};

/// What becomes of a policy or a membership that is there already.
#[derive(Clone, Debug)]
pub(crate) enum AfterDeployment {
    Stays,
    /// It is taken away, or the file grants it itself.
    Removed,
    Unknown(Unknown),
}

/// Something that the listing says of a user, role or group that the file names.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) holder: HolderKind,
    /// `None` for a group.
    pub(crate) kind: Option<PrincipalKind>,
    /// By what the assembly knows the user, role or group.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) what: ListedItem,
}

/// What a user, role or group has in the listing.
#[derive(Clone, Debug)]
pub(crate) enum ListedItem {
    Inline(InlinePolicy),
    /// A managed policy, by its ARN.
    Managed(Box<str>),
    /// A group that a user is in, by its name.
    Group(Box<str>),
}

impl Listed {
    fn holder(&self) -> Holder<'_> {
        match self.holder {
            HolderKind::Group => Holder::Group(&self.id),
            HolderKind::Principal => Holder::Principal(&self.id),
        }
    }
}

/// By what the assembly knows a group of the listing; no logical id or address has a blank in it.
fn group_id(name: &str) -> String {
    format!("{name} of the listing")
}

impl<'a> Assembly<'a> {
    /// The listing, if it is that of the account which the file is deployed to.
    pub(super) fn listing(&self) -> Option<&'a Inventory> {
        let existing = self.options.existing?;
        (existing.account == Some(self.account.id())).then_some(existing)
    }

    /// Takes over a user or role, or with `None` a group, that the file names on a line and does not define.
    pub(crate) fn adopt(&mut self, kind: Option<PrincipalKind>, name: &str, line: usize) {
        let Some(listing) = self.listing() else {
            return;
        };
        let is_named = |known: Option<&String>, open: Option<&Text>| {
            known.is_some_and(|known| known == name)
                || open.is_some_and(|open| open.may_be(&name.into()))
        };
        let Some(kind) = kind else {
            let mut here = self.groups.values();
            if here.any(|one| is_named(one.name.as_ref(), one.open_name.as_ref())) {
                return;
            }
            if let Some(group) = listing.groups.get(name) {
                let mut new = NewGroup::new(Some(name.to_owned()));
                new.listed = Some(group.clone());
                self.groups.insert(group_id(name), new);
                self.adopt_members_of(name, line);
            }
            return;
        };
        let mut here = self.principals.values().filter(|one| one.kind == kind);
        if here.any(|one| is_named(one.name.as_ref(), one.open_name.as_ref())) {
            return;
        }
        let mut all = listing.principals.iter();
        let found = all.find(|one| one.arn.kind() == kind && one.arn.name() == name);
        if let Some(principal) = found {
            let id = principal.arn.as_str().to_owned();
            let new = NewPrincipal::listed(principal, line.max(1));
            self.principals.insert(id, new);
        }
    }

    /// Takes over the users who are in a group already.
    pub(crate) fn adopt_members_of(&mut self, group: &str, line: usize) {
        let Some(listing) = self.listing() else {
            return;
        };
        for user in &listing.principals {
            if user.groups.iter().any(|one| **one == *group) {
                self.adopt(Some(PrincipalKind::User), user.arn.name(), line);
            }
        }
    }

    /// Takes over everybody who holds a policy of the file already, or is bounded by it.
    pub(crate) fn adopt_holders_of(&mut self, arn: &str, line: usize) {
        let Some(listing) = self.listing() else {
            return;
        };
        let has = |attached: &[Box<str>]| attached.iter().any(|one| **one == *arn);
        for (name, group) in &listing.groups {
            if has(&group.attached) {
                self.adopt(None, name, line);
            }
        }
        for principal in &listing.principals {
            if has(&principal.attached) || principal.boundary.as_deref() == Some(arn) {
                self.adopt(Some(principal.arn.kind()), principal.arn.name(), line);
            }
        }
    }

    /// Notes a user, role or group that is not checked, since nothing says what it holds; `file` is what the file is.
    pub(crate) fn note_absent(&mut self, id: &str, name: &str, file: &str) {
        let note = match self.listing() {
            Some(_) => format!(
                "`{id}` is for `{name}`, which is neither in the {file} nor in the account's listing, so that one is not checked"
            ),
            None => format!(
                "`{id}` is for `{name}`, which is not in the {file}, so that one is not checked: if it exists already, give the listing of its account with --auth-details"
            ),
        };
        self.beside.insert(note.clone());
        self.notes.insert(note);
    }

    /// What the listing says of those that were taken over: of groups first, since users take theirs as they are.
    pub(crate) fn listed(&self) -> Vec<Listed> {
        let mut listed = Vec::new();
        for (id, group) in &self.groups {
            let (Some(found), Some(name)) = (&group.listed, &group.name) else {
                continue;
            };
            let inline = found.inline.iter().cloned().map(ListedItem::Inline);
            let managed = found.attached.iter().cloned().map(ListedItem::Managed);
            listed.extend(inline.chain(managed).map(|what| Listed {
                holder: HolderKind::Group,
                kind: None,
                id: id.clone(),
                name: name.clone(),
                what,
            }));
        }
        for (id, new) in &self.principals {
            let Some(found) = &new.listed else {
                continue;
            };
            let inline = found.inline.iter().cloned().map(ListedItem::Inline);
            let managed = found.attached.iter().cloned().map(ListedItem::Managed);
            let groups = found.groups.iter().cloned().map(ListedItem::Group);
            let items = inline.chain(managed).chain(groups);
            listed.extend(items.map(|what| Listed {
                holder: HolderKind::Principal,
                kind: Some(new.kind),
                id: id.clone(),
                name: found.arn.name().to_owned(),
                what,
            }));
        }
        listed
    }

    /// Gives those that were taken over what the listing says of them, each with what becomes of it.
    pub(crate) fn add_listed(&mut self, listed: Vec<(Listed, AfterDeployment)>) {
        for (one, after) in listed {
            let perhaps = match after {
                AfterDeployment::Removed => continue,
                AfterDeployment::Stays => None,
                AfterDeployment::Unknown(why) => Some(why),
            };
            let perhaps = perhaps.as_ref();
            match &one.what {
                ListedItem::Inline(policy) => {
                    let document = document_in_doubt(&policy.document, perhaps, self.at);
                    self.write_into(one.holder(), policy.name.clone(), document);
                }
                ListedItem::Managed(arn) => {
                    let policy = Target::Named(arn.to_string());
                    self.attach(one.holder(), &policy, 0, perhaps);
                }
                ListedItem::Group(name) => {
                    self.join(&one.id, &Target::Named(name.to_string()), 0, perhaps);
                }
            }
        }
        let bounded: Vec<(String, Box<str>)> = self
            .principals
            .iter()
            .filter_map(|(id, new)| Some((id.clone(), new.listed.as_ref()?.boundary.clone()?)))
            .collect();
        for (id, arn) in bounded {
            self.bound(&id, &Target::Named(arn.into()), 0);
        }
    }

    /// Whether an inline policy of the listing stays beside those that the file writes under their names.
    pub(crate) fn overwritten(&self, listed: &Listed, policy: &InlinePolicy) -> AfterDeployment {
        let at = (listed.holder, listed.id.clone());
        let name = Text::from(&*policy.name);
        let written = self.written.get(&at).map_or(&[][..], Vec::as_slice);
        let mut same = written.iter().filter(|other| other.name.may_be(&name));
        if same
            .clone()
            .any(|other| other.is_certain && other.name == name)
        {
            return AfterDeployment::Removed;
        }
        let Some(other) = same.next() else {
            return AfterDeployment::Stays;
        };
        AfterDeployment::Unknown(Unknown {
            name: policy.name.to_string(),
            why: format!(
                "the policy on line {} may overwrite `{}`",
                other.line, policy.name
            ),
            line: other.line,
            of: None,
        })
    }
}

impl NewPrincipal {
    /// One of the listing, without what it holds.
    fn listed(principal: &Principal, line: usize) -> Self {
        Self {
            name: Some(principal.arn.name().to_owned()),
            path: Some(principal.arn.path().to_owned()),
            tags: principal.tags.clone(),
            trust: principal.trust.clone(),
            instance_profiles: principal.instance_profiles.clone(),
            unsettled: principal.unsettled.clone(),
            listed: Some(principal.clone()),
            ..Self::new(principal.arn.kind(), line)
        }
    }
}
