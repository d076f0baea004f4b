//! Fixes: does what is offered close the gap, all of it and nothing else, and is what is refused out of reach?

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, Mutex};

use audit::fix::{Fix, FixError, Holder, fix};
use audit::verdict::{Place, Verdict};
use audit::{Asked, Look, Selection, Settings};
use generator::{Example, Shape, example};
use iam::inventory::{InlinePolicy, ManagedPolicy, Principal};
use iam::{
    ActionName, Cause, Context, Document, Inventory, Layer, Policy, Question, ServiceControl,
    Simulator,
};
use proptest::prelude::*;

use crate::outside::{Script, now_or_never};
use crate::phases::{asked, looked, saved};
use crate::principals::{inventory, principal, role, user};
use crate::rules::Rules;

const NOW: &str = "2026-11-22T06:00:00Z";

/// An account with all that decides about it.
struct World {
    inventory: Inventory,
    settings: Settings,
    scps: Vec<Document>,
}

impl World {
    fn of(principal: Principal, settings: &str) -> Self {
        Self {
            inventory: inventory(vec![principal]),
            settings: Settings::parse(settings).unwrap(),
            scps: Vec::new(),
        }
    }

    fn service_control(&self) -> ServiceControl<'_> {
        let level = |document| {
            vec![Policy {
                name: "guardrails".into(),
                document: Ok(document),
            }]
        };
        ServiceControl {
            levels: self.scps.iter().map(level).collect(),
            management_account: false,
        }
    }

    fn audit(&self) -> Look {
        self.audit_some(&Selection::default())
    }

    fn audit_one(&self, at: usize) -> Look {
        let arn = &self.inventory.principals[at].arn;
        self.audit_some(&Selection {
            principals: Some([arn.clone()].into()),
            sets: None,
        })
    }

    /// Access keys are no business of a policy.
    fn audit_some(&self, selection: &Selection) -> Look {
        let asked = Asked {
            account: None,
            ..asked(&self.settings, NOW, selection)
        };
        let mut look = looked(&self.inventory, &asked, self.service_control());
        look.assessment.keys.clear();
        look
    }

    fn fix(&self, at: usize, look: &Look) -> Result<Fix, FixError> {
        let here = saved(&self.inventory, self.service_control());
        now_or_never(fix(look, &self.inventory.principals[at], &here))
    }

    /// The fix for the first principal.
    fn only_fix(&self) -> Fix {
        self.fix(0, &self.audit()).unwrap()
    }

    /// The account after somebody did what the fix says.
    fn with(&self, at: usize, fix: &Fix) -> Self {
        let mut here = self.inventory.clone();
        let principal = &mut here.principals[at];
        for addition in &fix.additions {
            let name: Box<str> = addition.name.as_str().into();
            let document = Arc::new(Document::parse(&addition.document.to_json()));
            assert!(document.is_ok(), "{document:?}");
            match addition.holder {
                Holder::Inline => {
                    assert!(principal.inline.iter().all(|policy| policy.name != name));
                    principal.inline.push(InlinePolicy { name, document });
                }
                Holder::Managed => {
                    let arn: Box<str> = format!("arn:aws:iam::111122223333:policy/{name}").into();
                    principal.attached.push(arn.clone());
                    let policy = ManagedPolicy {
                        name,
                        version: "v1".into(),
                        newest: "v1".into(),
                        document,
                    };
                    let before = here.policies.insert(arn, policy);
                    assert_eq!(before, None, "a name that is taken");
                }
            }
        }
        Self {
            inventory: here,
            settings: self.settings.clone(),
            scps: self.scps.clone(),
        }
    }

    /// What is plainly allowed to a principal of many actions on many resources.
    fn allowed(&self, at: usize, questions: &[Question]) -> BTreeSet<(usize, ActionName)> {
        let mut simulator = Simulator::new(&self.inventory, self.service_control(), questions);
        let prepared = simulator.prepare(questions);
        let denied: BTreeSet<(usize, u16)> = simulator
            .decide(&self.inventory.principals[at], &prepared)
            .into_iter()
            .flat_map(|group| {
                group
                    .actions
                    .into_iter()
                    .map(move |at| (group.question, at))
            })
            .collect();
        let asked = questions.iter().enumerate().flat_map(|(question, asked)| {
            let actions = (0u16..).zip(asked.actions.iter().cloned());
            actions.map(move |(at, action)| (question, at, action))
        });
        asked
            .filter(|(question, at, _)| !denied.contains(&(*question, *at)))
            .map(|(question, _, action)| (question, action))
            .collect()
    }
}

