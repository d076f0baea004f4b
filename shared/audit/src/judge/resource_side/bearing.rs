//! Bearing: what does a request for an action on a declared resource bear besides what any request bears?
//!
//! In: the context of a question, the set, the action. Out: a context that says more. Whatever the settings say of a key has the last
//! word. What Veeam sends and no page says stays unknown, within what Veeam can send at all.

use iam::{AccountId, ActionName, Context, Known, Limit};

use super::passing::{ENDPOINT, NETWORK};
use super::side::Site;
use crate::bind::requirement::{Need, Requirement};
use crate::resources::{Bucket, Organization, Reading, VpcEndpoint};

/// How a request for an action differs from others on the same resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// It writes an object.
    Writes,
    /// It locks one.
    Locks,
    /// Any other.
    Other,
}

impl Kind {
    pub(super) fn of(action: &ActionName) -> Self {
        let is = |name: &str| action.as_str().eq_ignore_ascii_case(name);
        if is("s3:PutObject") {
            Self::Writes
        } else if is("s3:PutObjectRetention") {
            Self::Locks
        } else {
            Self::Other
        }
    }
}

/// Whose resources requests are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Service {
    Keys,
    Buckets,
    Vaults,
    Roles,
    Others,
}

/// The endpoints that requests pass.
#[derive(Clone, Copy)]
pub(super) enum Passing<'e> {
    /// None.
    Nothing,
    /// They may pass one, and nobody knows which.
    Unknown,
    /// One of these.
    OneOf(&'e [&'e VpcEndpoint]),
}

impl<'e> Passing<'e> {
    /// Those that are known.
    pub(super) fn endpoints(self) -> &'e [&'e VpcEndpoint] {
        match self {
            Self::Nothing | Self::Unknown => &[],
            Self::OneOf(endpoints) => endpoints,
        }
    }
}

/// What is the same for all requests of a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bearing {
    /// The requests come from the backup appliance and its workers.
    is_appliance: bool,
    /// Backups are locked.
    is_immutable: bool,
    /// The bucket can lock something, as far as is known.
    can_lock: bool,
    /// They may pass an endpoint, and nobody knows which.
    passes_some: bool,
}

const NONE: [Box<str>; 0] = [];

impl Bearing {
    pub(super) fn of(requirement: &Requirement) -> Self {
        let checks = requirement.checks.iter();
        let mut needs = checks.flat_map(|check| {
            let actions = check.question.actions.iter();
            actions.zip(check.needs.iter())
        });
        Self {
            is_appliance: requirement.set.starts_with("vbaws-"),
            is_immutable: needs
                .any(|(action, need)| Kind::of(action) == Kind::Locks && *need == Need::Required),
            can_lock: true,
            passes_some: false,
        }
    }

    /// The same on a bucket: where it has no Object Lock, nothing is written with a lock.
    pub(super) fn on(self, bucket: Option<&Bucket>, passed: Passing<'_>) -> Self {
        let lock = bucket.and_then(|bucket| bucket.object_lock.read());
        Self {
            can_lock: lock.is_none_or(Option::is_some),
            passes_some: match passed {
                Passing::Unknown => true,
                Passing::Nothing | Passing::OneOf(_) => false,
            },
            ..self
        }
    }

    /// Whether the requests count as passing no endpoint, which nobody said.
    pub(super) fn hides_endpoints(self, asked: &Context) -> bool {
        let mut keys = [NETWORK, ENDPOINT].into_iter();
        self.is_appliance
            && keys.any(|key| asked.get(key) == Known::Unknown && asked.limit_of(key).is_none())
    }

    /// The context of requests of one kind. `owner`: the account of the resource where it is another one.
    pub(super) fn context(
        self,
        site: Site<'_>,
        asked: &Context,
        kind: Kind,
        service: Service,
        owner: Option<AccountId>,
        passed: Passing<'_>,
    ) -> Context {
        let mut context = asked.clone();
        if let Passing::OneOf(passed) = passed {
            let ids = passed.iter().map(|endpoint| endpoint.id.clone());
            one_of(&mut context, ENDPOINT, ids.collect());
            let networks = passed.iter().map(|endpoint| endpoint.vpc.clone());
            one_of(&mut context, NETWORK, networks.collect());
        }
        organization(site, &mut context, owner);
        match service {
            Service::Buckets => self.s3(&mut context, kind),
            Service::Keys => fill(&mut context, "kms:CallerAccount", [site.account.as_str()]),
            Service::Vaults | Service::Others => {}
            // Veeam sends an external id only for roles of other accounts.
            Service::Roles => fill(&mut context, "sts:ExternalId", NONE),
        }
        context
    }

