//! Binding: what tags and settings say becomes requirements.

use audit::requirement::{BindFaultKind, Need, RequirementNotice};
use audit::{Bound, Selection, Settings};
use iam::inventory::Principal;

use crate::phases::{asked, listed};
use crate::principals::{catalog, copier, inventory, principal, role, user};

fn bound(principals: Vec<Principal>, settings: &Settings) -> Bound {
    let asked = asked(settings, "2026-11-01T06:00:00Z", &Selection::default());
    listed(&inventory(principals), &asked).bound
}

/// The questions of the first requirement, each as `resource in region: actions`.
fn questions(bound: &Bound) -> Vec<String> {
    let requirement = &bound.subjects[0].requirements[0];
    let lines = requirement.questions().map(|question| {
        let actions: Vec<&str> = question
            .actions
            .iter()
            .map(iam::ActionName::as_str)
            .collect();
        let region = match question.context.get("aws:requestedregion") {
            iam::Known::Values(values) => format!(" in {}", values[0]),
            iam::Known::Absent | iam::Known::Unknown => String::new(),
        };
        format!("{}{region}: {}", question.resource, actions.join(" "))
    });
    lines.collect()
}

#[track_caller]
fn asks(tags: &[(&str, &str)], expected: &[&str]) {
    let bound = bound(vec![principal(role("a"), tags)], &Settings::default());
    assert_eq!(bound.faults, []);
    assert_eq!(questions(&bound), expected);
}

#[test]
fn without_a_scope_everything_is_asked_about_anything() {
    asks(
        &[("action-sets", "copy")],
        &["*: ec2:CreateSnapshot ec2:DeleteSubnet kms:CreateGrant s3:GetObject s3:ListBucket"],
    );
}

#[test]
fn a_bucket_is_asked_about_with_a_plausible_object() {
    asks(
        &[
            ("action-sets", "copy"),
            ("bucket", "one two/Veeam/Backup/x"),
        ],
        &[
            "*: ec2:CreateSnapshot ec2:DeleteSubnet kms:CreateGrant",
            "arn:aws:s3:::one: s3:ListBucket",
            "arn:aws:s3:::two: s3:ListBucket",
            "arn:aws:s3:::one/Veeam/permdrift: s3:GetObject",
            "arn:aws:s3:::two/Veeam/Backup/x/permdrift: s3:GetObject",
        ],
    );
}

#[test]
fn each_region_is_a_question_and_a_key_has_its_own() {
    asks(
        &[
            ("action-sets", "copy"),
            ("regions", "eu-central-1 eu-west-1"),
            ("kms-key", "arn:aws:kms:eu-west-1:111122223333:key/k"),
        ],
        &[
            "* in eu-central-1: ec2:CreateSnapshot ec2:DeleteSubnet s3:GetObject s3:ListBucket",
            "* in eu-west-1: ec2:CreateSnapshot ec2:DeleteSubnet s3:GetObject s3:ListBucket",
            "arn:aws:kms:eu-west-1:111122223333:key/k in eu-west-1: kms:CreateGrant",
        ],
    );
}

#[test]
fn no_request_bears_a_wildcard() {
    let catalog = catalog();
    let sets: Vec<&str> = catalog.sets().map(|set| set.id.as_str()).collect();
    for set in sets {
        let tags = [
            ("action-sets", set),
            ("regions", "eu-west-1"),
            ("bucket", "b"),
            ("role", "r"),
        ];
        let bound = bound(vec![principal(role("a"), &tags)], &Settings::default());
        for requirement in bound
            .subjects
            .iter()
            .flat_map(|subject| subject.requirements.iter())
        {
            for question in requirement.questions() {
                let wild = question.resource.contains(['*', '?']) && &*question.resource != "*";
                assert!(!wild, "{set}: {}", question.resource);
                let mut sorted = question.actions.to_vec();
                sorted.sort();
                sorted.dedup();
                assert_eq!(sorted, question.actions.to_vec());
            }
        }
    }
}

#[test]
fn global_services_are_asked_about_in_their_region() {
    let bound = bound(
        vec![principal(
            user("a"),
            &[("action-sets", "grant-once"), ("regions", "eu-west-1")],
        )],
        &Settings::default(),
    );
    assert_eq!(questions(&bound), ["* in us-east-1: iam:PutRolePolicy"]);
    assert_eq!(
        *bound.subjects[0].requirements[0].notices,
        [RequirementNotice::Transient]
    );
}

#[track_caller]
fn need(tags: &[(&str, &str)], action: &str, expected: Option<&Need>) {
    let mut all = vec![("action-sets", "copy")];
    all.extend(tags);
    let bound = bound(vec![principal(role("a"), &all)], &Settings::default());
    let requirement = &bound.subjects[0].requirements[0];
    let found = requirement.checks.iter().find_map(|check| {
        let mut actions = check.question.actions.iter();
        let at = actions.position(|name| name.as_str() == action)?;
        Some(&check.needs[at])
    });
    assert_eq!(found, expected);
}

