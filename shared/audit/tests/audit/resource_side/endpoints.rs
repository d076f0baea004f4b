//! Endpoints: row N2, what the policies of VPC endpoints make of requests that pass one.

use std::sync::Arc;

use audit::Code;
use audit::assessment::Readings;
use audit::requirement::ResourcePolicy;
use audit::resources::{Reading, Region, VpcEndpoint};
use iam::Document;

use super::case::{ALL, Case, HAND_OVER, KEY, document};

/// AWS's own.
const FULL: &str = r#"{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}"#;
const OTHER_BUCKET: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}"#;
const DENY: &str = r#"{"Sid": "Fence", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}"#;

pub(super) fn endpoint(id: &str, service: &str, statements: &[&str]) -> VpcEndpoint {
    let policy = Document::parse_resource_policy(&document(statements));
    assert!(policy.is_ok(), "{policy:?}");
    VpcEndpoint {
        id: id.into(),
        vpc: "vpc-1".into(),
        service: format!("com.amazonaws.eu-west-1.{service}").into(),
        kind: "Interface".into(),
        state: "available".into(),
        private_dns: true,
        policy: Some(Arc::new(policy)),
    }
}

/// A repository with its own key, of an appliance whose workers run in a private network with these endpoints.
fn private(endpoints: Vec<VpcEndpoint>) -> Case {
    with(&[("private-network", "yes")], endpoints)
}

fn with(tags: &[(&str, &str)], endpoints: Vec<VpcEndpoint>) -> Case {
    let mut all = vec![
        ("action-sets", "vbaws-role-repository"),
        ("bucket", "backups"),
        ("repository-key", KEY),
    ];
    all.extend(tags);
    let mut case = Case::role(&all)
        .bucket("backups", &[])
        .key(KEY, &[HAND_OVER]);
    let region = Region {
        endpoints: Reading::Read(endpoints),
        ..Region::default()
    };
    case.resources.regions.insert("eu-west-1".into(), region);
    case
}

/// The judgement, the first cause, and the number of causes.
fn told(case: &Case) -> String {
    let verdict = case.verdict();
    let missing = verdict.missing.iter().map(|one| &one.cause);
    let unknown = verdict.unknown.iter().map(|one| &one.cause);
    let causes: Vec<String> = missing
        .chain(unknown)
        .map(|cause| format!("{cause:?}"))
        .collect();
    format!("{} {}", verdict.judgement().as_str(), causes.join(" "))
}

#[track_caller]
fn says(case: &Case, judgement: &str, words: &[&str]) {
    let told = told(case);
    assert!(told.starts_with(judgement), "{told}");
    assert!(words.iter().all(|word| told.contains(word)), "{told}");
}

#[test]
fn n2_the_policy_of_the_endpoint_decides_where_workers_run_in_a_private_network() {
    for (statements, judgement, words) in [
        (&[FULL][..], "compliant", &[][..]),
        (&[OTHER_BUCKET], "drifted", &["NotAllowedIn([Endpoint])"]),
        (
            &[FULL, DENY],
            "drifted",
            &["policy of endpoint vpce-1", "Fence"],
        ),
    ] {
        let endpoint = || vec![endpoint("vpce-1", "s3", statements)];
        says(&private(endpoint()), judgement, words);
        with(&[], endpoint()).is_well();
        with(&[("private-network", "no")], endpoint()).is_well();
    }
}

#[test]
fn n2_of_several_endpoints_only_what_all_say_is_known() {
    let of = |one: &[&str], other: &[&str]| {
        private(vec![
            endpoint("vpce-1", "s3", one),
            endpoint("vpce-2", "s3", other),
        ])
    };
    of(&[FULL], &[FULL]).is_well();
    says(&of(&[FULL, DENY], &[FULL, DENY]), "drifted", &["Fence"]);
    says(
        &of(&[FULL], &[FULL, DENY]),
        "undetermined",
        &["policy of endpoint vpce-2", "Fence", "which of 2 endpoints"],
    );
    let told = "[context]\n\"aws:SourceVpce\" = \"vpce-1\"";
    of(&[FULL], &[FULL, DENY]).settings(told).is_well();
    says(
        &of(&[FULL, DENY], &[FULL]).settings(told),
        "drifted",
        &["Fence"],
    );
}

