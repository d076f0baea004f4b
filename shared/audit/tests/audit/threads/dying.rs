//! A run that dies between telling and writing.

use super::organization::{self, all};
use super::{DAY_1, DAY_2, fourteen_in_nine, ids};

#[test]
fn a_run_that_dies_before_it_writes_tells_again_under_the_same_ids() {
    let organization = fourteen_in_nine();
    let dying = |is_dying| *organization.is_dying.lock().unwrap() = is_dying;
    let run = |now: &str| {
        let before = organization.told.lock().unwrap().len();
        let everybody = all(0..9);
        let run = Box::pin(organization.tell(&everybody, now));
        let ended = organization::end(run);
        let told = organization.told.lock().unwrap();
        let told: Vec<_> = told.iter().skip(before).map(organization::words).collect();
        (ended.is_ok(), told)
    };
    for (expected, change) in [
        ("opened high 9/14: 9 Joined", 9),
        ("eased high 1/1: 8 Healed, 1 Same", 8),
        ("resolved high 0/0: 1 Healed", 9),
    ] {
        if change < 9 || expected.starts_with("resolved") {
            (0..change).for_each(|number| organization.found(number, &[]));
        }
        let before = organization.open();
        dying(true);
        assert_eq!(run(DAY_1), (false, vec![expected.to_owned()]));
        assert_eq!(organization.open(), before, "nothing is lost");
        dying(false);
        assert_eq!(run(DAY_2), (true, vec![expected.to_owned()]));
        assert_eq!(run(DAY_2), (true, Vec::new()));
    }
    assert_eq!(ids(&organization).len(), 1);
}