#[test]
fn an_answer_makes_a_condition_hold_or_drops_its_actions() {
    need(
        &[],
        "ec2:DeleteSubnet",
        Some(&Need::Optional("only to clean up".into())),
    );
    need(
        &[],
        "kms:CreateGrant",
        Some(&Need::Asked("kms-encrypted-repository".into())),
    );
    need(
        &[("kms-encrypted-repository", "yes")],
        "kms:CreateGrant",
        Some(&Need::Required),
    );
    need(
        &[("kms-encrypted-repository", "No")],
        "kms:CreateGrant",
        None,
    );
}

#[test]
fn tags_go_on_and_bindings_add_to_them() {
    let settings = Settings::parse(
        "[[bind]]\nprincipal = \"*role/a\"\naction-sets = [\"vbaws-role-repository\"]\n[[bind]]\nprincipal = \"*nobody\"\naction-sets = [\"copy\"]",
    )
    .unwrap();
    let tags = [
        ("action-sets", "copy"),
        ("action-sets:2", "vbaws-role-rds-backup"),
    ];
    let bound = bound(vec![principal(role("a"), &tags)], &settings);
    let sets: Vec<&str> = bound.subjects[0]
        .requirements
        .iter()
        .map(|requirement| &*requirement.set)
        .collect();
    assert_eq!(
        sets,
        ["copy", "vbaws-role-rds-backup", "vbaws-role-repository"]
    );
    assert_eq!(bound.unused, ["*nobody (line 4)".into()]);
}

