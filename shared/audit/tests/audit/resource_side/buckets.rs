//! Buckets: rows S1 to S12 of what a bucket keeps Veeam from, each with a twin that nothing keeps.

use audit::resources::{Reading, Versioning};

use super::case::{ALL, Case, ID};

/// The repository of an appliance.
fn appliance() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("bucket", "backups"),
        ("kms-encrypted-repository", "no"),
    ])
}

/// An immutable repository of Veeam Backup & Replication.
fn server() -> Case {
    Case::user(&[
        ("action-sets", "vbr-s3-immutability"),
        ("bucket", "backups"),
        ("kms-encrypted-repository", "no"),
    ])
}

fn deny(principal: &str, actions: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        condition => format!(r#", "Condition": {condition}"#),
    };
    format!(
        r#"{{"Sid": "Lock", "Effect": "Deny", {principal}, "Action": "{actions}", "Resource": ["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"]{condition}}}"#
    )
}

const EVERYBODY: &str = r#""Principal": "*""#;
const DENIED: &str = "denied by policy of bucket backups, statement Lock (resource policy)";
const DEPENDS: &str = "depends on policy of bucket backups, statement Lock (resource policy)";

#[track_caller]
fn denies(case: &Case, statement: &str) {
    let verdict = case.clone().bucket("backups", &[statement]).verdict();
    assert_eq!(verdict.judgement().as_str(), "drifted");
    let causes: Vec<String> = verdict
        .missing
        .iter()
        .map(|missing| format!("{:?}", missing.cause))
        .collect();
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert!(causes[0].contains("policy of bucket backups"), "{causes:?}");
}

#[track_caller]
fn spares(case: &Case, statement: &str) {
    case.clone().bucket("backups", &[statement]).is_well();
}

#[track_caller]
fn leaves_open(case: &Case, statement: &str, key: &str) {
    let verdict = case.clone().bucket("backups", &[statement]).verdict();
    assert_eq!(verdict.judgement().as_str(), "undetermined");
    let keys = verdict.unknown.iter().flat_map(|unknown| &unknown.keys);
    assert!(keys.clone().all(|found| **found == *key), "{verdict:?}");
    assert!(keys.count() > 0);
}

/// A request on a bucket is in the region of the bucket, whichever was declared.
#[test]
fn requests_on_a_bucket_are_in_its_region() {
    let only = |region: &str| {
        format!(
            r#"{{"Sid": "Region", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::located*", "Condition": {{"StringNotEquals": {{"aws:RequestedRegion": "{region}"}}}}}}"#
        )
    };
    let case = |region: &str, declared: &str| {
        let case = Case::role(&[
            ("action-sets", "vbaws-role-repository"),
            ("bucket", "located"),
            ("regions", declared),
        ]);
        let mut case = case.bucket("located", &[]).may(&[ALL, &only(region)]);
        let bucket = case.resources.buckets.get_mut("located").unwrap();
        bucket.region = Reading::Read("eu-south-1".into());
        let verdict = case.verdict();
        let checks = verdict.requirement.checks.iter();
        let objects = checks.filter(|one| one.question.resource.ends_with(":::located"));
        (verdict.missing.is_empty(), objects.count())
    };
    let (is_well, checks) = case("eu-south-1", "eu-west-1");
    assert!(is_well);
    assert_eq!(case("eu-west-1", "eu-west-1"), (false, checks));
    assert_eq!(case("eu-south-1", "eu-west-1 eu-north-1"), (true, checks));
}

