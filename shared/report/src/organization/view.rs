//! The view: how does an organisation stand, account by account, and what do accounts have in common?
//!
//! In: the summaries, which accounts there are, and why some were not audited. Out: what every format writes: rows worst first, totals
//! and shared causes. A known account without a summary counts as not audited, whether or not anybody says why.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use audit::Level;
use iam::{AccountId, PrincipalArn};
use jiff::Timestamp;

use crate::organization::account::{AccountSummary, FindingSummary, PrincipalSummary};
use crate::organization::age::Age;
use crate::organization::part::{attached_to, is_muted_drift};
use crate::organization::standing::{AccountStanding, Standing};
use crate::organization::statement::OuterStatement;

/// What is to be reported of an organisation.
#[derive(Clone, Copy, Debug)]
pub struct OrganizationReport<'a> {
    /// The organisation's id or whatever else names it; `None` where nobody said.
    pub name: Option<&'a str>,
    /// When the file was saved that says which accounts there are; `None` where it was not a file, or does not say so.
    pub saved: Option<Timestamp>,
    /// When the report was made.
    pub at: Timestamp,
    /// What was found, by account.
    pub audited: &'a BTreeMap<AccountId, AccountSummary>,
    /// The accounts that were not audited, with the reason. It outweighs a summary, which is then an older one.
    pub not_audited: &'a BTreeMap<AccountId, Box<str>>,
    /// What could not be read, so that nobody knows of which account it is.
    pub unread: &'a [UnreadFile],
    /// The accounts that there are, as far as somebody said.
    pub places: &'a BTreeMap<AccountId, AccountPlace>,
}

/// A file that should hold an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadFile {
    /// Its name.
    pub name: Box<str>,
    /// Why it could not be read.
    pub reason: Box<str>,
}

/// Where an account stands in its organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountPlace {
    /// Its name.
    pub name: Option<Box<str>>,
    /// What lies above it, root first; without the account itself.
    pub path: Vec<Box<str>>,
    /// The organisation's id, where only what was read of the account itself says it.
    pub organization: Option<Box<str>>,
}

/// All that the formats write.
#[derive(Debug)]
pub struct OrganizationView<'a> {
    /// The organisation, where somebody said which.
    pub name: Option<&'a str>,
    /// When the file was saved that says which accounts there are.
    pub saved: Option<Timestamp>,
    /// When the report was made.
    pub at: Timestamp,
    /// Files whose account nobody knows.
    pub unread: &'a [UnreadFile],
    /// The accounts, worst first.
    pub rows: Vec<AccountRow<'a>>,
    /// How many accounts stand how.
    pub accounts: BTreeMap<AccountStanding, usize>,
    /// Of those that have drifted, how many are muted.
    pub muted: usize,
    /// How the principals of all accounts stand.
    pub principals: Tally,
    /// How their requirements stand.
    pub requirements: Tally,
    /// What hits more than one account, the widest first.
    pub causes: Vec<SharedCause<'a>>,
}

/// One account.
#[derive(Debug)]
pub struct AccountRow<'a> {
    /// The account.
    pub account: AccountId,
    /// Where it stands in the organisation.
    pub place: Option<&'a AccountPlace>,
    /// How it stands.
    pub standing: AccountStanding,
    /// What was found; or why nothing was.
    pub found: Result<&'a AccountSummary, &'a str>,
    /// How its principals stand.
    pub principals: Tally,
    /// How their requirements stand.
    pub requirements: Tally,
    /// The worst level among findings that are not muted.
    pub level: Option<Level>,
    /// Whether it has drifted, and all of that is muted.
    pub is_muted: bool,
    /// How old is what was looked at; `None` where nothing was.
    pub age: Option<Age>,
    /// When the report was made.
    pub at: Timestamp,
}

