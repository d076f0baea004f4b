//! Reading: what does a file say about an account?
//!
//! In: what `aws iam get-account-authorization-details` prints, or the API's pages with their encoded documents; one page
//! or several, one after the other or in a list; plain or gzip. Out: an [`Inventory`] that owns what it holds, or a
//! refusal with the place. The file is gone through once; what is not needed is not built.
//!
//! One odd item, one malformed document does not end the reading. A file that ends too early does.

use std::borrow::Cow;

use serde_json::error::Category;

use super::assemble::Assembly;
use super::error::ReadInventoryError;
use super::place::Cursor;
use super::wire::{
    Attached, GroupDetail, InlineDetail, Item, Page, PolicyDetail, PrincipalDetail, Raw, Spoilt,
    Text, Top,
};
use super::{
    Fault, Gap, Group, InlinePolicy, Inventory, ManagedPolicy, PolicyText, Principal, bytes,
    encoded, quick, shape,
};
use crate::arn::{PrincipalArn, PrincipalKind};
use crate::policy::{self, Document};
use crate::trust::TrustPolicy;

/// The most that is read, in bytes, unpacked. Read no more than this and one byte from a file or a pipe.
pub const LIMIT: usize = 2 << 30;

/// Reads a whole listing.
///
/// # Errors
/// [`ReadInventoryError`] where the bytes are no listing, or not all of one.
pub fn read(bytes: &[u8]) -> Result<Inventory, ReadInventoryError> {
    let text = bytes::decode(bytes, LIMIT)?;
    let mut assembly = Assembly::default();
    let last = Reading::new(&text, &mut assembly, Cow::Borrowed).all()?;
    finish(assembly, last)
}

/// Reads a listing page by page, when the pages come one after the other and need not be kept.
#[derive(Default)]
pub struct Reader {
    assembly: Assembly<'static>,
    last: Last,
}

impl Reader {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next page, or the next few.
    ///
    /// # Errors
    /// [`ReadInventoryError`] where the bytes are no page, or not all of one.
    pub fn page(&mut self, bytes: &[u8]) -> Result<(), ReadInventoryError> {
        let text = bytes::decode(bytes, LIMIT)?;
        let keep = |text: &str| Cow::Owned(text.to_owned());
        self.last = Reading::new(&text, &mut self.assembly, keep).all()?;
        Ok(())
    }

    /// All that was read. Without a page that says it is the last, that is a gap.
    ///
    /// # Errors
    /// [`ReadInventoryError::Accounts`] where the pages are of more than one account.
    pub fn finish(self) -> Result<Inventory, ReadInventoryError> {
        finish(self.assembly, self.last)
    }
}

/// Whether the page read last says that it is the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    Yes,
    #[default]
    No,
}

fn finish(mut assembly: Assembly<'_>, last: Last) -> Result<Inventory, ReadInventoryError> {
    if last == Last::No {
        assembly.gap(Gap::Truncated);
    }
    assembly.finish()
}

/// One text on its way into an assembly.
struct Reading<'t, 'a, 'r> {
    text: &'t str,
    cursor: Cursor<'t>,
    assembly: &'r mut Assembly<'a>,
    /// How the assembly keeps a text that it wants to know again.
    keep: fn(&'t str) -> Cow<'a, str>,
    last: Last,
}

impl<'t, 'a, 'r> Reading<'t, 'a, 'r> {
    fn new(
        text: &'t str,
        assembly: &'r mut Assembly<'a>,
        keep: fn(&'t str) -> Cow<'a, str>,
    ) -> Self {
        Self {
            text,
            cursor: Cursor::new(text),
            assembly,
            keep,
            last: Last::No,
        }
    }

    fn all(mut self) -> Result<Last, ReadInventoryError> {
        if self.text.trim_ascii_start().is_empty() {
            return Err(ReadInventoryError::Empty);
        }
        let mut start = 0;
        while let Some((page, end)) = quick::page(self.text, start) {
            self.page(page, start)?;
            start = end;
        }
        self.rest(start)
    }

    /// Reads on the ordinary way, whatever it is.
    fn rest(mut self, start: usize) -> Result<Last, ReadInventoryError> {
        if let Some(odd) = self.values::<false>(start)? {
            // Something from here on is not of its type: item by item, to tell which.
            self.values::<true>(odd)?;
        }
        Ok(self.last)
    }

    /// Reads what stands at the top, one after the other, from an offset on. Answers where reading must be more careful.
    fn values<const CAREFUL: bool>(
        &mut self,
        from: usize,
    ) -> Result<Option<usize>, ReadInventoryError> {
        let rest = self.text.get(from..).unwrap_or_default();
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Top<'_, CAREFUL>>();
        let mut start = from;
        while let Some(top) = stream.next() {
            match top {
                Ok(top) => self.top(top, start)?,
                Err(error) if error.is_data() && !CAREFUL => return Ok(Some(start)),
                Err(error) => return Err(self.explain(&error, rest)),
            }
            start = from + stream.byte_offset();
        }
        Ok(None)
    }

    fn top<const CAREFUL: bool>(
        &mut self,
        top: Top<'t, CAREFUL>,
        start: usize,
    ) -> Result<(), ReadInventoryError> {
        match top {
            Top::Page(page) => self.page(page, start),
            Top::Pages(pages) if pages.is_empty() => {
                Err(self.shape(start, "an empty list".to_owned(), shape::RUN))
            }
            Top::Pages(pages) => pages.into_iter().try_for_each(|page| match page {
                Top::Page(page) => self.page(page, start),
                Top::Pages(_) => Err(self.shape(start, "a list of lists".to_owned(), shape::RUN)),
                Top::Other(what) => {
                    Err(self.shape(start, format!("a list that holds {what}"), shape::RUN))
                }
            }),
            Top::Other(what) => Err(self.shape(start, what.to_owned(), shape::RUN)),
        }
    }

    fn page<const CAREFUL: bool>(
        &mut self,
        page: Page<'t, CAREFUL>,
        start: usize,
    ) -> Result<(), ReadInventoryError> {
        let versionless = |item: &Item<'_, PolicyDetail<'_>, CAREFUL>| matches!(&item.0, Ok(policy) if policy.versions.is_none());
        if !page.details && !page.with_policies {
            let keys = page.other_keys.iter().map(AsRef::as_ref);
            let (found, advice) = shape::recognise(keys);
            return Err(self.shape(start, found, advice));
        }
        if !page.details && !page.policies.is_empty() && page.policies.iter().all(versionless) {
            let found = shape::POLICIES_ONLY.to_owned();
            return Err(self.shape(start, found, shape::POLICIES_ADVICE));
        }
        for user in page.users {
            self.item(user, "user", |reading, detail| {
                reading.principal(detail, PrincipalKind::User)
            });
        }
        for group in page.groups {
            self.item(group, "group", |reading, detail| {
                reading.group(detail);
                Ok(())
            });
        }
        for role in page.roles {
            self.item(role, "role", |reading, detail| {
                reading.principal(detail, PrincipalKind::Role)
            });
        }
        for policy in page.policies {
            self.item(policy, "policy", |reading, detail| {
                reading.policy(detail);
                Ok(())
            });
        }
        self.last = if page.goes_on { Last::No } else { Last::Yes };
        Ok(())
    }

    fn item<T, const CAREFUL: bool>(
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
        let fault = Fault {
            reason: without_place(&spoilt.error).into(),
            line: spoilt.error.line(),
            column: spoilt.error.column(),
        };
        Gap::Item {
            what: shape::name_of(spoilt.text, kind).into(),
            fault: self.cursor.lift(fault, spoilt.text),
        }
    }

    fn principal(&mut self, detail: PrincipalDetail<'t>, kind: PrincipalKind) -> Result<(), Gap> {
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
                let parse = || parse(&mut self.cursor, raw, TrustPolicy::parse);
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
        };
        self.assembly.principal(principal);
        Ok(())
    }

