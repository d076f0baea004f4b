//! Groups: what is lacking, without saying each action in each place.
//!
//! A role that lost everything lacks each of hundreds of actions on each of its resources in each of its regions. Said one by
//! one that is tens of megabytes; but many actions are lacking in the same places, and many findings have places in common.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Names and places, one by one.
pub(super) type Items = Vec<(Arc<str>, Arc<str>)>;
/// Names, and the position of the list of places in which each of them is lacking.
pub(super) type Groups = Vec<(Vec<Arc<str>>, usize)>;
/// A list of places, each list once.
pub(super) type Places = Vec<Vec<Arc<str>>>;

/// The same items for all lists: what one adds to the places, the next finds there.
pub(super) fn group<'i>(items: impl Iterator<Item = &'i mut Items>) -> (Vec<Groups>, Places) {
    let mut known = BTreeMap::new();
    let groups = items
        .map(|items| {
            let mut by_name: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
            for (name, place) in std::mem::take(items) {
                by_name.entry(name).or_default().push(place);
            }
            let mut groups: BTreeMap<usize, Vec<Arc<str>>> = BTreeMap::new();
            for (name, places) in by_name {
                let next = known.len();
                let at = *known.entry(places).or_insert(next);
                groups.entry(at).or_default().push(name);
            }
            groups.into_iter().map(|(at, names)| (names, at)).collect()
        })
        .collect();
    let mut places: Vec<(Vec<Arc<str>>, usize)> = known.into_iter().collect();
    places.sort_by_key(|(_, at)| *at);
    (
        groups,
        places.into_iter().map(|(places, _)| places).collect(),
    )
}

/// The items of groups; `None` if they name places that are not there.
pub(super) fn ungroup(groups: &Groups, places: &Places) -> Option<Items> {
    let mut items = Vec::new();
    for (names, at) in groups {
        let places = places.get(*at)?;
        for name in names {
            items.extend(
                places
                    .iter()
                    .map(|place| (Arc::clone(name), Arc::clone(place))),
            );
        }
    }
    Some(items)
}
