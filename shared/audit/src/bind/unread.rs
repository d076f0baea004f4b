//! Unread policies: which policies of resources also decide the requests of a set, and are read by no audit?
//!
//! In: the sets that a requirement is made of, its scope, and the policies that its actions name. Out: these, and the key policy where
//! an operation of the sets needs a KMS key. Many sets name no action of KMS, because the policy of the key grants what they need.

use std::collections::BTreeSet;

use catalog::{ActionSet, KeyNeed, key_needs};

use super::scope::Scope;
use crate::bind::requirement::ResourcePolicy;

/// The policies that a requirement has not had read.
pub(super) fn unread(
    sets: &[&ActionSet],
    scope: &Scope,
    of_actions: impl IntoIterator<Item = ResourcePolicy>,
) -> BTreeSet<ResourcePolicy> {
    let mut unread: BTreeSet<ResourcePolicy> = of_actions.into_iter().collect();
    if key_needs().iter().any(|need| counts(need, sets, scope)) {
        unread.insert(ResourcePolicy::Key);
    }
    unread
}

/// Whether an operation of the sets can need an action on a key. A condition that nobody answered may hold.
fn counts(need: &KeyNeed, sets: &[&ActionSet], scope: &Scope) -> bool {
    let condition = need.condition.as_ref();
    !need.actions.is_empty()
        && sets.iter().any(|set| need.sets.contains(&set.id))
        && need.since.is_none_or(|since| since <= scope.version)
        && condition.is_none_or(|condition| scope.answers.get(condition) != Some(&false))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use catalog::{Catalog, ProductVersion};

    use super::*;

    fn scope(version: ProductVersion, answer: Option<bool>) -> Scope {
        let answers = answer.map(|yes| (Box::from("upgrade-in-progress"), yes));
        Scope {
            partition: "aws".into(),
            account: "111122223333".parse().unwrap(),
            inputs: BTreeMap::new(),
            regions: BTreeSet::new(),
            version,
            answers: answers.into_iter().collect(),
            assumed_by: BTreeSet::new(),
            worker_accounts: BTreeSet::new(),
            external_ids: BTreeSet::new(),
            requests: Vec::new(),
        }
    }

    #[test]
    fn a_need_counts_from_its_version_on_unless_its_condition_is_denied() {
        use ProductVersion::{V10, V11};
        let catalog = Catalog::embedded();
        let [own, extended, other] = [
            "vbaws-role-rds-backup-image-level",
            "vbaws-role-rds-backup",
            "vbaws-role-worker-configuration",
        ]
        .map(|id| catalog.find(id).unwrap());
        let need = KeyNeed {
            sets: vec![extended.id.clone()],
            since: Some(V11),
            condition: Some("upgrade-in-progress".into()),
            ..key_needs()[0].clone()
        };
        for (sets, version, answer, expected) in [
            (&[own, extended], V11, None, true),
            (&[own, extended], V11, Some(true), true),
            (&[own, extended], V11, Some(false), false),
            (&[own, extended], V10, Some(true), false),
            (&[own, other], V11, Some(true), false),
        ] {
            assert_eq!(
                counts(&need, sets, &scope(version, answer)),
                expected,
                "{version} {answer:?}"
            );
        }
    }
}
