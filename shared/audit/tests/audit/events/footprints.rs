//! Footprints: is no event passed over that could change a verdict, and is what concerns nobody told by a look-up?

mod drawn;

use std::collections::BTreeSet;

use audit::events::{Concern, Footprint, ReadFootprintError, TrailEvents, read};
use audit::{Asked, Selection, Settings};
use generator::Shape;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::applied::applied;
use super::recorded::{call, calls};
use super::{ACCOUNT, NOW, on_resource};
use crate::phases::{asked, listed};
use drawn::Drawn;

fn footprint(account: &str, settings: &Settings) -> Footprint {
    let inventory = iam::inventory::read(account.as_bytes()).unwrap();
    let asked = asked(settings, NOW, &Selection::default());
    listed(&inventory, &asked).footprint(&asked)
}

fn one(event: &Value) -> TrailEvents {
    read(&event.to_string()).unwrap()
}

/// What an event is by the footprint of an account, in its stored form.
fn concern_by(account: &str, settings: &Settings, event: &Value) -> Concern {
    let stored = footprint(account, settings).write();
    let rules = asked(settings, NOW, &Selection::default()).binding_rules();
    let footprint = Footprint::read(&stored).unwrap();
    footprint.concern(&one(event).events[0], &rules)
}

fn concern(event: &Value) -> Concern {
    concern_by(ACCOUNT, &Settings::default(), event)
}

/// The event with its names in capitals, and again about others.
fn renamed(event: &Value) -> (Value, Value) {
    let (mut same, mut other) = (event.clone(), event.clone());
    let names = [
        "userName",
        "newUserName",
        "roleName",
        "groupName",
        "instanceProfileName",
        "policyArn",
    ];
    for name in names {
        let Some(text) = event["requestParameters"][name].as_str().map(str::to_owned) else {
            continue;
        };
        if name != "policyArn" {
            same["requestParameters"][name] = text.to_uppercase().into();
        }
        other["requestParameters"][name] = format!("{text}-of-others").into();
    }
    if let Some(key) = event["responseElements"]["accessKey"]["userName"].as_str() {
        other["responseElements"]["accessKey"]["userName"] = format!("{key}-of-others").into();
    }
    (same, other)
}

#[test]
fn an_event_about_what_is_known_concerns_the_account_and_one_about_others_does_not() {
    for event in calls() {
        let name = event["eventName"].as_str().unwrap();
        let (same, mut other) = renamed(&event);
        let expected = match name {
            "CreateRole" | "CreateUser" => Concern::New,
            _ => Concern::Known,
        };
        assert_eq!(concern(&event), expected, "{name}");
        assert_eq!(concern(&same), expected, "{name} in capitals");
        other["requestParameters"]["tags"] = Value::Null;
        other["requestParameters"]["tagKeys"] = json!(["team"]);
        assert_eq!(concern(&other), Concern::Nothing, "{name} of others");
        let mut elsewhere = event.clone();
        elsewhere["recipientAccountId"] = "444455556666".into();
        assert_eq!(concern(&elsewhere), Concern::Nothing, "{name}");
    }
}

#[test]
fn calls_on_resources_concern_whoever_works_with_them() {
    let known = |call: &str, field: &str, value: &str| {
        let mut event = on_resource(call);
        event["requestParameters"] = json!({ field: value });
        event["resources"] = Value::Null;
        concern(&event) == Concern::Known
    };
    let key = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";
    assert!(known("PutKeyPolicy", "keyId", key));
    assert!(known("PutBucketPolicy", "bucketName", "backups"));
    assert!(!known("PutBucketPolicy", "bucketName", "others"));
    assert!(known(
        "PutBackupVaultAccessPolicy",
        "backupVaultName",
        "veeam"
    ));
    assert!(!known(
        "PutBackupVaultAccessPolicy",
        "backupVaultName",
        "others"
    ));
    assert!(known("ModifyEbsDefaultKmsKeyId", "kmsKeyId", key));
    assert!(!known("DeleteVpcEndpoints", "vpcEndpointId", "vpce-1"));
    assert!(known("AttachPolicy", "targetId", "r-root"));
    assert!(known("AttachPolicy", "targetId", "111122223333"));
    assert!(!known("AttachPolicy", "targetId", "444455556666"));
}

/// What a tag or a name of a new role means by some settings.
#[track_caller]
fn check_new(settings: &str, field: &str, value: Value, expected: Concern) {
    let settings = Settings::parse(settings).unwrap();
    let mut event = call("CreateRole");
    event["requestParameters"]["tags"] = Value::Null;
    event["requestParameters"][field] = value;
    assert_eq!(concern_by(ACCOUNT, &settings, &event), expected, "{event}");
}

