//! E-mails about an audit, sent through SNS.
//!
//! In: a message with its events. Out: a subject and a body in plain text: what breaks, why, who owns it, what to do, since when.
//! The text must make sense to a reader who does not know permdrift. What breaks comes first, because a phone shows only the
//! subject and one line. The text is not versioned; programs read the events on the bus.
//!
//! SNS's limits on the length and characters of a subject are not applied here.

pub(crate) mod body;
mod finding;
mod text;

use audit::mute::MuteNote;
use iam::AccountId;

use self::body::Body;
pub(crate) use self::finding::write_changed;
pub use self::text::Text;
use crate::header::Header;
use crate::words::cause::why;
use crate::words::changed::common;
use crate::words::layers::layers;
use crate::words::message::{Saying, capital, is_bad, mute, mutes_need, what, who};
use crate::words::plain::plain;

/// Findings that are written in full before others are only named.
const FINDINGS: usize = 20;
/// Findings that are only named before the rest is only counted.
const NAMED: usize = 100;

/// One message.
#[must_use]
pub fn message(saying: &Saying<'_>) -> Text {
    let Saying {
        message,
        events,
        account,
        ..
    } = saying;
    let mut body = Body::default();
    // A collection is about many things, and each says below what breaks.
    if is_bad(message.kind) && !saying.is_collection() {
        body.line(0, &saying.impacts().join(" "));
    }
    body.line(0, &saying.headline());
    body.line(
        0,
        &format!(
            "AWS account {}. Severity: {}.",
            saying
                .above
                .map_or_else(|| account.to_string(), |above| above.account.to_owned()),
            message.level
        ),
    );
    if let Some(report) = saying.above.and_then(|above| above.report) {
        body.verbatim(&format!("Report of all accounts: {report}"));
    }
    if let Some(cause) = &message.cause {
        body.section("Why");
        body.line(2, &format!("{}.", capital(&why(cause))));
        let lacks = saying.findings().flat_map(|finding| &*finding.lacks);
        let mut same = lacks.filter(|lack| lack.cause == *cause);
        if let Some(owner) = same.find_map(|lack| lack.owner.as_ref()) {
            body.line(2, &format!("Owner: {}", plain(owner)));
        }
    }
    if let Some(changed) = common(&saying.events) {
        body.section("Who changed it");
        write_changed(&mut body, 2, &changed);
    }
    for event in events.iter().take(FINDINGS) {
        finding::write(&mut body, event, saying);
    }
    if events.len() > FINDINGS {
        body.section(&format!("And {} more", events.len() - FINDINGS));
        for event in events.iter().skip(FINDINGS).take(NAMED) {
            let finding = &event.finding;
            body.line(2, &format!("{} ({})", who(finding), what(finding)));
        }
        let rest = events.len().saturating_sub(FINDINGS + NAMED);
        if rest > 0 {
            body.line(2,
                &format!(
                    "... and {rest} that this mail does not name: `permdrift audit` lists all that is open, and the bus has an event \
                     of each."
                ),
            );
        }
    }
    if let (Some(advice), true) = (saying.remedy(), is_bad(message.kind)) {
        body.section("What to do");
        body.line(2, &advice);
    }
    foot(&mut body, saying);
    let mut attributes = attributes(saying.kind(), *account);
    attributes.push(("code", message.code.as_str().to_owned()));
    attributes.push(("level", message.level.as_str().to_owned()));
    Text {
        subject: saying.subject(),
        body: body.into_text(),
        attributes,
        lists: Vec::new(),
    }
}

/// Mutes that people should look at; none if all are known or well.
#[must_use]
pub fn mutes(notes: &[MuteNote], account: AccountId) -> Option<Text> {
    let new: Vec<&MuteNote> = notes.iter().filter(|note| note.is_new).collect();
    if new.is_empty() {
        return None;
    }
    let mut body = Body::default();
    body.line(0, "Some mutes in permdrift's settings have ended or end soon, or match nothing; their owners should renew or remove them.");
    body.line(0, &format!("AWS account {account}."));
    body.blank();
    for note in &new {
        body.line(
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
        body: body.into_text(),
        attributes: attributes("mute", account),
        lists: Vec::new(),
    })
}

/// An audit that could not be done, where not even its finding could be told.
#[must_use]
pub fn failure(header: &Header<'_>, reason: &str) -> Text {
    let account = header.account;
    let mut body = Body::default();
    body.verbatim(
        "The permdrift audit failed. What it could not look at is not known to be healthy.",
    );
    body.line(
        0,
        &format!("AWS account {account}. Audit {}.", plain(header.audit)),
    );
    body.section("Why");
    body.line(2, &plain(reason));
    body.section("What to do");
    body.line(
        2,
        "Read the function's log for this audit; docs/operations.md tells what each failure means.",
    );
    Text {
        subject: format!("permdrift: audit FAILED, account {account}"),
        body: body.into_text(),
        attributes: attributes("audit-failed", account),
        lists: Vec::new(),
    }
}

fn attributes(kind: &str, account: AccountId) -> Vec<(&'static str, String)> {
    vec![("kind", kind.to_owned()), ("account", account.to_string())]
}

