//! Witnesses: which policies leave a request that Veeam makes without one resource that it is allowed on?

mod buckets;
mod context;
mod kinds;
mod regions;

use std::sync::Arc;

use audit::verdict::{Notice, Place, Verdict};
use audit::{Judgement, Selection, Settings};
use iam::inventory::InlinePolicy;
use iam::{Document, Policy, ServiceControl};

use crate::phases::{asked, looked};
use crate::principals::{inventory, principal, role, user};

const NOW: &str = "2026-03-01T00:00:00Z";
const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

fn verdict(set: &str, tags: &[(&str, &str)], statements: &str, above: Option<&str>) -> Verdict {
    verdict_with("", set, tags, statements, above)
}

/// A role, or a user where the set is for one, that is bound to a set of the embedded catalog.
fn verdict_with(
    settings: &str,
    set: &str,
    tags: &[(&str, &str)],
    statements: &str,
    above: Option<&str>,
) -> Verdict {
    let arn = match set.starts_with("vbr-") {
        true => user("veeam"),
        false => role("veeam"),
    };
    let mut tagged = vec![("action-sets", set)];
    tagged.extend(tags);
    let mut one = principal(arn, &tagged);
    one.tags.push(("team".into(), "bkt".into()));
    let document = |statements: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        Document::parse(&text)
    };
    one.inline.push(InlinePolicy {
        name: "p".into(),
        document: Arc::new(document(statements)),
    });
    one.instance_profiles.push("veeam".into());
    let scp = above.map(|statements| document(statements).unwrap());
    let levels = scp.iter().map(|scp| {
        vec![Policy {
            name: "scp".into(),
            document: Ok(scp),
        }]
    });
    let above = ServiceControl {
        levels: levels.collect(),
        management_account: false,
    };
    let (settings, selection) = (Settings::parse(settings).unwrap(), Selection::default());
    let asked = asked(&settings, NOW, &selection);
    let mut found = looked(&inventory(vec![one]), &asked, above).assessment;
    found.verdicts.remove(0)
}

fn names<'v>(verdict: &'v Verdict, places: impl IntoIterator<Item = &'v Place>) -> Vec<String> {
    let actions = places
        .into_iter()
        .flat_map(|place| place.actions(&verdict.requirement));
    let mut names: Vec<String> = actions.map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    names
}

fn missing(verdict: &Verdict) -> Vec<String> {
    names(verdict, verdict.missing.iter().flat_map(|one| &one.places))
}

fn unknown(verdict: &Verdict) -> Vec<String> {
    names(verdict, verdict.unknown.iter().flat_map(|one| &one.places))
}

/// The patterns on which only something is allowed.
fn only_on(verdict: &Verdict) -> Vec<String> {
    let notices = verdict.notices.iter().filter_map(|notice| match notice {
        Notice::AllowedOnlyOn { resources, .. } => Some(resources.join(" ")),
        _ => None,
    });
    notices.collect()
}

#[track_caller]
fn check_missing(set: &str, tags: &[(&str, &str)], statements: &str, action: &str) {
    let found = missing(&verdict(set, tags, statements, None));
    assert!(found.iter().any(|one| one == action), "{found:?}");
}

const REGIONS: [(&str, &str); 1] = [("regions", "eu-west-1")];

/// All but some actions, and those only where the second statement says.
fn all_but(actions: &str, resources: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","NotAction":[{actions}],"Resource":"*"}},{{"Effect":"Allow","Action":[{actions}],"Resource":[{resources}]}}"#
    )
}

