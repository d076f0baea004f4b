//! Parts of one audit: together they are what one audit would have found, and a missing one is seen.

use audit::Principals;
use report::organization::{
    AccountStanding, AccountSummary, MergeError, PrincipalSummary, Standing,
};

use crate::accounts::{BUCKET_SET, ONE, Roles, SET, TWO, arn, assess, summary, summary_with};

fn roles() -> Roles {
    let roles = Roles::none();
    let roles = roles.with(ONE, "a", SET, "s3:GetObject");
    let roles = roles.with(ONE, "b", BUCKET_SET, "*");
    roles.with(ONE, "c", SET, "ec2:*")
}

/// What the first run found, which had no time for all, and what the second did.
fn parts() -> (AccountSummary, AccountSummary) {
    let mut first = assess(&roles(), &[], Principals::All);
    first.coverage.not_reached = vec![arn(ONE, "b"), arn(ONE, "c")];
    let rest = Principals::From(arn(ONE, "b"));
    let mut second = assess(&roles(), &[], rest);
    second.at = "2026-11-30T03:30:00Z".parse().unwrap();
    (summary_with(&first, None), summary_with(&second, None))
}

#[test]
fn two_parts_are_what_one_audit_finds() {
    let (first, second) = parts();
    let whole = summary(&roles(), &[]);
    let merged = first.clone().merge(second.clone()).unwrap();
    assert_eq!(merged, whole);
    assert_eq!(second.merge(first).unwrap(), whole, "in whichever order");
}

#[test]
fn merging_a_part_twice_changes_nothing() {
    let (first, second) = parts();
    let merged = first.merge(second.clone()).unwrap();
    assert_eq!(merged.clone().merge(second).unwrap(), merged);
}

#[test]
fn one_part_alone_does_not_look_whole() {
    let (first, second) = parts();
    let standing = |part: &AccountSummary, name: &str| {
        let principal = &part.principals[&arn(ONE, name)];
        match principal {
            PrincipalSummary::NotReached => None,
            PrincipalSummary::Judged { .. } => Some(principal.standing(&[])),
        }
    };
    assert_eq!(standing(&first, "a"), Some(Standing::Drifted));
    assert_eq!(standing(&first, "c"), None);
    assert_eq!(standing(&second, "a"), None);
    assert_eq!(standing(&second, "c"), Some(Standing::Drifted));
    let well = Roles::none()
        .with(ONE, "a", BUCKET_SET, "*")
        .with(ONE, "b", BUCKET_SET, "*");
    let rest = assess(&well, &[], Principals::From(arn(ONE, "b")));
    let rest = summary_with(&rest, None);
    assert_eq!(rest.standing(), AccountStanding::Undetermined);
}

#[test]
fn parts_of_two_audits_or_accounts_are_not_merged() {
    let (first, second) = parts();
    let mut other = second.clone();
    other.audit = "2026-11-29T03:15:00Z".into();
    assert!(matches!(
        first.clone().merge(other),
        Err(MergeError::Audit { .. })
    ));
    let mut other = second;
    other.account = TWO.parse().unwrap();
    assert!(matches!(
        first.merge(other),
        Err(MergeError::Account { .. })
    ));
}
