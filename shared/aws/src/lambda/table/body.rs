//! Bodies: how does an entry of the baseline fit into an item?
//!
//! DynamoDB takes items of 400 KB. A small entry is text that a person can read in the console; a larger one is its compact
//! form, packed with gzip. Both are read.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use audit::stored::Form;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

/// The longest entry that is kept as text, in bytes.
const TEXT: usize = 16 * 1024;

/// The form in which an entry is stored, and the attribute that holds it. `entry` writes it in either form.
pub(super) fn body(entry: impl Fn(Form) -> String) -> (Form, AttributeValue) {
    let plain = entry(Form::Plain);
    if plain.len() > TEXT
        && let Ok(packed) = packed(&entry(Form::Compact))
    {
        return (Form::Compact, AttributeValue::B(Blob::new(packed)));
    }
    (Form::Plain, AttributeValue::S(plain))
}

/// A text that has one form, packed where it is long.
pub(super) fn text(text: &str) -> AttributeValue {
    if text.len() > TEXT
        && let Ok(packed) = packed(text)
    {
        return AttributeValue::B(Blob::new(packed));
    }
    AttributeValue::S(text.to_owned())
}

fn packed(text: &str) -> std::io::Result<Vec<u8>> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::default());
    packing.write_all(text.as_bytes())?;
    packing.finish()
}

/// The entry in a body; `None` if there is none that can be read.
pub(super) fn entry(body: &AttributeValue) -> Option<Cow<'_, str>> {
    match body {
        AttributeValue::S(text) => Some(Cow::Borrowed(text)),
        AttributeValue::B(packed) => {
            let mut text = String::new();
            let mut unpacking = GzDecoder::new(packed.as_ref());
            unpacking.read_to_string(&mut text).ok()?;
            Some(Cow::Owned(text))
        }
        _ => None,
    }
}
