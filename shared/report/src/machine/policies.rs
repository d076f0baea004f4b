//! The policies of a fix for tools: as IAM JSON, as Terraform, or as AWS CLI commands.
//!
//! In: a [`Fix`] that adds at least one policy. Out: text that can be applied unchanged. Gaps that the fix does not close are
//! left out; [`screen::fix`](crate::screen::fix) prints them.

use std::fmt::Write as _;

use audit::fix::{Addition, Fix, Holder};
use catalog::{PolicyDocument, PolicyStatement};
use iam::{ActionName, PrincipalKind};
use serde_json::json;

/// The documents: one as it is, several as a list.
#[must_use]
pub fn json(fix: &Fix) -> String {
    let additions = fix.additions.iter();
    json_of(additions.map(|addition| &addition.document))
}

/// The documents: one as it is, several as a list.
pub fn json_of<'d>(documents: impl Iterator<Item = &'d PolicyDocument>) -> String {
    let texts: Vec<String> = documents.map(PolicyDocument::to_json).collect();
    match texts.as_slice() {
        [one] => format!("{one}\n"),
        several => format!("[{}]\n", several.join(",\n")),
    }
}

/// Commands for a POSIX shell.
#[must_use]
pub fn commands(fix: &Fix) -> String {
    let arn = &fix.principal;
    let (kind, account, partition) = (arn.kind(), arn.account(), arn.partition());
    let name = quoted(arn.name());
    let mut text = head(fix);
    for addition in &fix.additions {
        let policy = quoted(&addition.name);
        let document = quoted(&addition.document.to_json());
        let more = match addition.holder {
            Holder::Inline => format!(
                "aws iam put-{kind}-policy \\\n  --{kind}-name {name} \\\n  --policy-name {policy} \\\n  --policy-document {document}\n"
            ),
            Holder::Managed => format!(
                "aws iam create-policy \\\n  --policy-name {policy} \\\n  --policy-document {document}\n\
                 aws iam attach-{kind}-policy \\\n  --{kind}-name {name} \\\n  --policy-arn {}\n",
                quoted(&format!(
                    "arn:{partition}:iam::{account}:policy/{}",
                    addition.name
                ))
            ),
        };
        text.push('\n');
        text.push_str(&more);
    }
    text
}

/// HCL as `terraform fmt` leaves it.
#[must_use]
pub fn terraform(fix: &Fix) -> String {
    let mut text = head(fix);
    for addition in &fix.additions {
        text.push('\n');
        resource(&mut text, fix, addition);
    }
    text
}

/// Managed policies of Terraform that allow these documents; `name` is what they are called.
#[must_use]
pub fn terraform_of(documents: &[PolicyDocument], name: &str) -> String {
    let mut text = String::new();
    for (name, policy) in numbered(documents, name) {
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "resource \"aws_iam_policy\" \"{}\" {{\n  name = {}\n\n  policy = {}\n}}\n",
            label(&name),
            string(&name),
            document(policy)
        );
    }
    text
}

/// A template of CloudFormation, in JSON, with managed policies that allow these documents, and their ARNs as outputs.
#[must_use]
pub fn cloudformation_of(documents: &[PolicyDocument], name: &str) -> String {
    let mut resources = serde_json::Map::new();
    let mut outputs = serde_json::Map::new();
    for (name, policy) in numbered(documents, name) {
        let id = logical_id(&name);
        let document = policy.to_value();
        let resource = json!({
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": { "Description": format!("What Veeam needs: {name}"), "PolicyDocument": document }
        });
        outputs.insert(format!("{id}Arn"), json!({ "Value": { "Ref": id } }));
        resources.insert(id, resource);
    }
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": resources,
        "Outputs": outputs
    });
    format!("{template:#}\n")
}

