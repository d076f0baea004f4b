//! Groups: which actions of a set are checked against the same resources in the same context?
//!
//! They hang on the set, the version and the answers only, so requirements that differ in nothing but a bucket's name share
//! their lists of actions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::{ActionSet, Catalog, known_action};
use iam::{ActionName, Context};

use super::assumptions::is_about_tags;
use super::resource::{Resource, is_global};
use super::scope::Scope;
use super::unread::unread;
use crate::bind::requirement::{Need, ResourcePolicy};
use crate::settings::RequestContext;

/// The scope variables of a bucket and of its objects.
const BUCKET: [&str; 2] = ["bucket", "object"];

/// The actions of a set.
pub(super) struct ActionGroups {
    /// How many there are; one that is in two groups counts once.
    pub(super) names: usize,
    /// Policies of resources that decide requests for the needed ones, or operations that need a key.
    pub(super) unread: BTreeSet<ResourcePolicy>,
    /// Those on one bucket and its objects, where it was not declared.
    pub(super) one_bucket: BTreeSet<ActionName>,
    pub(super) groups: Vec<ActionGroup>,
}

/// Actions that are checked against the same resources in the same context.
pub(super) struct ActionGroup {
    pub(super) against: GroupKey,
    pub(super) actions: Arc<[ActionName]>,
    pub(super) needs: Arc<[Need]>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupKey {
    /// The scope variable, if its values are known.
    pub(super) variable: Option<Box<str>>,
    /// The service answers in one region for all.
    pub(super) global: bool,
    pub(super) context: Bears,
    pub(super) carries: Carries,
}

/// What requests bear in the context, by key.
pub(super) type Bears = Arc<BTreeMap<String, Vec<String>>>;

/// What the settings say that requests bear, by key.
pub(super) type Carries = Arc<BTreeMap<Box<str>, Vec<Box<str>>>>;

pub(super) fn group(
    catalog: &Catalog,
    set: &ActionSet,
    scope: &Scope,
    resources: &BTreeMap<Box<str>, Vec<Resource>>,
    (assumed, requests): (&Context, &[&RequestContext]),
) -> ActionGroups {
    let sets = catalog.resolve(&set.id).unwrap_or_else(|_| vec![set]);
    let mut groups: BTreeMap<GroupKey, BTreeMap<&ActionName, Need>> = BTreeMap::new();
    let (mut one_bucket, mut others) = (BTreeSet::new(), BTreeSet::new());
    for action in catalog::merge(&sets, scope.version) {
        let need = match &action.need {
            catalog::Need::Required => Need::Required,
            catalog::Need::Optional { reason } => Need::Optional(reason.as_str().into()),
            catalog::Need::Conditional { condition } => match scope.answers.get(condition) {
                Some(true) => Need::Required,
                Some(false) => continue,
                None => Need::Asked(Arc::from(&**condition)),
            },
        };
        let variable = action.scope.as_ref();
        let is_of_bucket = |name: &str| BUCKET.contains(&name);
        match variable.filter(|name| is_of_bucket(name) && !resources.contains_key(*name)) {
            Some(_) => one_bucket.insert(&action.name),
            None => others.insert(&action.name),
        };
        let key = GroupKey {
            variable: variable
                .filter(|name| resources.contains_key(*name))
                .cloned(),
            global: is_global(action.name.service()),
            context: Arc::new(action.context.clone()),
            carries: Arc::new(carried(assumed, requests, &action.name)),
        };
        let needs = groups.entry(key).or_default().entry(&action.name);
        let strictest = needs.or_insert_with(|| need.clone());
        if need == Need::Required {
            *strictest = need;
        }
    }
    let names: BTreeSet<&ActionName> = groups.values().flat_map(BTreeMap::keys).copied().collect();
    let names = names.len();
    let all = groups.values().flatten();
    let needed = all.filter(|(_, need)| **need == Need::Required);
    let of_actions = needed.filter_map(|(action, _)| ResourcePolicy::of(action));
    let unread = unread(&sets, scope, of_actions);
    let groups = groups.into_iter().map(|(against, actions)| ActionGroup {
        against,
        needs: actions.values().cloned().collect(),
        actions: actions.into_keys().cloned().collect(),
    });
    ActionGroups {
        names,
        unread,
        one_bucket: one_bucket.difference(&others).copied().cloned().collect(),
        groups: groups.collect(),
    }
}

/// What the settings say that requests for an action bear, besides what all do (`assumed`). An action that takes no tags bears none,
/// whatever they say.
pub(super) fn carried(
    assumed: &Context,
    requests: &[&RequestContext],
    action: &ActionName,
) -> BTreeMap<Box<str>, Vec<Box<str>>> {
    let requests = requests.iter().filter(|request| request.is_for(action));
    let keys = requests.flat_map(|request| &request.context);
    let mut carried: BTreeMap<Box<str>, Vec<Box<str>>> = keys
        .map(|(key, values)| (key.clone(), values.clone()))
        .collect();
    if known_action(action).is_some_and(|known| !known.takes_tags) {
        let assumed = assumed
            .entries()
            .map(|(key, _)| (Box::from(key), Vec::new()));
        carried.extend(assumed.filter(|(key, _): &(Box<str>, _)| is_about_tags(key)));
        for (key, values) in &mut carried {
            if is_about_tags(key) {
                values.clear();
            }
        }
    }
    carried
}
