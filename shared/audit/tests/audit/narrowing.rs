//! What is allowed on some resources only: when is that enough, and when is a role that is being retired rid of it?

use std::sync::Arc;

use audit::retirement::{RetiredOn, retire};
use audit::verdict::Notice;
use audit::{Judgement, Selection, Settings};
use iam::inventory::InlinePolicy;
use iam::simulator::ServiceControl;
use iam::{Document, Inventory};

use crate::phases::{asked, listed, looked};
use crate::principals::{account, inventory, principal, role};

const NOW: &str = "2026-03-01T00:00:00Z";

/// A role that is bound to `vbaws-role-ec2-backup`, with these statements.
fn one_role(statements: &str, tags: &[(&str, &str)]) -> Inventory {
    let mut tagged = vec![("action-sets", "vbaws-role-ec2-backup")];
    tagged.extend(tags);
    let mut one = principal(role("a"), &tagged);
    one.inline.push(InlinePolicy {
        name: "p".into(),
        document: Arc::new(Document::parse(&format!(
            "{{\"Version\":\"2012-10-17\",\"Statement\":[{statements}]}}"
        ))),
    });
    inventory(vec![one])
}

/// How an action of the set is judged.
#[track_caller]
fn check(statements: &str, action: &str, expected: &str) {
    check_in(statements, &[], action, expected);
}

#[track_caller]
fn check_in(statements: &str, tags: &[(&str, &str)], action: &str, expected: &str) {
    let inventory = one_role(statements, tags);
    let (settings, selection) = (Settings::default(), Selection::default());
    let asked = asked(&settings, NOW, &selection);
    let found = looked(&inventory, &asked, ServiceControl::default()).assessment;
    let verdict = &found.verdicts[0];
    let has = |places: &[audit::verdict::Place]| {
        let mut actions = places
            .iter()
            .flat_map(|place| place.actions(&verdict.requirement));
        actions.any(|one| one.as_str() == action)
    };
    let judged = if verdict.missing.iter().any(|one| has(&one.places)) {
        "missing".to_owned()
    } else if verdict.unknown.iter().any(|one| has(&one.places)) {
        "unknown".to_owned()
    } else {
        let mut only = verdict.notices.iter().filter_map(|notice| match notice {
            Notice::AllowedOnlyOn { resources, places } if has(places) => Some(resources.join(" ")),
            _ => None,
        });
        only.next().unwrap_or_else(|| "held".to_owned())
    };
    assert_eq!(judged, expected);
}

/// Whether a role that is being retired is rid of the set.
#[track_caller]
fn check_retired(statements: &str, tags: &[(&str, &str)], expected: Judgement) {
    let inventory = one_role(statements, tags);
    let (settings, selection) = (Settings::default(), Selection::default());
    let listed = listed(&inventory, &asked(&settings, NOW, &selection));
    let retired_on = match tags.is_empty() {
        true => RetiredOn::Everything,
        false => RetiredOn::Scope,
    };
    let found = retire(&listed, &ServiceControl::default(), retired_on);
    assert_eq!(found[0].judgement(), expected);
}

