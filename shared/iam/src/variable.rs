//! Policy variables: what does `${aws:username}` stand for in this request?
//!
//! In: a text of a policy and a context. Out: an [`Expansion`]: the pattern as it stands now, and, where a variable's key
//! is open, the widest pattern it could become. A substituted value is literal: a `*` in it matches a `*` only. `${*}`,
//! `${?}` and `${$}` are those characters. A variable without a value and without a default makes the whole text match
//! nothing. Only documents of version 2012-10-17 have variables; that is for the caller to see to.

use std::borrow::Cow;

use crate::context::{Context, Known};
use crate::glob::{Pattern, Token};

/// What the characters of a text outside its variables mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `*` and `?` are wildcards.
    Wildcards,
    /// Every character is itself.
    Literal,
}

/// A text with its variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion<'a> {
    /// The pattern if every open key is absent; `None` where a variable has no value then.
    pub now: Option<Pattern>,
    /// The pattern with `*` for each variable whose key is open; `None` where no open key is involved, or where the text
    /// matches nothing whatever they are.
    pub widest: Option<Pattern>,
    /// The open keys, as spelled.
    pub open: Vec<&'a str>,
}

/// A piece of a text that takes variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text outside variables.
    Text(&'a str),
    /// `${*}`, `${?}` or `${$}`.
    Character(char),
    /// `${key}` or `${key, 'default'}`.
    Variable {
        /// As spelled.
        key: &'a str,
        /// Between the quotes.
        default: Option<&'a str>,
    },
}

/// Whether a text holds anything that looks like a variable.
#[must_use]
pub fn has_variables(text: &str) -> bool {
    text.contains("${")
}

/// The pieces of a text. What is begun with `${` and never closed is text.
pub fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let found = rest.find("${").and_then(|start| {
            let (before, opened) = rest.split_at_checked(start)?;
            let (inner, after) = closed(opened.strip_prefix("${")?)?;
            Some((before, inner, after))
        });
        match found {
            None => Some(Piece::Text(std::mem::take(&mut rest))),
            Some((before, _, _)) if !before.is_empty() => {
                rest = rest.get(before.len()..).unwrap_or_default();
                Some(Piece::Text(before))
            }
            Some((_, inner, after)) => {
                rest = after;
                Some(variable(inner))
            }
        }
    })
}

/// The keys of all variables of a text, as spelled.
pub fn keys(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|piece| match piece {
        Piece::Variable { key, .. } => Some(key),
        Piece::Text(_) | Piece::Character(_) => None,
    })
}

/// Splits behind the closing brace; a brace inside a quoted default does not close.
fn closed(opened: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, letter) in opened.char_indices() {
        match letter {
            // Only a default is quoted, and it stands behind a comma.
            '\'' if quoted
                || opened
                    .get(..at)
                    .is_some_and(|head| head.trim_end().ends_with(',')) =>
            {
                quoted = !quoted;
            }
            '}' if !quoted => return Some((opened.get(..at)?, opened.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

fn variable(inner: &str) -> Piece<'_> {
    match inner {
        "*" => return Piece::Character('*'),
        "?" => return Piece::Character('?'),
        "$" => return Piece::Character('$'),
        _ => {}
    }
    if let Some((key, rest)) = inner.split_once(',')
        && let Some(default) = rest
            .trim()
            .strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''))
    {
        return Piece::Variable {
            key: key.trim(),
            default: Some(default),
        };
    }
    Piece::Variable {
        key: inner.trim(),
        default: None,
    }
}

/// Replaces the variables of a whole text.
#[must_use]
pub fn expand<'a>(text: &'a str, style: Style, context: &Context) -> Expansion<'a> {
    expand_pieces(pieces(text), style, context)
}

/// Replaces the variables of a resource pattern: only those behind the fifth colon are variables.
#[must_use]
pub fn expand_resource<'a>(text: &'a str, context: &Context) -> Expansion<'a> {
    let (head, tail) = split_resource(text);
    let head = (!head.is_empty()).then_some(Piece::Text(head));
    expand_pieces(
        head.into_iter().chain(pieces(tail)),
        Style::Wildcards,
        context,
    )
}

/// Splits a resource pattern behind its fifth colon; colons inside `${…}` do not count. All of it is head where there
/// are fewer.
#[must_use]
pub fn split_resource(text: &str) -> (&str, &str) {
    let mut colons = 0;
    let mut offset = 0;
    for piece in raw_pieces(text) {
        if !piece.starts_with("${") {
            for (at, _) in piece.match_indices(':') {
                colons += 1;
                if colons == 5 {
                    return text.split_at_checked(offset + at + 1).unwrap_or((text, ""));
                }
            }
        }
        offset += piece.len();
    }
    (text, "")
}

