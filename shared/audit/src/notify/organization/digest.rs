//! Digests: has something changed, where only a digest of it is kept?
//!
//! They are stored, so they are the same in every release: the first bytes of SHA-256, added up where the order does not matter.

use sha2::{Digest as _, Sha256};

/// What stands for a text.
pub(super) fn of(text: &str) -> u64 {
    let hash = Sha256::digest(text);
    hash.first_chunk()
        .map_or(0, |start| u64::from_be_bytes(*start))
}

/// What stands for two things in this order.
pub(super) fn of_two(one: u64, other: u64) -> u64 {
    // A step of SplitMix64: what differs in one bit differs everywhere.
    let mut mixed = one.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ other;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