type Cells = BTreeSet<(String, usize, u16)>;

fn cells<'p>(set: &str, places: impl Iterator<Item = &'p Place>) -> Cells {
    places
        .flat_map(|place| {
            let positions = place.actions.iter();
            positions.map(|at| (set.to_owned(), place.question, *at))
        })
        .collect()
}

fn missing(verdicts: &[&Verdict]) -> Cells {
    let of = |verdict: &&Verdict| {
        let places = verdict.missing.iter().flat_map(|missing| &missing.places);
        cells(&verdict.requirement.set, places)
    };
    verdicts.iter().flat_map(of).collect()
}

fn all_known() -> Arc<[ActionName]> {
    static ACTIONS: LazyLock<Arc<[ActionName]>> = LazyLock::new(|| {
        let mut actions: Vec<ActionName> = catalog::known_actions()
            .map(|known| known.name.parse().unwrap())
            .collect();
        actions.sort();
        actions.into()
    });
    Arc::clone(&ACTIONS)
}

/// Every action that AWS has, on everything that the requirements ask about, on `*` and on what is nobody's business.
fn universe(verdicts: &[&Verdict]) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    let mut add = |resource: &str, context: &Arc<Context>| {
        let question = Question {
            resource: resource.into(),
            context: Arc::clone(context),
            actions: all_known(),
        };
        if !questions.contains(&question) {
            questions.push(question);
        }
    };
    for asked in verdicts
        .iter()
        .flat_map(|verdict| verdict.requirement.questions())
    {
        add(&asked.resource, &asked.context);
        add("*", &asked.context);
        add("arn:aws:s3:::somebody-elses/secret", &asked.context);
    }
    questions
}

