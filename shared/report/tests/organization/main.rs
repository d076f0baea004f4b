//! The organisation: what is kept of each account, and what the report of many says.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod accounts;
mod merging;
mod standing;
mod stored;
mod whole;
