//! Judging: answers become verdicts, and nothing unknown becomes fine.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::assessment::KeyFault;
use audit::verdict::{Notice, Profile};
use audit::{Assessment, Judgement, Settings};
use iam::inventory::{AccessKey, Principal};

use crate::phases::{audit, compare};
use crate::principals::{at, copier, inventory, key, principal, role, user};
use crate::rules::{Rules, Why};

const NOW: &str = "2026-11-01T06:00:00Z";

fn judged(principal: Principal, rules: &Rules) -> Assessment {
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

#[track_caller]
fn trusts(statements: &str, settings: &str, missing: &[&str], unknown: &[&str]) {
    let text = format!("{{\"Statement\":[{statements}]}}");
    let mut principal = copier("a");
    principal.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(&text)));
    let settings = Settings::parse(settings).unwrap();
    let found = audit(
        &inventory(vec![principal]),
        &Rules::default(),
        &settings,
        NOW,
    );
    let trust = &found.verdicts[0].trust;
    let texts = |names: &[Box<str>]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(texts(&trust.missing), missing);
    assert_eq!(texts(&trust.unknown), unknown);
    let expected = match (missing, unknown) {
        ([], []) => Judgement::Compliant,
        ([], _) => Judgement::Undetermined,
        _ => Judgement::Drifted,
    };
    assert_eq!(found.verdicts[0].judgement(), expected);
}

const SERVICE: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"backup.amazonaws.com"}}"#;

#[test]
fn everybody_who_must_assume_the_role_must_be_trusted() {
    let appliance = |principal: &str, more: &str| {
        format!(
            r#"{SERVICE},{{"Effect":"Allow","Action":"sts:*","Principal":{{"AWS":"{principal}"}}{more}}}"#
        )
    };
    trusts(SERVICE, "", &["444455556666"], &[]);
    trusts(
        &appliance("arn:aws:iam::444455556666:root", ""),
        "",
        &[],
        &[],
    );
    trusts(&appliance("444455556666", ""), "", &[], &[]);
    trusts(
        &appliance("arn:aws:iam::444455556666:role/Impersonation", ""),
        "",
        &[],
        &[],
    );
    trusts(
        &appliance("arn:aws:iam::999955556666:root", ""),
        "",
        &["444455556666"],
        &[],
    );
    trusts(&appliance("*", ""), "", &[], &[]);
    trusts("", "", &["backup.amazonaws.com", "444455556666"], &[]);
}

#[test]
fn a_trust_condition_is_unknown_until_somebody_answers_it() {
    let statements = format!(
        r#"{SERVICE},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"444455556666"}},"Condition":{{"StringEquals":{{"sts:ExternalId":"x"}}}}}}"#
    );
    trusts(&statements, "", &[], &["444455556666"]);
    trusts(
        &statements,
        "[context]\n\"sts:ExternalId\" = \"x\"",
        &[],
        &[],
    );
    trusts(
        &statements,
        "[context]\n\"sts:ExternalId\" = \"y\"",
        &["444455556666"],
        &[],
    );
}

#[test]
fn what_is_taken_to_hold_holds_for_trust_policies_too() {
    let both = |conditions: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"Service":"backup.amazonaws.com","AWS":"444455556666"}},"Condition":{{{conditions}}}}}"#
        )
    };
    for holds in [
        r#""Bool":{"aws:SecureTransport":"true","aws:ViaAWSService":"false"}"#,
        r#""Null":{"aws:CalledVia":"true","aws:MultiFactorAuthAge":"true"}"#,
        r#""DateGreaterThan":{"aws:CurrentTime":"2000-01-01T00:00:00Z"}"#,
    ] {
        trusts(&both(holds), "", &[], &[]);
    }
    let factor = both(r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#);
    let neither = ["backup.amazonaws.com", "444455556666"];
    trusts(&factor, "", &neither, &[]);
    let said = "[context]\n\"aws:MultiFactorAuthPresent\" = \"true\"";
    trusts(&factor, said, &[], &[]);
    let service = both(r#""Bool":{"aws:PrincipalIsAWSService":"true"}"#);
    trusts(&service, "", &["444455556666"], &[]);
    let named = both(r#""StringEquals":{"aws:PrincipalServiceName":"backup.amazonaws.com"}"#);
    trusts(&named, "", &["444455556666"], &[]);
}

#[test]
fn a_perimeter_that_spares_services_leaves_no_doubt_about_them() {
    let perimeter = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"backup.amazonaws.com","AWS":"444455556666"}},{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}"#;
    trusts(perimeter, "", &[], &["444455556666"]);
}

