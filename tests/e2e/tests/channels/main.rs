//! Channels: does what is told arrive on each of them as it should?
//!
//! The fortnight of `shared/audit` and messages made to do harm, through every format; results held against the schemas and
//! models of those who read them, and alerts through the template's own rules and input transformers. The snapshots are the
//! fortnight as each channel lives through it.

#[path = "../../../../shared/audit/tests/audit/days.rs"]
mod days;
mod documented;
mod fortnight;
mod hostile;
mod limits;
#[path = "../../../../shared/audit/tests/audit/phases.rs"]
#[expect(dead_code, reason = "the tests of `audit` use more of it")]
mod phases;
#[path = "../../../../shared/audit/tests/audit/principals.rs"]
mod principals;
mod published;
mod readers;
mod rule;
#[path = "../../../../shared/audit/tests/audit/rules.rs"]
#[expect(dead_code, reason = "the tests of `audit` use more of it")]
mod rules;
#[path = "../../../../shared/audit/tests/audit/story.rs"]
#[expect(dead_code, reason = "the tests of `audit` use more of it")]
mod story;
