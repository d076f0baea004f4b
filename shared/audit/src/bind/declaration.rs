//! Declarations: what do the tags of a principal, and the bindings that match it, say?
//!
//! Several values stand in one tag, separated by blanks, and `…:2`, `…:3` continue a tag whose value got too long. Tags
//! and bindings add up; where one answer or version is to be had, the tag wins.

mod repository_key;

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Catalog, FillError, ProductVersion, ScopeVariable, nearest};
use iam::AccountId;

use super::resource::arns_of;
use super::scope::Scope;
use super::vault_regions;
use crate::asked::{Asked, Extent};
use crate::bind::requirement::BindFaultKind;
use crate::settings::names::without_prefix;
use crate::settings::{Binding, EXTERNAL_ID, Settings, is_assumer, is_external_id, is_region};

/// The tag keys that mean something, without the prefix.
pub(super) struct Vocabulary<'c> {
    catalog: &'c Catalog,
    prefix: &'c str,
    /// Tag key to scope input: `kms-key` to `kms_key`.
    inputs: BTreeMap<String, &'c str>,
    conditions: BTreeSet<&'c str>,
    settings: &'c Settings,
    bindings: Vec<&'c Binding>,
    /// The version that holds whatever is declared.
    version: Option<ProductVersion>,
    extent: Extent,
}

/// What tags and bindings declare of one principal.
pub(super) struct Declaration {
    /// Whether action sets are named at all.
    pub(super) named: bool,
    /// Ids as found, with the tag key or the settings' line they come from.
    pub(super) sets: BTreeMap<Box<str>, Box<str>>,
    pub(super) scope: Scope,
    pub(super) faults: Vec<(Box<str>, BindFaultKind)>,
    /// Vaults, with the place they come from: which regions are declared is said elsewhere.
    vaults: Vec<(Box<str>, Box<str>)>,
}

const SETS: &str = "action-sets";
const REGIONS: &str = "regions";
const VERSION: &str = "product-version";
const ASSUMED_BY: &str = "assumed-by";
const WORKER_ACCOUNT: &str = "worker-account";
const EXTERNAL_IDS: &str = "external-id";

/// What is expected.
const REGION: &str = "a region, such as eu-central-1";
const ASSUMER: &str = "an account id or the ARN of a role";
const WORKERS: &str = "the id of an account, twelve digits";

/// The input that names vaults.
const VAULTS: &str = "vault";

impl<'c> Vocabulary<'c> {
    pub(super) fn new(asked: &'c Asked<'_>) -> Self {
        let (catalog, settings) = (asked.catalog, asked.settings);
        let inputs = catalog.scope_variables().filter_map(|variable| {
            let input = variable.input.as_deref()?;
            Some((input.replace('_', "-"), input))
        });
        Self {
            catalog,
            prefix: &settings.tag_prefix,
            inputs: inputs.collect(),
            conditions: catalog.conditions().map(|(name, _)| name).collect(),
            settings,
            bindings: asked.bindings().collect(),
            version: asked.version,
            extent: asked.extent,
        }
    }

    /// What tag keys that mean something begin with.
    pub(super) fn prefix(&self) -> &str {
        self.prefix
    }

