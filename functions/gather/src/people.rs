//! People: how do messages about threads reach every channel?

use std::collections::{BTreeMap, BTreeSet};

use audit::mute::MuteNote;
use audit::ports::{Accounts, BaselineStore as _, PublishError, ThreadPublisher};
use audit::threads::{Dispatch, Seen, ThreadMessage};
use aws::{Table, chain};
use futures_util::{StreamExt as _, stream};
use iam::AccountId;
use report::Header;
use report::channels::Words;
use report::organization::AccountPlace;
use report::threads::{self, Surroundings};
use stack::telling::Telling;
use stack::{Frame, Stack};
use tracing::{info, warn};

/// Baselines that are loaded at the same time.
const AT_ONCE: usize = 16;

/// What messages say of the organisation.
pub(crate) struct Around {
    pub(crate) places: BTreeMap<AccountId, AccountPlace>,
    pub(crate) policies: BTreeMap<Box<str>, Box<str>>,
    /// The address of the report.
    pub(crate) report: Option<String>,
}

/// The channels for people, for one run.
pub(crate) struct People<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) telling: Telling<'a>,
    pub(crate) around: &'a Around,
}

impl People<'_> {
    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings {
            header: Header {
                audit: self.frame.audit,
                account: self.frame.own,
                at: self.frame.now,
            },
            places: &self.around.places,
            policies: &self.around.policies,
            owners: &self.telling.settings.owners,
            report: self.around.report.as_deref(),
        }
    }

    /// Tells of mutes.
    pub(crate) async fn tell_mutes(&self, notes: &[MuteNote]) -> Result<(), PublishError> {
        let words = threads::mutes(notes, &self.surroundings());
        self.telling.tell(words, self.telling.ends.telling).await
    }
}

impl People<'_> {
    /// One message, as every channel gets it by itself.
    async fn said(&self, message: &ThreadMessage, around: &Surroundings<'_>) -> Words {
        let baseline = match message.thread.about.account() {
            // What its own audits would say of it.
            Some(account) => match self.stack.table.load(account).await {
                Ok(baseline) => Some(baseline),
                Err(error) => {
                    warn!(
                        error = chain(&error),
                        "a baseline cannot be read, so the message is short"
                    );
                    None
                }
            },
            None => None,
        };
        threads::words(message, around, baseline.as_ref())
    }
}

impl ThreadPublisher for People<'_> {
    async fn publish(&self, dispatch: Dispatch<'_>) -> Result<(), PublishError> {
        let around = self.surroundings();
        let messages = dispatch.messages();
        let mut words = match dispatch {
            Dispatch::Each(_) => Words::default(),
            Dispatch::Together(messages) => threads::together(messages, &around),
        };
        let saying: Vec<_> = messages
            .iter()
            .map(|message| self.said(message, &around))
            .collect();
        let mut saying = stream::iter(saying).buffered(AT_ONCE);
        while let Some(said) = saying.next().await {
            words.machines.extend(said.machines);
            if let Dispatch::Each(_) = dispatch {
                words.texts.extend(said.texts);
                words.chats.extend(said.chats);
            }
        }
        drop(saying);
        let until = self.telling.ends.telling;
        self.telling.tell(words, until).await?;
        info!(messages = messages.len(), "told");
        Ok(())
    }
}

/// Baselines of the hub's table.
pub(crate) struct Baselines<'a> {
    pub(crate) table: &'a Table,
    /// The accounts that left the organisation.
    pub(crate) left: &'a BTreeSet<AccountId>,
}

impl Accounts for Baselines<'_> {
    async fn see(&self, accounts: &BTreeSet<AccountId>) -> Seen {
        let mut seen = Seen::default();
        let members: Vec<AccountId> = accounts.difference(self.left).copied().collect();
        for account in accounts.intersection(self.left) {
            seen.add_left(*account);
        }
        let loading = members.into_iter().map(|account| self.table.load(account));
        let mut loading = stream::iter(loading).buffer_unordered(AT_ONCE);
        while let Some(loaded) = loading.next().await {
            match loaded {
                Ok(baseline) => seen.add(&baseline),
                Err(error) => warn!(
                    error = chain(&error),
                    "a baseline cannot be read, so what was told of its account stays"
                ),
            }
        }
        seen
    }
}

/// The accounts that are no members any more, of those that were known.
pub(crate) fn left(
    known: impl IntoIterator<Item = AccountId>,
    members: &BTreeMap<AccountId, AccountPlace>,
) -> BTreeSet<AccountId> {
    let known = known.into_iter();
    known
        .filter(|account| !members.contains_key(account))
        .collect()
}
