//! Expected effects: what must a listing show after a call to IAM?
//!
//! In: an event as JSON. Out: its effects. What an event does not say, and what no listing holds (access keys), is no effect: then
//! nobody can tell whether the listing shows it, and nobody waits for it.

use iam::policy::{Document, decode};
use iam::trust::TrustPolicy;
use serde_json::Value;

use super::effect::{Aspect, Digest, Effect, Owner, Part, State, folded, number};
use super::raw::Raw;

/// The effects of the call of an event.
pub(super) fn effects(raw: Raw<'_>) -> Vec<Effect> {
    match raw.source {
        "iam.amazonaws.com" => of_iam(raw).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn of_iam(raw: Raw<'_>) -> Option<Vec<Effect>> {
    let text = |name: &str| raw.text(&format!("requestParameters.{name}"));
    let named = |name: &str| text(name).map(folded);
    let one = |of: Owner, aspect: Aspect, state: State| {
        let part = Part { of, aspect };
        Some(vec![Effect { part, state }])
    };
    let written = || {
        let document = text("policyDocument").and_then(policy);
        document.map_or(State::There, State::Is)
    };
    match raw.call {
        "AttachUserPolicy" | "AttachRolePolicy" | "AttachGroupPolicy" => {
            let aspect = Aspect::Attachment(text("policyArn")?.into());
            one(owner(raw)?, aspect, State::There)
        }
        "DetachUserPolicy" | "DetachRolePolicy" | "DetachGroupPolicy" => {
            let aspect = Aspect::Attachment(text("policyArn")?.into());
            one(owner(raw)?, aspect, State::Gone)
        }
        "PutUserPolicy" | "PutRolePolicy" | "PutGroupPolicy" => {
            one(owner(raw)?, Aspect::Inline(named("policyName")?), written())
        }
        "DeleteUserPolicy" | "DeleteRolePolicy" | "DeleteGroupPolicy" => one(
            owner(raw)?,
            Aspect::Inline(named("policyName")?),
            State::Gone,
        ),
        "PutUserPermissionsBoundary" | "PutRolePermissionsBoundary" => {
            let boundary = State::Names(text("permissionsBoundary")?.into());
            one(owner(raw)?, Aspect::Boundary, boundary)
        }
        "DeleteUserPermissionsBoundary" | "DeleteRolePermissionsBoundary" => {
            one(owner(raw)?, Aspect::Boundary, State::Gone)
        }
        "AddUserToGroup" => one(
            owner(raw)?,
            Aspect::Membership(named("groupName")?),
            State::There,
        ),
        "RemoveUserFromGroup" => one(
            owner(raw)?,
            Aspect::Membership(named("groupName")?),
            State::Gone,
        ),
        "TagUser" | "TagRole" => Some(tags(raw, &owner(raw)?)),
        "UntagUser" | "UntagRole" => {
            let owner = owner(raw)?;
            let keys = raw.at("requestParameters.tagKeys").as_array()?.iter();
            let keys = keys.filter_map(Value::as_str);
            Some(keys.map(|key| tag(&owner, key, State::Gone)).collect())
        }
        "UpdateAssumeRolePolicy" => {
            let trust = text("policyDocument").and_then(trust)?;
            one(owner(raw)?, Aspect::Trust, State::Is(trust))
        }
        "AddRoleToInstanceProfile" => one(
            owner(raw)?,
            Aspect::Profile(named("instanceProfileName")?),
            State::There,
        ),
        "RemoveRoleFromInstanceProfile" => one(
            owner(raw)?,
            Aspect::Profile(named("instanceProfileName")?),
            State::Gone,
        ),
        "DeleteInstanceProfile" => {
            let profile = Owner::InstanceProfile(named("instanceProfileName")?);
            one(profile, Aspect::Existence, State::Gone)
        }
        "CreateUser" => made(raw, "responseElements.user.userId"),
        "CreateRole" => {
            let mut effects = made(raw, "responseElements.role.roleId")?;
            if let Some(trust) = text("assumeRolePolicyDocument").and_then(trust) {
                effects.extend(one(owner(raw)?, Aspect::Trust, State::Is(trust))?);
            }
            Some(effects)
        }
        "DeleteUser" | "DeleteRole" => one(owner(raw)?, Aspect::Existence, State::Gone),
        "UpdateUser" => {
            let from = owner(raw)?;
            let renamed = named("newUserName").map(Owner::User);
            let mut effects = Vec::new();
            if let Some(to) = &renamed {
                effects.extend(one(from.clone(), Aspect::Existence, State::Gone)?);
                effects.extend(one(to.clone(), Aspect::Existence, State::There)?);
            }
            if let Some(path) = text("newPath") {
                let now = renamed.unwrap_or(from);
                effects.extend(one(now, Aspect::Path, State::Names(path.into()))?);
            }
            Some(effects)
        }
        "CreatePolicyVersion" => {
            let version = raw.text("responseElements.policyVersion.versionId");
            let state = match version.and_then(number) {
                Some(number) => State::HasVersion(number),
                None => State::Is(text("policyDocument").and_then(policy)?),
            };
            let policy = Owner::Policy(text("policyArn")?.into());
            one(policy, Aspect::DefaultVersion, state)
        }
        "SetDefaultPolicyVersion" => {
            let policy = Owner::Policy(text("policyArn")?.into());
            let version = Digest::of(text("versionId")?);
            one(policy, Aspect::DefaultVersion, State::Is(version))
        }
        // Access keys are in no listing.
        _ => None,
    }
}

/// Whom the call is about: the first of user, role and group that its name holds.
fn owner(raw: Raw<'_>) -> Option<Owner> {
    let name = |path: &str| raw.text(path).map(folded);
    if raw.call.contains("User") {
        name("requestParameters.userName").map(Owner::User)
    } else if raw.call.contains("Role") {
        name("requestParameters.roleName").map(Owner::Role)
    } else {
        name("requestParameters.groupName").map(Owner::Group)
    }
}

/// Of a user or role that was made: that it is the one with this id, its path, its tags and its boundary.
fn made(raw: Raw<'_>, id: &str) -> Option<Vec<Effect>> {
    let owner = owner(raw)?;
    let id = raw.text(id).map(Digest::of);
    let effect = |aspect, state| Effect {
        part: Part {
            of: owner.clone(),
            aspect,
        },
        state,
    };
    let mut effects = tags(raw, &owner);
    effects.push(effect(
        Aspect::Existence,
        id.map_or(State::There, State::Is),
    ));
    let path = raw.text("requestParameters.path").unwrap_or("/");
    effects.push(effect(Aspect::Path, State::Names(path.into())));
    if let Some(boundary) = raw.text("requestParameters.permissionsBoundary") {
        let boundary = State::Names(boundary.into());
        effects.push(effect(Aspect::Boundary, boundary));
    }
    Some(effects)
}

fn tags(raw: Raw<'_>, owner: &Owner) -> Vec<Effect> {
    let tags = raw.at("requestParameters.tags").as_array();
    let tags = tags.into_iter().flatten().filter_map(|one| {
        let key = one.get("key")?.as_str()?;
        let value = one.get("value").and_then(Value::as_str).unwrap_or_default();
        Some(tag(owner, key, State::Is(Digest::of(value))))
    });
    tags.collect()
}

fn tag(owner: &Owner, key: &str, state: State) -> Effect {
    let part = Part {
        of: owner.clone(),
        aspect: Aspect::Tag(folded(key)),
    };
    Effect { part, state }
}

fn policy(text: &str) -> Option<Digest> {
    let text = decode(text).ok()?;
    Some(Digest::of_policy(&Document::parse(&text).ok()?))
}

fn trust(text: &str) -> Option<Digest> {
    let text = decode(text).ok()?;
    Some(Digest::of_trust(&TrustPolicy::parse(&text).ok()?))
}
