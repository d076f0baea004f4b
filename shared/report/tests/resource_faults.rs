//! Faults of resources in every format: each tells of them, and none but the JSON form says the whole id of a key.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit::resource_faults::fault::{FaultyResource, ResourceFault, ResourceFaultKind, Weight};
use audit::resource_faults::topic::FaultTopic;
use audit::verdict::{Trust, TrustReason, Unknown};
use audit::{Asked, Assessment, Baseline, Saved, Settings, advance, look, observe};
use catalog::Catalog;
use futures_util::FutureExt as _;
use iam::{Cause, Layer, ServiceControl, StatementRef};
use report::header::Header;
use report::machine::{asff, csv, event, json, junit, ocsf, sarif};
use report::words::message::Saying;
use report::{AuditReport, Palette, Pen, chat, html, mail, markdown, screen};

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const SENTENCE: &str =
    "key …90ab in eu-central-1 of 111122223333 is now to be deleted on 2026-11-24";

/// An account with two roles that may do this, with more tags.
fn looked(statement: &str, tags: &str) -> Assessment {
    let role = |name: &str| {
        format!(
            r#"{{"Path":"/","RoleName":"{name}","RoleId":"AROA{name}","Arn":"arn:aws:iam::111122223333:role/{name}","CreateDate":"2025-01-01T00:00:00Z",
            "AssumeRolePolicyDocument":{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"AWS":"*","Service":["batchoperations.s3.amazonaws.com","ec2.amazonaws.com"]}}}}]}},
            "InstanceProfileList":[],"RolePolicyList":[{{"PolicyName":"all","PolicyDocument":{{"Version":"2012-10-17","Statement":[{statement}]}}}}],
            "AttachedManagedPolicies":[],"Tags":[{{"Key":"veeam:action-sets","Value":"vbaws-role-repository"}}{tags}]}}"#
        )
    };
    let listing = format!(
        r#"{{"UserDetailList":[],"GroupDetailList":[],"RoleDetailList":[{},{}],"Policies":[],"IsTruncated":false}}"#,
        role("one"),
        role("two")
    );
    let saved = Saved {
        inventory: Arc::new(iam::inventory::read(listing.as_bytes()).unwrap()),
        service_control: ServiceControl::default(),
        resources: Arc::default(),
    };
    let (catalog, settings) = (Catalog::embedded(), Settings::default());
    let asked = Asked::new(&catalog, &settings, "2026-11-01T06:00:00Z".parse().unwrap());
    let look = look(&asked, &saved).now_or_never().unwrap();
    look.expect("an account").assessment
}

/// The same with a key, a bucket with a rule, and a region that encrypts volumes.
fn assessment() -> Assessment {
    let mut found = looked(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, "");
    for verdict in &mut found.verdicts {
        verdict.faults = vec![
            ResourceFault {
                resource: FaultyResource::Key(
                    format!("arn:aws:kms:eu-central-1:111122223333:key/{KEY}").into(),
                ),
                weight: Weight::Breaks,
                kind: ResourceFaultKind::KeyState {
                    state: "PendingDeletion".into(),
                    deletion: Some("2026-11-24T10:00:00Z".parse().unwrap()),
                },
            },
            ResourceFault {
                resource: FaultyResource::Bucket("backups".into()),
                weight: Weight::Unknown,
                kind: ResourceFaultKind::Lifecycle("archive".into()),
            },
            ResourceFault {
                resource: FaultyResource::Region("eu-central-1".into()),
                weight: Weight::Notice,
                kind: ResourceFaultKind::VolumesEncrypted,
            },
        ];
    }
    found
}

