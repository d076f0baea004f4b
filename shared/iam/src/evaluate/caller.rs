//! Callers: whom do the policies of the resource side see, and is that one of the principals of a statement?
//!
//! In: an ARN, or an inventoried principal. Out: a [`Caller`], and for a statement in which [`Manner`]s it names the caller. The
//! name of a session and the unique id of a user or role come from `aws:userid` where the caller does not say them.

use std::sync::Arc;

use crate::arn::{AccountId, Arn, ParseArnError, PrincipalArn, PrincipalKind};
use crate::condition::Evaluation;
use crate::context::{Context, Known};
use crate::policy::{Effect, NamedPrincipal, Principals};
use crate::truth::{Truth, Truths};

/// Bears the unique id of a user, or that of a role with the name of the session behind a colon.
pub(super) const USER_ID: &str = "aws:userid";

/// Who makes a request, as the resource side sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    account: Option<AccountId>,
    identity: CallerIdentity,
    /// The unique id of the user or role; `None` where only the context can say it.
    id: Option<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum CallerIdentity {
    /// A user, or a role in a session whose name the context may say.
    Entity(PrincipalArn),
    /// A session of a role, by the role's name.
    RoleSession { role: Box<str>, session: Box<str> },
    /// A session of a user that the ARN does not name.
    FederatedUser(Box<str>),
    /// The root user of an account.
    Root,
    /// Anything else, such as an AWS service.
    Other,
}

/// How a statement names a caller. What it allows is limited by other layers accordingly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Manner {
    /// By the account: it leaves the choice to the account's identity policies.
    Account,
    /// By the ARN of its role: boundary and session policies still limit it.
    Role,
    /// As everybody.
    Everybody,
    /// By the ARN of the user or session.
    Directly,
}

/// What a statement meets besides the caller: layers that change what its principals mean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) boundary: bool,
    pub(super) session: bool,
}

impl Caller {
    /// The caller with this ARN: a user, role, session or root user. Anything else is a caller that no policy names.
    ///
    /// # Errors
    /// [`ParseArnError`] where the text is no ARN.
    pub fn parse(text: &str) -> Result<Self, ParseArnError> {
        let arn = Arn::parse(text)?;
        let parts: Vec<&str> = arn.resource.split('/').collect();
        let identity = match (arn.service, parts.as_slice()) {
            ("iam", ["root"]) => CallerIdentity::Root,
            ("sts", ["assumed-role", role, session]) => CallerIdentity::RoleSession {
                role: (*role).into(),
                session: (*session).into(),
            },
            ("sts", ["federated-user", name]) => CallerIdentity::FederatedUser((*name).into()),
            _ => text
                .parse()
                .map_or(CallerIdentity::Other, CallerIdentity::Entity),
        };
        Ok(Self {
            account: arn.account.parse().ok(),
            identity,
            id: None,
        })
    }

    /// A user, or a session of a role, with its unique id.
    #[must_use]
    pub fn of(principal: &PrincipalArn, id: &str) -> Self {
        Self {
            account: Some(principal.account()),
            identity: CallerIdentity::Entity(principal.clone()),
            id: Some(id.into()),
        }
    }

