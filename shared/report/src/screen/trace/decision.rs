//! The decision on one request: why, what to do, and what it does not rest on.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use anstyle::Style;
use audit::resource_faults::fault::ResourceFault;
use audit::settings::Owners;
use iam::context::Context;
use iam::evaluate::trace::Trace;
use iam::{Cause, Decision, Layers, Request};

use crate::screen::owner;
use crate::screen::pen::Pen;
use crate::words::cause::{owners_of, remedy_unknown, why_unknown};
use crate::words::fault;
use crate::words::message::capital;

/// One evaluated request.
#[derive(Clone, Copy)]
pub struct Explained<'a> {
    /// All policies that can decide.
    pub layers: &'a Layers<'a>,
    /// What is asked.
    pub request: &'a Request<'a>,
    /// What somebody said of the context; the request's own context holds besides what follows from the principal.
    pub given: &'a Context,
    /// The way to the decision.
    pub trace: &'a Trace,
    /// What else is known of the account and of the resource.
    pub sight: &'a Sight,
    /// Whom to ask.
    pub owners: &'a Owners,
}

/// What a decision rests on besides the policies of its trace, and what it does not rest on.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// What was not looked at, one sentence fragment each.
    pub not_looked_at: Vec<String>,
    /// What to do where a policy decides that could not be read, by its name.
    pub advice: BTreeMap<Arc<str>, String>,
    /// What is wrong with the resource, whatever its policies say.
    pub faults: Vec<ResourceFault>,
}

pub(super) fn write(pen: &mut Pen<'_>, explained: Explained<'_>) -> io::Result<()> {
    let palette = pen.palette;
    let outcome = &explained.trace.outcome;
    let sight = explained.sight;
    let (word, style) = match outcome.decision {
        Decision::Allowed => ("allowed", palette.good),
        Decision::ImplicitDeny => ("implicit deny", palette.bad),
        Decision::ExplicitDeny => ("explicit deny", palette.bad),
        Decision::Undetermined => ("undetermined", palette.unknown),
    };
    pen.blank()?;
    let text = match sight.not_looked_at.as_slice() {
        [] => word.to_owned(),
        parts => format!("{word}; not looked at: {}", parts.join(", ")),
    };
    pen.hanging(0, "Decision:", style, &text)?;
    if outcome.decision != Decision::Allowed {
        reason(pen, explained)?;
    }
    for one in &sight.faults {
        let text = format!("{}, whatever policies say.", capital(&fault::fault(one)));
        pen.text(2, palette.bad, &text)?;
        pen.hanging(2, "Do:", palette.doing, fault::remedy(one))?;
    }
    Ok(())
}

fn reason(pen: &mut Pen<'_>, explained: Explained<'_>) -> io::Result<()> {
    let outcome = &explained.trace.outcome;
    pen.hanging(
        2,
        "Why:",
        Style::new(),
        &why_unknown(&outcome.cause, &outcome.missing),
    )?;
    let advice = unread(&outcome.cause).and_then(|policy| explained.sight.advice.get(policy));
    let remedy = match advice {
        Some(advice) => advice.clone(),
        None => remedy_unknown(&outcome.cause, &outcome.missing),
    };
    pen.hanging(2, "Do:", pen.palette.doing, &remedy)?;
    owner::write(pen, 2, &owners_of(&outcome.cause, explained.owners))
}

/// The policy that could not be read, where it decides.
fn unread(cause: &Cause) -> Option<&str> {
    match cause {
        Cause::Unreadable { policy, .. } => Some(policy),
        Cause::CannotEvaluate { by, .. } => Some(&by.policy),
        Cause::AllowedBy(_)
        | Cause::DeniedBy(_)
        | Cause::DeniedInLayer(_)
        | Cause::NotAllowedIn(_)
        | Cause::AllowedOnlyOn { .. }
        | Cause::DeniedOn { .. }
        | Cause::MissingContext { .. }
        | Cause::NotChecked { .. }
        | Cause::NoAnswer { .. } => None,
    }
}
