//! The account: which buckets does it own, which regions are enabled for it, and which access keys do its users have?

use std::collections::{BTreeMap, BTreeSet};

use iam::inventory::{AccessKey, Gap, Inventory};
use iam::{PrincipalArn, PrincipalKind};
use serde::Deserialize;

use super::instant::Instant;
use super::json::Value;
use super::output::Output;
use crate::resources::{Reading, RegionStatus};

/// The names of the account's buckets.
pub(super) fn own_buckets(value: &Value<'_, '_>) -> Option<BTreeSet<Box<str>>> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "Name")]
        name: Box<str>,
    }
    const EXPECTED: &str = "what `aws s3api list-buckets` prints";
    let printed = value.printed(&["Buckets"], &["Owner", "Prefix"], EXPECTED)?;
    if printed
        .get("Prefix")
        .is_some_and(|prefix| !prefix.is_nothing())
    {
        value.mistake(
            "this is a part of the buckets: run `aws s3api list-buckets` without `--prefix`",
        );
        return None;
    }
    let buckets: Vec<Named> = printed.required("Buckets", EXPECTED)?.read(EXPECTED)?;
    Some(buckets.into_iter().map(|bucket| bucket.name).collect())
}

/// Whether each region is enabled.
pub(super) fn enabled_regions(value: &Value<'_, '_>) -> Option<BTreeMap<Box<str>, RegionStatus>> {
    const EXPECTED: &str = "what `aws ec2 describe-regions --all-regions` prints";
    let printed = value.printed(&["Regions"], &[], EXPECTED)?;
    let regions = printed.required("Regions", EXPECTED)?.items(EXPECTED)?;
    let mut known = BTreeMap::new();
    for region in &regions {
        let fields = region.printed(
            &["RegionName", "OptInStatus"],
            &["Endpoint", "Geography"],
            EXPECTED,
        )?;
        let value = fields.required("OptInStatus", EXPECTED)?;
        let status = match &*value.text(EXPECTED)? {
            "opt-in-not-required" => RegionStatus::Default,
            "opted-in" => RegionStatus::OptedIn,
            "not-opted-in" => RegionStatus::NotOptedIn,
            other => {
                value.mistake(format!(
                    "`{other}` is no status: expected `opt-in-not-required`, `opted-in` or `not-opted-in`"
                ));
                return None;
            }
        };
        known.insert(fields.text("RegionName", EXPECTED)?, status);
    }
    Some(known)
}

/// Adds the access keys of users. Where they were refused, the inventory gets a gap and the keys stay unknown.
pub(super) fn add_access_keys(inventory: &mut Inventory, value: &Value<'_, '_>) {
    let users =
        value.members("an object with what `aws iam list-access-keys` prints for each user");
    for (name, value) in users.unwrap_or_default() {
        let Some(user) = user(inventory, &name, &value) else {
            continue;
        };
        match Output::of_value(&value, &[]).list(|value| access_keys(&name, value)) {
            Reading::NotRead => {}
            Reading::Refused(reason) => inventory.gaps.push(Gap::Part {
                what: format!("access keys of `{user}`").into(),
                reason,
            }),
            Reading::Read(keys) => {
                let known = inventory.access_keys.get_or_insert_default();
                known.insert(user, keys);
            }
        }
    }
}

/// The user of a name, who must be in a listing that is whole.
fn user(inventory: &Inventory, name: &str, value: &Value<'_, '_>) -> Option<PrincipalArn> {
    let users = || {
        let principals = inventory.principals.iter().map(|principal| &principal.arn);
        principals.filter(|arn| arn.kind() == PrincipalKind::User)
    };
    let found = users().find(|arn| arn.name() == name);
    // A listing with gaps may have held the user, and says itself what could not be read.
    let is_lacking = |gap: &Gap| matches!(gap, Gap::Truncated | Gap::Item { .. });
    if found.is_none() && !inventory.gaps.iter().any(is_lacking) {
        let close = catalog::nearest(name, users().map(PrincipalArn::name));
        let hint = close.map_or_else(
            || "expected a user's name, without its path".to_owned(),
            |close| format!("did you mean `{close}`?"),
        );
        value.mistake(format!("the listing has no user `{name}`: {hint}"));
    }
    found.cloned()
}

fn access_keys(user: &str, value: &Value<'_, '_>) -> Option<Vec<AccessKey>> {
    const EXPECTED: &str = "what `aws iam list-access-keys` prints";
    let printed = value.printed(&["AccessKeyMetadata"], &[], EXPECTED)?;
    let keys = printed
        .required("AccessKeyMetadata", EXPECTED)?
        .items(EXPECTED)?;
    keys.iter().map(|key| access_key(user, key)).collect()
}

fn access_key(user: &str, value: &Value<'_, '_>) -> Option<AccessKey> {
    const EXPECTED: &str = "a key as `aws iam list-access-keys` prints it";
    let fields = value.printed(
        &["UserName", "AccessKeyId", "Status", "CreateDate"],
        &[],
        EXPECTED,
    )?;
    if let Some(found) = fields.get("UserName") {
        let name = found.text("a text")?;
        if *name != *user {
            found.mistake(format!(
                "this is a key of `{name}`, and stands under `{user}`: run `aws iam list-access-keys --user-name {user}`"
            ));
            return None;
        }
    }
    let id = fields.text("AccessKeyId", EXPECTED)?;
    let tail = id.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    let status = fields.required("Status", EXPECTED)?;
    let active = match &*status.text("`Active` or `Inactive`")? {
        "Active" => true,
        "Inactive" | "Expired" => false,
        other => {
            status.mistake(format!(
                "`{other}` is no status: expected `Active` or `Inactive`"
            ));
            return None;
        }
    };
    let created: Option<Instant> = match fields.get("CreateDate") {
        Some(created) => created.read("a date as the AWS CLI prints it")?,
        None => None,
    };
    Some(AccessKey {
        suffix: id.get(tail..).unwrap_or_default().into(),
        active,
        created: created.map_or_else(Box::default, |created| created.0.to_string().into()),
        // That would be one more command for each key.
        last_used: Some("".into()),
    })
}
