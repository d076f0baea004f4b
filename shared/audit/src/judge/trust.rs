//! Trust: can those who must assume a role do so?
//!
//! Services that act for Veeam (`backup.amazonaws.com`, …) and the appliance itself. A statement under a condition that
//! nobody can answer makes the judgement unknown, unless another one allows without. What the organisation denies for roles of the
//! account counts as if the trust policy denied it.

mod assumer;
mod resource_control;
mod source;
mod statements;

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use iam::simulator::ServiceControl;
use iam::{AccountId, Context, Inventory, Principal, PrincipalArn, PrincipalKind, StatementRef};

use crate::asked::Asked;
use crate::bind::assumptions;
use crate::bind::requirement::Requirement;
use crate::judge::verdict::{Trust, TrustReason};
use crate::resources::{Organization, Resources};
use assumer::Assumer;
use resource_control::ResourceControl;
use statements::{Doubts, Listing, Speaks, Who, account_of, admits};

/// A trust policy by its address, the services, who else must be let in and with which external ids, and the role where the
/// organisation or policies of somebody in the account may deny it to some.
type TrustKey = (
    usize,
    Arc<[Box<str>]>,
    Arc<[Box<str>]>,
    Arc<[Box<str>]>,
    Option<PrincipalArn>,
);

/// Judges trust policies, each distinct one once for those who must be let in.
pub(super) struct Trusts<'a> {
    account: AccountId,
    /// What is known of any request to assume a role.
    context: Context,
    listing: Listing<'a>,
    organization: Option<&'a Option<Organization>>,
    resource_control: ResourceControl<'a>,
    judged: HashMap<TrustKey, Trust, RandomState>,
}

impl<'a> Trusts<'a> {
    pub(super) fn new(
        account: AccountId,
        asked: &Asked<'_>,
        inventory: &'a Inventory,
        resources: &'a Resources,
        service_control: &'a ServiceControl<'a>,
    ) -> Self {
        let mut context = assumptions::context(asked.settings, asked.now);
        let organization = resources.organization.read();
        // A role is a resource of its account.
        set(&mut context, "aws:ResourceAccount", Some(account.as_str()));
        if let Some(id) = id_of(organization) {
            set(&mut context, "aws:ResourceOrgID", id);
        }
        Self {
            account,
            context,
            listing: Listing {
                account,
                // All principals of an account are in one.
                partition: inventory
                    .principals
                    .first()
                    .map_or("", |one| one.arn.partition()),
                inventory,
                extent: asked.extent,
                service_control,
                ids: OnceCell::new(),
            },
            organization,
            resource_control: ResourceControl::of(organization, account),
            judged: HashMap::default(),
        }
    }

    pub(super) fn judge(&mut self, principal: &Principal, requirement: &Arc<Requirement>) -> Trust {
        if requirement.trust_services.is_empty() && requirement.trusted.is_empty() {
            return Trust::default();
        }
        let Some(trust) = &principal.trust else {
            return judge(principal, requirement, self);
        };
        let own = format!(":{}:", self.account);
        let mut trusted = requirement.trusted.iter();
        let is_alike = self.resource_control.is_empty() && !trusted.any(|name| name.contains(&own));
        let key = (
            Arc::as_ptr(trust).addr(),
            Arc::clone(&requirement.trust_services),
            Arc::clone(&requirement.trusted),
            Arc::clone(&requirement.external_ids),
            (!is_alike).then(|| principal.arn.clone()),
        );
        if let Some(trust) = self.judged.get(&key) {
            return trust.clone();
        }
        let trust = judge(principal, requirement, self);
        self.judged.insert(key, trust.clone());
        trust
    }

    /// What is known of a request by someone: services act for resources of the role's own account.
    fn context(&self, who: Who<'_>) -> Context {
        let mut context = self.context.clone();
        let account = match who {
            Who::Service(name) => {
                set_absent(&mut context, "aws:MultiFactorAuthPresent");
                context.set_one("aws:SourceAccount", self.account.as_str());
                context.set_one("aws:PrincipalIsAWSService", "true");
                context.set_one("aws:PrincipalServiceName", name);
                if let Some(id) = id_of(self.organization) {
                    set(&mut context, "aws:SourceOrgID", id);
                }
                return context;
            }
            Who::Account(account) => Some(account),
            Who::Principal(arn) => {
                context.set_one("aws:PrincipalArn", arn);
                if let Ok(arn) = arn.parse::<PrincipalArn>() {
                    match arn.kind() {
                        PrincipalKind::User => {
                            set_absent(&mut context, "aws:MultiFactorAuthPresent");
                            set_absent(&mut context, "aws:TokenIssueTime");
                            context.set_one("aws:PrincipalType", "User");
                            context.set_one("aws:username", arn.name());
                        }
                        PrincipalKind::Role => {
                            context.set_one("aws:PrincipalType", "AssumedRole");
                            context.set::<_, Box<str>>("aws:username", []);
                        }
                    }
                }
                account_of(arn)
            }
        };
        if let Some(account) = account {
            context.set_one("aws:PrincipalAccount", account.as_str());
            self.set_organization(&mut context, account);
        }
        // Veeam sends an external id only for roles of other accounts.
        if account == Some(self.account) {
            set_absent(&mut context, EXTERNAL_ID);
        }
        context.set_one("aws:PrincipalIsAWSService", "false");
        for key in ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"] {
            context.set::<_, Box<str>>(key, []);
        }
        context
    }

    /// In which organisation whoever assumes the role is: known of this account, and of the management account above it.
    fn set_organization(&self, context: &mut Context, account: AccountId) {
        let Some(organization) = self.organization else {
            return;
        };
        let is_above = organization
            .as_ref()
            .is_some_and(|above| above.management_account == Some(account));
        if let Some(id) = id_of(self.organization)
            && (account == self.account || is_above)
        {
            set(context, "aws:PrincipalOrgID", id);
        }
    }

    /// The contexts in which someone assumes a role: one for each external id that was declared.
    fn contexts(&self, who: Who<'_>, external_ids: &[Box<str>]) -> Vec<Context> {
        let context = self.context(who);
        let is_service = matches!(who, Who::Service(_));
        if is_service || external_ids.is_empty() || context.names(EXTERNAL_ID) {
            return vec![context];
        }
        let with = |id: &str| {
            let mut context = context.clone();
            context.set_one(EXTERNAL_ID, id);
            context
        };
        external_ids.iter().map(|id| with(id)).collect()
    }
}

