//! Observing: which findings does one audit show, taken by itself?
//!
//! In: an assessment. Out: its findings, each as if seen for the first time. Compliant verdicts without a notice cost a
//! glance. What was known before is `compare`'s business.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use iam::{ActionName, Cause, Decision, PrincipalArn};

pub(crate) use super::items::action_items;
use super::items::{gap_item, key_item, owner, reason};
use crate::bind::requirement::{BindFault, BindFaultKind, Plan, PlanNotice};
use crate::find::finding::{Code, Finding, FindingId, Item, Lack};
use crate::judge::assessment::{Assessment, Danger, DangerKind, Excess, KeyFault, Keys};
use crate::judge::verdict::{Missing, Notice, Place, Profile, Verdict};
use crate::level::Level;
use crate::settings::{Owners, Settings};

/// Findings by id; one id a finding.
pub type Findings = BTreeMap<FindingId, Finding>;

/// All findings of one audit.
#[must_use]
pub fn observe(assessment: &Assessment, settings: &Settings) -> Findings {
    let mut observer = Observer {
        assessment,
        owners: &settings.owners,
        findings: Findings::new(),
        missing: HashMap::default(),
        actions: HashMap::default(),
    };
    let mut not_reached = assessment.coverage.not_reached.iter().peekable();
    for verdict in &assessment.verdicts {
        while not_reached
            .next_if(|arn| **arn < verdict.principal)
            .is_some()
        {}
        // Nobody looked: there is nothing to find, and the next run goes on with it.
        if not_reached.peek() != Some(&&verdict.principal) {
            observer.verdict(verdict);
        }
    }
    for keys in &assessment.keys {
        observer.keys(keys);
    }
    for fault in &assessment.faults {
        observer.fault(fault);
    }
    for excess in assessment.excess.iter().flatten() {
        observer.excess(excess);
    }
    observer.root_keys();
    observer.coverage();
    observer.failure();
    observer.findings
}

fn one(item: Item) -> Arc<BTreeSet<Item>> {
    Arc::new(BTreeSet::from([item]))
}

fn all(items: impl Iterator<Item = Item>) -> Arc<BTreeSet<Item>> {
    Arc::new(items.collect())
}

struct Observer<'a> {
    assessment: &'a Assessment,
    owners: &'a Owners,
    findings: Findings,
    missing: Once<'a, Missing, Lacking>,
    actions: Once<'a, Place, Arc<BTreeSet<ActionName>>>,
}

/// Items, and those that are actions by cause.
type Lacking = (Arc<BTreeSet<Item>>, Arc<Vec<Lack>>);

/// What was made before of things of a plan. Principals that lack the same actions of one plan for the same cause are the
/// rule, so what is said of them is made once.
type Once<'a, T, M> = HashMap<(*const Plan, &'a [T]), M, foldhash::fast::RandomState>;

/// What a finding says besides whose it is.
struct Saying {
    level: Level,
    title: Arc<str>,
    impact: Arc<str>,
    items: Arc<BTreeSet<Item>>,
    lacks: Arc<Vec<Lack>>,
}

impl<'a> Observer<'a> {
    fn add(&mut self, principal: Option<&PrincipalArn>, code: Code, set: &str, saying: Saying) {
        let account = self.assessment.account;
        let id = FindingId::new(account, principal, code, set);
        let at = self.assessment.at;
        self.findings.entry(id).or_insert_with(|| Finding {
            id,
            account,
            principal: principal.cloned(),
            code,
            set: set.into(),
            level: saying.level,
            title: saying.title,
            impact: saying.impact,
            items: saying.items,
            lacks: saying.lacks,
            opened: at,
            seen: at,
            openings: 1,
        });
    }

    /// The actions at some places of a plan, by name.
    fn actions(&mut self, plan: &'a Plan, places: &'a [Place]) -> Arc<BTreeSet<ActionName>> {
        let key = (std::ptr::from_ref(plan), places);
        let actions = self.actions.entry(key).or_insert_with(|| {
            let actions = places.iter().flat_map(|place| place.actions(plan));
            Arc::new(actions.cloned().collect())
        });
        Arc::clone(actions)
    }

    fn lack(
        &mut self,
        plan: &'a Plan,
        places: &'a [Place],
        cause: Cause,
        decision: Decision,
    ) -> Lack {
        let regions = places.iter().filter_map(|place| place.region(plan));
        Lack {
            owner: owner(&cause, self.owners),
            actions: self.actions(plan, places),
            resources: places
                .iter()
                .map(|place| place.resource(plan).into())
                .collect(),
            regions: regions.map(Box::from).collect(),
            cause,
            decision,
        }
    }

