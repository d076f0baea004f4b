//! Classes: which principals do the policies of the resource side not tell apart?
//!
//! In: the policies that requests of a requirement meet. Out: for each principal a [`Class`]. All principals of one class get the same
//! from the resource side, so that 20,000 roles on which one bucket policy holds are decided once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use iam::context::follows_from_principal;
use iam::policy::{NamedPrincipal, Statement};
use iam::{ActionName, Principal, PrincipalKind, variable};

use super::side::Side;

/// The principals that are decided alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Nobody else.
    Own,
    /// All with the same of these.
    Shared(Alike),
}

/// What principals that are decided alike have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Alike {
    kind: PrincipalKind,
    has_boundary: bool,
    is_service_linked: bool,
    /// The values of the tags that policies ask for.
    tags: Vec<Option<Box<str>>>,
}

/// By what the policies tell principals apart.
#[derive(Default)]
pub(super) struct Traits<'a> {
    /// ARNs, unique ids and names of roles.
    named: BTreeSet<&'a str>,
    /// Keys of tags.
    tags: BTreeSet<Box<str>>,
    /// They ask for what each principal has for itself.
    all: bool,
}

const TAG: &str = "aws:principaltag/";

impl<'a> Traits<'a> {
    /// Adds those of the policies of a side, as far as they are about the actions.
    pub(super) fn add<'n>(
        &mut self,
        side: &Side<'a>,
        actions: impl Iterator<Item = &'n ActionName> + Clone,
    ) {
        let documents = side.policies().filter_map(|policy| policy.document.ok());
        for statement in documents.flat_map(|document| &document.statements) {
            if actions.clone().any(|action| statement.is_about(action)) {
                self.add_statement(statement);
            }
        }
    }

    fn add_statement(&mut self, statement: &'a Statement) {
        for principal in statement.principals.iter().flat_map(|some| &some.list) {
            match principal {
                NamedPrincipal::Entity(arn) => {
                    self.named.insert(arn.as_str());
                }
                NamedPrincipal::RoleSession { role, .. } => {
                    self.named.insert(role);
                }
                NamedPrincipal::UniqueId(id) => {
                    self.named.insert(id);
                }
                NamedPrincipal::FederatedUser { .. } | NamedPrincipal::CanonicalUser(_) => {
                    self.all = true;
                }
                NamedPrincipal::Everybody
                | NamedPrincipal::Account(_)
                | NamedPrincipal::Other(_) => {}
            }
        }
        let patterns = statement.resource.patterns.iter();
        let values = statement.conditions.iter().flat_map(|one| &one.values);
        self.all |= patterns
            .chain(values)
            .any(|text| variable::has_variables(text));
        for condition in &statement.conditions {
            let key = condition.key.to_ascii_lowercase();
            match key.strip_prefix(TAG) {
                Some(tag) => {
                    self.tags.insert(tag.into());
                }
                None => self.all |= tells_apart(&key),
            }
        }
    }

    /// The class of a principal.
    pub(super) fn class(&self, principal: &Principal) -> Class {
        let arn = &principal.arn;
        let is_named = [arn.as_str(), arn.name(), &principal.id]
            .into_iter()
            .any(|name| self.named.contains(name));
        if self.all || is_named || !principal.unsettled.is_empty() {
            return Class::Own;
        }
        let tag = |wanted: &str| {
            let mut tags = principal.tags.iter();
            let found = tags.find(|(key, _)| key.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| value.clone())
        };
        Class::Shared(Alike {
            kind: arn.kind(),
            has_boundary: principal.boundary.is_some(),
            is_service_linked: arn.is_service_linked(),
            tags: self.tags.iter().map(|wanted| tag(wanted)).collect(),
        })
    }
}

/// Whether a condition on a key, in lower case, can hold for one principal of an account and kind and not for another.
fn tells_apart(key: &str) -> bool {
    const SAME: [&str; 7] = [
        "aws:principalaccount",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
    ];
    // What a session without a second factor bears is the same for all of a kind.
    let is_of_session = key.starts_with("aws:multifactor") || key.starts_with("aws:tokenissue");
    follows_from_principal(key) && !is_of_session && !SAME.contains(&key)
}

/// An action of planned requests.
pub(super) struct Action {
    /// The position in the question.
    pub(super) position: u16,
    pub(super) name: ActionName,
    /// The same for actions that the same statements of the resource side are about: what it makes of them is the same.
    pub(super) alike: usize,
    /// Whether the resource side can let it through by itself.
    pub(super) can_lift: bool,
}

/// The actions with which of them the resource side does not tell apart.
pub(super) fn alike(actions: Vec<(u16, ActionName)>, sides: &[Arc<Side<'_>>]) -> Vec<Action> {
    let policies = sides.iter().flat_map(|side| side.policies());
    let documents = policies.filter_map(|policy| policy.document.ok());
    let statements: Vec<&Statement> = documents
        .flat_map(|document| &document.statements)
        .collect();
    let is_foreign = sides.iter().any(|side| side.account.is_some());
    let mut known: HashMap<(Vec<bool>, Option<ActionName>), usize> = HashMap::new();
    let told_apart = actions
        .into_iter()
        .enumerate()
        .map(|(at, (position, name))| {
            let about = statements.iter().map(|one| one.is_about(&name));
            // Across accounts KMS and AWS Backup tell actions apart, and RCPs spare one.
            let is_special = is_foreign || name.as_str().eq_ignore_ascii_case("kms:RetireGrant");
            let key = (about.collect(), is_special.then(|| name.clone()));
            let alike = *known.entry(key).or_insert(at);
            Action {
                can_lift: sides.iter().any(|side| side.can_lift(&name)),
                position,
                name,
                alike,
            }
        });
    told_apart.collect()
}
