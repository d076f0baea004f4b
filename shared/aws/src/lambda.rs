//! What only the Lambda uses: the table with the baselines, the settings parameter, the queue, the hub's bucket and its
//! state machine, and the channels.

mod bus;
mod execution;
mod objects;
mod parameter;
mod queue;
mod security_hub;
mod table;
mod topic;

pub use bus::{Bus, Entry, PutError};
pub use execution::{Started, start_execution};
pub use objects::{GetError, Objects, StoreError};
pub use parameter::parameter;
pub use queue::{send, send_later};
pub use security_hub::{ImportError, SecurityHub};
pub use table::{KeepError, Keeping, Kept, KeptForEvents, Table};
pub use topic::{Note, Topic};
