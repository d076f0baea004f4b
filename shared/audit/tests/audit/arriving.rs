//! Arriving: when is it said that changes do not arrive, or that one could not be followed, and when is that over?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use audit::events::{Arrivals, EventSource, LookUpBy, LookedUp, Unseen, read};
use audit::finding::Resolution;
use audit::judge::not_followed;
use audit::run::say;
use audit::{Asked, Code, EventKind, Explain, Level, Ports, Selection, Settings, run};
use iam::inventory::Principal;
use serde_json::{Value, json};

use crate::events::recorded::{at, call};
use crate::outside::{Clock, Memory, Recorder, Script, now_or_never};
use crate::phases::asked;
use crate::principals::{account, at as time, copier, inventory};
use crate::rules::{Rules, Why};

const EXPECTED_SINCE: &str = "2026-11-28T00:00:00Z";

/// Role `a` is bound, role `b` is not.
fn script() -> Script {
    let unbound = Principal {
        tags: Vec::new(),
        ..copier("b")
    };
    Script {
        inventory: Arc::new(inventory(vec![copier("a"), unbound])),
        rules: Mutex::new(vec![Rules::default()]),
        ..Script::default()
    }
}

/// Audits of one account, one after the other.
struct Account {
    script: Script,
    memory: Memory,
    recorder: Recorder,
    settings: Settings,
    arrivals: Option<Arrivals>,
    explain: Explain,
}

impl Account {
    fn new() -> Self {
        let mut arrivals = Arrivals::default();
        assert!(arrivals.expect(time(EXPECTED_SINCE)));
        Self {
            script: script(),
            memory: Memory::default(),
            recorder: Recorder::default(),
            settings: Settings::parse("confirm-pause-seconds = 0\nnotice-days = 0").unwrap(),
            arrivals: Some(arrivals),
            explain: Explain::LookUp,
        }
    }

    fn has(self, events: &[Value]) -> Self {
        let events = read(&json!(events).to_string()).unwrap();
        self.script.looked_up.lock().unwrap().events = events;
        self
    }

    /// An event of IAM that was made at one time and received at another.
    fn receives(&mut self, made: &str, received: &str) -> bool {
        let newest = BTreeMap::from([(of_iam(), time(made))]);
        let arrivals = self.arrivals.as_mut().unwrap();
        arrivals.note(&newest, time(received))
    }

    /// What an audit tells of it.
    fn audit_of(&self, now: &str, selection: &Selection) -> Vec<EventKind> {
        let asked = Asked {
            explain: self.explain,
            arrivals: self.arrivals.as_ref(),
            ..asked(&self.settings, now, selection)
        };
        let ports = Ports {
            environment: &self.script,
            store: &self.memory,
            publisher: &self.recorder,
            pause: None::<&Clock>,
        };
        now_or_never(run(&asked, &ports)).unwrap();
        self.told()
    }

    fn audit(&self, now: &str) -> Vec<EventKind> {
        self.audit_of(now, &Selection::default())
    }

    /// That events could not be followed, and what is told of it.
    fn cannot_follow(&self, reason: &str, now: &str) -> Vec<EventKind> {
        let reasons = BTreeSet::from([reason.into()]);
        let assessment = not_followed(account(), reasons, time(now));
        now_or_never(say(
            &self.settings,
            &self.memory,
            &self.recorder,
            &assessment,
        ))
        .unwrap();
        self.told()
    }

    fn told(&self) -> Vec<EventKind> {
        let published = std::mem::take(&mut *self.recorder.published.lock().unwrap());
        let events = published.into_iter().flat_map(|one| one.events);
        let of_changes = events.filter(|event| {
            [Code::ChangesNotArriving, Code::ChangeNotFollowed].contains(&event.finding.code)
        });
        of_changes.map(|event| event.kind).collect()
    }
}

fn of_iam() -> EventSource {
    EventSource {
        service: "iam.amazonaws.com".into(),
        region: "us-east-1".into(),
    }
}

/// A policy of a role is changed.
fn changed(role: &str, when: &str) -> Value {
    let mut event = at(when, &call("PutRolePolicy"));
    event["requestParameters"]["roleName"] = role.into();
    event
}

