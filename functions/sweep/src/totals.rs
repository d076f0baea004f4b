//! Totals: what did an audit count, over all its runs?

use audit::judge::assessment::Assessment;
use serde::{Deserialize, Serialize};

/// What an audit counted, over all its runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Totals {
    pub(crate) principals: u64,
    pub(crate) requirements: u64,
    pub(crate) compliant: u64,
    pub(crate) drifted: u64,
    pub(crate) undetermined: u64,
    pub(crate) calls: u64,
}

impl Totals {
    pub(crate) fn plus(&self, earlier: &Self) -> Self {
        Self {
            principals: self.principals + earlier.principals,
            requirements: self.requirements + earlier.requirements,
            compliant: self.compliant + earlier.compliant,
            drifted: self.drifted + earlier.drifted,
            undetermined: self.undetermined + earlier.undetermined,
            calls: self.calls + earlier.calls,
        }
    }

    /// Without those that were not reached: they are undetermined in this run, and the run that gets them counts them.
    pub(crate) fn without_rest(&self, assessment: &Assessment) -> Self {
        let rest = &assessment.coverage.not_reached;
        let verdicts = assessment.verdicts.iter();
        let waiting = verdicts
            .filter(|verdict| rest.binary_search(&verdict.principal).is_ok())
            .count() as u64;
        Self {
            principals: self.principals.saturating_sub(rest.len() as u64),
            requirements: self.requirements.saturating_sub(waiting),
            undetermined: self.undetermined.saturating_sub(waiting),
            ..*self
        }
    }
}
