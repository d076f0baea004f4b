//! The bulk simulator decides many actions of many principals at once. Does it say of every single one what `evaluate`
//! says?
//!
//! Accounts, policies and questions are drawn from small pools, so that patterns, keys and values meet often.

#![expect(clippy::expect_used, reason = "a test that cannot go on stops")]

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use iam::inventory::{Fault, Group, InlinePolicy, ManagedPolicy, PolicyText};
use iam::policy::{Condition, Doubt, Effect, Matches, Statement, Version};
use iam::simulator::{ServiceControl, Simulator, layers, request_context};
use iam::{Context, Decision, Document, Inventory, Policy, Principal, Question, Request, evaluate};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const ACTIONS: [&str; 14] = [
    "ec2:CreateSnapshot",
    "ec2:CreateTags",
    "ec2:DeleteSnapshot",
    "ec2:DescribeVolumes",
    "iam:GetRole",
    "iam:PassRole",
    "kms:Decrypt",
    "kms:DescribeKey",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:PutObject",
    "ssm:SendCommand",
    "sts:GetCallerIdentity",
];

const PATTERNS: [&str; 20] = [
    "*",
    "*:*",
    "ec2:*",
    "EC2:Create*",
    "ec2:createsnapshot",
    "s3:Get*",
    "s3:*Object",
    "s3:?etObject",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:",
    "kms:De*",
    "*:*e*s",
    "iam:PassRole",
    "iam:*Role",
    "ssm:SendCommand ",
    "s?:*",
    "sts:*",
    "dynamodb:*",
    "\u{212a}ms:decrypt",
];

const RESOURCES: [&str; 18] = [
    "*",
    "*",
    "*",
    "**",
    "arn:aws:s3:::backups",
    "arn:aws:s3:::backups/*",
    "arn:aws:s3:::backups-?/*",
    "arn:aws:s3:::${aws:username}",
    "arn:aws:s3:::${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'backups'}/*",
    "arn:aws:s3:::${aws:RequestTag/owner}",
    "arn:aws:s3:::${ec2:Owner, 'backups'}*",
    "arn:aws:s3:::${*}",
    "arn:aws:ec2:*",
    "arn:aws:ec2:eu-west-1:111122223333:volume/${aws:userid}",
    "arn:*",
    "${aws:username}",
    "*${aws:PrincipalTag/none}",
];

const ASKED: [&str; 8] = [
    "*",
    "*",
    "*",
    "arn:aws:s3:::backups",
    "arn:aws:s3:::backups/key",
    "arn:aws:s3:::blue/key",
    "arn:aws:s3:::ada",
    "arn:aws:ec2:eu-west-1:111122223333:volume/AIDA0",
];

const KEYS: [&str; 15] = [
    "aws:RequestedRegion",
    "AWS:requestedregion",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:SecureTransport",
    "aws:PrincipalArn",
    "aws:PrincipalTag/team",
    "aws:PrincipalTag/Team",
    "aws:PrincipalTag/none",
    "aws:username",
    "aws:userid",
    "aws:MultiFactorAuthPresent",
    "aws:TagKeys",
    "ec2:Owner",
    "s3:max-keys",
];

const OPERATORS: [&str; 29] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
    "stringequals",
    "StringMatches",
];

const VALUES: [&str; 22] = [
    "eu-west-1",
    "eu-*",
    "us-east-1",
    "203.0.113.0/24",
    "203.0.113.7",
    "2026-01-01T00:00:00Z",
    "2020-01-01",
    "1600000000",
    "true",
    "false",
    "10",
    "1.5e1",
    "blue",
    "Blue",
    "b*",
    "${aws:PrincipalTag/team}",
    "${aws:username}",
    "${aws:RequestTag/owner}",
    "${ec2:Owner, 'blue'}",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::*:role/path/bob",
    "",
];

const MANAGED: [&str; 5] = [
    "arn:aws:iam::aws:policy/A",
    "arn:aws:iam::aws:policy/B",
    "arn:aws:iam::111122223333:policy/C",
    "arn:aws:iam::111122223333:policy/D",
    "arn:aws:iam::111122223333:policy/NotListed",
];

const GROUPS: [&str; 3] = ["Ops", "Backup", "NotListed"];

const PRINCIPALS: [&str; 4] = [
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/Linked",
    "arn:aws:iam::111122223333:role/path/bob",
    "arn:aws:iam::111122223333:user/ada",
    "arn:aws:iam::111122223333:user/path/backups",
];

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

fn inventory() -> impl Strategy<Value = Inventory> {
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

fn question() -> impl Strategy<Value = Question> {
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
fn service_control() -> impl Strategy<Value = (Vec<Vec<PolicyText>>, bool)> {
    let open = Just(Arc::new(Ok(everything())));
    let one = prop_oneof![2 => open, 2 => text()];
    let level = prop::collection::vec(one, 0..=2);
    let levels = prop_oneof![
        2 => Just(Vec::new()),
        3 => prop::collection::vec(level, 1..=3),
    ];
    (levels, prop::bool::weighted(0.1))
}

fn policies(level: &[PolicyText]) -> Vec<Policy<'_>> {
    let numbered = level.iter().enumerate();
    numbered
        .map(|(at, text)| Policy {
            name: format!("scp-{at}.json").into(),
            document: text.as_ref().as_ref(),
        })
        .collect()
}

#[track_caller]
fn check(
    inventory: &Inventory,
    levels: &[Vec<PolicyText>],
    management_account: bool,
    questions: &[Question],
) {
    let service_control = ServiceControl {
        levels: levels.iter().map(|level| policies(level)).collect(),
        management_account,
    };
    // The last question comes unannounced.
    let announced = questions.iter().take(questions.len().max(2) - 1);
    let mut simulator = Simulator::new(inventory, service_control.clone(), announced);
    let prepared = simulator.prepare(questions);
    for principal in &inventory.principals {
        let groups = simulator.decide(principal, &prepared);
        let layers = layers(inventory, principal, &service_control);
        for (asked, question) in questions.iter().enumerate() {
            let mine: Vec<_> = groups
                .iter()
                .filter(|group| group.question == asked)
                .collect();
            let first = |group: &&iam::Group| group.actions.first().copied();
            assert!(mine.iter().is_sorted_by_key(first), "{mine:#?}");
            let context = request_context(principal, &question.context);
            for (at, action) in question.actions.iter().enumerate() {
                let request = Request {
                    principal: Some(&principal.arn),
                    action,
                    resource: &question.resource,
                    context: &context,
                };
                let expected = evaluate(&layers, &request);
                let mut found = mine
                    .iter()
                    .filter(|group| group.actions.iter().any(|one| usize::from(*one) == at))
                    .map(|group| &group.outcome);
                let expected = Some(&expected).filter(|one| one.decision != Decision::Allowed);
                assert_eq!(found.next(), expected, "{}: {action}", principal.arn);
                assert_eq!(
                    found.next(),
                    None,
                    "{}: {action} is in two groups",
                    principal.arn
                );
            }
            for (at, group) in mine.iter().enumerate() {
                let later = mine.iter().skip(at + 1);
                assert!(
                    later.clone().all(|other| other.outcome != group.outcome),
                    "{mine:#?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn bulk_and_single_decisions_agree(
        inventory in inventory(),
        (levels, management_account) in service_control(),
        questions in prop::collection::vec(question(), 1..=3),
    ) {
        check(&inventory, &levels, management_account, &questions);
    }
}
