//! Looking: what does an account look like at one moment?
//!
//! `list -> bind -> read -> simulate -> narrow -> judge`: the first half of the work, the same for every command and every function.
//! What is wanted stands in [`Asked`], what it is wanted of in the [`Environment`]. What changed since the last audit, and
//! who is told, is the business of [`run`](mod@crate::run).

use std::error::Error;
use std::sync::Arc;

use catalog::PolicyDocument;
use iam::inventory::{Fault, Gap};
use iam::{AccountId, Inventory};

use crate::asked::Asked;
use crate::bind::bind;
use crate::bind::found_keys;
use crate::bind::listed::Listed;
use crate::bind::principals::{self, FindPrincipalError, select};
use crate::bind::requirement::Requirement;
use crate::events::{Account, Touched, TrailEvents};
use crate::judge::assess;
use crate::judge::assessment::Assessment;
use crate::judge::layers;
use crate::judge::resource_side::{self, Given, Subject};
use crate::judge::service_control::{self, named};
use crate::ports::Environment;
use crate::simulate::narrow::{Accounts, narrow};
use crate::simulate::{Inquiry, Reply, inquiries};

/// What an audit saw of an account.
#[derive(Clone, Debug)]
pub struct Look {
    /// What was listed and bound.
    pub listed: Listed,
    /// What was found.
    pub assessment: Assessment,
}

/// Why nothing could be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The account could not be listed.
    #[error(transparent)]
    Listing(Box<dyn Error + Send + Sync>),
    /// The listing is of another account than the one asked about.
    #[error("the credentials are of account {found}, the audit is of {expected}")]
    OtherAccount {
        /// The account of the listing.
        found: AccountId,
        /// The account that was asked about.
        expected: AccountId,
    },
    /// The listing does not say which account it is of, because there is nobody in it.
    #[error("the listing holds no user and no role")]
    Nobody,
    /// Nobody of the listing could be read, so that nothing says which account it is of.
    #[error("no user and no role of the listing could be read: {what}: {fault}{}", more(*.others))]
    NobodyRead {
        /// What could not be read first.
        what: Box<str>,
        /// Why.
        fault: Fault,
        /// How much else could not be read.
        others: usize,
    },
    /// Somebody was asked about who is not there.
    #[error(transparent)]
    Principal(#[from] FindPrincipalError),
}

/// Lists, binds, simulates and judges.
///
/// # Errors
/// [`LookError`], where there is nothing to judge. What could not be read or decided is part of the assessment.
pub async fn look<E: Environment>(asked: &Asked<'_>, environment: &E) -> Result<Look, LookError> {
    let listed = list(asked, environment).await?;
    Ok(look_at(asked, environment, listed).await)
}

/// Simulates and judges what was listed and bound before.
pub async fn look_at<E: Environment>(
    asked: &Asked<'_>,
    environment: &E,
    mut listed: Listed,
) -> Look {
    read_besides(asked, &mut listed, environment).await;
    let inquiries = inquiries(&listed.bound);
    let replies = environment
        .simulate(&listed.inventory, &inquiries, &[])
        .await;
    let assessment = judge(asked, environment, &listed, &inquiries, replies);
    Look { listed, assessment }
}

/// Lists the account and binds what tags and settings name.
///
/// # Errors
/// [`LookError`].
pub async fn list<E: Environment>(asked: &Asked<'_>, environment: &E) -> Result<Listed, LookError> {
    let inventory = environment.listing().await.map_err(LookError::Listing)?;
    let account = match (inventory.account, asked.account) {
        (Some(found), Some(expected)) if found != expected => {
            return Err(LookError::OtherAccount { found, expected });
        }
        (Some(account), _) | (None, Some(account)) => account,
        (None, None) => return Err(nobody(&inventory)),
    };
    let selection = select(asked, &inventory)?;
    principals::bound(asked, &inventory)?;
    let bound = bind(asked, &inventory, &selection);
    let mut listed = Listed {
        account,
        inventory,
        selection,
        bound,
        resources: Arc::default(),
        touched: None,
    };
    if let Some(events) = asked.touched_by {
        keep_touched(asked, environment, events, &mut listed).await;
    }
    Ok(listed)
}

