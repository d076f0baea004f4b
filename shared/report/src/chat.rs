//! Chat messages for Slack and Teams, through Amazon Q Developer in chat applications.
//!
//! In: a message with its events. Out: a custom notification, schema version 1.0; Amazon Q silently drops anything else on the
//! topic. Each of our threads is one thread in the chat. Text that is too long is cut, and lists end in "and N more". Names from
//! the account are put in code spans, so that they are shown as plain text.

pub mod code_span;
mod sign;

use std::collections::BTreeMap;

use audit::finding::Lack;
use audit::mute::MuteNote;
use audit::{Event, EventKind, FindingId};
use iam::AccountId;
use serde::Serialize;

use crate::chat::code_span::{code, quiet};
pub(crate) use crate::chat::sign::sign;
use crate::header::Header;
use crate::words;
use crate::words::cause::why;
use crate::words::changed::{changed, common, in_line};
use crate::words::cut::Within;
use crate::words::layers::layers;
use crate::words::masked::masked;
use crate::words::message::{Saying, age, capital, day, is_bad, mute, mutes_need};

/// The longest title.
pub const TITLE: usize = 200;
/// The longest description.
pub const DESCRIPTION: usize = 2_800;
/// The longest next step.
pub const STEP: usize = 300;
/// The most next steps; the last may be the number of those left out.
pub const STEPS: usize = 5;
/// The longest line above the list.
pub(crate) const LINE: usize = 500;
/// The most actions named for one finding.
const ACTIONS: usize = 8;
/// The most ARNs in the list.
pub(crate) const RESOURCES: usize = 20;

/// A custom notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notification {
    version: &'static str,
    source: &'static str,
    content: Content,
    metadata: Metadata,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    pub(crate) text_type: &'static str,
    pub(crate) title: Within<TITLE>,
    pub(crate) description: Within<DESCRIPTION>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) next_steps: Vec<Within<STEP>>,
    pub(crate) keywords: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    thread_id: String,
    summary: Within<TITLE>,
    event_type: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_resources: Vec<String>,
    additional_context: BTreeMap<&'static str, String>,
    enable_custom_actions: bool,
}

