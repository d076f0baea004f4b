//! Keys: rows K1 to K15 of what keeps a job from using a key, each with a twin that nothing keeps.

use super::case::metadata;
use super::case::{
    ADMINISTRATORS, ALL, ALL_BUT_KEYS, Case, FOREIGN_KEY, HAND_OVER, ID, KEY, VAULT,
};
use audit::resources::{Key, Reading};

const REPOSITORY: &str = "kms:Decrypt, kms:DescribeKey, and 1 more";
const EBS: &str = "kms:CreateGrant, kms:Decrypt, and 4 more";
const OTHER_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/5678";
const OWN: &str = r#""arn:aws:iam::111122223333:role/veeam""#;

fn repository() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-repository"),
        ("repository-key", KEY),
    ])
}

fn worker() -> Case {
    Case::role(&[
        ("action-sets", "vbaws-role-worker-deployment"),
        ("source-key", KEY),
    ])
}

/// A statement that allows all of KMS.
fn allow(principal: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        condition => format!(r#", "Condition": {condition}"#),
    };
    format!(
        r#"{{"Sid": "Own", "Effect": "Allow", "Principal": {{"AWS": {principal}}}, "Action": "kms:*", "Resource": "*"{condition}}}"#
    )
}

const ROOT: &str = r#""arn:aws:iam::111122223333:root""#;

#[test]
fn k1_a_key_that_admits_neither_the_role_nor_the_account() {
    let refused = format!("{REPOSITORY}: not allowed in resource policy");
    let broken = repository().key(KEY, &[ADMINISTRATORS]);
    broken.clone().is(&["drifted", &refused]);
    broken.may(&[ALL_BUT_KEYS]).is(&[
        "drifted",
        "kms:Decrypt, kms:DescribeKey, and 3 more: not allowed in identity policy",
    ]);
    repository().key(KEY, &[HAND_OVER]).is_well();
    repository().key(KEY, &[&allow(OWN, "")]).is_well();
}

#[test]
fn k1_a_key_that_admits_the_role_itself_needs_no_identity_policy() {
    const LISTS: &str =
        r#"{"Effect": "Allow", "Action": ["kms:ListKeys", "kms:ListAliases"], "Resource": "*"}"#;
    let case = repository().may(&[ALL_BUT_KEYS, LISTS]);
    let admitted = case.key(KEY, &[ADMINISTRATORS, &allow(OWN, "")]);
    admitted.clone().is_well();
    let mut unknown = admitted;
    unknown.resources.organization = Reading::NotRead;
    let verdict = unknown.verdict();
    assert_eq!(
        verdict.judgement().as_str(),
        "undetermined",
        "nobody knows the SCPs"
    );
}

#[test]
fn k1_a_grant_turns_a_no_into_a_yes() {
    let closed = repository().key(KEY, &[ADMINISTRATORS]);
    let operations = r#""Decrypt", "Encrypt", "DescribeKey""#;
    let own = OWN.trim_matches('"');
    closed.clone().grant(KEY, own, operations).is_well();
    closed
        .grant(KEY, "arn:aws:iam::111122223333:role/other", operations)
        .is(&[
            "drifted",
            &format!("{REPOSITORY}: not allowed in resource policy"),
        ]);
}

#[test]
fn grants_that_nobody_saw_may_allow() {
    let with = |statement, grants| {
        let mut case = repository().key(KEY, &[statement]);
        case.resources.keys.get_mut(KEY).unwrap().grants = grants;
        case.verdict().judgement().as_str()
    };
    let refused = || Reading::Refused("AccessDenied".into());
    assert_eq!(with(ADMINISTRATORS, refused()), "undetermined");
    assert_eq!(with(ADMINISTRATORS, Reading::NotRead), "undetermined");
    assert_eq!(with(HAND_OVER, refused()), "compliant");
    assert_eq!(with(HAND_OVER, Reading::NotRead), "compliant");
    // What identity policies lack is drift, unless somebody saw a grant.
    let mut case = repository().key(KEY, &[HAND_OVER]);
    case.resources.keys.get_mut(KEY).unwrap().grants = Reading::NotRead;
    let without = r#"{"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": "*"}"#;
    assert_eq!(
        case.may(&[without]).verdict().judgement().as_str(),
        "drifted"
    );
}

