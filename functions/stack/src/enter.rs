//! Entering: how does a function of the hub assume the role of another account, and how is a refusal explained?
//!
//! What is known where AWS gives no reason is in [`RoleState`].

use audit::ports::BaselineStore as _;
use audit::roster::Roster;
use aws::{EnterError, Failure, Role, Session};
use iam::AccountId;

use crate::error::StackError;
use crate::hub;
use crate::role_state::{RoleState, RosterFacts};
use crate::stack::{Frame, Stack};

/// The name of our sessions in CloudTrail.
const SESSION: &str = "permdrift";

/// A session in an account, by its role.
///
/// # Errors
/// [`StackError::NotEntered`] and [`StackError::NoRole`].
pub async fn enter(
    stack: &Stack,
    frame: &Frame<'_>,
    role: &Role,
    facts: RosterFacts,
) -> Result<Session, StackError> {
    let entered = stack.session.enter(role, frame.account, SESSION).await;
    let error = match entered {
        Ok(session) => return Ok(session),
        Err(error) => error,
    };
    if !is_unexplained(&error) {
        return Err(StackError::NotEntered(error));
    }
    // What cannot be loaded was not audited as far as anybody knows; that the table does not answer shows soon enough.
    let baseline = stack.table.load(frame.account).await;
    let audited = baseline.ok().and_then(|baseline| baseline.audited);
    let facts = RosterFacts {
        is_absent: is_absent(stack, frame).await,
        ..facts
    };
    Err(StackError::NoRole {
        state: RoleState::of(audited, facts, frame.now),
        source: error,
    })
}

/// Whether the account is not in the newest roster, which may be made after this audit was ordered. Where that cannot be read it is not known.
async fn is_absent(stack: &Stack, frame: &Frame<'_>) -> bool {
    let Some(objects) = stack.objects(frame.own) else {
        return false;
    };
    let text = objects.get(hub::ROSTER).await.ok().flatten();
    let roster = text.and_then(|text| Roster::read(&text).ok());
    roster.is_some_and(|roster| !roster.accounts.contains_key(&frame.account))
}

/// Whether AWS refused without saying which policy is in the way.
fn is_unexplained(error: &EnterError) -> bool {
    match error {
        EnterError::Call {
            failure: Failure::Denied { message, .. },
            ..
        } => !message.contains("explicit deny") && !message.contains(" because "),
        EnterError::Call { .. } | EnterError::OtherAccount { .. } => false,
    }
}

/// The ARN of the audit role in an account.
#[must_use]
pub fn role_arn(partition: &str, account: AccountId, name: &str) -> String {
    format!("arn:{partition}:iam::{account}:role/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_aws_says_why_nothing_is_added() {
        let denied = |message: &str| EnterError::Call {
            role: "a".to_owned(),
            failure: Failure::Denied {
                code: "AccessDenied".to_owned(),
                message: message.to_owned(),
            },
        };
        let refused = "User: a is not authorized to perform: sts:AssumeRole on resource: b";
        assert!(is_unexplained(&denied(refused)));
        for why in [
            "with an explicit deny in a service control policy",
            "because no identity-based policy allows the sts:AssumeRole action",
        ] {
            assert!(!is_unexplained(&denied(&format!("{refused} {why}"))));
        }
        let throttled = EnterError::Call {
            role: "a".to_owned(),
            failure: Failure::Throttled,
        };
        assert!(!is_unexplained(&throttled));
    }
}
