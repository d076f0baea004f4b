//! Buckets: what does S3 say of one, and which does the account own?
//!
//! A bucket is asked in its own region. Where that is not known yet, S3 names it in its refusal, and that is followed once.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Map, Value, json};

use super::ask::{Asker, Destination, Read, Unanswered, get_call, part};
use super::pages::{self, Paged};
use super::shapes;
use crate::failure::Failure;
use crate::signed::bucket::{EXPECTED_OWNER, S3, address};
use crate::signed::{encoded, xml};

/// Where a bucket is whose location S3 leaves empty.
pub(super) const FIRST_REGION: &str = "us-east-1";

/// One thing that is asked about a bucket.
pub(super) struct Aspect {
    /// The IAM action that allows to ask it.
    pub(super) action: &'static str,
    /// What the AWS CLI calls it.
    command: &'static str,
    operation: &'static str,
    query: &'static str,
    read: Read,
}

pub(super) const LOCATION: Aspect = Aspect {
    action: "s3:GetBucketLocation",
    command: "get-bucket-location",
    operation: "GetBucketLocation",
    query: "location",
    read: |body| {
        let location = xml::read(body, &shapes::LOCATION)?;
        let is_empty = location.as_str().is_none_or(str::is_empty);
        Ok(json!({ "LocationConstraint": if is_empty { Value::Null } else { location } }))
    },
};

pub(super) const REST: [Aspect; 7] = [
    Aspect {
        action: "s3:GetBucketPolicy",
        command: "get-bucket-policy",
        operation: "GetBucketPolicy",
        query: "policy",
        read: |body| {
            // The document itself; one that is no JSON was cut off on its way.
            serde_json::from_slice::<serde::de::IgnoredAny>(body)?;
            Ok(json!({ "Policy": std::str::from_utf8(body)? }))
        },
    },
    Aspect {
        action: "s3:GetBucketVersioning",
        command: "get-bucket-versioning",
        operation: "GetBucketVersioning",
        query: "versioning",
        read: |body| xml::read(body, &shapes::VERSIONING),
    },
    Aspect {
        action: "s3:GetBucketObjectLockConfiguration",
        command: "get-object-lock-configuration",
        operation: "GetObjectLockConfiguration",
        query: "object-lock",
        read: |body| {
            let lock = xml::read(body, &shapes::OBJECT_LOCK)?;
            Ok(json!({ "ObjectLockConfiguration": lock }))
        },
    },
    Aspect {
        action: "s3:GetEncryptionConfiguration",
        command: "get-bucket-encryption",
        operation: "GetBucketEncryption",
        query: "encryption",
        read: |body| {
            let encryption = xml::read(body, &shapes::ENCRYPTION)?;
            Ok(json!({ "ServerSideEncryptionConfiguration": encryption }))
        },
    },
    Aspect {
        action: "s3:GetLifecycleConfiguration",
        command: "get-bucket-lifecycle-configuration",
        operation: "GetBucketLifecycleConfiguration",
        query: "lifecycle",
        read: |body| xml::read(body, &shapes::LIFECYCLE),
    },
    Aspect {
        action: "s3:GetBucketRequestPayment",
        command: "get-bucket-request-payment",
        operation: "GetBucketRequestPayment",
        query: "requestPayment",
        read: |body| xml::read(body, &shapes::PAYMENT),
    },
    Aspect {
        action: "s3:GetReplicationConfiguration",
        command: "get-bucket-replication",
        operation: "GetBucketReplication",
        query: "replication",
        read: |body| {
            let replication = xml::read(body, &shapes::REPLICATION)?;
            Ok(json!({ "ReplicationConfiguration": replication }))
        },
    },
];

/// The account's buckets; S3 says of each in which region it is.
pub(super) async fn list(asker: &Asker) -> Result<Value, Unanswered> {
    const BUCKETS: Paged = Paged {
        list: "Buckets",
        token: "ContinuationToken",
        read: |body| xml::read(body, &shapes::BUCKETS),
    };
    let place = Destination {
        service: S3,
        region: &asker.home,
        host: None,
    };
    let call = |token: Option<&str>| {
        let token = token.map_or_else(String::new, |token| {
            format!("continuation-token={}&", encoded(token))
        });
        get_call("ListBuckets", format!("/?{token}max-buckets=1000"))
    };
    pages::all(asker, place, &BUCKETS, call).await
}

/// The regions of listed buckets, as far as S3 says them.
pub(super) fn regions(listed: &Value) -> BTreeMap<&str, Option<&str>> {
    let listed = listed.get("Buckets").and_then(Value::as_array);
    listed
        .into_iter()
        .flatten()
        .filter_map(|bucket| {
            let name = bucket.get("Name")?.as_str()?;
            Some((name, bucket.get("BucketRegion").and_then(Value::as_str)))
        })
        .collect()
}

/// What S3 says of a bucket that the account does not own; `None` unless that there is none.
pub(super) async fn missing(asker: &Asker, name: &str) -> Option<Value> {
    const NO_BUCKET: &str = "NoSuchBucket";
    if !is_name(name) {
        return None;
    }
    let location = ask(asker, name, &asker.home, &LOCATION).await;
    let is_missing = matches!(
        location.as_ref().map_err(|unanswered| &unanswered.failure),
        Err(Failure::Refused { code, .. }) if code == NO_BUCKET
    );
    is_missing.then(|| json!({ LOCATION.command: part(location) }))
}

fn is_name(name: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !name.is_empty() && name.bytes().all(is_of_name)
}

/// The parts of a bucket; `None` for what cannot be the name of one.
pub(super) async fn read(asker: &Asker, name: &str, region: Option<&str>) -> Option<Value> {
    if !is_name(name) {
        return None;
    }
    let mut region = region.unwrap_or(&asker.home).to_owned();
    // The region first, in which the rest is asked.
    let mut location = ask(asker, name, &region, &LOCATION).await;
    if let Some(named) = elsewhere(&location, &region) {
        // The refusal has said all that was asked.
        let constraint = (named != FIRST_REGION).then_some(&named);
        location = Ok(json!({ "LocationConstraint": constraint }));
        region = named;
    }
    let region = &region;
    let rest = REST.iter().map(|aspect| async move {
        let mut answer = ask(asker, name, region, aspect).await;
        if let Some(named) = elsewhere(&answer, region) {
            answer = ask(asker, name, &named, aspect).await;
        }
        (aspect.command.to_owned(), part(answer))
    });
    let mut parts: Map<String, Value> = join_all(rest).await.into_iter().collect();
    parts.insert(LOCATION.command.to_owned(), part(location));
    Some(Value::Object(parts))
}

/// The other region that a refusal names.
fn elsewhere(answer: &Result<Value, Unanswered>, region: &str) -> Option<String> {
    let named = answer.as_ref().err()?.region.clone()?;
    (named != region).then_some(named)
}

pub(super) async fn ask(
    asker: &Asker,
    name: &str,
    region: &str,
    aspect: &Aspect,
) -> Result<Value, Unanswered> {
    let (host, mut path) = address(name, &asker.endpoint(S3));
    if path.is_empty() {
        path.push('/');
    }
    let place = Destination {
        service: S3,
        region,
        host,
    };
    let mut call = get_call(aspect.operation, format!("{path}?{}", aspect.query));
    call.headers
        .push((EXPECTED_OWNER, asker.account.to_string()));
    asker.ask(place, call, aspect.read).await
}
