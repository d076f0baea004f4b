//! Telling: how do findings reach every channel?
//!
//! The topics are for people: messages, grouped by cause, as mail and as chat. The bus is for machines: every event, and alerts
//! for on-call tools. Security Hub gets every finding as it stands. Each is tried whatever the others do, so that one broken
//! channel does not silence the rest; that one broke is still an error and is told on the rest, because nothing may be
//! committed that was not told. Security Hub alone does not hold up the commit: it gets everything again with the next audit.

use std::sync::Mutex;

use audit::ports::{News, PublishError, Publisher};
use audit::{Baseline, Settings};
use aws::{Bus, Entry, Note, SecurityHub, Topic};
use jiff::Timestamp;
use report::asff;
use report::event::{Header, Machine, Outcome};
use report::news_words::{self, Words};
use report::sns_text::Text;
use tracing::{error, info};

/// The channels of a stack.
pub(crate) struct Channels {
    /// For people, as mail.
    pub(crate) topic: Option<Topic>,
    /// For people, as chat.
    pub(crate) chat: Option<Topic>,
    /// For machines.
    pub(crate) bus: Option<Bus>,
    /// Whether the bus carries OCSF's form too.
    pub(crate) ocsf: bool,
    /// For security teams.
    pub(crate) security_hub: Option<SecurityHub>,
    /// The region that findings are filed under.
    pub(crate) region: String,
}

/// The channels, for one audit.
pub(crate) struct Telling<'a> {
    pub(crate) channels: &'a Channels,
    /// The audit's id.
    pub(crate) audit: &'a str,
    /// Whether the audited account is the function's own.
    pub(crate) is_own: bool,
    pub(crate) settings: &'a Settings,
    /// What Security Hub did not take.
    pub(crate) refused: Mutex<Option<String>>,
}

impl Publisher for Telling<'_> {
    async fn publish(&self, news: &News<'_>) -> Result<(), PublishError> {
        let header = Header {
            audit: self.audit,
            account: news.assessment.account,
            at: news.assessment.at,
        };
        let ocsf = self.channels.ocsf.then_some(&*self.channels.region);
        let words = news_words::found(&header, news, self.settings, ocsf);
        let told = self.tell(words).await;
        self.file(news).await;
        if told.is_ok() {
            info!(
                events = news.events.len(),
                messages = news.messages.len(),
                "told"
            );
        }
        told
    }
}

impl Telling<'_> {
    /// What Security Hub did not take, if so.
    pub(crate) fn refused(&self) -> Option<String> {
        let refused = self.refused.lock();
        refused.ok().and_then(|refused| refused.clone())
    }

    /// An audit is at its end.
    pub(crate) async fn tell_completed(
        &self,
        header: &Header<'_>,
        outcome: &Outcome,
        baseline: &Baseline,
    ) -> Result<(), PublishError> {
        self.tell(news_words::completed(header, outcome, baseline))
            .await
    }

    /// That an audit failed, on every channel, as far as they work.
    pub(crate) async fn tell_failure(
        &self,
        account: iam::AccountId,
        at: Timestamp,
        reason: &str,
        people_know: bool,
    ) {
        let header = Header {
            audit: self.audit,
            account,
            at,
        };
        // What went wrong is in the log already; there is nobody left to tell.
        let _ = self
            .tell(news_words::failed(&header, reason, people_know))
            .await;
    }

    /// All channels but Security Hub; an error if one of them did not take all.
    async fn tell(&self, words: Words) -> Result<(), PublishError> {
        let mut failed = Vec::new();
        if let Some(bus) = &self.channels.bus
            && !words.machines.is_empty()
        {
            let entries: Vec<Entry> = words.machines.into_iter().map(entry).collect();
            if let Err(error) = bus.put(&entries).await {
                error!(%error, "the bus did not take everything");
                failed.push(format!("the bus: {error}"));
            }
        }
        let texts = words.texts.into_iter().map(note);
        failed.extend(publish(self.channels.topic.as_ref(), "the topic", texts).await);
        let chats = words.chats.iter().map(|chat| Note::json(chat.json()));
        failed.extend(publish(self.channels.chat.as_ref(), "the chat topic", chats).await);
        if failed.is_empty() {
            Ok(())
        } else {
            Err(PublishError(failed.join("; ")))
        }
    }

    /// Imports every finding that was looked at into the account's own Security Hub.
    async fn file(&self, news: &News<'_>) {
        let Some(hub) = self.channels.security_hub.as_ref().filter(|_| self.is_own) else {
            return;
        };
        let assessment = news.assessment;
        let findings = asff::standing(
            news.baseline,
            &assessment.coverage.selection,
            self.settings,
            &self.channels.region,
            assessment.at,
        );
        let findings = findings.iter().map(serde_json::value::to_raw_value);
        let told = match findings.collect::<Result<Vec<_>, _>>() {
            Ok(findings) => hub
                .import(&findings)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = told {
            error!(error, "Security Hub did not take everything");
            if let Ok(mut refused) = self.refused.lock() {
                *refused = Some(format!("Security Hub: {error}"));
            }
        }
    }
}

/// Publishes everything; what went wrong first, if something did.
async fn publish(
    topic: Option<&Topic>,
    name: &str,
    notes: impl Iterator<Item = Note>,
) -> Option<String> {
    let notes: Vec<Note> = notes.collect();
    let error = topic?.publish_all(&notes).await.err()?;
    error!(%error, topic = name, "not every message was taken");
    Some(format!("{name}: {error}"))
}

fn entry(machine: Machine) -> Entry {
    Entry {
        detail_type: machine.detail_type,
        detail: machine.detail,
        resources: machine.resources,
    }
}

fn note(text: Text) -> Note {
    Note {
        subject: text.subject,
        body: text.body,
        attributes: text.attributes,
    }
}
