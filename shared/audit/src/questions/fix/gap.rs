//! Gaps: which statements allow just what is missing?
//!
//! In: requirements, and the cells of them that are wanted. Out: statements that name each action on the resources that were
//! declared. An action that is missing in some of the regions asked about, and there in others, is allowed in those only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use catalog::PolicyStatement;
use iam::ActionName;

use crate::bind::requirement::Requirement;
use crate::judge::verdict::Place;

/// Actions of a requirement, by question and position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cells(BTreeMap<usize, BTreeSet<u16>>);

impl Cells {
    pub(super) fn of<'p>(places: impl Iterator<Item = &'p Place>) -> Self {
        let mut cells = Self::default();
        for place in places {
            let positions = cells.0.entry(place.question).or_default();
            positions.extend(&place.actions);
        }
        cells
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds those of others.
    pub(super) fn join(&mut self, other: &Self) {
        for (question, positions) in &other.0 {
            self.0.entry(*question).or_default().extend(positions);
        }
    }

    /// The question and the position of each.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, u16)> {
        let questions = self.0.iter();
        questions.flat_map(|(question, positions)| positions.iter().map(|at| (*question, *at)))
    }

    /// Takes those out that stand in the places, and gives them back.
    pub(super) fn take(&mut self, places: &[Place]) -> Vec<Place> {
        let mut taken = Self::default();
        for place in places {
            let Some(here) = self.0.get_mut(&place.question) else {
                continue;
            };
            let found: BTreeSet<u16> = place
                .actions
                .iter()
                .copied()
                .filter(|at| here.remove(at))
                .collect();
            if !found.is_empty() {
                taken.0.entry(place.question).or_default().extend(found);
            }
        }
        self.0.retain(|_, positions| !positions.is_empty());
        taken.into_places()
    }

    pub(super) fn into_places(self) -> Vec<Place> {
        let places = self.0.into_iter().map(|(question, actions)| Place {
            question,
            actions: actions.into_iter().collect(),
        });
        places.collect()
    }
}

type Context = BTreeMap<String, Vec<String>>;

/// The statements that allow the wanted cells of the requirements.
pub(super) fn statements(
    requirements: &[Arc<Requirement>],
    wanted: &[Cells],
) -> Vec<PolicyStatement> {
    let mut resources: BTreeMap<(ActionName, Context), BTreeSet<String>> = BTreeMap::new();
    for (requirement, cells) in requirements.iter().zip(wanted) {
        let missing = regions(requirement, |question, at| {
            let positions = cells.0.get(&question);
            positions.is_some_and(|positions| positions.contains(&at))
        });
        let asked = regions(requirement, |_, _| true);
        for ((resource, context, action), regions) in missing {
            let mut context = context.clone();
            let everywhere = asked.get(&(resource, &context, action)) == Some(&regions);
            if !everywhere && !regions.contains(&None) {
                let regions = regions.into_iter().flatten().map(str::to_owned);
                context.insert("aws:RequestedRegion".to_owned(), regions.collect());
            }
            let resources = resources.entry((action.clone(), context)).or_default();
            resources.insert(resource.to_owned());
        }
    }
    let statements = resources
        .into_iter()
        .map(|((action, context), resources)| PolicyStatement {
            actions: vec![action],
            resources: if resources.contains("*") {
                vec!["*".to_owned()]
            } else {
                resources.into_iter().collect()
            },
            context,
        });
    statements.collect()
}

/// What is allowed together: a pattern of resources, what requests bear, an action.
type Allowed<'p> = (&'p str, &'p Context, &'p ActionName);

/// In which regions the cells of a requirement lie; `None` stands for no region at all.
fn regions<'p>(
    requirement: &'p Requirement,
    takes: impl Fn(usize, u16) -> bool,
) -> BTreeMap<Allowed<'p>, BTreeSet<Option<&'p str>>> {
    let mut regions: BTreeMap<Allowed<'p>, BTreeSet<Option<&str>>> = BTreeMap::new();
    for (at, check) in requirement.checks.iter().enumerate() {
        for (position, action) in (0u16..).zip(check.question.actions.iter()) {
            if takes(at, position) {
                let key = (&*check.permit.resource, &*check.permit.context, action);
                regions
                    .entry(key)
                    .or_default()
                    .insert(requirement.region(at));
            }
        }
    }
    regions
}