#[test]
fn what_the_settings_bind_may_bind_somebody_new() {
    let tag = |key: &str| json!([{"key": key, "value": "x"}]);
    check_new("", "tags", tag("veeam:action-sets"), Concern::New);
    check_new("", "tags", tag("Veeam: action-sets"), Concern::New);
    check_new("", "tags", tag("team"), Concern::Nothing);
    let prefix = "tag-prefix = \"backup/\"";
    check_new(prefix, "tags", tag("backup/action-sets"), Concern::New);
    check_new(prefix, "tags", tag("veeam:action-sets"), Concern::Nothing);
    let pattern = |text: &str| {
        format!("[[bind]]\nprincipal = \"{text}\"\naction-sets = [\"vbaws-role-ec2-backup\"]")
    };
    for (text, name, expected) in [
        (
            "arn:aws:iam::*:role/*/legacy-*",
            "legacy-copy",
            Concern::New,
        ),
        (
            "arn:aws:iam::*:role/legacy-*",
            "legacy-copy",
            Concern::Nothing,
        ),
        ("arn:aws:iam::*:role/veeam/legacy", "Legacy", Concern::New),
        ("arn:aws:iam::*:role/legacy-*", "modern", Concern::Nothing),
        (
            "arn:aws:iam::*:user/legacy-*",
            "legacy-copy",
            Concern::Nothing,
        ),
        (
            "arn:aws:iam::444455556666:role/*",
            "legacy-copy",
            Concern::Nothing,
        ),
    ] {
        check_new(&pattern(text), "roleName", name.into(), expected);
    }
    // By a new name, whatever the path, or by a new path.
    let settings = Settings::parse(&pattern("arn:aws:iam::*:user/legacy-*")).unwrap();
    let mut rename = call("UpdateUser");
    rename["requestParameters"] = json!({"userName": "x", "newUserName": "legacy-x"});
    assert_eq!(concern_by(ACCOUNT, &settings, &rename), Concern::New);
    rename["requestParameters"]["newUserName"] = "modern".into();
    assert_eq!(
        concern_by(ACCOUNT, &settings, &rename),
        Concern::New,
        "the path may begin with `legacy-`"
    );
    rename["requestParameters"] = json!({"userName": "x", "newPath": "/modern/"});
    assert_eq!(concern_by(ACCOUNT, &settings, &rename), Concern::Nothing);
    rename["requestParameters"]["newPath"] = "/legacy-users/".into();
    assert_eq!(concern_by(ACCOUNT, &settings, &rename), Concern::New);
}

#[test]
fn a_footprint_by_other_rules_or_of_half_a_listing_excludes_no_event_of_iam() {
    let stranger = renamed(&call("AttachRolePolicy")).1;
    let event = &one(&stranger).events[0];
    let (old, new) = (
        Settings::default(),
        Settings::parse("tag-prefix = \"backup/\"").unwrap(),
    );
    let by = |settings| asked(settings, NOW, &Selection::default()).binding_rules();
    let known = footprint(ACCOUNT, &old);
    assert_eq!(known.concern(event, &by(&old)), Concern::Nothing);
    assert_eq!(known.concern(event, &by(&new)), Concern::New);
    // What is told to whom is no rule of binding.
    let owners = Settings::parse("[owners]\nidentity = \"backup team\"").unwrap();
    assert_eq!(known.concern(event, &by(&owners)), Concern::Nothing);
    let half = ACCOUNT.replace("\"IsTruncated\": false", "\"IsTruncated\": true");
    assert_ne!(half, ACCOUNT);
    assert_eq!(
        footprint(&half, &old).concern(event, &by(&old)),
        Concern::New
    );
}

#[test]
fn events_of_one_batch_lead_to_each_other() {
    let settings = Settings::default();
    let rules = asked(&settings, NOW, &Selection::default()).binding_rules();
    let policy = "arn:aws:iam::111122223333:policy/new";
    let mut version = call("SetDefaultPolicyVersion");
    version["requestParameters"]["policyArn"] = policy.into();
    let mut attach = call("AttachRolePolicy");
    attach["requestParameters"]["policyArn"] = policy.into();
    let stranger = renamed(&call("AttachRolePolicy")).1;
    let kept = |events: &[&Value]| {
        let mut known = footprint(ACCOUNT, &settings);
        let batch = read(&json!(events).to_string()).unwrap();
        let selected = known.select(batch, &rules);
        let calls = selected.events.iter().map(|event| event.call.to_string());
        calls.collect::<Vec<_>>()
    };
    assert_eq!(kept(&[&version, &stranger]), [""; 0]);
    assert_eq!(
        kept(&[&version, &attach, &stranger]),
        ["SetDefaultPolicyVersion", "AttachRolePolicy"]
    );
    // Nobody knows what the new role holds.
    let create = call("CreateRole");
    assert_eq!(
        kept(&[&version, &create]),
        ["SetDefaultPolicyVersion", "CreateRole"]
    );
}

