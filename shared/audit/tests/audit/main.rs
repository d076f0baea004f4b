//! The audit from tags to messages, with fakes for everything outside.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and takes what it expects by value"
)]

mod arriving;
mod binding;
mod brute;
mod canary;
mod comparing;
mod days;
mod documented;
mod drifting;
mod events;
mod exceeding;
mod explaining;
mod failure_modes;
mod fixing;
mod fortnight;
mod judging;
mod keys;
mod listings;
mod living;
mod messages;
mod muting;
mod narrowing;
mod notices;
mod now_checked;
mod organization_files;
mod outside;
mod overlapping;
mod partial;
mod phases;
mod principals;
mod properties;
mod resource_faults;
mod resource_side;
mod rules;
mod running;
mod settings;
mod snapshot_files;
mod storing;
mod story;
mod threads;
mod trust;
mod trust_sides;
mod upgrading;
mod witnesses;
