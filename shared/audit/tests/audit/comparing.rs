//! Comparing: what is different, and what was only not seen.

use std::sync::Arc;

use audit::finding::{Code, Resolution};
use audit::{Assessment, Baseline, ChangeKind, Selection, Settings, advance};
use iam::inventory::{Gap, Principal};

use crate::phases::{audit, audit_some, compare};
use crate::principals::{account, at, copier, inventory, principal, role, user};
use crate::rules::{Rules, Why};

const DAY_1: &str = "2026-11-01T06:00:00Z";
const DAY_2: &str = "2026-11-02T06:00:00Z";

/// The baseline after one audit.
fn after(assessment: &Assessment) -> Baseline {
    let settings = Settings::default();
    let empty = Baseline::empty(account());
    let changes = compare(assessment, &empty, &settings);
    advance(empty, assessment, changes, &settings).baseline
}

/// Changes of the second day, as `kind code items`.
fn changes(before: &Assessment, now: &Assessment) -> Vec<String> {
    let changes = compare(now, &after(before), &Settings::default());
    let mut lines: Vec<String> = changes
        .iter()
        .map(|change| {
            let (kind, items) = match &change.kind {
                ChangeKind::Appeared => ("appeared", &*change.finding.items),
                ChangeKind::Worsened(items) => ("worsened", items),
                ChangeKind::Eased(items) => ("eased", items),
                ChangeKind::Altered => ("altered", &*change.finding.items),
                ChangeKind::Vanished(Resolution::Healthy) => ("vanished", &*change.finding.items),
                ChangeKind::Vanished(Resolution::Left) => ("left", &*change.finding.items),
            };
            let names: Vec<&str> = items.iter().map(|item| &*item.name).collect();
            format!("{kind} {}: {}", change.finding.code, names.join(" "))
        })
        .collect();
    lines.sort();
    lines
}

#[track_caller]
fn check(before: Rules, now: Rules, expected: &[&str]) {
    let here = inventory(vec![copier("a")]);
    let settings = Settings::default();
    let before = audit(&here, &before, &settings, DAY_1);
    let now = audit(&here, &now, &settings, DAY_2);
    assert_eq!(changes(&before, &now), expected);
}

fn lost(actions: &[&str]) -> Rules {
    Rules::default().deny("a", actions, Why::Lost)
}

#[test]
fn nothing_new_is_no_change() {
    check(Rules::default(), Rules::default(), &[]);
    check(lost(&["s3:GetObject"]), lost(&["s3:GetObject"]), &[]);
}

#[test]
fn more_is_worse_and_less_is_better() {
    check(
        Rules::default(),
        lost(&["s3:GetObject"]),
        &["appeared missing-actions: s3:GetObject"],
    );
    check(
        lost(&["s3:GetObject"]),
        lost(&["s3:GetObject", "s3:ListBucket"]),
        &["worsened missing-actions: s3:ListBucket"],
    );
    check(
        lost(&["s3:GetObject", "s3:ListBucket"]),
        lost(&["s3:GetObject"]),
        &["eased missing-actions: s3:ListBucket"],
    );
    check(
        lost(&["s3:GetObject"]),
        Rules::default(),
        &["vanished missing-actions: s3:GetObject"],
    );
}

#[test]
fn another_action_instead_is_worse() {
    check(
        lost(&["s3:GetObject"]),
        lost(&["s3:ListBucket"]),
        &["worsened missing-actions: s3:ListBucket"],
    );
}

#[test]
fn the_same_actions_for_another_cause_are_altered() {
    check(
        lost(&["s3:GetObject"]),
        Rules::default().deny("a", &["s3:GetObject"], Why::Scp("DenyS3")),
        &["altered missing-actions: s3:GetObject"],
    );
}

#[test]
fn a_release_that_words_findings_otherwise_says_nothing() {
    let here = inventory(vec![copier("a")]);
    let settings = Settings::default();
    let rules = lost(&["s3:GetObject"]);
    let mut baseline = after(&audit(&here, &rules, &settings, DAY_1));
    for record in baseline.principals.values_mut() {
        for tracked in record.findings.values_mut() {
            tracked.finding.title = "As an older release said it".into();
            tracked.finding.impact = "As an older release said it, too".into();
        }
    }
    let now = audit(&here, &rules, &settings, "2026-11-01T07:00:00Z");
    let changes = compare(&now, &baseline, &settings);
    let kinds: Vec<&ChangeKind> = changes.iter().map(|change| &change.kind).collect();
    assert_eq!(kinds, [&ChangeKind::Altered]);
    let advanced = advance(baseline, &now, changes, &settings);
    assert_eq!(advanced.events, []);
}

