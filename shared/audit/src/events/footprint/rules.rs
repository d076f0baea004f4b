//! Binding rules: can an event have bound somebody whom no audit has seen yet?
//!
//! Tags bind by their prefix, settings by patterns of ARNs. The footprint knows everybody who existed at the last audit, so only calls
//! that give a name or a path are compared with the patterns.

use std::fmt::Debug;

use iam::arn::PARTITIONS;
use iam::{AccountId, glob};

use crate::events::effect::{Aspect, Digest, Owner, State};
use crate::events::event::TrailEvent;
use crate::settings::names::without_prefix;
use crate::settings::pattern::Pattern;

/// The rules by which an audit binds principals.
#[derive(Clone, Debug)]
pub struct BindingRules {
    prefix: Box<str>,
    patterns: Vec<Pattern>,
    digest: Box<str>,
}

impl BindingRules {
    /// Tags that begin so, the patterns of bindings, and all else that decides what a principal is bound to and checked on.
    pub(crate) fn new<'a>(
        prefix: &str,
        patterns: impl Iterator<Item = &'a Pattern>,
        all: &impl Debug,
    ) -> Self {
        Self {
            prefix: prefix.into(),
            patterns: patterns.cloned().collect(),
            digest: Digest::of_value(all).to_string().into(),
        }
    }

    /// Differs where the rules do.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether an event names a tag that binds, or gives somebody a name that a pattern of the settings matches.
    pub(super) fn may_bind(&self, event: &TrailEvent, account: AccountId) -> bool {
        event.effects.iter().any(|effect| {
            let of = &effect.part.of;
            match (&effect.part.aspect, &effect.state) {
                (Aspect::Tag(key), _) => without_prefix(key, &self.prefix).is_some(),
                (Aspect::Path, State::Names(path)) => self.matches(account, of, path),
                // Somebody who was renamed keeps the path, which the event does not say.
                (Aspect::Existence, State::There) => {
                    self.matches(account, of, "/") || self.matches(account, of, "/*/")
                }
                (
                    Aspect::Existence
                    | Aspect::Path
                    | Aspect::Attachment(_)
                    | Aspect::Inline(_)
                    | Aspect::Boundary
                    | Aspect::Trust
                    | Aspect::Membership(_)
                    | Aspect::Profile(_)
                    | Aspect::DefaultVersion,
                    State::There
                    | State::Gone
                    | State::Is(_)
                    | State::Names(_)
                    | State::HasVersion(_),
                ) => false,
            }
        })
    }

    /// Whether a pattern matches somebody's ARN. The event says no partition, and the name may be written otherwise.
    fn matches(&self, account: AccountId, of: &Owner, path: &str) -> bool {
        let (kind, name) = match of {
            Owner::User(name) => ("user", name),
            Owner::Role(name) => ("role", name),
            Owner::Group(_) | Owner::InstanceProfile(_) | Owner::Policy(_) => return false,
        };
        let path = path.to_lowercase();
        PARTITIONS.iter().any(|partition| {
            let arn = format!("arn:{partition}:iam::{account}:{kind}{path}{name}");
            let mut patterns = self.patterns.iter();
            patterns.any(|pattern| glob::overlap(&pattern.as_str().to_lowercase(), &arn))
        })
    }
}
