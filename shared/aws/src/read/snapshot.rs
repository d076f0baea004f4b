//! Snapshots: what did discovery read, as the AWS CLI would print it?
//!
//! In: the pages of a listing, as they come. Out: one document, laid out as by
//! `aws iam get-account-authorization-details`, from which an audit can be repeated without AWS.

use std::io::{self, Write};

use serde::Deserialize;
use serde_json::value::RawValue;

/// All pages put together.
#[derive(Debug, Default)]
pub struct Snapshot {
    users: Vec<Box<RawValue>>,
    groups: Vec<Box<RawValue>>,
    roles: Vec<Box<RawValue>>,
    policies: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    user_detail_list: Vec<Box<RawValue>>,
    group_detail_list: Vec<Box<RawValue>>,
    role_detail_list: Vec<Box<RawValue>>,
    policies: Vec<Box<RawValue>>,
}

impl Snapshot {
    /// Takes the next page, as [`discover`](crate::discover) hands it to its sink.
    ///
    /// # Errors
    /// If the bytes are no page of a listing.
    pub fn add(&mut self, page: &[u8]) -> io::Result<()> {
        let page: Page = serde_json::from_slice(page)?;
        self.users.extend(page.user_detail_list);
        self.groups.extend(page.group_detail_list);
        self.roles.extend(page.role_detail_list);
        self.policies.extend(page.policies);
        Ok(())
    }

    /// Writes the document.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let lists = [
            ("UserDetailList", &self.users),
            ("GroupDetailList", &self.groups),
            ("RoleDetailList", &self.roles),
            ("Policies", &self.policies),
        ];
        let mut opening = "{\n";
        for (name, items) in lists {
            write!(out, "{opening}    \"{name}\": [")?;
            opening = ",\n";
            let mut before = "\n        ";
            for item in items {
                out.write_all(before.as_bytes())?;
                indent(item.get(), 2, out)?;
                before = ",\n        ";
            }
            out.write_all(if items.is_empty() { b"]" } else { b"\n    ]" })?;
        }
        out.write_all(b"\n}\n")
    }
}

/// Writes a JSON text with four blanks for each level, from level `depth` on; its own layout is dropped.
fn indent(json: &str, mut depth: usize, out: &mut dyn Write) -> io::Result<()> {
    let (mut in_text, mut escaped) = (false, false);
    // A list or an object has begun and is empty so far.
    let mut empty = false;
    for byte in json.bytes() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            out.write_all(&[byte])?;
            continue;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if !empty {
                    line(depth, out)?;
                }
            }
            _ if empty => line(depth, out)?,
            _ => {}
        }
        empty = matches!(byte, b'{' | b'[');
        in_text = byte == b'"';
        out.write_all(&[byte])?;
        match byte {
            b'{' | b'[' => depth += 1,
            b',' => line(depth, out)?,
            b':' => out.write_all(b" ")?,
            _ => {}
        }
    }
    Ok(())
}

fn line(depth: usize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "\n{:1$}", "", depth * 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        let mut out = Vec::new();
        indent(json, 0, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn the_layout_is_pythons() {
        check("{}", "{}");
        check("[ ]", "[]");
        check(r#"{"a":[],"b":{ }}"#, "{\n    \"a\": [],\n    \"b\": {}\n}");
        check(
            "[[1,\n2],[{}]]",
            "[\n    [\n        1,\n        2\n    ],\n    [\n        {}\n    ]\n]",
        );
    }

    #[test]
    fn texts_stay_as_they_are() {
        for text in [r#""{\"a\": [1,2]}""#, r#""\\""#, r#""ü, {""#] {
            check(text, text);
            check(&format!("[{text},1]"), &format!("[\n    {text},\n    1\n]"));
        }
    }

    #[test]
    fn pages_become_one_document() {
        let mut snapshot = Snapshot::default();
        for user in ["a", "b"] {
            let page = format!(
                r#"{{"UserDetailList":[{{"UserName":"{user}"}}],"GroupDetailList":[],"RoleDetailList":[],"Policies":[],"IsTruncated":true}}"#
            );
            snapshot.add(page.as_bytes()).unwrap();
        }
        let mut out = Vec::new();
        snapshot.write(&mut out).unwrap();
        let expected = r#"{
    "UserDetailList": [
        {
            "UserName": "a"
        },
        {
            "UserName": "b"
        }
    ],
    "GroupDetailList": [],
    "RoleDetailList": [],
    "Policies": []
}
"#;
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
