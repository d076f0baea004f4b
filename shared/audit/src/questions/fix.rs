//! Fixes: which policy closes what a principal lacks, and what can no policy of its own close?
//!
//! In: what an audit saw of a principal, and the environment it was seen in. Out: a [`Fix`]. All that is missing is added
//! and simulated again; what is still not allowed then is refused, with the cause that remains, for no policy of
//! the principal can give it. What is left is simulated once more, in the very documents that will be printed. What only the policy
//! of a key or bucket does not let through is tried with a statement added to that.
//!
//! Nothing is applied. How a fix is written for people and tools is `report`'s business.

mod gap;
mod opening;
mod placing;
mod trying;

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::{Principal, PrincipalArn};

use crate::bind::requirement::{Requirement, ResourcePolicy};
use crate::find::read_side::policies_of;
use crate::judge::assessment::KeyFault;
use crate::judge::resource_faults::fault::{ResourceFault, Weight};
use crate::judge::verdict::{Missing, Place, Profile, Trust, Unknown, Verdict};
use crate::look::Look;
use crate::ports::Environment;
use gap::Cells;
pub use opening::ResourceStatement;
pub use placing::{ATTACHED_POLICIES, Addition, Holder};
pub use trying::FixError;
use trying::Trying;

/// What closes the gap of one principal, as far as that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Whose.
    pub principal: PrincipalArn,
    /// Policies to add; simulated, they close everything that is in [`Remedy::closed`].
    pub additions: Vec<Addition>,
    /// How many of them cannot be attached before the quota is raised or another policy detached.
    pub beyond_quota: usize,
    /// Statements for the policies of resources, for their owners to add; simulated, with the policies added too, they give what they
    /// allow, which is among [`Remedy::refused`].
    pub statements: Vec<ResourceStatement>,
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
    /// Of what is refused, that which the policies added allow as soon as the resource's policy has its statement of
    /// [`Fix::statements`]: both have to.
    pub halves: Vec<Place>,
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
    /// The policies of resources that nobody looked at, and that could deny what is allowed.
    pub not_read: Vec<ResourcePolicy>,
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
    let trying = Trying {
        environment,
        look,
        principal,
        requirements: &requirements,
    };
    let mut placed = placing::Placed::default();
    // What is refused makes the next round smaller, so there is a last one; it refuses nothing.
    while wanted.iter().any(|cells| !cells.is_empty()) {
        let (tried, sorted) = trying.with(&wanted, &look.listed).await?;
        placed = tried;
        let mut refused = false;
        for (sorted, (remedy, cells)) in
            sorted.into_iter().zip(remedies.iter_mut().zip(&mut wanted))
        {
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
    let lacking = remedies.iter().map(|remedy| {
        let refused = remedy.refused.iter();
        let of_resource = refused.filter(|missing| opening::is_of_resource(missing));
        Cells::of(of_resource.flat_map(|missing| &missing.places))
    });
    let opened = trying.open(lacking.collect(), &wanted).await?;
    let mut statements = Vec::new();
    if let Some(opened) = opened {
        statements = opened.statements;
        placed = opened.placed;
        for (remedy, cells) in remedies.iter_mut().zip(opened.halves) {
            remedy.halves = cells.into_places();
        }
    }
    for (remedy, cells) in remedies.iter_mut().zip(wanted) {
        remedy.closed = cells.into_places();
    }
    Ok(Fix {
        principal: principal.arn.clone(),
        additions: placed.additions,
        beyond_quota: placed.beyond_quota,
        statements,
        remedies,
        boundary: principal.boundary.clone(),
        keys,
    })
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
            halves: Vec::new(),
            unsure: Vec::new(),
            unknown: verdict.unknown.clone(),
            trust: verdict.trust.clone(),
            instance_profile: verdict.instance_profile,
            faults: verdict.faults.clone(),
            not_read: verdict.not_read().to_vec(),
        }
    }

    /// The policies of declared resources that nobody looked at, and that could deny what is closed.
    #[must_use]
    pub fn may_be_denied_by(&self) -> Vec<ResourcePolicy> {
        let requirement = &*self.requirement;
        let places = self.closed.iter();
        let actions = places.flat_map(|place| place.actions(requirement));
        let deciding: BTreeSet<ResourcePolicy> = actions
            .flat_map(|action| policies_of(action, requirement))
            .collect();
        let not_read = self.not_read.iter().copied();
        not_read
            .filter(|policy| deciding.contains(policy) && requirement.declares(*policy))
            .collect()
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
