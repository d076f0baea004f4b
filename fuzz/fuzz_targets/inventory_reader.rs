//! Arbitrary bytes as an account's listing: is every file read or refused, and page by page just as whole?

#![no_main]

use iam::inventory::{self, Gap, Reader};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = inventory::read(bytes);
    let mut reader = Reader::new();
    let paged = reader.page(bytes).and_then(|()| reader.finish());
    match (whole, paged) {
        (Ok(whole), Ok(paged)) => {
            assert_eq!(whole.principals, paged.principals);
            assert_eq!(whole.groups, paged.groups);
            assert_eq!(whole.policies, paged.policies);
            assert_eq!(whole.gaps, paged.gaps);
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
