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
mod readers;
mod rule;
mod told;
#[path = "../../../../shared/audit/tests/audit/world.rs"]
#[expect(dead_code, reason = "the world has more than the channels need")]
mod world;
