//! Bad input: whatever is wrong with tags, settings, surroundings or events, somebody is told, and the process lives on.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use e2e::lambda::{Lambda, Outcome};
use e2e::rig::{Rig, Told};
use e2e::server::{Enforcement, Server};
use e2e::standin::Conduct;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");
const TIME: Duration = Duration::from_secs(60);
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn account(tags: Value) -> Value {
    json!({
        "UserDetailList": [{
            "Path": "/", "UserName": "veeam", "UserId": "AIDA0000000000000001",
            "Arn": "arn:aws:iam::123456789012:user/veeam", "CreateDate": "2026-11-01T00:00:00+00:00",
            "UserPolicyList": [{ "PolicyName": "restore", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
                { "Sid": "SaysTooMuch", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::secret-project*" },
                { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } ] } }],
            "GroupList": [], "AttachedManagedPolicies": [], "Tags": tags,
        }],
        "GroupDetailList": [], "RoleDetailList": [], "Policies": [],
    })
}

fn tagged() -> Value {
    account(
        json!([{ "Key": "veeam:action-sets", "Value": "vbr-unstructured-s3-restore" },
                   { "Key": "veeam:bucket", "Value": "backup" }]),
    )
}

fn function(rig: &Rig<'_>, variables: &[(&str, &str)]) -> Lambda {
    let mut all = vec![("AWS_MAX_ATTEMPTS", "2"), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    all.extend(variables);
    rig.function(Path::new(BINARY), &all)
}

struct Ran {
    outcome: Outcome,
    told: Told,
    log: String,
}

fn run(rig: &Rig<'_>, variables: &[(&str, &str)]) -> Ran {
    let mut function = function(rig, variables);
    let outcome = function.invoke(&json!({}), TIME);
    Ran {
        outcome,
        told: rig.told(),
        log: function.log(),
    }
}

impl Ran {
    #[track_caller]
    fn answered(&self) -> &Value {
        match &self.outcome {
            Outcome::Answered(answer) => answer,
            other => panic!("{other:?}\n{}", self.log),
        }
    }

    /// It failed, and said so with these words on every channel that works.
    #[track_caller]
    fn failed(&self, words: &[&str], people: bool, machines: bool) {
        let Outcome::Failed(error) = &self.outcome else {
            panic!("{:?}\n{}", self.outcome, self.log)
        };
        let message = error["errorMessage"].as_str().unwrap_or_default();
        for word in words {
            assert!(message.contains(word), "no `{word}` in {message}");
        }
        let told = [
            self.told
                .people
                .iter()
                .any(|(subject, _)| subject.to_lowercase().contains("failed")),
            self.told
                .machines
                .iter()
                .any(|(kind, _)| kind == "Audit Failed"),
        ];
        assert_eq!(told, [people, machines], "{:?}\n{}", self.told, self.log);
    }

    #[track_caller]
    fn opened(&self, code: &str) {
        let opened =
            self.told.machines.iter().any(|(kind, detail)| {
                kind == "Finding Opened" && detail["finding"]["code"] == code
            });
        assert!(
            opened,
            "no {code} was opened: {:#?}\n{}",
            self.told.machines, self.log
        );
        assert!(
            !self.told.people.is_empty(),
            "people were told nothing of {code}"
        );
    }
}

#[test]
fn a_tag_that_names_no_action_set_is_a_finding() {
    let server = Server::start(Enforcement::Off);
    for (name, value) in [("unknown", "vbr-unstructured-s3-restor"), ("empty", "")] {
        let rig = Rig::new(
            &server,
            name,
            &account(json!([{ "Key": "veeam:action-sets", "Value": value }])),
            Conduct::default(),
        );
        let ran = run(&rig, &[]);
        ran.answered();
        ran.opened("unknown-action-set");
    }
}

#[test]
fn an_account_without_a_tagged_principal_is_a_finding() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "untagged", &account(json!([])), Conduct::default());
    let ran = run(&rig, &[]);
    assert_eq!(ran.answered()["requirements"], 0);
    ran.opened("coverage");
}

#[test]
fn settings_that_do_not_exist_are_the_defaults_and_broken_ones_fail_loudly() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "settings", &tagged(), Conduct::default());
    assert_eq!(run(&rig, &[]).answered()["compliant"], 1);
    rig.set("confirm-pause-seconds = 0\nregoins = [\"eu-central-1\"]\n");
    run(&rig, &[]).failed(&["line 2", "regoins"], true, true);
    rig.set("not TOML at all [");
    run(&rig, &[]).failed(&["line 1"], true, true);
}

