//! Events: what is known of one call, and what can be wrong with an event?

use iam::AccountId;
use jiff::Timestamp;

use super::actor::Actor;
use super::arrivals::EventSource;
use super::effect::Effect;

/// A call that changed something an audit looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailEvent {
    /// The event's id; an event that was delivered twice has the same.
    pub id: Box<str>,
    /// The service that was called, such as `iam.amazonaws.com`.
    pub source: Box<str>,
    /// Such as `DetachRolePolicy`.
    pub call: Box<str>,
    /// Who made it.
    pub actor: Actor,
    /// When the call was made.
    pub at: Timestamp,
    /// The account in which it was recorded, where the event says so.
    pub account: Option<AccountId>,
    /// The region in which it was recorded, where the event says so.
    pub region: Option<Box<str>>,
    /// What it changed.
    pub acted_on: ActedOn,
    /// What a listing shows once a call to IAM has taken effect, as far as a listing can.
    pub(super) effects: Vec<Effect>,
    /// The policy that the call names: the ARN of a managed policy, the name of an inline one, the id of an SCP or RCP.
    pub policy: Option<Box<str>>,
}

impl TrailEvent {
    /// Where it comes from, where the event says so.
    pub(super) fn origin(&self) -> Option<EventSource> {
        Some(EventSource {
            service: self.source.clone(),
            region: self.region.clone()?,
        })
    }
}

/// What a call changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActedOn {
    /// A user, by its name: its policies, groups, tags, access keys, or that it was made or deleted.
    User(Box<str>),
    /// A user whose name became another: the old one and the new one.
    RenamedUser {
        /// Before.
        from: Box<str>,
        /// Since.
        to: Box<str>,
    },
    /// A role, by its name: its policies, tags, trust policy, instance profile, or that it was made or deleted.
    Role(Box<str>),
    /// A group, by its name: all members.
    Group(Box<str>),
    /// A managed policy, by its ARN: everybody who holds it or is bounded by it.
    Policy(Box<str>),
    /// An instance profile, by its name.
    InstanceProfile(Box<str>),
    /// A KMS key, by its ARN.
    Key(Box<str>),
    /// A bucket, by its name.
    Bucket(Box<str>),
    /// A vault of AWS Backup: its policy or its lock.
    Vault {
        /// Its region.
        region: Box<str>,
        /// Its name.
        name: Box<str>,
    },
    /// A vault of AWS Backup that was made or deleted.
    VaultItself {
        /// Its region.
        region: Box<str>,
        /// Its name.
        name: Box<str>,
    },
    /// What is set for the account in a region: encryption of EBS volumes, what AWS Backup backs up.
    Region(Box<str>),
    /// A region that was enabled or disabled for the account.
    RegionItself(Box<str>),
    /// VPC endpoints of a region.
    Endpoints(Box<str>),
    /// SCPs or RCPs, or an account's place in the organisation. The target is an account, an OU or a root; `None` where the event
    /// does not say which accounts are below it.
    Organization(Option<Box<str>>),
}

/// An event that could not be read or followed, so that nobody knows whom it touched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct EventFault {
    /// Where it stands, such as `event 3` or `line 3`.
    pub place: Box<str>,
    /// Why.
    pub reason: EventFaultReason,
}

/// Why an event could not be read or followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventFaultReason {
    /// The text is no JSON.
    #[error("no JSON: {0}")]
    NotJson(Box<str>),
    /// There is no event.
    #[error(
        "no trail event: expected an object with `eventSource` and `eventName`, or with `detail` that has them"
    )]
    NotAnEvent,
    /// A field that an event must have is not there, or is not what it should be.
    #[error("`{call}` has no usable `{field}`, so nobody knows whom it touched")]
    Lacks {
        /// The call.
        call: Box<str>,
        /// The field.
        field: Box<str>,
    },
    /// A list that has a next page.
    #[error(
        "it goes on (`NextToken`), and the rest of it is not there: fetch it without `--max-items` and `--no-paginate`"
    )]
    GoesOn,
    /// Something with a name like Veeam's that is not there any more.
    #[error(
        "`{call}` names the {what} `{name}`, which is not in the listing: whether it was bound to action sets is not known"
    )]
    NotListed {
        /// The call.
        call: Box<str>,
        /// `user`, `role`, `group` or `policy`.
        what: &'static str,
        /// Its name.
        name: Box<str>,
    },
}