#[test]
fn what_is_allowed_on_objects_is_not_allowed_on_their_bucket() {
    let objects = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bkt/*"}"#;
    check_missing("vbr-s3-immutability", &[], objects, "s3:ListBucket");
    let found = verdict("vbr-s3-immutability", &[], objects, None);
    assert!(!missing(&found).contains(&"s3:GetObject".to_owned()));
}

#[test]
fn a_variable_stands_for_what_the_principal_has() {
    let own = r#"{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::${aws:PrincipalTag/team}","arn:aws:s3:::${aws:PrincipalTag/team}/*"]},{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}"#;
    let found = verdict("vbr-s3-immutability", &[], own, None);
    assert_eq!((missing(&found), unknown(&found)), (vec![], vec![]));
    assert_eq!(only_on(&found).len(), 2, "{found:?}");
    let denied =
        format!(r#"{own},{{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*"}}"#);
    check_missing("vbr-s3-immutability", &[], &denied, "s3:GetObject");
    let none = own.replace("team", "none");
    check_missing("vbr-s3-immutability", &[], &none, "s3:GetObject");
}

#[test]
fn an_allow_that_leaves_out_a_kind_allows_nothing_of_it() {
    let but_volumes = r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ec2:*:*:volume/*"}"#;
    check_missing(
        "vbaws-role-ec2-backup",
        &REGIONS,
        but_volumes,
        "ec2:CreateSnapshot",
    );
}

#[test]
fn a_request_has_the_kinds_that_veeam_means() {
    let vaults = all_but(r#""backup:*""#, r#""arn:aws:backup:*:*:backup-vault:*""#);
    let set = "vbaws-role-dynamodb-backup-manual";
    check_missing(set, &REGIONS, &vaults, "backup:DeleteRecoveryPoint");
    let run = all_but(
        r#""ec2:RunInstances""#,
        r#""arn:aws:ec2:*::image/*","arn:aws:ec2:*:*:instance/*","arn:aws:ec2:*:*:network-interface/*","arn:aws:ec2:*:*:security-group/*","arn:aws:ec2:*:*:subnet/*""#,
    );
    let set = "vbaws-role-worker-deployment";
    check_missing(set, &REGIONS, &run, "ec2:RunInstances");
    let with_volumes = run.replace(
        r#""arn:aws:ec2:*::image/*""#,
        r#""arn:aws:ec2:*::image/*","arn:aws:ec2:*:*:volume/*""#,
    );
    assert_eq!(
        missing(&verdict(set, &REGIONS, &with_volumes, None)),
        Vec::<String>::new()
    );
    let tags = all_but(r#""ec2:CreateTags""#, r#""arn:aws:ec2:*:*:vpc/*""#);
    check_missing("vbaws-role-ec2-backup", &REGIONS, &tags, "ec2:CreateTags");
    let denied =
        format!(r#"{ALL},{{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::*"}}"#);
    check_missing("vbr-s3-immutability", &[], &denied, "s3:GetObject");
    check_missing("vbr-s3-immutability", &[], &denied, "s3:ListBucket");
}

#[test]
fn doubt_about_one_kind_hides_nothing_that_is_certain_of_another() {
    let source = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::bkt/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}"#;
    check_missing(
        "vbaws-role-worker-configuration",
        &[],
        source,
        "ec2:DescribeRegions",
    );
    let region = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:RequestedRegion":"eu-west-1"}}}}}},{{"Effect":"Deny","Action":"*","Resource":"arn:aws:ec2:*::snapshot/*"}}"#
    );
    check_missing(
        "vbaws-instance-role-vss-snapshots",
        &[],
        &region,
        "ec2:CreateSnapshot",
    );
}

#[test]
fn an_allow_that_hangs_on_a_key_is_not_forgotten() {
    let pass = r#"{"Effect":"Allow","NotAction":"iam:PassRole","Resource":"*"},{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/veeam*","Condition":{"StringEquals":{"aws:SourceVpc":"v"}}},{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:instance-profile/*"}"#;
    let found = verdict("vbaws-role-repository", &[], pass, None);
    assert_eq!(missing(&found), Vec::<String>::new());
    assert_eq!(unknown(&found), ["iam:PassRole"]);
}

#[test]
fn the_settings_say_what_some_requests_carry() {
    let vpc = format!(
        r#"{ALL},{{"Effect":"Deny","Action":["ec2:DescribeRegions","ec2:DescribeVpcs"],"Resource":"*","Condition":{{"StringNotEquals":{{"aws:SourceVpc":"vpc-1"}}}}}}"#
    );
    let set = "vbaws-role-worker-configuration";
    let check = |settings: &str, expected: &[&str]| {
        let found = verdict_with(settings, set, &REGIONS, &vpc, None);
        assert_eq!(unknown(&found), expected, "{settings}");
        assert_eq!(missing(&found), Vec::<String>::new(), "{settings}");
    };
    let request =
        |rest: &str| format!("[[request]]\ncontext = {{ \"aws:SourceVpc\" = \"vpc-1\" }}\n{rest}");
    check("", &["ec2:DescribeRegions", "ec2:DescribeVpcs"]);
    check(&request(""), &[]);
    check(
        &request("actions = [\"ec2:DescribeV*\"]"),
        &["ec2:DescribeRegions"],
    );
    check(&request("principal = \"arn:aws:iam::*:role/veeam\""), &[]);
    let other = request("principal = \"arn:aws:iam::*:role/other\"");
    check(&other, &["ec2:DescribeRegions", "ec2:DescribeVpcs"]);
    // The later one wins.
    let both = format!("{}\n{}", request("").replace("vpc-1", "vpc-2"), request(""));
    check(&both, &[]);
}

#[test]
fn what_a_doubtful_deny_leaves_out_is_allowed_either_way() {
    let but = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"s3:*","NotResource":["arn:aws:s3:::bkt","arn:aws:s3:::bkt/*"],"Condition":{{"StringNotEquals":{{"aws:SourceVpce":"vpce-1"}}}}}}"#
    );
    let found = verdict("vbr-s3-immutability", &[], &but, None);
    let without_list: Vec<String> = unknown(&found);
    assert_eq!(missing(&found), Vec::<String>::new());
    assert!(
        only_on(&found).contains(&"arn:aws:s3:::bkt/*".to_owned()),
        "{found:?}"
    );
    // This one is about no bucket.
    assert!(
        without_list.iter().all(|one| one == "s3:ListAllMyBuckets"),
        "{without_list:?}"
    );
}

#[test]
fn patterns_of_different_layers_can_meet() {
    let named = r#"{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::a*","arn:aws:s3:::a*/*"]},{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}"#;
    let scp = r#"{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::*z","arn:aws:s3:::*z/*"]},{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}"#;
    let found = verdict("vbr-s3-immutability", &[], named, Some(scp));
    assert_eq!((missing(&found), unknown(&found)), (vec![], vec![]));
    assert!(
        only_on(&found).contains(&"arn:aws:s3:::a*z".to_owned()),
        "{found:?}"
    );
    let other = scp.replace("*z", "b*");
    let found = verdict("vbr-s3-immutability", &[], named, Some(&other));
    assert!(missing(&found).contains(&"s3:ListBucket".to_owned()));
}