    /// The account it belongs to; `None` where its ARN has none.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// In which manners a statement names this caller, each once, and whether it does; nothing where it does in no case.
    pub(super) fn named_in(
        &self,
        principals: &Principals,
        effect: Effect,
        limits: Limits,
        context: &Context,
    ) -> Vec<(Manner, Evaluation<'static>)> {
        if principals.negated {
            let excluded = self.excluded(principals, limits, effect, context);
            let found = (Manner::Everybody, excluded);
            return [found]
                .into_iter()
                .filter(|one| !one.1.can.never())
                .collect();
        }
        let mut found: Vec<(Manner, Evaluation<'static>)> = Vec::new();
        for named in &principals.list {
            let Some((manner, evaluation)) = self.is_named(named, limits, context) else {
                continue;
            };
            match found.iter_mut().find(|(other, _)| *other == manner) {
                Some((_, other)) => or(other, evaluation),
                None => found.push((manner, evaluation)),
            }
        }
        found
    }

    fn is_named(
        &self,
        named: &NamedPrincipal,
        limits: Limits,
        context: &Context,
    ) -> Option<(Manner, Evaluation<'static>)> {
        let surely = |manner| Some((manner, Evaluation::settled(Truth::Yes)));
        match (named, &self.identity) {
            (NamedPrincipal::Everybody, _) => surely(Manner::Everybody),
            (NamedPrincipal::Account(account), identity) => {
                let is_root = *identity == CallerIdentity::Root;
                let manner = if is_root {
                    Manner::Directly
                } else {
                    Manner::Account
                };
                (self.account == Some(*account)).then(|| surely(manner))?
            }
            (NamedPrincipal::Entity(named), CallerIdentity::Entity(own)) => {
                (named == own).then(|| surely(self.own_manner(limits)))?
            }
            (NamedPrincipal::Entity(named), CallerIdentity::RoleSession { role, .. }) => {
                let is_role = named.kind() == PrincipalKind::Role
                    && self.account == Some(named.account())
                    && named.name() == &**role;
                is_role.then(|| surely(Manner::Role))?
            }
            (NamedPrincipal::Entity(named), CallerIdentity::FederatedUser(_)) => {
                let may_be =
                    named.kind() == PrincipalKind::User && self.account == Some(named.account());
                may_be.then(|| {
                    let reason =
                        "the ARN of a federated user does not say which user began the session";
                    (Manner::Role, unclear(reason))
                })
            }
            (
                NamedPrincipal::RoleSession {
                    account,
                    role,
                    session,
                },
                _,
            ) => {
                let is_own = self.account == Some(*account) && self.role() == Some(role);
                let evaluation = is_own.then(|| self.is_in_session(session, context))?;
                (!evaluation.can.never()).then_some((Manner::Directly, evaluation))
            }
            (NamedPrincipal::FederatedUser { account, name }, identity) => {
                if self.account != Some(*account) {
                    return None;
                }
                match identity {
                    CallerIdentity::FederatedUser(own) => {
                        (own == name).then(|| surely(Manner::Directly))?
                    }
                    CallerIdentity::Entity(own)
                        if own.kind() == PrincipalKind::User && limits.session =>
                    {
                        let reason = "the ARN of a user does not say which federated user it made";
                        Some((Manner::Directly, unclear(reason)))
                    }
                    CallerIdentity::Entity(_)
                    | CallerIdentity::RoleSession { .. }
                    | CallerIdentity::Root
                    | CallerIdentity::Other => None,
                }
            }
            (NamedPrincipal::UniqueId(id), _) => {
                let evaluation = self.has_id(id, context);
                (!evaluation.can.never()).then(|| (self.own_manner(limits), evaluation))
            }
            (NamedPrincipal::CanonicalUser(_), _) => {
                let reason = "a canonical user id does not say which account it stands for";
                Some((Manner::Account, unclear(reason)))
            }
            (NamedPrincipal::Entity(_), CallerIdentity::Root | CallerIdentity::Other)
            | (NamedPrincipal::Other(_), _) => None,
        }
    }

    /// Whether a `NotPrincipal` leaves the caller among those that the statement is about.
    fn excluded(
        &self,
        principals: &Principals,
        limits: Limits,
        effect: Effect,
        context: &Context,
    ) -> Evaluation<'static> {
        if effect == Effect::Deny && limits.boundary {
            return Evaluation::settled(Truth::Yes);
        }
        let found: Vec<(Manner, Evaluation<'static>)> = principals
            .list
            .iter()
            .filter_map(|named| self.is_named(named, limits, context))
            .collect();
        let surely = |manner: Manner| {
            let mut found = found.iter();
            found.any(|(found, evaluation)| *found == manner && evaluation.can.surely())
        };
        let needs_session = self.role().is_some();
        let all_named =
            surely(self.own_manner(limits)) && (!needs_session || surely(Manner::Directly));
        let by_account = surely(Manner::Account) || self.identity == CallerIdentity::Root;
        if surely(Manner::Everybody) || (all_named && by_account) {
            return Evaluation::settled(Truth::No);
        }
        // The account alone excludes nobody from a Deny but its root user.
        let only_account = |(manner, evaluation): &(Manner, Evaluation<'_>)| {
            *manner == Manner::Account && evaluation.can.surely()
        };
        if found.is_empty() || (effect == Effect::Deny && found.iter().all(only_account)) {
            return Evaluation::settled(Truth::Yes);
        }
        let mut evaluation = unclear(
            "AWS documents `NotPrincipal` only where it names the account as well, and for a role the session besides",
        );
        let open = found
            .into_iter()
            .find(|(manner, _)| *manner == Manner::Directly);
        if let Some((_, session)) = open.filter(|(_, session)| session.can == Truths::EITHER) {
            evaluation.can = evaluation.can | Truth::No.into();
            evaluation.keys = session.keys;
        }
        evaluation
    }

    /// How its own ARN names it.
    fn own_manner(&self, limits: Limits) -> Manner {
        match &self.identity {
            // A user with a session policy is in a session that it began.
            CallerIdentity::Entity(own) if own.kind() == PrincipalKind::User && !limits.session => {
                Manner::Directly
            }
            CallerIdentity::Entity(_)
            | CallerIdentity::RoleSession { .. }
            | CallerIdentity::FederatedUser(_)
            | CallerIdentity::Root
            | CallerIdentity::Other => Manner::Role,
        }
    }

    /// The name of the role it is a session of.
    fn role(&self) -> Option<&str> {
        match &self.identity {
            CallerIdentity::Entity(own) => (own.kind() == PrincipalKind::Role).then(|| own.name()),
            CallerIdentity::RoleSession { role, .. } => Some(role),
            CallerIdentity::FederatedUser(_) | CallerIdentity::Root | CallerIdentity::Other => None,
        }
    }

    fn is_in_session(&self, session: &str, context: &Context) -> Evaluation<'static> {
        if let CallerIdentity::RoleSession { session: own, .. } = &self.identity {
            return Evaluation::settled(Truth::from(**own == *session));
        }
        by_user_id(context, |user_id| {
            user_id
                .split_once(':')
                .is_some_and(|(_, own)| own == session)
        })
    }

