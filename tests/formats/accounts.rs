//! The accounts that the exports are made of.

use std::path::{Path, PathBuf};

use generator::{Shape, account};
use serde_json::{Value, json};

/// An account in files.
pub(crate) struct Files {
    listing: PathBuf,
    settings: PathBuf,
}

impl Files {
    pub(crate) fn arguments(&self) -> Vec<&str> {
        vec![
            "audit",
            "--auth-details",
            self.listing.to_str().unwrap(),
            "--settings",
            self.settings.to_str().unwrap(),
        ]
    }
}

/// The audit of the example, with all that belongs to it.
pub(crate) fn example<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "audit",
        "--auth-details",
        "examples/account.json",
        "--settings",
        "examples/settings.toml",
        "--scp",
        "examples/scp-root.json",
        "--scp",
        "examples/scp-account.json",
        "--credential-report",
        "examples/credential-report.csv",
    ];
    arguments.extend(more);
    arguments
}

/// The example as it was before its SCPs and one lost policy, in the form of a baseline: since then much got worse.
pub(crate) fn baseline(folder: &Path) -> String {
    let file = folder.join("baseline.json").display().to_string();
    super::permdrift(&[
        "audit",
        "--auth-details",
        "examples/account.json",
        "--settings",
        "examples/settings.toml",
        "--write-baseline",
        &file,
    ]);
    file
}

const MARKUP: &str =
    "<script>window.ranForeignText=1</script><img src=x onerror=window.ranForeignText=1>";

/// Text that would do harm in one format or another.
fn harm(number: usize) -> String {
    let texts = [
        MARKUP.to_owned(),
        "</script><script>window.ranForeignText=1</script>".to_owned(),
        "=HYPERLINK(\"http://example.com\")".to_owned(),
        "+1|2|3 [link](javascript:alert(1)) ![x](http://example.com/x.png) www.example.com @here #1".to_owned(),
        "]]>&amp;<!-- \u{202e}\u{7}\n| a | b |".to_owned(),
        "`${window.ranForeignText=1}` \u{fffe}\u{ffff} {{constructor}}".to_owned(),
    ];
    let texts_count = texts.len();
    texts
        .into_iter()
        .nth(number % texts_count)
        .unwrap_or_default()
}

/// Markup and formulas wherever somebody outside may write: names, policies, statements, tags, owners, reasons.
pub(crate) fn hostile(folder: &Path) -> Files {
    let roles: Vec<Value> = (0..12)
        .map(|number| {
            let name = match number {
                // A name that IAM would not take; a file can hold it all the same.
                0 => MARKUP.to_owned(),
                1 => "=cmd+1@there".to_owned(),
                other => format!("Veeam{other}"),
            };
            json!({
                "Path": "/",
                "RoleName": name,
                "RoleId": format!("AROAEXAMPLE{number:010}"),
                "Arn": format!("arn:aws:iam::111122223333:role/{name}"),
                "CreateDate": "2024-01-01T00:00:00+00:00",
                "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow",
                    "Principal": { "Service": harm(number) },
                    "Action": "sts:AssumeRole",
                }] },
                "InstanceProfileList": [],
                "RolePolicyList": [{
                    "PolicyName": harm(number + 1),
                    "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                        { "Sid": harm(number + 2), "Effect": "Deny", "Action": "s3:Put*", "Resource": "*" },
                        { "Sid": harm(number + 3), "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*",
                          "Condition": { "StringEquals": { harm(number + 4): "x" } } },
                        { "Effect": "Allow", "Action": ["s3:*", "ec2:*"], "Resource": "*" },
                    ] },
                }],
                "AttachedManagedPolicies": [],
                "Tags": [
                    { "Key": "veeam:action-sets", "Value": if number % 3 == 2 {
                        format!("vbaws-role-repository {}", harm(number).replace(['\n', ' '], ""))
                    } else {
                        "vbaws-role-repository vbaws-role-ec2-backup vbr-s3-immutability".to_owned()
                    } },
                    { "Key": "veeam:bucket", "Value": harm(number + 5) },
                ],
            })
        })
        .collect();
    let listing = folder.join("hostile.json");
    let document = json!({
        "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": [], "IsTruncated": false,
    });
    std::fs::write(&listing, document.to_string()).unwrap();
    let settings = folder.join("hostile.toml");
    let text = |number| {
        serde_json::to_string(&harm(number).replace(['\u{7}', '\u{fffe}', '\u{ffff}', '\n'], ""))
            .unwrap()
    };
    std::fs::write(
        &settings,
        format!(
            "[owners]\nidentity = {}\nboundary = {}\nscp = {}\ntrust = {}\n\n[[mute]]\nprincipal = \"*Veeam3\"\ncodes = [\"missing-trust\"]\nowner = {}\nreason = {}\nexpires = \"2099-12-31\"\n",
            text(0), text(1), text(3), text(2), text(1), text(0),
        ),
    )
    .unwrap();
    Files { listing, settings }
}

/// An account of so many bound principals.
pub(crate) fn many(folder: &Path, principals: usize) -> Files {
    let listing = folder.join("many.json");
    let shape = Shape {
        tagged_percent: 100,
        ..Shape::mixed(principals)
    };
    let account = account(&shape, 1);
    std::fs::write(&listing, account.to_json()).unwrap();
    let settings = folder.join("many.toml");
    std::fs::write(&settings, "regions = [\"eu-central-1\"]\n").unwrap();
    Files { listing, settings }
}
