//! The audit: requirements, verdicts, changes and findings.
//!
//! `list -> bind -> read -> simulate -> narrow -> judge -> compare -> notify -> commit`: this crate is everything between the arrows
//! that needs no AWS, no clock, no file and no network. The listing and the simulation come in through the [`ports`]; bytes
//! for people and machines are `report`'s.
//!
//! One room a phase: [`mod@bind`], [`simulate`], [`judge`], [`find`], [`mod@compare`], [`notify`]. [`questions`] holds what else can be
//! asked of an account: a fix, a retirement, an upgrade, the difference of two audits.

pub mod asked;
pub mod bind;
pub mod compare;
pub mod events;
pub mod find;
pub mod judge;
pub mod look;
pub mod notify;
pub mod ports;
pub mod questions;
pub mod resources;
pub mod run;
pub mod saved;
pub mod settings;
pub mod simulate;

pub use bind::{bind, principals, requirement};
pub use compare::{baseline, compare, stored};
pub use find::{finding, level, observe};
pub use judge::{assessment, resource_faults, verdict};
pub use notify::{life, mute, organization as threads};
pub use questions::{difference as drift, fix, retirement, suggestion, upgrade};
pub use settings::accounts::SettingsOf;
pub use settings::{pattern, required};
pub use simulate::embedded;

pub use asked::{Asked, Explain, Extent, Principals};
pub use assessment::{Assessment, Coverage, DangerKind, Keys, Selection};
pub use baseline::Baseline;
pub use bind::listed::Listed;
pub use compare::{Change, ChangeKind};
pub use finding::{Code, Event, EventKind, Finding, FindingId, Message};
pub use judge::counts::VerdictCounts;
pub use judge::resource_side::roles::{assumes, trust as trust_policy};
pub use judge::rules_version::RulesVersion;
pub use level::Level;
pub use life::advance;
pub use look::{Look, LookError, look};
pub use notify::step::Step;
pub use observe::{Findings, observe};
pub use requirement::{Bound, Requirement, Subject};
pub use resources::Resources;
pub use run::{Ports, Run, RunError, run};
pub use saved::{Saved, organization, roster, snapshot};
pub use settings::Settings;
pub use upgrade::{Upgrade, upgrade};
pub use verdict::{Judgement, Verdict};
