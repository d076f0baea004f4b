//! What goes wrong around the function, and what must never follow from it.
//!
//! Whatever is spoiled: nothing counts as compliant that was not simulated, nothing is resolved that was not seen healthy, no
//! alert is lost, what is told twice has the same id, and a failure is told.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

mod account;
mod arrivals;
mod cell;
mod cells;
mod changes;
mod matrix;
mod moments;
mod published;
mod resources;
mod served;