#[test]
fn k2_what_aws_asks_of_users_of_encrypted_volumes_beyond_veeams_list() {
    const WITHOUT_DECRYPT: &str =
        r#"{"Effect": "Allow", "NotAction": "kms:Decrypt", "Resource": "*"}"#;
    let case = worker().key(KEY, &[HAND_OVER]);
    case.clone()
        .may(&[WITHOUT_DECRYPT])
        .is(&["drifted", "kms:Decrypt: not allowed in identity policy"]);
    case.is_well();
}

/// Who creates volumes or starts instances needs the default key of a region that encrypts all new volumes.
#[test]
fn k4_the_default_key_of_a_region_that_encrypts_new_volumes() {
    let refused = format!("{EBS}: not allowed in resource policy");
    for set in [
        "vbaws-role-worker-deployment",
        "vbaws-role-ec2-restore",
        "vbaws-role-ec2-restore-workers",
        "vbaws-role-ec2-backup-workers",
        "vbaws-role-flr-worker",
        "vbaws-role-default-backup-restore",
        "vbaws-role-efs-backup-indexing",
        "vbaws-role-rds-backup-image-level",
    ] {
        let case = Case::role(&[("action-sets", set)]).default_key(KEY);
        case.clone()
            .key(KEY, &[ADMINISTRATORS])
            .is(&["drifted", &refused]);
        case.clone().key(KEY, &[HAND_OVER]).is_well();
        let mut plain = case.key(KEY, &[ADMINISTRATORS]);
        let region = plain.resources.regions.get_mut("eu-west-1").unwrap();
        region.ebs_encryption_by_default = Reading::Read(false);
        plain.is_well();
    }
    let user = Case::user(&[("action-sets", "vbr-restore-to-ec2")]).default_key(KEY);
    let user = user.key(KEY, &[ADMINISTRATORS]).verdict();
    assert_eq!(user.missing.len(), 1);
}

#[test]
fn what_a_region_says_of_new_volumes_goes_before_a_no_in_the_settings() {
    const NO: &str = "[answers]\nebs-encryption-by-default = false";
    let case = Case::role(&[("action-sets", "vbaws-role-worker-deployment")]).settings(NO);
    let case = case.key(KEY, &[ADMINISTRATORS]);
    case.clone().is_well();
    case.default_key(KEY)
        .is(&["drifted", &format!("{EBS}: not allowed in resource policy")]);
}

/// A policy that names the keys is enough, where each is known.
#[test]
fn a_default_key_that_is_found_does_not_ask_for_every_key() {
    let own = format!(
        r#"{{"Effect": "Allow", "Action": ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"], "Resource": ["{KEY}", "{OTHER_KEY}"]}}"#
    );
    const LISTS: &str = r#"{"Effect": "Allow", "Action": ["kms:GetKeyPolicy", "kms:ListKeys", "kms:ListAliases"], "Resource": "*"}"#;
    let case = Case::role(&[
        ("action-sets", "vbaws-role-worker-deployment"),
        ("source-key", KEY),
        ("target-key", KEY),
    ]);
    let case = case.may(&[ALL_BUT_KEYS, LISTS, &own]);
    let case = case.key(KEY, &[HAND_OVER]).key(OTHER_KEY, &[HAND_OVER]);
    case.clone().is_well();
    case.default_key(OTHER_KEY).is_well();
}

#[test]
fn k4_the_default_key_of_the_workers_account() {
    let case = Case::role(&[
        ("action-sets", "vbaws-role-worker-deployment"),
        ("source-key", FOREIGN_KEY),
    ]);
    let foreign = allow(ROOT, "");
    let case = case.key(FOREIGN_KEY, &[&foreign]).default_key(KEY);
    case.clone()
        .key(KEY, &[ADMINISTRATORS])
        .is(&["drifted", &format!("{EBS}: not allowed in resource policy")]);
    case.key(KEY, &[HAND_OVER]).is_well();
}

