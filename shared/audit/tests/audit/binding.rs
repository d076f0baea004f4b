//! Binding: what tags and settings say becomes requirements.

mod faults;

use audit::requirement::{Need, RequirementNotice};
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
