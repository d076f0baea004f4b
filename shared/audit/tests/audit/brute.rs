//! Brute force: does an audit say of random accounts what a plain evaluator finds by trying every resource?
//!
//! Nothing here is shared with the audit: patterns, statements, layers, kinds of resource and unknown keys are evaluated once
//! more, as slowly and plainly as that can be done. `PERMDRIFT_BRUTE_ACCOUNTS` says how many accounts are tried; a few hundred
//! are where it is not set.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use audit::{Asked, Settings};
use catalog::{Catalog, SetFile};
use iam::inventory::{InlinePolicy, ManagedPolicy};
use iam::{Document, Inventory, Policy, ServiceControl};

use crate::phases::looked;
use crate::principals::{ACCOUNT, account, at, inventory, principal, role};

const SETS: &str = r#"
[[action-set]]
id = "brute"
title = "Brute"
operation = "Try."
impact = "None."
severity = "high"
principal = "role"
lifetime = "standing"
actions = [
  "backup:DeleteRecoveryPoint",
  "ec2:CreateSnapshot",
  "ec2:CreateTags",
  "ec2:DeleteSnapshot",
  "ec2:DescribeRegions",
  "iam:PassRole",
  "kms:Decrypt",
  "s3:GetObject",
  "s3:ListBucket",
]
[[action-set.source]]
page = "https://example.com/brute"
date = "2026-01-01"
build = "1"
"#;

const OTHER: &str = "999988887777";
const REGION: &str = "eu-west-1";

