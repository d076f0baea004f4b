//! People: how do messages about threads reach every channel?

use std::collections::{BTreeMap, BTreeSet};

use audit::Baseline;
use audit::baseline::LoadBaselineError;
use audit::events::CallsAbove;
use audit::mute::MuteNote;
use audit::ports::{Accounts, BaselineStore as _, PublishError, ThreadPublisher};
use audit::threads::{Dispatch, Seen, ThreadMessage};
use aws::{Table, chain};
use futures_util::{StreamExt as _, stream};
use iam::AccountId;
use jiff::Timestamp;
use report::Header;
use report::channels::Words;
use report::machine::event::Machine;
use report::organization::AccountPlace;
use report::threads::{self, Surroundings};
use stack::telling::Telling;
use stack::{Frame, Stack};
use tracing::{info, warn};

/// Baselines that are loaded at the same time.
const AT_ONCE: usize = 16;

/// Alerts that are made before they are sent.
const ALERTS: usize = 500;

/// What messages say of the organisation.
pub(crate) struct Around {
    pub(crate) places: BTreeMap<AccountId, AccountPlace>,
    pub(crate) policies: BTreeMap<Box<str>, Box<str>>,
    /// The address of the report.
    pub(crate) report: Option<String>,
    /// Who changed something above accounts.
    pub(crate) calls_above: CallsAbove,
}

impl Around {
    /// A baseline. A finding whose trail event came after its audit gets the calls that can have led to it.
    async fn baseline(
        &self,
        table: &Table,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Baseline, LoadBaselineError> {
        let mut baseline = table.load(account).await?;
        let path = self.places.get(&account);
        let path = path.map_or(&[][..], |place| &place.path);
        self.calls_above.explain_late(&mut baseline, path, now);
        Ok(baseline)
    }
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
    /// The baseline of an account, for a message that is worded as the account's own audits would; `None` where it cannot be read.
    async fn baseline(&self, account: AccountId) -> Option<Baseline> {
        let Self { stack, frame, .. } = self;
        let loaded = self.around.baseline(&stack.table, account, frame.now);
        match loaded.await {
            Ok(baseline) => Some(baseline),
            Err(error) => {
                warn!(
                    error = chain(&error),
                    "a baseline cannot be read, so the message is short"
                );
                None
            }
        }
    }

    async fn each(&self, messages: &[ThreadMessage]) -> Result<(), PublishError> {
        let around = self.surroundings();
        let mut words = Words::default();
        for message in messages {
            let baseline = match message.thread.about.account() {
                Some(account) => self.baseline(account).await,
                None => None,
            };
            let said = threads::words(message, &around, baseline.as_ref());
            words.machines.extend(said.machines);
            words.texts.extend(said.texts);
            words.chats.extend(said.chats);
        }
        self.telling.tell(words, self.telling.ends.telling).await
    }

    /// What machines get of messages that are an account's own.
    async fn alerts(
        &self,
        account: AccountId,
        messages: Vec<&ThreadMessage>,
        around: &Surroundings<'_>,
    ) -> Vec<Machine> {
        let baseline = self.baseline(account).await;
        let said = messages.into_iter();
        said.flat_map(|message| threads::words(message, around, baseline.as_ref()).machines)
            .collect()
    }

    /// Machines get each, in parts that fit into memory; then people get one for all.
    async fn together(&self, messages: &[ThreadMessage]) -> Result<(), PublishError> {
        let around = &self.surroundings();
        let until = self.telling.ends.telling;
        let mut by_account: BTreeMap<AccountId, Vec<&ThreadMessage>> = BTreeMap::new();
        for message in messages {
            if let Some(account) = message.thread.about.account() {
                by_account.entry(account).or_default().push(message);
            }
        }
        let mut saying = Vec::with_capacity(by_account.len());
        for (account, messages) in by_account {
            saying.push(self.alerts(account, messages, around));
        }
        let mut saying = stream::iter(saying).buffer_unordered(AT_ONCE);
        let mut machines = Vec::new();
        while let Some(said) = saying.next().await {
            machines.extend(said);
            if machines.len() >= ALERTS {
                let words = Words {
                    machines: std::mem::take(&mut machines),
                    ..Words::default()
                };
                self.telling.tell(words, until).await?;
            }
        }
        let words = Words {
            machines,
            ..threads::together(messages, around)
        };
        self.telling.tell(words, until).await
    }
}

impl ThreadPublisher for People<'_> {
    async fn publish(&self, dispatch: Dispatch<'_>) -> Result<(), PublishError> {
        match dispatch {
            Dispatch::Each(messages) => self.each(messages).await?,
            Dispatch::Together(messages) => self.together(messages).await?,
        }
        info!(messages = dispatch.messages().len(), "told");
        Ok(())
    }
}

/// Baselines of the hub's table.
pub(crate) struct Baselines<'a> {
    pub(crate) table: &'a Table,
    pub(crate) around: &'a Around,
    pub(crate) now: Timestamp,
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
        let loading = members.into_iter();
        let loading: Vec<_> = loading
            .map(|account| self.around.baseline(self.table, account, self.now))
            .collect();
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
