//! Alerts for on-call tools such as PagerDuty and Opsgenie, version 1.
//!
//! In: a message with its events. Out: the field `alert` of the events "Alert Triggered" and "Alert Resolved", described by
//! `docs/schemas/event-1.json`. Names and limits fit PagerDuty's Events API v2 and Opsgenie's Alert API (also used by Jira
//! Service Management), so that an EventBridge input transformer only has to copy the fields.
//!
//! The id of an alert is that of the message's thread. It is resolved under the same id once no finding of the thread is open.

use audit::finding::ChangeOrigin;
use audit::threads::{About, ThreadMessage};
use audit::{Code, EventKind, FindingId, Level, Message};
use iam::AccountId;
use serde::Serialize;

use crate::header::Header;
use crate::mail::Text;
use crate::words::cut::Within;
use crate::words::message::Saying;

/// Opsgenie's `message`.
pub const TITLE: usize = 130;
/// PagerDuty's `payload.summary`.
pub const SUMMARY: usize = 1_024;
/// Opsgenie's `description`.
pub const DESCRIPTION: usize = 15_000;
/// PagerDuty's `payload.source`; nobody says how long it may be.
pub const SOURCE: usize = 255;
/// Findings and principals that are listed.
const LISTED: usize = 50;

/// Accounts and OUs that are listed: a rule on the bus can only select by what is.
const ACCOUNTS: usize = 2_000;

/// What happens to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Somebody is to be called.
    Trigger,
    /// It is over.
    Resolve,
}

/// What an on-call tool needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    id: String,
    action: Action,
    account: String,
    code: &'static str,
    level: &'static str,
    severity: &'static str,
    priority: &'static str,
    title: Within<TITLE>,
    summary: Within<SUMMARY>,
    description: Within<DESCRIPTION>,
    source: Within<SOURCE>,
    findings: Vec<String>,
    principals: Vec<String>,
    count: usize,
    /// Of an organisation's message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organizational_units: Vec<String>,
}

/// What an alert about a thread of an organisation is made of.
#[derive(Clone, Debug)]
pub struct Alerting<'a> {
    /// The message.
    pub message: &'a ThreadMessage,
    /// The account that it is about, or that of the hub.
    pub account: AccountId,
    /// All that it is about.
    pub accounts: Vec<AccountId>,
    /// The ids of roots and OUs above them.
    pub above: Vec<String>,
    /// The findings, as far as they are known.
    pub findings: Vec<FindingId>,
    /// The principals.
    pub principals: Vec<String>,
    /// How many findings there are.
    pub count: usize,
    /// What it is about, in words.
    pub source: String,
}

/// What a message means to an on-call tool; nothing where a part of it is over and the rest was told before, and where it comes
/// from the rules.
#[must_use]
pub fn of_message(saying: &Saying<'_>, text: &Text) -> Option<Alert> {
    let message: &Message = saying.message;
    // It may have been there all along: nobody is called for that, nor when it is over.
    if message.origin == ChangeOrigin::Rules {
        return None;
    }
    let action = match message.kind {
        EventKind::Resolved(_) if message.is_over => Action::Resolve,
        EventKind::Resolved(_) => return None,
        EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded => {
            Action::Trigger
        }
    };
    let mut principals: Vec<String> = saying
        .findings()
        .filter_map(|finding| finding.principal.as_ref())
        .map(ToString::to_string)
        .collect();
    principals.dedup();
    let source = match principals.as_slice() {
        [one] => one.clone(),
        _ => format!("AWS account {}", saying.account),
    };
    principals.truncate(LISTED);
    let ids = saying.findings().map(|finding| finding.id.to_string());
    Some(Alert {
        findings: ids.take(LISTED).collect(),
        principals,
        count: saying.events.len(),
        source: Within::new(&source),
        ..Alert::new(
            message.thread,
            action,
            saying.account,
            message.code,
            message.level,
            text,
        )
    })
}

/// What a message of an organisation means to an on-call tool; nothing where it comes from the rules.
#[must_use]
pub fn of_thread(alerting: &Alerting<'_>, text: &Text) -> Option<Alert> {
    let message = alerting.message;
    let thread = &message.thread;
    if thread.about == About::NowChecked {
        return None;
    }
    let action = match message.kind {
        EventKind::Resolved(_) => Action::Resolve,
        EventKind::Opened | EventKind::Worsened | EventKind::Eased | EventKind::Reminded => {
            Action::Trigger
        }
    };
    let findings = alerting.findings.iter().map(ToString::to_string);
    let mut findings: Vec<String> = findings.take(LISTED).collect();
    if findings.is_empty() {
        findings.push(thread.id().to_string());
    }
    let accounts = alerting.accounts.iter().map(ToString::to_string);
    let principals = alerting.principals.iter().take(LISTED);
    Some(Alert {
        findings,
        principals: principals.cloned().collect(),
        count: alerting.count.max(1),
        source: Within::new(&alerting.source),
        accounts: accounts.take(ACCOUNTS).collect(),
        organizational_units: alerting.above.iter().take(ACCOUNTS).cloned().collect(),
        ..Alert::new(
            thread.id(),
            action,
            alerting.account,
            thread.code(),
            message.level,
            text,
        )
    })
}

/// An audit that failed.
#[must_use]
pub fn of_failure(header: &Header<'_>, text: &Text) -> Alert {
    let id = audit_failed(header.account);
    Alert::new(
        id,
        Action::Trigger,
        header.account,
        Code::AuditFailed,
        Level::High,
        text,
    )
}

/// An audit that worked: whatever failure was told before is over.
#[must_use]
pub fn of_success(header: &Header<'_>) -> Alert {
    let account = header.account;
    let text = Text {
        subject: format!("permdrift: audits work again, account {account}"),
        body: "An audit was completed.".to_owned(),
        attributes: Vec::new(),
        lists: Vec::new(),
    };
    let id = audit_failed(account);
    Alert::new(
        id,
        Action::Resolve,
        account,
        Code::AuditFailed,
        Level::High,
        &text,
    )
}

fn audit_failed(account: AccountId) -> FindingId {
    FindingId::new(account, None, Code::AuditFailed, "")
}

impl Alert {
    /// Whether somebody is to be called, or it is over.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// The ARNs that it lists.
    #[must_use]
    pub fn principals(&self) -> &[String] {
        &self.principals
    }

    fn new(
        id: FindingId,
        action: Action,
        account: AccountId,
        code: Code,
        level: Level,
        text: &Text,
    ) -> Self {
        Self {
            id: id.to_string(),
            action,
            account: account.to_string(),
            code: code.as_str(),
            level: level.as_str(),
            severity: severity(level),
            priority: priority(level),
            title: Within::new(&text.subject),
            summary: Within::new(&text.subject),
            description: Within::new(&text.body),
            source: Within::new(&format!("AWS account {account}")),
            findings: vec![id.to_string()],
            principals: Vec::new(),
            count: 1,
            accounts: Vec::new(),
            organizational_units: Vec::new(),
        }
    }
}

/// In PagerDuty's words.
fn severity(level: Level) -> &'static str {
    match level {
        Level::Critical => "critical",
        Level::High => "error",
        Level::Medium | Level::Low => "warning",
        Level::Notice => "info",
    }
}

/// In Opsgenie's words.
fn priority(level: Level) -> &'static str {
    match level {
        Level::Critical => "P1",
        Level::High => "P2",
        Level::Medium => "P3",
        Level::Low => "P4",
        Level::Notice => "P5",
    }
}
