//! Sentences about an organisation, the same in every format for people.

use std::collections::{BTreeMap, BTreeSet};

use audit::Level;
use iam::AccountId;

use crate::organization::account::AccountSummary;
use crate::organization::age::{Age, ReadTime};
use crate::organization::standing::{AccountStanding, Standing};
use crate::organization::view::{AccountRow, OrganizationView, SharedCause, Tally, UnreadFile};
use crate::words::counted::counted;
use crate::words::plain::{plain, width};

/// The most actions of a cause that one sentence names.
const NAMED: usize = 3;
/// The most accounts that one sentence names.
const ACCOUNTS: usize = 6;

/// How an account stands, as a heading or in a table.
#[must_use]
pub fn of_account(standing: AccountStanding) -> &'static str {
    match standing {
        AccountStanding::Compliant => "compliant",
        AccountStanding::NobodyBound => "nobody bound",
        AccountStanding::CompliantNotChecked => "compliant (not all checked)",
        AccountStanding::Undetermined => "undetermined",
        AccountStanding::NotAudited => "not audited",
        AccountStanding::Drifted => "drifted",
    }
}

/// How a principal or requirement stands.
#[must_use]
pub fn of_one(standing: Standing) -> &'static str {
    of_account(match standing {
        Standing::Compliant => AccountStanding::Compliant,
        Standing::CompliantNotChecked => AccountStanding::CompliantNotChecked,
        Standing::Undetermined => AccountStanding::Undetermined,
        Standing::Drifted => AccountStanding::Drifted,
    })
}

/// What a report is of, such as `Organization o-exampleorgid, as saved at 2026-11-30 03:15 UTC`.
#[must_use]
pub fn title(view: &OrganizationView<'_>) -> String {
    let subject = match view.name {
        Some(name) => format!("Organization {}", plain(name)),
        None => "Several accounts".to_owned(),
    };
    match view.saved {
        Some(saved) => format!(
            "{subject}, as saved at {}",
            saved.strftime("%Y-%m-%d %H:%M UTC")
        ),
        None => subject,
    }
}

/// Of how many accounts and principals it is, and how they stand: every account is counted.
#[must_use]
pub fn sum(view: &OrganizationView<'_>) -> String {
    let all = view.rows.len();
    let parts: Vec<String> = AccountStanding::WORST_FIRST
        .into_iter()
        .map(|standing| (view.count(standing), standing))
        .filter(|(count, _)| *count > 0)
        .map(|(count, standing)| match standing {
            AccountStanding::NobodyBound => format!("{count} with nobody bound"),
            AccountStanding::Drifted => format!("{count} drifted{}", muted(view.muted)),
            AccountStanding::Compliant
            | AccountStanding::CompliantNotChecked
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited => format!("{count} {}", of_account(standing)),
        })
        .collect();
    let unread = match view.unread.len() {
        0 => String::new(),
        number => format!(" {} could not be read.", counted(number, "file")),
    };
    let besides = unseen(view).into_iter();
    let besides = besides.fold(unread, |said, more| said + " " + &more);
    match parts.is_empty() {
        true => format!("No account was audited.{besides}"),
        false => format!(
            "{}: {}.{besides}",
            counted(all, "account"),
            parts.join(", ")
        ),
    }
}

/// How many of those that drifted are muted, to stand behind their number.
fn muted(number: usize) -> String {
    match number {
        0 => String::new(),
        number => format!(" ({number} muted)"),
    }
}

/// What nobody looked at in accounts that were audited, one sentence each.
#[must_use]
pub fn unseen(view: &OrganizationView<'_>) -> Vec<String> {
    let said = [
        unbound(view),
        levels_not_read(view),
        selected(view).map(str::to_owned),
    ];
    said.into_iter().flatten().collect()
}

/// In which accounts policies above them may deny and were not read, or not all of them.
fn levels_not_read(view: &OrganizationView<'_>) -> Option<String> {
    let found = || view.rows.iter().filter_map(|row| row.found.ok());
    let all = found().count();
    let mut by_kind: BTreeMap<String, BTreeSet<AccountId>> = BTreeMap::new();
    for summary in found() {
        for not_read in summary.levels_not_read() {
            let accounts = by_kind.entry(not_read).or_default();
            accounts.insert(summary.account);
        }
    }
    let parts: Vec<String> = by_kind
        .into_iter()
        .map(|(not_read, accounts)| match (accounts.len() == all, all) {
            (true, 1) | (false, _) => format!("{not_read} ({})", named(&accounts)),
            (true, all) => format!("{not_read} (all {})", counted(all, "account")),
        })
        .collect();
    (!parts.is_empty()).then(|| format!("May deny, and not looked at: {}.", parts.join("; ")))
}

