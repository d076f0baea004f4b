//! `permdrift explain`: the way from one request to its decision.

mod found;
mod resource_side;

use std::collections::BTreeSet;

use audit::bind::assumptions;
use audit::ports::Environment as _;
use audit::{Settings, principals};
use catalog::{KnownAction, known_action, known_actions, nearest};
use iam::context::Context;
use iam::evaluate::trace::trace;
use iam::inventory::Principal;
use iam::policy::Statement;
use iam::simulator::{layers, request_context};
use iam::{ActionName, Decision, Layers, Request, glob};
use jiff::Timestamp;
use report::screen;
use report::screen::trace::Explained;

use crate::arguments::ExplainArguments;
use crate::exit::Exit;
use crate::saved::Files;
use crate::source::Source;
use crate::{account, output};
use found::Subject;

/// In which region a request is made.
const REGION: &str = "aws:RequestedRegion";

/// Decides the request and tells how.
///
/// # Errors
/// What cannot be read, found or written.
pub(crate) fn run(asked: &ExplainArguments) -> anyhow::Result<Exit> {
    doubt(&asked.action);
    let (settings, _) = account::settings(asked.account.rules.settings.as_deref(), &[])?;
    let now = Timestamp::now();
    let files = Files::of_account(&asked.account, None)?;
    let (source, progress) = Source::open(&asked.account, &settings, &files, None, now)?;
    let inventory = source.wait(source.listing())?;
    let inventory = inventory.map_err(anyhow::Error::from_boxed)?;
    drop(progress);
    let principal = principals::one(&inventory, &asked.principal)?;
    let above = files.service_control();
    let saved = files.saved.as_ref();
    let subject = Subject {
        action: &asked.action,
        resource: &asked.resource,
        owner: asked.resource_side.resource_account,
        inventory: &inventory,
    };
    let resource_side = resource_side::read(&asked.resource_side, subject, saved)?;
    let layers = Layers {
        resource_side: Some(resource_side.of(principal)),
        ..layers(&inventory, principal, &above)
    };
    doubt_keys(asked, &layers);
    doubt_resource(asked, &layers);
    let given = given(asked, &settings, principal);
    let mut known = assumptions::context(&settings, now);
    known.extend(&given);
    let context = request_context(principal, &known);
    let request = Request {
        principal: Some(&principal.arn),
        action: &asked.action,
        resource: &asked.resource,
        context: &context,
    };
    let trace = trace(&layers, &request);
    let mut sight = resource_side.sight.clone();
    if !principal.arn.is_service_linked() {
        let above = files.service_control_not_looked_at();
        sight.not_looked_at.splice(0..0, above);
    }
    let explained = Explained {
        layers: &layers,
        request: &request,
        given: &given,
        trace: &trace,
        sight: &sight,
        owners: &settings.owners,
    };
    output::people(|pen| screen::trace::write(pen, explained))?;
    Ok(match trace.outcome.decision {
        Decision::Allowed => Exit::Fine,
        Decision::ImplicitDeny | Decision::ExplicitDeny => Exit::Drift,
        Decision::Undetermined => Exit::Failed,
    })
}

/// Notes that nobody knows an action of this name; it is decided all the same, for AWS may have a new one.
fn doubt(action: &ActionName) {
    if known_action(action).is_some() {
        return;
    }
    let known = known_actions().map(|known| known.name);
    let same_service = known.filter(|name| {
        let service = name.split(':').next().unwrap_or_default();
        service.eq_ignore_ascii_case(action.service())
    });
    let hint = nearest(action.as_str(), same_service)
        .map_or_else(String::new, |close| format!("; did you mean `{close}`?"));
    output::note(&format!(
        "no AWS action that we know is called `{action}`{hint}"
    ));
}

/// Notes a context key that no policy asks for and that is nearly one which they do.
fn doubt_keys(asked: &ExplainArguments, layers: &Layers<'_>) {
    let named: BTreeSet<&str> = layers
        .statements()
        .flat_map(|statement| &statement.conditions)
        .map(|condition| &*condition.key)
        .collect();
    for (key, _) in &asked.context {
        if named.iter().any(|named| named.eq_ignore_ascii_case(key)) {
            continue;
        }
        if let Some(close) = nearest(key, named.iter().copied()) {
            output::note(&format!(
                "no policy here asks for `{key}`; did you mean `{close}`?"
            ));
        }
    }
}

/// Notes that the request is about no resource, where policies make a difference between those of the action.
fn doubt_resource(asked: &ExplainArguments, layers: &Layers<'_>) {
    let is_narrower = |statement: &Statement| {
        let mut patterns = statement.resource.patterns.iter();
        statement.is_about(&asked.action) && !patterns.any(|one| glob::is_everything(one))
    };
    if &*asked.resource != "*" || !layers.statements().any(is_narrower) {
        return;
    }
    let kinds = known_action(&asked.action)
        .into_iter()
        .flat_map(KnownAction::resource_types);
    let arns: BTreeSet<&str> = kinds.filter_map(|kind| kind.arn).collect();
    if !arns.is_empty() {
        let arns: Vec<&str> = arns.into_iter().collect();
        output::note(&format!(
            "this asks about the text `*`, and some policies name resources; a real request is about {}: name one by --resource",
            arns.join(" or ")
        ));
    }
}

/// What settings, tags and command line say of the context; the command line has the last word.
fn given(asked: &ExplainArguments, settings: &Settings, principal: &Principal) -> Context {
    let mut context = Context::partial();
    for (key, values) in &settings.context {
        context.set(key, values.iter().cloned());
    }
    let requests = settings.requests.iter();
    let requests = requests.filter(|one| one.is_of(&principal.arn) && one.is_for(&asked.action));
    for (key, values) in requests.flat_map(|request| &request.context) {
        context.set(key, values.iter().cloned());
    }
    let is_named = |key: &str| {
        let mut keys = asked.context.iter().map(|(key, _)| key);
        keys.any(|one| one.eq_ignore_ascii_case(key))
    };
    if !is_named(REGION) && !context.names(REGION) {
        set_region(&mut context, settings, principal);
    }
    let mut keys: Vec<&str> = asked.context.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let values = asked.context.iter().filter(|(name, _)| name == key);
        context.set(key, values.map(|(_, value)| value.as_str()));
    }
    context
}

/// Takes the region that tags or settings declare; the first, with a note, where they declare several: an audit asks about each.
fn set_region(context: &mut Context, settings: &Settings, principal: &Principal) {
    let tag = principal.tag(&format!("{}regions", settings.tag_prefix));
    let mut regions: Vec<&str> = tag.unwrap_or_default().split_ascii_whitespace().collect();
    if regions.is_empty() {
        regions = settings.regions.iter().map(AsRef::as_ref).collect();
    }
    let [first, others @ ..] = regions.as_slice() else {
        return;
    };
    if !others.is_empty() {
        output::note(&format!(
            "asked about {first}, which is one of the regions that tags or settings declare: name another by --context {REGION}={}",
            others.first().unwrap_or(first)
        ));
    }
    context.set_one(REGION, *first);
}