    fn missing(&mut self, plan: &'a Plan, missing: &'a [Missing]) -> Lacking {
        let key = (std::ptr::from_ref(plan), missing);
        if let Some(known) = self.missing.get(&key) {
            return known.clone();
        }
        let lacks = missing
            .iter()
            .map(|one| self.lack(plan, &one.places, one.cause.clone(), one.decision))
            .collect();
        let items = missing
            .iter()
            .flat_map(|one| action_items(plan, &one.places));
        let made = (all(items), Arc::new(lacks));
        self.missing.entry(key).or_insert(made).clone()
    }

    fn verdict(&mut self, verdict: &'a Verdict) {
        let plan = &verdict.plan;
        let principal = Some(&verdict.principal);
        let say = |items, lacks| Saying {
            level: plan.level,
            title: Arc::clone(&plan.title),
            impact: Arc::clone(&plan.impact),
            items,
            lacks,
        };
        if !verdict.missing.is_empty() {
            let (items, lacks) = self.missing(plan, &verdict.missing);
            let saying = say(items, lacks);
            self.add(principal, Code::MissingActions, &plan.set, saying);
        }
        if !verdict.trust.missing.is_empty() {
            let items = verdict.trust.missing.iter().map(|name| Item::of(name));
            let saying = say(all(items), Arc::default());
            self.add(principal, Code::MissingTrust, &plan.set, saying);
        }
        if verdict.instance_profile == Profile::Lacks {
            let saying = say(one(Item::of("instance profile")), Arc::default());
            self.add(principal, Code::MissingInstanceProfile, &plan.set, saying);
        }
        if !verdict.unknown.is_empty() || !verdict.trust.unknown.is_empty() {
            self.unknown(verdict);
        }
        if !verdict.notices.is_empty() {
            self.notices(verdict);
        }
    }

    fn unknown(&mut self, verdict: &'a Verdict) {
        let plan = &verdict.plan;
        let mut items = BTreeSet::new();
        let mut lacks = Vec::new();
        for unknown in &verdict.unknown {
            items.extend(unknown.keys.iter().map(|key| Item::of(key)));
            items.extend(reason(&unknown.cause));
            let cause = unknown.cause.clone();
            let decision = Decision::Undetermined;
            lacks.push(self.lack(plan, &unknown.places, cause, decision));
        }
        items.extend(verdict.trust.unknown.iter().map(|name| Item {
            name: (&**name).into(),
            place: "trust policy".into(),
        }));
        let saying = Saying {
            level: Level::Low,
            title: Arc::clone(&plan.title),
            impact: Arc::clone(&plan.impact),
            items: items.into(),
            lacks: lacks.into(),
        };
        self.add(
            Some(&verdict.principal),
            Code::Undetermined,
            &plan.set,
            saying,
        );
    }

    fn notices(&mut self, verdict: &'a Verdict) {
        let plan = &verdict.plan;
        let principal = Some(&verdict.principal);
        let mut only_on = (BTreeSet::new(), Vec::new());
        for notice in &verdict.notices {
            match notice {
                Notice::AllowedOnlyOn { resources, places } => {
                    only_on.0.extend(action_items(plan, places));
                    let cause = Cause::AllowedOnlyOn {
                        by: Vec::new(),
                        resources: resources.clone(),
                    };
                    let decision = Decision::ImplicitDeny;
                    only_on.1.push(self.lack(plan, places, cause, decision));
                }
                Notice::Plan(PlanNotice::Transient) => {
                    let saying = Saying {
                        level: Level::Notice,
                        title: Arc::clone(&plan.title),
                        impact:
                            "Nothing breaks; this is for one occasion and not to be held for good."
                                .into(),
                        items: one(Item::of(&plan.set)),
                        lacks: Arc::default(),
                    };
                    self.add(principal, Code::ExcessAccess, &plan.set, saying);
                }
                Notice::Optional { .. }
                | Notice::Asked { .. }
                | Notice::Plan(PlanNotice::NeedsOneOf(_) | PlanNotice::TrustedByWhom) => {}
            }
        }
        let (items, lacks) = only_on;
        if !items.is_empty() {
            let saying = Saying {
                level: Level::Notice,
                title: Arc::clone(&plan.title),
                impact:
                    "Nothing, if these resources are all that Veeam uses: declare them as scope."
                        .into(),
                items: items.into(),
                lacks: lacks.into(),
            };
            self.add(principal, Code::AllowedOnlyOn, &plan.set, saying);
        }
    }

    fn keys(&mut self, keys: &Keys) {
        let principal = Some(&keys.principal);
        let Some(faults) = &keys.faults else {
            let saying = Saying {
                level: Level::Low,
                title: "Access keys".into(),
                impact: "Nobody read this user's access keys, so they may be gone.".into(),
                items: one(Item::of("access keys")),
                lacks: Arc::default(),
            };
            self.add(principal, Code::Undetermined, "", saying);
            return;
        };
        if faults.is_empty() {
            return;
        }
        let locked_out = faults.contains(&KeyFault::None) || faults.contains(&KeyFault::Inactive);
        let saying = Saying {
            level: if locked_out { keys.level } else { Level::Low },
            title: "Access keys".into(),
            impact: if locked_out {
                "Veeam cannot log in as this user: all that it does with these keys fails."
            } else {
                "Nothing breaks now; a key that nobody changes or misses is a risk."
            }
            .into(),
            items: all(faults.iter().map(key_item)),
            lacks: Arc::default(),
        };
        self.add(principal, Code::AccessKey, "", saying);
    }

