//! YAML: its values with their lines, and CloudFormation's short tags as the functions that they stand for.
//!
//! `!Sub x` is `{"Fn::Sub": x}`, `!Ref x` is `{"Ref": x}`. A scalar is the text that YAML 1.1 makes of it; where that is not
//! what stands in the file, a note says so with the line. Anchors, aliases and `<<` are followed, as the tools do that pack a template.

mod plain;

use std::collections::{BTreeMap, HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use crate::node::{Member, Node, Unknown, Value};
use crate::{Position, ReadError};
use plain::Plain;

/// The key under which another map is merged in.
const MERGE: &str = "<<";
/// More values than anybody's aliases stand for; a few aliases of aliases make billions.
const MOST: usize = 200_000;
/// Deeper than anything that people or programs write.
const DEEPEST: usize = 100;

/// Reads one YAML document.
///
/// # Errors
/// [`ReadError::NotYaml`] with the position.
pub(crate) fn read(text: &str) -> Result<(Node, Vec<String>), ReadError> {
    let mut build = Build::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| refuse(&error))?;
        build.event(event, span.start.line())?;
    }
    let notes = build.notes();
    Ok((build.done.ok_or(ReadError::Empty)?, notes))
}

fn refuse(error: &ScanError) -> ReadError {
    let marker = error.marker();
    ReadError::NotYaml {
        place: Position {
            line: marker.line(),
            column: marker.col() + 1,
        },
        what: error.info().to_owned(),
    }
}

/// A list or a map before it is assembled.
struct Open {
    line: usize,
    anchor: usize,
    function: Option<String>,
    holds: Holds,
}

enum Holds {
    Items(Vec<Node>),
    Members {
        members: Vec<Member>,
        key: Option<String>,
        seen: HashSet<String>,
    },
}

/// What stands under an anchor.
#[derive(Clone)]
struct Anchored {
    node: Node,
    /// How many values it holds, itself included.
    size: usize,
    depth: usize,
}

#[derive(Default)]
struct Build {
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    documents: usize,
    /// How many values aliases stand for so far.
    values: usize,
    done: Option<Node>,
    /// Scalars that are another value than they look like, with their lines.
    reread: BTreeMap<(String, Plain), Vec<usize>>,
}