#[test]
fn k6_a_key_of_another_account_needs_both_halves() {
    let case = Case::role(&[
        ("action-sets", "vbaws-role-worker-deployment"),
        ("source-key", FOREIGN_KEY),
    ]);
    const THEIRS: &str = r#""arn:aws:iam::999900001111:root""#;
    let many = "kms:CreateGrant, kms:Decrypt, and 5 more";
    case.clone().key(FOREIGN_KEY, &[&allow(THEIRS, "")]).is(&[
        "drifted",
        &format!("{many}: not allowed in resource policy"),
    ]);
    let admitted = case.key(FOREIGN_KEY, &[&allow(THEIRS, ""), &allow(ROOT, "")]);
    admitted.clone().is_well();
    admitted.may(&[ALL_BUT_KEYS]).is(&[
        "drifted",
        "kms:CreateGrant, kms:Decrypt, and 8 more: not allowed in identity policy",
    ]);
}

#[test]
fn k9_a_service_that_the_operation_does_not_call_through() {
    let via = |service: &str| {
        let condition = format!(
            r#"{{"StringEquals": {{"kms:ViaService": "{service}.eu-west-1.amazonaws.com"}}}}"#
        );
        allow(ROOT, &condition)
    };
    let refused = |what: &str| format!("{what}: not allowed in resource policy");
    repository()
        .key(KEY, &[&via("ec2")])
        .is(&["drifted", &refused(REPOSITORY)]);
    worker()
        .key(KEY, &[&via("rds")])
        .is(&["drifted", &refused(EBS)]);
    worker().key(KEY, &[&via("ec2")]).is_well();
}

#[test]
fn k10_grants_for_aws_resources_are_enough() {
    const DENIED: &str = r#"{"Sid": "NoGrants", "Effect": "Deny", "Principal": "*", "Action": "kms:CreateGrant", "Resource": "*"}"#;
    const UNLESS: &str = r#"{"Sid": "NoGrants", "Effect": "Deny", "Principal": "*", "Action": "kms:CreateGrant", "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "false"}}}"#;
    worker().key(KEY, &[HAND_OVER, DENIED]).is(&[
        "drifted",
        "kms:CreateGrant: denied by policy of key …1234 (eu-west-1), statement NoGrants (resource policy)",
    ]);
    worker().key(KEY, &[HAND_OVER, UNLESS]).is_well();
    let use_of_key = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "NotAction": "kms:CreateGrant", "Resource": "*"}"#;
    let grants = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:CreateGrant", "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"#;
    worker().key(KEY, &[use_of_key, grants]).is_well();
    worker()
        .key(KEY, &[use_of_key])
        .is(&["drifted", "kms:CreateGrant: not allowed in resource policy"]);
}