const SNAPSHOTS: &str = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*::snapshot/*"}"#;

#[test]
fn resources_of_the_actions_own_kind_are_enough() {
    check(SNAPSHOTS, "ec2:DeleteSnapshot", "held");
    // Its snapshots are EC2's.
    check(SNAPSHOTS, "ebs:ListSnapshotBlocks", "held");
    let some = SNAPSHOTS.replace("snapshot/*", "snapshot/snap-1");
    check(
        &some,
        "ec2:DeleteSnapshot",
        "arn:aws:ec2:*::snapshot/snap-1",
    );
}

#[test]
fn every_kind_that_a_request_has_must_be_allowed() {
    // A snapshot is made of a volume.
    check(SNAPSHOTS, "ec2:CreateSnapshot", "missing");
    let volumes = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:volume/*"}"#;
    check(volumes, "ec2:CreateSnapshot", "missing");
    check(
        &format!("{SNAPSHOTS},{volumes}"),
        "ec2:CreateSnapshot",
        "held",
    );
}

#[test]
fn resources_in_another_region_than_the_declared_one_are_none() {
    let elsewhere =
        r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:us-east-1::snapshot/*"}"#;
    let regions = [("regions", "eu-central-1")];
    check_in(elsewhere, &regions, "ec2:DeleteSnapshot", "missing");
    let here = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:eu-*::snapshot/*"}"#;
    check_in(here, &regions, "ec2:DeleteSnapshot", "held");
    check(
        elsewhere,
        "ec2:DeleteSnapshot",
        "arn:aws:ec2:us-east-1::snapshot/*",
    );
}

const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

#[test]
fn a_deny_on_all_of_a_kind_takes_what_is_allowed_on_everything() {
    let deny = |resource: &str| {
        format!(r#"{ALL},{{"Effect":"Deny","Action":"ec2:*Snap*","Resource":"{resource}"}}"#)
    };
    for (resource, expected) in [
        ("arn:aws:ec2:*::snapshot/*", "missing"),
        ("arn:aws:ec2:*:*:*", "missing"),
        ("arn:*", "missing"),
        ("arn:aws:ec2:*::snapshot/snap-1", "held"),
        ("arn:aws:ec2:eu-central-1::snapshot/*", "held"),
        ("arn:aws:ec2:*::volume/*", "held"),
        ("arn:aws:s3:::*", "held"),
    ] {
        check(&deny(resource), "ec2:DeleteSnapshot", expected);
    }
    let regions = [("regions", "eu-central-1")];
    let here = deny("arn:aws:ec2:eu-central-1::snapshot/*");
    check_in(&here, &regions, "ec2:DeleteSnapshot", "missing");
    // The volumes of this account are all that a snapshot can be made of here.
    let own = deny(&format!("arn:aws:ec2:*:{}:volume/*", account()));
    check(&own, "ec2:CreateSnapshot", "missing");
    check(&own, "ec2:DescribeSnapshots", "held");
    let perhaps = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*","Condition":{{"StringEquals":{{"aws:SourceVpc":"v"}}}}}}"#
    );
    check(&perhaps, "ec2:DeleteSnapshot", "unknown");
}

#[test]
fn a_deny_on_all_but_some_leaves_those() {
    let but = |resource: &str| {
        format!(r#"{ALL},{{"Effect":"Deny","Action":"*","NotResource":"{resource}"}}"#)
    };
    let snapshots = but("arn:aws:ec2:*::snapshot/*");
    check(&snapshots, "ec2:DeleteSnapshot", "held");
    check(&snapshots, "ec2:CreateSnapshot", "missing");
    check(&snapshots, "ec2:DescribeRegions", "missing");
    check(
        &but("arn:aws:ec2:*::snapshot/snap-1"),
        "ec2:DeleteSnapshot",
        "arn:aws:ec2:*::snapshot/snap-1",
    );
    check(&but("arn:aws:s3:::b"), "ec2:DeleteSnapshot", "missing");
}

#[test]
fn resources_that_an_action_never_has_are_none() {
    check(SNAPSHOTS, "ec2:DescribeRegions", "missing");
    check(SNAPSHOTS, "sqs:DeleteQueue", "missing");
    let no_arn = r#"{"Effect":"Allow","Action":"*","Resource":"backups/*"}"#;
    check(no_arn, "ec2:CreateSnapshot", "missing");
}

#[test]
fn what_is_denied_again_is_not_allowed_anywhere() {
    let all = r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*"}"#;
    check(
        &format!("{SNAPSHOTS},{all}"),
        "ec2:DeleteSnapshot",
        "missing",
    );
    let wider = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*"},{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*:*:*"}"#;
    check(wider, "ec2:DeleteSnapshot", "missing");
    let some = r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*::snapshot/snap-1"}"#;
    check(&format!("{SNAPSHOTS},{some}"), "ec2:DeleteSnapshot", "held");
    let perhaps = r#"{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*","Condition":{"StringEquals":{"aws:SourceVpc":"v"}}}"#;
    check(
        &format!("{SNAPSHOTS},{perhaps}"),
        "ec2:DeleteSnapshot",
        "unknown",
    );
}

#[test]
fn a_deny_that_leaves_something_out_retires_nothing() {
    check_retired("", &[], Judgement::Compliant);
    check_retired(SNAPSHOTS, &[], Judgement::Drifted);
    let but = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Deny","Action":"*","NotResource":"arn:aws:ec2:*::snapshot/*"}"#;
    check_retired(but, &[], Judgement::Drifted);
    let all = r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    check_retired(all, &[], Judgement::Compliant);
}

#[test]
fn within_a_scope_any_part_of_it_counts() {
    let key = "arn:aws:kms:eu-central-1:111122223333:key/k";
    let scope = [("kms-key", key)];
    let allow = |resource: &str| {
        format!(r#"{{"Effect":"Allow","Action":"kms:Decrypt","Resource":"{resource}"}}"#)
    };
    check_retired(&allow(key), &scope, Judgement::Drifted);
    check_retired(
        &allow("arn:aws:kms:eu-central-1:111122223333:key/other"),
        &scope,
        Judgement::Compliant,
    );
}
