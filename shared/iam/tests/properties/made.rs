//! Made-up policies: layers of statements out of few words.

use std::sync::Arc;

use iam::policy::{Condition, Document, Effect, Matches, Statement, Version};
use iam::{ActionName, Context, Layers, Outcome, Policy, Request};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::sided::{self, MadeSide};

/// All keys there are, and where each may be absent.
pub(crate) const KEYS: [&str; 4] = ["k", "aws:username", "n", "ip"];

/// Layers by number: 0 is the identity, 1 the boundary, 2 and on are levels of SCPs. Each is a list of documents.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) identity: Vec<Document>,
    pub(crate) boundary: Option<Vec<Document>>,
    pub(crate) levels: Vec<Vec<Document>>,
    pub(crate) side: Option<MadeSide>,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
}

impl Made {
    fn layers(&mut self) -> impl Iterator<Item = &mut Vec<Document>> {
        std::iter::once(&mut self.identity)
            .chain(&mut self.boundary)
            .chain(&mut self.levels)
            .chain(self.side.iter_mut().flat_map(MadeSide::layers))
    }

    /// The same with one more statement in some document.
    pub(crate) fn with(mut self, statement: Statement, place: Index) -> Self {
        let layers = self.layers();
        let mut documents: Vec<&mut Document> = layers.flatten().collect();
        if documents.is_empty() {
            self.identity
                .push(document(vec![statement], Version::V2012));
        } else {
            let at = place.index(documents.len());
            let statements = documents
                .get_mut(at)
                .map(|document| &mut document.statements);
            statements.unwrap().insert(0, statement);
        }
        self
    }

    /// The same the other way round.
    pub(crate) fn reversed(&self) -> Self {
        let mut other = self.clone();
        for layer in other.layers() {
            layer.reverse();
            for document in layer {
                document.statements.reverse();
                for statement in &mut document.statements {
                    statement.conditions.reverse();
                    statement.resource.patterns.reverse();
                    statement.action.patterns.reverse();
                }
            }
        }
        other
    }
}

/// Asks one request of made-up layers.
pub(crate) fn with_layers<T>(
    made: &Made,
    context: &Context,
    ask: impl Fn(&Layers<'_>, &Request<'_>) -> T,
) -> T {
    let name = |text: String| -> Arc<str> { text.into() };
    let policies = |layer: &'static str, list: &'_ [Document]| -> Vec<Arc<str>> {
        (0..list.len())
            .map(|at| name(format!("{layer}[{at}]")))
            .collect()
    };
    fn bound<'a>(names: Vec<Arc<str>>, list: &'a [Document]) -> Vec<Policy<'a>> {
        let pairs = names.into_iter().zip(list);
        pairs
            .map(|(name, document)| Policy {
                name,
                document: Ok(document),
            })
            .collect()
    }
    let layers = Layers {
        identity: bound(policies("identity", &made.identity), &made.identity),
        boundary: made
            .boundary
            .as_ref()
            .map(|list| bound(policies("boundary", list), list)),
        session: None,
        service_control: made
            .levels
            .iter()
            .map(|list| bound(policies("scp", list), list))
            .collect(),
        management_account: false,
        resource_side: made.side.as_ref().map(MadeSide::as_resource_side),
    };
    let action: ActionName = made.action.parse().unwrap();
    let request = Request {
        principal: None,
        action: &action,
        resource: made.resource,
        context,
    };
    ask(&layers, &request)
}

/// Decides one request.
pub(crate) fn decide(made: &Made, context: &Context) -> Outcome {
    with_layers(made, context, iam::evaluate)
}

fn document(statements: Vec<Statement>, version: Version) -> Document {
    Document {
        version,
        statements,
        notes: Vec::new(),
        characters: 0,
    }
}

fn texts(choices: &'static [&'static str]) -> impl Strategy<Value = Vec<Box<str>>> {
    prop::collection::vec(select(choices).prop_map(Box::from), 1..3)
}

fn matches(choices: &'static [&'static str]) -> impl Strategy<Value = Matches> {
    (prop::bool::weighted(0.2), texts(choices))
        .prop_map(|(negated, patterns)| Matches { negated, patterns })
}

fn condition(
    operators: &'static [&'static str],
    key: &'static str,
    values: &'static [&'static str],
) -> impl Strategy<Value = Condition> {
    (select(operators), texts(values)).prop_map(move |(operator, values)| Condition {
        operator: operator.into(),
        key: key.into(),
        values,
    })
}

/// Conditions whose every case can be tried out: one value a key, no variables.
fn plain_condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        condition(
            &[
                "StringEquals",
                "StringNotEquals",
                "StringEqualsIfExists",
                "StringNotEqualsIfExists",
                "StringLike",
                "StringNotLike",
                "StringLikeIfExists",
            ],
            "k",
            &["a", "b", "a*", "*"],
        ),
        condition(
            &["Bool", "BoolIfExists"],
            "aws:username",
            &["true", "false"]
        ),
        condition(&["Null"], "k", &["true", "false"]),
        condition(
            &[
                "NumericLessThan",
                "NumericEquals",
                "NumericNotEquals",
                "NumericGreaterThanEquals"
            ],
            "n",
            &["1", "2", "-3.5"],
        ),
        condition(
            &["IpAddress", "NotIpAddress"],
            "ip",
            &["10.0.0.0/8", "10.1.0.0/16", "::/0"]
        ),
    ]
}