#[test]
fn a_service_acts_for_resources_of_the_roles_own_account() {
    let service = |account: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"Service":"backup.amazonaws.com","AWS":"444455556666"}},"Condition":{{"StringEqualsIfExists":{{"aws:SourceAccount":"{account}"}}}}}}"#
        )
    };
    trusts(&service("111122223333"), "", &[], &["444455556666"]);
    trusts(
        &service("000000000000"),
        "",
        &["backup.amazonaws.com"],
        &["444455556666"],
    );
}

#[test]
fn a_trust_policy_that_denies_outweighs_what_it_allows() {
    let deny = |rest: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"Service":"backup.amazonaws.com","AWS":"444455556666"}}}},{{"Effect":"Deny","Action":"sts:AssumeRole",{rest}}}"#
        )
    };
    trusts(
        &deny(r#""Principal":{"AWS":"444455556666"}"#),
        "",
        &["444455556666"],
        &[],
    );
    trusts(
        &deny(r#""NotPrincipal":{"AWS":"444455556666"}"#),
        "",
        &["backup.amazonaws.com"],
        &[],
    );
    trusts(
        &deny(
            r#""Principal":{"AWS":"444455556666"},"Condition":{"Bool":{"aws:SecureTransport":"false"}}"#,
        ),
        "",
        &[],
        &[],
    );
}

#[test]
fn an_unreadable_or_absent_trust_policy_is_unknown() {
    let fault = iam::trust::TrustPolicy::parse("{").unwrap_err();
    for trust in [None, Some(Arc::new(Err(fault)))] {
        let mut principal = copier("a");
        principal.trust = trust;
        let found = judged(principal, &Rules::default());
        assert_eq!(found.verdicts[0].judgement(), Judgement::Undetermined);
        assert_eq!(found.verdicts[0].trust.unknown.len(), 2);
    }
}

#[track_caller]
fn keys(keys: Option<Vec<AccessKey>>, expected: Option<&[KeyFault]>) {
    let who = user("a");
    let mut inventory = inventory(vec![principal(who.clone(), &[("action-sets", "upload")])]);
    inventory.access_keys = keys.map(|keys| BTreeMap::from([(who, keys)]));
    let found = audit(&inventory, &Rules::default(), &Settings::default(), NOW);
    assert_eq!(found.verdicts[0].judgement(), Judgement::Compliant);
    let faults = found.keys[0].faults.as_ref();
    assert_eq!(
        faults
            .map(|faults| faults.iter().cloned().collect::<Vec<_>>())
            .as_deref(),
        expected
    );
}

#[test]
fn a_user_whose_keys_were_not_among_those_read_may_have_some() {
    let who = user("a");
    let mut inventory = inventory(vec![principal(who, &[("action-sets", "upload")])]);
    inventory.access_keys = Some(BTreeMap::from([(user("b"), Vec::new())]));
    let found = audit(&inventory, &Rules::default(), &Settings::default(), NOW);
    assert_eq!(found.keys[0].faults, None);
}

#[test]
fn a_user_needs_one_young_active_key() {
    let young = "2026-06-01T00:00:00Z";
    keys(None, None);
    keys(Some(vec![]), Some(&[KeyFault::None]));
    keys(Some(vec![key("AAAA", true, young)]), Some(&[]));
    keys(
        Some(vec![key("AAAA", true, young), key("BBBB", false, young)]),
        Some(&[]),
    );
    keys(
        Some(vec![key("AAAA", false, young)]),
        Some(&[KeyFault::Inactive]),
    );
    keys(
        Some(vec![key("AAAA", true, young), key("BBBB", true, young)]),
        Some(&[KeyFault::Two]),
    );
    keys(
        Some(vec![key("AAAA", true, "2025-11-01T05:00:00Z")]),
        Some(&[]),
    );
    keys(
        Some(vec![key("AAAA", true, "2025-10-31T05:00:00Z")]),
        Some(&[KeyFault::Old {
            suffix: "AAAA".into(),
            days: 366,
        }]),
    );
    keys(
        Some(vec![key("AAAA", true, "")]),
        Some(&[KeyFault::AgeUnknown {
            suffix: "AAAA".into(),
        }]),
    );
}

#[test]
fn an_active_key_that_nobody_used_for_long_is_told_of() {
    let used = |last_used: Option<&str>, active| AccessKey {
        last_used: last_used.map(Into::into),
        ..key("AAAA", active, "2026-06-01T05:00:00Z")
    };
    let unused = |days| KeyFault::Unused {
        suffix: "AAAA".into(),
        days,
    };
    let day = Some("2026-08-03T05:00:00Z");
    keys(Some(vec![used(day, true)]), Some(&[]));
    let before = Some("2026-08-02T05:00:00Z");
    keys(Some(vec![used(before, true)]), Some(&[unused(91)]));
    keys(Some(vec![used(None, true)]), Some(&[unused(153)]));
    // Nobody asked when it was used.
    keys(Some(vec![used(Some(""), true)]), Some(&[]));
    keys(
        Some(vec![
            used(before, false),
            key("BBBB", true, "2026-06-01T05:00:00Z"),
        ]),
        Some(&[]),
    );
}

#[test]
fn a_root_key_is_the_accounts_own_finding_until_it_is_seen_to_be_gone() {
    let settings = Settings::default();
    let mut here = inventory(vec![copier("a")]);
    let codes = |here: &iam::Inventory| {
        let found = audit(here, &Rules::default(), &settings, NOW);
        let findings = audit::observe(&found, &settings).into_values();
        let own = findings.filter(|finding| finding.principal.is_none());
        (own.map(|finding| finding.code).collect::<Vec<_>>(), found)
    };
    here.root_keys = Some(vec![key("", false, "2020-01-01T00:00:00Z")]);
    let (told, found) = codes(&here);
    assert_eq!(told, [audit::Code::AccessKey]);
    let empty = audit::Baseline::empty(crate::principals::account());
    let changes = compare(&found, &empty, &settings);
    let baseline = audit::advance(empty, &found, changes, &settings).baseline;

    here.root_keys = None;
    let (told, found) = codes(&here);
    assert_eq!(told, []);
    assert_eq!(
        compare(&found, &baseline, &settings),
        [],
        "not seen, so not gone"
    );

    here.root_keys = Some(Vec::new());
    let (_, found) = codes(&here);
    let changes = compare(&found, &baseline, &settings);
    assert!(
        matches!(changes[0].kind, audit::ChangeKind::Vanished(_)),
        "{changes:?}"
    );
}

#[test]
fn roles_and_one_time_sets_need_no_access_key() {
    let once = principal(user("u"), &[("action-sets", "grant-once")]);
    let found = audit(
        &inventory(vec![copier("a"), once]),
        &Rules::default(),
        &Settings::default(),
        NOW,
    );
    assert_eq!(found.keys, []);
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

/// What an audit says of a canary whose action these rules decide: why it failed, if it did.
#[track_caller]
fn check_canary(rules: &Rules, expected: Option<&str>) {
    let settings = Settings::parse(
        "[canary]\nprincipal = \"arn:aws:iam::111122223333:user/canary\"\naction = \"s3:GetObject\"",
    )
    .unwrap();
    let canary = principal(user("canary"), &[("action-sets", "upload")]);
    let here = inventory(vec![canary, copier("a")]);
    let found = audit(&here, rules, &settings, NOW);
    assert_eq!(found.failure.as_deref(), expected);
    assert_eq!(found.verdicts.len(), 2, "the canary is no requirement");
    assert_eq!(found.is_complete(), expected.is_none());
}

#[test]
fn a_canary_that_was_not_found_to_be_denied_means_that_the_audit_is_broken() {
    let denied = |why| Rules::default().deny("canary", &["s3:GetObject"], why);
    check_canary(&denied(Why::Lost), None);
    check_canary(
        &Rules::default(),
        Some("the canary canary was found to have the action that it lacks"),
    );
    check_canary(
        &denied(Why::Throttled),
        Some("nobody knows whether the canary canary still lacks its action: throttled"),
    );
    check_canary(
        &denied(Why::Hangs("aws:SourceVpc")),
        Some(
            "nobody knows whether the canary canary still lacks its action: that hangs on aws:SourceVpc",
        ),
    );
    let mut no_time = Rules::default();
    no_time.stop_at = Some("canary".into());
    check_canary(
        &no_time,
        Some("the time was up before the canary canary was asked"),
    );
}

#[test]
fn a_canary_that_is_gone_means_that_the_audit_is_broken() {
    let settings = Settings::parse(
        "[canary]\nprincipal = \"arn:aws:iam::111122223333:role/canary\"\naction = \"s3:GetObject\"",
    )
    .unwrap();
    let found = audit(
        &inventory(vec![copier("a")]),
        &Rules::default(),
        &settings,
        NOW,
    );
    let expected = "the canary arn:aws:iam::111122223333:role/canary is gone";
    assert_eq!(found.failure.as_deref(), Some(expected));
    assert_eq!(found.at, at(NOW));
}

#[test]
fn the_canary_of_another_account_is_neither_asked_nor_missed() {
    let settings = Settings::parse(
        "[canary]\nprincipal = \"arn:aws:iam::444455556666:role/canary\"\naction = \"s3:GetObject\"",
    )
    .unwrap();
    let namesake = principal(role("canary"), &[]);
    let here = inventory(vec![namesake, copier("a")]);
    let found = audit(&here, &Rules::default(), &settings, NOW);
    assert_eq!(found.failure, None);
    assert!(found.is_complete());
}