impl Notification {
    /// The JSON text to publish.
    #[must_use]
    pub fn json(&self) -> String {
        // Texts, lists and one flag: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// One message.
#[must_use]
pub fn message(saying: &Saying<'_>) -> Notification {
    let message = saying.message;
    let title = title(saying);
    let mut context = context(saying.account);
    context.insert("code", message.code.to_string());
    context.insert("level", message.level.to_string());
    let ids: Vec<String> = saying
        .findings()
        .take(RESOURCES)
        .map(|finding| finding.id.to_string())
        .collect();
    context.insert("findings", ids.join(" "));
    let mut arns: Vec<String> = saying
        .findings()
        .filter_map(|finding| finding.principal.as_ref())
        .map(ToString::to_string)
        .collect();
    arns.dedup();
    arns.truncate(RESOURCES);
    notification(
        Content {
            text_type: "client-markdown",
            title: Within::of_spans(&title),
            description: description(saying),
            next_steps: steps(next_steps(saying)),
            keywords: vec![
                "permdrift".to_owned(),
                message.level.to_string(),
                message.code.to_string(),
            ],
        },
        message.thread.to_string(),
        saying.kind(),
        arns,
        context,
    )
}

/// Mutes that need attention; `None` if none does.
#[must_use]
pub fn mutes(notes: &[MuteNote], account: AccountId) -> Option<Notification> {
    let new: Vec<&MuteNote> = notes.iter().filter(|note| note.is_new).collect();
    if new.is_empty() {
        return None;
    }
    let lines: Vec<String> = new
        .iter()
        .map(|note| {
            format!(
                "- {} (owner {}) {}",
                code(&note.mute),
                code(&note.owner),
                quiet(&mute(note))
            )
        })
        .collect();
    let head = "Some mutes in permdrift's settings have ended or end soon, or match nothing; their owners should renew or remove them.";
    Some(notification(
        Content {
            text_type: "client-markdown",
            title: Within::of_spans(&format!(
                "permdrift: {} (account {account})",
                mutes_need(new.len())
            )),
            description: Within::of_parts(head, &lines, "\n", ""),
            next_steps: Vec::new(),
            keywords: vec!["permdrift".to_owned(), "mute".to_owned()],
        },
        format!("{account}-mutes"),
        "mute",
        Vec::new(),
        context(account),
    ))
}

/// An audit that failed before its finding could be published.
#[must_use]
pub fn failure(header: &Header<'_>, reason: &str) -> Notification {
    let account = header.account;
    let thread = FindingId::new(account, None, audit::Code::AuditFailed, "");
    let description = format!(
        "What it could not look at is not known to be healthy.\n*Why*: {}\n*Audit*: {}",
        code(reason),
        code(header.audit)
    );
    let step =
        "Read the function's log for this audit; docs/operations.md tells what each failure means.";
    notification(
        Content {
            text_type: "client-markdown",
            title: Within::of_spans(&format!("permdrift: audit FAILED (account {account})")),
            description: Within::of_spans(&description),
            next_steps: steps(vec![step.to_owned()]),
            keywords: vec!["permdrift".to_owned(), "audit-failed".to_owned()],
        },
        thread.to_string(),
        "audit-failed",
        Vec::new(),
        context(account),
    )
}

pub(crate) fn notification(
    content: Content,
    thread_id: String,
    event_type: &str,
    related_resources: Vec<String>,
    additional_context: BTreeMap<&'static str, String>,
) -> Notification {
    Notification {
        version: "1.0",
        source: "custom",
        metadata: Metadata {
            thread_id,
            summary: content.title.clone(),
            event_type: event_type.to_owned(),
            related_resources,
            additional_context,
            enable_custom_actions: true,
        },
        content,
    }
}

fn context(account: AccountId) -> BTreeMap<&'static str, String> {
    BTreeMap::from([("account", account.to_string())])
}

/// The subject of the e-mail after a sign, with names from the account shown as plain text.
fn title(saying: &Saying<'_>) -> String {
    let sign = sign(saying.message.kind, saying.message.level);
    format!("{sign} {}", quiet(&saying.subject()))
}

fn description(saying: &Saying<'_>) -> Within<DESCRIPTION> {
    let message = saying.message;
    let mut head = Vec::new();
    let breaks = if is_bad(message.kind) {
        "What breaks"
    } else {
        "What was at stake"
    };
    let impacts: Vec<String> = saying
        .impacts()
        .iter()
        .take(4)
        .map(|text| quiet(text))
        .collect();
    if saying.is_collection() {
        head.push(quiet(&saying.headline()));
    }
    head.push(format!("*{breaks}*: {}", impacts.join(" ")));
    if let Some(cause) = &message.cause {
        head.push(format!("*Why*: {}", quiet(&capital(&why(cause)))));
    }
    if let Some(changed) = common(&saying.events) {
        let label = match changed.lines.is_empty() {
            true => "Who changed it",
            false => changed.head,
        };
        head.push(format!("*{label}*: {}", quiet(&in_line(&changed))));
    }
    let owners: Vec<String> = saying.owners().iter().map(|owner| code(owner)).collect();
    if !owners.is_empty() && is_bad(message.kind) {
        head.push(format!("*Owner*: {}", owners.join(", ")));
    }
    if let Some(opened) = saying.findings().map(|finding| finding.opened).min() {
        head.push(format!(
            "*Open since*: {}{}",
            day(opened),
            age(opened, saying.now)
        ));
    }
    let lines: Vec<String> = saying
        .events
        .iter()
        .flat_map(|event| lines(event, saying))
        .collect();
    let mut tail = String::new();
    if is_bad(message.kind) {
        tail.push_str(
            "\nYou do not have to close this: the first audit that finds it fixed closes it.",
        );
    }
    if let Some(report) = saying.above.and_then(|above| above.report) {
        tail.push_str(&format!("\n*Report of all accounts*: {report}"));
    }
    if let Some(coverage) = saying.coverage {
        tail.push('\n');
        tail.push_str(&layers(coverage));
    }
    // A line that is cut by itself keeps its own label and leaves room for the others.
    let head: Vec<Within<LINE>> = head.iter().map(|line| Within::of_spans(line)).collect();
    let head: Vec<&str> = head.iter().map(Within::as_str).collect();
    Within::of_parts(&head.join("\n"), &lines, "\n", &tail)
}

/// One finding: its principal, what is missing, and the cause unless all findings share it.
fn lines(event: &Event, saying: &Saying<'_>) -> Vec<String> {
    let finding = &event.finding;
    let mut lines = Vec::new();
    let who = match &finding.principal {
        Some(arn) => format!("{} {}", arn.kind(), code(arn.name())),
        None => "the account".to_owned(),
    };
    let set = match &*finding.set {
        "" => quiet(&finding.title),
        set => code(set),
    };
    let times = match finding.openings {
        0 | 1 => String::new(),
        times => format!(", opened {times} times lately"),
    };
    lines.push(format!(
        "- {who}, {set} (finding {}{times})",
        code(&finding.id.to_string())
    ));
    if !event.items.is_empty() && matches!(event.kind, EventKind::Worsened | EventKind::Eased) {
        let word = if event.kind == EventKind::Worsened {
            "new"
        } else {
            "repaired"
        };
        lines.push(format!(
            "   {word}: {}",
            names(event.items.iter().map(words::finding::item))
        ));
    }
    let causes = crate::words::finding::causes(finding);
    if causes.is_empty() {
        lines.push(format!(
            "   {}",
            names(finding.items.iter().map(words::finding::item))
        ));
    }
    lines.extend(causes.iter().map(|one| lack(one, saying)));
    let explanation = event.explanation.as_ref();
    let explanation = explanation.filter(|_| common(&saying.events).is_none());
    if let Some(changed) = explanation.and_then(changed) {
        lines.push(format!(
            "   {}: {}",
            changed.head,
            quiet(&in_line(&changed))
        ));
    }
    lines
}

fn lack(lack: &Lack, saying: &Saying<'_>) -> String {
    let actions = names(lack.actions.iter().map(ToString::to_string));
    let everywhere = lack.resources.iter().all(|resource| &**resource == "*");
    let on = if everywhere {
        String::new()
    } else {
        format!(
            " on {}",
            names(lack.resources.iter().map(|one| masked(one).into_owned()))
        )
    };
    let within = if lack.regions.is_empty() {
        String::new()
    } else {
        format!(
            " in {}",
            names(lack.regions.iter().map(ToString::to_string))
        )
    };
    let cause = if saying.message.cause.as_ref() == Some(&lack.cause) {
        String::new()
    } else {
        format!(": {}", quiet(&why(&lack.cause)))
    };
    if actions.is_empty() {
        return format!("   {}", quiet(&capital(&why(&lack.cause))));
    }
    format!("   {actions}{on}{within}{cause}")
}

/// The first few, each in a code span.
fn names(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(ACTIONS);
    let mut shown: Vec<String> = names.take(ACTIONS).map(|name| code(&name)).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

fn next_steps(saying: &Saying<'_>) -> Vec<String> {
    let mut steps: Vec<String> = saying.remedies().iter().map(|step| quiet(step)).collect();
    if let Some(command) = saying.fix() {
        steps.push(format!("Have the policy written: {}", code(&command)));
    }
    if let Some((principal, action)) = saying.question() {
        steps.push(format!(
            "See how it is decided: {}",
            code(&format!("permdrift explain {principal} {action}"))
        ));
    }
    steps
}

pub(crate) fn steps(mut steps: Vec<String>) -> Vec<Within<STEP>> {
    if steps.len() > STEPS {
        let more = steps.len() - (STEPS - 1);
        steps.truncate(STEPS - 1);
        steps.push(format!("and {more} more"));
    }
    steps.iter().map(|step| Within::of_spans(step)).collect()
}