#[test]
fn what_an_scp_denied_ends_only_where_the_scps_are_known() {
    let settings = Settings::default();
    let here = inventory(vec![copier("a")]);
    let denied = Rules::default().deny("a", &["s3:GetObject"], Why::Scp("DenyS3"));
    let before = audit(&here, &denied, &settings, DAY_1);
    let mut now = audit(&here, &Rules::default(), &settings, DAY_2);
    assert_eq!(
        changes(&before, &now),
        ["vanished missing-actions: s3:GetObject"]
    );
    now.coverage.knows_service_control = false;
    assert_eq!(changes(&before, &now), [""; 0]);
    let lost = audit(&here, &lost(&["s3:GetObject"]), &settings, DAY_1);
    assert_eq!(
        changes(&lost, &now),
        ["vanished missing-actions: s3:GetObject"]
    );
}

#[test]
fn what_an_scp_denied_on_concrete_resources_ends_only_where_these_were_asked_about() {
    let not_asked = || Rules::default().deny("a", &["s3:GetObject"], Why::NotConfirmed);
    let denied = Rules::default().deny("a", &["s3:GetObject"], Why::Scp("DenyS3"));
    check(denied.clone(), not_asked(), &[]);
    check(
        denied.deny("a", &["s3:ListBucket"], Why::Scp("DenyS3")),
        not_asked(),
        &["eased missing-actions: s3:ListBucket"],
    );
    let hangs = Rules::default().deny("a", &["s3:GetObject"], Why::Hangs("aws:SourceVpc"));
    check(hangs, not_asked(), &[]);
    // What the principal's own policies did not allow, they do now.
    check(
        lost(&["s3:GetObject"]),
        not_asked(),
        &["vanished missing-actions: s3:GetObject"],
    );
    let throttled = Rules::default().deny("a", &["s3:GetObject"], Why::Throttled);
    check(
        throttled,
        not_asked(),
        &["vanished undetermined: no answer"],
    );
}

#[test]
fn an_unknown_never_ends_a_finding() {
    check(
        lost(&["s3:GetObject"]),
        Rules::default().deny("a", &["*"], Why::Throttled),
        &["appeared undetermined: no answer"],
    );
}

#[test]
fn an_unknown_never_eases_a_finding() {
    check(
        lost(&["s3:GetObject", "s3:ListBucket"]),
        lost(&["s3:GetObject"]).deny("a", &["s3:ListBucket"], Why::Throttled),
        &["appeared undetermined: no answer"],
    );
}

#[test]
fn what_was_seen_healthy_beside_an_unknown_eases() {
    check(
        lost(&["s3:GetObject", "s3:ListBucket"]),
        Rules::default().deny("a", &["s3:ListBucket"], Why::Throttled),
        &[
            "appeared undetermined: no answer",
            "eased missing-actions: s3:GetObject",
        ],
    );
}

#[test]
fn an_unknown_elsewhere_does_not_keep_a_finding() {
    check(
        lost(&["s3:GetObject"]),
        Rules::default().deny("a", &["s3:ListBucket"], Why::Throttled),
        &[
            "appeared undetermined: no answer",
            "vanished missing-actions: s3:GetObject",
        ],
    );
}

#[test]
fn declaring_a_scope_makes_nothing_worse() {
    let settings = Settings::default();
    let rules = lost(&["s3:GetObject"]);
    let before = audit(&inventory(vec![copier("a")]), &rules, &settings, DAY_1);
    let mut scoped = copier("a");
    scoped.tags.push(("veeam:bucket".into(), "mine".into()));
    let now = audit(&inventory(vec![scoped]), &rules, &settings, DAY_2);
    assert_eq!(
        changes(&before, &now),
        ["altered missing-actions: s3:GetObject"]
    );
}

/// Two principals on the first day, of which one is lost; on the second `second` is there.
#[track_caller]
fn second_day(second: Vec<Principal>, gaps: &[Gap], expected: &[&str]) {
    let settings = Settings::default();
    let rules = lost(&["s3:GetObject"]);
    let before = audit(
        &inventory(vec![copier("a"), copier("b")]),
        &rules,
        &settings,
        DAY_1,
    );
    let mut here = inventory(second);
    here.gaps = gaps.to_vec();
    let now = audit(&here, &rules, &settings, DAY_2);
    assert_eq!(changes(&before, &now), expected);
}

