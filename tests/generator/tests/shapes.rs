//! Shapes: is what the generator makes the same each time, of the size asked for, and readable?

use generator::{Shape, account};
use iam::inventory::{self, Inventory, Reader};

fn read(shape: &Shape, seed: u64) -> Inventory {
    let inventory = inventory::read(&account(shape, seed).to_json()).expect("a listing");
    assert!(inventory.gaps.is_empty(), "{:?}", inventory.gaps);
    inventory
}

#[track_caller]
fn check(shape: &Shape, principals: usize) {
    let inventory = read(shape, 1);
    assert_eq!(inventory.principals.len(), principals);
    for principal in &inventory.principals {
        for policy in &principal.inline {
            assert!(policy.document.is_ok(), "{}: {policy:?}", principal.arn);
        }
        for arn in principal.attached.iter().chain(&principal.boundary) {
            let policy = &inventory.policies[arn];
            assert!(policy.document.is_ok(), "{arn}: {policy:?}");
        }
        for group in &principal.groups {
            assert!(inventory.groups.contains_key(group), "{group}");
        }
    }
}

#[test]
fn every_shape_holds_what_it_says() {
    check(&Shape::seed_sets(100), 100);
    check(&Shape::default_role(50), 50);
    check(&Shape::mixed(400), 400);
    check(&Shape::mixed(0), 0);
    check(&Shape::all_drifted(200), 200);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let shape = Shape::mixed(60);
    assert_eq!(account(&shape, 7).to_json(), account(&shape, 7).to_json());
    assert_ne!(account(&shape, 7).to_json(), account(&shape, 8).to_json());
}

#[test]
fn pages_on_the_wire_say_what_the_cli_prints() {
    let made = account(&Shape::mixed(60), 1);
    let printed = inventory::read(&made.to_json()).expect("a listing");
    let mut reader = Reader::new();
    let pages = made.to_wire_pages(13);
    assert!(pages.len() > 5);
    for page in &pages {
        reader.page(page.to_string().as_bytes()).expect("a page");
    }
    let paged = reader.finish().expect("one account");
    assert_eq!(paged.gaps, printed.gaps);
    assert_eq!(paged.principals, printed.principals);
    assert_eq!(paged.groups, printed.groups);
    assert_eq!(paged.policies, printed.policies);
}

#[test]
fn a_shape_knows_the_actions_of_its_sets() {
    let actions = Shape::seed_sets(0).actions();
    assert!(actions.is_sorted());
    // 134 in the lists, and one that is needed under a condition.
    assert_eq!(actions.len(), 135);
    assert_eq!(Shape::default_role(0).actions().len(), 453);
}
