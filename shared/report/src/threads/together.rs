//! Many at once: messages of one kind that each concern one account alone, as one message.
//!
//! It counts them, names the worst, and leads to the report. Each has its own thread, in which what follows is told.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use audit::threads::{MOST, ThreadMessage, id_of};
use audit::{Code, EventKind, Level};
use iam::AccountId;

use super::callers::Callers;
use super::mail::write_callers;
use super::saying::ThreadSaying;
use super::surroundings::Surroundings;
use crate::chat::code_span::{code, quiet};
use crate::chat::{Content, Notification, notification, sign, steps};
use crate::mail::Text;
use crate::mail::body::Body;
use crate::words::counted::counted;
use crate::words::cut::Within;
use crate::words::plain::plain;

/// Things that are counted by what they are.
const KINDS: usize = 10;
/// Threads that are named.
const NAMED: usize = 40;

/// The messages, with what is known around them.
pub(super) struct Together<'a> {
    messages: Vec<&'a ThreadMessage>,
    id: String,
    kind: EventKind,
    around: &'a Surroundings<'a>,
}

impl<'a> Together<'a> {
    /// `None` where there is no message.
    pub(super) fn of(messages: &'a [ThreadMessage], around: &'a Surroundings<'a>) -> Option<Self> {
        let kind = messages.first()?.kind;
        let id = id_of(messages).to_string();
        let mut messages: Vec<&ThreadMessage> = messages.iter().collect();
        messages.sort_by_key(|message| {
            let thread = &message.thread;
            (Reverse(message.level), thread.about.account(), thread.id())
        });
        Some(Self {
            messages,
            id,
            kind,
            around,
        })
    }

    fn level(&self) -> Level {
        let levels = self.messages.iter().map(|message| message.level);
        levels.max().unwrap_or(Level::Notice)
    }

    fn accounts(&self) -> BTreeSet<AccountId> {
        let messages = self.messages.iter();
        messages
            .filter_map(|message| message.thread.about.account())
            .collect()
    }

    /// `412 alerts of 400 accounts`.
    fn scale(&self) -> String {
        let alerts = counted(self.messages.len(), "alert");
        format!("{alerts} of {}", counted(self.accounts().len(), "account"))
    }

    fn subject(&self) -> String {
        let level = self.level().as_str().to_uppercase();
        let step = match self.kind {
            EventKind::Opened => format!("{level} new"),
            EventKind::Worsened => format!("{level} worse"),
            EventKind::Eased => format!("{level} better"),
            EventKind::Reminded => format!("{level} still open"),
            EventKind::Resolved(_) => "Resolved".to_owned(),
        };
        format!("{step}: {}, in one message", self.scale())
    }

    fn headline(&self) -> String {
        let step = match self.kind {
            EventKind::Opened => "New",
            EventKind::Worsened => "Worse than before",
            EventKind::Eased => "Better, but still open",
            EventKind::Reminded => "Still open",
            EventKind::Resolved(_) => "Resolved",
        };
        format!(
            "{step}: {}, each about that account alone. More than {MOST} of a kind are told in one message; on-call tools and the bus get \
             each by itself, and what follows comes under the id of each.",
            self.scale()
        )
    }

    /// `3 critical, 409 high`.
    fn levels(&self) -> String {
        let mut levels: BTreeMap<Reverse<Level>, usize> = BTreeMap::new();
        for message in &self.messages {
            *levels.entry(Reverse(message.level)).or_default() += 1;
        }
        let levels = levels.iter();
        let levels: Vec<String> = levels
            .map(|(Reverse(level), count)| format!("{count} {level}"))
            .collect();
        levels.join(", ")
    }

