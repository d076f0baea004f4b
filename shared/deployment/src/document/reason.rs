//! Reasons: why is something not known, and where does that stand?

use std::sync::Arc;

use iam::inventory::Fault;
use iam::policy::Doubt;

use crate::node::Unknown;

/// The file that reasons name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileName<'a>(pub(crate) &'a str);

impl FileName<'_> {
    /// A reason with its place.
    pub(crate) fn tell(self, line: usize, what: &str) -> String {
        match line {
            0 => format!("{}: {what}", self.0),
            line => format!("{}:{line}: {what}", self.0),
        }
    }

    /// Why something is not known.
    pub(crate) fn why(self, unknown: &Unknown) -> String {
        self.tell(unknown.line, &unknown.why)
    }

    pub(crate) fn fault(self, line: usize, what: &str) -> Fault {
        Fault {
            reason: self.tell(line, what).into(),
            line,
            column: 0,
        }
    }
}

pub(super) fn doubt(unknown: &Unknown, at: FileName<'_>, resources: Vec<Box<str>>) -> Box<Doubt> {
    Box::new(Doubt {
        reason: Arc::from(at.why(unknown)),
        resources,
    })
}
