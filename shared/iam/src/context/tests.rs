//! Tests of contexts: what is known of a key?

use super::*;

#[test]
fn a_role_has_no_user_name_and_no_other_tags() {
    let arn = "arn:aws:iam::123456789012:role/backup/Veeam"
        .parse()
        .unwrap();
    let context = principal_context(&arn, "AROAX", [("Team", "Backup")]);
    assert_eq!(context.get("AWS:userName"), Known::Absent);
    assert_eq!(
        context.get("aws:principaltag/team"),
        Known::Values(&["Backup".into()])
    );
    assert_eq!(context.get("aws:PrincipalTag/Other"), Known::Absent);
    assert_eq!(context.get("aws:RequestTag/Other"), Known::Unknown);
    let id = Limit::BeginsWith("AROAX:".into());
    assert_eq!(context.limit_of("aws:UserId"), Some(&id));
    let factor = context.limit_of("aws:MultiFactorAuthPresent");
    assert_eq!(factor, Some(&no_second_factor()));
}

#[test]
fn a_limit_counts_as_long_as_the_key_is_unknown() {
    let limit = || Limit::BeginsWith("a".into());
    let mut context = Context::partial();
    context.limit("aws:K", limit());
    assert_eq!(context.get("aws:k"), Known::Unknown);
    assert_eq!(context.limit_of("AWS:K"), Some(&limit()));
    let mut known = context.clone();
    known.set_one("aws:k", "b");
    assert_eq!(known.limit_of("aws:k"), None);
    let mut forgotten = context.clone();
    forgotten.forget("aws:k");
    assert_eq!(forgotten.limit_of("aws:k"), None);
    let complete = context.overruled_by(&Context::complete());
    assert_eq!(complete.limit_of("aws:k"), None);
}

#[test]
fn a_user_has_a_name_without_its_path() {
    let arn = "arn:aws:iam::123456789012:user/backup/veeam"
        .parse()
        .unwrap();
    let context = principal_context(&arn, "AIDAX", []);
    assert_eq!(
        context.get("aws:username"),
        Known::Values(&["veeam".into()])
    );
    assert_eq!(context.get("aws:userid"), Known::Values(&["AIDAX".into()]));
    assert_eq!(context.get("aws:TokenIssueTime"), Known::Absent);
    assert_eq!(context.get("aws:MultiFactorAuthPresent"), Known::Absent);
}

#[test]
fn what_the_principal_says_is_known_to_follow_from_it() {
    for arn in [
        "arn:aws:iam::123456789012:user/a",
        "arn:aws:iam::123456789012:role/a",
    ] {
        let context = principal_context(&arn.parse().unwrap(), "AIDAX", [("Team", "Backup")]);
        let closed = context.closed.iter().map(|prefix| &**prefix);
        let limited = context.limits.iter().map(|(key, _)| &**key);
        let known = context.entries().map(|(key, _)| key);
        for key in known.chain(closed).chain(limited) {
            assert!(follows_from_principal(key), "{key}");
        }
    }
    assert!(!follows_from_principal("aws:RequestedRegion"));
}

#[test]
fn letters_beyond_ascii_have_no_case_either() {
    let mut context = Context::partial();
    context.set_one("aws:PrincipalTag/Größe", "x");
    assert_eq!(
        context.get("AWS:principaltag/GRÖßE"),
        Known::Values(&["x".into()])
    );
    context.close("Ä/");
    assert_eq!(context.get("ä/b"), Known::Absent);
}

#[test]
fn later_entries_win() {
    let mut context = Context::partial();
    context.set_one("k", "one");
    let mut other = Context::partial();
    other.set_one("K", "two");
    context.extend(&other);
    assert_eq!(context.get("k"), Known::Values(&["two".into()]));
    context.set("k", Vec::<Box<str>>::new());
    assert_eq!(context.get("k"), Known::Absent);
    assert!(!context.is_open("k"));
}

#[test]
fn what_a_complete_context_lacks_is_open_to_a_what_if() {
    let context = Context::complete();
    assert_eq!(context.get("k"), Known::Absent);
    assert!(context.is_open("k"));
}
