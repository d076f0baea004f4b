//! Explaining: which calls are said to have led to a finding, and when is nobody named?

mod above;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use audit::events::{
    Actor, ActorKind, CallsAbove, Explanation, LookUpBy, LookedUp, TrailEvents, Unseen, read,
};
use audit::resources::{Organization, Reading, Resources};
use audit::{Asked, Code, Explain, Ports, Selection, Settings, run};
use serde_json::{Value, json};

use crate::events::recorded::{at, by, call, callers};
use crate::outside::{Clock, Memory, Recorder, Script, now_or_never};
use crate::phases::asked;
use crate::principals::{account, copier, inventory};
use crate::rules::{Rules, Why};

const BEFORE: &str = "2026-11-28T06:00:00Z";
const SINCE: &str = "2026-11-28T09:00:00Z";
const NOW: &str = "2026-11-28T12:00:00Z";
const POLICY: &str = "arn:aws:iam::111122223333:policy/copying";

/// An account in which role `a` loses an action between two audits.
struct Case {
    why: Why,
    given: Option<TrailEvents>,
    explain: Explain,
    looked_up: LookedUp,
    /// Whether there was an audit before.
    is_known: bool,
    /// What is known of the organisation.
    resources: Resources,
    /// In a hub: the calls above the account.
    arrived: Option<CallsAbove>,
}

impl Case {
    fn new(why: Why) -> Self {
        Self {
            why,
            given: None,
            explain: Explain::LookUp,
            looked_up: LookedUp::default(),
            is_known: true,
            resources: Resources::default(),
            arrived: None,
        }
    }

    fn finds(mut self, events: &[Value]) -> Self {
        self.looked_up.events = read(&json!(events).to_string()).unwrap();
        self
    }

    /// In the management account, which sees what happens to SCPs.
    fn above(mut self) -> Self {
        let organization = Organization {
            management_account: Some(account()),
            ..Organization::default()
        };
        self.resources.organization = Reading::Read(Some(organization));
        self
    }

    /// The explanation of what opened, and what was looked up.
    fn run(self) -> (Option<Explanation>, Vec<LookUpBy>) {
        let settings = Settings::parse("confirm-pause-seconds = 0").unwrap();
        let mut a = copier("a");
        a.attached.push(POLICY.into());
        let script = Script {
            inventory: Arc::new(inventory(vec![a, copier("b")])),
            rules: Mutex::new(vec![Rules::default()]),
            looked_up: Mutex::new(self.looked_up),
            resources: Mutex::new(vec![self.resources]),
            ..Script::default()
        };
        let (memory, recorder) = (Memory::default(), Recorder::default());
        let audit = |now, given| {
            let asked = Asked {
                touched_by: given,
                explain: self.explain,
                above: self.arrived.as_ref(),
                ..asked(&settings, now, &Selection::default())
            };
            let ports = Ports {
                environment: &script,
                store: &memory,
                publisher: &recorder,
                pause: None::<&Clock>,
            };
            now_or_never(run(&asked, &ports)).unwrap()
        };
        if self.is_known {
            assert_eq!(audit(SINCE, None).step.events, []);
            assert_eq!(*script.sought.lock().unwrap(), [], "nothing was new");
        }
        *script.rules.lock().unwrap() =
            vec![Rules::default().deny("a", &["s3:GetObject"], self.why)];
        let run = audit(NOW, self.given.as_ref());
        let mut events = run.step.events.into_iter();
        let opened = events.find(|event| event.finding.code == Code::MissingActions);
        let kept = memory.file.lock().unwrap().clone().unwrap();
        let kept = audit::stored::read_file(&kept).unwrap();
        let kept = kept
            .tracked()
            .find(|one| one.finding.code == Code::MissingActions);
        let kept = kept.unwrap().explanation.clone();
        let explained = opened.as_ref().and_then(|one| one.explanation.clone());
        let expected = explained.filter(|_| self.arrived.is_some());
        let [kept, expected] = [kept, expected].map(|one| one.as_ref().map(said));
        assert_eq!(kept, expected, "kept in a hub alone");
        let sought = script.sought.lock().unwrap();
        let sought = sought.iter().map(|one| one.by.clone()).collect();
        (opened.unwrap().explanation, sought)
    }
}

