//! The linter: one small bad file for each refusal, and the very message.

use catalog::{Catalog, SetFile, lint};

/// A set in which nothing is wrong; its lines are 1 to 9.
const GOOD: &str = r#"id = "acme-copy"
title = "Nightly copy"
operation = "Copy last night's snapshots to the other account."
impact = "Copies stop; the originals are safe."
severity = "high"
principal = "role"
actions = ["ec2:CopySnapshot"]
[[source]]
page = "https://wiki.example/backup"
"#;

/// The messages for a good set in which a piece was replaced.
#[track_caller]
fn check(piece: &str, by: &str, expected: &[&str]) {
    assert!(GOOD.contains(piece));
    check_files(&[("acme.toml", &GOOD.replace(piece, by))], expected);
}

#[track_caller]
fn check_files(files: &[(&str, &str)], expected: &[&str]) {
    let files: Vec<SetFile<'_>> = files
        .iter()
        .map(|(file, text)| SetFile { file, text })
        .collect();
    let problems = lint(&files, &Catalog::embedded());
    let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn nothing_is_said_of_a_good_set() {
    check("", "", &[]);
}

#[test]
fn the_documents_show_a_good_set_and_every_declared_name() {
    let page = include_str!("../../../docs/catalog.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    check_files(&[("docs/catalog.md", example)], &[]);
    let catalog = Catalog::embedded();
    let variables = catalog.scope_variables().map(|variable| &*variable.name);
    for name in catalog.conditions().map(|(name, _)| name).chain(variables) {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}

#[test]
fn text_that_is_no_toml() {
    check(
        r#"title = "Nightly copy""#,
        r#"title = "Nightly copy"#,
        &["acme.toml:2: no TOML: invalid basic string, expected `\"`"],
    );
}

#[test]
fn an_unknown_key() {
    check(
        "severity =",
        "severty =",
        &[
            "acme.toml:1: `severity` is missing: critical, high, medium or low",
            "acme.toml:5: unknown key `severty`: did you mean `severity`?",
        ],
    );
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "ec2:CopySnapshot", colour = "red" }]"#,
        &["acme.toml:7: unknown key `colour`"],
    );
}

#[test]
fn a_value_of_the_wrong_type() {
    check(
        r#""Nightly copy""#,
        "7",
        &[
            "acme.toml:1: `title` is missing: a short name for lists",
            "acme.toml:2: `title` is integer: expected a text in quotes",
        ],
    );
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"["ec2:CopySnapshot", 7]"#,
        &[
            "acme.toml:7: `actions` is integer: expected a list of action names and `{ name = … }` tables",
        ],
    );
}

#[test]
fn an_unknown_action() {
    check(
        "ec2:CopySnapshot",
        "ec2:CopySnapshots",
        &["acme.toml:7: unknown action `ec2:CopySnapshots`: did you mean `ec2:CopySnapshot`?"],
    );
    check(
        "ec2:CopySnapshot",
        "quantum:Entangle",
        &[
            "acme.toml:7: unknown action `quantum:Entangle`: no AWS action we know is called so; if AWS has it by now, add `unverified = true`",
        ],
    );
}

#[test]
fn an_action_that_is_newer_than_our_reference_passes_if_said_so() {
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "quantum:Entangle", unverified = true }]"#,
        &[],
    );
}

#[test]
fn a_pattern_or_no_action_at_all() {
    check(
        "ec2:CopySnapshot",
        "ec2:*",
        &["acme.toml:7: `ec2:*` is a pattern: name each action, without `*` and `?`"],
    );
    check(
        "ec2:CopySnapshot",
        "CopySnapshot",
        &[
            "acme.toml:7: `CopySnapshot` is no action name: expected `service:Name`, such as `s3:GetObject`",
        ],
    );
}

#[test]
fn another_spelling_than_aws_has() {
    check(
        "ec2:CopySnapshot",
        "ec2:copysnapshot",
        &[
            "acme.toml:7: `ec2:copysnapshot` is spelled `ec2:CopySnapshot` by AWS: write that, and `printed = \"ec2:copysnapshot\"` if the source differs",
        ],
    );
}

#[test]
fn a_duplicate_whatever_its_case() {
    check(
        r#"["ec2:CopySnapshot"]"#,
        "[\n\"ec2:CopySnapshot\",\n\"ec2:CreateTags\",\n\"ec2:CopySnapshot\"]",
        &["acme.toml:10: `ec2:CopySnapshot` is listed twice: first on line 8"],
    );
    check(
        r#"["ec2:CopySnapshot"]"#,
        "[\n\"ec2:CopySnapshot\",\n\"ec2:copySnapshot\"]",
        &[
            "acme.toml:9: `ec2:copySnapshot` is spelled `ec2:CopySnapshot` by AWS: write that, and `printed = \"ec2:copySnapshot\"` if the source differs",
            "acme.toml:9: `ec2:copySnapshot` is listed twice: first on line 8",
        ],
    );
}

#[test]
fn a_set_without_source() {
    check(
        "[[source]]\npage = \"https://wiki.example/backup\"\n",
        "",
        &["acme.toml:1: `source` is missing: `[[source]]` with the `page` it was taken from"],
    );
    check(
        "page = \"https://wiki.example/backup\"",
        "date = \"2026-01-01\"",
        &["acme.toml:8: `page` is missing: the address of the page it was taken from"],
    );
}

