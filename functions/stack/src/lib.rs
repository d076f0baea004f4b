//! What the Lambdas of a stack share: environment, settings, channels, time, and how a failure is told.
//!
//! `sweep` audits an account on a schedule, `on-change` audits whom trail events touched, `roster` reads the accounts of an organisation,
//! `gather` tells people about them. All are one program, and work with a [`Stack`] and a [`Frame`]. `docs/lambda.md` is their contract
//! with the template: variables, events, table, messages, metrics.
//!
//! Nothing secret is logged: no policy, no event, no credential. The SDK's own log lines are off, because they hold requests.

pub mod config;
pub mod enter;
pub mod error;
pub mod hub;
pub mod kept;
pub mod log;
pub mod metrics;
pub mod role_state;
pub mod settings;
mod stack;
pub mod telling;
pub mod windows;

pub use config::Config;
pub use error::StackError;
pub use stack::{AtMost, Begun, Frame, Stack, own_account};