#[test]
fn n2_what_no_request_passes_decides_nothing() {
    let change = |change: fn(&mut VpcEndpoint)| {
        let mut one = endpoint("vpce-1", "s3", &[OTHER_BUCKET]);
        change(&mut one);
        private(vec![one])
    };
    for case in [
        change(|one| one.kind = "Gateway".into()),
        change(|one| one.state = "pending".into()),
        change(|one| one.service = "com.amazonaws.eu-west-1.sqs".into()),
    ] {
        let judged = told(&case);
        assert!(!judged.contains("Endpoint"), "{judged}");
    }
    let mut elsewhere = private(vec![endpoint("vpce-1", "s3", &[OTHER_BUCKET])]);
    let bucket = elsewhere.resources.buckets.get_mut("backups").unwrap();
    bucket.region = Reading::Read("eu-central-1".into());
    assert!(!told(&elsewhere).contains("Endpoint"));
}

#[test]
fn n2_a_policy_that_was_not_printed_or_cannot_be_read_is_unknown() {
    let mut silent = endpoint("vpce-1", "s3", &[FULL]);
    silent.policy = None;
    let words = [
        "Unreadable",
        "policy of endpoint vpce-1",
        "EC2 printed no policy",
    ];
    says(&private(vec![silent.clone()]), "undetermined", &words);
    silent.policy = Some(Arc::new(Document::parse_resource_policy("{")));
    let words = ["Unreadable", "policy of endpoint vpce-1"];
    says(&private(vec![silent]), "undetermined", &words);
}

#[test]
fn n2_the_principal_itself_calls_kms_through_the_endpoint_of_kms() {
    let only =
        r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"}"#;
    private(vec![endpoint("vpce-1", "kms", &[FULL])]).is_well();
    let fenced = endpoint("vpce-1", "kms", &[only]);
    let case = private(vec![fenced.clone()]);
    says(&case, "drifted", &["NotAllowedIn([Endpoint])"]);
    // EC2 calls KMS for volumes, from a network of its own.
    let mut volumes = Case::role(&[
        ("action-sets", "vbaws-role-ec2-restore"),
        ("target-key", KEY),
        ("private-network", "yes"),
    ])
    .key(KEY, &[HAND_OVER]);
    let region = Region {
        endpoints: Reading::Read(vec![fenced]),
        ..Region::default()
    };
    volumes.resources.regions.insert("eu-west-1".into(), region);
    let verdict = volumes.verdict();
    let through = |cause: &iam::Cause| cause.layers().contains(&iam::Layer::Endpoint);
    assert!(!verdict.missing.iter().any(|one| through(&one.cause)));
    let unknown = verdict.unknown.iter();
    assert_eq!(unknown.filter(|one| through(&one.cause)).count(), 0);
}

#[test]
fn a_bucket_that_is_locked_to_the_endpoint_lets_its_requests_in() {
    let lock = |id: &str| {
        format!(
            r#"{{"Sid": "Lock", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {{"StringNotEqualsIfExists": {{"aws:SourceVpce": "{id}"}}, "Null": {{"aws:SourceVpce": "false"}}}}}}"#
        )
    };
    let case = private(vec![endpoint("vpce-1", "s3", &[FULL])]);
    case.clone().bucket("backups", &[&lock("vpce-1")]).is_well();
    says(
        &case.bucket("backups", &[&lock("vpce-2")]),
        "drifted",
        &["Lock"],
    );
}

