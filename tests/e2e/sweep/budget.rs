//! The budget: does an audit make the calls that it said it would, and on top of them no other than `docs/lambda.md` names?
//!
//! What the log promises ("listed", "simulating") is held against what the stand-in for IAM was asked and what the run says it
//! made. One subject at a time, so that what is learnt of the first holds for the second.

// For the lints: all of it is a test, its helping functions too.
#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use e2e::lambda::Outcome;
use e2e::rig::Rig;
use e2e::server::{Enforcement, Server};
use e2e::standin::Conduct;
use iam::Document;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_sweep");
const TIME: Duration = Duration::from_secs(60);

/// Actions of the set of the roles, which makes three batches of a hundred at most.
const ACTIONS: usize = 250;

/// The calls of one run.
#[derive(Debug, PartialEq)]
struct Calls {
    /// Pages of the listing, and the users' access keys.
    listing: usize,
    /// What was promised, time by time: the audit itself, and what is asked again after the pause.
    planned: Vec<usize>,
    /// About concrete resources, on which the answers rest.
    concrete: usize,
    /// With a layer left out.
    again: usize,
    /// Pages after the first, refusals, and parts of what was refused.
    besides: usize,
}

impl Calls {
    fn all(&self) -> usize {
        self.listing
            + self.planned.iter().sum::<usize>()
            + self.concrete
            + self.again
            + self.besides
    }
}

/// A role, with a policy of these statements and perhaps a boundary.
fn role(name: &str, statements: Value, boundary: Option<&str>) -> Value {
    let mut role = json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{name:0>16}").to_uppercase(),
        "Arn": format!("arn:aws:iam::123456789012:role/{name}"), "CreateDate": "2026-05-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [] }, "InstanceProfileList": [],
        "RolePolicyList": [{ "PolicyName": "own",
            "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } }],
        "AttachedManagedPolicies": [], "Tags": [{ "Key": "veeam:action-sets", "Value": "many" }],
    });
    if let Some(name) = boundary {
        role["PermissionsBoundary"] = json!({
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": format!("arn:aws:iam::123456789012:policy/{name}") });
    }
    role
}

fn user(name: &str) -> Value {
    json!({
        "Path": "/", "UserName": name, "UserId": format!("AIDA{name:0>16}").to_uppercase(),
        "Arn": format!("arn:aws:iam::123456789012:user/{name}"), "CreateDate": "2026-05-01T00:00:00+00:00",
        "AccessKeyStatus": "Active",
        "UserPolicyList": [{ "PolicyName": "own", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" }] } }],
        "GroupList": [], "AttachedManagedPolicies": [],
        "Tags": [{ "Key": "veeam:action-sets", "Value": "few" }],
    })
}

fn account(users: Vec<Value>, roles: Vec<Value>) -> Value {
    let bound = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "ec2:Action001", "Resource": "*" }] });
    json!({
        "UserDetailList": users, "GroupDetailList": [], "RoleDetailList": roles,
        "Policies": [{
            "PolicyName": "bound", "PolicyId": "ANPA0000000000000001", "Path": "/", "DefaultVersionId": "v1",
            "Arn": "arn:aws:iam::123456789012:policy/bound", "AttachmentCount": 0, "PermissionsBoundaryUsageCount": 1,
            "IsAttachable": true, "CreateDate": "2026-01-01T00:00:00+00:00", "UpdateDate": "2026-01-01T00:00:00+00:00",
            "PolicyVersionList": [{ "VersionId": "v1", "IsDefaultVersion": true,
                "CreateDate": "2026-01-01T00:00:00+00:00", "Document": bound }] }],
    })
}

/// Allows everything but these.
fn all_but(denied: &[&str]) -> Value {
    let mut statements = vec![json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })];
    if !denied.is_empty() {
        statements.push(json!({ "Effect": "Deny", "Action": denied, "Resource": "*" }));
    }
    json!(statements)
}

/// An organisation that denies this action to all.
fn scp(action: &str) -> Conduct {
    let document = |effect: &str, action: &str| {
        let statement = json!({ "Effect": effect, "Action": action, "Resource": "*" });
        let document = json!({ "Version": "2012-10-17", "Statement": statement });
        Document::parse(&document.to_string()).expect("an SCP of the test can be read")
    };
    Conduct {
        service_control: vec![vec![document("Allow", "*"), document("Deny", action)]],
        ..Conduct::default()
    }
}

/// `pause`: seconds before what is newly denied is asked again.
fn settings(pause: u32) -> String {
    let set = |id: &str, principal: &str, actions: String| {
        format!(
            "[[action-set]]\nid = \"{id}\"\ntitle = \"Some\"\noperation = \"Do some.\"\nimpact = \"Some fails.\"\n\
             severity = \"high\"\nprincipal = \"{principal}\"\nlifetime = \"standing\"\nactions = [{actions}]\n\
             [[action-set.source]]\npage = \"https://example.com/some\"\ndate = \"2026-01-01\"\nbuild = \"1\"\n"
        )
    };
    let many = (0..ACTIONS)
        .map(|number| format!("{{ name = \"ec2:Action{number:03}\", unverified = true }},"));
    let few = "{ name = \"s3:GetObject\" }, { name = \"s3:PutObject\" }".to_owned();
    format!(
        "confirm-pause-seconds = {pause}\n{}{}",
        set("many", "role", many.collect()),
        set("few", "user", few)
    )
}