#[test]
fn a_principal_that_is_gone_ends_its_findings_and_is_missed() {
    second_day(
        vec![copier("b")],
        &[],
        &[
            "appeared coverage: no longer bound",
            "left missing-actions: s3:GetObject",
        ],
    );
}

#[test]
fn a_principal_that_lost_its_tag_is_missed_all_the_same() {
    let plain = principal(role("a"), &[]);
    second_day(
        vec![plain, copier("b")],
        &[],
        &[
            "appeared coverage: no longer bound",
            "left missing-actions: s3:GetObject",
        ],
    );
}

#[test]
fn a_listing_that_is_cut_off_ends_nothing() {
    second_day(
        vec![copier("b")],
        &[Gap::Truncated],
        &["appeared coverage: the listing is cut off"],
    );
}

#[test]
fn a_tag_that_cannot_be_read_ends_nothing() {
    let mut slipped = principal(role("a"), &[("action-sets", "cpoy")]);
    slipped.trust = copier("a").trust;
    second_day(
        vec![slipped, copier("b")],
        &[],
        &["appeared unknown-action-set: cpoy"],
    );
}

#[test]
fn no_principal_at_all_is_a_finding() {
    second_day(
        vec![],
        &[],
        &[
            "appeared coverage: no longer bound",
            "appeared coverage: no longer bound",
            "appeared coverage: no principal is bound to any action set",
            "left missing-actions: s3:GetObject",
        ],
    );
}

#[test]
fn what_a_selection_leaves_out_is_left_alone() {
    let settings = Settings::default();
    let here = inventory(vec![copier("a"), copier("b")]);
    let rules = lost(&["s3:GetObject"]);
    let before = audit(&here, &rules, &settings, DAY_1);
    let selection = Selection {
        principals: Some([role("b")].into()),
        sets: None,
    };
    let fine = Rules::default();
    let now = audit_some(&here, &fine, &settings, DAY_2, &selection);
    assert_eq!(changes(&before, &now), [""; 0]);
    // Not even one that is gone is missed by an audit that did not ask for it.
    let now = audit_some(
        &inventory(vec![copier("b")]),
        &fine,
        &settings,
        DAY_2,
        &selection,
    );
    assert_eq!(changes(&before, &now), [""; 0]);
}

#[test]
fn what_was_not_reached_is_left_alone() {
    let settings = Settings::default();
    let here = inventory(vec![copier("a")]);
    let before = audit(&here, &lost(&["s3:GetObject"]), &settings, DAY_1);
    let mut rules = Rules::default();
    rules.stop_at = Some("a".into());
    let now = audit(&here, &rules, &settings, DAY_2);
    assert_eq!(changes(&before, &now), [""; 0]);
}

#[test]
fn an_audit_that_failed_ends_nothing() {
    let settings = Settings::default();
    let before = audit(
        &inventory(vec![copier("a")]),
        &lost(&["s3:GetObject"]),
        &settings,
        DAY_1,
    );
    let now = audit::judge::failed(account(), "cannot list", at(DAY_2));
    assert_eq!(
        changes(&before, &now),
        ["appeared audit-failed: cannot list"]
    );
}

#[test]
fn access_keys_that_were_not_read_end_nothing() {
    let settings = Settings::default();
    let mut here = inventory(vec![principal(user("u"), &[("action-sets", "upload")])]);
    let before = audit(&here, &Rules::default(), &settings, DAY_1);
    here.access_keys = None;
    let now = audit(&here, &Rules::default(), &settings, DAY_2);
    assert_eq!(
        changes(&before, &now),
        ["appeared undetermined: access keys"]
    );
}

#[test]
fn a_trust_condition_ends_no_trust_finding() {
    let settings = Settings::default();
    let trusting = |text: &str| {
        let mut principal = copier("a");
        principal.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(text)));
        audit(
            &inventory(vec![principal]),
            &Rules::default(),
            &settings,
            DAY_2,
        )
    };
    let service = r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"backup.amazonaws.com"}}"#;
    let before = trusting(&format!("{service}]}}"));
    let now = trusting(&format!(
        r#"{service},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"444455556666"}},"Condition":{{"StringEquals":{{"sts:ExternalId":"x"}}}}}}]}}"#
    ));
    assert_eq!(
        changes(&before, &now),
        ["appeared undetermined: 444455556666"]
    );
    let found = compare(&now, &after(&before), &settings);
    assert_eq!(found[0].finding.code, Code::Undetermined);
}
