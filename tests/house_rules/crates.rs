//! Dependency rules: which crate may depend on which?
//!
//! `iam <- catalog <- audit <- report, aws <- functions/*, cli`, read `<-` as "is used by". A crate may use anything to
//! its left; `report` and `aws` do not depend on each other; nothing depends on `functions/*` or `cli`. The second line is
//! `iam <- deployment <- cli`. Among the functions it is `stack <- gather, roster <- on-change <- sweep`: the last is the program.

use std::process::Command;

use serde_json::Value;

use crate::tree;

/// What a crate may use, by the crate's folder.
fn may_use(folder: &str) -> &'static [&'static str] {
    match folder {
        "shared/iam" => &[],
        "shared/catalog" | "shared/deployment" => &["iam"],
        "shared/audit" => &["iam", "catalog"],
        "shared/report" | "shared/aws" => &["iam", "catalog", "audit"],
        "cli" => &["iam", "catalog", "audit", "report", "aws", "deployment"],
        "functions/on-change" => &[
            "iam", "catalog", "audit", "report", "aws", "stack", "gather",
        ],
        "functions/gather" | "functions/roster" => {
            &["iam", "catalog", "audit", "report", "aws", "stack"]
        }
        "functions/sweep" => &[
            "iam",
            "catalog",
            "audit",
            "report",
            "aws",
            "stack",
            "on-change",
            "roster",
            "gather",
        ],
        _ => &["iam", "catalog", "audit", "report", "aws"],
    }
}

/// A member of the workspace.
struct Member {
    /// Its folder, from the root.
    folder: String,
    name: String,
    /// What it depends on, each with its kind: `normal`, `dev` or `build`.
    dependencies: Vec<(String, String)>,
}

fn members() -> Vec<Member> {
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(tree::root())
        .output()
        .expect("cargo prints its metadata");
    assert!(
        metadata.status.success(),
        "cargo metadata failed: {metadata:?}"
    );
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("metadata is JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let root = tree::root();
    metadata["packages"]
        .as_array()
        .expect("metadata lists packages")
        .iter()
        .map(|package| {
            let manifest = text(&package["manifest_path"]);
            let folder = std::path::Path::new(&manifest)
                .parent()
                .and_then(|folder| folder.strip_prefix(&root).ok())
                .unwrap_or_else(|| panic!("{manifest} is outside the checkout"))
                .to_string_lossy()
                .into_owned();
            let dependencies = package["dependencies"]
                .as_array()
                .expect("a package lists its dependencies")
                .iter()
                .map(|dependency| {
                    let kind = dependency["kind"].as_str().unwrap_or("normal");
                    (text(&dependency["name"]), kind.to_owned())
                })
                .collect();
            Member {
                folder,
                name: text(&package["name"]),
                dependencies,
            }
        })
        .collect()
}

#[test]
fn a_crate_depends_only_on_crates_to_its_left() {
    let members = members();
    let ours: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut offenders = Vec::new();
    for Member {
        folder,
        name,
        dependencies,
    } in &members
    {
        if folder == "tests" || folder.starts_with("tests/") {
            continue;
        }
        for (used, kind) in dependencies {
            // The generator makes accounts for tests and benches, the other simulates what is around a function; no product
            // contains them.
            let for_tests = kind == "dev" && ["generator", "e2e"].contains(&used.as_str());
            if ours.contains(&used.as_str())
                && !for_tests
                && !may_use(folder).contains(&used.as_str())
            {
                offenders.push(format!("{folder} ({name}) uses {used} ({kind})"));
            }
        }
    }
    tree::none("a dependency that the rules do not allow", &offenders);
}

#[test]
fn only_the_crate_aws_depends_on_the_sdk() {
    let is_sdk = |name: &str| {
        name == "aws-config" || name.starts_with("aws-sdk-") || name.starts_with("aws-smithy-")
    };
    let mut offenders = Vec::new();
    for Member {
        folder,
        dependencies,
        ..
    } in members()
    {
        for (used, kind) in dependencies {
            if is_sdk(&used) && folder != "shared/aws" && folder != "tests" && kind != "dev" {
                offenders.push(format!("{folder} uses {used}"));
            }
        }
    }
    tree::none("only shared/aws may depend on the AWS SDK", &offenders);
}

#[test]
fn catalog_takes_only_action_and_arn_types_from_iam() {
    const ALLOWED: [&str; 9] = [
        "action",
        "arn",
        "AccountId",
        "ActionName",
        "Arn",
        "ParseActionNameError",
        "ParseArnError",
        "PrincipalArn",
        "PrincipalKind",
    ];
    let mut offenders = Vec::new();
    for (path, text) in
        tree::files(|path| path.starts_with("shared/catalog/") && path.ends_with(".rs"))
    {
        for (number, line) in text.lines().enumerate() {
            for (at, _) in line.match_indices("iam::") {
                // `iam::` as a path, not the action prefix `iam:` nor an ARN's `iam::123456789012`.
                let before = line[..at].chars().next_back();
                let after = &line[at + "iam::".len()..];
                if before.is_some_and(|c| c.is_alphanumeric() || c == ':' || c == '_')
                    || !after.starts_with(|c: char| c.is_alphabetic() || c == '{')
                {
                    continue;
                }
                let inside = after
                    .strip_prefix('{')
                    .and_then(|list| list.split('}').next())
                    .unwrap_or(after);
                let names = inside.split(',').map(|name| {
                    name.trim()
                        .split(|c: char| !c.is_alphanumeric())
                        .next()
                        .unwrap_or_default()
                });
                let names: Vec<&str> = if after.starts_with('{') {
                    names.collect()
                } else {
                    names.take(1).collect()
                };
                for name in names.into_iter().filter(|name| !name.is_empty()) {
                    if !ALLOWED.contains(&name) {
                        offenders.push(format!("{path}:{}: iam::{name}", number + 1));
                    }
                }
            }
        }
    }
    tree::none("catalog takes other types from iam", &offenders);
}
