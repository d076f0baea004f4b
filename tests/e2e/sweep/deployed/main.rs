//! The stack, deployed, with IAM enforced: does the real binary, as a Lambda with its own role, start by its schedule, tell of
//! drift once, of its end once, and of nothing else, on every channel that can be switched on? And does it need every one of its grants?
//!
//! Users, groups, roles and policies are made through IAM's API; what is told is read from a queue that is subscribed to the
//! topic and from one behind a rule of the bus; what is kept, from the table.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

mod changed;
mod channels;
mod drift;
mod grants;
mod readme;
mod schedule;
mod site;
mod timed;
