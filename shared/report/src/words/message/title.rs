//! Titles of messages: what is wrong with whom, in a few words?
//!
//! In: a finding, and whom it is about in words. Out: parts of sentences for subjects and headlines. The whole of a message is
//! [`message`](crate::words::message)'s.

use std::collections::BTreeSet;

use audit::{Code, Finding};
use iam::ActionName;

use crate::words::counted::counted;
use crate::words::fault;
use crate::words::plain::plain;

/// `role VeeamBackup: 3 actions missing for EC2 restore`, for a subject.
#[must_use]
pub(crate) fn about(whose: &str, finding: &Finding) -> String {
    match finding.code {
        Code::AuditFailed => AUDIT_FAILED.to_owned(),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::Undetermined => format!("{whose}: {}", what(finding)),
    }
}

/// What is wrong with one, as part of a sentence.
#[must_use]
pub(crate) fn sentence(who: &str, finding: &Finding) -> String {
    match finding.code {
        Code::AuditFailed
        | Code::AccessKey
        | Code::Coverage
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed => about(who, finding),
        Code::Undetermined => format!("{NOT_KNOWN} {who} has what Veeam needs"),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess => format!("{} of {who}", what(finding)),
    }
}

/// What is wrong with several, as part of a sentence.
#[must_use]
pub(crate) fn of_several(of: Code, whose: &str) -> String {
    match of {
        Code::Undetermined => format!("{NOT_KNOWN} {whose} hold what Veeam needs"),
        Code::Coverage => format!("{whose} not checked"),
        Code::AuditFailed => AUDIT_FAILED.to_owned(),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::AccessKey
        | Code::KeyState
        | Code::ResourceSettings
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed => format!("{} on {whose}", code(of)),
    }
}

/// What is wrong, in a few words.
#[must_use]
pub fn what(finding: &Finding) -> String {
    let actions: BTreeSet<&ActionName> = finding
        .lacks
        .iter()
        .flat_map(|lack| &*lack.actions)
        .collect();
    match finding.code {
        Code::MissingActions if !actions.is_empty() => {
            format!(
                "{} missing for {}",
                counted(actions.len(), "action"),
                plain(&finding.title)
            )
        }
        Code::AccessKey => first(finding)
            .and_then(keys)
            .map_or_else(|| code(finding.code).to_owned(), str::to_owned),
        Code::Coverage => first(finding)
            .and_then(coverage)
            .map_or_else(|| code(finding.code).to_owned(), str::to_owned),
        Code::MissingActions
        | Code::MissingTrust
        | Code::MissingInstanceProfile
        | Code::UnknownActionSet
        | Code::AllowedOnlyOn
        | Code::ExcessAccess
        | Code::ChangesNotArriving
        | Code::ChangeNotFollowed
        | Code::Undetermined
        | Code::AuditFailed => code(finding.code).to_owned(),
        Code::KeyState | Code::ResourceSettings => {
            fault::summary(finding).unwrap_or_else(|| code(finding.code).to_owned())
        }
    }
}

const AUDIT_FAILED: &str = "the audit of this account failed";
const NOT_KNOWN: &str = "not known whether";

/// The name of the only kind of item.
fn first(finding: &Finding) -> Option<&str> {
    let names: BTreeSet<&str> = finding.items.iter().map(|item| &*item.name).collect();
    names.first().copied().filter(|_| names.len() == 1)
}

/// What is wrong with access keys, by the name of its item.
fn keys(item: &str) -> Option<&'static str> {
    Some(match item {
        "none" => "no access key",
        "none is active" => "no active access key",
        "two are active" => "two active access keys",
        "too old" => "an access key is too old",
        "not used" => "an access key is not used",
        "of unknown age" => "the age of an access key is not known",
        "access key of the root user" => "the root user has an access key",
        _ => return None,
    })
}

/// What was not checked, by the name of its item.
fn coverage(item: &str) -> Option<&'static str> {
    Some(match item {
        "no longer bound" => "deleted or no longer bound",
        "unbound" => "name like Veeam's but no tag, so not checked",
        "no principal is bound to any action set" => "no user or role is bound to an action set",
        "the listing is cut off" => "the listing is cut off",
        _ => return None,
    })
}

fn code(code: Code) -> &'static str {
    match code {
        Code::MissingActions => "missing actions",
        Code::MissingTrust => "a trust policy that does not allow all who must assume the role",
        Code::MissingInstanceProfile => "a missing instance profile",
        Code::AccessKey => "access keys need attention",
        Code::KeyState => "a KMS key that cannot be used",
        Code::ResourceSettings => "a resource that is not set as Veeam needs it",
        Code::UnknownActionSet => "a tag or binding that was not understood",
        Code::AllowedOnlyOn => "actions allowed on narrower resources only",
        Code::ExcessAccess => "more access than is needed",
        Code::Coverage => "not everything could be checked",
        Code::Undetermined => "not known whether Veeam has what it needs",
        Code::ChangesNotArriving => "changes that do not arrive",
        Code::ChangeNotFollowed => "a change that could not be followed",
        Code::AuditFailed => AUDIT_FAILED,
    }
}
