//! What people read of an organisation's threads, at 3 a.m. too: each text is a snapshot.

mod many;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit::baseline::Tracked;
use audit::events::{Explanation, read};
use audit::finding::{ChangeOrigin, Code, Finding, FindingId, Item, Lack, ReadSide};
use audit::threads::{Seen, Threads, advance};
use audit::{Level, Settings};
use iam::{AccountId, Cause, Decision, Layer, PrincipalArn, StatementRef};
use jiff::Timestamp;

use super::*;
use crate::header::Header;
use crate::machine::event::Machine;
use crate::organization::view::AccountPlace;

const NOW: &str = "2026-11-30T03:15:00Z";
const REPORT: &str = "https://console.aws.amazon.com/s3/object/permdrift-hub?region=eu-west-1&prefix=reports/2026-11-30T03%3A15%3A00Z.html";

fn account(number: usize) -> AccountId {
    (111_111_111_111 + number).to_string().parse().unwrap()
}

fn tracked(number: usize, name: &str, cause: Cause, actions: &[&str]) -> Tracked {
    let account = account(number);
    let principal: PrincipalArn = format!("arn:aws:iam::{account}:role/{name}")
        .parse()
        .unwrap();
    let id = FindingId::new(
        account,
        Some(&principal),
        Code::MissingActions,
        "ec2-backup",
    );
    let at: Timestamp = NOW.parse().unwrap();
    let item = |action: &&str| Item {
        name: (*action).into(),
        place: "".into(),
    };
    Tracked {
        finding: Finding {
            id,
            account,
            principal: Some(principal),
            code: Code::MissingActions,
            set: "ec2-backup".into(),
            level: Level::Critical,
            title: "Backup of EC2 instances".into(),
            impact: "Backups of EC2 instances fail.".into(),
            items: Arc::new(actions.iter().map(item).collect()),
            lacks: Arc::new(vec![Lack {
                cause,
                decision: Decision::ExplicitDeny,
                actions: Arc::new(actions.iter().map(|name| name.parse().unwrap()).collect()),
                resources: ["*".into()].into(),
                regions: BTreeSet::new(),
                owner: Some("cloud-platform@example.com".into()),
                read_side: ReadSide::default(),
            }]),
            opened: at,
            seen: at,
            openings: 1,
        },
        healthy: None,
        closed: false,
        thread: id,
        told: Some(at),
        reminders: 0,
        origin: ChangeOrigin::Account,
        openings: Vec::new(),
        explanation: None,
    }
}

fn scp() -> Cause {
    Cause::DeniedBy(vec![StatementRef {
        layer: Layer::ServiceControl { level: Some(1) },
        policy: "p-abcd1234".into(),
        index: Some(0),
        sid: Some("DenySnapshots".into()),
    }])
}

fn baseline(number: usize, findings: Vec<Tracked>) -> Baseline {
    let mut baseline = Baseline::empty(account(number));
    for tracked in findings {
        let findings = match &tracked.finding.principal {
            None => &mut baseline.findings,
            Some(principal) => {
                let record = baseline.principals.entry(principal.clone()).or_default();
                &mut record.findings
            }
        };
        findings.insert(tracked.finding.id, tracked);
    }
    baseline
}

const ACTIONS: [&str; 2] = ["ec2:CreateSnapshot", "ec2:CreateSnapshots"];

/// Fourteen roles in nine accounts.
fn fourteen() -> Vec<Baseline> {
    (0..9)
        .map(|number| {
            let names = ["VeeamNightly", "VeeamWeekly"];
            let names = names.iter().take(if number < 5 { 2 } else { 1 });
            let findings = names.map(|name| tracked(number, name, scp(), &ACTIONS));
            baseline(number, findings.collect())
        })
        .collect()
}

fn places(accounts: usize) -> BTreeMap<AccountId, AccountPlace> {
    (0..accounts)
        .map(|number| {
            let name = ["payroll-prod", "payroll-test", "shop-prod"][number % 3];
            let place = AccountPlace {
                name: Some(name.into()),
                path: vec!["r-ab12".into(), "ou-ab12-11111111".into()],
                organization: None,
            };
            (account(number), place)
        })
        .collect()
}

