//! Brute force: does an audit say of random accounts what a plain evaluator finds by trying every resource?
//!
//! Nothing here is shared with the audit: patterns, statements, layers, kinds of resource and unknown keys are evaluated once
//! more, as slowly and plainly as that can be done. `PERMDRIFT_BRUTE_ACCOUNTS` says how many accounts are tried; a few hundred
//! are where it is not set.

mod oracle;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use audit::{Asked, Settings};
use catalog::{Catalog, SetFile};
use iam::inventory::{InlinePolicy, ManagedPolicy};
use iam::{Document, Inventory, Policy, ServiceControl};

use crate::phases::looked;
use crate::principals::{account, at, inventory, principal, role};

use oracle::{Dice, Judged, REGION, Statement, UNIVERSE, plainly};

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
        let mut deny = dice.statement();
        deny.allow = false;
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
