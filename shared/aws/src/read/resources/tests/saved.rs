//! What is saved is what was read.

use super::*;
use crate::Snapshot;
use audit::resources::SourceKind;
use audit::saved::snapshot::read_snapshot;
use iam::Inventory;
use iam::inventory::{AccessKey, Gap};

/// Everything that can be wanted.
fn everything() -> Wanted {
    Wanted {
        named: [key(KEY), bucket(BUCKET), NamedResource::Vault(VAULT.into())].into(),
        found_keys: true,
        organization: true,
        ..region(WantedRegion {
            volumes: true,
            backup: true,
            endpoints: true,
            sources: [
                SourceKind::Volume,
                SourceKind::DbInstance,
                SourceKind::DbCluster,
            ]
            .into(),
        })
    }
}

const LISTING: &str = r#"{"UserDetailList":[{"Path":"/veeam/","UserName":"capacity","UserId":"AIDACAPACITY",
    "Arn":"arn:aws:iam::111122223333:user/veeam/capacity","CreateDate":"2024-01-01T00:00:00+00:00","GroupList":[],"AttachedManagedPolicies":[]},
    {"Path":"/","UserName":"glacier","UserId":"AIDAGLACIER",
    "Arn":"arn:aws:iam::111122223333:user/glacier","CreateDate":"2024-01-01T00:00:00+00:00","GroupList":[],"AttachedManagedPolicies":[]}],
    "GroupDetailList":[],"RoleDetailList":[],"Policies":[],"IsTruncated":false}"#;

fn inventory() -> Inventory {
    let mut reader = iam::inventory::Reader::new();
    reader.page(LISTING.as_bytes()).unwrap();
    let mut inventory = reader.finish().unwrap();
    let arn = |path: &str| format!("arn:aws:iam::111122223333:user/{path}");
    let keys = inventory.access_keys.get_or_insert_default();
    keys.insert(
        arn("veeam/capacity").parse().unwrap(),
        vec![AccessKey {
            suffix: "WXYZ".into(),
            active: true,
            created: "2026-01-02T03:04:05Z".into(),
            last_used: Some("".into()),
        }],
    );
    inventory.gaps.push(Gap::Part {
        what: format!("access keys of `{}`", arn("glacier")).into(),
        reason: "AWS refused: AccessDenied: not yours".into(),
    });
    inventory
}

/// A snapshot of what was read.
fn saved(side: &ReadSide, inventory: &Inventory) -> Vec<u8> {
    let mut snapshot = Snapshot::default();
    snapshot.add(LISTING.as_bytes()).unwrap();
    let mut out = Vec::new();
    let taken = "2026-11-20T06:00:00Z".parse().unwrap();
    snapshot
        .write_whole(taken, inventory, side, &mut out)
        .unwrap();
    out
}

#[tokio::test]
async fn a_snapshot_says_what_was_read_and_what_was_refused() {
    for refused in [
        "",
        "policy",
        "DescribeKey",
        "ListParents",
        "EbsDefault",
        "AllRegions",
        "backup.",
    ] {
        let (side, _) = read_where(&everything(), move |sent| {
            let call = format!("{} {} {}", sent.uri, sent.target, sent.body);
            let is_refused = !refused.is_empty() && call.contains(refused);
            is_refused.then(|| storage_refusal(403, "AccessDenied"))
        })
        .await;
        let inventory = inventory();
        let text = String::from_utf8(saved(&side, &inventory)).unwrap();
        let read = read_snapshot(&text).unwrap_or_else(|error| panic!("{refused}: {error}"));
        assert_eq!(read.resources, side.resources, "{refused}");
        assert_eq!(read.inventory.access_keys, inventory.access_keys);
        let gap = Gap::Part {
            what: "access keys of `arn:aws:iam::111122223333:user/glacier`".into(),
            reason: "AccessDenied".into(),
        };
        assert_eq!(read.inventory.gaps, [gap]);
    }
}

#[tokio::test]
async fn everything_is_read_within_its_calls() {
    let (side, sent) = read_where(&everything(), |_| None).await;
    // Buckets, regions; a key 3, a bucket 8, a vault 2, a region 5 and a page for each kind of source; levels and policies.
    assert_eq!(sent.len(), 2 + 3 + 8 + 2 + (5 + 3) + (1 + 2 + 6 + 1));
    assert_eq!(side.reads.calls, 33);
    assert!(side.reads.refused == 0 && side.reads.failed == 0);
    for call in &sent {
        assert!(!call.body.contains("AKIA") && !call.uri.contains("AKIA"));
    }
}
