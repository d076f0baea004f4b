//! Snapshots: what does a file say that holds a listing and what AWS says of the resources besides?
//!
//! In: the text of the file, in the form of `docs/schemas/snapshot-1.json`. Out: a [`SavedSnapshot`], or every mistake in it with its
//! place. A part that is not there was not read, and one that the command could not print was refused: neither is ever a
//! statement that there is nothing.
//!
//! A policy that cannot be understood is no mistake of the file but a fault of that policy, as it is in a listing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use iam::AccountId;
use iam::inventory::{self, Cursor, Inventory};
use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;

use super::json::{Section, Sheet, Value};
use super::mistake::ReadSnapshotError;
use super::output::Output;
use super::{account, bucket, key, organization, region, vault};
use crate::resources::{Reading, Resources};

/// The version of the form of a snapshot: the newest that is read.
pub const SCHEMA_VERSION: u64 = 1;

const EXPECTED: &str = "an object as in docs/schemas/snapshot-1.json";
const VERSION: &str = "schemaVersion";
const LISTING: &str = "listing";
const BUCKETS: &str = "buckets";
const LIST_BUCKETS: &str = "list-buckets";
const REGIONS: &str = "regions";
const DESCRIBE_REGIONS: &str = "describe-regions";

/// All keys at the top.
const TOP: [&str; 12] = [
    VERSION,
    "account",
    "takenAt",
    LISTING,
    "accessKeys",
    "organization",
    "keys",
    BUCKETS,
    "vaults",
    REGIONS,
    LIST_BUCKETS,
    DESCRIBE_REGIONS,
];

/// Keys at the top of a listing. One with keys of a snapshot beside these is refused where listings are read.
const OF_LISTINGS: [&str; 4] = [
    "UserDetailList",
    "GroupDetailList",
    "RoleDetailList",
    "Policies",
];

/// What tells a snapshot that lacks its listing from other forms of this program.
const NO_LISTING: [&str; 7] = [
    "organization",
    "keys",
    BUCKETS,
    "vaults",
    REGIONS,
    LIST_BUCKETS,
    DESCRIBE_REGIONS,
];

/// What a snapshot says.
#[derive(Debug)]
pub struct SavedSnapshot {
    /// The listing, with the access keys that the snapshot has besides.
    pub inventory: Inventory,
    /// When it was taken, if it says so.
    pub taken: Option<Timestamp>,
    /// What it says besides.
    pub resources: Resources,
}

/// Whether a text is meant to be a snapshot, as far as its keys at the top say, even if it is cut off. A listing is none, nor is
/// another form of this program. It reads no further than it must, for a file may be large.
#[must_use]
pub fn is_snapshot(text: &str) -> bool {
    let mut keys = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // What is wrong with it is for reading to say.
    let is_whole = Keys(&mut keys).deserialize(&mut deserializer).is_ok();
    let has = |key: &str| keys.iter().any(|found| found == key);
    let is_other_form = has("generator");
    let says_more = NO_LISTING.into_iter().any(has);
    let is_all_known = is_whole && keys.iter().all(|key| TOP.contains(&&**key));
    has(LISTING)
        || (has(VERSION) && !is_other_form && says_more)
        || (is_all_known && (has(VERSION) || says_more))
}

/// The account that a text says it is of, even if the rest is cut off or wrong. Nothing that it says else is to be relied on.
#[must_use]
pub fn account_said(text: &str) -> Option<AccountId> {
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // What is wrong with it is for reading to say.
    let _ = Said(&mut found).deserialize(&mut deserializer);
    found
}

/// The value of `account` at the top of an object.
struct Said<'a>(&'a mut Option<AccountId>);