const OPENED: [EventKind; 1] = [EventKind::Opened];
const HEALTHY: [EventKind; 1] = [EventKind::Resolved(Resolution::Healthy)];
const NOTHING: [EventKind; 0] = [];

#[test]
fn what_never_came_is_told_once_and_is_over_when_one_comes() {
    let mut account = Account::new().has(&[changed("a", "2026-11-28T09:00:00Z")]);
    assert_eq!(account.audit("2026-11-28T12:00:00Z"), OPENED);
    assert_eq!(account.audit("2026-11-28T18:00:00Z"), NOTHING);
    assert!(account.receives("2026-11-28T19:00:00Z", "2026-11-28T19:01:00Z"));
    assert_eq!(account.audit("2026-11-29T00:00:00Z"), HEALTHY);
    assert_eq!(account.audit("2026-11-29T06:00:00Z"), NOTHING);
}

#[test]
fn what_comes_late_after_all_ends_it() {
    let mut account = Account::new().has(&[changed("a", "2026-11-28T09:00:00Z")]);
    assert_eq!(account.audit("2026-11-28T12:00:00Z"), OPENED);
    assert!(account.receives("2026-11-28T09:00:00Z", "2026-11-28T12:30:00Z"));
    assert_eq!(account.audit("2026-11-28T18:00:00Z"), HEALTHY);
}

#[test]
fn what_may_still_come_or_is_nobodys_is_not_missing() {
    let check = |events: &[Value], why: &str| {
        let account = Account::new().has(events);
        assert_eq!(account.audit("2026-11-28T12:00:00Z"), NOTHING, "{why}");
    };
    check(&[changed("a", "2026-11-28T11:30:00Z")], "half an hour old");
    check(&[changed("a", "2026-11-27T23:00:00Z")], "not expected yet");
    check(&[changed("b", "2026-11-28T09:00:00Z")], "nobody is bound");
    check(&[changed("c", "2026-11-28T09:00:00Z")], "nobody is there");
    let mut elsewhere = changed("a", "2026-11-28T09:00:00Z");
    elsewhere["recipientAccountId"] = "444455556666".into();
    check(&[elsewhere], "of another account");
    let mut failed = changed("a", "2026-11-28T09:00:00Z");
    failed["errorCode"] = "AccessDenied".into();
    check(&[failed], "refused");
    let mut nowhere = changed("a", "2026-11-28T09:00:00Z");
    nowhere["awsRegion"] = Value::Null;
    check(&[nowhere], "of no region");
}

#[test]
fn one_that_is_lost_while_later_ones_come_is_not_told() {
    for (made, expected) in [
        ("2026-11-28T09:00:00Z", &NOTHING[..]),
        ("2026-11-28T10:00:00Z", &NOTHING),
        // Little newer than the last: it may have come and not been written down.
        ("2026-11-28T08:56:00Z", &NOTHING),
        ("2026-11-28T08:54:00Z", &OPENED),
    ] {
        let mut account = Account::new().has(&[changed("a", "2026-11-28T09:00:00Z")]);
        account.receives(made, "2026-11-28T10:00:01Z");
        assert_eq!(account.audit("2026-11-28T12:00:00Z"), expected, "{made}");
    }
}

#[test]
fn what_was_not_looked_up_opens_nothing_and_ends_nothing() {
    let mut account = Account::new();
    account.explain = Explain::Given;
    assert_eq!(account.audit("2026-11-28T06:00:00Z"), NOTHING);
    assert_eq!(*account.script.sought.lock().unwrap(), []);
    account.explain = Explain::LookUp;
    let account = account.has(&[changed("a", "2026-11-28T07:00:00Z")]);
    assert_eq!(account.audit("2026-11-28T12:00:00Z"), OPENED);
    let sought = account.script.sought.lock().unwrap().clone();
    let refused = Unseen::Unanswered("AccessDeniedException".into());
    *account.script.looked_up.lock().unwrap() = LookedUp::none(&sought, &refused);
    assert_eq!(account.audit("2026-11-28T18:00:00Z"), NOTHING);
    // CloudTrail forgets, and that proves nothing.
    *account.script.looked_up.lock().unwrap() = LookedUp::default();
    assert_eq!(account.audit("2026-11-29T00:00:00Z"), NOTHING);
    let unknown = Account {
        arrivals: None,
        ..account
    };
    assert_eq!(unknown.audit("2026-11-29T06:00:00Z"), NOTHING);
}

