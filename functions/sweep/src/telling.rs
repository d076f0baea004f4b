//! Telling: how do findings reach both channels?
//!
//! The topic is for people: messages, grouped by cause. The bus is for machines: every event. Each is tried whatever the
//! other does, so that one broken channel does not silence the other; that one broke is still an error, because nothing may
//! be committed that was not told.

use audit::ports::{News, PublishError, Publisher};
use aws::{Bus, Entry, Note, Topic};
use jiff::Timestamp;
use report::event::{self, Header, Machine};
use report::sns_text::{self, Text};
use tracing::{error, info};

/// The channels of a stack.
pub(crate) struct Channels {
    pub(crate) topic: Option<Topic>,
    pub(crate) bus: Option<Bus>,
}

/// The channels, for one audit.
pub(crate) struct Telling<'a> {
    pub(crate) channels: &'a Channels,
    /// The audit's id.
    pub(crate) audit: &'a str,
}

impl Publisher for Telling<'_> {
    async fn publish(&self, news: &News<'_>) -> Result<(), PublishError> {
        let header = Header {
            audit: self.audit,
            account: news.assessment.account,
            at: news.assessment.at,
        };
        let machines = news.events.iter().map(|one| event::finding(&header, one));
        let messages = news.messages.iter();
        let mut texts: Vec<Text> = messages
            .map(|message| sns_text::message(message, news.events, header.at))
            .collect();
        texts.extend(sns_text::mutes(news.mutes, header.account));
        let told = self.tell(machines.collect(), texts).await;
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
    /// Both channels; an error if either did not take all.
    pub(crate) async fn tell(
        &self,
        machines: Vec<Machine>,
        texts: Vec<Text>,
    ) -> Result<(), PublishError> {
        let mut failed = Vec::new();
        if let Some(bus) = &self.channels.bus
            && !machines.is_empty()
        {
            let entries: Vec<Entry> = machines.into_iter().map(entry).collect();
            if let Err(error) = bus.put(&entries).await {
                error!(%error, "the bus did not take everything");
                failed.push(format!("the bus: {error}"));
            }
        }
        if let Some(topic) = &self.channels.topic {
            let notes: Vec<Note> = texts.into_iter().map(note).collect();
            if let Err(error) = topic.publish_all(&notes).await {
                error!(%error, "the topic did not take everything");
                failed.push(format!("the topic: {error}"));
            }
        }
        if failed.is_empty() {
            Ok(())
        } else {
            Err(PublishError(failed.join("; ")))
        }
    }

    /// That an audit failed, on both channels, as far as they work.
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
        let texts = if people_know {
            Vec::new()
        } else {
            vec![sns_text::failure(&header, reason)]
        };
        // What went wrong is in the log already; there is nobody left to tell.
        let _ = self.tell(vec![event::failed(&header, reason)], texts).await;
    }
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
