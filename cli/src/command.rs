//! The commands, one file each: from arguments to what the crates below answer, and on to the screen.

pub(crate) mod audit;
pub(crate) mod bindings;
pub(crate) mod catalog;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod example;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod man;
pub(crate) mod print_policy;
pub(crate) mod snapshot;
pub(crate) mod tag;