const EXTERNAL_ID: &str = "sts:ExternalId";

/// The id of the organisation; `Some(None)` where there is none, `None` where nobody knows.
fn id_of(organization: Option<&Option<Organization>>) -> Option<Option<&str>> {
    match organization? {
        Some(organization) if organization.id.is_empty() => None,
        Some(organization) => Some(Some(&organization.id)),
        None => Some(None),
    }
}

/// Says what requests bear, or that they do not bear it, unless the settings say what it is.
fn set(context: &mut Context, key: &str, value: Option<&str>) {
    if !context.names(key) {
        context.set(key, value);
    }
}

/// Says that requests do not bear a key, unless the settings say what it is.
fn set_absent(context: &mut Context, key: &str) {
    set(context, key, None);
}

fn judge(principal: &Principal, requirement: &Requirement, trusts: &Trusts<'_>) -> Trust {
    let unknown = |reason: String| {
        let mut all: Vec<Box<str>> = requirement.trust_services.iter().cloned().collect();
        all.extend(requirement.trusted.iter().cloned());
        Trust {
            missing: Vec::new(),
            unknown: all,
            reason: Some(TrustReason {
                text: reason.into(),
                ..TrustReason::default()
            }),
        }
    };
    let policy = match principal.trust.as_deref() {
        Some(Ok(policy)) => policy,
        Some(Err(fault)) => {
            return unknown(format!("the trust policy cannot be read: {fault}"));
        }
        None => return unknown("the trust policy is not in the inventory".to_owned()),
    };
    let services = requirement
        .trust_services
        .iter()
        .map(|name| (name, Who::Service(name)));
    let trusted = requirement.trusted.iter().map(|name| match name.parse() {
        Ok(account) => (name, Who::Account(account)),
        Err(_) => (name, Who::Principal(name)),
    });
    let listing = &trusts.listing;
    let mut trust = Trust::default();
    let mut doubts = Doubts::default();
    let mut denials = Doubts::default();
    for (name, who) in services.chain(trusted) {
        let mut best = Speaks::No;
        let assumer = Assumer::of(who, listing);
        let mut hangs_on_assumer = false;
        let mut above = BTreeSet::new();
        for context in trusts.contexts(who, &requirement.external_ids) {
            let lets_in = admits(policy, who, &context, listing, &mut doubts);
            let denied = match lets_in {
                Speaks::No => Speaks::No,
                Speaks::Perhaps | Speaks::Yes => {
                    trusts
                        .resource_control
                        .denies(principal, &context, &mut doubts, &mut denials)
                }
            };
            let (may, by) = match lets_in {
                Speaks::No => (Speaks::Yes, Vec::new()),
                Speaks::Perhaps | Speaks::Yes => assumer.may(listing, principal, policy, &context),
            };
            above.extend(by);
            best = best.max(lets_in.unless(denied).min(may));
            hangs_on_assumer |= may != Speaks::Yes;
        }
        if best != Speaks::Yes && hangs_on_assumer {
            for all in [&mut doubts, &mut denials] {
                all.above.extend(above.iter().cloned());
                match assumer {
                    Assumer::Other => {}
                    Assumer::Listed(assumer) => {
                        all.not_let.insert(assumer.arn.as_str());
                    }
                    Assumer::Unlisted => {
                        all.not_listed.insert(name);
                    }
                }
            }
        }
        match best {
            Speaks::Yes => {}
            Speaks::Perhaps => trust.unknown.push(name.clone()),
            Speaks::No => trust.missing.push(name.clone()),
        }
    }
    let text = if !trust.unknown.is_empty() {
        Some(doubts.to_string())
    } else if !trust.missing.is_empty() {
        denials.name_dead(policy, listing);
        denials.said()
    } else {
        None
    };
    let refs = |all: BTreeSet<StatementRef>, of: &[Box<str>]| match of.is_empty() {
        true => Vec::new(),
        false => all.into_iter().collect(),
    };
    trust.reason = text.map(|text| TrustReason {
        text: text.into(),
        keys: doubts.keys.iter().map(|key| Box::from(*key)).collect(),
        denied_by: refs(denials.above, &trust.missing),
        perhaps_denied_by: refs(doubts.above, &trust.unknown),
    });
    trust
}