#[test]
fn a_report_counts_the_policies_of_endpoints_that_decide() {
    let read = |case: &Case| case.layers().endpoints;
    let endpoints = || {
        vec![
            endpoint("vpce-1", "s3", &[FULL]),
            endpoint("vpce-2", "sqs", &[FULL]),
            endpoint("vpce-3", "kms", &[FULL]),
        ]
    };
    let expected = Readings {
        read: 2,
        ..Readings::default()
    };
    assert_eq!(read(&private(endpoints())), expected);
    assert_eq!(read(&with(&[], endpoints())), Readings::default());
    assert!(
        private(endpoints())
            .may(&[ALL])
            .verdict()
            .missing
            .is_empty()
    );
}

#[test]
fn endpoints_that_nobody_read_are_named_where_workers_run_in_a_private_network() {
    use ResourcePolicy::{Bucket, Endpoint};
    fn unread<T>() -> [Reading<T>; 2] {
        [
            Reading::NotRead,
            Reading::Refused("UnauthorizedOperation".into()),
        ]
    }
    let lacking = |case: &Case| case.verdict().not_checked.to_vec();
    assert_eq!(lacking(&private(vec![])), []);
    for endpoints in unread() {
        let mut case = private(vec![]);
        let region = case.resources.regions.get_mut("eu-west-1").unwrap();
        region.endpoints = endpoints.clone();
        assert_eq!(lacking(&case), [Endpoint]);
        let is_refused = matches!(endpoints, Reading::Refused(_));
        let expected = Readings {
            read: 0,
            refused: usize::from(is_refused),
            not_read: usize::from(!is_refused),
        };
        assert_eq!(case.layers().endpoints, expected);
        let mut public = with(&[("private-network", "no")], vec![]);
        let region = public.resources.regions.get_mut("eu-west-1").unwrap();
        region.endpoints = endpoints;
        assert_eq!(lacking(&public), []);
        assert_eq!(public.layers().endpoints, Readings::default());
    }
    for region in unread() {
        let mut case = private(vec![]);
        case.resources.buckets.get_mut("backups").unwrap().region = region;
        assert_eq!(
            lacking(&case),
            [Bucket, Endpoint],
            "in which region is not known"
        );
    }
    let named = |id: &str| {
        let endpoints = vec![
            endpoint("vpce-1", "s3", &[FULL]),
            endpoint("vpce-2", "kms", &[FULL]),
        ];
        let settings = format!(
            "[[request]]\nactions = [\"s3:*\"]\ncontext = {{ \"aws:SourceVpce\" = \"{id}\" }}"
        );
        lacking(&private(endpoints).settings(&settings))
    };
    assert_eq!(named("vpce-1"), []);
    assert_eq!(named("vpce-9"), [Endpoint], "its policy was not read");
    let mut workers = Case::role(&[
        ("action-sets", "vbaws-role-ec2-backup-workers"),
        ("private-network", "yes"),
        ("source-key", KEY),
        ("target-key", KEY),
    ])
    .key(KEY, &[HAND_OVER])
    .default_key("alias/aws/ebs");
    assert_eq!(lacking(&workers), [Endpoint]);
    let region = workers.resources.regions.get_mut("eu-west-1").unwrap();
    region.endpoints = Reading::Read(vec![]);
    assert_eq!(lacking(&workers), []);
}

/// A role that workers in a private network carry.
pub(super) fn carried(set: &str, endpoints: Vec<VpcEndpoint>) -> Case {
    let mut case = Case::role(&[("action-sets", set), ("private-network", "yes")]);
    let region = Region {
        endpoints: Reading::Read(endpoints),
        ..Region::default()
    };
    case.resources.regions.insert("eu-west-1".into(), region);
    case
}