/// The text cut before and behind each closed variable.
fn raw_pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = match rest.find("${") {
            Some(0) => rest
                .strip_prefix("${")
                .and_then(closed)
                .map_or(rest.len(), |(inner, _)| inner.len() + 3),
            Some(start) => start,
            None => rest.len(),
        };
        let (piece, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(piece)
    })
}

fn expand_pieces<'a>(
    pieces: impl Iterator<Item = Piece<'a>>,
    style: Style,
    context: &Context,
) -> Expansion<'a> {
    let mut now = Some(Pattern::default());
    let mut widest = Pattern::default();
    let mut open = Vec::new();
    for piece in pieces {
        let (literal, key) = match piece {
            Piece::Text(text) if style == Style::Wildcards => {
                widest.push_wild(text);
                now.iter_mut().for_each(|pattern| pattern.push_wild(text));
                continue;
            }
            Piece::Text(text) => (Some(Cow::Borrowed(text)), None),
            Piece::Character(letter) => (Some(Cow::Owned(letter.to_string())), None),
            Piece::Variable { key, default } => {
                let default = default.map(Cow::Borrowed);
                match context.get(key) {
                    Known::Values([value]) => (Some(Cow::Owned(value.to_string())), None),
                    // A key with several values cannot be a variable: it has no value here. Nor has one that may have any.
                    Known::Values(_) | Known::Absent | Known::Unknown => {
                        (default, context.is_open(key).then_some(key))
                    }
                }
            }
        };
        match (&literal, key) {
            (_, Some(key)) => {
                open.push(key);
                widest.push(Token::AnyRun);
            }
            (Some(text), None) => widest.push_literal(text),
            (None, None) => {
                return Expansion {
                    now: None,
                    widest: None,
                    open: Vec::new(),
                };
            }
        }
        match literal {
            Some(text) => now
                .iter_mut()
                .for_each(|pattern| pattern.push_literal(&text)),
            None => now = None,
        }
    }
    Expansion {
        now,
        widest: (!open.is_empty()).then_some(widest),
        open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Piece::{Character, Text, Variable};

    #[track_caller]
    fn check(text: &str, expected: &[Piece<'_>]) {
        assert_eq!(pieces(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn variables_are_found_with_their_defaults() {
        let variable = |key, default| Variable { key, default };
        check("", &[]);
        check("a", &[Text("a")]);
        check(
            "a${k}b${l}",
            &[
                Text("a"),
                variable("k", None),
                Text("b"),
                variable("l", None),
            ],
        );
        check("${k, 'd'}", &[variable("k", Some("d"))]);
        check("${k,'d}e'}", &[variable("k", Some("d}e"))]);
        check("${k, ''}", &[variable("k", Some(""))]);
        check("${k, d}", &[variable("k, d", None)]);
        check(
            "${*}${?}${$}{k}",
            &[Character('*'), Character('?'), Character('$'), Text("{k}")],
        );
        check("${$}{k}", &[Character('$'), Text("{k}")]);
        check("a${k", &[Text("a${k")]);
        check("it's${k}", &[Text("it's"), variable("k", None)]);
    }

    #[test]
    fn colons_of_a_variable_do_not_count() {
        assert_eq!(
            split_resource("arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}"),
            (
                "arn:aws:iam::${aws:PrincipalAccount}:",
                "user/${aws:username}"
            )
        );
        assert_eq!(
            split_resource("arn:aws:s3:${a:b}"),
            ("arn:aws:s3:${a:b}", "")
        );
        assert_eq!(
            split_resource("arn:aws:s3:::b/${a:b"),
            ("arn:aws:s3:::", "b/${a:b")
        );
    }

    #[test]
    fn a_substituted_star_is_no_wildcard() {
        let mut context = Context::complete();
        context.set_one("aws:username", "a*");
        let found = expand("x*/${aws:UserName}", Style::Wildcards, &context);
        let pattern = found.now.unwrap();
        assert!(pattern.matches("xyz/a*"));
        assert!(!pattern.matches("xyz/ab"));
        assert_eq!(found.widest, None);
    }

    #[test]
    fn an_open_key_may_become_anything() {
        let found = expand("x/${k}", Style::Literal, &Context::partial());
        assert_eq!((found.now, found.open), (None, vec!["k"]));
        assert!(found.widest.unwrap().matches("x/anything"));
        let found = expand("x/${k, 'd'}", Style::Literal, &Context::complete());
        assert!(found.now.unwrap().matches("x/d"));
        assert!(found.widest.is_some());
    }

    #[test]
    fn one_valueless_variable_makes_the_others_idle() {
        let mut context = Context::partial();
        context.set::<_, Box<str>>("absent", []);
        let found = expand("${k}${absent}", Style::Literal, &context);
        assert_eq!((found.now, found.widest, found.open), (None, None, vec![]));
    }
}
