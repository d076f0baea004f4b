//! The last step of assembling: principals get their ARNs, and everything collected becomes an inventory.

use std::collections::{BTreeMap, BTreeSet};

use iam::inventory::{Gap, InlinePolicy, PolicyText, Principal};
use iam::{AccountId, Arn, Inventory, PrincipalArn, PrincipalKind};

use super::{Assembly, NewPrincipal};
use crate::{Account, Deployment, Form, Origin, ReadError};

/// The account that stands for one that nobody named.
///
/// # Errors
/// Never: the number is a valid one.
pub fn placeholder_account() -> Result<AccountId, ReadError> {
    "000000000000".parse().map_err(|_| ReadError::Empty)
}

/// The accounts that an inventory's policies name, but for the made-up one, sorted.
pub(crate) fn accounts(inventory: &Inventory, placeholder: AccountId) -> Vec<AccountId> {
    let mut found = BTreeSet::new();
    let mut take = |arn: &str| {
        if let Ok(arn) = Arn::parse(arn) {
            found.extend(arn.account.parse::<AccountId>());
        }
    };
    let groups = inventory.groups.values().flat_map(|group| &group.inline);
    let principals = inventory.principals.iter();
    let inline: Vec<&InlinePolicy> = groups
        .chain(principals.flat_map(|principal| &principal.inline))
        .collect();
    let managed = inventory.policies.values().map(|policy| &policy.document);
    let documents = managed.chain(inline.into_iter().map(|policy| &policy.document));
    documents.for_each(|document| resources(document, &mut take));
    inventory.policies.keys().for_each(|arn| take(arn));
    found.remove(&placeholder);
    found.into_iter().collect()
}

fn resources(document: &PolicyText, take: &mut impl FnMut(&str)) {
    let statements = document.as_ref().iter().flat_map(|known| &known.statements);
    for statement in statements {
        statement
            .resource
            .patterns
            .iter()
            .for_each(|pattern| take(pattern));
    }
}

impl Assembly<'_> {
    /// The whole.
    ///
    /// # Errors
    /// [`ReadError::NoPrincipal`] where there is no user and no role, [`ReadError::NoneCreated`] where none is created.
    pub(crate) fn finish(mut self, form: Form) -> Result<Deployment, ReadError> {
        self.check_quotas();
        if self.principals.is_empty() && self.gaps.is_empty() && self.deleted.is_empty() {
            return Err(self.nobody());
        }
        let mut origins: BTreeMap<PrincipalArn, Origin> = BTreeMap::new();
        let mut principals = Vec::new();
        let mut principal_gaps = BTreeMap::new();
        for (id, mut new) in std::mem::take(&mut self.principals) {
            let line = new.line;
            let gaps = std::mem::take(&mut new.gaps);
            let principal = match self.principal(&id, new) {
                Ok(principal) => principal,
                Err(gap) => {
                    self.gaps.push(gap);
                    continue;
                }
            };
            if let Some(other) = origins.get(&principal.arn) {
                let why = format!("`{}` on line {} has the same name", other.id, other.line);
                self.gaps.push(self.gap(&id, line, &why));
                continue;
            }
            if !gaps.is_empty() {
                principal_gaps.insert(principal.arn.clone(), gaps);
            }
            origins.insert(principal.arn.clone(), Origin { id, line });
            principals.push(principal);
        }
        principals.sort_by(|one, other| one.arn.cmp(&other.arn));
        Ok(Deployment {
            form,
            account: self.account,
            inventory: Inventory {
                account: Some(self.account.id()),
                principals,
                groups: self.joined,
                policies: self.attached,
                access_keys: None,
                root_keys: None,
                gaps: self.gaps,
            },
            origins,
            principal_gaps,
            deleted: self.deleted,
            notes: self.notes.into_iter().collect(),
        })
    }

    fn nobody(&self) -> ReadError {
        if !self.left_out.is_empty() {
            return ReadError::NoneCreated {
                left_out: self.left_out.join("; "),
            };
        }
        let mut beside = self.beside.clone();
        let mut policies: Vec<&str> = self.policies.keys().map(String::as_str).collect();
        policies.extend(self.groups.keys().map(String::as_str));
        if !policies.is_empty() {
            beside.insert(format!(
                "it holds policies and groups only ({}), so pass the template that attaches them, the documents one by one, or with --auth-details the listing of an account that has them already",
                policies.join(", ")
            ));
        }
        let instead = match (beside.is_empty(), self.resources) {
            (false, _) => beside.into_iter().collect::<Vec<_>>().join("; "),
            (true, 0) => "it has no resources".to_owned(),
            (true, 1) => "its only resource is none of IAM".to_owned(),
            (true, count) => format!("none of its {count} resources is one of IAM"),
        };
        ReadError::NoPrincipal { instead }
    }

    /// Something that cannot be checked.
    pub(crate) fn gap(&self, id: &str, line: usize, why: &str) -> Gap {
        let mut fault = self.at.fault(line, why);
        // The reason has the place in it.
        fault.line = 0;
        Gap::Item {
            what: format!("`{id}`").into(),
            fault,
        }
    }

    fn principal(&self, id: &str, new: NewPrincipal) -> Result<Principal, Gap> {
        if let Some(listed) = new.listed {
            return Ok(Principal {
                inline: new.inline,
                attached: new.attached,
                groups: new.groups,
                boundary: new.boundary,
                instance_profiles: new.instance_profiles,
                ..listed
            });
        }
        let kind = match new.kind {
            PrincipalKind::User => "user",
            PrincipalKind::Role => "role",
        };
        let name = new.name.clone().unwrap_or_else(|| placeholder_name(id));
        let path = new.path.as_deref().unwrap_or("/");
        let (partition, account) = (&self.partition, self.account_id());
        let arn = format!("arn:{partition}:iam::{account}:{kind}{path}{name}");
        let arn: PrincipalArn = arn
            .parse()
            .map_err(|error: iam::ParseArnError| self.gap(id, new.line, &error.to_string()))?;
        let mut unsettled = new.unsettled;
        // IAM gives the id.
        unsettled.push("aws:userid".into());
        let is_placeholder = matches!(self.account, Account::Placeholder(_));
        if is_placeholder {
            unsettled.push("aws:PrincipalAccount".into());
        }
        if is_placeholder || new.name.is_none() || new.path.is_none() {
            unsettled.push("aws:PrincipalArn".into());
        }
        if new.kind == PrincipalKind::User && new.name.is_none() {
            unsettled.push("aws:username".into());
        }
        Ok(Principal {
            arn,
            id: Box::default(),
            created: Box::default(),
            tags: new.tags,
            inline: new.inline,
            attached: new.attached,
            groups: new.groups,
            boundary: new.boundary,
            trust: new.trust,
            instance_profiles: new.instance_profiles,
            unsettled,
        })
    }
}

/// A name for something that gets its name later.
fn placeholder_name(id: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-".contains(letter);
    id.chars()
        .map(|letter| if plain(letter) { letter } else { '-' })
        .collect()
}
