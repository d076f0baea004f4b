//! Roles: whether a role that is to be assumed lets the caller in.

use std::sync::Arc;

use iam::trust::TrustPolicy;

use super::case::Case;
use crate::principals::{principal, role};

const ASSUMED: &str = "arn:aws:iam::111122223333:role/target";
const NOBODY: &str = "sts:AssumeRole: not allowed in resource policy";

/// A role that assumes another one, whose trust policy has this statement.
fn case(statement: &str) -> Case {
    let mut case = unlisted(ASSUMED);
    let mut target = principal(role("target"), &[]);
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#);
    target.trust = Some(Arc::new(TrustPolicy::parse(&text)));
    case.others.push(target);
    case
}

fn unlisted(arn: &str) -> Case {
    Case::role(&[("action-sets", "vbaws-role-impersonation"), ("role", arn)])
}

fn trusts(effect: &str, who: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect": "{effect}", "Action": "sts:AssumeRole", "Principal": {{"AWS": "{who}"}}, "Condition": {{{condition}}}}}"#
    )
}

#[test]
fn a_role_is_assumed_only_by_whom_its_trust_policy_lets_in() {
    let own = "arn:aws:iam::111122223333:role/veeam";
    case(&trusts("Allow", own, "")).is_well();
    case(&trusts("Allow", "111122223333", "")).is_well();
    case(&trusts("Allow", "999900001111", "")).is(&["drifted", NOBODY]);
    case(&trusts("Allow", "arn:aws:iam::111122223333:role/other", "")).is(&["drifted", NOBODY]);
    let denied = format!("{}, {}", trusts("Allow", own, ""), trusts("Deny", own, ""));
    case(&denied).is(&[
        "drifted",
        "sts:AssumeRole: denied by trust policy of role target, statement 2 (resource policy)",
    ]);
    let external = r#""StringEquals": {"sts:ExternalId": "veeam"}"#;
    case(&trusts("Allow", own, external)).is(&["drifted", NOBODY]);
}

/// A role that its trust policy names needs no policy of its own; the account's root hands over to these.
#[test]
fn a_trust_policy_that_names_the_account_hands_over_to_identity_policies() {
    const NOT_STS: &str = r#"{"Effect": "Allow", "NotAction": "sts:*", "Resource": "*"}"#;
    let own = "arn:aws:iam::111122223333:role/veeam";
    case(&trusts("Allow", own, "")).may(&[NOT_STS]).is_well();
    case(&trusts("Allow", "111122223333", ""))
        .may(&[NOT_STS])
        .is(&["drifted", "sts:AssumeRole: not allowed in identity policy"]);
}

#[test]
fn a_fix_is_tried_with_the_trust_policy_of_the_role_that_is_assumed() {
    const NOT_STS: &str = r#"{"Effect": "Allow", "NotAction": "sts:*", "Resource": "*"}"#;
    let case = case(&trusts("Allow", "111122223333", "")).may(&[NOT_STS]);
    let fix = case.fix();
    assert_eq!(fix.remedies[0].unsure, []);
    assert!(fix.closes_all());
    let added = fix.additions.iter().map(|one| one.document.to_json());
    let added: Vec<String> = added.collect();
    assert!(added.concat().contains(ASSUMED), "{added:?}");
}

#[test]
fn of_a_role_that_is_not_listed_only_another_accounts_is_passed_over() {
    let verdict = unlisted(ASSUMED).verdict();
    assert_eq!(verdict.judgement().as_str(), "undetermined");
    unlisted("arn:aws:iam::999900001111:role/target").is_well();
}
