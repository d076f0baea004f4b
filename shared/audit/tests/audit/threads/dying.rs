//! A run that dies between telling and writing.

use super::organization::{self, Organization, all};
use super::{DAY_1, DAY_2, fourteen_in_nine, ids};

/// Whether a run came to its end, and what it told; it dies when it writes after so many times.
fn run(organization: &Organization, dies_after: Option<usize>, now: &str) -> (bool, Vec<String>) {
    *organization.dies_after.lock().unwrap() = dies_after;
    let before = organization.told.lock().unwrap().len();
    let everybody = all(0..9);
    let run = Box::pin(organization.tell(&everybody, now));
    let ended = organization::end(run);
    let told = organization.told.lock().unwrap();
    let told: Vec<_> = told.iter().skip(before).map(organization::words).collect();
    (ended.is_ok(), told)
}

#[test]
fn it_is_told_again_under_the_same_id() {
    let organization = fourteen_in_nine();
    for (expected, heals, dies_after) in [
        ("opened high 9/14: 9 Joined", 0, 1),
        ("eased high 1/1: 8 Healed, 1 Same", 8, 0),
        ("resolved high 0/0: 1 Healed", 9, 0),
    ] {
        (0..heals).for_each(|number| organization.found(number, &[]));
        let expected = vec![expected.to_owned()];
        assert_eq!(
            run(&organization, Some(dies_after), DAY_1),
            (false, expected.clone())
        );
        assert_eq!(organization.open().len(), 1, "nothing is lost");
        assert_eq!(run(&organization, None, DAY_2), (true, expected));
        assert_eq!(run(&organization, None, DAY_2), (true, Vec::new()));
    }
    assert_eq!(ids(&organization).len(), 1);
}

#[test]
fn what_is_over_before_the_next_run_is_resolved() {
    let organization = fourteen_in_nine();
    let (_, told) = run(&organization, Some(1), DAY_1);
    assert_eq!(told.len(), 1);
    (0..9).for_each(|number| organization.found(number, &[]));
    assert_eq!(
        run(&organization, None, DAY_2),
        (true, vec!["resolved high 0/0: 9 Healed".to_owned()])
    );
    assert!(organization.alerts().is_empty());
}

#[test]
fn what_cannot_be_noted_is_not_told() {
    let organization = fourteen_in_nine();
    assert_eq!(run(&organization, Some(0), DAY_1), (false, Vec::new()));
    let (ended, told) = run(&organization, None, DAY_2);
    assert_eq!((ended, told.len()), (true, 1));
}
