//! Calls: which AWS calls does permdrift make, and on what?
//!
//! The template's roles and `permdrift print-policy` are made and tested from this list. Whoever adds a call adds it here;
//! a call that is not here is refused by AWS.

mod call;
mod hub;
mod list;
mod policy;
#[cfg(test)]
mod reasons;

pub use call::{By, Call, On};
pub use hub::HUB_CALLS;
pub use list::CALLS;
pub use policy::{Covers, audit_policy};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn an_audit_changes_nothing() {
        for call in CALLS {
            match call.by {
                By::Audit | By::Doctor | By::WholeOrganization => {}
                By::Functions
                | By::Sweep
                | By::Change
                | By::Platform
                | By::Hub
                | By::HubFunctions
                | By::HubReaders
                | By::Roster
                | By::HubSweep
                | By::HubChange
                | By::Gather => continue,
            }
            let (_, name) = call.action.split_once(':').unwrap();
            assert!(
                ["Describe", "Get", "List", "Lookup", "Simulate"]
                    .iter()
                    .any(|verb| name.starts_with(verb)),
                "{}",
                call.action
            );
        }
        let all = CALLS.iter().chain(HUB_CALLS);
        let calls: BTreeSet<_> = all.map(|call| (call.action, call.on)).collect();
        let count = CALLS.len() + HUB_CALLS.len();
        assert_eq!(calls.len(), count, "each call once");
        let queues = [On::Remainder, On::TrailEvents, On::DeadTrailEvents];
        let besides = CALLS.iter().filter(|call| !queues.contains(&call.on));
        let besides: Vec<_> = besides.map(|call| call.action).collect();
        let once: BTreeSet<_> = besides.iter().collect();
        assert!(
            once.len() + 1 >= besides.len(),
            "only publishing, and what is done on queues, is done on several things"
        );
    }
}
