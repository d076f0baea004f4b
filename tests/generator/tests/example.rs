//! The example: do the committed files say what the generator makes, and do they fit each other?

use std::collections::BTreeSet;
use std::path::PathBuf;

use generator::{Example, example};
use iam::inventory::{self, Inventory};

fn committed(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("examples/{name}: {error}"))
}

fn listed() -> Inventory {
    inventory::read(&committed("account.json")).expect("a listing")
}

#[test]
fn the_committed_files_are_what_the_generator_makes() {
    for name in Example::FILES {
        let made = example().file(name).expect("a file of the example");
        assert!(
            made == committed(name),
            "run: cargo run -p generator -- example {name} > examples/{name}"
        );
    }
}

#[test]
fn the_settings_are_valid_and_every_binding_matches() {
    let text = String::from_utf8(committed("settings.toml")).expect("UTF-8");
    let settings = audit::settings::Settings::parse(&text).expect("valid settings");
    let catalog = catalog::Catalog::embedded();
    settings
        .check(&catalog)
        .expect("names that the catalog knows");
    let selection = audit::Selection::default();
    let now = "2026-11-22T06:00:00Z".parse().expect("a time");
    let asked = audit::Asked::new(&catalog, &settings, now);
    let bound = audit::bind(&asked, &listed(), &selection);
    assert!(bound.unused.is_empty(), "{:?}", bound.unused);
    assert_eq!(bound.named.len(), 37);
    let lookalikes: Vec<&str> = bound.lookalikes.iter().map(|arn| arn.name()).collect();
    assert_eq!(
        lookalikes,
        ["VeeamBackupRole-old", "veeam-cleanup-lambda", "veeam-test"]
    );
    assert_eq!(
        bound.faults.len(),
        1,
        "one slip in one tag: {:?}",
        bound.faults
    );
}

#[test]
fn one_document_is_malformed_and_one_policy_and_one_boundary_are_missing() {
    let inventory = listed();
    assert!(inventory.gaps.is_empty());
    let mut malformed = BTreeSet::new();
    let mut missing = BTreeSet::new();
    for principal in &inventory.principals {
        for policy in &principal.inline {
            if let Err(fault) = policy.document.as_ref() {
                assert!(fault.line > 1 && fault.reason.contains("Alow"), "{fault:?}");
                malformed.insert(principal.arn.name());
            }
        }
        for arn in principal.attached.iter().chain(&principal.boundary) {
            if !inventory.policies.contains_key(arn) {
                missing.insert(principal.arn.name());
            }
        }
    }
    assert_eq!(malformed, BTreeSet::from(["VeeamFsxBackup"]));
    assert_eq!(
        missing,
        BTreeSet::from(["VeeamOrgRescan", "VeeamRedshiftBackup"])
    );
}

#[test]
fn the_credential_report_is_about_the_listed_users() {
    let mut inventory = listed();
    inventory
        .add_credential_report(&committed("credential-report.csv"))
        .expect("a report of this account");
    assert!(inventory.gaps.is_empty());
    let keys = inventory.access_keys.as_ref().expect("filled in");
    let users = inventory
        .principals
        .iter()
        .filter(|principal| principal.trust.is_none());
    for user in users {
        assert!(keys.contains_key(&user.arn), "{}", user.arn);
    }
    assert_eq!(inventory.root_keys, Some(Vec::new()));
}

#[test]
fn the_scps_are_policies() {
    for name in ["scp-root.json", "scp-account.json"] {
        let text = String::from_utf8(committed(name)).expect("UTF-8");
        let document = iam::Document::parse(&text).expect("a policy document");
        assert!(document.notes.is_empty(), "{:?}", document.notes);
    }
}
