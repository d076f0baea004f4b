//! Counts: how many principals and requirements did an audit judge, and how, and how much did it look at? Of several runs of one audit,
//! all together.

use std::collections::BTreeSet;
use std::ops::Add;

use super::assessment::{Assessment, LayerCoverage, LevelsRead, ListRead, Readings};
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
    /// Those of them that hang on policies of resources which were not checked.
    pub compliant_not_checked: u64,
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
            compliant_not_checked: assessment.count_unread() as u64,
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
            compliant_not_checked: self.compliant_not_checked + other.compliant_not_checked,
            drifted: self.drifted + other.drifted,
            undetermined: self.undetermined + other.undetermined,
        }
    }
}

impl LayerCoverage {
    /// What two runs of one audit looked at together. Both may have read the same resource, so the greater count stands; of a layer or
    /// a list that one of them could not read, that it was not.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            keys: self.keys.and(other.keys),
            buckets: self.buckets.and(other.buckets),
            vaults: self.vaults.and(other.vaults),
            service_control: self.service_control.and(other.service_control),
            resource_control: self.resource_control.and(other.resource_control),
            endpoints: self.endpoints.and(other.endpoints),
            regions: self.regions.and(other.regions),
            enabled_regions: self.enabled_regions.and(other.enabled_regions),
            own_buckets: self.own_buckets.and(other.own_buckets),
        }
    }
}

impl Readings {
    fn and(self, other: Self) -> Self {
        Self {
            read: self.read.max(other.read),
            refused: self.refused.max(other.refused),
            not_read: self.not_read.max(other.not_read),
        }
    }
}

impl LevelsRead {
    fn and(self, other: Self) -> Self {
        let badness = |levels| match levels {
            Self::NoOrganization => 0,
            Self::Read(_) => 1,
            Self::NotRead => 2,
            Self::Partly { .. } => 3,
            Self::Refused => 4,
        };
        match badness(other) > badness(self) {
            true => other,
            false => self,
        }
    }
}

impl ListRead {
    fn and(self, other: Self) -> Self {
        let badness = |list| match list {
            Self::NotNeeded => 0,
            Self::Read => 1,
            Self::NotRead => 2,
            Self::Refused => 3,
        };
        match badness(other) > badness(self) {
            true => other,
            false => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_run_could_not_read_is_not_hidden_by_another() {
        let first = LayerCoverage {
            keys: Readings {
                read: 2,
                refused: 0,
                not_read: 1,
            },
            service_control: LevelsRead::Read(3),
            enabled_regions: ListRead::Refused,
            own_buckets: ListRead::NotNeeded,
            ..LayerCoverage::default()
        };
        let second = LayerCoverage {
            keys: Readings {
                read: 1,
                refused: 1,
                not_read: 0,
            },
            service_control: LevelsRead::Refused,
            enabled_regions: ListRead::Read,
            own_buckets: ListRead::Read,
            ..LayerCoverage::default()
        };
        let both = first.and(second);
        assert_eq!(both, second.and(first), "whichever was first");
        let Readings {
            read,
            refused,
            not_read,
        } = both.keys;
        assert_eq!((read, refused, not_read), (2, 1, 1));
        assert_eq!(both.service_control, LevelsRead::Refused);
        assert_eq!(both.enabled_regions, ListRead::Refused);
        assert_eq!(both.own_buckets, ListRead::Read);
    }
}
