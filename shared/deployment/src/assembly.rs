//! Assembling: how do the resources of a file become one inventory?
//!
//! In: users, roles, groups, policies and attachments, each with its line. Out: an [`iam::Inventory`]. A policy or group that
//! the file names without defining it comes from the account's listing if one was given, otherwise it is unreadable, with the
//! reason. A policy that may or may not be attached is included with every statement in doubt.

mod aws_policies;
mod entities;
mod existing;
mod finish;
mod holders;
mod inline;
mod names;
mod not_looked_at;
mod quotas;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use iam::AccountId;
use iam::inventory::{Fault, Gap, Group, InlinePolicy, ManagedPolicy, PolicyText, TrustText};
use iam::policy::validate::DocumentKind;

pub(crate) use entities::{Holder, HolderKind, NewGroup, NewPolicy, NewPrincipal, Target};
pub(crate) use existing::{AfterDeployment, Listed, ListedItem};
pub(crate) use finish::accounts;
pub use finish::placeholder_account;
pub(crate) use holders::holders;
pub(crate) use names::Named;
pub(crate) use not_looked_at::NotLookedAt;

use crate::document::{self, FileName};
use crate::node::{Node, Text, Unknown};
use crate::{Account, Options};
use entities::NamedInline;

/// What the key of a policy that may not be attached ends with.
const IF_ATTACHED: &str = ", if it is attached";

/// What is made of a file so far.
pub(crate) struct Assembly<'a> {
    pub(crate) at: FileName<'a>,
    pub(crate) account: Account,
    pub(crate) partition: String,
    pub(crate) options: &'a Options<'a>,
    /// Users and roles by logical id or address.
    pub(crate) principals: BTreeMap<String, NewPrincipal>,
    /// Groups by logical id or address.
    pub(crate) groups: BTreeMap<String, NewGroup>,
    /// Managed policies by logical id or address.
    pub(crate) policies: BTreeMap<String, NewPolicy>,
    /// The ARNs of those to which the file gives a name of which pieces are not known.
    pub(crate) open_policies: Vec<(String, Text)>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) notes: BTreeSet<String>,
    /// Characters of inline policies, by logical id or address.
    inline_of_principals: BTreeMap<String, usize>,
    inline_of_groups: BTreeMap<String, usize>,
    /// Users and roles that are not created, each with the reason.
    pub(crate) left_out: Vec<String>,
    /// What stands in the file that has to do with users and roles outside it, a sentence each.
    pub(crate) beside: BTreeSet<String>,
    /// How many resources the file creates.
    pub(crate) resources: usize,
    /// Users and roles that the deployment deletes, by address, with their names.
    pub(crate) deleted: BTreeMap<String, String>,
    /// Policies that something attaches, and groups that somebody is in, as the inventory will hold them.
    attached: HashMap<Box<str>, ManagedPolicy>,
    joined: BTreeMap<Box<str>, Group>,
    /// Inline policies with their names, by whoever holds them.
    written: BTreeMap<(HolderKind, String), Vec<NamedInline>>,
}

/// A document of which `perhaps` is why it may not be there.
fn document_in_doubt(
    document: &PolicyText,
    perhaps: Option<&Unknown>,
    at: FileName<'_>,
) -> PolicyText {
    match (perhaps, &**document) {
        (Some(why), Ok(document)) => Arc::new(Ok(document::in_doubt(document, why, at))),
        (Some(_), Err(_)) | (None, _) => Arc::clone(document),
    }
}

impl<'a> Assembly<'a> {
    pub(crate) fn new(
        file: &'a str,
        account: Account,
        partition: &str,
        options: &'a Options<'a>,
    ) -> Self {
        Self {
            at: FileName(file),
            account,
            partition: partition.to_owned(),
            options,
            principals: BTreeMap::new(),
            groups: BTreeMap::new(),
            policies: BTreeMap::new(),
            open_policies: Vec::new(),
            gaps: Vec::new(),
            notes: BTreeSet::new(),
            inline_of_principals: BTreeMap::new(),
            inline_of_groups: BTreeMap::new(),
            left_out: Vec::new(),
            beside: BTreeSet::new(),
            resources: 0,
            deleted: BTreeMap::new(),
            attached: HashMap::new(),
            joined: BTreeMap::new(),
            written: BTreeMap::new(),
        }
    }

