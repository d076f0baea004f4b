//! Confirmed: what holds where something was read twice within one audit?
//!
//! The second reading counts. Where it brought no answer, or nobody asked again, the first one does: a look that was cut off takes
//! nothing back.

use std::collections::BTreeMap;

use super::{Bucket, Key, Reading, Region, Resources, Vault};

impl Resources {
    /// The same with what was read again.
    #[must_use]
    pub(crate) fn confirmed_by(&self, second: &Self) -> Self {
        Self {
            keys: each(&self.keys, &second.keys, Key::confirmed_by),
            buckets: each(&self.buckets, &second.buckets, Bucket::confirmed_by),
            vaults: each(&self.vaults, &second.vaults, Vault::confirmed_by),
            regions: each(&self.regions, &second.regions, Region::confirmed_by),
            enabled_regions: self.enabled_regions.confirmed_by(&second.enabled_regions),
            own_buckets: self.own_buckets.confirmed_by(&second.own_buckets),
            organization: self.organization.confirmed_by(&second.organization),
        }
    }
}

impl Key {
    fn confirmed_by(&self, second: &Self) -> Self {
        Self {
            metadata: self.metadata.confirmed_by(&second.metadata),
            policy: self.policy.confirmed_by(&second.policy),
            grants: self.grants.confirmed_by(&second.grants),
        }
    }
}

impl Bucket {
    fn confirmed_by(&self, second: &Self) -> Self {
        Self {
            policy: self.policy.confirmed_by(&second.policy),
            versioning: self.versioning.confirmed_by(&second.versioning),
            mfa_delete: self.mfa_delete.confirmed_by(&second.mfa_delete),
            object_lock: self.object_lock.confirmed_by(&second.object_lock),
            encryption: self.encryption.confirmed_by(&second.encryption),
            lifecycle: self.lifecycle.confirmed_by(&second.lifecycle),
            region: self.region.confirmed_by(&second.region),
            requester_pays: self.requester_pays.confirmed_by(&second.requester_pays),
            replicates: self.replicates.confirmed_by(&second.replicates),
        }
    }
}

impl Vault {
    fn confirmed_by(&self, second: &Self) -> Self {
        Self {
            policy: self.policy.confirmed_by(&second.policy),
            description: self.description.confirmed_by(&second.description),
        }
    }
}

impl Region {
    fn confirmed_by(&self, second: &Self) -> Self {
        Self {
            ebs_default_key: self.ebs_default_key.confirmed_by(&second.ebs_default_key),
            ebs_encryption_by_default: self
                .ebs_encryption_by_default
                .confirmed_by(&second.ebs_encryption_by_default),
            backup: self.backup.confirmed_by(&second.backup),
            endpoints: self.endpoints.confirmed_by(&second.endpoints),
            source_keys: each(
                &self.source_keys,
                &second.source_keys,
                Reading::confirmed_by,
            ),
            vaults: self.vaults.confirmed_by(&second.vaults),
        }
    }
}

impl<T: Clone> Reading<T> {
    fn confirmed_by(&self, second: &Self) -> Self {
        match second {
            Self::Read(_) => second.clone(),
            Self::NotRead | Self::Refused(_) => self.clone(),
        }
    }
}

fn each<K: Ord + Clone, T: Clone>(
    first: &BTreeMap<K, T>,
    second: &BTreeMap<K, T>,
    confirmed: impl Fn(&T, &T) -> T,
) -> BTreeMap<K, T> {
    let mut all = first.clone();
    for (name, again) in second {
        let known = all.entry(name.clone()).or_insert_with(|| again.clone());
        *known = confirmed(known, again);
    }
    all
}