/// All that is said of an explanation to people: an address is for machines, and stored nowhere.
fn said(explanation: &Explanation) -> String {
    let calls = explanation.candidates.iter().map(|call| {
        let actor = Actor {
            address: None,
            ..call.actor.clone()
        };
        (
            &call.id,
            &call.call,
            &call.policy,
            call.at,
            call.account,
            actor,
        )
    });
    let calls: Vec<_> = calls.collect();
    format!(
        "{calls:?} {} {:?} {:?}",
        explanation.count, explanation.since, explanation.unseen
    )
}

/// A call on role `a`, at half past ten.
fn on_a(name: &str) -> Value {
    let mut event = at("2026-11-28T10:30:00Z", &call(name));
    event["requestParameters"]["roleName"] = "a".into();
    event
}

fn on_policy(name: &str) -> Value {
    let mut event = at("2026-11-28T10:30:00Z", &call(name));
    event["requestParameters"]["policyArn"] = POLICY.into();
    event
}

fn scp(name: &str) -> Value {
    let mut event = on_a("TagRole");
    event["eventSource"] = "organizations.amazonaws.com".into();
    event["eventName"] = name.into();
    event["requestParameters"] = json!({ "policyId": "p-example1", "targetId": "111122223333" });
    event
}

fn calls(explanation: &Explanation) -> Vec<&str> {
    let candidates = explanation.candidates.iter();
    candidates.map(|event| &*event.call).collect()
}

#[test]
fn the_only_call_that_can_have_taken_it_is_named() {
    let (found, sought) = Case::new(Why::Lost)
        .finds(&[on_a("DetachRolePolicy")])
        .run();
    let found = found.unwrap();
    assert_eq!(
        found.only().map(|event| &*event.call),
        Some("DetachRolePolicy")
    );
    assert_eq!(found.since, Some(SINCE.parse().unwrap()));
    assert_eq!(
        sought,
        [
            LookUpBy::Resource("a".into()),
            LookUpBy::Resource(POLICY.into())
        ]
    );
}

#[test]
fn what_a_call_can_have_taken_depends_on_the_cause() {
    let identity = [
        "DetachRolePolicy",
        "PutRolePolicy",
        "DeleteRolePolicy",
        "TagRole",
        "UntagRole",
        "CreateRole",
        "DeleteRole",
    ];
    let of_policy = ["CreatePolicyVersion", "SetDefaultPolicyVersion"];
    let boundary = ["PutRolePermissionsBoundary", "CreateRole", "DeleteRole"];
    let cases: BTreeMap<Why, Vec<&str>> = [
        (Why::Lost, [&identity[..], &of_policy].concat()),
        (Why::Boundary, boundary.to_vec()),
        (
            Why::Scp("NoCopies"),
            vec!["AttachPolicy", "DetachPolicy", "UpdatePolicy"],
        ),
    ]
    .into();
    let all_of_role = [
        &identity[..],
        &[
            "AttachRolePolicy",
            "PutRolePermissionsBoundary",
            "DeleteRolePermissionsBoundary",
            "UpdateAssumeRolePolicy",
            "RemoveRoleFromInstanceProfile",
        ],
    ]
    .concat();
    let events = all_of_role.iter().map(|name| on_a(name));
    let events = events.chain(of_policy.iter().map(|name| on_policy(name)));
    let events = events.chain(["AttachPolicy", "DetachPolicy", "UpdatePolicy"].map(scp));
    for event in events {
        for (why, expected) in &cases {
            let name = event["eventName"].as_str().unwrap();
            let (found, _) = Case::new(why.clone())
                .above()
                .finds(std::slice::from_ref(&event))
                .run();
            let found = found.unwrap();
            assert_eq!(
                calls(&found).contains(&name),
                expected.contains(&name),
                "{why:?} {name}"
            );
        }
    }
}

#[test]
fn several_are_candidates_newest_first_and_no_more_than_five_are_named() {
    let events: Vec<Value> = (0..8)
        .map(|minute| {
            at(
                &format!("2026-11-28T10:0{minute}:00Z"),
                &on_a("PutRolePolicy"),
            )
        })
        .collect();
    let (found, _) = Case::new(Why::Lost).finds(&events).run();
    let found = found.unwrap();
    assert_eq!(
        (found.only(), found.candidates.len(), found.count),
        (None, 5, 8)
    );
    let newest: Vec<String> = found
        .candidates
        .iter()
        .map(|event| event.at.to_string())
        .collect();
    assert_eq!(newest[0], "2026-11-28T10:07:00Z");
    assert!(newest.is_sorted_by(|one, other| one > other));
}

