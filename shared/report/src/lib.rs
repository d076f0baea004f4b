//! Reports: assessments and findings as bytes.
//!
//! [`machine`] holds the formats that programs read: each has a version and never changes within it. [`screen`], [`mail`],
//! [`chat`], [`html`] and [`markdown`] are for people and may change at any time. [`words`] holds the sentences that they share.
//! Foreign text is made [`plain`](mod@words::plain) before it reaches a terminal.

pub mod audit_report;
pub mod channels;
pub mod chat;
pub mod header;
pub mod html;
pub mod machine;
pub mod mail;
pub mod markdown;
pub mod screen;
pub mod words;

pub use audit_report::AuditReport;
pub use header::Header;
pub use screen::palette::Palette;
pub use screen::pen::Pen;
