//! An organisation that tests make up: baselines of accounts, the threads in its table, and what people were told.
//!
//! Each call of a port waits once, so that a run that is polled goes on until its next call.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use audit::baseline::{Record, Tracked};
use audit::finding::{ChangeOrigin, Item, Lack, ReadSide};
use audit::ports::{
    Accounts, KeepThreadError, LoadThreadsError, PublishError, ThreadPublisher, ThreadStore,
};
use audit::threads::{
    self, Dispatch, Outside, Seen, SentMessages, TellError, Thread, ThreadMessage, Threads,
};
use audit::{Baseline, Code, EventKind, Finding, FindingId, Level, Settings};
use futures_util::task::noop_waker_ref;
use iam::{AccountId, Cause, Decision, Layer, PrincipalArn, StatementRef};

use crate::principals::at;

/// Orders that are tried of two runs.
const ORDERS: usize = 250;

/// Waits once.
#[derive(Default)]
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.0, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

pub(crate) fn account(number: usize) -> AccountId {
    format!("{:012}", 111_111_111_000 + number).parse().unwrap()
}

pub(crate) fn all(accounts: impl IntoIterator<Item = usize>) -> BTreeSet<AccountId> {
    accounts.into_iter().map(account).collect()
}

/// A statement of an SCP that is attached at a level.
pub(crate) fn scp(sid: &str, level: u8) -> Cause {
    Cause::DeniedBy(vec![StatementRef {
        layer: Layer::ServiceControl { level: Some(level) },
        policy: "p-guard".into(),
        index: Some(usize::from(level)),
        sid: Some(sid.into()),
    }])
}

