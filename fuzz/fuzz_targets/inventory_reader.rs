//! Arbitrary bytes as an account's listing: is every file read or refused, and page by page just as whole?

#![no_main]

use std::collections::BTreeSet;

use iam::Inventory;
use iam::inventory::{self, Gap, Reader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = inventory::read(bytes);
    let mut reader = Reader::new();
    let paged = reader.page(bytes).and_then(|()| reader.finish());
    match (whole, paged) {
        (Ok(whole), Ok(paged)) => {
            // A document that IAM would refuse is a fault of a file only, so what is held may differ.
            let arns = |inventory: &Inventory| -> Vec<_> {
                let principals = inventory.principals.iter();
                principals.map(|principal| principal.arn.clone()).collect()
            };
            assert_eq!(arns(&whole), arns(&paged));
            assert!(whole.groups.keys().eq(paged.groups.keys()));
            let policies = whole.policies.keys().collect::<BTreeSet<_>>();
            assert_eq!(policies, paged.policies.keys().collect());
            assert!(whole.gaps.len() >= paged.gaps.len());
            assert!(
                whole
                    .principals
                    .is_sorted_by(|left, right| left.arn < right.arn)
            );
            for gap in &whole.gaps {
                if let Gap::Item { what, fault } = gap {
                    assert!(!what.is_empty() && !fault.reason.is_empty());
                }
            }
        }
        (Err(whole), Err(paged)) => assert_eq!(whole.to_string(), paged.to_string()),
        (whole, paged) => panic!("whole: {whole:?}, page by page: {paged:?}"),
    }
    let mut inventory = iam::Inventory::default();
    if inventory.add_credential_report(bytes).is_err() {
        assert!(inventory.access_keys.is_none());
    }
});