    fn excess(&mut self, excess: &Excess) {
        let Some(worst) = excess.dangers.first() else {
            return;
        };
        let (level, impact) = match worst.kind() {
            DangerKind::Administrator => (
                Level::Medium,
                "Nothing breaks; whoever holds its credentials holds the account.",
            ),
            DangerKind::Escalation => (
                Level::Medium,
                "Nothing breaks; whoever holds its credentials can come to hold more than it was given.",
            ),
            DangerKind::Wildcard => (
                Level::Low,
                "Nothing breaks; whoever holds its credentials can do what Veeam never does.",
            ),
        };
        let saying = Saying {
            level,
            title: "Can do more than its sets need".into(),
            impact: impact.into(),
            items: all(excess.dangers.iter().map(Danger::item)),
            lacks: Arc::default(),
        };
        self.add(Some(&excess.principal), Code::ExcessAccess, "", saying);
    }

    fn root_keys(&mut self) {
        let number = self.assessment.root_keys.unwrap_or(0);
        if number == 0 || !self.assessment.coverage.selection.is_all() {
            return;
        }
        let what = if number == 1 { "one" } else { "two" };
        let saying = Saying {
            level: Level::Medium,
            title: "Access keys of the root user".into(),
            impact: "Nothing breaks; whoever holds such a key holds the account, backups included."
                .into(),
            items: one(Item {
                name: "access key of the root user".into(),
                place: what.into(),
            }),
            lacks: Arc::default(),
        };
        self.add(None, Code::AccessKey, "", saying);
    }

    fn fault(&mut self, fault: &BindFault) {
        let (set, level) = match &fault.kind {
            BindFaultKind::UnknownSet { found, .. } => (found, Level::Medium),
            BindFaultKind::NotAuditable { set, .. } => (set, Level::Low),
            BindFaultKind::WrongKind { set, .. } => (set, Level::Low),
            BindFaultKind::Empty => (&fault.place, Level::Medium),
            BindFaultKind::UnknownTag { .. } => (&fault.place, Level::Medium),
            BindFaultKind::BadValue { .. } => (&fault.place, Level::Low),
        };
        let saying = Saying {
            level,
            title: format!("{}: {}", fault.place, fault.kind).into(),
            impact: "What this stands for is not checked as it was meant.".into(),
            items: one(Item {
                name: (&**set).into(),
                place: (&*fault.place).into(),
            }),
            lacks: Arc::default(),
        };
        self.add(Some(&fault.principal), Code::UnknownActionSet, set, saying);
    }

    fn coverage(&mut self) {
        let coverage = &self.assessment.coverage;
        for principal in &coverage.lookalikes {
            if !coverage.selection.takes(principal) {
                continue;
            }
            let saying = Saying {
                level: Level::Notice,
                title: "Looks like Veeam's, and nothing binds it".into(),
                impact:
                    "Nobody checks it. Tag it, or leave it out by a narrower `looks-like-veeam`."
                        .into(),
                items: one(Item::of("unbound")),
                lacks: Arc::default(),
            };
            self.add(Some(principal), Code::Coverage, "", saying);
        }
        if !coverage.selection.is_all() || self.assessment.failure.is_some() {
            return;
        }
        let mut level = Level::Notice;
        let mut items = BTreeSet::new();
        if coverage.bound.is_empty() {
            level = Level::High;
            items.insert(Item::of("no principal is bound to any action set"));
        }
        for gap in &coverage.gaps {
            level = level.max(Level::Medium);
            items.insert(gap_item(gap));
        }
        for unused in &coverage.unused_bindings {
            level = level.max(Level::Low);
            items.insert(Item {
                name: "a binding that matches no principal".into(),
                place: (&**unused).into(),
            });
        }
        if !items.is_empty() {
            let saying = Saying {
                level,
                title: "Less was looked at than should be".into(),
                impact: "Drift in what was not looked at stays unseen.".into(),
                items: items.into(),
                lacks: Arc::default(),
            };
            self.add(None, Code::Coverage, "", saying);
        }
    }

    fn failure(&mut self) {
        let Some(reason) = &self.assessment.failure else {
            return;
        };
        let saying = Saying {
            level: Level::High,
            title: Arc::from(&**reason),
            impact: "Nobody would be told of drift until this works again.".into(),
            // Another reason than before is news.
            items: one(Item::of(reason)),
            lacks: Arc::default(),
        };
        self.add(None, Code::AuditFailed, "", saying);
    }
}