    fn s3(self, context: &mut Context, kind: Kind) {
        let versions = ["1.2", "1.3"].map(Box::from).to_vec();
        one_of(context, "s3:TlsVersion", versions);
        if self.is_appliance && !self.passes_some {
            // Adding a repository and restoring the configuration go through the public endpoint, whatever endpoints workers have.
            for key in [NETWORK, ENDPOINT] {
                fill(context, key, NONE);
            }
        }
        match kind {
            Kind::Writes if self.is_immutable && self.can_lock => {
                fill(context, "s3:object-lock-mode", ["COMPLIANCE"]);
            }
            // Every such request bears it, whatever the bucket can do.
            Kind::Locks => {
                fill(context, "s3:object-lock-mode", ["COMPLIANCE"]);
            }
            Kind::Writes | Kind::Other => {
                for key in [
                    "s3:object-lock-mode",
                    "s3:object-lock-retain-until-date",
                    "s3:object-lock-remaining-retention-days",
                ] {
                    fill(context, key, NONE);
                }
            }
        }
        match kind {
            // An appliance does not support SSE-KMS.
            Kind::Writes if self.is_appliance => {
                limit(
                    context,
                    "s3:x-amz-server-side-encryption",
                    Limit::OneOf {
                        values: vec!["AES256".into()],
                        or_absent: true,
                    },
                );
                let key = "s3:x-amz-server-side-encryption-aws-kms-key-id";
                fill(context, key, NONE);
            }
            Kind::Writes => {}
            Kind::Locks | Kind::Other => {
                for key in [
                    "s3:x-amz-server-side-encryption",
                    "s3:x-amz-server-side-encryption-aws-kms-key-id",
                ] {
                    fill(context, key, NONE);
                }
            }
        }
    }
}

fn organization(site: Site<'_>, context: &mut Context, owner: Option<AccountId>) {
    let is_own = owner.is_none();
    if is_own {
        for key in ["aws:ResourceAccount", "s3:ResourceAccount"] {
            fill(context, key, [site.account.as_str()]);
        }
    }
    match &site.resources.organization {
        Reading::NotRead | Reading::Refused(_) => {}
        Reading::Read(None) => {
            let of_principal = ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"];
            let of_resource = ["aws:ResourceOrgID", "aws:ResourceOrgPaths"];
            for key in of_principal {
                fill(context, key, NONE);
            }
            for key in of_resource.into_iter().filter(|_| is_own) {
                fill(context, key, NONE);
            }
        }
        Reading::Read(Some(Organization { id, .. })) if id.is_empty() => {}
        Reading::Read(Some(Organization { id, .. })) => {
            fill(context, "aws:PrincipalOrgID", [&**id]);
            if is_own {
                fill(context, "aws:ResourceOrgID", [&**id]);
            }
        }
    }
}

/// Says what nobody said yet.
fn fill<V: Into<Box<str>>>(context: &mut Context, key: &str, values: impl IntoIterator<Item = V>) {
    if context.get(key) == Known::Unknown && context.limit_of(key).is_none() {
        context.set(key, values);
    }
}

/// The same for what is one of several.
fn one_of(context: &mut Context, key: &str, mut values: Vec<Box<str>>) {
    values.sort();
    values.dedup();
    if values.len() == 1 {
        fill(context, key, values);
    } else {
        let or_absent = false;
        limit(context, key, Limit::OneOf { values, or_absent });
    }
}

/// The same for what is known in part.
fn limit(context: &mut Context, key: &str, limit: Limit) {
    if context.get(key) == Known::Unknown && context.limit_of(key).is_none() {
        context.limit(key, limit);
    }
}