#[test]
fn k11_an_address_that_a_service_does_not_call_from() {
    let only_from = allow(ROOT, r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#);
    worker()
        .key(KEY, &[&only_from])
        .is(&["drifted", &format!("{EBS}: not allowed in resource policy")]);
    let deny = |more: &str| {
        format!(
            r#"{{"Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {{"NotIpAddress": {{"aws:SourceIp": "203.0.113.0/24"}}{more}}}}}"#
        )
    };
    let denied = "denied by policy of key …1234 (eu-west-1), statement Perimeter (resource policy)";
    worker()
        .key(KEY, &[HAND_OVER, &deny("")])
        .is(&["drifted", &format!("{EBS}: {denied}")]);
    let exempted = r#", "Bool": {"aws:ViaAWSService": "false"}"#;
    worker().key(KEY, &[HAND_OVER, &deny(exempted)]).is_well();
    repository().key(KEY, &[HAND_OVER, &deny("")]).is(&[
        "undetermined",
        &format!("{REPOSITORY}: depends on policy of key …1234 (eu-west-1), statement Perimeter (resource policy); aws:SourceIp"),
    ]);
    repository()
        .settings("[context]\n\"aws:SourceIp\" = \"203.0.113.7\"")
        .key(KEY, &[HAND_OVER, &deny("")])
        .is_well();
}

#[test]
fn k12_the_default_key_of_a_deployment() {
    let case = Case::user(&[("action-sets", "vbaws-appliance-deploy")]).default_key(KEY);
    case.clone()
        .key(KEY, &[ADMINISTRATORS])
        .is(&["drifted", &format!("{EBS}: not allowed in resource policy")]);
    case.key(KEY, &[HAND_OVER]).is_well();
}

#[test]
fn k14_an_id_of_somebody_who_is_gone() {
    let dead = allow(r#""AROAGONEGONEGONEGONEX""#, "");
    repository().key(KEY, &[&dead]).is(&[
        "drifted",
        &format!("{REPOSITORY}: not allowed in resource policy"),
    ]);
    repository()
        .key(KEY, &[&allow(&format!("\"{ID}\""), "")])
        .is_well();
}

#[test]
fn k15_the_key_of_a_vault() {
    let case = Case::role(&[("action-sets", "vbaws-role-fsx-backup"), ("vault", VAULT)]);
    let case = case.vault(&[], Some(KEY));
    case.clone().key(KEY, &[ADMINISTRATORS]).is(&[
        "drifted",
        "kms:CreateGrant, kms:DescribeKey: not allowed in resource policy",
    ]);
    case.clone().key(KEY, &[HAND_OVER]).is_well();
    let via = r#"{"StringEquals": {"kms:ViaService": "fsx.eu-west-1.amazonaws.com"}}"#;
    case.key(KEY, &[&allow(ROOT, via)]).is(&[
        "undetermined",
        "kms:CreateGrant, kms:DescribeKey: depends on policy of key …1234 (eu-west-1), statement Own (resource policy); kms:ViaService",
    ]);
}

#[test]
fn a_key_that_aws_manages_serves_the_account_through_its_service() {
    const REST: &str = r#"{"Effect": "Allow", "Action": ["kms:GetKeyPolicy", "kms:ListAliases", "kms:ListKeys"], "Resource": "*"}"#;
    let case = Case::role(&[
        ("action-sets", "vbaws-role-worker-deployment"),
        ("source-key", KEY),
        ("target-key", KEY),
    ]);
    let mut case = case.may(&[ALL_BUT_KEYS, REST]);
    let verdict = case.verdict();
    assert_eq!(verdict.judgement().as_str(), "drifted");
    let key = Key {
        metadata: Reading::Read(metadata(KEY, "AWS")),
        ..Key::default()
    };
    case.resources.keys.insert(KEY.into(), key);
    case.is_well();
}

/// Its policy lets everybody of the account in through the service, and nobody else; boundaries and SCPs decide besides.
#[test]
fn a_key_that_aws_manages_serves_only_through_its_service_and_where_all_else_allows() {
    let managed = |mut case: Case| {
        let key = Key {
            metadata: Reading::Read(metadata(KEY, "AWS")),
            ..Key::default()
        };
        case.resources.keys.insert(KEY.into(), key);
        case
    };
    const LISTS: &str = r#"{"Effect": "Allow", "Action": ["kms:ListKeys", "kms:ListAliases", "kms:GetKeyPolicy"], "Resource": "*"}"#;
    let through_rds = managed(Case::role(&[
        ("action-sets", "vbaws-role-rds-instance-restore"),
        ("source-key", KEY),
        ("target-key", KEY),
    ]));
    let through_rds = through_rds.may(&[ALL_BUT_KEYS, LISTS]);
    through_rds.clone().bounded(&[ALL]).is_well();
    through_rds.bounded(&[ALL_BUT_KEYS, LISTS]).is(&[
        "drifted",
        "kms:CreateGrant, kms:DescribeKey: not allowed in identity policy, permissions boundary",
    ]);
    let directly = managed(repository()).may(&[ALL_BUT_KEYS, LISTS]).verdict();
    let denied =
        |cause: &iam::Cause| *cause == iam::Cause::NotAllowedIn(vec![iam::Layer::Identity]);
    assert!(directly.missing.iter().any(|one| denied(&one.cause)));
    let unknown = Case::role(&[
        ("action-sets", "vbaws-role-fsx-restore"),
        ("target-key", KEY),
    ]);
    let verdict = managed(unknown).may(&[ALL_BUT_KEYS, LISTS]).verdict();
    assert!(
        verdict
            .unknown
            .iter()
            .any(|one| one.keys.contains("kms:ViaService"))
    );
}

#[test]
fn a_key_policy_that_cannot_be_parsed_leaves_it_open() {
    let mut case = repository().key(KEY, &[HAND_OVER]);
    let broken = iam::Document::parse_resource_policy("{");
    let key = case.resources.keys.get_mut(KEY).unwrap();
    key.policy = Reading::Read(std::sync::Arc::new(broken));
    let verdict = case.verdict();
    assert_eq!(verdict.judgement().as_str(), "undetermined");
}
