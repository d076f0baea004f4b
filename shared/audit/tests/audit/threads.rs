//! Threads of an organisation: one cause is one message with one id over all accounts, whoever tells, and whenever a run dies.

mod dying;
mod many;
mod organization;
mod overlapping;
mod stored;

use std::collections::BTreeSet;

use audit::finding::{ChangeOrigin, Resolution};
use audit::threads::About;
use audit::{Code, EventKind, FindingId, Level};
use iam::{Cause, Layer, StatementRef};

use organization::{Organization, account, all, baseline, scp, tracked};

const ACTIONS: &[&str] = &["ec2:CreateSnapshot"];
const DAY_1: &str = "2026-11-02T03:00:00Z";
const DAY_2: &str = "2026-11-02T09:00:00Z";
const DAY_3: &str = "2026-11-02T15:00:00Z";
const DAY_4: &str = "2026-11-02T21:00:00Z";

/// That a role lacks an action.
pub(crate) fn finding_of_role(name: &str) -> audit::Finding {
    tracked(account(0), name, &[(scp("S", 0), &["s3:GetObject"][..])]).finding
}

/// An SCP takes what fourteen roles in nine accounts need; it is attached at different levels.
fn fourteen_in_nine() -> Organization {
    let organization = Organization::default();
    for number in 0..9 {
        let lacks = [(
            scp("DenySnapshots", u8::try_from(number % 3).unwrap()),
            ACTIONS,
        )];
        let roles = [("nightly", &lacks[..]), ("weekly", &lacks[..])];
        organization.found(number, &roles[..if number < 5 { 2 } else { 1 }]);
    }
    organization
}

fn ids(organization: &Organization) -> BTreeSet<FindingId> {
    let told = organization.told.lock().unwrap();
    told.iter().map(|message| message.thread.id()).collect()
}

#[test]
fn one_cause_is_one_message_that_worsens_eases_and_resolves_once() {
    let organization = fourteen_in_nine();
    let everybody = all(0..12);
    assert_eq!(
        organization.gather(&everybody, DAY_1),
        ["opened high 9/14: 9 Joined"]
    );
    assert_eq!(organization.gather(&everybody, DAY_1), [""; 0], "once");
    let more = [(
        scp("DenySnapshots", 1),
        &["ec2:CreateSnapshot", "ec2:CopySnapshot"][..],
    )];
    organization.found(10, &[("nightly", &more)]);
    organization.found(0, &[("nightly", &more), ("weekly", &more)]);
    organization.found(8, &[]);
    assert_eq!(
        organization.gather(&everybody, DAY_2),
        ["worsened high 9/14: 1 Healed, 1 Joined, 7 Same, 1 Worse"]
    );
    for number in 0..8 {
        organization.found(number, &[]);
    }
    assert_eq!(
        organization.gather(&everybody, DAY_3),
        ["eased high 1/1: 8 Healed, 1 Same"]
    );
    organization.found(10, &[]);
    assert_eq!(
        organization.gather(&everybody, DAY_4),
        ["resolved high 0/0: 1 Healed"]
    );
    assert_eq!(organization.gather(&everybody, DAY_4), [""; 0], "once");
    assert_eq!(
        ids(&organization).len(),
        1,
        "one id, from the first to the last"
    );
    let again = fourteen_in_nine();
    again.gather(&all(5..9), DAY_3);
    assert_eq!(
        ids(&again),
        ids(&organization),
        "whichever accounts come first"
    );
}

#[test]
fn what_comes_back_opens_again_under_the_same_id() {
    let organization = fourteen_in_nine();
    organization.gather(&all(0..9), DAY_1);
    (0..9).for_each(|number| organization.found(number, &[]));
    organization.gather(&all(0..9), DAY_2);
    organization.found(3, &[("nightly", &[(scp("DenySnapshots", 0), ACTIONS)])]);
    assert_eq!(
        organization.gather(&all(0..9), DAY_3),
        ["opened high 1/1: 1 Joined"]
    );
    assert_eq!(ids(&organization).len(), 1);
}

#[test]
fn what_was_not_looked_at_never_ends() {
    let organization = fourteen_in_nine();
    organization.gather(&all(0..9), DAY_1);
    (0..9).for_each(|number| organization.found(number, &[]));
    assert_eq!(
        organization.gather(&all(0..4), DAY_2),
        ["eased high 5/6: 4 Healed, 5 NotLooked"]
    );
    organization.baselines.lock().unwrap().remove(&account(8));
    assert_eq!(
        organization.gather(&all(0..9), DAY_3),
        ["eased high 1/1: 4 Healed, 1 NotLooked"],
        "a baseline that cannot be read is none that is well"
    );
    assert_eq!(organization.open().len(), 1);
}

