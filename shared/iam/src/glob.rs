//! Wildcards: does a text match a pattern of `*` and `?`?
//!
//! `*` stands for any run of characters, none included, `?` for exactly one; both take any character, newlines and
//! slashes too. Everything else is literal. A plain pattern is matched as written ([`matches()`], [`matches_folded`]); a
//! [`Pattern`] can hold a literal `*`, which a substituted variable or `${*}` brings.
//!
//! The time is at most pattern length times text length: only the last `*` is ever tried again.

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// This character.
    Literal(char),
    /// `?`
    AnyOne,
    /// `*`
    AnyRun,
}

/// A pattern whose literal characters may be `*` and `?`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    tokens: Vec<Token>,
}

impl Pattern {
    /// Adds a text with its wildcards.
    pub fn push_wild(&mut self, text: &str) {
        self.tokens.extend(text.chars().map(token));
    }

    /// Adds a text that means itself.
    pub fn push_literal(&mut self, text: &str) {
        self.tokens.extend(text.chars().map(Token::Literal));
    }

    /// Adds one element.
    pub fn push(&mut self, token: Token) {
        self.tokens.push(token);
    }

    /// The elements.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        tokens_match(&self.tokens, text)
    }

    /// Whether the whole text matches, without case.
    #[must_use]
    pub fn matches_folded(&self, text: &str) -> bool {
        run(
            |at| self.tokens.get(at).map(|token| (*token, at + 1)),
            text,
            |a, b| fold(a) == fold(b),
        )
    }
}

/// Whether the whole text matches these elements.
#[must_use]
pub fn tokens_match(tokens: &[Token], text: &str) -> bool {
    run(
        |at| tokens.get(at).map(|token| (*token, at + 1)),
        text,
        |a, b| a == b,
    )
}

/// Whether the whole text matches a pattern as written, with case.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    run(|at| written(pattern, at), text, |a, b| a == b)
}

/// Whether the whole text matches a pattern as written, without case.
#[must_use]
pub fn matches_folded(pattern: &str, text: &str) -> bool {
    // Most patterns of a policy are for another action, and differ in the first letter.
    if let (Some(one), Some(other)) = (pattern.bytes().next(), text.bytes().next())
        && one.is_ascii_alphanumeric()
        && other.is_ascii_alphanumeric()
        && !one.eq_ignore_ascii_case(&other)
    {
        return false;
    }
    run(|at| written(pattern, at), text, |a, b| fold(a) == fold(b))
}

/// Whether some text matches both patterns, each as written, with case.
#[must_use]
pub fn overlap(one: &str, other: &str) -> bool {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mark = |row: &mut Vec<bool>, at: usize| {
        if let Some(place) = row.get_mut(at) {
            *place = true;
        }
    };
    // Whether some text takes so many elements of the one and, by position in the row, so many of the other.
    let mut row = vec![false; other.len() + 1];
    mark(&mut row, 0);
    for at in 0..=one.len() {
        let mut next = vec![false; other.len() + 1];
        for place in 0..=other.len() {
            if row.get(place) != Some(&true) {
                continue;
            }
            let (mine, theirs) = (one.get(at), other.get(place));
            let run = mine == Some(&'*') || theirs == Some(&'*');
            if run && mine.is_some() {
                mark(&mut next, place);
            }
            if run && theirs.is_some() {
                mark(&mut row, place + 1);
            }
            if let (false, Some(mine), Some(theirs)) = (run, mine, theirs)
                && (mine == theirs || *mine == '?' || *theirs == '?')
            {
                mark(&mut next, place + 1);
            }
        }
        if at < one.len() {
            row = next;
        }
    }
    row.last() == Some(&true)
}

/// Whether a pattern as written matches every text: it is made of `*` alone.
#[must_use]
pub fn is_everything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

