//! Text for people, over SNS: what stands in the e-mail that wakes somebody?
//!
//! In: a message with its events. Out: a subject and a body in plain text: what breaks, why, whose it is, what to do, since
//! when. A person who knows nothing of permdrift must be able to act on it. It may change at any time; machines read the
//! bus.
//!
//! How long a subject may be and which letters it may hold is the channel's business.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use audit::finding::{Lack, Resolution};
use audit::mute::{MuteNote, MuteNoteKind};
use audit::{Code, Event, EventKind, Finding, Message};
use iam::{AccountId, ActionName};
use jiff::Timestamp;

use crate::cause::{list, remedy, why};
use crate::event::Header;
use crate::plain::plain;

/// Actions that are named before the rest is only counted.
const ACTIONS: usize = 40;
/// Findings that are told in full before the rest is only named.
const FINDINGS: usize = 20;
/// The width of a line, unless a name is longer.
const WIDTH: usize = 78;

/// A message for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// One line, the most telling words first.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// What a subscription can filter by: name and value.
    pub attributes: Vec<(&'static str, String)>,
}

/// One message. `now` is when the audit began.
#[must_use]
pub fn message(message: &Message, events: &[Event], now: Timestamp) -> Text {
    let events: Vec<&Event> = message
        .events
        .iter()
        .filter_map(|&at| events.get(at))
        .collect();
    let account = events.first().map(|event| event.finding.account);
    let account_text = account.map_or_else(String::new, |account| account.to_string());
    let mut body = String::new();
    line(&mut body, 0, &headline(message, &events));
    line(
        &mut body,
        0,
        &format!("AWS account {account_text}. Severity: {}.", message.level),
    );
    if let Some(cause) = &message.cause {
        section(&mut body, "Why");
        line(&mut body, 2, &format!("{}.", capital(&why(cause))));
        let lacks = events.iter().flat_map(|event| &event.finding.lacks);
        if let Some(owner) = lacks.filter_map(|lack| lack.owner.as_ref()).next() {
            line(&mut body, 2, &format!("Owner: {}", plain(owner)));
        }
    }
    for event in events.iter().take(FINDINGS) {
        one(&mut body, event, message, now);
    }
    if events.len() > FINDINGS {
        section(&mut body, &format!("And {} more", events.len() - FINDINGS));
        for event in events.iter().skip(FINDINGS) {
            line(
                &mut body,
                2,
                &format!("{} ({})", who(&event.finding), what(&event.finding)),
            );
        }
    }
    if let (Some(cause), true) = (&message.cause, is_bad(message.kind)) {
        section(&mut body, "What to do");
        line(&mut body, 2, &remedy(cause, None));
    }
    foot(&mut body, message, &events);
    Text {
        subject: subject(message, &events, &account_text),
        body,
        attributes: vec![
            ("kind", message.kind.as_str().to_owned()),
            ("code", message.code.as_str().to_owned()),
            ("level", message.level.as_str().to_owned()),
            ("account", account_text),
        ],
    }
}

/// Mutes that people should look at; none if all are known or well.
#[must_use]
pub fn mutes(notes: &[MuteNote], account: AccountId) -> Option<Text> {
    let new: Vec<&MuteNote> = notes.iter().filter(|note| note.is_new).collect();
    if new.is_empty() {
        return None;
    }
    let mut body = format!(
        "Some mutes in permdrift's settings need their owners.\nAWS account {account}.\n\n"
    );
    for note in &new {
        let happens = match &note.kind {
            MuteNoteKind::EndsSoon(at) => format!("ends on {}", day(*at)),
            MuteNoteKind::Ended(at) => format!("ended on {} and mutes nothing any more", day(*at)),
            MuteNoteKind::NoDate(text) => {
                format!("has no usable date (`{}`) and counts as ended", plain(text))
            }
            MuteNoteKind::Unused => "matched nothing in this audit".to_owned(),
        };
        line(
            &mut body,
            2,
            &format!(
                "- {} (owner {}) {happens}.",
                plain(&note.mute),
                plain(&note.owner)
            ),
        );
    }
    Some(Text {
        subject: format!(
            "permdrift: {} need attention, account {account}",
            counted(new.len(), "mute")
        ),
        body,
        attributes: attributes("mute", account),
    })
}

