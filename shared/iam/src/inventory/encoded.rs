//! Documents that stand as a text in the listing, percent-encoded as RFC 3986 has it: where in the text is a fault?
//!
//! The API sends them so; the AWS CLI and boto3 have decoded them already. The decoding itself is `policy`'s.

use crate::fault::Fault;

/// Moves a fault from its place in the decoded document to its place in the encoded text, which is one line.
pub(super) fn lift(fault: Fault, decoded: &str, encoded: &str) -> Fault {
    if fault.line == 0 || decoded.len() == encoded.len() {
        return fault;
    }
    let line_start: usize = decoded
        .split_inclusive('\n')
        .take(fault.line - 1)
        .map(str::len)
        .sum();
    let mut bytes = encoded.bytes().enumerate();
    for _ in 0..line_start + fault.column.saturating_sub(1) {
        if let Some((_, b'%')) = bytes.next() {
            bytes.nth(1);
        }
    }
    Fault {
        line: 1,
        column: bytes.next().map_or(encoded.len(), |(at, _)| at) + 1,
        ..fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoded: &str, (line, column): (usize, usize), expected: &str) {
        let fault = Fault {
            reason: "x".into(),
            line,
            column,
        };
        let lifted = lift(fault, &crate::policy::decode(encoded).unwrap(), encoded);
        assert_eq!(lifted.line, 1);
        assert_eq!(encoded.get(lifted.column - 1..), Some(expected));
    }

    #[test]
    fn a_place_in_the_document_becomes_one_in_the_text() {
        let encoded = "%7B%0A%22a%22%7D";
        check(encoded, (1, 1), encoded);
        check(encoded, (2, 1), "%22a%22%7D");
        check(encoded, (2, 2), "a%22%7D");
        check(encoded, (2, 99), "");
        check(encoded, (9, 9), "");
    }
}
