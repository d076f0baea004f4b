//! Pages of a listing: how is a page of `GetAccountAuthorizationDetails` written as JSON?
//!
//! In: a page as the SDK gives it. Out: the page as the AWS CLI prints it: its names in its order, times with an offset,
//! documents decoded. Live and saved listings are read by the same reader, so this is the only way from the SDK to an
//! inventory. What AWS does not send is left out.

use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput as Listed;
use aws_sdk_iam::types;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// One page, as compact JSON.
///
/// # Errors
/// None in practice: everything in a page can be written as JSON.
pub(crate) fn page(listed: &Listed) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Page {
        user_detail_list: listed.user_detail_list().iter().map(User::of).collect(),
        group_detail_list: listed.group_detail_list().iter().map(Group::of).collect(),
        role_detail_list: listed.role_detail_list().iter().map(Role::of).collect(),
        policies: listed.policies().iter().map(Managed::of).collect(),
        is_truncated: listed.is_truncated,
        marker: listed.marker.as_deref(),
    })
}

/// As the AWS CLI prints a time.
pub(crate) fn date(at: &DateTime) -> String {
    let text = at.fmt(Format::DateTime).unwrap_or_default();
    match text.strip_suffix('Z') {
        Some(time) => format!("{time}+00:00"),
        None => text,
    }
}

/// A structure as the CLI prints it: AWS's names in the order given, without absent fields.
macro_rules! printed {
    ($name:ident { $($field:ident: $kind:ty),+ $(,)? }) => {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct $name<'a> {
            $(#[serde(skip_serializing_if = "Option::is_none")] $field: Option<$kind>,)+
        }
    };
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    user_detail_list: Vec<User<'a>>,
    group_detail_list: Vec<Group<'a>>,
    role_detail_list: Vec<Role<'a>>,
    policies: Vec<Managed<'a>>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
}

printed!(User {
    path: &'a str,
    user_name: &'a str,
    user_id: &'a str,
    arn: &'a str,
    create_date: String,
    user_policy_list: Vec<Inline<'a>>,
    group_list: &'a [String],
    attached_managed_policies: Vec<Attached<'a>>,
    permissions_boundary: Boundary<'a>,
    tags: Vec<Tag<'a>>,
});

printed!(Group {
    path: &'a str,
    group_name: &'a str,
    group_id: &'a str,
    arn: &'a str,
    create_date: String,
    group_policy_list: Vec<Inline<'a>>,
    attached_managed_policies: Vec<Attached<'a>>,
});

printed!(Role {
    path: &'a str,
    role_name: &'a str,
    role_id: &'a str,
    arn: &'a str,
    create_date: String,
    assume_role_policy_document: Document<'a>,
    instance_profile_list: Vec<Profile<'a>>,
    role_policy_list: Vec<Inline<'a>>,
    attached_managed_policies: Vec<Attached<'a>>,
    permissions_boundary: Boundary<'a>,
    tags: Vec<Tag<'a>>,
    role_last_used: LastUsed<'a>,
});

printed!(Profile {
    path: &'a str,
    instance_profile_name: &'a str,
    instance_profile_id: &'a str,
    arn: &'a str,
    create_date: String,
    roles: Vec<ProfileRole<'a>>,
});

printed!(ProfileRole {
    path: &'a str,
    role_name: &'a str,
    role_id: &'a str,
    arn: &'a str,
    create_date: String,
    assume_role_policy_document: Document<'a>,
});

printed!(Managed {
    policy_name: &'a str,
    policy_id: &'a str,
    arn: &'a str,
    path: &'a str,
    default_version_id: &'a str,
    attachment_count: i32,
    permissions_boundary_usage_count: i32,
    is_attachable: bool,
    description: &'a str,
    create_date: String,
    update_date: String,
    policy_version_list: Vec<Version<'a>>,
});

printed!(Version {
    document: Document<'a>,
    version_id: &'a str,
    is_default_version: bool,
    create_date: String,
});

printed!(Inline {
    policy_name: &'a str,
    policy_document: Document<'a>,
});

printed!(Attached {
    policy_name: &'a str,
    policy_arn: &'a str,
});

printed!(Boundary {
    permissions_boundary_type: &'a str,
    permissions_boundary_arn: &'a str,
});

printed!(Tag {
    key: &'a str,
    value: &'a str,
});

printed!(LastUsed {
    last_used_date: String,
    region: &'a str,
});

/// A document as AWS sends it, percent-encoded.
struct Document<'a>(&'a str);

impl Serialize for Document<'_> {
    /// Decoded; as AWS sent it where it is no JSON, so that the reader can report that.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let decoded = percent_decode_str(self.0).decode_utf8();
        match decoded.as_deref().map(serde_json::from_str::<&RawValue>) {
            Ok(Ok(document)) if document.get().starts_with('{') => document.serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}

/// An absent ARN is written as an empty one: the reader takes it as a listing that was cut off here.
fn arn(arn: Option<&String>) -> Option<&str> {
    Some(arn.map_or("", String::as_str))
}

fn each<'a, T, U>(items: Option<&'a Vec<T>>, form: impl Fn(&'a T) -> U) -> Option<Vec<U>> {
    Some(items?.iter().map(form).collect())
}