#[test]
fn what_an_audit_knows_of_a_role() {
    let set = "vbaws-role-worker-configuration";
    let deny = |conditions: &str| {
        format!(
            r#"{ALL},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{{conditions}}}}}"#
        )
    };
    for (conditions, expected) in [
        (
            r#""Bool":{"aws:MultiFactorAuthPresent":"false"}"#,
            Judgement::Undetermined,
        ),
        (
            r#""BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}"#,
            Judgement::Drifted,
        ),
        (
            r#""DateLessThan":{"aws:TokenIssueTime":"2020-01-01T00:00:00.000Z"}"#,
            Judgement::Compliant,
        ),
        (
            r#""DateLessThan":{"aws:TokenIssueTime":"2026-02-28T12:00:00Z"}"#,
            Judgement::Undetermined,
        ),
        (
            r#""StringNotLike":{"aws:userid":"AROAEXAMPLE:*"}"#,
            Judgement::Compliant,
        ),
        (
            r#""StringNotLike":{"aws:userid":"AROAOTHER:*"}"#,
            Judgement::Drifted,
        ),
        (
            r#""StringNotEquals":{"ec2:Region":"eu-west-1"}"#,
            Judgement::Compliant,
        ),
        (
            r#""StringEquals":{"ec2:Region":"eu-west-1"}"#,
            Judgement::Drifted,
        ),
        (
            r#""StringEquals":{"aws:CalledViaFirst":"a.amazonaws.com"}"#,
            Judgement::Compliant,
        ),
        (
            r#""Null":{"aws:CalledViaLast":"false"}"#,
            Judgement::Compliant,
        ),
    ] {
        let found = verdict(set, &REGIONS, &deny(conditions), None);
        assert_eq!(found.judgement(), expected, "{conditions}");
    }
}

