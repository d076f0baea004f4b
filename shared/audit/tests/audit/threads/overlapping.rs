//! Two runs that tell at once: whatever the order of their calls, what stands there at the end and what was told last are what the baselines
//! say.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::organization::{Organization, Run, account, all, baseline, many_orders, scp, tracked};

const ACTIONS: &[&str] = &["ec2:CreateSnapshot"];
const NOW: &str = "2026-11-02T03:00:00Z";

/// Which SCP statements deny something to the roles of accounts 0 and 1.
type Found = [&'static [&'static str]; 2];

/// An organisation in which `told` was told, and `stands` is in the baselines.
fn organization(told: Found, stands: Found) -> Organization {
    let organization = Organization::default();
    for (number, sids) in told.into_iter().enumerate() {
        organization.found_denied(number, sids);
    }
    organization.gather(&all(0..2), NOW);
    for (number, sids) in stands.into_iter().enumerate() {
        organization.found_denied(number, sids);
    }
    organization
}

fn check_end(organization: &Organization, about: &str) {
    let open = organization.open();
    assert_eq!(open, organization.expected(), "{about}");
    let ids: BTreeSet<_> = open.into_keys().collect();
    assert_eq!(organization.alerts(), ids, "{about}");
}

/// One run tells of all; another audits account 0, finds `later`, and tells of that account alone.
#[track_caller]
fn check(told: Found, stands: Found, later: &'static [&'static str]) {
    let gathering = Run {
        finds: None,
        tells: all(0..2),
        now: NOW,
    };
    let on_change = Run {
        finds: Some(later),
        tells: all([0]),
        now: NOW,
    };
    many_orders(
        || organization(told, stands),
        [&gathering, &on_change],
        |organization, order| check_end(organization, &format!("{order:?}")),
    );
}

#[test]
fn an_audit_that_comes_between_is_told() {
    const NONE: &[&str] = &[];
    const A: &[&str] = &["A"];
    const B: &[&str] = &["B"];
    const BOTH: &[&str] = &["A", "B"];
    check([NONE, NONE], [A, NONE], NONE);
    check([NONE, NONE], [NONE, NONE], A);
    check([A, NONE], [NONE, NONE], A);
    check([A, NONE], [A, NONE], NONE);
    check([A, A], [A, NONE], NONE);
    check([NONE, A], [A, A], NONE);
    check([A, NONE], [B, NONE], BOTH);
}

#[test]
fn two_that_gather_at_once_tell_the_same() {
    const NONE: &[&str] = &[];
    const A: &[&str] = &["A"];
    for (told, stands) in [
        ([NONE, NONE], [A, A]),
        ([A, A], [NONE, NONE]),
        ([A, NONE], [NONE, A]),
    ] {
        let gathering = Run {
            finds: None,
            tells: all(0..2),
            now: NOW,
        };
        many_orders(
            || organization(told, stands),
            [&gathering, &gathering],
            |organization, order| {
                check_end(organization, &format!("{order:?}"));
                let told = organization.told.lock().unwrap();
                assert!(told.len() <= 4, "{order:?}: {} messages", told.len());
            },
        );
    }
}

/// What happens to an organisation of six accounts.
#[derive(Clone, Debug)]
enum Happening {
    /// An audit of an account finds that these statements deny something to as many of its roles.
    Found(usize, [u8; 2]),
    /// An account leaves, or comes back.
    Left(usize, bool),
    /// People are told of some accounts; the run may die when it writes so often.
    Told(BTreeSet<usize>, Option<usize>),
}

fn happening() -> impl Strategy<Value = Happening> {
    let found = (0..6usize, [0..3u8, 0..3u8]).prop_map(|(at, counts)| Happening::Found(at, counts));
    let left = (0..6usize, any::<bool>()).prop_map(|(at, left)| Happening::Left(at, left));
    let told = (
        prop::collection::btree_set(0..6usize, 1..6),
        prop::option::weighted(0.5, 0..3usize),
    )
        .prop_map(|(accounts, dies)| Happening::Told(accounts, dies));
    prop_oneof![3 => found, 1 => left, 3 => told]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_happens_the_next_whole_run_makes_it_true(
        happenings in prop::collection::vec(happening(), 1..25)
    ) {
        let organization = Organization::default();
        for happening in happenings {
            let before = organization.open();
            match happening {
                Happening::Found(number, counts) => {
                    let mut roles = Vec::new();
                    for (sid, count) in ["A", "B"].into_iter().zip(counts) {
                        for at in 0..count {
                            let name = format!("{sid}{at}");
                            roles.push(tracked(account(number), &name, &[(scp(sid, at), ACTIONS)]));
                        }
                    }
                    let stands = baseline(account(number), roles);
                    organization.baselines.lock().unwrap().insert(account(number), stands);
                }
                Happening::Left(number, true) => {
                    organization.left.lock().unwrap().insert(account(number));
                }
                Happening::Left(number, false) => {
                    organization.left.lock().unwrap().remove(&account(number));
                }
                Happening::Told(accounts, dies) => {
                    *organization.dies_after.lock().unwrap() = dies;
                    let accounts = all(accounts);
                    let run = Box::pin(organization.tell(&accounts, NOW));
                    let _ = super::organization::end(run);
                    *organization.dies_after.lock().unwrap() = None;
                    let after = organization.open();
                    // Who was not looked at stays where he was.
                    for (id, theirs) in &before {
                        let others = theirs.difference(&accounts);
                        for other in others {
                            prop_assert!(after.get(id).is_some_and(|now| now.contains(other)));
                        }
                    }
                }
            }
        }
        organization.gather(&all(0..6), NOW);
        prop_assert_eq!(organization.open(), organization.expected());
        let ids: BTreeSet<_> = organization.open().into_keys().collect();
        prop_assert_eq!(organization.alerts(), ids);
        prop_assert_eq!(organization.gather(&all(0..6), NOW), Vec::<String>::new());
    }
}
