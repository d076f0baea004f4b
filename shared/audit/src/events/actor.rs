//! Actors: who made a call, in whose name, and with which tool?
//!
//! In: the `userIdentity`, the `userAgent` and the source address of a trail event. Out: an [`Actor`]. What the event does not say stays
//! `None`; a tool that is not known by name is `None` as well.

use std::net::IpAddr;

use super::raw::Raw;

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
    /// Who made the call of an event.
    pub(super) fn of(raw: Raw<'_>) -> Self {
        let text = |path| raw.text(path).map(Box::<str>::from);
        let arn = text("userIdentity.arn");
        let issuer = text("userIdentity.sessionContext.sessionIssuer.arn");
        let address = raw.text("sourceIPAddress").unwrap_or_default();
        let service = raw
            .text("userIdentity.invokedBy")
            .or_else(|| is_service(address).then_some(address));
        let is_session = arn
            .as_deref()
            .is_some_and(|arn| arn.contains(":assumed-role/"));
        let session = arn.as_deref().filter(|_| is_session).and_then(session);
        let of_permission_set = issuer.as_deref().and_then(permission_set).is_some();
        let behalf = text("userIdentity.onBehalfOf.userId");
        let (kind, person) = match raw.text("userIdentity.type") {
            Some("Root") => (ActorKind::Root, None),
            Some("IAMUser") => (ActorKind::User, None),
            Some("AssumedRole") if of_permission_set => (ActorKind::Person, session.clone()),
            Some("AssumedRole") => (ActorKind::Role, None),
            Some("IdentityCenterUser") => (ActorKind::Person, behalf),
            Some("AWSService") => (ActorKind::Service, None),
            _ => (ActorKind::Other, None),
        };
        Self {
            kind,
            arn,
            session,
            issuer,
            person,
            service: service.map(Box::from),
            tool: tool(raw),
            address: address.parse().ok(),
        }
    }

    /// The permission set of a user of IAM Identity Center, such as `AdministratorAccess`.
    #[must_use]
    pub fn permission_set(&self) -> Option<&str> {
        permission_set(self.issuer.as_deref()?)
    }
}

/// Whether a source address is the name of a service.
fn is_service(address: &str) -> bool {
    address == "AWS Internal" || address.ends_with(".amazonaws.com")
}

/// The name of the session at the end of its ARN.
fn session(arn: &str) -> Option<Box<str>> {
    let (_, session) = arn.rsplit_once('/')?;
    Some(session.into())
}

/// `AdministratorAccess` of `arn:…:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef`.
fn permission_set(issuer: &str) -> Option<&str> {
    let (_, name) = issuer.rsplit_once('/')?;
    let name = name.strip_prefix(PERMISSION_SET)?;
    Some(name.rsplit_once('_').map_or(name, |(name, _)| name))
}

/// Tools by what their user agents hold, in small letters; the first one counts. A tool names the SDK that it is built with as well.
const TOOLS: [(&str, &str); 27] = [
    ("opentofu/", "OpenTofu"),
    ("terraform", "Terraform"),
    ("pulumi", "Pulumi"),
    ("ansible", "Ansible"),
    ("crossplane", "Crossplane"),
    ("cloudformation.amazonaws.com", "AWS CloudFormation"),
    ("awspowershell", "AWS Tools for PowerShell"),
    ("aws-powershell", "AWS Tools for PowerShell"),
    ("aws-cli/", "AWS CLI"),
    ("console.amazonaws.com", "AWS console"),
    ("console.aws", "AWS console"),
    ("signin.amazonaws.com", "AWS console"),
    ("s3console/", "AWS console"),
    ("mozilla/", "AWS console"),
    ("boto3/", "AWS SDK for Python"),
    ("botocore/", "AWS SDK for Python"),
    ("aws-sdk-go", "AWS SDK for Go"),
    ("aws-sdk-js", "AWS SDK for JavaScript"),
    ("aws-sdk-nodejs", "AWS SDK for JavaScript"),
    ("aws-sdk-java", "AWS SDK for Java"),
    ("aws-sdk-kotlin", "AWS SDK for Kotlin"),
    ("aws-sdk-dotnet", "AWS SDK for .NET"),
    ("aws-sdk-ruby", "AWS SDK for Ruby"),
    ("aws-sdk-php", "AWS SDK for PHP"),
    ("aws-sdk-cpp", "AWS SDK for C++"),
    ("aws-sdk-swift", "AWS SDK for Swift"),
    ("aws-sdk-rust", "AWS SDK for Rust"),
];

/// By its user agent, which a caller may choose freely: none of its text is kept.
fn tool(raw: Raw<'_>) -> Option<&'static str> {
    let agent = raw
        .text("userAgent")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut known = TOOLS.iter().filter(|(sign, _)| agent.contains(sign));
    match known.next() {
        Some((_, name)) => Some(name),
        None => raw
            .is_true("sessionCredentialFromConsole")
            .then_some("AWS console"),
    }
}
