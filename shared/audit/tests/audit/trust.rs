//! Trust policies: may everybody who must assume a role assume it?

use std::sync::Arc;

use audit::{Judgement, Settings};

use crate::judging::judged;
use crate::phases::audit;
use crate::principals::{ACCOUNT, copier, inventory, principal};
use crate::rules::Rules;

const NOW: &str = "2026-11-01T06:00:00Z";

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
fn one_principal_of_a_declared_account_may_be_another_than_the_appliance() {
    let allow = |principal: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{principal}"}}}}"#
        )
    };
    let bob = allow("arn:aws:iam::444455556666:user/bob");
    let role = allow("arn:aws:iam::444455556666:role/Impersonation");
    for one in [&bob, &role] {
        trusts(&format!("{SERVICE},{one}"), "", &[], &["444455556666"]);
        let whole = allow("arn:aws:iam::444455556666:root");
        trusts(&format!("{SERVICE},{one},{whole}"), "", &[], &[]);
        let denied = format!("{SERVICE},{whole},{}", one.replace("Allow", "Deny"));
        trusts(&denied, "", &[], &["444455556666"]);
    }
    let mut principal = copier("a");
    let text = format!("{{\"Statement\":[{SERVICE},{bob}]}}");
    principal.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(&text)));
    let found = judged(principal, &Rules::default());
    assert_eq!(
        found.verdicts[0].trust.why(),
        Some(
            "the trust policy names arn:aws:iam::444455556666:user/bob, and `assumed-by` names only the account: name there who assumes the role"
        )
    );
}

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

#[test]
fn in_china_a_name_that_ends_in_cn_is_the_service_too() {
    let judged = |partition: &str, set: &str, name: &str| {
        let arn = format!("arn:{partition}:iam::{ACCOUNT}:role/worker");
        let mut worker = principal(arn.parse().unwrap(), &[("action-sets", set)]);
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"Service":"{name}"}}}}]}}"#
        );
        worker.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(&text)));
        let found = judged(worker, &Rules::default());
        let trust = &found.verdicts[0].trust;
        (
            trust.missing.len(),
            trust.unknown.len(),
            trust.reason.clone(),
        )
    };
    let (missing, unknown, held) = ((1, 0), (0, 1), (0, 0));
    for (partition, set, name, expected) in [
        (
            "aws-cn",
            "vbaws-instance-role-vss-snapshots",
            "ec2.amazonaws.com.cn",
            held,
        ),
        (
            "aws-cn",
            "vbaws-instance-role-vss-snapshots",
            "ec2.amazonaws.com",
            held,
        ),
        (
            "aws",
            "vbaws-instance-role-vss-snapshots",
            "ec2.amazonaws.com.cn",
            missing,
        ),
        ("aws-cn", "copy", "backup.amazonaws.com", held),
        ("aws-cn", "copy", "backup.amazonaws.com.cn", unknown),
        ("aws", "copy", "backup.amazonaws.com.cn", missing),
        ("aws-cn", "copy", "ec2.amazonaws.com.cn", missing),
    ] {
        let (missing, unknown, reason) = judged(partition, set, name);
        assert_eq!((missing, unknown), expected, "{partition} {set} {name}");
        if unknown > 0 {
            let expected = "the trust policy names backup.amazonaws.com.cn, and whether that is the service is not known: name it without `.cn`";
            assert_eq!(reason.as_ref().map(|one| &*one.text), Some(expected));
        }
    }
}