#[test]
fn a_canary_that_has_its_action_or_is_gone_is_a_checker_that_does_not_work() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "canary", &tagged(), Conduct::default());
    let canary = |user: &str, action: &str| {
        rig.set(&format!(
            "confirm-pause-seconds = 0\n[canary]\nprincipal = \"arn:aws:iam::123456789012:user/{user}\"\naction = \"{action}\"\n"
        ));
    };
    canary("veeam", "iam:CreateUser");
    assert_eq!(run(&rig, &[]).answered()["compliant"], 1);
    canary("veeam", "s3:GetObject");
    let ran = run(&rig, &[]);
    ran.opened("audit-failed");
    let told = &ran.told.people[0].1;
    assert!(told.contains("the canary veeam was found"), "{told}");
    canary("of-yesterday", "iam:CreateUser");
    let told = run(&rig, &[]).told;
    let gone = |(_, text): &(String, String)| text.contains("user/of-yesterday is gone");
    assert!(told.people.iter().any(gone), "{told:?}");
    canary("veeam", "iam:CreateUser");
    let ran = run(&rig, &[]);
    ran.answered();
    let resolved = |(kind, _): &(String, Value)| kind == "Finding Resolved";
    assert!(ran.told.machines.iter().any(resolved), "{:?}", ran.told);
}

#[test]
fn a_topic_that_does_not_exist_fails_and_is_told_on_the_bus() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "topic", &account(json!([])), Conduct::default());
    let topic = "arn:aws:sns:eu-central-1:123456789012:of-yesterday";
    run(&rig, &[("PERMDRIFT_TOPIC", topic)]).failed(&["NotFound"], false, true);
}

#[test]
fn a_bus_that_does_not_exist_fails_and_is_told_to_people() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "bus", &tagged(), Conduct::default());
    let ran = run(&rig, &[("PERMDRIFT_BUS", "of-yesterday")]);
    // The server takes events for a bus that is not there, as EventBridge does; nobody hears of them.
    ran.failed(&["bus", "does not exist"], true, true);
}

#[test]
fn a_table_that_does_not_exist_fails_and_is_told() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "table", &tagged(), Conduct::default());
    run(&rig, &[("PERMDRIFT_TABLE", "of-yesterday")]).failed(
        &["ResourceNotFoundException"],
        true,
        true,
    );
}

#[test]
fn a_table_of_another_shape_fails_and_is_told() {
    let server = Server::start(Enforcement::Off);
    server.aws().must(
        "dynamodb",
        "create_table",
        json!({
        "TableName": "other", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }] }),
    );
    let rig = Rig::new(&server, "shape", &tagged(), Conduct::default());
    run(&rig, &[("PERMDRIFT_TABLE", "other")]).failed(&["ValidationException"], true, true);
}

#[test]
fn an_event_of_an_unknown_form_fails_by_name_and_the_next_one_works() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "event", &tagged(), Conduct::default());
    let mut function = function(&rig, &[]);
    let mut reasons = BTreeSet::new();
    for event in [
        json!({ "accuont": "of-a-customer" }),
        json!({ "account": "of-a-customer", "role": 7 }),
        json!(["of-a-customer"]),
        json!("of-a-customer"),
        json!({ "Records": [{ "eventSource": "aws:sqs", "body": "of-a-customer" }] }),
    ] {
        let outcome = function.invoke(&event, TIME);
        let Outcome::Failed(error) = &outcome else {
            panic!("{event}: {outcome:?}\n{}", function.log())
        };
        assert!(
            !error.to_string().contains("of-a-customer"),
            "a value of the event is in {error}"
        );
        let told = rig.told();
        let failed = told.machines.iter().any(|(kind, _)| kind == "Audit Failed");
        assert!(failed, "{event}: {told:?}\n{}", function.log());
        // One mail for each reason, not for each of its repetitions.
        let reason = error["errorMessage"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert_eq!(
            told.people.len(),
            usize::from(reasons.insert(reason)),
            "{told:?}"
        );
    }
    assert_eq!(reasons.len(), 4);
    assert!(
        !function.log().contains("of-a-customer"),
        "{}",
        function.log()
    );
    let outcome = function.invoke(&json!({}), TIME);
    assert!(
        matches!(outcome, Outcome::Answered(_)),
        "{outcome:?}\n{}",
        function.log()
    );
    let told = rig.told();
    let resolved = told
        .machines
        .iter()
        .any(|(kind, _)| kind == "Finding Resolved");
    assert!(resolved, "{told:?}");
}