#[test]
fn s1_a_deny_that_matches_the_identity() {
    let own = r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/veeam"}"#;
    let other = r#""Principal": {"AWS": "arn:aws:iam::111122223333:role/other"}"#;
    denies(&appliance(), &deny(own, "s3:*", ""));
    spares(&appliance(), &deny(other, "s3:*", ""));
    let only = |names: &str| {
        let condition = format!(r#"{{"StringNotEquals": {{"aws:PrincipalArn": [{names}]}}}}"#);
        deny(EVERYBODY, "s3:*", &condition)
    };
    denies(
        &appliance(),
        &only(r#""arn:aws:iam::111122223333:role/other""#),
    );
    spares(
        &appliance(),
        &only(r#""arn:aws:iam::111122223333:role/veeam""#),
    );
    let not = r#""NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/other"}"#;
    denies(&appliance(), &deny(not, "s3:*", ""));
    let accounts = r#"{"StringNotEquals": {"aws:PrincipalAccount": "999900001111"}}"#;
    denies(&appliance(), &deny(EVERYBODY, "s3:*", accounts));
}

#[test]
fn s1_a_deny_that_asks_for_an_organisation() {
    let org = |id: &str| {
        let condition = format!(r#"{{"StringNotEquals": {{"aws:PrincipalOrgID": "{id}"}}}}"#);
        deny(EVERYBODY, "s3:*", &condition)
    };
    let inside = appliance().organization(&[ALL], &[]);
    denies(&inside, &org("o-other"));
    spares(&inside, &org("o-own"));
    denies(&appliance(), &org("o-own"));
    let mut unread = appliance();
    unread.resources.organization = Reading::NotRead;
    leaves_open(&unread, &org("o-own"), "aws:PrincipalOrgID");
}

#[test]
fn s2_a_lock_with_the_id_of_a_role_that_was_made_again() {
    let lock = |id: &str| {
        let condition = format!(
            r#"{{"StringNotLike": {{"aws:userId": ["{id}:*", "AIDAADMINADMINADMIN", "111122223333"]}}}}"#
        );
        deny(EVERYBODY, "s3:*", &condition)
    };
    denies(&appliance(), &lock("AROAGONEGONEGONEGONEX"));
    spares(&appliance(), &lock(ID));
}

#[test]
fn s3_a_lock_to_an_endpoint() {
    let lock = deny(
        EVERYBODY,
        "s3:*",
        r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}"#,
    );
    denies(&appliance(), &lock);
    leaves_open(&server(), &lock, "aws:SourceVpce");
    let told = "[context]\n\"aws:SourceVpce\" = \"vpce-1\"";
    spares(&server().settings(told), &lock);
    let address = deny(
        EVERYBODY,
        "s3:*",
        r#"{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
    );
    leaves_open(&appliance(), &address, "aws:SourceIp");
    let told = "[context]\n\"aws:SourceIp\" = \"203.0.113.7\"";
    spares(&appliance().settings(told), &address);
}

#[test]
fn s4_what_is_asked_of_tls() {
    let plain = deny(
        EVERYBODY,
        "s3:*",
        r#"{"Bool": {"aws:SecureTransport": "false"}}"#,
    );
    let at_least = |version: &str| {
        let condition = format!(r#"{{"NumericLessThan": {{"s3:TlsVersion": "{version}"}}}}"#);
        deny(EVERYBODY, "s3:*", &condition)
    };
    for case in [appliance(), server()] {
        spares(&case, &plain);
        spares(&case, &at_least("1.2"));
        leaves_open(&case, &at_least("1.3"), "s3:TlsVersion");
    }
}

#[test]
fn s5_what_is_asked_of_encryption() {
    const KEY: &str = "s3:x-amz-server-side-encryption";
    let no_header = deny(
        EVERYBODY,
        "s3:PutObject",
        r#"{"Null": {"s3:x-amz-server-side-encryption": "true"}}"#,
    );
    let unless = |algorithm: &str| {
        let condition = format!(r#"{{"StringNotEquals": {{"{KEY}": "{algorithm}"}}}}"#);
        deny(EVERYBODY, "s3:PutObject", &condition)
    };
    leaves_open(&appliance(), &no_header, KEY);
    leaves_open(&appliance(), &unless("AES256"), KEY);
    appliance()
        .bucket("backups", &[&unless("aws:kms")])
        .is(&["drifted", &format!("s3:PutObject: {DENIED}")]);
    leaves_open(&server(), &unless("aws:kms"), KEY);
}

#[test]
fn s10_what_is_asked_of_locks() {
    let retention = deny(EVERYBODY, "s3:PutObjectRetention", "");
    server()
        .bucket("backups", &[&retention])
        .is(&["drifted", &format!("s3:PutObjectRetention: {DENIED}")]);
    let mode = |mode: &str| {
        let condition = format!(r#"{{"StringNotEquals": {{"s3:object-lock-mode": "{mode}"}}}}"#);
        deny(EVERYBODY, "s3:PutObjectRetention", &condition)
    };
    denies(&server(), &mode("GOVERNANCE"));
    spares(&server(), &mode("COMPLIANCE"));
    let mut without = appliance().bucket("backups", &[&mode("COMPLIANCE")]);
    let bucket = without.resources.buckets.get_mut("backups").unwrap();
    (bucket.object_lock, bucket.versioning) =
        (Reading::Read(None), Reading::Read(Versioning::Never));
    without.is_well();
    let days = deny(
        EVERYBODY,
        "s3:PutObjectRetention",
        r#"{"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "30"}}"#,
    );
    server().bucket("backups", &[&days]).is(&[
        "undetermined",
        &format!("s3:PutObjectRetention: {DEPENDS}; s3:object-lock-remaining-retention-days"),
    ]);
    spares(
        &server(),
        &deny(EVERYBODY, "s3:BypassGovernanceRetention", ""),
    );
}

#[test]
fn s12_a_bucket_of_another_account_needs_both_halves() {
    let mut case = server();
    case.resources.own_buckets = Reading::Read(["another".into()].into());
    let allow = |who: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{who}"}}, "Action": "s3:*", "Resource": ["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"]}}"#
        )
    };
    let admitted = case
        .clone()
        .bucket("backups", &[&allow("arn:aws:iam::111122223333:user/veeam")]);
    admitted.is_well();
    let closed = case
        .clone()
        .bucket("backups", &[&allow("arn:aws:iam::999900001111:root")]);
    let verdict = closed.verdict();
    assert_eq!(verdict.judgement().as_str(), "drifted");
    let none = case.bucket("backups", &[]).verdict();
    assert_eq!(none.judgement().as_str(), "drifted");
    server()
        .bucket("backups", &[&allow("arn:aws:iam::999900001111:root")])
        .is_well();
}

#[test]
fn a_bucket_policy_that_names_the_principal_stands_in_for_its_own() {
    const WITHOUT_S3: &str = r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#;
    const LIST: &str = r#"{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}"#;
    let allow = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/veeam"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::backups", "arn:aws:s3:::backups/*"]}"#;
    let case = server().may(&[WITHOUT_S3, LIST]);
    case.clone().bucket("backups", &[allow]).is_well();
    let verdict = case.bucket("backups", &[]).verdict();
    assert_eq!(verdict.judgement().as_str(), "drifted");
}

#[test]
fn nothing_is_said_of_what_is_no_harm() {
    for case in [appliance(), server()] {
        case.bucket("backups", &[]).is_well();
    }
}

#[test]
fn a_bucket_without_object_lock_sees_no_lock() {
    let unlocked = |mut case: Case| {
        let bucket = case.resources.buckets.get_mut("backups").unwrap();
        bucket.versioning = Reading::Read(Versioning::Never);
        bucket.object_lock = Reading::Read(None);
        case
    };
    let lock = deny(
        EVERYBODY,
        "s3:PutObject",
        r#"{"Null": {"s3:object-lock-mode": "true"}}"#,
    );
    let case = unlocked(appliance().bucket("backups", &[&lock]));
    let missing = case.verdict();
    let missing = missing.missing_actions();
    assert!(missing.iter().any(|name| name.as_str() == "s3:PutObject"));
    spares(&appliance(), &lock);
}

#[test]
fn workers_may_come_through_an_endpoint_unless_somebody_says_no() {
    let only_public = deny(
        EVERYBODY,
        "s3:*",
        r#"{"Null": {"aws:SourceVpce": "false"}}"#,
    );
    leaves_open(&appliance(), &only_public, "aws:SourceVpce");
    let answered = |answer: &str| {
        Case::role(&[
            ("action-sets", "vbaws-role-repository"),
            ("bucket", "backups"),
            ("kms-encrypted-repository", "no"),
            ("private-network", answer),
        ])
    };
    leaves_open(&answered("yes"), &only_public, "aws:SourceVpce");
    spares(&answered("no"), &only_public);
    let told = "[context]\n\"aws:SourceVpce\" = []\n\"aws:SourceVpc\" = []";
    spares(&appliance().settings(told), &only_public);
}