/// Holds one principal of a world against everything that a fix promises; gives back what was closed and refused.
fn hold(world: &World, before: &Look, at: usize) -> (usize, usize) {
    let arn = &world.inventory.principals[at].arn;
    let own = |verdict: &&Verdict| verdict.principal == *arn;
    let verdicts: Vec<&Verdict> = before.assessment.verdicts.iter().filter(own).collect();
    let gap = missing(&verdicts);
    if gap.is_empty() {
        return (0, 0);
    }
    let fix = world.fix(at, before).unwrap();
    let closed: Cells = fix
        .remedies
        .iter()
        .flat_map(|remedy| cells(&remedy.requirement.set, remedy.closed.iter()))
        .collect();
    let stays: Cells = gap.difference(&closed).cloned().collect();
    assert!(closed.is_subset(&gap), "{arn}: more than the gap");
    assert_eq!(fix.additions.is_empty(), closed.is_empty(), "{arn}");

    // It closes exactly what it says.
    let fixed = world.with(at, &fix);
    let after = fixed.audit_one(at);
    let left: Cells = fix
        .remedies
        .iter()
        .flat_map(|remedy| {
            let refused = remedy.refused.iter().flat_map(|missing| &missing.places);
            let unsure = remedy.unsure.iter().flat_map(|unknown| &unknown.places);
            cells(&remedy.requirement.set, refused.chain(unsure))
        })
        .collect();
    assert_eq!(left, stays, "{arn}: closed or told of, each once");
    let now = missing(&after.assessment.verdicts.iter().collect::<Vec<_>>());
    assert_eq!(now, stays, "{arn}: what stays missing");

    // It adds no other action, nor one that it closes on other resources than it must.
    let questions = universe(&verdicts);
    let (was, is) = (world.allowed(at, &questions), fixed.allowed(at, &questions));
    assert!(was.is_subset(&is), "{arn}: an Allow takes nothing away");
    let named = |wanted: fn(&str) -> bool| -> BTreeSet<&ActionName> {
        let remedies = fix.remedies.iter();
        remedies
            .flat_map(|remedy| {
                remedy
                    .closed
                    .iter()
                    .map(|place| (&remedy.requirement, place))
            })
            .filter(|(requirement, place)| wanted(place.resource(requirement)))
            .flat_map(|(requirement, place)| place.actions(requirement))
            .collect()
    };
    let (anywhere, on_all) = (named(|_| true), named(|resource| resource == "*"));
    for (question, action) in is.difference(&was) {
        let resource = &questions[*question].resource;
        assert!(anywhere.contains(action), "{arn}: {action} was not missing");
        let elsewhere = &**resource == "*" || resource.ends_with("/secret");
        let why = "was not missing there";
        assert!(
            !elsewhere || on_all.contains(action),
            "{arn}: {action} on {resource} {why}"
        );
    }

    // What it refuses is out of reach of any policy of the principal.
    let mut almighty = World {
        inventory: world.inventory.clone(),
        settings: world.settings.clone(),
        scps: world.scps.clone(),
    };
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    almighty.inventory.principals[at].inline.push(InlinePolicy {
        name: "everything".into(),
        document: Arc::new(Document::parse(document)),
    });
    let found = almighty.audit_one(at);
    let unknown = found.assessment.verdicts.iter().flat_map(|verdict| {
        let places = verdict.unknown.iter().flat_map(|unknown| &unknown.places);
        cells(&verdict.requirement.set, places)
    });
    let mut denied = missing(&found.assessment.verdicts.iter().collect::<Vec<_>>());
    denied.extend(unknown);
    assert!(
        stays.is_subset(&denied),
        "{arn}: refused, and could be given"
    );
    (closed.len(), stays.len())
}

/// SCPs of a company that works in two regions and has others make its alarms.
fn scps() -> Vec<Document> {
    let Example {
        scp_root,
        scp_account,
        ..
    } = example();
    [scp_root, scp_account]
        .map(|scp| Document::parse(&serde_json::to_string(&scp).unwrap()).unwrap())
        .into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fix_closes_the_gap_and_nothing_else_and_refuses_only_what_nobody_could_close(
        seed in any::<u64>(),
        regions in prop_oneof![Just("[]"), Just("[\"eu-west-1\"]"), Just("[\"eu-west-1\", \"us-west-2\"]")],
        is_governed in any::<bool>(),
    ) {
        let made = generator::account(&Shape { tagged_percent: 100, ..Shape::mixed(30) }, seed);
        let world = World {
            inventory: iam::inventory::read(&made.to_json()).unwrap(),
            settings: Settings::parse(&format!("regions = {regions}")).unwrap(),
            scps: if is_governed { scps() } else { Vec::new() },
        };
        let before = world.audit();
        for at in 0..world.inventory.principals.len() {
            hold(&world, &before, at);
        }
    }
}

#[test]
fn the_example_shows_what_can_be_closed_and_what_cannot() {
    let files = example();
    let world = World {
        inventory: iam::inventory::read(&files.account.to_json()).unwrap(),
        settings: Settings::parse(include_str!("../../../../examples/settings.toml")).unwrap(),
        scps: scps(),
    };
    let before = world.audit();
    let held = (0..world.inventory.principals.len()).map(|at| hold(&world, &before, at));
    let (closed, refused) = held.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(
        closed > 50 && refused > 5,
        "{closed} closed, {refused} refused"
    );
}

