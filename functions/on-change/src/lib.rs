//! `on-change`: the Lambda that audits whom trail events touched.
//!
//! EventBridge puts calls that CloudTrail recorded into a queue; Lambda hands over all that came in some seconds. An event only says
//! where to look: what holds is listed and simulated as in every audit. Events that cannot change a verdict are passed over after one
//! look-up in the table. `docs/lambda.md` is the contract with the stack; it is the same program as `sweep`.
//!
//! Nothing of an event is kept, told or logged but what `audit::events` names: no policy document, no address of a caller. An event that
//! is sent back goes to the queue it came from, and one that cannot be used to that queue's dead letters.

mod all;
mod aside;
mod audited;
mod back;
mod batch;
mod by_account;
mod change;
mod door;
mod handle;
mod of_hub;
mod once;

pub use handle::handle;