/// An audit that could not be done, where not even its finding could be told.
#[must_use]
pub fn failure(header: &Header<'_>, reason: &str) -> Text {
    let account = header.account;
    let mut body = String::from(
        "The permdrift audit failed. What it could not look at is not known to be healthy.\n",
    );
    line(
        &mut body,
        0,
        &format!("AWS account {account}. Audit {}.", plain(header.audit)),
    );
    section(&mut body, "Why");
    line(&mut body, 2, &plain(reason));
    section(&mut body, "What to do");
    line(
        &mut body,
        2,
        "Read the function's log for this audit; docs/operations.md tells what each failure means.",
    );
    Text {
        subject: format!("permdrift: audit FAILED, account {account}"),
        body,
        attributes: attributes("audit-failed", account),
    }
}

fn attributes(kind: &str, account: AccountId) -> Vec<(&'static str, String)> {
    vec![("kind", kind.to_owned()), ("account", account.to_string())]
}

fn is_bad(kind: EventKind) -> bool {
    match kind {
        EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded => true,
        EventKind::Resolved(_) => false,
    }
}

/// `HIGH opened: EC2 restore, role VeeamBackup: 3 actions missing (account 123456789012)`.
fn subject(message: &Message, events: &[&Event], account: &str) -> String {
    let level = match message.kind {
        EventKind::Resolved(_) => "Resolved".to_owned(),
        EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded => {
            format!(
                "{} {}",
                message.level.as_str().to_uppercase(),
                step(message.kind)
            )
        }
    };
    let about = match events {
        [one] => format!("{}: {}", who(&one.finding), what(&one.finding)),
        [first, ..] => format!("{}: {}", whose(events), what(&first.finding)),
        [] => "nothing".to_owned(),
    };
    format!("{level}: {about} ({account})")
}

fn headline(message: &Message, events: &[&Event]) -> String {
    let about = match events {
        [one] => format!("{} of {}", what(&one.finding), who(&one.finding)),
        _ => format!("{} on {}", code(message.code), whose(events)),
    };
    match message.kind {
        EventKind::Opened => format!("New: {about}."),
        EventKind::Worsened => format!("Worse than before: {about}."),
        EventKind::Eased => format!("Better than before, not yet well: {about}."),
        EventKind::Reminded => format!("Still open: {about}."),
        EventKind::Resolved(Resolution::Healthy) => format!("Resolved, seen healthy: {about}."),
        EventKind::Resolved(Resolution::Left) => {
            format!("Closed, because nobody looks any more (deleted, or no longer bound): {about}.")
        }
    }
}

fn one(body: &mut String, event: &Event, message: &Message, now: Timestamp) {
    let finding = &event.finding;
    section(body, &capital(&who(finding)));
    if let Some(principal) = &finding.principal {
        line(body, 2, &plain(principal.as_str()));
    }
    if !finding.set.is_empty() {
        line(
            body,
            2,
            &format!(
                "Action set: {} ({})",
                plain(&finding.title),
                plain(&finding.set)
            ),
        );
    } else if !finding.title.is_empty() {
        line(body, 2, &format!("{}.", plain(&finding.title)));
    }
    let breaks = if is_bad(message.kind) {
        "What breaks"
    } else {
        "What was at stake"
    };
    if !finding.impact.is_empty() {
        line(body, 2, &format!("{breaks}: {}", plain(&finding.impact)));
    }
    let changed = match event.kind {
        EventKind::Worsened => Some("New"),
        EventKind::Eased => Some("Repaired"),
        EventKind::Opened | EventKind::Reminded | EventKind::Resolved(_) => None,
    };
    if let Some(word) = changed
        && !event.items.is_empty()
    {
        let names: BTreeSet<&str> = event.items.iter().map(|item| &*item.name).collect();
        line(body, 2, &format!("{word}: {}", few(names.iter().copied())));
    }
    if finding.lacks.is_empty() && !finding.items.is_empty() {
        let names: BTreeSet<&str> = finding.items.iter().map(|item| &*item.name).collect();
        // A failed audit is about its reason, which stands above already.
        if !names.iter().copied().eq([&*finding.title]) {
            line(
                body,
                2,
                &format!("It is about: {}", few(names.iter().copied())),
            );
        }
    }
    for one in &finding.lacks {
        lack(body, finding, one, message);
    }
    if finding.openings > 1 {
        line(
            body,
            2,
            &format!(
                "It comes and goes: opened {} times lately.",
                finding.openings
            ),
        );
    }
    line(
        body,
        2,
        &format!(
            "Open since {}{}. Finding {}.",
            day(finding.opened),
            age(finding.opened, now),
            finding.id
        ),
    );
}