#[test]
fn the_account_of_a_resource_is_known_where_its_arn_names_it() {
    let deny = |actions: &str| {
        format!(
            r#"{ALL},{{"Effect":"Deny","Action":"{actions}","Resource":"*","Condition":{{"StringNotEquals":{{"aws:ResourceAccount":"111122223333"}}}}}}"#
        )
    };
    let set = "vbaws-role-ec2-backup";
    let found = verdict(set, &REGIONS, &deny("ec2:DetachVolume"), None);
    assert_eq!(found.judgement(), Judgement::Compliant, "{found:?}");
    // A snapshot's ARN names no account.
    let found = verdict(set, &REGIONS, &deny("ec2:DeleteSnapshot"), None);
    assert_eq!(unknown(&found), ["ec2:DeleteSnapshot"]);
}

#[test]
fn an_action_without_tags_bears_no_tag_keys() {
    let scp = format!(
        r#"{ALL},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"ForAnyValue:StringLike":{{"aws:TagKeys":["perimeter:*"]}}}}}}"#
    );
    for tags in [&[][..], &[("bucket", "b"), ("regions", "eu-west-1")]] {
        let found = verdict("vbr-s3-immutability", tags, ALL, Some(&scp));
        assert_eq!(found.judgement(), Judgement::Compliant, "{found:?}");
    }
    let found = verdict("vbaws-role-ec2-backup", &REGIONS, ALL, Some(&scp));
    assert!(unknown(&found).contains(&"ec2:CreateTags".to_owned()));
    assert!(!unknown(&found).contains(&"ec2:DeleteSnapshot".to_owned()));
}

#[test]
fn folders_of_a_declared_bucket_count() {
    let folder = |folder: &str| {
        format!(
            r#"{{"Effect":"Allow","NotAction":["s3:GetObject*","s3:PutObject*","s3:DeleteObject*"],"Resource":"*"}},{{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bkt/{folder}*"}}"#
        )
    };
    let set = "vbr-s3-immutability";
    let bucket = [("bucket", "bkt")];
    let found = verdict(set, &bucket, &folder("Veeam/Backup/"), None);
    assert_eq!((missing(&found), unknown(&found)), (vec![], vec![]));
    assert_eq!(only_on(&found), ["arn:aws:s3:::bkt/Veeam/Backup/*"]);
    let found = verdict(set, &bucket, &folder(""), None);
    assert_eq!((missing(&found), only_on(&found)), (vec![], vec![]));
    // What is allowed in another folder than the declared one does not help.
    let found = verdict(set, &[("bucket", "bkt/one")], &folder("two/"), None);
    assert!(
        missing(&found).contains(&"s3:GetObject".to_owned()),
        "{found:?}"
    );
}

#[test]
fn what_is_denied_on_some_resources_is_a_notice() {
    let deny = format!(
        r#"{ALL},{{"Sid":"Logs","Effect":"Deny","Action":"s3:*","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*","arn:aws:s3:::company-*/*"]}}"#
    );
    let found = verdict("vbr-s3-immutability", &[], &deny, None);
    assert_eq!(found.judgement(), Judgement::Compliant);
    let notices = found.notices.iter().filter_map(|notice| match notice {
        Notice::DeniedOn {
            by,
            resources,
            places,
        } => Some((
            by[0].to_string(),
            resources.join(" "),
            names(&found, places),
        )),
        _ => None,
    });
    let notices: Vec<_> = notices.collect();
    let by = "inline p, statement Logs";
    let [(one, object, objects), (other, bucket, buckets)] = &notices[..] else {
        panic!("{notices:?}");
    };
    assert_eq!((&**one, &**other), (by, by));
    assert_eq!(bucket, "arn:aws:s3:::logs");
    assert!(buckets.contains(&"s3:ListBucket".to_owned()), "{buckets:?}");
    assert_eq!(object, "arn:aws:s3:::company-*/* arn:aws:s3:::logs/*");
    assert!(objects.contains(&"s3:GetObject".to_owned()), "{objects:?}");
}
