//! Masked text: what people are told of the id of a KMS key.
//!
//! Messages and reports travel further than an account does. In: any text. Out: the same with `…` for all but the last four characters
//! of each key's id, as of access keys. The forms for machines keep the id, and so does the screen where it names what was asked about.

use std::borrow::Cow;

use crate::words::plain::plain;

/// What stands in an ARN before the id of a key.
const BEFORE: &str = ":key/";
/// So much of an id is told.
const SHOWN: usize = 4;

/// The text with the ids of keys masked.
#[must_use]
pub fn masked(text: &str) -> Cow<'_, str> {
    if !text.contains(BEFORE) {
        return Cow::Borrowed(text);
    }
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEFORE) {
        told.push_str(before);
        told.push_str(BEFORE);
        let is_of_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        let end = after.find(|letter| !is_of_id(letter));
        let (id, behind) = after
            .split_at_checked(end.unwrap_or(after.len()))
            .unwrap_or((after, ""));
        match id.len().checked_sub(SHOWN).filter(|hidden| *hidden > 0) {
            Some(hidden) => {
                told.push('…');
                told.push_str(id.get(hidden..).unwrap_or_default());
            }
            None => told.push_str(id),
        }
        rest = behind;
    }
    told.push_str(rest);
    Cow::Owned(told)
}

/// Resources made plain and masked, joined with commas.
pub(crate) fn resources<'t>(resources: impl Iterator<Item = &'t str>) -> String {
    let resources: Vec<String> = resources.map(resource).collect();
    resources.join(", ")
}

/// One of them.
pub(crate) fn resource(resource: &str) -> String {
    masked(&plain(resource)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(masked(text), expected);
    }

    #[test]
    fn of_a_key_the_last_four_characters_are_told() {
        check(
            "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab in eu-central-1",
            "arn:aws:kms:eu-central-1:111122223333:key/…90ab in eu-central-1",
        );
        check(
            "arn:aws:kms:*:*:key/mrk-1234abcd12ab34cd56ef1234567890ab, arn:aws:kms:*:*:key/*",
            "arn:aws:kms:*:*:key/…90ab, arn:aws:kms:*:*:key/*",
        );
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "arn:aws:s3:::bucket/key/1234abcd",
            "arn:aws:kms:eu-central-1:111122223333:alias/veeam",
            "arn:aws:kms:eu-central-1:111122223333:key/1234",
            "",
        ] {
            check(text, text);
        }
    }
}