/// Leaves only those whom events touched.
async fn keep_touched<E: Environment>(
    asked: &Asked<'_>,
    environment: &E,
    events: &TrailEvents,
    listed: &mut Listed,
) {
    if events.name_keys() {
        // Buckets, vaults and regions lead to keys that nobody declared.
        let wanted = listed.wanted(asked.settings);
        listed.resources = environment.resources(&wanted).await;
        found_keys::complete(&mut listed.bound, &listed.resources);
    }
    let account = Account {
        id: listed.account,
        inventory: &listed.inventory,
        bound: &listed.bound,
    };
    let asked_about = listed.selection.principals.as_ref();
    let touched = Touched::of(events, account).only(asked_about);
    listed.selection.principals = Some(touched.principals());
    listed.touched = Some(Arc::new(touched));
    listed.bound = bind(asked, &listed.inventory, &listed.selection);
}

/// Why there is nobody in a listing.
fn nobody(inventory: &Inventory) -> LookError {
    let unread = inventory.gaps.iter().filter_map(|gap| match gap {
        Gap::Item { what, fault } => Some((what, fault)),
        Gap::Truncated | Gap::Part { .. } => None,
    });
    let unread: Vec<_> = unread.collect();
    match unread.as_slice() {
        [] => LookError::Nobody,
        [(what, fault), others @ ..] => LookError::NobodyRead {
            what: (*what).clone(),
            fault: (*fault).clone(),
            others: others.len(),
        },
    }
}

fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!("; and {count} more"),
    }
}

/// Reads what the listing does not hold: the access keys of the bound users that log in with one, and the resource side.
pub(crate) async fn read_besides<E: Environment>(
    asked: &Asked<'_>,
    listed: &mut Listed,
    environment: &E,
) {
    let users = listed.bound.users_with_keys(&listed.inventory);
    environment
        .add_access_keys(&mut listed.inventory, &users)
        .await;
    let wanted = listed.wanted(asked.settings);
    listed.resources = environment.resources(&wanted).await;
    found_keys::complete(&mut listed.bound, &listed.resources);
}

/// Narrows and judges what a simulator replied to [`inquiries`].
pub(crate) fn judge<E: Environment>(
    asked: &Asked<'_>,
    environment: &E,
    listed: &Listed,
    inquiries: &[Inquiry],
    mut replies: Vec<Reply>,
) -> Assessment {
    narrow(
        Accounts::Own,
        &listed.inventory,
        &environment.service_control(),
        inquiries,
        &mut replies,
    );
    let subjects = listed.bound.subjects.iter();
    let subjects: Vec<Subject<'_>> = subjects
        .map(|subject| (subject.principal, &*subject.requirements))
        .collect();
    let service_control = environment.service_control();
    let given = Given {
        account: listed.account,
        inventory: &listed.inventory,
        listing: &listed.inventory,
        service_control: &service_control,
        resources: &listed.resources,
    };
    let above = resource_side::service_control_above(given);
    named::name(&above, &listed.inventory, inquiries, &mut replies);
    // The canary is asked first, and about nothing that is declared.
    let first = usize::from(listed.bound.canary.is_some());
    resource_side::decide(
        given,
        &subjects,
        replies.get_mut(first..).unwrap_or_default(),
    );
    let mut assessment = assess(asked, listed, &above, inquiries, replies);
    assessment.coverage.knows_service_control = environment.applies_service_control()
        || service_control::is_known(&listed.resources, &service_control, listed.account);
    layers::conclude(&mut assessment, &asked.require, &service_control);
    assessment
}

/// What holds for one principal, in an inventory of its own, with policies that it does not have yet. The inquiry is about these
/// requirements; what the resource side is, was listed before.
pub(crate) async fn try_out<E: Environment>(
    environment: &E,
    inventory: &Inventory,
    (inquiry, requirements): (&Inquiry, &[Arc<Requirement>]),
    proposed: &[PolicyDocument],
    listed: &Listed,
) -> Reply {
    let inquiries = std::slice::from_ref(inquiry);
    let mut replies = environment.simulate(inventory, inquiries, proposed).await;
    let service_control = environment.service_control();
    narrow(
        Accounts::Own,
        inventory,
        &service_control,
        inquiries,
        &mut replies,
    );
    let given = Given {
        account: listed.account,
        inventory,
        listing: &listed.inventory,
        service_control: &service_control,
        resources: &listed.resources,
    };
    let above = resource_side::service_control_above(given);
    named::name(&above, inventory, inquiries, &mut replies);
    resource_side::decide(given, &[(inquiry.principal, requirements)], &mut replies);
    replies.into_iter().next().unwrap_or(Reply::NotReached)
}
