//! Sentences about an organisation, the same in every format for people.

use audit::Level;
use audit::assessment::{LayerCoverage, LevelsRead};

use crate::organization::account::AccountSummary;
use crate::organization::standing::{AccountStanding, Standing};
use crate::organization::view::{AccountRow, OrganizationView, SharedCause, Tally, UnreadFile};
use crate::words::counted::counted;
use crate::words::plain::{plain, width};

/// The most actions of a cause that one sentence names.
const NAMED: usize = 3;

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
            AccountStanding::Compliant
            | AccountStanding::CompliantNotChecked
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited
            | AccountStanding::Drifted => format!("{count} {}", of_account(standing)),
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

/// In how many accounts SCPs and RCPs, or some of them, were not read.
fn levels_not_read(view: &OrganizationView<'_>) -> Option<String> {
    let found = view.rows.iter().filter_map(|row| row.found.ok());
    let (mut scps, mut rcps) = (0, 0);
    for LayerCoverage {
        service_control,
        resource_control,
        ..
    } in found.map(|summary| &summary.layers)
    {
        scps += usize::from(is_unread(*service_control));
        rcps += usize::from(is_unread(*resource_control));
    }
    let parts = [("SCPs", scps), ("RCPs", rcps)];
    let parts = parts.iter().filter(|(_, number)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(name, number)| format!("{name} of {}", counted(*number, "account")))
        .collect();
    (!parts.is_empty()).then(|| format!("Not read, or not whole: {}.", parts.join(", ")))
}

/// Whether levels that there are were not read, or not all of them.
fn is_unread(levels: LevelsRead) -> bool {
    match levels {
        LevelsRead::NotRead | LevelsRead::Refused | LevelsRead::Partly { .. } => true,
        LevelsRead::Read(_) | LevelsRead::NoOrganization => false,
    }
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
        (tally.drifted, "drifted".to_owned()),
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
    said
}

/// A reason longer than this is told below a table, not in it.
const SHORT: usize = 40;

/// The same for a narrow column; `None` where it is too long for one.
#[must_use]
pub fn brief(row: &AccountRow<'_>) -> Option<String> {
    if let Some(failure) = row.failure() {
        let failure = plain(failure);
        return (width(&failure) <= SHORT).then(|| failure.into_owned());
    }
    let all = counted(row.principals.all(), "principal");
    let (drifted, undetermined) = (row.principals.drifted, row.principals.undetermined);
    let parts = [(drifted, "drifted"), (undetermined, "undetermined")];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    let untagged = row.found.map_or(0, AccountSummary::count_unbound);
    let untagged = match untagged {
        0 => String::new(),
        number => format!("{number} untagged"),
    };
    Some(match (row.standing, parts.is_empty()) {
        (AccountStanding::NobodyBound, _) => untagged,
        (
            AccountStanding::Compliant
            | AccountStanding::CompliantNotChecked
            | AccountStanding::Undetermined
            | AccountStanding::NotAudited
            | AccountStanding::Drifted,
            is_well,
        ) => match (is_well, untagged.is_empty()) {
            (true, true) => all,
            (true, false) => format!("{all}, {untagged}"),
            (false, _) => format!("{all}: {}", parts.join(", ")),
        },
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
