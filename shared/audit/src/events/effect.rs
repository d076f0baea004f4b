//! Effects: what does a listing show once a call to IAM has taken effect?
//!
//! An effect says of one part of the account what must be seen there. Effects on the same part supersede one another. Texts are kept as
//! digests: they are compared, and never shown to anybody.

use std::fmt::{self, Write};

use iam::policy::Document;
use iam::trust::TrustPolicy;
use sha2::{Digest as _, Sha256};

/// What one call did to one part of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) part: Part,
    pub(super) state: State,
}

/// A part of the account that one call changes as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) of: Owner,
    pub(super) aspect: Aspect,
}

/// Whom or what a call names. IAM keeps names apart without regard to case: they are [`folded`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    User(Box<str>),
    Role(Box<str>),
    Group(Box<str>),
    InstanceProfile(Box<str>),
    /// By its ARN.
    Policy(Box<str>),
}

/// What of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aspect {
    /// That it exists.
    Existence,
    /// The path in its ARN.
    Path,
    /// The attachment of a managed policy, by the policy's ARN.
    Attachment(Box<str>),
    /// An inline policy, by its folded name.
    Inline(Box<str>),
    Boundary,
    /// A tag, by its folded key.
    Tag(Box<str>),
    Trust,
    /// The membership in a group, by the group's folded name.
    Membership(Box<str>),
    /// A role's place in an instance profile, by the profile's folded name.
    Profile(Box<str>),
    /// Which version of a policy is the default one.
    DefaultVersion,
}

/// What is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is there, whatever it says.
    There,
    /// It is not there.
    Gone,
    /// It is there and says what has this digest.
    Is(Digest),
    /// It is there and says this, which is no secret: a path, the ARN of a policy.
    Names(Box<str>),
    /// A policy has a version of this number.
    HasVersion(u32),
}

/// The digest of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digest([u8; 32]);

/// A name or key in small letters.
pub(super) fn folded(name: &str) -> Box<str> {
    name.to_lowercase().into()
}

/// The number of a policy's version: 3 for `v3`.
pub(super) fn number(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.parse().ok()
}

impl Digest {
    pub(super) fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }

    /// Of what an identity policy says, however it is laid out.
    pub(super) fn of_policy(document: &Document) -> Self {
        Self::of_value(&(document.version, &document.statements))
    }

    /// Of what a trust policy says. IAM stores an account's id as the ARN of its root, and principals in another order.
    pub(super) fn of_trust(policy: &TrustPolicy) -> Self {
        let mut statements = policy.statements.clone();
        for statement in &mut statements {
            for (_, principal) in &mut statement.principals {
                let account = principal
                    .strip_prefix("arn:")
                    .and_then(|arn| arn.split_once(":iam::"))
                    .and_then(|(_, resource)| resource.strip_suffix(":root"));
                if let Some(account) = account {
                    *principal = account.into();
                }
            }
            statement.principals.sort_unstable();
            statement.action.patterns.sort_unstable();
        }
        Self::of_value(&statements)
    }

    /// Of a value as it prints for debugging. Another release may print it otherwise: then the digests differ.
    pub(super) fn of_value(value: &impl fmt::Debug) -> Self {
        struct Digesting(Sha256);
        impl Write for Digesting {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.update(text);
                Ok(())
            }
        }
        let mut digesting = Digesting(Sha256::new());
        // Writing to a digest cannot fail.
        let _written = write!(digesting, "{value:?}");
        Self(digesting.0.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}
