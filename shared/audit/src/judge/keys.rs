//! Access keys: can Veeam still log in as this user?
//!
//! A set meant for users is used with an access key of theirs, kept in the backup server. The listing of an account holds
//! no keys; where nobody read them, that is said and nothing else.

use std::collections::BTreeSet;

use iam::inventory::AccessKey;
use iam::{Inventory, Principal};
use jiff::Timestamp;

use crate::bind::requirement::Subject;
use crate::judge::assessment::{KeyFault, Keys};
use crate::level::Level;
use crate::settings::Settings;

pub(super) fn judge(
    principal: &Principal,
    subject: &Subject,
    inventory: &Inventory,
    settings: &Settings,
    now: Timestamp,
) -> Option<Keys> {
    let requirements = subject.requirements.iter();
    let level = requirements
        .filter(|requirement| requirement.access_key)
        .map(|requirement| requirement.level)
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
    for key in active {
        let suffix = || key.suffix.clone();
        let created = days_since(&key.created, now);
        if let Some(most) = settings.access_key_max_age_days {
            match created {
                Some(days) if days > most => {
                    let suffix = suffix();
                    faults.insert(KeyFault::Old { suffix, days });
                }
                Some(_) => {}
                None => _ = faults.insert(KeyFault::AgeUnknown { suffix: suffix() }),
            }
        }
        if let Some(most) = settings.access_key_unused_days {
            // One that was never used is as idle as it is old.
            let used = key.last_used.as_deref();
            let idle = used.map_or(created, |used| days_since(used, now));
            if let Some(days) = idle.filter(|days| *days > most) {
                let suffix = suffix();
                faults.insert(KeyFault::Unused { suffix, days });
            }
        }
    }
    faults
}

/// Whole days; `None` for a text that is no time.
fn days_since(text: &str, now: Timestamp) -> Option<i64> {
    let then: Timestamp = text.parse().ok()?;
    Some(now.duration_since(then).as_hours() / 24)
}

impl Keys {
    /// Whether nobody can log in with them.
    #[must_use]
    pub fn locks_out(&self) -> bool {
        let mut faults = self.faults.iter().flatten();
        faults.any(|fault| matches!(fault, KeyFault::None | KeyFault::Inactive))
    }

    /// How bad it is what is wrong with them.
    #[must_use]
    pub fn fault_level(&self) -> Level {
        match self.locks_out() {
            true => self.level,
            false => Level::Low,
        }
    }
}