    /// What something of the file is called: its name, and where it stands.
    pub(crate) fn label(&self, name: &str, line: usize) -> Box<str> {
        match line {
            0 => format!("{name} ({})", self.at.0).into(),
            line => format!("{name} ({}:{line})", self.at.0).into(),
        }
    }

    /// A document as it stands in the file under `id`; `perhaps` is why it may not be there.
    pub(crate) fn document(
        &mut self,
        (id, kind): (&str, DocumentKind),
        node: &Node,
        perhaps: Option<&Unknown>,
    ) -> PolicyText {
        self.check_grammar(id, "policy", document::refused(node, kind));
        self.in_doubt(&Arc::new(document::identity(node, self.at)), perhaps)
    }

    /// The same document; `perhaps` is why it may not be there.
    pub(crate) fn in_doubt(&self, document: &PolicyText, perhaps: Option<&Unknown>) -> PolicyText {
        document_in_doubt(document, perhaps, self.at)
    }

    /// The trust policy of a role as it stands in the file.
    pub(crate) fn trust(&mut self, id: &str, node: &Node) -> TrustText {
        let refused = document::refused(node, DocumentKind::Trust);
        self.check_grammar(id, "trust policy", refused);
        self.check_trust_size(id, node);
        Arc::new(document::trust(node, self.at))
    }

    /// Adds a gap for everything that IAM refuses: the deployment fails.
    fn check_grammar(&mut self, id: &str, what: &str, refused: Vec<Fault>) {
        for Fault { reason, line, .. } in refused {
            self.refuse(id, line, &format!("IAM refuses the {what}: {reason}"));
        }
    }

    /// A document that nobody can read.
    pub(crate) fn unreadable(&self, line: usize, why: &str) -> PolicyText {
        Arc::new(Err(self.at.fault(line, why)))
    }

    /// Writes a policy into a principal or group.
    pub(crate) fn write_into(&mut self, holder: Holder<'_>, name: Box<str>, document: PolicyText) {
        if let Some(inline) = self.inline(holder) {
            inline.push(InlinePolicy { name, document });
        }
    }

    fn inline(&mut self, holder: Holder<'_>) -> Option<&mut Vec<InlinePolicy>> {
        match holder {
            Holder::Principal(id) => self.principals.get_mut(id).map(|one| &mut one.inline),
            Holder::Group(id) => self.groups.get_mut(id).map(|one| &mut one.group.inline),
        }
    }

    /// Attaches a managed policy; `perhaps` is why it may not be attached.
    pub(crate) fn attach(
        &mut self,
        holder: Holder<'_>,
        policy: &Target,
        line: usize,
        perhaps: Option<&Unknown>,
    ) {
        let key = self.managed(policy, line, perhaps);
        let attached = match holder {
            Holder::Principal(id) => self.principals.get_mut(id).map(|one| &mut one.attached),
            Holder::Group(id) => self.groups.get_mut(id).map(|one| &mut one.group.attached),
        };
        if let Some(attached) = attached
            && !attached.contains(&key)
        {
            attached.push(key);
        }
    }

    /// Sets a principal's permissions boundary.
    pub(crate) fn bound(&mut self, id: &str, policy: &Target, line: usize) {
        let key = self.managed(policy, line, None);
        if let Some(principal) = self.principals.get_mut(id) {
            principal.boundary = Some(key);
        }
    }

    /// Puts a user into a group; `perhaps` is why it may not be there.
    pub(crate) fn join(
        &mut self,
        user: &str,
        group: &Target,
        line: usize,
        perhaps: Option<&Unknown>,
    ) {
        let key = self.group(group, line, perhaps);
        if let Some(user) = self.principals.get_mut(user)
            && !user.groups.contains(&key)
        {
            user.groups.push(key);
        }
    }

    /// Under which key the inventory will hold a managed policy.
    fn managed(&mut self, policy: &Target, line: usize, perhaps: Option<&Unknown>) -> Box<str> {
        let (key, document) = match policy {
            Target::Here(id) => match self.policies.get(id) {
                Some(found) => (found.label.clone(), Arc::clone(&found.document)),
                None => {
                    let why = format!("`{id}` is no managed policy");
                    (self.label(id, line), self.unreadable(line, &why))
                }
            },
            Target::Named(arn) => self.by_arn(arn, line),
            Target::Unknown(unknown) => (
                self.label(&unknown.name, line),
                self.unreadable(unknown.line, &unknown.why),
            ),
        };
        let document = self.in_doubt(&document, perhaps);
        let key = match perhaps {
            Some(_) => format!("{key}{IF_ATTACHED}").into(),
            None => key,
        };
        self.attached
            .entry(key.clone())
            .or_insert_with(|| ManagedPolicy {
                name: key.clone(),
                version: Box::default(),
                newest: Box::default(),
                document,
            });
        key
    }

