//! Named SCPs: AWS's simulator says that SCPs deny. Which statement it is, the SCPs say that were read.

use std::sync::{Arc, Mutex};

use audit::resources::Reading;
use audit::verdict::Verdict;
use audit::{Asked, Settings, look};
use catalog::Catalog;
use futures_util::FutureExt as _;
use iam::{Cause, Decision, Layer, StatementRef};

use super::case::{ALL, Case};
use crate::outside::Script;
use crate::principals::{account, at};
use crate::rules::{Rules, Why};

const SCPS: Layer = Layer::ServiceControl { level: None };
const FROZEN: &str = r#"{"Sid": "Frozen", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}"#;

fn server() -> Case {
    Case::user(&[
        ("action-sets", "vbr-unstructured-s3-restore"),
        ("bucket", "backups"),
    ])
    .bucket("backups", &[])
}

/// The verdict where a simulator says this of `s3:PutObject`, and allows all else.
fn verdict(case: &Case, decision: Decision, cause: Cause) -> Verdict {
    let why = Why::Is(decision, cause);
    let rules = Rules::default().deny("veeam", &["s3:PutObject"], why);
    let script = Script {
        inventory: Arc::new(case.inventory()),
        rules: Mutex::new(vec![rules]),
        resources: Mutex::new(vec![case.resources.clone()]),
        ..Script::default()
    };
    let (settings, catalog) = (Settings::default(), Catalog::embedded());
    let asked = Asked {
        account: Some(account()),
        ..Asked::new(&catalog, &settings, at("2026-11-01T06:00:00Z"))
    };
    let looked = look(&asked, &script).now_or_never().unwrap().unwrap();
    looked.assessment.verdicts.into_iter().next().unwrap()
}

