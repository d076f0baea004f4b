//! Messages of threads as sentences: what every channel says about one.
//!
//! In: a message with what is known around it. Out: its subject, what happened, why, whom it hits, what to do. Names from accounts are plain.

use std::collections::BTreeSet;

use audit::finding::Resolution;
use audit::threads::{About, Affected, Piece, ShareStep, ThreadMessage};
use audit::{Code, EventKind};
use iam::{AccountId, Cause, StatementRef};

use super::naming::{Naming, statement};
use super::surroundings::Surroundings;
use crate::machine::alert::Alerting;
use crate::words::cause::{remedy, why};
use crate::words::counted::counted;
use crate::words::message::{capital, day, is_bad};
use crate::words::plain::plain;

/// A message of a thread with what is known around it.
pub(super) struct ThreadSaying<'a> {
    pub(super) message: &'a ThreadMessage,
    pub(super) around: &'a Surroundings<'a>,
}

impl<'a> ThreadSaying<'a> {
    /// The accounts that it is about: those that are open, or were until now.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &'a Affected> + Clone {
        let is_bad = is_bad(self.message.kind);
        let accounts = self.message.accounts.iter();
        accounts.filter(move |one| one.step.is_open() == is_bad)
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = &'a Piece> + Clone {
        self.message.accounts.iter().flat_map(|one| &one.pieces)
    }

    fn count(&self, of: impl Fn(&Affected) -> u64) -> usize {
        let count: u64 = self.accounts().map(of).sum();
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// `14 principals in 9 accounts`.
    pub(super) fn scale(&self) -> String {
        let accounts = counted(self.accounts().count(), "account");
        match self.count(|one| one.share.principals) {
            0 => accounts,
            principals => format!("{} in {accounts}", counted(principals, "principal")),
        }
    }

    fn findings(&self, noun: &str) -> String {
        let findings = counted(self.count(|one| one.share.findings), noun);
        let accounts = counted(self.accounts().count(), "account");
        format!("{findings} in {accounts}")
    }

    /// One line, the most telling first.
    pub(super) fn subject(&self) -> String {
        let level = self.message.level.as_str().to_uppercase();
        let step = match (self.message.kind, &self.message.thread.about) {
            (EventKind::Opened | EventKind::Worsened, About::NowChecked) => {
                let findings = self.findings("finding");
                return format!("Now checked: {findings}, which may be old");
            }
            (EventKind::Opened | EventKind::Worsened, About::Notices) => {
                return self.findings("notice");
            }
            (EventKind::Opened, _) => format!("{level} new"),
            (EventKind::Worsened, _) => format!("{level} worse"),
            (EventKind::Eased, _) => format!("{level} better"),
            (EventKind::Reminded, _) => format!("{level} still open"),
            (EventKind::Resolved(_), _) => "Resolved".to_owned(),
        };
        format!("{step}: {}", self.about(Naming::Short))
    }

    /// What it is about, as a sentence without its full stop.
    fn about(&self, naming: Naming) -> String {
        let scale = self.scale();
        let example = &self.message.thread.example;
        match &self.message.thread.about {
            About::Statement { code, at } => {
                let statement = statement(at, self.around.policies, naming);
                match (code, is_bad(self.message.kind)) {
                    (Code::Undetermined, true) => {
                        format!("{statement}, cannot be evaluated for {scale}")
                    }
                    (Code::Undetermined, false) => {
                        format!("{statement}, could not be evaluated for {scale}")
                    }
                    (_, true) => format!("{statement}, denies what {scale} need"),
                    (_, false) => format!("{statement}, denied what {scale} need"),
                }
            }
            About::Failed { .. } => format!("the audit of {scale} failed"),
            About::NowChecked => format!("{} of the last upgrade", self.findings("finding")),
            About::Notices => self.findings("notice"),
            About::Account { account, .. } => {
                let whose = match &example.principal {
                    Some(principal) => format!("{} {}", principal.kind(), plain(principal.name())),
                    None => "the account".to_owned(),
                };
                format!("{whose}, {} ({account})", plain(&example.title))
            }
        }
    }

    /// What happened, as a sentence.
    pub(super) fn headline(&self) -> String {
        let about = self.about(Naming::Whole);
        match (self.message.kind, &self.message.thread.about) {
            (EventKind::Opened | EventKind::Worsened, About::NowChecked) => format!(
                "Now checked: {}. This release of permdrift checks more than the one before it, or decides otherwise. What it found \
                 may have been there all along; nothing in the accounts need have changed.",
                self.findings("finding")
            ),
            (EventKind::Opened | EventKind::Worsened, About::Notices) => format!(
                "{}. Nothing breaks because of them. New notices are collected and sent together; `notice-days` in the settings says \
                 how often.",
                self.findings("notice")
            ),
            (EventKind::Opened, _) => format!("New: {about}."),
            (EventKind::Worsened, _) => format!("Worse than before: {about}. {}.", self.news()),
            (EventKind::Eased, _) => format!("Better, but still open: {about}. {}.", self.news()),
            (EventKind::Reminded, _) => format!("Still open: {about}."),
            (EventKind::Resolved(Resolution::Healthy), _) => {
                format!("Resolved: audits checked it again and did not find it: {about}.")
            }
            (EventKind::Resolved(Resolution::Left), _) => {
                format!("Closed, because these accounts left the organization: {about}.")
            }
        }
    }

    /// `Since the last message 2 accounts joined, 1 is well again`.
    fn news(&self) -> String {
        let groups = self.message.accounts.chunk_by(|a, b| a.step == b.step);
        let parts = groups.filter_map(|group| {
            let number = group.len();
            let (is, has) = match number {
                1 => ("is", "has"),
                _ => ("are", "have"),
            };
            let what = match group.first()?.step {
                ShareStep::Joined => "joined".to_owned(),
                ShareStep::Worse => "got worse".to_owned(),
                ShareStep::Better => "got better".to_owned(),
                ShareStep::Healed => format!("{is} well again"),
                ShareStep::Left => format!("{has} left the organization"),
                ShareStep::Same | ShareStep::NotLooked => return None,
            };
            Some(format!("{} {what}", counted(number, "account")))
        });
        let parts: Vec<String> = parts.collect();
        format!("Since the last message {}", parts.join(", "))
    }

    /// The cause, where there is one for all.
    fn cause(&self) -> Option<Cause> {
        match &self.message.thread.about {
            About::Statement { code, at } => {
                let name = self.around.policies.get(&*at.policy);
                let by = StatementRef {
                    policy: match name {
                        Some(name) => format!("{name} ({})", at.policy).into(),
                        None => at.policy.clone(),
                    },
                    ..at.clone()
                };
                let reason = || "its conditions or variables are not known".into();
                Some(match code {
                    Code::Undetermined => Cause::CannotEvaluate {
                        by,
                        reason: reason(),
                    },
                    Code::MissingActions
                    | Code::MissingTrust
                    | Code::MissingInstanceProfile
                    | Code::AccessKey
                    | Code::KeyState
                    | Code::ResourceSettings
                    | Code::UnknownActionSet
                    | Code::AllowedOnlyOn
                    | Code::ExcessAccess
                    | Code::Coverage
                    | Code::ChangesNotArriving
                    | Code::ChangeNotFollowed
                    | Code::AuditFailed => Cause::DeniedBy(vec![by]),
                })
            }
            About::Failed { .. } | About::NowChecked | About::Notices | About::Account { .. } => {
                None
            }
        }
    }

    /// Why, as a sentence without its full stop; a reason stays as it was said.
    pub(super) fn why(&self) -> Option<String> {
        match &self.message.thread.about {
            About::Failed { reason } => Some(plain(reason).into_owned()),
            About::Statement { .. }
            | About::NowChecked
            | About::Notices
            | About::Account { .. } => Some(capital(&why(&self.cause()?))),
        }
    }

    /// Who owns the cause.
    pub(super) fn owner(&self) -> Option<String> {
        let owner = match &self.message.thread.about {
            About::Statement { at, .. } => crate::words::cause::owner(at.layer, self.around.owners),
            About::Failed { .. } | About::NowChecked | About::Notices | About::Account { .. } => {
                None
            }
        };
        owner.map(|owner| plain(owner).into_owned())
    }

    /// What to do.
    pub(super) fn remedy(&self) -> Option<String> {
        if !is_bad(self.message.kind) {
            return None;
        }
        match &self.message.thread.about {
            About::Failed { .. } => Some(
                "Repair what stopped the audits; the next run audits these accounts again. Until then nothing is checked in them. \
                 `permdrift doctor --organization` says what is missing in which account."
                    .to_owned(),
            ),
            About::Statement { .. } | About::NowChecked | About::Notices | About::Account { .. } => {
                let advice = remedy(&self.cause()?, None);
                Some(advice.replace("this principal", "these principals"))
            }
        }
    }

    /// What breaks, each once, the worst first.
    pub(super) fn impacts(&self) -> Vec<String> {
        let mut pieces: Vec<&Piece> = self.pieces().collect();
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.level));
        let known = pieces.iter().map(|piece| &*piece.impact);
        let last = std::iter::once(&*self.message.thread.example.impact);
        let mut impacts: Vec<String> = Vec::new();
        for impact in known.chain(last).filter(|impact| !impact.is_empty()) {
            let impact = plain(impact).into_owned();
            if !impacts.contains(&impact) {
                impacts.push(impact);
            }
        }
        impacts
    }

    /// The actions that are denied, where these are what it is about.
    pub(super) fn actions(&self) -> BTreeSet<&'a str> {
        match &self.message.thread.about {
            About::Statement { .. } => {
                let names = self.pieces().flat_map(|piece| &piece.names);
                names.map(AsRef::as_ref).collect()
            }
            About::Failed { .. } | About::NowChecked | About::Notices | About::Account { .. } => {
                BTreeSet::new()
            }
        }
    }

    /// The accounts by what became of them, each group with its heading.
    pub(super) fn groups(&self) -> Vec<(String, Vec<&'a Affected>)> {
        let is_new = self.message.kind == EventKind::Opened;
        let groups = self.message.accounts.chunk_by(|a, b| a.step == b.step);
        groups
            .filter_map(|group| {
                let number = group.len();
                let heading = match group.first()?.step {
                    ShareStep::Joined if is_new => "Accounts",
                    ShareStep::Joined => "New in it",
                    ShareStep::Worse => "Worse",
                    ShareStep::Better => "Better",
                    ShareStep::Healed => "Well again",
                    ShareStep::Left => "No longer in the organization",
                    ShareStep::Same => "As before",
                    ShareStep::NotLooked => "Not looked at this time",
                };
                Some((format!("{heading} ({number})"), group.iter().collect()))
            })
            .collect()
    }

    /// `111122223333 payroll-prod (r-ab12/ou-ab12-11111111)`.
    pub(super) fn account(&self, account: AccountId) -> String {
        let place = self.around.places.get(&account);
        let name = place.and_then(|place| place.name.as_deref());
        let name = name.map_or_else(String::new, |name| format!(" {}", plain(name)));
        let path = place.map(|place| place.path.join("/"));
        let path = path.filter(|path| !path.is_empty());
        let path = path.map_or_else(String::new, |path| format!(" ({})", plain(&path)));
        format!("{account}{name}{path}")
    }

    /// `2 principals, 3 findings, high`.
    pub(super) fn share(&self, one: &Affected) -> String {
        let share = &one.share;
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let principals = match share.principals {
            0 => String::new(),
            principals => format!("{}, ", counted(number(principals), "principal")),
        };
        let findings = counted(number(share.findings), "finding");
        let was = match one.step.is_open() {
            true => "",
            false => "was ",
        };
        format!("{was}{principals}{findings}, {}", share.level)
    }

    /// `role VeeamNightly, Nightly copy: 2 actions`.
    pub(super) fn piece(&self, piece: &Piece) -> String {
        let whose = match &piece.principal {
            Some(principal) => format!("{} {}", principal.kind(), plain(principal.name())),
            None => "the account".to_owned(),
        };
        let title = match &*piece.title {
            "" => String::new(),
            title => format!(", {}", plain(title)),
        };
        match &self.message.thread.about {
            About::Failed { .. } => format!("since {}", day(piece.opened)),
            About::Statement { .. } => {
                format!("{whose}{title}: {}", counted(piece.count, "action"))
            }
            About::NowChecked | About::Notices | About::Account { .. } => {
                format!("{whose}{title}: {}, {}", piece.code, piece.level)
            }
        }
    }

    /// The ids of everything above the accounts, each once.
    pub(super) fn above(&self) -> BTreeSet<&'a str> {
        let accounts = self.message.accounts.iter();
        let places = accounts.filter_map(|one| self.around.places.get(&one.account));
        places
            .flat_map(|place| &place.path)
            .map(AsRef::as_ref)
            .collect()
    }

    /// What happened, as one word to filter by.
    pub(super) fn kind(&self) -> &'static str {
        match (self.message.kind, &self.message.thread.about) {
            (EventKind::Opened | EventKind::Worsened, About::NowChecked) => "now-checked",
            (EventKind::Opened | EventKind::Worsened, About::Notices) => "notices",
            (kind, _) => kind.as_str(),
        }
    }

    /// Where it is explained.
    pub(super) fn section(&self) -> String {
        match &self.message.thread.about {
            About::Notices => "docs/alerts.md, section \"Notices\"".to_owned(),
            About::NowChecked => "docs/alerts.md, section \"After an upgrade\"".to_owned(),
            About::Statement { .. } | About::Failed { .. } | About::Account { .. } => {
                format!(
                    "docs/findings.md, section \"{}\"",
                    self.message.thread.code()
                )
            }
        }
    }

    /// What an alert says of it.
    pub(super) fn alerting(&self) -> Alerting<'a> {
        let own = self.message.thread.about.account();
        let mut principals: Vec<String> = self
            .pieces()
            .filter_map(|piece| piece.principal.as_ref())
            .map(ToString::to_string)
            .collect();
        principals.dedup();
        Alerting {
            message: self.message,
            account: own.unwrap_or(self.around.header.account),
            accounts: self.accounts().map(|one| one.account).collect(),
            above: self.above().into_iter().map(str::to_owned).collect(),
            findings: self.pieces().map(|piece| piece.finding).collect(),
            principals,
            count: self.count(|one| one.share.findings),
            source: match own {
                Some(account) => format!("AWS account {account}"),
                None => format!(
                    "{} of the organization",
                    counted(self.accounts().count(), "account")
                ),
            },
        }
    }
}
