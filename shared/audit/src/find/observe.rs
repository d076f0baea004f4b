//! Observing: which findings does one audit show, taken by itself?
//!
//! In: an assessment. Out: its findings, each as if seen for the first time. Compliant verdicts without a notice cost a
//! glance. What was known before is `compare`'s business.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use iam::{ActionName, Cause, Decision};

use super::account;
use super::described::{Described, Description, all, one};
pub(crate) use super::items::action_items;
use super::items::{owner, reason};
use super::read_side::read_side;
use super::resources::{self, undecided};
use crate::bind::requirement::{Requirement, RequirementNotice, ResourcePolicy};
use crate::find::finding::{Code, Finding, FindingId, Item, Lack, ReadSide};
use crate::judge::assessment::Assessment;
use crate::judge::resource_faults::fault::Weight;
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
    for described in account::findings(assessment) {
        observer.add(described);
    }
    observer.findings
}

/// Where somebody stands of whom it is not known whether he can assume a role.
pub(crate) const TRUST_POLICY: &str = "trust policy";

struct Observer<'a> {
    assessment: &'a Assessment,
    owners: &'a Owners,
    findings: Findings,
    missing: Once<'a, Missing, Lacking>,
    actions: Once<'a, Place, Arc<BTreeSet<ActionName>>>,
}

/// Items, and those that are actions by cause.
type Lacking = (Arc<BTreeSet<Item>>, Arc<Vec<Lack>>);

/// What was made before of things of a requirement. Principals that lack the same actions of one requirement for the same cause are the
/// rule, so what is said of them is made once.
type Once<'a, T, M> = HashMap<(*const Requirement, &'a [T]), M, foldhash::fast::RandomState>;

impl<'a> Observer<'a> {
    fn add(&mut self, described: Described) {
        let (account, at) = (self.assessment.account, self.assessment.at);
        let finding = described.into_finding(account, at);
        self.findings.entry(finding.id).or_insert(finding);
    }

    /// The actions at some places of a requirement, by name.
    fn actions(
        &mut self,
        requirement: &'a Requirement,
        places: &'a [Place],
    ) -> Arc<BTreeSet<ActionName>> {
        let key = (std::ptr::from_ref(requirement), places);
        let actions = self.actions.entry(key).or_insert_with(|| {
            let actions = places.iter().flat_map(|place| place.actions(requirement));
            Arc::new(actions.cloned().collect())
        });
        Arc::clone(actions)
    }

    fn lack(
        &mut self,
        requirement: &'a Requirement,
        not_checked: &[ResourcePolicy],
        places: &'a [Place],
        (cause, decision): (Cause, Decision),
    ) -> Lack {
        let regions = places.iter().filter_map(|place| place.region(requirement));
        let resources = places.iter().map(|place| place.resource(requirement));
        let resources: BTreeSet<Box<str>> = resources.map(Box::from).collect();
        let actions = self.actions(requirement, places);
        let read = (
            &*self.assessment.coverage.resources,
            self.assessment.account,
        );
        let read_side = match decision {
            // What was not known is said anew by each audit.
            Decision::Undetermined => ReadSide::default(),
            Decision::Allowed | Decision::ImplicitDeny | Decision::ExplicitDeny => {
                read_side(&actions, &resources, requirement, not_checked, read)
            }
        };
        Lack {
            owner: owner(&cause, self.owners),
            actions,
            resources,
            read_side,
            regions: regions.map(Box::from).collect(),
            cause,
            decision,
        }
    }

    fn missing(&mut self, verdict: &'a Verdict) -> Lacking {
        let requirement = &*verdict.requirement;
        let missing = &*verdict.missing;
        let key = (std::ptr::from_ref(requirement), missing);
        if let Some(known) = self.missing.get(&key) {
            return known.clone();
        }
        let lacks = missing
            .iter()
            .map(|one| {
                let why = (one.cause.clone(), one.decision);
                self.lack(requirement, &verdict.not_checked, &one.places, why)
            })
            .collect();
        let items = missing
            .iter()
            .flat_map(|one| action_items(requirement, &one.places));
        let made = (all(items), Arc::new(lacks));
        self.missing.entry(key).or_insert(made).clone()
    }

    /// That somebody cannot assume a role, or that it is not known.
    fn assuming(&self, verdict: &Verdict, cause: Cause, decision: Decision) -> Option<Lack> {
        let action: ActionName = "sts:AssumeRole".parse().ok()?;
        Some(Lack {
            owner: owner(&cause, self.owners),
            actions: Arc::new(BTreeSet::from([action])),
            resources: BTreeSet::from([verdict.principal.as_str().into()]),
            regions: BTreeSet::new(),
            cause,
            decision,
            read_side: ReadSide::default(),
        })
    }