#[track_caller]
fn check(case: &Case, (decision, cause): (Decision, Cause), expected: &str) {
    let verdict = verdict(case, decision, cause);
    assert_eq!(verdict.judgement().as_str(), "drifted");
    let causes: Vec<String> = verdict
        .missing
        .iter()
        .map(|one| match &one.cause {
            Cause::DeniedBy(by) => {
                let by: Vec<String> = by.iter().map(|at| format!("{}: {at}", at.layer)).collect();
                by.join("; ")
            }
            Cause::NotAllowedIn(layers) => {
                let layers: Vec<String> = layers.iter().map(ToString::to_string).collect();
                format!("not in {}", layers.join(", "))
            }
            Cause::DeniedInLayer(layer) => format!("somewhere in {layer}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(causes, [expected]);
}

fn explicit() -> (Decision, Cause) {
    (Decision::ExplicitDeny, Cause::DeniedInLayer(SCPS))
}

fn implicit(layers: &[Layer]) -> (Decision, Cause) {
    (Decision::ImplicitDeny, Cause::NotAllowedIn(layers.to_vec()))
}

#[test]
fn the_statement_that_denies_is_named_with_its_level() {
    let case = server().organization(&[ALL, FROZEN], &[]);
    let named = "SCP level 1: perimeter-1, statement Frozen";
    check(&case, explicit(), named);
    check(&case, implicit(&[SCPS]), named);
    let twice = server().organization(&[FROZEN, FROZEN], &[]);
    let both =
        "SCP level 0: perimeter-0, statement Frozen; SCP level 1: perimeter-1, statement Frozen";
    check(&twice, explicit(), both);
}

#[test]
fn a_statement_about_whose_principal_it_is_is_named() {
    let spares = |name: &str| {
        format!(
            r#"{{"Sid": "Frozen", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*", "Condition": {{"ArnNotLike": {{"aws:PrincipalArn": "arn:aws:iam::*:user/{name}"}}}}}}"#
        )
    };
    let case = |name| server().organization(&[ALL, &spares(name)], &[]);
    check(
        &case("admin"),
        explicit(),
        "SCP level 1: perimeter-1, statement Frozen",
    );
    check(&case("veeam"), explicit(), "somewhere in SCP");
}

#[test]
fn what_is_not_certain_is_not_named() {
    let from = r#"{"Sid": "Frozen", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}"#;
    let elsewhere = r#"{"Sid": "Frozen", "Effect": "Deny", "Action": "s3:Put*", "Resource": "arn:aws:s3:::other/*"}"#;
    for statement in [from, elsewhere, ALL] {
        let case = server().organization(&[ALL, statement], &[]);
        check(&case, explicit(), "somewhere in SCP");
        check(&case, implicit(&[SCPS]), "not in SCP");
    }
    let mut unread = server().organization(&[ALL, FROZEN], &[]);
    if let Reading::Read(Some(organization)) = &mut unread.resources.organization {
        organization.service_control = Reading::Refused("AccessDenied".into());
    }
    check(&unread, explicit(), "somewhere in SCP");
    let mut management = server().organization(&[ALL, FROZEN], &[]);
    if let Reading::Read(Some(organization)) = &mut management.resources.organization {
        organization.management_account = Some(account());
    }
    check(&management, explicit(), "somewhere in SCP");
}

/// AWS was not told the region, for one, and an SCP denies: it may ask for just that.
fn without_a_key() -> (Decision, Cause) {
    let by = vec![StatementRef::in_force(SCPS)];
    (Decision::Undetermined, Cause::MissingContext { by })
}

#[test]
fn a_denial_that_asks_for_no_key_that_is_missing_is_certain() {
    let case = server().organization(&[ALL, FROZEN], &[]);
    check(
        &case,
        without_a_key(),
        "SCP level 1: perimeter-1, statement Frozen",
    );
    let nothing = r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#;
    let mut allows_no_s3 = server().organization(&[ALL, ALL], &[]);
    if let Reading::Read(Some(organization)) = &mut allows_no_s3.resources.organization
        && let Reading::Read(levels) = &mut organization.service_control
    {
        levels[1] = super::case::levels(&[nothing], nothing).remove(0);
    }
    check(&allows_no_s3, without_a_key(), "not in SCP level 1");
}

#[test]
fn a_denial_that_asks_for_a_key_that_is_missing_stays_undetermined() {
    let endpoint = r#"{"Sid": "Frozen", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}}"#;
    let if_exists = r#"{"Sid": "Frozen", "Effect": "Deny", "Action": "s3:Put*", "Resource": "*", "Condition": {"NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}}}"#;
    for statement in [endpoint, if_exists, ALL] {
        let case = server().organization(&[ALL, statement], &[]);
        let (decision, cause) = without_a_key();
        let verdict = verdict(&case, decision, cause);
        assert_eq!(
            verdict.judgement().as_str(),
            "undetermined",
            "{statement}: {verdict:#?}"
        );
    }
}

#[test]
fn a_key_that_is_missing_elsewhere_than_in_scps_is_not_decided_by_them() {
    let case = server().organization(&[ALL, FROZEN], &[]);
    let cause = Cause::MissingContext { by: Vec::new() };
    let verdict = verdict(&case, Decision::Undetermined, cause);
    assert_eq!(verdict.judgement().as_str(), "undetermined");
}

#[test]
fn a_level_that_does_not_allow_is_named() {
    let mut case = server().organization(&[ALL, ALL], &[]);
    if let Reading::Read(Some(organization)) = &mut case.resources.organization
        && let Reading::Read(levels) = &mut organization.service_control
    {
        levels[1] = super::case::levels(
            &[r#"{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}"#],
            r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#,
        )
        .remove(0);
    }
    check(&case, implicit(&[SCPS]), "not in SCP level 1");
    check(
        &case,
        implicit(&[Layer::Boundary, SCPS]),
        "not in permissions boundary, SCP level 1",
    );
    check(&case, explicit(), "somewhere in SCP");
}

#[test]
fn a_name_hides_no_other_layer() {
    let case = server().organization(&[ALL, FROZEN], &[]);
    check(
        &case,
        implicit(&[Layer::Identity, SCPS]),
        "not in identity policy, SCP",
    );
    check(
        &case,
        implicit(&[Layer::Identity]),
        "not in identity policy",
    );
    check(
        &case,
        (
            Decision::ExplicitDeny,
            Cause::DeniedInLayer(Layer::Boundary),
        ),
        "somewhere in permissions boundary",
    );
}