/// The runs of one process, one for each expectation, must make these calls, and promise, log and answer them.
#[track_caller]
fn check(case: &str, rig: &Rig<'_>, expected: &[Calls]) {
    let mut function = rig.function(
        Path::new(BINARY),
        &[
            ("PERMDRIFT_CALLS_PER_SECOND", "1000"),
            ("PERMDRIFT_CONCURRENCY", "1"),
        ],
    );
    let mut asked = Vec::new();
    for expected in expected {
        match function.invoke(&json!({}), TIME) {
            Outcome::Answered(answer) => assert_eq!(answer["calls"], expected.all(), "{case}"),
            other => panic!("{case}: {other:?}\n{}", function.log()),
        }
        asked.push(rig.stand_in.calls());
    }
    let log = function.last_words();
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let logged = |message: &str| -> Vec<usize> {
        let lines = lines.iter().filter(|line| line["message"] == message);
        let calls = lines.filter_map(|line| line["calls"].as_u64());
        calls.filter_map(|calls| calls.try_into().ok()).collect()
    };
    let mut planned = logged("simulating").into_iter();
    for (expected, asked) in expected.iter().zip(&asked) {
        let simulations = asked
            .iter()
            .filter(|call| call.operation == "SimulatePrincipalPolicy");
        let again = simulations.clone().filter(|call| call.excludes).count();
        let concrete = simulations.clone();
        let concrete = concrete.filter(|call| call.names_resources).count();
        let simulations = simulations.count();
        let planned: Vec<usize> = planned.by_ref().take(expected.planned.len()).collect();
        let found = Calls {
            listing: asked.len() - simulations,
            besides: simulations - concrete - again - planned.iter().sum::<usize>(),
            planned,
            concrete,
            again,
        };
        assert_eq!(found, *expected, "{case}: {asked:#?}");
    }
    assert_eq!(planned.next(), None, "{case}");
    let listing: Vec<usize> = expected.iter().map(|calls| calls.listing).collect();
    assert_eq!(logged("listed"), listing, "{case}");
    let all: Vec<usize> = expected.iter().map(Calls::all).collect();
    assert_eq!(logged("done"), all, "{case}");
}

#[test]
fn an_audit_makes_the_calls_that_it_promised() {
    let server = Server::start(Enforcement::Off);
    let run = |case: &str, pause, account: &Value, conduct, expected: &[Calls]| {
        let rig = Rig::new(&server, case, account, conduct);
        rig.set(&settings(pause));
        check(case, &rig, expected);
    };
    let calls = |listing, planned: &[usize], again, besides| Calls {
        listing,
        planned: planned.to_vec(),
        // AWS's reference does not tell what the actions of the roles are about.
        concrete: 0,
        again,
        besides,
    };
    let healthy = |name| role(name, all_but(&[]), None);

    // Eight items, three a page; two users with keys; five roles at three batches, two users at one.
    let names = ["a", "b", "c", "d", "e"];
    let five = account(
        vec![user("u"), user("v")],
        names.iter().map(|name| healthy(name)).collect(),
    );
    let pages = Conduct {
        listing_page: 3,
        ..Conduct::default()
    };
    let well = Calls {
        concrete: 2,
        ..calls(3 + 2, &[5 * 3 + 2], 0, 0)
    };
    run("healthy", 1, &five, pages, &[well]);

    // Two of its three batches bring a denial; without a boundary only SCPs can be left out.
    let denied = all_but(&["ec2:Action001", "ec2:Action002", "ec2:Action249"]);
    let own = account(Vec::new(), vec![role("a", denied, None), healthy("b")]);
    let once = calls(1, &[6], 2, 0);
    run("own-policy", 0, &own, Conduct::default(), &[once]);

    // What is newly denied is asked again, all of it, of this principal alone.
    let confirmed = calls(1, &[6, 3], 4, 0);
    run("confirmed", 1, &own, Conduct::default(), &[confirmed]);

    // The boundary denies in the first batch, which takes two to see; the role itself in the last, and AWS says it is not the
    // boundary.
    let bounded = account(
        Vec::new(),
        vec![role("a", all_but(&["ec2:Action249"]), Some("bound"))],
    );
    let outer = calls(1, &[3], 2 + 1, 0);
    run("boundary", 0, &bounded, Conduct::default(), &[outer]);

    // Both SCP and boundary deny: without the one, without the other, without both.
    let both = calls(1, &[3], 3, 0);
    run("both", 0, &bounded, scp("ec2:Action001"), &[both]);

    let two = account(Vec::new(), vec![healthy("a"), healthy("b")]);
    let organization = calls(1, &[6], 2, 0);
    run("scp", 0, &two, scp("ec2:Action100"), &[organization]);

    // A hundred results on pages of forty: two more each, for fifty one more.
    let small = Conduct {
        simulation_page: 40,
        ..Conduct::default()
    };
    let paged = calls(1, &[6], 0, 2 * (2 + 2 + 1));
    run("pages", 0, &two, small, &[paged]);

    // A batch of three groups is refused once, asked in three parts, and from then on planned so.
    let apart = ["ec2:Action010", "ec2:Action020"].map(|name| BTreeSet::from([name.to_owned()]));
    let mixed = Conduct {
        apart: apart.to_vec(),
        ..Conduct::default()
    };
    let learning = calls(1, &[6], 0, 1 + 2 + 2);
    let learnt = calls(1, &[2 * (3 + 1 + 1)], 0, 0);
    run("mixed", 0, &two, mixed, &[learning, learnt]);
}