/// The kinds of resource that a request of an action has, each with resources that stand for all there can be: the patterns
/// below are made of the letters `p` and `q`, so `x` is a name that none of them asks for.
static UNIVERSE: LazyLock<HashMap<&str, Vec<Vec<String>>>> = LazyLock::new(|| {
    let short = words(2);
    let long = words(4);
    let of = |prefix: &str| -> Vec<String> {
        long.iter().map(|name| format!("{prefix}{name}")).collect()
    };
    let snapshots = of(&format!("arn:aws:ec2:{REGION}::snapshot/snap-"));
    let volumes = of(&format!("arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-"));
    let instances = of(&format!("arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-"));
    let buckets = of("arn:aws:s3:::");
    let mut objects = Vec::new();
    for bucket in &long {
        for key in &short {
            objects.push(format!("arn:aws:s3:::{bucket}/{key}"));
        }
    }
    let mut keys = of(&format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/"));
    for account in [OTHER, "444455556666"] {
        keys.extend(of(&format!("arn:aws:kms:{REGION}:{account}:key/")));
    }
    let roles = of(&format!("arn:aws:iam::{ACCOUNT}:role/"));
    let mut points = of(&format!(
        "arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:"
    ));
    points.extend(of(&format!(
        "arn:aws:fsx:{REGION}:{ACCOUNT}:backup/backup-"
    )));
    HashMap::from([
        ("backup:DeleteRecoveryPoint", vec![points]),
        (
            "ec2:CreateSnapshot",
            vec![snapshots.clone(), volumes.clone()],
        ),
        (
            "ec2:CreateTags",
            vec![snapshots.clone(), volumes, instances],
        ),
        ("ec2:DeleteSnapshot", vec![snapshots]),
        ("ec2:DescribeRegions", vec![vec!["*".to_owned()]]),
        ("iam:PassRole", vec![roles]),
        ("kms:Decrypt", vec![keys]),
        ("s3:GetObject", vec![objects]),
        ("s3:ListBucket", vec![buckets]),
    ])
});

/// Every word of so many letters at most.
fn words(most: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..most {
        last = last
            .iter()
            .flat_map(|word| ["p", "q", "x"].map(|letter| format!("{word}{letter}")))
            .collect();
        all.extend(last.iter().cloned());
    }
    all.remove(0);
    all
}

const RESOURCES: [&str; 32] = [
    "*",
    "*",
    "*",
    "arn:*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::p*",
    "arn:aws:s3:::*q",
    "arn:aws:s3:::p",
    "arn:aws:s3:::?",
    "arn:aws:s3:::p/*",
    "arn:aws:s3:::p*/*",
    "arn:aws:s3:::*/q*",
    "arn:aws:s3:::q?/p",
    "arn:aws:s3:::${aws:PrincipalTag/team}",
    "arn:aws:s3:::${aws:PrincipalTag/team}/*",
    "arn:aws:s3:::${aws:PrincipalTag/none}*",
    "arn:aws:ec2:*:*:*",
    "arn:aws:ec2:*:*:volume/*",
    "arn:aws:ec2:*:*:volume/vol-q*",
    "arn:aws:ec2:*:999988887777:volume/*",
    "arn:aws:ec2:*:*:instance/*",
    "arn:aws:ec2:*::snapshot/*",
    "arn:aws:ec2:eu-*::snapshot/snap-p*",
    "arn:aws:ec2:*::snapshot/*q",
    "arn:aws:ec2:us-east-1:*:*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:kms:*:111122223333:key/p",
    "arn:aws:kms:eu-west-1:999988887777:key/*",
    "arn:aws:iam::*:role/p*",
    "arn:aws:iam::111122223333:role/*q",
    "arn:aws:backup:*:*:recovery-point:*",
    "arn:aws:backup:*:*:backup-vault:*",
];

const ACTIONS: [&str; 12] = [
    "*",
    "*",
    "*",
    "s3:*",
    "s3:Get*",
    "ec2:*",
    "ec2:Create*",
    "ec2:*Snapshot",
    "kms:*",
    "iam:PassRole",
    "backup:*",
    "ec2:DescribeRegions",
];

/// Operator, key, value.
type Condition = (&'static str, &'static str, &'static str);

const CONDITIONS: [Condition; 7] = [
    ("StringEquals", "aws:SourceVpc", "v"),
    ("StringNotEquals", "aws:SourceVpc", "v"),
    ("StringEquals", "aws:RequestedRegion", REGION),
    ("StringNotEquals", "aws:RequestedRegion", REGION),
    ("StringEquals", "aws:ResourceAccount", ACCOUNT),
    ("StringNotEquals", "aws:ResourceAccount", ACCOUNT),
    ("StringEquals", "aws:TagKeys", "k"),
];

#[derive(Clone, Debug)]
struct Statement {
    allow: bool,
    not_action: bool,
    actions: Vec<&'static str>,
    not_resource: bool,
    resources: Vec<&'static str>,
    condition: Option<Condition>,
}

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }

    fn statement(&mut self) -> Statement {
        let several = |dice: &mut Self, from: &[&'static str]| -> Vec<&'static str> {
            (0..=dice.roll(3)).map(|_| dice.pick(from)).collect()
        };
        let actions = several(self, &ACTIONS);
        let not_resource = self.roll(6) == 0;
        let mut resources = several(self, &RESOURCES);
        if not_resource {
            // AWS does not say what a `NotResource` excludes whose variable has no value.
            resources.retain(|one| !one.contains("none"));
            resources.push("arn:aws:s3:::q");
        }
        let not_action = self.roll(8) == 0 && !actions.contains(&"*");
        Statement {
            allow: self.roll(3) > 0,
            not_action,
            actions,
            not_resource,
            resources,
            condition: (self.roll(3) == 0).then(|| self.pick(&CONDITIONS)),
        }
    }

    fn layer(&mut self) -> Vec<Statement> {
        let mut statements: Vec<Statement> = (0..=self.roll(3)).map(|_| self.statement()).collect();
        if self.roll(2) == 0 {
            statements.push(Statement {
                allow: true,
                not_action: false,
                actions: vec!["*"],
                not_resource: false,
                resources: vec!["*"],
                condition: None,
            });
        }
        statements
    }
}

/// What one request bears; the keys that nobody knows have a value here.
#[derive(Clone, Copy)]
struct Bears<'a> {
    region: &'a str,
    source_vpc: Option<&'a str>,
    resource_account: &'a str,
    tag_key: Option<&'a str>,
}

/// Everything that a request about a resource can bear.
fn possible<'a>(action: &str, resource: &'a str) -> Vec<Bears<'a>> {
    let written = resource.split(':').nth(4).unwrap_or_default();
    let accounts = match written {
        "" => vec![ACCOUNT, OTHER],
        one => vec![one],
    };
    let takes_tags = ["ec2:CreateSnapshot", "ec2:CreateTags"].contains(&action);
    let tags: &[Option<&str>] = match takes_tags {
        true => &[None, Some("k"), Some("other")],
        false => &[None],
    };
    // IAM has one endpoint for all regions.
    let region = match action.starts_with("iam:") {
        true => "us-east-1",
        false => REGION,
    };
    let mut all = Vec::new();
    for source_vpc in [None, Some("v"), Some("w")] {
        for &resource_account in &accounts {
            for &tag_key in tags {
                all.push(Bears {
                    region,
                    source_vpc,
                    resource_account,
                    tag_key,
                });
            }
        }
    }
    all
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), Some((_, others))) => matches(rest, text) || matches(pattern, others),
        (Some((b'*', rest)), None) => matches(rest, text),
        (Some((b'?', rest)), Some((_, others))) => matches(rest, others),
        (Some((one, rest)), Some((other, others))) => one == other && matches(rest, others),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

