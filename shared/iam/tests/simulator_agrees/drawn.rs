//! What is drawn from the pools: accounts with policies, service control policies, and questions.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use iam::inventory::{Fault, Group, InlinePolicy, ManagedPolicy, PolicyText};
use iam::policy::{Condition, Doubt, Effect, Matches, Statement, Version};
use iam::{Context, Document, Inventory, Principal, Question};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::pools::{
    ACTIONS, ASKED, GROUPS, KEYS, MANAGED, OPERATORS, PATTERNS, PRINCIPALS, RESOURCES, VALUES,
};

fn texts(from: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<Box<str>>> {
    prop::collection::vec(select(from).prop_map(Box::from), 0..=most)
}

fn matches(from: &'static [&'static str]) -> impl Strategy<Value = Matches> {
    let negated = prop::bool::weighted(0.15);
    let several = prop::collection::vec(select(from).prop_map(Box::from), 1..=3);
    let patterns = prop_oneof![30 => several, 1 => Just(Vec::new())];
    (negated, patterns).prop_map(|(negated, patterns)| Matches { negated, patterns })
}

fn condition() -> impl Strategy<Value = Condition> {
    let quantifier = prop_oneof![
        6 => Just(""),
        1 => Just("ForAllValues:"),
        1 => Just("ForAnyValue:"),
    ];
    let suffix = prop_oneof![4 => Just(""), 1 => Just("IfExists")];
    (
        (quantifier, select(&OPERATORS[..]), suffix),
        select(&KEYS[..]),
        texts(&VALUES, 3),
    )
        .prop_map(|((quantifier, operator, suffix), key, values)| Condition {
            operator: format!("{quantifier}{operator}{suffix}").into(),
            key: key.into(),
            values,
        })
}

fn statement() -> impl Strategy<Value = Statement> {
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let conditions = prop_oneof![
        2 => Just(Vec::new()),
        2 => prop::collection::vec(condition(), 1..=2),
    ];
    let sid = prop::option::of(Just(Box::from("Named")));
    (
        sid,
        effect,
        matches(&PATTERNS),
        matches(&RESOURCES),
        conditions,
        doubt(),
    )
        .prop_map(
            |(sid, effect, action, resource, conditions, doubt)| Statement {
                sid,
                effect,
                action,
                resource,
                principals: None,
                conditions,
                doubt,
            },
        )
}

fn doubt() -> impl Strategy<Value = Option<Box<Doubt>>> {
    let doubt = |resources: &[&str]| {
        let resources = resources.iter().map(|one| (*one).into()).collect();
        let reason = "a part of it is not known".into();
        Some(Box::new(Doubt { reason, resources }))
    };
    prop_oneof![8 => Just(None), 1 => Just(doubt(&[])), 1 => Just(doubt(&["arn:aws:s3:::${Bucket}/*"]))]
}

fn document() -> impl Strategy<Value = Document> {
    let version = prop_oneof![4 => Just(Version::V2012), 1 => Just(Version::V2008)];
    let statements = prop::collection::vec(statement(), 0..=4);
    (version, statements).prop_map(|(version, statements)| Document {
        version,
        statements,
        notes: Vec::new(),
        characters: 0,
    })
}

fn everything() -> Document {
    Document::parse(r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#)
        .expect("a document")
}

fn text() -> impl Strategy<Value = PolicyText> {
    let fault = Fault {
        reason: "cut off".into(),
        line: 3,
        column: 1,
    };
    prop_oneof![
        2 => Just(Ok(everything())),
        20 => document().prop_map(Ok),
        1 => Just(Err(fault)),
    ]
    .prop_map(Arc::new)
}

fn inline() -> impl Strategy<Value = Vec<InlinePolicy>> {
    prop::collection::vec(text(), 0..=2).prop_map(|texts| {
        let named = texts.into_iter().zip(["first", "second"]);
        named
            .map(|(document, name)| InlinePolicy {
                name: name.into(),
                document,
            })
            .collect()
    })
}

fn some(from: &'static [&'static str]) -> impl Strategy<Value = Vec<Box<str>>> {
    subsequence(from, 0..=2).prop_map(|some| some.into_iter().map(Box::from).collect())
}

