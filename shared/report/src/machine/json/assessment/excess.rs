//! What principals can do beyond their action sets, in the JSON form of an assessment.

use audit::assessment::{self, Danger};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ExcessJson<'a> {
    principal: &'a str,
    /// Worst first.
    dangers: Vec<DangerJson<'a>>,
    /// Those of which it could not be known.
    unknown: Vec<DangerJson<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum DangerJson<'a> {
    Administrator {
        policy: &'a str,
    },
    Escalation {
        actions: &'static [&'static str],
        text: &'static str,
    },
    Wildcard {
        what: &'a str,
        policy: &'a str,
    },
}

pub(super) fn excess(excess: &assessment::Excess) -> ExcessJson<'_> {
    ExcessJson {
        principal: excess.principal.as_str(),
        dangers: excess.dangers.iter().map(form).collect(),
        unknown: excess.unknown.iter().map(form).collect(),
    }
}

fn form(danger: &Danger) -> DangerJson<'_> {
    match danger {
        Danger::Administrator { policy } => DangerJson::Administrator { policy },
        Danger::Escalation(way) => DangerJson::Escalation {
            actions: way.actions,
            text: way.words,
        },
        Danger::Wildcard { what, policy } => DangerJson::Wildcard { what, policy },
    }
}