/// One came in between, and then they stopped again: only what comes after that ends it.
#[test]
fn that_one_came_before_another_was_missing_ends_nothing() {
    let mut account = Account::new().has(&[changed("a", "2026-11-28T09:00:00Z")]);
    assert_eq!(account.audit("2026-11-28T12:00:00Z"), OPENED);
    assert!(account.receives("2026-11-28T13:00:00Z", "2026-11-28T13:00:01Z"));
    let account = account.has(&[changed("a", "2026-11-28T14:00:00Z")]);
    assert_eq!(account.audit("2026-11-28T18:00:00Z"), NOTHING);
    *account.script.looked_up.lock().unwrap() = LookedUp::default();
    assert_eq!(account.audit("2026-11-29T00:00:00Z"), NOTHING);
}

#[test]
fn where_none_are_expected_it_is_over_and_nothing_is_looked_up() {
    let mut account = Account::new().has(&[changed("a", "2026-11-28T09:00:00Z")]);
    assert_eq!(account.audit("2026-11-28T12:00:00Z"), OPENED);
    account.script.sought.lock().unwrap().clear();
    let arrivals = account.arrivals.as_mut().unwrap();
    assert!(arrivals.expect_none() && !arrivals.are_expected());
    let left = [EventKind::Resolved(Resolution::Left)];
    assert_eq!(account.audit("2026-11-28T18:00:00Z"), left);
    assert_eq!(*account.script.sought.lock().unwrap(), []);
    // What happened until they are expected again is not missing then.
    let arrivals = account.arrivals.as_mut().unwrap();
    assert!(arrivals.expect(time("2026-11-29T00:00:00Z")));
    assert_eq!(account.audit("2026-11-29T06:00:00Z"), NOTHING);
}

#[test]
fn an_audit_of_a_few_says_nothing_of_it() {
    let account = Account::new().has(&[changed("a", "2026-11-28T09:00:00Z")]);
    let a = copier("a").arn;
    let few = Selection {
        principals: Some([a].into()),
        sets: None,
    };
    assert_eq!(account.audit_of("2026-11-28T12:00:00Z", &few), NOTHING);
    assert_eq!(*account.script.sought.lock().unwrap(), []);
}

#[test]
fn an_event_that_explains_a_finding_is_missing_as_well() {
    let account = Account::new();
    assert_eq!(account.audit("2026-11-28T06:00:00Z"), NOTHING);
    let mut account = account.has(&[changed("a", "2026-11-28T09:00:00Z")]);
    *account.script.rules.lock().unwrap() =
        vec![Rules::default().deny("a", &["s3:GetObject"], Why::Lost)];
    account.script.sought.lock().unwrap().clear();
    // An arrival of another region is none of this one's.
    let elsewhere = EventSource {
        region: "eu-central-1".into(),
        ..of_iam()
    };
    let newest = BTreeMap::from([(elsewhere, time("2026-11-28T11:59:00Z"))]);
    let arrivals = account.arrivals.as_mut().unwrap();
    assert!(arrivals.note(&newest, time("2026-11-28T11:59:01Z")));
    assert_eq!(account.audit("2026-11-28T12:00:00Z"), OPENED);
}

#[test]
fn the_most_frequent_calls_are_looked_up_in_the_region_of_iam() {
    let account = Account::new();
    account.audit("2026-11-28T12:00:00Z");
    let sought = account.script.sought.lock().unwrap().clone();
    assert!((6..=20).contains(&sought.len()), "{sought:?}");
    assert!(sought.iter().all(|one| &*one.region == "us-east-1"));
    assert_eq!(sought[0].by, LookUpBy::Call("AttachRolePolicy".into()));
    let mut account = Account::new();
    account.receives("2026-11-28T11:30:00Z", "2026-11-28T11:30:01Z");
    account.audit("2026-11-28T12:00:00Z");
    let sought = account.script.sought.lock().unwrap().clone();
    assert_eq!(sought, [], "one came within the hour");
}

