//! The plain evaluator: what holds of an action, by trying every resource and everything that a request can bear?

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::principals::ACCOUNT;

pub(super) const OTHER: &str = "999988887777";
pub(super) const REGION: &str = "eu-west-1";

/// The kinds of resource that a request of an action has, each with resources that stand for all there can be: the patterns
/// below are made of the letters `p` and `q`, so `x` is a name that none of them asks for.
pub(super) static UNIVERSE: LazyLock<HashMap<&str, Vec<Vec<String>>>> = LazyLock::new(|| {
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
    let points = [
        format!("arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:"),
        format!("arn:aws:fsx:{REGION}:{ACCOUNT}:backup/backup-"),
        format!("arn:aws:redshift:{REGION}:{ACCOUNT}:snapshot:c/"),
        format!("arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:snapshot/"),
    ];
    HashMap::from([
        (
            "backup:DeleteRecoveryPoint",
            points.map(|prefix| of(&prefix)).into(),
        ),
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

const RESOURCES: [&str; 33] = [
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
    "arn:aws:fsx:*:*:backup/*",
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
pub(super) struct Statement {
    pub(super) allow: bool,
    not_action: bool,
    actions: Vec<&'static str>,
    not_resource: bool,
    resources: Vec<&'static str>,
    condition: Option<Condition>,
}

/// Numbers that look random and are the same in each run.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }

    pub(super) fn statement(&mut self) -> Statement {
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

    pub(super) fn layer(&mut self) -> Vec<Statement> {
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
        self.actions.iter().any(is_action) != self.not_action
            && self.resources.iter().any(is_resource) != self.not_resource
            && self
                .condition
                .is_none_or(|condition| holds(condition, bears))
    }

    pub(super) fn json(&self) -> String {
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
pub(super) enum Judged {
    Held,
    Unknown,
    Missing,
}

/// What holds of an action, by trying everything.
pub(super) fn plainly(layers: &[Vec<Statement>], action: &str) -> Judged {
    let kinds = &UNIVERSE[action];
    let judged = kinds
        .iter()
        .map(|resources| of_kind(layers, action, resources));
    // Which of them a recovery point is, nobody knows; else a request has a resource of each kind.
    let alternatives = action == "backup:DeleteRecoveryPoint";
    judged
        .reduce(|one, other| match alternatives {
            true if one != other => Judged::Unknown,
            true => one,
            false => one.max(other),
        })
        .unwrap()
}

fn of_kind(layers: &[Vec<Statement>], action: &str, resources: &[String]) -> Judged {
    let mut denied = true;
    for resource in resources {
        let all = possible(action, resource);
        let mut allowed = all
            .iter()
            .map(|&bears| allows(layers, action, resource, bears));
        let first = allowed.next().unwrap();
        let settled = allowed.all(|one| one == first);
        if settled && first {
            return Judged::Held;
        }
        denied &= settled && !first;
    }
    match denied {
        true => Judged::Missing,
        false => Judged::Unknown,
    }
}
