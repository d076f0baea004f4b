//! One line of input: which policies, which request?
//!
//! ```json
//! {"id": "any JSON value, or none",
//!  "policies": {"identity": [DOCUMENT, ...], "boundary": [DOCUMENT, ...], "session": [DOCUMENT, ...],
//!               "scp": [[DOCUMENT, ...], ...],
//!               "resource": DOCUMENT, "rcp": [[DOCUMENT, ...], ...], "grants": [GRANT, ...], "endpoint": DOCUMENT},
//!  "request": {"principal": "ARN", "action": "service:Name", "resource": "ARN or *", "resourceAccount": "123456789012",
//!              "context": {"KEY": "VALUE or list of values"}}}
//! ```
//!
//! All but `identity`, `principal`, `action` and `resource` of the request may be left out (what belongs to the resource side is in
//! [`super::resource_side`]); `scp` lists levels from the root to the account. An empty
//! `boundary` or `session` is none; an empty level of `scp` is a level that lets nothing through. Keys besides these are
//! passed over on the line itself and refused in `policies` and `request`, where a misspelt one would change the answer.
//!
//! A document that cannot be read is no mistake of the line: the decision is then undetermined and says why.

use std::fmt;

use iam::arn::Arn;
use iam::evaluate::Caller;
use iam::policy;
use iam::{ActionName, Context, Layers, Outcome, PrincipalArn, Request};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::documents::{Documents, Form, Named, policies};
use super::resource_side::{NamedResourceSide, WrittenResourceSide};

/// A longer line is no case: the policies of a principal are some 100 KB at most.
pub(super) const LONGEST_LINE: usize = 16 << 20;

/// What a line should have been.
const WANTED: &str = r#"expected {"policies": {"identity": [...]}, "request": {"principal": "arn:...", "action": "s3:GetObject", "resource": "arn:..." or "*", "context": {}}}"#;

/// A line that is no case.
pub(super) struct Malformed<'a> {
    /// The line's id, where one could be found.
    pub(super) id: Option<&'a RawValue>,
    /// Its number, from 1.
    pub(super) line: usize,
    /// What is wrong, where, and what would be right.
    pub(super) error: String,
}

/// A case, ready to be decided.
pub(super) struct Case<'a> {
    id: Option<&'a RawValue>,
    identity: Vec<Named>,
    boundary: Option<Vec<Named>>,
    session: Option<Vec<Named>>,
    service_control: Vec<Vec<Named>>,
    resource_side: Option<NamedResourceSide>,
    principal: Option<PrincipalArn>,
    action: ActionName,
    resource: String,
    context: Context,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Written<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    policies: WrittenPolicies<'a>,
    request: WrittenRequest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct WrittenPolicies<'a> {
    #[serde(borrow)]
    identity: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    boundary: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    session: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    scp: Option<Vec<Vec<&'a RawValue>>>,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    rcp: Option<Vec<Vec<&'a RawValue>>>,
    #[serde(borrow, default)]
    grants: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    endpoint: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", expecting = "an object")]
struct WrittenRequest {
    principal: String,
    action: String,
    resource: String,
    resource_account: Option<String>,
    #[serde(default)]
    context: WrittenContext,
}

/// Just the id of a line whose rest is not understood.
#[derive(Deserialize)]
struct WrittenId<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// Reads one line.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read<'a>(
    number: usize,
    line: &'a [u8],
    documents: &mut Documents,
) -> Result<Case<'a>, Malformed<'a>> {
    let refuse = |id, error| Malformed {
        id,
        line: number,
        error,
    };
    if line.len() >= LONGEST_LINE {
        let error = format!("the line is longer than {} MiB", LONGEST_LINE >> 20);
        return Err(refuse(None, error));
    }
    let text = std::str::from_utf8(line).map_err(|error| {
        let column = error.valid_up_to() + 1;
        refuse(
            None,
            format!("column {column}: not UTF-8: write the line as UTF-8"),
        )
    })?;
    let written: Written<'_> = serde_json::from_str(text).map_err(|error| {
        let id = serde_json::from_str::<WrittenId<'_>>(text);
        refuse(id.ok().and_then(|written| written.id), json_fault(&error))
    })?;
    let id = written.id;
    understand(written, documents).map_err(|error| refuse(id, error))
}