/// Says what is told of these baselines after what was told of those before.
fn say<T>(
    before: &[Baseline],
    now: &[Baseline],
    say: impl FnOnce(Vec<ThreadMessage>, &Surroundings<'_>) -> T,
) -> T {
    let at: Timestamp = NOW.parse().unwrap();
    let settings = Settings::parse("[owners]\nscp = \"cloud-platform@example.com\"").unwrap();
    let see = |baselines: &[Baseline]| {
        let mut seen = Seen::default();
        baselines.iter().for_each(|baseline| seen.add(baseline));
        seen
    };
    let stored: Threads = advance(&Threads::new(), &see(before), &settings, at)
        .into_iter()
        .map(|message| (message.thread.id(), message.thread))
        .collect();
    let accounts = before.len().max(now.len());
    let policies = BTreeMap::from([("p-abcd1234".into(), "guardrails".into())]);
    let around = Surroundings {
        header: Header {
            audit: "organization/2026-11-30T03:15:00Z",
            account: "999988887777".parse().unwrap(),
            at,
        },
        places: &places(accounts),
        policies: &policies,
        owners: &settings.owners,
        report: Some(REPORT),
    };
    say(advance(&stored, &see(now), &settings, at), &around)
}

/// What is told of these baselines after what was told of those before.
fn told(before: &[Baseline], now: &[Baseline]) -> Vec<(ThreadMessage, Words)> {
    say(before, now, |messages, around| {
        let words = messages.into_iter().map(|message| {
            let own = message.thread.about.account();
            let own = now.iter().find(|one| Some(one.account) == own);
            let words = words(&message, around, own);
            (message, words)
        });
        words.collect()
    })
}

fn event(machine: &Machine) -> serde_json::Value {
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/schemas/event-1.json"
    );
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let detail = serde_json::from_str(&machine.detail).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    valid
        .validate(&detail)
        .map_err(|error| error.to_string())
        .unwrap();
    detail
}

/// One message as every channel gets it.
fn all(before: &[Baseline], now: &[Baseline]) -> String {
    let told = told(before, now);
    let [(message, words)] = told.as_slice() else {
        panic!("{} messages", told.len());
    };
    let text = &words.texts[0];
    let chat: serde_json::Value = serde_json::from_str(&words.chats[0].json()).unwrap();
    let alert = words.machines.first().map(event);
    let id = message.thread.id().to_string();
    assert_eq!(chat["metadata"]["threadId"], id.as_str());
    assert!(text.body.contains(&id));
    if let Some(alert) = &alert {
        assert_eq!(alert["alert"]["id"], id.as_str());
    }
    let alert = alert.map(|detail| {
        let alert = &detail["alert"];
        format!(
            "{} {} {} {} accounts {} ous {}",
            words.machines[0].detail_type,
            alert["priority"],
            alert["title"],
            alert["accounts"],
            alert["count"],
            alert["organizationalUnits"]
        )
    });
    format!(
        "Subject: {}\n\n{}\n{:?}\n{:?}\n\n-- chat\n{}\n{}\n{}\n\n-- alert\n{}\n",
        text.subject,
        text.body,
        text.attributes,
        text.lists,
        chat["content"]["title"].as_str().unwrap(),
        chat["content"]["description"].as_str().unwrap(),
        chat["content"]["nextSteps"],
        alert.unwrap_or_default()
    )
}

#[test]
fn an_scp_that_hits_fourteen_roles_in_nine_accounts() {
    insta::assert_snapshot!(all(&[], &fourteen()));
}

/// What explains a finding: a call about the SCP, made by somebody at a time.
fn explanation(by: &str, at: &str) -> Explanation {
    let event = serde_json::json!({
        "eventSource": "organizations.amazonaws.com", "eventName": "UpdatePolicy", "eventID": by, "eventTime": at,
        "recipientAccountId": "999988887777", "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9.0",
        "userIdentity": { "type": "IAMUser", "arn": format!("arn:aws:iam::999988887777:user/{by}") },
        "requestParameters": { "policyId": "p-abcd1234" } });
    let events = read(&event.to_string()).unwrap().events;
    Explanation {
        count: events.len(),
        candidates: events.into_iter().map(Arc::new).collect(),
        since: "2026-11-29T21:15:00Z".parse().ok(),
        unseen: BTreeSet::new(),
    }
}

fn explain(baseline: &mut Baseline, by: &str, at: &str) {
    let records = baseline.principals.values_mut();
    for tracked in records.flat_map(|record| record.findings.values_mut()) {
        tracked.explanation = Some(explanation(by, at));
    }
}

/// The same baselines, where Alice changed the SCP.
fn explained(mut baselines: Vec<Baseline>) -> Vec<Baseline> {
    for baseline in &mut baselines {
        explain(baseline, "alice", "2026-11-30T03:10:00Z");
    }
    baselines
}

