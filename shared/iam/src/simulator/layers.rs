//! Layers of a principal: which policies must a request of this principal pass?
//!
//! In: an inventory, one of its principals, and the service control policies above its account. Out: [`Layers`], with
//! every policy named as people know it. An attachment, group or boundary that the listing names and does not hold is
//! a policy that cannot be read: it is never treated as absent.

use std::sync::{Arc, LazyLock};

use crate::arn::PrincipalArn;
use crate::context::{Context, principal_context};
use crate::evaluate::{Layers, Policy};
use crate::fault::Fault;
use crate::inventory::{Inventory, Principal};
use crate::policy::Document;

/// What lies above an account: the service control policies that hold for it.
#[derive(Clone, Debug, Default)]
pub struct ServiceControl<'a> {
    /// Level by level, from the root to the account.
    pub levels: Vec<Vec<Policy<'a>>>,
    /// The account is the organisation's management account, which none of them restricts.
    pub management_account: bool,
}

impl ServiceControl<'_> {
    /// Whether none of it restricts a principal.
    pub(super) fn exempts(&self, principal: &PrincipalArn) -> bool {
        self.management_account || principal.is_service_linked()
    }
}

/// The layers of a principal, for [`evaluate`](crate::evaluate()) and its trace.
#[must_use]
pub fn layers<'a>(
    inventory: &'a Inventory,
    principal: &'a Principal,
    service_control: &ServiceControl<'a>,
) -> Layers<'a> {
    let named = |held: Held<'a>| Policy {
        name: held.source.name(),
        document: held.document,
    };
    Layers {
        identity: identity(inventory, principal)
            .into_iter()
            .map(named)
            .collect(),
        boundary: boundary(inventory, principal).map(|held| vec![named(held)]),
        session: None,
        service_control: service_control.levels.clone(),
        management_account: service_control.management_account,
        resource_side: None,
    }
}

/// What is known of any request of a principal: what the question says, and what follows from the principal. The
/// question has the last word.
#[must_use]
pub fn request_context(principal: &Principal, question: &Context) -> Context {
    let tags = principal.tags.iter().map(|(key, value)| (&**key, &**value));
    let mut context = principal_context(&principal.arn, &principal.id, tags);
    for key in &principal.unsettled {
        match key.strip_suffix('*') {
            Some(prefix) => context.open(prefix),
            None => context.forget(key),
        }
    }
    context.overruled_by(question)
}

/// A policy that a principal holds.
pub(super) struct Held<'a> {
    pub(super) source: Source<'a>,
    pub(super) document: Result<&'a Document, &'a Fault>,
}

