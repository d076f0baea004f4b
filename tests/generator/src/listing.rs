//! Listings: how does the AWS CLI print an account, and how does the API send it?
//!
//! The structs have the API's names in the order in which `aws iam get-account-authorization-details` prints them; what the
//! CLI leaves out where it is empty is left out here. [`Account::to_json`] is byte for byte the CLI's form,
//! [`Account::to_wire_pages`] the API's, with percent-encoded documents.

use serde::Serialize;
use serde_json::Value;

use crate::document::Document;

/// All of an account, as listed.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct Account {
    pub user_detail_list: Vec<User>,
    pub group_detail_list: Vec<Group>,
    pub role_detail_list: Vec<Role>,
    pub policies: Vec<ManagedPolicy>,
}

/// A user, as listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct User {
    pub path: String,
    pub user_name: String,
    pub user_id: String,
    pub arn: String,
    pub create_date: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub user_policy_list: Vec<InlinePolicy>,
    pub group_list: Vec<String>,
    pub attached_managed_policies: Vec<AttachedPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<Boundary>,
    pub tags: Vec<Tag>,
}

/// A role, as listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct Role {
    pub path: String,
    pub role_name: String,
    pub role_id: String,
    pub arn: String,
    pub create_date: String,
    pub assume_role_policy_document: Document,
    pub instance_profile_list: Vec<InstanceProfile>,
    pub role_policy_list: Vec<InlinePolicy>,
    pub attached_managed_policies: Vec<AttachedPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<Boundary>,
    pub tags: Vec<Tag>,
    pub role_last_used: LastUsed,
}

/// A group, as listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct Group {
    pub path: String,
    pub group_name: String,
    pub group_id: String,
    pub arn: String,
    pub create_date: String,
    pub group_policy_list: Vec<InlinePolicy>,
    pub attached_managed_policies: Vec<AttachedPolicy>,
}

/// A managed policy with all its versions, as listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct ManagedPolicy {
    pub policy_name: String,
    pub policy_id: String,
    pub arn: String,
    pub path: String,
    pub default_version_id: String,
    pub attachment_count: usize,
    pub permissions_boundary_usage_count: usize,
    pub is_attachable: bool,
    pub create_date: String,
    pub update_date: String,
    pub policy_version_list: Vec<PolicyVersion>,
}

/// One version of a managed policy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct PolicyVersion {
    pub document: Document,
    pub version_id: String,
    pub is_default_version: bool,
    pub create_date: String,
}

/// A policy written into a principal or group.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct InlinePolicy {
    pub policy_name: String,
    pub policy_document: Document,
}

/// A managed policy attached to a principal or group.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct AttachedPolicy {
    pub policy_name: String,
    pub policy_arn: String,
}

/// A permissions boundary.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct Boundary {
    pub permissions_boundary_type: &'static str,
    pub permissions_boundary_arn: String,
}

/// An instance profile with the role in it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct InstanceProfile {
    pub path: String,
    pub instance_profile_name: String,
    pub instance_profile_id: String,
    pub arn: String,
    pub create_date: String,
    pub roles: Vec<ProfileRole>,
}

/// A role as it stands in an instance profile.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct ProfileRole {
    pub path: String,
    pub role_name: String,
    pub role_id: String,
    pub arn: String,
    pub create_date: String,
    pub assume_role_policy_document: Document,
}

/// A tag.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct Tag {
    pub key: String,
    pub value: String,
}

/// When and where a role was last used; empty for never.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the names are AWS's")]
pub struct LastUsed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl Account {
    /// What the AWS CLI prints: four blanks a level, documents as objects, a line feed at the end.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = crate::document::pretty(self);
        json.push(b'\n');
        json
    }

    /// What the API sends, in pages of so many items: documents percent-encoded, `IsTruncated` and `Marker` set.
    #[must_use]
    pub fn to_wire_pages(&self, items: usize) -> Vec<Value> {
        let mut whole = serde_json::to_value(self).expect("a listing is JSON");
        encode_documents(&mut whole);
        let lists = [
            "UserDetailList",
            "GroupDetailList",
            "RoleDetailList",
            "Policies",
        ];
        let mut all = Vec::new();
        for list in lists {
            let items = whole[list].as_array_mut().map(std::mem::take);
            all.extend(
                items
                    .unwrap_or_default()
                    .into_iter()
                    .map(|item| (list, item)),
            );
        }
        let count = all.len().div_ceil(items.max(1)).max(1);
        let mut all = all.into_iter();
        (1..=count)
            .map(|number| {
                let mut page = serde_json::json!({ "IsTruncated": number < count });
                for list in lists {
                    page[list] = Value::Array(Vec::new());
                }
                if number < count {
                    page["Marker"] = Value::String(format!("AAY{number:08}=="));
                }
                for (list, item) in all.by_ref().take(items.max(1)) {
                    if let Some(list) = page[list].as_array_mut() {
                        list.push(item);
                    }
                }
                page
            })
            .collect()
    }
}

fn encode_documents(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(encode_documents),
        Value::Object(fields) => {
            for (key, value) in fields {
                if value.is_object() && key.ends_with("Document") {
                    *value = Value::String(percent_encode(&value.to_string()));
                } else {
                    encode_documents(value);
                }
            }
        }
        _ => {}
    }
}

/// RFC 3986: all but the unreserved characters.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
