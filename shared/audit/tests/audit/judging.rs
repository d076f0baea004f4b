//! Judging: answers become verdicts, and nothing unknown becomes fine.
//!
//! Trust policies are in `trust`, access keys in `keys`, the canary in `canary`.

use audit::assessment::DangerKind;
use audit::judge::assess;
use audit::simulate::{Reply, inquiries};
use audit::verdict::{Notice, Profile};
use audit::{Assessment, Judgement, Selection, Settings};
use iam::inventory::Principal;
use iam::{Cause, Decision, Group, Question, ServiceControl};

use crate::phases::{asked, audit, listed, looked};
use crate::principals::{TRUST, copier, inventory, role};
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

#[test]
fn a_requirement_that_a_reply_leaves_out_is_undetermined() {
    let settings = Settings {
        excess: Some(DangerKind::Wildcard),
        ..Settings::default()
    };
    let asked = asked(&settings, NOW, &Selection::default());
    let listed = listed(&inventory(vec![copier("a")]), &asked);
    let mut inquiries = inquiries(&listed.bound);
    // As if the simulator had been asked about nothing, and had replied to just that.
    inquiries[0].lists = [].into();
    let found = assess(
        &asked,
        &listed,
        &ServiceControl::default(),
        &inquiries,
        vec![Reply::Decided(vec![])],
    );
    let judged = &found.verdicts[0];
    assert_eq!(judged.judgement(), Judgement::Undetermined);
    assert_eq!(judged.count_unknown(), 3, "all that `copy` requires");
    let excess = &found.excess.unwrap()[0];
    assert!(excess.dangers.is_empty());
    assert!(!excess.unknown.is_empty());
}

#[test]
fn what_was_not_asked_is_undetermined_list_by_list() {
    let settings = Settings::default();
    let asked = asked(&settings, NOW, &Selection::default());
    let listed = listed(&inventory(vec![copier("a")]), &asked);
    let lists = &inquiries(&listed.bound)[0].lists;
    let actions = |groups: &[Group]| {
        groups
            .iter()
            .map(|group| group.actions.len())
            .sum::<usize>()
    };
    for reply in [Reply::NotReached, Reply::Decided(vec![])] {
        let groups = reply.into_groups_or_undetermined(lists);
        assert_eq!(groups.len(), lists.len());
        for (questions, groups) in lists.iter().zip(&groups) {
            let of_question = |question: &Question| question.actions.len();
            assert_eq!(
                actions(groups),
                questions.iter().map(of_question).sum::<usize>()
            );
            let mut groups = groups.iter();
            assert!(groups.all(|group| group.outcome.decision == Decision::Undetermined));
        }
    }
}

#[test]
fn a_role_that_is_listed_twice_with_different_content_is_undetermined() {
    let role = |action: &str| {
        format!(
            r#"{{"Arn": "arn:aws:iam::111122223333:role/a", "Tags": [{{"Key": "veeam:action-sets", "Value": "copy"}}],
            "AssumeRolePolicyDocument": {TRUST}, "InstanceProfileList": [{{"InstanceProfileName": "a"}}],
            "RolePolicyList": [{{"PolicyName": "p", "PolicyDocument":
                {{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}}}]}}"#
        )
    };
    let judged = |second: &str| {
        let file = format!(
            r#"{{"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": [{}, {}]}}"#,
            role("*"),
            role(second)
        );
        let inventory = iam::inventory::read(file.as_bytes()).unwrap();
        let settings = Settings::default();
        let asked = asked(&settings, NOW, &Selection::default());
        looked(&inventory, &asked, ServiceControl::default())
            .assessment
            .verdicts
    };
    assert_eq!(judged("*")[0].judgement(), Judgement::Compliant);
    let verdicts = judged("**");
    assert_eq!(verdicts[0].judgement(), Judgement::Undetermined);
    let Cause::Unreadable { policy, reason, .. } = &verdicts[0].unknown[0].cause else {
        panic!("{:?}", verdicts[0].unknown);
    };
    assert!(
        policy.contains("what differs between its two listings"),
        "{policy}"
    );
    assert!(
        reason.starts_with("it is listed twice with different content"),
        "{reason}"
    );
}