fn principal(arn: &'static str) -> impl Strategy<Value = Principal> {
    let boundary = prop::option::weighted(0.3, select(&MANAGED[..]).prop_map(Box::from));
    let tags = subsequence(
        vec![("team", "blue"), ("Team", "backups"), ("owner", "eu-*")],
        0..=2,
    );
    (inline(), some(&MANAGED), some(&GROUPS), boundary, tags).prop_map(
        move |(inline, attached, groups, boundary, tags)| Principal {
            arn: arn.parse().expect("a principal"),
            id: "AIDA0".into(),
            created: "".into(),
            tags: tags
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
            inline,
            attached,
            groups: if arn.contains(":user/") {
                groups
            } else {
                Vec::new()
            },
            boundary,
            trust: None,
            instance_profiles: Vec::new(),
            unsettled: Vec::new(),
        },
    )
}

pub(crate) fn inventory() -> impl Strategy<Value = Inventory> {
    let policies = prop::collection::vec(text(), 4);
    let groups = prop::collection::vec((inline(), some(&MANAGED)), 2);
    (PRINCIPALS.map(principal), policies, groups).prop_map(|(principals, policies, groups)| {
        let policies: HashMap<Box<str>, ManagedPolicy> = MANAGED
            .into_iter()
            .zip(policies)
            .map(|(arn, document)| {
                let policy = ManagedPolicy {
                    name: "policy".into(),
                    version: "v1".into(),
                    newest: "v1".into(),
                    document,
                };
                (arn.into(), policy)
            })
            .collect();
        let groups: BTreeMap<Box<str>, Group> = GROUPS
            .into_iter()
            .zip(groups)
            .map(|(name, (inline, attached))| (name.into(), Group { inline, attached }))
            .collect();
        Inventory {
            principals: principals.into(),
            groups,
            policies,
            ..Inventory::default()
        }
    })
}

fn context() -> impl Strategy<Value = Context> {
    let entry = (select(&KEYS[..]), texts(&VALUES, 2));
    let entries = prop::collection::vec(entry, 0..=4);
    (prop::bool::weighted(0.35), entries).prop_map(|(complete, entries)| {
        let mut context = if complete {
            Context::complete()
        } else {
            Context::partial()
        };
        for (key, values) in entries {
            context.set(key, values);
        }
        context
    })
}

pub(crate) fn question() -> impl Strategy<Value = Question> {
    // Mostly sorted and known; sometimes an action that was not announced, or a list in no order.
    let sorted = subsequence(&ACTIONS[..], 1..=ACTIONS.len());
    let all = Just(ACTIONS.to_vec());
    let odd = Just(vec!["s3:PutObject", "dynamodb:GetItem", "ec2:CreateTags"]);
    let actions = prop_oneof![4 => all, 4 => sorted, 1 => odd];
    (select(&ASKED[..]), context(), actions).prop_map(|(resource, context, actions)| Question {
        resource: resource.into(),
        context: context.into(),
        actions: actions
            .into_iter()
            .map(|name| name.parse().expect("an action"))
            .collect(),
    })
}

/// Levels of documents, some of them unreadable, and whether the account is the management account.
pub(crate) fn service_control() -> impl Strategy<Value = (Vec<Vec<PolicyText>>, bool)> {
    let open = Just(Arc::new(Ok(everything())));
    let one = prop_oneof![2 => open, 2 => text()];
    let level = prop::collection::vec(one, 0..=2);
    let levels = prop_oneof![
        2 => Just(Vec::new()),
        3 => prop::collection::vec(level, 1..=3),
    ];
    (levels, prop::bool::weighted(0.1))
}
