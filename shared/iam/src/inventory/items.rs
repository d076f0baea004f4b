//! Items: what do the entries of a listing become?
//!
//! In: users, groups, roles and policies as they are written. Out: the inventory's own, in the assembly; a gap for an item
//! that cannot be one; a fault, with its place in the file, for a document that cannot be read.

use std::sync::Arc;

use super::read::{Reading, without_place};
use super::wire::{
    Attached, GroupDetail, InlineDetail, Item, PolicyDetail, PrincipalDetail, Raw, Spoilt, Text,
    VersionDetail,
};
use super::{
    Gap, Group, InlinePolicy, ManagedPolicy, PolicyText, Principal, encoded, powershell, shape,
};
use crate::arn::{Arn, PrincipalArn, PrincipalKind};
use crate::fault::Fault;
use crate::fault::position::Cursor;
use crate::policy::validate::{DocumentKind, validate};
use crate::policy::{self, Document, Version};
use crate::trust::TrustPolicy;

/// All inline policies of a role may have so many characters together, and those of users and groups fewer.
const LONGEST_INLINE: usize = 10_240;
/// The most of a customer's managed policy.
const LONGEST_MANAGED: usize = 6_144;

const NO_DEFAULT: &str = "the listing holds no default version of the policy";
/// IAM has exactly one; a file that was edited by hand may have more.
const SEVERAL_DEFAULTS: &str =
    "the listing marks several versions of the policy as its default, with different documents";
/// The same.
const OTHER_DEFAULT: &str =
    "the listing marks another version of the policy as its default than `DefaultVersionId` names";

impl<'t> Reading<'t, '_, '_> {
    pub(super) fn item<T, const CAREFUL: bool>(
        &mut self,
        item: Item<'t, T, CAREFUL>,
        kind: &str,
        add: impl FnOnce(&mut Self, T) -> Result<(), Gap>,
    ) {
        let gap = match item.0 {
            Ok(detail) => add(self, detail).err(),
            Err(spoilt) => Some(self.spoilt(&spoilt, kind)),
        };
        if let Some(gap) = gap {
            self.assembly.gap(gap);
        }
    }

    fn spoilt(&mut self, spoilt: &Spoilt<'t>, kind: &str) -> Gap {
        let reason = match powershell::cut_off(spoilt.text) {
            Some(value) => format!("`{value}` stands where {}", powershell::ADVICE),
            None => without_place(&spoilt.error),
        };
        let fault = Fault {
            reason: reason.into(),
            line: spoilt.error.line(),
            column: spoilt.error.column(),
        };
        Gap::Item {
            what: shape::name_of(spoilt.text, kind).into(),
            fault: self.cursor.lift(fault, spoilt.text),
        }
    }

    pub(super) fn principal(
        &mut self,
        detail: PrincipalDetail<'t>,
        kind: PrincipalKind,
    ) -> Result<(), Gap> {
        let arn = match detail.arn.parse::<PrincipalArn>() {
            Ok(arn) if arn.kind() == kind => arn,
            wrong => {
                let (line, column) = self
                    .cursor
                    .offset_of(&detail.arn)
                    .map_or((0, 0), |offset| self.cursor.at(offset));
                let reason = match wrong {
                    Ok(arn) => format!("`{arn}` stands in the list of {kind}s"),
                    Err(error) => error.to_string(),
                };
                return Err(Gap::Item {
                    what: format!("{kind} `{}`", detail.arn).into(),
                    fault: Fault {
                        reason: reason.into(),
                        line,
                        column,
                    },
                });
            }
        };
        let trust = match (kind, detail.trust) {
            (PrincipalKind::User, _) => None,
            (PrincipalKind::Role, Some(Raw(raw))) => {
                let kind = self.is_grammar_checked.then_some(DocumentKind::Trust);
                let parse = || parse(&mut self.cursor, raw, kind, TrustPolicy::parse);
                Some(self.assembly.trusts.get(raw, self.keep, parse))
            }
            (PrincipalKind::Role, None) => Some(
                Err(Fault {
                    reason: "the listing holds no trust policy for the role".into(),
                    line: 0,
                    column: 0,
                })
                .into(),
            ),
        };
        let principal = Principal {
            arn,
            id: detail.id,
            created: detail.created,
            tags: each(detail.tags, |tag| (tag.key, tag.value)),
            inline: self.inline(detail.inline),
            attached: attached(detail.attached),
            groups: detail.groups.unwrap_or_default(),
            boundary: detail.boundary.map(|boundary| boundary.arn),
            trust,
            instance_profiles: each(detail.instance_profiles, |profile| profile.name),
            unsettled: Vec::new(),
        };
        self.assembly.principal(principal);
        Ok(())
    }

    pub(super) fn group(&mut self, detail: GroupDetail<'t>) {
        let group = Group {
            inline: self.inline(detail.inline),
            attached: attached(detail.attached),
        };
        self.assembly.group(detail.name, group);
    }

