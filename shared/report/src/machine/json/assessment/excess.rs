//! Excess in the JSON form.

use audit::assessment::{self, Danger};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Excess<'a> {
    principal: &'a str,
    /// Worst first.
    dangers: Vec<Form<'a>>,
    /// Those of which it could not be known.
    unknown: Vec<Form<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Form<'a> {
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

pub(super) fn excess(excess: &assessment::Excess) -> Excess<'_> {
    Excess {
        principal: excess.principal.as_str(),
        dangers: excess.dangers.iter().map(form).collect(),
        unknown: excess.unknown.iter().map(form).collect(),
    }
}

fn form(danger: &Danger) -> Form<'_> {
    match danger {
        Danger::Administrator { policy } => Form::Administrator { policy },
        Danger::Escalation(way) => Form::Escalation {
            actions: way.actions,
            text: way.words,
        },
        Danger::Wildcard { what, policy } => Form::Wildcard { what, policy },
    }
}