fn foot(body: &mut Body, saying: &Saying<'_>) {
    let message = saying.message;
    body.verbatim("\n--");
    if is_bad(message.kind) {
        body.line(
            0,
            "You do not have to close this: the first audit that finds it fixed says so and closes it.",
        );
    }
    if let Some(coverage) = saying.coverage {
        body.line(0, &layers(coverage));
    }
    let section = match (message.is_collection, saying.is_now_checked()) {
        (true, _) => "docs/alerts.md, section \"Notices\"".to_owned(),
        (false, true) => "docs/alerts.md, section \"After an upgrade\"".to_owned(),
        (false, false) => format!("docs/findings.md, section \"{}\"", message.code),
    };
    body.line(
        0,
        &format!("permdrift, {section}. Thread {}.", message.thread),
    );
    if let Some(command) = saying.fix() {
        body.verbatim(&format!(
            "To have what is missing written as a policy:\n  {command}"
        ));
    }
    if let Some((principal, action)) = saying.question() {
        body.verbatim(&format!(
            "To see the way to one of these decisions:\n  permdrift explain {} {action}",
            plain(principal),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::body::WIDTH;
    use super::*;
    use crate::machine::alert;
    use crate::machine::event::tests::{event, header};
    use audit::finding::{ChangeOrigin, Resolution};
    use audit::settings::Owners;
    use audit::{Assessment, Code, Event, EventKind, Level, Message};
    use iam::Cause;

    fn grouped(events: &[Event], cause: Option<Cause>) -> Message {
        Message {
            thread: events[0].finding.id,
            kind: events[0].kind,
            code: Code::MissingActions,
            level: match events[0].origin {
                ChangeOrigin::Account => Level::High,
                ChangeOrigin::Rules => Level::Notice,
            },
            cause,
            is_collection: false,
            is_over: false,
            origin: events[0].origin,
            events: (0..events.len()).collect(),
        }
    }

    /// An audit that was refused the keys.
    fn audited() -> Assessment {
        let Header { account, at, .. } = header();
        let mut audited = audit::judge::failed(account, "", at);
        audited.coverage.layers.keys.refused = 2;
        audited
    }

    fn mail(events: &[Event], cause: Option<Cause>) -> Text {
        let grouped = grouped(events, cause);
        let owners = Owners::default();
        message(&Saying::new(&grouped, events, &audited(), &owners))
    }

    #[test]
    fn one_finding_is_told_so_that_a_stranger_can_act() {
        let text = mail(&[event(EventKind::Opened, 2)], None);
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
    fn what_is_now_checked_is_told_as_what_may_be_old_and_calls_nobody() {
        let mut events = vec![event(EventKind::Opened, 2); 3];
        for event in &mut events {
            event.origin = ChangeOrigin::Rules;
        }
        let text = mail(&events, None);
        assert_eq!(
            text.subject,
            "Now checked: 3 findings on role VeeamRestore, which may be old (123456789012)"
        );
        let words: Vec<&str> = text.body.split_whitespace().collect();
        let words = words.join(" ");
        assert!(
            words.starts_with("Now checked: 3 findings on role VeeamRestore. This release"),
            "{words}"
        );
        assert!(
            words.contains("nothing in the account need have changed"),
            "{words}"
        );
        assert_eq!(words.matches("Severity: high.").count(), 3, "{words}");
        assert!(words.contains("section \"After an upgrade\""), "{words}");
        assert!(!words.contains("New: "), "{words}");
        let kind = ("kind", "now-checked".to_owned());
        assert!(text.attributes.contains(&kind), "{:?}", text.attributes);
        let owners = Owners::default();
        let audited = audited();
        for kind in [EventKind::Opened, EventKind::Reminded] {
            events.iter_mut().for_each(|event| event.kind = kind);
            for (origin, calls) in [(ChangeOrigin::Account, true), (ChangeOrigin::Rules, false)] {
                events.iter_mut().for_each(|event| event.origin = origin);
                let message = grouped(&events, None);
                let saying = Saying::new(&message, &events, &audited, &owners);
                assert_eq!(alert::of_message(&saying, &text).is_some(), calls);
            }
        }
    }

    #[test]
    fn one_cause_of_many_findings_is_told_once() {
        let events = vec![event(EventKind::Opened, 2); 30];
        let cause = events[0].finding.lacks[0].cause.clone();
        let text = mail(&events, Some(cause));
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
        let text = mail(&events, Some(cause));
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
        let text = mail(&[event(resolved, 2)], None);
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
        let text = mail(&[event(EventKind::Opened, 453)], None);
        assert!(text.body.contains("ec2:Action00039"), "{}", text.body);
        assert!(!text.body.contains("ec2:Action00040"));
        let words: Vec<&str> = text.body.split_whitespace().collect();
        assert!(words.join(" ").contains("and 413 more"), "{}", text.body);
    }

    #[test]
    fn each_message_says_what_was_looked_at_and_what_was_not() {
        let resolved = EventKind::Resolved(Resolution::Healthy);
        for kind in [EventKind::Opened, resolved] {
            let events = [event(kind, 2)];
            let text = mail(&events, None);
            let words: Vec<&str> = text.body.split_whitespace().collect();
            let words = words.join(" ");
            assert!(words.contains("Key policies: 2 refused;"), "{words}");
            let (grouped, audited) = (grouped(&events, None), audited());
            let owners = Owners::default();
            let saying = Saying::new(&grouped, &events, &audited, &owners);
            let chat = crate::chat::message(&saying).json();
            assert!(chat.contains("Key policies: 2 refused;"), "{chat}");
        }
    }

    #[test]
    fn no_line_is_wide_unless_a_name_is() {
        let text = mail(&[event(EventKind::Opened, 30)], None);
        for line in text.body.lines().filter(|line| !line.contains("arn:")) {
            assert!(line.len() <= WIDTH, "{line}");
        }
    }
}