/// How many stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Compliant, and nothing was left unchecked.
    pub compliant: usize,
    /// Compliant as far as anybody looked.
    pub not_checked: usize,
    /// Not known.
    pub undetermined: usize,
    /// Drifted.
    pub drifted: usize,
    /// Those of the drifted whose drift is all muted.
    pub muted: usize,
}

/// One statement that denies something in several accounts.
#[derive(Debug)]
pub struct SharedCause<'a> {
    /// The statement.
    pub statement: &'a OuterStatement,
    /// The worst of what it breaks.
    pub level: Level,
    /// Whom it hits, by account.
    pub accounts: BTreeMap<AccountId, BTreeSet<&'a PrincipalArn>>,
    /// Some of what it denies.
    pub actions: BTreeSet<&'a str>,
    /// How many actions it denies at least, to the one whom it denies most.
    pub count: usize,
}

/// Why an account without a summary was not audited, where nobody says why.
const NOBODY: &str = "nobody audited it";

impl<'a> OrganizationView<'a> {
    /// Sorts and counts.
    #[must_use]
    pub fn of(report: &OrganizationReport<'a>) -> Self {
        let known = report.places.keys();
        let known = known
            .chain(report.audited.keys())
            .chain(report.not_audited.keys());
        let all: BTreeSet<AccountId> = known.copied().collect();
        let mut rows: Vec<AccountRow<'a>> = all
            .into_iter()
            .map(|account| AccountRow::of(account, report))
            .collect();
        rows.sort_by_key(|row| {
            let bad = row.principals;
            let told = (row.standing, !row.is_muted, row.level);
            let worst = Reverse((told, bad.drifted, bad.undetermined));
            (worst, row.account)
        });
        let mut accounts = BTreeMap::new();
        let muted = rows.iter().filter(|row| row.is_muted).count();
        let (mut principals, mut requirements) = (Tally::default(), Tally::default());
        for row in &rows {
            *accounts.entry(row.standing).or_default() += 1;
            principals.add(&row.principals);
            requirements.add(&row.requirements);
        }
        Self {
            name: report.name,
            saved: report.saved,
            at: report.at,
            unread: report.unread,
            causes: causes(&rows),
            rows,
            accounts,
            muted,
            principals,
            requirements,
        }
    }

    /// How many accounts stand so.
    #[must_use]
    pub fn count(&self, standing: AccountStanding) -> usize {
        self.accounts.get(&standing).copied().unwrap_or(0)
    }
}

impl<'a> AccountRow<'a> {
    fn of(account: AccountId, report: &OrganizationReport<'a>) -> Self {
        let reason = report.not_audited.get(&account).map(|reason| &**reason);
        let found = match (reason, report.audited.get(&account)) {
            (Some(reason), _) => Err(reason),
            (None, Some(summary)) => Ok(summary),
            (None, None) => Err(NOBODY),
        };
        let mut row = Self {
            account,
            place: report.places.get(&account),
            standing: AccountStanding::NotAudited,
            found,
            principals: Tally::default(),
            requirements: Tally::default(),
            level: None,
            is_muted: false,
            age: None,
            at: report.at,
        };
        if let Ok(summary) = found {
            row.standing = summary.standing();
            row.level = summary.worst_level();
            row.is_muted = row.standing == AccountStanding::Drifted
                && is_muted_drift(summary.findings.values());
            row.age = Some(summary.read.age(summary.at, report.at));
            let best = best(summary);
            let attached = summary.by_principal();
            for (arn, principal) in &summary.principals {
                let findings = attached_to(&attached, Some(arn));
                let all = || findings.iter().map(|(_, finding)| *finding);
                row.principals
                    .count(best.max(principal.standing(findings)), all());
                for verdict in principal.verdicts() {
                    let of_set = all().filter(|finding| *finding.set == *verdict.set);
                    row.requirements.count(best.max(verdict.standing), of_set);
                }
            }
        }
        row
    }

