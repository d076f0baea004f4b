//! Narrower: where no scope was declared, what holds of an action on its own kinds of resource?
//!
//! A simulator that is asked about `*` sees the text `*`. A real request is about a snapshot, a bucket, a key: an Allow for
//! some of them is enough as long as it reaches every kind that the action needs, a Deny for all of one kind takes the action
//! away although `*` is allowed, and a Deny for all but some leaves those. So each kind is asked about as well, in the account
//! and the region of the question, and so is each pattern that the policies name.

use std::collections::BTreeSet;
use std::thread;

use catalog::ResourceType;
use iam::policy::{Effect, Statement};
use iam::simulator::{ServiceControl, layers, request_context};
use iam::{
    ActionName, Arn, Cause, Context, Decision, Group, Inventory, Known, Layer, Layers, Outcome,
    Principal, Question, Request, StatementRef, evaluate, glob,
};

use super::kinds::{any_of, kinds, overlap, written};
use super::shares::share;
use super::{Inquiry, Reply};

/// In which accounts a resource counts, if its ARN names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounts {
    /// The principal's own: what Veeam protects is there.
    Own,
    /// Any.
    All,
}

/// Puts into each reply what holds of each action on its own kinds of resource where it was asked about `*`. `service_control`:
/// the SCPs that are known, none where only AWS knows them.
pub fn narrow(
    accounts: Accounts,
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    inquiries: &[Inquiry],
    replies: &mut [Reply],
) {
    let size = share(inquiries.len());
    let in_turn = |inquiries: &[Inquiry], replies: &mut [Reply]| {
        for (inquiry, reply) in inquiries.iter().zip(replies) {
            let (Some(principal), Reply::Decided(lists)) =
                (inventory.principals.get(inquiry.principal), reply)
            else {
                continue;
            };
            for (questions, groups) in inquiry.lists.iter().zip(lists) {
                let found = std::mem::take(groups);
                *groups = narrowed(
                    accounts,
                    inventory,
                    service_control,
                    principal,
                    questions,
                    found,
                );
            }
        }
    };
    if inquiries.len() <= size {
        return in_turn(inquiries, replies);
    }
    thread::scope(|scope| {
        for (inquiries, replies) in inquiries.chunks(size).zip(replies.chunks_mut(size)) {
            scope.spawn(move || in_turn(inquiries, replies));
        }
    });
}

/// The groups of one list of questions, with what holds of each action on its own kinds of resource.
fn narrowed(
    accounts: Accounts,
    inventory: &Inventory,
    service_control: &ServiceControl<'_>,
    principal: &Principal,
    questions: &[Question],
    groups: Vec<Group>,
) -> Vec<Group> {
    let is_open = |question: &Question| &*question.resource == "*";
    if !questions.iter().any(is_open) {
        return groups;
    }
    let layers = layers(inventory, principal, service_control);
    let (all_but, some): (Vec<&Statement>, Vec<&Statement>) = layers
        .statements()
        .filter(|statement| statement.effect == Effect::Deny && !is_for_all(statement))
        .partition(|statement| statement.resource.negated);
    let is_known = |by: &StatementRef| match by.layer {
        Layer::ServiceControl { .. } => !service_control.levels.is_empty(),
        Layer::Identity | Layer::Boundary | Layer::Session => true,
    };
    let is_doubtful = |group: &Group| match &group.outcome.cause {
        Cause::AllowedOnlyOn { .. } => true,
        // What denies may be above the account, where nobody looked.
        Cause::DeniedBy(by) => !by.is_empty() && !all_but.is_empty() && by.iter().all(is_known),
        Cause::AllowedBy(_)
        | Cause::DeniedInLayer(_)
        | Cause::NotAllowedIn(_)
        | Cause::MissingContext { .. }
        | Cause::CannotEvaluate { .. }
        | Cause::Unreadable { .. }
        | Cause::NoAnswer { .. } => false,
    };
    if some.is_empty() && !groups.iter().any(is_doubtful) {
        return groups;
    }
    let written = match all_but.is_empty() {
        true => BTreeSet::new(),
        false => written(&layers),
    };
    let mut confirmed: Vec<Group> = Vec::with_capacity(groups.len());
    let mut groups = groups.into_iter().peekable();
    for (at, question) in questions.iter().enumerate() {
        let own: Vec<Group> =
            std::iter::from_fn(|| groups.next_if(|group| group.question <= at)).collect();
        if !is_open(question) {
            confirmed.extend(own);
            continue;
        }
        let asking = Asking::new(&layers, accounts, principal, question);
        let answered: BTreeSet<u16> = own.iter().flat_map(|one| &one.actions).copied().collect();
        let mut found = Found {
            question: at,
            groups: Vec::new(),
        };
        for group in own {
            if !is_doubtful(&group) {
                found.groups.push(group);
                continue;
            }
            for &position in &group.actions {
                let action = question.actions.get(usize::from(position));
                let outcome = action.map(|action| asking.closed(action, &group.outcome, &written));
                found.add(position, outcome.unwrap_or_else(|| group.outcome.clone()));
            }
        }
        for (position, action) in (0_u16..).zip(question.actions.iter()) {
            if !answered.contains(&position)
                && let Some(outcome) = asking.open(action, &some)
            {
                found.add(position, outcome);
            }
        }
        confirmed.append(&mut found.groups);
    }
    confirmed
}