/// The document has what the code makes.
#[test]
fn the_mail_in_the_documents_is_the_one_that_is_sent() {
    let now = explained(fourteen().drain(..2).collect());
    let [(_, words)] = told(&[], &now).try_into().unwrap();
    let text = &words.texts[0];
    let expected = format!("```text\nSubject: {}\n\n{}```\n", text.subject, text.body);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/alerts.md");
    let document = std::fs::read_to_string(path).unwrap();
    assert!(
        document.contains(&expected),
        "docs/alerts.md lacks:\n{expected}"
    );
}

#[test]
fn it_gets_worse_as_accounts_join() {
    let mut now = fourteen();
    now[8] = baseline(8, Vec::new());
    let more = [
        "ec2:CreateSnapshot",
        "ec2:CreateSnapshots",
        "ec2:CopySnapshot",
    ];
    now[7] = baseline(7, vec![tracked(7, "VeeamNightly", scp(), &more)]);
    now.push(baseline(
        9,
        vec![tracked(9, "VeeamNightly", scp(), &ACTIONS)],
    ));
    insta::assert_snapshot!(all(&fourteen(), &now));
}

#[test]
fn it_is_over_once() {
    let now: Vec<Baseline> = (0..9).map(|number| baseline(number, Vec::new())).collect();
    insta::assert_snapshot!(all(&fourteen(), &now));
}

#[test]
fn what_is_one_accounts_own_is_worded_as_its_audits_word_it() {
    let lost = Cause::NotAllowedIn(vec![Layer::Identity]);
    let now = [baseline(
        0,
        vec![tracked(0, "VeeamNightly", lost.clone(), &ACTIONS)],
    )];
    insta::assert_snapshot!(all(&[], &now));
    let mut over = tracked(0, "VeeamNightly", lost, &ACTIONS);
    over.closed = true;
    insta::assert_snapshot!(all(&now, &[baseline(0, vec![over])]));
    let gone = all(&now, &[baseline(0, Vec::new())]);
    assert!(
        gone.starts_with(
            "Subject: Resolved: role VeeamNightly, Backup of EC2 instances (111111111111)\n"
        ),
        "nothing of it is left in the baseline: {gone}"
    );
}

#[test]
fn audits_that_fail_in_many_accounts() {
    let failed = |number: usize| {
        let account = account(number);
        let mut one = tracked(number, "nobody", scp(), &[]);
        let id = FindingId::new(account, None, Code::AuditFailed, "");
        one.finding = Finding {
            id,
            principal: None,
            code: Code::AuditFailed,
            set: "".into(),
            level: Level::High,
            title: format!("arn:aws:iam::{account}:role/permdrift-audit cannot be assumed: it is not there, or does not trust this account").into(),
            impact: "Until this is repaired, drift is found late or not at all.".into(),
            lacks: Arc::default(),
            ..one.finding
        };
        one.thread = id;
        baseline(number, vec![one])
    };
    let now: Vec<Baseline> = (0..3).map(failed).collect();
    insta::assert_snapshot!(all(&[], &now));
}

#[test]
fn what_does_not_fit_is_counted() {
    let now: Vec<Baseline> = (0..1_000)
        .map(|number| {
            let names = (0..20).map(|at| format!("a-role-with-a-rather-long-name-{at:033}"));
            let findings = names.map(|name| tracked(number, &name, scp(), &ACTIONS));
            baseline(number, findings.collect())
        })
        .collect();
    let told = told(&[], &now);
    let words = &told[0].1;
    let text = &words.texts[0];
    assert!(text.body.len() < 100_000, "{} bytes", text.body.len());
    assert!(
        text.body
            .contains("  ... and 800 more, which the report of all accounts lists.\n"),
        "{}",
        text.body
    );
    assert!(text.body.contains("    ... and 15 more\n"), "{}", text.body);
    assert!(
        text.subject.contains("20000 principals in 1000 accounts"),
        "{}",
        text.subject
    );
    let (_, accounts) = text
        .lists
        .iter()
        .find(|(name, _)| *name == "account")
        .unwrap();
    assert_eq!(
        accounts.len(),
        1_000,
        "a subscription selects by each of them"
    );
    let chat: serde_json::Value = serde_json::from_str(&words.chats[0].json()).unwrap();
    let description = chat["content"]["description"].as_str().unwrap();
    assert!(description.chars().count() <= crate::chat::DESCRIPTION);
    assert!(
        description.contains("more\n*Report of all accounts*: https://"),
        "{description}"
    );
    let detail = event(&words.machines[0]);
    assert_eq!(detail["alert"]["count"], 20_000);
    assert!(words.machines[0].detail.len() < 200_000);
}
