//! The quick way through JSON that is as one expects it: strings without escapes, documents that were met before.
//!
//! In: a text and a place in it. Out: pieces of the text, or nothing wherever something is unusual. Nothing does not mean
//! wrong: the caller goes the ordinary way then, which knows all of JSON and what to say about mistakes. What is passed
//! over is read by serde_json or equal to what it has read, so nothing malformed gets through here.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// A place in a text that is read.
pub(super) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

/// Documents met lately. An account has few that differ, and to compare with one is much quicker than to look for the
/// end of another.
#[derive(Default)]
pub(super) struct Recent<'t> {
    texts: [&'t str; 8],
    next: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, at: usize) -> Self {
        Self { text, at }
    }

    /// The offset behind what was read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The fields of an object: `field` reads the value of each key.
    pub(super) fn object(
        &mut self,
        mut field: impl FnMut(&mut Self, &'t str) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            let key = self.string()?;
            self.take(b':')?;
            field(self, key)?;
            if self.take(b',').is_none() {
                return self.take(b'}');
            }
        }
    }

    /// The items of a list: `item` reads each.
    pub(super) fn list(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.take(b']').is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.take(b',').is_none() {
                return self.take(b']');
            }
        }
    }

    /// The items of a list, as `item` makes them.
    pub(super) fn collect<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::new();
        self.list(|scanner| {
            items.push(item(scanner)?);
            Some(())
        })?;
        Some(items)
    }

    /// A string without escapes.
    pub(super) fn string(&mut self) -> Option<&'t str> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..)?;
        let length = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
        let (string, rest) = rest.split_at_checked(length)?;
        self.at += length + 1;
        (rest.starts_with('"') && string.bytes().all(|byte| byte >= b' ')).then_some(string)
    }

    /// Any value, as serde_json reads it.
    pub(super) fn value<T: Deserialize<'t>>(&mut self) -> Option<T> {
        let rest = self.text.get(self.at..)?;
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter();
        let value = stream.next()?.ok()?;
        self.at += stream.byte_offset();
        Some(value)
    }

    /// Passes a value over.
    pub(super) fn skip(&mut self) -> Option<()> {
        let start = self.at;
        if self.string().is_some() {
            return Some(());
        }
        self.at = start;
        self.value::<IgnoredAny>().map(|_| ())
    }

    /// The text of a value; the very same piece of the text for a document that was met lately.
    pub(super) fn document(&mut self, recent: &mut Recent<'t>) -> Option<&'t str> {
        self.blanks();
        let rest = self.text.get(self.at..)?;
        // An object or a string ends where its text ends, whatever follows.
        if let Some(known) = recent
            .texts
            .iter()
            .find(|text| !text.is_empty() && rest.as_bytes().starts_with(text.as_bytes()))
        {
            self.at += known.len();
            return Some(known);
        }
        let text = self.value::<&RawValue>()?.get();
        if text.starts_with(['{', '"'])
            && let Some(oldest) = recent.texts.get_mut(recent.next)
        {
            *oldest = text;
            recent.next = (recent.next + 1) % recent.texts.len();
        }
        Some(text)
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        (self.text.as_bytes().get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        let mut rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        loop {
            rest = match rest {
                // The CLI indents by four at a time.
                [b' ', b' ', b' ', b' ', b' ', b' ', b' ', b' ', rest @ ..] => rest,
                [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] => rest,
                _ => break,
            };
        }
        self.at = self.text.len() - rest.len();
    }
}