/// Where a principal has a policy from.
pub(super) enum Source<'a> {
    /// Written into it.
    Inline(&'a str),
    /// A managed policy, by its ARN.
    Managed(&'a str),
    /// Written into a group.
    GroupInline { group: &'a str, policy: &'a str },
    /// A group whose policies nobody listed.
    Group(&'a str),
    /// Given with its name.
    Named(Arc<str>),
}

impl Source<'_> {
    pub(super) fn name(&self) -> Arc<str> {
        match self {
            Self::Inline(policy) => format!("inline {policy}").into(),
            Self::Managed(arn) => Arc::from(*arn),
            Self::GroupInline { group, policy } => format!("group {group}: inline {policy}").into(),
            Self::Group(group) => format!("group {group}").into(),
            Self::Named(name) => Arc::clone(name),
        }
    }
}

/// The principal's own policies, then those of its groups; a managed policy that comes twice counts once.
pub(super) fn identity<'a>(inventory: &'a Inventory, principal: &'a Principal) -> Vec<Held<'a>> {
    let mut held: Vec<Held<'a>> =
        Vec::with_capacity(principal.inline.len() + principal.attached.len());
    held.extend(principal.inline.iter().map(|policy| Held {
        source: Source::Inline(&policy.name),
        document: (*policy.document).as_ref(),
    }));
    held.extend(principal.attached.iter().map(|arn| managed(inventory, arn)));
    for (at, name) in principal.groups.iter().enumerate() {
        let Some(group) = inventory.groups.get(name) else {
            held.push(Held {
                source: Source::Group(name),
                document: Err(&NOT_LISTED),
            });
            continue;
        };
        held.extend(group.inline.iter().map(|policy| Held {
            source: Source::GroupInline {
                group: name,
                policy: &policy.name,
            },
            document: (*policy.document).as_ref(),
        }));
        let before = principal.groups.iter().take(at);
        let before = before.filter_map(|name| inventory.groups.get(name));
        let new = group.attached.iter().filter(|arn| {
            !principal.attached.contains(arn)
                && !before.clone().any(|group| group.attached.contains(arn))
        });
        held.extend(new.map(|arn| managed(inventory, arn)));
    }
    held
}

/// The permissions boundary, if it has one.
pub(super) fn boundary<'a>(inventory: &'a Inventory, principal: &'a Principal) -> Option<Held<'a>> {
    let arn = principal.boundary.as_deref()?;
    Some(managed(inventory, arn))
}

fn managed<'a>(inventory: &'a Inventory, arn: &'a str) -> Held<'a> {
    Held {
        source: Source::Managed(arn),
        document: match inventory.policies.get(arn) {
            Some(policy) => (*policy.document).as_ref(),
            None => Err(&NOT_LISTED),
        },
    }
}

static NOT_LISTED: LazyLock<Fault> = LazyLock::new(|| Fault {
    reason: "the listing refers to it but does not contain it".into(),
    line: 0,
    column: 0,
});

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::context::Known;
    use crate::inventory::{Group, InlinePolicy, ManagedPolicy};

    fn inline(name: &str) -> InlinePolicy {
        let document = Document::parse(r#"{"Statement": []}"#);
        InlinePolicy {
            name: name.into(),
            document: Arc::new(document),
        }
    }

    fn inventory() -> Inventory {
        let managed = |name: &str| ManagedPolicy {
            name: name.into(),
            version: "v1".into(),
            newest: "v1".into(),
            document: inline(name).document,
        };
        let group = |inline: Vec<InlinePolicy>, attached: &[&str]| Group {
            inline,
            attached: attached.iter().map(|arn| (*arn).into()).collect(),
        };
        Inventory {
            groups: [
                ("Ops".into(), group(vec![inline("on-call")], &["A", "B"])),
                ("Backup".into(), group(Vec::new(), &["B", "C", "Gone"])),
            ]
            .into(),
            policies: HashMap::from(["A", "B", "C"].map(|name| (name.into(), managed(name)))),
            ..Inventory::default()
        }
    }

    fn principal(attached: &[&str], groups: &[&str], boundary: Option<&str>) -> Principal {
        let boxed = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
        Principal {
            arn: "arn:aws:iam::123456789012:user/ada".parse().unwrap(),
            id: "AIDAX".into(),
            created: "".into(),
            tags: vec![("Team".into(), "Backup".into())],
            inline: vec![inline("own")],
            attached: boxed(attached),
            groups: boxed(groups),
            boundary: boundary.map(Box::from),
            trust: None,
            instance_profiles: Vec::new(),
            unsettled: Vec::new(),
        }
    }

    /// Policies by name; one that cannot be read has its reason behind it.
    #[track_caller]
    fn check(principal: &Principal, identity: &[&str], boundary: Option<&[&str]>) {
        let inventory = inventory();
        let layers = layers(&inventory, principal, &ServiceControl::default());
        let names = |policies: &[Policy<'_>]| -> Vec<String> {
            let named = policies.iter().map(|policy| match policy.document {
                Ok(_) => policy.name.to_string(),
                Err(fault) => format!("{}: {}", policy.name, fault.reason),
            });
            named.collect()
        };
        assert_eq!(names(&layers.identity), identity);
        let expected = boundary.map(|names| names.iter().map(ToString::to_string).collect());
        assert_eq!(layers.boundary.as_deref().map(names), expected);
    }

    #[test]
    fn own_policies_come_first_then_those_of_the_groups() {
        check(
            &principal(&["C"], &["Ops"], None),
            &["inline own", "C", "group Ops: inline on-call", "A", "B"],
            None,
        );
    }

    #[test]
    fn a_managed_policy_that_comes_twice_counts_once() {
        check(
            &principal(&["A"], &["Ops", "Backup"], Some("A")),
            &[
                "inline own",
                "A",
                "group Ops: inline on-call",
                "B",
                "C",
                "Gone: the listing refers to it but does not contain it",
            ],
            Some(&["A"]),
        );
    }

    #[test]
    fn what_the_listing_does_not_hold_cannot_be_read() {
        check(
            &principal(&["Gone"], &["Gone"], Some("Gone")),
            &[
                "inline own",
                "Gone: the listing refers to it but does not contain it",
                "group Gone: the listing refers to it but does not contain it",
            ],
            Some(&["Gone: the listing refers to it but does not contain it"]),
        );
    }

    #[test]
    fn what_is_not_settled_is_unknown_even_where_all_others_are_absent() {
        let mut principal = principal(&[], &[], None);
        principal.unsettled = vec!["aws:PrincipalTag/Stage".into(), "aws:username".into()];
        let context = request_context(&principal, &Context::partial());
        assert_eq!(context.get("aws:principaltag/stage"), Known::Unknown);
        assert_eq!(context.get("aws:username"), Known::Unknown);
        assert_eq!(context.get("aws:PrincipalTag/Other"), Known::Absent);
        principal.tags = vec![("Set".into(), "x".into())];
        principal.unsettled = vec!["aws:PrincipalTag/*".into()];
        let context = request_context(&principal, &Context::partial());
        let x: Box<str> = "x".into();
        assert_eq!(context.get("aws:PrincipalTag/Set"), Known::Values(&[x]));
        assert_eq!(context.get("aws:PrincipalTag/Other"), Known::Unknown);
        principal.unsettled = vec!["aws:PrincipalTag/".into()];
        let context = request_context(&principal, &Context::partial());
        assert_eq!(context.get("aws:PrincipalTag/Team"), Known::Unknown);
        assert_eq!(context.get("aws:PrincipalTag/Other"), Known::Unknown);
    }

    #[test]
    fn a_question_overrules_what_follows_from_the_principal() {
        let mut question = Context::complete();
        question.set_one("aws:MultiFactorAuthPresent", "true");
        let context = request_context(&principal(&[], &[], None), &question);
        assert!(context.is_complete());
        let yes: Box<str> = "true".into();
        assert_eq!(
            context.get("aws:MultiFactorAuthPresent"),
            Known::Values(&[yes])
        );
        let team: Box<str> = "Backup".into();
        assert_eq!(context.get("aws:PrincipalTag/team"), Known::Values(&[team]));
    }
}
