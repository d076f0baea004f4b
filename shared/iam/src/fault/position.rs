//! Positions: at which line and column of a text is a byte?
//!
//! In: offsets, mostly ascending. Out: line and column, both from 1, the column in bytes. Each step costs as much as the
//! way from the last place, so that many faults in one large file stay cheap.

use super::Fault;

/// A point in a text that remembers its line.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    /// Line and column of the text's first byte: of its place in a larger text, if it is part of one.
    first: (usize, usize),
    offset: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Cursor<'a> {
    /// At the beginning of a text.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self::of_part(text, (1, 1))
    }

    /// At the beginning of a part of a larger text, which begins at this line and column there.
    pub(crate) fn of_part(text: &'a str, first: (usize, usize)) -> Self {
        Self {
            text,
            first,
            offset: 0,
            line: 1,
            line_start: 0,
        }
    }

    /// Line and column of an offset; past the end counts as the end.
    pub fn at(&mut self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let bytes = self.text.as_bytes();
        let between = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
        let newlines = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'\n').count();
        let last_newline = |bytes: &[u8]| bytes.iter().rposition(|&byte| byte == b'\n');
        if offset >= self.offset {
            let passed = between(self.offset, offset);
            self.line += newlines(passed);
            if let Some(at) = last_newline(passed) {
                self.line_start = self.offset + at + 1;
            }
        } else if offset < self.line_start {
            self.line -= newlines(between(offset, self.offset));
            self.line_start = last_newline(between(0, offset)).map_or(0, |at| at + 1);
        }
        self.offset = offset;
        let (line, column) = self.first;
        let within = offset - self.line_start;
        match self.line {
            1 => (line, within + column),
            later => (line + later - 1, within + 1),
        }
    }

    /// Line and column of the first byte from an offset on that is no blank.
    pub fn first_after(&mut self, offset: usize) -> (usize, usize) {
        let rest = self.text.get(offset..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_ascii_start().len();
        self.at(offset + blanks)
    }

    /// Where a part that was borrowed from the text begins; `None` if it was not.
    #[must_use]
    pub fn offset_of(&self, part: &str) -> Option<usize> {
        let offset = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        (offset + part.len() <= self.text.len()).then_some(offset)
    }

    /// Moves a fault from its place in a part to its place in the whole text.
    #[must_use]
    pub fn lift(&mut self, fault: Fault, part: &str) -> Fault {
        let Some(start) = self.offset_of(part) else {
            return fault;
        };
        let (line, column) = self.at(start);
        match fault.line {
            0 => Fault {
                line,
                column,
                ..fault
            },
            1 => Fault {
                line,
                column: column + fault.column.saturating_sub(1),
                ..fault
            },
            inner => Fault {
                line: line + inner - 1,
                ..fault
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_does_not_depend_on_the_way_there() {
        let text = "ab\ncd\n\nefg";
        let plain = |offset: usize| {
            let before = text.get(..offset).unwrap();
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            (before.matches('\n').count() + 1, offset - start + 1)
        };
        for first in 0..=text.len() {
            for second in 0..=text.len() {
                let mut cursor = Cursor::new(text);
                assert_eq!(cursor.at(first), plain(first), "{first}");
                assert_eq!(cursor.at(second), plain(second), "{first} then {second}");
            }
        }
        assert_eq!(Cursor::new(text).at(99), (4, 4));
    }

    #[test]
    fn a_part_has_the_places_of_the_whole() {
        let whole = "{\n  \"a\": [1,\n 2]}";
        let start = whole.find('[').unwrap();
        let part = whole.get(start..).unwrap();
        let first = Cursor::new(whole).at(start);
        let mut cursor = Cursor::of_part(part, first);
        for offset in [0, 1, 3, part.len(), 1] {
            assert_eq!(cursor.at(offset), Cursor::new(whole).at(start + offset));
        }
    }

    #[test]
    fn a_fault_of_a_part_is_lifted_to_the_whole() {
        let text = "{\n  \"a\": {\n    1}";
        let part = text.get(9..).unwrap();
        let lift = |line, column| {
            let fault = Fault {
                reason: "x".into(),
                line,
                column,
            };
            let fault = Cursor::new(text).lift(fault, part);
            (fault.line, fault.column)
        };
        assert_eq!(lift(1, 1), (2, 8));
        assert_eq!(lift(2, 5), (3, 5));
        assert_eq!(lift(0, 0), (2, 8));
    }
}
