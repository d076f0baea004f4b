//! Assumers: do the policies of whoever assumes a role, and the SCPs above him, let him?

use super::{SERVICE, Trusted};
use crate::principals::ACCOUNT;

/// A trust policy that names the account leaves it to identity policies; one that names the role itself does not.
#[test]
fn who_assumes_a_role_of_its_account_needs_policies_that_let_it() {
    let by = format!("arn:aws:iam::{ACCOUNT}:role/Impersonation");
    let trusts = |who: &str| {
        format!(
            r#"{SERVICE},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{who}"}}}}"#
        )
    };
    let (account, itself) = (trusts(&format!("arn:aws:iam::{ACCOUNT}:root")), trusts(&by));
    let with = |statements: &str, may: &'static str| {
        let mut trusted = Trusted::by(&by, statements);
        trusted.may = may;
        trusted.judged()
    };
    const OTHERS: &str =
        r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/other"}"#;
    const DENIED: &str = r#"{"Effect":"Deny","Action":"sts:*","Resource":"*"}"#;
    const TAGGED: &str = r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
    let reason = format!("the policies of {by} have to allow sts:AssumeRole on it as well");
    let none: Vec<String> = Vec::new();
    for (statements, may, missing, unknown) in [
        (&account, OTHERS, true, false),
        (&account, DENIED, true, false),
        (&itself, DENIED, true, false),
        (&account, TAGGED, false, true),
    ] {
        let found = with(statements, may);
        let some = |is: bool| if is { vec![by.clone()] } else { none.clone() };
        let expected = (some(missing), some(unknown), Some(reason.clone()));
        assert_eq!(found, expected, "{statements} {may}");
    }
    assert_eq!(with(&itself, OTHERS), (none.clone(), none.clone(), None));
    assert_eq!(
        Trusted::by(&by, &account).judged(),
        (none.clone(), none, None)
    );
}

/// SCPs above the account count for who assumes a role as his own policies do.
#[test]
fn who_assumes_a_role_must_not_be_denied_it_by_an_scp() {
    let by = format!("arn:aws:iam::{ACCOUNT}:role/Impersonation");
    let trust = format!(
        r#"{SERVICE},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{by}"}}}}"#
    );
    const ITSELF: &str =
        r#"{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/a"}"#;
    const ALL: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#;
    const OTHER: &str =
        r#"{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/other"}"#;
    const PERHAPS: &str = r#"{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;
    let own: &[&str] = &[&by];
    for (above, missing, unknown) in [
        (ITSELF, own, &[][..]),
        (ALL, own, &[]),
        (OTHER, &[], &[]),
        (PERHAPS, &[], own),
    ] {
        let mut trusted = Trusted::by(&by, &trust);
        trusted.above = Some(above);
        trusted.check(missing, unknown);
    }
}

/// Whoever is not in a whole listing is not there.
#[test]
fn who_assumes_a_role_must_be_in_the_listing() {
    let by = format!("arn:aws:iam::{ACCOUNT}:role/Deleted");
    for named in [&by, &format!("arn:aws:iam::{ACCOUNT}:root")] {
        let trust = format!(
            r#"{SERVICE},{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"{named}"}}}}"#
        );
        let mut trusted = Trusted::by(&by, &trust);
        let (missing, unknown, why) = trusted.judged();
        assert_eq!((missing, unknown), (vec![by.clone()], vec![]));
        assert!(why.unwrap().starts_with(&by));
        trusted.is_cut_off = true;
        trusted.check(&[], &[&by]);
    }
}
