//! Agreement: do the snapshots say the same of one and the same organisation?
//!
//! In: what each snapshot says of its own. Out: the accounts whose snapshots contradict each other, with the reason. Of two that name
//! another management account one is wrong, and a snapshot that is wrong about it is no evidence that nothing above the account denies.
//! What may change between two snapshots (OUs, policies) contradicts nothing.

use std::collections::{BTreeMap, BTreeSet};

use audit::resources::Organization;
use iam::AccountId;

/// What the snapshots say: the answers to each question, by whom.
#[derive(Default)]
pub(super) struct Agreement {
    answers: BTreeMap<String, BTreeMap<String, BTreeSet<AccountId>>>,
}

impl Agreement {
    /// Adds what the snapshot of an account says.
    pub(super) fn add(&mut self, account: AccountId, organization: &Organization) {
        let id = (!organization.id.is_empty()).then(|| organization.id.to_string());
        let managing = organization.management_account;
        let managing = managing.map(|account| account.to_string());
        let root = organization.path.first().map(ToString::to_string);
        let mut answer = |question: String, answer: &Option<String>| {
            if let Some(answer) = answer.clone() {
                let answers = self.answers.entry(question).or_default();
                answers.entry(answer).or_default().insert(account);
            }
        };
        if let Some(id) = &id {
            answer(format!("which account manages {id}"), &managing);
            answer(format!("which root {id} has"), &root);
        }
        if let Some(root) = &root {
            answer(format!("which organization has the root {root}"), &id);
        }
        if let Some(managing) = &managing {
            answer(format!("which organization {managing} manages"), &id);
        }
    }

    /// The accounts whose snapshots contradict those of others, with the first contradiction of each.
    pub(super) fn contradictory(&self) -> BTreeMap<AccountId, String> {
        let mut reasons = BTreeMap::new();
        for (question, answers) in self.answers.iter().filter(|(_, all)| all.len() > 1) {
            let by = answers.iter().take(2).filter_map(|(answer, accounts)| {
                let account = accounts.first()?;
                Some(format!("that of {account} says {answer}"))
            });
            let by: Vec<String> = by.collect();
            let reason = format!(
                "the snapshots disagree about {question}: {}. Save them again, or give --organization",
                by.join(", ")
            );
            for account in answers.values().flatten() {
                let known = reasons.entry(*account);
                known.or_insert_with(|| reason.clone());
            }
        }
        reasons
    }
}