#[test]
fn accounts_that_left_take_their_part_with_them() {
    let organization = fourteen_in_nine();
    organization.gather(&all(0..9), DAY_1);
    organization.left.lock().unwrap().extend(all(0..8));
    assert_eq!(
        organization.gather(&all(0..9), DAY_2),
        ["eased high 1/1: 8 Left, 1 Same"]
    );
    organization.left.lock().unwrap().extend(all([8]));
    assert_eq!(
        organization.gather(&all(0..9), DAY_3),
        ["resolved high 0/0: 1 Left"]
    );
    let told = organization.told.lock().unwrap();
    assert_eq!(
        told.last().unwrap().kind,
        EventKind::Resolved(Resolution::Left)
    );
}

#[test]
fn reminders_come_as_the_settings_say_and_only_of_what_was_looked_at() {
    let organization = fourteen_in_nine();
    organization.gather(&all(0..9), "2026-11-02T03:00:00Z");
    let check = |accounts, now: &str, expected: &[&str]| {
        assert_eq!(organization.gather(&all(accounts), now), expected, "{now}");
    };
    check(0..9, "2026-11-02T21:00:00Z", &[]);
    check(9..12, "2026-11-03T03:00:00Z", &[]);
    check(
        0..9,
        "2026-11-03T01:30:00Z",
        &["reminded high 9/14: 9 Same"],
    );
    check(0..9, "2026-11-05T21:00:00Z", &[]);
    check(
        0..9,
        "2026-11-06T03:00:00Z",
        &["reminded high 9/14: 9 Same"],
    );
}

/// Two accounts whose principals lack an action for this cause: in how many threads is that told, and are they the accounts' own?
#[track_caller]
fn check_threads(cause: &Cause, code: Code, expected: (usize, bool)) {
    let organization = Organization::default();
    for number in 0..2 {
        let mut one = tracked(account(number), "nightly", &[(cause.clone(), ACTIONS)]);
        one.finding.code = code;
        let baseline = baseline(account(number), vec![one]);
        let mut baselines = organization.baselines.lock().unwrap();
        baselines.insert(account(number), baseline);
    }
    organization.gather(&all(0..2), DAY_1);
    let told = organization.told.lock().unwrap();
    let is_own = told.iter().all(|message| match &message.thread.about {
        About::Account { account, thread } => {
            let own = tracked(*account, "nightly", &[]);
            *thread == own.finding.id && message.thread.id() == *thread
        }
        About::Statement { .. } | About::Failed { .. } | About::NowChecked | About::Notices => {
            false
        }
    });
    assert_eq!((told.len(), is_own), expected, "{cause:?}");
}

fn denied(layer: Layer, policy: &str, sid: Option<&str>) -> Cause {
    Cause::DeniedBy(vec![StatementRef {
        layer,
        policy: policy.into(),
        index: None,
        sid: sid.map(Into::into),
    }])
}

#[test]
fn only_a_known_statement_outside_the_accounts_is_one_cause() {
    let scp = Layer::ServiceControl { level: Some(1) };
    let rcp = Layer::ResourceControl { level: None };
    let missing = Code::MissingActions;
    let (one, own) = ((1, false), (2, true));
    for (cause, expected) in [
        (denied(scp, "p-1", Some("S")), one),
        (denied(rcp, "p-2", Some("S")), one),
        (
            denied(
                Layer::Identity,
                "arn:aws:iam::aws:policy/AWSDenyAll",
                Some("S"),
            ),
            one,
        ),
        (
            denied(
                Layer::Boundary,
                "arn:aws-cn:iam::aws:policy/Limits",
                Some("S"),
            ),
            one,
        ),
        (denied(scp, "p-1", None), own),
        (
            denied(
                Layer::Boundary,
                "arn:aws:iam::111111111000:policy/B",
                Some("S"),
            ),
            own,
        ),
        (denied(Layer::Identity, "inline Deny", Some("S")), own),
        (denied(Layer::Resource, "bucket policy", Some("S")), own),
        (Cause::DeniedInLayer(scp), own),
        (Cause::NotAllowedIn(vec![scp]), own),
        (Cause::NotAllowedIn(vec![Layer::Identity]), own),
    ] {
        check_threads(&cause, missing, expected);
    }
    let reason = "a variable".into();
    let by = StatementRef {
        layer: scp,
        policy: "p-1".into(),
        index: Some(2),
        sid: None,
    };
    check_threads(
        &Cause::CannotEvaluate { by, reason },
        Code::Undetermined,
        one,
    );
}