    fn has_id(&self, id: &str, context: &Context) -> Evaluation<'static> {
        match &self.id {
            Some(own) => Evaluation::settled(Truth::from(**own == *id)),
            None => by_user_id(context, |user_id| user_id.split(':').next() == Some(id)),
        }
    }
}

/// Whether something holds of the value of `aws:userid`.
fn by_user_id(context: &Context, holds: impl Fn(&str) -> bool) -> Evaluation<'static> {
    match context.get(USER_ID) {
        Known::Values([value]) => Evaluation::settled(Truth::from(holds(value))),
        Known::Values(_) | Known::Absent | Known::Unknown if context.is_open(USER_ID) => {
            Evaluation {
                now: Truth::No,
                can: Truths::EITHER,
                keys: vec![USER_ID],
                reason: None,
            }
        }
        Known::Values(_) | Known::Absent | Known::Unknown => Evaluation::settled(Truth::No),
    }
}

fn unclear(reason: &'static str) -> Evaluation<'static> {
    Evaluation {
        reason: Some(Arc::from(reason)),
        ..Evaluation::settled(Truth::Unclear)
    }
}

/// One of them must hold.
pub(super) fn or(one: &mut Evaluation<'static>, other: Evaluation<'static>) {
    one.now = one.now.or(other.now);
    one.can = one.can.or(other.can);
    one.keys.extend(other.keys);
    if one.can.settled().is_some() {
        one.keys.clear();
    }
    if one.reason.is_none() {
        one.reason = other.reason;
    }
}
