//! Buckets.

use std::collections::BTreeMap;

use super::*;
use crate::replay::Replay;
use audit::resources::{Reading, Versioning};

#[tokio::test]
async fn a_bucket_takes_eight_calls_in_its_region() {
    let (side, sent) = read_where(&named([bucket(BUCKET)]), |_| None).await;
    let bucket = &side.resources.buckets[BUCKET];
    assert_eq!(bucket.policy, Reading::Read(None));
    assert_eq!(bucket.versioning, Reading::Read(Versioning::Never));
    assert_eq!(bucket.object_lock, Reading::Read(None));
    assert_eq!(
        &*bucket
            .encryption
            .read()
            .unwrap()
            .as_ref()
            .unwrap()
            .algorithm,
        "AES256"
    );
    assert_eq!(bucket.lifecycle, Reading::Read(vec![]));
    assert_eq!(bucket.region, Reading::Read("eu-central-1".into()));
    assert_eq!(bucket.requester_pays, Reading::Read(false));
    assert_eq!(bucket.replicates, Reading::Read(false));
    assert_eq!(sent.len(), 1 + 8);
    assert!(
        sent[0]
            .uri
            .starts_with("https://s3.eu-west-1.amazonaws.com/?")
    );
    for call in &sent[1..] {
        assert!(
            call.uri
                .starts_with("https://backups-eu.s3.eu-central-1.amazonaws.com/?"),
            "{}",
            call.uri
        );
        assert_eq!(call.headers["x-amz-expected-bucket-owner"], ACCOUNT);
        assert!(call.headers.contains_key("x-amz-content-sha256"));
    }
    assert_eq!(
        (side.reads.calls, side.reads.refused, side.reads.failed),
        (9, 0, 0)
    );
}

#[tokio::test]
async fn what_is_set_is_read() {
    let (side, _) = read_where(&named([bucket(BUCKET)]), |sent| {
        let body = match sent.uri.split_once('?')?.1 {
            "policy" => r#"{"Version":"2012-10-17","Statement":[{"Sid":"No","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::backups-eu/*"}]}"#,
            "versioning" => "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></VersioningConfiguration>",
            "object-lock" => "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>30</Days></DefaultRetention></Rule></ObjectLockConfiguration>",
            "encryption" => "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
            "lifecycle" => "<LifecycleConfiguration><Rule><ID>old &amp; cold</ID><Filter><And><Prefix>Veeam/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status><Transition><Days>90</Days><StorageClass>GLACIER</StorageClass></Transition></Rule><Rule><ID>abort</ID><Filter/><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>",
            "requestPayment" => "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
            "replication" => "<ReplicationConfiguration><Role>arn:aws:iam::111122223333:role/r</Role><Rule><ID>r</ID><Priority>1</Priority><Filter/><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::copy</Bucket></Destination></Rule></ReplicationConfiguration>",
            _ => return None,
        };
        Some((200, body.to_owned()))
    })
    .await;
    let bucket = &side.resources.buckets[BUCKET];
    assert!(bucket.policy.read().unwrap().as_ref().unwrap().is_ok());
    assert_eq!(bucket.versioning, Reading::Read(Versioning::Enabled));
    let lock = bucket.object_lock.read().unwrap().as_ref().unwrap();
    assert_eq!(
        lock.default_retention.as_deref(),
        Some("COMPLIANCE, 30 days")
    );
    assert_eq!(
        bucket
            .encryption
            .read()
            .unwrap()
            .as_ref()
            .unwrap()
            .key
            .as_deref(),
        Some(KEY)
    );
    let rules: Vec<_> = bucket.lifecycle.read().unwrap().iter().collect();
    assert_eq!((&*rules[0].id, &*rules[0].prefix), ("old & cold", "Veeam/"));
    assert!(rules[0].is_narrowed && !rules[0].only_aborts_uploads && rules[1].only_aborts_uploads);
    assert_eq!(bucket.requester_pays, Reading::Read(true));
    assert_eq!(bucket.replicates, Reading::Read(true));
}