impl<'de> DeserializeSeed<'de> for Said<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Said<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "account" {
                *self.0 = map.next_value::<String>()?.parse().ok();
                return Err(A::Error::custom("the rest does not matter"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// The keys of an object, as far as they have to be known and can be read.
struct Keys<'k>(&'k mut Vec<String>);

impl<'de> DeserializeSeed<'de> for Keys<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_decided = key == LISTING || OF_LISTINGS.contains(&&*key);
            self.0.push(key);
            if is_decided {
                return Err(A::Error::custom("the rest does not matter"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Reads a snapshot.
///
/// # Errors
/// [`ReadSnapshotError`] where it is of a newer form, cut off, or has mistakes.
pub fn read_snapshot(text: &str) -> Result<SavedSnapshot, ReadSnapshotError> {
    let sheet = Sheet::new(text);
    let read = sections(text, &sheet);
    let mistakes = sheet.into_mistakes();
    match read? {
        Some(snapshot) if mistakes.is_empty() => Ok(snapshot),
        Some(_) | None => Err(ReadSnapshotError::Mistakes(mistakes)),
    }
}

/// What a snapshot says besides its listing, which may be absent. What was read live is laid out so, too.
///
/// # Errors
/// As [`read_snapshot`].
pub fn read_resources(text: &str) -> Result<Resources, ReadSnapshotError> {
    let sheet = Sheet::new(text);
    let top = Value::root(&sheet, text).section(&TOP, EXPECTED);
    let read = top.map(|top| resources(account(&top), &top));
    let mistakes = sheet.into_mistakes();
    match read {
        Some(resources) if mistakes.is_empty() => Ok(resources),
        Some(_) | None => Err(ReadSnapshotError::Mistakes(mistakes)),
    }
}

fn account(top: &Section<'_, '_>) -> Option<AccountId> {
    top.required("account", "the account's twelve digits")
        .and_then(Value::read_account)
}

/// Why a text is no JSON; `None` where it is, and of another form.
fn no_json(text: &str, error: &serde_json::Error) -> Option<ReadSnapshotError> {
    match error.classify() {
        Category::Eof => {
            // The end of the text, where serde_json counts a new line as begun.
            let (line, column) = Cursor::new(text).at(text.trim_ascii_end().len());
            Some(ReadSnapshotError::CutOff { line, column })
        }
        Category::Io | Category::Syntax => {
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default();
            Some(ReadSnapshotError::NotJson {
                line: error.line(),
                column: error.column(),
                what: what.to_owned(),
            })
        }
        Category::Data => None,
    }
}

/// All of it; `None` where something that must be there is not, which was noted.
fn sections<'t>(
    text: &'t str,
    sheet: &Sheet<'t>,
) -> Result<Option<SavedSnapshot>, ReadSnapshotError> {
    let root = Value::root(sheet, text);
    let top = match root.try_members() {
        Ok(members) => Section::of(&root, members),
        Err(error) => {
            if let Some(no_json) = no_json(text, &error) {
                return Err(no_json);
            }
            root.not_as_expected(&error, EXPECTED);
            return Ok(None);
        }
    };
    // The version first: a newer form may have keys that nobody knows here.
    let version = top.get(VERSION);
    match version.map(|value| (value, value.read::<u64>("1"))) {
        Some((_, Some(found))) if found > SCHEMA_VERSION => {
            return Err(ReadSnapshotError::TooNew {
                found,
                known: SCHEMA_VERSION,
            });
        }
        Some((_, Some(SCHEMA_VERSION) | None)) => {}
        Some((value, Some(_))) => value.mistake(format!("expected {SCHEMA_VERSION}")),
        None => root.mistake(format!(
            "there is no `{VERSION}`: expected {SCHEMA_VERSION}"
        )),
    }
    top.note_unknown(&TOP);
    let account = account(&top);
    let taken = top.get("takenAt").and_then(|value| {
        value.read::<Timestamp>("an instant of RFC 3339, such as `2026-11-20T06:00:00Z`")
    });
    let listing = top.required(
        LISTING,
        "what `aws iam get-account-authorization-details` prints",
    );
    let resources = resources(account, &top);
    let Some(listing) = listing else {
        return Ok(None);
    };
    let mut inventory =
        inventory::read_part(text, listing.json).map_err(ReadSnapshotError::Listing)?;
    if let (Some(account), Some(listed)) = (account, inventory.account)
        && account != listed
    {
        listing.mistake(format!(
            "this listing is of account {listed}, and `account` says {account}: put in that account's listing"
        ));
    }
    if let Some(keys) = top.get("accessKeys") {
        account::add_access_keys(&mut inventory, keys);
    }
    Ok(Some(SavedSnapshot {
        inventory,
        taken,
        resources,
    }))
}

fn resources(account: Option<AccountId>, top: &Section<'_, '_>) -> Resources {
    let own_buckets = Output::of(top, LIST_BUCKETS, &[]).list(account::own_buckets);
    let enabled_regions = Output::of(top, DESCRIBE_REGIONS, &[]).list(account::enabled_regions);
    Resources {
        keys: each(top, "keys", "the ARN of each key", key::read),
        buckets: each(top, BUCKETS, "the name of each bucket", |name, value| {
            let bucket = bucket::read(name, value)?;
            // A bucket that is not there is in no list.
            if !bucket::is_not_there(&bucket) {
                own_bucket(&own_buckets, name, value)?;
            }
            Some(bucket)
        }),
        vaults: each(top, "vaults", "the ARN of each vault", vault::read),
        regions: each(top, REGIONS, "the name of each region", |name, value| {
            if let Some(known) = enabled_regions.read() {
                known_region(known.keys().map(AsRef::as_ref), name, value)?;
            }
            region::read(name, value)
        }),
        organization: top
            .get("organization")
            .map_or(Reading::NotRead, |value| organization::read(account, value)),
        enabled_regions,
        own_buckets,
    }
}

/// What stands in an object under names.
fn each<'s, 't, T>(
    top: &Section<'s, 't>,
    key: &str,
    names: &str,
    mut read: impl FnMut(&str, &Value<'s, 't>) -> Option<T>,
) -> BTreeMap<Box<str>, T> {
    let members = top
        .get(key)
        .and_then(|value| value.members(&format!("an object with {names}")));
    let members = members.unwrap_or_default().into_iter();
    members
        .filter_map(|(name, value)| {
            let one = read(&name, &value)?;
            Some((name, one))
        })
        .collect()
}

/// Notes a bucket that the account does not own.
fn own_bucket(own: &Reading<BTreeSet<Box<str>>>, name: &str, value: &Value<'_, '_>) -> Option<()> {
    let Some(own) = own.read() else {
        return Some(());
    };
    if own.contains(name) {
        return Some(());
    }
    let close = catalog::nearest(name, own.iter().map(AsRef::as_ref));
    let hint = close.map_or_else(String::new, |close| format!(" (did you mean `{close}`?)"));
    value.mistake(format!(
        "`list-buckets` does not name `{name}`, so another account owns it{hint}: take it out, since that account's policies decide on it; or run `aws s3api list-buckets` again if it is new"
    ));
    None
}

/// Notes a region that AWS does not list.
fn known_region<'k>(
    known: impl Iterator<Item = &'k str> + Clone,
    name: &str,
    value: &Value<'_, '_>,
) -> Option<()> {
    if known.clone().any(|one| one == name) {
        return Some(());
    }
    let hint = catalog::nearest(name, known).map_or_else(
        || "run `aws ec2 describe-regions --all-regions`".to_owned(),
        |close| format!("did you mean `{close}`?"),
    );
    value.mistake(format!("`describe-regions` does not name `{name}`: {hint}"));
    None
}
