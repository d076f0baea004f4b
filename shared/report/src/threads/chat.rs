//! Chat messages about threads: one thread of the chat for each of ours.

use std::collections::BTreeMap;

use audit::EventKind;

use super::callers::Callers;
use super::saying::ThreadSaying;
use crate::chat::code_span::{code, quiet};
use crate::chat::{Content, LINE, Notification, RESOURCES, notification, sign, steps};
use crate::words::changed::in_line;
use crate::words::cut::Within;
use crate::words::message::{day, is_bad};

/// Actions that are named.
const ACTIONS: usize = 8;
/// Principals that are named of one account.
const PRINCIPALS: usize = 3;

/// One message.
pub(super) fn message(saying: &ThreadSaying<'_>) -> Notification {
    let message = saying.message;
    let thread = &message.thread;
    let mut context = BTreeMap::from([
        ("code", thread.code().to_string()),
        ("level", message.level.to_string()),
        ("accounts", saying.accounts().count().to_string()),
    ]);
    if let Some(account) = thread.about.account() {
        context.insert("account", account.to_string());
    }
    let arns = saying.pieces().filter_map(|piece| piece.principal.as_ref());
    let mut arns: Vec<String> = arns.map(ToString::to_string).collect();
    arns.dedup();
    arns.truncate(RESOURCES);
    notification(
        Content {
            text_type: "client-markdown",
            title: Within::of_spans(&format!(
                "{} {}",
                sign(message.kind, message.level),
                quiet(&saying.subject())
            )),
            description: Within::of_parts(&head(saying), &lines(saying), "\n", &tail(saying)),
            next_steps: steps(saying.remedy().iter().map(|step| quiet(step)).collect()),
            keywords: vec![
                "permdrift".to_owned(),
                message.level.to_string(),
                thread.code().to_string(),
            ],
        },
        thread.id().to_string(),
        saying.kind(),
        arns,
        context,
    )
}

fn head(saying: &ThreadSaying<'_>) -> String {
    let message = saying.message;
    let is_bad = is_bad(message.kind);
    let mut head = vec![quiet(&saying.headline())];
    let impacts: Vec<String> = saying
        .impacts()
        .iter()
        .take(4)
        .map(|one| quiet(one))
        .collect();
    if !impacts.is_empty() {
        let breaks = if is_bad {
            "What breaks"
        } else {
            "What was at stake"
        };
        head.push(format!("*{breaks}*: {}", impacts.join(" ")));
    }
    if let Some(why) = saying.why() {
        head.push(format!("*Why*: {}", quiet(&why)));
    }
    head.extend(callers(&Callers::of([message])));
    let actions = saying.actions();
    if !actions.is_empty() {
        let mut names: Vec<String> = actions
            .iter()
            .take(ACTIONS)
            .map(|name| code(name))
            .collect();
        let rest = actions.len().saturating_sub(ACTIONS);
        if rest > 0 {
            names.push(format!("and {rest} more"));
        }
        head.push(format!("*Denied*: {}", names.join(", ")));
    }
    if let (Some(owner), true) = (saying.owner(), is_bad) {
        head.push(format!("*Owner*: {}", code(&owner)));
    }
    if message.kind != EventKind::Opened {
        head.push(format!("*Told since*: {}", day(message.thread.opened)));
    }
    let head: Vec<Within<LINE>> = head.iter().map(|line| Within::of_spans(line)).collect();
    let head: Vec<&str> = head.iter().map(Within::as_str).collect();
    head.join("\n")
}

/// Who changed it, as far as that is known.
pub(super) fn callers(callers: &Callers) -> Vec<String> {
    let known = callers.known.iter().map(|(place, changed)| {
        let place = place.as_ref().map(|place| format!("{place}: "));
        let said = format!("{}{}", place.unwrap_or_default(), in_line(changed));
        format!("*{}*: {}", changed.head, quiet(&said))
    });
    let rest = callers.rest.iter().map(|rest| quiet(rest));
    known.chain(rest).collect()
}

fn lines(saying: &ThreadSaying<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (heading, group) in saying.groups() {
        lines.push(format!("*{heading}*"));
        for one in group {
            let pieces = one.pieces.iter().take(PRINCIPALS);
            let mut theirs: Vec<String> = pieces.map(|piece| code(&saying.piece(piece))).collect();
            let rest = one.pieces.len().saturating_sub(PRINCIPALS);
            if rest > 0 {
                theirs.push(format!("and {rest} more"));
            }
            if theirs.is_empty() {
                theirs.push(saying.share(one));
            }
            let account = code(&saying.account(one.account));
            lines.push(format!("- {account}: {}", theirs.join("; ")));
        }
    }
    lines
}

fn tail(saying: &ThreadSaying<'_>) -> String {
    let mut tail = String::new();
    if let Some(report) = saying.around.report {
        tail.push_str(&format!("\n*Report of all accounts*: {report}"));
    }
    if is_bad(saying.message.kind) {
        tail.push_str(
            "\nYou do not have to close this: once audits find all of it fixed, a message closes it.",
        );
    }
    tail
}