    fn group(&mut self, detail: GroupDetail<'t>) {
        let group = Group {
            inline: self.inline(detail.inline),
            attached: attached(detail.attached),
        };
        self.assembly.group(detail.name, group);
    }

    fn policy(&mut self, detail: PolicyDetail<'t>) {
        let versions = detail.versions.unwrap_or_default();
        let number = |id: &str| id.strip_prefix('v').and_then(|id| id.parse::<u64>().ok());
        let newest = versions.iter().max_by_key(|version| number(&version.id));
        let newest: Box<str> = newest.map_or("", |version| &version.id).into();
        let default = versions.iter().find(|version| version.is_default);
        let document = match default.and_then(|version| version.document) {
            Some(Raw(raw)) => self.document(raw),
            None => Err(Fault {
                reason: "the listing holds no default version of the policy".into(),
                line: 0,
                column: 0,
            })
            .into(),
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
            document: self.document(detail.document.0),
        })
    }

    fn document(&mut self, raw: &'t str) -> PolicyText {
        let parse = || parse(&mut self.cursor, raw, Document::parse);
        self.assembly.documents.get(raw, self.keep, parse)
    }

    fn explain(&mut self, error: &serde_json::Error, part: &str) -> ReadInventoryError {
        let what = without_place(error);
        let fault = Fault {
            reason: Box::default(),
            line: error.line(),
            column: error.column(),
        };
        let Fault { line, column, .. } = self.cursor.lift(fault, part);
        match error.classify() {
            Category::Eof => ReadInventoryError::CutOff { line, column },
            Category::Data => ReadInventoryError::Shape {
                line,
                column,
                found: format!("no listing ({what})"),
                advice: shape::RUN,
            },
            Category::Syntax | Category::Io => ReadInventoryError::NotJson {
                line,
                column,
                what,
                advice: shape::advice_for_text(self.text),
            },
        }
    }

    fn shape(&mut self, start: usize, found: String, advice: &'static str) -> ReadInventoryError {
        let (line, column) = self.cursor.first_after(start);
        ReadInventoryError::Shape {
            line,
            column,
            found,
            advice,
        }
    }
}

/// Parses a document that stands in the file as an object, or as a text that is percent-encoded; a fault has its place
/// in the file.
fn parse<T>(
    cursor: &mut Cursor<'_>,
    raw: &str,
    parse: fn(&str) -> Result<T, Fault>,
) -> Result<T, Fault> {
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

fn each<T, U>(list: Option<Vec<T>>, with: impl FnMut(T) -> U) -> Vec<U> {
    list.unwrap_or_default().into_iter().map(with).collect()
}

fn attached(list: Option<Vec<Attached>>) -> Vec<Box<str>> {
    each(list, |attached| attached.arn)
}

/// What serde_json says, without the place that it appends.
fn without_place(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    whole
        .rsplit_once(" at line ")
        .map_or(whole.as_str(), |(what, _)| what)
        .to_owned()
}

/// As [`read`], but without the quick way, to hold the two equal.
#[cfg(test)]
pub(super) fn read_ordinarily(text: &str) -> Result<Inventory, ReadInventoryError> {
    let mut assembly = Assembly::default();
    let last = Reading::new(text, &mut assembly, Cow::Borrowed).rest(0)?;
    finish(assembly, last)
}
