//! Witnesses: is there a request about a resource of this kind that is allowed?
//!
//! What is decided here is decided by [`evaluate`] on concrete requests, as where a scope is declared. Patterns only choose
//! the resources that are asked about.

use catalog::known_action;
use iam::glob::{Pattern, is_everything};
use iam::policy::{Effect, Version};
use iam::variable::{expand_resource, has_variables};
use iam::{
    ActionName, Arn, Cause, Context, Decision, Layers, Outcome, Principal, Request, evaluate,
};

use super::kinds::Kind;
use super::named::Named;
use super::reach::{Except, Only, Reach, either};
use super::sample::Sample;
use super::settled::Settled;

/// Asks for one principal and one context.
pub(super) struct Witness<'a> {
    layers: &'a Layers<'a>,
    principal: &'a Principal,
    context: Context,
    /// The same for actions that take no tags.
    tagless: Context,
    named: Vec<NamedPatterns<'a>>,
}

/// A statement with its patterns, variables replaced.
struct NamedPatterns<'a> {
    named: Named<'a>,
    patterns: Vec<(Pattern, &'a str)>,
}

/// More combinations of patterns are not tried: a layer has few patterns for one action.
const MOST_COMBINATIONS: usize = 1_000;

impl<'a> Witness<'a> {
    pub(super) fn new(
        layers: &'a Layers<'a>,
        principal: &'a Principal,
        named: &'a [Named<'a>],
        context: Context,
    ) -> Self {
        let named = named.iter().map(|&named| {
            let written = named.statement.resource.patterns.iter();
            let patterns = written.filter_map(|text| {
                let text: &'a str = text;
                Some((pattern(text, named.version, &context)?, text))
            });
            NamedPatterns {
                named,
                patterns: patterns.collect(),
            }
        });
        Self {
            layers,
            principal,
            named: named.collect(),
            tagless: tagless(&context),
            context,
        }
    }

    /// On which of the resources that a request can have an action is allowed.
    pub(super) fn reach(&self, action: &ActionName, kinds: &[Kind]) -> Reach {
        let reaches = kinds.iter().map(|kind| self.reach_of(action, kind));
        reaches.reduce(either).unwrap_or_else(|| {
            let outcome = self.ask(self.layers, action, "*");
            match outcome.decision {
                Decision::Allowed => Reach::Whole(Except::default()),
                Decision::ImplicitDeny | Decision::ExplicitDeny | Decision::Undetermined => {
                    Reach::Not(outcome)
                }
            }
        })
    }

    /// Why an action is not allowed on a resource that no policy can name before it is there; `None` where it is.
    pub(super) fn refusal(&self, action: &ActionName, kinds: &[Kind]) -> Option<Outcome> {
        let asked = kinds.iter();
        let mut asked = asked.map(|kind| self.ask(self.layers, action, &kind.unnamed));
        asked.find(|outcome| outcome.decision != Decision::Allowed)
    }

    /// What policies write about the resources of an action.
    pub(super) fn written(&self, action: &ActionName) -> impl Iterator<Item = &'a str> {
        let about = self
            .named
            .iter()
            .filter(|one| one.named.statement.is_about(action));
        about.flat_map(|one| one.patterns.iter().map(|(_, written)| *written))
    }

    /// On which resources of a kind an action is allowed.
    fn reach_of(&self, action: &ActionName, kind: &Kind) -> Reach {
        let unnamed = self.ask(self.layers, action, &kind.unnamed);
        if unnamed.decision == Decision::Allowed {
            return Reach::Whole(self.except(action, kind));
        }
        let mut found = FoundResources {
            only: Only::default(),
            unknown: None,
        };
        if let Some(sample) = &kind.elsewhere {
            let outcome = self.ask(self.layers, action, &sample.resource);
            found.take(outcome, &sample.pattern);
        }
        let about: Vec<&NamedPatterns<'a>> = self
            .named
            .iter()
            .filter(|one| one.named.statement.is_about(action))
            .collect();
        for one in about.iter().filter(|one| one.gives()) {
            if one.is_in_doubt() {
                self.resolved(action, kind, one, &about, &mut found);
                continue;
            }
            for (pattern, written) in &one.patterns {
                for sample in kind.form.iter().filter_map(|form| form.within(&[pattern])) {
                    found.take(self.ask(self.layers, action, &sample.resource), written);
                }
            }
        }
        if found.only.resources.is_empty() {
            for sample in meetings(kind, &about) {
                let outcome = self.ask(self.layers, action, &sample.resource);
                found.take(outcome, &sample.pattern);
            }
        }
        if !found.only.resources.is_empty() {
            return Reach::Only(found.only);
        }
        let is_unknown = unnamed.decision == Decision::Undetermined;
        Reach::Not(match found.unknown {
            Some(unknown) if !is_unknown => unknown,
            Some(_) | None => unnamed,
        })
    }

    /// Resources of a kind on which an action is allowed: one that no policy names, else some within the patterns of policies.
    pub(super) fn allowed(&self, action: &ActionName, kind: &Kind) -> Vec<String> {
        /// More would cost calls and prove no more.
        const MOST: usize = 3;
        let is_allowed = |resource: &String| {
            self.ask(self.layers, action, resource).decision == Decision::Allowed
        };
        if is_allowed(&kind.unnamed) {
            return vec![kind.unnamed.clone()];
        }
        let about: Vec<&NamedPatterns<'a>> = self
            .named
            .iter()
            .filter(|one| one.named.statement.is_about(action))
            .collect();
        let giving = about.iter().filter(|one| one.gives());
        let within = giving.flat_map(|one| one.all()).filter_map(|pattern| {
            let form = kind.form.as_ref()?;
            form.within(&[pattern])
        });
        let samples: Vec<Sample> = kind.elsewhere.iter().cloned().chain(within).collect();
        let found = |samples: Vec<Sample>| -> Vec<String> {
            let mut resources: Vec<String> = Vec::new();
            for sample in samples {
                if resources.len() < MOST
                    && !resources.contains(&sample.resource)
                    && is_allowed(&sample.resource)
                {
                    resources.push(sample.resource);
                }
            }
            resources
        };
        match found(samples) {
            none if none.is_empty() => found(meetings(kind, &about)),
            some => some,
        }
    }

    /// The patterns within which an action is denied although it is allowed elsewhere.
    fn except(&self, action: &ActionName, kind: &Kind) -> Except {
        let mut except = Except::default();
        let takes_away = self
            .named
            .iter()
            .filter(|one| one.named.takes_away() && one.named.statement.is_about(action));
        for (pattern, written) in takes_away.flat_map(|one| &one.patterns) {
            for sample in kind.form.iter().filter_map(|form| form.within(&[pattern])) {
                let outcome = self.ask(self.layers, action, &sample.resource);
                if let Cause::DeniedBy(by) = outcome.cause {
                    except.by.extend(by);
                    except.resources.insert((*written).into());
                }
            }
        }
        except
    }

    /// A statement that is surely about some resources, of which only a part of the name is known: it is allowed there, unless
    /// a part of what they can be is denied.
    fn resolved(
        &self,
        action: &ActionName,
        kind: &Kind,
        one: &NamedPatterns<'a>,
        about: &[&NamedPatterns<'a>],
        found: &mut FoundResources,
    ) {
        let Some(doubt) = &one.named.statement.doubt else {
            return;
        };
        let settled = Settled::new(self.layers, one.named.statement);
        let denies: Vec<&Pattern> = about
            .iter()
            .filter(|other| other.named.takes_away())
            .flat_map(|other| other.patterns.iter().map(|(pattern, _)| pattern))
            .collect();
        for (pattern, text) in &one.patterns {
            if let Some(form) = &kind.form
                && let Some(sample) = form.within(&[pattern])
            {
                let as_settled = self.ask(&settled.layers(self.layers), action, &sample.resource);
                let mut denies = denies.iter();
                let is_sure = !is_everything(text)
                    && !denies.any(|deny| form.within(&[pattern, deny]).is_some());
                if as_settled.decision == Decision::Allowed && is_sure {
                    if let Cause::AllowedBy(by) = as_settled.cause {
                        found.only.by.extend(by);
                    }
                    found.only.resources.extend(doubt.resources.iter().cloned());
                } else if as_settled.decision == Decision::Allowed {
                    found.take(self.ask(self.layers, action, &sample.resource), text);
                } else {
                    found.take(as_settled, text);
                }
            }
        }
    }

    /// What holds of one request.
    pub(super) fn ask(&self, layers: &Layers<'_>, action: &ActionName, resource: &str) -> Outcome {
        let takes_tags = known_action(action).is_none_or(|known| known.takes_tags);
        let context = match takes_tags {
            true => &self.context,
            false => &self.tagless,
        };
        let account = Arn::parse(resource).ok().map(|arn| arn.account);
        let of_account = account
            .filter(|account| !account.is_empty())
            .map(|account| {
                let mut context = context.clone();
                for key in ["aws:ResourceAccount", "s3:ResourceAccount"] {
                    if !context.names(key) {
                        context.set_one(key, account);
                    }
                }
                context
            });
        let request = Request {
            principal: Some(&self.principal.arn),
            action,
            resource,
            context: of_account.as_ref().unwrap_or(context),
        };
        evaluate(layers, &request)
    }
}