impl Statement {
    fn applies(&self, action: &str, resource: &str, bears: Bears<'_>) -> bool {
        let is_action = |pattern: &&str| matches(pattern.as_bytes(), action.as_bytes());
        let is_resource = |pattern: &&str| {
            // The principal has the tag `team`, whose value is `p`, and not the tag `none`.
            let pattern = pattern.replace("${aws:PrincipalTag/team}", "p");
            let nothing = pattern.contains("${");
            let is_text = resource == "*";
            !nothing
                && match is_text {
                    true => pattern == "*",
                    false => matches(pattern.as_bytes(), resource.as_bytes()),
                }
        };
        self.actions.iter().any(|one| is_action(one)) != self.not_action
            && self.resources.iter().any(|one| is_resource(one)) != self.not_resource
            && self
                .condition
                .is_none_or(|condition| holds(condition, bears))
    }

    fn json(&self) -> String {
        let list = |texts: &[&str]| {
            let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            quoted.join(",")
        };
        let effect = if self.allow { "Allow" } else { "Deny" };
        let action = if self.not_action {
            "NotAction"
        } else {
            "Action"
        };
        let resource = if self.not_resource {
            "NotResource"
        } else {
            "Resource"
        };
        let (actions, resources) = (list(&self.actions), list(&self.resources));
        let mut text =
            format!(r#"{{"Effect":"{effect}","{action}":[{actions}],"{resource}":[{resources}]"#);
        if let Some((operator, key, value)) = self.condition {
            write!(
                text,
                r#","Condition":{{"{operator}":{{"{key}":"{value}"}}}}"#
            )
            .unwrap();
        }
        text + "}"
    }
}

fn holds((operator, key, value): Condition, bears: Bears<'_>) -> bool {
    let found = match key {
        "aws:SourceVpc" => bears.source_vpc,
        "aws:ResourceAccount" => Some(bears.resource_account),
        "aws:TagKeys" => bears.tag_key,
        _ => Some(bears.region),
    };
    match operator {
        "StringEquals" => found == Some(value),
        _ => found != Some(value),
    }
}

fn allows(layers: &[Vec<Statement>], action: &str, resource: &str, bears: Bears<'_>) -> bool {
    let mut all = layers.iter().flatten();
    let is_denied = all.any(|one| !one.allow && one.applies(action, resource, bears));
    let has_allow = |layer: &Vec<Statement>| {
        let mut statements = layer.iter();
        statements.any(|one| one.allow && one.applies(action, resource, bears))
    };
    !is_denied && layers.iter().all(has_allow)
}

/// From good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Judged {
    Held,
    Unknown,
    Missing,
}

/// What holds of an action, by trying everything.
fn plainly(layers: &[Vec<Statement>], action: &str) -> Judged {
    let kinds = &UNIVERSE[action];
    let mut unknown = false;
    for resources in kinds {
        let mut held = false;
        let mut denied = true;
        for resource in resources {
            let all = possible(action, resource);
            let mut allowed = all
                .iter()
                .map(|&bears| allows(layers, action, resource, bears));
            let first = allowed.next().unwrap();
            let settled = allowed.all(|one| one == first);
            held |= settled && first;
            denied &= settled && !first;
            if held {
                break;
            }
        }
        if denied {
            return Judged::Missing;
        }
        unknown |= !held;
    }
    match unknown {
        true => Judged::Unknown,
        false => Judged::Held,
    }
}

fn document(statements: &[Statement]) -> Document {
    let texts: Vec<String> = statements.iter().map(Statement::json).collect();
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        texts.join(",")
    );
    Document::parse(&text).unwrap()
}

