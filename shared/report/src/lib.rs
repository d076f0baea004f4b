//! Reports: assessments and findings as bytes, one module per format.
//!
//! Formats for machines have a version and never change within it; text for people may change at any time. Foreign text
//! is made [`plain`](mod@plain) before it reaches a terminal.

pub mod assessment_json;
pub mod catalog_json;
pub mod catalog_screen;
pub mod cause;
pub mod columns;
pub mod palette;
pub mod pen;
pub mod plain;
pub mod terminal;
pub mod trace_screen;

pub use palette::Palette;
pub use pen::Pen;
