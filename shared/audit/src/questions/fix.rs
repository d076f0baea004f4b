//! Fixes: which policy closes what a principal lacks, and what can no policy of its own close?
//!
//! In: what an audit saw of a principal, and the environment it was seen in. Out: a [`Fix`]. All that is missing is added
//! and simulated again; what is still not allowed then is refused, with the cause that remains, for no policy of
//! the principal can give it. What is left is simulated once more, in the very documents that will be printed.
//!
//! Nothing is applied. How a fix is written for people and tools is `report`'s business.

mod gap;
mod placing;

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{PolicyDocument, PolicyError};
use iam::inventory::InlinePolicy;
use iam::{Document, Inventory, Principal, PrincipalArn};

use crate::bind::requirement::Requirement;
use crate::judge::assessment::KeyFault;
use crate::judge::resource_faults::fault::{ResourceFault, Weight};
use crate::judge::sorting;
use crate::judge::verdict::{Missing, Place, Profile, Trust, Unknown, Verdict};
use crate::look::{Look, try_out};
use crate::ports::Environment;
use crate::simulate::Inquiry;
use gap::Cells;
pub use placing::{ATTACHED_POLICIES, Addition, Holder};

/// What closes the gap of one principal, as far as that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whose.
    pub principal: PrincipalArn,
    /// Policies to add; simulated, they close everything that is in [`Remedy::closed`].
    pub additions: Vec<Addition>,
    /// How many of them cannot be attached before the quota is raised or another policy detached.
    pub beyond_quota: usize,
    /// One for each requirement that was looked at, in the order of the verdicts.
    pub remedies: Vec<Remedy>,
    /// The managed policy that bounds it.
    pub boundary: Option<Box<str>>,
    /// What is wrong with the user's access keys; `None` where it needs none or nobody read them.
    pub keys: Option<BTreeSet<KeyFault>>,
}

/// What becomes of one requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// What was asked.
    pub requirement: Arc<Requirement>,
    /// Denied now, allowed with the policies added.
    pub closed: Vec<Place>,
    /// Denied now, and denied whatever is added; the cause is what remains.
    pub refused: Vec<Missing>,
    /// Denied now, and with the policies added nobody could know.
    pub unsure: Vec<Unknown>,
    /// Nobody knows as it is; left alone.
    pub unknown: Vec<Unknown>,
    /// The trust policy, which is for a person to change.
    pub trust: Trust,
    /// The instance profile, which is for a person to make.
    pub instance_profile: Profile,
    /// What is wrong with resources, which no policy of the principal mends.
    pub faults: Vec<ResourceFault>,
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

/// What closes the gap that a look at one principal shows.
///
/// # Errors
/// [`FixError`], where nothing was found out.
pub async fn fix<E: Environment>(
    look: &Look,
    principal: &Principal,
    environment: &E,
) -> Result<Fix, FixError> {
    let inventory = &*look.listed.inventory;
    let verdicts = look.assessment.verdicts.iter();
    let verdicts: Vec<&Verdict> = verdicts
        .filter(|verdict| verdict.principal == principal.arn)
        .collect();
    let keys = look.assessment.keys_of(&principal.arn);
    let keys = keys.and_then(|keys| keys.faults.clone());
    let requirements: Arc<[Arc<Requirement>]> = verdicts
        .iter()
        .map(|verdict| Arc::clone(&verdict.requirement))
        .collect();
    let mut remedies: Vec<Remedy> = verdicts.iter().copied().map(Remedy::of).collect();
    let mut wanted: Vec<Cells> = verdicts
        .iter()
        .map(|verdict| Cells::of(verdict.missing.iter().flat_map(|missing| &missing.places)))
        .collect();
    let mut placed = placing::Placed::default();
    // What is refused makes the next round smaller, so there is a last one; it refuses nothing.
    while wanted.iter().any(|cells| !cells.is_empty()) {
        let statements = gap::statements(&requirements, &wanted);
        placed = placing::place(
            inventory,
            principal,
            &lacking(&requirements, &wanted),
            statements,
        )?;
        let trial = Trial::new(inventory, principal, &requirements, &placed.additions);
        let reply = try_out(
            environment,
            &trial.inventory,
            (&trial.inquiry, &requirements),
            &trial.added,
            &look.listed,
        )
        .await;
        let Some(groups) = reply.into_groups(&trial.inquiry.lists) else {
            return Err(FixError::NoAnswer(principal.arn.clone()));
        };
        let mut refused = false;
        for ((requirement, groups), (remedy, cells)) in requirements
            .iter()
            .zip(groups)
            .zip(remedies.iter_mut().zip(&mut wanted))
        {
            let sorted = sorting::sort(requirement, groups);
            for mut missing in sorted.missing {
                missing.places = cells.take(&missing.places);
                if !missing.places.is_empty() {
                    refused = true;
                    remedy.refused.push(missing);
                }
            }
            for mut unknown in sorted.unknown {
                unknown.places = cells.take(&unknown.places);
                if !unknown.places.is_empty() {
                    refused = true;
                    remedy.unsure.push(unknown);
                }
            }
        }
        if !refused {
            break;
        }
        placed = placing::Placed::default();
    }
    for (remedy, cells) in remedies.iter_mut().zip(wanted) {
        remedy.closed = cells.into_places();
    }
    Ok(Fix {
        principal: principal.arn.clone(),
        additions: placed.additions,
        beyond_quota: placed.beyond_quota,
        remedies,
        boundary: principal.boundary.clone(),
        keys,
    })
}

/// The sets of the requirements that something is wanted for.
fn lacking<'p>(requirements: &'p [Arc<Requirement>], wanted: &[Cells]) -> Vec<&'p str> {
    let both = requirements.iter().zip(wanted);
    both.filter(|(_, cells)| !cells.is_empty())
        .map(|(requirement, _)| &*requirement.set)
        .collect()
}

impl Fix {
    /// Whether nothing at all is missing or wrong.
    #[must_use]
    pub fn is_needless(&self) -> bool {
        self.additions.is_empty() && self.closes_all()
    }

    /// Whether nothing is missing any more once the policies are added.
    #[must_use]
    pub fn closes_all(&self) -> bool {
        self.beyond_quota == 0
            && self.remedies.iter().all(Remedy::closes_all)
            && self.keys.as_ref().is_none_or(BTreeSet::is_empty)
    }

    /// Whether something is not known, now or with the policies added.
    #[must_use]
    pub fn leaves_unknown(&self) -> bool {
        self.remedies.iter().any(|remedy| {
            !remedy.unknown.is_empty()
                || !remedy.unsure.is_empty()
                || !remedy.trust.unknown.is_empty()
                || remedy.has(Weight::Unknown)
        })
    }
}

impl Remedy {
    fn of(verdict: &Verdict) -> Self {
        Self {
            requirement: Arc::clone(&verdict.requirement),
            closed: Vec::new(),
            refused: Vec::new(),
            unsure: Vec::new(),
            unknown: verdict.unknown.clone(),
            trust: verdict.trust.clone(),
            instance_profile: verdict.instance_profile,
            faults: verdict.faults.clone(),
        }
    }

    fn has(&self, weight: Weight) -> bool {
        self.faults.iter().any(|fault| fault.weight == weight)
    }

    fn closes_all(&self) -> bool {
        self.refused.is_empty()
            && self.unsure.is_empty()
            && self.trust.missing.is_empty()
            && self.instance_profile == Profile::Holds
            && !self.has(Weight::Breaks)
    }
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
            },
            added,
        }
    }
}
