//! Verdicts: does a principal hold everything that its requirement names?
//!
//! A [`Verdict`] keeps positions into its requirement instead of names, so that a compliant one costs nothing but its place in
//! a list. How answers become verdicts is `judge`'s business.

use std::collections::BTreeSet;
use std::sync::Arc;

use iam::{ActionName, Cause, Decision, PrincipalArn, StatementRef};

use crate::bind::requirement::{Requirement, RequirementNotice, ResourcePolicy};
use crate::judge::resource_faults::fault::{ResourceFault, Weight};
use crate::level::Level;

/// One requirement judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who.
    pub principal: PrincipalArn,
    /// What was asked.
    pub requirement: Arc<Requirement>,
    /// Needed actions that are denied, grouped by cause, in the order of the causes.
    pub missing: Vec<Missing>,
    /// Needed actions that nobody could decide.
    pub unknown: Vec<Unknown>,
    /// The trust policy.
    pub trust: Trust,
    /// The instance profile.
    pub instance_profile: Profile,
    /// What is wrong with the resources that it names, sorted.
    pub faults: Vec<ResourceFault>,
    /// Worth knowing; nothing breaks.
    pub notices: Vec<Notice>,
    /// Of the policies that decide its requests besides, those that nobody looked at: no resource is declared, or its policy, state
    /// or settings were not read. Sorted.
    pub not_checked: Arc<[ResourcePolicy]>,
}

/// The judgement over one requirement, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judgement {
    /// Everything that is needed was seen to be there.
    Compliant,
    /// Something could not be known, and nothing is known to be missing.
    Undetermined,
    /// Something that is needed is missing.
    Drifted,
}

/// Actions that are denied for one cause.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Missing {
    /// Why.
    pub cause: Cause,
    /// Implicit or explicit deny.
    pub decision: Decision,
    /// Where.
    pub places: Vec<Place>,
}

/// Actions that nobody could decide, for one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Why.
    pub cause: Cause,
    /// The context keys that would decide.
    pub keys: BTreeSet<Box<str>>,
    /// Where.
    pub places: Vec<Place>,
}

/// Some actions of one question of the requirement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The position in the requirement's questions.
    pub question: usize,
    /// Positions in the question's actions, ascending.
    pub actions: Vec<u16>,
}

/// The judgement over a trust policy; empty where everybody who must be able to assume the role is, or nobody must.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Services, accounts or principals that cannot assume the role, sorted.
    pub missing: Vec<Box<str>>,
    /// Those of whom it cannot be known, sorted.
    pub unknown: Vec<Box<str>>,
    /// Why it cannot be known, such as a condition with its keys; where all is known, what is wrong besides a statement that is not
    /// there: an id that nobody has, an RCP.
    pub reason: Option<TrustReason>,
}

/// Why somebody cannot assume a role, or why that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustReason {
    /// In words.
    pub text: Box<str>,
    /// The context keys, and whatever else, that conditions hang on.
    pub keys: BTreeSet<Box<str>>,
    /// The statements of SCPs and RCPs that deny it.
    pub denied_by: Vec<StatementRef>,
    /// The statements of SCPs and RCPs of which it is not known whether they deny it.
    pub perhaps_denied_by: Vec<StatementRef>,
}

impl Trust {
    /// Why, in words.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.reason.as_ref().map(|reason| &*reason.text)
    }
}

/// The judgement over an instance profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The role is in one, or need not be.
    #[default]
    Holds,
    /// The role is in none.
    Lacks,
}

/// Worth knowing; nothing breaks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// Denied, and needed only for what the text says.
    Optional {
        /// What the actions are good for.
        because: Arc<str>,
        /// Where.
        places: Vec<Place>,
    },
    /// Denied, and nobody said whether they are needed.
    Asked {
        /// The condition's id in the catalog.
        condition: Arc<str>,
        /// Where.
        places: Vec<Place>,
    },
    /// No scope was declared, and the policies allow narrower resources only.
    AllowedOnlyOn {
        /// The resource patterns, sorted.
        resources: Vec<Box<str>>,
        /// Where.
        places: Vec<Place>,
    },
    /// Allowed, but denied within these patterns.
    DeniedOn {
        /// The statements that deny there.
        by: Vec<StatementRef>,
        /// The resource patterns, sorted.
        resources: Vec<Box<str>>,
        /// Where.
        places: Vec<Place>,
    },
    /// Allowed on the text `*`; whether an SCP denies it on narrower resources was not asked, or not answered.
    NotConfirmed {
        /// Why.
        reason: Arc<str>,
        /// Where.
        places: Vec<Place>,
    },
    /// About the requirement itself.
    Requirement(RequirementNotice),
}

