//! Trying: what is allowed once a principal, or the policy of a resource, has what is proposed?
//!
//! In: cells of requirements that are wanted. Out: the policies that allow them, with what is missing all the same; or the statements
//! that policies of resources need. Everything is simulated and judged as an audit does.

use std::sync::Arc;

use catalog::{PolicyDocument, PolicyError};
use iam::inventory::InlinePolicy;
use iam::{Document, Inventory, Principal, PrincipalArn};

use super::gap::{self, Cells};
use super::opening::{self, ResourceStatement};
use super::placing::{Addition, Placed, place};
use crate::bind::listed::Listed;
use crate::bind::requirement::Requirement;
use crate::judge::sorting::{self, Sorted};
use crate::judge::verdict::Place;
use crate::look::{Look, try_out};
use crate::ports::Environment;
use crate::simulate::{Inquiry, points};

/// Why no fix could be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FixError {
    /// An ARN is longer than a policy may be.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The simulator did not answer, so nothing is known of what a policy would do.
    #[error("the simulator gave no answer for `{0}` with the policies added")]
    NoAnswer(PrincipalArn),
}

/// One principal, of which something is tried.
pub(super) struct Trying<'a, E> {
    pub(super) environment: &'a E,
    pub(super) look: &'a Look,
    pub(super) principal: &'a Principal,
    pub(super) requirements: &'a [Arc<Requirement>],
}

/// What policies of resources let through, if they have these statements and the principal these policies.
pub(super) struct Opened {
    pub(super) statements: Vec<ResourceStatement>,
    pub(super) placed: Placed,
    /// What the principal's policies have to allow besides.
    pub(super) halves: Vec<Cells>,
}

impl<E: Environment> Trying<'_, E> {
    /// What still is not allowed once the principal has policies that allow the wanted cells, and the listed resources are as they are.
    pub(super) async fn with(
        &self,
        wanted: &[Cells],
        listed: &Listed,
    ) -> Result<(Placed, Vec<Sorted>), FixError> {
        let (principal, requirements) = (self.principal, self.requirements);
        let inventory = &*listed.inventory;
        let statements = gap::statements(requirements, wanted);
        let sets = lacking(requirements, wanted);
        let placed = match statements.is_empty() {
            true => Placed::default(),
            false => place(inventory, principal, &sets, statements)?,
        };
        let trial = Trial::new(inventory, principal, requirements, &placed.additions);
        let reply = try_out(
            self.environment,
            &trial.inventory,
            (&trial.inquiry, requirements),
            &trial.added,
            listed,
        )
        .await;
        let Some(groups) = reply.into_groups(&trial.inquiry.lists) else {
            return Err(FixError::NoAnswer(principal.arn.clone()));
        };
        let both = requirements.iter().zip(groups);
        let sorted = both.map(|(requirement, groups)| sorting::sort(requirement, groups));
        Ok((placed, sorted.collect()))
    }

    /// The statements that the policies of resources need for the lacking cells; `None` where none of these helps. What one lets
    /// through only together with the principal's policies is wanted of these too, and given up where that does not help either.
    pub(super) async fn open(
        &self,
        mut lacking: Vec<Cells>,
        wanted: &[Cells],
    ) -> Result<Option<Opened>, FixError> {
        let listed = &self.look.listed;
        let mut halves: Vec<Cells> = lacking.iter().map(|_| Cells::default()).collect();
        loop {
            let arn = &self.principal.arn;
            let statements =
                opening::statements(arn, self.requirements, &lacking, &listed.resources);
            if statements.is_empty() {
                return Ok(None);
            }
            let opened = Listed {
                resources: Arc::new(opening::with(&listed.resources, &statements)),
                ..listed.clone()
            };
            let mut all = wanted.to_vec();
            for (cells, half) in all.iter_mut().zip(&halves) {
                cells.join(half);
            }
            let (placed, sorted) = self.with(&all, &opened).await?;
            let mut is_last = true;
            for (sorted, (lacking, half)) in sorted.iter().zip(lacking.iter_mut().zip(&mut halves))
            {
                let missing = sorted.missing.iter().flat_map(|missing| &missing.places);
                let unknown = sorted.unknown.iter().flat_map(|unknown| &unknown.places);
                let still: Vec<Place> = missing.chain(unknown).cloned().collect();
                let left = lacking.clone().take(&still);
                is_last &= left.is_empty();
                let in_vain = half.take(&left);
                lacking.take(&in_vain);
                let mut anew = Cells::of(left.iter());
                anew.take(&in_vain);
                half.join(&anew);
            }
            if is_last {
                return Ok(Some(Opened {
                    statements,
                    placed,
                    halves,
                }));
            }
        }
    }
}

/// The sets of the requirements that something is wanted for.
fn lacking<'p>(requirements: &'p [Arc<Requirement>], wanted: &[Cells]) -> Vec<&'p str> {
    let both = requirements.iter().zip(wanted);
    both.filter(|(_, cells)| !cells.is_empty())
        .map(|(requirement, _)| &*requirement.set)
        .collect()
}

/// One principal with policies added that it does not have.
#[derive(Clone, Debug)]
struct Trial {
    /// The principal, and nothing that it does not refer to.
    inventory: Inventory,
    /// What is asked about it.
    inquiry: Inquiry,
    /// What was added to it.
    added: Vec<PolicyDocument>,
}

impl Trial {
    fn new(
        inventory: &Inventory,
        principal: &Principal,
        requirements: &[Arc<Requirement>],
        additions: &[Addition],
    ) -> Self {
        let mut changed = principal.clone();
        let added: Vec<PolicyDocument> = additions
            .iter()
            .map(|addition| addition.document.clone())
            .collect();
        changed
            .inline
            .extend(additions.iter().map(|addition| InlinePolicy {
                name: addition.name.as_str().into(),
                document: Arc::new(Document::parse(&addition.document.to_json())),
            }));
        let groups: std::collections::BTreeMap<_, _> = principal
            .groups
            .iter()
            .filter_map(|name| Some((name.clone(), inventory.groups.get(name)?.clone())))
            .collect();
        let of_groups = groups.values().flat_map(|group| &group.attached);
        let named = principal.attached.iter().chain(&principal.boundary);
        let policies = named
            .chain(of_groups)
            .filter_map(|arn| Some((arn.clone(), inventory.policies.get(arn)?.clone())))
            .collect();
        Self {
            inventory: Inventory {
                account: inventory.account,
                principals: vec![changed],
                groups,
                policies,
                ..Inventory::default()
            },
            inquiry: Inquiry {
                principal: 0,
                lists: requirements
                    .iter()
                    .map(|requirement| requirement.questions().cloned().collect())
                    .collect(),
                requirements: requirements.len(),
                points: points(requirements),
            },
            added,
        }
    }
}