/// What a principal lacks: a cause, and actions.
pub(crate) type Lacks<'a> = [(Cause, &'a [&'a str])];

/// A finding that people know of.
pub(crate) fn tracked(account: AccountId, name: &str, lacks: &Lacks<'_>) -> Tracked {
    let principal: PrincipalArn = format!("arn:aws:iam::{account}:role/{name}")
        .parse()
        .unwrap();
    let id = FindingId::new(account, Some(&principal), Code::MissingActions, "copy");
    let item = |action: &&str| Item {
        name: (*action).into(),
        place: "".into(),
    };
    let items = lacks.iter().flat_map(|(_, actions)| *actions).map(item);
    let lack = |(cause, actions): &(Cause, &[&str])| Lack {
        cause: cause.clone(),
        decision: Decision::ExplicitDeny,
        actions: std::sync::Arc::new(actions.iter().map(|name| name.parse().unwrap()).collect()),
        resources: ["*".into()].into(),
        regions: BTreeSet::new(),
        owner: Some("platform".into()),
        read_side: ReadSide::default(),
    };
    Tracked {
        finding: Finding {
            id,
            account,
            principal: Some(principal),
            code: Code::MissingActions,
            set: "copy".into(),
            level: Level::High,
            title: "Nightly copy".into(),
            impact: "Copies stop.".into(),
            items: std::sync::Arc::new(items.collect()),
            lacks: std::sync::Arc::new(lacks.iter().map(lack).collect()),
            opened: at("2026-11-01T03:00:00Z"),
            seen: at("2026-11-01T03:00:00Z"),
            openings: 1,
        },
        healthy: None,
        closed: false,
        thread: id,
        told: Some(at("2026-11-01T03:00:00Z")),
        reminders: 0,
        origin: ChangeOrigin::Account,
        openings: Vec::new(),
        explanation: None,
    }
}

/// A baseline with these findings.
pub(crate) fn baseline(account: AccountId, findings: Vec<Tracked>) -> Baseline {
    let mut baseline = Baseline::empty(account);
    for tracked in findings {
        let findings = match &tracked.finding.principal {
            None => &mut baseline.findings,
            Some(principal) => {
                let record: &mut Record = baseline.principals.entry(principal.clone()).or_default();
                &mut record.findings
            }
        };
        findings.insert(tracked.finding.id, tracked);
    }
    baseline
}

/// The table of a hub, and its channels.
#[derive(Default)]
pub(crate) struct Organization {
    pub(crate) baselines: Mutex<BTreeMap<AccountId, Baseline>>,
    pub(crate) left: Mutex<BTreeSet<AccountId>>,
    pub(crate) threads: Mutex<Threads>,
    pub(crate) told: Mutex<Vec<ThreadMessage>>,
    /// Those of them that people got in one message.
    pub(crate) together: Mutex<Vec<Vec<ThreadMessage>>>,
    /// How often something can be written until the run dies; `None`: it does not.
    pub(crate) dies_after: Mutex<Option<usize>>,
}

impl ThreadStore for Organization {
    async fn threads(&self) -> Result<Threads, LoadThreadsError> {
        Turn::default().await;
        // As the table does: what is stored is read again.
        let threads = self.threads.lock().unwrap();
        let threads = threads.values().map(|thread| {
            let read = threads::read(&threads::write(thread), thread.generation).unwrap();
            (read.id(), read)
        });
        Ok(threads.collect())
    }

    async fn keep_threads(&self, written: &[&Thread]) -> Vec<Result<(), KeepThreadError>> {
        Turn::default().await;
        let mut results = Vec::new();
        let is_dying = match &mut *self.dies_after.lock().unwrap() {
            None => false,
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
        };
        for thread in written {
            if is_dying {
                results.push(Err(KeepThreadError::Store("gone".into())));
                continue;
            }
            let mut threads = self.threads.lock().unwrap();
            let stands = threads.get(&thread.id()).map_or(0, |one| one.generation);
            results.push(match stands + 1 == thread.generation {
                true => {
                    threads.insert(thread.id(), (*thread).clone());
                    Ok(())
                }
                false => Err(KeepThreadError::Moved),
            });
        }
        results
    }
}

impl Accounts for Organization {
    async fn see(&self, accounts: &BTreeSet<AccountId>) -> Seen {
        Turn::default().await;
        let mut seen = Seen::default();
        for account in accounts {
            if self.left.lock().unwrap().contains(account) {
                seen.add_left(*account);
            } else if let Some(baseline) = self.baselines.lock().unwrap().get(account) {
                seen.add(baseline);
            }
        }
        seen
    }
}

impl ThreadPublisher for Organization {
    async fn publish(&self, dispatch: Dispatch<'_>) -> Result<(), PublishError> {
        Turn::default().await;
        let messages = dispatch.messages();
        self.told.lock().unwrap().extend_from_slice(messages);
        if matches!(dispatch, Dispatch::Together(_)) {
            self.together.lock().unwrap().push(messages.to_vec());
        }
        Ok(())
    }
}

impl Organization {
    /// What an audit of the account found.
    pub(crate) fn found(&self, number: usize, roles: &[(&str, &Lacks<'_>)]) {
        let account = account(number);
        let findings = roles
            .iter()
            .map(|(name, lacks)| tracked(account, name, lacks));
        let baseline = baseline(account, findings.collect());
        self.baselines.lock().unwrap().insert(account, baseline);
    }

    /// The same, where these statements of an SCP each deny something to a role of its own.
    pub(crate) fn found_denied(&self, number: usize, sids: &[&str]) {
        let lacks = |sid: &str| [(scp(sid, 0), &["ec2:CreateSnapshot"][..])];
        let roles = sids
            .iter()
            .map(|sid| tracked(account(number), sid, &lacks(sid)));
        let baseline = baseline(account(number), roles.collect());
        self.baselines
            .lock()
            .unwrap()
            .insert(account(number), baseline);
    }

    pub(crate) async fn tell(
        &self,
        accounts: &BTreeSet<AccountId>,
        now: &str,
    ) -> Result<SentMessages, TellError> {
        let outside = Outside {
            store: self,
            accounts: self,
            publisher: self,
        };
        threads::tell(&outside, accounts, &Settings::default(), at(now)).await
    }

    /// Tells, and gives back what was told, in the order of its words.
    pub(crate) fn gather(&self, accounts: &BTreeSet<AccountId>, now: &str) -> Vec<String> {
        let before = self.told.lock().unwrap().len();
        let mut run = Box::pin(self.tell(accounts, now));
        loop {
            if let Poll::Ready(ended) = run
                .as_mut()
                .poll(&mut Context::from_waker(noop_waker_ref()))
            {
                ended.unwrap();
                break;
            }
        }
        let told = self.told.lock().unwrap();
        let mut told: Vec<String> = told.iter().skip(before).map(words).collect();
        told.sort();
        told
    }

    /// The alerts that are open after all messages, in their order.
    pub(crate) fn alerts(&self) -> BTreeSet<FindingId> {
        let mut alerts = BTreeSet::new();
        for message in self.told.lock().unwrap().iter() {
            let id = message.thread.id();
            match message.kind {
                EventKind::Resolved(_) => alerts.remove(&id),
                EventKind::Opened
                | EventKind::Worsened
                | EventKind::Eased
                | EventKind::Reminded => alerts.insert(id),
            };
        }
        alerts
    }

    /// The threads in which something is open, with the accounts of each.
    pub(crate) fn open(&self) -> BTreeMap<FindingId, BTreeSet<AccountId>> {
        let threads = self.threads.lock().unwrap();
        let open = threads.values().filter(|thread| !thread.is_over());
        open.map(|thread| (thread.id(), thread.shares.keys().copied().collect()))
            .collect()
    }

    /// The same as the baselines have it.
    pub(crate) fn expected(&self) -> BTreeMap<FindingId, BTreeSet<AccountId>> {
        let fresh = Self::default();
        *fresh.baselines.lock().unwrap() = self.baselines.lock().unwrap().clone();
        fresh
            .left
            .lock()
            .unwrap()
            .clone_from(&self.left.lock().unwrap());
        let accounts: BTreeSet<AccountId> =
            fresh.baselines.lock().unwrap().keys().copied().collect();
        fresh.gather(&accounts, "2026-11-01T03:00:00Z");
        fresh.open()
    }
}

/// `opened high 9/14 +9`: step, level, accounts and principals that are in it, and what became of accounts.
pub(crate) fn words(message: &ThreadMessage) -> String {
    let open = message.accounts.iter().filter(|one| one.step.is_open());
    let principals: u64 = open.clone().map(|one| one.share.principals).sum();
    let mut steps: BTreeMap<String, usize> = BTreeMap::new();
    for one in &message.accounts {
        *steps.entry(format!("{:?}", one.step)).or_default() += 1;
    }
    let steps: Vec<String> = steps
        .into_iter()
        .map(|(step, count)| format!("{count} {step}"))
        .collect();
    format!(
        "{} {} {}/{principals}: {}",
        message.kind,
        message.level,
        open.count(),
        steps.join(", ")
    )
}

/// A run: what an audit of account 0 finds first, if it is one, and whom it tells of then.
pub(crate) struct Run {
    pub(crate) finds: Option<&'static [&'static str]>,
    pub(crate) tells: BTreeSet<AccountId>,
    pub(crate) now: &'static str,
}

impl Run {
    async fn run(&self, organization: &Organization) {
        if let Some(sids) = self.finds {
            organization.found_denied(0, sids);
        }
        organization.tell(&self.tells, self.now).await.unwrap();
    }
}

/// Runs two in many orders of their calls, each time on an organisation of its own: the first all before the second, the other way round,
/// and in between as a fixed row of numbers says.
pub(crate) fn many_orders(
    before: impl Fn() -> Organization,
    runs: [&Run; 2],
    check: impl Fn(&Organization, &[usize]),
) {
    let mut number: u64 = 1;
    for order in 0..ORDERS {
        let organization = before();
        let mut running = runs.map(|run| Some(Box::pin(run.run(&organization))));
        let mut taken = Vec::new();
        while running.iter().any(Option::is_some) {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let wanted = match order {
                0 | 1 => order,
                _ => usize::from(number >> 63 == 1),
            };
            let next = if running[wanted].is_some() {
                wanted
            } else {
                1 - wanted
            };
            taken.push(next);
            let run = running[next].as_mut().unwrap().as_mut();
            if run
                .poll(&mut Context::from_waker(noop_waker_ref()))
                .is_ready()
            {
                running[next] = None;
            }
        }
        drop(running);
        check(&organization, &taken);
    }
}

/// Runs something to its end.
pub(crate) fn end<T>(mut run: Pin<Box<dyn Future<Output = T> + '_>>) -> T {
    loop {
        let context = &mut Context::from_waker(noop_waker_ref());
        if let Poll::Ready(ended) = run.as_mut().poll(context) {
            return ended;
        }
    }
}
