//! Fixing: does a fix promise only what a policy of the principal can give?

use iam::{Cause, Layer};

use super::case::{ADMINISTRATORS, ALL_BUT_KEYS, Case, HAND_OVER, KEY};

fn repository() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", KEY),
    ])
}

#[test]
fn what_the_policy_of_a_key_does_not_let_through_no_identity_policy_closes() {
    let case = repository()
        .may(&[ALL_BUT_KEYS])
        .key(KEY, &[ADMINISTRATORS]);
    let fix = case.fix();
    let refused: Vec<&Cause> = fix.remedies[0]
        .refused
        .iter()
        .map(|missing| &missing.cause)
        .collect();
    assert_eq!(refused, [&Cause::NotAllowedIn(vec![Layer::Resource])]);
    assert!(!fix.closes_all());
    let all = fix.remedies[0].closed.iter();
    let closed = all.map(|place| place.resource(&fix.remedies[0].requirement));
    assert!(closed.into_iter().all(|resource| resource != KEY));
}

#[test]
fn what_a_key_hands_over_an_identity_policy_closes() {
    let fix = repository()
        .may(&[ALL_BUT_KEYS])
        .key(KEY, &[HAND_OVER])
        .fix();
    assert!(fix.closes_all());
    assert!(!fix.additions.is_empty());
}