fn uploader(tags: &[(&str, &str)]) -> Principal {
    principal(
        user("uploader"),
        &[&[("action-sets", "upload")], tags].concat(),
    )
}

fn grant(principal: &mut Principal, name: &str, document: &str) {
    principal.inline.push(InlinePolicy {
        name: name.into(),
        document: Arc::new(Document::parse(document)),
    });
}

fn texts(fix: &Fix) -> Vec<String> {
    let documents = fix.additions.iter().map(|addition| &addition.document);
    documents
        .map(|document| document.to_json().split_whitespace().collect())
        .collect()
}

#[track_caller]
fn check(principal: Principal, settings: &str, expected: &[&str]) {
    let world = World::of(principal, settings);
    assert_eq!(texts(&world.only_fix()), expected);
    hold(&world, &world.audit(), 0);
}

#[test]
fn a_statement_names_the_declared_bucket_or_folder() {
    check(
        uploader(&[("bucket", "one two/Veeam/site")]),
        "",
        &[
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteObject","s3:PutObject"],"Resource":["arn:aws:s3:::one/*","arn:aws:s3:::two/Veeam/site/*"]}]}"#,
        ],
    );
    check(
        uploader(&[]),
        "",
        &[
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteObject","s3:PutObject"],"Resource":"*"}]}"#,
        ],
    );
}

#[test]
fn an_action_that_is_missing_in_one_region_is_allowed_in_that_one() {
    let mut one = uploader(&[]);
    grant(
        &mut one,
        "frankfurt",
        r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}}"#,
    );
    check(
        one,
        "regions = [\"eu-central-1\", \"eu-west-1\"]",
        &[
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:DeleteObject","s3:PutObject"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}}]}"#,
        ],
    );
}

#[test]
fn what_a_boundary_withholds_is_refused_with_its_layer() {
    let mut one = uploader(&[]);
    one.boundary = Some("arn:aws:iam::111122223333:policy/B".into());
    let mut world = World::of(one, "");
    let document = r#"{"Statement": {"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"}}"#;
    let boundary = ManagedPolicy {
        name: "B".into(),
        version: "v1".into(),
        newest: "v1".into(),
        document: Arc::new(Document::parse(document)),
    };
    let arn = "arn:aws:iam::111122223333:policy/B";
    world.inventory.policies.insert(arn.into(), boundary);
    let fix = world.only_fix();
    let refused = &fix.remedies[0].refused;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].cause, Cause::NotAllowedIn(vec![Layer::Boundary]));
    assert_eq!(fix.boundary.as_deref(), Some(arn));
    assert!(!fix.closes_all());
    assert_eq!(texts(&fix).len(), 1, "the other action can be given");
    assert_eq!(hold(&world, &world.audit(), 0), (1, 1));
}

#[test]
fn what_hangs_on_unknown_context_is_not_said_to_be_closed() {
    let mut one = uploader(&[]);
    grant(
        &mut one,
        "office",
        r#"{"Statement": {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}}"#,
    );
    let fix = World::of(one, "").only_fix();
    let remedy = &fix.remedies[0];
    assert_eq!((remedy.closed.len(), remedy.refused.len()), (1, 0));
    // Nobody allows it now, so it is not known to be missing: a Deny may hold or not.
    assert_eq!(remedy.unknown.len() + remedy.unsure.len(), 1);
    assert!(fix.leaves_unknown());
}

/// A document of so many characters that allows nothing.
fn padding(characters: usize) -> String {
    let around = r#"{"Statement":{"Effect":"Deny","Action":"a:b","Resource":""}}"#.len();
    let padding = "x".repeat(characters - around);
    format!(r#"{{"Statement":{{"Effect":"Deny","Action":"a:b","Resource":"{padding}"}}}}"#)
}

fn holders(fix: &Fix) -> Vec<Holder> {
    fix.additions
        .iter()
        .map(|addition| addition.holder)
        .collect()
}

#[test]
fn what_has_no_room_in_the_user_becomes_a_managed_policy() {
    // 2,048 in all, and the fix takes 116.
    for (used, holder) in [
        (2_048 - 116, Holder::Inline),
        (2_048 - 115, Holder::Managed),
    ] {
        let mut one = uploader(&[]);
        grant(&mut one, "much", &padding(used));
        let world = World::of(one, "");
        let fix = world.only_fix();
        assert_eq!(fix.additions[0].document.characters(), 116);
        assert_eq!(holders(&fix), [holder], "{used}");
        assert_eq!(fix.beyond_quota, 0);
        hold(&world, &world.audit(), 0);
    }
}

#[test]
fn what_can_be_neither_written_in_nor_attached_is_said_to_be_too_much() {
    let mut one = uploader(&[]);
    grant(&mut one, "much", &padding(2_000));
    one.attached = (0..10)
        .map(|n| format!("arn:aws:iam::aws:policy/{n}").into())
        .collect();
    let mut world = World::of(one, "");
    for arn in world.inventory.principals[0].attached.clone() {
        let document = Document::parse(r#"{"Statement": []}"#);
        let policy = ManagedPolicy {
            name: "p".into(),
            version: "v1".into(),
            newest: "v1".into(),
            document: Arc::new(document),
        };
        world.inventory.policies.insert(arn, policy);
    }
    let fix = world.only_fix();
    assert_eq!(
        (holders(&fix), fix.beyond_quota),
        (vec![Holder::Managed], 1)
    );
    assert!(!fix.closes_all());
}

#[test]
fn many_buckets_are_split_over_policies_that_iam_takes() {
    let buckets: Vec<String> = (0..400)
        .map(|n| format!("\"backups-of-site-{n:03}\""))
        .collect();
    let settings = format!(
        "[[bind]]\nprincipal = \"*\"\naction-sets = [\"upload\"]\nscope = {{ bucket = [{}] }}",
        buckets.join(", ")
    );
    let world = World::of(principal(user("uploader"), &[]), &settings);
    let fix = world.only_fix();
    assert!(fix.additions.len() > 1 && fix.beyond_quota == 0);
    for addition in &fix.additions {
        assert_eq!(addition.holder, Holder::Managed);
        assert!(addition.document.characters() <= 6_144);
    }
    let names: BTreeSet<&str> = fix.additions.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), fix.additions.len());
}

#[test]
fn a_name_that_is_taken_is_left_alone() {
    let mut one = uploader(&[]);
    grant(&mut one, "Permdrift-Upload", r#"{"Statement": []}"#);
    let fix = World::of(one, "").only_fix();
    assert_eq!(fix.additions[0].name, "permdrift-upload-2");
}

#[test]
fn trust_and_instance_profile_are_no_business_of_a_policy() {
    let mut one = principal(role("copier"), &[("action-sets", "copy")]);
    grant(
        &mut one,
        "all",
        r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#,
    );
    one.trust = Some(Arc::new(iam::trust::TrustPolicy::parse(
        r#"{"Statement": []}"#,
    )));
    let fix = World::of(one, "").only_fix();
    assert!(fix.additions.is_empty() && !fix.closes_all() && !fix.is_needless());
    assert_eq!(
        &*fix.remedies[0].trust.missing,
        ["backup.amazonaws.com".into()]
    );
}

#[test]
fn without_an_answer_there_is_no_fix() {
    let world = World::of(uploader(&[]), "");
    let mut silent = Rules::default();
    silent.stop_at = Some(String::new());
    let here = Script {
        inventory: Arc::new(world.inventory.clone()),
        rules: Mutex::new(vec![silent]),
    };
    let principal = &world.inventory.principals[0];
    let none = now_or_never(fix(&world.audit(), principal, &here));
    assert_eq!(none, Err(FixError::NoAnswer(principal.arn.clone())));
}
