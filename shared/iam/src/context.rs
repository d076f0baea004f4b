//! Request context: what is known about a request besides principal, action and resource.
//!
//! A key is known (with one value or several), known to be absent, or unknown. A person's what-if question is complete:
//! what it does not name is absent. An audit is not: what it was not given is unknown, and a decision that depends on such a
//! key is undetermined. Several values are those of one request in a complete context. In a partial one, which stands for
//! many requests, they are that to the set operators only; all else takes them as what one request or the other bears, and
//! what hangs on which of them it is is undetermined too. Keys compare without case, the tag key behind the slash included.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::arn::{PrincipalArn, PrincipalKind};

/// What is known of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<'a> {
    /// The key is there with these values; never empty.
    Values(&'a [Box<str>]),
    /// The request does not bear the key.
    Absent,
    /// Nobody said.
    Unknown,
}

/// What is known of a key whose value nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// It has one of these values.
    OneOf {
        /// The values; each stands for a request.
        values: Vec<Box<str>>,
        /// Or the request does not bear the key.
        or_absent: bool,
    },
    /// It is there, and its value begins so and is longer.
    BeginsWith(Box<str>),
}

/// The context of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Context {
    // INVARIANT: keys are lower-case, sorted, each once. An empty list means: known to be absent.
    entries: Vec<(Box<str>, Vec<Box<str>>)>,
    // INVARIANT: lower-case. Keys that begin so and are not set are absent.
    closed: Vec<Box<str>>,
    // INVARIANT: lower-case. Keys that are not open, set or absent.
    pinned: Vec<Box<str>>,
    // INVARIANT: lower-case. Keys that are unknown, whatever prefix is closed, unless they are set; one that ends in a slash
    // stands for all that begin so.
    forgotten: Vec<Box<str>>,
    // INVARIANT: keys are lower-case. Counts for keys that are unknown.
    limits: Vec<(Box<str>, Limit)>,
    complete: bool,
}

impl Context {
    /// A context that says all: a key that is not set is absent.
    #[must_use]
    pub fn complete() -> Self {
        Self {
            entries: Vec::new(),
            closed: Vec::new(),
            pinned: Vec::new(),
            forgotten: Vec::new(),
            limits: Vec::new(),
            complete: true,
        }
    }

    /// A context that says what is known: a key that is not set is unknown.
    #[must_use]
    pub fn partial() -> Self {
        Self {
            entries: Vec::new(),
            closed: Vec::new(),
            pinned: Vec::new(),
            forgotten: Vec::new(),
            limits: Vec::new(),
            complete: false,
        }
    }

    /// Sets a key; no values means that the key is absent. A later call replaces an earlier one.
    pub fn set<I, V>(&mut self, key: &str, values: I)
    where
        I: IntoIterator<Item = V>,
        V: Into<Box<str>>,
    {
        let values = values.into_iter().map(Into::into).collect();
        self.put(key.to_lowercase().into(), values);
    }

    fn put(&mut self, key: Box<str>, values: Vec<Box<str>>) {
        match self.find(&key) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.1 = values;
                }
            }
            Err(at) => self.entries.insert(at, (key, values)),
        }
    }

    /// Where a key is, or would be; its ASCII letters may have any case.
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.entries
            .binary_search_by(|(known, _)| compare_folded(known, key))
    }

    /// Sets a key to one value.
    pub fn set_one(&mut self, key: &str, value: impl Into<Box<str>>) {
        self.set(key, [value]);
    }

    /// What is known of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Known<'_> {
        let key = lowered(key);
        let found = self.find(&key).ok().and_then(|at| self.entries.get(at));
        match found {
            Some((_, values)) if values.is_empty() => Known::Absent,
            Some((_, values)) => Known::Values(values),
            None if self.complete => Known::Absent,
            None if self.is_forgotten(&key) => Known::Unknown,
            None if self.closed.iter().any(|prefix| begins(&key, prefix)) => Known::Absent,
            None => Known::Unknown,
        }
    }

    /// Whether a request may turn out to bear the key with another value, or at all: it is unknown, or has one of several
    /// values; or it is absent from a complete context, where somebody may ask what would happen if it were there.
    #[must_use]
    pub fn is_open(&self, key: &str) -> bool {
        match self.get(key) {
            Known::Values(values) => !self.complete && values.len() > 1,
            Known::Absent => {
                let key = lowered(key);
                let mut pinned = self.pinned.iter();
                self.complete && !pinned.any(|pinned| pinned.eq_ignore_ascii_case(&key))
            }
            Known::Unknown => true,
        }
    }

    /// Sets a key and closes it, even if it is thereby absent: nobody may ask what else it could be.
    pub(crate) fn pin(&mut self, key: &str, values: impl IntoIterator<Item = Box<str>>) {
        self.set(key, values);
        self.pinned.push(key.to_lowercase().into());
    }

    fn is_forgotten(&self, key: &str) -> bool {
        self.forgotten.iter().any(|one| match one.ends_with('/') {
            true => begins(key, one),
            false => one.eq_ignore_ascii_case(key),
        })
    }

    /// Says that nobody knows a key, whatever was said of it or of those that begin like it; with a slash at its end, all
    /// keys that begin so.
    pub fn forget(&mut self, key: &str) {
        let key: Box<str> = key.to_lowercase().into();
        if let Ok(at) = self.find(&key) {
            self.entries.remove(at);
        }
        if key.ends_with('/') {
            self.entries.retain(|(known, _)| !begins(known, &key));
        }
        self.forgotten.push(key);
    }

    /// Says that nobody knows keys that begin so and are not set.
    pub(crate) fn open(&mut self, prefix: &str) {
        self.forgotten.push(prefix.to_lowercase().into());
    }

    /// Says that all keys which begin so and are not set are absent, such as `aws:PrincipalTag/` when all tags are known.
    pub fn close(&mut self, prefix: &str) {
        self.closed.push(prefix.to_lowercase().into());
    }

    /// Says what a key can be at most, as long as it is unknown. A later call replaces an earlier one.
    pub fn limit(&mut self, key: &str, limit: Limit) {
        let key: Box<str> = key.to_lowercase().into();
        self.limits.retain(|(known, _)| *known != key);
        self.limits.push((key, limit));
    }

    /// What an unknown key can be at most; `None` where it is known, or may be anything.
    #[must_use]
    pub fn limit_of(&self, key: &str) -> Option<&Limit> {
        if self.limits.is_empty() || self.get(key) != Known::Unknown {
            return None;
        }
        let key = lowered(key);
        if self.is_forgotten(&key) {
            return None;
        }
        let mut limits = self.limits.iter();
        limits
            .find(|(known, _)| known.eq_ignore_ascii_case(&key))
            .map(|(_, limit)| limit)
    }

    /// Whether a key was set, to whatever.
    #[must_use]
    pub fn names(&self, key: &str) -> bool {
        self.find(&lowered(key)).is_ok()
    }

    /// Whether a key that is not set is absent (and not unknown).
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The keys that are set, lower-case and sorted, with their values (none: absent).
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[Box<str>])> {
        self.entries
            .iter()
            .map(|(key, values)| (key.as_ref(), values.as_slice()))
    }

    /// Takes all entries of another context; they win over what was there. Completeness stays as it is.
    pub fn extend(&mut self, other: &Self) {
        for (key, values) in &other.entries {
            self.put(key.clone(), values.clone());
        }
        self.closed.extend(other.closed.iter().cloned());
        for (key, limit) in &other.limits {
            self.limit(key, limit.clone());
        }
    }

    /// The same with all entries of another context, which win, and as complete as that one.
    pub(crate) fn overruled_by(mut self, other: &Self) -> Self {
        self.extend(other);
        self.complete = other.complete;
        self
    }
}

