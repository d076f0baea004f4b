//! The resource side: what does AWS say of keys, buckets, vaults, regions and the organisation?
//!
//! In: what an audit wants to know. Out: the answers in the form of a snapshot, part by part, so that the same reader makes
//! [`Resources`] of them that reads a file, and an audit of the file judges alike. What AWS refused stands there with its code.
//!
//! Each thing is asked about once. Which answer means that there is none is the reader's business.

mod answers;
mod ask;
mod buckets;
mod keys;
mod organization;
mod pages;
mod regions;
mod shapes;
#[cfg(test)]
mod tests;
mod tidy;
mod tried;
mod vaults;
mod whole_organization;

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::resources::{NamedResource, Resources, Wanted};
use futures_util::future::{OptionFuture, join, join_all, join3};
use iam::{AccountId, Arn};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::failure::Failure;
use crate::iam_client::Reads;
use crate::session::{Caller, Session};
use ask::{Asker, part};
use keys::Depth;

pub(crate) use answers::Answers;
pub(crate) use ask::{ReadLimits, code, json_call};
pub(crate) use tried::Tried;
pub(crate) use whole_organization::Pace;
pub use whole_organization::{ListedAccount, WholeOrganization};

/// What AWS says of the resource side of an account.
#[derive(Clone, Debug, Default)]
pub struct ReadSide {
    /// What it says.
    pub(crate) resources: Resources,
    /// The same as a snapshot has it.
    pub(crate) parts: Map<String, Value>,
    /// What it took.
    pub(crate) reads: Reads,
}

/// Reads what is wanted, within limits.
pub(crate) async fn read(session: &Session, wanted: &Wanted, limits: ReadLimits) -> ReadSide {
    let asker = Asker::new(session, wanted.account, limits);
    let (side, organization) = join(
        named(&asker, wanted),
        OptionFuture::from(wanted.organization.then(|| organization::read(&asker))),
    )
    .await;
    let mut parts = side;
    parts.insert("account".to_owned(), json!(wanted.account.as_str()));
    if let Some(organization) = organization {
        parts.insert("organization".to_owned(), organization);
    }
    let reads = asker.reads();
    let (resources, parts) = tidy::read(parts);
    ReadSide {
        resources,
        parts,
        reads,
    }
}

/// The accounts of the organisation, and what stands above each.
///
/// # Errors
/// The first call that AWS does not answer: who may ask is its management account, and whoever that delegates to.
pub(crate) async fn whole_organization(
    session: &Session,
    account: AccountId,
    pace: Pace,
    (until, answers): (Instant, &Arc<Answers>),
) -> Result<WholeOrganization, Failure> {
    let limits = ReadLimits {
        until,
        answers: Arc::clone(answers),
        again: false,
    };
    let asker = Asker::new(session, account, limits);
    let whole = whole_organization::read(&asker, pace).await;
    whole.map_err(|unanswered| unanswered.failure)
}

/// The accounts of the organisation alone.
///
/// # Errors
/// As [`whole_organization`].
pub(crate) async fn listed_accounts(
    session: &Session,
    account: AccountId,
    until: Instant,
) -> Result<Vec<ListedAccount>, Failure> {
    let asker = Asker::new(session, account, afresh(until));
    let accounts = whole_organization::accounts(&asker).await;
    accounts.map_err(|unanswered| unanswered.failure)
}

/// Whether the organisation has a root, an OU or an account of that id.
///
/// # Errors
/// Where AWS does not say.
pub(crate) async fn is_in_organization(
    session: &Session,
    account: AccountId,
    id: &str,
    until: Instant,
) -> Result<bool, Failure> {
    let asker = Asker::new(session, account, afresh(until));
    let has = whole_organization::has(&asker, id).await;
    has.map_err(|unanswered| unanswered.failure)
}

/// Everything is asked, whatever was answered before.
fn afresh(until: Instant) -> ReadLimits {
    ReadLimits {
        until,
        answers: Arc::default(),
        again: true,
    }
}

/// Makes each of the calls once, to see which are permitted.
pub(crate) async fn try_each(session: &Session, caller: &Caller, until: Instant) -> Vec<Tried> {
    let asker = Asker::new(session, caller.account, afresh(until));
    tried::each(&asker, &caller.partition).await
}

