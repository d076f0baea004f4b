//! Counts: how many principals and requirements did an audit judge, and how?

use std::collections::BTreeSet;
use std::ops::Add;

use super::assessment::Assessment;
use super::verdict::Judgement;

/// What an audit counted; of several runs of one audit, the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerdictCounts {
    /// Principals that are bound to action sets and were looked at.
    pub principals: u64,
    /// Requirements that were judged.
    pub requirements: u64,
    /// Those that hold.
    pub compliant: u64,
    /// Those that do not.
    pub drifted: u64,
    /// Those that nobody could decide.
    pub undetermined: u64,
}

impl VerdictCounts {
    /// Of one assessment.
    #[must_use]
    pub fn of(assessment: &Assessment) -> Self {
        let verdicts = assessment.verdicts.iter();
        let principals: BTreeSet<_> = verdicts.map(|verdict| &verdict.principal).collect();
        let count = |judgement| assessment.count(judgement) as u64;
        Self {
            principals: principals.len() as u64,
            requirements: assessment.verdicts.len() as u64,
            compliant: count(Judgement::Compliant),
            drifted: count(Judgement::Drifted),
            undetermined: count(Judgement::Undetermined),
        }
    }

    /// Without those that an assessment did not reach: they are undetermined in it, and the run that reaches them counts them.
    #[must_use]
    pub fn without_rest(self, assessment: &Assessment) -> Self {
        let rest = &assessment.coverage.not_reached;
        let verdicts = assessment.verdicts.iter();
        let waiting = verdicts
            .filter(|verdict| rest.binary_search(&verdict.principal).is_ok())
            .count() as u64;
        Self {
            principals: self.principals.saturating_sub(rest.len() as u64),
            requirements: self.requirements.saturating_sub(waiting),
            undetermined: self.undetermined.saturating_sub(waiting),
            ..self
        }
    }
}

impl Add for VerdictCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            principals: self.principals + other.principals,
            requirements: self.requirements + other.requirements,
            compliant: self.compliant + other.compliant,
            drifted: self.drifted + other.drifted,
            undetermined: self.undetermined + other.undetermined,
        }
    }
}
