//! Terminal output: one module for each thing that a command prints for people.
//!
//! In: an assessment, a fix, a trace, a difference. Out: text through a [`Pen`](pen::Pen), with or without colours, wrapped to
//! the width of the terminal. The text is not versioned; scripts read the formats of [`machine`](crate::machine) instead.

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