/// Conditions of every kind, unreadable ones among them.
fn any_condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => plain_condition(),
        1 => condition(
            &[
                "ForAllValues:StringLike", "ForAnyValue:StringNotLike", "ForAnyValue:StringEqualsIfExists",
                "ForAllValues:StringNotEquals", "StringEqualsIgnoreCase", "StringNotLike", "StringEquals",
            ],
            "k",
            &["a", "b*", "${aws:username}", "${n, 'a'}", "${*}", "*b"],
        ),
        1 => condition(&["NumericNotEquals", "DateNotEquals", "DateLessThan", "NoSuchOperator"], "n", &["1", "x", "2026"]),
        1 => condition(&["ArnLike", "ArnNotEquals", "ArnNotLike"], "k", &["arn:aws:s3:::a", "*", "arn:*:*:*:*:*"]),
        1 => condition(&["Bool"], "ip", &["${k}", "true"]),
    ]
}

fn statement(
    effect: impl Strategy<Value = Effect>,
    conditions: impl Strategy<Value = Vec<Condition>>,
    resources: &'static [&'static str],
) -> impl Strategy<Value = Statement> {
    let action = matches(&["*", "s3:*", "s3:Get*", "s3:GetObject", "ec2:*"]);
    (effect, action, matches(resources), conditions).prop_map(
        |(effect, action, resource, conditions)| Statement {
            sid: None,
            effect,
            action,
            resource,
            principals: None,
            conditions,
            doubt: None,
        },
    )
}

fn effect() -> impl Strategy<Value = Effect> {
    prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)]
}

fn layers<C: Strategy<Value = Condition> + 'static>(
    of: fn() -> C,
    resources: &'static [&'static str],
    versions: &'static [Version],
    asked: &'static [&'static str],
    (callers, negated): (&'static [&'static str], f64),
) -> impl Strategy<Value = Made> {
    let one = move || {
        let conditions = prop::collection::vec(of(), 0..3);
        let statements = prop::collection::vec(statement(effect(), conditions, resources), 1..4);
        (statements, select(versions))
            .prop_map(|(statements, version)| document(statements, version))
    };
    let layer = || prop::collection::vec(one(), 1..3);
    (
        layer(),
        prop::option::of(layer()),
        prop::collection::vec(layer(), 0..2),
        prop::option::of(sided::side(one, callers, negated)),
        select(&["s3:GetObject", "s3:GetObject", "kms:Decrypt"][..]),
        select(asked),
    )
        .prop_map(
            |(identity, boundary, levels, side, action, resource)| Made {
                identity,
                boundary,
                levels,
                side,
                action,
                resource,
            },
        )
}

/// Policies whose decision can be tried out for every context.
pub(crate) fn plain() -> impl Strategy<Value = Made> {
    layers(
        plain_condition,
        &["*", "arn:aws:s3:::a/*"],
        &[Version::V2012],
        &["*", "arn:aws:s3:::a/x"],
        (&sided::CERTAIN, 0.0),
    )
    .prop_map(|made| match made.resource {
        // What AWS leaves open for narrower resources does not count in a complete context, where only the text `*` does.
        "*" => Made { side: None, ..made },
        _ => made,
    })
}

/// Policies of every kind.
pub(crate) fn anything() -> impl Strategy<Value = Made> {
    layers(
        any_condition,
        &[
            "*",
            "arn:aws:s3:::a/*",
            "arn:aws:s3:::${aws:username}/*",
            "arn:aws:s3:::${k, 'a'}/x",
        ],
        &[Version::V2012, Version::V2008],
        &["*", "arn:aws:s3:::a/x"],
        (&sided::ANY, 0.2),
    )
}

/// A deny of any kind.
pub(crate) fn deny() -> impl Strategy<Value = Statement> {
    let conditions = prop::collection::vec(any_condition(), 0..3);
    statement(
        Just(Effect::Deny),
        conditions,
        &["*", "arn:aws:s3:::a/*", "arn:aws:s3:::${aws:username}/*"],
    )
}

/// The values that stand for all values of a key under the plain conditions.
pub(crate) fn values(key: &str) -> &'static [&'static str] {
    match key {
        "aws:username" => &["true", "false"],
        "n" => &["-4", "-3.5", "-3", "0", "1", "1.5", "2", "3"],
        "ip" => &["9.9.9.9", "10.0.0.1", "10.1.0.1", "2001:db8::1"],
        _ => &["a", "aa", "b", "c", "a*", "*"],
    }
}

/// A context that knows some keys, some to be absent.
pub(crate) fn context() -> impl Strategy<Value = Context> {
    let said = KEYS.map(|key| {
        prop_oneof![
            Just(None),
            Just(Some(Vec::new())),
            prop::collection::vec(select(values(key)), 1..3).prop_map(Some),
        ]
    });
    (any::<bool>(), said).prop_map(|(complete, said)| {
        let mut context = if complete {
            Context::complete()
        } else {
            Context::partial()
        };
        for (key, values) in KEYS.into_iter().zip(said) {
            if let Some(values) = values {
                context.set(key, values);
            }
        }
        context
    })
}
