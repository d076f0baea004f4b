//! What is stored of a thread: read as it was written, small, and never taken for something that it is not.

use audit::finding::Resolution;
use audit::threads::{self, ReadThreadError};
use audit::{Code, EventKind, life};

use super::organization::{Organization, account, all, baseline, scp, tracked};
use crate::principals::at;

const NOW: &str = "2026-11-02T03:00:00Z";

#[test]
fn the_thread_of_a_thousand_accounts_is_small() {
    let organization = Organization::default();
    for number in 0..1_000 {
        let lacks = [(scp("DenySnapshots", 1), &["ec2:CreateSnapshot"][..])];
        let names: Vec<String> = (0..20).map(|at| format!("role-{at}")).collect();
        let roles = names
            .iter()
            .map(|name| tracked(account(number), name, &lacks));
        let stands = baseline(account(number), roles.collect());
        organization
            .baselines
            .lock()
            .unwrap()
            .insert(account(number), stands);
    }
    let told = organization.gather(&all(0..1_000), NOW);
    assert_eq!(told, ["opened high 1000/20000: 1000 Joined"]);
    let stored = organization.threads.lock().unwrap();
    let text = threads::write(stored.values().next().unwrap());
    assert!(text.len() < 80_000, "{} bytes", text.len());
    insta::assert_snapshot!(text.get(..400).unwrap());
}

#[test]
fn what_a_newer_release_wrote_is_refused() {
    let newer = r#"{"format":2,"unknown":true}"#;
    let found = threads::read(newer, 1);
    assert!(
        matches!(found, Err(ReadThreadError::TooNew { found: 2 })),
        "{found:?}"
    );
    for broken in ["", "{}", r#"{"format":1}"#] {
        let found = threads::read(broken, 1);
        assert!(
            matches!(found, Err(ReadThreadError::NotJson(_))),
            "{found:?}"
        );
    }
}

#[test]
fn whoever_leaves_the_organisation_has_no_findings_any_more() {
    let mut failed = tracked(account(0), "nobody", &[]);
    failed.finding.principal = None;
    failed.finding.code = Code::AuditFailed;
    let open = tracked(
        account(0),
        "nightly",
        &[(scp("A", 0), &["s3:GetObject"][..])],
    );
    let mut quiet = tracked(account(0), "weekly", &[]);
    quiet.told = None;
    let mut over = tracked(account(0), "old", &[]);
    over.closed = true;
    let stands = baseline(account(0), vec![failed, open, quiet, over]);
    let step = life::leave(stands, at(NOW));
    assert_eq!(step.events.len(), 3);
    for event in &step.events {
        assert_eq!(event.kind, EventKind::Resolved(Resolution::Left));
        let is_quiet = event
            .finding
            .principal
            .as_ref()
            .is_some_and(|arn| arn.name() == "weekly");
        assert_eq!(
            event.for_people, !is_quiet,
            "nobody is told of the end of what nobody heard of"
        );
    }
    assert!(step.account.is_some());
    assert_eq!(step.touched.len(), 2);
    assert!(step.baseline.tracked().all(|tracked| tracked.closed));
    let again = life::leave(step.baseline, at(NOW));
    assert!(
        again.events.is_empty() && again.account.is_none() && again.touched.is_empty(),
        "once"
    );
}
