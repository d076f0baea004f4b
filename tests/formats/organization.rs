//! The report of an organisation in a real browser, and its table by its own consumer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use generator::Organization;
use iam::AccountId;
use report::organization::{AccountSummary, OrganizationReport, OrganizationView, html, stored};
use serde_json::{Value, json};

use crate::{accounts, browse, complaints, export, permdrift};

/// So many accounts are audited, and each stands for so many.
const AUDITED: usize = 40;
const EACH: usize = 25;
const PRINCIPALS: usize = 20;

/// The organisation of the sessions.
fn small<'a>() -> Vec<&'a str> {
    vec![
        "audit",
        "--snapshot",
        "tests/cli/cases/organization.in/snapshots",
        "--organization",
        "tests/cli/cases/organization.in/organization.json",
        "--action-sets",
        "tests/cli/cases/organization.in/sets.toml",
    ]
}

/// An account with markup in every text, beside one that is well, with a file that nobody can read.
fn hostile(folder: &Path) -> Vec<String> {
    let files = accounts::hostile(folder);
    let arguments = files.arguments();
    let listing = fs::read_to_string(arguments[2]).unwrap();
    let listing: Value = serde_json::from_str(&listing).unwrap();
    let snapshots = folder.join("snapshots");
    fs::create_dir(&snapshots).unwrap();
    let snapshot = json!({ "schemaVersion": 1, "account": "111122223333", "listing": listing });
    fs::write(snapshots.join("hostile.json"), snapshot.to_string()).unwrap();
    let name = "<img src=x onerror=window.ranForeignText=1>.json";
    fs::write(
        snapshots.join(name),
        "{\"<script>window.ranForeignText=1</script>\": 1}",
    )
    .unwrap();
    let mut organization = Organization {
        accounts: 1,
        principals: 1,
        seed: 1,
    }
    .file();
    organization["accounts"]["111122223333"] = json!(["r-ab12", "111122223333"]);
    organization["serviceControlPolicies"]["111122223333"] = json!(["p-FullAWSAccess"]);
    organization["accountNames"]["111122223333"] =
        json!("</script><script>window.ranForeignText=1</script>");
    let file = folder.join("organization.json");
    fs::write(&file, organization.to_string()).unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    vec![
        "audit".to_owned(),
        "--snapshot".to_owned(),
        path(&snapshots),
        "--organization".to_owned(),
        path(&file),
        "--settings".to_owned(),
        arguments[4].to_owned(),
    ]
}

/// A page of many accounts: what was found in some stands for as many others, because auditing them all takes minutes.
fn many(folder: &Path) -> PathBuf {
    let made = Organization {
        accounts: AUDITED,
        principals: PRINCIPALS,
        seed: 1,
    };
    let snapshots = folder.join("many");
    fs::create_dir(&snapshots).unwrap();
    for at in 0..AUDITED {
        let snapshot = made.snapshot(at).expect("each has one");
        fs::write(snapshots.join(format!("{at:03}.json")), snapshot).unwrap();
    }
    let output = permdrift(&[
        "audit",
        "--output",
        "json",
        "--snapshot",
        snapshots.to_str().unwrap(),
    ]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let mut audited: BTreeMap<AccountId, AccountSummary> = BTreeMap::new();
    for (at, account) in document["accounts"].as_array().unwrap().iter().enumerate() {
        let id = account["account"].as_str().unwrap().parse().unwrap();
        let summary = stored::read(&account["found"].to_string(), id).expect("a summary");
        for copy in 0..EACH {
            let id: AccountId = format!("{:012}", at * EACH + copy).parse().unwrap();
            audited.insert(
                id,
                AccountSummary {
                    account: id,
                    ..summary.clone()
                },
            );
        }
    }
    let principals: usize = audited.values().map(|one| one.principals.len()).sum();
    assert_eq!((audited.len(), principals), (1_000, 20_000));
    let (nobody, nowhere) = (BTreeMap::new(), BTreeMap::new());
    let view = OrganizationView::of(&OrganizationReport {
        name: None,
        saved: None,
        at: "2026-11-30T04:00:00Z".parse().unwrap(),
        audited: &audited,
        not_audited: &nobody,
        unread: &[],
        places: &nowhere,
    });
    let file = folder.join("many.html");
    html::write(&mut fs::File::create(&file).unwrap(), &view).unwrap();
    file
}

#[test]
fn the_page_of_an_organisation_works_in_a_browser_with_a_thousand_accounts() {
    let folder = tempfile::tempdir().unwrap();
    let page = |name: &str, arguments: &[&str]| {
        let file = folder.path().join(name);
        export(arguments, &file);
        file
    };
    let hostile = hostile(folder.path());
    let hostile: Vec<&str> = hostile.iter().map(String::as_str).collect();
    let (small, hostile) = (page("small.html", &small()), page("hostile.html", &hostile));
    let many = many(folder.path());
    browse("browse_organization.py", &[&small, &hostile, &many]);
}

#[test]
fn markdown_of_an_organisation_full_of_markup_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = hostile(folder.path());
    let hostile: Vec<&str> = hostile.iter().map(String::as_str).collect();
    for arguments in [&small(), &hostile] {
        let file = folder.path().join("organization.md");
        export(arguments, &file);
        let told = complaints("md", &file);
        assert!(told.is_none(), "{}", told.unwrap_or_default());
    }
}
