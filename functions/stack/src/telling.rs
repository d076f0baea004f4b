//! Telling: how do findings reach every channel?
//!
//! The topics are for people: messages, grouped by cause, as mail and as chat. The bus is for machines: every event, and alerts for
//! on-call tools. Security Hub gets every finding as it stands.
//!
//! All channels are used at the same time, and each has until the end that the run sets, so that one that is broken or hangs does not
//! silence the others. If one did not take everything, this is an error, and the others carry it: only what was told may be committed.
//! Security Hub alone does not hold up the commit: it gets everything again with the next audit.

use std::error::Error;
use std::future::Future;
use std::sync::Mutex;

use audit::ports::{News, PublishError, Publisher};
use audit::{Baseline, Settings};
use aws::{Bus, Entry, Failure, Note, SecurityHub, Topic};
use jiff::Timestamp;
use report::Header;
use report::channels::{self, Words};
use report::machine::asff;
use report::machine::event::{Machine, Outcome};
use report::mail::Text;
use tokio::time::{Instant, timeout_at};
use tracing::{error, info};

use crate::windows::Ends;

/// The channels of a stack.
pub struct Channels {
    /// For people, as mail.
    pub topic: Option<Topic>,
    /// For people, as chat.
    pub chat: Option<Topic>,
    /// For machines.
    pub bus: Option<Bus>,
    /// Whether the bus carries OCSF's form too.
    pub ocsf: bool,
    /// For security teams.
    pub security_hub: Option<SecurityHub>,
    /// The region that findings are filed under.
    pub region: String,
}

/// Who is to hear of one audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// People and machines.
    Everybody,
    /// The bus, without alerts: people are told of all accounts together, by the hub.
    Machines,
}

/// Whether people know of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// They were told already.
    Know,
    /// They are still to be told.
    DoNotKnow,
}

/// The channels, for one audit.
pub struct Telling<'a> {
    /// Who is told.
    pub channels: &'a Channels,
    /// Who is to hear.
    pub audience: Audience,
    /// The audit's id.
    pub audit: &'a str,
    /// Whether the audited account is the function's own.
    pub is_own: bool,
    /// What is muted, among others.
    pub settings: &'a Settings,
    /// Until when channels are waited for.
    pub ends: Ends,
    /// What Security Hub did not take, in this run or an earlier one of the audit.
    pub refused: Mutex<Option<String>>,
}

impl Publisher for Telling<'_> {
    async fn publish(&self, news: &News<'_>) -> Result<(), PublishError> {
        let header = Header {
            audit: self.audit,
            account: news.assessment.account,
            at: news.assessment.at,
        };
        let ocsf = self.channels.ocsf.then_some(&*self.channels.region);
        let heard = match self.audience {
            Audience::Everybody => *news,
            Audience::Machines => News {
                messages: &[],
                mutes: &[],
                ..*news
            },
        };
        let words = channels::found(&header, &heard, self.settings, ocsf);
        let until = self.ends.telling;
        let (told, ()) = tokio::join!(self.tell(words, until), self.file(news, until));
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
    #[must_use]
    pub fn refused(&self) -> Option<String> {
        let refused = self.refused.lock();
        refused.ok().and_then(|refused| refused.clone())
    }

    /// An audit is at its end. What Security Hub did not take is told now, once, and does not make the run fail: repeating it
    /// would audit again, and the next audit imports everything anyway.
    ///
    /// # Errors
    /// Where a channel did not take it.
    pub async fn tell_completed(
        &self,
        header: &Header<'_>,
        outcome: &Outcome,
        baseline: &Baseline,
    ) -> Result<(), PublishError> {
        let words = match (self.audience, self.refused()) {
            (Audience::Everybody, None) => channels::completed(header, outcome, baseline),
            // Security Hub takes findings of the hub's own account, and says in the log what it did not take.
            (Audience::Machines, _) => channels::completed_without_alert(header, outcome),
            (Audience::Everybody, Some(refused)) => {
                let reason = format!("the audit is done, but not everything arrived: {refused}");
                channels::completed_but(header, outcome, &reason)
            }
        };
        self.tell(words, self.ends.run).await
    }

    /// That an audit failed, on every channel, as far as they work.
    pub async fn tell_failure(
        &self,
        account: iam::AccountId,
        at: Timestamp,
        reason: &str,
        people: People,
    ) {
        let header = Header {
            audit: self.audit,
            account,
            at,
        };
        // What went wrong is in the log already; there is nobody left to tell.
        let words = match (self.audience, people) {
            (Audience::Machines, _) => channels::failed_without_alert(&header, reason),
            (Audience::Everybody, People::Know) => channels::failed_for_machines(&header, reason),
            (Audience::Everybody, People::DoNotKnow) => channels::failed(&header, reason),
        };
        let _ = self.tell(words, self.ends.failing).await;
    }

    /// All channels but Security Hub, side by side; an error if one of them did not take all in time.
    ///
    /// # Errors
    /// Which did not, and why.
    pub async fn tell(&self, words: Words, until: Instant) -> Result<(), PublishError> {
        let entries: Vec<Entry> = words.machines.into_iter().map(entry).collect();
        let texts: Vec<Note> = words.texts.into_iter().map(note).collect();
        let chats = words.chats.iter().map(|chat| Note::json(chat.json()));
        let chats: Vec<Note> = chats.collect();
        let put = async {
            match &self.channels.bus {
                Some(bus) => bus.put(&entries).await,
                None => Ok(()),
            }
        };
        let (bus, topic, chat) = tokio::join!(
            within(until, put),
            within(until, publish(self.channels.topic.as_ref(), &texts)),
            within(until, publish(self.channels.chat.as_ref(), &chats)),
        );
        let mut failed = Vec::new();
        for (name, told) in [
            ("the bus", bus),
            ("the topic", topic),
            ("the chat topic", chat),
        ] {
            if let Err(error) = told {
                error!(error, channel = name, "a channel did not take everything");
                failed.push(format!("{name}: {error}"));
            }
        }
        if failed.is_empty() {
            Ok(())
        } else {
            Err(PublishError(failed.join("; ").into()))
        }
    }

    /// Imports every finding that was looked at into the account's own Security Hub.
    async fn file(&self, news: &News<'_>, until: Instant) {
        let Some(hub) = self.channels.security_hub.as_ref().filter(|_| self.is_own) else {
            return;
        };
        let assessment = news.assessment;
        let findings = asff::current(
            news.baseline,
            &assessment.coverage.selection,
            self.settings,
            &self.channels.region,
            audit::mute::At::of(assessment),
        );
        let findings = findings.iter().map(serde_json::value::to_raw_value);
        let told = match findings.collect::<Result<Vec<_>, _>>() {
            Ok(findings) => within(until, hub.import(&findings)).await,
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

async fn publish(topic: Option<&Topic>, notes: &[Note]) -> Result<(), Failure> {
    match topic {
        Some(topic) => topic.publish_all(notes).await,
        None => Ok(()),
    }
}

/// How the sending went, or that its time was up.
async fn within<E: Error>(
    until: Instant,
    sending: impl Future<Output = Result<(), E>>,
) -> Result<(), String> {
    match timeout_at(until, sending).await {
        Ok(sent) => sent.map_err(|error| aws::chain(&error)),
        Err(_) => Err("no answer before the time was up".to_owned()),
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
        lists: text.lists,
    }
}