#[test]
fn what_came_before_the_last_audit_or_of_somebody_else_explains_nothing() {
    let early = at(BEFORE, &on_a("DetachRolePolicy"));
    let mut other = on_a("DetachRolePolicy");
    other["requestParameters"]["roleName"] = "b".into();
    let mut elsewhere = on_a("DetachRolePolicy");
    elsewhere["recipientAccountId"] = "444455556666".into();
    let (found, _) = Case::new(Why::Lost).finds(&[early, other, elsewhere]).run();
    let found = found.unwrap();
    assert_eq!((found.count, found.unseen.len()), (0, 0));
}

#[test]
fn without_an_earlier_audit_nobody_is_said_to_have_done_it() {
    let mut case = Case::new(Why::Lost).finds(&[on_a("DetachRolePolicy")]);
    case.is_known = false;
    let found = case.run().0.unwrap();
    assert_eq!((found.only(), found.count, found.since), (None, 1, None));
}

#[test]
fn an_scp_of_a_member_account_is_not_visible_from_here() {
    let (found, sought) = Case::new(Why::Scp("NoCopies")).run();
    let found = found.unwrap();
    assert_eq!(found.unseen, [Unseen::OtherAccount].into());
    assert_eq!((found.count, sought.len()), (0, 0));
}

#[test]
fn what_was_not_answered_leaves_doubt() {
    let mut case = Case::new(Why::Lost).finds(&[on_a("DetachRolePolicy")]);
    let policy = audit::events::LookUp {
        region: "us-east-1".into(),
        by: LookUpBy::Resource(POLICY.into()),
    };
    let refused = Unseen::Unanswered("AccessDeniedException".into());
    case.looked_up.unanswered.insert(policy, refused.clone());
    let found = case.run().0.unwrap();
    assert_eq!((found.only(), found.count), (None, 1));
    assert_eq!(found.unseen, [refused].into());
}

#[test]
fn given_events_explain_and_nothing_is_looked_up_then() {
    let given = |explain| {
        let mut case = Case::new(Why::Lost);
        case.given = Some(read(&on_a("DetachRolePolicy").to_string()).unwrap());
        case.explain = explain;
        let (found, sought) = case.run();
        assert_eq!(sought, []);
        found.unwrap()
    };
    assert!(given(Explain::Arrived).only().is_some());
    // A file may hold some of the events only.
    for explain in [Explain::Given, Explain::LookUp] {
        let found = given(explain);
        assert_eq!((found.only(), found.count), (None, 1));
        assert_eq!(found.unseen, [Unseen::NotAsked].into());
    }
    let mut silent = Case::new(Why::Lost).finds(&[on_a("DetachRolePolicy")]);
    silent.explain = Explain::Given;
    assert_eq!(silent.run(), (None, vec![]));
}

#[test]
fn each_kind_of_caller_is_told_apart() {
    let kinds = [
        ("IAM user", ActorKind::User, Some("AWS CLI"), None),
        ("assumed role", ActorKind::Role, Some("AWS CLI"), None),
        ("Terraform", ActorKind::Role, Some("Terraform"), None),
        (
            "permission set",
            ActorKind::Person,
            Some("AWS console"),
            None,
        ),
        (
            "Identity Center",
            ActorKind::Person,
            Some("AWS console"),
            None,
        ),
        (
            "CloudFormation",
            ActorKind::Role,
            Some("AWS CloudFormation"),
            Some("cloudformation.amazonaws.com"),
        ),
        (
            "service",
            ActorKind::Service,
            Some("AWS CloudFormation"),
            Some("member.org.stacksets.cloudformation.amazonaws.com"),
        ),
        ("root user", ActorKind::Root, Some("AWS console"), None),
    ];
    let callers = callers();
    assert_eq!(callers.len(), kinds.len());
    for (name, kind, tool, service) in kinds {
        let event = by(&callers[name], &on_a("TagRole"));
        let events = read(&event.to_string()).unwrap().events;
        let actor = &events[0].actor;
        let found = (actor.kind, actor.tool, actor.service.as_deref());
        assert_eq!(found, (kind, tool, service), "{name}");
        assert_eq!(actor.address.is_some(), service.is_none(), "{name}");
        assert_eq!(actor.person.is_some(), kind == ActorKind::Person, "{name}");
        let is_session = name != "Identity Center"
            && actor
                .arn
                .as_deref()
                .is_some_and(|arn| arn.contains("assumed-role"));
        assert_eq!(actor.session.is_some(), is_session, "{name}");
        assert_eq!(actor.issuer.is_some(), is_session, "{name}");
    }
}
