//! Snapshots: what did discovery read, as the AWS CLI would print it?
//!
//! In: the pages of a listing, as they come, and what was read besides. Out: one document, from which an audit can be repeated without
//! AWS: a snapshot as in `docs/schemas/snapshot-1.json`, or the listing alone, laid out as by
//! `aws iam get-account-authorization-details`.

use std::io::{self, Write};

use iam::Inventory;
use iam::inventory::{AccessKey, Gap};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::resources::ReadSide;

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

    /// Writes the listing alone.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_listing(0, out)?;
        out.write_all(b"\n")
    }

    /// Writes a snapshot: the listing, the access keys of the inventory, and the resource side.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn write_whole(
        &self,
        taken: Timestamp,
        inventory: &Inventory,
        side: &ReadSide,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        out.write_all(b"{")?;
        let keys = access_keys(inventory);
        let mut parts: Vec<(&str, Value)> = vec![("takenAt", json!(taken.to_string()))];
        if !keys.is_empty() {
            parts.push(("accessKeys", Value::Object(keys)));
        }
        let read = side.parts.iter();
        parts.extend(read.map(|(name, part)| (name.as_str(), part.clone())));
        // What says how to read the rest stands first, and the longest part last.
        parts.sort_by_key(|(name, _)| !["schemaVersion", "account", "takenAt"].contains(name));
        for (name, part) in &parts {
            line(1, out)?;
            write!(out, "\"{name}\": ")?;
            indent(&part.to_string(), 1, out)?;
            out.write_all(b",")?;
        }
        line(1, out)?;
        out.write_all(b"\"listing\": ")?;
        self.write_listing(1, out)?;
        out.write_all(b"\n}\n")
    }

    fn write_listing(&self, depth: usize, out: &mut dyn Write) -> io::Result<()> {
        let lists = [
            ("UserDetailList", &self.users),
            ("GroupDetailList", &self.groups),
            ("RoleDetailList", &self.roles),
            ("Policies", &self.policies),
        ];
        let mut opening: &[u8] = b"{";
        for (name, items) in lists {
            out.write_all(opening)?;
            line(depth + 1, out)?;
            write!(out, "\"{name}\": [")?;
            opening = b",";
            let mut before: &[u8] = b"";
            for item in items {
                out.write_all(before)?;
                line(depth + 2, out)?;
                indent(item.get(), depth + 2, out)?;
                before = b",";
            }
            if !items.is_empty() {
                line(depth + 1, out)?;
            }
            out.write_all(b"]")?;
        }
        line(depth, out)?;
        out.write_all(b"}")
    }
}

/// The access keys of users as the AWS CLI prints them, but for the beginning of their ids, which no audit reads.
fn access_keys(inventory: &Inventory) -> Map<String, Value> {
    let mut users = Map::new();
    for (user, keys) in inventory.access_keys.iter().flatten() {
        let keys: Vec<Value> = keys
            .iter()
            .map(|key| access_key(user.name(), key))
            .collect();
        users.insert(user.name().to_owned(), json!({ "AccessKeyMetadata": keys }));
    }
    for gap in &inventory.gaps {
        let Gap::Part { what, reason } = gap else {
            continue;
        };
        let user = what
            .strip_prefix("access keys of `")
            .and_then(|rest| rest.trim_end_matches('`').rsplit('/').next());
        if let Some(user) = user {
            // A failure's text begins with AWS's code, where there is one.
            let code = reason
                .strip_prefix("AWS refused: ")
                .and_then(|rest| rest.split(':').next());
            let code = code.unwrap_or("NoAnswer");
            users.insert(
                user.to_owned(),
                json!({ "error": { "code": code, "message": reason } }),
            );
        }
    }
    users
}

fn access_key(user: &str, key: &AccessKey) -> Value {
    let mut printed = json!({
        "UserName": user,
        "AccessKeyId": format!("****************{}", key.suffix),
        "Status": if key.active { "Active" } else { "Inactive" },
    });
    if !key.created.is_empty()
        && let Some(printed) = printed.as_object_mut()
    {
        printed.insert("CreateDate".to_owned(), json!(key.created));
    }
    printed
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