#[track_caller]
fn fault(tags: &[(&str, &str)], expected: &[&str]) {
    let bound = bound(vec![principal(role("a"), tags)], &Settings::default());
    let found: Vec<String> = bound
        .faults
        .iter()
        .map(|fault| format!("{}: {}", fault.place, fault.kind))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn what_cannot_be_followed_is_told_with_what_would_be_right() {
    fault(
        &[("action-sets", "vbaws-role-repositry")],
        &[
            "veeam:action-sets: no action set is called `vbaws-role-repositry`: did you mean `vbaws-role-repository`?",
        ],
    );
    fault(
        &[("action-sets", " ")],
        &["veeam:action-sets: it is empty: name action sets, separated by blanks"],
    );
    fault(
        &[("action-set", "copy")],
        &["veeam:action-set: no tag is called so: did you mean `veeam:action-sets`?"],
    );
    fault(
        &[
            ("action-sets", "copy"),
            ("regions", "frankfurt"),
            ("product-version", "9"),
            ("assumed-by", "me"),
        ],
        &[
            "veeam:assumed-by: `me` is not understood: expected an account id or the ARN of a role",
            "veeam:product-version: `9` is not understood: expected v10 or v11, the version of the AWS backup appliance",
            "veeam:regions: `frankfurt` is not understood: expected a region, such as eu-central-1",
        ],
    );
    fault(
        &[("action-sets", "copy"), ("bucket", "s3://backups/ backups")],
        &[
            "veeam:bucket: `s3://backups/` is not understood: expected the S3 bucket of the repository, or of the data that is protected, such as backups-eu",
        ],
    );
    fault(
        &[("action-sets", "vbr-ebs-encryption-key-policy")],
        &[
            "veeam:action-sets: `vbr-ebs-encryption-key-policy` is granted in the policy of a KMS key, where no look at a principal can tell: it is not checked",
        ],
    );
    fault(
        &[("action-sets", "upload")],
        &["veeam:action-sets: `upload` is meant for a user"],
    );
}

/// The faults of a role with these tags, whose keys are whole.
#[track_caller]
fn fault_of_keys(keys: &[&str], expected: &[&str]) {
    let mut role = principal(role("a"), &[]);
    let tags = keys.iter().map(|key| ((*key).into(), "copy".into()));
    role.tags.extend(tags);
    let bound = bound(vec![role], &Settings::default());
    let faults = bound.faults.iter();
    let found: Vec<String> = faults
        .map(|fault| format!("{}: {}", fault.place, fault.kind))
        .collect();
    assert_eq!(found, expected);
    assert!(bound.named.is_empty(), "it is not taken for our tag");
}

#[test]
fn a_tag_key_that_is_ours_but_for_capitals_and_blanks_is_told() {
    let meant = "no tag is called so: did you mean `veeam:action-sets`?";
    for key in [
        "Veeam:Action-Sets",
        "VEEAM:ACTION-SETS",
        " veeam:action-sets",
        "veeam:action-sets ",
        "veeam :action-sets",
        "veeam:Action-Sets",
        "Veeam:acton-sets",
    ] {
        fault_of_keys(&[key], &[&format!("{key}: {meant}")]);
    }
    fault_of_keys(
        &["Veeam:Bucket:2", "Veeam:Cost-Centre", "Owner"],
        &["Veeam:Bucket:2: no tag is called so: did you mean `veeam:bucket`?"],
    );
}

#[test]
fn a_tag_without_a_value_is_told() {
    fault(
        &[
            ("action-sets", "copy"),
            ("assumed-by", ""),
            ("bucket", " "),
            ("regions", ""),
        ],
        &[
            "veeam:assumed-by: it is empty: expected an account id or the ARN of a role",
            "veeam:bucket: it is empty: expected the S3 bucket of the repository, or of the data that is protected, such as backups-eu",
            "veeam:regions: it is empty: expected a region, such as eu-central-1",
        ],
    );
}

#[test]
fn a_value_of_another_kind_is_told_with_what_was_meant() {
    fault(
        &[
            ("action-sets", "copy"),
            ("kms-key", "arn:aws:kms:eu-west-1:111122223333:alias/b"),
            ("role", "role/x"),
        ],
        &[
            "veeam:kms-key: `arn:aws:kms:eu-west-1:111122223333:alias/b` is not understood: expected the ARN of the key that the alias stands for, because policies name keys (`aws kms describe-key --key-id arn:aws:kms:eu-west-1:111122223333:alias/b` prints it)",
            "veeam:role: `role/x` is not understood: expected `x`, without `role/`; where the role's path is `/role/`, its whole ARN",
        ],
    );
}

#[test]
fn a_binding_without_action_sets_is_told_with_its_line() {
    let document = "\n[[bind]]\nprincipal = \"arn:aws:iam::*:role/a\"\naction-sets = []";
    let settings = Settings::parse(document).unwrap();
    let bound = bound(vec![principal(role("a"), &[])], &settings);
    let found: Vec<_> = bound
        .faults
        .iter()
        .map(|fault| (&*fault.place, &fault.kind))
        .collect();
    assert_eq!(found, [("settings, line 2", &BindFaultKind::Empty)]);
}

#[test]
fn a_strangers_tag_under_our_prefix_is_none_of_our_business() {
    fault(&[("action-sets", "copy"), ("cost-centre", "12")], &[]);
}

#[test]
fn a_wrong_value_does_not_widen_the_question() {
    let tags = [
        ("action-sets", "copy"),
        ("kms-key", "alias/none-of-ours key"),
    ];
    let bound = bound(vec![principal(role("a"), &tags)], &Settings::default());
    assert_eq!(bound.faults.len(), 2, "{:?}", bound.faults);
    assert!(matches!(
        bound.faults[0].kind,
        BindFaultKind::BadValue { .. }
    ));
}

#[test]
fn principals_with_the_same_tags_share_their_plans() {
    let bound = bound(vec![copier("a"), copier("b")], &Settings::default());
    assert!(std::sync::Arc::ptr_eq(
        &bound.subjects[0].requirements,
        &bound.subjects[1].requirements
    ));
}

#[test]
fn only_the_lists_of_actions_are_shared_where_scopes_differ() {
    let one = principal(role("a"), &[("action-sets", "copy"), ("bucket", "one")]);
    let two = principal(role("b"), &[("action-sets", "copy"), ("bucket", "two")]);
    let bound = bound(vec![one, two], &Settings::default());
    let [a, b] = [0, 1].map(|at| {
        &bound.subjects[at].requirements[0].checks[0]
            .question
            .actions
    });
    assert!(std::sync::Arc::ptr_eq(a, b));
}

#[test]
fn who_looks_like_veeam_and_is_not_bound_is_listed() {
    let bound = bound(
        vec![
            principal(role("prod-VEEAM-worker"), &[]),
            principal(role("aws-service-role/x.amazonaws.com/veeam"), &[]),
            principal(role("build"), &[("owner", "ci")]),
        ],
        &Settings::default(),
    );
    assert_eq!(bound.lookalikes, [role("prod-VEEAM-worker")]);
    assert!(bound.named.is_empty());
}

#[test]
fn a_selection_narrows_what_is_asked_and_not_what_is_named() {
    let selection = Selection {
        principals: Some([role("b")].into()),
        sets: None,
    };
    let inventory = inventory(vec![copier("a"), copier("b")]);
    let settings = Settings::default();
    let asked = asked(&settings, "2026-11-01T06:00:00Z", &selection);
    let bound = listed(&inventory, &asked).bound;
    assert_eq!(bound.named.len(), 2);
    let subjects: Vec<usize> = bound
        .subjects
        .iter()
        .map(|subject| subject.principal)
        .collect();
    assert_eq!(subjects, [1]);
}
