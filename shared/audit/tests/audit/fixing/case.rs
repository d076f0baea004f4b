//! A case: an account with its settings and SCPs, audited, fixed, and as it is after the fix.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::fix::{Fix, FixError, Holder, fix};
use audit::{Asked, Look, Selection, Settings};
use iam::inventory::{InlinePolicy, ManagedPolicy, Principal};
use iam::{ActionName, Document, Inventory, Policy, Question, ServiceControl, Simulator};

use crate::outside::now_or_never;
use crate::phases::{asked, looked, saved};
use crate::principals::inventory;

pub(crate) const NOW: &str = "2026-11-22T06:00:00Z";

/// An account with its settings and the SCPs above it.
pub(crate) struct Case {
    pub(crate) inventory: Inventory,
    pub(crate) settings: Settings,
    pub(crate) scps: Vec<Document>,
}

impl Case {
    pub(crate) fn of(principal: Principal, settings: &str) -> Self {
        Self {
            inventory: inventory(vec![principal]),
            settings: Settings::parse(settings).unwrap(),
            scps: Vec::new(),
        }
    }

    pub(crate) fn service_control(&self) -> ServiceControl<'_> {
        let level = |document| {
            vec![Policy {
                name: "guardrails".into(),
                document: Ok(document),
            }]
        };
        ServiceControl {
            levels: self.scps.iter().map(level).collect(),
            management_account: false,
        }
    }

    pub(crate) fn audit(&self) -> Look {
        self.audit_some(&Selection::default())
    }

    pub(crate) fn audit_one(&self, at: usize) -> Look {
        let arn = &self.inventory.principals[at].arn;
        self.audit_some(&Selection {
            principals: Some([arn.clone()].into()),
            sets: None,
        })
    }

    /// Access keys are no business of a policy.
    fn audit_some(&self, selection: &Selection) -> Look {
        let asked = Asked {
            account: None,
            ..asked(&self.settings, NOW, selection)
        };
        let mut look = looked(&self.inventory, &asked, self.service_control());
        look.assessment.keys.clear();
        look
    }

    pub(crate) fn fix(&self, at: usize, look: &Look) -> Result<Fix, FixError> {
        let here = saved(&self.inventory, self.service_control());
        now_or_never(fix(look, &self.inventory.principals[at], &here))
    }

    /// The fix for the first principal.
    pub(crate) fn only_fix(&self) -> Fix {
        self.fix(0, &self.audit()).unwrap()
    }

    /// The account after somebody did what the fix says.
    pub(crate) fn with(&self, at: usize, fix: &Fix) -> Self {
        let mut here = self.inventory.clone();
        let principal = &mut here.principals[at];
        for addition in &fix.additions {
            let name: Box<str> = addition.name.as_str().into();
            let document = Arc::new(Document::parse(&addition.document.to_json()));
            assert!(document.is_ok(), "{document:?}");
            match addition.holder {
                Holder::Inline => {
                    assert!(principal.inline.iter().all(|policy| policy.name != name));
                    principal.inline.push(InlinePolicy { name, document });
                }
                Holder::Managed => {
                    let arn: Box<str> = format!("arn:aws:iam::111122223333:policy/{name}").into();
                    principal.attached.push(arn.clone());
                    let policy = ManagedPolicy {
                        name,
                        version: "v1".into(),
                        newest: "v1".into(),
                        document,
                    };
                    let before = here.policies.insert(arn, policy);
                    assert_eq!(before, None, "a name that is taken");
                }
            }
        }
        Self {
            inventory: here,
            settings: self.settings.clone(),
            scps: self.scps.clone(),
        }
    }

    /// What is plainly allowed to a principal of many actions on many resources.
    pub(crate) fn allowed(
        &self,
        at: usize,
        questions: &[Question],
    ) -> BTreeSet<(usize, ActionName)> {
        let mut simulator = Simulator::new(&self.inventory, self.service_control(), questions);
        let prepared = simulator.prepare(questions);
        let denied: BTreeSet<(usize, u16)> = simulator
            .decide(&self.inventory.principals[at], &prepared)
            .into_iter()
            .flat_map(|group| {
                group
                    .actions
                    .into_iter()
                    .map(move |at| (group.question, at))
            })
            .collect();
        let asked = questions.iter().enumerate().flat_map(|(question, asked)| {
            let actions = (0u16..).zip(asked.actions.iter().cloned());
            actions.map(move |(at, action)| (question, at, action))
        });
        asked
            .filter(|(question, at, _)| !denied.contains(&(*question, *at)))
            .map(|(question, _, action)| (question, action))
            .collect()
    }
}