    /// Reads the tags (without prefix) and the bindings (by position) of a principal.
    pub(super) fn read(
        &self,
        partition: &str,
        account: AccountId,
        tags: &[(&str, &str)],
        bindings: &[usize],
    ) -> Declaration {
        let settings = self.settings;
        let mut declared = Declaration {
            named: false,
            sets: BTreeMap::new(),
            scope: Scope {
                partition: partition.into(),
                account,
                inputs: BTreeMap::new(),
                regions: BTreeSet::new(),
                version: self
                    .version
                    .or(settings.product_version)
                    .unwrap_or(ProductVersion::LATEST),
                answers: BTreeMap::new(),
                assumed_by: BTreeSet::new(),
                worker_accounts: BTreeSet::new(),
                external_ids: BTreeSet::new(),
                requests: Vec::new(),
            },
            faults: Vec::new(),
            vaults: Vec::new(),
        };
        for (name, answer) in &settings.answers {
            declared.scope.answers.insert(name.clone(), answer.yes);
        }
        for binding in bindings.iter().filter_map(|&at| self.bindings.get(at)) {
            declared.named = true;
            let place = binding.place();
            if binding.action_sets.is_empty() {
                declared.faults.push((place.clone(), BindFaultKind::Empty));
            }
            for id in &binding.action_sets {
                declared.sets.insert(id.clone(), place.clone());
            }
            for (input, values) in &binding.scope {
                let values = values.iter().map(AsRef::as_ref);
                self.values(&place, &input.replace('-', "_"), values, &mut declared);
            }
            declared
                .scope
                .regions
                .extend(binding.regions.iter().cloned());
            declared
                .scope
                .assumed_by
                .extend(binding.assumed_by.iter().cloned());
            let scope = &mut declared.scope;
            scope.worker_accounts.extend(&binding.worker_accounts);
            scope
                .external_ids
                .extend(binding.external_ids.iter().cloned());
            for (name, answer) in &binding.answers {
                declared.scope.answers.insert(name.clone(), answer.yes);
            }
            if self.version.is_none() {
                declared.scope.version = binding.product_version.unwrap_or(declared.scope.version);
            }
        }
        for (key, value) in tags {
            self.tag(key, value, &mut declared);
        }
        if declared.scope.regions.is_empty() {
            declared
                .scope
                .regions
                .extend(settings.regions.iter().cloned());
        }
        if declared.scope.assumed_by.is_empty() {
            declared
                .scope
                .assumed_by
                .extend(settings.assumed_by.iter().cloned());
        }
        if self.conditions.contains(repository_key::CONDITION) {
            let bindings = bindings.iter().filter_map(|&at| self.bindings.get(at));
            let mut answers = tags.iter().filter(|(key, _)| {
                let name = without_count(key);
                name == repository_key::CONDITION
            });
            let answer = answers.next().map(|(key, value)| {
                let place: Box<str> = format!("{}{key}", self.prefix).into();
                (place, *value)
            });
            let place = repository_key::settle(&mut declared.scope, answer, bindings.copied());
            let contradiction = || BindFaultKind::Contradiction {
                declared: repository_key::TAG.into(),
            };
            declared
                .faults
                .extend(place.map(|place| (place, contradiction())));
        }
        for (found, place) in std::mem::take(&mut declared.vaults) {
            if let Some(expected) = vault_regions::right(&found, &declared.scope.regions) {
                if let Some(vaults) = declared.scope.inputs.get_mut(VAULTS) {
                    vaults.remove(&found);
                }
                let expected = expected.into();
                let kind = BindFaultKind::BadValue { found, expected };
                declared.faults.push((place, kind));
            }
        }
        declared
    }