fn lack(body: &mut String, finding: &Finding, lack: &Lack, message: &Message) {
    let _ = writeln!(body);
    let cause = why(&lack.cause);
    let count = counted(lack.actions.len(), "action");
    if is_bad(message.kind) {
        line(body, 2, &format!("{count}: {cause}."));
    } else {
        line(body, 2, &format!("{count} were affected: {cause}."));
    }
    line(body, 4, &few(lack.actions.iter().map(ActionName::as_str)));
    let everywhere = lack.resources.iter().all(|resource| &**resource == "*");
    if !everywhere {
        line(
            body,
            4,
            &format!("on {}", few(lack.resources.iter().map(AsRef::as_ref))),
        );
    }
    if !lack.regions.is_empty() {
        line(
            body,
            4,
            &format!("in {}", list(lack.regions.iter().map(AsRef::as_ref))),
        );
    }
    if !is_bad(message.kind) {
        return;
    }
    if let (Some(owner), None) = (&lack.owner, &message.cause) {
        line(body, 4, &format!("Owner: {}", plain(owner)));
    }
    if message.cause.is_none() {
        let set = (!finding.set.is_empty()).then_some(&*finding.set);
        line(
            body,
            4,
            &format!("What to do: {}", remedy(&lack.cause, set)),
        );
    }
}

fn foot(body: &mut String, message: &Message, events: &[&Event]) {
    let _ = writeln!(body, "\n--");
    line(
        body,
        0,
        &format!(
            "permdrift, docs/findings.md, section \"{}\". Thread {}.",
            message.code, message.thread
        ),
    );
    let asked = events.first().and_then(|event| {
        let finding = &event.finding;
        let action = finding.lacks.first()?.actions.first()?;
        Some((finding.principal.as_ref()?, action))
    });
    if let (Some((principal, action)), true) = (asked, is_bad(message.kind)) {
        let _ = writeln!(
            body,
            "To see the way to one of these decisions:\n  permdrift explain {} {}",
            plain(principal.as_str()),
            action
        );
    }
}

/// `role VeeamBackup`, `account`.
fn who(finding: &Finding) -> String {
    match &finding.principal {
        Some(arn) => format!("{} {}", arn.kind(), plain(arn.name())),
        None => "the account".to_owned(),
    }
}

fn whose(events: &[&Event]) -> String {
    let principals: BTreeSet<_> = events
        .iter()
        .map(|event| &event.finding.principal)
        .collect();
    match principals.len() {
        1 => events
            .first()
            .map_or_else(String::new, |event| who(&event.finding)),
        number => counted(number, "principal"),
    }
}

/// What is wrong, in a few words.
fn what(finding: &Finding) -> String {
    let actions: BTreeSet<&ActionName> = finding
        .lacks
        .iter()
        .flat_map(|lack| &lack.actions)
        .collect();
    match finding.code {
        Code::MissingActions if !actions.is_empty() => {
            format!(
                "{} missing for {}",
                counted(actions.len(), "action"),
                plain(&finding.title)
            )
        }
        _ => code(finding.code).to_owned(),
    }
}

fn code(code: Code) -> &'static str {
    match code {
        Code::MissingActions => "missing actions",
        Code::MissingTrust => "a trust policy that does not let in who must be let in",
        Code::MissingInstanceProfile => "a role in no instance profile",
        Code::AccessKey => "access keys that are not as they should be",
        Code::UnknownActionSet => "a tag or binding that cannot be followed",
        Code::AllowedOnlyOn => "actions allowed on narrower resources only",
        Code::ExcessAccess => "more access than is needed",
        Code::Coverage => "an audit that saw less than it should",
        Code::Undetermined => "requirements that could not be decided",
        Code::AuditFailed => "an audit that failed",
    }
}

fn step(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Opened => "new",
        EventKind::Worsened => "worse",
        EventKind::Eased => "better",
        EventKind::Reminded => "still open",
        EventKind::Resolved(_) => "resolved",
    }
}

