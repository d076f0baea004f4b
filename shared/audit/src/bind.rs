//! Binding: which requirements do tags and settings make of an inventory?
//!
//! In: what is asked, and an inventory. Out: one [`Subject`] for each principal that is named, with its requirements,
//! and everything that could not be followed. Principals with the same tags share one list of requirements, so a tag is read
//! once however many bear it.
//!
//! What a tag says is `declaration`'s business, what a set asks is `layout`'s, and of which ARN `resource`'s.

pub mod assumptions;
mod declaration;
pub(crate) mod found_keys;
mod found_regions;
mod groups;
mod key_asks;
mod layout;
pub mod listed;
mod named;
pub mod principals;
pub mod requirement;
pub(crate) mod resource;
mod scope;
mod unread;
mod vault_regions;
pub(crate) mod wanted;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use catalog::{Catalog, Grant};
use foldhash::fast::RandomState;
use iam::{AccountId, Inventory, Principal, PrincipalKind};

use crate::asked::{Asked, Extent};
use crate::bind::requirement::{
    BindFault, BindFaultKind, Bound, CanaryCheck, Requirement, Subject,
};
use crate::judge::assessment::Selection;
use crate::settings::Settings;
use crate::settings::names::without_prefix;
use declaration::Vocabulary;
use layout::Layouts;

/// Binds every principal that tags or settings name; only the selected become subjects.
#[must_use]
pub fn bind(asked: &Asked<'_>, inventory: &Inventory, selection: &Selection) -> Bound {
    let (catalog, settings) = (asked.catalog, asked.settings);
    let vocabulary = Vocabulary::new(asked);
    let mut layouts = Layouts::new(asked);
    let mut shared: HashMap<Key<'_>, Shared, RandomState> = HashMap::default();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut bound = Bound::default();
    for (position, principal) in inventory.principals.iter().enumerate() {
        let key = Key::of(principal, asked);
        used.extend(&key.bindings);
        if key.is_empty() {
            if looks_like_veeam(principal, settings) {
                bound.lookalikes.push(principal.arn.clone());
            }
            continue;
        }
        let shared = shared.entry(key).or_insert_with_key(|key| {
            Shared::of(key, &vocabulary, &mut layouts, catalog, asked.extent)
        });
        for (place, kind) in &shared.faults {
            bound.faults.push(BindFault {
                principal: principal.arn.clone(),
                place: place.clone(),
                kind: kind.clone(),
            });
        }
        if !shared.named {
            if shared.faults.is_empty() && looks_like_veeam(principal, settings) {
                bound.lookalikes.push(principal.arn.clone());
            }
            continue;
        }
        bound.named.push(principal.arn.clone());
        if !selection.takes(&principal.arn) || shared.requirements.is_empty() {
            continue;
        }
        let requirements = match selection.sets {
            None => Arc::clone(&shared.requirements),
            Some(_) => selected(&shared.requirements, selection),
        };
        if !requirements.is_empty() {
            bound.subjects.push(Subject {
                principal: position,
                requirements,
            });
        }
    }
    if asked.excess.is_some() && selection.sets.is_none() {
        let first = inventory.principals.first();
        let partition = first.map_or("aws", |principal| principal.arn.partition());
        bound.excess = Some(layouts.excess(partition, &settings.regions));
    }
    if let Some(canary) = asked.canary.filter(|_| selection.is_all())
        && let Ok(principal) = inventory
            .principals
            .binary_search_by(|principal| principal.arn.cmp(&canary.principal))
    {
        bound.canary = Some(CanaryCheck {
            principal,
            questions: layouts.canary(&canary.action, &settings.regions),
        });
    }
    bound.unused = asked
        .bindings()
        .enumerate()
        .filter(|(at, _)| !used.contains(at))
        .filter(|(_, binding)| {
            let principal = binding.principal.as_ref();
            asked.settings_of.misses(asked.account, principal)
        })
        .map(|(_, binding)| {
            let pattern = binding.principal.as_ref();
            let pattern = pattern.map_or("", |pattern| pattern.as_str());
            match binding.line {
                0 => format!("{pattern} (command line)").into(),
                line => format!("{pattern} (line {line})").into(),
            }
        })
        .collect();
    bound
}

