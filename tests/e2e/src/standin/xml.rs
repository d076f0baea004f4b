//! IAM's XML: a result or an error as the Query protocol writes it.
//!
//! Lists are `<member>` elements, values are text; the SDK does not look at the order of elements.

use serde_json::Value;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";
const REQUEST: &str = "<RequestId>5f3d0c2e-0000-4000-8000-000000000000</RequestId>";

/// The answer to an operation.
pub(super) fn response(operation: &str, result: &Value) -> String {
    let mut text = format!("<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>");
    write(&mut text, result);
    text.push_str(&format!(
        "</{operation}Result><ResponseMetadata>{REQUEST}</ResponseMetadata></{operation}Response>\n"
    ));
    text
}

/// A refusal.
pub(super) fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error>{REQUEST}</ErrorResponse>\n",
        escaped(message)
    )
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                element(text, name, value);
            }
        }
        Value::Array(items) => {
            for item in items {
                element(text, "member", item);
            }
        }
        Value::String(value) => text.push_str(&escaped(value)),
        Value::Null => {}
        other => text.push_str(&other.to_string()),
    }
}

fn element(text: &mut String, name: &str, value: &Value) {
    text.push_str(&format!("<{name}>"));
    write(text, value);
    text.push_str(&format!("</{name}>"));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
