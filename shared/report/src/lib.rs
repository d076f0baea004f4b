//! Reports: assessments and findings as bytes, one module per format.
//!
//! Formats for machines have a version and never change within it; text for people may change at any time. Foreign text
//! is made [`plain`](mod@plain) before it reaches a terminal.

pub mod alert;
pub mod asff;
pub mod assessment_json;
pub mod catalog_json;
pub mod catalog_screen;
pub mod cause;
pub mod chat;
pub mod check_json;
pub mod code_span;
pub mod code_words;
pub mod columns;
pub mod coverage_words;
pub mod csv;
pub mod cut;
pub mod drift;
pub mod event;
pub mod finding_words;
pub mod fix_policies;
pub mod fix_screen;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod message_words;
pub mod news_words;
pub mod ocsf;
pub mod palette;
pub mod pen;
pub mod plain;
pub mod retirement_screen;
pub mod sarif;
pub mod seen;
pub mod sns_text;
pub mod terminal;
pub mod told;
pub mod trace_screen;
pub mod upgrade_json;
pub mod upgrade_screen;

pub use palette::Palette;
pub use pen::Pen;
pub use told::Told;
