//! The door: with which credentials is an account read, and what is known of the SCPs and RCPs above it?

use aws::{Iam, Role};
use iam::AccountId;
use stack::config::Hub;
use stack::enter::{enter, role_arn};
use stack::role_state::RosterFacts;
use stack::{Frame, Stack, StackError};

use audit::events::CallsAbove;
use audit::resources::Organization;
use audit::roster::{Member, Roster};

/// The way into an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Door {
    /// The role to assume; `None` in the function's own account.
    role: Option<Role>,
    facts: RosterFacts,
    /// The run of the roster that saved the organisation.
    run: Option<Box<str>>,
    /// In a hub: the calls that changed what stands above the account.
    pub(crate) above: Option<CallsAbove>,
}

impl Door {
    /// That of an account of the roster. `own` and `partition` are the function's.
    pub(crate) fn of_member(
        (account, member): (AccountId, &Member),
        roster: &Roster,
        above: &CallsAbove,
        hub: &Hub,
        (own, partition): (AccountId, &str),
    ) -> Self {
        let role = || Role {
            arn: role_arn(partition, account, &hub.member_role),
            external_id: hub.external_id.clone(),
        };
        Self {
            role: (account != own).then(role),
            facts: RosterFacts {
                joined: member.joined,
                is_management: roster.management == Some(account),
                ..RosterFacts::default()
            },
            run: Some(roster.run.clone()),
            above: Some(above.of(account, &member.path)),
        }
    }

    /// A client in the account, and what stands above it.
    pub(crate) async fn open(
        &self,
        stack: &Stack,
        frame: &Frame<'_>,
    ) -> Result<(Iam, Option<Organization>), StackError> {
        let iam = match &self.role {
            None => Iam::new(&stack.session, &stack.process),
            Some(role) => {
                let session = enter(stack, frame, role, self.facts).await?;
                Iam::new(&session, &stack.process)
            }
        };
        let organization = match &self.run {
            None => None,
            Some(run) => stack.above(run, frame).await?,
        };
        Ok((iam, organization))
    }
}
