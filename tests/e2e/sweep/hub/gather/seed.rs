//! What audits left behind: baselines in the table of a hub, and its bucket.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit::baseline::{Baseline, Record, Tracked};
use audit::finding::{ChangeOrigin, Code, Finding, FindingId, Item, Lack, ReadSide};
use audit::observe::Findings;
use audit::roster::{Member, Roster, Skipped};
use audit::stored::{self, Form};
use audit::{Level, Settings};
use e2e::rig::Rig;
use iam::{AccountId, Cause, Decision, Layer, PrincipalArn, StatementRef};
use jiff::Timestamp;
use report::organization::{AccountSummary, Audited};
use serde_json::{Value, json};

use crate::site::Bucket;

const AT: &str = "2026-11-30T03:15:00Z";

fn number(at: usize) -> AccountId {
    (111_111_111_110 + at).to_string().parse().unwrap()
}

/// What an SCP denies.
fn denied() -> Cause {
    Cause::DeniedBy(vec![StatementRef {
        layer: Layer::ServiceControl { level: Some(1) },
        policy: "p-nocopies".into(),
        index: Some(0),
        sid: Some("NoCopies".into()),
    }])
}

/// What a role lacks, for this cause.
fn tracked(account: AccountId, name: &str, cause: Cause) -> Tracked {
    let principal: PrincipalArn = format!("arn:aws:iam::{account}:role/{name}")
        .parse()
        .unwrap();
    let id = FindingId::new(account, Some(&principal), Code::MissingActions, "copy");
    let at: Timestamp = AT.parse().unwrap();
    let action = "ec2:CopySnapshot";
    let item = Item {
        name: action.into(),
        place: "".into(),
    };
    Tracked {
        finding: Finding {
            id,
            account,
            principal: Some(principal),
            code: Code::MissingActions,
            set: "copy".into(),
            level: Level::High,
            title: "Copies".into(),
            impact: "Copies fail.".into(),
            items: Arc::new([item].into()),
            lacks: Arc::new(vec![Lack {
                cause,
                decision: Decision::ExplicitDeny,
                actions: Arc::new([action.parse().unwrap()].into()),
                resources: ["*".into()].into(),
                regions: BTreeSet::new(),
                owner: None,
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

/// What an audit of an account committed in which these roles suffer from an SCP.
pub(super) fn commit(rig: &Rig<'_>, at: usize, suffering: &[&str]) {
    commit_for(rig, at, suffering, &denied());
}

/// The same where they lost it by their own policies.
pub(super) fn commit_lost(rig: &Rig<'_>, at: usize, suffering: &[&str]) {
    let lost = Cause::NotAllowedIn(vec![Layer::Identity]);
    commit_for(rig, at, suffering, &lost);
}

fn commit_for(rig: &Rig<'_>, at: usize, suffering: &[&str], cause: &Cause) {
    let account = number(at);
    let mut baseline = Baseline::empty(account);
    baseline.generation = 1;
    baseline.audited = Some(AT.parse().unwrap());
    let item = |sort: String, body: String| {
        json!({
            "account": { "S": account.as_str() }, "item": { "S": sort }, "format": { "N": "1" },
            "generation": { "N": "1" }, "commits": { "N": "1" }, "body": { "S": body } })
    };
    let own = item(
        "account".to_owned(),
        stored::account_entry(&baseline, Form::Plain),
    );
    let roles = ["nightly", "weekly"].map(|name| {
        let one = tracked(account, name, cause.clone());
        let principal = one.finding.principal.clone().unwrap();
        let findings = suffering.contains(&name).then_some((one.finding.id, one));
        let record = Record {
            sets: BTreeMap::from([("copy".into(), Level::High)]),
            findings: findings.into_iter().collect(),
            ..Record::default()
        };
        let body = stored::principal_entry(&principal, &record, Form::Plain);
        item(format!("principal#{principal}"), body)
    });
    rig.put(std::iter::once(own).chain(roles));
}

/// The organisation in which an SCP takes something from fourteen roles in nine accounts.
pub(super) fn fourteen_in_nine(rig: &Rig<'_>) {
    for at in 0..9 {
        commit(
            rig,
            at,
            &["nightly", "weekly"][..if at < 5 { 2 } else { 1 }],
        );
    }
}

/// What the roster and the audits of a run left in the bucket. `skipped` is suspended, `audited` were audited, of `members`.
pub(super) fn put_run(
    bucket: &Bucket<'_>,
    run: &str,
    members: impl Iterator<Item = usize>,
    audited: impl Iterator<Item = usize>,
    suspended: Option<usize>,
) {
    let accounts: BTreeMap<AccountId, Member> = members
        .map(|at| {
            let is_suspended = suspended == Some(at);
            let member = Member {
                name: format!("member-{at}").into(),
                path: vec!["r-ab12".into(), "ou-ab12-11111111".into()],
                state: if is_suspended { "SUSPENDED" } else { "ACTIVE" }.into(),
                joined: None,
                skipped: is_suspended.then_some(Skipped::Suspended),
            };
            (number(at), member)
        })
        .collect();
    let items: Vec<Value> = accounts
        .iter()
        .filter(|(_, member)| member.skipped.is_none())
        .map(|(account, _)| json!({ "account": account.as_str(), "role": "", "run": run }))
        .collect();
    bucket.put(
        &format!("runs/{run}/accounts.json"),
        &json!(items).to_string(),
    );
    let roster = Roster {
        run: run.into(),
        management: None,
        accounts,
    };
    bucket.put("roster.json", &roster.write());
    bucket.put("organization.json", &json!({ "policies": { "p-nocopies": { "Policy": { "PolicySummary": { "Name": "guardrails" } } } } }).to_string());
    for at in audited {
        let account = number(at);
        let mut assessment = audit::judge::failed(account, "", AT.parse().unwrap());
        assessment.failure = None;
        let summary = AccountSummary::of(&Audited {
            audit: &format!("{account}/{run}"),
            assessment: &assessment,
            findings: &Findings::new(),
            baseline: None,
            settings: &Settings::default(),
            provenance: None,
        });
        let mut text = Vec::new();
        report::organization::stored::write(&mut text, &summary).unwrap();
        bucket.put(
            &format!("accounts/{account}.json"),
            &String::from_utf8(text).unwrap(),
        );
    }
}
