//! The organisation: what are people told where many accounts are audited from one place?
//!
//! Each account has its baseline, with mutes applied and the life of each finding led on. Of these, every finding that is reported and open
//! belongs to a thread ([`About`]): one cause outside the accounts is one thread over all of them. A thread is stored with what each account
//! adds to it ([`Thread`]); [`advance`] compares that with what stands in the baselines now, and the differences are what is told.
//! [`tell`] does both, publishes, and writes a thread only after its message was published.

mod about;
mod digest;
mod dispatch;
mod piece;
mod plan;
mod seen;
mod stored;
mod telling;
mod thread;

pub use about::About;
pub use dispatch::{Dispatch, MOST, id_of};
pub use piece::Piece;
pub use plan::{Affected, ShareStep, ThreadMessage, advance};
pub use seen::{Membership, Seen};
pub use stored::{FORMAT, ReadThreadError, read, write};
pub use telling::{Outside, SentMessages, TellError, tell};
pub use thread::{Example, Share, Thread, Threads};