/// The accounts by their numbers, or how many they are.
fn named(accounts: &BTreeSet<AccountId>) -> String {
    let numbers: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
    match numbers.len() > ACCOUNTS {
        true => counted(numbers.len(), "account"),
        false => numbers.join(", "),
    }
}

/// How old the accounts of a report are, as a sentence; `None` where all were read by audits of the last day.
#[must_use]
pub fn ages(view: &OrganizationView<'_>) -> Option<String> {
    let rows = view.rows.iter();
    let mut ages: Vec<(Age, AccountId)> = rows
        .filter_map(|row| Some((row.age?, row.account)))
        .collect();
    let is_saved = view.rows.iter().any(|row| match row.found {
        Ok(found) => found.read != ReadTime::DuringAudit,
        Err(_) => false,
    });
    if !is_saved && !ages.iter().any(|(age, _)| age.is_old()) {
        return None;
    }
    ages.sort_unstable();
    let known = ages.iter().filter(|(age, _)| *age != Age::Unknown);
    let known: Vec<(Age, AccountId)> = known.copied().collect();
    let unknown = ages.len() - known.len();
    let span = match known.as_slice() {
        [] => None,
        [(age, _)] => Some(age.to_string()),
        [(youngest, _), .., (oldest, account)] => {
            Some(match youngest.to_string() == oldest.to_string() {
                true => oldest.to_string(),
                false => format!("{youngest} to {oldest}, the oldest that of {account}"),
            })
        }
    };
    let what = match is_saved {
        true => "snapshots and listings",
        false => "audits",
    };
    let unknown = match (unknown, known.is_empty()) {
        (0, _) => None,
        (_, true) => Some("not known".to_owned()),
        (number, false) => Some(format!("not known of {}", counted(number, "account"))),
    };
    let said: Vec<String> = span.into_iter().chain(unknown).collect();
    (!said.is_empty()).then(|| format!("Age of the {what}: {}.", said.join("; ")))
}

/// How many principals nobody bound to an action set although they are called like Veeam's, as a sentence.
fn unbound(view: &OrganizationView<'_>) -> Option<String> {
    let found = view.rows.iter().filter_map(|row| row.found.ok());
    match found.map(AccountSummary::count_unbound).sum() {
        0 => None,
        1 => Some(
            "1 principal has a name like Veeam's but no tag, so it was not checked.".to_owned(),
        ),
        more => Some(format!(
            "{more} principals have names like Veeam's but no tag, so they were not checked."
        )),
    }
}

/// That only some action sets were asked for, as a sentence. One command or run asks for the same everywhere.
fn selected<'a>(view: &OrganizationView<'a>) -> Option<&'a str> {
    let found = view.rows.iter().filter_map(|row| row.found.ok());
    found.filter_map(|found| found.selected.as_deref()).next()
}

/// Of a file whose account nobody knows: `file.json: reason`.
#[must_use]
pub fn of_unread(file: &UnreadFile) -> String {
    match file.reason.starts_with(&*file.name) {
        true => plain(&file.reason).into_owned(),
        false => format!("{}: {}", plain(&file.name), plain(&file.reason)),
    }
}