    /// What they are, the most frequent first, with the number of accounts.
    fn kinds(&self) -> Vec<String> {
        let mut kinds: BTreeMap<(Code, &str, &str), BTreeSet<AccountId>> = BTreeMap::new();
        for message in &self.messages {
            let thread = &message.thread;
            let impact = match self.kind.is_end() {
                true => "",
                false => &*thread.example.impact,
            };
            let accounts = kinds
                .entry((thread.code(), &thread.example.title, impact))
                .or_default();
            accounts.extend(thread.about.account());
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, accounts)| Reverse(accounts.len()));
        let rest = kinds.len().saturating_sub(KINDS);
        let named = kinds.iter().take(KINDS);
        let named = named.map(|((code, title, impact), accounts)| {
            let title = match *title {
                "" => String::new(),
                title => format!(", {}", plain(title)),
            };
            let accounts = counted(accounts.len(), "account");
            format!("{code}{title}: {accounts}. {}", plain(impact))
                .trim_end()
                .to_owned()
        });
        let mut lines: Vec<String> = named.collect();
        if rest > 0 {
            lines.push(format!("... and {rest} more"));
        }
        lines
    }

    fn remedy(&self) -> Option<&'static str> {
        (!self.kind.is_end()).then_some(
            "Look for what they have in common, such as a role that is rolled out to all of them: the report lists each with its cause.",
        )
    }

    fn callers(&self) -> Callers {
        Callers::of(self.messages.iter().copied())
    }

    fn account_of(&self, message: &'a ThreadMessage) -> String {
        let saying = self.saying(message);
        let account = message.thread.about.account();
        account.map_or_else(String::new, |account| saying.account(account))
    }

    /// `role VeeamNightly, Nightly copy: missing-actions, high`.
    fn line(message: &ThreadMessage) -> String {
        let example = &message.thread.example;
        let whose = match &example.principal {
            Some(principal) => format!("{} {}", principal.kind(), plain(principal.name())),
            None => "the account".to_owned(),
        };
        let title = match &*example.title {
            "" => String::new(),
            title => format!(", {}", plain(title)),
        };
        let code = message.thread.code();
        format!("{whose}{title}: {code}, {}", message.level)
    }

    fn saying(&self, message: &'a ThreadMessage) -> ThreadSaying<'a> {
        ThreadSaying {
            message,
            around: self.around,
        }
    }

    fn above(&self) -> BTreeSet<&'a str> {
        let messages = self.messages.iter();
        messages
            .flat_map(|message| self.saying(message).above())
            .collect()
    }

    /// The e-mail.
    pub(super) fn mail(&self) -> Text {
        let mut body = Body::default();
        body.line(0, &self.headline());
        body.line(
            0,
            &format!(
                "Organization: {}. Severity: {}.",
                self.scale(),
                self.levels()
            ),
        );
        if let Some(report) = self.around.report {
            body.verbatim(&format!("Report of all accounts: {report}"));
        }
        body.section("What it is");
        for line in self.kinds() {
            body.line(2, &line);
        }
        write_callers(&mut body, &self.callers());
        if let Some(advice) = self.remedy() {
            body.section("What to do");
            body.line(2, advice);
        }
        body.section(&format!("The worst (of {})", self.messages.len()));
        for message in self.messages.iter().take(NAMED) {
            body.line(2, &self.account_of(message));
            let thread = message.thread.id();
            body.line(4, &format!("{}. Thread {thread}", Self::line(message)));
        }
        let rest = self.messages.len().saturating_sub(NAMED);
        if rest > 0 {
            body.line(
                2,
                &format!("... and {rest} more, which the report of all accounts lists."),
            );
        }
        body.verbatim("\n--");
        body.line(
            0,
            &format!(
                "permdrift, docs/alerts.md, section \"Many at once\". Message {}.",
                self.id
            ),
        );
        let mut attributes = vec![("kind", self.kind.as_str().to_owned())];
        let accounts = self.accounts();
        let mut lists = vec![
            ("ou", self.above().into_iter().map(str::to_owned).collect()),
            (
                "account",
                accounts.iter().map(ToString::to_string).collect(),
            ),
        ];
        // A subscription selects by each code and level that is in it.
        let codes = self.messages.iter().map(|one| one.thread.code());
        let codes = codes.map(|code| code.as_str().to_owned());
        let levels = self.messages.iter().map(|one| one.level);
        let levels = levels.map(|level| level.as_str().to_owned());
        let sets: [(&str, BTreeSet<String>); 2] =
            [("code", codes.collect()), ("level", levels.collect())];
        for (name, mut values) in sets {
            match values.pop_first() {
                Some(only) if values.is_empty() => attributes.push((name, only)),
                first => lists.push((name, first.into_iter().chain(values).collect())),
            }
        }
        Text {
            subject: self.subject(),
            body: body.into_text(),
            attributes,
            lists,
        }
    }

    /// The chat message.
    pub(super) fn chat(&self) -> Notification {
        let mut head = vec![
            quiet(&self.headline()),
            format!("*Severity*: {}", self.levels()),
        ];
        head.extend(self.kinds().iter().map(|line| format!("- {}", quiet(line))));
        head.extend(super::chat::callers(&self.callers()));
        head.push("*The worst*".to_owned());
        let lines = self.messages.iter().take(NAMED).map(|message| {
            let account = code(&self.account_of(message));
            format!("- {account}: {}", code(&Self::line(message)))
        });
        let lines: Vec<String> = lines.collect();
        let report = self.around.report;
        let tail = report.map_or_else(String::new, |report| {
            format!("\n*Report of all accounts*: {report}")
        });
        let level = self.level();
        notification(
            Content {
                text_type: "client-markdown",
                title: Within::of_spans(&format!(
                    "{} {}",
                    sign(self.kind, level),
                    quiet(&self.subject())
                )),
                description: Within::of_parts(&head.join("\n"), &lines, "\n", &tail),
                next_steps: steps(self.remedy().iter().map(|step| quiet(step)).collect()),
                keywords: vec!["permdrift".to_owned(), level.to_string()],
            },
            self.id.clone(),
            self.kind.as_str(),
            Vec::new(),
            BTreeMap::from([
                ("level", level.to_string()),
                ("accounts", self.accounts().len().to_string()),
            ]),
        )
    }
}