/// The key in lower case as far as comparing without ASCII case does not do that anyway.
fn lowered(key: &str) -> Cow<'_, str> {
    if key.is_ascii() {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(key.to_lowercase())
    }
}

fn compare_folded(lower: &str, key: &str) -> Ordering {
    lower
        .bytes()
        .cmp(key.bytes().map(|byte| byte.to_ascii_lowercase()))
}

fn begins(key: &str, prefix: &str) -> bool {
    key.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// What follows from an inventoried principal: partial, with its ARN, account, type, name and tags.
///
/// All its tags are known, so any other `aws:PrincipalTag/…` is absent. Long-term keys bear no MFA keys. A role's session never
/// says `true` in `aws:MultiFactorAuthPresent`; no page of AWS settles whether the key is absent then or says `false`. Its
/// `aws:userid` is the role's id, a colon, and a session name that nobody knows yet. Its `aws:TokenIssueTime` is unknown.
#[must_use]
pub fn principal_context<'a>(
    arn: &PrincipalArn,
    id: &str,
    tags: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Context {
    const NONE: [Box<str>; 0] = [];
    let mut context = Context::partial();
    context.set_one("aws:PrincipalArn", arn.as_str());
    context.set_one("aws:PrincipalAccount", arn.account().as_str());
    context.set_one("aws:PrincipalIsAWSService", "false");
    match arn.kind() {
        PrincipalKind::User => {
            context.set_one("aws:PrincipalType", "User");
            context.set_one("aws:username", arn.name());
            context.set_one("aws:userid", id);
            context.set("aws:TokenIssueTime", NONE);
            context.set("aws:MultiFactorAuthPresent", NONE);
        }
        PrincipalKind::Role => {
            context.set_one("aws:PrincipalType", "AssumedRole");
            context.set("aws:username", NONE);
            context.limit("aws:userid", Limit::BeginsWith(format!("{id}:").into()));
            context.limit("aws:MultiFactorAuthPresent", no_second_factor());
        }
    }
    for absent in [
        "aws:MultiFactorAuthAge",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
    ] {
        context.set(absent, NONE);
    }
    context.close("aws:PrincipalTag/");
    for (key, value) in tags {
        context.set_one(&format!("aws:PrincipalTag/{key}"), value);
    }
    context
}

/// What `aws:MultiFactorAuthPresent` can be in requests of a session that saw no second factor.
#[must_use]
pub fn no_second_factor() -> Limit {
    Limit::OneOf {
        values: vec!["false".into()],
        or_absent: true,
    }
}

/// Whether [`principal_context`] may say something about a key. Says yes rather too often than too rarely.
#[must_use]
pub fn follows_from_principal(key: &str) -> bool {
    const BEGINNINGS: [&str; 4] = ["aws:Principal", "aws:user", "aws:Token", "aws:MultiFactor"];
    !key.is_ascii()
        || BEGINNINGS
            .into_iter()
            .any(|beginning| begins(key, beginning))
}

#[cfg(test)]
mod tests;