/// The lower-case form of one character where that is one character, else the character: `ß` is not `ss`.
#[must_use]
pub fn fold(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

fn token(letter: char) -> Token {
    match letter {
        '*' => Token::AnyRun,
        '?' => Token::AnyOne,
        other => Token::Literal(other),
    }
}

fn written(pattern: &str, at: usize) -> Option<(Token, usize)> {
    letter(pattern, at).map(|(letter, next)| (token(letter), next))
}

/// The character at a byte offset, and the offset behind it.
#[inline]
fn letter(text: &str, at: usize) -> Option<(char, usize)> {
    let byte = *text.as_bytes().get(at)?;
    if byte.is_ascii() {
        return Some((char::from(byte), at + 1));
    }
    let letter = text.get(at..)?.chars().next()?;
    Some((letter, at + letter.len_utf8()))
}

#[inline]
fn run(
    pattern: impl Fn(usize) -> Option<(Token, usize)>,
    text: &str,
    same: impl Fn(char, char) -> bool,
) -> bool {
    let (mut at, mut from) = (0, 0);
    // Behind the last `*`, and the text it would have to swallow up to.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let wanted = pattern(at);
        let found = letter(text, from);
        match (wanted, found) {
            (Some((Token::AnyRun, next)), _) => {
                at = next;
                retry = Some((next, from));
                continue;
            }
            (None, None) => return true,
            (Some((Token::AnyOne, next)), Some((_, after))) => {
                (at, from) = (next, after);
                continue;
            }
            (Some((Token::Literal(one), next)), Some((other, after))) if same(one, other) => {
                (at, from) = (next, after);
                continue;
            }
            // The pattern needs more and the text has ended: no longer run helps.
            (Some((Token::AnyOne | Token::Literal(_), _)), None) => return false,
            (Some((Token::Literal(_), _)) | None, Some(_)) => {}
        }
        match retry.and_then(|(behind, swallowed)| {
            letter(text, swallowed).map(|(_, after)| (behind, after))
        }) {
            Some((behind, after)) => {
                (at, from) = (behind, after);
                retry = Some((behind, after));
            }
            None => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(pattern, text), expected, "{pattern:?} on {text:?}");
        let mut tokens = Pattern::default();
        tokens.push_wild(pattern);
        assert_eq!(
            tokens.matches(text),
            expected,
            "{pattern:?} on {text:?}, tokens"
        );
    }

    #[test]
    fn a_star_takes_any_run() {
        check("*", "", true);
        check("**", "", true);
        check("a*", "a", true);
        check("a*", "a/b\nc:d", true);
        check("*b", "aab", true);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c-b", false);
        check("", "", true);
        check("", "a", false);
        check("a", "", false);
    }

    #[test]
    fn a_question_mark_takes_one_character_not_one_byte() {
        check("?", "é", true);
        check("?", "", false);
        check("??", "é", false);
        check("*?", "é", true);
        check("?", "\n", true);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
    }

    #[test]
    fn other_metacharacters_are_literal() {
        check("a.c", "abc", false);
        check("[ab]", "a", false);
        check("a+", "aa", false);
        check("(a|b)", "(a|b)", true);
        check("\\*", "*", false);
        check("\\*", "\\x", true);
    }

    #[test]
    fn case_counts_unless_folded() {
        check("S3", "s3", false);
        assert!(matches_folded("S3:get*", "s3:GetObject"));
        assert!(!matches_folded("ss", "ß"));
        assert!(matches_folded("É", "é"));
    }

    #[test]
    fn a_literal_star_matches_a_star_only() {
        let mut pattern = Pattern::default();
        pattern.push_wild("a*");
        pattern.push_literal("*");
        assert!(pattern.matches("abc*"));
        assert!(!pattern.matches("abc"));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = "a*".repeat(200) + "b";
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }

    #[test]
    fn two_patterns_overlap_where_one_text_matches_both() {
        let check = |one: &str, other: &str, expected: bool| {
            assert_eq!(overlap(one, other), expected, "{one} and {other}");
            assert_eq!(overlap(other, one), expected, "{other} and {one}");
        };
        check("a*b", "ac*", true);
        check("a*b", "c*b", false);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("*", "", true);
        check("arn:aws:s3:::x", "arn:*:s3:::*/*", false);
        check("arn:aws:s3:::x*", "arn:*:s3:::*/*", true);
        check("x/*", "arn:*:s3:::*/*", false);
    }
}
