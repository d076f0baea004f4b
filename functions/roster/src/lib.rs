//! `roster`: the Lambda that reads the accounts of an organisation, and what stands above each.
//!
//! It is the first state of the hub's state machine. It writes three objects into the hub's bucket: the [roster](audit::roster) of all
//! accounts, the organisation with its SCPs and RCPs, and the items that the state machine goes through, one for each account that
//! is to be audited. `docs/lambda.md` is the contract; it is the same program as `sweep`.
//!
//! What cannot be read whole is not written at all, so that what an earlier run wrote stays. A repeated run writes the same again.

mod handle;
mod items;
mod order;

pub use handle::{handle, is_passing};
