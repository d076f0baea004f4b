//! Declaring: which keys, buckets and vaults do tags name, and what is asked about them?

use std::sync::Arc;

use audit::requirement::{Need, Requirement};
use audit::resources::{Key, KeyMetadata, NamedResource, Reading, Region, Resources};
use audit::{Bound, Saved, Selection, Settings, look};
use futures_util::FutureExt as _;
use iam::{Known, PrincipalArn, ServiceControl};

use crate::phases::{asked, listed};
use crate::principals::{inventory, principal, role, user};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";
const FOREIGN: &str = "arn:aws:kms:eu-west-1:999900001111:key/k";

fn bound(arn: PrincipalArn, tags: &[(&str, &str)], settings: &str) -> Bound {
    let settings = Settings::parse(settings).unwrap();
    let asked = asked(&settings, "2026-11-01T06:00:00Z", &Selection::default());
    listed(&inventory(vec![principal(arn, tags)]), &asked).bound
}

#[track_caller]
fn requirement(tags: &[(&str, &str)]) -> Arc<Requirement> {
    let bound = bound(role("a"), tags, "");
    assert_eq!(bound.faults, []);
    Arc::clone(&bound.subjects[0].requirements[0])
}

/// The checks on keys, each as `who calls: actions`, `?` behind an action of which nobody knows whether it is needed.
fn key_checks(requirement: &Requirement) -> Vec<String> {
    let checks = requirement.checks.iter();
    let of_keys = checks.filter(|check| check.question.resource.contains(":key/"));
    let lines = of_keys.map(|check| {
        let via = match check.question.context.get("kms:ViaService") {
            Known::Values(values) => values.join(" "),
            Known::Absent => "itself".to_owned(),
            Known::Unknown => "unknown".to_owned(),
        };
        let grant = match check.question.context.get("kms:GrantIsForAWSResource") {
            Known::Values(_) => " for AWS",
            Known::Absent | Known::Unknown => "",
        };
        let actions = check.question.actions.iter().zip(check.needs.iter());
        let actions = actions.map(|(action, need)| match need {
            Need::Required => action.as_str().to_owned(),
            Need::Optional(_) | Need::Asked(_) => format!("{action}?"),
        });
        format!("{via}{grant}: {}", actions.collect::<Vec<_>>().join(" "))
    });
    lines.collect()
}

#[track_caller]
fn asks(tags: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(key_checks(&requirement(tags)), expected);
}

#[test]
fn what_an_operation_needs_of_a_key_is_asked_as_its_service_asks() {
    asks(
        &[
            ("action-sets", "vbaws-role-worker-deployment"),
            ("source-key", KEY),
        ],
        &[
            "ec2.eu-west-1.amazonaws.com: kms:Decrypt kms:DescribeKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo",
            "ec2.eu-west-1.amazonaws.com for AWS: kms:CreateGrant",
        ],
    );
    asks(
        &[
            ("action-sets", "vbaws-role-repository"),
            ("repository-key", KEY),
        ],
        &["itself: kms:Decrypt kms:DescribeKey kms:Encrypt"],
    );
    asks(
        &[
            ("action-sets", "vbaws-role-fsx-restore"),
            ("target-key", KEY),
        ],
        &[
            "unknown: kms:DescribeKey",
            "unknown for AWS: kms:CreateGrant",
        ],
    );
}

#[test]
fn a_key_is_asked_about_only_where_the_set_works_with_it() {
    let tags = [
        ("action-sets", "vbaws-role-repository"),
        ("source-key", KEY),
    ];
    let bound = bound(role("a"), &tags, "");
    assert_eq!(key_checks(&bound.subjects[0].requirements[0]), [""; 0]);
    let faults = bound.faults.iter();
    let faults: Vec<String> = faults
        .map(|fault| format!("{}: {}", fault.place, fault.kind))
        .collect();
    let unused = "veeam:source-key: no operation of its action sets works with such a key, so the key is not checked";
    assert_eq!(faults, [unused]);
}

#[test]
fn whoever_declares_the_key_of_a_repository_encrypts_it() {
    let set = ("action-sets", "vbaws-role-repository");
    let requirement = requirement(&[set, ("repository-key", KEY)]);
    let needs = requirement.checks.iter().flat_map(|check| &*check.needs);
    assert_eq!(
        needs.filter(|need| matches!(need, Need::Asked(_))).count(),
        0
    );
}

#[test]
fn a_declared_key_beats_the_answer_for_all() {
    let set = ("action-sets", "vbaws-role-repository");
    let tags = [set, ("repository-key", KEY)];
    let alone = key_checks(&bound(role("a"), &tags, "").subjects[0].requirements[0]);
    assert!(!alone.is_empty());
    for settings in [
        "[answers]\nkms-encrypted-repository = false",
        "[[bind]]\nprincipal = '*'\naction-sets = ['vbaws-role-repository']\nanswers = { kms-encrypted-repository = false }",
    ] {
        let bound = bound(role("a"), &tags, settings);
        assert_eq!(key_checks(&bound.subjects[0].requirements[0]), alone);
        assert_eq!(bound.faults, []);
    }
}