fn json_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    format!("column {}: {text}; {WANTED}", error.column())
}

fn understand<'a>(written: Written<'a>, documents: &mut Documents) -> Result<Case<'a>, String> {
    let request = written.request;
    let fault = |what: &str, error: &dyn fmt::Display| format!("`request.{what}`: {error}");
    let action = request
        .action
        .parse::<ActionName>()
        .map_err(|error| fault("action", &error))?;
    let caller = Caller::parse(&request.principal).map_err(|error| fault("principal", &error))?;
    if request.resource != "*" {
        Arn::parse(&request.resource)
            .map_err(|error| fault("resource", &format!("{error}, or `*`")))?;
    }
    let policies = written.policies;
    let resource_side = WrittenResourceSide {
        resource: policies.resource,
        rcp: policies.rcp,
        grants: policies.grants,
        endpoint: policies.endpoint,
        account: request.resource_account,
    };
    let resource_side = resource_side.understand(caller, &request.resource, documents)?;
    let mut named = |list: &[&RawValue], layer: &str| {
        list.iter()
            .enumerate()
            .map(|(index, json)| Named {
                name: format!("{layer}[{index}]").into(),
                document: documents.get(json.get(), Form::Principal),
            })
            .collect::<Vec<_>>()
    };
    let mut one = |list: Option<Vec<&RawValue>>, layer: &str| {
        list.filter(|list| !list.is_empty())
            .map(|list| named(&list, layer))
    };
    Ok(Case {
        id: written.id,
        boundary: one(policies.boundary, "boundary"),
        session: one(policies.session, "session"),
        identity: named(&policies.identity, "identity"),
        service_control: policies
            .scp
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(level, list)| named(list, &format!("scp[{level}]")))
            .collect(),
        resource_side,
        // Anything but an IAM user or role (a session, the root user) is no service-linked role.
        principal: request.principal.parse().ok(),
        action,
        resource: request.resource,
        context: request.context.0,
    })
}

impl<'a> Case<'a> {
    /// What IAM would decide, with the line's id.
    pub(super) fn decide(&self) -> (Option<&'a RawValue>, Outcome) {
        let layers = Layers {
            identity: policies(&self.identity),
            boundary: self.boundary.as_deref().map(policies),
            session: self.session.as_deref().map(policies),
            service_control: self
                .service_control
                .iter()
                .map(|level| policies(level))
                .collect(),
            management_account: false,
            resource_side: self
                .resource_side
                .as_ref()
                .map(NamedResourceSide::as_layers),
        };
        let request = Request {
            principal: self.principal.as_ref(),
            action: &self.action,
            resource: &self.resource,
            context: &self.context,
        };
        (self.id, iam::evaluate(&layers, &request))
    }
}

/// A context that says all there is.
struct WrittenContext(Context);

impl Default for WrittenContext {
    fn default() -> Self {
        Self(Context::complete())
    }
}

impl<'de> Deserialize<'de> for WrittenContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ContextVisitor)
    }
}

struct ContextVisitor;

impl<'de> Visitor<'de> for ContextVisitor {
    type Value = WrittenContext;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`context` to be an object of keys with a value or a list of values each")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut context = Context::complete();
        while let Some(key) = map.next_key::<String>()? {
            let json: &RawValue = map.next_value()?;
            // IAM calls a key without a value null.
            let values = match json.get() {
                "null" => Vec::new(),
                text => policy::values(text).map_err(|error| {
                    A::Error::custom(format_args!("`context`, key `{key}`: {error}"))
                })?,
            };
            if context.names(&key) {
                return Err(A::Error::custom(format_args!(
                    "`context` names the key `{key}` twice: keys have no case, and each may be given once"
                )));
            }
            context.set(&key, values);
        }
        Ok(WrittenContext(context))
    }
}
