//! Grants: what happens if the function's role loses one of them?
//!
//! Each statement of a function's role is taken away in turn; the run must fail or say that it does not know, and somebody must be told, or
//! the event stays in its queue.
//! `tests/e2e/tests/grants/main.rs` holds that no statement grants more than is called.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::changed::{event, event_with};
use crate::site::{Holder, Site};

/// What a run without the statement comes to.
enum Without {
    /// It fails, and names this call.
    Fails(&'static str),
    /// It answers, and tells that this call was refused.
    Says(&'static str),
    /// It answers, and opens a finding of this code.
    Tells(&'static str),
    /// It goes on: what the resource side was not read for is told with each requirement, and is no finding.
    GoesOn,
    /// The event stays in the queue: this one, of which the listing shows no effect, or one that cannot be used.
    Keeps(fn() -> Value),
    /// This server does not ask for it.
    NotAsked,
}

const STATEMENTS: [(&str, Without); 18] = [
    (
        "Discover",
        Without::Fails("iam:GetAccountAuthorizationDetails"),
    ),
    ("Simulate", Without::Tells("undetermined")),
    ("JudgeAccessKeys", Without::Tells("coverage")),
    ("ReadKeys", Without::GoesOn),
    ("ReadBuckets", Without::GoesOn),
    ("ReadVaults", Without::GoesOn),
    ("ReadAccount", Without::GoesOn),
    ("ReadSettings", Without::Fails("ssm:GetParameter")),
    ("KeepBaseline", Without::Fails("dynamodb:Query")),
    ("TellPeople", Without::Fails("sns:Publish")),
    ("TellChats", Without::Fails("sns:Publish")),
    (
        "TellSecurityHub",
        Without::Says("securityhub:BatchImportFindings"),
    ),
    ("TellMachines", Without::Fails("events:PutEvents")),
    // Only for accounts that are too large for one run.
    ("HandOnTheRemainder", Without::NotAsked),
    // Lambda and the encrypted services ask for these in the role's name; here nothing is a service of its own.
    ("KeepWhatFailed", Without::NotAsked),
    ("WriteTheLog", Without::NotAsked),
    ("OpenTheTable", Without::NotAsked),
    ("SealTheTopic", Without::NotAsked),
];

/// The role of a function.
struct Role<'a> {
    site: &'a Site,
    name: &'a str,
    policy: &'static str,
    whole: Value,
}

impl<'a> Role<'a> {
    fn of(site: &'a Site, id: &str, policy: &'static str, expected: &[(&str, Without)]) -> Self {
        let name = site.stack.resource(id);
        let got = site.server.aws().must(
            "iam",
            "get_role_policy",
            json!({ "RoleName": name, "PolicyName": policy }),
        );
        let role = Self {
            site,
            name,
            policy,
            whole: got["PolicyDocument"].clone(),
        };
        let sids = role.statements().iter();
        let sids: BTreeSet<&str> = sids.filter_map(|one| one["Sid"].as_str()).collect();
        assert_eq!(
            sids,
            expected.iter().map(|(sid, _)| *sid).collect(),
            "each statement is here, and only those"
        );
        role
    }

    fn statements(&self) -> &[Value] {
        let statements = self.whole["Statement"].as_array();
        statements.expect("the role has statements")
    }

    /// Takes a statement away.
    fn lose(&self, sid: &str) {
        let statements = self.statements().iter();
        let rest: Vec<&Value> = statements.filter(|one| one["Sid"] != sid).collect();
        self.put(&json!({ "Version": "2012-10-17", "Statement": rest }));
    }

    fn put(&self, document: &Value) {
        self.site.server.aws().must(
            "iam",
            "put_role_policy",
            json!({
            "RoleName": self.name, "PolicyName": self.policy, "PolicyDocument": document.to_string() }),
        );
    }
}

const PARAMETERS: [(&str, &str); 3] = [
    ("ScheduleState", "DISABLED"),
    ("ChatState", "ENABLED"),
    ("SecurityHubState", "ENABLED"),
];

#[test]
fn a_missing_grant_is_never_silent() {
    let site = Site::new(&PARAMETERS);
    let role = Role::of(&site, "SweepRole", "sweep", &STATEMENTS);
    for (sid, without) in STATEMENTS {
        if matches!(without, Without::NotAsked) {
            continue;
        }
        role.lose(sid);
        let tells = ["TellPeople", "TellChats", "TellSecurityHub"].contains(&sid);
        if tells {
            // Something to tell.
            site.detach(Holder::Group);
        }
        let ran = site.try_invoke(&json!({}));
        match (without, &ran) {
            (Without::Fails(call), Err(message)) => {
                assert!(message.contains(call), "{sid}: {message}");
                let told = site
                    .to_machines()
                    .iter()
                    .any(|(kind, _)| kind == "Audit Failed")
                    || !site.to_people().is_empty();
                assert!(told, "{sid}: nobody was told\n{}", site.server.log());
            }
            (Without::Says(call), Ok(answer)) => {
                assert_eq!(answer["completed"], true, "{sid}: {answer}");
                let people = site.to_people();
                assert!(
                    people.iter().any(|(_, text)| text.contains(call)),
                    "{sid}: {people:?}"
                );
                let machines = site.to_machines();
                let told = machines.iter().filter(|(kind, _)| kind == "Audit Failed");
                assert_eq!(told.count(), 1, "{sid}: {machines:?}");
            }
            (Without::GoesOn, Ok(answer)) => {
                assert_eq!(answer["completed"], true, "{sid}: {answer}");
            }
            (Without::Tells(code), Ok(answer)) => {
                assert_eq!(answer["drifted"], 0, "{sid}: {answer}");
                let told = site.to_machines();
                let told = told.iter().any(|(kind, event)| {
                    kind == "Finding Opened" && event["detail"]["finding"]["code"] == code
                });
                assert!(told, "{sid}: no {code} was opened\n{}", site.server.log());
                assert!(!site.to_people().is_empty(), "{sid}: people were not told");
            }
            _ => panic!("{sid}: {ran:?}\n{}", site.server.log()),
        }
        role.put(&role.whole);
        if tells {
            site.attach(Holder::Group);
        }
        let well = site.invoke(&json!({}));
        assert_eq!(well["compliant"], 2, "{sid}: {well}");
        let _ = (site.to_machines(), site.to_people());
    }
}

/// The statements of the role of audits on change.
const OF_CHANGE: [(&str, Without); 19] = [
    (
        "Discover",
        Without::Fails("iam:GetAccountAuthorizationDetails"),
    ),
    ("Simulate", Without::Tells("undetermined")),
    ("JudgeAccessKeys", Without::Tells("undetermined")),
    ("ReadKeys", Without::Tells("missing-actions")),
    ("ReadBuckets", Without::Tells("missing-actions")),
    ("ReadVaults", Without::Tells("missing-actions")),
    ("ReadAccount", Without::Tells("missing-actions")),
    ("ReadSettings", Without::Fails("ssm:GetParameter")),
    ("KeepBaseline", Without::Fails("dynamodb:Query")),
    ("TellPeople", Without::Fails("sns:Publish")),
    ("TellChats", Without::Fails("sns:Publish")),
    // The next scheduled audit files all that is open.
    ("TellSecurityHub", Without::Tells("missing-actions")),
    ("TellMachines", Without::Fails("events:PutEvents")),
    ("ReadTrailEvents", Without::Keeps(not_shown)),
    ("PutAsideWhatCannotBeUsed", Without::Keeps(unusable)),
    ("WriteTheLog", Without::NotAsked),
    ("OpenTheTable", Without::NotAsked),
    ("SealTheTopic", Without::NotAsked),
    ("OpenTheQueue", Without::NotAsked),
];

/// That a policy is detached from the role, which the listing does not show.
fn not_shown() -> Value {
    event(90, "DetachRolePolicy", "VeeamRepository")
}

fn unusable() -> Value {
    event(91, "DetachRolePolicy", "")
}

#[test]
fn a_missing_grant_of_audits_on_change_is_never_silent() {
    let site = Site::new(&PARAMETERS);
    // What comes and goes is told of in full each time.
    site.set("change-confirm-pause-seconds = 1\n[flapping]\nopenings = 100\n");
    site.invoke(&json!({}));
    let role = Role::of(&site, "ChangeRole", "on-change", &OF_CHANGE);
    for (at, (sid, without)) in OF_CHANGE.iter().enumerate() {
        // Of the role for a repository, or of the user who logs in with a key.
        let is_of_user = *sid == "JudgeAccessKeys";
        let holder = if is_of_user {
            Holder::Group
        } else {
            Holder::Role
        };
        let change = |id: usize, verb: &str| {
            let id = u32::try_from(id).expect("a few events");
            match is_of_user {
                true => event_with(
                    id,
                    &format!("{verb}GroupPolicy"),
                    &json!({ "groupName": "restore", "policyArn": "arn:aws:iam::123456789012:policy/restore" }),
                ),
                false => event(id, &format!("{verb}RolePolicy"), "VeeamRepository"),
            }
        };
        let _ = (site.to_machines(), site.to_people());
        role.lose(sid);
        match without {
            Without::NotAsked | Without::GoesOn | Without::Says(_) => {}
            Without::Keeps(event) => {
                assert_eq!(site.try_change(&event()), Ok(1), "{sid}");
                role.put(&role.whole);
                assert_eq!(site.try_change(&event()), Ok(0), "{sid}");
                continue;
            }
            Without::Fails(call) => {
                site.detach(holder);
                let error = site.try_change(&change(2 * at, "Detach"));
                let error = error.expect_err(sid);
                assert!(error.contains(call), "{sid}: {error}");
                let mut machines = site.to_machines().into_iter();
                let told = machines.any(|(kind, _)| kind == "Audit Failed");
                assert!(
                    told || !site.to_people().is_empty(),
                    "{sid}: nobody was told"
                );
            }
            Without::Tells(code) => {
                site.detach(holder);
                assert_eq!(site.try_change(&change(2 * at, "Detach")), Ok(0), "{sid}");
                let told = site.to_machines();
                let told = told.iter().any(|(kind, event)| {
                    kind == "Finding Opened" && event["detail"]["finding"]["code"] == *code
                });
                assert!(told, "{sid}: no {code} was opened\n{}", site.server.log());
                assert!(!site.to_people().is_empty(), "{sid}: people were not told");
            }
        }
        role.put(&role.whole);
        if !matches!(without, Without::NotAsked) {
            site.attach(holder);
            assert_eq!(
                site.try_change(&change(2 * at + 1, "Attach")),
                Ok(0),
                "{sid}"
            );
            assert_eq!(site.invoke(&json!({}))["compliant"], 2, "{sid}");
        }
    }
}
