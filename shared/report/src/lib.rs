//! Reports: turns assessments and findings into bytes.
//!
//! [`machine`] has the formats for programs; they are versioned, and a version only gains fields. [`screen`], [`mail`], [`chat`],
//! [`html`] and [`markdown`] are for people and not versioned. [`organization`] has the report of many accounts, with formats of both kinds. [`words`] has the sentences that all of them share. Text from the
//! account is made [`plain`](mod@words::plain) before it reaches a terminal.

pub mod audit_report;
pub mod channels;
pub mod chat;
pub mod header;
pub mod html;
pub mod machine;
pub mod mail;
pub mod markdown;
pub mod organization;
pub mod screen;
pub mod threads;
pub mod words;

pub use audit_report::AuditReport;
pub use header::Header;
pub use screen::palette::Palette;
pub use screen::pen::Pen;