#[test]
fn a_key_and_the_answer_that_there_is_none_are_a_contradiction() {
    let set = ("action-sets", "vbaws-role-repository");
    let key = ("repository-key", KEY);
    let answered = ("kms-encrypted-repository", "No");
    let binding = format!(
        "[[bind]]\nprincipal = '*'\naction-sets = ['vbaws-role-repository']\nscope = {{ repository-key = ['{KEY}'] }}\nanswers = {{ kms-encrypted-repository = false }}"
    );
    let says = "it says no, and `repository-key` is declared for the same principal, so it counts as yes: take one of them out";
    for (tags, settings, place) in [
        (
            &[set, key, answered][..],
            "",
            "veeam:kms-encrypted-repository",
        ),
        (&[], &*binding, "settings, line 1"),
    ] {
        let bound = bound(role("a"), tags, settings);
        let faults = bound.faults.iter();
        let faults: Vec<String> = faults
            .map(|fault| format!("{}: {}", fault.place, fault.kind))
            .collect();
        assert_eq!(faults, [format!("{place}: {says}")]);
        assert_ne!(key_checks(&bound.subjects[0].requirements[0]), [""; 0]);
    }
}

/// The checks on keys of a role whose region has a default key for EBS.
fn with_default(encrypts: Reading<bool>, key: &str, tags: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![("regions", "eu-west-1")];
    all.extend(tags);
    let inventory = inventory(vec![principal(user("a"), &all)]);
    let settings = Settings::default();
    let asked = asked(&settings, "2026-11-01T06:00:00Z", &Selection::default());
    let region = Region {
        ebs_default_key: Reading::Read(key.into()),
        ebs_encryption_by_default: encrypts,
        ..Region::default()
    };
    let known = Key {
        metadata: Reading::Read(KeyMetadata {
            arn: KEY.into(),
            account: "111122223333".parse().unwrap(),
            state: "Enabled".into(),
            manager: "CUSTOMER".into(),
            spec: "SYMMETRIC_DEFAULT".into(),
            deletion: None,
            valid_to: None,
        }),
        ..Key::default()
    };
    let resources = Resources {
        keys: [(KEY.into(), known)].into(),
        regions: [("eu-west-1".into(), region)].into(),
        ..Resources::default()
    };
    let saved = Saved {
        inventory: Arc::new(inventory),
        service_control: ServiceControl::default(),
        resources: Arc::new(resources),
    };
    let looked = look(&asked, &saved).now_or_never().unwrap().unwrap();
    key_checks(&looked.listed.bound.subjects[0].requirements[0])
}

#[test]
fn the_default_key_of_a_region_needs_no_tag() {
    let tags = [("action-sets", "vbaws-appliance-deploy")];
    let grant = "ec2.eu-west-1.amazonaws.com for AWS: kms:CreateGrant";
    for key in [KEY, "k"] {
        let found = with_default(Reading::Read(true), key, &tags);
        assert_eq!(found[1], grant);
    }
    assert_eq!(
        with_default(Reading::NotRead, KEY, &tags)[1],
        format!("{grant}?"),
        "nobody knows whether it is used"
    );
    for (encrypts, key) in [
        (Reading::Read(false), KEY),
        (Reading::Read(true), "alias/aws/ebs"),
        (Reading::Read(true), "another"),
    ] {
        assert_eq!(with_default(encrypts, key, &tags), Vec::<String>::new());
    }
}

#[test]
fn a_version_that_does_not_need_it_is_not_asked() {
    let tags = |version| {
        [
            ("action-sets", "vbaws-role-ec2-backup"),
            ("source-key", KEY),
            ("product-version", version),
        ]
    };
    let reads_blocks = |version| {
        let found = key_checks(&requirement(&tags(version)));
        found.iter().any(|line| line == "unknown: kms:Decrypt")
    };
    assert!(!reads_blocks("v10"));
    assert!(reads_blocks("v11"));
}

#[test]
fn across_accounts_only_where_another_one_takes_part() {
    let set = ("action-sets", "vbaws-role-rds-backup");
    let asked = |tags: &[(&str, &str)]| {
        let mut all = vec![set];
        all.extend(tags);
        requirement(&all).key_asks.is_some() && !key_checks(&requirement(&all)).is_empty()
    };
    assert!(asked(&[("source-key", KEY)]), "it copies snapshots");
    let set = ("action-sets", "vbaws-role-worker-deployment");
    let with_data_key = |tags: &[(&str, &str)]| {
        let mut all = vec![set];
        all.extend(tags);
        let found = key_checks(&requirement(&all));
        found.iter().any(|line| line.contains("GenerateDataKey "))
    };
    assert!(!with_data_key(&[("source-key", KEY)]));
    assert!(with_data_key(&[("source-key", FOREIGN)]));
    assert!(with_data_key(&[
        ("source-key", KEY),
        ("worker-account", "444455556666"),
    ]));
    assert!(!with_data_key(&[
        ("source-key", KEY),
        ("worker-account", "111122223333"),
    ]));
}