#[test]
fn n2_workers_call_queues_and_systems_manager_through_endpoints() {
    const FENCE: &str = r#"{"Sid": "Fence", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}"#;
    const SENDS: &str = r#"{"Sid": "Fence", "Effect": "Deny", "Principal": "*", "Action": ["sqs:CreateQueue", "ssm:SendCommand"], "Resource": "*"}"#;
    const OTHER: &str = r#"{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/other"}, "Action": "*", "Resource": "*"}"#;
    const QUEUES: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:sqs:*:*:some-*"}"#;
    for set in ["vbaws-role-production-worker", "vbaws-role-flr-worker"] {
        let missing = |case: &Case| {
            let verdict = case.verdict();
            let causes = verdict.missing.iter().map(|one| format!("{:?}", one.cause));
            causes.collect::<Vec<_>>().join(" ")
        };
        let unknown = |case: &Case| !case.verdict().unknown.is_empty();
        let with = |statements: &[&str]| {
            let all = ["sqs", "ssm", "ssmmessages", "ec2messages"];
            let all = all.iter().enumerate();
            let all = all.map(|(at, service)| endpoint(&format!("vpce-{at}"), service, statements));
            carried(set, all.collect())
        };
        for well in [&[FULL][..], &[FULL, SENDS]] {
            assert_eq!(
                (missing(&with(well)), unknown(&with(well))),
                (String::new(), false)
            );
            assert!(
                !with(well)
                    .verdict()
                    .not_checked
                    .contains(&ResourcePolicy::Endpoint)
            );
        }
        let fenced = missing(&with(&[FULL, FENCE]));
        assert!(fenced.contains("policy of endpoint vpce-0") && fenced.contains("Fence"));
        assert!(missing(&with(&[OTHER])).contains("NotAllowedIn([Endpoint])"));
        assert!(unknown(&with(&[QUEUES])));
        let mut silent = with(&[FULL, FENCE]);
        let region = silent.resources.regions.get_mut("eu-west-1").unwrap();
        if let Reading::Read(endpoints) = &mut region.endpoints {
            endpoints[0].policy = None;
        }
        assert_eq!(missing(&silent), "");
        assert!(
            silent
                .verdict()
                .not_checked
                .contains(&ResourcePolicy::Endpoint)
        );
        assert_eq!(silent.layers().endpoints.not_read, 1);
    }
}

#[test]
fn what_endpoints_keep_workers_from_is_over_when_their_policies_were_read_again() {
    use crate::resource_side::reread::stays_until;
    const FENCE: &str =
        r#"{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}"#;
    let with = |endpoints: Reading<Vec<VpcEndpoint>>| {
        let mut case = carried("vbaws-role-production-worker", vec![]);
        let region = case.resources.regions.get_mut("eu-west-1").unwrap();
        region.endpoints = endpoints;
        case
    };
    let queues = |statements: &[&str]| endpoint("vpce-1", "sqs", statements);
    let mut silent = queues(&[FULL]);
    silent.policy = None;
    let hidden = [
        with(Reading::NotRead),
        with(Reading::Refused("UnauthorizedOperation".into())),
        with(Reading::Read(vec![silent])),
    ];
    let broken = with(Reading::Read(vec![queues(&[FULL, FENCE])]));
    let repaired = with(Reading::Read(vec![queues(&[FULL])]));
    stays_until(Code::MissingActions, &broken, &hidden, &repaired);
}

#[test]
fn a_denial_of_another_layer_is_over_only_if_endpoints_were_read_again_that_may_deny_the_same() {
    use crate::resource_side::reread::{ends_missing, stays_until};
    const NO_PUT: &str = r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}"#;
    let well = || private(vec![endpoint("vpce-1", "s3", &[FULL])]);
    let mut refused = well();
    let region = refused.resources.regions.get_mut("eu-west-1").unwrap();
    region.endpoints = Reading::Refused("UnauthorizedOperation".into());
    let silent = private(vec![VpcEndpoint {
        policy: None,
        ..endpoint("vpce-1", "s3", &[])
    }]);
    let broken = well().may(&[ALL, NO_PUT]);
    stays_until(
        Code::MissingActions,
        &broken,
        &[refused.clone(), silent],
        &well(),
    );
    // Nothing that had not been read before is waited for.
    assert!(ends_missing(&refused.clone().may(&[ALL, NO_PUT]), &refused));
}