/// The documents with a name each.
fn numbered<'d>(
    documents: &'d [PolicyDocument],
    name: &str,
) -> impl Iterator<Item = (String, &'d PolicyDocument)> {
    let is_one = documents.len() == 1;
    let documents = documents.iter().enumerate();
    documents.map(move |(at, document)| match is_one {
        true => (name.to_owned(), document),
        false => (format!("{name}-{}", at + 1), document),
    })
}

/// The logical id of a CloudFormation resource: letters and digits only.
fn logical_id(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    words.map(capital).collect()
}

/// What it is, in a comment: both shells and Terraform take `#`.
fn head(fix: &Fix) -> String {
    let sets: Vec<&str> = fix
        .remedies
        .iter()
        .filter(|remedy| !remedy.closed.is_empty() || !remedy.halves.is_empty())
        .map(|remedy| &*remedy.requirement.set)
        .collect();
    let arn = &fix.principal;
    let text = format!(
        "# Gives {} {} of account {} what it lacks for {}.\n",
        arn.kind(),
        arn.name(),
        arn.account(),
        sets.join(", ")
    );
    // One comment line, whatever the names hold.
    let line = crate::words::plain::plain(text.trim_end()).into_owned();
    format!(
        "{line}\n# Simulated by permdrift with these policies added; nothing else is allowed by them.\n"
    )
}

fn resource(text: &mut String, fix: &Fix, addition: &Addition) {
    let arn = &fix.principal;
    let kind = match arn.kind() {
        PrincipalKind::User => "user",
        PrincipalKind::Role => "role",
    };
    let label = label(&addition.name);
    let (name, holder) = (string(&addition.name), string(arn.name()));
    let document = document(&addition.document);
    let more = match addition.holder {
        Holder::Inline => format!(
            "resource \"aws_iam_{kind}_policy\" \"{label}\" {{\n  name = {name}\n  {kind} = {holder}\n\n  policy = {document}\n}}\n"
        ),
        Holder::Managed => {
            let width = "policy_arn".len();
            format!(
                "resource \"aws_iam_policy\" \"{label}\" {{\n  name = {name}\n\n  policy = {document}\n}}\n\n\
                 resource \"aws_iam_{kind}_policy_attachment\" \"{label}\" {{\n  {kind:width$} = {holder}\n  policy_arn = aws_iam_policy.{label}.arn\n}}\n"
            )
        }
    };
    text.push_str(&more);
}

/// A document as an argument of `jsonencode`. Every list has a line for each entry, so that nothing is to be aligned.
fn document(document: &PolicyDocument) -> String {
    let mut text = "jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [\n".to_owned();
    for statement in &document.statements {
        text.push_str("      {\n        Effect = \"Allow\"\n");
        let PolicyStatement {
            actions,
            resources,
            context,
        } = statement;
        attribute(
            &mut text,
            8,
            "Action",
            actions.iter().map(ActionName::as_str),
        );
        attribute(
            &mut text,
            8,
            "Resource",
            resources.iter().map(String::as_str),
        );
        if !context.is_empty() {
            text.push_str("        Condition = {\n          StringEquals = {\n");
            for (key, values) in context {
                attribute(
                    &mut text,
                    12,
                    &string(key),
                    values.iter().map(String::as_str),
                );
            }
            text.push_str("          }\n        }\n");
        }
        text.push_str("      },\n");
    }
    text.push_str("    ]\n  })");
    text
}

fn attribute<'v>(
    text: &mut String,
    indent: usize,
    key: &str,
    values: impl Iterator<Item = &'v str>,
) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{:indent$}{key} = [", "");
    for value in values {
        let _ = writeln!(text, "{:indent$}  {},", "", string(value));
    }
    let _ = writeln!(text, "{:indent$}]", "");
}

/// A string of HCL. What would begin a template stands for itself.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted.replace("${", "$${").replace("%{", "%%{")
}

/// The name of a Terraform resource.
fn label(name: &str) -> String {
    let label = |character: char| match character {
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '_',
    };
    name.chars().map(label).collect()
}

/// A word of a POSIX shell.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.,/:=+@".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}