fn counted(number: usize, word: &str) -> String {
    if number == 1 {
        format!("1 {word}")
    } else {
        format!("{number} {word}s")
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn few<'t>(names: impl Iterator<Item = &'t str> + Clone) -> String {
    let all = names.clone().count();
    let shown = list(names.take(ACTIONS));
    if all > ACTIONS {
        format!("{shown} and {} more", all - ACTIONS)
    } else {
        shown
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// ` (6 days)`; empty on the first day.
fn age(since: Timestamp, now: Timestamp) -> String {
    match now.duration_since(since).as_hours() / 24 {
        days if days < 1 => String::new(),
        1 => " (1 day)".to_owned(),
        days => format!(" ({days} days)"),
    }
}

fn section(body: &mut String, title: &str) {
    let _ = writeln!(body, "\n{}", capital(title));
}

/// A paragraph with an indent, broken between words.
fn line(body: &mut String, indent: usize, text: &str) {
    let indent = " ".repeat(indent);
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(&indent)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    for part in textwrap::wrap(text, options) {
        let _ = writeln!(body, "{}", part.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::{event, header};
    use audit::Level;
    use iam::Cause;

    fn told(events: &[Event], cause: Option<Cause>) -> Text {
        let told = Message {
            thread: events[0].finding.id,
            kind: events[0].kind,
            code: Code::MissingActions,
            level: Level::High,
            cause,
            events: (0..events.len()).collect(),
        };
        message(&told, events, header().at)
    }

    #[test]
    fn one_finding_is_told_so_that_a_stranger_can_act() {
        let text = told(&[event(EventKind::Opened, 2)], None);
        assert_eq!(
            text.subject,
            "HIGH new: role VeeamRestore: 2 actions missing for Restore of EC2 instances (123456789012)"
        );
        let expected = "\
New: 2 actions missing for Restore of EC2 instances of role VeeamRestore.
AWS account 123456789012. Severity: high.

Role VeeamRestore
  arn:aws:iam::123456789012:role/backup/VeeamRestore
  Action set: Restore of EC2 instances (ec2-restore)
  What breaks: Restores of EC2 instances fail; backups are safe.

  2 actions: not allowed by the SCPs.
    ec2:Action00000, ec2:Action00001
    in eu-west-1
    Owner: cloud-platform@example.com
    What to do: ";
        assert!(text.body.starts_with(expected), "{}", text.body);
        assert!(
            text.body
                .contains("\n  Open since 2026-11-16 (6 days). Finding "),
            "{}",
            text.body
        );
        assert!(text.body.contains(
            "permdrift explain arn:aws:iam::123456789012:role/backup/VeeamRestore ec2:Action00000\n"
        ));
        assert!(text.attributes.contains(&("kind", "opened".to_owned())));
    }

    #[test]
    fn one_cause_of_many_findings_is_told_once() {
        let events = vec![event(EventKind::Opened, 2); 30];
        let cause = events[0].finding.lacks[0].cause.clone();
        let text = told(&events, Some(cause));
        assert_eq!(
            text.body
                .matches("Owner: cloud-platform@example.com")
                .count(),
            1
        );
        assert_eq!(text.body.matches("What to do").count(), 1);
        assert!(text.body.contains("\nAnd 10 more\n"), "{}", text.body);
    }

    #[test]
    fn what_is_over_asks_nobody_to_do_anything() {
        let resolved = EventKind::Resolved(Resolution::Healthy);
        let text = told(&[event(resolved, 2)], None);
        assert!(
            text.subject.starts_with("Resolved: role VeeamRestore"),
            "{}",
            text.subject
        );
        assert!(!text.body.contains("What to do"), "{}", text.body);
        assert!(!text.body.contains("permdrift explain"), "{}", text.body);
    }

    #[test]
    fn many_actions_are_counted_after_the_first_few() {
        let text = told(&[event(EventKind::Opened, 453)], None);
        assert!(text.body.contains("ec2:Action00039"), "{}", text.body);
        assert!(!text.body.contains("ec2:Action00040"));
        let words: Vec<&str> = text.body.split_whitespace().collect();
        assert!(words.join(" ").contains("and 413 more"), "{}", text.body);
    }

    #[test]
    fn no_line_is_wide_unless_a_name_is() {
        let text = told(&[event(EventKind::Opened, 30)], None);
        for line in text.body.lines().filter(|line| !line.contains("arn:")) {
            assert!(line.len() <= WIDTH, "{line}");
        }
    }
}