/// All that the requirements of a principal hang on; equal keys share.
#[derive(PartialEq, Eq, Hash)]
struct Key<'i> {
    partition: &'i str,
    account: AccountId,
    kind: PrincipalKind,
    /// The tags with our prefix, sorted, without it.
    tags: Vec<(&'i str, &'i str)>,
    /// Whole tag keys that have our prefix but for capitals and blanks, sorted.
    nearly: Vec<&'i str>,
    /// Positions of the bindings that match.
    bindings: Vec<usize>,
    /// Positions of the settings' request contexts that are of it.
    requests: Vec<usize>,
}

impl<'i> Key<'i> {
    fn of(principal: &'i Principal, asked: &Asked<'_>) -> Self {
        let prefix: &str = &asked.settings.tag_prefix;
        let mut tags: Vec<(&str, &str)> = principal
            .tags
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value.as_ref())))
            .collect();
        tags.sort_unstable();
        let keys = principal.tags.iter().map(|(key, _)| &**key);
        let mut nearly: Vec<&str> = keys
            .filter(|key| !key.starts_with(prefix) && without_prefix(key, prefix).is_some())
            .collect();
        nearly.sort_unstable();
        let arn = principal.arn.as_str();
        let bindings = asked
            .bindings()
            .enumerate()
            .filter(|(_, binding)| {
                let pattern = binding.principal.as_ref();
                pattern.is_some_and(|pattern| pattern.matches(arn))
            })
            .map(|(at, _)| at)
            .collect();
        let requests = asked.settings.requests.iter().enumerate();
        let requests = requests.filter(|(_, request)| request.is_of(&principal.arn));
        Self {
            requests: requests.map(|(at, _)| at).collect(),
            partition: principal.arn.partition(),
            account: principal.arn.account(),
            kind: principal.arn.kind(),
            tags,
            nearly,
            bindings,
        }
    }

    fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.nearly.is_empty() && self.bindings.is_empty()
    }
}

/// What principals with one key have in common.
struct Shared {
    /// Whether a tag or a binding names action sets at all.
    named: bool,
    requirements: Arc<[Arc<Requirement>]>,
    faults: Vec<(Box<str>, BindFaultKind)>,
}

impl Shared {
    fn of(
        key: &Key<'_>,
        vocabulary: &Vocabulary<'_>,
        layouts: &mut Layouts<'_>,
        catalog: &Catalog,
        extent: Extent,
    ) -> Self {
        let mut declared = vocabulary.read(key.partition, key.account, &key.tags, &key.bindings);
        declared.scope.requests.clone_from(&key.requests);
        let mut faults = declared.faults;
        faults.extend(vocabulary.nearly_tags(&key.nearly));
        let mut requirements = Vec::with_capacity(declared.sets.len());
        for (id, place) in &declared.sets {
            let set = match catalog.find(id) {
                Ok(set) => set,
                Err(unknown) => {
                    let found = unknown.found.into();
                    let closest = unknown.nearest.map(|id| id.as_str().into());
                    faults.push((place.clone(), BindFaultKind::UnknownSet { found, closest }));
                    continue;
                }
            };
            let granted = match set.grant {
                Grant::IdentityPolicy => None,
                Grant::KeyPolicy => Some("in the policy of a KMS key"),
                Grant::NotAws => Some("in another vendor's IAM"),
            };
            if let Some(granted) = granted {
                let (set, granted) = (set.id.as_str().into(), granted.into());
                faults.push((place.clone(), BindFaultKind::NotAuditable { set, granted }));
                continue;
            }
            if !set.principal.admits(key.kind) && extent != Extent::Policies {
                let (set, meant) = (set.id.as_str().into(), set.principal.as_str().into());
                faults.push((place.clone(), BindFaultKind::WrongKind { set, meant }));
            }
            requirements.push(layouts.requirement(set, key.kind, &declared.scope, &declared.sets));
        }
        for name in key_asks::unused(&declared.scope, &requirements) {
            let place = format!("{}{name}", vocabulary.prefix()).into();
            let name = name.into();
            faults.push((place, BindFaultKind::UnusedKey { name }));
        }
        Self {
            named: declared.named,
            requirements: requirements.into(),
            faults,
        }
    }
}

fn selected(requirements: &[Arc<Requirement>], selection: &Selection) -> Arc<[Arc<Requirement>]> {
    requirements
        .iter()
        .filter(|requirement| selection.takes_set(&requirement.set))
        .cloned()
        .collect()
}

fn looks_like_veeam(principal: &Principal, settings: &Settings) -> bool {
    let name = principal.arn.name();
    settings
        .looks_like_veeam
        .iter()
        .any(|pattern| pattern.matches_any_case(name))
        && !principal.arn.is_service_linked()
}
