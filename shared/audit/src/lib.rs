//! The audit: requirements, verdicts, changes and findings.
//!
//! `discover -> bind -> simulate -> judge -> compare -> notify -> commit`: this crate is everything between the arrows
//! that needs no AWS, no clock, no file and no network. Discovery and simulation come in through the [`ports`]; bytes
//! for people and machines are `report`'s.

pub mod assessment;
pub mod baseline;
pub mod bind;
pub mod finding;
pub mod judge;
pub mod level;
pub mod mute;
pub mod pattern;
pub mod ports;
pub mod requirement;
pub mod settings;
pub mod verdict;

pub use assessment::{Assessment, Coverage, Keys, Selection};
pub use baseline::Baseline;
pub use bind::bind;
pub use finding::{Code, Event, EventKind, Finding, FindingId, Message};
pub use judge::assess;
pub use level::Level;
pub use requirement::{Bound, Plan, Subject};
pub use settings::Settings;
pub use verdict::{Judgement, Verdict};
