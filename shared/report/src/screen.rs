//! The terminal: one module for each thing that a command prints for people.
//!
//! In: an assessment, a fix, a trace, a difference. Out: text with or without colours, through a [`Pen`](pen::Pen), in lines that
//! fit the terminal. It may change at any time: scripts read the formats of [`machine`](crate::machine).

mod actions;
pub mod audit;
pub mod catalog;
pub mod columns;
pub mod drift;
pub mod fix;
mod owner;
pub mod palette;
pub mod pen;
pub mod retirement;
pub mod trace;
pub mod upgrade;
