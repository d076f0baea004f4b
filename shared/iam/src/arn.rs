//! ARNs: which account, user or role is meant?
//!
//! In: text. Out: [`Arn`] (six parts, the sixth keeps its own colons), [`AccountId`] and [`PrincipalArn`] (an IAM
//! user or role). ARNs compare with case. Patterns with `*` in them are the policy document's business, in `policy`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// All partitions of AWS, the isolated ones included.
pub const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-eusc",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
];

/// The partition that a region is in.
#[must_use]
pub fn partition_of(region: &str) -> &'static str {
    const FRONTS: [(&str, &str); 8] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eu-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    let known = FRONTS.iter().find(|(front, _)| region.starts_with(front));
    known.map_or("aws", |(_, partition)| partition)
}

/// Twelve digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

/// The six parts of an ARN, borrowed from its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    pub partition: &'a str,
    /// The service, such as `iam`.
    pub service: &'a str,
    /// The region; empty where the service is global.
    pub region: &'a str,
    /// The account; empty where the service has none (S3 buckets).
    pub account: &'a str,
    /// All that follows the fifth colon.
    pub resource: &'a str,
}

/// A user or a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
}

/// The ARN of an IAM user or role.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalArn {
    // INVARIANT: `arn:<partition>:iam::<account>:(user|role)<path><name>` with a path that begins and ends with `/`.
    text: Arc<str>,
    kind: PrincipalKind,
    account: AccountId,
}

/// Why a text is not what it should be.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ParseArnError {
    /// Not six parts behind `arn:`.
    #[error("`{0}` is no ARN: expected `arn:partition:service:region:account:resource`")]
    Shape(String),
    /// Not twelve digits.
    #[error("`{0}` is no account id: expected twelve digits")]
    Account(String),
    /// An ARN, but of something else than an IAM user or role.
    #[error(
        "`{0}` is not the ARN of an IAM user or role: expected `arn:aws:iam::123456789012:role/Name` or `…:user/Name`"
    )]
    Principal(String),
}

impl<'a> Arn<'a> {
    /// Splits a text at its first five colons.
    ///
    /// # Errors
    /// [`ParseArnError::Shape`] where there are fewer, or no `arn` in front.
    pub fn parse(text: &'a str) -> Result<Self, ParseArnError> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        match (next(), next(), next(), next(), next(), next()) {
            (
                Some("arn"),
                Some(partition),
                Some(service),
                Some(region),
                Some(account),
                Some(resource),
            ) => Ok(Self {
                partition,
                service,
                region,
                account,
                resource,
            }),
            _ => Err(ParseArnError::Shape(text.to_owned())),
        }
    }
}

impl AccountId {
    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for AccountId {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(ParseArnError::Account(text.to_owned())),
        }
    }
}

impl PrincipalArn {
    /// The whole ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// User or role.
    #[must_use]
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The account it belongs to.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// `aws`, `aws-cn`, `aws-us-gov`, ...
    #[must_use]
    pub fn partition(&self) -> &str {
        Arn::parse(&self.text).map_or("", |arn| arn.partition)
    }

    /// The path, with a slash at both ends; `/` where there is none.
    #[must_use]
    pub fn path(&self) -> &str {
        let resource = Arn::parse(&self.text).map_or("", |arn| arn.resource);
        let start = resource.find('/').unwrap_or(0);
        let end = resource.rfind('/').map_or(0, |slash| slash + 1);
        resource.get(start..end).unwrap_or("/")
    }

    /// The name, without its path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// A service-linked role: its permissions are AWS's, and no SCP restricts it.
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        self.kind == PrincipalKind::Role && self.path().starts_with("/aws-service-role/")
    }
}

impl FromStr for PrincipalArn {
    type Err = ParseArnError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let arn = Arn::parse(text)?;
        let refuse = || ParseArnError::Principal(text.to_owned());
        let (kind, rest) = match arn.resource.split_once('/') {
            Some(("user", rest)) => (PrincipalKind::User, rest),
            Some(("role", rest)) => (PrincipalKind::Role, rest),
            _ => return Err(refuse()),
        };
        if arn.service != "iam" || !arn.region.is_empty() || rest.is_empty() || rest.ends_with('/')
        {
            return Err(refuse());
        }
        Ok(Self {
            kind,
            account: arn.account.parse()?,
            text: text.into(),
        })
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({})", self.as_str())
    }
}

impl fmt::Display for PrincipalArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for PrincipalArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrincipalArn({})", self.text)
    }
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::User => "user",
            Self::Role => "role",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_in_its_partition() {
        let regions = [
            "eu-central-1",
            "cn-north-1",
            "us-gov-west-1",
            "eusc-de-east-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eu-isoe-west-1",
            "us-isof-south-1",
        ];
        assert_eq!(regions.map(partition_of), PARTITIONS);
    }

    #[test]
    fn a_role_with_a_path_is_taken_apart() {
        let arn: PrincipalArn = "arn:aws-cn:iam::123456789012:role/backup/prod/Veeam"
            .parse()
            .unwrap();
        assert_eq!(arn.kind(), PrincipalKind::Role);
        assert_eq!(arn.partition(), "aws-cn");
        assert_eq!(arn.account().as_str(), "123456789012");
        assert_eq!(arn.path(), "/backup/prod/");
        assert_eq!(arn.name(), "Veeam");
    }

    #[test]
    fn a_user_without_a_path_has_the_root_path() {
        let arn: PrincipalArn = "arn:aws:iam::123456789012:user/veeam".parse().unwrap();
        assert_eq!((arn.path(), arn.name()), ("/", "veeam"));
    }

    #[test]
    fn other_arns_are_no_principals() {
        for text in [
            "arn:aws:sts::123456789012:assumed-role/Veeam/session",
            "arn:aws:iam::123456789012:group/ops",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:root",
        ] {
            assert_eq!(
                text.parse::<PrincipalArn>(),
                Err(ParseArnError::Principal(text.into()))
            );
        }
        assert_eq!(
            "arn:aws:iam::12345:role/Veeam".parse::<PrincipalArn>(),
            Err(ParseArnError::Account("12345".into()))
        );
        assert_eq!(
            "Veeam".parse::<PrincipalArn>(),
            Err(ParseArnError::Shape("Veeam".into()))
        );
    }

    #[test]
    fn the_sixth_part_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:rds:eu-west-1:123456789012:snapshot:nightly").unwrap();
        assert_eq!(arn.resource, "snapshot:nightly");
    }
}
