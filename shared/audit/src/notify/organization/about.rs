//! What a thread is about: which findings of an organisation have one cause?
//!
//! A statement of an SCP, of an RCP or of a policy that AWS manages lies outside the accounts, so whatever it denies is one thing to repair.
//! A denial whose statement is not known may have any cause: it stays in its account's own thread, as does what lies in the account.

use std::sync::Arc;

use iam::{AccountId, Cause, StatementRef};
use jiff::Timestamp;

use crate::find::finding::{Code, FindingId};

/// What everything in a thread has in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A statement of a policy outside the accounts.
    Statement {
        /// What it leads to.
        code: Code,
        /// The statement: without the level that its policy is attached to, and without its position where it has a name.
        at: StatementRef,
    },
    /// Audits that failed for one reason.
    Failed {
        /// The reason, with `<account>` for the number of the account and `<time>` for times.
        reason: Arc<str>,
    },
    /// What a release checks and the one before did not: it may have been there all along.
    NowChecked,
    /// What breaks nothing.
    Notices,
    /// What the account's own audits tell in one thread.
    Account {
        /// The account.
        account: AccountId,
        /// The thread, under the id that it has in the account's baseline.
        thread: FindingId,
    },
}

impl About {
    /// The id of the thread: the same in every run, and on every channel.
    #[must_use]
    pub fn id(&self) -> FindingId {
        let text = match self {
            Self::Account { thread, .. } => return *thread,
            Self::Statement { code, at } => {
                let statement = match (&at.sid, at.index) {
                    (Some(sid), _) => format!("sid {sid}"),
                    (None, Some(index)) => format!("index {index}"),
                    (None, None) => "policy".to_owned(),
                };
                format!(
                    "organization\nstatement\n{code}\n{}\n{}\n{statement}",
                    at.layer, at.policy
                )
            }
            Self::Failed { reason } => format!("organization\nfailed\n{reason}"),
            Self::NowChecked => "organization\nnow checked".to_owned(),
            Self::Notices => "organization\nnotices".to_owned(),
        };
        FindingId::of_text(&text)
    }

    /// Whether it is about one account only.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { account, .. } => Some(*account),
            Self::Statement { .. } | Self::Failed { .. } | Self::NowChecked | Self::Notices => None,
        }
    }

    /// Audits of an account that failed for a reason.
    #[must_use]
    pub fn failed(account: AccountId, reason: &str) -> Self {
        let reason = reason.replace(account.as_str(), "<account>");
        let words = reason.split(' ').map(|word| {
            let bare = word.trim_matches(['(', ')', ',', '.', ';']);
            match bare.parse::<Timestamp>() {
                Ok(_) => word.replace(bare, "<time>"),
                Err(_) => word.to_owned(),
            }
        });
        let words: Vec<String> = words.collect();
        Self::Failed {
            reason: words.join(" ").into(),
        }
    }
}

/// The causes of a denial, or of something undetermined.
#[derive(Debug, Default)]
pub(super) struct Causes {
    /// The statements outside the account, each once.
    pub(super) outside: Vec<StatementRef>,
    /// Whether something else is a cause too, or the statement is not known.
    pub(super) is_own: bool,
}

impl Causes {
    pub(super) fn of(cause: &Cause) -> Self {
        let mut causes = Self::default();
        match cause {
            Cause::DeniedBy(by) => by.iter().for_each(|at| causes.add(at)),
            Cause::CannotEvaluate { by, .. } => causes.add(by),
            Cause::AllowedBy(_)
            | Cause::DeniedInLayer(_)
            | Cause::NotAllowedIn(_)
            | Cause::AllowedOnlyOn { .. }
            | Cause::DeniedOn { .. }
            | Cause::MissingContext { .. }
            | Cause::Unreadable { .. }
            | Cause::NotChecked { .. }
            | Cause::NoAnswer { .. } => {}
        }
        causes.is_own |= causes.outside.is_empty();
        causes
    }

    fn add(&mut self, at: &StatementRef) {
        match at.outside_accounts() {
            Some(at) if self.outside.contains(&at) => {}
            Some(at) => self.outside.push(at),
            None => self.is_own = true,
        }
    }
}
