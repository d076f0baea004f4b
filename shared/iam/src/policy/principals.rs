//! Principals: whom is a statement of a resource policy about?
//!
//! In: the pairs of kind and value that stand in `Principal` or `NotPrincipal`. Out: [`Principals`], or what is wrong with
//! them. Whether a caller is one of them is `evaluate`'s business.

use super::syntax::Principals as RawPrincipals;
use super::validate::element::is_unique_id;
use crate::arn::{AccountId, Arn, PrincipalArn};

/// `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principals {
    /// True for `NotPrincipal`: the statement is about everybody else.
    pub negated: bool,
    /// In the order written; never empty.
    pub list: Vec<NamedPrincipal>,
}

/// One principal that a statement names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedPrincipal {
    /// `*`.
    Everybody,
    /// An account, by its twelve digits or by the ARN of its root.
    Account(AccountId),
    /// An IAM user or role.
    Entity(PrincipalArn),
    /// A session of a role. Its ARN holds the role's name without the path.
    RoleSession {
        /// The account of the role.
        account: AccountId,
        /// The name of the role.
        role: Box<str>,
        /// The name of the session.
        session: Box<str>,
    },
    /// A session that `sts:GetFederationToken` began.
    FederatedUser {
        /// The account of the user who began it.
        account: AccountId,
        /// The name of the session.
        name: Box<str>,
    },
    /// The unique id of a user or role. AWS shows it in place of the ARN once that user or role is deleted.
    UniqueId(Box<str>),
    /// A canonical user id of Amazon S3, which stands for an account.
    CanonicalUser(Box<str>),
    /// An AWS service, an identity provider or an identity of CloudFront: never a user or role of an account.
    Other(Box<str>),
}

impl Principals {
    /// Understands what a statement names.
    pub(crate) fn read(raw: &RawPrincipals) -> Result<Self, String> {
        if raw.list.is_empty() {
            return Err("names no principal: expected `*`, or one such as `{\"AWS\": \"arn:aws:iam::123456789012:role/Name\"}`".to_owned());
        }
        let list = raw.list.iter().map(|(kind, value)| named(kind, value));
        Ok(Self {
            negated: raw.negated,
            list: list.collect::<Result<_, _>>()?,
        })
    }
}

fn named(kind: &str, value: &str) -> Result<NamedPrincipal, String> {
    match kind {
        "AWS" => aws(value),
        "CanonicalUser" => Ok(NamedPrincipal::CanonicalUser(value.into())),
        "Service" | "Federated" => Ok(NamedPrincipal::Other(value.into())),
        other => Err(format!(
            "has the kind of principal `{other}`: expected AWS, Service, Federated or CanonicalUser"
        )),
    }
}

fn aws(value: &str) -> Result<NamedPrincipal, String> {
    if value == "*" {
        return Ok(NamedPrincipal::Everybody);
    }
    if let Ok(account) = value.parse() {
        return Ok(NamedPrincipal::Account(account));
    }
    if is_unique_id(value) {
        return Ok(NamedPrincipal::UniqueId(value.into()));
    }
    let refuse = |expected: &str| {
        format!("has the principal `{value}`, which AWS does not accept: expected {expected}")
    };
    if value.contains(['*', '?']) {
        return Err(refuse(
            "a whole ARN without wildcards; compare `aws:PrincipalArn` in a condition instead",
        ));
    }
    let arn = Arn::parse(value).map_err(|_| {
        refuse("`*`, twelve digits, or the ARN of an account, user, role or session")
    })?;
    let Ok(account) = arn.account.parse::<AccountId>() else {
        // Such as `arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1`.
        return match (arn.service, arn.account) {
            ("iam" | "sts", owner) if owner.contains(char::is_alphabetic) => {
                Ok(NamedPrincipal::Other(value.into()))
            }
            _ => Err(refuse("the ARN of an account, user, role or session")),
        };
    };
    let parts: Vec<&str> = arn.resource.split('/').collect();
    match (arn.service, parts.as_slice()) {
        ("iam", ["root"]) => Ok(NamedPrincipal::Account(account)),
        ("iam", ["user" | "role", ..]) => value
            .parse()
            .map(NamedPrincipal::Entity)
            .map_err(|_| refuse("the whole ARN of a user or role")),
        ("sts", ["assumed-role", role, session]) => Ok(NamedPrincipal::RoleSession {
            account,
            role: (*role).into(),
            session: (*session).into(),
        }),
        ("sts", ["federated-user", name]) => Ok(NamedPrincipal::FederatedUser {
            account,
            name: (*name).into(),
        }),
        _ => Err(refuse("the ARN of an account, user, role or session")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, value: &str) -> Result<NamedPrincipal, String> {
        let raw = RawPrincipals {
            negated: false,
            list: vec![(kind.into(), value.into())],
        };
        Principals::read(&raw).map(|mut read| read.list.remove(0))
    }

    #[test]
    fn an_account_is_named_by_digits_or_by_its_root() {
        let account = NamedPrincipal::Account("123456789012".parse().unwrap());
        assert_eq!(read("AWS", "123456789012"), Ok(account.clone()));
        assert_eq!(
            read("AWS", "arn:aws-cn:iam::123456789012:root"),
            Ok(account)
        );
    }

    #[test]
    fn a_session_is_taken_apart() {
        assert_eq!(
            read(
                "AWS",
                "arn:aws:sts::123456789012:assumed-role/Veeam/worker@1"
            ),
            Ok(NamedPrincipal::RoleSession {
                account: "123456789012".parse().unwrap(),
                role: "Veeam".into(),
                session: "worker@1".into(),
            })
        );
    }

    #[test]
    fn what_is_no_user_or_role_of_an_account_is_kept_as_it_stands() {
        for (kind, value) in [
            ("Service", "backup.amazonaws.com"),
            ("Federated", "cognito-identity.amazonaws.com"),
            (
                "AWS",
                "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
            ),
        ] {
            assert_eq!(read(kind, value), Ok(NamedPrincipal::Other(value.into())));
        }
    }

    #[test]
    fn what_aws_would_refuse_is_told_with_what_would_be_right() {
        for (kind, value, told) in [
            (
                "AWS",
                "arn:aws:iam::123456789012:role/*",
                "without wildcards",
            ),
            (
                "AWS",
                "arn:aws:iam::123456789012:group/ops",
                "an account, user, role",
            ),
            ("AWS", "arn:aws:s3:::bucket", "an account, user, role"),
            (
                "AWS",
                "arn:aws:iam::12345678901:root",
                "an account, user, role",
            ),
            ("AWS", "Veeam", "twelve digits"),
            ("Aws", "*", "expected AWS, Service"),
        ] {
            let error = read(kind, value).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
