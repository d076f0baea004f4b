//! Text for people, over SNS: what stands in the e-mail that wakes somebody?
//!
//! In: a message with its events. Out: a subject and a body in plain text: what breaks, why, whose it is, what to do, since
//! when. A person who knows nothing of permdrift must be able to act on it. What breaks stands first, because a phone shows
//! the subject and one line. It may change at any time; machines read the bus.
//!
//! How long a subject may be and which letters it may hold is the channel's business.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use audit::finding::Lack;
use audit::mute::MuteNote;
use audit::{Event, EventKind};
use iam::{AccountId, ActionName};

use crate::machine::event::Header;
use crate::words;
use crate::words::cause::{list, remedy, why};
use crate::words::message::{
    Saying, age, capital, counted, day, is_bad, mute, mutes_need, what, who,
};
use crate::words::plain::plain;

/// Actions that are named before the rest is only counted.
const ACTIONS: usize = 40;
/// Findings that are told in full before others are only named.
const FINDINGS: usize = 20;
/// Findings that are only named before the rest is only counted.
const NAMED: usize = 100;
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

/// One message.
#[must_use]
pub fn message(saying: &Saying<'_>) -> Text {
    let Saying {
        message,
        events,
        account,
        ..
    } = saying;
    let mut body = String::new();
    if is_bad(message.kind) {
        line(&mut body, 0, &saying.impacts().join(" "));
    }
    line(&mut body, 0, &saying.headline());
    line(
        &mut body,
        0,
        &format!("AWS account {account}. Severity: {}.", message.level),
    );
    if let Some(cause) = &message.cause {
        section(&mut body, "Why");
        line(&mut body, 2, &format!("{}.", capital(&why(cause))));
        let lacks = saying.findings().flat_map(|finding| &*finding.lacks);
        let mut same = lacks.filter(|lack| lack.cause == *cause);
        if let Some(owner) = same.find_map(|lack| lack.owner.as_ref()) {
            line(&mut body, 2, &format!("Owner: {}", plain(owner)));
        }
    }
    for event in events.iter().take(FINDINGS) {
        one(&mut body, event, saying);
    }
    if events.len() > FINDINGS {
        section(&mut body, &format!("And {} more", events.len() - FINDINGS));
        for event in events.iter().skip(FINDINGS).take(NAMED) {
            let finding = &event.finding;
            line(
                &mut body,
                2,
                &format!("{} ({})", who(finding), what(finding)),
            );
        }
        let rest = events.len().saturating_sub(FINDINGS + NAMED);
        if rest > 0 {
            line(
                &mut body,
                2,
                &format!(
                    "... and {rest} that this mail does not name: `permdrift audit` lists all that is open, and the bus has an event \
                     of each."
                ),
            );
        }
    }
    if let (Some(advice), true) = (saying.remedy(), is_bad(message.kind)) {
        section(&mut body, "What to do");
        line(&mut body, 2, &advice);
    }
    foot(&mut body, saying);
    let mut attributes = attributes(message.kind.as_str(), *account);
    attributes.push(("code", message.code.as_str().to_owned()));
    attributes.push(("level", message.level.as_str().to_owned()));
    Text {
        subject: saying.subject(),
        body,
        attributes,
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
        line(
            &mut body,
            2,
            &format!(
                "- {} (owner {}) {}.",
                plain(&note.mute),
                plain(&note.owner),
                mute(note)
            ),
        );
    }
    Some(Text {
        subject: format!("permdrift: {}, account {account}", mutes_need(new.len())),
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

fn one(body: &mut String, event: &Event, saying: &Saying<'_>) {
    let message = saying.message;
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
    for one in &*finding.lacks {
        lack(body, one, saying);
    }
    // What has no cause of its own says here what to do; see `lack` for the others.
    if finding.lacks.is_empty() && is_bad(message.kind) {
        for owner in words::finding::owners(finding, saying.owners) {
            line(body, 2, &format!("Owner: {}", plain(owner)));
        }
        for step in words::finding::remedies(finding, saying.owners) {
            line(body, 2, &format!("What to do: {step}"));
        }
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
            age(finding.opened, saying.now),
            finding.id
        ),
    );
}

fn lack(body: &mut String, lack: &Lack, saying: &Saying<'_>) {
    let message = saying.message;
    let _ = writeln!(body);
    let cause = why(&lack.cause);
    let count = counted(lack.actions.len(), "action");
    if is_bad(message.kind) {
        line(body, 2, &format!("{count}: {cause}."));
    } else {
        line(body, 2, &format!("{count} affected: {cause}."));
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
    // What all have in common was said above.
    if message.cause.as_ref() != Some(&lack.cause) {
        if let Some(owner) = &lack.owner {
            line(body, 4, &format!("Owner: {}", plain(owner)));
        }
        line(
            body,
            4,
            &format!("What to do: {}", remedy(&lack.cause, None)),
        );
    }
}

fn foot(body: &mut String, saying: &Saying<'_>) {
    let message = saying.message;
    let _ = writeln!(body, "\n--");
    if is_bad(message.kind) {
        line(
            body,
            0,
            "Nobody has to close this: the audit that finds it well says so and closes it.",
        );
    }
    line(
        body,
        0,
        &format!(
            "permdrift, docs/findings.md, section \"{}\". Thread {}.",
            message.code, message.thread
        ),
    );
    if let Some(command) = saying.fix() {
        let _ = writeln!(
            body,
            "To have what is missing written as a policy:\n  {command}"
        );
    }
    if let Some((principal, action)) = saying.question() {
        let _ = writeln!(
            body,
            "To see the way to one of these decisions:\n  permdrift explain {} {action}",
            plain(principal),
        );
    }
}

fn few<'t>(names: impl Iterator<Item = &'t str> + Clone) -> String {
    crate::words::message::few(names, ACTIONS)
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
    use crate::machine::event::tests::{event, header};
    use audit::finding::Resolution;
    use audit::settings::Owners;
    use audit::{Code, Level, Message};
    use iam::Cause;

    fn told(events: &[Event], cause: Option<Cause>) -> Text {
        let told = Message {
            thread: events[0].finding.id,
            kind: events[0].kind,
            code: Code::MissingActions,
            level: Level::High,
            cause,
            is_over: false,
            events: (0..events.len()).collect(),
        };
        let owners = Owners::default();
        let Header { account, at, .. } = header();
        message(&Saying::new(&told, events, account, at, &owners))
    }

    #[test]
    fn one_finding_is_told_so_that_a_stranger_can_act() {
        let text = told(&[event(EventKind::Opened, 2)], None);
        assert_eq!(
            text.subject,
            "HIGH new: role VeeamRestore: 2 actions missing for Restore of EC2 instances (123456789012)"
        );
        let expected = "\
Restores of EC2 instances fail; backups are safe.
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
    fn of_thousands_the_first_are_named_and_the_rest_is_counted() {
        let events = vec![event(EventKind::Opened, 453); 5_000];
        let cause = events[0].finding.lacks[0].cause.clone();
        let text = told(&events, Some(cause));
        assert!(text.body.contains("\nAnd 4980 more\n"), "{}", text.body);
        let named = text.body.matches("\n  role VeeamRestore (453").count();
        assert_eq!(named, NAMED);
        let words: Vec<&str> = text.body.split_whitespace().collect();
        assert!(
            words.join(" ").contains(
                "... and 4880 that this mail does not name: `permdrift audit` lists all that is open"
            ),
            "{}",
            text.body
        );
        // What to do stands below, and is not to be cut off.
        assert!(text.body.contains("\nWhat to do\n"), "{}", text.body);
        assert!(text.body.len() < 100_000, "{} bytes", text.body.len());
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
