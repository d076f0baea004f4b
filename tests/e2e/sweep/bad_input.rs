//! Bad input: whatever is wrong with tags, settings, surroundings or events, somebody is told, and the process lives on.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

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
                .any(|(subject, _)| subject.contains("FAILED")),
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
fn a_topic_that_does_not_exist_fails_and_is_told_on_the_bus() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "topic", &account(json!([])), Conduct::default());
    let topic = "arn:aws:sns:eu-central-1:123456789012:of-yesterday";
    run(&rig, &[("PERMDRIFT_TOPIC", topic)]).failed(&["NotFound"], false, true);
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
    }
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
}

#[test]
fn no_secret_and_no_policy_is_logged() {
    let server = Server::start(Enforcement::Off);
    let rig = Rig::new(&server, "log", &tagged(), Conduct::default());
    // As much as it can be made to say.
    let ran = run(
        &rig,
        &[("AWS_LAMBDA_LOG_LEVEL", "TRACE"), ("RUST_LOG", "trace")],
    );
    ran.answered();
    for secret in [SECRET, "secret-project", "SaysTooMuch", "\"Statement\""] {
        assert!(
            !ran.log.contains(secret),
            "`{secret}` is in the log:\n{}",
            ran.log
        );
    }
}
