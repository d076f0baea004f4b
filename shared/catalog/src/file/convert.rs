//! Conversion: from written forms to action sets.
//!
//! In: a form and what is declared. Out: the set, and a problem for every word that is missing or outside its
//! closed list. A form with such a problem still becomes a set where it can, so that the linter finds all there
//! is to find in one go; whoever loads it refuses it all the same. What takes knowledge of other sets or of AWS
//! is `lint`'s business.

use std::collections::BTreeMap;
use std::str::FromStr;

use iam::ActionName;

use crate::file::declared::Declared;
use crate::file::form::{ActionForm, SetForm, SourceForm, Text};
use crate::problem::{Problem, ProblemKind};
use crate::set::{
    ActionSet, Grant, Holder, Lifetime, Need, SetAction, SetId, Severity, Source, Trust,
    TrustedService, Versions,
};
use crate::version::ProductVersion;

/// Collects the problems of one file.
pub(crate) struct Converter<'a> {
    pub(crate) file: &'a str,
    pub(crate) declared: &'a Declared,
    pub(crate) problems: &'a mut Vec<Problem>,
}

impl Converter<'_> {
    /// The set of a form; none only where it has no id to go by.
    pub(crate) fn set(&mut self, form: &SetForm) -> Option<ActionSet> {
        let id = self.required(
            "id",
            "a short name of small letters and `-`",
            form,
            form.id.as_ref(),
        );
        let title = self.prose("title", "a short name for lists", form, form.title.as_ref());
        let operation = self.prose(
            "operation",
            "what is done with these actions",
            form,
            form.operation.as_ref(),
        );
        let impact = self.prose(
            "impact",
            "what breaks when one of them is missing",
            form,
            form.impact.as_ref(),
        );
        let severity = self
            .required(
                "severity",
                "critical, high, medium or low",
                form,
                form.severity.as_ref(),
            )
            .and_then(|text| {
                self.word(
                    "severity",
                    text,
                    Severity::of_word,
                    Severity::ALL,
                    Severity::as_str,
                )
            });
        let principal = self
            .required(
                "principal",
                "user, role or either",
                form,
                form.principal.as_ref(),
            )
            .and_then(|text| {
                self.word(
                    "principal",
                    text,
                    Holder::of_word,
                    Holder::ALL,
                    Holder::as_str,
                )
            });
        let lifetime = form.lifetime.as_ref().and_then(|text| {
            self.word(
                "lifetime",
                text,
                Lifetime::of_word,
                Lifetime::ALL,
                Lifetime::as_str,
            )
        });
        let grant = form
            .grant
            .as_ref()
            .and_then(|text| self.word("grant", text, Grant::of_word, Grant::ALL, Grant::as_str));
        let when = form.when.as_ref().and_then(|text| self.condition(text));
        let sources = form
            .source
            .iter()
            .map(|source| self.source(source))
            .collect();
        if form.actions.is_empty() {
            self.say(
                form.line,
                ProblemKind::Missing {
                    key: "actions",
                    hint: "a list of action names",
                },
            );
        }
        if form.source.is_empty() {
            self.say(
                form.line,
                ProblemKind::Missing {
                    key: "source",
                    hint: "`[[source]]` with the `page` it was taken from",
                },
            );
        }
        let actions = form.actions.iter();
        let mut actions: Vec<_> = actions.filter_map(|action| self.action(action)).collect();
        actions.sort_by(|a, b| a.name.cmp(&b.name));
        let services = form
            .trust_services
            .iter()
            .map(|service| TrustedService {
                name: service.name.value.clone(),
                versions: self.versions(
                    &service.name,
                    service.since.as_ref(),
                    service.until.as_ref(),
                ),
            })
            .collect();
        Some(ActionSet {
            id: self.id(id?)?,
            title,
            operation,
            impact,
            severity: severity.unwrap_or(Severity::Critical),
            principal: principal.unwrap_or(Holder::Either),
            lifetime: lifetime.unwrap_or(Lifetime::Standing),
            grant: grant.unwrap_or(Grant::IdentityPolicy),
            when,
            extends: self.ids(&form.extends),
            alternatives: self.ids(&form.alternatives),
            needs_one_of: self.ids(&form.needs_one_of),
            trust: Trust {
                services,
                appliance: form.assumed_by_appliance,
            },
            instance_profile: form.instance_profile,
            notes: form.notes.iter().map(owned).collect(),
            actions,
            sources,
        })
    }

    fn action(&mut self, form: &ActionForm) -> Option<SetAction> {
        let name = match ActionName::from_str(&form.name.value) {
            Ok(name) => name,
            Err(error) => {
                self.say(form.name.line, ProblemKind::ActionName(error.to_string()));
                return None;
            }
        };
        let mut action = SetAction {
            name,
            need: Need::Required,
            scope: None,
            versions: Versions::default(),
            printed: None,
            api_operations: Vec::new(),
            listed: true,
            context: BTreeMap::new(),
        };
        action.need = match (&form.optional, &form.condition) {
            (None, None) => Need::Required,
            (Some(reason), None) => Need::Optional {
                reason: owned(reason),
            },
            (None, Some(condition)) => self
                .condition(condition)
                .map_or(Need::Required, |condition| Need::Conditional { condition }),
            (Some(_), Some(_)) => {
                self.say(form.name.line, ProblemKind::TwoNeeds(owned(&form.name)));
                Need::Required
            }
        };
        action.scope = form.scope.as_ref().and_then(|text| self.variable(text));
        action.versions = self.versions(&form.name, form.since.as_ref(), form.until.as_ref());
        action.printed = form.printed.as_ref().map(owned);
        action.api_operations = form.api_operations.iter().map(owned).collect();
        action.listed = !form.unlisted;
        action.context = form
            .context
            .iter()
            .map(|(key, values)| (owned(key), values.iter().map(owned).collect()))
            .collect();
        Some(action)
    }

    fn source(&mut self, form: &SourceForm) -> Source {
        if form.page.is_none() {
            self.say(
                form.line,
                ProblemKind::Missing {
                    key: "page",
                    hint: "the address of the page it was taken from",
                },
            );
        }
        Source {
            version: form
                .version
                .as_ref()
                .and_then(|text| self.version("version", text)),
            page: form.page.as_ref().map(owned).unwrap_or_default(),
            date: form.date.as_ref().map(owned),
            build: form.build.as_ref().map(owned),
        }
    }

    fn versions(&mut self, of: &Text, since: Option<&Text>, until: Option<&Text>) -> Versions {
        let since = since.and_then(|text| self.version("since", text));
        let until = until.and_then(|text| self.version("until", text));
        if let (Some(since), Some(until)) = (since, until)
            && until < since
        {
            self.say(of.line, ProblemKind::EmptyRange(owned(of)));
        }
        Versions { since, until }
    }

    fn version(&mut self, key: &'static str, text: &Text) -> Option<ProductVersion> {
        self.word(
            key,
            text,
            |word| {
                ProductVersion::ALL
                    .into_iter()
                    .find(|version| version.as_str() == word)
            },
            &ProductVersion::ALL,
            ProductVersion::as_str,
        )
    }

    fn condition(&mut self, text: &Text) -> Option<Box<str>> {
        let known = &self.declared.conditions;
        if known.contains_key(text.value.as_str()) {
            return Some(text.value.as_str().into());
        }
        let expected = list(known.keys().map(|name| &**name));
        self.say(
            text.line,
            ProblemKind::UnknownCondition {
                found: owned(text),
                expected,
            },
        );
        None
    }

    fn variable(&mut self, text: &Text) -> Option<Box<str>> {
        let known = &self.declared.variables;
        if known.contains_key(text.value.as_str()) {
            return Some(text.value.as_str().into());
        }
        let expected = list(known.keys().map(|name| &**name));
        self.say(
            text.line,
            ProblemKind::UnknownVariable {
                found: owned(text),
                expected,
            },
        );
        None
    }

    fn ids(&mut self, texts: &[Text]) -> Vec<SetId> {
        texts.iter().filter_map(|text| self.id(text)).collect()
    }

    fn id(&mut self, text: &Text) -> Option<SetId> {
        let id = text.value.parse().ok();
        if id.is_none() {
            self.say(text.line, ProblemKind::Id(owned(text)));
        }
        id
    }

    fn word<T: Copy>(
        &mut self,
        key: &'static str,
        text: &Text,
        parse: impl Fn(&str) -> Option<T>,
        all: &[T],
        spell: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let found = parse(&text.value);
        if found.is_none() {
            let expected = list(all.iter().map(|one| spell(*one)));
            self.say(
                text.line,
                ProblemKind::Word {
                    key,
                    found: owned(text),
                    expected,
                },
            );
        }
        found
    }

    fn prose(
        &mut self,
        key: &'static str,
        hint: &'static str,
        form: &SetForm,
        text: Option<&Text>,
    ) -> String {
        self.required(key, hint, form, text)
            .map(owned)
            .unwrap_or_default()
    }

    fn required<'t>(
        &mut self,
        key: &'static str,
        hint: &'static str,
        form: &SetForm,
        text: Option<&'t Text>,
    ) -> Option<&'t Text> {
        if text.is_none() {
            self.say(form.line, ProblemKind::Missing { key, hint });
        }
        text
    }

    fn say(&mut self, line: u32, kind: ProblemKind) {
        self.problems.push(Problem {
            file: self.file.to_owned(),
            line,
            kind,
        });
    }
}

fn owned(text: &Text) -> String {
    text.value.clone()
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing, for none is declared".to_owned(),
    }
}
