//! Made-up resource sides: policies whose statements name the caller in one manner or another.

use std::sync::Arc;

use iam::Policy;
use iam::evaluate::{Caller, ResourceSide};
use iam::policy::{Document, Effect, NamedPrincipal, Principals};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// What a request meets where the resource is.
#[derive(Clone, Debug)]
pub(crate) struct MadeSide {
    pub(crate) caller: &'static str,
    pub(crate) account: &'static str,
    pub(crate) policy: Vec<Document>,
    pub(crate) grants: Vec<Document>,
    pub(crate) levels: Vec<Vec<Document>>,
    pub(crate) endpoint: Vec<Document>,
}

/// Callers whose ARN says all.
pub(crate) const CERTAIN: [&str; 2] = [USER, SESSION];
/// Besides, a role of which nobody knows the session.
pub(crate) const ANY: [&str; 3] = [USER, SESSION, ROLE];

const USER: &str = "arn:aws:iam::123456789012:user/veeam";
const ROLE: &str = "arn:aws:iam::123456789012:role/Veeam";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/Veeam/worker";

impl MadeSide {
    /// All documents, layer by layer.
    pub(crate) fn layers(&mut self) -> impl Iterator<Item = &mut Vec<Document>> {
        let others = [&mut self.policy, &mut self.grants, &mut self.endpoint];
        self.levels.iter_mut().chain(others)
    }

    pub(crate) fn as_resource_side(&self) -> ResourceSide<'_> {
        let named = |layer: &str, list: &[Document]| -> Vec<Arc<str>> {
            let names = (0..list.len()).map(|at| format!("{layer}[{at}]").into());
            names.collect()
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
        let levels = self.levels.iter().enumerate();
        ResourceSide {
            account: self.account.parse().ok(),
            policy: bound(named("resource", &self.policy), &self.policy).pop(),
            grants: bound(named("grants", &self.grants), &self.grants),
            resource_control: levels
                .map(|(at, list)| bound(named(&format!("rcp[{at}]"), list), list))
                .collect(),
            endpoint: bound(named("endpoint", &self.endpoint), &self.endpoint).pop(),
            ..ResourceSide::of(Caller::parse(self.caller).unwrap())
        }
    }
}

/// Principals, of which some name one of the callers.
fn principals(negated: impl Strategy<Value = bool>) -> impl Strategy<Value = Principals> {
    let account = |text: &str| NamedPrincipal::Account(text.parse().unwrap());
    let entity = |text: &str| NamedPrincipal::Entity(text.parse().unwrap());
    let all = vec![
        NamedPrincipal::Everybody,
        account("123456789012"),
        account("999988887777"),
        entity(USER),
        entity(ROLE),
        entity("arn:aws:iam::123456789012:role/Other"),
        NamedPrincipal::RoleSession {
            account: "123456789012".parse().unwrap(),
            role: "Veeam".into(),
            session: "worker".into(),
        },
        NamedPrincipal::Other("backup.amazonaws.com".into()),
    ];
    (negated, subsequence(all, 1..4)).prop_map(|(negated, list)| Principals { negated, list })
}

fn with_principals(
    document: impl Strategy<Value = Document>,
    negated: f64,
) -> impl Strategy<Value = Document> {
    let principals = prop::collection::vec(principals(prop::bool::weighted(negated)), 4);
    (document, principals).prop_map(|(mut document, principals)| {
        for (statement, principals) in document.statements.iter_mut().zip(principals) {
            statement.principals = Some(Box::new(principals));
        }
        document
    })
}

/// Grants never deny.
fn allowing(mut grants: Vec<Document>) -> Vec<Document> {
    let statements = grants.iter_mut().flat_map(|grant| &mut grant.statements);
    statements.for_each(|statement| statement.effect = Effect::Allow);
    grants
}

/// A resource side of documents that are made by `document`, some of whose statements name whom they are not about.
pub(crate) fn side<D: Strategy<Value = Document> + 'static>(
    document: impl Fn() -> D,
    callers: &'static [&'static str],
    negated: f64,
) -> impl Strategy<Value = MadeSide> {
    let some = |most| prop::collection::vec(with_principals(document(), negated), 0..=most);
    let level = prop::collection::vec(document(), 1..3);
    (
        select(callers),
        select(&["123456789012", "123456789012", "999988887777"][..]),
        some(1),
        some(1).prop_map(allowing),
        prop::collection::vec(level, 0..2),
        prop::collection::vec(document(), 0..2),
    )
        .prop_map(
            |(caller, account, policy, grants, levels, endpoint)| MadeSide {
                caller,
                account,
                policy,
                grants,
                levels,
                endpoint,
            },
        )
}
