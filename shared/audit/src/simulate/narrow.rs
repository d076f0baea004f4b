//! Narrower: where no scope was declared, what holds of an action on the resources that Veeam means?
//!
//! A simulator that is asked about `*` sees the text `*`. A real request is about a snapshot, a bucket, a key. So for each kind
//! of resource that a request of the action has, concrete requests are decided: about one resource that no policy names, in the
//! principal's account and the question's region; about one within each pattern that a policy names; and, where that is
//! not enough, about one within each patterns of different layers that can meet. An action is allowed only where a request about
//! each of its kinds was.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use catalog::known_action;
use iam::simulator::{ServiceControl, layers, request_context};
use iam::{
    ActionName, Cause, Decision, Group, Inventory, Known, Layer, Layers, Outcome, Principal,
    Question,
};

use super::answers::{Found, answers};
use super::form::{ArnValues, Form, is_in_any_region};
use super::kinds::{Kind, Needed, needed};
use super::named::{Named, is_denied_by_name, named};
use super::reach::{Reach, lets_through, together};
use super::regions::regions;
use super::shares::share;
use super::witness::Witness;
use super::{Inquiry, Reply};
use crate::bind::assumptions::is_about_tags;
use crate::bind::resource::stands_for;

/// In which accounts a resource counts, if its ARN names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounts {
    /// The principal's own, where what Veeam protects is; any for the few kinds that Veeam uses across accounts.
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
        let mut known = KnownKinds::default();
        for (inquiry, reply) in inquiries.iter().zip(replies) {
            let (Some(principal), Reply::Decided(lists)) =
                (inventory.principals.get(inquiry.principal), reply)
            else {
                continue;
            };
            let narrowing = Narrowing {
                layers: layers(inventory, principal, service_control),
                principal,
                accounts,
                knows_service_control: !service_control.levels.is_empty(),
            };
            let named = named(&narrowing.layers, principal);
            for (at, (questions, groups)) in inquiry.lists.iter().zip(lists).enumerate() {
                let found = std::mem::take(groups);
                let point = inquiry.points.get(at).copied().flatten();
                *groups = narrowing.narrowed(&named, &mut known, (questions, point), found);
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

/// The kinds of the actions that were looked at, by region, action and what recovery points are: all principals of an inventory are of
/// one account.
pub(super) type KnownKinds =
    HashMap<(Option<Box<str>>, ActionName, Option<&'static str>), Rc<[Needed]>>;

struct Narrowing<'a> {
    layers: Layers<'a>,
    principal: &'a Principal,
    accounts: Accounts,
    knows_service_control: bool,
}

impl Narrowing<'_> {
    /// The groups of one list of questions, with what holds of each action on its own kinds of resource.
    fn narrowed(
        &self,
        named: &[Named<'_>],
        known: &mut KnownKinds,
        (questions, point): (&[Question], Option<&'static str>),
        groups: Vec<Group>,
    ) -> Vec<Group> {
        let takes_away = named.iter().any(Named::takes_away);
        if groups.is_empty() && !(takes_away && questions.iter().any(is_about_several)) {
            return groups;
        }
        let mut narrowed: Vec<Group> = Vec::with_capacity(groups.len());
        let mut groups = groups.into_iter().peekable();
        for (at, question) in questions.iter().enumerate() {
            let own = std::iter::from_fn(|| groups.next_if(|group| group.question <= at));
            let own: Vec<Group> = own.collect();
            if own.is_empty() && !(takes_away && is_about_several(question)) {
                continue;
            }
            let mut found = Found::new(at);
            let mut asking: Option<Asking<'_>> = None;
            for (position, outcome) in answers(question, &own) {
                let Some(action) = question.actions.get(usize::from(position)) else {
                    continue;
                };
                let outcome = match self.is_open(question, action, outcome, named) {
                    false => outcome.cloned(),
                    true => {
                        let asking =
                            asking.get_or_insert_with(|| self.asking(named, question, point));
                        asking.decide(known, action, outcome)
                    }
                };
                if let Some(outcome) = outcome {
                    found.add(position, outcome);
                }
            }
            narrowed.append(&mut found.into_groups());
        }
        narrowed
    }

    /// Whether an answer leaves open what holds of a request: some statement names resources or takes some out, and the question
    /// was about `*`; or it hangs on tags that the request cannot bear.
    fn is_open(
        &self,
        question: &Question,
        action: &ActionName,
        found: Option<&Outcome>,
        named: &[Named<'_>],
    ) -> bool {
        if let Some(found) = found
            && hangs_on_tags(found)
            && known_action(action).is_some_and(|known| !known.takes_tags)
        {
            return self.is_known(&found.cause);
        }
        let about = || named.iter().filter(|one| one.statement.is_about(action));
        if !is_about_everything(question) {
            let is_of_several = stands_for(&question.resource).is_some();
            return match found {
                None => is_of_several && about().any(Named::takes_away),
                Some(found) if found.missing.iter().any(|key| is_of_the_resource(key)) => {
                    self.is_known(&found.cause)
                }
                Some(found) => {
                    is_of_several && self.is_known(&found.cause) && about().next().is_some()
                }
            };
        }
        let Some(found) = found else {
            return about().any(Named::takes_away);
        };
        match &found.cause {
            Cause::AllowedOnlyOn { .. } => true,
            Cause::DeniedBy(_) | Cause::NotAllowedIn(_) => {
                self.is_known(&found.cause) && about().any(|one| one.statement.resource.negated)
            }
            Cause::MissingContext { .. } | Cause::CannotEvaluate { .. } => {
                about().next().is_some() || found.missing.iter().any(|key| is_of_the_resource(key))
            }
            Cause::AllowedBy(_) | Cause::DeniedOn { .. } => about().any(Named::takes_away),
            Cause::Unreadable { .. } => about().next().is_some(),
            Cause::DeniedInLayer(_) | Cause::NotChecked { .. } | Cause::NoAnswer { .. } => false,
        }
    }

    /// Whether all that decides is among the layers here; it may be above the account, where nobody looked.
    fn is_known(&self, cause: &Cause) -> bool {
        let layers = cause.layers();
        !layers.is_empty()
            && layers.into_iter().all(|layer| match layer {
                Layer::ServiceControl { .. } => self.knows_service_control,
                Layer::Identity
                | Layer::Boundary
                | Layer::Session
                | Layer::ResourceControl { .. }
                | Layer::Resource
                | Layer::Grant
                | Layer::Endpoint => true,
            })
    }

    fn asking<'b>(
        &'b self,
        named: &'b [Named<'b>],
        question: &Question,
        point: Option<&'static str>,
    ) -> Asking<'b> {
        let context = request_context(self.principal, &question.context);
        Asking {
            witness: Witness::new(&self.layers, self.principal, named, context),
            narrowing: self,
            resource: Arc::clone(&question.resource),
            region: region_of(question),
            point,
        }
    }
}

/// The region that a question is about, if it is about one.
pub(super) fn region_of(question: &Question) -> Option<Box<str>> {
    match question.context.get("aws:RequestedRegion") {
        Known::Values([region]) => Some(region.clone()),
        Known::Values(_) | Known::Absent | Known::Unknown => None,
    }
}

fn is_about_everything(question: &Question) -> bool {
    &*question.resource == "*"
}

/// Whether the resource of a question stands for others.
fn is_about_several(question: &Question) -> bool {
    is_about_everything(question) || stands_for(&question.resource).is_some()
}

/// Whether a key is known as soon as the resource is.
fn is_of_the_resource(key: &str) -> bool {
    key.eq_ignore_ascii_case("aws:ResourceAccount")
        || key.eq_ignore_ascii_case("s3:ResourceAccount")
}

/// Whether a decision hangs on tags that the request bears, if it can bear any.
fn hangs_on_tags(outcome: &Outcome) -> bool {
    outcome.missing.iter().any(|key| is_about_tags(key))
}

/// Whether an action is allowed on some resources only.
fn is_on_some(outcome: &Outcome) -> bool {
    matches!(outcome.cause, Cause::AllowedOnlyOn { .. })
}

struct Asking<'a> {
    narrowing: &'a Narrowing<'a>,
    witness: Witness<'a>,
    /// As the question has it.
    resource: Arc<str>,
    region: Option<Box<str>>,
    /// What recovery points are, where that is known.
    point: Option<&'static str>,
}

