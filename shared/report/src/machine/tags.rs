//! Tags for tools: as AWS CLI commands, or as arguments of Terraform resources.
//!
//! In: tags by key. Out: text that can be applied unchanged. What may not stand in a tag is refused before.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use iam::PrincipalKind;

use super::policies::string;

/// The tags that a principal is to bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagging {
    /// Whether it is a user or a role.
    pub kind: PrincipalKind,
    /// Its name.
    pub name: String,
    /// Values by key; what IAM takes in tags holds no quote and no comma.
    pub tags: BTreeMap<String, String>,
}

/// Commands, one a line, that a POSIX shell and PowerShell take.
#[must_use]
pub fn commands(taggings: &[Tagging]) -> String {
    let mut text = String::new();
    for Tagging { kind, name, tags } in taggings {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "aws iam tag-{kind} --{kind}-name '{name}' --tags");
        for (key, value) in tags {
            let _ = write!(text, " 'Key={key},Value={value}'");
        }
        text.push('\n');
    }
    text
}

/// The argument of each resource, as `terraform fmt` leaves it.
#[must_use]
pub fn terraform(taggings: &[Tagging]) -> String {
    let arguments = taggings.iter().map(|Tagging { kind, name, tags }| {
        let keys: Vec<String> = tags.keys().map(|key| string(key)).collect();
        let width = keys.iter().map(String::len).max().unwrap_or_default();
        let mut text = format!("# In the resource aws_iam_{kind} of {name}:\ntags = {{\n");
        for (key, value) in keys.iter().zip(tags.values()) {
            let _ = writeln!(text, "  {key:width$} = {}", string(value));
        }
        text.push_str("}\n");
        text
    });
    arguments.collect::<Vec<_>>().join("\n")
}
