//! The stored form of a thread: JSON with a format. A newer format is refused before anything else of it is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use iam::AccountId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::about::About;
use super::thread::{Example, Share, Thread};
use crate::compare::baseline::LoadBaselineError;
use crate::compare::stored::{StoredAt, parse};

/// The newest format that this release reads and writes.
pub const FORMAT: u32 = 1;

/// Why a stored thread cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadThreadError {
    /// Written by a newer release: nothing may be told, and nothing overwritten.
    #[error("a thread has format {found}, newest known is {FORMAT}: use a newer permdrift")]
    TooNew {
        /// The format found.
        found: u32,
    },
    /// Not the JSON of a thread.
    #[error("a thread cannot be read")]
    NotJson(#[source] serde_json::Error),
    /// A text in it is not what it should be.
    #[error("a thread cannot be read")]
    Value(#[source] LoadBaselineError),
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredThread {
    format: u32,
    about: StoredAbout,
    opened: Timestamp,
    told: Timestamp,
    reminders: u32,
    example: StoredExample,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    announced: bool,
    /// By account: findings, principals, level, size, digest.
    shares: BTreeMap<String, (u64, u64, String, u64, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum StoredAbout {
    Statement { code: String, at: StoredAt },
    Failed { reason: Arc<str> },
    NowChecked,
    Notices,
    Account { account: String, thread: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredExample {
    code: String,
    level: String,
    principal: Option<String>,
    title: Arc<str>,
    impact: Arc<str>,
}

/// The text of a thread. Its generation is kept by whoever stores it.
#[must_use]
pub fn write(thread: &Thread) -> String {
    let shares = thread.shares.iter();
    let example = &thread.example;
    let stored = StoredThread {
        format: FORMAT,
        about: match &thread.about {
            About::Statement { code, at } => StoredAbout::Statement {
                code: code.to_string(),
                at: StoredAt::of(at),
            },
            About::Failed { reason } => StoredAbout::Failed {
                reason: Arc::clone(reason),
            },
            About::NowChecked => StoredAbout::NowChecked,
            About::Notices => StoredAbout::Notices,
            About::Account { account, thread } => StoredAbout::Account {
                account: account.to_string(),
                thread: thread.to_string(),
            },
        },
        opened: thread.opened,
        told: thread.told,
        reminders: thread.reminders,
        example: StoredExample {
            code: example.code.to_string(),
            level: example.level.to_string(),
            principal: example.principal.as_ref().map(ToString::to_string),
            title: Arc::clone(&example.title),
            impact: Arc::clone(&example.impact),
        },
        announced: thread.is_announced,
        shares: shares
            .map(|(account, share)| {
                let share = (
                    share.findings,
                    share.principals,
                    share.level.to_string(),
                    share.size,
                    format!("{:016x}", share.digest),
                );
                (account.to_string(), share)
            })
            .collect(),
    };
    // Texts and numbers under text keys: there is nothing in it that JSON cannot say.
    serde_json::to_string(&stored).unwrap_or_default()
}

/// A thread from its text, as it was written that often.
///
/// # Errors
/// [`ReadThreadError`].
pub fn read(text: &str, generation: u64) -> Result<Thread, ReadThreadError> {
    let FormatOnly { format } = serde_json::from_str(text).map_err(ReadThreadError::NotJson)?;
    if format > FORMAT {
        return Err(ReadThreadError::TooNew { found: format });
    }
    let stored: StoredThread = serde_json::from_str(text).map_err(ReadThreadError::NotJson)?;
    stored
        .into_thread(generation)
        .map_err(ReadThreadError::Value)
}

impl StoredThread {
    fn into_thread(self, generation: u64) -> Result<Thread, LoadBaselineError> {
        let about = match self.about {
            StoredAbout::Statement { code, at } => About::Statement {
                code: parse(&code)?,
                at: at.into_ref()?,
            },
            StoredAbout::Failed { reason } => About::Failed { reason },
            StoredAbout::NowChecked => About::NowChecked,
            StoredAbout::Notices => About::Notices,
            StoredAbout::Account { account, thread } => About::Account {
                account: parse(&account)?,
                thread: parse(&thread)?,
            },
        };
        let principal = self.example.principal.as_deref();
        let shares = self.shares.into_iter();
        Ok(Thread {
            about,
            generation,
            is_announced: self.announced,
            opened: self.opened,
            told: self.told,
            reminders: self.reminders,
            example: Example {
                code: parse(&self.example.code)?,
                level: parse(&self.example.level)?,
                principal: principal.map(parse).transpose()?,
                title: self.example.title,
                impact: self.example.impact,
            },
            shares: shares
                .map(|(account, (findings, principals, level, size, digest))| {
                    let account: AccountId = parse(&account)?;
                    let share = Share {
                        findings,
                        principals,
                        level: parse(&level)?,
                        size,
                        digest: u64::from_str_radix(&digest, 16).map_err(|error| {
                            LoadBaselineError::Value {
                                text: digest.into(),
                                source: error.into(),
                            }
                        })?,
                    };
                    Ok((account, share))
                })
                .collect::<Result<_, LoadBaselineError>>()?,
        })
    }
}
