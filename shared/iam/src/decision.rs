//! Decisions: what a simulator answers for one action on one resource, and why.
//!
//! Both simulators, the embedded one and AWS's, answer in these words. A [`Decision`] says what; an [`Outcome`] adds
//! the [`Cause`] and the context keys that were not known. What a decision means for a backup is `audit`'s business.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::arn::Arn;

/// The answer for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Every layer allows, none denies.
    Allowed,
    /// Some layer does not allow; none denies.
    ImplicitDeny,
    /// A statement denies.
    ExplicitDeny,
    /// It cannot be known; the cause says why.
    Undetermined,
}

/// A layer of policies that a request must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The principal's own policies: inline, attached, and those of its groups.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// Service control policies. The level counts from the root, which is 0; `None` where the simulator does not tell.
    ServiceControl {
        /// Steps below the root.
        level: Option<u8>,
    },
    /// Resource control policies above the account that owns the resource. The level counts from the root, which is 0.
    ResourceControl {
        /// Steps below the root.
        level: Option<u8>,
    },
    /// The resource's own policy: of a bucket, a KMS key, a backup vault, a role that is to be assumed.
    Resource,
    /// The grants of a KMS key.
    Grant,
    /// The policy of the VPC endpoint that the request passes.
    Endpoint,
}

/// Where one statement stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementRef {
    /// The layer that the policy belongs to.
    pub layer: Layer,
    /// The policy: an ARN, `inline Name`, `group Ops: inline Name`, or a file name.
    pub policy: Arc<str>,
    /// The position in the document, from 0. `None` where the simulator names the policy only.
    pub index: Option<usize>,
    /// The statement's own name.
    pub sid: Option<Arc<str>>,
}

impl StatementRef {
    /// Whichever of a layer's policies decides, where the simulator names none of them.
    #[must_use]
    pub fn in_force(layer: Layer) -> Self {
        Self {
            layer,
            policy: Arc::from("any in force"),
            index: None,
            sid: None,
        }
    }

    /// The statement as every account knows it whose policy lies outside all of them (an SCP, an RCP, a policy that AWS manages): without
    /// the level that the policy is attached to, and without its position where it has a name. `None` where it lies in an account, or is
    /// not known.
    #[must_use]
    pub fn outside_accounts(&self) -> Option<Self> {
        let layer = match self.layer {
            Layer::ServiceControl { .. } => Layer::ServiceControl { level: None },
            Layer::ResourceControl { .. } => Layer::ResourceControl { level: None },
            layer @ (Layer::Identity | Layer::Boundary | Layer::Session)
                if is_aws_managed(&self.policy) =>
            {
                layer
            }
            Layer::Identity
            | Layer::Boundary
            | Layer::Session
            | Layer::Resource
            | Layer::Grant
            | Layer::Endpoint => return None,
        };
        let is_known = self.sid.is_some() || self.index.is_some();
        is_known.then(|| Self {
            layer,
            policy: Arc::clone(&self.policy),
            index: self.index.filter(|_| self.sid.is_none()),
            sid: self.sid.clone(),
        })
    }
}

/// `arn:aws:iam::aws:policy/ReadOnlyAccess`, in any partition.
fn is_aws_managed(policy: &str) -> bool {
    Arn::parse(policy).is_ok_and(|arn| arn.service == "iam" && arn.account == "aws")
}

/// Why a decision is what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// This statement allows (of the identity layer, unless the resource side allows without it), and no layer objects. `None` where the simulator names no statement.
    AllowedBy(Option<StatementRef>),
    /// A statement denies explicitly. Every applying one, in the order of the layers.
    DeniedBy(Vec<StatementRef>),
    /// A layer denies explicitly, but the simulator does not say with which statement.
    DeniedInLayer(Layer),
    /// These layers hold no statement that allows.
    NotAllowedIn(Vec<Layer>),
    /// The request was for `*`, and each layer that does not allow that allows narrower resources.
    AllowedOnlyOn {
        /// The statements of these layers that allow, in the order of the layers.
        by: Vec<StatementRef>,
        /// The resource patterns of these statements, sorted.
        resources: Vec<Box<str>>,
    },
    /// Allowed, but not on these narrower resources.
    DeniedOn {
        /// The statements that deny there, in the order of the layers.
        by: Vec<StatementRef>,
        /// The resource patterns within which it is denied, sorted.
        resources: Vec<Box<str>>,
    },
    /// The keys in [`Outcome::missing`] decide, and nobody gave them.
    MissingContext {
        /// The statements whose conditions or variables name the keys.
        by: Vec<StatementRef>,
    },
    /// A policy could not be read, so it may allow or deny anything.
    Unreadable {
        /// The layer the policy belongs to.
        layer: Layer,
        /// The policy, named as in [`StatementRef::policy`].
        policy: Arc<str>,
        /// What is wrong with it.
        reason: Arc<str>,
    },
    /// Nobody looked at a layer that has to be looked at. No simulator says so: it is said where a decision is judged.
    NotChecked {
        /// The layer.
        layer: Layer,
        /// What people call its policies, such as `key policy`.
        policy: Arc<str>,
    },
    /// A condition or variable of a statement cannot be evaluated, so the statement may apply or not.
    CannotEvaluate {
        /// The statement.
        by: StatementRef,
        /// What is wrong.
        reason: Arc<str>,
    },
    /// The simulator gave no usable answer (throttled out, access denied, cut off).
    NoAnswer {
        /// What happened.
        reason: Arc<str>,
    },
}

