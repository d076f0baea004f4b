//! Terminal output of one evaluated request: the decision of each layer and statement, and the final decision.
//!
//! In: the layers, the request and its trace. Out: text. Statements for other actions are shown too, in a faint colour, so that
//! the reader sees that none of them names the action.

mod decision;

use std::io;

use anstyle::Style;
use iam::context::Context;
use iam::evaluate::trace::{Doubt, Part, Step, Trace, Why};
use iam::evaluate::{ExemptResource, Exemption, ResourceControlExemption, ResourceSide};
use iam::policy::{Condition, Effect};
use iam::{Layer, Layers, Policy, Request};

use crate::screen::pen::Pen;
use crate::words::cause::list;
use crate::words::plain::plain;
pub use decision::{Explained, Sight};

/// Writes the way from the request to its decision.
///
/// # Errors
/// If writing fails.
pub fn write(pen: &mut Pen<'_>, explained: Explained<'_>) -> io::Result<()> {
    let Explained {
        layers,
        request,
        given,
        trace,
        ..
    } = explained;
    head(pen, request, given)?;
    for (number, layer) in trace.layers.iter().enumerate() {
        pen.blank()?;
        self::layer(pen, number + 1, *layer, layers, trace)?;
    }
    if let Some(exemption) = trace.exemption {
        let text = match exemption {
            Exemption::ManagementAccount => {
                "SCPs do not count: they restrict nobody in the management account."
            }
            Exemption::ServiceLinkedRole => {
                "SCPs do not count: they restrict no service-linked role."
            }
        };
        pen.blank()?;
        pen.text(0, pen.palette.faint, text)?;
    }
    if let Some(exemption) = trace.resource_control_exemption {
        pen.blank()?;
        pen.text(0, pen.palette.faint, why_rcps_do_not_count(exemption))?;
    }
    decision::write(pen, explained)
}

fn why_rcps_do_not_count(exemption: ResourceControlExemption) -> &'static str {
    match exemption {
        ResourceControlExemption::Resource(ExemptResource::OfManagementAccount) => {
            "RCPs do not count: they restrict no resource of the management account."
        }
        ResourceControlExemption::Resource(ExemptResource::AwsManagedKey) => {
            "RCPs do not count: they restrict no AWS managed key."
        }
        ResourceControlExemption::ServiceLinkedRole => {
            "RCPs do not count: they restrict no service-linked role."
        }
        ResourceControlExemption::Service => {
            "RCPs do not count: AWS does not list this service among those that they cover."
        }
        ResourceControlExemption::RetireGrant => {
            "RCPs do not count: they do not cover kms:RetireGrant."
        }
    }
}

fn head(pen: &mut Pen<'_>, request: &Request<'_>, given: &Context) -> io::Result<()> {
    let plainly = Style::new();
    if let Some(principal) = request.principal {
        pen.hanging(0, "Principal:", plainly, &plain(principal.as_str()))?;
    }
    pen.hanging(0, "Action:", plainly, &plain(request.action.as_str()))?;
    pen.hanging(0, "Resource:", plainly, &plain(request.resource))?;
    pen.hanging(0, "Context:", plainly, &known(given))
}

/// What is known of the context, in words.
fn known(context: &Context) -> String {
    let mut parts: Vec<String> = context
        .entries()
        .map(|(key, values)| {
            if values.is_empty() {
                format!("{} absent", plain(key))
            } else {
                format!(
                    "{} = {}",
                    plain(key),
                    list(values.iter().map(AsRef::as_ref))
                )
            }
        })
        .collect();
    parts.push("what follows from the principal (ARN, account, name, tags)".to_owned());
    parts.push("what an audit assumes of requests; all else unknown".to_owned());
    parts.join("; ")
}

fn layer(
    pen: &mut Pen<'_>,
    number: usize,
    layer: Layer,
    layers: &Layers<'_>,
    trace: &Trace,
) -> io::Result<()> {
    let palette = pen.palette;
    let policies = policies(layer, layers);
    let steps: Vec<&Step> = trace
        .steps
        .iter()
        .filter(|step| step.at.layer == layer)
        .collect();
    let (word, style) = layer_decision(pen, layer, &policies, &steps);
    let strong = palette.strong;
    writeln!(
        pen.out(),
        "{strong}{number}. {}:{strong:#} {style}{word}{style:#}",
        title(layer)
    )?;
    if policies.is_empty() {
        pen.text(
            3,
            palette.faint,
            "there is no policy, so nothing is allowed",
        )?;
    }
    let mut steps = steps.into_iter().peekable();
    for policy in policies {
        pen.text(3, Style::new(), &plain(&policy.name))?;
        if let Err(fault) = policy.document {
            let place = if fault.line > 0 {
                format!(" (line {}, column {})", fault.line, fault.column)
            } else {
                String::new()
            };
            pen.text(
                5,
                palette.unknown,
                &format!("cannot be read: {}{place}", plain(&fault.reason)),
            )?;
            continue;
        }
        let mut last = None;
        while let Some(step) = steps.next_if(|step| {
            step.at.policy == policy.name && last.is_none_or(|last| step.at.index > last)
        }) {
            last = Some(step.at.index);
            self::step(pen, step)?;
        }
    }
    Ok(())
}