#[test]
fn what_is_kept_can_be_read_and_little_is_written() {
    let mut arrivals = Arrivals::default();
    let newest = |made: &str| BTreeMap::from([(of_iam(), time(made))]);
    let received = time("2026-11-28T12:00:00Z");
    assert!(arrivals.note(&newest("2026-11-28T10:00:00Z"), received));
    for made in ["2026-11-28T09:00:00Z", "2026-11-28T10:04:59Z"] {
        assert!(!arrivals.note(&newest(made), received), "{made}");
    }
    assert!(arrivals.expect(received) && !arrivals.expect(received));
    // A clock that is ahead hides nothing.
    assert!(arrivals.note(&newest("2099-01-01T00:00:00Z"), received));
    assert!(arrivals.note(
        &newest("2026-11-28T12:06:00Z"),
        time("2026-11-28T12:06:01Z")
    ));
    let text = arrivals.write();
    assert_eq!(Arrivals::read(&text).unwrap(), arrivals);
    let newer = text.replacen("\"format\":1", "\"format\":2", 1);
    let error = Arrivals::read(&newer).unwrap_err().to_string();
    assert_eq!(error, "the arrivals have format 2, newest known is 1");
    assert!(Arrivals::read("{\"format\":1}").is_err());
}

#[test]
fn whatever_an_event_is_about_it_arrived() {
    let mut failed = changed("a", "2026-11-28T10:00:00Z");
    failed["errorCode"] = "AccessDenied".into();
    let mut unknown = changed("a", "2026-11-28T10:01:00Z");
    unknown["eventName"] = "GetRole".into();
    let mut lacking = changed("a", "2026-11-28T10:02:00Z");
    lacking["requestParameters"] = Value::Null;
    let mut other = changed("a", "2026-11-28T10:03:00Z");
    other["eventSource"] = "sts.amazonaws.com".into();
    let events = [unknown, failed, lacking, other];
    let found = read(&json!(events).to_string()).unwrap();
    assert_eq!((found.events.len(), found.faults.len()), (0, 1));
    let expected = BTreeMap::from([(of_iam(), time("2026-11-28T10:02:00Z"))]);
    assert_eq!(found.newest, expected);
}

#[test]
fn what_cannot_be_followed_is_told_once_until_an_audit_of_everybody() {
    let account = Account::new();
    let why = "the event `TagRole` has no usable `requestParameters.roleName`";
    *account.script.rules.lock().unwrap() =
        vec![Rules::default().deny("a", &["s3:GetObject"], Why::Lost)];
    assert_eq!(account.audit("2026-11-28T06:00:00Z"), NOTHING);
    assert_eq!(account.cannot_follow(why, "2026-11-28T09:00:00Z"), OPENED);
    assert_eq!(account.cannot_follow(why, "2026-11-28T09:01:00Z"), NOTHING);
    let other = account.cannot_follow("its text is no JSON", "2026-11-28T09:02:00Z");
    assert_eq!(other, [EventKind::Worsened]);
    let few = Selection {
        principals: Some([copier("a").arn].into()),
        sets: None,
    };
    assert_eq!(account.audit_of("2026-11-28T10:00:00Z", &few), NOTHING);
    // It began before the last of them.
    assert_eq!(account.audit("2026-11-28T09:01:30Z"), NOTHING);
    assert_eq!(account.audit("2026-11-28T12:00:00Z"), HEALTHY);
    let file = account.memory.file.lock().unwrap().clone().unwrap();
    let baseline = audit::stored::read_file(&file).unwrap();
    let open = baseline.tracked().filter(|one| one.healthy.is_none());
    let open: Vec<(Code, Level)> = open
        .map(|one| (one.finding.code, one.finding.level))
        .collect();
    assert!(
        open.contains(&(Code::MissingActions, Level::High)),
        "{open:?}"
    );
}
