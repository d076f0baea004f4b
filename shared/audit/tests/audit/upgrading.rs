//! Upgrades: what will be lacking in the newer version alone?

use std::sync::{Arc, LazyLock};

use audit::verdict::{Notice, Profile, Verdict};
use audit::{Asked, Selection, Settings, Upgrade, upgrade};
use catalog::{Catalog, ProductVersion, SetFile};
use iam::inventory::{Gap, InlinePolicy, Principal};
use iam::{Document, Inventory, ServiceControl};

use crate::outside::now_or_never;
use crate::phases::{asked, saved};
use crate::principals::{inventory, principal, role};

/// `s3:GetObject` always; the others since version 11.
const SETS: &str = r#"
id = "grows"
title = "Grows"
operation = "Need more with each version."
impact = "Nothing grows."
severity = "high"
principal = "role"
lifetime = "standing"
trust-services = ["old.amazonaws.com", { name = "new.amazonaws.com", since = "v11" }]
actions = [
  "s3:GetObject",
  { name = "ec2:DeleteSnapshot", since = "v11" },
  { name = "ec2:DeleteSubnet", since = "v11", optional = "only to clean up" },
  { name = "kms:CreateGrant", since = "v11", condition = "kms-encrypted-repository" },
  { name = "s3:PutObject", since = "v11", scope = "object" },
]
[[source]]
page = "https://example.com/grows"
date = "2026-01-01"
build = "1"
"#;

fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
        let file = SetFile {
            file: "grows",
            text: SETS,
        };
        Catalog::embedded().with_own_sets(&[file]).unwrap()
    });
    &CATALOG
}

const BOTH: &str = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole",
    "Principal":{"Service":["old.amazonaws.com","new.amazonaws.com"]}}}"#;

/// A bound role that may do this, and trusts whom both versions need.
fn able(statements: &str, tags: &[(&str, &str)]) -> Principal {
    let mut tags = tags.to_vec();
    tags.push(("action-sets", "grows"));
    let mut one = principal(role("a"), &tags);
    one.inline.push(InlinePolicy {
        name: "p".into(),
        document: Arc::new(Document::parse(&format!(
            r#"{{"Statement":[{statements}]}}"#
        ))),
    });
    one.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(BOTH)));
    one
}

