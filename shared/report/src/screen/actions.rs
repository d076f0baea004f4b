//! Lists of actions on the terminal: by name with resources and regions, or as a count for each service.
//!
//! In: the actions of one cause, as places of a requirement. Out: lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use audit::requirement::Requirement;
use audit::verdict::Place;
use foldhash::fast::RandomState;
use iam::ActionName;

use crate::screen::pen::Pen;
use crate::words::cause::list;

/// The actions of one cause.
pub(crate) struct Group<'a> {
    pub(crate) requirement: &'a Requirement,
    pub(crate) places: &'a [Place],
}

impl Group<'_> {
    /// Where, if that is not everywhere they were asked about.
    pub(crate) fn only_where(&self) -> Option<String> {
        if self.requirement.names == self.requirement.size() {
            // Each was asked about in one place.
            return None;
        }
        let mut asked: HashMap<&ActionName, usize, RandomState> = HashMap::default();
        for question in self.requirement.questions() {
            for action in &*question.actions {
                *asked.entry(action).or_default() += 1;
            }
        }
        let mut all = Asked::default();
        for place in self.places {
            all.resources.insert(place.resource(self.requirement));
            all.regions.extend(place.region(self.requirement));
            for action in place.actions(self.requirement) {
                if let Some(left) = asked.get_mut(action) {
                    *left = left.saturating_sub(1);
                }
            }
        }
        let mut missing = self
            .places
            .iter()
            .flat_map(|place| place.actions(self.requirement));
        let elsewhere = missing.any(|action| asked.get(action).is_some_and(|left| *left > 0));
        all.in_words().filter(|_| elsewhere)
    }

    /// All actions by name, with their resources and regions.
    pub(crate) fn names(&self, pen: &mut Pen<'_>) -> io::Result<()> {
        let faint = pen.palette.faint;
        for (actions, where_) in &gather(self.requirement, self.places) {
            pen.names(4, actions.iter().map(|action| action.as_str()))?;
            if let Some(text) = where_.in_words() {
                pen.text(6, faint, &text)?;
            }
        }
        Ok(())
    }
}

/// Up to so many actions are named one by one.
pub(crate) const LISTED: usize = 30;

/// How many actions of each service.
pub(crate) fn by_service(actions: &BTreeSet<&ActionName>) -> String {
    let actions: Vec<&ActionName> = actions.iter().copied().collect();
    // They are sorted, so those of one service stand together.
    let services = actions.chunk_by(|one, next| one.service().eq_ignore_ascii_case(next.service()));
    let counts: Vec<String> = services
        .filter_map(|all| {
            let service = all.first()?.service().to_lowercase();
            Some(format!("{service} {}", all.len()))
        })
        .collect();
    format!("{}; --output json names them", counts.join(", "))
}

/// Where the same actions were asked about.
#[derive(Default)]
struct Asked<'p> {
    resources: BTreeSet<&'p str>,
    regions: BTreeSet<&'p str>,
}

impl Asked<'_> {
    /// `None` where nothing was declared.
    fn in_words(&self) -> Option<String> {
        let resources: Vec<&str> = self
            .resources
            .iter()
            .copied()
            .filter(|one| *one != "*")
            .collect();
        let on = (!resources.is_empty()).then(|| format!("on {}", list(resources.into_iter())));
        let in_ = (!self.regions.is_empty())
            .then(|| format!("in {}", list(self.regions.iter().copied())));
        match (on, in_) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(on), Some(in_)) => Some(format!("{on} {in_}")),
        }
    }
}

/// Places by their actions, so that the same list is not told once a region.
fn gather<'p>(
    requirement: &'p Requirement,
    places: &'p [Place],
) -> BTreeMap<Vec<&'p ActionName>, Asked<'p>> {
    let mut gathered: BTreeMap<Vec<&ActionName>, Asked<'_>> = BTreeMap::new();
    for place in places {
        let asked = gathered
            .entry(place.actions(requirement).collect())
            .or_default();
        asked.resources.insert(place.resource(requirement));
        asked.regions.extend(place.region(requirement));
    }
    gathered
}
