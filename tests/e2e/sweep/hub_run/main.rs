//! The hub, deployed, with an organisation of 25 accounts: does one run of the state machine, with the real binary as each of its
//! functions, account for every one of them, whatever is wrong with it? And what do later runs make of what goes wrong in the middle of them?
//!
//! ministack runs the machine, the Lambdas, and what they keep and tell; the organisation and the IAM of its accounts are the stand-in's.
//! IAM is enforced for the functions' own roles.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

mod accounts;
mod faults;
mod run;
mod told;
