//! The templates' roles: does each grant exactly the calls that are made, on exactly the resources they are made on?
//!
//! A template is worked out for an account, and our own evaluator judges its policies. What the functions call is the list
//! that `shared/aws` keeps; what AWS itself does with the roles stands here, each with who says so.

use e2e::template::{Place, Template};
use serde_json::Value;

mod judge;
mod needs;
mod organization;

use judge::{allows, documents, grants_exactly};
use needs::{Need, need, on_change, sweep};

const PLACE: Place<'_> = Place {
    template: Template::Account,
    partition: "aws",
    region: "eu-central-1",
    account: "123456789012",
    parameters: &[],
};

fn clock(place: &Place<'_>) -> Vec<Need> {
    vec![
        need("lambda:InvokeFunction", place.arn("Sweep")),
        // Scheduler User Guide, "Dead-letter queue": sent with the schedule's role.
        need("sqs:SendMessage", place.arn("DeadLetters")),
    ]
}

/// Both functions may do exactly what they do there.
#[track_caller]
fn functions_may_do_what_they_do(place: &Place<'_>) {
    grants_exactly(place, "SweepRole", &sweep(place));
    grants_exactly(place, "ChangeRole", &on_change(place));
}

#[test]
fn the_functions_may_do_what_they_do_and_nothing_else() {
    functions_may_do_what_they_do(&PLACE);
}

#[test]
fn the_function_may_assume_the_audit_role_only_where_one_is_named() {
    let place = Place {
        parameters: &[("AuditRoleName", "veeam/permdrift-audit")],
        ..PLACE
    };
    let mut needs = sweep(&place);
    needs.push(need(
        "sts:AssumeRole",
        "arn:aws:iam::*:role/veeam/permdrift-audit",
    ));
    grants_exactly(&place, "SweepRole", &needs);
}

const NARROWED: &[(&str, &str)] = &[
    (
        "KeyArns",
        "arn:aws:kms:eu-central-1:123456789012:key/1234,arn:aws:kms:*:123456789012:key/mrk-*",
    ),
    ("BucketArns", "arn:aws:s3:::backups-eu"),
    (
        "VaultArns",
        "arn:aws:backup:eu-central-1:123456789012:backup-vault:veeam",
    ),
];

#[test]
fn what_may_be_read_can_be_narrowed_to_some_keys_buckets_and_vaults() {
    for parameters in [NARROWED, &NARROWED[..1], &NARROWED[1..2], &NARROWED[2..]] {
        let place = Place {
            parameters,
            ..PLACE
        };
        functions_may_do_what_they_do(&place);
    }
    let place = Place {
        parameters: NARROWED,
        ..PLACE
    };
    let documents = documents(&place, "SweepRole");
    for (action, resource) in [
        (
            "kms:GetKeyPolicy",
            "arn:aws:kms:eu-central-1:123456789012:key/5678",
        ),
        ("s3:GetBucketPolicy", "arn:aws:s3:::backups-us"),
        (
            "backup:DescribeBackupVault",
            "arn:aws:backup:eu-central-1:123456789012:backup-vault:other",
        ),
    ] {
        let outside = need(action, resource);
        assert!(
            !allows(&place, &documents, &outside),
            "{action} on {resource}"
        );
    }
}

const CHANNELS: &[(&str, &str)] = &[
    ("ChatState", "ENABLED"),
    ("SecurityHubState", "ENABLED"),
    ("PagerDutyRoutingKey", "0123456789abcdef0123456789abcdef"),
    ("OpsgenieApiKey", "01234567-89ab-cdef-0123-456789abcdef"),
];

#[test]
fn a_channel_that_is_switched_on_may_be_told_and_no_other() {
    let place = Place {
        parameters: CHANNELS,
        ..PLACE
    };
    functions_may_do_what_they_do(&place);
    for one in CHANNELS {
        let place = Place {
            parameters: std::slice::from_ref(one),
            ..PLACE
        };
        functions_may_do_what_they_do(&place);
    }
}

#[test]
fn the_rules_may_call_the_on_call_tools_that_are_switched_on() {
    let all = [
        "PagerDutyDestination",
        "OpsgenieDestination",
        "OpsgenieCloseDestination",
    ];
    for (parameters, destinations) in [
        (&CHANNELS[2..], &all[..]),
        (&CHANNELS[2..3], &all[..1]),
        (&CHANNELS[3..], &all[1..]),
    ] {
        let place = Place {
            parameters,
            ..PLACE
        };
        let needs: Vec<Need> = destinations
            .iter()
            .map(|id| need("events:InvokeApiDestination", place.arn(id)))
            .collect();
        grants_exactly(&place, "OnCallRole", &needs);
    }
}

#[test]
fn the_schedule_may_start_the_function_and_nothing_else() {
    grants_exactly(&PLACE, "ClockRole", &clock(&PLACE));
}

#[test]
fn the_key_may_be_used_through_its_services_only() {
    let documents = documents(&PLACE, "SweepRole");
    for via in [None, Some("s3"), Some("secretsmanager")] {
        let direct = Need {
            via,
            ..need("kms:Decrypt", PLACE.arn("Key"))
        };
        assert!(
            !allows(&PLACE, &documents, &direct),
            "kms:Decrypt via {via:?}"
        );
    }
}

#[test]
fn the_roles_fit_every_partition() {
    for (partition, region) in [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")] {
        let place = Place {
            partition,
            region,
            ..PLACE
        };
        functions_may_do_what_they_do(&place);
        grants_exactly(&place, "ClockRole", &clock(&place));
    }
}

#[test]
fn no_partition_or_region_is_written_into_the_templates() {
    fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) => found.push(text),
            Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
            _ => {}
        }
    }
    for template in Template::ALL {
        let mut found = Vec::new();
        // Their descriptions may name regions as examples.
        texts(&template.transformed()["Resources"], &mut found);
        found.retain(|text| text.contains("arn:aws") || text.contains("us-east-1"));
        assert!(found.is_empty(), "{template:?}: {found:#?}");
    }
}