/// Words that stand in policies, events and credentials of these runs, and nowhere else.
const PLANTED: [&str; 12] = [
    SECRET,
    "PLANTED-SESSION-TOKEN",
    "AKIAPLANTEDPLANTED00",
    "AKIAIOSFODNN7EXAMPLE",
    "PLANTED-EXTERNAL-ID",
    "planted-event-value",
    "planted-inline",
    "planted-group",
    "planted-managed",
    "planted-boundary",
    "planted-trust",
    "\"Statement\"",
];

/// An account with a planted word in every kind of policy, and drift.
fn planted() -> Value {
    let document = |word: &str, effect: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": word.replace('-', ""), "Effect": effect, "Action": "s3:*", "Resource": "*",
            "Condition": { "StringNotEquals": { "aws:PrincipalTag/team": word } } }] })
    };
    let managed = "arn:aws:iam::123456789012:policy/restore";
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    let policy = |name: &str, arn: &str, word: &str| {
        json!({ "PolicyName": name, "PolicyId": format!("ANPA{name}"), "Arn": arn, "Path": "/",
            "DefaultVersionId": "v1", "AttachmentCount": 1, "IsAttachable": true,
            "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true, "Document": document(word, "Allow") }] })
    };
    let mut account = tagged();
    account["UserDetailList"][0]["UserPolicyList"][0]["PolicyDocument"] =
        document("planted-inline", "Deny");
    account["UserDetailList"][0]["GroupList"] = json!(["restore"]);
    account["UserDetailList"][0]["AttachedManagedPolicies"] =
        json!([{ "PolicyName": "restore", "PolicyArn": managed }]);
    account["UserDetailList"][0]["PermissionsBoundary"] =
        json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary });
    account["GroupDetailList"] = json!([{
        "Path": "/", "GroupName": "restore", "GroupId": "AGPA1", "Arn": "arn:aws:iam::123456789012:group/restore",
        "CreateDate": "2026-11-01T00:00:00+00:00", "AttachedManagedPolicies": [],
        "GroupPolicyList": [{ "PolicyName": "restore", "PolicyDocument": document("planted-group", "Allow") }] }]);
    account["RoleDetailList"] = json!([{
        "Path": "/", "RoleName": "veeam", "RoleId": "AROA1", "Arn": "arn:aws:iam::123456789012:role/veeam",
        "CreateDate": "2026-11-01T00:00:00+00:00", "RolePolicyList": [], "AttachedManagedPolicies": [],
        "InstanceProfileList": [], "Tags": [{ "Key": "veeam:action-sets", "Value": "vbaws-role-default-backup-restore" }],
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": "planted-trust" } } }] } }]);
    account["Policies"] = json!([
        policy("restore", managed, "planted-managed"),
        policy("boundary", boundary, "planted-boundary")
    ]);
    account
}

#[test]
fn no_policy_no_event_and_no_credential_is_logged() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "log", &planted(), Conduct::default());
    rig.set("confirm-pause-seconds = 1\n");
    // As much as it can be made to say.
    let told = [
        ("AWS_ACCESS_KEY_ID", "AKIAPLANTEDPLANTED00"),
        ("AWS_SESSION_TOKEN", "PLANTED-SESSION-TOKEN"),
        ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
        ("RUST_LOG", "trace"),
    ];
    let mut log = String::new();
    let mut well = function(&rig, &told);
    let hub = json!({ "account": "123456789012", "role": "arn:aws:iam::123456789012:role/audit",
        "external_id": "PLANTED-EXTERNAL-ID" });
    for event in [json!({}), hub] {
        let outcome = well.invoke(&event, TIME);
        let Outcome::Answered(answer) = &outcome else {
            panic!("{event}: {outcome:?}\n{}", well.log())
        };
        assert_ne!(answer["drifted"], 0, "{answer}");
    }
    let unknown = well.invoke(
        &json!({ "account": "planted-event-value", "role": {} }),
        TIME,
    );
    assert!(matches!(unknown, Outcome::Failed(_)), "{unknown:?}");
    log.push_str(&well.log());
    for (variable, value) in [
        ("PERMDRIFT_TABLE", "of-yesterday"),
        (
            "PERMDRIFT_TOPIC",
            "arn:aws:sns:eu-central-1:123456789012:of-yesterday",
        ),
        ("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:9"),
    ] {
        let mut variables = told.to_vec();
        variables.push((variable, value));
        let ran = run(&rig, &variables);
        assert!(
            matches!(ran.outcome, Outcome::Failed(_)),
            "{variable}: {:?}",
            ran.outcome
        );
        log.push_str(&ran.log);
    }
    assert!(log.lines().count() > 20, "{log}");
    for word in PLANTED {
        let line = log.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "`{word}` is in the log");
    }
}