    /// What is wrong with tag keys that have our prefix but for capitals and blanks: IAM keeps these apart, and so do we.
    pub(super) fn nearly_tags<'k>(
        &'k self,
        keys: &'k [&str],
    ) -> impl Iterator<Item = (Box<str>, BindFaultKind)> + 'k {
        keys.iter().filter_map(|key| {
            let name = without_prefix(key, self.prefix)?;
            let close = nearest(without_count(&name), self.keys())?;
            Some(((*key).into(), self.misspelt(close)))
        })
    }

    fn misspelt(&self, meant: &str) -> BindFaultKind {
        let closest = Some(format!("{}{meant}", self.prefix).into());
        BindFaultKind::UnknownTag { closest }
    }

    fn tag(&self, key: &str, value: &str, declared: &mut Declaration) {
        let place: Box<str> = format!("{}{key}", self.prefix).into();
        let name = without_count(key);
        let values = || value.split_ascii_whitespace();
        let mut refuse = |found: &str, expected: &str| {
            let (found, expected) = (found.into(), expected.into());
            let kind = BindFaultKind::BadValue { found, expected };
            declared.faults.push((place.clone(), kind));
        };
        if name == SETS {
            declared.named = true;
            if values().next().is_none() {
                declared.faults.push((place.clone(), BindFaultKind::Empty));
            }
            let ids = values().map(|id| (id.into(), place.clone()));
            declared.sets.extend(ids);
        } else if name == REGIONS {
            if values().next().is_none() {
                refuse("", REGION);
            }
            for region in values() {
                if is_region(region) {
                    declared.scope.regions.insert(region.into());
                } else {
                    refuse(region, REGION);
                }
            }
        } else if name == VERSION && self.version.is_some() {
            // It is asked what would be if another version were installed.
        } else if name == VERSION {
            match value.parse() {
                Ok(version) => declared.scope.version = version,
                Err(_) => refuse(value, "v10 or v11, the version of the AWS backup appliance"),
            }
        } else if name == ASSUMED_BY {
            if values().next().is_none() {
                refuse("", ASSUMER);
            }
            for assumer in values() {
                if is_assumer(assumer) {
                    declared.scope.assumed_by.insert(assumer.into());
                } else {
                    refuse(assumer, ASSUMER);
                }
            }
        } else if name == WORKER_ACCOUNT {
            if values().next().is_none() {
                refuse("", WORKERS);
            }
            for account in values() {
                match account.parse() {
                    Ok(account) => {
                        declared.scope.worker_accounts.insert(account);
                    }
                    Err(_) => refuse(account, WORKERS),
                }
            }
        } else if name == EXTERNAL_IDS {
            if values().next().is_none() {
                refuse("", EXTERNAL_ID);
            }
            for id in values() {
                if is_external_id(id) {
                    declared.scope.external_ids.insert(id.into());
                } else {
                    refuse(id, EXTERNAL_ID);
                }
            }
        } else if let Some(&input) = self.inputs.get(name) {
            self.values(&place, input, values(), declared);
        } else if self.conditions.contains(name) {
            match value.to_ascii_lowercase().as_str() {
                "yes" | "true" => {
                    declared.scope.answers.insert(name.into(), true);
                }
                "no" | "false" => {
                    declared.scope.answers.insert(name.into(), false);
                }
                _ => refuse(value, "yes or no"),
            }
        } else if let Some(close) = nearest(name, self.keys()) {
            // A stranger's tag under our prefix is none of our business; one that is nearly ours is a slip.
            declared.faults.push((place, self.misspelt(close)));
        }
    }

    /// Takes the values that make an ARN of every variable with this input, and refuses the others, and that there are none.
    fn values<'v>(
        &self,
        place: &str,
        input: &str,
        values: impl Iterator<Item = &'v str>,
        declared: &mut Declaration,
    ) {
        let variables = self.catalog.scope_variables();
        let variables: Vec<&ScopeVariable> = variables
            .filter(|variable| variable.input.as_deref() == Some(input))
            .collect();
        let refused = |found: &str, expected: String| BindFaultKind::BadValue {
            found: found.into(),
            expected: expected.into(),
        };
        let mut values = values.peekable();
        if let (None, Some(variable)) = (values.peek(), variables.first()) {
            let kind = refused("", means(variable));
            declared.faults.push((place.into(), kind));
        }
        for value in values {
            let expected = variables.iter().find_map(|variable| {
                let error = arns_of(variable, &declared.scope, Some(value)).err()?;
                Some(match error {
                    FillError::Meant { meant, .. } => meant,
                    FillError::Value { .. } | FillError::NoAccount { .. } => means(variable),
                })
            });
            let expected = expected.or_else(|| self.own_partition(value, &declared.scope));
            if let Some(expected) = expected {
                declared
                    .faults
                    .push((place.into(), refused(value, expected)));
                continue;
            }
            if input == VAULTS {
                declared.vaults.push((value.into(), place.into()));
            }
            let all = declared.scope.inputs.entry(input.into()).or_default();
            all.insert(value.into());
        }
    }

    /// What would be right instead of an ARN in another partition than the principal's, because no request reaches there.
    fn own_partition(&self, value: &str, scope: &Scope) -> Option<String> {
        let own = &*scope.partition;
        let is_known = match self.extent {
            Extent::Whole | Extent::Template => true,
            // A policy document may be for any partition; the principal that stands for its holder is in `aws`.
            Extent::Policies => false,
        };
        let is_foreign = iam::Arn::parse(value).is_ok_and(|arn| arn.partition != own);
        (is_known && is_foreign)
            .then(|| format!("an ARN in the partition of the principal, which is `{own}`"))
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        let own = [SETS, REGIONS, VERSION, ASSUMED_BY];
        own.into_iter()
            .chain([WORKER_ACCOUNT, EXTERNAL_IDS])
            .chain(self.inputs.keys().map(String::as_str))
            .chain(self.conditions.iter().copied())
    }
}

/// What a value of a variable says, with an example.
fn means(variable: &ScopeVariable) -> String {
    let example = variable.example.as_deref().unwrap_or("an ARN");
    format!("{}, such as {example}", variable.means)
}

/// `action-sets:2` continues `action-sets`.
fn without_count(key: &str) -> &str {
    match key.rsplit_once(':') {
        Some((name, count))
            if !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => key,
    }
}