impl Build {
    fn event(&mut self, event: Event<'_>, line: usize) -> Result<(), ReadError> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(ReadError::SeveralDocuments { line });
                }
            }
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor);
                let found = known.cloned().ok_or_else(|| ReadError::NotYaml {
                    place: Position { line, column: 0 },
                    what: "an alias for something that holds it".to_owned(),
                })?;
                self.count(found.size, line)?;
                if self.open.len() + found.depth > DEEPEST {
                    return Err(ReadError::TooDeep { line });
                }
                self.put(found.node, line)?;
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_null = style == ScalarStyle::Plain
                    && tag.is_none()
                    && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if is_null {
                    Value::Null
                } else if style == ScalarStyle::Plain && tag.is_none() {
                    self.plain(&text, line)
                } else {
                    Value::Scalar((*text).into())
                };
                self.close(Node::new(line, value), anchor, function(tag.as_deref()))?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(line, anchor, tag.as_deref(), Holds::Items(Vec::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                let holds = Holds::Members {
                    members: Vec::new(),
                    key: None,
                    seen: HashSet::new(),
                };
                self.begin(line, anchor, tag.as_deref(), holds)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let value = match open.holds {
                        Holds::Items(items) => Value::List(items),
                        Holds::Members { members, .. } => Value::Map(merged(members)),
                    };
                    let node = Node::new(open.line, value);
                    self.close(node, open.anchor, open.function)?;
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    /// What YAML 1.1 makes of a text without quotes.
    fn plain(&mut self, text: &str, line: usize) -> Value {
        let plain = plain::read(text);
        let is_key = self.open.last().is_some_and(|open| match &open.holds {
            Holds::Items(_) => false,
            Holds::Members { key, .. } => key.is_none(),
        });
        let value = match &plain {
            Plain::Same => return Value::Scalar(text.into()),
            Plain::Flag(flag) => Value::Scalar((*flag).into()),
            Plain::Number(number) => Value::Scalar(number.as_str().into()),
            Plain::Unclear if is_key => Value::Scalar(text.trim_start_matches(['0', '+']).into()),
            Plain::Unclear => Value::Unknown(Unknown {
                name: text.to_owned(),
                why: format!(
                    "`{text}` has no quotes, so CloudFormation reads a number and loses its zeros: write \"{text}\""
                ),
                line,
                of: None,
            }),
        };
        let lines = self.reread.entry((text.to_owned(), plain)).or_default();
        lines.push(line);
        value
    }

    /// A note for each text that is read as something else.
    fn notes(&self) -> Vec<String> {
        let notes = self.reread.iter().filter_map(|((text, plain), lines)| {
            let read = match plain {
                // `True` for `true` changes nothing that anybody compares.
                Plain::Same => return None,
                Plain::Flag(flag) if text.eq_ignore_ascii_case(flag) => return None,
                Plain::Flag(flag) => format!("`{flag}`"),
                Plain::Number(number) => format!("the number {number}"),
                Plain::Unclear => "a number without its zeros".to_owned(),
            };
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let line = match lines.len() {
                1 => "line",
                _ => "lines",
            };
            Some(format!(
                "{line} {}: `{text}` has no quotes, so CloudFormation (YAML 1.1) reads {read}: write \"{text}\" if the text is meant",
                lines.join(", ")
            ))
        });
        notes.collect()
    }

    fn begin(
        &mut self,
        line: usize,
        anchor: usize,
        tag: Option<&Tag>,
        holds: Holds,
    ) -> Result<(), ReadError> {
        if self.open.len() >= DEEPEST {
            return Err(ReadError::TooDeep { line });
        }
        self.open.push(Open {
            line,
            anchor,
            function: function(tag),
            holds,
        });
        Ok(())
    }

    /// Takes a whole value: wraps it in its function, remembers it under its anchor, puts it where it belongs.
    fn close(
        &mut self,
        node: Node,
        anchor: usize,
        function: Option<String>,
    ) -> Result<(), ReadError> {
        let line = node.line;
        let node = match function {
            Some(key) => Node::new(line, Value::Map(vec![Member { key, node }])),
            None => node,
        };
        if anchor > 0 {
            let (size, depth) = measure(&node);
            let node = node.clone();
            self.anchors.insert(anchor, Anchored { node, size, depth });
        }
        self.put(node, line)
    }

    fn put(&mut self, node: Node, line: usize) -> Result<(), ReadError> {
        let Some(open) = self.open.last_mut() else {
            self.done = Some(node);
            return Ok(());
        };
        match &mut open.holds {
            Holds::Items(items) => items.push(node),
            Holds::Members { members, key, seen } => match key.take() {
                Some(key) => members.push(Member { key, node }),
                None => match node.known() {
                    Some(text) => {
                        if text != MERGE && !seen.insert(text.to_owned()) {
                            let key = text.to_owned();
                            return Err(ReadError::DuplicateKey { line, key });
                        }
                        *key = Some(text.to_owned());
                    }
                    None if node.value == Value::Null => *key = Some(String::new()),
                    None => {
                        return Err(ReadError::NotYaml {
                            place: Position { line, column: 0 },
                            what: "a key that is no text".to_owned(),
                        });
                    }
                },
            },
        }
        Ok(())
    }

    fn count(&mut self, more: usize, line: usize) -> Result<(), ReadError> {
        self.values = self.values.saturating_add(more);
        if self.values > MOST {
            return Err(ReadError::TooManyAliases { line, most: MOST });
        }
        Ok(())
    }
}

/// The members with those of `<<` among them: what stands there itself comes first, then what is merged in first.
fn merged(members: Vec<Member>) -> Vec<Member> {
    if !members.iter().any(|member| member.key == MERGE) {
        return members;
    }
    let (merges, mut members): (Vec<Member>, Vec<Member>) =
        members.into_iter().partition(|member| member.key == MERGE);
    for map in merges.iter().flat_map(|merge| merge.node.each()) {
        for member in map.members() {
            if !members.iter().any(|known| known.key == member.key) {
                members.push(member.clone());
            }
        }
    }
    members
}

/// How many values a node holds, and how deep.
fn measure(node: &Node) -> (usize, usize) {
    let items = node.items().iter();
    let members = node.members().iter().map(|member| &member.node);
    let below = items.chain(members).map(measure);
    let (size, depth) = below.fold((0, 0), |(size, depth), (more, deeper)| {
        (size + more, depth.max(deeper))
    });
    (size + 1, depth + 1)
}

/// The function that a short tag stands for; a tag of YAML's own stands for none.
fn function(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| !tag.is_yaml_core_schema() && tag.handle == "!")?;
    Some(match tag.suffix.as_str() {
        "Ref" => "Ref".to_owned(),
        "Condition" => "Condition".to_owned(),
        "" => return None,
        name => format!("Fn::{name}"),
    })
}
