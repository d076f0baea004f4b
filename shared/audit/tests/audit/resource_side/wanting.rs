//! Wanting: what is read of the resource side for what tags name, and what do the settings leave out?

use audit::resources::{SourceKind, Wanted, WantedRegion};
use audit::{Selection, Settings};

use crate::phases::{asked, listed};
use crate::principals::{inventory, principal, role};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k";

fn wanted(tags: &[(&str, &str)], settings: &str) -> Wanted {
    let settings = Settings::parse(settings).unwrap();
    let asked = asked(&settings, "2026-11-01T06:00:00Z", &Selection::default());
    listed(&inventory(vec![principal(role("a"), tags)]), &asked).wanted(&settings)
}

#[track_caller]
fn in_region(tags: &[(&str, &str)]) -> WantedRegion {
    let tags = [tags, &[("regions", "eu-west-1")]].concat();
    wanted(&tags, "").regions["eu-west-1"].clone()
}

#[test]
fn of_a_region_only_what_is_judged_is_wanted() {
    let nothing = WantedRegion::default();
    let set = |name| ("action-sets", name);
    assert_eq!(in_region(&[set("vbaws-role-impersonation")]), nothing);
    let backup = in_region(&[set("vbaws-role-efs-backup")]);
    assert!(backup.backup && !backup.endpoints && backup.sources.is_empty());
    let mut carried = vec![set("vbaws-role-production-worker")];
    assert_eq!(in_region(&carried), nothing);
    carried.push(("private-network", "yes"));
    assert!(in_region(&carried).endpoints);
    let ec2 = [
        set("vbaws-role-ec2-backup"),
        ("worker-account", "444455556666"),
    ];
    assert_eq!(in_region(&ec2[..1]).sources, [].into());
    assert_eq!(in_region(&ec2).sources, [SourceKind::Volume].into());
    let rds = [
        set("vbaws-role-rds-backup"),
        ("worker-account", "444455556666"),
    ];
    let databases = [SourceKind::DbInstance, SourceKind::DbCluster];
    assert_eq!(in_region(&rds).sources, databases.into());
}

#[test]
fn without_a_region_none_is_looked_at_and_without_requirements_no_organization() {
    let tags = [("action-sets", "vbaws-role-repository"), ("kms-key", KEY)];
    let some = wanted(&tags, "");
    assert!(some.regions.is_empty() && some.organization && some.found_keys);
    assert_eq!(some.named.len(), 1);
    let none = wanted(&[], "");
    assert!(none.named.is_empty() && !none.organization);
}

#[test]
fn the_settings_leave_layers_out() {
    let tags = [
        ("action-sets", "vbaws-role-repository"),
        ("kms-key", KEY),
        ("bucket", "backups"),
        ("regions", "eu-west-1"),
    ];
    let buckets = wanted(&tags, "read = [\"bucket-policy\"]");
    assert_eq!(buckets.named.len(), 1);
    assert!(buckets.regions.is_empty() && !buckets.organization && !buckets.found_keys);
    let nothing = wanted(&tags, "read = []");
    assert!(nothing.named.is_empty());
    let mistake = Settings::parse("read = [\"keys\"]").unwrap_err();
    assert_eq!(
        mistake.to_string(),
        "line 1: `keys` is nothing that can be read: expected `key-policy`, `bucket-policy`, `vault-policy`, `region`, `organization`"
    );
}
