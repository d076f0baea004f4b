//! Organisations: row N6, RCPs over what Veeam works with.

use audit::assessment::LevelsRead;
use audit::resources::Reading;

use super::case::{ALL, Case, HAND_OVER, KEY, metadata};

fn server() -> Case {
    Case::user(&[
        ("action-sets", "vbr-s3-immutability"),
        ("bucket", "backups"),
        ("kms-encrypted-repository", "no"),
    ])
    .bucket("backups", &[])
}

fn perimeter(services: &str, organization: &str) -> String {
    format!(
        r#"{{"Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": [{services}], "Resource": "*", "Condition": {{"StringNotEqualsIfExists": {{"aws:PrincipalOrgID": "{organization}"}}, "BoolIfExists": {{"aws:PrincipalIsAWSService": "false"}}}}}}"#
    )
}

#[test]
fn n6_a_perimeter_that_leaves_the_own_organisation_out() {
    let closed = perimeter(r#""s3:*""#, "o-other");
    let verdict = server().organization(&[ALL], &[&closed]).verdict();
    assert_eq!(verdict.judgement().as_str(), "drifted");
    let cause = format!("{:?}", verdict.missing[0].cause);
    assert!(
        cause.contains("ResourceControl { level: Some(0) }"),
        "{cause}"
    );
    assert!(cause.contains("perimeter-0"), "{cause}");
    let open = perimeter(r#""s3:*""#, "o-own");
    server().organization(&[ALL], &[&open]).is_well();
    server().organization(&[ALL], &[&open, &open]).is_well();
}

#[test]
fn a_level_that_was_read_denies_whatever_another_says() {
    let closed = perimeter(r#""s3:*""#, "o-other");
    let all = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
    let mut denied = server().organization(&[ALL, ALL], &[&closed, all]);
    let mut open = server().organization(&[ALL, ALL], &[all, all]);
    for case in [&mut denied, &mut open] {
        let Reading::Read(Some(organization)) = &mut case.resources.organization else {
            panic!("it has one");
        };
        organization.refused_service_control = vec!["r-ab12".into()];
        organization.refused_resource_control = vec!["r-ab12".into()];
    }
    assert_eq!(denied.verdict().judgement().as_str(), "drifted");
    let layers = open.assessment().coverage.layers;
    let partly = LevelsRead::Partly {
        read: 1,
        refused: 1,
    };
    assert_eq!(layers.service_control, partly);
    assert_eq!(layers.resource_control, partly);
    open.is_well();
    for layer in ["scp", "rcp"] {
        let required = open.clone().settings(&format!("require = [\"{layer}\"]"));
        let judgement = required.verdict().judgement();
        assert_eq!(judgement.as_str(), "undetermined", "{layer}");
    }
}

#[test]
fn n6_no_rcp_restricts_the_management_account() {
    let closed = perimeter(r#""s3:*""#, "o-other");
    let mut case = server().organization(&[ALL], &[&closed]);
    let Reading::Read(Some(organization)) = &mut case.resources.organization else {
        panic!("it has one");
    };
    organization.management_account = Some("111122223333".parse().unwrap());
    case.is_well();
}

/// RCPs restrict every resource of the account, declared or not.
#[test]
fn n6_a_perimeter_that_denies_whatever_resource_leaves_it_open() {
    let server = || {
        Case::user(&[
            ("action-sets", "vbr-s3-immutability"),
            ("kms-encrypted-repository", "no"),
        ])
    };
    let closed = perimeter(r#""s3:*", "kms:*""#, "o-other");
    let case = server().organization(&[ALL], &[&closed]);
    let verdict = case.verdict();
    assert_eq!(verdict.judgement().as_str(), "undetermined");
    let cause = format!("{:?}", verdict.unknown[0].cause);
    assert!(cause.contains("perimeter-0"), "{cause}");
    let unknown = verdict.unknown_actions();
    let unknown: Vec<&str> = unknown.iter().map(|action| action.as_str()).collect();
    assert!(unknown.contains(&"s3:GetBucketLocation") && unknown.contains(&"s3:PutObject"));
    assert!(
        !unknown.contains(&"s3:ListAllMyBuckets"),
        "it has no resource"
    );
    let open = perimeter(r#""s3:*", "kms:*""#, "o-own");
    server().organization(&[ALL], &[&open]).is_well();
    let elsewhere = r#"{"Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::secrets/*"}"#;
    server().organization(&[ALL], &[elsewhere]).is_well();
    let mut management = case;
    if let Reading::Read(Some(organization)) = &mut management.resources.organization {
        organization.management_account = Some("111122223333".parse().unwrap());
    }
    management.is_well();
    for (set, services) in [
        ("vbaws-role-impersonation", r#""sts:*""#),
        ("vbaws-role-worker-deployment", r#""sqs:*""#),
        ("vbaws-role-worker-deployment", r#""kms:CreateGrant""#),
    ] {
        let case = Case::role(&[("action-sets", set)]);
        case.clone().is_well();
        let case = case.organization(&[ALL], &[&perimeter(services, "o-other")]);
        assert_eq!(
            case.verdict().judgement().as_str(),
            "undetermined",
            "{services}"
        );
    }
}

#[test]
fn n6_keys_that_aws_manages_are_spared() {
    let closed = perimeter(r#""kms:*""#, "o-other");
    let worker = || {
        Case::role(&[
            ("action-sets", "vbaws-role-worker-deployment"),
            ("kms-key", KEY),
            ("source-key", KEY),
            ("target-key", KEY),
        ])
        .organization(&[ALL], &[&closed])
    };
    let verdict = worker().key(KEY, &[HAND_OVER]).verdict();
    assert_eq!(verdict.judgement().as_str(), "drifted");
    let mut managed = worker().key(KEY, &[HAND_OVER]);
    let key = managed.resources.keys.get_mut(KEY).unwrap();
    key.metadata = Reading::Read(metadata(KEY, "AWS"));
    managed.is_well();
}

/// What the settings say of requests goes before what is assumed, but not before what the account says of itself.
#[test]
fn settings_that_contradict_the_account_are_a_failure_of_the_audit() {
    let perimeter = perimeter(r#""s3:*""#, "o-other");
    let with = |context: &str| {
        let case = server().organization(&[ALL], &[&perimeter]);
        case.settings(&format!("[context]\n{context}"))
            .assessment()
            .failure
    };
    for context in [
        "\"aws:PrincipalOrgID\" = \"o-other\"",
        "\"aws:principalorgid\" = [\"o-own\", \"o-other\"]",
        "\"aws:PrincipalOrgID\" = []",
        "\"aws:PrincipalAccount\" = \"999900001111\"",
    ] {
        let failure = with(context).unwrap_or_default();
        assert!(
            failure.starts_with("the settings say that aws:Principal"),
            "{context}: {failure}"
        );
    }
    for context in [
        "\"aws:PrincipalOrgID\" = \"o-own\"",
        "\"aws:PrincipalAccount\" = \"111122223333\"",
        "\"aws:SourceIp\" = \"203.0.113.7\"",
    ] {
        assert_eq!(with(context), None, "{context}");
    }
    let said = "[context]\n\"aws:PrincipalOrgID\" = \"o-other\"";
    let mut alone = server().settings(said);
    assert!(alone.assessment().failure.is_some(), "it is in none");
    alone.resources.organization = Reading::NotRead;
    assert_eq!(alone.assessment().failure, None, "nobody knows");
    let of_some =
        "[[request]]\nactions = [\"s3:*\"]\ncontext = { \"aws:PrincipalOrgID\" = \"o-other\" }";
    let case = server()
        .organization(&[ALL], &[&perimeter])
        .settings(of_some);
    assert!(case.assessment().failure.is_some());
}
