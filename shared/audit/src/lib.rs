//! The audit: requirements, verdicts, changes and findings.
//!
//! `discover -> bind -> simulate -> judge -> compare -> notify -> commit`: this crate is everything between the arrows
//! that needs no AWS, no clock, no file and no network. Discovery and simulation come in through the [`ports`]; bytes
//! for people and machines are `report`'s.

pub mod assessment;
pub mod baseline;
pub mod bind;
pub mod compare;
pub mod drift;
pub mod embedded;
pub mod finding;
pub mod fix;
mod group;
pub mod judge;
pub mod level;
pub mod life;
pub mod mute;
pub mod narrower;
pub mod observe;
pub mod pattern;
pub mod ports;
pub mod requirement;
pub mod retirement;
pub mod run;
pub mod settings;
pub mod stored;
mod taken;
pub mod upgrade;
pub mod verdict;

pub use assessment::{Assessment, Coverage, DangerKind, Keys, Selection};
pub use baseline::Baseline;
pub use bind::bind;
pub use compare::{Change, ChangeKind, compare};
pub use finding::{Code, Event, EventKind, Finding, FindingId, Message};
pub use judge::assess;
pub use level::Level;
pub use life::{Step, advance};
pub use observe::{Findings, observe};
pub use requirement::{Bound, Plan, Subject};
pub use run::{Ports, Run, RunError, Task, run};
pub use settings::Settings;
pub use upgrade::{Upgrade, upgrade};
pub use verdict::{Judgement, Verdict};