#[tokio::test]
async fn of_a_bucket_of_another_account_it_is_asked_only_whether_it_is_there() {
    for refusal in [
        storage_refusal(403, "AccessDenied"),
        storage_refusal(301, "PermanentRedirect"),
        (500, String::new()),
    ] {
        let (side, sent) = read_where(&named([bucket("elsewhere")]), move |sent| {
            sent.uri.contains("elsewhere").then(|| refusal.clone())
        })
        .await;
        assert!(side.resources.buckets.is_empty());
        assert_eq!(side.resources.own_buckets.read().unwrap().len(), 1);
        let asked: BTreeSet<_> = sent.iter().map(|sent| &sent.uri).collect();
        assert_eq!(asked.len(), 2, "{asked:?}");
    }
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_known_not_to_be() {
    let (side, sent) = read_where(&named([bucket(BUCKET), bucket("gone")]), |sent| {
        let is_gone = sent.uri.contains("gone");
        is_gone.then(|| storage_refusal(404, "NoSuchBucket"))
    })
    .await;
    let bucket = &side.resources.buckets["gone"];
    assert_eq!(bucket.region, Reading::Refused("NoSuchBucket".into()));
    assert_eq!(bucket.policy, Reading::NotRead);
    assert!(side.resources.buckets[BUCKET].region.read().is_some());
    assert_eq!(sent.len(), 1 + 8 + 1);
}

#[tokio::test]
async fn a_refusal_is_none_of_the_audits_errors() {
    let (side, _) = read_where(&named([bucket(BUCKET)]), |_| {
        Some(storage_refusal(403, "AccessDenied"))
    })
    .await;
    let bucket = &side.resources.buckets[BUCKET];
    assert_eq!(bucket.policy, Reading::Refused("AccessDenied".into()));
    assert_eq!(bucket.lifecycle, Reading::Refused("AccessDenied".into()));
    assert_eq!(
        side.resources.own_buckets,
        Reading::Refused("AccessDenied".into())
    );
    assert_eq!((side.reads.calls, side.reads.refused), (9, 9));
}

/// S3 sends whoever asks in another region away, and says where to.
fn moved(sent: &Sent) -> Option<(u16, String)> {
    let is_there = sent.uri.contains(".eu-central-1.");
    if sent.uri.contains("max-buckets") {
        return Some(storage_refusal(403, "AccessDenied"));
    }
    (!is_there).then(|| storage_refusal(301, "PermanentRedirect"))
}

#[tokio::test]
async fn the_region_that_s3_names_is_where_the_rest_is_asked() {
    let replay = Replay::new(|sent| Ok(moved(sent).unwrap_or_else(|| answer(sent))));
    let replay = replay.with_headers(|sent| match moved(sent) {
        Some((301, _)) => vec![("x-amz-bucket-region", "eu-central-1".to_owned())],
        _ => vec![],
    });
    let (side, sent) = read_from(&replay, &named([bucket(BUCKET)])).await;
    let bucket = &side.resources.buckets[BUCKET];
    assert_eq!(bucket.region, Reading::Read("eu-central-1".into()));
    assert_eq!(bucket.requester_pays, Reading::Read(false));
    assert_eq!(sent.len(), 1 + 8, "the redirect said where the bucket is");
}

#[tokio::test]
async fn a_redirect_is_followed_once() {
    let replay = Replay::new(|_| Ok(storage_refusal(301, "PermanentRedirect")));
    let replay = replay.with_headers(|sent| {
        let region = if sent.uri.contains("us-east-2") {
            "us-west-2"
        } else {
            "us-east-2"
        };
        vec![("x-amz-bucket-region", region.to_owned())]
    });
    let (side, sent) = read_from(&replay, &named([bucket(BUCKET)])).await;
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    for call in &sent {
        *asked
            .entry(call.uri.split_once('?').unwrap().1)
            .or_default() += 1;
    }
    assert!(asked.values().all(|times| *times <= 2), "{asked:?}");
    assert_eq!(
        side.resources.buckets[BUCKET].policy,
        Reading::Refused("PermanentRedirect".into())
    );
}

#[tokio::test]
async fn a_name_that_no_certificate_holds_for_stands_in_the_path() {
    let (_, sent) = read_where(&named([bucket("a.b")]), |sent| {
        sent.uri
            .contains("max-buckets")
            .then(|| storage_refusal(403, "AccessDenied"))
    })
    .await;
    assert!(
        sent[1]
            .uri
            .starts_with("https://s3.eu-west-1.amazonaws.com/a.b?"),
        "{}",
        sent[1].uri
    );
}
