//! Notification: which findings are sent today, to whom, and in which message?

mod group;
mod known;
pub mod life;
pub mod mute;
pub(crate) mod notices;
pub mod organization;
pub mod step;
pub(crate) mod told;
