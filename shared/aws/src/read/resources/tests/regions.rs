//! Regions.

use super::*;
use audit::resources::{Reading, RegionStatus, SourceKind};

fn everything() -> WantedRegion {
    WantedRegion {
        volumes: true,
        backup: true,
        endpoints: true,
        sources: [
            SourceKind::Volume,
            SourceKind::DbInstance,
            SourceKind::DbCluster,
        ]
        .into(),
    }
}

#[tokio::test]
async fn each_part_of_a_region_is_read_there() {
    let (side, sent) = read_where(&region(everything()), |_| None).await;
    let of_region = &side.resources.regions[REGION];
    assert_eq!(of_region.ebs_default_key, Reading::Read(KEY.into()));
    assert_eq!(of_region.ebs_encryption_by_default, Reading::Read(true));
    assert!(of_region.backup.read().unwrap().opt_in["EFS"]);
    assert_eq!(of_region.vaults.read().unwrap().len(), 2);
    let endpoint = &of_region.endpoints.read().unwrap()[0];
    assert!(endpoint.private_dns && endpoint.policy.as_ref().unwrap().is_ok());
    for (kind, keys) in [
        (SourceKind::Volume, 1),
        (SourceKind::DbInstance, 1),
        (SourceKind::DbCluster, 0),
    ] {
        assert_eq!(
            of_region.source_keys[&kind].read().unwrap().len(),
            keys,
            "{kind:?}"
        );
    }
    let statuses = side.resources.enabled_regions.read().unwrap();
    assert_eq!(statuses["af-south-1"], RegionStatus::NotOptedIn);
    assert_eq!(sent.len(), 1 + 8);
    assert!(
        sent[0]
            .uri
            .starts_with("https://ec2.eu-west-1.amazonaws.com/")
    );
    assert!(
        sent[1..]
            .iter()
            .all(|call| call.uri.contains(".eu-central-1.amazonaws.com"))
    );
}

#[tokio::test]
async fn what_nobody_wants_is_not_asked() {
    let (_, sent) = read_where(
        &region(WantedRegion {
            volumes: true,
            ..WantedRegion::default()
        }),
        |_| None,
    )
    .await;
    assert_eq!(sent.len(), 1 + 2);
}

#[tokio::test]
async fn a_region_that_is_not_enabled_is_not_asked() {
    let wanted = Wanted {
        regions: [
            ("af-south-1".into(), everything()),
            ("eu-centrl-1".into(), everything()),
        ]
        .into(),
        ..nothing()
    };
    let (side, sent) = read_where(&wanted, |_| None).await;
    assert_eq!(sent.len(), 1);
    assert!(side.resources.regions.is_empty() && side.resources.enabled_regions.read().is_some());
}

#[tokio::test]
async fn all_pages_are_one_list() {
    let wanted = region(WantedRegion {
        sources: [SourceKind::Volume].into(),
        ..WantedRegion::default()
    });
    let (side, sent) = read_where(&wanted, |sent| {
        if sent.form.get("Action").map(String::as_str) != Some("DescribeVolumes") {
            return None;
        }
        assert_eq!(sent.form["Filter.1.Name"], "encrypted");
        let next = match sent.form.get("NextToken").map(String::as_str) {
            None => "<nextToken>AAAA+/=</nextToken></",
            Some("AAAA+/=") => "</",
            other => panic!("{other:?}"),
        };
        let (status, mut body) = answer(sent);
        if sent.form.contains_key("NextToken") {
            body = body.replace("1234abcd", "ffffffff");
        }
        Some((
            status,
            body.replace(
                "</DescribeVolumesResponse",
                &format!("{next}DescribeVolumesResponse"),
            ),
        ))
    })
    .await;
    assert_eq!(sent.len(), 3);
    assert_eq!(
        side.resources.regions[REGION].source_keys[&SourceKind::Volume]
            .read()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_list_whose_second_page_is_refused_says_nothing() {
    let wanted = region(WantedRegion {
        sources: [SourceKind::DbInstance].into(),
        ..WantedRegion::default()
    });
    let (side, _) = read_where(&wanted, |sent| {
        if sent.form.get("Action").map(String::as_str) != Some("DescribeDBInstances") {
            return None;
        }
        Some(match sent.form.get("Marker") {
            Some(_) => crate::replay::refusal(403, "AccessDenied", "no"),
            None => {
                let (status, body) = answer(sent);
                (
                    status,
                    body.replace(
                        "</DescribeDBInstancesResult>",
                        "<Marker>bWFya2Vy</Marker></DescribeDBInstancesResult>",
                    ),
                )
            }
        })
    })
    .await;
    let found = &side.resources.regions[REGION].source_keys[&SourceKind::DbInstance];
    assert_eq!(*found, Reading::Refused("AccessDenied".into()));
}

#[tokio::test]
async fn what_ec2_refuses_is_refused() {
    let (side, _) = read_where(&region(everything()), |sent| {
        let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors><RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>";
        sent.uri.contains("ec2.").then(|| (403, body.to_owned()))
    })
    .await;
    let of_region = &side.resources.regions[REGION];
    let refused = Reading::Refused("UnauthorizedOperation".into());
    assert_eq!(of_region.ebs_default_key, refused);
    assert!(of_region.backup.read().is_some());
    assert!(matches!(
        side.resources.enabled_regions,
        Reading::Refused(_)
    ));
}