fn statements(cause: Cause) -> Vec<StatementRef> {
    match cause {
        Cause::DeniedBy(by) => by,
        _ => Vec::new(),
    }
}

#[test]
fn each_cause_of_a_finding_has_its_own_thread() {
    let organization = Organization::default();
    let lost = Cause::NotAllowedIn(vec![Layer::Identity]);
    let both = [
        (scp("A", 0), ACTIONS),
        (lost.clone(), &["s3:GetObject"][..]),
    ];
    organization.found(0, &[("nightly", &both)]);
    organization.found(1, &[("nightly", &[(scp("A", 1), ACTIONS)])]);
    assert_eq!(
        organization.gather(&all(0..2), DAY_1),
        ["opened high 1/1: 1 Joined", "opened high 2/2: 2 Joined"]
    );
    organization.found(0, &[("nightly", &both[1..])]);
    organization.found(1, &[]);
    assert_eq!(
        organization.gather(&all(0..2), DAY_2),
        ["resolved high 0/0: 2 Healed"],
        "the cause is over, and what else is wrong stays where it was told"
    );
    let mut by = statements(scp("A", 0));
    by.extend(statements(scp("B", 2)));
    let two = [(Cause::DeniedBy(by), ACTIONS)];
    organization.found(0, &[("nightly", &two)]);
    assert_eq!(
        organization.gather(&all(0..2), DAY_3),
        [
            "opened high 1/1: 1 Joined",
            "opened high 1/1: 1 Joined",
            "resolved high 0/0: 1 Healed"
        ],
        "either statement alone denies"
    );
}

#[test]
fn what_a_mute_keeps_quiet_is_in_no_thread() {
    let organization = Organization::default();
    let mut quiet = tracked(account(0), "nightly", &[(scp("A", 0), ACTIONS)]);
    quiet.told = None;
    let mut over = tracked(account(0), "weekly", &[(scp("A", 0), ACTIONS)]);
    over.closed = true;
    let baseline = baseline(account(0), vec![quiet, over]);
    let baselines = || organization.baselines.lock().unwrap();
    baselines().insert(account(0), baseline);
    assert_eq!(organization.gather(&all(0..1), DAY_1), [""; 0]);
}

#[test]
fn notices_and_what_is_now_checked_are_collected_over_all_accounts() {
    let organization = Organization::default();
    let found = |number: usize, name: &str| {
        let mut notice = tracked(account(number), name, &[]);
        notice.finding.level = Level::Notice;
        notice.finding.code = Code::Coverage;
        let mut old = tracked(account(number), "old", &[(scp("A", 0), ACTIONS)]);
        old.origin = ChangeOrigin::Rules;
        let baseline = baseline(account(number), vec![notice, old]);
        let mut baselines = organization.baselines.lock().unwrap();
        baselines.insert(account(number), baseline);
    };
    found(0, "one");
    found(1, "one");
    let told = organization.gather(&all(0..3), "2026-11-02T03:00:00Z");
    assert_eq!(
        told,
        ["opened notice 2/2: 2 Joined", "opened notice 2/2: 2 Joined"]
    );
    let mut notice = tracked(account(2), "two", &[]);
    notice.finding.level = Level::Notice;
    notice.finding.code = Code::Coverage;
    let third = baseline(account(2), vec![notice]);
    organization
        .baselines
        .lock()
        .unwrap()
        .insert(account(2), third);
    let told = |now| organization.gather(&all(0..3), now);
    assert_eq!(told("2026-11-02T09:00:00Z"), [""; 0], "it can wait");
    assert_eq!(
        told("2026-11-09T03:00:00Z")
            .iter()
            .filter(|one| one.starts_with("worsened"))
            .count(),
        1,
        "once a week"
    );
}

#[test]
fn audits_that_failed_for_one_reason_are_one_thing_to_repair() {
    let organization = Organization::default();
    for number in 0..3 {
        let mut failed = tracked(account(number), "nobody", &[]);
        let reason = format!(
            "role arn:aws:iam::{}:role/permdrift-audit is not there (audited at 2026-11-0{}T03:15:00Z), so nothing is",
            account(number),
            number + 1
        );
        failed.finding.principal = None;
        failed.finding.code = Code::AuditFailed;
        failed.finding.title = reason.as_str().into();
        let baseline = baseline(account(number), vec![failed]);
        organization
            .baselines
            .lock()
            .unwrap()
            .insert(account(number), baseline);
    }
    assert_eq!(
        organization.gather(&all(0..3), DAY_1),
        ["opened high 3/0: 3 Joined"]
    );
}