    pub(super) fn policy(&mut self, detail: PolicyDetail<'t>) {
        let versions = detail.versions.unwrap_or_default();
        let number = |id: &str| id.strip_prefix('v').and_then(|id| id.parse::<u64>().ok());
        let newest = versions.iter().max_by_key(|version| number(&version.id));
        let newest: Box<str> = newest.map_or("", |version| &version.id).into();
        let default = versions.iter().find(|version| version.is_default);
        let holder = match is_of_aws(&detail.arn) {
            true => HeldBy::Aws,
            false => HeldBy::ManagedPolicy,
        };
        let marked = versions.iter().filter(|version| version.is_default);
        let mut documents = marked.map(|version| match version.document {
            Some(Raw(raw)) => self.document(raw, holder),
            None => fault(NO_DEFAULT),
        });
        let first = documents.next().unwrap_or_else(|| fault(NO_DEFAULT));
        let document = match documents.all(|other| other == first) {
            true => first,
            false => fault(SEVERAL_DEFAULTS),
        };
        let agrees = |version: &VersionDetail<'_>| match &detail.default {
            Some(named) => version.id.is_empty() || version.id == *named,
            None => true,
        };
        let document = match default.is_none_or(agrees) {
            true => document,
            false => fault(OTHER_DEFAULT),
        };
        let policy = ManagedPolicy {
            name: detail.name,
            version: default.map_or("", |version| &version.id).into(),
            newest,
            document,
        };
        self.assembly.policy(detail.arn, policy);
    }

    fn inline(&mut self, details: Option<Vec<InlineDetail<'t>>>) -> Vec<InlinePolicy> {
        each(details, |detail| InlinePolicy {
            name: detail.name,
            document: self.document(detail.document.0, HeldBy::Principal),
        })
    }

    /// IAM holds no document that exceeds its quota, and no managed policy of the old version: such a one did not come from there
    /// as it is.
    fn document(&mut self, raw: &'t str, holder: HeldBy) -> PolicyText {
        let (documents, kind, most) = match holder {
            HeldBy::Principal => (&mut self.assembly.documents, true, LONGEST_INLINE),
            HeldBy::ManagedPolicy => (&mut self.assembly.documents, true, LONGEST_MANAGED),
            HeldBy::Aws => (&mut self.assembly.of_aws, false, usize::MAX),
        };
        // The rules for inline policies hold for all; what managed policies must have besides is checked below.
        let kind = (kind && self.is_grammar_checked).then_some(DocumentKind::Inline);
        let parse = || parse(&mut self.cursor, raw, kind, Document::parse);
        let document = documents.get(raw, self.keep, parse);
        let refused = match (&*document, holder) {
            (Ok(Document { characters, .. }), _) if *characters > most => format!(
                "it has {characters} characters without white space, and IAM holds at most {most} in such a policy"
            ),
            (Ok(Document { version, .. }), HeldBy::ManagedPolicy)
                if self.is_grammar_checked && *version != Version::V2012 =>
            {
                "IAM refuses such a document: a managed policy must have the `Version` `2012-10-17`"
                    .to_owned()
            }
            (Ok(_) | Err(_), _) => return document,
        };
        let fault = Fault {
            reason: refused.into(),
            line: 0,
            column: 0,
        };
        Arc::new(Err(self.cursor.lift(fault, raw)))
    }
}

/// What a document stands in.
#[derive(Clone, Copy)]
enum HeldBy {
    /// A user, role or group.
    Principal,
    /// A managed policy of the account.
    ManagedPolicy,
    /// A managed policy of AWS.
    Aws,
}

/// Whether a managed policy is AWS's own. Some of those are longer than a customer's may be.
fn is_of_aws(arn: &str) -> bool {
    Arn::parse(arn).is_ok_and(|arn| arn.account == "aws")
}

/// Parses a document that stands in the file as an object, or as a text that is percent-encoded; a fault has its place
/// in the file. With a kind, the first thing for which IAM refuses such a document is a fault too.
fn parse<T>(
    cursor: &mut Cursor<'_>,
    raw: &str,
    kind: Option<DocumentKind>,
    parse: fn(&str) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let parse = |text: &str| {
        let parsed = parse(text)?;
        let refused = kind.map_or_else(Vec::new, |kind| validate(text, kind));
        match refused.into_iter().next() {
            None => Ok(parsed),
            Some(fault) => Err(Fault {
                reason: format!("IAM refuses such a document: {}", fault.reason).into(),
                ..fault
            }),
        }
    };
    let Ok(Text(encoded)) = serde_json::from_str(raw) else {
        return parse(raw).map_err(|fault| cursor.lift(fault, raw));
    };
    let document = policy::decode(&encoded).and_then(|document| {
        parse(&document).map_err(|fault| encoded::lift(fault, &document, &encoded))
    });
    document.map_err(|fault| match cursor.offset_of(&encoded) {
        Some(_) => cursor.lift(fault, &encoded),
        // Escapes stand between the text and the file: where the text begins is near enough.
        None => cursor.lift(Fault { line: 0, ..fault }, raw),
    })
}

fn fault(reason: &str) -> PolicyText {
    Arc::new(Err(Fault {
        reason: reason.into(),
        line: 0,
        column: 0,
    }))
}

fn each<T, U>(list: Option<Vec<T>>, with: impl FnMut(T) -> U) -> Vec<U> {
    list.unwrap_or_default().into_iter().map(with).collect()
}

fn attached(list: Option<Vec<Attached>>) -> Vec<Box<str>> {
    each(list, |attached| attached.arn)
}
