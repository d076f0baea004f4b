//! What each notification channel gets from one audit.
//!
//! In: the result of an audit. Out: e-mails, chat messages, and the entries for the bus: events, alerts, OCSF. The findings for
//! Security Hub are made by [`asff::current`](crate::machine::asff::current).

use audit::ports::News;
use audit::{Baseline, Code, Settings};

use crate::chat::{self, Notification};
use crate::header::Header;
use crate::machine::event::{self, Machine, Outcome};
use crate::machine::{alert, ocsf};
use crate::mail::{self, Text};
use crate::words::message::Saying;

/// What the channels get of one audit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// For the bus.
    pub machines: Vec<Machine>,
    /// For people, as mail.
    pub texts: Vec<Text>,
    /// For people, as chat.
    pub chats: Vec<Notification>,
}

/// What an audit found. `ocsf` is the region of the OCSF events; `None` if the bus gets none.
#[must_use]
pub fn found(
    header: &Header<'_>,
    news: &News<'_>,
    settings: &Settings,
    ocsf: Option<&str>,
) -> Words {
    let Header { account, at, .. } = *header;
    let mut words = Words::default();
    let mutes_at = audit::mute::At::of(news.assessment);
    let above = mutes_at.above.unwrap_or_default();
    for one in news.events {
        words.machines.push(event::finding(header, above, one));
        if let Some(region) = ocsf {
            let telling = ocsf::Telling {
                at,
                region,
                activity: ocsf::Activity::of(one.kind),
                mute: audit::mute::cover(&settings.mutes, &one.finding, mutes_at),
                owners: &settings.owners,
            };
            words.machines.push(event::ocsf(one, &telling));
        }
    }
    for message in news.messages {
        let saying = Saying::new(message, news.events, news.assessment, &settings.owners);
        let text = mail::message(&saying);
        if let Some(alert) = alert::of_message(&saying, &text) {
            words.machines.push(event::alert(header, &alert));
        }
        words.texts.push(text);
        words.chats.push(chat::message(&saying));
    }
    words.texts.extend(mail::mutes(news.mutes, account));
    words.chats.extend(chat::mutes(news.mutes, account));
    words
}

/// That an audit was completed, whatever it found.
#[must_use]
pub fn completed(header: &Header<'_>, outcome: &Outcome, baseline: &Baseline) -> Words {
    let is_failing = baseline
        .findings
        .values()
        .any(|tracked| tracked.finding.code == Code::AuditFailed && !tracked.closed);
    let over = (!is_failing).then(|| alert::of_success(header));
    Words {
        machines: vec![event::completed(header, outcome, over.as_ref())],
        ..Words::default()
    }
}

/// The same without an alert that is over: where others tell people.
#[must_use]
pub fn completed_without_alert(header: &Header<'_>, outcome: &Outcome) -> Words {
    Words {
        machines: vec![event::completed(header, outcome, None)],
        ..Words::default()
    }
}

/// That an audit was completed, but not everything was delivered. No alert about an earlier failure is resolved.
#[must_use]
pub fn completed_but(header: &Header<'_>, outcome: &Outcome, reason: &str) -> Words {
    let mut words = failed(header, reason);
    words.machines.push(event::completed(header, outcome, None));
    words
}

/// That an audit failed, on every channel.
#[must_use]
pub fn failed(header: &Header<'_>, reason: &str) -> Words {
    Words {
        chats: vec![chat::failure(header, reason)],
        texts: vec![mail::failure(header, reason)],
        ..failed_for_machines(header, reason)
    }
}

/// That an audit failed, on the bus only and without an alert: where others tell people.
#[must_use]
pub fn failed_without_alert(header: &Header<'_>, reason: &str) -> Words {
    Words {
        machines: vec![event::failed(header, reason, None)],
        ..Words::default()
    }
}

/// That an audit failed, on the bus only: for failures that people learn of through a finding.
#[must_use]
pub fn failed_for_machines(header: &Header<'_>, reason: &str) -> Words {
    let alert = alert::of_failure(header, &mail::failure(header, reason));
    Words {
        machines: vec![event::failed(header, reason, Some(&alert))],
        ..Words::default()
    }
}
