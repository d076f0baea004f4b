//! Buckets: where none is declared, is there one that all actions of a set are allowed on?

use audit::Judgement;

use super::{missing, only_on, unknown, verdict};

const SET: &str = "vbr-s3-immutability";
const ON_BUCKET: &str = r#""s3:GetBucket*","s3:ListBucket*""#;

/// A set that is allowed on these buckets, and on the objects of those.
#[track_caller]
fn check(buckets: &[&str], objects: &[&str], tags: &[(&str, &str)], expected: Judgement) {
    let list = |suffix: &str, names: &[&str]| {
        let names = names
            .iter()
            .map(|name| format!(r#""arn:aws:s3:::{name}{suffix}""#));
        names.collect::<Vec<_>>().join(",")
    };
    let allow = |actions: &str, resources: &str| {
        format!(r#"{{"Effect":"Allow","{actions}],"Resource":[{resources}]}}"#)
    };
    let statements = [
        allow(
            r#"NotAction":["s3:*Object*","s3:GetBucket*","s3:ListBucket*""#,
            r#""*""#,
        ),
        allow(&format!(r#"Action":[{ON_BUCKET}"#), &list("", buckets)),
        allow(r#"Action":["s3:*Object*""#, &list("/*", objects)),
        allow(
            r#"Action":["s3:GetBucketObjectLockConfiguration""#,
            &list("", buckets),
        ),
    ];
    let found = verdict(SET, tags, &statements.join(","), None);
    assert_eq!(
        found.judgement(),
        expected,
        "{buckets:?} {objects:?} {found:?}"
    );
    assert!(tags.len() == 1 || missing(&found).is_empty());
    if expected == Judgement::Undetermined {
        let unknown = unknown(&found);
        for action in ["s3:GetObject", "s3:ListBucket"] {
            assert!(unknown.contains(&action.to_owned()), "{unknown:?}");
        }
        assert_eq!(only_on(&found).len(), 0);
    }
}

#[test]
fn all_actions_on_a_bucket_and_its_objects_are_about_one_bucket() {
    check(&["a"], &["a"], &[], Judgement::Compliant);
    check(&["a"], &["b"], &[], Judgement::Undetermined);
    check(&["a"], &["b/Veeam"], &[], Judgement::Undetermined);
    check(&["a", "b"], &["b", "c"], &[], Judgement::Compliant);
    check(&["a*"], &["ab"], &[], Judgement::Compliant);
    check(&["a-*"], &["b-*"], &[], Judgement::Undetermined);
    check(&["*"], &["b"], &[], Judgement::Compliant);
    check(
        &["bkt"],
        &["${aws:PrincipalTag/team}"],
        &[],
        Judgement::Compliant,
    );
    // A declared bucket is asked about itself.
    check(&["a"], &["b"], &[("bucket", "a")], Judgement::Drifted);
}

#[test]
fn buckets_that_meet_two_by_two_are_not_one() {
    let on = |actions: &str, one: &str, other: &str, suffix: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":["{actions}"],"Resource":["arn:aws:s3:::{one}{suffix}","arn:aws:s3:::{other}{suffix}"]}}"#
        )
    };
    let rest = r#"{"Effect":"Allow","NotAction":["s3:GetObject","s3:PutObject","s3:ListBucket"],"Resource":"*"}"#;
    let policy = |last: &str| {
        let three = [
            on("s3:ListBucket", "a", "b", ""),
            on("s3:GetObject", "b", "c", "/*"),
            on("s3:PutObject", "a", last, "/*"),
        ];
        format!("{rest},{}", three.join(","))
    };
    let found = verdict(SET, &[], &policy("c"), None);
    assert_eq!(found.judgement(), Judgement::Undetermined);
    let found = verdict(SET, &[], &policy("b"), None);
    assert_eq!(found.judgement(), Judgement::Compliant);
}