impl<'a> User<'a> {
    fn of(user: &'a types::UserDetail) -> Self {
        Self {
            path: user.path.as_deref(),
            user_name: user.user_name.as_deref(),
            user_id: user.user_id.as_deref(),
            arn: arn(user.arn.as_ref()),
            create_date: user.create_date.as_ref().map(date),
            user_policy_list: each(user.user_policy_list.as_ref(), Inline::of),
            group_list: user.group_list.as_deref(),
            attached_managed_policies: each(user.attached_managed_policies.as_ref(), Attached::of),
            permissions_boundary: user.permissions_boundary.as_ref().map(Boundary::of),
            tags: each(user.tags.as_ref(), Tag::of),
        }
    }
}

impl<'a> Group<'a> {
    fn of(group: &'a types::GroupDetail) -> Self {
        Self {
            path: group.path.as_deref(),
            group_name: group.group_name.as_deref(),
            group_id: group.group_id.as_deref(),
            arn: group.arn.as_deref(),
            create_date: group.create_date.as_ref().map(date),
            group_policy_list: each(group.group_policy_list.as_ref(), Inline::of),
            attached_managed_policies: each(group.attached_managed_policies.as_ref(), Attached::of),
        }
    }
}

impl<'a> Role<'a> {
    fn of(role: &'a types::RoleDetail) -> Self {
        Self {
            path: role.path.as_deref(),
            role_name: role.role_name.as_deref(),
            role_id: role.role_id.as_deref(),
            arn: arn(role.arn.as_ref()),
            create_date: role.create_date.as_ref().map(date),
            assume_role_policy_document: role.assume_role_policy_document.as_deref().map(Document),
            instance_profile_list: each(role.instance_profile_list.as_ref(), Profile::of),
            role_policy_list: each(role.role_policy_list.as_ref(), Inline::of),
            attached_managed_policies: each(role.attached_managed_policies.as_ref(), Attached::of),
            permissions_boundary: role.permissions_boundary.as_ref().map(Boundary::of),
            tags: each(role.tags.as_ref(), Tag::of),
            role_last_used: role.role_last_used.as_ref().map(|used| LastUsed {
                last_used_date: used.last_used_date.as_ref().map(date),
                region: used.region.as_deref(),
            }),
        }
    }
}

impl<'a> Profile<'a> {
    fn of(profile: &'a types::InstanceProfile) -> Self {
        Self {
            path: Some(&profile.path),
            instance_profile_name: Some(&profile.instance_profile_name),
            instance_profile_id: Some(&profile.instance_profile_id),
            arn: Some(&profile.arn),
            create_date: Some(date(&profile.create_date)),
            roles: Some(profile.roles.iter().map(ProfileRole::of).collect()),
        }
    }
}

impl<'a> ProfileRole<'a> {
    fn of(role: &'a types::Role) -> Self {
        Self {
            path: Some(&role.path),
            role_name: Some(&role.role_name),
            role_id: Some(&role.role_id),
            arn: Some(&role.arn),
            create_date: Some(date(&role.create_date)),
            assume_role_policy_document: role.assume_role_policy_document.as_deref().map(Document),
        }
    }
}

impl<'a> Managed<'a> {
    fn of(policy: &'a types::ManagedPolicyDetail) -> Self {
        Self {
            policy_name: policy.policy_name.as_deref(),
            policy_id: policy.policy_id.as_deref(),
            arn: arn(policy.arn.as_ref()),
            path: policy.path.as_deref(),
            default_version_id: policy.default_version_id.as_deref(),
            attachment_count: policy.attachment_count,
            permissions_boundary_usage_count: policy.permissions_boundary_usage_count,
            is_attachable: Some(policy.is_attachable),
            description: policy.description.as_deref(),
            create_date: policy.create_date.as_ref().map(date),
            update_date: policy.update_date.as_ref().map(date),
            policy_version_list: each(policy.policy_version_list.as_ref(), |version| Version {
                document: version.document.as_deref().map(Document),
                version_id: version.version_id.as_deref(),
                is_default_version: Some(version.is_default_version),
                create_date: version.create_date.as_ref().map(date),
            }),
        }
    }
}

impl<'a> Inline<'a> {
    fn of(policy: &'a types::PolicyDetail) -> Self {
        Self {
            policy_name: Some(policy.policy_name.as_deref().unwrap_or_default()),
            policy_document: Some(Document(
                policy.policy_document.as_deref().unwrap_or_default(),
            )),
        }
    }
}

impl<'a> Attached<'a> {
    fn of(policy: &'a types::AttachedPolicy) -> Self {
        Self {
            policy_name: policy.policy_name.as_deref(),
            policy_arn: arn(policy.policy_arn.as_ref()),
        }
    }
}

impl<'a> Boundary<'a> {
    fn of(boundary: &'a types::AttachedPermissionsBoundary) -> Self {
        let kind = boundary.permissions_boundary_type.as_ref();
        Self {
            // The API's model says `PermissionsBoundaryPolicy`, IAM sends `Policy`.
            permissions_boundary_type: kind.map(types::PermissionsBoundaryAttachmentType::as_str),
            permissions_boundary_arn: boundary.permissions_boundary_arn.as_deref(),
        }
    }
}

impl<'a> Tag<'a> {
    fn of(tag: &'a types::Tag) -> Self {
        Self {
            key: Some(&tag.key),
            value: Some(&tag.value),
        }
    }
}