#[test]
fn an_action_is_not_asked_twice_on_one_key() {
    let requirement = requirement(&[
        ("action-sets", "vbaws-role-repository"),
        ("kms-key", KEY),
        ("repository-key", KEY),
    ]);
    assert_eq!(
        key_checks(&requirement),
        ["itself: kms:Decrypt kms:DescribeKey kms:Encrypt"]
    );
}

#[test]
fn a_service_calls_from_no_place_of_the_account() {
    let settings = "[context]\n\"aws:SourceVpce\" = \"vpce-1\"";
    let place = |set, tag| {
        let bound = bound(role("a"), &[("action-sets", set), (tag, KEY)], settings);
        let requirement = &bound.subjects[0].requirements[0];
        let checks = requirement.checks.iter();
        let mut of_keys = checks.filter(|check| check.question.resource.contains(":key/"));
        let context = &of_keys.next().unwrap().question.context;
        match context.get("aws:SourceVpce") {
            Known::Values(_) => "known",
            Known::Absent => "absent",
            Known::Unknown => "unknown",
        }
    };
    assert_eq!(
        place("vbaws-role-worker-deployment", "source-key"),
        "absent"
    );
    assert_eq!(place("vbaws-role-repository", "repository-key"), "known");
    assert_eq!(place("vbaws-role-fsx-restore", "target-key"), "unknown");
}

#[test]
fn the_resources_of_a_requirement_are_those_that_its_actions_are_about() {
    let requirement = requirement(&[
        ("action-sets", "vbaws-role-efs-backup"),
        ("regions", "eu-central-1 eu-west-1"),
        ("vault", "veeam"),
        ("bucket", "none-of-its-business"),
    ]);
    let vault = |region: &str| {
        NamedResource::Vault(
            format!("arn:aws:backup:{region}:111122223333:backup-vault:veeam").into(),
        )
    };
    assert_eq!(
        *requirement.resources,
        [vault("eu-central-1"), vault("eu-west-1")]
    );
}

#[track_caller]
fn faults(tags: &[(&str, &str)], settings: &str, expected: &[&str]) {
    let bound = bound(user("a"), tags, settings);
    let found: Vec<String> = bound
        .faults
        .iter()
        .map(|fault| format!("{}: {}", fault.place, fault.kind))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_value_that_cannot_be_is_told_with_what_would_be_right() {
    let set = ("action-sets", "upload");
    faults(
        &[
            set,
            (
                "source-key",
                "arn:aws:kms:eu-west-1:111122223333:alias/prod",
            ),
            ("worker-account", "1234"),
            ("external-id", "x"),
            ("vault", "veeam arn:aws:s3:::b"),
        ],
        "",
        &[
            "veeam:external-id: `x` is not understood: expected 2 to 1224 letters, digits and _+=,.@:/-",
            "veeam:source-key: `arn:aws:kms:eu-west-1:111122223333:alias/prod` is not understood: expected the ARN of the key that the alias stands for, because policies name keys (`aws kms describe-key --key-id arn:aws:kms:eu-west-1:111122223333:alias/prod` prints it)",
            "veeam:vault: `arn:aws:s3:::b` is not understood: expected the vault of AWS Backup that recovery points are kept in, such as veeam-vault",
            "veeam:worker-account: `1234` is not understood: expected the id of an account, twelve digits",
            "veeam:vault: `veeam` is not understood: expected the vault's ARN, or a name and the regions that it is in (`regions` in a tag, a binding or the settings)",
        ],
    );
    faults(
        &[set, ("vault", "veeam"), ("regions", "eu-west-1")],
        "",
        &[],
    );
    faults(
        &[],
        "[[bind]]\nprincipal = \"*\"\naction-sets = [\"upload\"]\nscope = { vault = \"veeam\", repository-key = \"alias/a\" }",
        &[
            "settings, line 1: `alias/a` is not understood: expected the ARN of the key that the alias stands for, because policies name keys (`aws kms describe-key --key-id alias/a` prints it)",
            "settings, line 1: `veeam` is not understood: expected the vault's ARN, or a name and the regions that it is in (`regions` in a tag, a binding or the settings)",
        ],
    );
}

#[test]
fn a_binding_says_it_as_a_tag_does() {
    let bound = bound(
        role("a"),
        &[],
        "[[bind]]\nprincipal = \"*\"\naction-sets = [\"vbaws-role-repository\"]\nworker-account = \"444455556666\"\nexternal-id = [\"one-two\"]\nscope = { repository-key = \"arn:aws:kms:eu-west-1:111122223333:key/k\" }",
    );
    let requirement = &bound.subjects[0].requirements[0];
    assert_eq!(requirement.worker_accounts[0].as_str(), "444455556666");
    assert_eq!(*requirement.external_ids, ["one-two".into()]);
    assert_eq!(key_checks(requirement).len(), 1);
    let refused = Settings::parse(
        "[[bind]]\nprincipal = \"*\"\naction-sets = [\"copy\"]\nworker-account = \"12\"\nexternal-id = \"a b\"",
    );
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("`12` is no account id"), "{text}");
    assert!(text.contains("`a b` is no external id"), "{text}");
}
