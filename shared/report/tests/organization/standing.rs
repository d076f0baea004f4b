//! How an account stands: never better than the worst that is known or not known of it.

use audit::Principals;
use audit::assessment::LevelsRead;
use audit::requirement::RequirementNotice;
use audit::verdict::Notice;
use report::organization::{AccountStanding, AccountSummary, PrincipalSummary, ReadTime, Standing};

use crate::accounts::{BUCKET_SET, ONE, Roles, SET, assess, summary, summary_with};

#[track_caller]
fn check(summary: &AccountSummary, expected: AccountStanding) {
    assert_eq!(summary.standing(), expected, "{summary:#?}");
}

fn one(sets: &str, allowed: &str) -> Roles {
    Roles::none().with(ONE, "one", sets, allowed)
}

#[test]
fn one_that_drifted_outweighs_all_that_are_well() {
    let well = one(BUCKET_SET, "*");
    check(&summary(&well, &[]), AccountStanding::CompliantNotChecked);
    let drifted = well.with(ONE, "two", SET, "s3:GetObject");
    check(&summary(&drifted, &[]), AccountStanding::Drifted);
}

#[test]
fn what_was_not_read_besides_is_not_simply_compliant() {
    check(
        &summary(&one(BUCKET_SET, "*"), &[]),
        AccountStanding::CompliantNotChecked,
    );
}

#[test]
fn a_trust_policy_that_was_not_checked_is_named_with_the_verdict() {
    let mut assessment = assess(&one(SET, "*"), &[], Principals::All);
    let not_checked = |assessment: &audit::Assessment| {
        let summary = summary_with(assessment, None);
        let mut all = summary.principals.into_values();
        let Some(PrincipalSummary::Judged { verdicts, .. }) = all.next() else {
            panic!("nobody was judged")
        };
        (verdicts[0].standing, verdicts[0].not_checked.join(", "))
    };
    let trust = "trust policy";
    let (standing, policies) = not_checked(&assessment);
    assert!(policies.contains(trust), "{policies}");
    assert_eq!(standing, Standing::CompliantNotChecked);
    // As if somebody had declared who assumes the role.
    let open = Notice::Requirement(RequirementNotice::TrustedByWhom);
    assessment.verdicts[0].notices.retain(|one| *one != open);
    let (_, policies) = not_checked(&assessment);
    assert!(!policies.contains(trust), "{policies}");
}

#[test]
fn a_role_that_was_not_reached_is_undetermined_however_well_the_others_are() {
    let roles = one(BUCKET_SET, "*").with(ONE, "two", BUCKET_SET, "*");
    let mut assessment = assess(&roles, &[], Principals::All);
    assessment.coverage.not_reached = vec![crate::accounts::arn(ONE, "two")];
    check(
        &summary_with(&assessment, None),
        AccountStanding::Undetermined,
    );
}

#[test]
fn a_listing_that_is_not_whole_is_undetermined() {
    let mut assessment = assess(&one(BUCKET_SET, "*"), &[], Principals::All);
    assessment.coverage.gaps = vec![iam::inventory::Gap::Truncated];
    check(
        &summary_with(&assessment, None),
        AccountStanding::Undetermined,
    );
}

#[test]
fn an_audit_that_failed_audited_nothing() {
    let mut assessment = assess(&one(BUCKET_SET, "*"), &[], Principals::All);
    assessment.failure = Some("the canary is gone".into());
    check(
        &summary_with(&assessment, None),
        AccountStanding::NotAudited,
    );
}

#[test]
fn a_tag_that_names_no_set_is_undetermined() {
    check(
        &summary(&one("vbaws-role-reposittory", "*"), &[]),
        AccountStanding::Undetermined,
    );
    let both = format!("{BUCKET_SET} vbaws-role-reposittory");
    check(
        &summary(&one(&both, "*"), &[]),
        AccountStanding::Undetermined,
    );
}

#[test]
fn an_account_in_which_nobody_is_bound_is_not_called_compliant() {
    check(&summary(&one("", "*"), &[]), AccountStanding::NobodyBound);
    let looks_alike = Roles::none().with(ONE, "VeeamBackup", "", "*");
    check(&summary(&looks_alike, &[]), AccountStanding::Undetermined);
}

#[test]
fn policies_above_that_nobody_read_leave_a_compliant_account_not_all_checked() {
    let mut summary = summary(&one(SET, "*"), &[]);
    summary.layers.service_control = LevelsRead::Read(3);
    summary.layers.resource_control = LevelsRead::NoOrganization;
    summary.findings.clear();
    for principal in summary.principals.values_mut() {
        if let PrincipalSummary::Judged { verdicts, .. } = principal {
            verdicts
                .iter_mut()
                .for_each(|one| one.standing = Standing::Compliant);
        }
    }
    check(&summary, AccountStanding::Compliant);
    for unread in [
        LevelsRead::NotRead,
        LevelsRead::Refused,
        LevelsRead::Partly {
            read: 2,
            refused: 1,
        },
    ] {
        let mut of_rcps = summary.clone();
        of_rcps.layers.resource_control = unread;
        check(&of_rcps, AccountStanding::CompliantNotChecked);
        let mut of_scps = summary.clone();
        of_scps.layers.service_control = unread;
        // AWS applied them when it was asked.
        check(&of_scps, AccountStanding::Compliant);
        for read in [ReadTime::Unknown, ReadTime::At(summary.at)] {
            of_scps.read = read;
            check(&of_scps, AccountStanding::CompliantNotChecked);
        }
    }
}