fn with_report<T>(write: impl FnOnce(&AuditReport<'_>) -> T) -> T {
    with_report_of(assessment(), write)
}

fn with_report_of<T>(found: Assessment, write: impl FnOnce(&AuditReport<'_>) -> T) -> T {
    let (settings, catalog) = (Settings::default(), Catalog::embedded());
    let findings = observe(&found, &settings);
    write(&AuditReport {
        assessment: &found,
        findings: &findings,
        events: None,
        explained: &[],
        settings: &settings,
        catalog: &catalog,
        source: None,
        provenance: None,
        region: "eu-central-1",
        planned: None,
    })
}

fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

fn on_screen(told: &AuditReport<'_>) -> String {
    let content = screen::audit::Screen {
        assessment: told.assessment,
        owners: &told.settings.owners,
        catalog: told.catalog,
        events: None,
        explained: &[],
        muted: &BTreeMap::new(),
        mutes: &[],
        filter: screen::audit::Filter::default(),
        detail: screen::audit::Detail::Whole,
        subject: screen::audit::Subject::Account(None),
    };
    text(|out| screen::audit::write(&mut Pen::new(out, Palette::empty(), None), &content).unwrap())
}

/// Whatever is written to a file for people, or for tools that show it to people.
fn formats(told: &AuditReport<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("CSV", text(|out| csv::write(out, told).unwrap())),
        ("JUnit", text(|out| junit::write(out, told).unwrap())),
        ("SARIF", text(|out| sarif::write(out, told).unwrap())),
        ("ASFF", text(|out| asff::write(out, told).unwrap())),
        ("OCSF", text(|out| ocsf::write(out, told).unwrap())),
        ("HTML", text(|out| html::write(out, told).unwrap())),
        ("Markdown", text(|out| markdown::write(out, told).unwrap())),
    ]
}

#[test]
fn the_key_on_which_actions_are_missing_is_masked_for_people() {
    let tag = format!(
        r#",{{"Key":"veeam:repository-key","Value":"arn:aws:kms:eu-central-1:111122223333:key/{KEY}"}}"#
    );
    let without = r#"{"Effect":"Allow","NotAction":"kms:*","Resource":"*"}"#;
    let found = looked(without, &tag);
    with_report_of(found.clone(), |told| {
        for (format, text) in formats(told) {
            assert!(text.contains("kms:"), "{format}: {text}");
            assert!(!text.contains(KEY), "{format}: {text}");
        }
        let machine = text(|out| json::assessment::write(out, told).unwrap());
        assert!(machine.contains(KEY));
    });
    let settings = Settings::default();
    let findings = observe(&found, &settings);
    let empty = Baseline::empty(found.account);
    let changes = audit::compare(&found, &findings, &empty, &settings);
    let step = advance(empty, &found, changes, &settings);
    let message = step.messages.first().unwrap();
    let saying = Saying::new(message, &step.events, &found, &settings.owners);
    let mail = mail::message(&saying);
    for text in [
        mail.subject.to_string(),
        mail.body.to_string(),
        chat::message(&saying).json(),
    ] {
        assert!(!text.contains(KEY), "{text}");
    }
    let body = mail.body.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(body.contains("key/…90ab"), "{body}");
    let header = Header {
        account: found.account,
        audit: "1",
        at: found.at,
    };
    let events = step.events.iter();
    assert!(
        events
            .map(|one| event::finding(&header, &[], one).detail)
            .all(|one| one.contains(KEY))
    );
}

#[test]
fn every_format_tells_of_a_key_without_its_id() {
    with_report(|told| {
        for (format, text) in formats(told)
            .into_iter()
            .chain([("screen", on_screen(told))])
        {
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            for told in [
                "…90ab in eu-central-1 of 111122223333 is now to be deleted on 2026-11-24",
                "ackups has a lifecycle rule",
            ] {
                assert!(words.contains(told), "{format}: {told}: {text}");
            }
            assert!(!text.contains(KEY), "{format}");
        }
    });
}

#[test]
fn the_screen_says_what_happened_and_what_to_do() {
    let screen = with_report(on_screen);
    for said in [
        "1 resource fault, 1 possible fault",
        "Key …90ab in eu-central-1 of 111122223333 is now to be deleted on 2026-11-24",
        "Ask whoever owns the key to cancel its deletion",
        "region eu-central-1 encrypts new volumes by default; nothing breaks",
    ] {
        assert!(screen.contains(said), "{said}\n{screen}");
    }
}

#[test]
fn the_json_form_is_as_published_and_is_read_back_alike() {
    let schema = include_str!("../../../docs/schemas/assessment-1.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    with_report(|told| {
        let written = text(|out| json::assessment::write(out, told).unwrap());
        let document: serde_json::Value = serde_json::from_str(&written).unwrap();
        let errors = validator.iter_errors(&document);
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        let fault = &document["verdicts"][0]["faults"][0];
        assert_eq!(fault["kind"], "keyState");
        assert_eq!(fault["deletionDate"], "2026-11-24T10:00:00Z");
        assert_eq!(fault["weight"], "breaks");
        let saved = audit::drift::saved::read(written.as_bytes()).unwrap();
        let now = audit::drift::assessed::summarize(told.assessment, report::words::cause::why);
        assert_eq!(saved.summary, now);
    });
    let kinds = &schema["$defs"]["resourceFault"]["properties"]["kind"]["enum"];
    let kinds = kinds.as_array().unwrap().iter();
    let kinds: Vec<&str> = kinds.map(|kind| kind.as_str().unwrap()).collect();
    let known: Vec<&str> = FaultTopic::ALL.iter().map(|topic| topic.as_str()).collect();
    assert_eq!(kinds, known);
}

