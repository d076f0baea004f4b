//! Formats that programs read, one module each.
//!
//! Each has a version; within a version fields are added, never changed or dropped.

pub mod alert;
pub mod asff;
pub mod csv;
pub mod event;
pub mod json;
pub mod junit;
pub mod ocsf;
pub mod policies;
pub mod sarif;
pub mod tags;