/// How the principals stand, as `3 drifted, 1 undetermined, 20 compliant (4 not all checked)`.
#[must_use]
pub fn tally(tally: &Tally) -> String {
    let compliant = tally.compliant + tally.not_checked;
    let not_checked = match tally.not_checked {
        0 => String::new(),
        number => format!(" ({number} not all checked)"),
    };
    let parts = [
        (tally.drifted, format!("drifted{}", muted(tally.muted))),
        (tally.undetermined, "undetermined".to_owned()),
        (compliant, format!("compliant{not_checked}")),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    match parts.is_empty() {
        true => "none".to_owned(),
        false => parts.join(", "),
    }
}

/// What stands behind the verdict on an account, in a few words.
#[must_use]
pub fn about(row: &AccountRow<'_>) -> String {
    if let Some(failure) = row.failure() {
        return plain(failure).into_owned();
    }
    let Ok(summary) = row.found else {
        return String::new();
    };
    let mut said = match row.principals.all() {
        0 if summary.selected.is_some() => {
            "no principal is bound to the action sets that were asked for".to_owned()
        }
        0 => "no principal is bound to an action set".to_owned(),
        all => format!("{}: {}", counted(all, "principal"), tally(&row.principals)),
    };
    let others = summary.findings.values().filter(|finding| {
        let principal = finding.principal.as_ref();
        let is_listed = principal.is_some_and(|arn| summary.principals.contains_key(arn));
        !is_listed && finding.level > Level::Notice && finding.muted.is_none()
    });
    let others = match row.standing {
        // The finding says just that.
        AccountStanding::NobodyBound => 0,
        AccountStanding::Compliant
        | AccountStanding::CompliantNotChecked
        | AccountStanding::Undetermined
        | AccountStanding::NotAudited
        | AccountStanding::Drifted => others.count(),
    };
    if others > 0 {
        said.push_str(&format!("; {} of the account", counted(others, "finding")));
    }
    match summary.count_unbound() {
        0 => {}
        number => said.push_str(&format!("; {number} with a name like Veeam's but no tag")),
    }
    if !summary.unseen.is_empty() {
        said.push_str("; not all of it was read");
    }
    for not_read in summary.levels_not_read() {
        said.push_str(&format!("; {not_read}"));
    }
    match row.age {
        Some(age) if age.is_old() => said.push_str(&format!("; {}", of_age(age))),
        Some(_) | None => {}
    }
    said
}

/// How old something is, to stand behind something else.
fn of_age(age: Age) -> String {
    match age {
        Age::Hours(_) => format!("read {age} ago"),
        Age::Unknown => "read at an unknown time".to_owned(),
    }
}

/// A reason longer than this is told below a table, not in it.
const SHORT: usize = 20;

/// The same for a narrow column; `None` where it is too long for one.
#[must_use]
pub fn brief(row: &AccountRow<'_>) -> Option<String> {
    if let Some(failure) = row.failure() {
        let failure = plain(failure);
        return (width(&failure) <= SHORT).then(|| failure.into_owned());
    }
    let all = row.principals.all();
    let untagged = row.found.map_or(0, AccountSummary::count_unbound);
    let (drifted, undetermined) = (row.principals.drifted, row.principals.undetermined);
    let is_whole = row.found.is_ok_and(|found| found.unseen.is_empty());
    Some(match (drifted, undetermined) {
        (0, 0) if !is_whole => "not read whole".to_owned(),
        (0, 0) => match (all, untagged) {
            (0, 0) => String::new(),
            (0, untagged) => format!("{untagged} untagged"),
            (all, 0) => counted(all, "principal"),
            (all, untagged) => format!("{all}, {untagged} untagged"),
        },
        (0, undetermined) => format!("{undetermined} of {all} undetermined"),
        (drifted, _) => format!("{drifted} of {all} drifted"),
    })
}

/// `111122223333 prod`, plain.
#[must_use]
pub fn who(row: &AccountRow<'_>) -> String {
    match row.name() {
        Some(name) => format!("{} {}", row.account, plain(name)),
        None => row.account.to_string(),
    }
}

/// What lies above an account, root first; empty where nobody said.
#[must_use]
pub fn path(row: &AccountRow<'_>) -> String {
    let path = row.place.map_or(&[][..], |place| &place.path);
    let path: Vec<_> = path.iter().map(|one| plain(one)).collect();
    path.join(" / ")
}

/// What one statement denies to whom: `SCP p-1, statement S, denies a, b and 3 more actions to 14 principals in 9 accounts`.
#[must_use]
pub fn cause(cause: &SharedCause<'_>) -> String {
    let named: Vec<_> = cause
        .actions
        .iter()
        .take(NAMED)
        .map(|one| plain(one))
        .collect();
    let more = cause.actions_at_least().saturating_sub(named.len());
    let more = match more {
        0 => String::new(),
        more => format!(" and {}", counted(more, "more action")),
    };
    format!(
        "{} denies {}{more} to {} in {}",
        cause.statement,
        named.join(", "),
        counted(cause.principals(), "principal"),
        counted(cause.accounts.len(), "account"),
    )
}
