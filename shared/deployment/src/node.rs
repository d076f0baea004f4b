//! Nodes: the values of a file, each with its line.
//!
//! JSON and YAML become the same [`Node`]s, before and after functions are resolved. What is unknown before deployment is a
//! value too: a whole one, or a piece of a text. Every scalar is kept as its text.

use std::fmt;

/// No name or ARN is longer.
const LONGEST_NAME: usize = 2048;

/// A value and the line on which it begins, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) line: usize,
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Scalar(Text),
    List(Vec<Node>),
    Map(Vec<Member>),
    /// Nobody knows it before deployment.
    Unknown(Unknown),
    /// One of two, and nobody knows which.
    Either(Box<[Node; 2]>, Unknown),
    /// It drops out of whatever holds it.
    Nothing,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) node: Node,
}

/// A text of which some pieces may be unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text(Vec<Piece>);

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Known(String),
    Unknown(Unknown),
}

/// A letter of a text, or a piece that may be any letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Known(char),
    Open,
}

/// Something that is not known before deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// What people call it, such as `Bucket.Arn`.
    pub(crate) name: String,
    /// Why it is not known, as a fragment.
    pub(crate) why: String,
    /// Where, from 1; 0 where unknown.
    pub(crate) line: usize,
    /// The one resource of the file whose name or ARN it is.
    pub(crate) of: Option<String>,
}

impl Node {
    pub(crate) fn new(line: usize, value: Value) -> Self {
        Self { line, value }
    }

    pub(crate) fn text(line: usize, text: impl Into<String>) -> Self {
        Self::new(line, Value::Scalar(text.into().into()))
    }

    /// A member of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let members = self.members().iter();
        // The last one counts where a key was given twice, as in most readers.
        let mut found = members.filter(|member| member.key == key);
        found.next_back().map(|member| &member.node)
    }

    /// A member of a member, and so on.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The members; none of what is no map.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.value {
            Value::Map(members) => members,
            Value::Null
            | Value::Scalar(_)
            | Value::List(_)
            | Value::Unknown(_)
            | Value::Either(..)
            | Value::Nothing => &[],
        }
    }

    /// The items; none of what is no list.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null
            | Value::Scalar(_)
            | Value::Map(_)
            | Value::Unknown(_)
            | Value::Either(..)
            | Value::Nothing => &[],
        }
    }

    /// The items of a list, or the one value that stands for a list of one; none for what is not there.
    pub(crate) fn each(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null | Value::Nothing => &[],
            Value::Scalar(_) | Value::Map(_) | Value::Unknown(_) | Value::Either(..) => {
                std::slice::from_ref(self)
            }
        }
    }

    /// The text of a scalar that is known to the end.
    pub(crate) fn known(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text) => text.known(),
            Value::Null
            | Value::List(_)
            | Value::Map(_)
            | Value::Unknown(_)
            | Value::Either(..)
            | Value::Nothing => None,
        }
    }

    /// The one member of a map that has no other.
    pub(crate) fn only(&self) -> Option<&Member> {
        match self.members() {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Whether it is there at all.
    pub(crate) fn is_there(&self) -> bool {
        !matches!(self.value, Value::Null | Value::Nothing)
    }

    /// The first thing in it that is not known.
    pub(crate) fn unknown(&self) -> Option<&Unknown> {
        match &self.value {
            Value::Null | Value::Nothing => None,
            Value::Scalar(text) => text.unknown(),
            Value::List(items) => items.iter().find_map(Self::unknown),
            Value::Map(members) => members.iter().find_map(|member| member.node.unknown()),
            Value::Unknown(unknown) | Value::Either(_, unknown) => Some(unknown),
        }
    }

    /// What it is, in a word, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null | Value::Nothing => "nothing",
            Value::Scalar(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Unknown(_) | Value::Either(..) => "not known",
        }
    }
}

impl Text {
    /// The text, if all of it is known.
    pub(crate) fn known(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Known(text)] => Some(text),
            _ => None,
        }
    }

    /// The first piece that is not known.
    pub(crate) fn unknown(&self) -> Option<&Unknown> {
        self.0.iter().find_map(|piece| match piece {
            Piece::Known(_) => None,
            Piece::Unknown(unknown) => Some(unknown),
        })
    }

    /// The text with a star for each piece that is not known.
    pub(crate) fn widest(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Known(text) => text,
            Piece::Unknown(_) => "*",
        });
        pieces.collect()
    }

    /// The one thing that the text is, if nothing else is in it.
    pub(crate) fn sole(&self) -> Option<&Unknown> {
        match self.0.as_slice() {
            [Piece::Unknown(unknown)] => Some(unknown),
            _ => None,
        }
    }

    /// The same text as the name of a resource of the file.
    pub(crate) fn of(mut self, resource: &str) -> Self {
        for piece in &mut self.0 {
            if let Piece::Unknown(unknown) = piece {
                unknown.of = Some(resource.to_owned());
            }
        }
        self
    }

    /// Whether both could be the same text once all of it is known.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        let (ones, others) = (self.letters(), other.letters());
        if ones.len().max(others.len()) > LONGEST_NAME {
            return true;
        }
        // Whether the first letters of the one can be the first of the other, by how many of the other are taken.
        let mut can = vec![true];
        let mut so_far = true;
        for other in &others {
            so_far = so_far && *other == Letter::Open;
            can.push(so_far);
        }
        for one in &ones {
            let open = *one == Letter::Open;
            let mut next = vec![open && can.first() == Some(&true)];
            for (at, other) in others.iter().enumerate() {
                let is = |at: usize| can.get(at) == Some(&true);
                let taken = next.get(at) == Some(&true);
                next.push(match other {
                    Letter::Open => taken || is(at + 1),
                    Letter::Known(_) if open => taken || is(at + 1),
                    Letter::Known(_) => one == other && is(at),
                });
            }
            can = next;
        }
        can.last() == Some(&true)
    }

    fn letters(&self) -> Vec<Letter> {
        let pieces = self.0.iter().flat_map(|piece| match piece {
            Piece::Known(text) => text.chars().map(Letter::Known).collect(),
            Piece::Unknown(_) => vec![Letter::Open],
        });
        pieces.collect()
    }

    /// What stands before and behind the first `mark` in it.
    pub(crate) fn split_at_known(&self, mark: &str) -> Option<(Self, Self)> {
        let mut pieces = self.0.iter();
        let mut before = Vec::new();
        for piece in pieces.by_ref() {
            if let Piece::Known(text) = piece
                && let Some((front, back)) = text.split_once(mark)
            {
                before.push(Piece::Known(front.to_owned()));
                let mut behind = vec![Piece::Known(back.to_owned())];
                behind.extend(pieces.cloned());
                return Some((Self(before), Self(behind)));
            }
            before.push(piece.clone());
        }
        None
    }

    /// Puts texts one behind the other.
    pub(crate) fn concat(texts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Vec::new();
        for piece in texts.into_iter().flat_map(|text| text.0) {
            match (all.last_mut(), piece) {
                (Some(Piece::Known(last)), Piece::Known(more)) => last.push_str(&more),
                (_, Piece::Known(empty)) if empty.is_empty() => {}
                (_, piece) => all.push(piece),
            }
        }
        if all.is_empty() {
            return String::new().into();
        }
        Self(all)
    }
}

/// As people wrote it.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Known(text) => f.write_str(text),
            Piece::Unknown(unknown) => write!(f, "${{{}}}", unknown.name),
        })
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Piece::Known(text)])
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Unknown> for Text {
    fn from(unknown: Unknown) -> Self {
        Self(vec![Piece::Unknown(unknown)])
    }
}