    fn verdict(&mut self, verdict: &'a Verdict) {
        let requirement = &verdict.requirement;
        let principal = Some(&verdict.principal);
        let say = |items, lacks| Description {
            level: requirement.level,
            title: Arc::clone(&requirement.title),
            impact: Arc::clone(&requirement.impact),
            items,
            lacks,
        };
        if !verdict.missing.is_empty() {
            let (items, lacks) = self.missing(verdict);
            let described = say(items, lacks);
            self.add(described.of(principal, Code::MissingActions, &requirement.set));
        }
        if !verdict.trust.missing.is_empty() {
            // Of those whom nobody knows about it says why.
            let trust = &verdict.trust;
            let reason = trust.why().filter(|_| trust.unknown.is_empty());
            let items = trust.missing.iter().map(|name| Item {
                name: (&**name).into(),
                place: reason.unwrap_or_default().into(),
            });
            let by = trust.reason.as_ref().map(|reason| &reason.denied_by);
            let lack = by.filter(|by| !by.is_empty()).and_then(|by| {
                let cause = Cause::DeniedBy(by.clone());
                self.assuming(verdict, cause, Decision::ExplicitDeny)
            });
            let described = say(all(items), Arc::new(lack.into_iter().collect()));
            self.add(described.of(principal, Code::MissingTrust, &requirement.set));
        }
        if verdict.instance_profile == Profile::Lacks {
            let described = say(one(Item::of("instance profile")), Arc::default());
            self.add(described.of(principal, Code::MissingInstanceProfile, &requirement.set));
        }
        let mut faults = verdict.faults.iter();
        let is_unsure = faults.any(|fault| fault.weight == Weight::Unknown);
        if is_unsure || !verdict.unknown.is_empty() || !verdict.trust.unknown.is_empty() {
            self.unknown(verdict);
        }
        for described in resources::findings(verdict) {
            self.add(described);
        }
        if !verdict.notices.is_empty() {
            self.notices(verdict);
        }
    }

    fn unknown(&mut self, verdict: &'a Verdict) {
        let requirement = &verdict.requirement;
        let mut items = BTreeSet::new();
        let mut lacks = Vec::new();
        for unknown in &verdict.unknown {
            items.extend(unknown.keys.iter().map(|key| Item::of(key)));
            items.extend(reason(&unknown.cause));
            let cause = unknown.cause.clone();
            let why = (cause, Decision::Undetermined);
            lacks.push(self.lack(requirement, &verdict.not_checked, &unknown.places, why));
        }
        items.extend(verdict.trust.unknown.iter().map(|name| Item {
            name: (&**name).into(),
            place: TRUST_POLICY.into(),
        }));
        let by = verdict
            .trust
            .reason
            .as_ref()
            .map(|reason| &reason.perhaps_denied_by);
        if let Some(by) = by.filter(|by| !by.is_empty()) {
            let cause = Cause::MissingContext { by: by.clone() };
            lacks.extend(self.assuming(verdict, cause, Decision::Undetermined));
        }
        items.extend(undecided(verdict));
        let described = Description {
            level: Level::UNKNOWN,
            title: Arc::clone(&requirement.title),
            impact: Arc::clone(&requirement.impact),
            items: items.into(),
            lacks: lacks.into(),
        };
        self.add(described.of(
            Some(&verdict.principal),
            Code::Undetermined,
            &requirement.set,
        ));
    }

    fn notices(&mut self, verdict: &'a Verdict) {
        let requirement = &verdict.requirement;
        let principal = Some(&verdict.principal);
        let mut only_on = (BTreeSet::new(), Vec::new());
        for notice in &verdict.notices {
            match notice {
                Notice::AllowedOnlyOn { resources, places } => {
                    only_on.0.extend(action_items(requirement, places));
                    let cause = Cause::AllowedOnlyOn {
                        by: Vec::new(),
                        resources: resources.clone(),
                    };
                    let why = (cause, Decision::ImplicitDeny);
                    let lack = self.lack(requirement, &verdict.not_checked, places, why);
                    only_on.1.push(lack);
                }
                Notice::Requirement(RequirementNotice::Transient) => {
                    let described = Description {
                        level: Level::Notice,
                        title: Arc::clone(&requirement.title),
                        impact:
                            "Nothing breaks; this action set is meant for one occasion and should not be bound permanently."
                                .into(),
                        items: one(Item::of(&requirement.set)),
                        lacks: Arc::default(),
                    };
                    self.add(described.of(principal, Code::ExcessAccess, &requirement.set));
                }
                Notice::Optional { .. }
                | Notice::Asked { .. }
                | Notice::DeniedOn { .. }
                | Notice::NotConfirmed { .. }
                | Notice::Requirement(
                    RequirementNotice::NeedsOneOf(_) | RequirementNotice::TrustedByWhom,
                ) => {}
            }
        }
        let (items, lacks) = only_on;
        if !items.is_empty() {
            let described = Description {
                level: Level::Notice,
                title: Arc::clone(&requirement.title),
                impact:
                    "Nothing, if these resources are all that Veeam uses: declare them as scope."
                        .into(),
                items: items.into(),
                lacks: lacks.into(),
            };
            self.add(described.of(principal, Code::AllowedOnlyOn, &requirement.set));
        }
    }
}
