//! E-mails about threads: subject and body in plain text.
//!
//! With the most accounts and the longest names a body stays below 100 KB, so that SNS takes it whole.

use audit::threads::Affected;

use super::callers::Callers;
use super::saying::ThreadSaying;
use crate::mail::body::Body;
use crate::mail::{Text, write_changed};
use crate::words::message::{age, day, few, is_bad};

/// Accounts whose principals are listed.
const DETAILED: usize = 40;
/// Accounts that are listed by themselves.
const NAMED: usize = 200;
/// Principals that are listed of one account.
const PRINCIPALS: usize = 5;
/// Actions that are named.
const ACTIONS: usize = 40;

/// One message.
pub(super) fn message(saying: &ThreadSaying<'_>) -> Text {
    let message = saying.message;
    let thread = &message.thread;
    let is_bad = is_bad(message.kind);
    let mut body = Body::default();
    if is_bad {
        body.line(0, &saying.impacts().join(" "));
    }
    body.line(0, &saying.headline());
    body.line(
        0,
        &format!(
            "Organization: {}. Severity: {}. Told since {}{}.",
            saying.scale(),
            message.level,
            day(thread.opened),
            age(thread.opened, saying.around.header.at)
        ),
    );
    if let Some(report) = saying.around.report {
        body.verbatim(&format!("Report of all accounts: {report}"));
    }
    if let Some(why) = saying.why() {
        body.section("Why");
        body.line(2, &format!("{why}."));
        if let Some(owner) = saying.owner() {
            body.line(2, &format!("Owner: {owner}"));
        }
    }
    write_callers(&mut body, &Callers::of([message]));
    let actions = saying.actions();
    if !actions.is_empty() {
        body.section("What is denied");
        body.line(2, &few(actions.iter().copied(), ACTIONS));
    }
    if let (Some(advice), true) = (saying.remedy(), is_bad) {
        body.section("What to do");
        body.line(2, &advice);
    }
    accounts(&mut body, saying);
    body.verbatim("\n--");
    if is_bad {
        body.line(
            0,
            "You do not have to close this: once audits find all of it fixed, a message says so and closes it.",
        );
    }
    body.line(
        0,
        &format!("permdrift, {}. Thread {}.", saying.section(), thread.id()),
    );
    let mut attributes = vec![
        ("kind", saying.kind().to_owned()),
        ("code", thread.code().as_str().to_owned()),
        ("level", message.level.as_str().to_owned()),
    ];
    let mut lists = vec![(
        "ou",
        saying.above().into_iter().map(str::to_owned).collect(),
    )];
    let accounts = saying.message.accounts.iter();
    let accounts: Vec<String> = accounts.map(|one| one.account.to_string()).collect();
    match thread.about.account() {
        Some(account) => attributes.push(("account", account.to_string())),
        None => lists.push(("account", accounts)),
    }
    Text {
        subject: saying.subject(),
        body: body.into_text(),
        attributes,
        lists,
    }
}

/// Who changed it, as far as that is known.
pub(super) fn write_callers(body: &mut Body, callers: &Callers) {
    if callers.is_empty() {
        return;
    }
    body.section("Who changed it");
    for (place, changed) in &callers.known {
        match place {
            None => write_changed(body, 2, changed),
            Some(place) => {
                body.line(2, &format!("{place}:"));
                write_changed(body, 4, changed);
            }
        }
    }
    for rest in &callers.rest {
        body.line(2, &format!("{rest}."));
    }
}

/// The accounts: the first with their principals, others by themselves, and of the rest how many there are.
fn accounts(body: &mut Body, saying: &ThreadSaying<'_>) {
    let mut listed = 0;
    for (heading, group) in saying.groups() {
        body.section(&heading);
        let room = NAMED.saturating_sub(listed);
        for one in group.iter().take(room) {
            body.line(2, &saying.account(one.account));
            if listed < DETAILED {
                pieces(body, one, saying);
            }
            listed += 1;
        }
        let rest = group.len().saturating_sub(room);
        if rest > 0 {
            let more = format!("... and {rest} more, which the report of all accounts lists.");
            body.line(2, &more);
        }
    }
}

fn pieces(body: &mut Body, one: &Affected, saying: &ThreadSaying<'_>) {
    if one.pieces.is_empty() {
        body.line(4, &saying.share(one));
    }
    for piece in one.pieces.iter().take(PRINCIPALS) {
        body.line(4, &saying.piece(piece));
    }
    let rest = one.pieces.len().saturating_sub(PRINCIPALS);
    if rest > 0 {
        body.line(4, &format!("... and {rest} more"));
    }
}
