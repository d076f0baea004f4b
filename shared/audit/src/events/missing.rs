//! Missing events: which changes happened whose trail events never came?
//!
//! In: what arrived, an account that was listed and bound, and trail events that CloudTrail has. Out: the sources from which an event
//! that touches a bound principal never came, nor any event after it; and the look-ups that find such events. An event that is lost while
//! later ones come does not count, because CloudTrail promises no delivery; nor does one younger than [`LATE`]. Nothing follows from what
//! was not looked up.

use std::collections::BTreeSet;

use iam::Arn;
use jiff::{SignedDuration, Timestamp};

use super::arrivals::{Arrivals, EventSource, later};
use super::event::TrailEvent;
use super::look_up::{LookUp, LookUpBy, region_of_iam};
use super::touched::{Account, touched_by};
use crate::bind::listed::Listed;
use crate::resources::NamedResource;

/// So long an event may take.
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// How far back CloudTrail keeps its event history.
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

const IAM: &str = "iam.amazonaws.com";

/// The calls of a service that are looked up, the most frequent first.
fn calls_of(service: &str) -> &'static [&'static str] {
    match service {
        IAM => &[
            "AttachRolePolicy",
            "DetachRolePolicy",
            "PutRolePolicy",
            "CreatePolicyVersion",
            "TagRole",
            "UpdateAssumeRolePolicy",
            "CreateRole",
            "PutUserPolicy",
            "AttachUserPolicy",
            "CreateAccessKey",
            "DetachUserPolicy",
            "TagUser",
        ],
        "kms.amazonaws.com" => &["PutKeyPolicy", "DisableKey", "ScheduleKeyDeletion"],
        "s3.amazonaws.com" => &["PutBucketPolicy", "DeleteBucketPolicy"],
        "backup.amazonaws.com" => &["PutBackupVaultAccessPolicy"],
        "ec2.amazonaws.com" => &["ModifyVpcEndpoint"],
        _ => &[],
    }
}

/// So many calls of IAM for one of each other service.
const IAM_FIRST: usize = 6;

/// The look-ups that find events that never came, the most telling first, and since when; none where none can be missing.
pub(crate) fn look_ups(
    arrivals: &Arrivals,
    listed: &Listed,
    now: Timestamp,
) -> (Vec<LookUp>, Timestamp) {
    let mut ranked = Vec::new();
    let mut earliest = now;
    for source in sources(listed) {
        let silent = arrivals.silent_since(&source);
        let Some(since) = silent.filter(|since| later(*since, LATE) < now) else {
            continue;
        };
        earliest = earliest.min(since);
        let is_iam = &*source.service == IAM;
        for (at, call) in calls_of(&source.service).iter().enumerate() {
            let rank = if is_iam { at / IAM_FIRST } else { at };
            let look_up = LookUp {
                region: source.region.clone(),
                by: LookUpBy::Call((*call).into()),
            };
            ranked.push(((rank, !is_iam, at), look_up));
        }
    }
    ranked.sort();
    let start = now.checked_sub(HISTORY).unwrap_or(Timestamp::MIN);
    let look_ups = ranked.into_iter().map(|(_, look_up)| look_up);
    (look_ups.collect(), earliest.max(start))
}

/// The sources whose events can touch somebody who is bound, as far as resources are declared.
fn sources(listed: &Listed) -> BTreeSet<EventSource> {
    let mut sources = BTreeSet::new();
    let mut add = |service: &str, region: &str| {
        sources.insert(EventSource {
            service: service.into(),
            region: region.into(),
        });
    };
    if let Some(principal) = listed.bound.named.first() {
        add(IAM, region_of_iam(principal.partition()));
    }
    let subjects = listed.bound.subjects.iter();
    for requirement in subjects.flat_map(|subject| subject.requirements.iter()) {
        for resource in requirement.resources.iter() {
            match resource {
                NamedResource::Key { arn, .. } => {
                    if let Ok(arn) = Arn::parse(arn)
                        && arn.account == listed.account.as_str()
                    {
                        add("kms.amazonaws.com", arn.region);
                    }
                }
                NamedResource::Bucket(name) => {
                    let bucket = listed.resources.buckets.get(name);
                    if let Some(region) = bucket.and_then(|bucket| bucket.region.read()) {
                        add("s3.amazonaws.com", region);
                    }
                }
                NamedResource::Vault(arn) => {
                    if let Ok(arn) = Arn::parse(arn) {
                        add("backup.amazonaws.com", arn.region);
                    }
                }
            }
        }
        if requirement.private_network == Some(true) {
            for region in requirement.regions.iter() {
                add("ec2.amazonaws.com", region);
            }
        }
    }
    sources
}

/// The sources of which one of these events never came.
pub(crate) fn missing<'e>(
    events: impl IntoIterator<Item = &'e TrailEvent>,
    arrivals: &Arrivals,
    listed: &Listed,
    now: Timestamp,
) -> BTreeSet<EventSource> {
    let account = Account {
        id: listed.account,
        inventory: &listed.inventory,
        bound: &listed.bound,
    };
    let mut missing = BTreeSet::new();
    for event in events {
        let Some(source) = event.origin() else {
            continue;
        };
        let silent = arrivals.silent_since(&source);
        let is_late = later(event.at, LATE) <= now;
        let is_missing = is_late && silent.is_some_and(|since| event.at > since);
        if !is_missing || missing.contains(&source) {
            continue;
        }
        let mut touched = touched_by(event, account).into_iter();
        if touched.any(|principal| listed.bound.named.contains(principal)) {
            missing.insert(source);
        }
    }
    missing
}