/// Resources within one pattern of each statement or layer that names some. All of them must let the request through.
fn meetings(kind: &Kind, about: &[&NamedPatterns<'_>]) -> Vec<Sample> {
    let mut choices: Vec<Vec<&Pattern>> = Vec::new();
    let layers = about.iter().map(|one| one.named.layer).max().unwrap_or(0);
    for layer in 0..=layers {
        let allows = about.iter().filter(|one| {
            one.named.layer == layer
                && one.named.statement.effect == Effect::Allow
                && !one.named.statement.resource.negated
        });
        choices.push(allows.flat_map(|one| one.all()).collect());
    }
    // Of what a Deny leaves out, each statement's own.
    let but = about.iter().filter(|one| {
        one.named.statement.effect == Effect::Deny && one.named.statement.resource.negated
    });
    choices.extend(but.map(|one| one.all().collect()));
    choices.retain(|patterns: &Vec<&Pattern>| !patterns.is_empty());
    if choices.len() < 2 {
        return Vec::new();
    }
    let mut samples: Vec<Sample> = Vec::new();
    let mut tried = 0;
    if let Some(form) = &kind.form {
        // Each prefix of a combination, with the number of choices that it has made.
        let mut waiting: Vec<(usize, Vec<&Pattern>)> = vec![(0, Vec::new())];
        while let Some((made, patterns)) = waiting.pop() {
            tried += 1;
            if tried > MOST_COMBINATIONS {
                return samples;
            }
            let sample = match patterns.len() {
                0 | 1 => None,
                _ => match form.within(&patterns) {
                    Some(sample) => Some(sample),
                    None => continue,
                },
            };
            if let Some(sample) = sample
                && !samples.contains(&sample)
            {
                samples.push(sample);
            }
            if let Some(next) = choices.get(made) {
                // A layer may let everything through by another statement.
                waiting.push((made + 1, patterns.clone()));
                waiting.extend(next.iter().map(|&pattern| {
                    let mut patterns = patterns.clone();
                    patterns.push(pattern);
                    (made + 1, patterns)
                }));
            }
        }
    }
    samples
}

/// The resources of one kind on which an action was found to be allowed.
struct FoundResources {
    only: Only,
    /// The first answer that is not certain.
    unknown: Option<Outcome>,
}

impl FoundResources {
    fn take(&mut self, outcome: Outcome, pattern: &str) {
        match (outcome.decision, outcome.cause) {
            (Decision::Allowed, cause) => {
                if let Cause::AllowedBy(by) = cause {
                    self.only.by.extend(by);
                }
                self.only.resources.insert(pattern.into());
            }
            (Decision::Undetermined, cause) => {
                let missing = outcome.missing;
                self.unknown.get_or_insert(Outcome {
                    decision: Decision::Undetermined,
                    cause,
                    missing,
                });
            }
            (Decision::ImplicitDeny | Decision::ExplicitDeny, _) => {}
        }
    }
}

impl<'a> NamedPatterns<'a> {
    /// Whether something may be allowed within its patterns that is not allowed elsewhere.
    fn gives(&self) -> bool {
        self.named.statement.effect == Effect::Allow || self.named.statement.resource.negated
    }

    /// Whether only a part of its resources' names is known.
    fn is_in_doubt(&self) -> bool {
        let statement = self.named.statement;
        let doubt = statement.doubt.as_ref();
        statement.effect == Effect::Allow
            && !statement.resource.negated
            && doubt.is_some_and(|doubt| !doubt.resources.is_empty())
    }

    fn all(&self) -> impl Iterator<Item = &Pattern> + use<'_, 'a> {
        self.patterns.iter().map(|(pattern, _)| pattern)
    }
}

/// The context of a request that bears no tags.
pub(super) fn tagless(context: &Context) -> Context {
    let mut context = context.clone();
    context.close("aws:RequestTag/");
    if !context.names("aws:TagKeys") {
        context.set::<_, Box<str>>("aws:TagKeys", []);
    }
    context
}

/// The pattern that a text stands for; the widest, where a variable has no value yet. `None` where it matches nothing.
pub(super) fn pattern(text: &str, version: Version, context: &Context) -> Option<Pattern> {
    if version == Version::V2008 || !has_variables(text) {
        let mut pattern = Pattern::default();
        pattern.push_wild(text);
        return Some(pattern);
    }
    let expansion = expand_resource(text, context);
    expansion.widest.or(expansion.now)
}
