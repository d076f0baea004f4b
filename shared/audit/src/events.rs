//! Trail events: whom did a call to AWS touch?
//!
//! In: what CloudTrail recorded of calls ([`read`], [`read_messages`]), and an account with what is bound in it. Out: the principals
//! whose verdicts these calls can change, each with its calls ([`Touched`]). A call that failed, or that changes nothing an audit looks
//! at, is passed over; one that cannot be read or followed is kept as an [`EventFault`]. Which events can touch anybody at all is known
//! without a listing, from what the last audit saw ([`Footprint`]).
//!
//! Which events arrived is kept as [`Arrivals`], so that an audit finds out which never did.
//!
//! Who made it, with which tool, is an [`Actor`]; which calls can have led to a finding an [`Explanation`].
//!
//! Nothing of an event is kept but what is named here: no policy document, no other parameter, no answer.

mod actor;
mod arrivals;
mod call;
mod caller;
mod effect;
mod event;
mod expected;
mod explain;
mod explanation;
mod footprint;
mod look_up;
mod missing;
mod raw;
mod read;
mod shown;
mod touched;

pub use actor::{Actor, ActorKind};
pub use arrivals::{Arrivals, ChangesSeen, EventSource, ReadArrivalsError};
pub use event::{ActedOn, EventFault, EventFaultReason, TrailEvent};
pub(crate) use explain::Explaining;
pub(crate) use explanation::StoredExplanation;
pub use explanation::{CallsAbove, Explanation, ReadCallsError, Unseen};
pub use footprint::{BindingRules, Concern, Footprint, ReadFootprintError};
pub use look_up::{LookUp, LookUpBy, LookedUp, region_of_iam};
pub(crate) use missing::{look_ups, missing};
pub use read::{ReadEventsError, TrailEvents, read, read_messages};
pub(crate) use touched::Account;
pub use touched::{NotListed, Touched};