    /// Its name, where somebody gave it one.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.place.and_then(|place| place.name.as_deref())
    }

    /// Why it was not audited, or that its audit failed.
    #[must_use]
    pub fn failure(&self) -> Option<&'a str> {
        match self.found {
            Ok(summary) => summary.failure.as_deref(),
            Err(reason) => Some(reason),
        }
    }

    /// Its principals with how each stands, the worst first.
    #[must_use]
    pub fn principals(&self) -> Vec<(&'a PrincipalArn, &'a PrincipalSummary, Standing)> {
        let Ok(summary) = self.found else {
            return Vec::new();
        };
        let attached = summary.by_principal();
        let best = best(summary);
        let principals = summary.principals.iter();
        let mut principals: Vec<_> = principals
            .map(|(arn, one)| {
                let own = one.standing(attached_to(&attached, Some(arn)));
                (arn, one, best.max(own))
            })
            .collect();
        principals.sort_by_key(|(arn, _, standing)| (Reverse(*standing), *arn));
        principals
    }
}

/// The best that a principal or requirement of an account can be called: of an audit that failed only what is missing is known, and
/// policies above the account that were not read may deny.
fn best(summary: &AccountSummary) -> Standing {
    match (&summary.failure, summary.levels_not_read().is_empty()) {
        (Some(_), _) => Standing::Undetermined,
        (None, false) => Standing::CompliantNotChecked,
        (None, true) => Standing::Compliant,
    }
}

impl Tally {
    /// Counts one more, with what was found about it.
    fn count<'f>(
        &mut self,
        standing: Standing,
        findings: impl Iterator<Item = &'f FindingSummary>,
    ) {
        if standing == Standing::Drifted && is_muted_drift(findings) {
            self.muted += 1;
        }
        *match standing {
            Standing::Compliant => &mut self.compliant,
            Standing::CompliantNotChecked => &mut self.not_checked,
            Standing::Undetermined => &mut self.undetermined,
            Standing::Drifted => &mut self.drifted,
        } += 1;
    }

    fn add(&mut self, other: &Self) {
        self.compliant += other.compliant;
        self.not_checked += other.not_checked;
        self.undetermined += other.undetermined;
        self.drifted += other.drifted;
        self.muted += other.muted;
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> usize {
        self.compliant + self.not_checked + self.undetermined + self.drifted
    }
}

fn causes<'a>(rows: &[AccountRow<'a>]) -> Vec<SharedCause<'a>> {
    let mut causes: BTreeMap<&'a OuterStatement, SharedCause<'a>> = BTreeMap::new();
    for row in rows {
        let findings = row.found.iter().flat_map(|found| found.findings.values());
        for finding in findings.filter(|finding| finding.muted.is_none()) {
            for (statement, denied) in &finding.denied_by {
                let cause = causes.entry(statement).or_insert_with(|| SharedCause {
                    statement,
                    level: Level::Notice,
                    accounts: BTreeMap::new(),
                    actions: BTreeSet::new(),
                    count: 0,
                });
                cause.level = cause.level.max(finding.level);
                let hit = cause.accounts.entry(row.account).or_default();
                hit.extend(&finding.principal);
                cause.actions.extend(denied.named.iter().map(AsRef::as_ref));
                cause.count = cause.count.max(denied.count);
            }
        }
    }
    let mut causes: Vec<SharedCause<'a>> = causes
        .into_values()
        .filter(|cause| cause.accounts.len() > 1)
        .collect();
    causes.sort_by_key(|cause| {
        (
            Reverse((cause.accounts.len(), cause.level)),
            cause.statement,
        )
    });
    causes
}

impl SharedCause<'_> {
    /// How many principals it hits.
    #[must_use]
    pub fn principals(&self) -> usize {
        self.accounts.values().map(BTreeSet::len).sum()
    }

    /// How many actions it denies at least.
    #[must_use]
    pub fn actions_at_least(&self) -> usize {
        self.count.max(self.actions.len())
    }
}