fn is_for_all(statement: &Statement) -> bool {
    let mut patterns = statement.resource.patterns.iter();
    patterns.any(|pattern| glob::is_everything(pattern))
}

/// What was found of one question.
struct Found {
    question: usize,
    groups: Vec<Group>,
}

impl Found {
    fn add(&mut self, position: u16, outcome: Outcome) {
        match self.groups.iter_mut().find(|one| one.outcome == outcome) {
            Some(known) => {
                let at = known.actions.partition_point(|one| *one < position);
                known.actions.insert(at, position);
            }
            None => self.groups.push(Group {
                question: self.question,
                outcome,
                actions: vec![position],
            }),
        }
    }
}

struct Asking<'a> {
    layers: &'a Layers<'a>,
    accounts: Accounts,
    principal: &'a Principal,
    context: Context,
    region: Option<Box<str>>,
}

/// What the resources of one kind get.
struct Reach<'p> {
    /// The patterns within which the action is allowed.
    open: BTreeSet<&'p str>,
    /// What holds instead where there are none.
    instead: Option<Outcome>,
}

impl<'a> Asking<'a> {
    fn new(
        layers: &'a Layers<'a>,
        accounts: Accounts,
        principal: &'a Principal,
        question: &Question,
    ) -> Self {
        let region = match question.context.get("aws:RequestedRegion") {
            Known::Values([region]) => Some(region.clone()),
            Known::Values(_) | Known::Absent | Known::Unknown => None,
        };
        Self {
            layers,
            accounts,
            principal,
            context: request_context(principal, &question.context),
            region,
        }
    }

    /// What holds of an action that is allowed on some resources only, or denied on all but some.
    fn closed(&self, action: &ActionName, found: &Outcome, written: &BTreeSet<&str>) -> Outcome {
        let (patterns, by): (Vec<&str>, _) = match &found.cause {
            Cause::AllowedOnlyOn { by, resources } => {
                (resources.iter().map(AsRef::as_ref).collect(), by)
            }
            Cause::DeniedBy(by) => (written.iter().copied().collect(), by),
            Cause::AllowedBy(_)
            | Cause::DeniedInLayer(_)
            | Cause::NotAllowedIn(_)
            | Cause::MissingContext { .. }
            | Cause::CannotEvaluate { .. }
            | Cause::Unreadable { .. }
            | Cause::NoAnswer { .. } => return found.clone(),
        };
        let kinds = kinds(action);
        let reaches: Vec<Reach<'_>> = kinds
            .iter()
            .map(|kind| self.reach(action, *kind, &patterns))
            .collect();
        let instead = reaches.iter().map(|reach| reach.instead.as_ref());
        if let Some(instead) = settled(&kinds, instead) {
            return instead.clone();
        }
        let cause = if !reaches.is_empty() {
            let open: BTreeSet<&str> = reaches.into_iter().flat_map(|reach| reach.open).collect();
            Cause::AllowedOnlyOn {
                by: by.clone(),
                resources: open.into_iter().map(Box::from).collect(),
            }
        } else if found.decision == Decision::ExplicitDeny {
            // It is about no resource, so none is left out for it.
            found.cause.clone()
        } else {
            let mut closed: Vec<_> = by.iter().map(|statement| statement.layer).collect();
            closed.dedup();
            Cause::NotAllowedIn(closed)
        };
        Outcome {
            cause,
            ..found.clone()
        }
    }