#[test]
fn one_message_tells_of_all_who_work_with_a_key() {
    let (found, settings) = (assessment(), Settings::default());
    let findings = observe(&found, &settings);
    let empty = Baseline::empty(found.account);
    let changes = audit::compare(&found, &findings, &empty, &settings);
    let step = advance(empty, &found, changes, &settings);
    let message = step.messages.first().unwrap();
    assert_eq!(message.code, audit::Code::KeyState);
    let owners = &settings.owners;
    let saying = Saying::new(message, &step.events, &found, owners);
    assert_eq!(
        saying.headline(),
        format!("New: {SENTENCE}, which 2 principals need.")
    );
    let mail = mail::message(&saying);
    let subject = &mail.subject;
    assert!(subject.contains("2 principals: key …90ab"), "{subject}");
    let body = mail.body.split_whitespace().collect::<Vec<_>>().join(" ");
    let place = |what: &str| {
        let place = body.find(what);
        place.unwrap_or_else(|| panic!("{what}: {body}"))
    };
    assert!(place("to be deleted on") < place("Ask whoever owns the key"));
    assert!(place(&format!("It is about: {SENTENCE}")) > 0);
    assert!(!body.contains(KEY));
}

/// A verdict that a required layer leaves open, which decides none of its actions.
fn open() -> Assessment {
    let mut found = looked(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, "");
    for verdict in &mut found.verdicts {
        verdict.unknown = vec![Unknown {
            cause: Cause::NotChecked {
                layer: Layer::Resource,
                policy: "key policy".into(),
            },
            keys: BTreeSet::new(),
            places: Vec::new(),
        }];
    }
    found
}

#[test]
fn a_required_layer_that_decides_no_action_of_the_set_is_named_without_a_number() {
    with_report_of(open(), |told| {
        let screen = on_screen(told);
        assert!(screen.contains("Key policy not checked"), "{screen}");
        for (format, text) in formats(told).into_iter().chain([("screen", screen)]) {
            assert!(!text.contains("0 actions"), "{format}: {text}");
            assert!(!text.contains("\n: key policy"), "{format}: {text}");
        }
    });
}

fn at(policy: &str) -> StatementRef {
    StatementRef {
        layer: Layer::ResourceControl { level: Some(0) },
        policy: policy.into(),
        index: Some(0),
        sid: None,
    }
}

#[test]
fn where_an_rcp_denies_that_a_role_is_assumed_its_owner_is_to_be_asked() {
    let with = |trust: Trust| {
        let mut found = looked(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, "");
        for verdict in &mut found.verdicts {
            verdict.trust = trust.clone();
        }
        with_report_of(found, on_screen)
    };
    let reason = |denied_by, perhaps_denied_by, key: &str| {
        Some(TrustReason {
            text: "sts:ExternalId is spoken of".into(),
            keys: BTreeSet::from([key.into()]),
            denied_by,
            perhaps_denied_by,
        })
    };
    let missing = |reason| {
        with(Trust {
            missing: vec!["444455556666".into()],
            unknown: Vec::new(),
            reason,
        })
    };
    let unknown = |reason| {
        with(Trust {
            missing: Vec::new(),
            unknown: vec!["444455556666".into()],
            reason,
        })
    };
    let denied = missing(reason(vec![at("perimeter")], Vec::new(), ""));
    assert!(
        denied.contains("Ask whoever owns the RCP to let"),
        "{denied}"
    );
    let plain = missing(None);
    assert!(plain.contains("to the trust policy"), "{plain}");
    assert!(!plain.contains("owns the RCP"), "{plain}");
    let perhaps = unknown(reason(
        Vec::new(),
        vec![at("perimeter")],
        "aws:PrincipalOrgID",
    ));
    assert!(perhaps.contains("whether it denies them"), "{perhaps}");
    assert!(!perhaps.contains("veeam:external-id"), "{perhaps}");
    let by_id = unknown(reason(Vec::new(), Vec::new(), "sts:externalid"));
    assert!(by_id.contains("veeam:external-id"), "{by_id}");
}