#[test]
fn a_scope_variable_nobody_declares() {
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "ec2:CopySnapshot", scope = "volume" }]"#,
        &[
            "acme.toml:7: unknown scope variable `volume`: expected bucket, kms_key, object, repository_key, role, snapshot, source_key, target_key or vault",
        ],
    );
}

#[test]
fn a_scope_variable_that_does_not_fit() {
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "s3:GetObject", scope = "bucket" }, { name = "kms:ListKeys", scope = "kms_key" }, { name = "ec2:RunInstances", scope = "role" }]"#,
        &[
            "acme.toml:7: `ec2:RunInstances` cannot be scoped to `role`: it takes ec2:capacity-reservation, ec2:elastic-gpu, ec2:elastic-inference and 15 more",
            "acme.toml:7: `kms:ListKeys` cannot be scoped to `kms_key`: it takes no resource, so it is checked against `*`",
            "acme.toml:7: `s3:GetObject` cannot be scoped to `bucket`: it takes s3:accesspointobject, s3:object",
        ],
    );
}

#[test]
fn an_id_with_a_version_in_it() {
    check(
        "acme-copy",
        "acme-copy-v11",
        &[
            "acme.toml:1: the id `acme-copy-v11` has a version in it: call it `acme-copy` and give actions `since` and `until`",
        ],
    );
}

#[test]
fn an_id_that_is_none() {
    check(
        "acme-copy",
        "Acme Copy",
        &[
            "acme.toml:1: `Acme Copy` is no id: expected small letters, digits and single `-`, such as `acme-nightly-copy`",
        ],
    );
}

#[test]
fn an_id_that_is_taken() {
    check(
        "acme-copy",
        "vbr-s3-immutability",
        &["acme.toml:1: the id `vbr-s3-immutability` is taken by the catalog"],
    );
    check_files(
        &[("a.toml", GOOD), ("b.toml", GOOD)],
        &["b.toml:1: the id `acme-copy` is taken by a.toml"],
    );
}

#[test]
fn an_unknown_set() {
    check(
        "principal =",
        "extends = [\"vbaws-role-ec2-bakup\"]\nprincipal =",
        &["acme.toml:6: unknown set `vbaws-role-ec2-bakup`: did you mean `vbaws-role-ec2-backup`?"],
    );
}

#[test]
fn sets_that_extend_each_other_in_a_circle() {
    let a = GOOD.replace("principal =", "extends = [\"acme-b\"]\nprincipal =");
    let b = a
        .replace("acme-b", "acme-copy")
        .replacen("acme-copy", "acme-b", 1);
    check_files(
        &[("a.toml", &a), ("b.toml", &b)],
        &[
            "a.toml:1: `extends` goes in a circle: acme-copy -> acme-b -> acme-copy",
            "b.toml:1: `extends` goes in a circle: acme-b -> acme-copy -> acme-b",
        ],
    );
    check(
        "principal =",
        "extends = [\"acme-copy\"]\nprincipal =",
        &["acme.toml:1: `extends` goes in a circle: acme-copy -> acme-copy"],
    );
}

#[test]
fn an_unknown_condition() {
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "ec2:CopySnapshot", condition = "full-moon" }]"#,
        &[
            "acme.toml:7: unknown condition `full-moon`: expected bucket-not-named, ebs-encryption-by-default, efs-indexing-in-production-accounts, glacier-batch-retrieval, kms-encrypted-repository, private-network, restore-without-helper-appliance, upgrade-in-progress or workers-in-production-accounts",
        ],
    );
}

#[test]
fn an_action_both_optional_and_conditional() {
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "ec2:CopySnapshot", condition = "upgrade-in-progress", optional = "clean-up only" }]"#,
        &[
            "acme.toml:7: `ec2:CopySnapshot` has both `optional` and `condition`: keep the one that says when it is needed",
        ],
    );
}

#[test]
fn words_outside_their_list() {
    check(
        r#""high""#,
        r#""awful""#,
        &["acme.toml:5: `awful` is no severity: expected low, medium, high or critical"],
    );
    check(
        r#""role""#,
        r#""group""#,
        &["acme.toml:6: `group` is no principal: expected user, role or either"],
    );
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "ec2:CopySnapshot", since = "v12" }]"#,
        &["acme.toml:7: `v12` is no since: expected v10 or v11"],
    );
}

#[test]
fn a_range_of_versions_that_is_empty() {
    check(
        r#"["ec2:CopySnapshot"]"#,
        r#"[{ name = "ec2:CopySnapshot", since = "v11", until = "v10" }]"#,
        &[
            "acme.toml:7: `ec2:CopySnapshot` ends before it begins: `until` is the last version that needs it",
        ],
    );
}

#[test]
fn missing_and_empty_texts() {
    check(
        r#"impact = "Copies stop; the originals are safe.""#,
        "",
        &["acme.toml:1: `impact` is missing: what breaks when one of them is missing"],
    );
    check(
        r#""Copies stop; the originals are safe.""#,
        r#"" ""#,
        &[
            "acme.toml:1: `impact` is missing: what breaks when one of them is missing",
            "acme.toml:4: `impact` is empty",
        ],
    );
    check(
        r#"actions = ["ec2:CopySnapshot"]"#,
        "",
        &["acme.toml:1: `actions` is missing: a list of action names"],
    );
}
