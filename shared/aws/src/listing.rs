//! Listing pages as JSON: how does a page of `GetAccountAuthorizationDetails` look in a file?
//!
//! In: a page as the SDK gives it. Out: the page in the form of the AWS CLI, documents percent-encoded as AWS sends them.
//! Discovery and saved listings are read by one reader, so this is the only way from the SDK to an inventory. What AWS
//! does not say is left out.

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput as Page;
use aws_sdk_iam::types::{
    AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, Tag, UserDetail,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};

/// One page.
pub(crate) fn page(page: &Page) -> Value {
    Object::default()
        .with("UserDetailList", list(page.user_detail_list(), user))
        .with("GroupDetailList", list(page.group_detail_list(), group))
        .with("RoleDetailList", list(page.role_detail_list(), role))
        .with("Policies", list(page.policies(), policy))
        .with("IsTruncated", page.is_truncated)
        .text("Marker", page.marker.as_deref())
        .into()
}

fn user(user: &UserDetail) -> Value {
    let boundary = user.permissions_boundary.as_ref();
    let boundary = boundary.and_then(|boundary| boundary.permissions_boundary_arn.as_deref());
    Object::default()
        .text("Path", user.path.as_deref())
        .text("UserName", user.user_name.as_deref())
        .text("UserId", user.user_id.as_deref())
        // An empty one tells the reader that the listing was cut off here.
        .with("Arn", user.arn.as_deref().unwrap_or_default())
        .text("CreateDate", user.create_date.as_ref().map(date).as_deref())
        .with("UserPolicyList", list(user.user_policy_list(), inline))
        .with("GroupList", user.group_list())
        .with(
            "AttachedManagedPolicies",
            attached(user.attached_managed_policies()),
        )
        .boundary(boundary)
        .with("Tags", list(user.tags(), tag))
        .into()
}

fn role(role: &RoleDetail) -> Value {
    let boundary = role.permissions_boundary.as_ref();
    let boundary = boundary.and_then(|boundary| boundary.permissions_boundary_arn.as_deref());
    let profiles = list(role.instance_profile_list(), |profile| {
        Object::default()
            .with(
                "InstanceProfileName",
                profile.instance_profile_name.as_str(),
            )
            .with("Arn", profile.arn.as_str())
            .into()
    });
    Object::default()
        .text("Path", role.path.as_deref())
        .text("RoleName", role.role_name.as_deref())
        .text("RoleId", role.role_id.as_deref())
        .with("Arn", role.arn.as_deref().unwrap_or_default())
        .text("CreateDate", role.create_date.as_ref().map(date).as_deref())
        .text(
            "AssumeRolePolicyDocument",
            role.assume_role_policy_document.as_deref(),
        )
        .with("InstanceProfileList", profiles)
        .with("RolePolicyList", list(role.role_policy_list(), inline))
        .with(
            "AttachedManagedPolicies",
            attached(role.attached_managed_policies()),
        )
        .boundary(boundary)
        .with("Tags", list(role.tags(), tag))
        .into()
}

fn group(group: &GroupDetail) -> Value {
    Object::default()
        .text("Path", group.path.as_deref())
        .text("GroupName", group.group_name.as_deref())
        .text("GroupId", group.group_id.as_deref())
        .text("Arn", group.arn.as_deref())
        .with("GroupPolicyList", list(group.group_policy_list(), inline))
        .with(
            "AttachedManagedPolicies",
            attached(group.attached_managed_policies()),
        )
        .into()
}

fn policy(policy: &ManagedPolicyDetail) -> Value {
    let versions = list(policy.policy_version_list(), |version| {
        Object::default()
            .text("Document", version.document.as_deref())
            .text("VersionId", version.version_id.as_deref())
            .with("IsDefaultVersion", version.is_default_version)
            .text(
                "CreateDate",
                version.create_date.as_ref().map(date).as_deref(),
            )
            .into()
    });
    Object::default()
        .text("PolicyName", policy.policy_name.as_deref())
        .text("PolicyId", policy.policy_id.as_deref())
        .with("Arn", policy.arn.as_deref().unwrap_or_default())
        .text("Path", policy.path.as_deref())
        .text("DefaultVersionId", policy.default_version_id.as_deref())
        .with("PolicyVersionList", versions)
        .into()
}

fn inline(policy: &PolicyDetail) -> Value {
    Object::default()
        .with(
            "PolicyName",
            policy.policy_name.as_deref().unwrap_or_default(),
        )
        .with(
            "PolicyDocument",
            policy.policy_document.as_deref().unwrap_or_default(),
        )
        .into()
}

fn attached(policies: &[AttachedPolicy]) -> Value {
    list(policies, |policy| {
        Object::default()
            .text("PolicyName", policy.policy_name.as_deref())
            .with(
                "PolicyArn",
                policy.policy_arn.as_deref().unwrap_or_default(),
            )
            .into()
    })
}

fn tag(tag: &Tag) -> Value {
    Object::default()
        .with("Key", tag.key.as_str())
        .with("Value", tag.value.as_str())
        .into()
}

fn list<T>(items: &[T], form: impl Fn(&T) -> Value) -> Value {
    items.iter().map(form).collect()
}

/// As RFC 3339.
pub(crate) fn date(at: &DateTime) -> String {
    at.fmt(Format::DateTime).unwrap_or_default()
}

#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    fn text(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    fn boundary(self, arn: Option<&str>) -> Self {
        match arn {
            Some(arn) => {
                let boundary = Self::default().with("PermissionsBoundaryArn", arn);
                self.with("PermissionsBoundary", boundary)
            }
            None => self,
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}
