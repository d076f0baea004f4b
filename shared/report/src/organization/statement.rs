//! Statements above accounts: which statement of an SCP, of an RCP or of AWS's own policies denies something in many accounts?
//!
//! Only such a statement is the same one in two accounts. A denial whose statement is not known is told for each account by itself,
//! because its reason may differ.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use audit::Finding;
use iam::{ActionName, Layer, StatementRef};

use crate::words::plain::plain;

/// A statement of a policy that lies outside every account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OuterStatement {
    /// Of what kind the policy is.
    pub kind: OuterPolicy,
    /// The policy's id, ARN or file.
    pub policy: Box<str>,
    /// The statement's place in it, from 0; `None` where it has a name.
    pub index: Option<usize>,
    /// The statement's own name.
    pub sid: Option<Box<str>>,
}

/// The kinds of policies that lie outside every account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OuterPolicy {
    /// An SCP.
    ServiceControl,
    /// An RCP.
    ResourceControl,
    /// A policy of AWS, which accounts attach.
    AwsManaged,
}

impl OuterPolicy {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
            Self::AwsManaged => "aws-managed",
        }
    }
}

/// A text that is no kind of policy outside accounts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of policy outside accounts: expected scp, rcp or aws-managed")]
pub struct ParseOuterPolicyError(String);

impl FromStr for OuterPolicy {
    type Err = ParseOuterPolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [
            Self::ServiceControl,
            Self::ResourceControl,
            Self::AwsManaged,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .ok_or_else(|| ParseOuterPolicyError(text.to_owned()))
    }
}

impl OuterStatement {
    /// `None` where the statement is not known, or its policy lies in an account.
    #[must_use]
    pub fn of(at: &StatementRef) -> Option<Self> {
        let at = at.outside_accounts()?;
        Some(Self {
            kind: match at.layer {
                Layer::ServiceControl { .. } => OuterPolicy::ServiceControl,
                Layer::ResourceControl { .. } => OuterPolicy::ResourceControl,
                Layer::Identity
                | Layer::Boundary
                | Layer::Session
                | Layer::Resource
                | Layer::Grant
                | Layer::Endpoint => OuterPolicy::AwsManaged,
            },
            policy: (&*at.policy).into(),
            index: at.index,
            sid: at.sid.as_deref().map(Box::from),
        })
    }
}

impl fmt::Display for OuterStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            OuterPolicy::ServiceControl => "SCP",
            OuterPolicy::ResourceControl => "RCP",
            OuterPolicy::AwsManaged => "policy of AWS",
        };
        write!(f, "{kind} {}", plain(&self.policy))?;
        match (&self.sid, self.index) {
            (Some(sid), _) => write!(f, ", statement {}", plain(sid)),
            (None, Some(index)) => write!(f, ", statement {}", index + 1),
            (None, None) => Ok(()),
        }
    }
}

/// The statements above accounts that deny what a finding says is missing, each with what it denies.
#[must_use]
pub fn denials(finding: &Finding) -> BTreeMap<OuterStatement, BTreeSet<&ActionName>> {
    let mut denials: BTreeMap<OuterStatement, BTreeSet<&ActionName>> = BTreeMap::new();
    for lack in finding.lacks.iter() {
        let by = lack.cause.denied_by().iter();
        for statement in by.filter_map(OuterStatement::of) {
            let actions = denials.entry(statement).or_default();
            actions.extend(lack.actions.iter());
        }
    }
    denials
}
