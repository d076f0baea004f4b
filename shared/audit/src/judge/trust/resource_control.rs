//! RCPs: does the organisation deny that a role of the account is assumed?
//!
//! A role is a resource of its account, so an RCP above the account may deny `sts:AssumeRole` on it as the trust policy may. RCPs do not
//! hold for the management account, nor for roles that services made for themselves.

use std::sync::Arc;

use iam::condition;
use iam::glob;
use iam::policy::{Effect, Matches, Statement};
use iam::truth::{Truth, Truths};
use iam::{AccountId, ActionName, Context, Layer, Principal, StatementRef};

use super::statements::{Doubts, Speaks};
use crate::resources::{NamedPolicy, Organization};

/// The RCPs above an account.
#[derive(Default)]
pub(super) struct ResourceControl<'a> {
    /// Each with its level, from the root.
    policies: Vec<(u8, &'a NamedPolicy)>,
    /// `sts:AssumeRole`.
    action: Option<ActionName>,
}

impl<'a> ResourceControl<'a> {
    /// Those that deny that roles are assumed. What was not read is told of once for the account, not for each role.
    pub(super) fn of(organization: Option<&'a Option<Organization>>, account: AccountId) -> Self {
        let Some(Some(organization)) = organization else {
            return Self::default();
        };
        if organization.management_account == Some(account) {
            return Self::default();
        }
        let levels = (0..=u8::MAX).zip(organization.resource_control.read().into_iter().flatten());
        let policies = levels.flat_map(|(level, policies)| {
            let policies = policies.iter();
            policies.map(move |policy| (level, policy))
        });
        let action: Option<ActionName> = "sts:AssumeRole".parse().ok();
        let denies = |(_, policy): &(u8, &NamedPolicy)| match policy.document.as_ref() {
            Ok(document) => {
                let mut statements = document.statements.iter();
                statements.any(|statement| {
                    let is_about = action.as_ref().is_some_and(|one| statement.is_about(one));
                    statement.effect == Effect::Deny && is_about
                })
            }
            Err(_) => true,
        };
        Self {
            policies: policies.filter(denies).collect(),
            action,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Whether one denies a request to assume a role. What it hangs on goes into `doubts`, who denies into `denials`.
    pub(super) fn denies(
        &self,
        role: &Principal,
        context: &Context,
        doubts: &mut Doubts<'a>,
        denials: &mut Doubts<'a>,
    ) -> Speaks {
        let mut worst = Speaks::No;
        if role.arn.as_str().contains(":role/aws-service-role/") {
            return worst;
        }
        for (level, policy) in &self.policies {
            let named = |index: Option<usize>, sid: Option<&str>| StatementRef {
                layer: Layer::ResourceControl {
                    level: Some(*level),
                },
                policy: Arc::clone(&policy.name),
                index,
                sid: sid.map(Arc::from),
            };
            let Ok(document) = policy.document.as_ref() else {
                doubts.above.insert(named(None, None));
                doubts.keys.insert("an RCP that cannot be read");
                worst = worst.max(Speaks::Perhaps);
                continue;
            };
            for (index, statement) in document.statements.iter().enumerate() {
                let is_about = self
                    .action
                    .as_ref()
                    .is_some_and(|action| statement.is_about(action));
                if statement.effect == Effect::Allow || !is_about {
                    continue;
                }
                let denies = applies(statement, role, document.version, context, doubts);
                let named = named(Some(index), statement.sid.as_deref());
                match denies {
                    Speaks::No => {}
                    Speaks::Perhaps => {
                        doubts.above.insert(named);
                    }
                    Speaks::Yes => {
                        denials.denying.insert(&policy.name);
                        denials.above.insert(named);
                    }
                }
                worst = worst.max(denies);
            }
        }
        worst
    }
}

fn applies<'a>(
    statement: &'a Statement,
    role: &Principal,
    version: iam::policy::Version,
    context: &Context,
    doubts: &mut Doubts<'a>,
) -> Speaks {
    let mut truths = reaches(&statement.resource, role.arn.as_str());
    let mut keys = Vec::new();
    if truths.settled().is_none() {
        keys.push("a variable in an RCP's resource");
    }
    for condition in &statement.conditions {
        let evaluation = condition::evaluate(condition, version, statement.effect, context);
        truths = truths.and(evaluation.can);
        if evaluation.can.settled().is_none() || evaluation.can.has(Truth::Unclear) {
            keys.push(condition.key.as_ref());
        }
    }
    if truths.never() {
        return Speaks::No;
    }
    if truths.surely() {
        return Speaks::Yes;
    }
    doubts.keys.extend(keys);
    Speaks::Perhaps
}

/// Whether a statement's resource is a role.
fn reaches(resource: &Matches, arn: &str) -> Truths {
    let mut patterns = resource.patterns.iter();
    if patterns.any(|pattern| pattern.contains("${")) {
        return Truths::EITHER;
    }
    let mut patterns = resource.patterns.iter();
    let is_named = patterns.any(|pattern| glob::matches(pattern, arn));
    Truths::from(match is_named != resource.negated {
        true => Truth::Yes,
        false => Truth::No,
    })
}
