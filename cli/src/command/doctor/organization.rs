//! `permdrift doctor --organization`: which accounts of the organisation cannot be audited from a hub, and what is missing there?

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use audit::roster::Skipped;
use aws::calls::CALLS;
use aws::{Check, EnterError, Examined, Failure, ListedAccount, Role};
use iam::AccountId;
use report::Pen;
use report::words::plain::plain;
use tokio::time::Instant;

use super::missing::{is_missing, is_unknown};
use crate::arguments::DoctorArguments;
use crate::exit::Exit;
use crate::live::Live;
use crate::output;

/// Since the beginning, until the accounts are listed: a thousand are fifty calls, of which AWS takes eight a second.
const TO_LIST: Duration = Duration::from_secs(60);
/// Since the beginning. What is not examined by then is not known.
const IN_ALL: Duration = Duration::from_secs(300);
/// Accounts that are examined at the same time.
const AT_ONCE: usize = 16;

/// What is said of an account.
enum Said<'a> {
    /// The hub's own: its functions need no role there.
    Own,
    /// It is not audited.
    Skipped(Skipped),
    /// It was examined.
    Examined(&'a Examined),
}

/// How many accounts there are of each kind.
#[derive(Clone, Copy, Default)]
struct Totals {
    accounts: usize,
    well: usize,
    lacking: usize,
    unknown: usize,
    skipped: usize,
}

/// Examines every account, and tells of those that lack something.
///
/// # Errors
/// Where the accounts cannot be listed, or nothing can be told.
pub(super) fn run(asked: &DoctorArguments, live: &Live, begun: Instant) -> anyhow::Result<Exit> {
    let accounts = live.listed_accounts(begun + TO_LIST)?;
    let partition = &live.caller.partition;
    let name = &asked.member_role;
    let roles = accounts
        .iter()
        .filter(|one| one.account != live.account() && Skipped::of_state(&one.state).is_none());
    let roles = roles.map(|one| {
        let role = Role {
            arn: format!("arn:{partition}:iam::{}:role/{name}", one.account),
            external_id: asked.member_external_id.clone(),
        };
        (one.account, role)
    });
    let roles: Vec<(AccountId, Role)> = roles.collect();
    let examined = live.examine_accounts(roles, AT_ONCE, begun + IN_ALL);
    let mut totals = Totals::default();
    output::people(|pen| {
        for one in &accounts {
            write(pen, one, &said(live, one, &examined), &mut totals)?;
        }
        end(pen, totals)
    })?;
    Ok(match totals {
        Totals { lacking: 1.., .. } => Exit::Drift,
        Totals { unknown: 1.., .. } => Exit::Failed,
        Totals { .. } => Exit::Fine,
    })
}

fn said<'a>(
    live: &Live,
    listed: &ListedAccount,
    examined: &'a BTreeMap<AccountId, Examined>,
) -> Said<'a> {
    match (
        Skipped::of_state(&listed.state),
        examined.get(&listed.account),
    ) {
        (Some(skipped), _) => Said::Skipped(skipped),
        (None, Some(examined)) => Said::Examined(examined),
        (None, None) if listed.account == live.account() => Said::Own,
        (None, None) => Said::Examined(&Examined::NotReached),
    }
}

fn write(
    pen: &mut Pen<'_>,
    listed: &ListedAccount,
    said: &Said<'_>,
    totals: &mut Totals,
) -> io::Result<()> {
    totals.accounts += 1;
    let (bad, unknown) = (pen.palette.bad, pen.palette.unknown);
    let line = |pen: &mut Pen<'_>, word, style, text: &str, why: Option<String>| {
        let name = plain(&listed.name);
        let account = listed.account;
        writeln!(
            pen.out(),
            "{style}{word}{style:#}  {account} {name}: {text}"
        )?;
        match why {
            Some(why) => pen.text(9, pen.palette.faint, &plain(&why)),
            None => Ok(()),
        }
    };
    match said {
        Said::Own => {
            totals.skipped += 1;
            let faint = pen.palette.faint;
            let text = "the hub's own account, which its functions audit with their own roles; not examined";
            line(pen, "not here", faint, text, None)
        }
        Said::Skipped(skipped) => {
            totals.skipped += 1;
            let text = format!("not audited, because it is {}", skipped.word());
            line(pen, "not here", pen.palette.faint, &text, None)
        }
        Said::Examined(Examined::NotReached) => {
            totals.unknown += 1;
            line(
                pen,
                "unknown",
                unknown,
                "the time was up before it was examined",
                None,
            )
        }
        Said::Examined(Examined::Refused(error)) => {
            let why = Some(aws::chain(error));
            match error {
                EnterError::Call {
                    failure: Failure::Denied { .. },
                    ..
                } => {
                    totals.lacking += 1;
                    let text = "the audit role is not there, or does not let these credentials in";
                    line(pen, "missing", bad, text, why)
                }
                EnterError::Call { .. } | EnterError::OtherAccount { .. } => {
                    totals.unknown += 1;
                    line(
                        pen,
                        "unknown",
                        unknown,
                        "the audit role could not be tried",
                        why,
                    )
                }
            }
        }
        Said::Examined(Examined::Entered(checks)) => {
            let missing = checks.iter().filter(|check| is_missing(check));
            let open = checks.iter().filter(|check| is_unknown(check));
            let (missing, open): (Vec<&Check>, Vec<&Check>) = (missing.collect(), open.collect());
            match (missing.as_slice(), open.as_slice()) {
                ([], []) => totals.well += 1,
                ([], _) => totals.unknown += 1,
                (_, _) => totals.lacking += 1,
            }
            for (word, style, checks) in [("missing", bad, missing), ("unknown", unknown, open)] {
                for check in checks {
                    let why = CALLS.iter().find(|call| call.action == check.action);
                    let text = format!("{}: {}", check.action, why.map_or("", |call| call.why));
                    let failure = check.permitted.as_ref().err();
                    line(
                        pen,
                        word,
                        style,
                        &text,
                        failure.map(|error| aws::chain(error)),
                    )?;
                }
            }
            Ok(())
        }
    }
}

fn end(pen: &mut Pen<'_>, totals: Totals) -> io::Result<()> {
    let Totals {
        accounts,
        well,
        lacking,
        unknown,
        skipped,
    } = totals;
    pen.blank()?;
    let style = match (lacking, unknown) {
        (0, 0) => pen.palette.good,
        (0, _) => pen.palette.unknown,
        (_, _) => pen.palette.bad,
    };
    let text = format!(
        "{accounts} accounts: {well} lack nothing, {lacking} lack something, of {unknown} it is not known, {skipped} were not examined."
    );
    pen.text(0, style, &text)?;
    if lacking > 0 {
        pen.hanging(
            2,
            "Do:",
            pen.palette.doing,
            "Deploy infra/member.yaml in these accounts: the hub's StackSet does it in its OUs, and its operations say why it did not; in the \
             management account it is a stack of its own.",
        )?;
    }
    Ok(())
}