/// What a layer says to the request.
fn layer_decision(
    pen: &Pen<'_>,
    layer: Layer,
    policies: &[&Policy<'_>],
    steps: &[&Step],
) -> (&'static str, Style) {
    let palette = pen.palette;
    let applies = |effect: Effect| {
        steps
            .iter()
            .any(|step| step.effect == effect && step.why == Why::Applies)
    };
    let doubtful = policies.iter().any(|policy| policy.document.is_err())
        || steps.iter().any(|step| matches!(step.why, Why::Hangs(_)));
    match (applies(Effect::Deny), applies(Effect::Allow), doubtful) {
        (true, _, _) => ("denies", palette.bad),
        (false, _, true) => ("not known", palette.unknown),
        (false, true, false) => ("allows", palette.good),
        (false, false, false) => match layer {
            // Other layers may allow without these.
            Layer::Resource | Layer::Grant => ("does not allow", palette.faint),
            Layer::Identity
            | Layer::Boundary
            | Layer::Session
            | Layer::ServiceControl { .. }
            | Layer::ResourceControl { .. }
            | Layer::Endpoint => ("does not allow", palette.bad),
        },
    }
}

fn step(pen: &mut Pen<'_>, step: &Step) -> io::Result<()> {
    let palette = pen.palette;
    let (does, would, style) = match step.effect {
        Effect::Allow => ("allows", "would allow", palette.good),
        Effect::Deny => ("denies", "would deny", palette.bad),
    };
    let (style, text) = match &step.why {
        Why::Applies => (style, does.to_owned()),
        Why::OtherAction => (palette.faint, "is for other actions".to_owned()),
        Why::OtherPrincipal => (palette.faint, "is for other principals".to_owned()),
        Why::OtherResource => (palette.faint, "is for other resources".to_owned()),
        Why::Narrower => (
            palette.unknown,
            format!("{would}, but on narrower resources than * only"),
        ),
        Why::Fails(doubts) => (
            palette.faint,
            format!("{would}, but this is not so: {}", in_words(doubts)),
        ),
        Why::Hangs(doubts) => (
            palette.unknown,
            format!("{would}, if this is so: {}", in_words(doubts)),
        ),
    };
    let text = match &step.at.sid {
        Some(sid) => format!("{}: {text}", plain(sid)),
        None => text,
    };
    let number = step
        .at
        .index
        .map_or_else(String::new, |index| format!("{}.", index + 1));
    pen.hanging(5, &number, style, &text)
}

fn in_words(doubts: &[Doubt]) -> String {
    let words: Vec<String> = doubts
        .iter()
        .map(|doubt| {
            let what = match &doubt.part {
                Part::Principals => "its principals name the caller".to_owned(),
                Part::Resource => "the variables in its resource fit".to_owned(),
                Part::Condition(one) => condition(one),
                Part::Whole => "it applies".to_owned(),
            };
            match (&doubt.reason, doubt.keys.as_slice()) {
                (Some(reason), _) => format!("{what} ({})", plain(reason)),
                (None, []) => what,
                (None, keys) => format!(
                    "{what} ({} not known)",
                    list(keys.iter().map(AsRef::as_ref))
                ),
            }
        })
        .collect();
    words.join("; ")
}

fn condition(condition: &Condition) -> String {
    format!(
        "{} {} [{}]",
        plain(&condition.operator),
        plain(&condition.key),
        list(condition.values.iter().map(AsRef::as_ref))
    )
}

fn policies<'l, 'a>(layer: Layer, layers: &'l Layers<'a>) -> Vec<&'l Policy<'a>> {
    match layer {
        Layer::Identity => layers.identity.iter().collect(),
        Layer::Boundary => layers.boundary.iter().flatten().collect(),
        Layer::Session => layers.session.iter().flatten().collect(),
        Layer::ServiceControl { level } => layers
            .service_control
            .get(level.map_or(0, usize::from))
            .into_iter()
            .flatten()
            .collect(),
        Layer::ResourceControl { .. } | Layer::Resource | Layer::Grant | Layer::Endpoint => {
            let side = layers.resource_side.as_ref();
            side.map(|side| policies_of(layer, side))
                .unwrap_or_default()
        }
    }
}

fn policies_of<'l, 'a>(layer: Layer, side: &'l ResourceSide<'a>) -> Vec<&'l Policy<'a>> {
    match layer {
        Layer::ResourceControl { level } => {
            let levels = &side.resource_control;
            let level = levels.get(level.map_or(0, usize::from));
            level.into_iter().flatten().collect()
        }
        Layer::Resource => side.policy.iter().collect(),
        Layer::Grant => side.grants.iter().collect(),
        Layer::Endpoint => side.endpoint.iter().collect(),
        Layer::Identity | Layer::Boundary | Layer::Session | Layer::ServiceControl { .. } => {
            Vec::new()
        }
    }
}

fn title(layer: Layer) -> String {
    match layer {
        Layer::Identity => "Identity policies".to_owned(),
        Layer::Boundary => "Permissions boundary".to_owned(),
        Layer::Session => "Session policies".to_owned(),
        Layer::ServiceControl { level: None } => "SCPs".to_owned(),
        Layer::ServiceControl { level: Some(0) } => "SCPs of the root".to_owned(),
        Layer::ServiceControl { level: Some(level) } => format!("SCPs of level {level}"),
        Layer::ResourceControl { level: None } => "RCPs".to_owned(),
        Layer::ResourceControl { level: Some(0) } => "RCPs of the root".to_owned(),
        Layer::ResourceControl { level: Some(level) } => format!("RCPs of level {level}"),
        Layer::Resource => "Resource policy".to_owned(),
        Layer::Grant => "Grants".to_owned(),
        Layer::Endpoint => "Endpoint policy".to_owned(),
    }
}
