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
use super::wire::{Item, Page, PolicyDetail, Top};
use super::{Gap, Inventory, bytes, powershell, shape};
use crate::arn::PrincipalKind;
use crate::fault::Fault;
use crate::fault::position::Cursor;

/// The most that is read, in bytes, unpacked. Read no more than this and one byte from a file or a pipe.
pub const LIMIT: usize = 2 << 30;

/// What is wrong with a key that says whether more follows, where it is there twice.
const REPEATED: &str = "this key is there twice in one object, so nobody knows whether the listing is whole: list the account again";

/// Reads a whole listing. A document that IAM would refuse is a fault.
///
/// # Errors
/// [`ReadInventoryError`] where the bytes are no listing, or not all of one.
pub fn read(bytes: &[u8]) -> Result<Inventory, ReadInventoryError> {
    read_text(&text(bytes)?, (1, 1))
}

/// The text of a file that may be packed with gzip and may begin with a byte order mark.
///
/// # Errors
/// [`ReadInventoryError`] where it is larger than [`LIMIT`], cannot be unpacked, or is no UTF-8.
pub fn text(bytes: &[u8]) -> Result<Cow<'_, str>, ReadInventoryError> {
    bytes::decode(bytes, LIMIT)
}

/// As [`read`], of a listing that is a part of a larger text, or all of it; places are those in the whole.
///
/// # Errors
/// As [`read`].
pub fn read_part(whole: &str, part: &str) -> Result<Inventory, ReadInventoryError> {
    let mut cursor = Cursor::new(whole);
    let first = cursor
        .offset_of(part)
        .map_or((1, 1), |offset| cursor.at(offset));
    read_text(part, first)
}

fn read_text(text: &str, first: (usize, usize)) -> Result<Inventory, ReadInventoryError> {
    let mut assembly = Assembly::default();
    let mut reading = Reading::new(text, &mut assembly, Cow::Borrowed);
    reading.cursor = Cursor::of_part(text, first);
    reading.is_grammar_checked = true;
    let last = reading.all()?;
    finish(assembly, last)
}

/// Reads a listing page by page, as IAM gives it, when the pages come one after the other and need not be kept.
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
    match last {
        Last::No => assembly.gap(Gap::Truncated),
        Last::Yes => assembly.note_lacking_lists(),
    }
    assembly.finish()
}

/// One text on its way into an assembly.
pub(super) struct Reading<'t, 'a, 'r> {
    text: &'t str,
    pub(super) cursor: Cursor<'t>,
    pub(super) assembly: &'r mut Assembly<'a>,
    /// How the assembly keeps a text that it wants to know again.
    pub(super) keep: fn(&'t str) -> Cow<'a, str>,
    /// Whether a document that IAM would refuse is a fault. IAM itself lists none; a file may have been written by hand.
    pub(super) is_grammar_checked: bool,
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
            is_grammar_checked: false,
            last: Last::No,
        }
    }

    fn all(mut self) -> Result<Last, ReadInventoryError> {
        if self.text.trim_ascii_start().is_empty() {
            return Err(ReadInventoryError::Empty);
        }
        if let Some(odd) = self.values::<false>(0)? {
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
        let of_snapshot = page
            .other_keys
            .iter()
            .find(|key| shape::OF_SNAPSHOTS.contains(&&***key));
        if let (false, Some(key)) = (page.lists.is_empty(), of_snapshot) {
            let found = format!("a listing with `{key}` of a snapshot beside it");
            return Err(self.shape(start, found, shape::SNAPSHOT_ADVICE));
        }
        let versionless = |item: &Item<'_, PolicyDetail<'_>, CAREFUL>| matches!(&item.0, Ok(policy) if policy.versions.is_none());
        if page.lists.is_empty() {
            let keys = page.other_keys.iter().map(AsRef::as_ref);
            let (found, advice) = shape::recognise(keys);
            return Err(self.shape(start, found, advice));
        }
        if !page.lists.has_details()
            && !page.policies.is_empty()
            && page.policies.iter().all(versionless)
        {
            let found = shape::POLICIES_ONLY.to_owned();
            return Err(self.shape(start, found, shape::POLICIES_ADVICE));
        }
        self.assembly.lists.extend(&page.lists);
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
        for key in &page.repeated {
            // A key with an escape in it is no part of the text.
            let offset = self.cursor.offset_of(key).unwrap_or(start);
            let (line, column) = self.cursor.first_after(offset);
            self.assembly.gap(Gap::Item {
                what: format!("`{key}`").into(),
                fault: Fault {
                    reason: REPEATED.into(),
                    line,
                    column,
                },
            });
        }
        self.last = if page.goes_on { Last::No } else { Last::Yes };
        Ok(())
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
            Category::Data => match powershell::cut_off(self.text) {
                Some(value) => ReadInventoryError::Shape {
                    line,
                    column,
                    found: format!("a listing with `{value}` in it"),
                    advice: powershell::ADVICE,
                },
                None => ReadInventoryError::Shape {
                    line,
                    column,
                    found: format!("no listing ({what})"),
                    advice: shape::RUN,
                },
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

/// What serde_json says, without the place that it appends.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    whole
        .rsplit_once(" at line ")
        .map_or(whole.as_str(), |(what, _)| what)
        .to_owned()
}
