//! Access keys: can Veeam still log in as this user?
//!
//! A set meant for users is used with an access key of theirs, kept in the backup server. The listing of an account holds
//! no keys; where nobody read them, that is said and nothing else.

use std::collections::BTreeSet;

use iam::inventory::AccessKey;
use iam::{Inventory, Principal};
use jiff::Timestamp;

use crate::assessment::{KeyFault, Keys};
use crate::requirement::Subject;
use crate::settings::Settings;

pub(super) fn judge(
    principal: &Principal,
    subject: &Subject,
    inventory: &Inventory,
    settings: &Settings,
    now: Timestamp,
) -> Option<Keys> {
    let plans = subject.plans.iter();
    let level = plans
        .filter(|plan| plan.access_key)
        .map(|plan| plan.level)
        .max()?;
    // A user who is not among those whose keys were read (new since the report, or refused) may have some.
    let read = inventory.access_keys.as_ref();
    let faults = read
        .and_then(|keys| keys.get(&principal.arn))
        .map(|keys| faults(keys, settings, now));
    Some(Keys {
        principal: principal.arn.clone(),
        level,
        faults,
    })
}

fn faults(keys: &[AccessKey], settings: &Settings, now: Timestamp) -> BTreeSet<KeyFault> {
    let active: Vec<&AccessKey> = keys.iter().filter(|key| key.active).collect();
    let mut faults = BTreeSet::new();
    match (keys.len(), active.len()) {
        (0, _) => _ = faults.insert(KeyFault::None),
        (_, 0) => _ = faults.insert(KeyFault::Inactive),
        (_, 1) => {}
        (_, _) => _ = faults.insert(KeyFault::Two),
    }
    let Some(most) = settings.access_key_max_age_days else {
        return faults;
    };
    for key in active {
        let suffix = key.suffix.clone();
        match key.created.parse::<Timestamp>() {
            Ok(created) => {
                let days = now.duration_since(created).as_hours() / 24;
                if days > most {
                    faults.insert(KeyFault::Old { suffix, days });
                }
            }
            Err(_) => _ = faults.insert(KeyFault::AgeUnknown { suffix }),
        }
    }
    faults
}
