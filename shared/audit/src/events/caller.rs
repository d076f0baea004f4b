//! Callers: what does a trail event say of who made the call?
//!
//! In: the `userIdentity`, the `userAgent` and the source address of a trail event. Out: an [`Actor`].

use super::actor::{Actor, ActorKind, permission_set};
use super::raw::Raw;

/// Who made the call of an event.
pub(super) fn actor(raw: Raw<'_>) -> Actor {
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
    Actor {
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

/// Whether a source address is the name of a service.
fn is_service(address: &str) -> bool {
    address == "AWS Internal" || address.ends_with(".amazonaws.com")
}

/// The name of the session at the end of its ARN.
fn session(arn: &str) -> Option<Box<str>> {
    let (_, session) = arn.rsplit_once('/')?;
    Some(session.into())
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

/// A tool by its name, if it is one of those that are known.
pub(super) fn known_tool(name: &str) -> Option<&'static str> {
    let mut names = TOOLS.iter().map(|(_, known)| *known);
    names.find(|known| *known == name)
}

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
