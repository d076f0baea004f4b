//! Which calls can have led to a finding, in the JSON form of an assessment and of events.
//!
//! The only form that has the source address of a caller.

use audit::events::{Explanation, TrailEvent, Unseen};
use serde::Serialize;

use super::touched::{CallJson, call};

/// Of several calls none is `changed_by`: they are candidates.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExplanationJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    changed_by: Option<CandidateJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<CandidateJson<'a>>>,
    /// How many candidates there are in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate_count: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes_unseen: Vec<UnseenJson<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UnseenJson<'a> {
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
}

/// A call, and who made it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CandidateJson<'a> {
    #[serde(flatten)]
    call: CallJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_center_user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_address: Option<String>,
}

impl<'a> ExplanationJson<'a> {
    pub(super) fn of(explanation: &'a Explanation) -> Self {
        let only = explanation.only();
        let listed = (only.is_none() && explanation.count > 0).then(|| {
            explanation
                .candidates
                .iter()
                .map(|one| candidate(one))
                .collect()
        });
        Self {
            changed_by: only.map(candidate),
            candidate_count: listed.is_some().then_some(explanation.count),
            candidates: listed,
            changes_unseen: explanation.unseen.iter().map(unseen).collect(),
        }
    }
}

/// A call with its caller as JSON.
fn candidate(event: &TrailEvent) -> CandidateJson<'_> {
    let actor = &event.actor;
    CandidateJson {
        call: call(event),
        policy: event.policy.as_deref(),
        session: actor.session.as_deref(),
        role: actor.issuer.as_deref(),
        identity_center_user: actor.person.as_deref(),
        service: actor.service.as_deref(),
        tool: actor.tool,
        source_address: actor.address.map(|address| address.to_string()),
    }
}

fn unseen(unseen: &Unseen) -> UnseenJson<'_> {
    let (reason, code) = match unseen {
        Unseen::OtherAccount => ("other-account", None),
        Unseen::NotAsked => ("not-asked", None),
        Unseen::CutOff => ("cut-off", None),
        Unseen::Unanswered(code) => ("unanswered", Some(&**code)),
        Unseen::NotFollowed(_) => ("not-followed", None),
    };
    UnseenJson { reason, code }
}
