//! Binding rules: whom may an event have bound that no audit has seen?
//!
//! Tags bind by their prefix, settings by patterns of ARNs. An event has a name and no path, so a pattern counts that matches the name on
//! some path.

use std::fmt::Debug;

use iam::{AccountId, PrincipalKind, glob};

use crate::events::effect::{Aspect, Digest};
use crate::events::event::TrailEvent;
use crate::events::touched::named_principals;
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

    /// Whether an event names a tag that binds, or somebody whom a pattern of the settings can match.
    pub(super) fn may_bind(&self, event: &TrailEvent, account: AccountId) -> bool {
        let mut aspects = event.effects.iter().map(|effect| &effect.part.aspect);
        let is_tagged = aspects.any(
            |aspect| matches!(aspect, Aspect::Tag(key) if without_prefix(key, &self.prefix).is_some()),
        );
        is_tagged
            || named_principals(&event.acted_on)
                .into_iter()
                .any(|(kind, name)| self.can_match(account, kind, name))
    }

    fn can_match(&self, account: AccountId, kind: PrincipalKind, name: &str) -> bool {
        let kind = match kind {
            PrincipalKind::User => "user",
            PrincipalKind::Role => "role",
        };
        let arn = format!("arn:*:iam::{account}:{kind}/*{}", name.to_lowercase());
        let mut patterns = self.patterns.iter();
        patterns.any(|pattern| glob::overlap(&pattern.as_str().to_lowercase(), &arn))
    }
}
