//! Arbitrary bytes as a policy document: is every text read or refused with its place?

#![no_main]

use iam::policy::{Document, decode};
use iam::trust::TrustPolicy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    check(&text);
    if let Ok(decoded) = decode(&text) {
        check(&decoded);
    }
});

fn check(text: &str) {
    if let Err(fault) = Document::parse(text) {
        assert!(!fault.reason.is_empty());
        assert!(fault.line <= text.split('\n').count() + 1);
    }
    if let Err(fault) = TrustPolicy::parse(text) {
        assert!(!fault.reason.is_empty());
    }
}