#[test]
fn a_stored_footprint_is_read_again_and_a_newer_or_broken_one_is_refused() {
    let odd = ACCOUNT
        .replace("arn:aws:", "arn:aws-us-gov:")
        .replace("keeper-profile", "k\u{e9}per")
        .replace("CostCentre", "\u{1f5c4}");
    let known = footprint(&odd, &Settings::default());
    let stored = known.write();
    assert!(!stored.contains('\n'));
    assert_eq!(Footprint::read(&stored).unwrap(), known);
    let newer = stored.replace("\"format\":1", "\"format\":2");
    let newer = Footprint::read(&newer);
    assert!(matches!(
        newer,
        Err(ReadFootprintError::TooNew { found: 2 })
    ));
    for broken in ["", "[]", "{\"format\":1}", "7"] {
        let broken = Footprint::read(broken);
        assert!(matches!(broken, Err(ReadFootprintError::Malformed(_))));
    }
    let nobody = stored.replace("111122223333\",\"rules", "1\",\"rules");
    assert!(matches!(
        Footprint::read(&nobody),
        Err(ReadFootprintError::Account(_))
    ));
    // A policy of the other partition is another policy.
    let mut event = call("SetDefaultPolicyVersion");
    let rules = asked(&Settings::default(), NOW, &Selection::default()).binding_rules();
    assert_eq!(
        known.concern(&one(&event).events[0], &rules),
        Concern::Nothing
    );
    event["requestParameters"]["policyArn"] =
        "arn:aws-us-gov:iam::111122223333:policy/backup".into();
    assert_eq!(
        known.concern(&one(&event).events[0], &rules),
        Concern::Known
    );
}

#[test]
fn an_event_audit_adds_what_it_saw_and_forgets_nothing() {
    let settings = Settings::default();
    let rules = asked(&settings, NOW, &Selection::default()).binding_rules();
    let mut known = footprint(ACCOUNT, &settings);
    let create = call("CreateRole");
    let now = applied(ACCOUNT, [&create, &call("DeleteUser")]);
    known.extend(footprint(&now, &settings));
    let mut attach = call("AttachRolePolicy");
    attach["requestParameters"]["roleName"] = "newcomer".into();
    for event in [attach, call("AttachUserPolicy")] {
        assert_eq!(
            known.concern(&one(&event).events[0], &rules),
            Concern::Known
        );
    }
}

/// Whom an event touches of those that are bound in a listing.
fn touched(account: &str, events: &TrailEvents) -> BTreeSet<String> {
    super::touched_by(account, events)
        .bound
        .keys()
        .map(ToString::to_string)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_is_passed_over_that_touches_somebody_before_or_after(seed in any::<u64>()) {
        let settings = Settings::default();
        let rules = asked(&settings, NOW, &Selection::default()).binding_rules();
        let mut drawn = Drawn::new(seed);
        let mut listing = drawn.account();
        let mut known = footprint(&listing, &settings);
        let mut passed_over = 0;
        for number in 0..8 {
            let event = drawn.event(number);
            let batch = one(&event);
            let now = applied(&listing, [&event]);
            let kept = known.select(batch.clone(), &rules);
            if kept.events.is_empty() {
                passed_over += 1;
                let mut missed = touched(&listing, &batch);
                missed.extend(touched(&now, &batch));
                prop_assert!(missed.is_empty(), "{event} touches {missed:?} in {listing}, then {now}");
            } else {
                known.extend(footprint(&now, &settings));
            }
            listing = now;
        }
        prop_assert!(passed_over < 8 || known == footprint(&listing, &settings));
    }

    #[test]
    fn what_is_passed_over_in_a_batch_touches_nobody_whom_the_rest_does_not(seed in any::<u64>()) {
        let settings = Settings::default();
        let rules = asked(&settings, NOW, &Selection::default()).binding_rules();
        let mut drawn = Drawn::new(seed);
        let before = drawn.account();
        let events: Vec<Value> = (0..8).map(|number| drawn.event(number)).collect();
        let now = applied(&before, &events);
        let batch = read(&json!(events).to_string()).unwrap();
        let kept = footprint(&before, &settings).select(batch.clone(), &rules);
        for listing in [&before, &now] {
            prop_assert_eq!(touched(listing, &kept), touched(listing, &batch), "{}", listing);
        }
    }
}

#[test]
fn the_footprint_of_20_000_principals_is_small() {
    let shape = Shape::seed_sets(20_000);
    let listing = generator::account(&shape, 7).to_json();
    let inventory = iam::inventory::read(&listing).unwrap();
    let settings = Settings::default();
    let asked = Asked {
        account: None,
        ..asked(&settings, NOW, &Selection::default())
    };
    let stored = listed(&inventory, &asked).footprint(&asked).write();
    assert!(stored.len() < 1_500_000, "{} bytes", stored.len());
}