impl Verdict {
    /// How bad what it says is, as its finding has it: what breaks, or that it could not be known.
    #[must_use]
    pub fn level(&self) -> Level {
        match self.judgement() {
            Judgement::Compliant => Level::Notice,
            Judgement::Undetermined => Level::UNKNOWN,
            Judgement::Drifted => self.requirement.level,
        }
    }

    /// The judgement over all of it.
    #[must_use]
    pub fn judgement(&self) -> Judgement {
        let lacks = !self.missing.is_empty()
            || !self.trust.missing.is_empty()
            || self.instance_profile == Profile::Lacks
            || self.has(Weight::Breaks);
        if lacks {
            Judgement::Drifted
        } else if self.unknown.is_empty()
            && self.trust.unknown.is_empty()
            && !self.has(Weight::Unknown)
        {
            Judgement::Compliant
        } else {
            Judgement::Undetermined
        }
    }

    /// Whether a resource has a fault of this weight.
    fn has(&self, weight: Weight) -> bool {
        self.faults.iter().any(|fault| fault.weight == weight)
    }

    /// The policies of resources that could still deny what is allowed here; empty where the verdict is worse anyway.
    #[must_use]
    pub fn unread(&self) -> &[ResourcePolicy] {
        match self.judgement() {
            Judgement::Compliant => self.not_read(),
            Judgement::Drifted | Judgement::Undetermined => &[],
        }
    }

    /// The policies of resources that nobody looked at, whatever the verdict. RCPs are not told for each verdict, but once for the
    /// audit.
    #[must_use]
    pub fn not_read(&self) -> &[ResourcePolicy] {
        match &*self.not_checked {
            [of_resources @ .., ResourcePolicy::ResourceControl] => of_resources,
            of_resources => of_resources,
        }
    }

    /// The names of the needed actions that are denied.
    #[must_use]
    pub fn missing_actions(&self) -> BTreeSet<&ActionName> {
        self.names(self.missing.iter().map(|missing| &missing.places))
    }

    /// The names of the needed actions that nobody could decide.
    #[must_use]
    pub fn unknown_actions(&self) -> BTreeSet<&ActionName> {
        self.names(self.unknown.iter().map(|unknown| &unknown.places))
    }

    /// How many needed actions are denied, by name.
    #[must_use]
    pub fn count_missing(&self) -> usize {
        self.count(self.missing.iter().map(|missing| &missing.places))
    }

    /// How many needed actions nobody could decide, by name.
    #[must_use]
    pub fn count_unknown(&self) -> usize {
        self.count(self.unknown.iter().map(|unknown| &unknown.places))
    }

    fn count<'a>(&'a self, places: impl Iterator<Item = &'a Vec<Place>>) -> usize {
        if self.requirement.names == self.requirement.size() {
            // Each action is asked about once, so it stands in one place.
            places.flatten().map(|place| place.actions.len()).sum()
        } else {
            self.names(places).len()
        }
    }

    fn names<'a>(
        &'a self,
        places: impl Iterator<Item = &'a Vec<Place>>,
    ) -> BTreeSet<&'a ActionName> {
        places
            .flatten()
            .flat_map(|place| place.actions(&self.requirement))
            .collect()
    }
}

impl Place {
    /// The actions by name.
    pub fn actions<'a>(
        &'a self,
        requirement: &'a Requirement,
    ) -> impl Iterator<Item = &'a ActionName> + 'a {
        requirement.actions(self.question, &self.actions)
    }

    /// The resource that was asked about; `*` where no scope was declared.
    #[must_use]
    pub fn resource<'a>(&self, requirement: &'a Requirement) -> &'a str {
        requirement
            .question(self.question)
            .map_or("*", |question| &question.resource)
    }

    /// The region that was asked about; `None` where none was declared.
    #[must_use]
    pub fn region<'a>(&self, requirement: &'a Requirement) -> Option<&'a str> {
        requirement.region(self.question)
    }
}

impl Judgement {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::Undetermined => "undetermined",
            Self::Drifted => "drifted",
        }
    }
}

impl std::fmt::Display for Judgement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