impl Asking<'_> {
    /// What holds of an action on all kinds together; `None` where it is plainly allowed.
    fn decide(
        &self,
        known: &mut KnownKinds,
        action: &ActionName,
        found: Option<&Outcome>,
    ) -> Option<Outcome> {
        if &*self.resource != "*" {
            let layers = &self.narrowing.layers;
            let own = self.witness.ask(layers, action, &self.resource);
            // A policy may allow some other folder only. Where one denies the folder that Veeam writes to, no other helps.
            if self.narrowing.accounts == Accounts::Own && is_denied_by_name(layers, &own) {
                return Some(own);
            }
            let pattern = stands_for(&self.resource);
            let declared = Kind {
                unnamed: self.resource.to_string(),
                elsewhere: None,
                form: pattern.map(|one| Form::of_pattern(&one)),
            };
            let reach = self.witness.reach(action, &[declared]);
            return together(vec![(true, reach)], found);
        }
        let needed = self.needed(known, action, self.region.as_deref());
        let outcome = together(self.reaches(action, &needed), found);
        // Without a region each resource may have been found in another one.
        let is_open = self.region.is_none() && outcome.as_ref().is_some_and(is_on_some);
        match is_open {
            true => self
                .in_one_region(known, action, &needed)
                .unwrap_or(outcome),
            false => outcome,
        }
    }

    /// What is said of an action that is allowed on all its kinds of resource in no region; `None` where there is one.
    fn in_one_region(
        &self,
        known: &mut KnownKinds,
        action: &ActionName,
        needed: &[Needed],
    ) -> Option<Option<Outcome>> {
        let in_regions = needed.iter().filter(|one| one.required);
        let in_regions = in_regions.filter(|one| {
            let mut kinds = one.kinds.iter();
            kinds.any(|kind| is_in_any_region(&kind.unnamed))
        });
        if in_regions.count() < 2 {
            return None;
        }
        let Some(regions) = regions(self.witness.written(action)) else {
            let reason = "the policies name too many regions to try them all";
            return Some(Some(Outcome {
                decision: Decision::Undetermined,
                cause: Cause::NoAnswer {
                    reason: reason.into(),
                },
                missing: BTreeSet::new(),
            }));
        };
        let mut refused: Option<Outcome> = None;
        for region in regions {
            let needed = self.needed(known, action, Some(&region));
            let outcome = together(self.reaches(action, &needed), None)?;
            if lets_through(&outcome) {
                return None;
            }
            refused = match refused {
                Some(refused) if refused.decision == Decision::Undetermined => Some(refused),
                Some(_) | None => Some(outcome),
            };
        }
        Some(refused)
    }

    fn reaches(&self, action: &ActionName, needed: &[Needed]) -> Vec<(bool, Reach)> {
        let reaches = needed.iter().map(|one| {
            let reach = match self.witness.reach(action, &one.kinds) {
                Reach::Only(only) if one.is_new => {
                    let refusal = self.witness.refusal(action, &one.kinds);
                    refusal.map_or(Reach::Only(only), Reach::Not)
                }
                reach => reach,
            };
            (one.required, reach)
        });
        reaches.collect()
    }

    /// The resources that requests for an action have.
    fn needed(
        &self,
        known: &mut KnownKinds,
        action: &ActionName,
        region: Option<&str>,
    ) -> Rc<[Needed]> {
        let kinds = known.entry((region.map(Box::from), action.clone(), self.point));
        let kinds = kinds.or_insert_with(|| {
            let principal = &self.narrowing.principal.arn;
            let account = principal.account();
            let arn_values = ArnValues {
                partition: principal.partition(),
                region,
                account: account.as_str(),
                any_account: self.narrowing.accounts == Accounts::All,
            };
            needed(action, arn_values, self.point).into()
        });
        Rc::clone(kinds)
    }
}
