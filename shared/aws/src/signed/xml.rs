//! XML: what does an answer of S3, EC2 or RDS say, in the JSON that the AWS CLI prints?
//!
//! In: the bytes of an answer, and its [`Shape`]. Out: JSON. XML does not tell a list of one from the thing itself, nor a flag from a
//! text, and its names are not those that the AWS CLI prints: that is what a shape says.

use aws_smithy_runtime_api::box_error::BoxError;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// The most elements within each other.
const DEPTH: usize = 32;

/// What an element means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Text,
    /// `true` or `false`.
    Flag,
    Number,
    /// Members of one name, each of a shape.
    List(&'static str, &'static Self),
    /// The members that are named; others are left out.
    Fields(&'static [Field]),
    /// The members that are named, and all others under their own names: a text, or an object.
    Open(&'static [Field]),
}

/// A member of an element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) xml: &'static str,
    pub(crate) json: &'static str,
    pub(crate) shape: Shape,
    /// It is repeated instead of being a list.
    pub(crate) is_repeated: bool,
}

/// A member.
pub(crate) const fn field(xml: &'static str, json: &'static str, shape: Shape) -> Field {
    Field {
        xml,
        json,
        shape,
        is_repeated: false,
    }
}

/// A member that is repeated, and a list in JSON.
pub(crate) const fn repeated(xml: &'static str, json: &'static str, shape: Shape) -> Field {
    Field {
        xml,
        json,
        shape,
        is_repeated: true,
    }
}

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    text: String,
    children: Vec<Element>,
}

/// Why bytes are no XML that could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadXmlError {
    #[error("the answer is cut off")]
    CutOff,
    #[error("the answer is nested too deeply")]
    TooDeep,
    #[error("the answer is no XML")]
    NoXml(#[source] quick_xml::Error),
    #[error("`{0}` is neither true nor false")]
    NoFlag(String),
    #[error("`{0}` is no number")]
    NoNumber(String),
}

impl Element {
    /// The root of a document.
    ///
    /// # Errors
    /// [`ReadXmlError`], also where the document ends before its root does.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ReadXmlError> {
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().expand_empty_elements = true;
        let no_xml = |error: quick_xml::Error| ReadXmlError::NoXml(error);
        let mut open: Vec<Self> = Vec::new();
        loop {
            let event = reader.read_event().map_err(no_xml)?;
            let text = match event {
                Event::Start(start) => {
                    if open.len() == DEPTH {
                        return Err(ReadXmlError::TooDeep);
                    }
                    open.push(Self {
                        name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
                        ..Self::default()
                    });
                    continue;
                }
                Event::End(_) => {
                    let Some(ended) = open.pop() else {
                        return Err(ReadXmlError::CutOff);
                    };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(ended),
                        None => return Ok(ended),
                    }
                    continue;
                }
                Event::Text(text) => text
                    .xml10_content()
                    .map_err(|error| no_xml(error.into()))?
                    .into_owned(),
                Event::CData(text) => text
                    .decode()
                    .map_err(|error| no_xml(error.into()))?
                    .into_owned(),
                Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(no_xml)? {
                    Some(character) => character.to_string(),
                    None => {
                        let name = entity.decode().map_err(|error| no_xml(error.into()))?;
                        resolve_predefined_entity(&name)
                            .unwrap_or_default()
                            .to_owned()
                    }
                },
                Event::Empty(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::Comment(_) => continue,
                Event::Eof => return Err(ReadXmlError::CutOff),
            };
            if let Some(element) = open.last_mut() {
                element.text.push_str(&text);
            }
        }
    }

    /// As the AWS CLI prints it.
    ///
    /// # Errors
    /// [`ReadXmlError`] where a flag or a number is none.
    pub(crate) fn to_json(&self, shape: &Shape) -> Result<Value, ReadXmlError> {
        let text = self.text.trim();
        Ok(match shape {
            Shape::Text => json!(self.text),
            Shape::Flag => match text {
                "true" => json!(true),
                "false" => json!(false),
                _ => return Err(ReadXmlError::NoFlag(text.to_owned())),
            },
            Shape::Number => match text.parse::<i64>() {
                Ok(number) => json!(number),
                Err(_) => return Err(ReadXmlError::NoNumber(text.to_owned())),
            },
            Shape::List(name, of) => {
                let members = self.children.iter().filter(|child| child.name == *name);
                Value::Array(
                    members
                        .map(|child| child.to_json(of))
                        .collect::<Result<_, _>>()?,
                )
            }
            Shape::Fields(fields) => Value::Object(self.members(fields, |_| Ok(None))?),
            Shape::Open([]) if self.children.is_empty() => json!(self.text),
            Shape::Open(fields) => {
                let as_it_is = |child: &Self| child.to_json(&Shape::Open(&[])).map(Some);
                Value::Object(self.members(fields, as_it_is)?)
            }
        })
    }

    /// `unnamed`: the value of a child that no field names, if it is to be kept.
    fn members(
        &self,
        fields: &[Field],
        unnamed: impl Fn(&Self) -> Result<Option<Value>, ReadXmlError>,
    ) -> Result<Map<String, Value>, ReadXmlError> {
        let mut members = Map::new();
        for child in &self.children {
            let Some(field) = fields.iter().find(|field| field.xml == child.name) else {
                if let Some(value) = unnamed(child)? {
                    members.insert(child.name.clone(), value);
                }
                continue;
            };
            let value = child.to_json(&field.shape)?;
            if field.is_repeated {
                let list = members.entry(field.json).or_insert_with(|| json!([]));
                if let Value::Array(list) = list {
                    list.push(value);
                }
            } else {
                members.insert(field.json.to_owned(), value);
            }
        }
        Ok(members)
    }

    /// The text of the first element of a name, at any depth.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        if self.name == name {
            return Some(&self.text);
        }
        self.children.iter().find_map(|child| child.text_of(name))
    }
}

/// What the body of a refusal says, in the forms of S3, EC2, and the others.
pub(super) fn refusal(body: &[u8]) -> Refusal {
    let Ok(root) = Element::parse(body) else {
        return Refusal::default();
    };
    let text = |name| root.text_of(name).map(str::to_owned);
    Refusal {
        code: text("Code"),
        message: text("Message"),
        region: text("Region"),
    }
}

/// Reads an answer that is of a shape.
pub(crate) fn read(body: &[u8], shape: &Shape) -> Result<Value, BoxError> {
    Ok(Element::parse(body)?.to_json(shape)?)
}