/// What an audit says of each action.
fn audited(
    identity: &[Statement],
    boundary: Option<&Vec<Statement>>,
    levels: &[Vec<Statement>],
) -> HashMap<String, Judged> {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let file = SetFile {
            file: "sets",
            text: SETS,
        };
        Catalog::embedded().with_own_sets(&[file]).unwrap()
    });
    let mut one = principal(role("r"), &[("action-sets", "brute"), ("regions", REGION)]);
    one.tags.push(("team".into(), "p".into()));
    one.inline.push(InlinePolicy {
        name: "p".into(),
        document: Arc::new(Ok(document(identity))),
    });
    one.boundary = boundary.map(|_| "B".into());
    let bounds = boundary.map(|statements| {
        let policy = ManagedPolicy {
            name: "B".into(),
            version: "v1".into(),
            newest: "v1".into(),
            document: Arc::new(Ok(document(statements))),
        };
        ("B".into(), policy)
    });
    let here = Inventory {
        policies: bounds.into_iter().collect(),
        ..inventory(vec![one])
    };
    let documents: Vec<Document> = levels.iter().map(|level| document(level)).collect();
    let levels = documents.iter().map(|document| {
        vec![Policy {
            name: "S".into(),
            document: Ok(document),
        }]
    });
    let above = ServiceControl {
        levels: levels.collect(),
        management_account: false,
    };
    let settings = Settings::default();
    let asked = Asked {
        account: Some(account()),
        ..Asked::new(&CATALOG, &settings, at("2026-03-01T00:00:00Z"))
    };
    let found = looked(&here, &asked, above).assessment;
    let verdict = &found.verdicts[0];
    let mut judged: HashMap<String, Judged> = UNIVERSE
        .keys()
        .map(|action| ((*action).to_owned(), Judged::Held))
        .collect();
    let missing = verdict.missing.iter().flat_map(|one| &one.places);
    let unknown = verdict.unknown.iter().flat_map(|one| &one.places);
    let missing = missing.map(|place| (place, Judged::Missing));
    let unknown = unknown.map(|place| (place, Judged::Unknown));
    for (place, how) in missing.chain(unknown) {
        for action in place.actions(&verdict.requirement) {
            judged.insert(action.as_str().to_owned(), how);
        }
    }
    judged
}

#[test]
fn one_more_deny_never_makes_a_verdict_better() {
    let mut dice = Dice(2);
    for number in 0..100 {
        let mut identity = dice.layer();
        let levels = vec![dice.layer()];
        let before = audited(&identity, None, &levels);
        let deny = Statement {
            allow: false,
            ..dice.statement()
        };
        identity.push(deny);
        for (action, after) in audited(&identity, None, &levels) {
            assert!(
                after >= before[&action],
                "account {number}, {action}: {identity:?}"
            );
        }
    }
}

#[test]
fn an_audit_says_what_trying_every_resource_finds() {
    let accounts = std::env::var("PERMDRIFT_BRUTE_ACCOUNTS");
    let accounts: usize = accounts.map_or(150, |count| count.parse().unwrap());
    let mut dice = Dice(1);
    let mut counts: HashMap<(&str, &str), usize> = HashMap::new();
    for number in 0..accounts {
        let identity = dice.layer();
        let boundary = (dice.roll(3) == 0).then(|| dice.layer());
        let levels: Vec<Vec<Statement>> = (0..dice.roll(3)).map(|_| dice.layer()).collect();
        let judged = audited(&identity, boundary.as_ref(), &levels);
        let layers: Vec<Vec<Statement>> = std::iter::once(identity)
            .chain(boundary)
            .chain(levels)
            .collect();
        for (action, audited) in judged {
            let expected = plainly(&layers, &action);
            let shown: Vec<Vec<String>> = layers
                .iter()
                .map(|layer| layer.iter().map(Statement::json).collect())
                .collect();
            assert_eq!(audited, expected, "account {number}, {action}: {shown:#?}");
            let name = match expected {
                Judged::Held => "held",
                Judged::Missing => "missing",
                Judged::Unknown => "unknown",
            };
            *counts.entry(("decisions", name)).or_default() += 1;
        }
    }
    // A test in which everything comes out the same finds nothing.
    let decisions = |name| counts.get(&("decisions", name)).copied().unwrap_or(0);
    for name in ["held", "missing", "unknown"] {
        assert!(decisions(name) * 20 > accounts, "{counts:?}");
    }
}