/// A decision with its cause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// The answer.
    pub decision: Decision,
    /// Why.
    pub cause: Cause,
    /// Context keys that were absent or unknown and could change the decision, as spelled in the policies.
    pub missing: BTreeSet<Box<str>>,
}

impl Cause {
    /// The statements that deny; none where something else is the cause.
    #[must_use]
    pub fn denied_by(&self) -> &[StatementRef] {
        match self {
            Self::DeniedBy(by) => by,
            Self::AllowedBy(_)
            | Self::DeniedInLayer(_)
            | Self::NotAllowedIn(_)
            | Self::AllowedOnlyOn { .. }
            | Self::DeniedOn { .. }
            | Self::MissingContext { .. }
            | Self::Unreadable { .. }
            | Self::NotChecked { .. }
            | Self::CannotEvaluate { .. }
            | Self::NoAnswer { .. } => &[],
        }
    }

    /// The statements that deny, or that leave open what is decided; none where something else is the cause.
    #[must_use]
    pub fn denied_or_left_open_by(&self) -> &[StatementRef] {
        match self {
            Self::DeniedBy(by) | Self::MissingContext { by } => by,
            Self::CannotEvaluate { by, .. } => std::slice::from_ref(by),
            Self::AllowedBy(_)
            | Self::DeniedInLayer(_)
            | Self::NotAllowedIn(_)
            | Self::AllowedOnlyOn { .. }
            | Self::DeniedOn { .. }
            | Self::Unreadable { .. }
            | Self::NotChecked { .. }
            | Self::NoAnswer { .. } => &[],
        }
    }

    /// The layers in which no statement allows; none where something else is the cause.
    #[must_use]
    pub fn not_allowed_in(&self) -> &[Layer] {
        match self {
            Self::NotAllowedIn(layers) => layers,
            Self::AllowedBy(_)
            | Self::DeniedBy(_)
            | Self::DeniedInLayer(_)
            | Self::AllowedOnlyOn { .. }
            | Self::DeniedOn { .. }
            | Self::MissingContext { .. }
            | Self::Unreadable { .. }
            | Self::NotChecked { .. }
            | Self::CannotEvaluate { .. }
            | Self::NoAnswer { .. } => &[],
        }
    }

    /// The layers that are to blame, in order, without repetition; empty for an allowed request.
    #[must_use]
    pub fn layers(&self) -> Vec<Layer> {
        let mut layers: Vec<Layer> = match self {
            Self::AllowedBy(_) | Self::NoAnswer { .. } => Vec::new(),
            Self::DeniedBy(by)
            | Self::MissingContext { by }
            | Self::AllowedOnlyOn { by, .. }
            | Self::DeniedOn { by, .. } => by.iter().map(|at| at.layer).collect(),
            Self::CannotEvaluate { by, .. } => vec![by.layer],
            Self::DeniedInLayer(layer)
            | Self::Unreadable { layer, .. }
            | Self::NotChecked { layer, .. } => vec![*layer],
            Self::NotAllowedIn(layers) => layers.clone(),
        };
        layers.sort_unstable();
        layers.dedup();
        layers
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity => f.pad("identity policy"),
            Self::Boundary => f.pad("permissions boundary"),
            Self::Session => f.pad("session policy"),
            Self::ServiceControl { level: None } => f.pad("SCP"),
            Self::ServiceControl { level: Some(level) } => write!(f, "SCP level {level}"),
            Self::ResourceControl { level: None } => f.pad("RCP"),
            Self::ResourceControl { level: Some(level) } => write!(f, "RCP level {level}"),
            Self::Resource => f.pad("resource policy"),
            Self::Grant => f.pad("grant"),
            Self::Endpoint => f.pad("endpoint policy"),
        }
    }
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.policy)?;
        match (&self.sid, self.index) {
            (Some(sid), _) => write!(f, ", statement {sid}"),
            (None, Some(index)) => write!(f, ", statement {}", index + 1),
            (None, None) => Ok(()),
        }
    }
}