fn allow(actions: &str) -> String {
    let actions: Vec<_> = actions
        .split(' ')
        .map(|one| format!(r#""{one}""#))
        .collect();
    format!(
        r#"{{"Effect":"Allow","Action":[{}],"Resource":"*"}}"#,
        actions.join(",")
    )
}

fn upgraded(inventory: &Inventory, settings: &str) -> Upgrade {
    let settings = Settings::parse(settings).unwrap();
    let asked = Asked {
        catalog: catalog(),
        ..asked(&settings, "2026-11-22T06:00:00Z", &Selection::default())
    };
    let here = saved(inventory, ServiceControl::default());
    let upgrade = upgrade(&asked, &here, ProductVersion::V10, ProductVersion::V11);
    now_or_never(upgrade).unwrap()
}

/// What is told of a requirement, in one line.
fn line(verdict: &Verdict) -> String {
    let requirement = &verdict.requirement;
    let mut parts = vec![verdict.judgement().to_string()];
    parts.extend(
        verdict
            .missing_actions()
            .iter()
            .map(|name| format!("lacks {name}")),
    );
    parts.extend(
        verdict
            .unknown_actions()
            .iter()
            .map(|name| format!("unknown {name}")),
    );
    for notice in &verdict.notices {
        let (word, places) = match notice {
            Notice::Asked { places, .. } => ("asked", places),
            Notice::Optional { places, .. } => ("optional", places),
            Notice::AllowedOnlyOn { places, .. } => ("only on", places),
            Notice::DeniedOn { .. } | Notice::NotConfirmed { .. } | Notice::Requirement(_) => {
                continue;
            }
        };
        let names = places.iter().flat_map(|place| place.actions(requirement));
        parts.extend(names.map(|name| format!("{word} {name}")));
    }
    parts.extend(
        verdict
            .trust
            .missing
            .iter()
            .map(|name| format!("shuts out {name}")),
    );
    parts.extend((verdict.instance_profile == Profile::Lacks).then(|| "no profile".to_owned()));
    parts.join(", ")
}

#[track_caller]
fn check_in(inventory: &Inventory, settings: &str, expected: &[&str]) -> Upgrade {
    let found = upgraded(inventory, settings);
    let lines: Vec<String> = found.assessment.verdicts.iter().map(line).collect();
    assert_eq!(lines, expected);
    found
}

#[track_caller]
fn check(statements: &str, expected: &[&str]) -> Upgrade {
    check_in(&inventory(vec![able(statements, &[])]), "", expected)
}

const ALL: &str = "s3:GetObject s3:PutObject ec2:DeleteSnapshot ec2:DeleteSubnet kms:CreateGrant";

#[test]
fn who_holds_all_of_the_newer_version_will_lack_nothing() {
    let found = check(&allow(ALL), &[]);
    assert_eq!((found.checked, found.lacks()), (1, false));
}

#[test]
fn who_holds_the_older_version_will_lack_what_is_new() {
    let found = check(
        &allow("s3:GetObject"),
        &[
            "drifted, lacks ec2:DeleteSnapshot, lacks s3:PutObject, optional ec2:DeleteSubnet, asked kms:CreateGrant",
        ],
    );
    assert!(found.lacks());
    assert_eq!((found.lacking_before, found.unknown_before), (0, 0));
}

#[test]
fn what_is_lacking_in_both_is_counted_and_not_told() {
    let found = check(
        &allow("s3:PutObject ec2:DeleteSubnet kms:CreateGrant"),
        &["drifted, lacks ec2:DeleteSnapshot"],
    );
    assert_eq!(found.lacking_before, 1);
    let all_but_one = allow(ALL).replace("s3:GetObject", "s3:ListBucket");
    let found = check(&all_but_one, &[]);
    assert_eq!((found.lacking_before, found.lacks()), (1, false));
}

#[test]
fn what_will_be_optional_or_hang_on_an_answer_is_told_and_no_drift() {
    let found = check(
        &allow("s3:GetObject s3:PutObject ec2:DeleteSnapshot"),
        &["compliant, optional ec2:DeleteSubnet, asked kms:CreateGrant"],
    );
    assert!(!found.lacks());
}

#[test]
fn an_answer_makes_it_certain() {
    let one = able(
        &allow("s3:GetObject s3:PutObject ec2:DeleteSnapshot ec2:DeleteSubnet"),
        &[("kms-encrypted-repository", "yes")],
    );
    check_in(
        &inventory(vec![one]),
        "",
        &["drifted, lacks kms:CreateGrant"],
    );
}

#[test]
fn what_hangs_on_context_is_unknown_if_it_is_new_and_counted_if_it_is_old() {
    let hangs = r#"{"Effect":"Deny","Action":"ACTION","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}"#;
    let new = hangs.replace("ACTION", "ec2:DeleteSnapshot");
    let found = check(
        &format!("{},{new}", allow(ALL)),
        &["undetermined, unknown ec2:DeleteSnapshot"],
    );
    assert_eq!((found.lacks(), found.unknown_before), (false, 0));
    let old = hangs.replace("ACTION", "s3:GetObject");
    let found = check(&format!("{},{old}", allow(ALL)), &[]);
    assert_eq!((found.lacks(), found.unknown_before), (false, 1));
}

#[test]
fn what_is_allowed_on_some_resources_only_is_told() {
    let narrow = r#"{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}"#;
    check(
        &format!("{},{narrow}", allow("s3:GetObject ec2:* kms:*")),
        &["compliant, only on s3:PutObject"],
    );
}

#[test]
fn whom_the_newer_version_must_let_in_is_told() {
    let mut one = able(&allow(ALL), &[]);
    let old = BOTH.replace(r#","new.amazonaws.com""#, "");
    one.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(&old)));
    let found = check_in(
        &inventory(vec![one]),
        "",
        &["drifted, shuts out new.amazonaws.com"],
    );
    assert_eq!(found.lacking_before, 0);
}

#[test]
fn whom_neither_version_is_let_in_by_is_the_audits_business() {
    let mut one = able(&allow(ALL), &[]);
    let new = BOTH.replace(r#""old.amazonaws.com","#, "");
    one.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(&new)));
    let found = check_in(&inventory(vec![one]), "", &[]);
    assert_eq!(found.lacking_before, 1);
}

#[test]
fn the_version_that_tags_bindings_and_settings_name_is_passed_over() {
    let lacks = &[
        "drifted, lacks ec2:DeleteSnapshot, lacks s3:PutObject, optional ec2:DeleteSubnet, asked kms:CreateGrant",
    ];
    for version in ["v10", "v11"] {
        let tagged = able(&allow("s3:GetObject"), &[("product-version", version)]);
        check_in(&inventory(vec![tagged]), "", lacks);
        let untagged = || inventory(vec![able(&allow("s3:GetObject"), &[])]);
        check_in(
            &untagged(),
            &format!("product-version = \"{version}\""),
            lacks,
        );
        let bound = format!(
            "[[bind]]\nprincipal = \"*\"\naction-sets = [\"grows\"]\nproduct-version = \"{version}\""
        );
        let mut one = able(&allow("s3:GetObject"), &[]);
        one.tags.clear();
        check_in(&inventory(vec![one]), &bound, lacks);
    }
}

#[test]
fn a_policy_still_sees_the_tag_that_names_the_version() {
    let tagged = r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/veeam:product-version":"v10"}}}"#;
    let one = able(tagged, &[("product-version", "v10")]);
    check_in(&inventory(vec![one]), "", &[]);
}

#[test]
fn what_could_not_be_read_or_followed_stays_with_the_upgrade() {
    let mut cut = inventory(vec![able(&allow(ALL), &[("kms-key", "none")])]);
    cut.gaps.push(Gap::Truncated);
    let found = check_in(&cut, "", &[]);
    assert_eq!(found.assessment.coverage.gaps, [Gap::Truncated]);
    assert_eq!(found.assessment.faults.len(), 1);
}