/// What is named, and the keys that it leads to.
async fn named(asker: &Asker, wanted: &Wanted) -> Map<String, Value> {
    let (mut named_keys, mut named_buckets, mut named_vaults) =
        (Vec::new(), Vec::new(), Vec::new());
    for named in &wanted.named {
        match named {
            NamedResource::Key { arn, role: _ } => named_keys.push(&**arn),
            NamedResource::Bucket(name) => named_buckets.push(&**name),
            // Its policy decides in its own account, and a vault of the same name here is another.
            NamedResource::Vault(arn) => {
                if Arn::parse(arn).is_ok_and(|arn| arn.account == wanted.account.as_str()) {
                    named_vaults.push(&**arn);
                }
            }
        }
    }
    named_keys.dedup();
    let ((keys, vaults), (own, buckets), (enabled, regions)) = join3(
        join(
            each(named_keys.iter().map(|arn| async move {
                let read = keys::read(asker, arn, Depth::Grants).await?;
                Some(((*arn).to_owned(), read))
            })),
            each(named_vaults.iter().map(|arn| async move {
                let read = vaults::read(asker, arn).await?;
                Some(((*arn).to_owned(), read))
            })),
        ),
        buckets_of(asker, &named_buckets),
        regions_of(asker, wanted),
    )
    .await;
    let mut parts = Map::new();
    let mut keys = keys;
    if wanted.found_keys {
        let mut found = found(asker, &vaults, &buckets, &regions);
        found.retain(|arn, _| !keys.contains_key(arn));
        let found = found.iter().map(|(arn, depth)| async move {
            let read = keys::read(asker, arn, *depth).await?;
            Some((arn.clone(), read))
        });
        keys.extend(each(found).await);
    }
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            parts.insert(name.to_owned(), value);
        }
    };
    add("list-buckets", own);
    add("describe-regions", enabled);
    for (name, group) in [
        ("keys", keys),
        ("buckets", buckets),
        ("vaults", vaults),
        ("regions", regions),
    ] {
        add(name, (!group.is_empty()).then_some(Value::Object(group)));
    }
    parts
}

/// Reads things one beside the other.
async fn each(
    things: impl Iterator<Item = impl Future<Output = Option<(String, Value)>>>,
) -> Map<String, Value> {
    join_all(things).await.into_iter().flatten().collect()
}

/// The account's buckets, and those of them that are named. Of another account's bucket that account's policies decide; S3 is asked once
/// whether there is such a bucket at all.
async fn buckets_of(asker: &Asker, named: &[&str]) -> (Option<Value>, Map<String, Value>) {
    if named.is_empty() {
        return (None, Map::new());
    }
    let own = buckets::list(asker).await;
    let known = own.as_ref().ok().map(buckets::regions);
    let known = &known;
    let buckets = each(named.iter().map(|name| async move {
        let read = match known {
            None => buckets::read(asker, name, None).await,
            Some(known) => match known.get(*name) {
                Some(region) => buckets::read(asker, name, *region).await,
                None => buckets::missing(asker, name).await,
            },
        };
        Some(((*name).to_owned(), read?))
    }))
    .await;
    (Some(part(own)), buckets)
}

/// Which regions are enabled, and those of them that are named.
async fn regions_of(asker: &Asker, wanted: &Wanted) -> (Option<Value>, Map<String, Value>) {
    if wanted.regions.is_empty() {
        return (None, Map::new());
    }
    let enabled = regions::enabled(asker).await;
    let is_enabled = |name: &str| {
        let Some(list) = enabled
            .as_ref()
            .ok()
            .and_then(|one| one.get("Regions")?.as_array())
        else {
            return true;
        };
        list.iter().any(|region| {
            let text = |key| region.get(key).and_then(Value::as_str);
            text("RegionName") == Some(name) && text("OptInStatus") != Some("not-opted-in")
        })
    };
    let asked = wanted.regions.iter().filter(|(name, _)| is_enabled(name));
    let regions = each(asked.map(|(name, wanted)| async move {
        let read = regions::read(asker, name, wanted).await;
        (read != json!({})).then(|| (name.to_string(), read))
    }))
    .await;
    (Some(part(enabled)), regions)
}

/// The keys that vaults, buckets and regions lead to, with how much is to be known of each.
fn found(
    asker: &Asker,
    vaults: &Map<String, Value>,
    buckets: &Map<String, Value>,
    regions: &Map<String, Value>,
) -> BTreeMap<String, Depth> {
    let mut found = BTreeMap::new();
    let mut add = |name: Option<&Value>, region: &str, depth: Depth| {
        let arn = name.and_then(Value::as_str).and_then(|name| {
            let partition = iam::partition_of(region);
            keys::arn_of(name, partition, region, asker.account.as_str())
        });
        if let Some(arn) = arn {
            let known = found.entry(arn).or_insert(depth);
            *known = depth.max(*known);
        }
    };
    for vault in vaults.values() {
        let key = vault.pointer("/describe-backup-vault/EncryptionKeyArn");
        add(key, "", Depth::Grants);
    }
    for bucket in buckets.values() {
        const KEY: &str = "/get-bucket-encryption/ServerSideEncryptionConfiguration/Rules/0/ApplyServerSideEncryptionByDefault/KMSMasterKeyID";
        let location = bucket.pointer("/get-bucket-location/LocationConstraint");
        let region = location
            .and_then(Value::as_str)
            .unwrap_or(buckets::FIRST_REGION);
        add(bucket.pointer(KEY), region, Depth::Grants);
    }
    for (name, region) in regions {
        let default = region.pointer("/get-ebs-default-kms-key-id/KmsKeyId");
        add(default, name, Depth::Grants);
        for list in [
            "/describe-volumes/Volumes",
            "/describe-db-instances/DBInstances",
            "/describe-db-clusters/DBClusters",
        ] {
            let sources = region.pointer(list).and_then(Value::as_array);
            for source in sources.into_iter().flatten() {
                add(source.get("KmsKeyId"), name, Depth::Description);
            }
        }
    }
    found
}
