//! Regions: what is set for the account in one, and what is there that may be encrypted?

use std::collections::BTreeSet;

use audit::resources::{SourceKind, WantedRegion};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use serde_json::{Map, Value};

use super::ask::{Asker, Destination, Read, Unanswered, form_call, part};
use super::pages::{self, Paged};
use super::{shapes, vaults};
use crate::signed::{Service, xml};

const EC2: Service = Service {
    name: "ec2",
    id: "EC2",
    is_storage: false,
};
const RDS: Service = Service {
    name: "rds",
    id: "RDS",
    is_storage: false,
};
const EC2_VERSION: &str = "2016-11-15";
const RDS_VERSION: &str = "2014-10-31";

/// Whether each region is enabled for the account.
pub(super) async fn enabled(asker: &Asker) -> Result<Value, Unanswered> {
    let read: Read = |body| xml::read(body, &shapes::REGIONS);
    ec2(
        asker,
        &asker.home,
        "DescribeRegions",
        &[("AllRegions", "true")],
        read,
    )
    .await
}

/// The parts of a region.
pub(super) async fn read(asker: &Asker, region: &str, wanted: &WantedRegion) -> Value {
    type Answer<'a> = BoxFuture<'a, Result<Value, Unanswered>>;
    let mut calls: Vec<(&str, Answer<'_>)> = Vec::new();
    let mut add = |name, call| calls.push((name, call));
    if wanted.volumes {
        add(
            "get-ebs-default-kms-key-id",
            default_key(asker, region).boxed(),
        );
        add(
            "get-ebs-encryption-by-default",
            by_default(asker, region).boxed(),
        );
    }
    if wanted.backup {
        add(
            "describe-region-settings",
            vaults::settings(asker, region).boxed(),
        );
        add("list-backup-vaults", vaults::list(asker, region).boxed());
    }
    if wanted.endpoints {
        add("describe-vpc-endpoints", endpoints(asker, region).boxed());
    }
    for kind in &wanted.sources {
        let (name, call) = match kind {
            SourceKind::Volume => ("describe-volumes", volumes(asker, region).boxed()),
            SourceKind::DbInstance => (
                "describe-db-instances",
                databases(asker, region, "DescribeDBInstances", &INSTANCES).boxed(),
            ),
            SourceKind::DbCluster => (
                "describe-db-clusters",
                databases(asker, region, "DescribeDBClusters", &CLUSTERS).boxed(),
            ),
            // Their keys are those of volumes, or of volumes that were.
            SourceKind::EbsSnapshot => continue,
        };
        add(name, call);
    }
    let calls = calls.into_iter();
    let parts = calls.map(|(name, call)| async move { (name.to_owned(), part(call.await)) });
    let parts: Map<String, Value> = join_all(parts).await.into_iter().collect();
    Value::Object(parts)
}

pub(super) async fn default_key(asker: &Asker, region: &str) -> Result<Value, Unanswered> {
    let read: Read = |body| xml::read(body, &shapes::DEFAULT_KEY);
    ec2(asker, region, "GetEbsDefaultKmsKeyId", &[], read).await
}

pub(super) async fn by_default(asker: &Asker, region: &str) -> Result<Value, Unanswered> {
    let read: Read = |body| xml::read(body, &shapes::BY_DEFAULT);
    ec2(asker, region, "GetEbsEncryptionByDefault", &[], read).await
}

/// Calls EC2 once.
async fn ec2(
    asker: &Asker,
    region: &str,
    operation: &'static str,
    fields: &[(&str, &str)],
    read: Read,
) -> Result<Value, Unanswered> {
    let call = form_call(EC2_VERSION, operation, fields);
    asker.ask(place(EC2, region), call, read).await
}

pub(super) async fn endpoints(asker: &Asker, region: &str) -> Result<Value, Unanswered> {
    const ENDPOINTS: Paged = Paged {
        list: "VpcEndpoints",
        token: "NextToken",
        read: |body| xml::read(body, &shapes::ENDPOINTS),
    };
    let call = |token: Option<&str>| {
        let mut fields = vec![("MaxResults", "1000")];
        fields.extend(token.map(|token| ("NextToken", token)));
        form_call(EC2_VERSION, "DescribeVpcEndpoints", &fields)
    };
    pages::all(asker, place(EC2, region), &ENDPOINTS, call).await
}

/// Encrypted volumes, one for each key.
pub(super) async fn volumes(asker: &Asker, region: &str) -> Result<Value, Unanswered> {
    const VOLUMES: Paged = Paged {
        list: "Volumes",
        token: "NextToken",
        read: |body| Ok(one_a_key(xml::read(body, &shapes::VOLUMES)?)),
    };
    let call = |token: Option<&str>| {
        let mut fields = vec![
            ("MaxResults", "1000"),
            ("Filter.1.Name", "encrypted"),
            ("Filter.1.Value.1", "true"),
        ];
        fields.extend(token.map(|token| ("NextToken", token)));
        form_call(EC2_VERSION, "DescribeVolumes", &fields)
    };
    let all = pages::all(asker, place(EC2, region), &VOLUMES, call).await?;
    Ok(one_a_key(all))
}

pub(super) const INSTANCES: Paged = Paged {
    list: "DBInstances",
    token: "Marker",
    read: |body| Ok(one_a_key(inner(xml::read(body, &shapes::DB_INSTANCES)?))),
};
pub(super) const CLUSTERS: Paged = Paged {
    list: "DBClusters",
    token: "Marker",
    read: |body| Ok(one_a_key(inner(xml::read(body, &shapes::DB_CLUSTERS)?))),
};

/// Databases or clusters of them, one for each key.
pub(super) async fn databases(
    asker: &Asker,
    region: &str,
    operation: &'static str,
    paged: &Paged,
) -> Result<Value, Unanswered> {
    let call = |token: Option<&str>| {
        let mut fields = vec![("MaxRecords", "100")];
        fields.extend(token.map(|token| ("Marker", token)));
        form_call(RDS_VERSION, operation, &fields)
    };
    let all = pages::all(asker, place(RDS, region), paged, call).await?;
    Ok(one_a_key(all))
}

/// The answer proper, without the envelope.
fn inner(mut answer: Value) -> Value {
    answer
        .get_mut("Result")
        .map(Value::take)
        .unwrap_or_default()
}

/// Keeps the first thing of each key in all lists: how many there are of a key does not matter.
fn one_a_key(mut answer: Value) -> Value {
    let mut known = BTreeSet::new();
    for list in answer.as_object_mut().into_iter().flatten() {
        if let (_, Value::Array(list)) = list {
            list.retain(|found| {
                let key = found.get("KmsKeyId").and_then(Value::as_str);
                key.is_some_and(|key| known.insert(key.to_owned()))
            });
        }
    }
    answer
}

fn place(service: Service, region: &str) -> Destination<'_> {
    Destination {
        service,
        region,
        host: None,
    }
}
