//! Shortening: an event that is too long for the bus, with the first few of each of its lists.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::Event;

/// The same event with the first few of each list.
pub(super) fn shortened(event: &Event) -> Event {
    const FEW: usize = 50;
    fn few<T: Ord + Clone>(set: &BTreeSet<T>) -> BTreeSet<T> {
        set.iter().take(FEW).cloned().collect()
    }
    let mut shorter = event.clone();
    shorter.items = few(&shorter.items);
    shorter.finding.items = few(&shorter.finding.items).into();
    let lacks = Arc::make_mut(&mut shorter.finding.lacks);
    lacks.truncate(FEW);
    for lack in lacks {
        lack.actions = few(&lack.actions).into();
        lack.resources = lack.resources.iter().take(5).cloned().collect();
        lack.regions = few(&lack.regions);
    }
    shorter
}