    /// What holds of an action that is allowed on `*`, if these statements deny it on all of a kind.
    fn open(&self, action: &ActionName, denies: &[&Statement]) -> Option<Outcome> {
        let denies: Vec<&Statement> = denies
            .iter()
            .copied()
            .filter(|statement| statement.is_about(action))
            .collect();
        if denies.is_empty() {
            return None;
        }
        let kinds = kinds(action);
        let instead: Vec<Option<Outcome>> = kinds
            .iter()
            .map(|kind| {
                let own = self.all_of(kind.and_then(|kind| kind.arn)?, self.accounts);
                let mut patterns = denies.iter().flat_map(|deny| &deny.resource.patterns);
                let is_covered = patterns.any(|pattern| glob::matches(&any_of(pattern), &own));
                let outcome = is_covered.then(|| self.ask(action, &own))?;
                (outcome.decision != Decision::Allowed).then_some(outcome)
            })
            .collect();
        settled(&kinds, instead.iter().map(Option::as_ref)).cloned()
    }

    /// What a kind of resource gets: as a whole, else within one of these patterns.
    fn reach<'p>(
        &self,
        action: &ActionName,
        kind: Option<ResourceType>,
        patterns: &[&'p str],
    ) -> Reach<'p> {
        let arn = kind.and_then(|kind| kind.arn);
        let own = arn.map_or_else(|| "*".to_owned(), |arn| self.all_of(arn, self.accounts));
        // A key, say, may be another account's.
        let any = arn.map_or_else(|| "*".to_owned(), |arn| self.all_of(arn, Accounts::All));
        let whole = self.ask(action, &own);
        let is_whole = whole.decision == Decision::Allowed;
        let mut reach = Reach {
            open: BTreeSet::new(),
            instead: Some(whole),
        };
        for &pattern in patterns {
            let meant = any_of(pattern);
            let is_wider = glob::matches(&meant, &own);
            let is_open = if is_wider || !overlap(&meant, &any) {
                is_wider && is_whole
            } else if pattern.contains("${") {
                // What a variable stands for is the statement's own business.
                true
            } else {
                let outcome = self.ask(action, &self.concrete(pattern));
                let is_open = outcome.decision == Decision::Allowed;
                if outcome.decision == Decision::Undetermined {
                    reach.instead = Some(outcome);
                }
                is_open
            };
            if is_open {
                reach.open.insert(pattern);
            }
        }
        if is_whole || !reach.open.is_empty() {
            reach.instead = None;
        }
        reach
    }

    /// All resources of a kind in the question's region.
    fn all_of(&self, arn: &str, accounts: Accounts) -> String {
        let mut arn = arn.replace("${Partition}", self.principal.arn.partition());
        if let Some(region) = &self.region {
            arn = arn.replace("${Region}", region);
        }
        if accounts == Accounts::Own {
            arn = arn.replace("${Account}", self.principal.arn.account().as_str());
        }
        any_of(&arn)
    }

    /// A pattern with the question's region and the principal's account where it leaves them open.
    fn concrete(&self, pattern: &str) -> String {
        let Ok(arn) = Arn::parse(pattern) else {
            return pattern.to_owned();
        };
        let region = match &self.region {
            Some(region) if glob::matches(arn.region, region) => region,
            Some(_) | None => arn.region,
        };
        let account = self.principal.arn.account();
        let account = match glob::is_everything(arn.account) {
            true => account.as_str(),
            false => arn.account,
        };
        let (partition, service, resource) = (arn.partition, arn.service, arn.resource);
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    fn ask(&self, action: &ActionName, resource: &str) -> Outcome {
        let request = Request {
            principal: Some(&self.principal.arn),
            action,
            resource,
            context: &self.context,
        };
        evaluate(self.layers, &request)
    }
}

/// What keeps an action from all of its resources, if anything does: one of the kinds that every request has, or else all
/// kinds together. What is sure counts more than what is not known.
fn settled<'o>(
    kinds: &[Option<ResourceType>],
    instead: impl Iterator<Item = Option<&'o Outcome>>,
) -> Option<&'o Outcome> {
    let mut all: Vec<(bool, Option<&Outcome>)> = kinds
        .iter()
        .map(|kind| kind.is_some_and(|kind| kind.required))
        .zip(instead)
        .collect();
    let some_required = all.iter().any(|(required, _)| *required);
    if some_required {
        all.retain(|(required, _)| *required);
    } else if all.iter().any(|(_, instead)| instead.is_none()) {
        return None;
    }
    let is_unknown = |outcome: &&&Outcome| outcome.decision == Decision::Undetermined;
    let found: Vec<&Outcome> = all.into_iter().filter_map(|(_, instead)| instead).collect();
    let unknown = found.iter().find(is_unknown);
    let sure = found.iter().find(|outcome| !is_unknown(outcome));
    match some_required {
        true => sure.or(unknown).copied(),
        // It is enough that one kind may be allowed.
        false => unknown.or(sure).copied(),
    }
}
