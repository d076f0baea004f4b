//! Regions: where none is declared, is there one in which all resources of a request are allowed?

use audit::Judgement;

use super::{all_but, missing, only_on, unknown, verdict};

const SET: &str = "vbaws-role-ec2-backup";

/// How `ec2:CreateSnapshot` is judged where it is allowed on these resources.
#[track_caller]
fn check(resources: &str, above: Option<&str>, expected: Judgement) {
    let statements = all_but(r#""ec2:CreateSnapshot""#, resources);
    let found = verdict(SET, &[], &statements, above);
    let action = "ec2:CreateSnapshot".to_owned();
    let judged = match (missing(&found), unknown(&found)) {
        (missing, _) if missing.contains(&action) => Judgement::Drifted,
        (_, unknown) if unknown.contains(&action) => Judgement::Undetermined,
        _ => Judgement::Compliant,
    };
    assert_eq!(judged, expected, "{resources}");
    if expected == Judgement::Compliant {
        assert!(!only_on(&found).is_empty());
    }
}

fn on(volumes: &str, snapshots: &str) -> String {
    format!(r#""arn:aws:ec2:{volumes}:*:volume/*","arn:aws:ec2:{snapshots}::snapshot/*""#)
}

#[test]
fn all_resources_of_a_request_are_in_one_region() {
    check(&on("eu-central-1", "eu-west-1"), None, Judgement::Drifted);
    check(&on("eu-*", "us-*"), None, Judgement::Drifted);
    check(&on("eu-west-1", "eu-west-1"), None, Judgement::Compliant);
    check(&on("*", "eu-west-1"), None, Judgement::Compliant);
    check(&on("eu-*", "*-west-1"), None, Judgement::Compliant);
    let two = on("eu-central-1", "eu-west-1") + "," + &on("us-east-1", "eu-central-1");
    check(&two, None, Judgement::Compliant);
    check(
        r#""*:eu-west-1:*:volume/*","arn:aws:ec2:eu-west-1*""#,
        None,
        Judgement::Compliant,
    );
}

#[test]
fn a_denied_region_is_not_the_one() {
    let above = |region: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},{{"Effect":"Deny","Action":"ec2:*","Resource":"arn:aws:ec2:{region}::snapshot/*"}}"#
        )
    };
    let here = on("eu-west-1", "*");
    check(&here, Some(&above("eu-west-1")), Judgement::Drifted);
    check(&here, Some(&above("eu-central-1")), Judgement::Compliant);
}
