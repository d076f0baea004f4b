//! Judging: answers become verdicts, and nothing unknown becomes fine.
//!
//! Trust policies are in `trust`, access keys in `keys`, the canary in `canary`.

use audit::verdict::{Notice, Profile};
use audit::{Assessment, Judgement, Settings};
use iam::inventory::Principal;

use crate::phases::audit;
use crate::principals::{copier, inventory, role};
use crate::rules::{Rules, Why};

const NOW: &str = "2026-11-01T06:00:00Z";

pub(crate) fn judged(principal: Principal, rules: &Rules) -> Assessment {
    audit(
        &inventory(vec![principal]),
        rules,
        &Settings::default(),
        NOW,
    )
}

#[track_caller]
fn check(rules: Rules, expected: Judgement) {
    let found = judged(copier("a"), &rules);
    assert_eq!(
        found.verdicts[0].judgement(),
        expected,
        "{:?}",
        found.verdicts[0]
    );
}

#[test]
fn what_is_allowed_is_compliant() {
    check(Rules::default(), Judgement::Compliant);
}

#[test]
fn a_denial_outweighs_an_unknown() {
    check(
        Rules::default()
            .deny("a", &["s3:GetObject"], Why::Hangs("aws:SourceIp"))
            .deny("a", &["ec2:CreateSnapshot"], Why::Lost),
        Judgement::Drifted,
    );
}

#[test]
fn an_unknown_is_neither_compliant_nor_drifted() {
    check(
        Rules::default().deny("a", &["s3:GetObject"], Why::Throttled),
        Judgement::Undetermined,
    );
}

#[test]
fn an_optional_action_denied_is_a_notice() {
    let rules = Rules::default().deny("a", &["ec2:DeleteSubnet"], Why::Lost);
    let found = judged(copier("a"), &rules);
    assert_eq!(found.verdicts[0].judgement(), Judgement::Compliant);
    assert!(
        matches!(&found.verdicts[0].notices[..], [Notice::Optional { because, .. }] if &**because == "only to clean up")
    );
}

#[test]
fn a_condition_nobody_answered_is_a_notice_that_names_it() {
    for why in [Why::Lost, Why::Throttled] {
        let rules = Rules::default().deny("a", &["kms:CreateGrant"], why);
        let found = judged(copier("a"), &rules);
        assert_eq!(found.verdicts[0].judgement(), Judgement::Compliant);
        assert!(
            matches!(&found.verdicts[0].notices[..], [Notice::Asked { condition, .. }] if &**condition == "kms-encrypted-repository")
        );
    }
}

#[test]
fn allowed_on_narrower_resources_is_compliant_where_no_scope_was_declared() {
    let rules = Rules::default().deny("a", &["s3:GetObject"], Why::OnlyOn("arn:aws:s3:::b/*"));
    let found = judged(copier("a"), &rules);
    assert_eq!(found.verdicts[0].judgement(), Judgement::Compliant);
    assert!(matches!(
        &found.verdicts[0].notices[..],
        [Notice::AllowedOnlyOn { .. }]
    ));
}

#[test]
fn denied_on_the_declared_scope_is_drift() {
    let mut principal = copier("a");
    principal.tags.push(("veeam:bucket".into(), "mine".into()));
    let rules = Rules::default().deny("a", &["s3:GetObject"], Why::OnlyOn("arn:aws:s3:::b/*"));
    let found = judged(principal, &rules);
    assert_eq!(found.verdicts[0].judgement(), Judgement::Drifted);
}

#[test]
fn a_role_in_no_instance_profile_is_drift() {
    let mut principal = copier("a");
    principal.instance_profiles.clear();
    let found = judged(principal, &Rules::default());
    assert_eq!(found.verdicts[0].instance_profile, Profile::Lacks);
    assert_eq!(found.verdicts[0].judgement(), Judgement::Drifted);
}

#[test]
fn who_was_not_reached_is_undetermined_and_in_the_remainder() {
    let mut rules = Rules::default();
    rules.stop_at = Some("b".into());
    let found = audit(
        &inventory(vec![copier("a"), copier("b")]),
        &rules,
        &Settings::default(),
        NOW,
    );
    let judgements: Vec<Judgement> = found
        .verdicts
        .iter()
        .map(audit::Verdict::judgement)
        .collect();
    assert_eq!(judgements, [Judgement::Compliant, Judgement::Undetermined]);
    assert_eq!(found.coverage.not_reached, [role("b")]);
    assert!(!found.is_complete());
}
