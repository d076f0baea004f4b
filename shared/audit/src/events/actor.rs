//! Actors: who made a call, in whose name, and with which tool?
//!
//! What the event does not say is `None`; a tool that is not known by name is `None` as well. How it is read is `caller`'s business.

use std::net::IpAddr;

/// Who made a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// What kind of caller it is.
    pub kind: ActorKind,
    /// The caller's ARN; for a role that of the session. `None` where the event has none, as for AWS's own services.
    pub arn: Option<Box<str>>,
    /// The name of the session of an assumed role.
    pub session: Option<Box<str>>,
    /// The ARN of the role that was assumed.
    pub issuer: Option<Box<str>>,
    /// The user of IAM Identity Center: the name of the session, or the user's id where the event has no session.
    pub person: Option<Box<str>>,
    /// The AWS service that made the call, for itself or in the name of somebody, such as `cloudformation.amazonaws.com`.
    pub service: Option<Box<str>>,
    /// The tool, such as `Terraform`.
    pub tool: Option<&'static str>,
    /// Where the call came from; `None` where AWS made it. For machines only.
    pub address: Option<IpAddr>,
}

/// What kind of caller it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActorKind {
    /// The root user of the account.
    Root,
    /// An IAM user.
    User,
    /// A session of a role.
    Role,
    /// A user of IAM Identity Center.
    Person,
    /// A service of AWS, for itself.
    Service,
    /// Anything else, or nobody knows.
    #[default]
    Other,
}

/// How the names of the roles begin that IAM Identity Center makes, one for each permission set.
const PERMISSION_SET: &str = "AWSReservedSSO_";

impl Actor {
    /// The permission set of a user of IAM Identity Center, such as `AdministratorAccess`.
    #[must_use]
    pub fn permission_set(&self) -> Option<&str> {
        permission_set(self.issuer.as_deref()?)
    }
}

/// `AdministratorAccess` of `arn:…:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef`.
pub(super) fn permission_set(issuer: &str) -> Option<&str> {
    let (_, name) = issuer.rsplit_once('/')?;
    let name = name.strip_prefix(PERMISSION_SET)?;
    Some(name.rsplit_once('_').map_or(name, |(name, _)| name))
}
