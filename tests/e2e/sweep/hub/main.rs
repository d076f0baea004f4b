//! A hub: are the accounts of an organisation read, audited one by one, and kept apart?
//!
//! moto serves AWS Organizations, ministack S3, STS and the rest; IAM is the stand-in, which plays one account at a time. The state machine
//! itself is tested elsewhere: here the functions are invoked as it invokes them.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

mod audits;
mod callers;
mod events;
mod gather;
mod roster;
mod site;