    fn by_arn(&self, arn: &str, line: usize) -> (Box<str>, PolicyText) {
        let mut here = self.policies.values();
        if let Some(found) = here.find(|policy| policy.arn.as_deref() == Some(arn)) {
            return (found.label.clone(), Arc::clone(&found.document));
        }
        let mut open = self.open_policies.iter();
        if let Some((id, _)) = open.find(|(_, text)| text.may_be(&arn.into())) {
            let why = format!("this may be `{id}`, of whose name not all is known");
            return (arn.into(), self.unreadable(line, &why));
        }
        let existing = self.options.existing;
        if let Some(found) = existing.and_then(|inventory| inventory.policies.get(arn)) {
            return (arn.into(), Arc::clone(&found.document));
        }
        let document = aws_policies::document(arn).unwrap_or_else(|| {
            let why = match existing {
                Some(_) => "neither the file nor the account's listing holds this policy",
                None => "the file does not hold this policy: the listing of an account that does can be given with --auth-details",
            };
            self.unreadable(line, why)
        });
        (arn.into(), document)
    }

    /// Under which key the inventory will hold a group.
    fn group(&mut self, group: &Target, line: usize, perhaps: Option<&Unknown>) -> Box<str> {
        let by_name = |name: &str| {
            let mut here = self.groups.iter();
            here.find(|(_, one)| one.name.as_deref() == Some(name))
                .map(|(id, _)| id.clone())
        };
        let here = match group {
            Target::Here(id) => self.groups.contains_key(id).then(|| id.clone()),
            Target::Named(name) => by_name(name),
            Target::Unknown(_) => None,
        };
        let (key, found): (Box<str>, Option<Group>) = match (here, group) {
            (Some(id), _) => {
                let group = self.groups.get(&id).map(|one| one.group.clone());
                (id.into(), group)
            }
            (None, Target::Named(name)) => (name.as_str().into(), self.existing_group(name)),
            (None, Target::Here(id)) => (self.label(id, line), None),
            (None, Target::Unknown(unknown)) => (self.label(&unknown.name, line), None),
        };
        let mut found = found.unwrap_or_else(|| {
            let document = match group {
                Target::Unknown(unknown) => self.unreadable(unknown.line, &unknown.why),
                Target::Here(_) | Target::Named(_) => {
                    self.unreadable(line, "the file does not hold this group")
                }
            };
            Group {
                inline: vec![InlinePolicy {
                    name: "all of it".into(),
                    document,
                }],
                attached: Vec::new(),
            }
        });
        let Some(why) = perhaps else {
            self.joined.entry(key.clone()).or_insert(found);
            return key;
        };
        for policy in &mut found.inline {
            policy.document = self.in_doubt(&policy.document, perhaps);
        }
        let attached = std::mem::take(&mut found.attached);
        for key in attached {
            let Some(policy) = self.attached.get(&key).cloned() else {
                found.attached.push(key);
                continue;
            };
            let document = self.in_doubt(&policy.document, Some(why));
            let key: Box<str> = format!("{key}{IF_ATTACHED}").into();
            found.attached.push(key.clone());
            let policy = ManagedPolicy { document, ..policy };
            self.attached.entry(key).or_insert(policy);
        }
        let key: Box<str> = format!("{key}, if the user is in it").into();
        self.joined.entry(key.clone()).or_insert(found);
        key
    }

    /// A group of the account's listing, with the policies that are attached to it.
    fn existing_group(&mut self, name: &str) -> Option<Group> {
        let existing = self.listing()?;
        let mut group = existing.groups.get(name)?.clone();
        for arn in &mut group.attached {
            *arn = self.managed(&Target::Named(arn.to_string()), 0, None);
        }
        Some(group)
    }

    /// The account's id as it stands in ARNs.
    pub(crate) fn account_id(&self) -> AccountId {
        self.account.id()
    }
}
